"""Rows that both files hold between the same two pairs, one for one, whatever their times say."""

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.abreast import of_both
from reconcile.lookup import is_of_one
from reconcile.match.group import METHOD
from reconcile.match.passes import with_every_body
from reconcile.match.places import Ints
from reconcile.match.work import Work
from reconcile.wechat.classes import SYSTEM

# Between which two paired rows of its own file a row stands, told by the right one of either pair.
_SLOT = ("pair", "behind", "ahead")
# Of rows that meet by sender and kind in one stretch at least this share says the same.
_LEAST_SAME = 0.5
# Rows are numbered by 32 bits.
_ROW_BITS = 32


def take_between(work: Work, untimed: list[int]) -> None:
    """All rows of a stretch of both files, where the same senders wrote the same kinds there in the same order and most of the same words.

    A device that was off stamps what waited for it with one moment, and what was written without a net bears the time of writing on one
    side and that of its delivery on the other: the files keep the order. That both sides should lack the like of each other's rows in one
    and the same place is no explanation. Whether the times of such a pair differ is judged as of any other.
    """
    if not (work.open[0].any() and work.open[1].any()) or not work.is_paired(0).any():
        return
    sides = of_both(lambda side: _stretches(work, side, untimed), sum(f.height for f in work.frames))
    if any(s.is_empty() for s in sides):
        return
    met = sides[0].join(sides[1], on=[*_SLOT, "number", "held", "party", "cls"], suffix="_right")
    met = met.filter(pl.len().over(_SLOT) == pl.col("held"))
    differ = (pl.col("media_hash") != pl.col("media_hash_right")) & (
        pl.col("media_hash").str.len_chars() == pl.col("media_hash_right").str.len_chars()
    )
    met = met.filter(~differ.fill_null(value=False).any().over(_SLOT))
    same = (pl.col("body") == pl.col("body_right")).mean().over(_SLOT)
    told = met.filter((same >= _LEAST_SAME) & ((same == 1) | (pl.col("held") > 1)))
    work.take(told.sort("row").select(
        pl.col("row").alias("left_row"), pl.col("row_right").alias("right_row"), pl.lit(0.95).alias("confidence"), pl.lit("place", METHOD).alias("method")
    ))  # fmt: skip


def _neighbours(work: Work, side: int, rest: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """`behind` and `ahead` of each row: the right row of the pair next before and next after it in its own file; null where there is none."""
    paired, pairs = np.flatnonzero(work.is_paired(side)), work.frames[side]["pair"]
    keys, asked = paired, rest["row"].to_numpy().astype(np.int64)
    # Rows of one conversation stand in their order already.
    if not is_of_one(pairs):
        keys = np.sort(_key(pairs.gather(paired).to_numpy(), paired))
        asked = _key(rest["pair"].to_numpy(), asked)
    at = np.searchsorted(keys, asked)
    found = []
    for name, place in (("behind", at - 1), ("ahead", at)):
        there = keys[np.clip(place, 0, len(keys) - 1)]
        is_known = (place >= 0) & (place < len(keys)) & (there >> _ROW_BITS == asked >> _ROW_BITS)
        row = there & (2**_ROW_BITS - 1)
        right = work.partners[0][row].astype(np.int64) if side == 0 else row
        found.append(pl.Series(name, np.where(is_known, right, -1)).replace(-1, None))
    return found[0], found[1]


def _key(pair: npt.NDArray[np.generic], row: npt.NDArray[np.generic]) -> Ints:
    """Pair and row as one number, in the order of both."""
    return (pair.astype(np.int64) << _ROW_BITS) | row.astype(np.int64)


def _stretches(work: Work, side: int, untimed: list[int]) -> pl.DataFrame:
    """The open rows that stand between two pairs of their file: with these, their number among those of the stretch, and how many these are."""
    timed = ~pl.col("is_filled") & ~pl.col("pair").is_in(untimed) & (pl.col("cls") != SYSTEM)
    rest = work.rest(side).filter(timed)
    if rest.is_empty():
        return rest
    behind, ahead = _neighbours(work, side, rest)
    rest = with_every_body(rest.with_columns(behind, ahead).drop_nulls(["behind", "ahead"]))
    return rest.with_columns(
        pl.int_range(pl.len()).over(_SLOT).alias("number"), pl.len().over(_SLOT).alias("held")
    ).select(*_SLOT, "number", "held", "party", "cls", "body", "media_hash", "row")
