"""Database tables as polars frames, chunk by chunk; broken pages and odd values become notes."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from sys import getsizeof
from typing import Any

import polars as pl

from reconcile.errors import LimitExceeded
from reconcile.intake.contract import Note, remarks
from reconcile.intake.memory import collector_paused, concat_and_release
from reconcile.intake.sqlite.database import Database, quoted
from reconcile.intake.sqlite.key import database_errors
from reconcile.intake.sqlite.side_tables import is_almost
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode
from reconcile.wechat.packed_blobs import ZSTD_MAGIC

ROWS_AT_ONCE = 20_000
# From this file size on, rows are read by weight: about this many bytes at once.
BYTES_AT_ONCE = 32 * 2**20
BROKEN_PAGES = "broken pages;"
# No honest blob beside a message (`<msgsource>`, BytesExtra) has a twentieth of this size; the rest is not read.
SIDE_BYTES = 2**20
# Output name -> (kind, column name and alternatives). Kinds: int, real, text, blob; body: a blob that may be plain or
# zstd text, cut like texts if plain; side: a blob whose first MiB is read.
Spec = Mapping[str, tuple[str, ...]]
_DTYPES: dict[str, Any] = {
    "int": pl.Int64,
    "real": pl.Float64,
    "text": pl.String,
    "blob": pl.Binary,
    "body": pl.Binary,
    "side": pl.Binary,
}
_MAX_INT = 2**63
_MOST_DIGITS = 19
_TORN = lazy_pattern(rb"[\xc0-\xff][\x80-\xbf]{0,2}\Z")
# Turns some rows as read into the wanted columns, so that no table's blobs are in memory as a whole.
Shrink = Callable[[pl.DataFrame], pl.DataFrame]


def as_read(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows as they are."""
    return rows


def read_table(
    database: Database, name: str, spec: Spec, *, where: tuple[str, str] | None = None, shrink: Shrink = as_read
) -> pl.DataFrame:
    """Columns of a table by row number; `where` (column, text) keeps only rows that hold this text.

    `shrink` receives some rows at a time and returns them in the wanted columns.

    An absent column is null throughout, an absent table an empty frame. `rowid` is allowed as a column and fills the
    empty cells of a column named before it. Text is UTF-8 with odd bytes replaced. Values of another type are
    converted if nothing is lost, else null. Each such column gets one note, as do unreadable pages and values above
    the limit.
    """
    table = database.find(name)
    if table is None:
        return shrink(pl.DataFrame(schema={out: _DTYPES[kind] for out, (kind, *_) in spec.items()}))
    present = {c.lower(): c for c in database.tables[table]}
    if table not in database.without_rowid:
        present.setdefault("rowid", "rowid")
    columns = {
        out: (kind, next((present[n.lower()] for n in names if n.lower() in present), None))
        for out, (kind, *names) in spec.items()
    }
    _note_likely(database, table, present, spec, columns)
    has_rowid = "rowid" in present
    return _Reading(database, table, {o: k for o, (k, _) in columns.items()}, shrink, where).frame(
        [_expression(c, is_number=has_rowid and "rowid" in spec[o]) for o, (_, c) in columns.items()]
    )


def place_of(scope: str, column: str) -> pl.Expr:
    """The locator `file#table/number` of each row; a row without a number gets the place of its table."""
    return pl.format("{}/{}", pl.lit(scope), pl.col(column).cast(pl.String).fill_null("?")).alias("locator")


def _expression(column: str | None, *, is_number: bool) -> str:
    """A column as an SQL expression; the row number fills empty cells of the key column.

    A damaged statement of the key leaves such cells empty.
    """
    if column is None:
        return "NULL"
    return f"coalesce({quoted(column)}, rowid)" if is_number and column != "rowid" else quoted(column)


def _note_likely(
    database: Database,
    table: str,
    present: Mapping[str, str],
    spec: Spec,
    columns: Mapping[str, tuple[str, str | None]],
) -> None:
    """A note for each unused column whose name nearly equals that of a needed but missing one."""
    absent = {n.lower() for out, (_, *names) in spec.items() if columns[out][1] is None for n in names}
    others = present.keys() - {c.lower() for _, c in columns.values() if c} if absent else set()
    for name in sorted(others):
        if any(is_almost(name, a) for a in absent):
            rows = max(1, row_count(database, table))
            note = Note(NoteCode.COLUMN_UNKNOWN, f"{database.label}#{table}", present[name], rows)
            database.notes.extend([note] if note not in database.notes else [])


def row_count(database: Database, table: str) -> int:
    """How many rows a table has; 1 where that is unknown."""
    try:
        row = database.connection.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()  # noqa: S608 - quoted
    except database_errors():
        return 1
    return int(row[0])


