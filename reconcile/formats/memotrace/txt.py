"""MemoTrace 2.x/3.x TXT: `聊天记录/<remark>(<account>)/<remark>.txt`, blocks of `time name` and text.

Producer: MemoTrace (留痕), zprolab/WeChatMsg exporter. Container: text. Encoding: UTF-8. Time zone: none stated; local time of the
exporting PC, to the second.
Cannot say: ids, who the owner is (in direct chats the folder's name tells), kinds but by the body's placeholder, which a person can
type as well; quoted ids, digests but of files, voice length, the amount of a red packet. A line shaped like a header inside the
words is told from one by the order of times and by its name only.
"""

from pathlib import Path

import polars as pl

from reconcile.formats.memotrace.rows import kind_by_body
from reconcile.formats.shared.text_generations import txt_generation
from reconcile.intake.contract import ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.messages.file_names import chat_of_file, titled_account
from reconcile.intake.messages.parts import Part, titled_part
from reconcile.intake.source import Source
from reconcile.intake.text.blocks import split_blocks
from reconcile.intake.text.decode import head_text, read_text
from reconcile.patterns import lazy_pattern
from reconcile.wechat.client_sentences import notice_kind

HEADER = r"^(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?: (?P<name>[^\r]*))?\r?$"
_FIRST = lazy_pattern(r"^\ufeff?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?: [^\r\n]*)?\r?\n")


class MemotraceTxt(FileReader, form="memotrace_txt"):
    """Reader of MemoTrace's TXT."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the text begins with a header and shows what only this generation writes."""
        head = head_text(source, file).lstrip("\ufeff\n")
        return not file.name.endswith("_chat.txt") and _FIRST.match(head) is not None and txt_generation(head) == 2

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat's rows; the folder's name tells the peer."""
        text, notes = read_text(source, file)
        title, account = titled_account(file.parent.name)
        blocks, more = split_blocks(
            text, HEADER, source.relative(file), title if account else chat_of_file(source, file)
        )
        speech = pl.col("name").fill_null("") != ""
        rows = blocks.select(
            "line",
            pl.col("time").alias("sent_raw"),
            "text",
            pl.when(speech).then(kind_by_body(pl.col("text"))).otherwise(notice_kind(pl.col("text"))).alias("kind"),
            pl.when(speech).then("name").alias("sender_name"),
        )
        return titled_part(source, file, rows, [*notes, *more])
