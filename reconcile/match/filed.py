"""Rows that no clock places, met by the order of both files: a time out of its own file's order, or a place at which the clock was set."""

from collections.abc import Callable

import numpy as np
import polars as pl

from reconcile.match.group import METHOD, no_pairs
from reconcile.match.places import Bools, Rows
from reconcile.wechat.classes import SYSTEM

# Between which two paired rows of its own file a row stands, told by the right one of either pair.
_SLOT = ("pair", "behind", "ahead")
# Stands for no conversation.
_NONE = 2**32 - 1
# Stands for the pair ahead of what stands behind the last one.
_END = -1


def pair_by_file(
    frames: list[pl.DataFrame],
    is_open: list[Bools],
    partners: list[Rows],
    window: int,
    bodies: Callable[[pl.DataFrame], pl.DataFrame],
    stepped: set[int],
) -> pl.DataFrame:
    """left_row, right_row, confidence, method: equal rows of one slot between the same two pairs in the order of both files, far apart in time.

    `place`: one of the two stands out of its own file's times. The file then kept the order in which its rows came, and a time that it does
    not follow was altered, or the clock set; then all that both hold in that slot, one for one, meet. Where the two sides hold an unlike number of equal rows in a slot, none of them meet.

    `order`: the clocks on both sides of the slot differ, so that none measures what lies in it, and both sides hold the same rows there, one for
    one. Their times say nothing.

    Args:
        frames: all rows of each side, in file order.
        is_open: whether each row waits for a partner.
        partners: of every row the partner's row, -1 = none.
        window: distance of two times (µs) up to which other steps pair.
        bodies: the rows with `group` and `body`, what they say whatever exporter wrote it.
        stepped: conversations whose clocks do not keep one distance.
    """
    waiting = [f["pair"].filter(pl.Series(o)).unique() for f, o in zip(frames, is_open, strict=True)]
    common = sorted(set(waiting[0].drop_nulls()) & set(waiting[1].drop_nulls()))
    asked = [_with_misplaced(f, o, common, window) for f, o in zip(frames, is_open, strict=True)]
    both = set(asked[0]) | set(asked[1]) | (set(common) & stepped)
    if not both:
        return no_pairs()
    sides = zip(frames, is_open, partners, (0, 1), strict=True)
    slots = [_slots(bodies(_placed(*side, sorted(both), window))) for side in sides]
    met = slots[0].join(slots[1], on=[*_SLOT, "key", "rank", "many"], suffix="_right")
    digests = pl.col("media_hash"), pl.col("media_hash_right")
    differ = (digests[0] != digests[1]) & (digests[0].str.len_chars() == digests[1].str.len_chars())
    met = met.filter(~differ.fill_null(value=False))
    ends = [(pl.col(f"{c}_raw") - pl.col(f"{c}_raw_right")) for c in ("behind", "ahead")]
    crosses = (ends[0] - ends[1]).abs() > window
    whole = (pl.len().over(_SLOT) == pl.col("held")) & (pl.col("held") == pl.col("held_right"))
    far = (pl.col("t") - pl.col("t_right")).abs() > window
    out = pl.col("stands_out") | pl.col("stands_out_right")
    # Of a stretch that a clock set for a while moved, a pause at its end hides some rows.
    placed = out | (whole & out.any().over(_SLOT))
    method = pl.when(crosses & whole).then(pl.lit("order")).when(placed).then(pl.lit("place"))
    told = met.with_columns(method.cast(METHOD).alias("method")).filter(far & pl.col("method").is_not_null())
    return told.sort("row").select(
        pl.col("row").alias("left_row"), pl.col("row_right").alias("right_row"), pl.lit(0.97).alias("confidence"), "method"
    )  # fmt: skip


def _with_misplaced(frame: pl.DataFrame, is_open: Bools, pairs: list[int], window: int) -> list[int]:
    """Of these conversations those in which an open row's time stands out of those of its neighbours in the file."""
    t, code, waits = frame["t"].fill_null(0).to_numpy(), frame["pair"].fill_null(_NONE).to_numpy(), is_open
    # Most exports hold one conversation after the other: nothing needs sorting there.
    if (code[1:] < code[:-1]).any():
        here = np.flatnonzero(frame["pair"].is_in(pairs).fill_null(value=False).to_numpy())
        here = here[np.argsort(code[here], kind="stable")]
        t, code, waits = t[here], code[here], waits[here]
    fall = (t[1:] < t[:-1] - window) & (code[1:] == code[:-1]) & (waits[1:] | waits[:-1])
    found: list[int] = np.unique(code[1:][fall]).tolist()
    return sorted(set(found) & set(pairs))


def _placed(
    frame: pl.DataFrame, is_open: Bools, partners: Rows, side: int, pairs: list[int], window: int
) -> pl.DataFrame:
    """The open rows of these conversations that stand between two pairs of their file, with these, and whether their times stand out."""
    marked = frame.with_columns(pl.Series("open", is_open), pl.Series("partner", partners)).filter(
        pl.col("pair").is_in(pairs)
    )
    met = pl.col("partner") >= 0
    right = pl.when(met).then("partner" if side == 0 else pl.col("row").cast(pl.Int32))
    at = pl.when(met & ~pl.col("is_filled")).then("t")
    raw = pl.when(met).then("raw_t")
    placed = marked.with_columns(
        raw.forward_fill().over("pair").alias("behind_raw"), raw.backward_fill().over("pair").alias("ahead_raw"),
        right.forward_fill().over("pair").alias("behind"), right.backward_fill().over("pair").fill_null(_END).alias("ahead"),
        at.forward_fill().over("pair").alias("earliest"), at.backward_fill().over("pair").alias("latest"),
    )  # fmt: skip
    out = (pl.col("t") < pl.col("earliest") - window) | (pl.col("t") > pl.col("latest") + window)
    spoken = pl.col("open") & (pl.col("cls") != SYSTEM) & ~pl.col("is_filled")
    return placed.filter(spoken).with_columns(out.fill_null(value=False).alias("stands_out")).drop_nulls("behind")


def _slots(placed: pl.DataFrame) -> pl.DataFrame:
    """The rows with their key, their rank among equals of one slot, and how many these are."""
    alike = [*_SLOT, "key"]
    return (
        placed.with_columns(pl.struct("party", "group", "body").hash(seed=11).alias("key"))
        .with_columns(pl.int_range(pl.len()).over(alike).alias("rank"), pl.len().over(alike).alias("many"))
        .with_columns(pl.len().over(_SLOT).alias("held"))
        .select(*alike, "rank", "many", "held", "row", "t", "stands_out", "media_hash", "behind_raw", "ahead_raw")
    )
