"""MemoTrace 2.x/3.x page, and the data beside it, which are its richest form.

Files: `<remark>.html` and `<remark>.html.json`, one a chat.

Producer: MemoTrace (留痕), zprolab/WeChatMsg exporter. Container: an array of objects with server_id, is_send, timestamp; in HTML in
a script, `const chatMessages = [...]`. Encoding: UTF-8. Time zone: none needed, unix seconds.
Cannot say: the owner's account (the folder's name tells the peer's), the amount of a red packet; sizes are 0 where the file was
not on the PC, and digests are there only where the message's XML was.
"""

from dataclasses import replace
from pathlib import Path

import polars as pl

from reconcile.formats.memotrace.rows import LIST_KEYS, forward_items, list_rows, xml_hash, xml_native
from reconcile.intake.contract import Note, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.json.objects import frame_of_lists, page_after, rows_of_page, with_items
from reconcile.intake.json.rows import JsonArray
from reconcile.intake.messages.parts import Part, part_with_own_rows
from reconcile.intake.source import Source
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode
from reconcile.wechat.escapes import unescape_html

MARKER = b"const chatMessages = "
_JSON_LIST = lazy_pattern(rb'^\s*\[\s*(?:\{\s*"|\])')
_DERIVED = {"xml_hash": xml_hash, "xml_native": xml_native}
_DROPPED = ("avatar_src", "xml_dict")


class MemotraceJson(FileReader, form="memotrace_json"):
    """Reader of MemoTrace's HTML sidecar."""

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat's rows; the folder's name tells the peer."""
        name = source.relative(file)
        array = JsonArray(source, name, key=None)
        found: list[dict[str, object]] = []
        pieces = with_items(array.pieces(), found, forward_items, name)
        rows = frame_of_lists(pieces, LIST_KEYS, _DERIVED, _DROPPED, list_rows)
        notes = [Note(NoteCode.ROW_SKIPPED, name, "", array.odd_members)] if array.odd_members else []
        return _list_part(source, file, rows, found, notes, ".html.json")


class MemotraceHtml(FileReader, form="memotrace_html"):
    """Reader of MemoTrace's page."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether its list is JSON; pages of the first generation hold JavaScript literals."""
        return _JSON_LIST.match(page_after(file, MARKER)) is not None

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat's rows; the folder's name tells the peer."""
        notes: list[Note] = []
        found: list[dict[str, object]] = []
        pieces = with_items([rows_of_page(source, file, MARKER, notes)], found, forward_items, source.relative(file))
        rows = list_rows(frame_of_lists(pieces, LIST_KEYS, _DERIVED, _DROPPED))
        return _list_part(source, file, _unescaped(rows), found, notes)


def _list_part(
    source: Source, file: Path, rows: pl.DataFrame, witnesses: list[dict[str, object]], notes: list[Note], *endings: str
) -> Part:
    """The part of a list of objects, whose texts are stored bodies and not shown ones."""
    return replace(part_with_own_rows(source, file, rows, notes, *endings), is_shown=False, witnesses=witnesses)


def _unescaped(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows' words without the entities that the page puts into every string but addresses."""
    return rows.with_columns(
        pl.when(pl.col(c).str.starts_with("http")).then(c).otherwise(unescape_html(pl.col(c))).alias(c)
        for c in ("text", "sender_name", "quoted_text", "file_name", "url", "raw_description")
    )
