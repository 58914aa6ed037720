"""Offsets that hold for a whole chat are stated, and only some of them are explained."""

from random import Random

import pytest

from tests.build.chats import Row, chat, grades_of
from tests.build.together import Comparing

HOUR, DAY = 3600.0, 86_400.0


def talk() -> list[Row]:
    """A chat of ten evenings; in each, answers follow within a minute."""
    return [r | {"at": DAY * (i // 4) + 50 * (i % 4)} for i, r in enumerate(chat())]


def shifted(rows: list[Row], by: dict[int, float]) -> list[Row]:
    """The rows in order of time; `by`: seconds by which each party's rows are moved."""
    return sorted((r | {"at": r["at"] + by.get(r["who"], 0.0)} for r in rows), key=lambda r: float(r["at"]))


def copies(by: dict[int, float]) -> tuple[list[Row], list[Row]]:
    """The first party's true copy and the second party's, moved."""
    return talk(), shifted(talk(), by)


@pytest.mark.parametrize(
    ("by", "reading", "grade"),
    [
        ({1: 3 * HOUR}, "own_clock", "explained_differences"),
        ({1: -12 * HOUR}, "own_clock", "explained_differences"),
        ({1: -DAY}, "clock_set", "cannot_determine"),
        ({0: 3 * HOUR}, "clock_set", "cannot_determine"),
        ({0: 31 * DAY, 1: 31 * DAY}, "clock_set", "cannot_determine"),
    ],
)
def test_a_device_may_be_hours_off_for_its_owners_messages_but_not_for_those_it_received(
    by: dict[int, float], reading: str, grade: str
) -> Comparing:
    found = yield copies(by)
    assert [s["reading"] for s in found.verdicts["clock_segments"][0]] == [reading]
    assert grades_of(found) == [grade]


@pytest.mark.parametrize("by", [8 * HOUR, 1200.0])
def test_a_whole_copy_that_is_off_by_a_zone_or_by_minutes_has_one_clock(by: float) -> Comparing:
    assert grades_of((yield copies({0: by, 1: by}))) == ["no_gap_found"]


@pytest.mark.parametrize(("by", "grade"), [(500.0, "explained_differences"), (5000.0, "cannot_determine")])
def test_a_clock_that_was_corrected_by_minutes_is_explained_and_by_more_is_not(by: float, grade: str) -> Comparing:
    rows = talk()
    early = [r | {"at": r["at"] + (by if i < 20 else 0.0)} for i, r in enumerate(rows)]
    assert grades_of((yield rows, early)) == [grade]


@pytest.mark.parametrize("pause", [0, 11])
def test_an_owners_clock_that_was_off_for_an_evening_is_one_stretch_however_long_the_pause_before_it(
    pause: int,
) -> Comparing:
    rows = [r | {"at": r["at"] + DAY * pause * (i >= 20)} for i, r in enumerate(talk())]
    rows[20:20] = [r | {"at": rows[20]["at"] - 1800 + 30 * i, "who": 1} for i, r in enumerate(chat(68)[60:])]
    off = [r | {"at": r["at"] + 480.0 * (20 <= i < 28)} for i, r in enumerate(rows)]
    found = yield rows, sorted(off, key=lambda r: float(r["at"]))
    assert [s["reading"] for s in found.verdicts["clock_segments"][0]] == ["clock_set"]
    assert found.alignment["relation"].cast(str).unique().to_list() == ["agreement"]


def test_times_that_were_cut_to_the_minute_show_no_clock_that_jumps_within_it() -> Comparing:
    draw, at, rows = Random(3), 0.0, chat(400)
    for row in rows:
        at += draw.choice((7.0, 40.0, 3 * HOUR, 2 * DAY))
        row |= {"at": at + draw.randrange(60), "who": draw.randrange(2)}
        at = row["at"]
    found = yield rows, [r | {"at": r["at"] // 60 * 60} for r in rows]
    assert found.verdicts["clock_segments"][0].is_empty()


def long_talk() -> list[Row]:
    """A chat of forty evenings, in each of which both parties write in turns."""
    return [r | {"at": 2 * DAY * (i // 8) + 50 * (i % 8), "who": i % 2} for i, r in enumerate(chat(320))]


@pytest.mark.parametrize("owner", [0, 1])
def test_a_clock_that_was_corrected_while_nobody_wrote_is_its_owners_and_not_the_other_ones(owner: int) -> Comparing:
    rows = long_talk()
    ahead = {i: 100.0 for i, r in enumerate(rows) if i < 96 and r["who"] == owner}
    off = sorted((r | {"at": r["at"] + ahead.get(i, 0.0)} for i, r in enumerate(rows)), key=lambda r: float(r["at"]))
    found = yield (off, rows) if owner == 0 else (rows, off)
    assert [s["reading"] for s in found.verdicts["clock_segments"][0]] == ["clock_corrected"]
    assert grades_of(found) == ["explained_differences"]


@pytest.mark.parametrize(("seconds", "grade"), [(240.0, "explained_differences"), (3 * HOUR, "cannot_determine")])
def test_who_writes_on_two_devices_returns_to_the_clock_of_one_for_a_single_message_too(
    seconds: float, grade: str
) -> Comparing:
    rows = long_talk()
    # Whole weeks on the device that is off, later one evening, and at last one message.
    ahead = {
        i: seconds for i, r in enumerate(rows) if r["who"] and (i < 80 or 160 <= i < 240 or 280 <= i < 288 or i == 305)
    }
    off = sorted((r | {"at": r["at"] + ahead.get(i, 0.0)} for i, r in enumerate(rows)), key=lambda r: float(r["at"]))
    found = yield rows, off
    assert grades_of(found) == [grade]
    assert found.alignment.filter(relation="conflict").is_empty()
