"""Rows that seem to stand twice in one export: copies of a row, or two messages of which one was written into the other's words."""

import polars as pl
import pytest

from reconcile.engine.compare import compare_readings
from tests.test_comparison_several import Row, chat, held
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
    rows = [
        r | {"at": r["at"] // 3, "precision": "minute"}
        for r in said(chat(), {13: "[图片]", 30: "[图片]"}, kind="image")
    ]
    whole = [r | {"local_id": i} for i, r in enumerate(rows)]
    short = [*whole[:13], *whole[14:]]
    assert relations(whole, [*short, *short[8:18]]) == {"agreement": 39, "one_sided": 1, "set_aside": 10}


def test_a_title_that_holds_a_word_of_its_minute_is_not_held_twice() -> None:
    rows = said(said(chat(), {13: "[链接] 银行柜台水泥清单", 30: "[链接] 合同"}, kind="link"), {15: "行"})
    rows = [r | {"at": float(r["at"]) if i < 13 else 780 + 0.1 * i} if i < 16 else r for i, r in enumerate(rows)]
    assert relations(rows, [*rows[:13], *rows[14:]]) == {"agreement": 39, "one_sided": 1}


@pytest.mark.parametrize(("apart", "told"), [(1, "doubtful"), (30, "one_sided"), (300, "one_sided")])
@pytest.mark.parametrize("kind", ["text", "voice"])
def test_like_messages_under_two_ids_are_two_where_their_senders_ids_tell(apart: int, told: str, kind: str) -> None:
    rows = [r | {"message_id": str(10**18 + 7 * i)} for i, r in enumerate(chat())]
    words = {"who": 0, "kind": kind, "text": {"text": "好的", "voice": '[语音] 3"'}[kind]}
    mine, theirs = words | {"at": 1210, "message_id": "61" * 9}, words | {"at": 1210 + apart, "message_id": "62" * 9}
    sides = [sorted([*rows, one], key=lambda r: float(r["at"])) for one in (mine, theirs)]
    assert set(relations(*sides)) == {"agreement", told}
    few = [[r if r["who"] else r | {"message_id": None} for r in side if r not in (mine, theirs)] for side in sides]
    untold = [sorted([*rest, one], key=lambda r: float(r["at"])) for rest, one in zip(few, (mine, theirs), strict=True)]
    assert "one_sided" not in relations(*untold)


def test_voices_of_unlike_lengths_under_two_ids_are_two_messages() -> None:
    rows = [r | {"message_id": str(10**18 + 7 * i)} for i, r in enumerate(chat())]
    voices = [rows[20] | {"kind": "voice", "text": f'[语音] {n}"', "message_id": str(n) * 18} for n in (3, 43)]
    steady = [r | {"kind": "voice", "text": f'[语音] {i}"'} if i in (4, 6, 8) else r for i, r in enumerate(rows)]
    sides = [[*steady[:20], one, *steady[21:]] for one in voices]
    assert relations(*sides) == {"agreement": 39, "one_sided": 2}


@pytest.mark.parametrize("by_ids", [False, True])
def test_of_equal_rows_of_a_second_one_is_missing_where_the_other_export_goes_by_ids(by_ids: bool) -> None:
    rows = [r | {"message_id": str(7 * 10**17 + i)} for i, r in enumerate(chat())]
    whole = held([*rows[:21], rows[20] | {"message_id": str(8 * 10**17)}, *rows[21:]], 0)
    short = held(rows if by_ids else [{k: v for k, v in r.items() if k != "message_id"} for r in rows], 1)
    lines = compare_readings(whole, short).alignment.filter(pl.col("right_row").is_null())
    assert lines["relation"].cast(pl.String).to_list() == ["one_sided" if by_ids else "doubtful"]


@pytest.mark.parametrize(("later", "told"), [(0, "conflict"), (40, "doubtful")])
def test_like_texts_at_two_times_are_one_altered_message_or_two_that_are_lacking(later: int, told: str) -> None:
    rows = chat()
    mine, theirs = (
        {"at": 1210 + k, "who": 0, "text": f"剩下的{n}元分33期付，每期都写借条"} for k, n in ((0, 5600), (later, 9100))
    )
    sides = [sorted([*rows, one], key=lambda r: float(r["at"])) for one in (mine, theirs)]
    assert relations(*sides) == {"agreement": 40, told: 1}
