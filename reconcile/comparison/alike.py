"""Rows alone on both sides that may be one message which one device stamped later: written without a net, or kept for one that was off."""

from collections.abc import Callable

import polars as pl

from reconcile.match.heaps import in_heap
from reconcile.match.passes import with_every_body
from reconcile.match.quotes import bare_reply
from reconcile.match.work import is_undelivered
from reconcile.wechat.classes import SECONDS, SYSTEM

# What was written without a net comes in within this time; what a device that was off stamps at one moment lies at any distance.
LATE_SECONDS = 900
# Rows of one clock that was set keep within this, on two phones of which each shows messages some seconds late.
SET_OFF_SECONDS = 60
_LOOK = ("pair", "party", "cls", "body")


def may_be_stamped_later(
    alone: pl.DataFrame,
    open_lacking: pl.DataFrame,
    holder: pl.DataFrame,
    lacking: pl.DataFrame,
    set_off: pl.DataFrame,
    without_two: Callable[[pl.DataFrame], pl.DataFrame],
) -> pl.Series:
    """Row numbers of the rows alone of which the lacking side holds the like, by the same sender and alone too, a little off by the clocks or as written, in a heap, or set off.

    Each side would have lost the very message that the other kept: sooner it is one message with two times. Only where such rows are at
    least half of what the holder holds alone inside what the other covers: of two copies that lack much, rows of few words resemble each other by
    chance; hardly so at the very distance by which a clock may have been set.

    Args:
        alone: rows of one side without a partner, with `edge` and `t_other`.
        open_lacking: those of the other side.
        holder: all rows of the one side.
        lacking: all rows of the other side.
        set_off: pair, far (µs) of the pairs in doubt because a clock may have been set: so far off other rows may lie as well.
        without_two: leaves out, of such rows side by side, those whose server ids tell that they are two messages.
    """
    sides = [_spoken(alone), _spoken(open_lacking)]
    if any(s.is_empty() for s in sides):
        return pl.Series(dtype=pl.UInt32)
    number = pl.int_range(pl.len()).over(_LOOK).alias("number")
    mine, theirs = (s.sort("raw_t", "row").with_columns(number) for s in sides)
    met = mine.join(theirs, on=[*_LOOK, "number"], suffix="_right", nulls_equal=True)
    # Two times written alike are one time, whatever the clocks are elsewhere in the chat.
    as_written = (pl.col("raw_t") - pl.col("raw_t_right")).abs()
    distance = (pl.col("t_other") - pl.col("t_right")).abs()
    is_near = ((distance <= LATE_SECONDS * SECONDS) | (as_written <= SECONDS)).fill_null(value=False)
    far = met.filter(~is_near)
    heaped = in_heap(far["pair"], far["raw_t"], holder) | in_heap(far["pair"], far["raw_t_right"], lacking)
    met = without_two(pl.concat([met.filter(is_near), far.filter(heaped)]))
    of_set_clock = as_far_as_set(mine, theirs, set_off)
    if met.is_empty():
        return of_set_clock
    held = mine.group_by("pair").agg(pl.col("inside").sum())
    counted = met.group_by("pair").len("met").join(held, on="pair")
    many = counted.filter(2 * pl.col("met") >= pl.col("inside"))
    return pl.concat([met.join(many, on="pair", how="semi")["row"], of_set_clock]).unique().sort()


def as_far_as_set(mine: pl.DataFrame, theirs: pl.DataFrame, set_off: pl.DataFrame) -> pl.Series:
    """Row numbers of `mine` that lie as far from one of their like among `theirs` as a pair of their conversation from each other.

    mine, theirs: pair, party, cls, body, row, t (and `t_other`, on the other side's clock, in `mine`); set_off: pair, far (µs).
    """
    if set_off.is_empty():
        return pl.Series(dtype=pl.UInt32)
    look = pl.struct(_LOOK).hash().alias("look")
    asked = mine.with_columns(look).join(set_off.unique(), on="pair")
    held = theirs.select(look, "t", pl.lit(value=True).alias("is_held")).sort("t")
    met = [
        asked.with_columns((pl.col("t_other") + sign * pl.col("far")).alias("t")).sort("t")
        .join_asof(held, on="t", by="look", strategy="nearest", tolerance=SET_OFF_SECONDS * SECONDS, check_sortedness=False)
        .filter("is_held")["row"]
        for sign in (-1, 1)
    ]  # fmt: skip
    return pl.concat(met).unique()


def _spoken(rows: pl.DataFrame) -> pl.DataFrame:
    timed = pl.col("raw_t").is_not_null() & ~pl.col("is_filled") & ~pl.col("is_repeat")
    rest = rows.filter(timed & ~is_undelivered() & (pl.col("cls") != SYSTEM) & pl.col("party").is_not_null())
    other = pl.col("t_other" if "t_other" in rows.columns else "t").alias("t_other")
    inside = (pl.col("edge") == "inside" if "edge" in rows.columns else pl.lit(value=True)).alias("inside")
    return with_every_body(rest.with_columns(bare_reply())).select(
        *_LOOK, "row", "raw_t", "t", "message_id", other, inside
    )
