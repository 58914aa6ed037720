"""How much two equal times tell: exports that copy one server's times agree to the last figure."""

import numpy as np
import polars as pl

from reconcile.column_ops import collected
from reconcile.engine.clock import Clock
from reconcile.engine.params import Params
from reconcile.engine.records import Flags, Floats, Records


def equal_time_densities(left: Records, right: Records, clock: Clock, params: Params) -> Floats:
    """Per conversation, the chance per second that one message has two exactly equal times; 0 = unknown.

    Only times that are stated finer than two clocks agree tell more than their difference. They are equal as often as
    those of confident pairs.
    """
    out = np.zeros(len(clock.spread))
    if clock.segments.is_empty():
        return out
    li, ri = (clock.segments[c].to_numpy() for c in ("left", "right"))
    is_fine = _are_fine(left.t[li], params) & _are_fine(right.t[ri], params)
    if not is_fine.any():
        return out
    d = pl.col("offset")
    rows = clock.segments.lazy().select("pair", d, pl.Series("fine", is_fine))
    equal = pl.col("fine") & ((d - d.median().over("pair")).abs() < params.equal_time_seconds)
    share = equal.sum() / (pl.len() + params.equal_time_pairs)
    told = rows.group_by("pair").agg(share.alias("share")).pipe(collected)
    out[told["pair"].to_numpy()] = told["share"].to_numpy() / params.fine_seconds
    return out


def _are_fine(times: Floats, params: Params) -> Flags:
    """Whether each time (s) is stated finer than a second."""
    fine: Flags = np.abs(times - np.round(times)) > params.equal_time_seconds
    return fine


__all__ = ["equal_time_densities"]
