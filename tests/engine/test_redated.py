"""All times of a stretch that were changed in one direction are conflicts, whatever the distances."""

from collections.abc import Mapping

import pytest

from reconcile.engine.compare import compare_readings
from tests.build.chats import Row, chat, held_direct


def changed(rows: list[Row], by: Mapping[int, float]) -> list[Row]:
    return [r | {"at": r["at"] + by.get(i, 0)} for i, r in enumerate(rows)]


def found(left: list[Row], right: list[Row], *, in_order: bool) -> list[tuple[str, str | None]]:
    """Relation and cause of each left row, in the order of the left rows as given."""
    marked = [r | {"n": i} for i, r in enumerate(left)]
    held = sorted(marked, key=lambda r: float(r["at"])) if in_order else marked
    lines = compare_readings(
        held_direct(held, 0), held_direct(sorted(right, key=lambda r: float(r["at"])), 1)
    ).alignment
    told = {
        row: (str(relation), cause) for row, relation, cause in lines.select("left_row", "relation", "cause").rows()
    }
    return [told[place] for _, place in sorted((r["n"], place) for place, r in enumerate(held))]


UNEVEN: dict[int, float] = {20: 1500, 21: 1310, 22: 1799, 23: 1380, 24: 1560, 25: 1812}
STRETCHES: dict[str, dict[int, float]] = {
    "a stretch moved on by about half an hour": UNEVEN,
    "a stretch moved back by about half an hour": {i: -by for i, by in UNEVEN.items()},
    "a stretch drawn together": {20 + i: 900 - 55 * i for i in range(8)},
    "two rows": {20: 2100, 21: 1910},
}


@pytest.mark.parametrize("in_order", [True, False])
@pytest.mark.parametrize("case", STRETCHES)
def test_all_rows_of_a_stretch_moved_in_one_direction_are_conflicts_of_time(case: str, in_order: bool) -> None:
    rows, by = chat(60), STRETCHES[case]
    told = found(changed(rows, by), rows, in_order=in_order)
    assert {told[i] for i in by} == {("conflict", "time_differs")}
    assert {told[i][0] for i in range(60) if i not in by} == {"agreement"}


def test_what_waited_while_one_device_was_off_is_late_in_both_directions() -> None:
    rows = chat(60)
    written = {i: rows[30]["at"] - r["at"] + i % 3 for i, r in enumerate(rows) if 20 <= i < 30}
    left = changed(rows, {i: by for i, by in written.items() if rows[i]["who"] == 1})
    right = changed(rows, {i: by for i, by in written.items() if rows[i]["who"] == 0})
    assert {t for t, _ in found(left, right, in_order=True)} == {"agreement"}


def test_a_clock_corrected_shortly_before_the_end_changed_no_times() -> None:
    rows = chat(60)
    told = found(changed(rows, dict.fromkeys((58, 59), 130.0)), rows, in_order=True)
    assert "conflict" not in {t for t, _ in told}


def test_the_own_clock_of_one_author_is_no_moved_stretch() -> None:
    rows = chat(60)
    told = found(changed(rows, {i: 400.0 for i in range(20, 30) if rows[i]["who"] == 0}), rows, in_order=True)
    assert "conflict" not in {t for t, _ in told}
