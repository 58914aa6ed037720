"""One file's or conversation's rows as a form writes them, and the way from such parts to a Reading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from reconcile.column_ops import present
from reconcile.frames import Witnesses
from reconcile.intake.contract import ExportFacts, Filter, FormLimits, Note, Owner, Reading, ReadOptions, remarks
from reconcile.intake.frames import frame_of, messages_of, notes_of, reading_of
from reconcile.intake.messages.complete import Finished, finish
from reconcile.intake.messages.file_names import are_one_group, chat_of_file, chats_of, titled_account
from reconcile.intake.messages.naming import (
    distinct_of,
    distinct_where,
    firsts_of,
    kind_of_account,
    parties_by_title,
)
from reconcile.intake.messages.runs import runs_of
from reconcile.intake.messages.stated_periods import credible_filters
from reconcile.intake.source import Source
from reconcile.vocabulary import ConversationKind, LocalIdScope, NoteCode, WitnessKind, ZoneSource
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.frequent_values import counts_of
from reconcile.wechat.kinds import SYSTEM_KINDS


@dataclass
class Part:
    """Rows of one file, before they are Messages.

    Attributes:
        rows: columns of Messages as far as the form has them, as text or number. Instead of `sent_at` either `sent_raw` (text
            in the export's zone), or `unix` (whole seconds), or both. `line` numbers the row inside the file. Columns that
            begin with `raw_` go into the row's raw fields.
        file: name inside the source; the locator's first half.
        conversation: key where rows hold none of their own.
        peer: account or name of the other party of a direct chat; None = unknown or a group.
        is_shown: bodies are words of the exporter, to be taken apart; False = the reader has done so.
        has_seconds: the form writes seconds, so that a time to the minute is damage.
        timezone: IANA name where the export states one.
        witness_rows: partial rows of Witnesses in place of `witnesses`, where they come as columns.
    """

    rows: pl.DataFrame
    file: str
    conversation: str = ""
    title: str | None = None
    conversation_kind: ConversationKind | None = None
    member_count: int | None = None
    stated_count: int | None = None
    owner: Owner = field(default_factory=Owner)
    peer: str | None = None
    is_shown: bool = True
    has_seconds: bool = True
    timezone: str | None = None
    tool_version: str | None = None
    exported_at: datetime | None = None
    filters: tuple[Filter, ...] = ()
    local_id_scope: LocalIdScope = LocalIdScope.UNKNOWN
    contacts: list[dict[str, Any]] = field(default_factory=list)
    members: list[dict[str, Any]] = field(default_factory=list)
    witnesses: list[dict[str, Any]] = field(default_factory=list)
    witness_rows: pl.DataFrame | None = None
    counters: list[dict[str, Any]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def titled_part(source: Source, file: Path, rows: pl.DataFrame, notes: list[Note], *endings: str) -> Part:
    """The part of a chat file that gives names only; its folder `title(account)` or name is the chat.

    `endings` are cut from the file's name to get the title. Columns `remark` and `nickname` of the rows become contacts.
    """
    title, account = titled_account(file.parent.name)
    if account is None:
        title, account = titled_account(chat_of_file(source, file, *endings))
    parties = parties_by_title(rows, title, account)
    named = [c for c in ("remark", "nickname") if c in rows.columns]
    people: list[dict[str, Any]] = []
    if named:
        speech = ~pl.col("kind").is_in(["system", "recall"]) & pl.col("sender").is_not_null()
        spoken = parties.rows.select(
            pl.col("sender").alias("id").filter(speech), *(pl.col(n).filter(speech) for n in named)
        )
        people = firsts_of(spoken, "id").to_dicts()
    return Part(
        rows=parties.rows.drop(named),
        file=source.relative(file),
        conversation=account or title,
        title=title,
        conversation_kind=parties.conversation_kind,
        owner=Owner(name=parties.owner_name),
        peer=parties.peer,
        contacts=people,
        notes=notes,
    )


def part_with_own_rows(source: Source, file: Path, rows: pl.DataFrame, notes: list[Note], *endings: str) -> Part:
    """As `titled_part`, for rows that state which are the owner's (`is_self`) and name each sender."""
    title, account = titled_account(file.parent.name)
    if account is None:
        title, account = titled_account(chat_of_file(source, file, *endings))
    kind = kind_of_account(account)
    speech = rows.select("sender_name", "is_self").filter(~rows["kind"].is_in(["system", "recall"]))
    others = distinct_where(speech, "sender_name", ~pl.col("is_self"))
    own = distinct_where(speech, "sender_name", pl.col("is_self"))
    if kind is None and len(others) <= 1:
        kind = ConversationKind.DIRECT
    direct = kind is ConversationKind.DIRECT
    peer = (account or (others[0] if others else title)) if direct else None
    sender = (
        pl.when(~pl.col("is_self")).then(pl.lit(peer)).otherwise("sender_name") if direct else pl.col("sender_name")
    )
    return Part(
        rows=rows.with_columns(sender.alias("sender")),
        file=source.relative(file),
        conversation=account or title,
        title=title,
        conversation_kind=kind,
        owner=Owner(name=own[0] if len(own) == 1 else None),
        peer=peer,
        notes=notes,
    )


def unknown_kinds(rows: pl.DataFrame, known: Iterable[str], file: str) -> list[Note]:
    """A note for each name in `type_name` that is not among the known, with its count."""
    known, names = set(known), counts_of(rows["type_name"])
    return [Note(NoteCode.UNKNOWN_KIND, file, str(n), c) for n, c in sorted(names.items()) if n not in known]


class Form(Protocol):
    """The facts of a reader that its Reading states."""

    name: str
    tool: str
    limits: FormLimits


def reading_of_parts(form: Form, parts: Sequence[Part], options: ReadOptions, notes: Sequence[Note] = ()) -> Reading:
    """A Reading of the parts in their order; parts of one conversation stay in the given order.

    The parts lose their rows, so that these are not in memory beside the messages made of them.
    """
    _name_by_files(parts)
    _name_by_titles(parts)
    owner, owner_notes = _owner_of_parts(parts, options)
    done = [
        finish(_taken(p), file=p.file, conversation=p.conversation, conversation_kind=p.conversation_kind, owner=owner, peer=p.peer,
               is_shown=p.is_shown, has_seconds=p.has_seconds, timezone=options.timezone or p.timezone)
        for p in parts
    ]  # fmt: skip
    again: list[Note] = []
    runs = runs_of(
        [(p.file, p.exported_at, distinct_of(d.rows["conversation"])) for p, d in zip(parts, done, strict=True)]
    )
    messages = messages_of(_unique_rows([_taken(d) for d in done], again))
    filters, filter_notes = credible_filters(parts, messages)
    conversations, count_notes = _conversation_rows(parts, messages)
    return reading_of(
        replace(_export_facts(form, parts, options, owner, filters), runs=runs),
        messages,
        conversations=conversations,
        contacts=_unique(parts, "contacts", ("id",)),
        members=_unique(parts, "members", ("group_id", "member_id")),
        witnesses=_witness_rows(parts, done),
        counters=[c for p in parts for c in p.counters],
        notes=[
            *notes,
            *again,
            *owner_notes,
            *(n for p in parts for n in p.notes),
            *_notes_of_parts(done),
            *count_notes,
            *filter_notes,
            *_lost_sender_notes(messages),
            *_zone_notes(messages, options),
        ],
    )


def _name_by_files(parts: Sequence[Part]) -> None:
    """Names the chats that neither rows nor parts name by their files.

    Files of one group of people may be one chat, unless they bear the accounts of rooms.
    """
    unnamed = [p for p in parts if not p.conversation and "conversation" not in p.rows.columns]
    people = [{*present(p.rows["sender"])} if "sender" in p.rows.columns else set[str]() for p in unnamed]
    chats = chats_of([Path(p.file).with_suffix("") for p in unnamed], people)
    are_rooms = all(kind_of_account(chat) is ConversationKind.GROUP for chat in chats)
    if are_one_group(people) and not are_rooms:
        return
    for part, chat in zip(unnamed, chats, strict=True):
        part.conversation, part.title = chat, part.title or chat
        if are_rooms:
            part.conversation_kind = ConversationKind.GROUP


def _name_by_titles(parts: Sequence[Part]) -> None:
    """Gives files that show no account the one account of the chat with their title.

    A month in which the peer wrote nothing does not show the account that the chat's other months show.
    """
    accounts: dict[str, dict[str, Part]] = {}
    for part in parts:
        if part.title and kind_of_account(part.conversation):
            accounts.setdefault(part.title, {})[part.conversation] = part
    for part in parts:
        known = [*accounts.get(part.title or "", {}).values()]
        if len(known) == 1 and part.conversation == part.title:
            account = known[0].conversation
            if "conversation" in part.rows.columns:
                part.rows = part.rows.with_columns(pl.col("conversation").replace({part.title: account}))
            part.conversation, part.peer, part.conversation_kind = account, known[0].peer, known[0].conversation_kind


def _taken(held: Part | Finished) -> pl.DataFrame:
    """The rows, removed from their holder."""
    rows, held.rows = held.rows, pl.DataFrame()
    return rows


def _unique_rows(frames: list[pl.DataFrame], notes: list[Note]) -> pl.DataFrame:
    """The rows of all parts, each row once: two pages of an export may show the same file's rows."""
    if len(frames) == 1:
        return frames.pop()
    rows = pl.concat(frames, how="diagonal_relaxed", rechunk=True)
    frames.clear()
    once = rows["locator"].is_first_distinct()
    if once.all():
        return rows
    notes += notes_of(NoteCode.ODD_VALUE, rows.filter(~once), excerpt="text", most=1)
    return rows.filter(once)


def _owner_of_parts(parts: Sequence[Part], options: ReadOptions) -> tuple[Owner, list[Note]]:
    """The owner as the user or the parts state; unknown and noted if they disagree."""
    stated = [p.owner for p in parts if p.owner.id or p.owner.name]
    ids = list(dict.fromkeys(o.id for o in stated if o.id))
    names = list(dict.fromkeys(o.name for o in stated if o.name))
    if options.owner:
        return Owner(id=options.owner, name=names[0] if len(names) == 1 else None), []
    if len(ids) > 1:
        return Owner(), [Note(NoteCode.OWNER_UNKNOWN, "", ", ".join(ids[:5]), len(ids))]
    if not stated:
        return Owner(), [Note(NoteCode.OWNER_UNKNOWN)]
    best = next((o for o in stated if o.id), stated[0])
    return Owner(
        best.id, best.alias, best.name or (names[0] if len(names) == 1 else None), best.phone, best.avatar_sha256
    ), []


def _is_resaved(parts: Sequence[Part]) -> bool:
    """Whether a part is in an old encoding, in which a spreadsheet program saves what has no emoji."""
    guessed = (n.excerpt for p in parts for n in p.notes if n.code is NoteCode.ENCODING_GUESSED)
    return any(not e.startswith("utf") for e in guessed)


def _lost_sender_notes(messages: pl.DataFrame) -> list[Note]:
    """Notes on the few rows without a sender where nearly all have one: the sender was lost."""
    if messages["sender"].null_count() == 0 or messages["is_self"].null_count() == 0:
        return []
    speech = ~pl.col("kind").is_in([str(k) for k in SYSTEM_KINDS]) & pl.col("sent_at").is_not_null()
    nobody = speech & pl.col("sender").is_null() & pl.col("is_self").is_null()
    told, few = messages.select(speech.sum().alias("told"), nobody.sum().alias("few")).row(0)
    if not few or 20 * few >= told:
        return []
    # Two columns only, because filtering whole rows would copy them all.
    rows = messages.select(pl.col("locator", "text").filter(nobody))
    return notes_of(NoteCode.SENDER_UNKNOWN, rows, excerpt="text", most=5)


def _export_facts(
    form: Form, parts: Sequence[Part], options: ReadOptions, owner: Owner, filters: tuple[Filter, ...]
) -> ExportFacts:
    """Facts of the whole export; null where its parts disagree or do not state them."""
    exported = [p.exported_at for p in parts if p.exported_at]
    versions = sorted({p.tool_version for p in parts if p.tool_version})
    scopes = {p.local_id_scope for p in parts}
    counts = [p.stated_count for p in parts]
    return ExportFacts(
        reader=form.name,
        owner=owner,
        tool=form.tool,
        tool_version=", ".join(versions) or None,
        exported_at=max(exported) if exported else None,
        timezone=options.timezone or next((p.timezone for p in parts if p.timezone), None),
        filters=filters,
        limits=replace(form.limits, is_resaved=True) if _is_resaved(parts) else form.limits,
        stated_count=sum(c or 0 for c in counts) if all(c is not None for c in counts) else None,
        local_id_scope=scopes.pop() if len(scopes) == 1 else LocalIdScope.UNKNOWN,
    )


def _conversation_rows(parts: Sequence[Part], messages: pl.DataFrame) -> tuple[list[dict[str, Any]], list[Note]]:
    """A row for each conversation, and notes where the stated number of messages differs."""
    kinds = pl.col("conversation_kind").drop_nulls().first(), pl.len().alias("rows")
    held = messages.select("conversation", "conversation_kind")
    # One chat is the usual case and needs no grouping.
    rows = (
        held.select(pl.col("conversation").first(), *kinds)
        if len(distinct_of(held["conversation"])) == 1
        else held.group_by("conversation", maintain_order=True).agg(kinds)
    )
    stated: dict[str, int] = {}
    known: dict[str, Part] = {}
    for p in parts:
        known.setdefault(p.conversation, p)
        if p.stated_count is not None:
            stated[p.conversation] = stated.get(p.conversation, 0) + p.stated_count
    found = []
    notes = []
    for key, kind, height in rows.iter_rows():
        part = known.get(key)
        count = stated.get(key)
        found.append({
            "conversation": key, "title": part.title if part else None, "conversation_kind": kind,
            "member_count": part.member_count if part else None, "stated_count": count,
        })  # fmt: skip
        if count is not None and count != height:
            notes += remarks(
                NoteCode.COUNT_MISMATCH, part.file if part else "", f"{count} / {height}", abs(count - height)
            )
    return found, notes


def _unique(parts: Sequence[Part], what: str, keys: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows of all parts by key; later values win over earlier ones, empty ones never."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for part in parts:
        for row in getattr(part, what):
            key = tuple(row.get(k) for k in keys)
            if all(key):
                found[key] = {k: v for k, v in found.get(key, {}).items() if v} | {k: v for k, v in row.items() if v}
    return list(found.values())


def _witness_rows(parts: Sequence[Part], done: Sequence[Finished]) -> pl.DataFrame:
    """Witnesses that parts state and that their rows show, each quote once."""
    frames = []
    for part, finished in zip(parts, done, strict=True):
        told = frame_of(Witnesses, part.witnesses if part.witness_rows is None else part.witness_rows)
        found = frame_of(Witnesses, finished.witnesses)
        # A quote that the body states is not repeated by the row.
        quotes = told.filter(pl.col("witness") == str(WitnessKind.QUOTE))["locator"]
        frames += [told, found.filter(~pl.col("locator").is_in(quotes.implode()))]
    full = [f for f in frames if f.height]
    return pl.concat(full) if full else frame_of(Witnesses)


def _notes_of_parts(done: Sequence[Finished]) -> list[Note]:
    return [n for d in done for n in d.notes]


def _zone_notes(messages: pl.DataFrame, options: ReadOptions) -> list[Note]:
    """Note a time zone that was assumed."""
    assumed = not options.timezone and bool((messages["zone_source"] == str(ZoneSource.ASSUMED)).any())
    return [Note(NoteCode.ZONE_ASSUMED, "", ASSUMED_ZONE, said=True)] if assumed else []
