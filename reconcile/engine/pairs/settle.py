"""Settles pairs by equality: equal ids, or equal content at one time with equally many on each side."""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
import polars as pl

from reconcile.column_ops import by_rank
from reconcile.engine.clocks.clock import Clock
from reconcile.engine.clocks.votes import votes_needed
from reconcile.engine.params import PARAMS, Params
from reconcile.engine.records import NO_PAIR, Flags, Floats, Ints, Keys, Records, may_be_one_sender, of_conversation
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_classes import SYSTEM


@dataclass
class Pairs:
    """The pairs so far: left and right record, and how each was found. Open records have no pair yet."""

    left: Ints
    right: Ints
    method: Ints
    open_left: Flags
    open_right: Flags

    @classmethod
    def none(cls, left: Records, right: Records) -> "Pairs":
        """No pairs; every record of a paired conversation is open unless its export repeats it."""
        nothing = np.zeros(0, np.int64)
        is_open = [(r.pair != NO_PAIR) & ~r.frame["is_repeat"].to_numpy() for r in (left, right)]
        return cls(nothing, nothing, nothing, is_open[0], is_open[1])

    def add(self, left: Ints, right: Ints, method: int) -> None:
        """Adds pairs of open records."""
        self.left, self.right = np.concatenate([self.left, left]), np.concatenate([self.right, right])
        self.method = np.concatenate([self.method, np.full(len(left), method, np.int64)])
        self.open_left[left] = False
        self.open_right[right] = False

    def drop(self, gone: Flags) -> None:
        """Removes pairs; their records are open again."""
        self.open_left[self.left[gone]] = True
        self.open_right[self.right[gone]] = True
        self.left, self.right, self.method = self.left[~gone], self.right[~gone], self.method[~gone]


METHODS = ("server_id", "rounded_id", "alias_id", "body_id", "equal", "canonical", "weighed")
SERVER_ID, ROUNDED_ID, ALIAS_ID, BODY_ID, EQUAL, CANONICAL, WEIGHED = range(7)
BY_ID = (SERVER_ID, ROUNDED_ID, ALIAS_ID, BODY_ID)


# Records of one side, the key of each, and its place: a time on the common clock, or a number (nan = none).
_Placed = tuple[Ints, Keys, Floats]


def settle_ids(pairs: Pairs, left: Records, right: Records, by_id: pl.DataFrame) -> None:
    """Adds the pairs by id (ids.pair_by_id); a recall notice with the id of a message is no copy of it.

    Another notice is: one tool may take a body for the client's sentence, and another for a card.
    """
    li, ri = by_id["left_row"].to_numpy().astype(np.int64), by_id["right_row"].to_numpy().astype(np.int64)
    told = by_id["method"].cast(pl.String)
    fine = pairs.open_left[li] & pairs.open_right[ri]
    unlike = np.flatnonzero(fine & ((left.cls[li] == SYSTEM) != (right.cls[ri] == SYSTEM)))
    if len(unlike):
        kinds = (r.frame["kind"][rows[unlike]].cast(pl.String) for r, rows in ((left, li), (right, ri)))
        recalls = np.logical_or(*((k == str(Kind.RECALL)).to_numpy() for k in kinds))
        fine[unlike[recalls]] = False
    for method in BY_ID:
        here = fine & (told == METHODS[method]).to_numpy()
        pairs.add(li[here], ri[here], method)


def settle_equal(
    pairs: Pairs,
    left: Records,
    right: Records,
    rows: tuple[Ints, Ints],
    keys: tuple[Keys, Keys],
    clock: Clock,
    tolerance: Floats,
    ids_trusted: Flags,
    method: int,
) -> None:
    """Adds pairs of open records of equal conversation, key and sender with times within the tolerance.

    Records of one key and sender that follow each other within the tolerance form a cluster. If both sides hold equally
    many of a cluster, they pair in order of time. All others stay open for the model, since nothing here shows which of
    three equal records is missing.

    Args:
        pairs: gets the new pairs.
        left, right: the records.
        rows: the open records of each side to look at.
        keys: a key for each of these.
        clock: offsets of the left side.
        tolerance: seconds by conversation.
        ids_trusted: conversations with server ids that identify messages; two records with ids are not settled by text
            there.
        method: how the pairs are found.
    """
    one, two = rows
    sides = [(one, keys[0], left.t[one] - clock.before[one]), (two, keys[1], right.t[two])]
    _pair_clusters(pairs, left, right, sides, tolerance, ids_trusted, method, wait_for_ids=True)


