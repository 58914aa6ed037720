"""Rows that seem to stand twice in one export: copies of a row, or two messages of which one was written into the other's words."""

import pytest

from tests.test_comparison_several import Row, chat
from tests.test_comparison_tools import relations, said

PAIR: list[Row] = [
    {"at": 1210, "who": 0, "text": t} for t in ("押金两万，押金四万块一起付", "押金两万，押金五万块一起付")
]


@pytest.mark.parametrize("edited", [0, 1])
def test_one_of_two_like_messages_of_a_second_written_into_the_others_words_is_a_conflict(edited: int) -> None:
    rows = chat()
    alike = [PAIR[1 - edited]] * 2
    told = relations([*rows[:21], *PAIR, *rows[21:]], [*rows[:21], *alike, *rows[21:]])
    assert told == {"agreement": 41, "conflict": 1}


def test_a_row_lost_beside_rows_that_stand_twice_by_the_dozen_is_missing() -> None:
    rows = chat()
    whole = [*rows[:21], *PAIR, *rows[21:]]
    short = [r for r in whole if r is not PAIR[0]]
    told = relations(whole, sorted([*short, *short[18:24]], key=lambda r: float(r["at"])))
    assert told["one_sided"] == 1
    assert "conflict" not in told


def test_copies_of_rows_are_no_other_form_of_a_row_that_is_lacking_in_their_minute() -> None:
    rows = [r | {"at": r["at"] // 3, "precision": "minute"} for r in said(chat(), {13: "[图片]"}, kind="image")]
    whole = [r | {"local_id": i} for i, r in enumerate(rows)]
    short = [*whole[:13], *whole[14:]]
    assert relations(whole, [*short, *short[8:18]]) == {"agreement": 39, "one_sided": 1, "set_aside": 10}


def test_a_title_that_holds_a_word_of_its_minute_is_not_held_twice() -> None:
    rows = said(said(chat(), {13: "[链接] 银行柜台水泥清单"}, kind="link"), {15: "行"})
    rows = [r | {"at": float(r["at"]) if i < 13 else 780 + 0.1 * i} if i < 16 else r for i, r in enumerate(rows)]
    assert relations(rows, [*rows[:13], *rows[14:]]) == {"agreement": 39, "one_sided": 1}
