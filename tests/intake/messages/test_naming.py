"""What an account or a title tells of a conversation."""

import pytest

from reconcile.intake.messages.naming import kind_of_account


@pytest.mark.parametrize(
    ("name", "kind"),
    [("wxid_dinx7ky4ukl0s4", "direct"), ("zhang.san-88", "direct"), ("1234@chatroom", "group"), ("工作群", None), ("Site team", None), ("", None)],
)  # fmt: skip
def test_an_account_tells_a_room_from_a_direct_chat_and_a_title_tells_nothing(name: str, kind: str | None) -> None:
    assert kind_of_account(name) == kind
