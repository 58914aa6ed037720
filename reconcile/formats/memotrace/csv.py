"""MemoTrace 2.x/3.x CSV: `聊天记录/<remark>(<account>)/<remark>.csv`, one file a chat.

Producer: MemoTrace (留痕), zprolab/WeChatMsg exporter. Container: CSV headed 消息ID,类型,发送人,时间,内容,备注,昵称,更多信息.
Encoding: UTF-8 with byte order mark, CRLF. Time zone: none stated; local time of the exporting PC, to the second.
Cannot say: who the owner is (in direct chats the folder's name tells), ids of quoted messages, length of voices, digests of
pictures, the amount of a red packet; file sizes are rounded.
"""

from pathlib import Path

from reconcile.formats.memotrace.rows import KINDS, table_rows
from reconcile.intake.contract import ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.messages.parts import Part, titled_part, unknown_kinds
from reconcile.intake.source import Source
from reconcile.intake.tables.csv import read_csv, require_heading


class MemotraceCsv(FileReader, form="memotrace_csv"):
    """Reader of MemoTrace's CSV."""

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat's rows; the folder's name tells the peer."""
        require_heading(source, file, *self.headings)
        table, notes = read_csv(source, file, never_empty=("时间",))
        rows = table_rows(table)
        notes += unknown_kinds(rows, KINDS, source.relative(file))
        return titled_part(source, file, rows.drop("type_name"), notes)
