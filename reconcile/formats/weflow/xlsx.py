"""WeFlow workbook: `<title>.xlsx`, full or compact columns, one sheet 聊天记录 a chat.

Producer: WeFlow 1 to 5, hicccc77/WeFlow electron/services/export. Container: XLSX; three rows of facts, a heading, then messages.
Encoding: none of its own. Time zone: none stated; local time of the exporting PC as text, to the second.
Cannot say: message ids; the compact columns hold no accounts of senders; digests, voice length, card names, the amount of a
red packet; voices stand as [其他消息] but are named in 消息类型; a leading `[A-Za-z0-9_-]+:` of plain text is lost.
"""

from pathlib import Path

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.weflow.part import OWN_NAME, weflow_part
from reconcile.formats.weflow.rows import TYPES, kind_by_name, settled_kind, stripped
from reconcile.intake.contract import Note, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.messages.pages import numbering_gap_notes
from reconcile.intake.messages.parts import Part, unknown_kinds
from reconcile.intake.source import Source
from reconcile.intake.tables.workbook import Sheet, first_rows, other_sheets, read_sheets
from reconcile.vocabulary import NoteCode
from reconcile.wechat.clock import ASSUMED_ZONE, parse_times

SHEET = "聊天记录"
NEEDED = frozenset({"序号", "时间", "发送者身份", "消息类型", "内容"})
_FULL = "发送者微信ID"
# Columns beside it in the full form.
_OF_FULL = frozenset({_FULL, "发送者昵称", "发送者备注", "群昵称"})


class WeflowXlsx(FileReader, form="weflow_xlsx"):
    """Reader of WeFlow's workbooks, full and compact."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the first rows are WeFlow's facts and heading."""
        rows = first_rows(source, file, SHEET, 4)
        return len(rows) >= 4 and rows[0][0] == "会话信息" and set(rows[3]) >= NEEDED

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat's rows."""
        name = source.relative(file)
        sheets = read_sheets(source, file)
        rows = sheets.get(SHEET, [])
        if len(rows) < 4 or not set(rows[3]) >= NEEDED:
            raise UnreadableSource(
                source.path, f"{file}: expected a sheet {SHEET} with the heading 序号,时间,…,消息类型,内容 in row 4"
            )
        facts = _facts(rows[:3])
        table, notes = _sheet_as_table(rows, name)
        notes += other_sheets(sheets, (SHEET,), name)
        notes += numbering_gap_notes(table["序号"].cast(pl.Int64, strict=False), name)
        messages = _message_rows(table, is_direct=not facts.get("微信ID", "").endswith("@chatroom"))
        notes += unknown_kinds(table.select(pl.col("消息类型").alias("type_name")), TYPES, name)
        part = weflow_part(
            messages, file, name, options, notes, account=facts.get("微信ID") or None, title=facts.get("备注") or None
        )
        part.tool_version = facts.get("导出版本") or None
        part.exported_at = parse_times(pl.Series([facts.get("导出时间", "")]), options.timezone or ASSUMED_ZONE)[
            "sent_at"
        ][0]
        named = [{"id": facts.get("微信ID"), "nickname": facts.get("昵称")}] if facts.get("微信ID") else []
        part.contacts = [*named, *_named_contacts(table)]
        return part


def _facts(rows: Sheet) -> dict[str, str]:
    """Label and value side by side, in any column."""
    return {r[i]: r[i + 1] for r in rows for i in range(len(r) - 1) if r[i] and r[i + 1]}


def _sheet_as_table(rows: Sheet, name: str) -> tuple[pl.DataFrame, list[Note]]:
    """The rows below the heading, and notes on rows without a time and unknown columns."""
    # A column whose heading is lost keeps its place, without a name.
    heading = {h or f"({i + 1})": i for i, h in enumerate(rows[3]) if h or any(r[i : i + 1] != [""] for r in rows[4:])}
    columns = {h: pl.Series([r[i] for r in rows[4:]], dtype=pl.String) for h, i in heading.items()}
    table = pl.DataFrame(columns).with_row_index("line", offset=5)
    empty = pl.all_horizontal(pl.col(list(heading)) == "")
    broken = table.filter((pl.col("时间") == "") & ~empty)
    notes = [Note(NoteCode.ROW_SKIPPED, f"{name}#row {n}", "") for n in broken["line"]]
    if _FULL in heading:
        notes += [Note(NoteCode.COLUMN_UNKNOWN, name, h) for h in heading if h not in NEEDED | _OF_FULL]
        absent = [pl.lit("").alias(c) for c in sorted(_OF_FULL - heading.keys())]
        table = table.with_columns(absent)
    return table.filter(pl.col("时间") != ""), notes


def _message_rows(table: pl.DataFrame, *, is_direct: bool) -> pl.DataFrame:
    """Messages in the columns of a part; with full columns, the sender is the account."""
    text = pl.col("内容")
    kind = settled_kind(pl.lit(kind_by_name(table["消息类型"])), text)
    # In groups each row has its sender's name, even the owner's rows.
    own = pl.when((pl.col("发送者身份") == OWN_NAME).any() | pl.lit(is_direct)).then(pl.col("发送者身份") == OWN_NAME)
    full = _FULL in table.columns
    return table.select(
        "line",
        pl.col("时间").alias("sent_raw"),
        text.alias("text"),
        kind.alias("kind"),
        stripped(kind).alias("text_quality"),
        pl.col(_FULL if full else "发送者身份").alias("sender"),
        (pl.col("发送者昵称") if full else pl.col("发送者身份")).alias("sender_name"),
        own.alias("is_self"),
    )


def _named_contacts(table: pl.DataFrame) -> list[dict[str, str | None]]:
    """Each sender's first names; empty where the sheet lacks the full columns."""
    if _FULL not in table.columns:
        return []
    speech = table.filter((pl.col(_FULL) != "") & (pl.col("消息类型") != "系统消息"))
    people = speech.select(
        pl.col(_FULL).alias("id"), pl.col("发送者昵称").alias("nickname"), pl.col("发送者备注").alias("remark")
    )
    return people.unique("id", keep="first", maintain_order=True).to_dicts()
