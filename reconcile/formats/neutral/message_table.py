"""The message table, our own neutral form: CSV, JSONL or Parquet, with an optional JSON sidecar.

Producer: `reconcile convert`, or any user. Container: CSV (UTF-8 with or without BOM), JSON lines, Parquet; columns of
contract 1. Encoding: UTF-8. Time zone: offset in the text, sidecar `timezone`, else Asia/Shanghai assumed and noted.
Cannot say: nothing is left out by the form itself; what the user's tool left out is not known here.
"""

import io
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
import orjson
import polars as pl

from reconcile.errors import LimitExceeded, UnreadableSource
from reconcile.formats.neutral.message_columns import (
    COLUMNS,
    EXTRA,
    REQUIRED,
    normalise,
    stated_and_shown,
    states_kinds,
)
from reconcile.formats.neutral.sidecar import facts_of, members_of, named_conversations, sidecar_beside, stated
from reconcile.intake.contract import (
    Claim,
    Note,
    Reading,
    ReadOptions,
    remarks,
)
from reconcile.intake.file_reader import DATA_SUFFIXES
from reconcile.intake.form import Form
from reconcile.intake.frames import messages_of, reading_of
from reconcile.intake.json.duplicate_keys import dropped_values
from reconcile.intake.json.rows import line_skipped
from reconcile.intake.json.values import objects_in
from reconcile.intake.limits import FIELDS, MOST_KEYS, check_stretches, gather_extra_cells
from reconcile.intake.messages.complete import with_raw
from reconcile.intake.messages.running_ids import without_running_ids
from reconcile.intake.messages.twice_stated import with_contradictions
from reconcile.intake.posts.frames import TABLE_NAME
from reconcile.intake.source import CHUNK_BYTES, Source
from reconcile.intake.tables.csv import is_unquoted, rows_inside, short_rows, uneven_csv
from reconcile.intake.tables.parquet import parquet_columns, read_parquet
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode
from reconcile.wechat.clock import ASSUMED_ZONE

SUFFIXES = (".csv", ".jsonl", ".ndjson", ".parquet")
# Stores of posts and favourites beside the table, which have readers of their own.
BESIDE = lazy_pattern(r"(?:sns|snsmicromsg|wc005_008|favorite|enfavorite|fav)\.db(?:-wal|-shm)?")


class MessageTable(Form, form="message_table"):
    """Reader of the neutral message table."""

    def sniff(self, source: Source) -> Claim:
        """Certain of a table whose heading holds sent_at, text and sender or is_self."""
        file = _table_file(source)
        if file is None:
            return Claim("none", "looked for one .csv, .jsonl or .parquet file")
        try:
            heading = set(_read_heading(source, file))
        except (pl.exceptions.PolarsError, OSError, ValueError):
            return Claim("none", "no readable heading")
        if set(REQUIRED) <= heading and heading & {"sender", "is_self"}:
            return Claim("certain", "columns sent_at, text, sender or is_self")
        missing = [c for c in REQUIRED if c not in heading]
        known = heading & {*COLUMNS, *EXTRA}
        # Of a table that shares a few names by chance, the values tell more.
        if "sent_at" in heading and heading & {"text", "sender", "is_self"} and 2 * len(known) >= len(heading):
            return Claim(
                "likely", f"some columns of the message table, lacks {', '.join(missing) or 'sender and is_self'}"
            )
        return Claim("none", "looked for columns sent_at, text and sender or is_self")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """The table as messages, the sidecar as facts."""
        file = _table_file(source)
        if file is None:
            raise UnreadableSource(
                source.path, f"{source.path}: not a message table; expected .csv, .jsonl or .parquet"
            )
        table, notes, is_of_lines = _load(source, file)
        _require_columns(source, table.columns)
        source.rest_on(file.with_suffix(".json"), is_statement=True)
        sidecar = sidecar_beside(source.path, file)
        zone = options.timezone or sidecar.get("timezone") or ASSUMED_ZONE
        assumed = not (options.timezone or sidecar.get("timezone"))
        unit = sidecar.get("time_unit")
        frame, more = normalise(
            table, file.name, zone, unit, assumed=assumed, source=source.path, is_of_lines=is_of_lines
        )
        frame, moved = without_running_ids(frame, file.name)
        frame, contradicting = with_contradictions(frame, *stated_and_shown(frame))
        messages = messages_of(with_raw(frame) if moved or contradicting else frame)
        contacts = objects_in(sidecar.get("contacts"))
        odd = sum(not stated(c.get("id")) for c in contacts)
        nameless = remarks(NoteCode.ODD_VALUE, file.name, "contacts without id", odd)
        reading = reading_of(
            facts_of(sidecar, options, str(zone)),
            messages,
            contacts=[c for c in contacts if stated(c.get("id"))],
            members=members_of(sidecar),
            notes=[*notes, *more, *moved, *contradicting, *nameless],
        )
        limits = replace(reading.facts.limits, states_kinds=states_kinds(table))
        return replace(
            reading,
            facts=replace(reading.facts, limits=limits),
            conversations=named_conversations(reading.conversations, sidecar),
        )


