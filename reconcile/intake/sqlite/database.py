"""SQLite files of a source: opened without a trace, with the user's key if needed, read in bulk."""

import re
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import quote

from reconcile import temp_folders
from reconcile.errors import UnreadableSource
from reconcile.intake.contract import Note, remarks, shorten_notes
from reconcile.intake.source import Source
from reconcile.intake.sqlite.key import Cipher, connect_encrypted, database_errors, pick_keys
from reconcile.patterns import lazy_pattern
from reconcile.settings import Limits
from reconcile.vocabulary import NoteCode

MAGIC = b"SQLite format 3\x00"
SUFFIXES = (".db", ".sqlite", ".sqlite3", ".db3", "")
# A schema that lies only in the write-ahead log is read through a copy, if the files are small.
PEEK_COPY_BYTES = 256 * 2**20
_LOOKED_BEHIND = 2**20
LEAST_SECONDS = 8.0
STEPS_BETWEEN_CHECKS = 100_000
_VIRTUAL = lazy_pattern(r"^\s*CREATE\s+VIRTUAL", re.IGNORECASE)
_WITHOUT_ROWID = lazy_pattern(r"WITHOUT\s+ROWID\s*(?:,\s*STRICT\s*)?$", re.IGNORECASE)

Tables = Mapping[str, frozenset[str]]
Logs = tuple[tuple[str, Path], ...]
"""Suffix (-wal, -journal) and file of each log of a database, where these do not lie beside it under its own name."""


@dataclass(slots=True)
class Database:
    """One opened database: its label in locators, its size with logs, and notes on what was odd.

    `tables` lists real tables only, name -> columns. Views and virtual tables are never queried, whatever their name.
    """

    source: Source
    label: str
    connection: sqlite3.Connection
    tables: Mapping[str, tuple[str, ...]]
    without_rowid: frozenset[str]
    size: int
    notes: list[Note] = field(default_factory=list)

    def find(self, name: str) -> str | None:
        """The real table of that name in any letter case; None if absent."""
        if name in self.tables:
            return name
        lowered = name.lower()
        return next((t for t in self.tables if t.lower() == lowered), None)

    def has(self, name: str, *columns: str) -> bool:
        """Whether a real table holds the columns."""
        table = self.find(name)
        present = {c.lower() for c in self.tables[table]} if table else set()
        return table is not None and all(c.lower() in present for c in columns)

    def sequences(self) -> dict[str, int]:
        """`sqlite_sequence`: table -> highest number ever given out, as the file states it; {} if absent."""
        try:
            rows = self.connection.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
        except database_errors():
            return {}
        named = ((n.decode("utf-8", "replace") if isinstance(n, bytes) else str(n), s) for n, s in rows)
        return {n: s for n, s in named if isinstance(s, int)}


def is_plain(source: Source, file: Path) -> bool:
    """Whether a file begins like an unencrypted SQLite database."""
    return source.head(file, len(MAGIC)) == MAGIC


def database_files(source: Source) -> tuple[Path, ...]:
    """The source's files that may be databases by name (.db, .sqlite, no suffix), or the source itself."""
    if source.is_file:
        return (source.path,)
    named = [f for f in source.files if f.suffix.lower() in SUFFIXES and not f.name.startswith(".")]
    return tuple(f for f in named if f.suffix) or tuple(named[:500])


def tables_in(source: Source, file: Path, logs: Logs = ()) -> Tables:
    """Table -> lower-case column names of a file's real tables; {} if unreadable.

    Never raises and never writes.
    """
    try:
        info = file.stat()
        if not is_plain(source, file):
            return {}
        written = tuple((s, p, _file_size(p)) for s, p in _logs_of(file, logs) if s == "-wal")
        return _peek_tables(file, info.st_size, info.st_mtime_ns, written)
    except database_errors():
        return {}
    except OSError:
        return {}


def require_one(source: Source, found: Sequence[Path], what: str, advice: str = "name one of these folders") -> None:
    """Raises UnreadableSource where a folder holds several accounts' databases."""
    if len(found) > 1:
        names = ", ".join(
            str(f.relative_to(source.root) if f.is_absolute() and f.is_relative_to(source.root) else f)
            for f in found[:3]
        )
        raise UnreadableSource(source.path, f"{source.path}: holds {len(found)} {what} ({names}); {advice}")  # fmt: skip


