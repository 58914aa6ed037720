"""A folder with several forms of export: the richest is read, the others join as further devices do."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.frames import Conversations, Counters, Witnesses
from reconcile.intake.contract import Claim, Note, Reading, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.frames import frame_of, messages_of
from reconcile.intake.messages.naming import is_account
from reconcile.intake.source import Source
from reconcile.vocabulary import Kind, NoteCode
from reconcile.wechat.text import canonical_text

Identity = tuple[str | None, frozenset[str]]


class Bundle:
    """A reader made of the file readers that each know some of a folder's files.

    It reads the richest form that can be read. Whoever reads the folder asks for the other forms (other_forms.py).
    """

    def __init__(self, readers: Sequence[FileReader]) -> None:
        self.readers = sorted(readers, key=lambda r: (-r.richness, r.name))
        richest = self.readers[0]
        self.name, self.companions, self.limits = richest.name, tuple(richest.companions), richest.limits
        self.title = " + ".join(r.title for r in self.readers)
        self.tested_with = "; ".join(r.tested_with for r in self.readers)

    def sniff(self, source: Source) -> Claim:
        """Likely, since each member claims a part only."""
        return Claim("likely", "; ".join(r.sniff(source).because for r in self.readers))

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """What the richest readable form holds. Raises UnreadableSource where none can be read."""
        notes: list[Note] = []
        failure: UnreadableSource | None = None
        for reader in self.readers:
            try:
                reading = reader.read(source, options)
            except UnreadableSource as error:
                failure = failure or error
                notes.append(Note(NoteCode.PART_UNREADABLE, reader.name, str(error)[:200], said=True))
            else:
                return replace(reading, notes=(*reading.notes, *notes))
        raise failure or UnreadableSource(source.path, f"{source.path}: nothing could be read")


def _identity_of(key: str, title: str | None) -> Identity:
    """The account of a conversation (null without one) and the names it goes by."""
    account = key if is_account(key) else None
    return account, frozenset(n for n in (title, None if account else key) if n)


def _may_be_one_chat(one: Identity, other: Identity) -> bool:
    """Whether accounts agree, or a name does where one account is unknown."""
    if one[0] and other[0]:
        return one[0] == other[0]
    return bool(one[1] & other[1])


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
