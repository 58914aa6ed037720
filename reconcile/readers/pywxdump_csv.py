"""PyWxDump CSV: `<chat>_<offset>_<end>.csv`, pages of one chat, users.json beside them.

Producer: PyWxDump (xaoyaoo/PyWxDump) 2.4 to 3.1. Container: CSV headed id,MsgSvrID,type_name,is_sender,talker,room_name,msg,src,
CreateTime, or, from January to July 2024, with one column content = JSON {src, msg} in place of msg and src. Encoding: UTF-8
without mark, CRLF. Time zone: none stated; local time of the exporting PC, to the second.
Cannot say: red packets by name (未知), file names where the file was not on the PC (src False), digests, the state of a transfer
that was not received; rows of one second at a page's edge may come twice or not at all.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from reconcile.intake.contract import FormLimits, Note, ReadOptions
from reconcile.intake.csvfile import csv_heading, read_csv, require_heading
from reconcile.intake.filereader import FileReader
from reconcile.intake.pages import join_pages, page_of
from reconcile.intake.parts import Part
from reconcile.intake.pywxdump import pywxdump_part, users_beside
from reconcile.intake.source import Source
from reconcile.vocabulary import Kind, NoteCode

HEADING = ("id", "MsgSvrID", "type_name", "is_sender", "talker", "room_name", "msg", "src", "CreateTime")
EARLY = ("id", "MsgSvrID", "type_name", "is_sender", "talker", "room_name", "content", "CreateTime")
_SHARED = ("MsgSvrID", "type_name", "is_sender", "talker", "room_name", "msg", "src", "CreateTime")


class PywxdumpCsv(FileReader):
    """Reader of PyWxDump's CSV, both ages."""

    name = "pywxdump_csv"
    title = "PyWxDump CSV"
    tool = "PyWxDump"
    tested_with = "PyWxDump 3.1 (@d62e846); WeClone's fixtures of the early form"
    limits = FormLimits(
        kinds_without_content=frozenset({Kind.IMAGE, Kind.VIDEO, Kind.STICKER, Kind.FILE, Kind.RED_PACKET}),
        kinds_merged={Kind.RED_PACKET: Kind.OTHER},
    )
    suffixes = (".csv",)
    companions = ("users.json", "index.html")
    looked_for = "a CSV headed id,MsgSvrID,type_name,is_sender,talker,room_name,msg,src,CreateTime"
    richness = 40

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the heading is PyWxDump's, of either age."""
        return csv_heading(source, file)[0] in (HEADING, EARLY)

    def parts(self, source: Source, files: Sequence[Path], options: ReadOptions) -> list[Part]:
        """The pages of each chat in order."""
        read = [(file, *_table(source, file)) for file in files]
        folders = {source.relative(f): f for f in files}
        notes = {source.relative(f): n for f, _, n in read}
        joined = join_pages([page_of(f, source.relative(f), t) for f, t, _ in read], _SHARED)
        return [
            pywxdump_part(p.rows, p.name, users_beside(source, folders[p.name]), [*notes[p.name], *more])
            for p, more in joined
        ]

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One page's rows."""
        return self.parts(source, [file], options)[0]


def _table(source: Source, file: Path) -> tuple[pl.DataFrame, list[Note]]:
    require_heading(source, file, HEADING, EARLY)
    table, notes = read_csv(source, file, never_empty=("type_name", "CreateTime"))
    if "content" in table.columns:
        table, more = _split(table, source.relative(file))
        notes += more
    return table.with_columns(pl.col("id").cast(pl.Int64, strict=False)), notes


def _split(table: pl.DataFrame, name: str) -> tuple[pl.DataFrame, list[Note]]:
    whole = pl.col("content").str.contains(r'^\{"src": .*"msg": .*\}$|^\{"msg": .*\}$')
    broken = table.filter(~whole)
    notes = [
        Note(NoteCode.BROKEN_BODY, f"{name}#{n}", c[:200])
        for n, c in broken.select("line", "content").head(50).iter_rows()
    ]
    inner = pl.when(whole).then("content").otherwise(pl.lit("{}"))
    both = table.select(inner.str.json_decode(pl.Struct({"src": pl.String, "msg": pl.String})).alias("c")).unnest("c")
    split = table.with_columns(both["src"], both["msg"])
    return split.with_columns(pl.when(whole).then("msg").otherwise("content").alias("msg")).drop("content"), notes
