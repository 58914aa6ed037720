"""Estimates the clocks of both devices: offsets along each conversation, drift and sender clocks."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from reconcile.column_ops import by_number, by_rank, collected, is_sorted, medians, on_axis, stretches
from reconcile.engine.clocks.bursts import brought_together
from reconcile.engine.clocks.main_clocks import on_main_clocks
from reconcile.engine.clocks.offset_runs import changes_along, is_zone, offset_runs, usual_levels
from reconcile.engine.clocks.sender_clocks import own_clocks
from reconcile.engine.params import Params
from reconcile.engine.records import NO_PAIR, Flags, Floats, Ints, Keys, Records, may_be_one_sender, of_conversation


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


def vote(
    left: Records, right: Records, keys: tuple[Keys, Keys], rows: tuple[Ints, Ints], params: Params
) -> pl.DataFrame:
    """Time differences of rows with equal content: pair, party, d (seconds), weight, left, right.

    `d` is left minus right; `left` and `right` are records. Each key has one vote in all, and only keys with at most
    `vote_pairs_per_key` pairs in their conversation vote. Long conversations use a sample of `vote_keys` keys, drawn by
    hash and equal on both sides.
    """
    sides = [_voting_rows(r, k, at, params) for r, k, at in zip((left, right), keys, rows, strict=True)]
    both = sides[0].join(sides[1], on="key", suffix="_right")
    both = both.filter(pl.col("n") * pl.col("n_right") <= params.vote_pairs_per_key)
    known = may_be_one_sender(pl.col("party"), pl.col("party_right"))
    return both.filter(known).select(
        "pair",
        pl.max_horizontal("party", "party_right").alias("party"),
        (pl.col("t") - pl.col("t_right")).alias("d"),
        (1.0 / (pl.col("n") * pl.col("n_right"))).alias("weight"),
        pl.col("row").alias("left"),
        pl.col("row_right").alias("right"),
    )


def _voting_rows(records: Records, key: Keys, chosen: Ints, params: Params) -> pl.DataFrame:
    """key, pair, t, party, row of one side's voting rows, and n, the number of rows with that key."""
    fine = (records.pair[chosen] != NO_PAIR) & ~np.isnan(records.t[chosen])
    rows, key = chosen[fine], key[fine]
    if len(rows) > params.vote_keys:
        pair = records.pair[rows]
        drawn = key // 256 % (np.bincount(pair)[pair] // params.vote_keys + 1) == 0
        rows, key = rows[drawn], key[drawn]
    pair = records.pair[rows]
    frame = pl.LazyFrame({
        "key": of_conversation(key, pair), "pair": pair, "t": records.t[rows], "party": records.party[rows], "row": rows
    })  # fmt: skip
    counted = frame.with_columns(pl.len().over("key").alias("n"))
    return counted.filter(pl.col("n") <= params.vote_pairs_per_key).pipe(collected)


def densest(votes: pl.DataFrame, by: list[str], params: Params) -> pl.DataFrame:
    """The densest window of votes of each group: offset (median), support and total (sums of weights)."""
    if votes.is_empty():
        return votes.select(*by).with_columns(offset=pl.lit(0.0), support=pl.lit(0.0), total=pl.lit(0.0)).head(0)
    ordered = votes.sort(*by, "d")
    group = ordered.select(pl.struct(by).rle_id().alias("g"))["g"].to_numpy().astype(np.int64)
    d, weight = ordered["d"].to_numpy(), ordered["weight"].to_numpy()
    axis = on_axis(group, d)
    sums = np.concatenate([[0.0], np.cumsum(weight)])
    end = np.searchsorted(axis, axis + round(1000 * params.vote_window_seconds), side="right")
    inside = sums[end] - sums[np.arange(len(axis))]
    table = ordered[[*by]].with_columns(
        pl.Series("inside", np.round(inside, 6)), pl.Series("first", np.arange(len(axis))), pl.Series("end", end), pl.Series("d", d), pl.Series("w", weight)
    )  # fmt: skip
    totals = table.lazy().group_by(by).agg(pl.col("w").sum().alias("total"))
    best = (
        table.lazy().filter(pl.col("inside") == pl.col("inside").max().over(by))
        .sort(*by, pl.col("d").abs())
        .group_by(by, maintain_order=True).first()
        .join(totals, on=by, maintain_order="left")
        .pipe(collected)
    )  # fmt: skip
    # Differences are sorted, so the median of a window is its middle value, or the mean of its two middle values.
    first, size = best["first"].to_numpy(), (best["end"] - best["first"]).to_numpy()
    middle = (d[first + (size - 1) // 2] + d[first + size // 2]) / 2
    return best.select(*by, pl.Series("offset", middle), pl.col("inside").alias("support"), "total")


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
    offset[base["pair"].to_numpy()] = _plausible(base["offset"].to_numpy(), base["support"].to_numpy(), params)
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


def _plausible(offset: Floats, support: Floats, params: Params) -> Floats:
    """The offsets; 0 where the votes do not outweigh how unlikely the offset is (votes_needed)."""
    return np.where(support > votes_needed(offset, params), offset, 0.0)


def votes_needed(offset: Floats, params: Params) -> Floats:
    """How many votes each offset (seconds) needs before it is believed."""
    other = np.where(is_zone(offset, params), params.zone_votes, params.offset_votes)
    return np.where(np.abs(offset) <= params.offset_free_seconds, 0.0, other)


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
