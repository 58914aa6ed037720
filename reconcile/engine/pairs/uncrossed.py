"""Pairs of like messages that meet crosswise, though their times say which belong together."""

from dataclasses import replace

import numpy as np
import polars as pl

from reconcile.engine.clocks.clock import Clock
from reconcile.engine.pairs.settle import CANONICAL, WEIGHED, Pairs
from reconcile.engine.pairs.weighed import Weighed
from reconcile.engine.params import Params
from reconcile.engine.records import Flags, Floats, Ints, Records

# What tells the records of one side apart, beside their times and places.
_TOLD_BY = ("party", "text", "kind", "amount", "duration", "file_name", "reply_to", "quoted_text", "status", "media_hash", "message_id", "native_id")  # fmt: skip


def uncross(left: Records, right: Records, pairs: Pairs, weighed: Weighed, clock: Clock, params: Params) -> Weighed:
    """Exchanges the partners of two pairs of like messages whose times then lie closer.

    Only times and places distinguish such messages. A clock that is off by seconds may pair one with the next message
    of the same author and words. `pairs` is changed in place.

    Returns:
        What was weighed, with the pairs that its solution still holds.
    """
    times = (left.t - clock.before)[pairs.left], right.t[pairs.right]
    before = pairs.right.copy()
    for step in (0, 1):
        one, two = _alike(left, right, pairs, times, params)[step::2].T
        crossed = _lie_closer(times, one, two, params)
        one, two = one[crossed], two[crossed]
        both = np.concatenate([one, two])
        pairs.right[both] = pairs.right[np.concatenate([two, one])]
        # Where one of them was settled by equal content, both have it.
        settled = (pairs.method[one] != WEIGHED) | (pairs.method[two] != WEIGHED)
        pairs.method[both[np.tile(settled, 2)]] = CANONICAL
        times = times[0], right.t[pairs.right]
    return weighed if (before == pairs.right).all() else _still_held(weighed, pairs, len(right))


def _alike(left: Records, right: Records, pairs: Pairs, times: tuple[Floats, Floats], params: Params) -> Ints:
    """Pairs of pairs whose records are alike on each side, neighbours by left time; one was weighed."""
    known = np.flatnonzero(~np.isnan(times[0]) & ~np.isnan(times[1]))
    off = known[np.abs(times[0] - times[1])[known] > params.late_settle_seconds]
    off = off[pairs.method[off] == WEIGHED]
    if not len(off):
        return np.zeros((0, 2), np.int64)
    # Only pairs with the words of such a pair can be like it.
    texts = left.frame["text"]
    is_said = texts.is_in(texts[pairs.left[off]].unique().implode()).to_numpy()
    at = known[is_said[pairs.left[known]]]
    told = pl.DataFrame({"at": at, "pair": left.pair[pairs.left[at]], "t": times[0][at]})
    for records, rows, side in ((left, pairs.left, "left"), (right, pairs.right, "right")):
        columns = records.frame.select(_TOLD_BY)[rows[at]]
        told = told.with_columns(columns.hash_rows(seed=31).alias(side))
    told = told.sort("pair", "left", "right", "t", "at")
    follows = (pl.struct("pair", "left", "right") == pl.struct("pair", "left", "right").shift(-1)).fill_null(
        value=False
    )
    near = told.select("at", two=pl.col("at").shift(-1)).filter(told.select(follows).to_series())
    both = near.to_numpy().astype(np.int64)
    some: Ints = both[np.isin(both, off).sum(axis=1) > 0]
    return some


def _lie_closer(times: tuple[Floats, Floats], one: Ints, two: Ints, params: Params) -> Flags:
    """Whether two pairs cross, and their times lie closer, within the window, with each other's partners."""
    (a, b), (x, y) = (times[0][one], times[0][two]), (times[1][one], times[1][two])
    now, then = np.abs(a - x) + np.abs(b - y), np.abs(a - y) + np.abs(b - x)
    near = np.maximum(np.abs(a - y), np.abs(b - x)) <= params.window_seconds
    closer: Flags = (y < x) & near & (then < now - params.equal_time_seconds)
    return closer


def _still_held(weighed: Weighed, pairs: Pairs, n: int) -> Weighed:
    """What was weighed, whose solution holds those of its pairs that are still accepted."""
    held = np.isin(weighed.left * np.int64(n) + weighed.right, pairs.left * np.int64(n) + pairs.right)
    kept = held[weighed.solution.pair]
    if kept.all():
        return weighed
    solution = weighed.solution
    return replace(
        weighed, solution=replace(solution, pair=solution.pair[kept], pair_margin=solution.pair_margin[kept])
    )


__all__ = ["uncross"]
