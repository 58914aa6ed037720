"""What stands for an emoji in one export may be the emoji of the other."""

import pytest

from tests.build.chats import chat, grade_of, said, state_of
from tests.build.together import Comparing


@pytest.mark.parametrize(("shown", "relation"), [("好的呀", "agreement"), ("👍", "doubtful")])
def test_a_text_of_one_sign_may_stand_as_a_sticker_where_its_export_shows_no_such_text(
    shown: str, relation: str
) -> Comparing:
    rows = said(chat(), {12: "👌", 30: shown})
    mark = [r | {"text": "[表情]", "kind": "sticker"} if i == 12 else r for i, r in enumerate(rows)]
    assert state_of((yield rows, mark), "👌", "left")[0] == relation


def test_words_that_one_tool_puts_in_brackets_for_want_of_their_kind_are_the_same_words() -> Comparing:
    rows = said(chat(), {12: "群收款"})
    marked = [r | {"text": "[群收款]", "kind": "other"} if i == 12 else r for i, r in enumerate(rows)]
    found = yield rows, marked
    assert state_of(found, "群收款", "left") == ("agreement", "form")
    assert grade_of(found) == "explained_differences"
