"""Delivery bursts: messages that reach a device together when it comes back online."""

import numpy as np
import polars as pl

from reconcile.engine.levels import EQUAL, FORM, NOT_STATED, Content
from reconcile.engine.offset_runs import is_burst
from reconcile.engine.params import Params
from reconcile.engine.records import Floats, Ints, Records, own_of_pairs


def burst_sizes(
    left: Records, right: Records, li: Ints, ri: Ints, content: Content, residual: Floats, params: Params
) -> Floats:
    """For each candidate pair, how many messages its delivery burst brought; 0 = no burst.

    A burst is a run of open records of one sender that the other device stamped within seconds of each other, while the
    sender's own copies of equal content are earlier and further apart. One late message is rare; the second of a burst
    is not.

    Args:
        left: records of one side.
        right: records of the other.
        li: left record of each candidate pair.
        ri: right record of each candidate pair.
        content: content level of each pair.
        residual: seconds between the two times of each pair, after clock correction.
        params: the parameters of the model.
    """
    own_left, own_right = own_of_pairs(left, right, li, ri)
    by_left = own_left & (residual < -params.jump_seconds)
    by_right = own_right & (residual > params.jump_seconds)
    may_be = np.isin(content.level, (EQUAL, FORM, NOT_STATED)) & (np.abs(residual) <= params.late_limit_seconds)
    at = np.flatnonzero((by_left | by_right) & may_be)
    out = np.zeros(len(li))
    if len(at) < params.segment_rows:
        return out
    mine = by_left[at]
    written, arrived = np.where(mine, left.t[li[at]], right.t[ri[at]]), np.where(mine, right.t[ri[at]], left.t[li[at]])
    unit = np.where(mine, right.unit[ri[at]], left.unit[li[at]])
    apart = pl.col("arrived").diff().over("pair", "mine", "party", order_by="arrived") > pl.max_horizontal(
        pl.lit(params.settle_seconds), "unit"
    )
    table = pl.DataFrame({
        "at": at, "pair": left.pair[li[at]], "mine": mine, "party": np.maximum(left.party[li[at]], right.party[ri[at]]),
        "sent": np.where(mine, li[at], ri[at]), "received": np.where(mine, ri[at], li[at]), "written": written,
        "arrived": arrived, "unit": unit, "equal": content.level[at] == EQUAL,
    }).sort("pair", "mine", "party", "arrived", "at")  # fmt: skip
    burst = ["pair", "mine", "party", "burst"]
    told = (
        table.with_columns(apart.fill_null(value=False).alias("burst"))
        .with_columns(pl.col("burst").cum_sum().over("pair", "mine", "party"))
        .with_columns(
            pl.min_horizontal(pl.col(c).filter(pl.col("equal")).n_unique().over(burst) for c in ("sent", "received")).alias("size"),
            *((pl.col(c).max() - pl.col(c).min()).over(burst).alias(f"{c}_span") for c in ("written", "arrived")),
        )
        .filter(pl.col("size") >= params.segment_rows)
    )  # fmt: skip
    told = told.filter(pl.Series(is_burst(told["arrived_span"], told["written_span"], params)))
    out[told["at"].to_numpy()] = told["size"].to_numpy()
    return out


__all__ = ["burst_sizes"]
