"""Many comparisons in one pass: each finds what it finds alone."""

import pytest
from polars.testing import assert_frame_equal

from reconcile.engine.compare import compare_readings
from tests.build.chats import PEOPLE, Row, chat, held
from tests.build.together import compared_together

TAKEN_BACK = "撤回了一条消息"


def own_clock(by: float, since: int) -> tuple[list[Row], list[Row]]:
    """The copy of a device whose clock is off from a row on, and the true one."""
    rows = [r | ({"text": "好的"} if i % 2 else {}) for i, r in enumerate(chat(60))]
    moved = [r | {"at": r["at"] + (by if r["who"] == 0 and i >= since else 0)} for i, r in enumerate(rows)]
    return sorted(moved, key=lambda r: float(r["at"])), rows


def recalled(number: str) -> tuple[list[Row], list[Row]]:
    """A message that its author took back, known by this number."""
    kept = {"at": 1230, "who": 1, "text": "我欠你五万元", "message_id": number}
    shown = {"at": 1275, "who": None, "text": f'"{PEOPLE[1]}" {TAKEN_BACK}', "kind": "recall"}
    notice = {"at": 1250, "who": None, "text": f"你{TAKEN_BACK}", "kind": "recall", "message_id": number}
    rows = chat()
    return [*rows[:21], kept, *rows[21:22], shown, *rows[22:]], [*rows[:21], notice, *rows[21:]]


LONG = [r | {"message_id": str(10**18 + i)} for i, r in enumerate(chat())]
DISPUTES = {
    "clocks of owners": (own_clock(437, 0), own_clock(9000, 30)),
    "a local number beside server ids": (recalled("77"), (LONG, LONG[1:])),
}


@pytest.mark.parametrize("name", DISPUTES)
def test_what_one_dispute_shows_changes_nothing_in_another(name: str) -> None:
    disputes = dict(enumerate(DISPUTES[name]))
    for number, found in compared_together(disputes).items():
        left, right = disputes[number]
        alone = compare_readings(held(left, 0), held(right, 1)).alignment
        assert_frame_equal(found.alignment.drop("pair", "case"), alone.drop("case"))
