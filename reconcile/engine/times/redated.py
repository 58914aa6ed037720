"""Stretches of messages whose times were all changed in one direction."""

import numpy as np
import polars as pl

from reconcile.engine.pairs.alignment import Alignment
from reconcile.engine.params import PARAMS, Params
from reconcile.engine.records import NOBODY, Flags, Floats, Ints, own_of_pairs, party_of_pairs, without_owner
from reconcile.engine.times.innocent_times import state_one_time
from reconcile.wechat.kind_classes import SYSTEM


def redated(a: Alignment, residual: Floats, tolerance: Floats, params: Params) -> Flags:
    """The pairs of stretches whose times are off as no delivery and no clock of one device explains.

    A late delivery moves messages of one author only, and so does the clock of an author's device. In a stretch, messages
    of both owners follow one another, all later on one side, or all earlier. Those of one owner were then received before
    they were written, and the delay of the other's is none. In a direct chat that is so whoever of the two owns which
    export, except for messages that one side holds at one moment: a tool may have fetched them together.

    The rows of a stretch stand next to each other in one of the files, between rows whose times agree. Where the other
    file holds them at an end, a clock may have been set by one distance. A late message beside a stretch is none of it.

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
    author = by_left.astype(np.int8) - by_right.astype(np.int8)
    may_be_late = (by_left & (residual[off] < 0)) | (by_right & (residual[off] > 0))
    untold = without_owner(a.left, a.right, li[off], ri[off], by_left | by_right) & a.left.direct[li[off]]
    author[untold] = _of_two_parties(a, off[untold])
    told = pl.DataFrame({
        "at": off, "pair": pair[off], "way": way[off], "author": author,
        "apart": residual[off], "tolerance": tolerance[off], "inside": _inside_agreeing(a, off, agrees),
        "untold": untold, "may_be_late": may_be_late & (np.abs(residual[off]) <= params.late_limit_seconds), "early": a.right.t[ri[off]] + np.minimum(residual[off], 0.0), "late": a.right.t[ri[off]] + np.maximum(residual[off], 0.0),
    })  # fmt: skip
    # A clock that was set once moves all rows behind it by one distance.
    uneven = pl.col("apart").max() - pl.col("apart").min() > pl.col("tolerance").max()
    within = (pl.col("inside").min() == PARAMS.redated_files) | ((pl.col("inside").min() > 0) & uneven)
    of_both = [(pl.col("author") == who).any() for who in (1, -1)]
    spans = [pl.col(c).max() - pl.col(c).min() for c in ("early", "late")]
    is_apart = ~pl.col("untold").any() | (spans[1] > params.burst_share * spans[0])
    is_stretch = (within & is_apart & pl.all_horizontal(of_both)).over("run")
    for records, rows in ((a.left, li), (a.right, ri)):
        # Runs are of pairs that no agreeing pair of the conversation separates in this file.
        among = np.zeros(len(records), np.int64)
        among[records.order[rows[asked]]] = 1
        place = pl.Series("place", np.cumsum(among)[records.order[rows[off]]])
        placed = told.with_columns(place).sort("place")
        runs = placed.with_columns(run=pl.struct("pair", "way", lag=pl.col("place") - pl.int_range(pl.len())).rle_id())
        runs = runs.filter(~_late_at_an_end())
        out[runs.filter(is_stretch)["at"].to_numpy()] = True
    return out


def _late_at_an_end() -> pl.Expr:
    """Whether a pair at an end of its `run` may be late, and is off by far less than most of the run."""
    apart = pl.col("apart").abs()
    is_less = apart <= PARAMS.stretch_share * apart.median().over("run")
    light = (pl.col("may_be_late") & is_less).cast(pl.Int8)
    return light.cum_min().over("run").cast(pl.Boolean) | light.cum_min(reverse=True).over("run").cast(pl.Boolean)


def _of_two_parties(a: Alignment, rows: Ints) -> Ints:
    """1 for pairs of one party of their direct chat, -1 for those of another; 0 = nobody's."""
    party = party_of_pairs(a.left, a.right, a.pairs.left[rows], a.pairs.right[rows])
    told = pl.DataFrame({"pair": a.left.pair[a.pairs.left[rows]], "party": party})
    first = pl.col("party").filter(pl.col("party") != NOBODY).min().over("pair")
    way = pl.when(pl.col("party") == NOBODY).then(0).when(pl.col("party") == first).then(1).otherwise(-1)
    way_of: Ints = told.select(way.alias("way"))["way"].to_numpy()
    return way_of


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
