"""All times of a stretch that were changed in one direction are conflicts, whatever the distances."""

from collections.abc import Mapping
from dataclasses import replace

import polars as pl
import pytest

from reconcile.frames import Messages
from tests.build.chats import Row, chat, held, relations_in
from tests.build.together import Comparing


def changed(rows: list[Row], by: Mapping[int, float]) -> list[Row]:
    return [r | {"at": r["at"] + by.get(i, 0)} for i, r in enumerate(rows)]


def ordered(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda r: float(r["at"]))


UNEVEN: dict[int, float] = {20: 1500, 21: 1310, 22: 1799, 23: 1380, 24: 1560, 25: 1812}
STRETCHES: dict[str, dict[int, float]] = {
    "a stretch moved on by about half an hour": UNEVEN,
    "a stretch moved back by about half an hour": {i: -by for i, by in UNEVEN.items()},
    "a stretch drawn together": {20 + i: 900 - 55 * i for i in range(8)},
    "two rows": {20: 2100, 21: 1910},
}


@pytest.mark.parametrize("in_order", [True, False])
@pytest.mark.parametrize("case", STRETCHES)
def test_all_rows_of_a_stretch_moved_in_one_direction_are_conflicts_of_time(case: str, in_order: bool) -> Comparing:
    rows, by = chat(60), STRETCHES[case]
    moved = changed(rows, by)
    lines = (yield ordered(moved) if in_order else moved, rows).alignment
    told = {row: of for row, *of in lines.select("right_row", pl.col("relation", "cause").cast(pl.String)).rows()}
    assert [told[i] for i in by] == [["conflict", "time_differs"]] * len(by)
    assert {told[i][0] for i in range(60) if i not in by} == {"agreement"}


@pytest.mark.parametrize(("both", "relation"), [(True, "conflict"), (False, "doubtful")])
def test_without_owners_a_stretch_of_a_direct_chat_moved_by_days_is_a_conflict_where_both_spoke_in_it(
    both: bool, relation: str
) -> Comparing:
    rows = [
        r | {"at": 300 * r["at"], "who": 1 if 20 <= i < 26 and not both else r["who"]} for i, r in enumerate(chat(60))
    ]
    moved = ordered(changed(rows, dict.fromkeys(range(20, 26), 259_200.0)))
    sides = [held(r, n) for n, r in enumerate((moved, rows))]
    bare = pl.col("conversation").replace("chat", "两人"), pl.lit(None, pl.Boolean).alias("is_self")
    left, right = (replace(r, messages=r.messages.with_columns(bare).pipe(Messages.cast)) for r in sides)
    found = (yield left, right).alignment.select("right_row", pl.col("relation").cast(pl.String)).rows()
    assert {of for row, of in found if 20 <= row < 26} == {relation}


