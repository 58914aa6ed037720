"""Rows with several messages: blocks of a time and its words beside each other."""

import re
from dataclasses import replace

import polars as pl

from reconcile.formats.inferred.fields import PARENT, Fields
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.times.time_columns import time_columns
from reconcile.intake.tables.cells import ROW
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import parse_time_column

# Least rows; least blocks, and the columns of one that holds no sender.
_LEAST_ROWS, _TWO = 3, 2
# What a heading names that is called after nobody's words.
_NO_PEOPLE = ("sender", "receiver", "text", "kind", "status", "id")
# Figures and signs by which headings that come again are told apart.
_AGAIN = r"[\W_\d]+$"


def with_blocks_beside(fields: Fields, *, are_people: bool = False) -> Fields | None:
    """The list with a row for each block of its columns, each of which begins with its own time.

    All blocks have the same headings; or, where `are_people`, each is a time and words, and the heading of the words
    may be the sender, which has to be confirmed.
    None unless time and words are filled together and all times are in order, along the rows or down the blocks.
    """
    frame, names = fields.frame, fields.names
    if frame.height < _LEAST_ROWS or fields.roles or any(n.startswith((PARENT, "@")) for n in names):
        return None
    headings, first = names, frame.select(names).row(0)
    if fields.is_positional and not any(c is None or re.search("[0-9]", c) for c in first):
        # Headings that are alike were taken for a row.
        headings, frame = [*first], frame.slice(1)
    called = [re.sub(_AGAIN, "", n) for n in headings]
    if not are_people and _TWO * len({*called}) > len(called):
        return None
    times = {t.name for t in time_columns(frame, names) if t.shape == "text"}
    at = [i for i, n in enumerate(names) if n in times]
    width = len(names) // max(len(at), 1)
    if min(len(at), width) < _TWO or at != [*range(0, len(names), width)]:
        return None
    speakers = [headings[i + 1] for i in at] if are_people else []
    columns = [called[0], "text"] if are_people else called[:width]
    if are_people:
        are_blocks = (
            width == _TWO
            and len({*called}) > len(at)
            and not any(hint(n, r) >= 1 for n in speakers for r in _NO_PEOPLE)
        )
    else:
        are_blocks = called == columns * len(at) and len({*columns}) == width
    if not are_blocks:
        return None
    whole = pl.concat(
        frame.select(
            pl.format("{}.{}", ROW, pl.lit(block + 1)).alias(ROW),
            *(pl.col(n).alias(c) for n, c in zip(names[i : i + width], columns, strict=True)),
            *(pl.lit(n).alias("sender") for n in speakers[block : block + 1]),
            (pl.col(names[i + width - 1]).str.strip_chars() != "").fill_null(value=False).alias("is said"),
            pl.lit(block).alias("block"),
            pl.int_range(pl.len()).alias("row"),
        )
        for block, i in enumerate(at)
    )
    whole = whole.with_columns(parse_time_column(whole[columns[0]], ASSUMED_ZONE)["sent_at"].alias("at"))
    if (whole["at"].is_null() == whole["is said"]).any():
        return None
    ordered = (whole.filter("is said").sort(order) for order in (("row", "block"), ("block", "row")))
    kept = next((o for o in ordered if o["at"].is_sorted() or o["at"].is_sorted(descending=True)), None)
    drop = ("at", "row", "block", "is said")
    # A heading may be called after something else than a person.
    asked = {"sender": ("sender",)} if are_people else {}
    doubts = {**fields.doubts, **asked}
    return None if kept is None else replace(fields, frame=kept.drop(drop), is_positional=False, doubts=doubts)
