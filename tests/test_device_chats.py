"""Chats of one party that stand in files of several tools."""

from dataclasses import replace

import polars as pl

import reconcile
from reconcile.devices import merge_devices
from reconcile.frames import Messages
from reconcile.intake.contract import Reading
from reconcile.settings import Settings
from tests.build.chats import chat, export


def test_chats_on_two_platforms_are_two_and_the_later_one_shows_no_end_of_the_other() -> None:
    """The files of both say not with whom, and each was exported on its own day."""
    other = [r | {"at": r["at"] + 900, "text": f"订单{7 * i}改到{i}月{i + 2}日发货"} for i, r in enumerate(chat())]

    def handed_in(kept: int, side: int) -> Reading:
        files = export(chat()[:kept], ("小敏", "孟总"), side), export(other, ("敏敏", "海永"), side)
        unnamed = [replace(f, messages=Messages.cast(f.messages.with_columns(conversation=pl.lit("")))) for f in files]
        unnamed[0] = replace(unnamed[0], facts=replace(unnamed[0].facts, reader="line"))
        return merge_devices(unnamed, ("line", "signal"), Settings()).reading

    left, right = handed_in(34, 0), handed_in(40, 1)
    held_by = left.messages.group_by("conversation").len().sort("conversation")
    assert held_by.rows() == [("", 34), ("signal", 40)]
    found = reconcile.compare(left, right).alignment
    told = found.group_by(pl.col("relation").cast(pl.String)).len().sort("relation").rows()
    assert told == [("agreement", 74), ("set_aside", 6)]
