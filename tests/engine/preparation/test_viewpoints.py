"""Lines that each export tells from its owner's view, beside words that somebody changed."""

import pytest

from reconcile.intake.contract import Reading
from tests.build.chats import Row, chat, export, state_of
from tests.build.together import Comparing

NAMES = ("Ann Moss", "Bo Reed")
CALL = ("You called Bo Reed.", "Ann Moss called you.")
BOTH_WAYS = {
    10: ("You started a video chat", "Ann Moss started a video chat"),
    11: ("Bo Reed started a video chat", "You started a video chat"),
}


def _sides(texts: dict[int, tuple[str, str]], *, marked: bool = True) -> tuple[Reading, Reading]:
    """Two exports in which the rows with these numbers have these texts; even rows are Ann's, whose export is the left one."""
    sides = []
    for side in (0, 1):
        rows: list[Row] = [r | {"text": texts[i][side] if i in texts else r["text"]} for i, r in enumerate(chat())]
        sides.append(export(rows, NAMES, owner=side if marked else None))
    return sides[0], sides[1]


@pytest.mark.parametrize("marked", [True, False], ids=["owners marked", "owners unknown"])
def test_a_line_that_each_side_tells_from_its_own_view_is_one_statement(marked: bool) -> Comparing:
    found = yield _sides({6: CALL} | BOTH_WAYS, marked=marked)
    told = {state_of(found, both[0], "left") for both in (CALL, *BOTH_WAYS.values())}
    assert told == {("agreement", "form")}


def test_you_and_the_readers_name_are_one_party_to_whoever_speaks() -> Comparing:
    found = yield _sides({11: ("you paid for the tiles", "Ann Moss paid for the tiles")})
    assert state_of(found, "you paid for the tiles", "left") == ("agreement", "form")


@pytest.mark.parametrize(
    "texts",
    [
        {10: BOTH_WAYS[10]},
        {10: ("You owe for the tiles", "Ann Moss owe for the tiles")},
        {10: ("You paid 500 today", "Ann Moss paid 500 today"), 11: ("Bo Reed paid 500 today", "You paid 500 today")},
        {10: ("You called Bo Reed.", "Ann Moss called Cy Wood.")},
        {10: ("You called Bo Reed.", "Bo Reed called you.")},
        {10: CALL, 6: ("You called Bo Reed at 5", "Ann Moss called you at 6")},
        BOTH_WAYS | {6: ("You started a video chat", "Ann Moss never started a video chat")},
    ],
    ids=["one line alone", "a person's word", "figures", "another name", "the caller", "a figure", "a negation"],
)
def test_words_that_somebody_may_have_changed_are_no_view_of_a_side(texts: dict[int, tuple[str, str]]) -> Comparing:
    found = yield _sides(texts)
    row = min(texts)
    assert state_of(found, texts[row][0], "left")[0] in ("conflict", "doubtful", "one_sided")


def test_a_notice_for_the_reader_of_a_group_is_in_doubt_where_no_export_states_its_owner() -> Comparing:
    names = (*NAMES, "Cy Wood")
    told = ("Ann Moss added Bo Reed to the group.", "Ann Moss added you to the group.")
    sides = []
    for text in told:
        rows: list[Row] = [r | {"who": i % 3} for i, r in enumerate(chat())]
        sides.append(export([r | {"text": text} if i == 6 else r for i, r in enumerate(rows)], names, kind="group"))
    assert state_of((yield sides[0], sides[1]), told[0], "left")[0] == "doubtful"