class _Reading:
    """One table being read: what each column should be, and what was odd about it."""

    def __init__(
        self,
        database: Database,
        table: str,
        kinds: dict[str, str],
        shrink: Shrink,
        where: tuple[str, str] | None = None,
    ) -> None:
        self.database, self.table, self.kinds, self.shrink = database, table, kinds, shrink
        self.condition = f"{quoted(where[0])} = ?" if where else "1"
        self.values = (where[1],) if where else ()
        self.odd: dict[str, int] = {}
        # A text with fewer bytes cannot exceed the limit of characters.
        self.most_bytes = 4 * database.source.limits.max_text_characters

    def frame(self, expressions: Sequence[str]) -> pl.DataFrame:
        """The whole table; falls back to shorter values, then to rows readable from either end."""
        try:
            with collector_paused():
                frames = list(self._read_chunks(expressions))
        except database_errors() as error:
            frames = self._read_after_error(error, expressions)
        for column, count in self.odd.items():
            self._add_note(NoteCode.ODD_VALUE, f"{self.table}.{column}", count)
        empty = pl.DataFrame(schema={o: _DTYPES[k] for o, k in self.kinds.items()})
        return concat_and_release([self.shrink(empty), *frames])

    def _read_after_error(self, error: Exception, expressions: Sequence[str]) -> list[pl.DataFrame]:
        """Rows that can still be read; raises LimitExceeded where the query took too long."""
        if "interrupt" in str(error):
            source = self.database.source
            said = f"{self.database.label}: reading took longer than its size allows; is it a real message store?"
            raise LimitExceeded(
                source.path, f"{said} {source.limits.named('max_query_seconds_per_megabyte')}"
            ) from None
        if "too big" in str(error):
            return self._without_overlong(expressions)
        return self._from_both_ends(expressions)

    def _read_chunks(self, expressions: Sequence[str], tail: str = "") -> Iterator[pl.DataFrame]:
        """Rows in frames of a bounded size."""
        step = self._rows_at_once(expressions)
        cursor = self.database.connection.execute(self._select_statement(expressions, tail), self.values)
        while rows := _next_rows(cursor, step):
            yield self._frame_of(rows)

    def _rows_at_once(self, expressions: Sequence[str]) -> int:
        """How many rows may be read at once without exceeding `BYTES_AT_ONCE`; 1 where it is unknown."""
        if self.database.size < BYTES_AT_ONCE:
            return ROWS_AT_ONCE
        # Sizes are in each row's header, so no value is read. Any column may hold values of another type than
        # declared.
        most = [f"max(octet_length({e}))" for e in expressions]
        try:
            found = self.database.connection.execute(self._select_statement(most, ""), self.values).fetchone()
        except database_errors():
            return 1
        return min(max(BYTES_AT_ONCE // max(sum(n or 0 for n in found), 1), 1), ROWS_AT_ONCE)

    def _without_overlong(self, expressions: Sequence[str]) -> list[pl.DataFrame]:
        """Rows with null for values above the limit of bytes, which are counted in a note."""
        limit = self.database.source.limits.max_body_bytes
        short = [e if e == "NULL" else f"CASE WHEN octet_length({e}) <= {limit} THEN {e} END" for e in expressions]
        long = " OR ".join(f"octet_length({e}) > {limit}" for e in expressions if e != "NULL")
        try:
            found = list(self._read_chunks(short))
            count = self.database.connection.execute(
                self._select_statement(["count(*)"], f" AND ({long})"), self.values
            ).fetchone()[0]
        except database_errors() as error:
            return (
                self._from_both_ends(short)
                if "no such function" not in str(error)
                else self._from_both_ends(expressions)
            )
        self._add_note(NoteCode.LIMIT_REACHED, f"{self.table}: values over {limit} bytes", int(count))
        return found

    def _from_both_ends(self, expressions: Sequence[str]) -> list[pl.DataFrame]:
        """Rows before and behind damaged pages, with a note on how far each end reached."""
        if self.table in self.database.without_rowid:
            self._add_note(NoteCode.PART_UNREADABLE, self.table, 1)
            return []
        head = list(self._one_by_one(expressions, " ORDER BY rowid"))
        last = head[-1][0] if head else -_MAX_INT
        tail = list(self._one_by_one(expressions, f" AND rowid > {last} ORDER BY rowid DESC" if last > -_MAX_INT else " ORDER BY rowid DESC"))  # fmt: skip
        first = tail[-1][0] if tail else None
        reached = f"rows up to {last if head else '-'}, from {first if first is not None else '-'}"
        self._add_note(NoteCode.PART_UNREADABLE, f"{self.table}: {BROKEN_PAGES} read {reached}", 1)
        rows = [r[1:] for r in (*head, *reversed(tail))]
        return [self._frame_of(rows)] if rows else []

    def _one_by_one(self, expressions: Sequence[str], tail: str) -> Iterator[tuple[Any, ...]]:
        """Rows up to the first that cannot be read."""
        try:
            cursor = self.database.connection.execute(
                self._select_statement(["rowid", *expressions], tail), self.values
            )
            yield from cursor
        except database_errors():
            return

    def _select_statement(self, expressions: Sequence[str], tail: str) -> str:
        return f"SELECT {', '.join(expressions)} FROM {quoted(self.table)} WHERE {self.condition}{tail}"  # noqa: S608 - names are quoted, the rest is ours

    def _frame_of(self, rows: Sequence[tuple[Any, ...]]) -> pl.DataFrame:
        """Rows as columns in their types, shortened by shrink."""
        values = zip(*rows, strict=True)
        series = [self._series_of(o, k, v) for (o, k), v in zip(self.kinds.items(), values, strict=True)]
        return self.shrink(pl.DataFrame(series))

    def _series_of(self, name: str, kind: str, values: Sequence[Any]) -> pl.Series:
        """One column in its type; values that do not fit are mended and counted."""
        raw = pl.Binary if kind == "text" else _DTYPES[kind]
        values = self._cut_texts(kind, values)
        try:
            series = pl.Series(name, values, dtype=raw, strict=True)
        except (TypeError, OverflowError):
            return self._mended_series(name, kind, values)
        if kind != "text":
            return series
        try:
            return series.cast(pl.String)
        except pl.exceptions.ComputeError:
            return self._mended_series(name, kind, values)

    def _cut_texts(self, kind: str, values: Sequence[Any]) -> Sequence[Any]:
        """Texts as bytes, cut slightly above the limit for a message; a later step cuts and notes them."""
        if kind not in _CUT or self.database.size <= min(self.most_bytes, SIDE_BYTES):
            return values
        most = SIDE_BYTES if kind == "side" else self.most_bytes
        return [
            v if not isinstance(v, bytes) or len(v) <= most or (kind == "body" and v.startswith(ZSTD_MAGIC)) else _cut(v, most)
            for v in values
        ]  # fmt: skip

    def _mended_series(self, name: str, kind: str, values: Sequence[Any]) -> pl.Series:
        """One column with each value converted, null where that fails."""
        mended = [_MEND[kind](v) for v in values]
        bad = sum(1 for v, m in zip(values, mended, strict=True) if _is_odd(v, m, kind))
        if bad:
            self.odd[name] = self.odd.get(name, 0) + bad
        return pl.Series(name, mended, dtype=_DTYPES[kind], strict=True)

    def _add_note(self, code: NoteCode, excerpt: str, count: int) -> None:
        self.database.notes += remarks(code, f"{self.database.label}#{self.table}", excerpt[:200], count)


def _next_rows(cursor: sqlite3.Cursor, step: int) -> list[tuple[Any, ...]]:
    """The next rows: 20,000, fewer where they are heavy; [] at the end."""
    held: list[tuple[Any, ...]] = []
    weight = 0
    while len(held) < ROWS_AT_ONCE and weight <= BYTES_AT_ONCE:
        rows = cursor.fetchmany(min(step, ROWS_AT_ONCE - len(held)))
        held += rows
        if len(rows) < step:
            break
        weight += sum(map(getsizeof, chain.from_iterable(rows))) if step < ROWS_AT_ONCE else 0
    return held


def _cut(value: bytes, most: int) -> bytes:
    """The value, or so much of it that it still is too long, without a character torn at its end."""
    return value if len(value) <= most else _TORN.sub(b"", value[: most + 4])


def _int_or_none(value: object) -> int | None:
    """A whole number of 64 bits, also from digits; null for anything else."""
    if isinstance(value, bytes):
        text = value.strip()
        value = int(text) if text.removeprefix(b"-").isdigit() and len(text) <= _MOST_DIGITS else None
    if isinstance(value, float):
        value = int(value) if value.is_integer() and abs(value) < 2**53 else None
    return value if isinstance(value, int) and -_MAX_INT <= value < _MAX_INT else None


def _float_or_none(value: object) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    whole = _int_or_none(value)
    return None if whole is None else float(whole)


def text_of_cell(value: object) -> str | None:
    """A value as text, odd bytes replaced; null for null."""
    if value is None:
        return None
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _bytes_or_none(value: object) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    return str(value).encode()


_MEND: dict[str, Any] = {
    "int": _int_or_none,
    "real": _float_or_none,
    "text": text_of_cell,
    "blob": _bytes_or_none,
    "body": _bytes_or_none,
    "side": _bytes_or_none,
}
_CUT = frozenset({"text", "body", "side"})


def _is_odd(value: object, mended: object, kind: str) -> bool:
    """Whether a value lost something: a number that is none, or bytes that are no UTF-8.

    A number kept as text is not odd.
    """
    if value is None:
        return False
    if kind == "body" and isinstance(value, int):
        # The client writes words or bytes here, so a number belongs to another column.
        return True
    return mended is None or (kind == "text" and isinstance(value, bytes) and "\ufffd" in str(mended))
