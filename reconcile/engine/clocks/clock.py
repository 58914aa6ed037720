"""Estimates the clocks of both devices: offsets along each conversation, drift and sender clocks."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from reconcile.column_ops import by_number, by_rank, is_sorted, medians, stretches
from reconcile.engine.clocks.bursts import brought_together
from reconcile.engine.clocks.main_clocks import on_main_clocks
from reconcile.engine.clocks.offset_runs import changes_along, offset_runs, usual_levels
from reconcile.engine.clocks.sender_clocks import own_clocks
from reconcile.engine.clocks.votes import densest, votes_needed, votes_of_unmet
from reconcile.engine.params import Params
from reconcile.engine.records import NO_PAIR, Flags, Floats, Ints, Records


@dataclass(frozen=True)
class Clock:
    """Left clock minus right clock, in seconds.

    Attributes:
        before: for each left record, the offset shown by the last confident pair before it.
        after: the offset shown by the next confident pair; equal to `before` except next to a change of the clock.
        spread: per conversation, how far two true times lie apart after clock correction (seconds, 1 sigma).
        segments: per confident pair (left, right, pair, offset, segment) its clock segment; -1 = in no segment.
        senders: sender_clocks.own_clocks.
        run: offset that a run of open records between two confident pairs shows (nan = none); None = not estimated.
    """

    before: Floats
    after: Floats
    spread: Floats
    segments: pl.DataFrame
    senders: pl.DataFrame
    run: Floats | None = None

    @cached_property
    def main_offsets(self) -> pl.DataFrame:
        """pair, offset: the offset of most of each conversation that has any segment."""
        if self.segments.is_empty():
            return pl.DataFrame(schema={"pair": pl.Int64, "offset": pl.Float64})
        known = self.segments.filter(pl.col("segment") >= 0)
        runs = known.group_by("pair", "segment").agg(pl.col("offset").median().alias("seconds"), pl.len().alias("rows"))
        return usual_levels(runs, ["pair"]).rename({"usual": "offset"})

    def equals(self, other: "Clock") -> bool:
        """Whether both clocks have equal offsets, so that fits and settled pairs of one hold for the other."""
        return np.array_equal(self.before, other.before) and np.array_equal(self.spread, other.spread)


def first_clock(
    left: Records, right: Records, votes: pl.DataFrame, params: Params, senders: pl.DataFrame | None
) -> Clock:
    """The clock shown by votes: one offset per conversation, and senders with a clock of their own."""
    senders = own_clocks(left, right, votes, params) if senders is None else senders
    left, right = on_main_clocks(left, right, senders, params)
    moved = left.t[votes["left"].to_numpy()] - right.t[votes["right"].to_numpy()]
    votes = votes.with_columns(pl.Series("d", moved))
    base = densest(votes, ["pair"], params)
    n = _pair_count(left, right)
    offset, spread = np.zeros(n), np.full(n, params.spread_floor_seconds)
    pair, at, support = (base[c].to_numpy() for c in ("pair", "offset", "support"))
    needed = votes_needed(at, params) + votes_of_unmet(left, right, pair, at, support, params)
    offset[pair] = np.where(support > needed, at, 0.0)
    voters = votes["pair"].to_numpy()
    r = np.abs(moved - offset[voters])
    near = by_number(voters, np.flatnonzero(r <= params.vote_window_seconds))
    starts = stretches(voters[near])
    if len(starts):
        count = np.diff(starts, append=len(near))
        told = 1.4826 * medians(r[near], starts) * count / (count + 2)
        spread[voters[near][starts]] = np.maximum(params.spread_floor_seconds, told)
    spread = np.maximum(spread, _coarse_thirds(left, right, n, params))
    before = offset[np.maximum(left.pair, 0)]
    return Clock(before, before, spread, pl.DataFrame(), senders)


def unsupported(clock: Clock, certain: Ints, params: Params) -> Ints:
    """Conversations with an offset that rests on too few pairs to be believed.

    Args:
        clock: the fitted clock.
        certain: left records paired by an id; one such pair is enough support.
        params: the parameters of the model.
    """
    if clock.segments.is_empty():
        return np.zeros(0, np.int64)
    segments = clock.segments
    pair, offset, left = (segments[c].to_numpy() for c in ("pair", "offset", "left"))
    order = np.argsort(pair, kind="stable")
    starts = stretches(pair[order])
    few = np.diff(starts, append=len(order)) <= votes_needed(medians(offset[order], starts), params)
    pairs = pair[order][starts][few]
    return pairs[~np.isin(pairs, pair[np.isin(left, certain)])] if len(pairs) else pairs


def _pair_count(left: Records, right: Records) -> int:
    """How many conversations either side has."""
    return int(max(left.pair.max(initial=-1), right.pair.max(initial=-1))) + 1


def _coarse_thirds(left: Records, right: Records, n: int, params: Params) -> Floats:
    """A third of the coarser time unit of each conversation (s): minutes are cut off, not rounded."""
    unit = np.ones(n)
    for records in (left, right):
        here = records.pair != NO_PAIR
        if (records.unit[here] > 1).any():
            np.maximum.at(
                unit, records.pair[here], np.where(records.unit[here] <= params.minute_seconds, records.unit[here], 1.0)
            )
    return np.where(unit > 1, unit / 3, 0.0)


def fit(
    left: Records, right: Records, pairs: tuple[Ints, Ints], confident: Flags, first: Clock, params: Params
) -> Clock:
    """The clock along every conversation, fitted to confident pairs.

    Neighbouring confident pairs with equal offsets (apart from drift) form a segment. Fewer than `segment_rows` pairs
    form no segment; their times are their own. Between two segments a record may follow either.
    """
    li, ri = pairs
    chosen = confident & ~np.isnan(left.t[li]) & ~np.isnan(right.t[ri])
    li, ri = li[chosen], ri[chosen]
    delivered = brought_together(left, right, li, ri, params)
    li, ri = li[~delivered], ri[~delivered]
    order, segment = _steadier_order(left, right, li, ri, first.spread, params)
    li, ri = li[order], ri[order]
    pair, d, at = left.pair[li], left.t[li] - right.t[ri], left.t[li]
    segment[~_is_believed(left, right, (li, ri), d - first.before[li], segment, params)] = -1
    known = segment >= 0
    knots = _knots(pair[known], d[known], at[known], left.order[li[known]], segment[known], params)
    before, after = _offsets(left, knots, first.before)
    spread = first.spread.copy()
    if known.any():
        starts = stretches(pair[known])
        r = medians(np.abs(d[known] - before[li[known]]), starts)
        p, n = pair[known][starts], np.diff(starts, append=int(known.sum()))
        floor = np.maximum(params.spread_floor_seconds, _coarse_thirds(left, right, len(spread), params))
        spread[p] = np.maximum(floor[p], 1.4826 * r * n / (n + 2))
    table = pl.DataFrame(
        {"left": li, "right": ri, "pair": pair, "offset": d, "segment": segment},
        schema={"left": pl.Int64, "right": pl.Int64, "pair": pl.Int64, "offset": pl.Float64, "segment": pl.Int64},
    )
    return Clock(before, after, spread, table, first.senders)


def _is_believed(
    left: Records, right: Records, pairs: tuple[Ints, Ints], step: Floats, segment: Ints, params: Params
) -> Flags:
    """Whether each pair's segment has the votes that its offset needs; equal ids count as several."""
    li, ri = pairs
    by_id = (left.ids[li] != 0) & (left.ids[li] == right.ids[ri])
    believed = np.zeros(len(li), bool)
    # Segments are numbered along the pairs.
    at = np.flatnonzero(segment >= 0)
    starts = stretches(segment[at])
    if len(starts):
        votes = np.add.reduceat(np.where(by_id, params.id_votes, 1.0)[at], starts)
        enough = votes > votes_needed(medians(step[at], starts), params)
        # The only clock of a conversation is that of all its records.
        pair, level = left.pair[li[at[starts]]], medians(left.t[li[at]] - right.t[ri[at]], starts)
        only = np.flatnonzero(enough & (np.bincount(pair[enough], minlength=pair.max() + 1)[pair] == 1))
        unmet = votes_of_unmet(left, right, pair[only], level[only], votes[only], params)
        enough[only] = votes[only] > votes_needed(level[only], params) + unmet
        believed[at] = np.repeat(enough, np.diff(starts, append=len(at)))
    return believed


