r"""WeChatMsg 0.x/1.x TXT: `data/聊天记录/<remark>/<remark>.txt`, blocks of `time name`, text, empty line.

Producer: WeChatMsg (留痕, first generation), LC044/WeChatMsg app/util/exporter/exporter_txt.py. Container: text. Encoding: UTF-8.
Time zone: none stated; local time of the exporting PC, to the second.
Cannot say: ids, accounts, who the owner is (in direct chats the file's name tells). Transfers, red packets, forwards, calls, cards,
places, mini programs and every kind that was not ticked are not written at all; a quote of a quote stands as 引用:未知. A line shaped
like a header inside the words is told from one by the order of times only. HTML escapes in links are undone.
"""

from pathlib import Path

import polars as pl

from reconcile.formats.shared.text_generations import txt_generation
from reconcile.intake.contract import ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.messages.file_names import chat_of_file
from reconcile.intake.messages.parts import Part, titled_part
from reconcile.intake.source import Source
from reconcile.intake.text.blocks import split_blocks
from reconcile.intake.text.decode import head_text, read_text
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind
from reconcile.wechat.client_sentences import notice_kind
from reconcile.wechat.escapes import unescape_html

HEADER = r"^(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (?P<name>[^\r]+)\r?$"
_FIRST = lazy_pattern(r"^\ufeff?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [^\r\n]+\r?\n")
_NAMES, _OTHER_ENDS = lazy_pattern(r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ([^\r\n]+)\r?$"), (":", "：")
# A header above words that are not set in, and a line that calls the words below it a text, which another tool writes.
_BARE_WORDS = lazy_pattern(r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [^\r\n]+\r?\n(?![ \t]{2,}\S)")
_TAGGED = lazy_pattern(r"(?im)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [^\r\n]+\r?\n\[(?:文本|文字|text)\]\r?$")
_BODIES = (
    (Kind.IMAGE, r"^\[图片\]$"), (Kind.VOICE, r"^\[语音\]$"), (Kind.VIDEO, r"^\[视频\]$"), (Kind.STICKER, r"^\[表情包\]$"), (Kind.FILE, r"^\[文件\]$"),
    (Kind.LINK, r"^(?:\s*\[链接\]:title:|\[音乐分享\]$)"), (Kind.QUOTE, r"\n引用:"),
)  # fmt: skip


# A sign before a name, and a remark in brackets behind it.
_SIGN, _REMARK = lazy_pattern(r"[-—–|·•<>~*]\s"), lazy_pattern(r"(.*\S)\s*[(（][^()（）]+[)）]")


def _are_dressed(names: list[str]) -> bool:
    """Whether all names have a sign before them, or a remark behind them that changes for one name."""
    told = {n: m[1] for n in {*names} if (m := _REMARK.fullmatch(n))}
    return bool(names) and (all(map(_SIGN.match, names)) or len({*told.values()}) < len(told) == len({*names}))


class WechatmsgTxt(FileReader, form="wechatmsg_txt"):
    """Reader of WeChatMsg's TXT."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the text begins with this form's header.

        A text without any generation's mark is read as this form, which promises least. A colon behind every name, or
        in all of several, is another tool's, and so are a line `[文本]` below it, words all set in, and signs or remarks
        beside all names.
        """
        head = head_text(source, file).lstrip("\ufeff\n")
        is_first = not file.name.endswith("_chat.txt") and _FIRST.match(head) is not None
        if not is_first or _TAGGED.search(head) or not _BARE_WORDS.search(head):
            return False
        names = _NAMES.findall(head)
        if _are_dressed(names):
            return False
        has_words = len({*names}) > 1 and all(any(c in n for c in _OTHER_ENDS) for n in names)
        return txt_generation(head) == 1 and not has_words and not all(n.endswith(_OTHER_ENDS) for n in names)

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat's rows; the file's name tells the peer."""
        text, notes = read_text(source, file)
        blocks, more = split_blocks(
            text, HEADER, source.relative(file), chat_of_file(source, file), bare_is_notice=True, is_ended=True
        )
        speech = pl.col("name").fill_null("") != ""
        found = pl.lit(str(Kind.TEXT))
        for kind, pattern in reversed(_BODIES):
            found = pl.when(pl.col("text").str.contains(pattern)).then(pl.lit(str(kind))).otherwise(found)
        unescaped = unescape_html(pl.col("text").str.replace_all('\\"', '"', literal=True)).str.strip_chars("\n ")
        name = unescape_html(
            pl.col("name").str.replace_all('\\"', '"', literal=True).str.replace_all("\\'", "'", literal=True)
        )
        rows = blocks.select(
            "line",
            pl.col("time").alias("sent_raw"),
            "text",
            pl.when(speech).then(found).otherwise(notice_kind(pl.col("text"))).alias("kind"),
            pl.when(speech).then(name).alias("sender_name"),
        )
        rows = rows.with_columns(
            pl.when(pl.col("kind") == str(Kind.LINK)).then(unescaped).otherwise("text").alias("text")
        )
        return titled_part(source, file, rows, [*notes, *more])
