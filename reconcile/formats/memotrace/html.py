"""MemoTrace 2.x/3.x HTML page, `<remark>.html`: one file a chat, data in `const chatMessages = [...]`.

Producer: MemoTrace (留痕), zprolab/WeChatMsg exporter. Container: HTML with a JSON array in a script. Encoding: UTF-8.
Time zone: none needed, unix seconds.
Cannot say: the owner's account (the folder's name tells the peer's), the amount of a red packet; sizes are 0 where the file was
not on the PC, and digests are there only where the message's XML was.
"""

import re
from pathlib import Path

import polars as pl

from reconcile.formats.memotrace.rows import LIST_KEYS, forward_items, list_rows, xml_hash, xml_native
from reconcile.intake.contract import Note, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.json.objects import frame_of_lists, page_after, rows_of_page, with_items
from reconcile.intake.messages.parts import Part, part_with_own_rows
from reconcile.intake.source import Source
from reconcile.wechat.escapes import unescape_html

MARKER = b"const chatMessages = "
_JSON_LIST = re.compile(rb'^\s*\[\s*(?:\{\s*"|\])')


class MemotraceHtml(FileReader, form="memotrace_html"):
    """Reader of MemoTrace's page."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether its list is JSON; pages of the first generation hold JavaScript literals."""
        return _JSON_LIST.match(page_after(file, MARKER)) is not None

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat's rows; the folder's name tells the peer."""
        name = source.relative(file)
        notes: list[Note] = []
        rows = rows_of_page(source, file, MARKER, notes)
        found: list[dict[str, object]] = []
        pieces = with_items([rows], found, forward_items, name)
        frame = frame_of_lists(
            pieces, LIST_KEYS, {"xml_hash": xml_hash, "xml_native": xml_native}, ("avatar_src", "xml_dict")
        )
        part = part_with_own_rows(source, file, _unescaped(list_rows(frame)), notes)
        part.is_shown = False
        part.witnesses = found
        return part


def _unescaped(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows' words without the entities that the page puts into every string but addresses."""
    return rows.with_columns(
        pl.when(pl.col(c).str.starts_with("http")).then(c).otherwise(unescape_html(pl.col(c))).alias(c)
        for c in ("text", "sender_name", "quoted_text", "file_name", "url", "raw_description")
    )
