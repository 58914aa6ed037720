"""Where rows without a partner stand among the paired ones, and what it costs a pair to stand elsewhere."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.lookup import order_of

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int32]
Codes = npt.NDArray[np.uint32]


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


def places_of(partners: list[Rows], orders: list[Ints | None], codes: list[Codes]) -> list[Places]:
    """Places of the rows without a partner, by side.

    A left row stands with the last paired row before it, and before its conversation's first pair at that conversation's start. The price of
    another place is learnt: on phones of a group neighbouring messages swap often under jitter, hardly ever without.

    Args:
        partners: of every row of each side the partner's row, -1 = none.
        orders: running number of every row in display order; None = rows stand in it.
        codes: conversation of every row.
    """
    alone = [np.flatnonzero(p < 0) for p in partners]
    at = [rows if o is None else o[rows] for rows, o in zip(alone, orders, strict=True)]
    # How many paired right rows stand before each place, itself among them.
    counted = np.cumsum(_in_order(partners[1] >= 0, orders[1]), dtype=np.int32)
    left, stands = _chain(partners[0], orders[0])
    theirs = partners[0][left]
    ranks = counted[theirs if orders[1] is None else orders[1][theirs]]
    size = int(max(c.max(initial=0) for c in codes)) + 2
    pairs = codes[0][left] if size > 2 else None
    before = np.searchsorted(stands, at[0], side="right")
    last = np.where(before > 0, ranks[np.maximum(before, 1) - 1], 0)
    if pairs is not None:
        base = np.cumsum(np.bincount(pairs + 1, minlength=size))
        last = np.maximum(last, base[codes[0][alone[0]]])
    price = _crossing(ranks, pairs, size)
    return [
        Places(rows, x.astype(np.int64), price[codes[side][rows]], np.ones(len(rows), bool))
        for side, (rows, x) in enumerate(zip(alone, (last, counted[at[1]]), strict=True))
    ]


def _in_order(marks: Bools, order: Ints | None) -> Bools:
    if order is None:
        return marks
    placed = np.empty(len(marks), bool)
    placed[order] = marks
    return placed


def _chain(partners: Rows, order: Ints | None) -> tuple[Rows | Ints, Ints]:
    """The paired rows in display order, and where each stands."""
    rows = np.flatnonzero(partners >= 0)
    if order is None:
        return rows, rows
    placed = np.full(len(partners), -1, np.int32)
    placed[order[rows]] = rows
    stands = np.flatnonzero(placed >= 0)
    return placed[stands], stands


def _crossing(ranks: Rows, pairs: Codes | None, size: int) -> Floats:
    """By pair: the price of another place, from the share of paired left rows whose partners stand the other way round. pairs: None = all are of one."""
    back = ranks[1:] < ranks[:-1]
    if pairs is None:
        share = np.full(size, back.sum() / max(len(ranks), 1))
    else:
        swapped = pairs[1:][back & (pairs[1:] == pairs[:-1])]
        share = np.bincount(swapped, minlength=size) / np.maximum(np.bincount(pairs, minlength=size), 1)
    price: Floats = np.clip(-np.log(np.clip(share, 1e-3, 1.0)), 0.0, 6.0)
    return price


def display_order(times: Ints, codes: Codes) -> Ints | None:
    """Running number of each row in display order (by conversation, time, then row); None where the rows stand in it already."""
    order = order_of(codes, times)
    if order is None:
        return None
    at = np.empty(len(order), np.int64)
    at[order] = np.arange(len(order))
    return at
