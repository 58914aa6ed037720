"""Rows with several messages: blocks of a time and its words beside each other."""

import re
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.times.time_columns import time_columns
from reconcile.intake.tables.cells import ROW

# Least rows; least blocks, and the columns of one that holds no sender.
_LEAST_ROWS, _TWO = 3, 2
# Figures and signs by which headings that come again are told apart.
_AGAIN = r"[\W_\d]+$"


def with_blocks_beside(fields: Fields) -> Fields | None:
    """The list with a row for each block of its columns, each of which begins with its own time.

    Of a time and words alone, the heading of the words is the sender. Other blocks have the same headings. None unless
    time and words are filled together and the times of all messages are in order, along the rows or down the blocks.
    """
    frame, names = fields.frame, fields.names
    if frame.height < _LEAST_ROWS or fields.roles or any(n.startswith(("^", "@")) for n in names):
        return None
    times = {
        names.index(t.name): t.seconds
        for t in time_columns(frame, names)
        if t.shape == "text" and t.seconds is not None
    }
    width = len(names) // max(len(times), 1)
    if min(len(times), width) < _TWO or sorted(times) != [*range(0, len(names), width)]:
        return None
    headings, frame, times = _headings(frame, names, times)
    blocks = [names[at : at + width] for at in sorted(times)]
    said = [headings[at : at + width] for at in sorted(times)]
    called = {tuple(re.sub(_AGAIN, "", n) for n in block[1:]) for block in said}
    are_people = width == _TWO and len(called) == len(blocks)
    columns = (headings[0], "text") if are_people else said[0]
    if len({*columns, "sender"}) <= len(columns) and (are_people or len({*columns}) < len(columns)):
        return None
    told = [_block(frame, times[at * width], block, columns, at) for at, block in enumerate(blocks)]
    if (not are_people and len(called) > 1) or any(t is None for t in told):
        return None
    whole = pl.concat(
        [
            t.with_columns(pl.lit(b[1]).alias("sender")) if are_people else t
            for t, b in zip(told, said, strict=True)
            if t is not None
        ]
    )
    ordered = (whole.sort(order) for order in (("row", "block"), ("block", "row")))
    kept = next((o for o in ordered if o["at"].is_sorted() or o["at"].is_sorted(descending=True)), None)
    return None if kept is None else replace(fields, frame=kept.drop("at", "row", "block"))


def _headings(
    frame: pl.DataFrame, names: list[str], times: dict[int, pl.Series]
) -> tuple[list[str], pl.DataFrame, dict[int, pl.Series]]:
    """The headings of the columns, and the rows and their times below these, also where some headings are alike."""
    first = [*frame.select(names).row(0)]
    if any(t[0] is not None for t in times.values()) or None in first:
        return names, frame, times
    return [str(n) for n in first], frame.slice(1), {at: t.slice(1) for at, t in times.items()}


def _block(
    frame: pl.DataFrame, seconds: pl.Series, names: Sequence[str], columns: Sequence[str], at: int
) -> pl.DataFrame | None:
    """The rows of one block under these names; None where its time and its words are not filled together."""
    is_said = (frame[names[-1]].str.strip_chars() != "").fill_null(value=False)
    if (is_said != seconds.is_not_null()).any():
        return None
    held = frame.select(
        pl.format("{}.{}", ROW, pl.lit(at + 1)).alias(ROW),
        *(pl.col(n).alias(c) for n, c in zip(names, columns, strict=True)),
    )
    place = [
        seconds.alias("at"),
        pl.int_range(frame.height, eager=True).alias("row"),
        pl.repeat(at, frame.height, eager=True).alias("block"),
    ]
    return held.with_columns(place).filter(is_said)
