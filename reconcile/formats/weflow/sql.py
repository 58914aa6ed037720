"""WeFlow SQL: `<title>.sql`, INSERT statements for a PostgreSQL table weflow_messages.

Producer: WeFlow 5, hicccc77/WeFlow electron/services/export. Container: SQL text. Encoding: UTF-8. Time zone: none needed, unix
seconds.
Cannot say: exact server ids (they passed through a double and end in zeros, so that several rows share one), names of
senders, digests, voice length, the amount of a red packet; line feeds of Windows and a leading `[A-Za-z0-9_-]+:` of plain text
are lost.
"""

import re
from pathlib import Path

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.weflow.part import weflow_part
from reconcile.formats.weflow.rows import kind_by_code, settled_kind, stripped
from reconcile.intake.contract import Note, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.frames import notes_of
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.intake.text.decode import head_text, read_text
from reconcile.intake.text.lines import CONTROL
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import LocalIdScope, NoteCode

TABLE = "CREATE TABLE IF NOT EXISTS weflow_messages"
COLUMNS = (
    "session_id",
    "local_id",
    "message_id",
    "create_time",
    "sender",
    "is_send",
    "local_type",
    "media_type",
    "content",
    "media_path",
)
_BEGIN = "INSERT INTO weflow_messages (" + ", ".join(COLUMNS) + ") VALUES "  # noqa: S608 - words to look for, no query
_VALUE = r"('[^']*(?:''[^']*)*'|NULL|TRUE|FALSE|-?\d{1,20})"
# Text that may stand between two statements and behind the last one.
_NO_ROW = lazy_pattern(r"(?i)(?:\s|BEGIN;|COMMIT;|--[^\n]*|CREATE (?:TABLE|INDEX)[^;]*;)*\Z")
_STATEMENT = lazy_pattern(re.escape(_BEGIN) + r"\(" + ", ".join([_VALUE] * len(COLUMNS)) + r"\);[ \t]*(?:\r?\n|$)")
# Signs of a statement that remain visible if one place of it is damaged.
_MARKS = lazy_pattern(r"VALUES|INSERT INTO|', '|, NULL\b|(?:TRUE|FALSE), ")


class WeflowSql(FileReader, form="weflow_sql"):
    """Reader of WeFlow's SQL."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the table is WeFlow's."""
        return TABLE in head_text(source, file)[:4096]

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat's rows; statements that do not fit the table are noted."""
        name = source.relative(file)
        text, notes = read_text(source, file)
        if TABLE not in text[:4096]:
            raise UnreadableSource(source.path, f"{file}: expected {TABLE} at its beginning")
        values, lines, more = _statements(text, name)
        if not values:
            raise UnreadableSource(source.path, f"{file}: no INSERT statement of {len(COLUMNS)} values")
        table = _values_as_table(values, lines)
        accounts = table["session_id"].unique().to_list()
        # A file holds one chat. Rows that name another are no part of it, but they are not lost.
        strange = pl.col("session_id") != table["session_id"].drop_nulls().mode().sort().first()
        place = pl.format("{}#{}", pl.lit(name), "line").alias("locator")
        more += notes_of(NoteCode.ODD_VALUE, table.filter(strange).select(place, "session_id"), excerpt="session_id")
        # Control characters inside the words, which nobody types: the text may be damaged.
        garbled = table.filter(pl.col("content").str.contains(CONTROL)).select(place, "content")
        more += notes_of(NoteCode.ODD_VALUE, garbled, excerpt="content")
        part = weflow_part(
            _message_rows(table),
            file,
            name,
            options,
            [*notes, *more],
            account=accounts[0] if len(accounts) == 1 else None,
        )
        part.local_id_scope = LocalIdScope.CONVERSATION
        return part


def _statements(text: str, name: str) -> tuple[list[tuple[str, ...]], list[int], list[Note]]:
    """The values of all INSERT statements in order, with line numbers and notes.

    Each search starts where the previous statement ended, so text in values never counts as a statement.
    """
    values: list[tuple[str, ...]] = []
    lines: list[int] = []
    notes: list[Note] = []
    line, at = 1, 0
    for found in _STATEMENT.finditer(text):
        notes += _notes_on_unread_lines(text[at : found.start()], name, line, is_inner=at > 0)
        line += text.count("\n", at, found.start())
        values.append(found.groups())
        lines.append(line)
        if _BEGIN in found[0][1:]:
            # A value whose closing quote is lost continues up to a quote of a later statement.
            notes.append(Note(NoteCode.ROW_SKIPPED, f"{name}#line {line}", found[0][:200], _row_count(found[0][1:])))
        line, at = line + text.count("\n", found.start(), found.end()), found.end()
    return values, lines, [*notes, *_notes_on_unread_lines(text[at:], name, line, is_inner=True)]


def _notes_on_unread_lines(between: str, name: str, line: int, *, is_inner: bool) -> list[Note]:
    """Notes on lines between two statements that look like parts of a statement, whose rows were not read."""
    marked = [(n, part) for n, part in enumerate(between.split("\n"), line) if _MARKS.search(part)]
    if not marked and is_inner and not _NO_ROW.match(between):
        marked = [(line, between.strip())]
    return [
        Note(NoteCode.ROW_SKIPPED, f"{name}#line {n}", part.strip().removeprefix(_BEGIN)[:200], _row_count(part))
        for n, part in marked
    ]


def _row_count(text: str) -> int:
    """How many rows the statements insert, at least 1."""
    return max(1, text.count("VALUES"), text.count("INSERT INTO"))


def _values_as_table(values: list[tuple[str, ...]], lines: list[int]) -> pl.DataFrame:
    """The inserted values as text columns without quotes; NULL is null."""
    raw = pl.DataFrame(
        {c: pl.Series(v, dtype=pl.String) for c, v in zip(COLUMNS, zip(*values, strict=True), strict=True)}
    )
    quoted = pl.all().str.starts_with("'")
    bare = pl.all().str.slice(1).str.head(-1).str.replace_all("''", "'", literal=True)
    return raw.select(pl.when(quoted).then(bare).when(pl.all() != "NULL").then(pl.all())).with_columns(
        pl.Series("line", lines, dtype=pl.UInt32)
    )


def _message_rows(table: pl.DataFrame) -> pl.DataFrame:
    """Messages in the columns of a part."""
    table = table.with_columns(pl.col("local_type").cast(pl.Int64, strict=False))
    text = pl.col("content").fill_null("")
    kind = settled_kind(kind_by_code(pl.col("local_type"), table["local_type"].unique().to_list()), text)
    return table.select(
        "line",
        pl.col("create_time").cast(pl.Int64, strict=False).alias("unix"),
        text.alias("text"),
        kind.alias("kind"),
        stripped(kind).alias("text_quality"),
        "message_id",
        pl.col("local_id").cast(pl.Int64, strict=False).alias("local_id"),
        "sender",
        pl.lit(None, dtype=pl.String).alias("sender_name"),
        (pl.col("is_send") == "TRUE").alias("is_self"),
        pl.col("media_path").alias("raw_media_path"),
    )
