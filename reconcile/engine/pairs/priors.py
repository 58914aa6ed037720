"""How likely each record is to have no partner, before any candidate is weighed."""

import numpy as np

from reconcile.engine.clocks.clock import Clock
from reconcile.engine.pairs.settle import Pairs
from reconcile.engine.params import Params
from reconcile.engine.records import Flags, Floats, Ints, Records
from reconcile.wechat.kind_classes import SYSTEM


def log_prior_unmatched(
    left: Records, right: Records, pairs: Pairs, clock: Clock, timed: Flags, params: Params
) -> tuple[Floats, Floats]:
    """Returns the log prior that each record of the left and of the right side is unmatched.

    It is higher where the status, the kind, the time, the place or a second copy explains that.
    """
    sides = (left, pairs.left), (right, pairs.right)
    out = []
    for (own, met), (other, partner), outside in zip(
        sides, sides[::-1], outside_by_time(left, right, clock, params), strict=True
    ):
        beyond = outside
        if not timed.all():
            beyond = outside | (_beyond_by_place(own, met, other, partner) & ~timed[np.maximum(own.pair, 0)])
        explained = (own.cls == SYSTEM) | own.unsent | beyond | own.second_copy
        out.append(np.log(np.where(explained, params.explained_share, params.missing_share)))
    return out[0], out[1]


def outside_by_time(left: Records, right: Records, clock: Clock, params: Params) -> tuple[Flags, Flags]:
    """Whether each left and right record lies outside the times of the other side's conversation."""
    sides = (left, left.t - clock.before), (right, right.t)
    out = []
    for (own, mine), (other, theirs) in (sides, sides[::-1]):
        low, high = _conversation_ends(other.pair, theirs, len(clock.spread))
        slack = clock.spread[np.maximum(own.pair, 0)] * params.edge_spreads + params.edge_seconds
        out.append((mine < low[own.pair] - slack) | (mine > high[own.pair] + slack))
    return out[0], out[1]


def _conversation_ends(pair: Ints, u: Floats, n: int) -> tuple[Floats, Floats]:
    """First and last time of each conversation (NaN = none); the last place is that of no conversation."""
    low, high = np.full(n + 1, np.nan), np.full(n + 1, np.nan)
    np.fmin.at(low, pair, u)
    np.fmax.at(high, pair, u)
    return low, high


def _beyond_by_place(own: Records, met: Ints, other: Records, partner: Ints) -> Flags:
    """Whether each record lies beyond the records matched with the other side's first and last one.

    Args:
        own, other: the records of both sides.
        met: the matched records of this side.
        partner: the record of the other side that each of them is matched with.
    """
    n = max(int(r.pair.max(initial=-1)) for r in (own, other)) + 2
    place = other.order.astype(np.float64)
    low, high = _conversation_ends(other.pair, place, n)
    pair = own.pair[met]
    # Where the end of the other side has no partner, nothing shows where it lies.
    first, last = np.full(n + 1, -np.inf), np.full(n + 1, np.inf)
    at_low, at_high = place[partner] == low[pair], place[partner] == high[pair]
    first[pair[at_low]], last[pair[at_high]] = own.order[met[at_low]], own.order[met[at_high]]
    beyond: Flags = (own.order < first[own.pair]) | (own.order > last[own.pair])
    return beyond


__all__ = ["log_prior_unmatched", "outside_by_time"]
