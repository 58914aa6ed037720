"""One row of one copy as printed: local time, names, text with marked spans."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from reconcile.report.counts import SideRows
from reconcile.report.difference import Spans, segments
from reconcile.report.masking import Masker
from reconcile.report.media import MediaBox
from reconcile.report.model_findings import Cell
from reconcile.report.posts_model import PostPart
from reconcile.report.visible import visible_line
from reconcile.vocabulary import Side, TimePrecision

COLUMNS = (
    "row",
    "locator",
    "conversation",
    "sent_at",
    "sent_raw",
    "time_precision",
    "text",
    "sender",
    "sender_name",
    "is_self",
    "message_id",
    "local_id",
    "kind",
    "media_hash",
    "amount",
    "duration",
    "file_name",
    "status",
    "post_row",
    "quoted_text",
    "raw",
)
_FORMATS = {
    TimePrecision.MILLISECOND: "%Y-%m-%d %H:%M:%S",
    TimePrecision.SECOND: "%Y-%m-%d %H:%M:%S",
    TimePrecision.MINUTE: "%Y-%m-%d %H:%M",
    TimePrecision.DAY: "%Y-%m-%d",
}

RawRow = Mapping[str, Any]


def local_time(at: datetime | None, zone: str, precision: str = "second") -> str | None:
    """The time in the report's zone, no finer than the export states it; null stays null."""
    if at is None:
        return None
    form = _FORMATS.get(TimePrecision(precision), "%Y-%m-%d %H:%M:%S")
    local = at.astimezone(ZoneInfo(zone))
    return local.strftime(form) + (f".{local.microsecond // 1000:03d}" if precision == "millisecond" else "")


def fetch_rows(side: SideRows, rows: Iterable[int]) -> dict[int, RawRow]:
    """The raw rows of one side by row number; missing rows are left out."""
    wanted = pl.Series("row", sorted(set(rows)), dtype=pl.UInt32)
    columns = [c for c in COLUMNS if c in side.frame.columns]
    if side.is_dense and side.frame.height:
        found = side.frame.select(columns)[wanted.filter(wanted < side.frame.height)]
    else:
        found = side.frame.select(columns).filter(pl.col("row").is_in(wanted.implode()))
    return {row["row"]: row for row in found.iter_rows(named=True)}


class CellMaker:
    """Makes cells, with the zone, the length limit and the masking of one report."""

    def __init__(self, zone: str, most: int, masker: Masker, media: MediaBox | None = None) -> None:
        self._zone, self._most, self._masker, self._media = zone, most, masker, media

    def cell(
        self, side: Side, row: RawRow, spans: Spans | None = None, text: str | None = None, post: PostPart | None = None
    ) -> Cell:
        """The printed form of a raw row; `text` is its masked text if the caller has it already."""
        words = self.words(row) if text is None else text
        parts, before, after = segments(words, spans or [], self._most)
        return Cell(
            side=side,
            row=(row["row"] if post is None else row["post_row"]) + 1,
            locator=self._masker.shown_place(row["locator"]),
            at=local_time(row["sent_at"], self._zone, row["time_precision"]) or visible_line(row["sent_raw"]),
            sender=self._masker.shown_name(row["sender_name"] or row["sender"]),
            sender_id=self._masker.shown_name(row["sender"]) if row["sender_name"] else None,
            is_self=row["is_self"],
            kind=row["kind"],
            text=parts,
            cut_before=before,
            cut_after=after,
            message_id=visible_line(row["message_id"]),
            local_id=row["local_id"],
            amount=visible_line(row["amount"]),
            media_hash=visible_line(row["media_hash"]),
            duration=row["duration"],
            file_name=self._masker.shown_text(row["file_name"]) or None if post is None else None,
            status=row["status"],
            quoted=self._masker.shown_text(row.get("quoted_text")) or None if post is None else None,
            post=post,
            media=self._media.of(side, row) if self._media is not None and post is None else None,
        )

    def words(self, row: RawRow) -> str:
        """The raw text, with third parties masked if asked."""
        return self._masker.text(row["text"] or "")
