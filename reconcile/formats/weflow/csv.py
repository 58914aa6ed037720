"""WeFlow's CSV for WeClone: `<title>.csv`, one file a chat.

Producer: WeFlow 1 to 5, hicccc77/WeFlow electron/services/export. Container: CSV headed
id,MsgSvrID,type_name,is_sender,talker,msg,src,CreateTime (PyWxDump's has room_name as well). Encoding: UTF-8 with mark, CRLF.
Time zone: UTC, written with Z.
Cannot say: accounts; notices, transfers, quotes, red packets, forwards, calls and cards are all of type text (told by their
bodies, which a person can type as well), cards have no body at all; addresses of links, digests, voice length; a leading
`[A-Za-z0-9_-]+:` of plain text is lost.
"""

from pathlib import Path

import polars as pl

from reconcile.formats.weflow.part import file_title, weflow_part
from reconcile.formats.weflow.rows import kind_by_body, stripped
from reconcile.intake.contract import ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.messages.pages import numbering_gap_notes
from reconcile.intake.messages.parts import Part, unknown_kinds
from reconcile.intake.source import Source
from reconcile.intake.tables.csv import read_csv, require_heading
from reconcile.vocabulary import Kind
from reconcile.wechat.frequent_values import looked_up
from reconcile.wechat.kind_names import names_with_translations
from reconcile.wechat.kinds import KINDS, extracted_where
from reconcile.wechat.text import own_mark

TYPES = {
    "text": Kind.TEXT, "image": Kind.IMAGE, "sticker": Kind.STICKER, "video": Kind.VIDEO, "voice": Kind.VOICE, "location": Kind.LOCATION,
    "file": Kind.FILE,
}  # fmt: skip


class WeflowCsv(FileReader, form="weflow_csv"):
    """Reader of WeFlow's WeClone CSV."""

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat's rows; the file's name is its title."""
        require_heading(source, file, *self.headings)
        name = source.relative(file)
        table, notes = read_csv(source, file, never_empty=("id", "CreateTime"))
        notes += unknown_kinds(table, TYPES, name)
        notes += numbering_gap_notes(table["id"].cast(pl.Int64, strict=False), name)
        title = file_title(file)
        rows = _message_rows(table)
        return weflow_part(rows, file, name, options, notes, title=title)


def _message_rows(table: pl.DataFrame) -> pl.DataFrame:
    """Messages in the columns of a part; kinds by name, and of texts by their words."""
    text = pl.col("msg")
    named = looked_up(table["type_name"], names_with_translations(TYPES, table["type_name"]), str(Kind.OTHER), KINDS)
    # In steps, so that each is computed once for all that depend on it.
    table = table.with_columns(named.alias("kind"))
    plain = table["kind"] == str(Kind.TEXT)
    few = table["msg"].filter(plain)
    kinds = few.to_frame().select(kind_by_body(text)).to_series()
    # WeChat sends no empty texts, so a text without words is a card.
    empty = (few == "").arg_true()
    kinds = kinds if empty.is_empty() else kinds.scatter(empty, str(Kind.OTHER))
    table = table.with_columns(table["kind"].clone().scatter(plain.arg_true(), kinds))
    return table.select(
        "line",
        _bare_time(table["CreateTime"]).alias("sent_raw"),
        text.alias("text"),
        "kind",
        stripped(pl.col("kind")).alias("text_quality"),
        pl.col("MsgSvrID").alias("message_id"),
        pl.col("talker").alias("sender"),
        pl.col("talker").alias("sender_name"),
        own_mark(pl.col("is_sender")).alias("is_self"),
        extracted_where((pl.col("kind") == str(Kind.FILE)) & (pl.col("src") != ""), pl.col("src"), r"([^/\\]+)$").alias(
            "file_name"
        ),
        pl.when(pl.col("src") != "").then("src").alias("raw_src"),
    )


def _bare_time(times: pl.Series) -> pl.Expr:
    """Times without their thousandths of a second, which are never stated.

    Where all are written alike, cutting by length suffices.
    """
    time = pl.col("CreateTime")
    if times.str.len_bytes().eq(24).all() and times.str.ends_with(".000Z").all():
        return pl.format("{}Z", time.str.head(19))
    return time.str.replace(r"\.000Z$", "Z")
