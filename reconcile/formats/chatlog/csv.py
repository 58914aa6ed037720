"""chatlog CSV: `{talker}_{from}_{to}.csv`, the saved answer of /api/v1/chatlog?format=csv.

Producer: chatlog (sjzar/chatlog), internal/chatlog/http/route.go. Container: CSV headed Time,SenderName,Sender,TalkerName,
Talker,Content. Encoding: UTF-8 without mark, LF. Time zone: none stated; local time of the server, to the second.
Cannot say: server ids (of voices only), a typed text that looks like a shown body, who the owner is in groups, the content
of cards, calls, stickers and red packets.
"""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.chatlog.rows import chatlog_rows
from reconcile.intake.contract import Filter, Note, Owner, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.messages.naming import by_conversation, firsts_of, kind_of_account
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.intake.tables.csv import read_csv
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import ConversationKind, NoteCode
from reconcile.wechat.clock import ASSUMED_ZONE, parse_times

_SPAN = lazy_pattern(r"_(\d{4}-\d{2}-\d{2})_(\d{4}-\d{2}-\d{2})(?: ?\(\d+\))?$")


class ChatlogCsv(FileReader, form="chatlog_csv"):
    """Reader of chatlog's CSV."""

    def chats(self, source: Source, file: Path, options: ReadOptions) -> list[Part]:
        """The talkers of one saved answer."""
        if not self.is_mine(source, file):
            raise UnreadableSource(source.path, f"{file}: expected {self.looked_for}")
        table, notes = read_csv(source, file, ("Time", "Talker"))
        rows = table.select(
            "line",
            pl.col("Time").alias("sent_raw"),
            pl.when(pl.col("SenderName") != "").then("SenderName").alias("sender_name"),
            pl.when(pl.col("Sender") != "").then("Sender").alias("sender"),
            pl.col("Content").alias("text"),
            pl.col("Talker").alias("conversation"),
            pl.col("TalkerName").alias("talker_name"),
        )
        span = _SPAN.search(file.stem)
        if span:
            # The file's name states the selected days, though not the kinds.
            notes.append(Note(NoteCode.FILTER_STATED, source.relative(file), f"{span[1]} – {span[2]}"))
        filters = _stated_filters(span, options.timezone) if span else ()
        return _parts_of_chats(Part(chatlog_rows(rows), source.relative(file), filters=filters, notes=notes))


def _stated_filters(span: re.Match[str], timezone: str | None) -> tuple[Filter, ...]:
    """The export's span of days, the last day included."""
    days = parse_times(pl.Series([span[1], span[2]]), timezone or ASSUMED_ZONE)["sent_at"].to_list()
    first, last = days
    return (Filter(first, None if last is None else last + timedelta(days=1)),)


def _parts_of_chats(part: Part) -> list[Part]:
    """One part for each chat; in a direct chat, the only other sender is the owner."""
    if part.rows.is_empty():
        return [replace(part, rows=part.rows.drop("talker_name"))]
    parts: list[Part] = []
    for key, said in by_conversation(part.rows):
        kind = kind_of_account(key) or ConversationKind.DIRECT
        is_direct = kind is ConversationKind.DIRECT
        names = said["talker_name"]
        title = names[0] or next((t for t in names.unique(maintain_order=True).to_list() if t), None)
        # Distinct values first, because filtering the rows would copy the column.
        others = [s for s in said["sender"].unique().to_list() if s not in (None, key)]
        owner = others[0] if is_direct and len(others) == 1 else None
        rows = said.with_columns(pl.when(pl.lit(is_direct)).then(pl.col("sender") != key).alias("is_self"))
        people = firsts_of(said.select(id="sender", remark="sender_name").drop_nulls(), "id")
        made = replace(
            part, rows=rows.drop("talker_name"), conversation=key, title=title or None, conversation_kind=kind,
            owner=Owner(id=owner), peer=key if is_direct else None, contacts=people.to_dicts(), notes=[], filters=part.filters if not parts else (),
        )  # fmt: skip
        parts.append(made)
    parts[0].notes.extend(part.notes)
    return parts
