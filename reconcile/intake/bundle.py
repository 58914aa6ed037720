"""A folder with several forms of export: each conversation is taken once, in its richest form."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.frames import Contacts, Conversations, Counters, Members, Witnesses
from reconcile.intake.contract import (
    Claim,
    FormLimits,
    Note,
    Owner,
    Reading,
    ReadOptions,
    Run,
    joined_limits,
    shorten_notes,
)
from reconcile.intake.file_reader import FileReader
from reconcile.intake.frames import frame_of, messages_of
from reconcile.intake.messages.naming import is_account
from reconcile.intake.messages.runs import runs_of
from reconcile.intake.source import Source
from reconcile.vocabulary import Kind, LocalIdScope, NoteCode
from reconcile.wechat.kinds import SYSTEM_KINDS
from reconcile.wechat.text import canonical_text

Identity = tuple[str | None, frozenset[str]]


class Bundle:
    """A reader made of the file readers that each know some of a folder's files.

    Producer, container, encoding, time zone and limits are those of the readers it is made of; its name is the richest one's.
    A poorer form of one conversation is named in a note; how many rows it holds otherwise is noted too. What it holds
    beyond the richest one is read as another form in the folder (other_forms.py).
    """

    def __init__(self, readers: Sequence[FileReader]) -> None:
        self.readers = sorted(readers, key=lambda r: (-r.richness, r.name))
        self.name = self.readers[0].name
        self.title = " + ".join(r.title for r in self.readers)
        self.tested_with = "; ".join(r.tested_with for r in self.readers)
        self.companions = tuple(c for r in self.readers for c in r.companions)
        self.limits = joined_limits([r.limits for r in self.readers], lacking=frozenset.union)

    def sniff(self, source: Source) -> Claim:
        """Likely, since each member claims a part only."""
        return Claim("likely", "; ".join(r.sniff(source).because for r in self.readers))

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """All members' readings as one, each conversation from the richest form that holds it."""
        readings, notes = self._read_each_form(source, options)
        kept: list[Reading] = []
        taken: list[tuple[Identity, Reading, str]] = []
        for reading in readings:
            found = {
                k: _identity_of(k, t) for k, t in reading.conversations.select("conversation", "title").iter_rows()
            }
            richer = {
                k: held
                for k, one in found.items()
                if (held := next(((r, key) for other, r, key in taken if _may_be_one_chat(one, other)), None))
            }
            doubles = set(richer)
            notes += [n for k in sorted(richer) for n in _differences(richer[k], (reading, k))]
            if doubles:
                notes.append(
                    Note(NoteCode.OTHER_FORM, reading.facts.reader, ", ".join(sorted(doubles))[:200], len(doubles))
                )
            own = without_conversations(reading, doubles)
            taken += [(one, reading, k) for k, one in found.items() if k not in doubles]
            if own.messages.height:
                kept.append(own)
            else:
                # An unreadable file may have held another conversation.
                notes += [n for n in reading.notes if n.code is NoteCode.PART_UNREADABLE]
        return _join_readings(kept or readings[:1], notes, self.limits)

    def _read_each_form(self, source: Source, options: ReadOptions) -> tuple[list[Reading], list[Note]]:
        """Readings of all forms that can be read, and notes on the others; raises if none can."""
        readings, notes = [], []
        failure: UnreadableSource | None = None
        for reader in self.readers:
            try:
                readings.append(reader.read(source, options))
            except UnreadableSource as error:
                failure = error
                notes.append(Note(NoteCode.PART_UNREADABLE, reader.name, str(error)[:200], said=True))
        if not readings:
            raise failure or UnreadableSource(source.path, f"{source.path}: nothing could be read")
        lost = set.intersection(*(set(r.unclaimed(source)) for r in self.readers))
        notes += shorten_notes([Note(NoteCode.MEMBER_UNLISTED, source.relative(f)) for f in sorted(lost)])
        return readings, notes


def _identity_of(key: str, title: str | None) -> Identity:
    """The account of a conversation (null without one) and the names it goes by."""
    account = key if is_account(key) else None
    return account, frozenset(n for n in (title, None if account else key) if n)


def _may_be_one_chat(one: Identity, other: Identity) -> bool:
    """Whether accounts agree, or a name does where one account is unknown."""
    if one[0] and other[0]:
        return one[0] == other[0]
    return bool(one[1] & other[1])


