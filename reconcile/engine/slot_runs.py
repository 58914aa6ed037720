"""Offsets that the open records between two confident pairs share."""

import numpy as np
import polars as pl

from reconcile.engine.clock import votes_needed
from reconcile.engine.params import Params
from reconcile.engine.records import Flags, Floats, Keys, Records, may_be_one_sender
from reconcile.engine.settle import (
    Pairs,
    slots,
)
from reconcile.wechat.kind_classes import SYSTEM


def slot_runs(
    left: Records, right: Records, pairs: Pairs, keys: tuple[Keys, Keys], before: Floats, timed: Flags, params: Params
) -> Floats:
    """The offset that open records between two confident pairs share; nan where too few records agree.

    A clock that was wrong for a while moves all records of that while by one distance. That is one event, not one per
    record.
    """
    out = np.full(len(left), np.nan)
    rows = [
        np.flatnonzero(o & timed[np.maximum(r.pair, 0)] & ~np.isnan(r.t) & (r.cls != SYSTEM))
        for r, o in ((left, pairs.open_left), (right, pairs.open_right))
    ]
    if min(map(len, rows)) < params.segment_rows:
        return out
    if not np.isin(keys[0][rows[0]], keys[1][rows[1]]).any():
        return out
    places = slots(left, right, pairs, rows[0], rows[1])
    sides = [
        pl.DataFrame({"row": at, "pair": r.pair[at], "slot": place, "key": k[at], "party": r.party[at], "t": r.t[at]})
        .with_columns(pl.len().over("pair", "slot", "key").alias("n"))
        .filter(pl.col("n") <= params.any_time_copies)
        for r, at, place, k in zip((left, right), rows, places, keys, strict=True)
    ]
    both = sides[0].join(sides[1], on=["pair", "slot", "key"], suffix="_right")
    same = may_be_one_sender(pl.col("party"), pl.col("party_right"))
    d = (pl.col("t") - pl.col("t_right")).alias("d")
    both = both.filter(same).with_columns(d).sort("pair", "slot", "d")
    big = both.filter(pl.col("row").n_unique().over("pair", "slot") >= params.segment_rows)
    # Slots with several open records of equal content on both sides are few.
    for part in big.partition_by("pair", "slot", maintain_order=True):
        value, row, other = (part[c].to_numpy() for c in ("d", "row", "row_right"))
        end = np.searchsorted(value, value + params.jump_seconds, side="right")
        counts = end - np.arange(len(value))
        best = int(counts.argmax())
        inside = slice(best, int(end[best]))
        agree = min(len(np.unique(row[inside])), len(np.unique(other[inside])))
        step = np.array([np.median(value[inside] - before[row[inside]])])
        if agree >= params.segment_rows and agree > votes_needed(step, params)[0]:
            members = rows[0][(left.pair[rows[0]] == part["pair"][0]) & (places[0] == part["slot"][0])]
            out[members] = float(np.median(value[inside]))
    return out
