"""PyWxDump's chats: pages of one chat as CSV or JSON beside users.json, or its HTML page's data.

Producer: PyWxDump (xaoyaoo/PyWxDump) 2.4 to 3.1. Container: `<chat>_<offset>_<end>.csv` headed id,MsgSvrID,type_name,is_sender,
talker,room_name,msg,src,CreateTime or, from January to July 2024, with one column content = JSON {src, msg} in place of msg and
src; `.json`, an array of objects with MsgSvrID, type_name, room_name; `data.js` beside the viewer, JavaScript that assigns
local_mywxid, local_user_list, local_msg_list, the lists being JSON. Encoding: UTF-8, of CSV without mark and with CRLF.
Time zone: none stated; local time of the exporting PC, to the second.
Cannot say: red packets by name (未知), file names where the file was not on the PC (src false), digests, the state of a transfer
that was not received; rows of one second at a page's edge may come twice or not at all.
"""

import re
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path

import orjson
import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.pywxdump.part import pywxdump_part, users_beside, users_of
from reconcile.formats.pywxdump.rows import ROW_KEYS
from reconcile.intake.contract import Note, ReadOptions, shorten_notes
from reconcile.intake.file_reader import FileReader
from reconcile.intake.json.columns import read_array
from reconcile.intake.json.duplicate_keys import dropped_values
from reconcile.intake.json.objects import embedded, frame_of_lists, page_after, rows_of_page
from reconcile.intake.json.rows import JsonArray
from reconcile.intake.json.values import text_or_json
from reconcile.intake.messages.naming import is_account
from reconcile.intake.messages.pages import join_pages, page_of
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.intake.tables.csv import read_csv, require_heading
from reconcile.vocabulary import NoteCode

LIST, USERS, OWNER, COUNT = (
    b"const local_msg_list = ",
    b"const local_user_list = ",
    b"const local_mywxid = ",
    b"const local_msg_count = ",
)
_SHARED = ("MsgSvrID", "type_name", "is_sender", "talker", "room_name", "msg", "src", "CreateTime")


class PagesReader(FileReader):
    """A reader whose files are pages of chats; a subclass reads one page (`page`)."""

    @abstractmethod
    def page(self, source: Source, file: Path) -> tuple[pl.DataFrame, list[Note]]:
        """One page's rows under PyWxDump's own column names, and its notes."""

    def parts(self, source: Source, files: Sequence[Path], options: ReadOptions) -> list[Part]:
        """The pages of each chat in order."""
        read = [(file, *self.page(source, file)) for file in files]
        folders = {source.relative(f): f for f in files}
        notes = {source.relative(f): n for f, _, n in read}
        pages = join_pages([page_of(f, source.relative(f), t) for f, t, _ in read], _SHARED)
        return [
            pywxdump_part(p.rows, p.name, users_beside(source, folders[p.name]), [*notes[p.name], *more])
            for p, more in pages
        ]


class PywxdumpCsv(PagesReader, form="pywxdump_csv"):
    """Reader of PyWxDump's CSV, both ages."""

    def page(self, source: Source, file: Path) -> tuple[pl.DataFrame, list[Note]]:
        """One page's rows; the early form's one column is split."""
        require_heading(source, file, *self.headings)
        table, notes = read_csv(source, file, never_empty=("type_name", "CreateTime"))
        if "content" in table.columns:
            table, more = _split(table, source.relative(file))
            notes += more
        return table.with_columns(pl.col("id").cast(pl.Int64, strict=False)), notes


def _split(table: pl.DataFrame, name: str) -> tuple[pl.DataFrame, list[Note]]:
    """`msg` and `src` from the single column of the early form.

    A cell of another shape stays whole and is noted.
    """
    notes: list[Note] = []
    words: list[str | None] = []
    paths: list[str | None] = []
    for line, cell in table.select("line", "content").iter_rows():
        both = _words_and_path(cell)
        if both is None:
            notes.append(Note(NoteCode.BROKEN_BODY, f"{name}#{line}", (cell or "")[:200]))
        elif both[2]:
            notes.append(Note(NoteCode.ODD_VALUE, f"{name}#{line}", (cell or "")[:200]))
        words.append(cell if both is None else both[0])
        paths.append(None if both is None else both[1])
    split = table.drop("content").with_columns(
        pl.Series("src", paths, dtype=pl.String), pl.Series("msg", words, dtype=pl.String)
    )
    return split, shorten_notes(notes)


def _words_and_path(cell: str | None) -> tuple[str | None, str | None, bool] | None:
    """Words and path of a cell, and whether it holds more than those two, or one of them twice."""
    try:
        found = orjson.loads(cell or "")
    except orjson.JSONDecodeError:
        return None
    if not isinstance(found, dict) or "msg" not in found:
        return None
    is_more = bool(found.keys() - {"msg", "src"}) or (
        (cell or "").count('":') > len(found) and dropped_values((cell or "").encode(), found) > 0
    )
    return text_or_json(found["msg"]), text_or_json(found.get("src")), is_more


class PywxdumpJson(PagesReader, form="pywxdump_json"):
    """Reader of PyWxDump's JSON."""

    def page(self, source: Source, file: Path) -> tuple[pl.DataFrame, list[Note]]:
        """One page's rows."""
        return read_array(JsonArray(source, source.relative(file), key=None), ROW_KEYS, drop=("extra",))


class PywxdumpHtml(FileReader, form="pywxdump_html"):
    """Reader of the data of PyWxDump's page."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the script assigns the list."""
        return page_after(file, LIST).lstrip().startswith(b"[")

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """The chat's rows; the script names the owner."""
        name = source.relative(file)
        notes: list[Note] = []
        rows = rows_of_page(source, file, LIST, notes)
        try:
            users = users_of(embedded(source, file, USERS))
        except UnreadableSource:
            users = {}
        owner = re.match(rb"'([^']{1,64})'", page_after(file, OWNER))
        count = re.match(rb"(\d{1,10})\s", page_after(file, COUNT))
        account = owner[1].decode("utf-8", "replace") if owner else None
        frame = frame_of_lists([rows], ROW_KEYS, drop=("extra",))
        part = pywxdump_part(
            frame,
            name,
            users or users_beside(source, file),
            notes,
            account if account and is_account(account) else None,
        )
        part.stated_count = int(count[1]) if count else None
        return part
