r"""MemoTrace 2.x/3.x Markdown: `聊天记录/<remark>(<account>)/<remark>.md`, days as headings.

Producer: MemoTrace (留痕), zprolab/WeChatMsg exporter. Container: Markdown. Encoding: UTF-8. Time zone: none stated; local time of the
exporting PC, to the second.
Cannot say: ids, who the owner is (in direct chats the folder's name tells), file names, digests, voice length; red packets, music,
notes, pats and unknown kinds are not written at all. Markdown escapes are undone.
"""

from pathlib import Path

import polars as pl

from reconcile.formats.memotrace.rows import kind_by_body
from reconcile.intake.contract import Note, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.messages.parts import Part, titled_part
from reconcile.intake.source import Source
from reconcile.intake.text.blocks import split_blocks
from reconcile.intake.text.decode import head_text, read_text, with_line_feeds
from reconcile.intake.text.near_headings import near_headings
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind
from reconcile.wechat.client_sentences import notice_kind
from reconcile.wechat.escapes import unescape_markdown

_DAY = r"^#### (\d{4}-\d\d-\d\d)\r?$"
_MESSAGE = r"^\*\*(\d\d:\d\d:\d\d) (.*?)\*\*:(.*)$"
_NOTICE = r"^> (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (.*)$"
_HEADING = r"^#{2,4} \d{4}(?:-\d\d){0,2}\r?$"
_HEADED = r"^(?:\*\*\d\d:\d\d:\d\d .*?\*\*:|> \d{4}-\d\d-\d\d \d\d:\d\d:\d\d|#{2,4} .*)"
_OURS = lazy_pattern(r"(?s)^\ufeff?## \d{4}\r?\n\r?\n### \d{4}-\d\d\r?\n\r?\n#### \d{4}-\d\d-\d\d\r?\n")
# Headers are marked with a character that no text contains, so that no words can look like a header.
_MARK = "\x1e"
HEADER = r"^\x1e(?P<time>[^\x1e]*)\x1e(?P<name>[^\x1e]*)\x1e(?P<rest>.*)$"
_QUOTE = r"(?s)^(?P<reply>.*?) \n> (?P<quoted>.*)$"


class MemotraceMd(FileReader, form="memotrace_md"):
    """Reader of MemoTrace's Markdown."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the three headings stand at the beginning."""
        return _OURS.match(head_text(source, file)) is not None

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat's rows, escapes undone; the folder's name tells the peer."""
        text, notes = read_text(source, file)
        lines = pl.Series(
            "text", with_line_feeds(text).replace("\r\n", "\n").replace("\r", "\n").replace(_MARK, "").split("\n")
        )
        marked = _marked(lines)
        blocks, more = split_blocks(
            "\n".join(marked), HEADER, source.relative(file), after_blank=False, look_near=False, is_ended=True
        )
        notes += _notes_near_headings(lines, marked, blocks["line"] - 1, source.relative(file))
        name = unescape_markdown(pl.col("name"))
        speech = pl.col("name") != ""
        # One empty line ends each block; more follow before a day's heading.
        body = pl.col("text").str.replace(r"\n+$", "").str.strip_prefix("\n")
        quote = body.str.extract_groups(_QUOTE)
        quoted = unescape_markdown(quote.struct.field("quoted"))
        is_quote = speech & quoted.is_not_null()
        words = unescape_markdown(pl.coalesce(quote.struct.field("reply"), body))
        kind = pl.when(is_quote).then(pl.lit(str(Kind.QUOTE))).otherwise(kind_by_body(words))
        rows = blocks.select(
            "line",
            pl.col("time").alias("sent_raw"),
            pl.when(is_quote).then(words).otherwise(unescape_markdown(body)).alias("text"),
            pl.when(speech).then(kind).otherwise(notice_kind(body)).alias("kind"),
            pl.when(is_quote).then(quoted).alias("quoted_text"),
            pl.when(speech).then(name).alias("sender_name"),
        )
        return titled_part(source, file, rows, [*notes, *more])


def _notes_near_headings(lines: pl.Series, marked: pl.Series, read: pl.Series, name: str) -> list[Note]:
    """Notes on lines that look like headings of messages, notices or days but were not read as such.

    A day's heading counts for all rows below it.
    """
    heads = pl.concat([read, (lines.str.contains(_HEADING) & (marked == "")).arg_true()]).sort()
    own = lines.gather(heads).str.extract(_HEADED, 0)
    return near_headings(lines, heads, name, own=own)


def _marked(text: pl.Series) -> pl.Series:
    """The lines with message headers rewritten as marked lines of day and time; day headings are emptied."""
    lines = text.to_frame("text")
    after_blank = pl.col("text").shift(1, fill_value="") == ""
    day = pl.when(after_blank).then(pl.col("text").str.extract(_DAY)).forward_fill()
    message = pl.col("text").str.extract_groups(_MESSAGE).struct
    notice = pl.col("text").str.extract_groups(_NOTICE).struct
    headed = pl.concat_str(
        pl.lit(_MARK),
        day,
        pl.lit(" "),
        message.field("1"),
        pl.lit(_MARK),
        message.field("2"),
        pl.lit(_MARK),
        message.field("3").str.strip_prefix(" "),
    )
    told = pl.concat_str(pl.lit(_MARK), notice.field("1"), pl.lit(_MARK + _MARK), notice.field("2"))
    heading = after_blank & pl.col("text").str.contains(_HEADING)
    return lines.select(
        pl.when(after_blank & headed.is_not_null()).then(headed).when(after_blank & told.is_not_null()).then(told)
        .when(heading).then(pl.lit("")).otherwise("text").alias("text")
    )["text"]  # fmt: skip
