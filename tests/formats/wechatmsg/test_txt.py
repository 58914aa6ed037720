"""WeChatMsg's first TXT leaves out whole kinds, whatever else it shows."""

from pathlib import Path

from reconcile import read
from reconcile.vocabulary import Kind

TALK = """2024-03-01 09:00:05 甲某
合同发你了

2024-03-01 09:01:10 乙某
            [链接]:title:房屋租赁合同
            description:请查收
            url:https://example.com/contract
            name:文档

2024-03-01 09:02:30 甲某
好的

"""


def test_a_link_that_it_shows_does_not_make_it_a_form_that_writes_calls_and_payments(tmp_path: Path) -> None:
    (tmp_path / "乙某.txt").write_text(TALK, "utf-8")
    found = read(tmp_path / "乙某.txt")
    assert found.messages["kind"].to_list() == ["text", "link", "text"]
    assert {Kind.CALL, Kind.TRANSFER, Kind.RED_PACKET} <= found.facts.limits.kinds_absent