def _least_jump(spread: Floats, params: Params) -> Floats:
    """Smallest change of offset of each conversation that starts a new segment (seconds)."""
    limit: Floats = np.maximum(params.jump_seconds, params.jump_spreads * spread)
    return limit


def _steadier_order(
    left: Records, right: Records, li: Ints, ri: Ints, spread: Floats, params: Params
) -> tuple[Ints, Ints]:
    """The pairs in the file order of the side on which the offset changes less often, and their runs.

    When a clock is set back, that device sorts the messages around the change among each other. The other device keeps
    them apart.
    """
    limit = _least_jump(spread, params)

    def runs(order: Ints) -> Ints:
        """The run of equal offsets that each pair belongs to, in this order."""
        pair, d, at = left.pair[li[order]], left.t[li[order]] - right.t[ri[order]], left.t[li[order]]
        return offset_runs(pair, d, at, limit[pair], params)

    by_left = by_rank(left.order[li], len(left))
    run = runs(by_left)
    pair, d = left.pair[li[by_left]], left.t[li[by_left]] - right.t[ri[by_left]]
    changed = pair[1:][(pair[1:] == pair[:-1]) & (np.abs(np.diff(d)) > limit[pair[1:]])]
    # In nearly every conversation the offset never changes, and both orders serve.
    if not len(changed):
        return by_left, run
    asked = np.isin(pair, changed)
    by_right = by_left[asked][np.argsort(right.order[ri[by_left[asked]]], kind="stable")]
    # A single outlying time counts once, not as a change there and back.
    along_left, along_right = (
        np.add(*changes_along(left.pair[li[order]], r, len(spread)))
        for order, r in ((by_left[asked], run[asked]), (by_right, runs(by_right)))
    )
    on_right = (along_right < along_left)[left.pair[li]]
    if not on_right.any():
        return by_left, run
    order = np.lexsort((np.where(on_right, right.order[ri], left.order[li]), left.pair[li]))
    return order, runs(order)


