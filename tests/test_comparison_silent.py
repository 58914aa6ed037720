"""Rows that show little more than their kind, whose times one device swapped with a neighbour's."""

from typing import Any

import pytest

from tests.test_comparison_several import chat
from tests.test_comparison_tools import relations


def lone_rows(left: dict[str, Any], right: dict[str, Any]) -> int:
    """How many rows are one-sided where the two stand for each other, twenty seconds off and behind another neighbour."""
    rows = [r | {"at": r["at"] * 2} for r in chat()]
    mine, next_ = rows[12] | {"text": ""} | left, rows[13] | {"at": rows[12]["at"] + 10, "who": 0, "text": "嗯"}
    swapped = rows[12] | {"text": "", "at": rows[12]["at"] + 20} | right
    return relations([*rows[:12], mine, next_, *rows[14:]], [*rows[:12], next_, swapped, *rows[14:]]).get(
        "one_sided", 0
    )


@pytest.mark.parametrize(
    ("left", "right", "lone"),
    [
        ({"kind": "voice"}, {"kind": "voice", "text": "[语音 3秒]"}, 0),
        ({"kind": "transfer", "amount": "30.00"}, {"kind": "transfer", "text": "[转账]30.00"}, 0),
        ({"kind": "forward", "text": "[聊天记录]甲的聊天记录"}, {"text": "<< 甲\n...\n甲 结束 >>"}, 0),
        ({"kind": "red_packet", "text": "[红包]"}, {"text": "未知"}, 0),
        ({"kind": "voice"}, {"kind": "image"}, 2),
    ],
)
def test_rows_of_one_kind_that_two_devices_show_a_little_apart_are_not_both_missing(
    left: dict[str, Any], right: dict[str, Any], lone: int
) -> None:
    assert lone_rows(left, right) == lone
