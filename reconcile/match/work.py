"""The rows of two exports while they are paired: which are open, which pairs are found, where open rows stand among paired ones."""

from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.match.group import METHOD
from reconcile.match.places import Ints, Places, Rows, display_order, places_of

UNDELIVERED = ("failed", "rejected", "sending")


def is_undelivered() -> pl.Expr:
    """Whether a row's status says that it did not reach the other side; false where it says nothing."""
    return pl.col("status").cast(pl.String).is_in(UNDELIVERED).fill_null(value=False)


Bools = npt.NDArray[np.bool_]


class Work:
    """The two frames of rows and which of them are still open. Local to one call of `align`.

    frames: all rows of each side; `row` is the place in its frame. open: by side, whether each row waits for a partner. repeated, undelivered: rows that
    their own export holds twice, or that were not delivered: they wait until everything else is settled. only: the pairs that a step is for; None = all. vague: rows that wait for a step that looks at their
    moment alone. unsure: what steps leave in doubt. counted: by side, how often what tells a row stands in its whole conversation (pair, token,
    held), of what was asked for.
    """

    def __init__(self, left: pl.DataFrame, right: pl.DataFrame, *, each: bool = False) -> None:
        self.frames = [left, right]
        self.each = each
        self.only: pl.Series | None = None
        self.vague: list[Bools] | None = None
        self.repeated: list[Bools] = [f["is_repeat"].to_numpy().copy() for f in self.frames]
        self.undelivered: list[Bools] = [
            f["status"].is_in(UNDELIVERED).fill_null(value=False).to_numpy().copy() & ~again
            for f, again in zip(self.frames, self.repeated, strict=True)
        ]
        self.open: list[Bools] = [
            f["pair"].is_not_null().to_numpy() & ~again & ~failed
            for f, again, failed in zip(self.frames, self.repeated, self.undelivered, strict=True)
        ]
        self.unsure: list[pl.DataFrame] = []
        nothing = pl.DataFrame(schema={"pair": pl.UInt32, "token": pl.String, "held": pl.UInt32})
        self.counted = [nothing, nothing]
        # The partner of every row, -1 = none; of left rows also how sure the pair is and which step found it.
        self._partners: list[Rows] = [np.full(f.height, -1, np.int32) for f in self.frames]
        self._confidence = np.zeros(left.height)
        self._method = np.zeros(left.height, np.uint8)
        self._pairs: pl.DataFrame | None = None
        self._orders: dict[tuple[int, int], Ints | None] = {}
        self._places: list[Places] | None = None
        self._waiting: list[tuple[pl.DataFrame, pl.DataFrame] | None] = [None, None]

    def take(self, pairs: pl.DataFrame) -> None:
        """Notes the pairs whose two rows are both open."""
        if pairs.is_empty():
            return
        self._pairs = None
        free = self.open[0][pairs["left_row"].to_numpy()] & self.open[1][pairs["right_row"].to_numpy()]
        pairs = pairs.filter(pl.Series(free)) if not free.all() else pairs
        left, right = (pairs[c].to_numpy() for c in ("left_row", "right_row"))
        for side, mine, theirs in ((0, left, right), (1, right, left)):
            self.open[side][mine] = False
            self._partners[side][mine] = theirs
        self._confidence[left] = pairs["confidence"].to_numpy()
        self._method[left] = pairs["method"].cast(METHOD).to_physical().to_numpy()

    def rest(self, side: int, columns: Collection[str] | None = None) -> pl.DataFrame:
        """The open rows of a side, of the pairs that the step is for; with `x` and `crossing` once rows were placed."""
        frame = self._unpaired(side)
        if columns is not None:
            frame = frame.select(c for c in frame.columns if c in columns)
        is_open = self.open[side] if frame.height == len(self.open[side]) else self.open[side][frame["row"].to_numpy()]
        if self.only is not None:
            return frame.filter(pl.Series(is_open) & pl.col("pair").is_in(self.only.implode()))
        return frame if is_open.all() else frame.filter(pl.Series(is_open))

    @property
    def partners(self) -> list[Rows]:
        """By side: the partner of every row, -1 = none."""
        return self._partners

    def is_paired(self, side: int) -> Bools:
        """Whether each row of a side has a partner by now."""
        return self._partners[side] >= 0

    def reopen(self, late: list[Bools]) -> None:
        """These rows that waited, but for those paired meanwhile, are open."""
        self.open = [
            (a | waits) & f["pair"].is_not_null().to_numpy() & ~self.is_paired(side)
            for side, (a, waits, f) in enumerate(zip(self.open, late, self.frames, strict=True))
        ]

    def close(self, late: list[Bools]) -> None:
        """These rows have no partner for now."""
        self.open = [a & ~waits for a, waits in zip(self.open, late, strict=True)]

    def pairs(self) -> pl.DataFrame:
        """The pairs found so far, by left row."""
        if self._pairs is not None:
            return self._pairs
        self._pairs = self._of_left(np.flatnonzero(self.is_paired(0)))
        return self._pairs

    def pairs_of(self, side: int, rows: pl.Series) -> pl.DataFrame:
        """The pairs of these rows of a side, without those that have none, by left row."""
        at = rows.to_numpy()
        met = at[self._partners[side][at] >= 0]
        return self._of_left(np.sort(met if side == 0 else self._partners[1][met]))

    def _of_left(self, left: npt.NDArray[np.integer[Any]]) -> pl.DataFrame:
        found = pl.DataFrame({
            "left_row": left.astype(np.uint32), "right_row": self._partners[0][left].astype(np.uint32), "confidence": self._confidence[left],
        })  # fmt: skip
        return found.with_columns(pl.Series("method", METHOD.categories, METHOD).gather(self._method[left]))

    def order(self, side: int, nowhere: int) -> Ints | None:
        """Running number of each row in display order, None = that of the rows; rows without a pair stand as if theirs were `nowhere`."""
        pairs = self.frames[side]["pair"]
        key = side, nowhere if pairs.null_count() else 0
        if key not in self._orders:
            times = self.frames[side]["t"].fill_null(0).to_numpy()
            self._orders[key] = display_order(times, pairs.fill_null(nowhere).to_numpy())
        return self._orders[key]

    def place(self) -> None:
        """`x` and `crossing` of the rows without a partner, by the pairs found so far (match.places)."""
        if not self.is_paired(0).any() or not (self.open[0].any() and self.open[1].any()):
            return
        codes = [f["pair"].fill_null(0).to_numpy() for f in self.frames]
        placed = places_of(self._partners, [self.order(side, 0) for side in (0, 1)], codes)
        if self.each:
            size = int(max(c.max(initial=0) for c in codes)) + 1
            # Alone a pair would be placed now only with pairs found, and open rows on both sides; the others keep their places.
            held = np.bincount(codes[0][self.is_paired(0)], minlength=size) > 0
            for side in (0, 1):
                held &= np.bincount(codes[side][self.open[side]], minlength=size) > 0
            placed = [
                p.kept_but_for(held[codes[side][p.rows]], self._places[side] if self._places else None)
                for side, p in enumerate(placed)
            ]
        self._places, self._waiting = placed, [None, None]

    def _unpaired(self, side: int) -> pl.DataFrame:
        """The rows of a side that had no partner when they were last looked at: few, once the equal ones have met."""
        frame, kept = self.frames[side], self._waiting[side]
        if kept is not None and kept[0] is frame:
            return kept[1]
        alone = np.flatnonzero(self._partners[side] < 0)
        rows = frame[alone] if len(alone) < frame.height else frame
        if self._places:
            rows = rows.with_columns(self._places[side].of(alone))
        self._waiting[side] = frame, rows
        return rows
