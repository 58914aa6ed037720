"""Cellebrite Reader spreadsheet: the sheet of chats of a UFED report saved as XLSX.

Producer: Cellebrite Reader / Physical Analyzer. Container: XLSX, a title row, then headings Chat #, Instant Message #,
Participants, Body, Name, From, Source, Status, Deleted - Instant Message, Timestamp: Time, Attachment #1 …. Encoding:
XLSX. Time zone: `(UTC+8)` beside the times, else as the user says.
Cannot say: server ids; WeChat's own kinds beyond attachments and bodies; accounts where From holds a name alone.
"""

import re
from dataclasses import replace
from pathlib import Path

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.cellebrite.txt import with_times
from reconcile.intake.contract import Note, Owner, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.frames import notes_of
from reconcile.intake.messages.naming import distinct_where
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.intake.tables.cells import ROW, TableHead, load_table, table_heads
from reconcile.vocabulary import ConversationKind, Kind, NoteCode, Status
from reconcile.wechat.client_sentences import notice_kind
from reconcile.wechat.kind_names import kind_of_body
from reconcile.wechat.kinds import kind_from_text

NEEDED = frozenset({"Chat #", "Instant Message #", "Body", "From"})
_STATUS = {"Sent": str(Status.SENT), "Unsent": str(Status.FAILED), "Sending": str(Status.SENDING)}
_MEDIA = r"(?i)\.(?:(jpe?g|png|gif|webp|heic)|(mp4|mov|3gp)|(amr|silk|aud|m4a|mp3|opus|wav)|\w{2,5})\s*$"
_OWNER = r"\s*\(owner\)\s*"


class CellebriteXlsx(FileReader, form="cellebrite_xlsx"):
    """Reader of Cellebrite's spreadsheet of chats."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether a sheet's first rows hold the headings."""
        return any(_heading_at(h) is not None for h in table_heads(source, file))

    def chats(self, source: Source, file: Path, options: ReadOptions) -> list[Part]:
        """The chats of all sheets of one workbook."""
        heads = [(h, at) for h in table_heads(source, file) if (at := _heading_at(h)) is not None]
        if not heads:
            raise UnreadableSource(source.path, f"{file}: no sheet headed Chat #, Instant Message #, Body, From")
        notes: list[Note] = []
        frames = []
        for head, at in heads:
            table, more = load_table(source, head, at)
            frames.append(_message_rows(table, head.label))
            notes += [*more, *note_skipped_rows(table, head.label)]
        return _parts_of_chats(Part(pl.concat(frames), source.relative(file), notes=notes), options)


def _heading_at(head: TableHead) -> int | None:
    """Index of the first row that holds all needed columns; null without one."""
    return next((i for i, row in enumerate(head.rows) if {c.strip() for c in row} >= NEEDED), None)


def note_skipped_rows(table: pl.DataFrame, label: str) -> list[Note]:
    """Notes on rows with a sender or time but without number and body, which may be damaged messages."""
    says = [c for c in ("From", "Timestamp: Time", "Timestamp") if c in table.columns]
    names = pl.all_horizontal(pl.col(c).is_null() for c in ("Instant Message #", "Body"))
    left = table.filter(names & pl.any_horizontal(pl.col(c).is_not_null() for c in says))
    return notes_of(
        NoteCode.ROW_SKIPPED,
        left.select(
            pl.format("{}{}", pl.lit(label), ROW).alias("locator"),
            pl.concat_str(says, separator=" ", ignore_nulls=True).alias("words"),
        ),
        excerpt="words",
    )


def _message_rows(table: pl.DataFrame, label: str) -> pl.DataFrame:
    """Messages of a sheet, one row each; unknown columns are kept as raw_*."""

    def first_column(*names: str) -> pl.Expr:
        """The first of the named columns that has a value; null where the sheet has none of them."""
        held = [n for n in names if n in table.columns]
        return pl.coalesce(held) if held else pl.lit(None, dtype=pl.String)

    time = first_column("Timestamp: Time", "Timestamp")
    # Some sheets state the day in another column; a time with a day needs none.
    day = pl.when(~time.str.contains(r"\d{4}|\d/\d")).then(first_column("Timestamp: Date"))
    known = {"Chat #", "Body", "From", "Participants", "Timestamp: Time", "Timestamp: Date", "Timestamp", ROW}
    rest = [
        pl.col(c).alias(f"raw_{c}") for c in table.columns if c not in known and table[c].null_count() < table.height
    ]
    return table.filter(first_column("Instant Message #").is_not_null() | first_column("Body").is_not_null()).select(
        pl.format("{}{}", pl.lit(label), pl.col(ROW)).alias("locator"),
        first_column("Chat #").alias("chat"),
        first_column("Participants").alias("participants"),
        first_column("Body").fill_null("").alias("text"),
        first_column("From").alias("who"),
        pl.concat_str(day, time, separator=" ", ignore_nulls=True).alias("sent_raw"),
        first_column("Status").replace_strict(_STATUS, default=None, return_dtype=pl.String).alias("status"),
        first_column("Attachment #1").alias("attachment"),
        first_column("Deleted - Instant Message").fill_null("").alias("deleted"),
        *rest,
    )


