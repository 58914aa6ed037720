"""Where rows without a partner stand among the paired ones, and what it costs a pair to stand elsewhere."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Places:
    """x: place of each of the rows (ascending) among those paired, in right rows; crossing: the price of another place; known: neither is null."""

    rows: Ints
    x: Ints
    crossing: Floats
    known: Bools

    def of(self, rows: Ints) -> list[pl.Series]:
        """`x` (null = unknown) and `crossing` of some of the rows."""
        at = np.searchsorted(self.rows, rows)
        known = pl.when(pl.lit(pl.Series(self.known[at]))).then(pl.lit(pl.Series(self.x[at])))
        return [pl.select(known.alias("x"))["x"], pl.Series("crossing", self.crossing[at])]

    def kept_but_for(self, renewed: Bools, before: "Places | None") -> "Places":
        """These places where `renewed` says so, those of before elsewhere."""
        if before is None:
            return Places(self.rows, self.x, np.where(renewed, self.crossing, 0.0), renewed)
        at = np.searchsorted(before.rows, self.rows)
        return Places(
            self.rows, np.where(renewed, self.x, before.x[at]), np.where(renewed, self.crossing, before.crossing[at]),
            renewed | before.known[at],
        )  # fmt: skip


def places_of(partners: list[Ints], orders: list[Ints], codes: list[npt.NDArray[np.uint32]]) -> list[Places]:
    """Places of the rows without a partner, by side.

    A left row stands with the last paired row before it, and before its conversation's first pair at that conversation's start. The price of
    another place is learnt: on phones of a group neighbouring messages swap often under jitter, hardly ever without.

    Args:
        partners: of every row of each side the partner's row, -1 = none.
        orders: running number of every row in display order.
        codes: conversation of every row.
    """
    alone = [np.flatnonzero(p < 0) for p in partners]
    right = np.flatnonzero(partners[1] >= 0)
    settled = np.zeros(len(partners[1]), np.int64)
    settled[orders[1][right]] = 1
    counted = np.cumsum(settled)
    # In display order of the left side: where each paired row stands, and where its partner does.
    left = np.flatnonzero(partners[0] >= 0)
    at = orders[0][left]
    if (at[1:] < at[:-1]).any():
        turn = np.argsort(at, kind="stable")
        left, at = left[turn], at[turn]
    ranks = counted[orders[1][partners[0][left]]]
    size = int(max(c.max(initial=0) for c in codes)) + 2
    base = np.cumsum(np.bincount(codes[1][right] + 1, minlength=size))
    before = np.searchsorted(at, orders[0][alone[0]], side="right")
    last = np.where(before > 0, ranks[np.maximum(before, 1) - 1], 0)
    places = [np.maximum(last, base[codes[0][alone[0]]]), counted[orders[1][alone[1]]]]
    price = _crossing(ranks, codes[0][left], size)
    return [
        Places(rows, x.astype(np.int64), price[codes[side][rows]], np.ones(len(rows), bool))
        for side, (rows, x) in enumerate(zip(alone, places, strict=True))
    ]


def _crossing(ranks: Ints, pairs: npt.NDArray[np.uint32], size: int) -> Floats:
    """By pair: the price of another place, from the share of paired left rows whose partners stand the other way round."""
    back = pairs[1:][(ranks[1:] < ranks[:-1]) & (pairs[1:] == pairs[:-1])]
    share = np.bincount(back, minlength=size) / np.maximum(np.bincount(pairs, minlength=size), 1)
    return np.clip(-np.log(np.clip(share, 1e-3, 1.0)), 0.0, 6.0)


def display_order(times: Ints, codes: Ints) -> Ints:
    """Running number of each row in display order: by conversation, time, then row."""
    rows = np.arange(len(times))
    up, level = codes[1:] > codes[:-1], codes[1:] == codes[:-1]
    if len(rows) < 2 or bool((up | (level & (times[1:] >= times[:-1]))).all()):
        return rows
    order = rows if bool((times[1:] >= times[:-1]).all()) else np.argsort(times, kind="stable")
    # By time, then stably by the lower and the upper half of the code: numpy counts sixteen bits instead of comparing them.
    for half in (codes & 0xFFFF, codes >> 16):
        digits = half[order].astype(np.uint16)
        order = order[np.argsort(digits, kind="stable")] if digits.any() else order
    at = np.empty(len(rows), np.int64)
    at[order] = rows
    return at
