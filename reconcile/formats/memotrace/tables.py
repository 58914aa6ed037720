"""MemoTrace 2.x/3.x CSV and workbook: `<remark>(<account>)/<remark>.csv` or `.xlsx`, one a chat.

Producer: MemoTrace (留痕), zprolab/WeChatMsg exporter. Container: CSV headed 消息ID,类型,发送人,时间,内容,备注,昵称,更多信息; XLSX with the
sheets 聊天记录 (the same heading), 成员信息 and an empty one, pictures in the cells. Encoding: of CSV UTF-8 with byte order mark, CRLF.
Time zone: none stated; local time of the exporting PC, to the second.
Cannot say: who the owner is (in direct chats the folder's name or 成员信息 tells), ids of quoted messages, length of voices,
digests of pictures, the amount of a red packet; file sizes are rounded.
"""

from pathlib import Path

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.memotrace.rows import HEADING, KINDS, table_rows
from reconcile.intake.contract import Note, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.frames import notes_of
from reconcile.intake.messages.naming import is_account, kind_of_account
from reconcile.intake.messages.parts import Part, titled_part, unknown_kinds
from reconcile.intake.source import Source
from reconcile.intake.tables.csv import read_csv, require_heading
from reconcile.intake.tables.workbook import Sheet, first_rows, other_sheets, read_sheets
from reconcile.vocabulary import ConversationKind, NoteCode


class MemotraceCsv(FileReader, form="memotrace_csv"):
    """Reader of MemoTrace's CSV."""

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat's rows; the folder's name tells the peer."""
        require_heading(source, file, *self.headings)
        table, notes = read_csv(source, file, never_empty=("时间",))
        rows = table_rows(table)
        notes += unknown_kinds(rows, KINDS, source.relative(file))
        return titled_part(source, file, rows.drop("type_name"), notes)


SHEET, MEMBERS = "聊天记录", "成员信息"


class MemotraceXlsx(FileReader, form="memotrace_xlsx"):
    """Reader of MemoTrace's workbook."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the sheet's first row is MemoTrace's heading."""
        rows = first_rows(source, file, SHEET, 1)
        return bool(rows) and tuple(rows[0][: len(HEADING)]) == HEADING

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat's rows; folder or member sheet tells the peer."""
        name = source.relative(file)
        sheets = read_sheets(source, file)
        rows = sheets.get(SHEET, [])
        if not rows or tuple(rows[0][: len(HEADING)]) != HEADING:
            raise UnreadableSource(source.path, f"{file}: expected a sheet {SHEET} headed {','.join(HEADING)}")
        table, notes = parse_sheet(rows, name)
        notes += other_sheets(sheets, (SHEET, MEMBERS), name)
        messages = table_rows(table)
        notes += unknown_kinds(messages, KINDS, name)
        part = titled_part(source, file, messages.drop("type_name"), notes)
        members = _member_rows(sheets.get(MEMBERS, []))
        if part.conversation_kind is ConversationKind.GROUP:
            part.members = [
                {"group_id": part.conversation, "member_id": m["id"], "name": m["nickname"]} for m in members
            ]
            part.contacts = members
        elif len(members) == 1 and not is_account(part.conversation):
            _set_peer(part, members[0]["id"])
        return part


def parse_sheet(rows: Sheet, name: str) -> tuple[pl.DataFrame, list[Note]]:
    """The rows of a sheet below its heading, and notes on skipped rows and cells beside the columns."""
    body = [r[: len(HEADING)] for r in rows[1:]]
    table = pl.DataFrame(
        {h: pl.Series([r[i] for r in body], dtype=pl.String) for i, h in enumerate(HEADING)}
    ).with_row_index("line", offset=2)
    # A bug of the exporter: a voice's link begins a new row that holds nothing else.
    stray = (pl.col("类型") == "") & (pl.col("时间") == "")
    words = pl.coalesce(pl.when(pl.col(h) != "").then(h) for h in ("内容", "消息ID", "发送人"))
    notes = notes_of(
        NoteCode.ROW_SKIPPED, _with_locator(table, name, words).filter(stray & words.is_not_null()), excerpt="words"
    )
    # A cell beyond the heading belongs to no column.
    beyond = pl.Series([" ".join(filter(None, r[len(HEADING) :])) or None for r in rows[1:]], dtype=pl.String)
    notes += notes_of(
        NoteCode.ODD_VALUE, _with_locator(table, name, beyond).filter(beyond.is_not_null()), excerpt="words"
    )
    return table.filter(~stray), notes


def _with_locator(table: pl.DataFrame, name: str, words: pl.Expr | pl.Series) -> pl.DataFrame:
    return table.with_columns(pl.format("{}#{}", pl.lit(name), "line").alias("locator"), words.alias("words"))


def _member_rows(rows: Sheet) -> list[dict[str, str]]:
    """Members of a room with account and names; empty where the sheet lists none."""
    if len(rows) < 2 or not {"wxid", "昵称"} <= set(rows[0]):
        return []
    at = {h: i for i, h in enumerate(rows[0]) if h}
    return [
        {
            "id": r[at["wxid"]],
            "nickname": r[at["昵称"]],
            "alias": r[at["微信号"]] if "微信号" in at else "",
            "remark": "",
        }
        for r in rows[1:]
        if r[at["wxid"]]
    ]


def _set_peer(part: Part, account: str) -> None:
    """Set the chat's key, and the peer as sender of the others' rows, from its only member."""
    named = part.conversation
    part.conversation, part.conversation_kind = account, kind_of_account(account)
    part.peer = account
    part.rows = part.rows.with_columns(
        pl.when(pl.col("sender") == named).then(pl.lit(account)).otherwise("sender").alias("sender")
    )
    part.contacts = [c | {"id": account} if c["id"] == named else c for c in part.contacts]
