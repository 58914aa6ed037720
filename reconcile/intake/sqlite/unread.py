"""Finds databases that no reader read: unrecognised message tables, stores with a damaged schema."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl

from reconcile.errors import LimitExceeded, UnreadableSource
from reconcile.intake.contract import Note, Reading, ReadOptions, shorten_notes
from reconcile.intake.folders import is_beside
from reconcile.intake.frames import messages_of, notes_of
from reconcile.intake.posts.json import COMPANIONS
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import (
    SUFFIXES,
    Database,
    database_files,
    is_plain,
    open_database,
    tables_in,
)
from reconcile.intake.sqlite.key import database_errors
from reconcile.intake.sqlite.side_tables import almost_side_tables, shape_of
from reconcile.intake.sqlite.table import row_count
from reconcile.patterns import lazy_pattern
from reconcile.settings import Limits
from reconcile.vocabulary import Kind, NoteCode, TextQuality

# Tables that hold messages or posts in the clients' stores (wechat-databases, wechat-moments).
_HOLDS_ROWS = lazy_pattern(
    r"^(?:MSG|PublicMsg|message|(?:Chat|Msg)_[0-9a-f]{32}|SnsInfo|SnsTimeLine|FeedsV20|MyWC01_[0-9a-f]{32}|Session(?:Attachment)?Info)$",
    re.IGNORECASE,
)
# Columns of message tables, under whatever table name.
_COLUMNS_OF_ROWS = (
    {"meslocalid", "message", "des"}, {"meslocalid", "msgcontent", "mesdes"}, {"msgsvrid", "strtalker", "strcontent"},
    {"server_id", "local_type", "message_content"}, {"msgsvrid", "issend", "talker", "content"},
)  # fmt: skip
# Signs that no statement of a client contains. Damage there renames a column, whose content is then not found.
_ODD_IN_SCHEMA = lazy_pattern(r"[^\w\s(),.;:'\"`\[\]=<>+*/|%-]")
_DATED_LINE = r"(?m)^.{0,80}\d{4}-\d\d?-\d\d?[ T]\d\d?:\d\d"
_DATED_LINES, _LEAST_RUN_ON = 3, 60
_NAME_LINE = r"(?m)^\S[^\n]{0,30}[:：]$"
_MOST_FILES = 500
_ROWS_AT_ONCE = 2**16
# A heading, a title and an export date take less.
_LEAST_BYTES = 200
# For larger stores the check would take longer than reading.
_CHECKED_BYTES = 2**24
# Copied words have nothing beside them.
# Stores of any make have tables of their own.
_ANY_FORM = ("inferred",)
_BARE_FORMS = ("wechat_copied_text",)

# Text garbled as a whole shows in the first rows.
_LOOKED_AT = 2_000
_LEAST_GARBLED = 5


def unread_notes(reading: Reading, source: Source, options: ReadOptions) -> list[Note]:
    """A note for each message table and store of which neither a row nor a note of the reading speaks.

    This reveals stores whose table was replaced by a view, renamed beyond recognition, or whose schema is damaged.
    Encrypted stores are left to the readers.
    """
    files = list(source.files) if len(source.files) <= _MOST_FILES else list(database_files(source)[:_MOST_FILES])
    if not any(is_plain(source, f) for f in files):
        return []
    told = _places_read(reading)
    labels = {_file_and_table(t)[0] for t in told}
    shapes = {shape_of(_file_and_table(t)[0]) for t in told if _HOLDS_ROWS.match(_file_and_table(t)[1])}
    found: list[Note] = []
    for file in files:
        label = source.relative(file)
        if is_plain(source, file):
            is_known = reading.facts.reader not in _ANY_FORM
            found += _notes_on_store(source, file, told, label in labels, options, is_known=is_known)
            if shape_of(label) in shapes and label not in labels and not _has_row_tables(source, file):
                found.append(Note(NoteCode.PART_UNREADABLE, label, "holds no table of messages; not read", said=True))
        elif label not in labels and (shape_of(label) in shapes or _is_named_store(file)) and source.head(file, 16):
            found.append(Note(NoteCode.PART_UNREADABLE, label, "no database, or encrypted; not read", said=True))
        elif not file.stat().st_size and (shape_of(label) in shapes or _has_log(file)):
            found.append(Note(NoteCode.PART_UNREADABLE, label, "empty file", said=True))
        elif label.endswith("-wal") and source.head(file, 16) and not is_beside(file.with_name(file.name[:-4])):
            found.append(Note(NoteCode.MEMBER_MISSING, label[:-4], "its log is there, the database is not", said=True))
    return found


def empty_reading_notes(reading: Reading, size: int, name: str) -> list[Note]:
    """A note where material of some size gave no row, no post and no note of an unreadable part."""
    is_told = {n.code for n in reading.notes} & {
        NoteCode.PART_UNREADABLE,
        NoteCode.ROW_SKIPPED,
        NoteCode.PART_UNSUPPORTED,
    }
    if (
        reading.messages.height
        or reading.posts is not None
        or reading.witnesses.height
        or is_told
        or (size < _LEAST_BYTES and reading.facts.reader not in _BARE_FORMS)
    ):
        return []
    return [Note(NoteCode.PART_UNREADABLE, name, f"no message in {size} bytes", said=True)]


def run_on_notes(reading: Reading) -> list[Note]:
    """Notes on messages with several dated lines: rows of another file or form that run on in them."""
    held = reading.messages.select("locator", "text", "kind")
    # Counting bytes is cheaper than counting characters, and a text has no more characters than bytes.
    long = held.filter(pl.col("text").str.len_bytes() >= _LEAST_RUN_ON)
    if long.is_empty():
        return []
    frame = long.filter(
        (pl.col("text").str.len_chars() >= _LEAST_RUN_ON) & (pl.col("kind").cast(pl.String) != str(Kind.FORWARD))
    )
    counted = frame.select("locator", "text", pl.col("text").str.count_matches(_DATED_LINE).alias("lines"))
    found = counted.filter(pl.col("lines") >= _DATED_LINES)
    spoken = frame.filter(pl.col("text").str.count_matches(_NAME_LINE) >= _DATED_LINES).select("locator", "text")
    found = pl.concat([found, _of_speakers(spoken, found["locator"])])
    return shorten_notes(
        [Note(NoteCode.AMBIGUOUS_HEADER, place, text[:200], lines) for place, text, lines in found.iter_rows()]
    )


def _of_speakers(frame: pl.DataFrame, told: pl.Series) -> pl.DataFrame:
    """Of texts with lines ending in a colon, those in which one line recurs like a speaker's name.

    Each comes with the number of such lines.
    """
    named = [(place, text, re.findall(_NAME_LINE, text)) for place, text in frame.iter_rows()]
    rows = [(p, t, len(names)) for p, t, names in named if len(set(names)) < len(names) and p not in told]
    return pl.DataFrame(rows, schema={"locator": pl.String, "text": pl.String, "lines": pl.UInt32}, orient="row")


def garbled_notes(reading: Reading) -> list[Note]:
    """A note where texts are UTF-8 that was read as Latin-1 and written again.

    No Chinese is left then, and decoding restores all of it.
    """
    shown = reading.messages["text"].head(_LOOKED_AT)
    wide = shown.filter(shown.str.contains(r"[\x{80}-\x{ff}]{2}"))
    if wide.len() < _LEAST_GARBLED or shown.str.contains(r"\p{Han}").any():
        return []
    mended = [m for text in wide.to_list() if (m := _utf8_read_as_latin(text)) is not None]
    if 2 * len(mended) < wide.len():
        return []
    return [Note(NoteCode.ODD_VALUE, "", f"UTF-8 read as Latin-1: {mended[0]}"[:200], wide.len(), said=True)]


def _utf8_read_as_latin(text: str) -> str | None:
    """The text that was UTF-8 and decoded as Latin-1; null if it was not."""
    for encoding in ("latin-1", "cp1252"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return None


def cut_texts(reading: Reading, limits: Limits) -> Reading:
    """The reading with texts of at most `max_text_characters`, and a note on each that was longer."""
    messages, most = reading.messages, limits.max_text_characters
    # Bytes bound the number of characters and cost nothing to count.
    if not messages.height or (messages["text"].str.len_bytes().max() or 0) <= most:  # type: ignore[operator]
        return reading
    too_long = pl.col("text").str.len_chars() > most
    cut = messages.with_columns(
        pl.when(too_long).then(pl.col("text").str.head(most)).otherwise("text").alias("text"),
        pl.when(too_long)
        .then(pl.lit(str(TextQuality.TRUNCATED)))
        .otherwise(pl.col("text_quality").cast(pl.String))
        .alias("text_quality"),
    )
    notes = notes_of(NoteCode.LIMIT_REACHED, messages.filter(too_long).select("locator"))
    return replace(reading, messages=messages_of(cut), notes=(*reading.notes, *notes))


def each_place_once(reading: Reading) -> Reading:
    """The reading with each locator once: a damaged table may return some rows twice."""
    frame = reading.messages
    # Comparing numbers costs a fifth of comparing names, so names are compared only where numbers coincide.
    if _rises(frame["locator"]) or frame["locator"].hash().n_unique() == frame.height:
        return reading
    again = ~frame["locator"].is_first_distinct()
    if not again.any():
        return reading
    turn = pl.int_range(pl.len()).over("locator")
    named = pl.when(turn > 0).then(pl.format("{}~{}", "locator", turn + 1)).otherwise("locator")
    notes = notes_of(NoteCode.DUPLICATE_ROW, frame.filter(again), excerpt="text", most=5)
    return replace(
        reading, messages=messages_of(frame.with_columns(named.alias("locator"))), notes=(*reading.notes, *notes)
    )


def _rises(names: pl.Series) -> bool:
    """Whether each name is longer than the one before, or equally long and greater: numbers in order."""
    before, behind = names.slice(0, max(0, names.len() - 1)), names.slice(1)
    length, longer = before.str.len_bytes(), behind.str.len_bytes()
    return bool(((longer > length) | ((longer == length) & (behind > before))).all())


def unclaimed_notes(reading: Reading, source: Source) -> list[Note]:
    """A note for each JSON file of a posts folder that is no companion and was never mentioned."""
    if source.is_file:
        return []
    told = {_file_and_table(t)[0] for t in _places_read(reading)}
    left = [
        name
        for f in source.files
        if f.suffix.lower() == ".json" and f.name.lower() not in COMPANIONS and (name := source.relative(f)) not in told
    ]
    return shorten_notes([Note(NoteCode.MEMBER_UNLISTED, name) for name in left])


def _has_row_tables(source: Source, file: Path) -> bool:
    """Whether a table is named as one that holds rows."""
    return any(_HOLDS_ROWS.match(t) for t in tables_in(source, file))


def left_out_notes(source: Source) -> list[Note]:
    """A note for each source entry that is not read, and for each duplicate name in an archive.

    The last note counts those that are not listed.
    """
    twice = Counter(source.zip_names) if source.is_archive else Counter[str]()
    doubled = [
        Note(NoteCode.PART_UNREADABLE, name, "stands twice in the archive; the last one is read", count - 1, said=True)
        for name, count in twice.items()
        if count > 1
    ]
    left = [Note(NoteCode.PART_UNREADABLE, name, why, said=True) for name, why in sorted(source.left_out)]
    return [*doubled, *shorten_notes(left)]


def odd_member_notes(reading: Reading, source: Source) -> list[Note]:
    """A note for each JSON file with non-objects in its message list, unless its reader noted them."""
    told = {n.locator for n in reading.notes if n.code is NoteCode.ROW_SKIPPED}
    return [
        Note(NoteCode.ROW_SKIPPED, name, "members that are no object", count, said=True)
        for name, count in sorted(source.odd_members.items())
        if name not in told
    ]


def doubled_notes(source: Source) -> list[Note]:
    """A note for each JSON file in whose objects two values have the same name."""
    return [Note(NoteCode.COLUMN_DUPLICATE, name, "", count) for name, count in sorted(source.doubled.items())]


def _places_read(reading: Reading) -> set[str]:
    """`file#table` of every row and witness, and every note's place."""
    frames = [reading.messages, reading.witnesses, reading.counters]
    if reading.posts is not None:
        frames += [reading.posts.posts, reading.posts.interactions, reading.posts.witnesses]
    columns = [f[c] for f in frames for c in ("locator", "scope") if c in f.columns]
    return {
        *places_of(columns),
        *(n.locator for n in reading.notes),
        *(n.locator.rpartition("/")[0] for n in reading.notes),
    }


