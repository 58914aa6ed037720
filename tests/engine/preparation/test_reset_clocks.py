"""Times by a clock that a flat battery reset accuse nobody, and hide no deletion."""

from functools import cache

import polars as pl
import pytest

from reconcile.engine.compare import compare_readings
from reconcile.frames import Findings
from tests.build.chats import START, Row, chat, held_direct, relations_in
from tests.build.together import Found, compared_together

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


def compared(left: list[Row], right: list[Row]) -> Findings:
    return compare_readings(held_direct(left, 0), held_direct(right, 1))


WHO, ENDS, DAYS, GONE = ((0, 1), (1,)), (21, 22, LAST), (-366, -300, -30, 365, 1000), 24


@cache
def together() -> dict[tuple[object, ...], Found]:
    """Disputes of one chat whose second party's clock was reset, or whose stretch was dated otherwise."""
    rows = chat(60)
    changed = {
        (clock, who, last): reset(rows, UNSET[clock], who, last) for clock in UNSET for who in WHO for last in ENDS
    }
    told: dict[tuple[object, ...], tuple[list[Row], list[Row]]] = {
        name: (rows, other) for name, other in changed.items()
    }
    for clock, by in UNSET.items():
        other = reset(rows, by)
        told[clock, "reset lacks"] = rows, other[:GONE] + other[GONE + 1 :]
        told[clock, "other lacks"] = rows[:GONE] + rows[GONE + 1 :], other
    told |= {(days,): (rows, reset(rows, days * 86_400.0)) for days in DAYS}
    return compared_together({name: (held_direct(a, 0), held_direct(b, 1)) for name, (a, b) in told.items()})


def relations_told(found: Found) -> set[str]:
    return set(found[0]["relation"].cast(pl.String))


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("last", ENDS)
@pytest.mark.parametrize("clock", UNSET)
def test_times_by_a_reset_clock_accuse_nobody_and_are_listed(clock: str, who: tuple[int, ...], last: int) -> None:
    found = together()[clock, who, last]
    assert relations_told(found) == {"agreement"}
    if reset(chat(60), UNSET[clock], who, last) != chat(60):
        # Nobody chooses a time before there was any message.
        told = (
            ("own_clock", "explained_differences") if clock in ("1970", "2000") else ("clock_set", "cannot_determine")
        )
        assert [s["reading"] for s in found[1]["clock_segments"][0]] == [told[0]]
        assert found[1]["grade"].cast(str).to_list() == [told[1]]


@pytest.mark.parametrize(("lacks", "row"), [("reset lacks", "left_row"), ("other lacks", "right_row")])
@pytest.mark.parametrize("clock", UNSET)
def test_a_message_deleted_amid_times_by_a_reset_clock_is_missing(clock: str, lacks: str, row: str) -> None:
    found = together()[clock, lacks]
    assert found[0].filter(pl.col("relation").cast(pl.String) == "one_sided")[row].to_list() == [GONE]
    assert relations_told(found) == {"agreement", "one_sided"}


@pytest.mark.parametrize("days", DAYS)
def test_a_stretch_dated_a_year_back_or_years_on_is_no_reset_clock(days: int) -> None:
    assert "conflict" in relations_told(together()[days,])


def test_words_changed_amid_times_by_a_reset_clock_are_a_conflict() -> None:
    rows = chat(60)
    other = [
        r | {"text": "第24批水泥830件已经送到24号楼了"} if i == 24 else r
        for i, r in enumerate(reset(rows, UNSET["2000"]))
    ]
    assert relations_in(compared(rows, other)) == {"agreement", "conflict"}


def test_a_part_of_a_file_that_holds_earlier_years_behind_later_ones_keeps_its_times() -> None:
    rows = [r | {"at": r["at"] * 20_000} for r in chat(60)]
    parts = [*rows[:20], *rows[40:], *rows[20:40]]
    assert relations_in(compared(parts, parts)) == {"agreement"}
    assert compared(parts, rows).verdicts["clock_segments"][0].to_list() == []


def test_one_time_before_there_was_any_message_is_in_doubt_where_the_file_is_sorted() -> None:
    rows = chat(60)
    other = sorted(reset(rows, UNSET["1970"], last=FIRST + 1), key=lambda r: float(r["at"]))
    assert "conflict" not in relations_in(compared(rows, other))
