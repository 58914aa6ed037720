"""The weight of the times of candidate pairs."""

from itertools import permutations

import numpy as np

from reconcile.column_ops import on_axis
from reconcile.engine.clocks.clock import Clock
from reconcile.engine.pairs.stamps import equal_time_densities
from reconcile.engine.params import PARAMS, Params
from reconcile.engine.records import Flags, Floats, Ints, Records, own_of_pairs, times_around


def time_weight(
    left: Records, right: Records, li: Ints, ri: Ints, residual: Floats, clock: Clock, bursts: Floats, timed: Flags,
    telling: Flags, params: Params,
) -> Floats:  # fmt: skip
    """Log density of the residual for one message, relative to the local rate of messages.

    A record without a time, in a conversation compared by time, stands between the times around it in its file.
    `telling` marks the pairs whose text is long and occurs once, so that it identifies a message.
    """
    pair = left.pair[li]
    r = np.abs(residual)
    spread = clock.spread[pair]
    density = np.where(r < params.equal_time_seconds, equal_time_densities(left, right, clock, params)[pair], 0.0)
    peak = (1 - params.time_tail) * np.maximum(np.exp(-r / spread) / (2 * spread), density)
    tail = params.time_tail * np.where(r <= params.window_seconds, 1 / (2 * params.window_seconds), 0.0)
    own_left, own_right = own_of_pairs(left, right, li, ri)
    is_late = (own_left & (residual < 0)) | (own_right & (residual > 0))
    span = np.log(params.late_limit_seconds / params.late_settle_seconds)
    late = np.where(
        is_late & (r >= params.late_settle_seconds) & (r <= params.late_limit_seconds),
        params.late_share / (span * np.maximum(r, params.late_settle_seconds)),
        0.0,
    )
    # Any other difference is equally likely on a logarithmic scale.
    anything = params.clock_set_share / (np.log(1e6) * np.maximum(r, params.jump_seconds))
    redated = _redated_density(left, right, li, ri, r, params)
    # The messages of one burst share the rarity of one late message and arrive within seconds.
    together = np.where(
        bursts > 0, params.late_share ** (1 / np.maximum(bursts, 1.0)) / (2 * params.settle_seconds), 0.0
    )
    # Chance partners are as frequent as messages at the time of writing; for a late message, at its arrival.
    arrival = _message_rates(right, ri)
    rate = arrival.copy()
    for records, rows, late_here in ((right, ri, own_left), (left, li, own_right & ~own_left)):
        at = np.flatnonzero(late_here & (late > 0))
        arrival[at] = _arrival_rates(records, rows[at])
    # Who sets a time by hand sets it amid the conversation, where chance partners are as frequent as messages. Words that
    # everybody writes may well have been sent twice.
    far = telling & (r > params.late_limit_seconds)
    amid = np.where(far, params.clock_set_share / _conversation_sizes(left, right, pair), 0.0)
    told = np.log((peak + tail + anything + redated + together) / rate + late / arrival + amid)
    bare = np.where(timed[pair], _bare_weight(left, right, li, ri, clock, params), 0.0)
    return np.where(np.isnan(residual), bare, told)


def seconds_out_of_place(left: Records, right: Records, li: Ints, ri: Ints, clock: Clock) -> Floats:
    """Seconds by which the one time of each pair lies outside those around the other record in its file.

    0 inside them, and where both records or none have a time.
    """
    out, u = np.zeros(len(li)), left.t - clock.before
    for (own, rows, t), (_, theirs, v) in permutations(((left, li, u), (right, ri, right.t))):
        at = np.flatnonzero(np.isnan(t[rows]) & ~np.isnan(v[theirs]))
        if len(at):
            around = times_around(own, t)[own.order[rows[at]]]
            low, high = around["earliest"].fill_null(-np.inf), around["latest"].fill_null(np.inf)
            far = np.maximum(low.to_numpy() - v[theirs[at]], v[theirs[at]] - high.to_numpy())
            out[at] = np.maximum(far, 0.0)
    return out


def _bare_weight(left: Records, right: Records, li: Ints, ri: Ints, clock: Clock, params: Params) -> Floats:
    """Log-odds of a pair whose one time lies far outside the times around the other record in its file."""
    far, out = seconds_out_of_place(left, right, li, ri, clock), np.zeros(len(li))
    at = np.flatnonzero(far > params.offset_free_seconds)
    rate = np.where(np.isnan(left.t[li[at]]), _message_rates(right, ri[at]), _message_rates(left, li[at]))
    out[at] = np.minimum(np.log(params.clock_set_share / (np.log(1e6) * far[at]) / rate), 0.0)
    return out


def _arrival_rates(records: Records, rows: Ints) -> Floats:
    """`_message_rates`; where few messages lie close, of the stretch that holds the nearest ones."""
    rate = _message_rates(records, rows)
    axis, n = records.times_on_axis, PARAMS.rate_records
    lonely = np.flatnonzero(rate <= n / (2 * PARAMS.rate_seconds))
    if len(lonely):
        x = on_axis(records.pair[rows[lonely]], np.nan_to_num(records.t[rows[lonely]]))
        around = np.searchsorted(axis, x)[:, None] + np.arange(-n, n + 1)
        inside = (around >= 0) & (around < len(axis))
        # Records of other conversations lie far away on the axis.
        apart = np.where(inside, np.abs(axis[np.where(inside, around, 0)] - x[:, None]) / 1000, np.inf)
        apart.sort(axis=1)
        reach = np.clip(apart[:, n], PARAMS.rate_seconds, PARAMS.rate_most_seconds)
        rate[lonely] = np.minimum(rate[lonely], n / (2 * reach))
    return rate


def _message_rates(records: Records, rows: Ints) -> Floats:
    """Messages per second around each record, in its own export."""
    axis = records.times_on_axis
    x = on_axis(records.pair[rows], np.nan_to_num(records.t[rows]))
    reach = PARAMS.rate_seconds
    wide = round(1000 * reach)
    count = np.searchsorted(axis, x + wide, side="right") - np.searchsorted(axis, x - wide, side="left")
    rate: Floats = np.maximum(count, 1) / (2 * reach)
    return rate


def _conversation_sizes(left: Records, right: Records, pair: Ints) -> Floats:
    """How many records the larger of the two sides of each conversation holds."""
    n = int(pair.max(initial=-1)) + 1
    sizes = [np.bincount(r.pair[(r.pair >= 0) & (r.pair < n)], minlength=n) for r in (left, right)]
    return np.maximum(*sizes)[pair].astype(np.float64)


def _redated_density(left: Records, right: Records, li: Ints, ri: Ints, apart: Floats, params: Params) -> Floats:
    """Density of times whose date alone was changed; 0 where a time is no such time."""
    density = params.redated_share / (4 * params.redated_days * params.spread_floor_seconds)
    return np.where(have_other_dates(left, right, li, ri, apart, params), density, 0.0)


def have_other_dates(left: Records, right: Records, li: Ints, ri: Ints, apart: Floats, params: Params) -> Flags:
    """Whether the times of each pair are one second on two days of the same weeks; both state the second."""
    days = np.round(apart / params.whole_delay_seconds)
    is_whole: Flags = np.abs(apart - days * params.whole_delay_seconds) <= params.spread_floor_seconds
    return is_whole & (days >= 1) & (days <= params.redated_days) & (np.maximum(left.unit[li], right.unit[ri]) <= 1)


__all__ = ["have_other_dates", "seconds_out_of_place", "time_weight"]
