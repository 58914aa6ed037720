"""The rows before and after a finding, in both copies, in order of time."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.column_ops import has_one_value
from reconcile.frames import Findings
from reconcile.report.counts import LEFT, RIGHT, SideRows
from reconcile.vocabulary import Side

Place = tuple[str, int]


class Order:
    """The rows of one side of one conversation by time; rows without a time follow the row before them."""

    def __init__(self, rows: pl.DataFrame) -> None:
        at = rows["at"]
        timed = rows if at.null_count() == 0 else rows.with_columns(at.forward_fill().fill_null(0))
        ordered = timed if timed["at"].is_sorted() else timed.sort("at", "row")
        self._rows = ordered["row"].to_numpy()
        self._at = ordered["at"].to_numpy()
        self._is_by_row = ordered["row"].is_sorted()

    @cached_property
    def _by_row(self) -> npt.NDArray[np.int64]:
        """Positions in order of row number."""
        return np.argsort(self._rows, kind="stable")

    def position(self, row: int) -> int:
        """The row's position; 0 if it has none."""
        # With a number of another type, numpy would copy all rows each time.
        wanted = self._rows.dtype.type(row)
        if self._is_by_row:
            return int(self._rows.searchsorted(wanted))
        places = self._by_row
        nth = min(int(self._rows.searchsorted(wanted, sorter=places)), len(places) - 1)
        return int(places[nth]) if self._rows[places[nth]] == wanted else 0

    def position_at(self, at: int) -> int:
        """The position where a row of this time (µs since 1970) would be."""
        return int(self._at.searchsorted(at))

    def rows(self, start: int, stop: int) -> list[int]:
        """Row numbers of the positions start to stop-1, clipped to existing ones."""
        low = max(0, start)
        return [int(row) for row in self._rows[low : max(low, stop)]]

    def at(self, row: int) -> int:
        """The row's time, µs since 1970; without one, that of the row before."""
        return int(self._at[min(self.position(row), len(self._at) - 1)])


def _rows_by_code(kept: pl.DataFrame) -> dict[tuple[Any, ...], pl.DataFrame]:
    """The rows of each conversation, by its code."""
    if has_one_value(kept["code"]):
        return {(kept["code"][0],): kept.drop("code")}
    return kept.partition_by("code", as_dict=True, include_key=False)


class Orders:
    """The orders of every conversation with something to print."""

    def __init__(self, sides: dict[str, SideRows], conversations: Iterable[str]) -> None:
        self._orders: dict[tuple[str, str], Order] = {}
        wanted = set(conversations)
        for side in (LEFT, RIGHT):
            names = sides[side].names
            codes = pl.Series([i for i, name in enumerate(names) if name in wanted], dtype=sides[side].codes.dtype)
            frame = sides[side].frame.select("row", pl.col("sent_at").to_physical().alias("at"))
            kept = frame.with_columns(sides[side].codes.alias("code"))
            if len(codes) < len(names) or sides[side].codes.null_count():
                kept = kept.filter(pl.col("code").is_in(codes.implode()))
            for (code,), part in _rows_by_code(kept).items():
                self._orders[side, names[code]] = Order(part)

    def of(self, side: str, conversation: str) -> Order | None:
        """The order of one side; None where it has no row of the conversation."""
        return self._orders.get((side, conversation))

    def around(self, conversation: str, focus: list[Place], most: int, skew: float) -> set[Place]:
        """Rows within `most` positions of the focus; on a side without focus rows, those nearest in time.

        `skew` is left clock minus right clock in seconds.
        """
        found: set[Place] = set()
        held = {side: [row for s, row in focus if s == side] for side in (LEFT, RIGHT)}
        for side, rows in held.items():
            order = self.of(side, conversation)
            if order is None:
                continue
            if rows:
                places = [order.position(row) for row in rows]
                first, last = min(places), max(places)
            else:
                first, last = self._rows_facing(conversation, side, held, skew)
            near = order.rows(first - most, first) + order.rows(last + 1, last + 1 + most)
            found |= {(side, row) for row in near}
        return found - set(focus)

    def _rows_facing(self, conversation: str, side: str, held: dict[str, list[int]], skew: float) -> tuple[int, int]:
        """First and last position on this side nearest in time to the other side's focus rows."""
        other = RIGHT if side == LEFT else LEFT
        facing, order = self.of(other, conversation), self.of(side, conversation)
        assert facing is not None
        assert order is not None
        shift = round(skew * 1e6) * (1 if side == LEFT else -1)
        times = [facing.at(row) + shift for row in held[other]]
        return order.position_at(min(times)), order.position_at(max(times)) - 1


def lines_touching(findings: Findings, places: Iterable[Place]) -> dict[Place, dict[str, Any]]:
    """Alignment lines by each of the given places that they hold."""
    wanted = {side: pl.Series([r for s, r in places if s == side], dtype=pl.UInt32) for side in (LEFT, RIGHT)}
    found = (
        findings.alignment.lazy()
        .with_row_index("line")
        .filter(pl.col("left_row").is_in(wanted[LEFT].implode()) | pl.col("right_row").is_in(wanted[RIGHT].implode()))
        .with_columns(pl.col("relation", "cause").cast(pl.String))
        .collect()
    )
    out: dict[Place, dict[str, Any]] = {}
    for line in found.iter_rows(named=True):
        out.update(dict.fromkeys(places_of(line), line))
    return out


def places_of(line: dict[str, Any]) -> list[Place]:
    """The places (side and row) of an alignment line."""
    return [(side.value, line[f"{side}_row"]) for side in Side if line[f"{side}_row"] is not None]