@contextmanager
def open_database(
    source: Source,
    file: Path,
    *,
    key: str | None = None,
    ciphers: Sequence[Cipher] = (),
    limits: Limits | None = None,
    logs: Logs = (),
) -> Iterator[Database]:
    """A file of the source as a read-only Database; one with its own log is read from a private copy.

    Raises UnreadableSource for a file that is no database, encrypted without a key, opened by a wrong key, or broken in its
    first page; MissingExtra where a key is given and the optional SQLCipher library is not installed.
    """
    bounds = limits or source.limits
    name = source.relative(file)
    with ExitStack() as stack:
        notes: list[Note] = []
        for _, log in _logs_of(file, logs):
            source.rest_on(log)
        path, is_copy = stack.enter_context(_readable_copy(file, name, notes, logs))
        if is_plain(source, file):
            connection = _connect(path, writable=is_copy)
            notes += [] if is_copy else _odd_size(source, file, name)
        elif key is None:
            raise UnreadableSource(source.path, _locked_message(file, can_decrypt=bool(ciphers)))
        else:
            connection = connect_encrypted(
                source, path, _sqlite_uri(path, writable=is_copy), pick_keys(key, file), ciphers
            )
        stack.callback(connection.close)
        try:
            _harden(connection, bounds, _file_size(path))
            size = _file_size(file) + sum(_file_size(p) for _, p in _logs_of(file, logs))
            yield _describe_database(source, name, connection, size, notes)
        except database_errors() as error:
            raise UnreadableSource(source.path, f"{file}: the database cannot be read ({_short_reason(error)}); copy it again from the device") from None  # fmt: skip


def _odd_size(source: Source, file: Path, label: str) -> list[Note]:
    """A note where the file's number of pages differs from its header (SQLite file format, 1.3).

    The header's count is void where it is stale.
    """
    head = source.head(file, 100)
    page = int.from_bytes(head[16:18], "big")
    stated = int.from_bytes(head[28:32], "big") * (65_536 if page == 1 else page)
    size = _file_size(file)
    if head[24:28] != head[92:96] or stated == size:
        return []
    if stated > size:
        return [Note(NoteCode.PART_UNREADABLE, label, f"cut short: {size} of {stated} bytes", said=True)]
    # A file may be extended by zeros beforehand; other content behind the last page is no part of the database.
    with file.open("rb") as stream:
        stream.seek(stated)
        behind = stream.read(_LOOKED_BEHIND)
    return (
        remarks(NoteCode.PART_UNREADABLE, label, f"{size - stated} bytes behind the last page")
        if behind.strip(b"\x00")
        else []
    )


def _locked_message(file: Path, *, can_decrypt: bool) -> str:
    if can_decrypt:
        return f"{file}: encrypted, or no SQLite database; give this account's own key with --key-file"
    return f"{file}: no SQLite database; expected one that begins with 'SQLite format 3'"


def _short_reason(error: BaseException) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


@contextmanager
def _readable_copy(file: Path, label: str, notes: list[Note], logs: Logs) -> Iterator[tuple[Path, bool]]:
    """The file, or a private copy of it with its logs; says which."""
    own = _logs_of(file, logs)
    if not own:
        yield file, False
        return
    notes.append(
        Note(NoteCode.WAL_PRESENT, label, ", ".join(f"{p.name} {_file_size(p)} bytes" for _, p in own), said=True)
    )
    with temp_folders.folder() as folder:
        for suffix, part in (("", file), *own):
            shutil.copyfile(part, folder / (file.name + suffix))
        yield folder / file.name, True


def _logs_of(file: Path, logs: Logs) -> Logs:
    """The logs that hold anything: those named, else those beside the file."""
    beside = tuple((s, file.with_name(file.name + s)) for s in ("-wal", "-journal"))
    return tuple((s, p) for s, p in logs or beside if _file_size(p))


