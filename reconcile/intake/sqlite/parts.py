"""The databases of one account: which file of a folder plays which part, opened one after the other."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from reconcile.errors import MissingExtra, UnreadableSource
from reconcile.intake.contract import Filter, Note, ReadOptions
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import Database, Tables, is_plain, open_database, tables_in
from reconcile.intake.sqlite.key import Cipher
from reconcile.intake.sqlite.phone_backup import store_files
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode

# What browsers and systems add to the name of a second copy: message_0 (1).db, MSG0 - 副本.db.
_COPY = lazy_pattern(r"(?i)(?:[ _-]*(?:copy|副本)|[ _-]*[(（]\d{1,3}[)）])+$")


@dataclass(frozen=True, slots=True)
class Part:
    """How to recognise a file's part: by a table with its columns or, if encrypted, by its name.

    Attributes:
        table: pattern that a table's whole name must match.
        columns: lower-case columns that this table must hold.
        file: pattern that an encrypted file's name must match; None = such a file is never taken for this part.
        without: a table (lower-case) that shows the file to be something else.
        page: bytes; an encrypted file's size is a multiple of it.
    """

    table: str
    columns: frozenset[str] = frozenset()
    file: str | None = None
    without: str | None = None
    page: int = 1024

    def fits(self, tables: Tables) -> bool:
        """Whether tables of an unencrypted file show this part."""
        lowered = {t.lower(): c for t, c in tables.items()}
        if self.without in lowered:
            return False
        return any(re.fullmatch(self.table, t) and c >= self.columns for t, c in lowered.items())

    def fits_locked(self, file: Path) -> bool:
        """Whether an encrypted file's name and size allow this part."""
        name = f"{_COPY.sub('', file.stem)}{file.suffix}"
        if self.file is None or not re.fullmatch(self.file, name, re.IGNORECASE):
            return False
        size = file.stat().st_size
        return size >= self.page and size % self.page == 0


def parts_in(source: Source, parts: Mapping[str, Part]) -> dict[str, list[Path]]:
    """Part -> the files that play it, in path order. A file may play several parts."""
    found: dict[str, list[Path]] = {name: [] for name in parts}
    for file, logs in store_files(source).items():
        if is_plain(source, file):
            tables = tables_in(source, file, logs)
            fitting = [name for name, part in parts.items() if part.fits(tables)]
        else:
            fitting = [name for name, part in parts.items() if part.fits_locked(file)]
        for name in fitting:
            found[name].append(file)
    return found


def lacking_notes(source: Source, parts: Mapping[str, Part]) -> list[Note]:
    """A note for each unencrypted table that is named like a part's but lacks columns of all such parts."""
    said = "lacks columns that it should have; not read"
    return [
        Note(NoteCode.PART_UNREADABLE, f"{source.relative(file)}#{table}", said, said=True)
        for file, logs in store_files(source).items()
        if is_plain(source, file)
        for table in _tables_without_columns(tables_in(source, file, logs), parts)
    ]


def _tables_without_columns(tables: Tables, parts: Mapping[str, Part]) -> list[str]:
    """Tables named as a part's that lack columns of every such part."""
    lowered = {t.lower() for t in tables}
    asked = [p for p in parts.values() if p.without not in lowered]
    named = {t: [p for p in asked if re.fullmatch(p.table, t.lower())] for t in sorted(tables)}
    return [t for t, those in named.items() if those and not any(p.columns <= tables[t] for p in those)]


def databases(
    source: Source,
    files: Sequence[Path],
    options: ReadOptions,
    ciphers: Sequence[Cipher],
    notes: list[Note],
    *,
    is_needed: bool = False,
) -> Iterator[Database]:
    """Each file as an open Database; the previous one is closed and its notes are in `notes` by then.

    A file that cannot be opened becomes a note (part_encrypted, part_unreadable). With `is_needed`, the first file's
    error is raised if none can be opened.
    """
    opened, errors = 0, list[tuple[Path, UnreadableSource | MissingExtra]]()
    logs = store_files(source) if files else {}
    for file in files:
        try:
            with open_database(
                source, file, key=options.key, ciphers=ciphers, limits=options.limits, logs=logs.get(file, ())
            ) as database:
                opened += 1
                yield database
                notes.extend(database.notes)
        except (UnreadableSource, MissingExtra) as error:
            errors.append((file, error))
    if is_needed and errors and not opened:
        raise errors[0][1]
    for file, reason in errors:
        locked = options.key is None and not is_plain(source, file)
        code = NoteCode.PART_ENCRYPTED if locked else NoteCode.PART_UNREADABLE
        notes.append(Note(code, source.relative(file), str(reason)[:200], said=True))


@dataclass(frozen=True, slots=True)
class ShardSpan:
    """A message shard that was read: its name, beginning and last row in unix seconds (0 = unknown)."""

    label: str
    begins: int
    ends: int


def unheld_spans(source: Source, read: Sequence[ShardSpan], names: str) -> tuple[Filter, ...]:
    """Time spans between shards that were read, one for each shard that is missing or unreadable.

    A span reaches from the last row of the shard before to the beginning of the one behind. Shards are by time and
    numbered from 0 (wechat-databases 1 and 2). `names`: the pattern of their file names, with the number as a group.
    An end without a shard is open.
    """

    def numbered(name: str) -> int | None:
        match = re.fullmatch(names, name.rpartition("/")[2], re.IGNORECASE)
        return int(match[1]) if match else None

    named = {n for f in source.files if (n := numbered(f.name)) is not None}
    held = {n: s for s in read if (n := numbered(s.label)) is not None}
    spans = []
    for number in sorted(set(range(max(named, default=-1) + 1)) - held.keys()) if held else ():
        before = [s for n, s in sorted(held.items()) if n < number]
        after = [s for n, s in sorted(held.items()) if n > number]
        ends = [before[-1].ends or before[-1].begins] if before else []
        begins = [after[0].begins] if after else []
        # Where shard times contradict their numbers, both bound the missing one.
        spans.append(
            Filter(
                _instant_of(min(ends + begins)) if ends else None, _instant_of(max(ends + begins)) if begins else None
            )
        )
    return tuple(dict.fromkeys(spans))


def _instant_of(seconds: int) -> datetime | None:
    """The time of Unix seconds; null where they are out of range."""
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 2**32 else None


def missing_shards(source: Source, files: Sequence[Path]) -> list[Note]:
    """A note for each missing shard below an existing number: MSG0.db where only MSG1.db is there.

    `files` are the message stores and the files beside them with the same number.
    """
    held: dict[tuple[Path, str, str], set[int]] = {}
    for file in () if source.is_file else files:
        if match := re.fullmatch(r"(?i)(?:media|fts)?(.*?)(\d{1,4})(\.db)", file.name):
            held.setdefault((file.parent, match[1], match[3]), set()).add(int(match[2]))
    names = {f.name.lower() for f in (*files, *source.files)}
    wanted = [(p, f"{n}{i}{end}") for (p, n, end), found in sorted(held.items()) for i in range(max(found) + 1)]
    return [
        Note(NoteCode.MEMBER_MISSING, source.relative(folder / name), "no such shard was handed in", said=True)
        for folder, name in wanted
        if name.lower() not in names
    ]