def _table_file(source: Source) -> Path | None:
    """The one table of a file or folder; beside it may lie pictures, but no other tables or stores."""
    tables = [f for f in source.files if f.suffix.lower() in SUFFIXES and not TABLE_NAME.search(f.name)]
    elsewhere = DATA_SUFFIXES - {*SUFFIXES, ".json"}
    others = [f for f in source.files if f.suffix.lower() in elsewhere and not BESIDE.fullmatch(f.name.lower())]
    return tables[0] if len(tables) == 1 and not others else None


def _read_heading(source: Source, file: Path) -> list[str]:
    """Column names of the table, without reading the rows."""
    if file.suffix.lower() == ".parquet":
        return parquet_columns(file)
    line = source.head(file).split(b"\n", 1)[0].removeprefix(b"\xef\xbb\xbf").strip()
    if file.suffix.lower() == ".csv" and b'"' not in line and b"\r" not in line:
        return line.decode().split(",") if line else []
    if file.suffix.lower() == ".csv":
        row = pl.read_csv(io.BytesIO(line + b"\n"), has_header=False, infer_schema=False).row(0)
        return [cell or "" for cell in row]
    value = orjson.loads(line)
    return list(value) if isinstance(value, dict) else []


def _load(source: Source, file: Path) -> tuple[pl.DataFrame, list[Note], bool]:
    """The cells, what was odd, and whether every row is known to stand on a line of its own."""
    head = source.head(file)
    if not head.removeprefix(b"\xef\xbb\xbf").strip():
        raise UnreadableSource(source.path, f"{file}: empty file; expected a heading row and messages")
    if file.suffix.lower() != ".parquet" and b"\x00" in head:
        raise UnreadableSource(source.path, f"{file}: binary content; expected a UTF-8 text table")
    try:
        if file.suffix.lower() == ".parquet":
            return read_parquet(source, file), [], False
        if file.suffix.lower() == ".csv":
            return _load_csv(source, file)
        check_stretches(source.path, file, source.limits, (b"\n",), "a line")
        with file.open("rb") as stream:
            return *load_jsonl(stream, source.path, file), False
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0][:200]
        raise UnreadableSource(
            source.path, f"{file}: cannot be read as {file.suffix[1:]} ({reason}); save it as UTF-8"
        ) from None