def _parts_of_chats(part: Part, options: ReadOptions) -> list[Part]:
    """One part for each chat number of the sheet."""
    rows, more = with_times(_with_sender_and_kind(part.rows), part.file, options.timezone)
    notes = [*part.notes, *more]
    if rows.is_empty():
        return [replace(part, rows=rows.drop("chat", "participants", "deleted", "attachment"))]
    deleted = rows.filter(pl.col("deleted").str.to_lowercase().is_in(["yes", "deleted", "true"]))
    notes += notes_of(NoteCode.DELETION_RECORD, deleted, excerpt="text", most=20)
    notes += notes_of(NoteCode.BAD_TIME, rows.filter(pl.col("sent_at").is_null()), excerpt="sent_raw")
    parts: list[Part] = []
    for (chat,), said in rows.group_by("chat", maintain_order=True):
        people, owner = _parse_participants(said["participants"].drop_nulls().unique(maintain_order=True).to_list())
        own = distinct_where(said, "sender", pl.col("is_self"))
        owner = owner or (own[0] if len(own) == 1 else None)
        others = [p for p in people if p[0] != owner]
        is_direct = owner is not None and len(others) == 1
        parts.append(replace(
            part, rows=said.drop("chat", "participants", "deleted", "attachment"), conversation=others[0][0] if is_direct else str(chat), title=others[0][1] if is_direct else None,
            conversation_kind=ConversationKind.DIRECT if is_direct else None, owner=Owner(id=owner), peer=others[0][0] if is_direct else None,
            contacts=[{"id": i, "nickname": n} for i, n in people], notes=notes if not parts else [],
        ))  # fmt: skip
    return parts


def _with_sender_and_kind(rows: pl.DataFrame) -> pl.DataFrame:
    """Add sender, sender_name, is_self, kind and file_name; system rows have no sender."""
    bare = pl.col("who").str.replace(_OWNER, "").str.strip_chars()
    system = bare.str.starts_with("System Message")
    groups = pl.col("attachment").str.extract_groups(_MEDIA)
    attached = (
        pl.when(pl.col("attachment").is_null()).then(pl.lit(None, dtype=pl.String))
        .when(groups.struct.field("1").is_not_null()).then(pl.lit("image"))
        .when(groups.struct.field("2").is_not_null()).then(pl.lit("video"))
        .when(groups.struct.field("3").is_not_null()).then(pl.lit("voice"))
        .otherwise(pl.lit("file"))
    )  # fmt: skip
    shown = pl.coalesce(kind_from_text(pl.col("text")), attached, kind_of_body(pl.col("text")))
    made = rows.with_columns(
        pl.when(~system).then(bare.str.extract(r"^(\S+)", 1)).alias("sender"),
        pl.when(~system).then(bare.str.extract(r"^\S+ (.+)$", 1)).alias("sender_name"),
        pl.when(~system & pl.col("who").str.contains(_OWNER)).then(pl.lit(value=True)).alias("is_self"),
        pl.when(system).then(notice_kind(pl.col("text"))).otherwise(shown).alias("kind"),
    ).drop("who")
    name = pl.col("attachment").str.extract(r"([^/\\]+)$", 1)
    return made.with_columns(pl.when(pl.col("kind") == str(Kind.FILE)).then(name).alias("file_name"))


def _parse_participants(cells: list[str]) -> tuple[list[tuple[str, str | None]], str | None]:
    """Accounts with names, and the account marked as owner (null without a mark)."""
    people: dict[str, str | None] = {}
    owner = None
    for entry in (e for c in cells for e in re.split(r"[\n;]+|,\s+", c) if e.strip()):
        account, _, name = re.sub(_OWNER, "", entry).strip().partition(" ")
        people[account] = name.strip() or people.get(account)
        if "(owner)" in entry:
            owner = account
    return list(people.items()), owner
