"""Stretches of messages whose times were all changed in one direction."""

import numpy as np
import polars as pl

from reconcile.engine.pairs.alignment import Alignment
from reconcile.engine.params import PARAMS, Params
from reconcile.engine.records import Flags, Floats, Ints, own_of_pairs
from reconcile.engine.times.innocent_times import state_one_time
from reconcile.wechat.kind_classes import SYSTEM


def redated(a: Alignment, residual: Floats, tolerance: Floats, params: Params) -> Flags:
    """The pairs of stretches whose times are off as no delivery and no clock of one device explains.

    A late delivery moves messages of one author only, and so does the clock of an author's device. In a stretch, messages
    of both owners follow one another, all later on one side, or all earlier. Those of one owner were then received before
    they were written, and the delay of the other's is none. The rows of a stretch stand next to each other in one of the
    files, between rows whose times agree. Where the other file holds them at an end, a clock may have been set by one
    distance.

    Args:
        a: the alignment.
        residual: left time minus right time of every pair after clock correction (seconds; nan where unknown).
        tolerance: seconds by which the two times of each pair may differ.
        params: the parameters of the model.
    """
    out = np.zeros(len(residual), bool)
    li, ri = a.pairs.left, a.pairs.right
    sure = (a.left.cls[li] != SYSTEM) & (a.right.cls[ri] != SYSTEM) & (a.margin >= params.accept_nats)
    way = np.where(np.abs(residual) > tolerance, np.sign(residual), 0.0)
    # Whatever the clock around it, a pair with one time on both sides was not moved.
    way[np.isnan(residual) | state_one_time(a, params)] = 0.0
    pair = a.left.pair[li]
    asked = np.flatnonzero(sure & ~np.isnan(residual) & np.isin(pair, pair[sure & (way != 0)]))
    if not len(asked):
        return out
    off, agrees = asked[way[asked] != 0], asked[way[asked] == 0]
    by_left, by_right = own_of_pairs(a.left, a.right, li[off], ri[off])
    told = pl.DataFrame({
        "at": off, "pair": pair[off], "way": way[off], "author": by_left.astype(np.int8) - by_right.astype(np.int8),
        "apart": residual[off], "tolerance": tolerance[off], "inside": _inside_agreeing(a, off, agrees),
    })  # fmt: skip
    # A clock that was set once moves all rows behind it by one distance.
    uneven = pl.col("apart").max() - pl.col("apart").min() > pl.col("tolerance").max()
    within = (pl.col("inside").min() == PARAMS.redated_files) | ((pl.col("inside").min() > 0) & uneven)
    of_both = [(pl.col("author") == who).any() for who in (1, -1)]
    is_stretch = (within & pl.all_horizontal(of_both)).over("run")
    for records, rows in ((a.left, li), (a.right, ri)):
        # Runs are of pairs that no agreeing pair of the conversation separates in this file.
        among = np.zeros(len(records), np.int64)
        among[records.order[rows[asked]]] = 1
        place = pl.Series("place", np.cumsum(among)[records.order[rows[off]]])
        placed = told.with_columns(place).sort("place")
        runs = placed.with_columns(run=pl.struct("pair", "way", lag=pl.col("place") - pl.int_range(pl.len())).rle_id())
        out[runs.filter(is_stretch)["at"].to_numpy()] = True
    return out


def _inside_agreeing(a: Alignment, off: Ints, agrees: Ints) -> Ints:
    """In how many of the two files each pair of `off` lies between agreeing pairs of its conversation."""
    inside = np.zeros(len(off), np.int64)
    for records, rows in ((a.left, a.pairs.left), (a.right, a.pairs.right)):
        pair, order = records.pair[rows], records.order[rows]
        first, last = np.full(len(a.timed), len(records)), np.full(len(a.timed), -1)
        np.minimum.at(first, pair[agrees], order[agrees])
        np.maximum.at(last, pair[agrees], order[agrees])
        inside += (first[pair[off]] <= order[off]) & (order[off] <= last[pair[off]])
    return inside


__all__ = ["redated"]
