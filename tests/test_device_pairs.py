"""Which rows of two exports of one party are one message, and what their clocks differ by."""

from types import SimpleNamespace
from typing import cast

import polars as pl
import pytest

from reconcile.device_pairs import clocks_of, paired_rows
from reconcile.devices import merge_devices
from reconcile.frames import Findings
from reconcile.intake.frames import messages_of, reading_of
from reconcile.settings import Settings
from tests.build.chats import chat, export, held


def compared(agreeing: int) -> tuple[Findings, list[pl.DataFrame]]:
    """Two exports of 40 rows whose clocks differ by 37 seconds, and of which so many rows were found to agree."""
    sides: list[pl.DataFrame] = [
        export([r | {"at": r["at"] + off} for r in chat(40)], ("甲", "乙")).messages for off in (37, 0)
    ]
    messages = [m.with_columns(pl.lit(s).alias("side")) for m, s in zip(sides, ("left", "right"), strict=True)]
    rows = pl.Series(range(agreeing), dtype=pl.UInt32)
    lines = pl.DataFrame({"left_row": rows, "right_row": rows}).with_columns(
        conversation=pl.lit("chat"),
        relation=pl.lit("agreement"),
        offset_seconds=pl.lit(37.0),
    )
    verdicts = pl.DataFrame({"conversation": ["chat"], "skew_seconds": [37.0]})
    found = SimpleNamespace(verdicts=verdicts, alignment=lines, messages=pl.concat(messages))
    return cast("Findings", found), sides


@pytest.mark.parametrize(("agreeing", "skew"), [(2, None), (30, 37.0)])
def test_a_few_equal_words_tell_no_difference_of_clocks_and_half_of_the_rows_do(
    agreeing: int, skew: float | None
) -> None:
    assert clocks_of(compared(agreeing)[0]).rows() == [("chat", skew, skew is None)]


def test_a_short_reply_that_two_parts_of_a_chat_share_tells_no_difference_of_clocks() -> None:
    # By that difference the parts have only the two rows in common.
    found, _ = compared(2)
    parts = pl.concat(
        [found.messages.filter(pl.col("side") == s)[a:b] for s, a, b in (("left", 0, 2), ("right", 0, 40))]
    )
    beside = cast("Findings", SimpleNamespace(**vars(found) | {"messages": parts}))
    assert clocks_of(beside).rows() == [("chat", None, True)]


def test_rows_far_apart_are_no_copies_where_no_difference_of_clocks_is_told() -> None:
    found, sides = compared(2)
    far = found.alignment.with_columns(offset_seconds=pl.lit(237945.0))
    clocks = clocks_of(found)
    moved = cast("Findings", SimpleNamespace(**vars(found) | {"alignment": far}))
    assert (paired_rows(found, clocks, *sides).height, paired_rows(moved, clocks, *sides).height) == (2, 0)


def test_a_second_file_of_a_chat_on_one_device_repeats_rows_under_another_name() -> None:
    words = [r | {"text": f"第{r['at']:.0f}句话"} for r in chat(40)]
    old, new = held(words, 0), held(words[20:], 0)
    again = new.messages.with_columns(pl.lit("chat(1)").alias("conversation"), pl.col("locator") + "(1)")
    twice = reading_of(new.facts, messages_of(pl.concat([new.messages, again]).drop("row")))
    party = merge_devices((old, twice), ("old", "new"), Settings())
    assert party.rows is not None
    assert party.rows.filter(pl.col("label") == "new")["state"].value_counts().sort("state").rows() == [
        ("repeat", 20),
        ("same", 20),
    ]
    assert party.reading.messages.height == 40
