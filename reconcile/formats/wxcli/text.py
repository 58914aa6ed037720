"""wx-cli Markdown and text: the file of `wx export -f markdown` or `-f txt`, one chat.

Producer: jackwener/wx-cli, src/cli/export.rs. Container: Markdown `# chat`, `### time`, `**name**: words`; or text
`=== chat (n 条) ===`, `[time] name: words`. Encoding: UTF-8. Time zone: none stated; local time of the computer, to the minute.
Cannot say: ids and accounts; seconds; who the owner of a group's copy is; addresses of links; what wx-cli's JSON cannot say.
In a direct chat the other party's rows bear no name.
"""

import re
from dataclasses import replace
from pathlib import Path

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.wxcli.rows import Chat, stated_extent, with_bodies, with_speakers
from reconcile.intake.contract import Note, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.intake.text.decode import head_text
from reconcile.intake.text.lines import blocks_of, control_notes, lines_of
from reconcile.intake.text.near_headings import near_headings
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode
from reconcile.wechat.clock import times_of

_MINUTE = r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}"
_TEXT_TOP = lazy_pattern(r"^=== (?P<title>.*?)(?P<group>\[群\])? \((?P<count>[0-9]{1,9}) 条\) ===$")
_PAGE_TOP = lazy_pattern(r"^# (?P<title>.*?)(?P<group>（群聊）)?$")
_PAGE_COUNT = lazy_pattern(r"^> 导出 (?P<count>[0-9]{1,9}) 条消息$")
_TEXT_HEAD, _PAGE_HEAD = rf"^\[({_MINUTE})\] (.*)$", rf"^### ({_MINUTE})$"
_WARNING = r"^(?:\[wx\] 警告：|> )(.*(?:结果可能不完整|可能过期或不完整).*)$"
_PAGE_NAME = r"(?s)^\*\*(?P<name>[^\n]*?)\*\*: (?P<rest>.*)$"
_TEXT_NAME = r"(?s)^(?P<name>[^\n\[:][^\n:]{0,79}): (?P<rest>.*)$"
_FIRST_LINES = 40
# From this share of rows on, versions that do not mark groups name everybody; and names from which the chat is one.
_NAMED_SHARE, _LEAST_MEMBERS = 0.9, 3


class WxcliText(FileReader, form="wxcli_text"):
    """Reader of wx-cli's Markdown and text."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether top lines name the chat and its number of messages, and a message begins as wx-cli's."""
        lines = head_text(source, file).splitlines()[:_FIRST_LINES]
        top = _parse_top(lines)
        head = _PAGE_HEAD if top and top[2] else _TEXT_HEAD
        return top is not None and (not top[1] or any(re.match(head, line) for line in lines))

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat."""
        name = source.relative(file)
        lines, notes = lines_of(source, file)
        top = _parse_top(lines.head(_FIRST_LINES).to_list())
        if top is None:
            raise UnreadableSource(
                source.path, f"{file}: no heading with the number of messages; expected wx-cli's text"
            )
        chat, count, is_page = top
        is_head = lines.str.contains(_PAGE_HEAD if is_page else _TEXT_HEAD)
        if is_page:
            is_head &= lines.shift(-1, fill_value="") == ""
        rows = _page_rows(lines, is_head) if is_page else _text_rows(lines, is_head, chat)
        named = rows["name"].filter(rows["name"].fill_null("").is_in(["", chat.title]).not_())
        chat = replace(chat, is_group=chat.is_group or named.n_unique() >= _LEAST_MEMBERS)
        rows = with_speakers(
            with_bodies(rows.with_columns(pl.lit(None, dtype=pl.String).alias("label")), options.limits), chat
        )
        rows = pl.concat([rows, times_of(rows["sent_raw"], options.timezone)], how="horizontal")
        warnings = lines.head(_FIRST_LINES).str.extract(_WARNING, 1).drop_nulls().to_list()
        said = stated_extent(rows, "possibly_stale" if warnings else None)
        told = [Note(NoteCode.LIMIT_REACHED, name, w[:200]) for w in warnings]
        notes += told or said.notes(name)
        notes += near_headings(lines, is_head.arg_true(), name) + control_notes(lines, name)
        return Part(
            rows.drop("name", "label"), name, chat.title, chat.title, chat.kind, stated_count=count, owner=chat.owner(rows),
            peer=chat.peer, has_seconds=False, filters=said.filters(rows, chat.title), notes=notes,
        )  # fmt: skip


def _parse_top(lines: list[str]) -> tuple[Chat, int, bool] | None:
    """The chat, the stated number of messages, and whether the file is Markdown; None for another form."""
    told = [line.removeprefix("\ufeff") for line in lines]
    if told and (text := _TEXT_TOP.match(told[0])):
        return Chat(text["title"], None, bool(text["group"])), int(text["count"]), False
    page = _PAGE_TOP.match(told[0]) if told else None
    count = next((c for line in told[1:6] if (c := _PAGE_COUNT.match(line))), None)
    return (Chat(page["title"], None, bool(page["group"])), int(count["count"]), True) if page and count else None


def _page_rows(lines: pl.Series, is_head: pl.Series) -> pl.DataFrame:
    """line, sent_raw, name, text of Markdown; a further line of a body has a quotation mark before it."""
    blocks = blocks_of(lines, is_head)
    body = pl.col("body").str.strip_prefix("\n").str.strip_suffix("\n")
    parts = body.str.extract_groups(_PAGE_NAME)
    return blocks.select(
        "line",
        pl.col("header").str.extract(_PAGE_HEAD, 1).alias("sent_raw"),
        parts.struct.field("name"),
        pl.coalesce(parts.struct.field("rest"), body).str.replace_all("\n> ", "\n", literal=True).alias("text"),
    )


def _text_rows(lines: pl.Series, is_head: pl.Series, chat: Chat) -> pl.DataFrame:
    """line, sent_raw, name, text of text.

    In a direct chat one name stands before the owner's rows, and at most the chat's before the others. What else looks
    like a name belongs to the words, unless nearly all rows have one.
    """
    blocks = blocks_of(lines, is_head)
    heads = blocks["header"].str.extract_groups(_TEXT_HEAD).struct.unnest()
    below = pl.col("body")
    text = pl.when(below != "").then(pl.concat_str(heads["2"], below, separator="\n")).otherwise(heads["2"])
    rows = blocks.select("line", heads["1"].alias("sent_raw"), text.alias("whole"))
    parts = rows["whole"].str.extract_groups(_TEXT_NAME).struct.unnest()
    is_name = parts["name"].is_not_null()
    if not chat.is_group and is_name.sum() < _NAMED_SHARE * len(is_name):
        counted = parts["name"].filter(parts["name"] != chat.title).value_counts(name="n")
        most = counted.filter(pl.col("n") == pl.col("n").max())["name"].to_list()
        is_name = parts["name"].is_in([chat.title, *(most if len(most) == 1 else [])]).fill_null(value=False)
    return rows.select(
        "line",
        "sent_raw",
        parts["name"].set(~is_name, None).alias("name"),
        pl.when(is_name).then(parts["rest"]).otherwise("whole").alias("text"),
    )
