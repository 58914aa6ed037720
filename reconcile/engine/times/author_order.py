"""Finds messages of one author that the two exports hold in different orders."""

import numpy as np

from reconcile.column_ops import by_number, by_rank
from reconcile.engine.pairs.alignment import Alignment
from reconcile.engine.pairs.settle import BY_ID, longest_rising
from reconcile.engine.params import Params
from reconcile.engine.records import NOBODY, Flags, Floats, Ints, of_conversation, party_of_pairs
from reconcile.wechat.kind_classes import SYSTEM, WORDS


def out_of_authors_order(a: Alignment, residual: Floats, prompt: Flags, params: Params) -> Flags:
    """The pairs that one export holds before, and the other behind, another message of the same author.

    Messages of two authors may cross on their way; those of one author leave one device in turn. Counted are orders that
    both exports state: by times that differ by more than the chat's times do, or by the place in the file within a
    minute. Pairs without times do not count. If many messages of an author stand in another order, none of them counts.

    Args:
        a: the alignment.
        residual: left time minus right time of every pair after clock correction (seconds).
        prompt: the pairs with two times that no delay and no change of a time explains.
        params: the parameters of the model.
    """
    out = np.zeros(len(residual), bool)
    li, ri = a.pairs.left, a.pairs.right
    party, pair = party_of_pairs(a.left, a.right, li, ri), a.left.pair[li]
    # Both times on the right export's clock, which may have been set in the meantime.
    moments = a.right.t[ri] + residual, a.right.t[ri]
    spoken = (a.left.cls[li] != SYSTEM) & (a.right.cls[ri] != SYSTEM) & (party != NOBODY)
    known = spoken & prompt & ~np.isnan(a.left.t[li]) & ~np.isnan(moments[0])
    stream = pair * (int(party.max(initial=NOBODY)) + 2) + party
    known &= _in_unsorted_streams(a, moments, party, stream, known)
    if known.any():
        known &= np.isin(a.pairs.method, BY_ID) | _is_unmistakable(a, params)
    asked = np.flatnonzero(known)
    if not len(asked):
        return out
    _, group = np.unique(stream[asked], return_inverse=True)
    units = [r.unit[rows[asked]] for r, rows in ((a.left, li), (a.right, ri))]
    files = a.left.order[li[asked]], a.right.order[ri[asked]]
    stated = a.left.stamped[li[asked]], a.right.stamped[ri[asked]]
    times = [
        # Clocks are estimated to a part of a minute, which would put messages of one minute into two.
        np.where(u > 1, np.where(_in_order_of_time(t, f, group), t, m[asked] // u * u), m[asked])
        for m, u, t, f in zip(moments, units, stated, files, strict=True)
    ]
    line, other = (_ranked(t, f, group) for t, f in zip(times, files, strict=True))
    by_left = np.argsort(line)
    asked, group, order = asked[by_left], group[by_left], other[by_left]
    kept = longest_rising(order)
    if kept.all():
        return out
    rare = np.bincount(group[~kept], minlength=len(group)) <= (1 - params.ordered_share) * np.bincount(
        group, minlength=len(group)
    )
    # The spread of a chat with coarse times is that of the minute, not of two clocks.
    is_fine = (units[0][by_left] <= 1) & (units[1][by_left] <= 1)
    limit = params.time_conflict_spreads * np.where(is_fine, a.clock.spread[pair[asked]], 0.0)
    limit = np.maximum(params.late_settle_seconds, limit)
    settled = np.flatnonzero(kept)
    places = order[settled]
    for i in np.flatnonzero(~kept & rare[group]).tolist():
        # Ranks of one author are contiguous, so only the author's own messages lie in between.
        ends = sorted((int(np.searchsorted(settled, i)), int(np.searchsorted(places, order[i]))))
        if ends[0] == ends[1]:
            continue
        nearest, last = settled[ends[0]], settled[ends[1] - 1]
        far = int(last if nearest > i else nearest)
        apart = [abs(t[by_left[i]] - t[by_left[far]]) for t in times]
        coarse = [max(u[by_left[i]], u[by_left[far]]) > 1 for u in units]
        if all(c or d > limit[i] for c, d in zip(coarse, apart, strict=True)):
            out[asked[i]] = True
            # If two messages changed places, either may have moved.
            out[asked[nearest]] |= ends[1] - ends[0] == 1
    return out


def _in_order_of_time(t: Floats, order: Ints, group: Ints) -> Flags:
    """Whether the file holds each pair's group in the order of the times that it states."""
    by = np.lexsort((order, group))
    falls = (np.diff(t[by]) < 0) & (np.diff(group[by]) == 0)
    return ~np.isin(group, group[by][1:][falls])


def _in_unsorted_streams(
    a: Alignment, moments: tuple[Floats, Floats], party: Ints, stream: Ints, known: Flags
) -> Flags:
    """Whether each pair's author and conversation has known pairs out of order in a time or a file."""
    at = np.flatnonzero(known)
    # A file's order is by conversation, and stays so within each author.
    at = at[by_number(party[at], by_rank(a.left.order[a.pairs.left[at]], len(a.left)))]
    falls = np.diff(a.right.order[a.pairs.right[at]]) < 0
    for t in moments:
        falls |= np.diff(t[at]) < 0
    unsorted = stream[at][1:][falls & (np.diff(stream[at]) == 0)]
    return np.isin(stream, unsorted) if len(unsorted) else np.zeros(len(stream), bool)


def _is_unmistakable(a: Alignment, params: Params) -> Flags:
    """Whether neither export holds a pair's words again near it: equal messages may meet crosswise."""
    once = np.ones(len(a.pairs.left), bool)
    for records, rows in ((a.left, a.pairs.left), (a.right, a.pairs.right)):
        keys = of_conversation(records.raw_key, records.pair)
        by = np.lexsort((records.t, keys))
        near = (np.diff(keys[by]) == 0) & ~(np.diff(records.t[by]) > params.window_seconds)
        again = np.zeros(len(records), bool)
        again[by[1:]] = near
        again[by[:-1]] |= near
        once &= (records.cls[rows] == WORDS) & ~again[rows]
    return once


def _ranked(t: Floats, order: Ints, group: Ints) -> Ints:
    """The rank of each record by author, time and place in the file."""
    rank = np.empty(len(t), np.int64)
    rank[np.lexsort((order, t, group))] = np.arange(len(t))
    return rank


__all__ = ["out_of_authors_order"]
