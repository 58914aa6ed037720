"""Files of a folder that its reader did not read: further exports of the same party."""

import zipfile
from collections.abc import Callable, Collection, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path

import polars as pl

from reconcile.errors import ReconcileError, UnrecognisedSource
from reconcile.frames import Conversations, Counters, Witnesses
from reconcile.intake.archive import archive_kind
from reconcile.intake.contract import Note, Reading, shorten_notes
from reconcile.intake.file_reader import DATA_SUFFIXES
from reconcile.intake.frames import frame_of, messages_of
from reconcile.intake.messages.naming import is_account
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import SUFFIXES as DATABASES
from reconcile.intake.sqlite.database import is_plain
from reconcile.intake.sqlite.unread import places_of
from reconcile.vocabulary import Kind, NoteCode
from reconcile.wechat.text import canonical_text

# Word documents may hold an export too.
_SUFFIXES = (DATA_SUFFIXES | {".docx", ".log", ".ods", ".rtf", ".xls"}).difference(DATABASES)
# A store of a client lies among thousands of files of its own.
_MOST_BESIDE_A_STORE = 50
# The number of files that are each asked by themselves.
_MOST_ASKED = 100
# Notes on a file of which nothing was read.
_OF_FILES = frozenset(
    (NoteCode.MEMBER_UNLISTED, NoteCode.PART_UNREADABLE, NoteCode.PART_UNSUPPORTED, NoteCode.WORDS_UNREAD)
)
_Identity = tuple[str | None, frozenset[str]]
# What a source keeps of the files that were looked at.
_OF_A_READING = ("odd_members", "doubled", "outlines", "memo")


def read_other_forms(
    first: Reading, companions: Sequence[str], source: Source, read: Callable[[Source], Reading]
) -> tuple[list[tuple[str, Reading]], list[Note]]:
    """Each further export in a folder, by its first file, and notes on files that cannot be read.

    `companions` are endings of files that belong to the first reading. `read` raises UnrecognisedSource where no
    reader finds messages in any of the files. All files left are asked at once, since months of one chat are one
    export; where they cannot be read together, those of each ending are, and then each by itself. An archive beside an
    export is asked as the folder that it holds.
    """
    if source.is_file:
        return [], []
    found: list[tuple[str, Reading]] = []
    notes: list[Note] = []
    unread = _unread_files(first, source)
    not_read = {*unread}
    read_already = [f for f in source.files if f not in not_read]
    # Beside a store that is read, databases are examined table by table (sqlite/unread.py).
    has_store = any(is_plain(source, f) for f in read_already)
    suffixes = _SUFFIXES if has_store else _SUFFIXES.union(DATABASES)
    left = [f for f in unread if f.suffix.lower() in suffixes and not f.name.lower().endswith(tuple(companions))]
    is_among_many = first.facts.limits.holds_every_kind and len(left) > _MOST_BESIDE_A_STORE
    asked = [left] if left and not is_among_many else []
    sent = _sent_archives(first, source, read_already, unread)
    asked += [[f] for f in unread if f.suffix.lower() == ".zip" and f not in sent][:_MOST_ASKED]
    while asked:
        files = asked.pop(0)
        try:
            is_packed = files[0].suffix.lower() == ".zip"
            part = Source(files[0], source.limits) if is_packed else _only(source, files)
            reading = read(part)
        except ReconcileError as error:
            if len({f.suffix.lower() for f in files}) > 1:
                asked += _by_suffix(files)
                continue
            unread = [f for f in files if _is_broken(source, f)] if isinstance(error, UnrecognisedSource) else files
            unknown = [f for f in files if f not in unread and f.stat().st_size]
            notes += [Note(NoteCode.PART_UNSUPPORTED, source.relative(f)) for f in unknown]
            if len(files) > 1 and len(unread) <= _MOST_ASKED:
                asked += [[f] for f in unread]
            else:
                notes += [Note(NoteCode.FILE_UNREAD, source.relative(f), str(error)[:200], said=True) for f in unread]
            continue
        rest = _unread_files(reading, part) if not is_packed else []
        earliest = next((f for f in files if f not in rest), files[0])
        again = _told_again(first, reading)
        if again and not any(n.code is NoteCode.OTHER_FORM for n in first.notes):
            told = Note(NoteCode.OTHER_FORM, source.relative(earliest), ", ".join(sorted(again))[:200], len(again))
            notes.append(told)
        reading = _without_conversations(reading, again)
        if reading.messages.height:
            found.append((source.relative(earliest), without_notes_on(reading, [source.relative(f) for f in rest])))
        if len(files) > 1:
            asked += [rest] if 0 < len(rest) < len(files) else [[f] for f in rest[:_MOST_ASKED]]
    return found, shorten_notes(notes)


def _identity_of(key: str, title: str | None) -> _Identity:
    """The account of a conversation (null without one) and the names it goes by."""
    account = key if is_account(key) else None
    return account, frozenset(n for n in (title, None if account else key) if n)


def _may_be_one_chat(one: _Identity, other: _Identity) -> bool:
    """Whether accounts agree, or a name does where one account is unknown."""
    if one[0] and other[0]:
        return one[0] == other[0]
    return bool(one[1] & other[1])


def _told_again(first: Reading, other: Reading) -> set[str]:
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


def _without_conversations(reading: Reading, doubles: set[str]) -> Reading:
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


def _by_suffix(files: Sequence[Path]) -> list[list[Path]]:
    """The files of each ending, in the order of the first of each."""
    found: dict[str, list[Path]] = {}
    for file in files:
        found.setdefault(file.suffix.lower(), []).append(file)
    return list(found.values())


def without_notes_on(reading: Reading, files: Sequence[str]) -> Reading:
    """The reading without its notes that these files were not read."""
    kept = (n for n in reading.notes if n.code not in _OF_FILES or n.locator.partition("#")[0] not in files)
    return replace(reading, notes=tuple(kept))


def _sent_archives(first: Reading, source: Source, read: Collection[Path], unread: Sequence[Path]) -> set[Path]:
    """The archives that were sent in the chat: those among files that were read, or that a message names."""
    among = {source.relative(f).partition("/")[0] for f in read}
    below = [f for f in unread if "/" in source.relative(f)]
    named = {*first.messages["file_name"].drop_nulls()} if below else set()
    return {f for f in below if f.name in named or source.relative(f).partition("/")[0] in among}


def _is_broken(source: Source, file: Path) -> bool:
    """Whether a workbook or document cannot be opened."""
    return archive_kind(source.head(file, 512)) == "ZIP" and not zipfile.is_zipfile(file)


def _only(source: Source, files: Sequence[Path]) -> Source:
    """The same folder as if it held these of its files alone, under the names that they have in it."""
    part = copy(source)
    for name in ("names", "_lowered"):
        part.__dict__.pop(name, None)
    part.__dict__.update(files=tuple(files), left_out=[], **{name: {} for name in _OF_A_READING})
    return part


def _unread_files(reading: Reading, source: Source) -> list[Path]:
    """The files of a folder of which neither a row nor a note that it could not be read speaks."""
    posts = [reading.posts.posts] if reading.posts is not None else []
    frames = (reading.messages, reading.witnesses, *posts)
    told = {p.partition("#")[0] for p in places_of(f["locator"] for f in frames)}
    told |= {n.locator.partition("#")[0] for n in reading.notes if n.code not in _OF_FILES}
    return [f for f in source.files if source.relative(f) not in told and f not in source.rested]
