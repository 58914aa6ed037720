"""Rows that show little more than their kind, whose times one device swapped with a neighbour's."""

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from reconcile.engine.compare import compare_readings
from tests.test_comparison_several import START, chat, held
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
        ({"kind": "link", "text": "[链接|政策解读](https://a.cn/x)"}, {"text": "政策解读 - 微信"}, 0),
        ({"kind": "voice"}, {"kind": "image"}, 2),
    ],
)
def test_rows_of_one_kind_that_two_devices_show_a_little_apart_are_not_both_missing(
    left: dict[str, Any], right: dict[str, Any], lone: int
) -> None:
    assert lone_rows(left, right) == lone


@pytest.mark.parametrize(("seconds", "relation"), [(1, "set_aside"), (30, "one_sided")])
def test_a_message_of_the_very_moment_of_an_export_may_have_come_in_behind_it(seconds: int, relation: str) -> None:
    rows = chat()
    moment = START + timedelta(seconds=rows[-1]["at"] + seconds)
    found = compare_readings(held(rows, 0), held(rows[:-1], 1, exported_at=moment)).alignment
    assert found.filter(pl.col("left_row") == 39)["relation"].cast(pl.String).to_list() == [relation]


@pytest.mark.parametrize(
    ("seconds", "relation"),
    [(-70, "one_sided"), (15, "set_aside"), (45, "set_aside"), (300, "one_sided")],
    ids=["common rows follow", "last row half a minute before", "last row of that minute", "exported minutes later"],
)
def test_a_row_to_the_minute_of_an_export_may_have_come_in_behind_it(seconds: int, relation: str) -> None:
    rows = [r | {"at": r["at"] + 7 * i % 40} for i, r in enumerate(chat())]
    minutes = [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for r in rows]
    last = 38 if seconds > 0 else 36
    kept = [r for i, r in enumerate(rows) if i != last]
    if seconds > 0:
        kept = kept[:last]
        minutes = minutes[: last + 1]
    moment = START + timedelta(seconds=minutes[last]["at"] + max(seconds, 0) + (3600 if seconds < 0 else 0))
    found = compare_readings(held(minutes, 0), held(kept, 1, exported_at=moment)).alignment
    assert found.filter(pl.col("left_row") == last)["relation"].cast(pl.String).to_list() == [relation]


def test_what_stands_between_two_equal_last_rows_of_one_minute_may_lie_beyond_the_other_sides_end() -> None:
    rows = [r | {"at": r["at"] // 120 * 120, "precision": "minute"} for r in chat()]
    tail = {"precision": "minute", "at": rows[-1]["at"] + 240, "who": 0}
    rows = [*rows, *({"text": t} | tail for t in ("好", "货不对版，我要退", "好", "那边催得急"))]
    assert "one_sided" not in relations(rows, rows[:41])