@pytest.mark.parametrize(("several", "relation"), [(True, "conflict"), (False, "agreement")])
def test_without_owners_a_stretch_of_several_members_of_a_group_moved_by_one_day_is_a_conflict(
    several: bool, relation: str
) -> Comparing:
    rows = [r | {"at": 172_800 * (i // 10) + 60 * (i % 10)} for i, r in enumerate(chat(60, people=3))]
    rows = [r | {"who": 2 if 20 <= i < 30 and not several else r["who"]} for i, r in enumerate(rows)]
    bare = pl.lit(None, pl.Boolean).alias("is_self")
    moved = changed(rows, dict.fromkeys(range(20, 30), 86_400.0))
    sides = (held(r, n) for n, r in enumerate((moved, rows)))
    left, right = (replace(r, messages=r.messages.with_columns(bare).pipe(Messages.cast)) for r in sides)
    found = (yield left, right).alignment.select("right_row", pl.col("relation").cast(pl.String)).rows()
    assert {of for row, of in found if 20 <= row < 30} == {relation}


@pytest.mark.parametrize(("by", "relation"), [(9 * 86_400.0, "conflict"), (5 * 3600.0, "doubtful")])
def test_without_owners_one_sentence_moved_by_more_than_a_message_waits_is_a_conflict(
    by: float, relation: str
) -> Comparing:
    rows = [r | {"at": 9000 * r["at"] + 977 * i} for i, r in enumerate(chat(120))]
    moved = ordered(changed(rows, {40: by + 1234}))
    bare = pl.lit(None, pl.Boolean).alias("is_self")
    sides = (held(r, n) for n, r in enumerate((moved, rows)))
    left, right = (replace(r, messages=r.messages.with_columns(bare).pipe(Messages.cast)) for r in sides)
    found = (yield left, right).alignment.select("right_row", pl.col("relation").cast(pl.String)).rows()
    assert [of for row, of in found if row == 40] == [relation]


def test_a_late_message_beside_a_redated_stretch_is_late_and_none_of_it() -> Comparing:
    rows = [r | {"at": 259_200 * (i // 10) + 60 * (i % 10)} for i, r in enumerate(chat(60))]
    moved = changed(rows, dict.fromkeys(range(20, 26), 2 * 259_200.0 - 1000.0) | {38: 400.0})
    found = (yield rows, ordered(moved)).alignment.select("left_row", pl.col("relation", "cause").cast(pl.String))
    told = {row: tuple(of) for row, *of in found.rows()}
    assert [told[i][0] for i in range(20, 26)] == ["conflict"] * 6
    assert told[38] == ("agreement", "late_delivery")


def test_what_waited_while_one_device_was_off_is_late_in_both_directions() -> Comparing:
    rows = chat(60)
    written = {i: rows[30]["at"] - r["at"] + i % 3 for i, r in enumerate(rows) if 20 <= i < 30}
    left = changed(rows, {i: by for i, by in written.items() if rows[i]["who"] == 1})
    right = changed(rows, {i: by for i, by in written.items() if rows[i]["who"] == 0})
    assert relations_in((yield ordered(left), ordered(right))) == {"agreement"}


def test_a_clock_corrected_shortly_before_the_end_changed_no_times() -> Comparing:
    rows = chat(60)
    assert "conflict" not in relations_in((yield ordered(changed(rows, dict.fromkeys((58, 59), 130.0))), rows))


def test_the_own_clock_of_one_author_is_no_moved_stretch() -> Comparing:
    rows = chat(60)
    own = {i: 400.0 for i in range(20, 30) if rows[i]["who"] == 0}
    assert "conflict" not in relations_in((yield ordered(changed(rows, own)), rows))


@pytest.mark.parametrize("by", [10_800.0, -18_000.0, 20 * 86_400.0])
def test_a_few_messages_of_one_author_moved_by_one_distance_are_each_in_doubt(by: float) -> Comparing:
    rows = [r | {"who": 1} if 20 <= i < 24 else r for i, r in enumerate(chat(60))]
    found = yield changed(rows, dict.fromkeys(range(20, 24), by)), rows
    told = found.alignment.select("right_row", pl.col("relation").cast(pl.String)).rows()
    assert {of for row, of in told if 20 <= row < 24} == {"doubtful"}
    assert {of for row, of in told if not 20 <= row < 24} == {"agreement"}


def test_a_time_that_both_sides_state_alike_is_no_conflict_whatever_the_clock_around_it() -> Comparing:
    # A copy without halves of the day: in the last days two messages before noon stand among those written after it.
    rows = [r | {"at": 86_400.0 * (i // 20) + 3000.0 * (i % 20), "who": i % 2} for i, r in enumerate(chat(220))]
    early = {200: 43_500.0, 201: 43_500.0}
    rows = ordered([r | {"at": r["at"] + early.get(i, 0)} for i, r in enumerate(rows)])
    halves = {i: -43_200.0 for i, r in enumerate(rows) if r["at"] % 86_400 >= 10_800}
    found = yield rows, changed(rows, halves)
    told = found.alignment.filter(pl.col("offset_seconds") == 0)["relation"].cast(pl.String)
    assert "conflict" not in told.to_list()
