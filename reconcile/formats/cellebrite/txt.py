"""Cellebrite chat text: `chats/<app>/chat-N.txt` of a UFED report, one file a chat.

Producer: Cellebrite Physical Analyzer / Reader. Container: head lines Start Time, Last Activity, Participants, then blocks
between dash lines: From or (owner), Timestamp, Source App, Attachments, Body. Encoding: UTF-8. Time zone: `(UTC+3)` beside
each time, to the second; day and month stand as the examiner's machine writes them.
Cannot say: server ids; WeChat's own kinds beyond attachments and bodies; recovered rows apart from others.
"""

import re
from pathlib import Path

import polars as pl

from reconcile.column_ops import none_of
from reconcile.errors import UnreadableSource
from reconcile.intake.contract import Note, Owner, ReadOptions, remarks, shorten_notes
from reconcile.intake.file_reader import FileReader
from reconcile.intake.frames import notes_of
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.intake.text.decode import head_text
from reconcile.intake.text.lines import blocks_of, lines_of
from reconcile.intake.text.near_headings import near_headings
from reconcile.vocabulary import ConversationKind, Kind, NoteCode
from reconcile.wechat.client_sentences import notice_kind
from reconcile.wechat.clock_forms import day_comes_first, times_of_forms
from reconcile.wechat.kind_names import kind_of_body
from reconcile.wechat.kinds import kind_from_text

_DASHES = r"^-{10,}\s*$"
_FROM = r"^(?:From: |\(owner\)\s*$)"
_STAMP = r"^(?:Timestamp: |Source App: )"
# The owner's rows bear this mark in place of the sender, or behind it.
_MARK = r"\s*\(owner\)\s*$"
_OWNER = r"^(?:\(owner\)\s*$|Participants: )"
_SUFFIX = r"(?i)\.([a-z0-9]{2,5})(?:\s|$)"
_SUFFIXES = {
    **dict.fromkeys(("jpg", "jpeg", "png", "gif", "webp", "heic"), "image"), **dict.fromkeys(("mp4", "mov", "3gp"), "video"),
    **dict.fromkeys(("amr", "silk", "aud", "m4a", "mp3", "opus", "wav"), "voice"),
}  # fmt: skip
_SYSTEM = ("System Message", "System")


class CellebriteTxt(FileReader, form="cellebrite_txt"):
    """Reader of Cellebrite's chat texts."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the file begins with the head lines and a dash line."""
        text = head_text(source, file)[:8000]
        return (
            re.match(r"(?:Start Time|Last Activity|Participants): ", text) is not None
            and re.search(rf"(?m){_DASHES}\n{_FROM[1:]}", text) is not None
        )

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat."""
        name = source.relative(file)
        lines, notes = lines_of(source, file)
        # A dash line inside a body is not followed by From and Timestamp.
        begins = (
            lines.str.contains(_DASHES)
            & lines.shift(-1, fill_value="").str.contains(_FROM)
            & lines.shift(-2, fill_value="").str.contains(_STAMP)
        )
        if not bool(begins.any()):
            raise UnreadableSource(
                source.path, f"{file}: no message between dash lines; expected Cellebrite's chat text"
            )
        first = int(begins.arg_max() or 0)
        # A message's fields above the first message: its beginning is lost.
        above = lines.head(first).str.contains(r"^Body:").arg_true().to_list()
        notes += [Note(NoteCode.ROW_SKIPPED, f"{name}#{i + 1}", " ".join(lines[i : i + 3])[:200]) for i in above]
        notes += _notes_on_lone_dashes(lines, begins, name)
        senders = begins.arg_true() + 1
        notes += near_headings(lines, senders, name, noted=lines.head(first).str.contains(_OWNER).arg_true().to_list())
        people, owner = _participants(lines.head(first).to_list())
        blocks = blocks_of(lines, begins)
        notes += _notes_on_bodiless_messages(blocks, name)
        rows = _message_rows(blocks)
        rows, more = with_times(rows, name, options.timezone)
        rows = _with_sender_and_kind(rows, owner)
        others = [p for p in people if p[0] != owner]
        is_direct = len(others) == 1
        return Part(
            rows=rows,
            file=name,
            conversation=others[0][0] if is_direct else file.stem,
            title=others[0][1] if is_direct else None,
            conversation_kind=ConversationKind.DIRECT if is_direct else (ConversationKind.GROUP if others else None),
            member_count=len(people) or None,
            owner=Owner(id=owner, name=next((n for i, n in people if i == owner), None)),
            peer=others[0][0] if is_direct else None,
            contacts=[{"id": i, "nickname": n} for i, n in people],
            notes=[*notes, *more],
        )


def _notes_on_lone_dashes(lines: pl.Series, begins: pl.Series, name: str) -> list[Note]:
    """Notes on dash lines that are followed by a message's fields but begin no message: a damaged block."""
    near = none_of(lines)
    for below in range(1, 5):
        near |= lines.shift(-below, fill_value="").str.contains(r"^(?:From|Timestamp|Source App|Body): ?")
    stamped = lines.shift(-1, fill_value="").str.contains(_STAMP)
    # Nor does a sender's line with a damaged dash line begin one.
    alone = lines.str.contains(_FROM) & stamped & ~begins.shift(1, fill_value=False)
    alone &= ~lines.shift(1, fill_value="").str.contains(_DASHES)
    odd = (lines.str.contains(_DASHES) & ~begins & near | alone).arg_true().to_list()
    # A dash line and what belongs below it stand in one line.
    joined = lines.str.contains(r"^-{10,}\s*\S") & (stamped | lines.str.contains(r"Timestamp: ?"))
    odd += joined.arg_true().to_list()
    return shorten_notes(
        [Note(NoteCode.ROW_SKIPPED, f"{name}#{i + 1}", " ".join(lines[i + 1 : i + 4])[:200]) for i in odd]
    )