def places_of(columns: Iterable[pl.Series]) -> set[str]:
    """`file#table` of each locator or scope in the columns."""
    # In slices, because a hundred thousand places make as many strings for a handful of tables.
    parts = (
        c.slice(at, _ROWS_AT_ONCE).cast(pl.String).drop_nulls()
        for c in columns
        for at in range(0, c.len(), _ROWS_AT_ONCE)
    )
    return {place for part in parts for place in part.str.replace(r"/[^/#]*$", "").unique().to_list()}


def _file_and_table(locator: str) -> tuple[str, str]:
    label, _, table = locator.partition("#")
    return label, table


def _has_log(file: Path) -> bool:
    """Whether the database has a log beside it that is not empty."""
    return is_beside(log := file.with_name(file.name + "-wal")) and log.stat().st_size > 0


def _is_named_store(file: Path) -> bool:
    return bool(file.suffix) and file.suffix.lower() in SUFFIXES


def _notes_on_store(
    source: Source, file: Path, told: set[str], is_told: bool, options: ReadOptions, *, is_known: bool
) -> Iterator[Note]:
    """Notes on damage, unread tables and odd values of one database."""
    label = source.relative(file)
    try:
        with open_database(source, file, limits=options.limits) as database:
            if not is_told:
                yield from (n for n in database.notes if n.code is NoteCode.PART_UNREADABLE)
            if not is_told and _is_damaged(database):
                yield Note(NoteCode.PART_UNREADABLE, label, "the schema is damaged; not read", said=True)
                return
            yield from _notes_on_tables(database, told, label) if is_known else ()
            if file.stat().st_size <= _CHECKED_BYTES and (odd := own_check(database)):
                yield Note(NoteCode.ODD_VALUE, label, odd, said=True)
    except (UnreadableSource, LimitExceeded) as error:
        if not is_told:
            yield Note(NoteCode.PART_UNREADABLE, label, str(error)[:200], said=True)


