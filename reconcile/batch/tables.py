"""Reads the message tables of many cases together: one parse for all files of one heading.

Digests are taken of the very bytes parsed. Anything unusual (another format, a row to be noted, several
conversations) is left to the reading of single cases.
"""

import hashlib
import io
import os
import stat
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from reconcile.digests import digest_bytes
from reconcile.engine.direction import runs_backwards
from reconcile.engine.reach import micro
from reconcile.errors import ReconcileError
from reconcile.formats.neutral.message_columns import REQUIRED, neither, normalise, stated_and_shown
from reconcile.formats.neutral.message_table import SUFFIXES, MessageTable, load_jsonl
from reconcile.formats.neutral.sidecar import facts_of, sidecar_in
from reconcile.formats.registry import reader_of, readers_for
from reconcile.intake.contract import Owner, ReadOptions
from reconcile.intake.frames import messages_of
from reconcile.intake.limits import MOST_CELLS, check_statement
from reconcile.intake.messages.twice_stated import CONTRADICTS, with_contradictions
from reconcile.intake.posts.frames import TABLE_NAME
from reconcile.intake.side_stores import is_side_store
from reconcile.intake.source import Source, SourceFile
from reconcile.intake.tables.csv import lines_ended_empty
from reconcile.settings import Limits
from reconcile.vocabulary import Kind
from reconcile.wechat.articles import HOST
from reconcile.wechat.clock import ASSUMED_ZONE

# Larger files gain nothing from a common pass. For more rows anchors are drawn, which only a single comparison does.
MOST_FILE_BYTES, MOST_ROWS = 4 * 2**20, 20_000
_BOM = b"\xef\xbb\xbf"
_ODD = (pl.exceptions.PolarsError, pl.exceptions.PanicException, ReconcileError, OSError, ValueError)
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Export:
    """One file read: its side, its bytes and its sidecar's facts; `exported` in µs.

    beside: the sidecar, where there is one.
    """

    number: int
    path: Path
    data: bytes
    file: SourceFile
    beside: tuple[SourceFile, ...]
    zone: str
    is_assumed: bool
    unit: str | None
    owner: Owner
    exported: int | None


@dataclass(frozen=True, slots=True)
class Tables:
    """Exports by number and their messages, as Messages with `export`; rows count from 0 in each."""

    exports: Mapping[int, Export]
    messages: pl.DataFrame
    notes: Mapping[int, int]


def read_tables(paths: Mapping[int, Path], options: ReadOptions) -> Tables:
    """The exports among `paths` that can be read together; the others are left out."""
    found = [e for number, path in paths.items() if (e := _open_export(number, path, options)) is not None]
    frames = [f for group in _groups(found) if (f := _messages_of_group(group, options)) is not None]
    if not frames:
        return Tables({}, messages_of([]).with_columns(pl.lit(None, dtype=pl.UInt32).alias("export")), {})
    every = pl.concat(frames).sort("export", maintain_order=True)
    plain = _exports_without_oddities(every)
    every = every.filter(pl.col("export").is_in(plain.implode()))
    kept = set(plain)
    notes = every.group_by("export").agg((pl.col("zone_source").cast(pl.String) == "assumed").any().cast(pl.Int64))
    return Tables({e.number: e for e in found if e.number in kept}, every, dict(notes.iter_rows()))


def _exports_without_oddities(messages: pl.DataFrame) -> pl.Series:
    """Exports without a row that asks for a closer look."""
    timed = pl.col("time_precision").cast(pl.String).is_in(["minute", "second", "millisecond"])
    # Articles are judged beside the chats.
    article = pl.col("url").str.contains(HOST, literal=True) | pl.col("raw").str.contains('"articles":', literal=True)
    by_export = messages.group_by("export").agg(
        (timed & ~article.fill_null(value=False)).all().alias("plain"),
        pl.col("conversation").n_unique().alias("conversations"),
        pl.len().alias("rows"),
        runs_backwards().alias("backwards"),
    )
    return by_export.filter(
        pl.col("plain") & ~pl.col("backwards") & (pl.col("conversations") == 1) & (pl.col("rows") <= MOST_ROWS)
    )["export"].sort()


def _open_export(number: int, path: Path, options: ReadOptions) -> Export | None:
    """The file with its facts; None where it needs a reading of its own."""
    if path.suffix.lower() not in SUFFIXES or TABLE_NAME.search(path.name):
        return None
    try:
        facts = os.stat(path)  # noqa: PTH116 - twenty thousand files
        if not stat.S_ISREG(facts.st_mode) or not 0 < facts.st_size <= MOST_FILE_BYTES:
            return None
        with open(path, "rb") as stream:  # noqa: PTH123 - as above
            data = stream.read()
        # Checked as text first: most tables have no sidecar, and a path object costs more than the question.
        has_sidecar = os.path.isfile(os.path.splitext(path)[0] + ".json")  # noqa: PTH113, PTH122
        sidecar, beside = _read_sidecar(path, options.limits) if has_sidecar else ({}, ())
        if sidecar.get("declared") or sidecar.get("groups") or sidecar.get("contacts"):
            return None
        stated = options.timezone or sidecar.get("timezone")
        zone = str(stated or ASSUMED_ZONE)
        told = facts_of(sidecar, options, zone) if sidecar else None
    except _ODD:
        return None
    file = _source_file_of(path.name, data)
    unit = sidecar.get("time_unit")
    return Export(
        number, path, data, file, beside, zone, not stated, None if unit is None else str(unit), told.owner if told else Owner(),
        micro(told.exported_at) if told else None,
    )  # fmt: skip


