"""Stores beside a chat export that belong to it (Moments, favourites), read after the chats."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from reconcile.errors import LimitExceeded, MissingExtra, UnreadableSource
from reconcile.frames import Contacts, Witnesses
from reconcile.frames_posts import Posts
from reconcile.intake.contract import Note, PostReading, Reader, Reading, ReadOptions
from reconcile.intake.frames import frame_of
from reconcile.intake.posts.frames import merge_posts, with_own_posts
from reconcile.intake.source import Source
from reconcile.vocabulary import NoteCode


def is_side_store(reader: object) -> bool:
    """Whether a reader's form only supplements chats that lie beside it."""
    return bool(getattr(reader, "is_supplement", False))


def is_fallback(reader: object) -> bool:
    """Whether a reader is asked only where no other claims the source."""
    return bool(getattr(reader, "is_fallback", False))


def with_side_stores(
    reading: Reading, readers: Sequence[Reader], source: Source, options: ReadOptions, chosen: str
) -> Reading:
    """The reading with what every other supplementary store of the source adds: posts, witnesses, notes.

    `chosen` names the reader of `reading`. An unreadable store becomes a note. Posts take owner and names from the
    chats.
    """
    found: list[Reading] = []
    notes: list[Note] = []
    told = replace(options, owner=options.owner or reading.facts.owner.id)
    for reader in readers:
        if not is_side_store(reader) or reader.name == chosen or reader.sniff(source).strength == "none":
            continue
        try:
            found.append(reader.read(source, told))
        except (UnreadableSource, LimitExceeded, MissingExtra) as error:
            notes.append(Note(NoteCode.PART_UNREADABLE, reader.name, str(error)[:200], said=True))
    if not found and not notes and reading.posts is None:
        return reading
    return _join_stores(reading, found, notes)


def _join_stores(reading: Reading, found: list[Reading], notes: list[Note]) -> Reading:
    """The reading with the posts, contacts, witnesses and notes of the side stores."""
    held = [r.posts for r in (reading, *found) if r.posts is not None]
    posts = merge_posts(held)
    owner = reading.facts.owner.id or next((i for r in found if (i := r.facts.owner.id)), None)
    known = reading.facts.owner.id is not None
    more = [n for r in found for n in r.notes if not (known and n.code is NoteCode.OWNER_UNKNOWN)]
    contacts = pl.concat([reading.contacts, *(r.contacts for r in found)]).unique(
        "id", keep="first", maintain_order=True
    )
    facts = (
        reading.facts
        if known or owner is None
        else replace(reading.facts, owner=replace(reading.facts.owner, id=owner))
    )
    return replace(
        reading,
        facts=facts,
        contacts=frame_of(Contacts, contacts),
        witnesses=frame_of(Witnesses, pl.concat([reading.witnesses, *(r.witnesses for r in found)])),
        notes=tuple(dict.fromkeys((*reading.notes, *more, *notes))),
        posts=None if posts is None else _named(with_own_posts(posts, owner), contacts),
    )


def _named(posts: PostReading, contacts: pl.DataFrame) -> PostReading:
    """Authors by the name that this device's contacts give them, where the store names nobody."""
    shown = contacts.select("id", pl.coalesce("remark", "nickname", "alias").alias("name")).drop_nulls()
    if shown.is_empty():
        return posts
    table = dict(shown.iter_rows())
    name = pl.col("author").replace_strict(list(table), list(table.values()), default=None, return_dtype=pl.String)
    frame = posts.posts.with_columns(pl.coalesce("author_name", name).alias("author_name"))
    return replace(posts, posts=frame_of(Posts, frame))