def own_check(database: Database) -> str:
    """The first problem of SQLite's own check, such as orphaned pages; '' for none."""
    try:
        row = database.connection.execute("PRAGMA quick_check(1)").fetchone()
    except database_errors():
        return ""
    text = row[0].decode("utf-8", "replace") if isinstance(row[0], bytes) else str(row[0])
    return "" if text == "ok" else f"SQLite's own check: {' '.join(text.split())}"[:200]


def _is_damaged(database: Database) -> bool:
    """Whether the schema cannot be read."""
    try:
        database.connection.execute("PRAGMA writable_schema=RESET")
        database.connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except database_errors():
        return True
    return False


def _notes_on_tables(database: Database, told: set[str], label: str) -> Iterator[Note]:
    """Notes on tables with rows that no reader has read, and on odd names."""
    for table in almost_side_tables(database.tables):
        if (place := f"{label}#{table}") not in told and (count := row_count(database, table)):
            yield Note(
                NoteCode.PART_UNREADABLE, place, "called almost as a table that is read; not read", count, said=True
            )
    rows = database.connection.execute("SELECT name, sql, type FROM sqlite_master WHERE type IN ('table', 'view')")
    for raw, schema, kind in rows.fetchall():
        name, place = _as_words(raw), f"{label}#{_as_words(raw)}"
        if _ODD_IN_SCHEMA.search(_as_words(schema or "")) and (count := row_count(database, name)):
            said = "odd characters in the statement that makes the table"
            yield Note(NoteCode.ODD_VALUE, place, said, count, said=True)
        # No client creates a view or a name that is no text; a table that a reader needs may hide behind it.
        is_foreign = _as_words(kind) == "view" or "\ufffd" in name
        if place in told or not (is_foreign or _HOLDS_ROWS.match(name) or has_columns_of_a_client(database, name)):
            continue
        if name not in database.tables:
            yield Note(NoteCode.PART_UNREADABLE, place, "is no table; not read", said=True)
        elif count := row_count(database, name):
            yield Note(NoteCode.PART_UNREADABLE, place, "rows of no form that is known; not read", count, said=True)


def _as_words(value: bytes | str) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def has_columns_of_a_client(database: Database, table: str) -> bool:
    """Whether a table has the columns of one in which a WeChat client keeps messages."""
    present = {c.lower() for c in database.tables.get(table, ())}
    return any(needed <= present for needed in _COLUMNS_OF_ROWS)
