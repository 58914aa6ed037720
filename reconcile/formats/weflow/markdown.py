"""WeFlow Markdown: `<title>.md`, a list of facts, then `## time name` and the words, escaped.

Producer: WeFlow 5, hicccc77/WeFlow electron/services/export. Container: Markdown. Encoding: UTF-8.
Time zone: none stated; local time of the exporting PC, to the second.
Cannot say: message ids, accounts of senders, kinds (told by the body's placeholder), notices (they look like speech), digests,
voice length; voices and unknown kinds stand as [其他消息]; line feeds of Windows and a leading `[A-Za-z0-9_-]+:` are lost.
Markdown escapes are undone.
"""

import re
from pathlib import Path

import polars as pl

from reconcile.formats.weflow.part import OWN_NAME, weflow_part
from reconcile.formats.weflow.rows import kind_by_body, stripped
from reconcile.intake.contract import ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.intake.text.blocks import split_blocks
from reconcile.intake.text.decode import head_text, read_text
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind
from reconcile.wechat.clock import ASSUMED_ZONE, parse_times
from reconcile.wechat.escapes import unescape_markdown
from reconcile.wechat.text import whole_number

HEADER = r"^## (?P<time>\d{4}\\?-\d\d\\?-\d\d \d\d:\d\d:\d\d) (?P<name>.+)$"
_FACTS = lazy_pattern(r"(?m)^- (会话ID|会话类型|消息数量|导出时间|导出工具): (.*)$")
_QUOTE = r"(?s)^(?P<block>(?:>[^\n]*\n)+)\n(?P<reply>.*)$"


class WeflowMd(FileReader, form="weflow_md"):
    """Reader of WeFlow's Markdown."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the list of facts names the tool."""
        return "\n- 导出工具: WeFlow" in head_text(source, file).replace("\r\n", "\n").split("\n## ", 1)[0]

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat's rows, escapes undone."""
        name = source.relative(file)
        text, notes = read_text(source, file)
        head, _, _ = text.partition("\n---")
        facts = dict(_FACTS.findall(head.replace("\r\n", "\n")))
        blocks, more = split_blocks(text[len(head) + 4 :] if facts else text, HEADER, name, is_ended=True)
        shift = head.count("\n") + 1
        is_direct = facts.get("会话类型", "").strip() != "群聊"
        rows = _message_rows(blocks.with_columns(pl.col("line") + shift), is_direct=is_direct)
        account = facts.get("会话ID", "").strip("`\r ") or None
        title = re.sub(r"\\(.)", r"\1", head.split("\n", 1)[0].removeprefix("# ").strip()) or None
        part = weflow_part(
            rows, file, name, options, [*notes, *more], account=account, title=title, kind=facts.get("会话类型")
        )
        count = facts.get("消息数量", "").strip()
        part.stated_count = whole_number(count)
        exported = facts.get("导出时间", "").replace("\\", "")
        part.exported_at = parse_times(pl.Series([exported]), options.timezone or ASSUMED_ZONE)["sent_at"][0]
        return part


def _message_rows(blocks: pl.DataFrame, *, is_direct: bool) -> pl.DataFrame:
    """Messages in the columns of a part; a block quote above the words makes a quote."""
    # An empty line separates heading and words.
    body = pl.col("text").str.strip_prefix("\n")
    parts = body.str.extract_groups(_QUOTE)
    block = parts.struct.field("block")
    quoted = unescape_markdown(block.str.strip_suffix("\n").str.replace_all(r"(?m)^> ?", ""))
    is_quote = block.is_not_null()
    text = unescape_markdown(pl.coalesce(parts.struct.field("reply"), body))
    # The form prints this for words of which nothing is left.
    text = pl.when(text != "[文本消息]").then(text).otherwise(pl.lit(""))
    kind = pl.when(is_quote).then(pl.lit(str(Kind.QUOTE))).otherwise(kind_by_body(text))
    named = quoted.str.extract_groups(r"(?s)^([^\n]{1,80}?): (.*)$")
    name = unescape_markdown(pl.col("name"))
    return blocks.select(
        "line",
        pl.col("time").alias("sent_raw"),
        text.alias("text"),
        kind.alias("kind"),
        stripped(kind).alias("text_quality"),
        pl.when(is_quote).then(pl.coalesce(named.struct.field("2"), quoted)).alias("quoted_text"),
        pl.when(is_quote).then(named.struct.field("1")).alias("quoted_sender"),
        name.alias("sender"),
        name.alias("sender_name"),
        # In groups each row has its sender's name, even the owner's rows.
        pl.when((name == OWN_NAME).any() | pl.lit(is_direct)).then(name == OWN_NAME).alias("is_self"),
    )
