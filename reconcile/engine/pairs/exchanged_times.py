"""Finds messages that each stand at the other's time or with the other's words in one export."""

import numpy as np
import polars as pl

from reconcile.column_ops import with_neighbours
from reconcile.engine.clocks.clock import Clock
from reconcile.engine.params import Params
from reconcile.engine.records import Flags, Floats, Ints, Records


def have_exchanged_times(
    left: Records, right: Records, li: Ints, ri: Ints, clock: Clock, params: Params, least: Floats | None = None
) -> Flags:
    """Whether the two times of each pair are, exchanged, those of another pair of its conversation.

    No clock and no delay brings one message to the moment of another, and that one to the moment of the first. Both times
    are stated to the second, and lie farther apart than `least` seconds; None = so far that no pair of such records would
    meet by time. A device that comes back online sends and receives at one moment all that had waited: where others came
    in then, none was exchanged.
    """
    one, two = left.t[li] - clock.before[li], right.t[ri]
    fine = (left.unit[li] <= 1) & (right.unit[ri] <= 1)
    at = np.flatnonzero(fine & (np.abs(one - two) > (params.window_seconds if least is None else least)))
    out = np.zeros(len(li), bool)
    if len(at) < 2:
        return out
    told = pl.DataFrame({"at": at, "pair": left.pair[li[at]], "one": one[at], "two": two[at]})
    came_in = pl.max_horizontal("one", "two")
    told = told.sort("pair", came_in, maintain_order=True).with_columns(came_in.alias("came_in"))
    apart = [(pl.col("came_in") - pl.col("came_in").shift(n).over("pair")).abs() for n in (-2, -1, 1, 2)]
    beside = [(d <= params.settle_seconds).fill_null(value=False) for d in apart]
    many = beside[0] | beside[3] | (beside[1] & beside[2])
    second = ((pl.col("one") // params.edge_seconds).cast(pl.Int64)).alias("second")
    others = told.select("pair", pl.col("two").alias("one"), pl.col("one").alias("other")).with_columns(second)
    met = told.filter(~many).with_columns(second).join(with_neighbours(others, "second"), on=["pair", "second"])
    near = (pl.col("one") - pl.col("one_right")).abs() <= params.edge_seconds
    found = met.filter(near & ((pl.col("two") - pl.col("other")).abs() <= params.edge_seconds))
    out[found["at"].to_numpy()] = True
    return out


def have_exchanged_texts(left: Records, right: Records, li: Ints, ri: Ints) -> Flags:
    """Whether the two texts of each pair are, exchanged, those of another pair of its conversation.

    Either pair is of one sender and one second. That either side lacks both messages explains no such exchange.
    """
    placed = (left.unit[li] <= 1) & (right.unit[ri] <= 1) & (left.party[li] == right.party[ri]) & (left.party[li] >= 0)
    told = pl.DataFrame(
        {"pair": left.pair[li], "one": left.frame["text"][li], "two": right.frame["text"][ri], "at": placed}
    )
    told = told.with_row_index("n").filter(pl.col("at"), pl.col("one") != pl.col("two"))
    other = told.select("pair", one="two", two="one")
    out = np.zeros(len(li), bool)
    out[told.join(other, on=["pair", "one", "two"], how="semi")["n"].to_numpy()] = True
    return out


__all__ = ["have_exchanged_texts", "have_exchanged_times"]