def _differences(kept: tuple[Reading, str], other: tuple[Reading, str]) -> list[Note]:
    """Notes where two forms of one conversation differ.

    They differ in the number of rows, in the words under one server id, or by an id that only the poorer form has.
    Kinds that one form cannot hold or distinguish are not counted, and rows that one form wrote to two files count
    once.
    """
    limits = [r.facts.limits for r, _ in (kept, other)]
    apart = frozenset(SYSTEM_KINDS).union(*(m.kinds_absent for m in limits))
    rows = [
        r.messages.filter((pl.col("conversation") == key) & ~pl.col("kind").is_in([str(k) for k in apart]))
        for r, key in (kept, other)
    ]
    names = [r.facts.reader for r, _ in (kept, other)]
    heights = [f.n_unique(subset=["sent_at", "kind", "text"]) for f in rows]
    found = []
    if heights[0] != heights[1]:
        held = f"{names[0]} holds {heights[0]} rows, {names[1]} {heights[1]} (notices and repeats left out)"
        found.append(Note(NoteCode.OTHER_FORM, other[1], held, abs(heights[0] - heights[1]), said=True))
    ids = [f["message_id"].drop_nulls().unique() for f in rows]
    lacking = ids[1].filter(~ids[1].is_in(ids[0].implode()))
    # Forms with numberings of their own share no ids.
    if 0 < 2 * lacking.len() < ids[1].len():
        said = f"ids in {names[1]} that {names[0]} lacks"
        found.append(Note(NoteCode.ODD_VALUE, other[1], said, lacking.len(), said=True))
    words = [
        f.filter((pl.col("kind") == str(Kind.TEXT)) & pl.col("message_id").is_not_null()).select(
            "message_id", canonical_text(pl.col("text")).alias("text")
        )
        for f in rows
    ]
    unlike = words[0].join(words[1], on="message_id").filter(pl.col("text") != pl.col("text_right"))
    # A form that cuts or rewrites its texts differs in most of them by nature.
    if unlike.height and not any(m.text_cut_at or m.strips_prefix for m in limits):
        said = f"other words under one id in {names[0]} and {names[1]}"
        found.append(Note(NoteCode.ODD_VALUE, other[1], said, unlike.height, said=True))
    return found


def told_again(first: Reading, other: Reading) -> set[str]:
    """The conversations of another form of which the first holds all words as often.

    Where a form cuts words, it holds all minutes.
    """
    identities = [
        {k: _identity_of(k, t) for k, t in r.conversations.select("conversation", "title").iter_rows()}
        for r in (first, other)
    ]
    cut = any(r.facts.limits.text_cut_at or r.facts.limits.strips_prefix for r in (first, other))
    look = pl.col("sent_at").dt.truncate("1m") if cut else canonical_text(pl.col("text"))
    found = set()
    for key, identity in identities[1].items():
        same = [k for k, one in identities[0].items() if _may_be_one_chat(identity, one)]
        held, told = (
            r.messages.filter(pl.col("conversation").is_in(keys) & (pl.col("kind") == str(Kind.TEXT)))
            .select(pl.struct(look.alias("look"), pl.int_range(pl.len()).over(look).alias("turn")))
            .to_series()
            for r, keys in ((first, same), (other, [key]))
        )
        if same and told.is_in(held.unique().implode()).all():
            found.add(key)
    return found


def without_conversations(reading: Reading, doubles: set[str]) -> Reading:
    """The reading without these conversations and what refers to them."""
    if not doubles:
        return reading
    gone = pl.col("conversation").is_in(list(doubles))
    return replace(
        reading,
        messages=messages_of(reading.messages.filter(~gone)),
        conversations=frame_of(Conversations, reading.conversations.filter(~gone)),
        witnesses=frame_of(Witnesses, reading.witnesses.filter(~gone.fill_null(value=False))),
        counters=frame_of(Counters, reading.counters.filter(~gone.fill_null(value=False))),
    )


def _join_readings(readings: Sequence[Reading], notes: list[Note], limits: FormLimits) -> Reading:
    """One reading of all forms; owner and facts from the first that states them."""
    first = readings[0]
    owner = next((r.facts.owner for r in readings if r.facts.owner.id), first.facts.owner)
    scopes = {r.facts.local_id_scope for r in readings}
    facts = replace(
        first.facts,
        owner=owner if owner != Owner() else first.facts.owner,
        limits=limits if len(readings) > 1 else first.facts.limits,
        stated_count=None if len(readings) > 1 else first.facts.stated_count,
        local_id_scope=scopes.pop() if len(scopes) == 1 else LocalIdScope.UNKNOWN,
        runs=_runs_of_all(readings) if len(readings) > 1 else first.facts.runs,
    )
    return replace(
        first,
        facts=facts,
        messages=messages_of(pl.concat([r.messages for r in readings])),
        conversations=frame_of(
            Conversations,
            pl.concat([r.conversations for r in readings]).unique("conversation", keep="first", maintain_order=True),
        ),
        contacts=frame_of(
            Contacts, pl.concat([r.contacts for r in readings]).unique("id", keep="first", maintain_order=True)
        ),
        members=frame_of(
            Members,
            pl.concat([r.members for r in readings]).unique(
                ["group_id", "member_id"], keep="first", maintain_order=True
            ),
        ),
        witnesses=frame_of(Witnesses, pl.concat([r.witnesses for r in readings])),
        counters=frame_of(Counters, pl.concat([r.counters for r in readings])),
        notes=(*(n for r in readings for n in r.notes), *notes),
    )


def _runs_of_all(readings: Sequence[Reading]) -> tuple[Run, ...]:
    """The run that wrote each conversation; each form may have been exported on its own day."""
    parts = []
    for number, reading in enumerate(readings):
        held = {run.conversation: run for run in reading.facts.runs}
        for key in reading.messages["conversation"].unique().sort():
            run = held.get(key, Run(key, "", reading.facts.exported_at))
            parts.append((f"{number} {run.name}", run.exported_at, [key]))
    return runs_of(parts)