def _load_csv(source: Source, file: Path) -> tuple[pl.DataFrame, list[Note], bool]:
    """The table as text, notes, and whether its quotes are plain signs.

    Raises UnreadableSource for bare carriage returns and for a known column that stands twice.
    """
    heading = _read_heading(source, file)
    first = source.head(file).split(b"\n", 1)[0] + b"\n"
    if b"\r" in first[:-1].rstrip(b"\r"):
        raise UnreadableSource(
            source.path, f"{file}: its lines end in carriage returns alone; save it with line feeds (a plain UTF-8 CSV)"
        )
    notes = []
    if len(set(heading)) != len(heading):
        twice = sorted({c for c in heading if heading.count(c) > 1})
        if known := [c for c in twice if c in COLUMNS]:
            raise UnreadableSource(source.path, f"{file}: column {known[0]} stands twice; keep one of them")
        notes.append(Note(NoteCode.COLUMN_DUPLICATE, file.name, ", ".join(twice)))
    check_stretches(source.path, file, source.limits, (b"\n", b","), "a cell")
    _within_cells(source, file, len(heading))
    try:
        table = pl.read_csv(file, infer_schema=False, glob=False, encoding="utf8").rechunk()
    except pl.exceptions.ComputeError:
        table, more = uneven_csv(source, file)
        return table, [*notes, *more], False
    if is_unquoted(file, table, first):
        return table, notes, True
    blank = table.select(pl.all_horizontal(pl.all().is_null())).to_series()
    if blank.any():
        notes.append(Note(NoteCode.ODD_VALUE, file.name, "empty lines", int(blank.sum()), said=True))
        table = table.filter(~blank)
    if (short := short_rows(table, file, ",")) > 0:
        notes.append(Note(NoteCode.ODD_VALUE, file.name, "rows of fewer cells than the heading", short, said=True))
    return table, [*notes, *rows_inside(file, table, ",", file.name)], False


def _within_cells(source: Source, file: Path, width: int) -> None:
    """Raises LimitExceeded where the lines would span too many cells, because empty cells cost memory too.

    A table whose cells have a byte each, their separator, may be of any length.
    """
    most = max(source.limits.max_cells, file.stat().st_size)
    if file.stat().st_size * width <= most:
        return
    # One block of memory for all reads: numpy compares many bytes at a time, while `count` stops at each match.
    block, lines = bytearray(CHUNK_BYTES // 8), 0
    signs = np.frombuffer(block, np.uint8)
    with file.open("rb", buffering=0) as stream:
        for read in iter(partial(stream.readinto, block), 0):
            lines += int(np.count_nonzero(signs[:read] == ord("\n")))
    if lines * width > most:
        raise LimitExceeded(
            source.path, f"{file}: {lines:,} lines of {width} cells; {source.limits.named('max_cells')}"
        )


def load_jsonl(stream: IO[bytes], source: Path, file: Path) -> tuple[pl.DataFrame, list[Note]]:
    """The objects of JSON lines as text cells, and notes on broken lines and on names that appear twice.

    Raises UnreadableSource where no line holds an object.
    """
    # Line by line with orjson: ids above 2**53 stay exact, and one broken line becomes a note instead of the end.
    rows: list[dict[str, Any]] = []
    notes: list[Note] = []
    doubled = 0
    for number, line in enumerate(stream, 1):
        text = line.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else line.strip()
        if not text:
            continue
        cells = _cells(text)
        if cells is None:
            notes.append(line_skipped(text, number, file.name))
        else:
            rows.append(cells)
            # With as many `":` as fields, no name is doubled. Only other lines are parsed again.
            doubled += dropped_values(text, orjson.loads(text)) if text.count(b'":') != len(cells) else 0
    if doubled:
        notes.append(Note(NoteCode.COLUMN_DUPLICATE, file.name, "", doubled))
    if not rows:
        raise UnreadableSource(source, f"{file}: no JSON object in any line; expected one message a line")
    columns = list(dict.fromkeys(k for r in rows for k in r))
    if len(columns) > MOST_KEYS:
        rows, columns = gather_extra_cells(rows, {*COLUMNS, *EXTRA}), [*COLUMNS, *EXTRA, FIELDS]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row"), notes


def _cells(line: bytes) -> dict[str, str | None] | None:
    """The cells of a line as text; None where it is no JSON object or nests too deeply."""
    try:
        value = orjson.loads(line)
        if not isinstance(value, dict):
            return None
        return {k: v if v is None or isinstance(v, str) else _as_text(v) for k, v in value.items()}
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        return None


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else orjson.dumps(value).decode()


def _require_columns(source: Source, columns: list[str]) -> None:
    """Raise UnreadableSource where a required column is missing."""
    missing = [c for c in REQUIRED if c not in columns]
    if not missing and not {"sender", "is_self"} & set(columns):
        missing = ["sender or is_self"]
    if missing:
        raise UnreadableSource(
            source.path, f"{source.path}: column {', '.join(missing)} is missing; there are {', '.join(columns[:20])}"
        )
