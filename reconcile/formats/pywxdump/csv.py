"""PyWxDump CSV: `<chat>_<offset>_<end>.csv`, pages of one chat, users.json beside them.

Producer: PyWxDump (xaoyaoo/PyWxDump) 2.4 to 3.1. Container: CSV headed id,MsgSvrID,type_name,is_sender,talker,room_name,msg,src,
CreateTime, or, from January to July 2024, with one column content = JSON {src, msg} in place of msg and src. Encoding: UTF-8
without mark, CRLF. Time zone: none stated; local time of the exporting PC, to the second.
Cannot say: red packets by name (未知), file names where the file was not on the PC (src False), digests, the state of a transfer
that was not received; rows of one second at a page's edge may come twice or not at all.
"""

from pathlib import Path

import orjson
import polars as pl

from reconcile.formats.pywxdump.pages import PagesReader
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.json.duplicate_keys import dropped_values
from reconcile.intake.source import Source
from reconcile.intake.tables.csv import read_csv, require_heading
from reconcile.vocabulary import NoteCode


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
    return _text_or_json(found["msg"]), _text_or_json(found.get("src")), is_more


def _text_or_json(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()