def _notes_on_bodiless_messages(blocks: pl.DataFrame, name: str) -> list[Note]:
    """Notes on messages whose `Body:` line is damaged or stands below their words."""
    # Only fields stand above the words.
    above = pl.col("body").str.replace(r"(?s)(?:^|\n)Body:.*$", "")
    rest = above.str.replace_all(r"(?m)^(?:[A-Z][A-Za-z ]*:.*|\(owner\)\s*|-{10,}\s*|#\d+: .*)$", "").str.strip_chars()
    odd = blocks.filter(rest != "")
    return notes_of(
        NoteCode.BROKEN_BODY,
        odd.select(pl.format("{}#{}", pl.lit(name), "line").alias("locator"), rest),
        excerpt="body",
    )


def _participants(head: list[str]) -> tuple[list[tuple[str, str | None]], str | None]:
    """(account, name) of each participant, and the one that `(owner)` follows."""
    text = "\n".join(head)
    found = re.search(r"(?ms)^Participants: (.*?)(?=^-{10,}|^[A-Z][A-Za-z ]+: |\Z)", text)
    people: list[tuple[str, str | None]] = []
    owner = None
    for entry in re.split(r",\s+", found[1]) if found else []:
        account, name = _account_and_name(re.sub(r"\s*\(owner\)\s*", "", entry))
        people.append((account, name))
        if "(owner)" in entry:
            owner = account
    return people, owner


def _account_and_name(entry: str) -> tuple[str, str | None]:
    account, _, name = entry.strip().partition(" ")
    return account, name.strip() or None


def _message_rows(blocks: pl.DataFrame) -> pl.DataFrame:
    """Extract sender, time, app, attachment and words of each block."""
    body = pl.col("body")
    who = body.str.extract(r"^From: ([^\n]*)", 1)
    said = (
        body.str.extract(r"(?s)(?:^|\n)Body:[ \t]*\n?(.*)$", 1)
        .fill_null("")
        .str.replace(r"\n*-{10,}\s*$", "")
        .str.strip_chars_end("\n")
    )
    attachment = body.str.extract(r"(?s)\nAttachments:\s*\n?#1: ([^\n]*)", 1)
    return blocks.select(
        "line",
        who.str.replace(_MARK, "").str.strip_chars().alias("who"),
        (body.str.contains(r"^\(owner\)") | who.str.contains(_MARK).fill_null(value=False)).alias("is_self"),
        body.str.extract(r"\nTimestamp: ([^\n]*)", 1).str.strip_chars().alias("sent_raw"),
        body.str.extract(r"\nSource App: ([^\n]*)", 1).alias("raw_app"),
        attachment.alias("raw_attachment"),
        said.alias("text"),
    )


def with_times(rows: pl.DataFrame, name: str, timezone: str | None) -> tuple[pl.DataFrame, list[Note]]:
    """Add times read from sent_raw; a column that leaves open whether the day comes first is noted."""
    order = day_comes_first(rows["sent_raw"])
    notes = []
    if order is None and bool(rows["sent_raw"].str.contains(r"^\d{1,2}[/.-]\d{1,2}[/.-]\d{4}").any()):
        notes += remarks(NoteCode.ODD_VALUE, name, "day and month cannot be told apart; taken as day first")
    times = times_of_forms(rows["sent_raw"], timezone, day_first=True if order is None else order)
    return pl.concat([rows, times], how="horizontal"), notes


def _with_sender_and_kind(rows: pl.DataFrame, owner: str | None) -> pl.DataFrame:
    """Add sender, sender_name, kind and file_name; system rows have no sender."""
    account, called = pl.col("who").str.extract(r"^(\S+)", 1), pl.col("who").str.extract(r"^\S+ (.+)$", 1)
    system = pl.col("who").str.starts_with(_SYSTEM[0]) | (pl.col("who") == _SYSTEM[1])
    suffix = pl.col("raw_attachment").str.extract(_SUFFIX, 1).str.to_lowercase()
    media = suffix.replace_strict(_SUFFIXES, default="file", return_dtype=pl.String)
    attached = pl.when(pl.col("raw_attachment").is_not_null()).then(media.fill_null("file"))
    shown = pl.coalesce(kind_from_text(pl.col("text")), attached, kind_of_body(pl.col("text")))
    return rows.with_columns(
        pl.when("is_self").then(pl.lit(owner, dtype=pl.String)).when(~system).then(account).alias("sender"),
        pl.when(~system).then(called).alias("sender_name"),
        pl.when(system).then(notice_kind(pl.col("text"))).otherwise(shown).alias("kind"),
    ).with_columns(
        pl.when(pl.col("kind") == str(Kind.FILE)).then(pl.col("raw_attachment").str.extract(r"([^/\\]+)$", 1)).alias("file_name"),
    ).drop("who")  # fmt: skip
