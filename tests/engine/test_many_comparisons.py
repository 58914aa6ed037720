"""Many comparisons in one pass: each finds what it finds alone."""

from polars.testing import assert_frame_equal

from reconcile.engine.compare import compare_readings
from tests.build.chats import Row, chat, held
from tests.build.together import compared_together


def own_clock(rows: list[Row], by: float, since: int) -> tuple[list[Row], list[Row]]:
    """The copy of a device whose clock is off from a row on, and the true one."""
    moved = [r | {"at": r["at"] + (by if r["who"] == 0 and i >= since else 0)} for i, r in enumerate(rows)]
    return sorted(moved, key=lambda r: float(r["at"])), rows


def test_the_clock_of_an_owner_in_one_dispute_changes_nothing_in_another() -> None:
    rows = [r | ({"text": "好的"} if i % 2 else {}) for i, r in enumerate(chat(60))]
    disputes = {"always": own_clock(rows, 437, 0), "later": own_clock(rows, 9000, 30)}
    for name, found in compared_together(disputes).items():
        left, right = disputes[name]
        alone = compare_readings(held(left, 0), held(right, 1)).alignment
        assert_frame_equal(found.alignment.drop("pair", "case"), alone.drop("case"))