@dataclass(frozen=True)
class _Knots:
    """Points of the clock in left order, each with its conversation, segment and drift.

    The offset at a left time t is level + rate * (t - origin).
    """

    at: Ints
    pair: Ints
    level: Floats
    segment: Ints
    rate: Floats
    origin: Floats


def _knots(pair: Ints, d: Floats, t: Floats, at: Ints, segment: Ints, params: Params) -> _Knots:
    """Medians of blocks of confident pairs after removing drift.

    Each stretch of one segment has a knot at its first and last pair.
    """
    if not len(pair):
        empty, nothing = np.zeros(0, np.int64), np.zeros(0)
        return _Knots(empty, empty, nothing, empty, nothing, nothing)
    if (at[1:] < at[:-1]).any():
        order = np.argsort(at, kind="stable")
        pair, d, t, at, segment = pair[order], d[order], t[order], at[order], segment[order]
    rate, origin = _drift_rates(d, t, segment, params)
    start = np.concatenate([[True], segment[1:] != segment[:-1]])
    number = np.cumsum(start)
    places = np.arange(len(pair))
    begin = np.flatnonzero((places - np.maximum.accumulate(np.where(start, places, 0))) % params.block_rows == 0)
    size = np.diff(begin, append=len(pair))
    level = medians(d - rate * (t - origin), begin)
    low, high = at[begin + (size - 1) // 2], at[begin + size // 2]
    head = start[begin]
    tail = np.append(head[1:], True)
    block = np.concatenate([np.flatnonzero(head), np.arange(len(begin)), np.flatnonzero(tail)])
    place = np.concatenate([at[begin[head]], low + (high - low) // 2, at[(begin + size - 1)[tail]]])
    order = np.lexsort((block, place))
    # The knot at an end may be the one in the middle of its block.
    order = order[stretches(place[order], number[begin[block[order]]])]
    block, row = block[order], begin[block[order]]
    return _Knots(place[order], pair[row], level[block], number[row], rate[row], origin[row])


def _drift_rates(d: Floats, t: Floats, segment: Ints, params: Params) -> tuple[Floats, Floats]:
    """Drift rate (s/s) and origin (left time) of each pair's segment; rate 0 without steady drift.

    Uses Tukey's resistant line, through the medians of the first and the last third, so that single altered times do
    not bend it. The line counts where it halves the median distance of the offsets from their middle.
    """
    rate, origin = np.zeros(len(d)), np.zeros(len(d))
    order = np.arange(len(d)) if is_sorted(segment, t) else np.lexsort((t, segment))
    starts = stretches(segment[order])
    size = np.diff(starts, append=len(d))
    long = size >= 2 * params.segment_rows
    if not long.any():
        return rate, origin
    order, size = order[np.repeat(long, size)], size[long]
    starts = np.cumsum(size) - size
    third = ((np.arange(len(order)) - np.repeat(starts, size)) * 3 + 2) // np.repeat(size, size)
    first, last = (order[third == k] for k in (0, 2))
    ends = [(rows, stretches(segment[rows])) for rows in (first, last)]
    (d0, t0), (d2, t2) = ((medians(d[rows], at), medians(t[rows], at)) for rows, at in ends)
    slope = np.clip(
        np.divide(d2 - d0, t2 - t0, out=np.zeros(len(d0)), where=t2 > t0), -params.drift_rate, params.drift_rate
    )
    sloped = slope != 0
    if not sloped.any():
        return rate, origin
    order, size, slope = order[np.repeat(sloped, size)], size[sloped], slope[sloped]
    starts = np.cumsum(size) - size
    middle = medians(t[order], starts)
    flat = d[order] - np.repeat(slope, size) * (t[order] - np.repeat(middle, size))
    off = [medians(np.abs(e - np.repeat(medians(e, starts), size)), starts) for e in (flat, d[order])]
    rate[order] = np.repeat(np.where(off[0] <= off[1] / 2, slope, 0.0), size)
    origin[order] = np.repeat(middle, size)
    return rate, origin


def _offsets(left: Records, knots: _Knots, fallback: Floats) -> tuple[Floats, Floats]:
    """Offset before and after every left record, interpolated between the knots around its position."""
    if not len(knots.at):
        return fallback, fallback
    # In the order of the records, so that each search continues the one before it.
    place, pair, t = np.arange(len(left)), left.pair[left.by_order], left.t[left.by_order]
    behind = np.searchsorted(knots.at, place, side="left")
    low, high = np.clip(behind - 1, 0, None), np.clip(behind, None, len(knots.at) - 1)
    exact = (behind < len(knots.at)) & (knots.at[high] == place)
    low = np.where(exact, high, low)
    has_low, has_high = knots.pair[low] == pair, knots.pair[high] == pair
    inside = has_low & has_high & (knots.segment[low] == knots.segment[high])
    t = np.where(np.isnan(t), knots.origin[low], t)
    at_low, at_high = (knots.level[k] + knots.rate[k] * (t - knots.origin[k]) for k in (low, high))
    line = np.interp(place, knots.at, knots.level) + knots.rate[low] * (t - knots.origin[low])
    other = fallback[left.by_order]
    before = np.where(inside, line, np.where(has_low, at_low, np.where(has_high, at_high, other)))
    after = np.where(inside, line, np.where(has_high, at_high, np.where(has_low, at_low, other)))
    return before[left.order], after[left.order]