def _file_size(path: Path) -> int:
    """Size in bytes; 0 where the file cannot be reached."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _sqlite_uri(path: Path, *, writable: bool) -> str:
    # A private copy is opened writable so that SQLite can replay its log. The evidence never is, and gets no lock
    # file.
    return f"file:{quote(str(path.resolve()))}?" + ("mode=rw" if writable else "mode=ro&immutable=1")


def _connect(path: Path, *, writable: bool) -> sqlite3.Connection:
    return sqlite3.connect(
        _sqlite_uri(path, writable=writable), uri=True, isolation_level=None, check_same_thread=False
    )


class _Watch:
    """Stops a reading that exceeds its time, by the wall clock or by processor time.

    The work of its thread between two steps, such as unpacking rows, counts for two seconds at most.
    """

    def __init__(self, limits: Limits, size: int) -> None:
        self.end = time.monotonic() + limits.max_query_seconds
        self.left = LEAST_SECONDS + limits.max_query_seconds_per_megabyte * size / 2**20
        self.seen: dict[int, float] = {}

    def __call__(self) -> int:
        thread, now = threading.get_ident(), time.thread_time()
        self.left -= min(now - self.seen.get(thread, now), 2.0)
        self.seen[thread] = now
        return int(self.left < 0 or time.monotonic() > self.end)


def _harden(connection: sqlite3.Connection, limits: Limits, size: int) -> None:
    """Hardens a connection: bytes instead of text, no schema functions, bounded values and time."""
    connection.text_factory = bytes
    for pragma in ("trusted_schema=OFF", "query_only=ON", "cell_size_check=ON", "mmap_size=0"):
        connection.execute(f"PRAGMA {pragma}")
    with suppress(AttributeError):
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, limits.max_body_bytes)
    connection.set_progress_handler(_Watch(limits, size), STEPS_BETWEEN_CHECKS)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except database_errors():
        # SQLite refuses a file with fewer pages than its header states or with a broken schema line, unless told that
        # the schema may be odd. Nothing is written: the connection is read-only in two ways.
        connection.execute("PRAGMA writable_schema=ON")


def _describe_database(
    source: Source, label: str, connection: sqlite3.Connection, size: int, notes: list[Note]
) -> Database:
    """The open database with its tables and columns; triggers and traces of tools are noted."""
    master = _schema_rows(connection)
    real = {n: s for kind, n, s in master if kind == "table" and not _VIRTUAL.match(s) and n != "sqlite_sequence"}
    columns = {n: found for n in real if (found := _columns_of(connection, n))}
    triggers = tuple(sorted(n for kind, n, _ in master if kind == "trigger"))
    database = Database(
        source, label, connection, columns,
        frozenset(n for n, s in real.items() if _WITHOUT_ROWID.search(s)), size, notes,
    )  # fmt: skip
    notes.extend(shorten_notes([Note(NoteCode.TOOL_TRACE, label, f"trigger {t}"[:200], said=True) for t in triggers]))
    notes.extend(
        Note(NoteCode.TOOL_TRACE, label, f"table {t}"[:200], said=True) for t in real if t.startswith("_weflow_")
    )
    return database


def _schema_rows(connection: sqlite3.Connection) -> list[tuple[str, str, str]]:
    rows = connection.execute("SELECT type, name, coalesce(sql, '') FROM sqlite_master").fetchall()
    return [tuple(v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in row) for row in rows]  # type: ignore[misc]


def _columns_of(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    rows = connection.execute("SELECT name FROM pragma_table_info(?)", (table,)).fetchall()
    return tuple(n.decode("utf-8", "replace") if isinstance(n, bytes) else str(n) for (n,) in rows)


@lru_cache(maxsize=256)
def _peek_tables(file: Path, size: int, modified: int, logs: tuple[tuple[str, Path, int], ...]) -> Tables:
    """Tables of a file, read from a copy if they may be in its log; modified is the cache's key."""
    del modified
    found = _tables_of(file, writable=False)
    if found or not logs or size + sum(length for *_, length in logs) > PEEK_COPY_BYTES:
        return found
    with _readable_copy(file, file.name, [], tuple((s, p) for s, p, _ in logs)) as (path, is_copy):
        return _tables_of(path, writable=is_copy)


def _tables_of(path: Path, *, writable: bool) -> Tables:
    """Tables with their columns in lower case."""
    connection = _connect(path, writable=writable)
    try:
        _harden(connection, Limits(), _file_size(path))
        return {
            name: frozenset(c.lower() for c in _columns_of(connection, name))
            for kind, name, sql in _schema_rows(connection)
            if kind == "table" and not _VIRTUAL.match(sql)
        }
    finally:
        connection.close()


@cache
def quoted(name: str) -> str:
    """A table or column name for SQL text."""
    return '"' + name.replace('"', '""') + '"'