def _read_sidecar(path: Path, limits: Limits) -> tuple[dict[str, Any], tuple[SourceFile, ...]]:
    """The facts of a sidecar, and its digests."""
    file = path.with_suffix(".json")
    check_statement(path, file, limits)
    data = file.read_bytes()
    return sidecar_in(path, file, data), (replace(_source_file_of(file.name, data), is_statement=True),)


def _source_file_of(name: str, data: bytes) -> SourceFile:
    return SourceFile(name, len(data), digest_bytes(data), digest_bytes(data, "sm3"))


def _groups(exports: Iterable[Export]) -> list[list[tuple[Export, pl.DataFrame | None]]]:
    """Exports whose cells can be one table, each with its cells where they are already read."""
    groups: dict[Key, list[tuple[Export, pl.DataFrame | None]]] = defaultdict(list)
    for export in exports:
        try:
            shape, cells = _grouping_key(export)
        except _ODD:
            continue
        if shape is not None:
            key = (export.path.suffix.lower(), shape, export.zone, export.is_assumed, export.unit)
            groups[key].append((export, cells))
    return list(groups.values())


def _grouping_key(export: Export) -> tuple[object, pl.DataFrame | None]:
    """A key equal for exports that can be read as one table; None = read alone. Also cells already read."""
    data, suffix = export.data, export.path.suffix.lower()
    if suffix == ".parquet":
        cells = pl.read_parquet(io.BytesIO(data))
        return tuple(cells.schema.items()), cells
    if b"\x00" in data:
        return None, None
    if suffix != ".csv":
        cells, notes = load_jsonl(io.BytesIO(data), export.path, export.path)
        return (None, None) if notes else (tuple(cells.columns), cells)
    heading = data.removeprefix(_BOM).split(b"\n", 1)[0].removesuffix(b"\r")
    names = heading.split(b",")
    odd = b'"' in heading or heading != heading.strip() or len(set(names)) != len(names)
    return (None if odd else heading), None


def _messages_of_group(
    group: Sequence[tuple[Export, pl.DataFrame | None]], options: ReadOptions
) -> pl.DataFrame | None:
    """The messages of a group of tables with one heading; None where they cannot be read together."""
    first = group[0][0]
    try:
        if not _is_message_table(first, options):
            return None
        table = _table_of_group(group)
        if table is None or not set(REQUIRED) <= set(table.columns):
            return None
        table = _without_short(table, [e for e, _ in group])
        table = _without_odd(table, is_unit_stated=first.unit is not None)
        cells = table.drop(_EXPORT)
        frame, _ = normalise(cells, "", first.zone, first.unit, assumed=first.is_assumed, source=first.path)
    except _ODD:
        return None
    names = pl.DataFrame([(e.number, e.path.name) for e, _ in group], schema={"export": pl.UInt32, "name": pl.String}, orient="row")  # fmt: skip
    row = pl.int_range(pl.len(), dtype=pl.UInt32).over("export")
    messages = frame.with_columns(table[_EXPORT].alias("export")).join(
        names, on="export", how="left", maintain_order="left"
    )
    numbered = messages.with_columns(row.alias("own_row")).with_columns(
        pl.format("{}#{}", "name", pl.col("own_row") + 1).alias("locator")
    )
    numbered = _without_contradictions(numbered)
    return messages_of(numbered).with_columns(numbered["own_row"].alias("row"), numbered["export"])


_EXPORT = "\x1fexport"


def _is_message_table(export: Export, options: ReadOptions) -> bool:
    """Whether the readers take files of this heading for message tables and see no other store."""
    source = Source(export.path, options.limits)
    beside = (r for r in readers_for(source) if is_side_store(r))
    return reader_of(source).name == MessageTable.name and all(r.sniff(source).strength == "none" for r in beside)


def _without_short(table: pl.DataFrame, exports: Iterable[Export]) -> pl.DataFrame:
    """The table without CSV exports that have rows shorter than their heading.

    Those are read singly, because the reader would note them (csv.short_rows).
    """
    last = pl.col(next(c for c in reversed(table.columns) if c != _EXPORT)).cast(pl.String)
    # Check the rows of this table first: nearly none of them or nearly all end empty.
    ended = table.filter(last.is_null() | (last == ""))[_EXPORT]
    counted = dict(ended.value_counts().iter_rows())
    csv = (e for e in exports if e.number in counted and e.path.suffix.lower() == ".csv")
    short = [e.number for e in csv if counted[e.number] > lines_ended_empty(e.data, ",")]
    return table.filter(~pl.col(_EXPORT).is_in(short)) if short else table


