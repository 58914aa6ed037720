"""Times by a clock that a flat battery reset accuse nobody, and hide no deletion."""

import polars as pl
import pytest

from tests.build.chats import START, Row, chat, grades_of, relations_in
from tests.build.together import Comparing

YEAR = 365 * 86_400
FIRST, LAST = 20, 28
UNSET = {
    "1970": -START.timestamp() + 60,
    "2000": -START.timestamp() + 946_684_800,
    "2015": -START.timestamp() + 1_420_070_400,
    "the firmware of two years ago": -2.0 * YEAR,
}


def reset(rows: list[Row], by: float, who: tuple[int, ...] = (0, 1), last: int = LAST) -> list[Row]:
    """The rows in their order, those of a while by a clock that began elsewhere."""
    begun = rows[FIRST]["at"] + by if by > -START.timestamp() else by
    off = begun - rows[FIRST]["at"]
    return [r | {"at": r["at"] + (off if FIRST <= i < last and r["who"] in who else 0)} for i, r in enumerate(rows)]


@pytest.mark.parametrize("who", [(0, 1), (1,)])
@pytest.mark.parametrize("last", [21, 22, LAST])
@pytest.mark.parametrize("clock", UNSET)
def test_times_by_a_reset_clock_accuse_nobody_and_are_listed(clock: str, who: tuple[int, ...], last: int) -> Comparing:
    rows = chat(60)
    other = reset(rows, UNSET[clock], who, last)
    found = yield rows, other
    assert relations_in(found) == {"agreement"}
    if other != rows:
        # Nobody chooses a time before there was any message.
        told = (
            ("own_clock", "explained_differences") if clock in ("1970", "2000") else ("clock_set", "cannot_determine")
        )
        assert [s["reading"] for s in found.verdicts["clock_segments"][0]] == [told[0]]
        assert grades_of(found) == [told[1]]


@pytest.mark.parametrize(("lacks", "row"), [("reset lacks", "left_row"), ("other lacks", "right_row")])
@pytest.mark.parametrize("clock", UNSET)
def test_a_message_deleted_amid_times_by_a_reset_clock_is_missing(clock: str, lacks: str, row: str) -> Comparing:
    rows, gone = chat(60), 24
    sides = [rows, reset(rows, UNSET[clock])]
    sides[lacks == "reset lacks"].pop(gone)
    found = yield tuple(sides)
    assert found.alignment.filter(pl.col("relation").cast(pl.String) == "one_sided")[row].to_list() == [gone]
    assert relations_in(found) == {"agreement", "one_sided"}


@pytest.mark.parametrize("clock", ["1970", "2015"])
def test_a_message_moved_amid_times_by_a_reset_clock_is_in_doubt(clock: str) -> Comparing:
    rows = chat(60)
    other = reset(rows, UNSET[clock], (0, 1), FIRST + 1)
    other.insert(FIRST + 10, other.pop(FIRST))
    found = yield rows, other
    assert relations_in(found) == {"agreement", "doubtful"}


@pytest.mark.parametrize("days", [-366, -300, -30, 365, 1000])
def test_a_stretch_dated_a_year_back_or_years_on_is_no_reset_clock(days: int) -> Comparing:
    assert "conflict" in relations_in((yield chat(60), reset(chat(60), days * 86_400.0)))


def test_words_changed_amid_times_by_a_reset_clock_are_a_conflict() -> Comparing:
    rows = chat(60)
    other = [
        r | {"text": "第24批水泥830件已经送到24号楼了"} if i == 24 else r
        for i, r in enumerate(reset(rows, UNSET["2000"]))
    ]
    assert relations_in((yield rows, other)) == {"agreement", "conflict"}


def test_a_part_of_a_file_that_holds_earlier_years_behind_later_ones_keeps_its_times() -> Comparing:
    rows = [r | {"at": r["at"] * 20_000} for r in chat(60)]
    parts = [*rows[:20], *rows[40:], *rows[20:40]]
    itself, whole = yield [(parts, parts), (parts, rows)]
    assert relations_in(itself) == {"agreement"}
    assert whole.verdicts["clock_segments"][0].to_list() == []


def test_one_time_before_there_was_any_message_is_in_doubt_where_the_file_is_sorted() -> Comparing:
    rows = chat(60)
    other = sorted(reset(rows, UNSET["1970"], last=FIRST + 1), key=lambda r: float(r["at"]))
    assert "conflict" not in relations_in((yield rows, other))