def _pair_clusters(
    pairs: Pairs,
    left: Records,
    right: Records,
    sides: list[_Placed],
    tolerance: Floats,
    ids_trusted: Flags,
    method: int,
    *,
    wait_for_ids: bool,
) -> None:
    """Pair records of equal keys in clusters of times that both sides fill equally."""
    timed = [s if not (lacks := np.isnan(s[2])).any() else tuple(a[~lacks] for a in s) for s in sides]
    split = len(timed[0][0])
    if not split or not len(timed[1][0]):
        return
    row, key, u = (np.concatenate([a, b]) for a, b in zip(*timed, strict=True))
    pair = np.concatenate([left.pair[row[:split]], right.pair[row[split:]]])
    mixed = of_conversation(key, pair)
    # The rows of each side stand in order, and stay so among equal times.
    order = np.lexsort((u, mixed))
    is_left = order < split
    mixed, u = mixed[order], u[order]
    limit = np.broadcast_to(tolerance, len(order)) if len(tolerance) == 1 else tolerance[pair[order]]
    breaks = (mixed[1:] != mixed[:-1]) | (np.diff(u) > limit[1:])
    cluster = np.concatenate([[0], np.cumsum(breaks)])
    n = int(cluster[-1]) + 1
    chosen = (2 * np.bincount(cluster[is_left], minlength=n) == np.bincount(cluster))[cluster]
    a, b = np.flatnonzero(chosen & is_left), np.flatnonzero(chosen & ~is_left)
    one, two = order[a], order[b]
    li, ri = row[one], row[two]
    fits = np.abs(u[a] - u[b]) <= limit[a]
    fits &= may_be_one_sender(left.party[li], right.party[ri])
    if ids_trusted.any():
        both = ids_trusted[left.pair[li]] & (left.ids[li] != 0) & (right.ids[ri] != 0)
        fits &= ~both if wait_for_ids else ~(both & (left.ids[li] != right.ids[ri]))
    digests = left.hashes[li], right.hashes[ri]
    fits &= (digests[0] == 0) | (digests[1] == 0) | (digests[0] == digests[1])
    # A cluster is settled whole or not at all.
    bad = np.bincount(cluster[a], weights=~fits, minlength=n) > 0
    kept = ~bad[cluster[a]]
    li, ri = li[kept], ri[kept]
    # In the order of the left file, so that later stages read both files from front to back.
    along = by_rank(li, len(left))
    pairs.add(li[along], ri[along], method)


def settle_slots(
    pairs: Pairs, left: Records, right: Records, keys: tuple[Keys, Keys], timed: Flags, ids_trusted: Flags, method: int
) -> None:
    """Adds pairs of open records without times, by unique content in order, then by their place.

    Places are first those between two pairs, then those beside the first and the last pair.
    Covers conversations without times, and single records without a time in the others. Records with times that say the
    same count there, too, but are left to their times.
    """
    has_time = timed[np.maximum(left.pair, 0)] & ~np.isnan(left.t)
    for _ in range(3):
        before = len(pairs.left)
        asked = np.isin(keys[0], keys[0][pairs.open_left & ~has_time])
        rows = np.flatnonzero(pairs.open_left & asked), np.flatnonzero(pairs.open_right)
        if not len(rows[0]) or not len(rows[1]):
            return
        places = slots(left, right, pairs, *rows)
        met = np.unique(left.pair[pairs.left])
        tolerance = np.full(len(timed), PARAMS.slot_tolerance)
        sides = [
            _with_unique_key(records, (r, k[r], u), met)
            for records, r, k, u in zip((left, right), rows, keys, places, strict=True)
        ]
        _pair_clusters(pairs, left, right, sides, tolerance, ids_trusted, method, wait_for_ids=False)
        for step in (1, -1):
            free = zip((left, right), keys, (pairs.open_left, pairs.open_right), (pairs.left, pairs.right), strict=True)
            beside = [_beside_pairs(records, k, is_open, met, step) for records, k, is_open, met in free]
            _pair_clusters(pairs, left, right, beside, tolerance, ids_trusted, method, wait_for_ids=False)
        pairs.drop(has_time[pairs.left] & (np.arange(len(pairs.left)) >= before))
        _keep_order(pairs, left, right, timed, before)
        if len(pairs.left) == before:
            return


def _beside_pairs(records: Records, keys: Keys, is_open: Flags, paired: Ints, step: int) -> _Placed:
    """The open records in front of a chat's first pair (1) or behind its last (-1), with its number."""
    along = np.argsort(records.order[paired], kind="stable")[::step]
    is_end = np.diff(records.pair[paired[along]], prepend=NO_PAIR) != 0
    number, of = np.full(len(records) + 2, np.nan), np.full(len(records) + 2, NO_PAIR)
    number[records.order[paired[along[is_end]]] + 1], of[records.order + 1] = along[is_end], records.pair
    rows = np.flatnonzero(is_open)
    at = records.order[rows] + 1 + step
    fits = (of[at] == records.pair[rows]) & ~np.isnan(number[at])
    return rows[fits], keys[rows[fits]], number[at[fits]]