def _without_odd(table: pl.DataFrame, *, is_unit_stated: bool) -> pl.DataFrame:
    """The table without the exports that hold a time, kind or id which the reader would refuse or note."""
    odd = pl.lit(value=False)
    if "kind" in table.columns:
        odd = ~pl.col("kind").cast(pl.String).is_in([*map(str, Kind), ""]).fill_null(value=True)
    if "is_self" in table.columns:
        odd |= neither(pl.col("is_self"))
    if "message_id" in table.columns:
        # Ids of few digits: only a single reading can tell whether they are a device's running numbers.
        odd |= (
            pl.col("message_id")
            .cast(pl.String)
            .str.contains(r"^(?:\D*0*[1-9]\d{0,15}|\D+0+)(?:\.0*)?\s*$")
            .fill_null(value=False)
        )
    digits = pl.col("sent_at").cast(pl.String).str.contains(r"^\s*-?\d+\s*$").fill_null(value=False)
    marked = table.select(_EXPORT, odd.alias("odd"), (pl.lit(value=not is_unit_stated) & digits).alias("digits"))
    if not (marked["odd"].any() or marked["digits"].any()):
        return table
    odd_exports = marked.group_by(_EXPORT).agg(pl.col("odd").any() | pl.col("digits").all())
    bad = odd_exports.filter("odd")[_EXPORT]
    return table.filter(~pl.col(_EXPORT).is_in(bad.implode())) if len(bad) else table


def _without_contradictions(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of exports without a self-contradicting row, which the reader would note."""
    given, shown = stated_and_shown(rows)
    checked, notes = with_contradictions(rows, given, shown, by=("export",))
    if not notes:
        return rows
    odd = checked.filter(pl.col(f"raw_{CONTRADICTS}").is_not_null())["export"]
    return rows.filter(~pl.col("export").is_in(odd.implode()))


def _table_of_group(group: Sequence[tuple[Export, pl.DataFrame | None]]) -> pl.DataFrame | None:
    """The cells of all exports in one table, with the number of the export in `_EXPORT`."""
    read = [cells.with_columns(_export_number_column(export)) for export, cells in group if cells is not None]
    if not read:
        together = _parse_csv_together([e for e, _ in group])
        if together is not None:
            return together
        read = [
            cells.with_columns(_export_number_column(e)) for e, _ in group if (cells := _read_plain_csv(e)) is not None
        ]
    return pl.concat([f for f in read if f.height] or read[:1]) if read else None


def _export_number_column(export: Export) -> pl.Expr:
    return pl.lit(export.number, dtype=pl.UInt32).alias(_EXPORT)


def _read_plain_csv(export: Export) -> pl.DataFrame | None:
    """The cells of one CSV file; None where it is not plain."""
    if export.data.split(b"\n", 1)[0].count(b",") >= MOST_CELLS:
        return None
    try:
        return pl.read_csv(io.BytesIO(export.data), infer_schema=False, encoding="utf8")
    except _ODD:
        return None


def _parse_csv_together(exports: list[Export]) -> pl.DataFrame | None:
    """All tables in one parse, separated by a line that no file can hold; None for incomplete files."""
    heading = exports[0].data.removeprefix(_BOM).split(b"\n", 1)[0]
    if heading.count(b",") >= MOST_CELLS:
        return None
    mark = b"\x1e" + hashlib.sha256("".join(e.file.sha256 for e in exports).encode()).hexdigest().encode() + b":"
    parts = [heading.removesuffix(b"\r"), b"\n"]
    for place, export in enumerate(exports):
        body = export.data.split(b"\n", 1)[1] if b"\n" in export.data else b""
        if body.endswith((b"\n\n", b"\n\r\n")):
            return None
        parts += [body, b"" if body.endswith(b"\n") or not body else b"\n", mark, str(place).encode(), b"\n"]
    try:
        table = pl.read_csv(io.BytesIO(b"".join(parts)), infer_schema=False, encoding="utf8")
    except _ODD:
        return None
    is_mark = table.to_series(0).str.starts_with(mark.decode()).fill_null(value=False)
    expected = [mark.decode() + str(place) for place in range(len(exports))]
    if table.to_series(0).filter(is_mark).to_list() != expected:
        return None
    numbers = pl.Series([e.number for e in exports], dtype=pl.UInt32)
    at = is_mark.cast(pl.UInt32).cum_sum().clip(upper_bound=len(exports) - 1)
    return table.with_columns(numbers.gather(at).alias(_EXPORT)).filter(~is_mark)