def _with_unique_key(records: Records, placed: _Placed, met: Ints) -> _Placed:
    """The records of conversations with pairs (`met`), and in the others those with a unique key."""
    rows, key, place = placed
    pair = records.pair[rows]
    once = pl.DataFrame({"pair": pair, "key": key}).select(pl.struct("pair", "key").is_unique()).to_series()
    kept = once.to_numpy() | np.isin(pair, met)
    return rows[kept], key[kept], place[kept]


def _keep_order(pairs: Pairs, left: Records, right: Records, timed: Flags, since: int) -> None:
    """Drops new pairs (from `since`) that cross others; each conversation keeps its longest ordered run."""
    at = np.flatnonzero(~timed[left.pair[pairs.left]])
    if not len(at):
        return
    gone = np.zeros(len(pairs.left), bool)
    gone[at] = ~in_common_order(left, right, pairs.left[at], pairs.right[at])
    gone[:since] = False
    pairs.drop(gone)


def in_common_order(left: Records, right: Records, li: Ints, ri: Ints) -> Flags:
    """Which pairs both files hold in one order: the longest such run of each conversation."""
    along = np.argsort(left.order[li], kind="stable")
    kept = np.zeros(len(li), bool)
    # Conversations occupy separate ranges, so one longest rising run over all keeps each one's own.
    kept[along] = longest_rising(right.order[ri[along]])
    return kept


def longest_rising(values: Ints) -> Flags:
    """Which values belong to a longest rising subsequence of distinct values (patience sorting, n log n)."""
    kept = np.ones(len(values), bool)
    if not len(values):
        return kept
    # What lies in order with everything around it needs no search.
    largest = np.maximum.accumulate(values)
    least = np.minimum.accumulate(values[::-1])[::-1]
    loose = np.flatnonzero((largest > values) | (least < values))
    kept[loose] = False
    tails: list[int] = []
    tops: list[int] = []
    back: dict[int, int] = {}
    for i, value in zip(loose.tolist(), values[loose].tolist(), strict=True):
        place = bisect_left(tails, value)
        back[i] = tops[place - 1] if place else -1
        tails[place : place + 1], tops[place : place + 1] = [value], [i]
    at = tops[-1] if tops else -1
    while at >= 0:
        kept[at] = True
        at = back[at]
    return kept


def slots(left: Records, right: Records, pairs: Pairs, li: Ints, ri: Ints) -> tuple[Floats, Floats]:
    """The place of each record among the pairs: the number, in left order, of the pair before it.

    Records with equal numbers lie between the same confident neighbours. Without a pair before it, a record has the
    number of the first pair of its conversation minus one half.
    """
    order = by_rank(left.order[pairs.left], len(left))
    placed_left, placed_right = left.order[pairs.left[order]], right.order[pairs.right[order]]
    number = np.arange(len(order), dtype=np.float64)
    pair = left.pair[pairs.left[order]]
    by_right = by_rank(placed_right, len(right))
    return (
        _place_among_pairs(left.order[li], left.pair[li], placed_left, pair, number),
        _place_among_pairs(right.order[ri], right.pair[ri], placed_right[by_right], pair[by_right], number[by_right]),
    )


def _place_among_pairs(place: Ints, pair: Ints, placed: Ints, pair_of: Ints, number: Floats) -> Floats:
    """Position of each record between the pairs already found in its conversation."""
    if not len(placed):
        return np.zeros(len(place))
    behind = np.searchsorted(placed, place, side="left")
    low, high = np.clip(behind - 1, 0, None), np.clip(behind, None, len(placed) - 1)
    has_low = (behind > 0) & (pair_of[low] == pair)
    has_high = (behind < len(placed)) & (pair_of[high] == pair)
    return np.where(has_low, number[low], np.where(has_high, number[high] - 0.5, 0.0))


def spread_slots(
    left: Records, right: Records, pairs: Pairs, li: Ints, ri: Ints, timed: Flags
) -> tuple[Floats, Floats]:
    """`slots`; without times, those beyond the first and last pair lie farther off with each row between."""
    found = slots(left, right, pairs, li, ri)
    if timed.all():
        return found
    for records, rows, paired, place in ((left, li, pairs.left, found[0]), (right, ri, pairs.right, found[1])):
        ends = np.full((2, len(timed)), np.nan)
        np.fmin.at(ends[0], records.pair[paired], records.order[paired])
        np.fmax.at(ends[1], records.pair[paired], records.order[paired])
        first, last = np.where(timed, np.nan, ends)[:, records.pair[rows]]
        beyond = np.maximum(records.order[rows] - last - 1, 0.0) - np.maximum(first - records.order[rows] - 1, 0.0)
        place[:] += np.nan_to_num(beyond)
    return found


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
