"""Cells of words that are lines of a text once more: each begins with its sender, or time and sender."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from reconcile.column_ops import present
from reconcile.formats.inferred.fields import PARENT, Fields
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.mapping import Inferred
from reconcile.formats.inferred.scores import infer
from reconcile.formats.inferred.text.from_text import fields_of_lines
from reconcile.formats.inferred.times.times_in_lines import CLOCK
from reconcile.intake.contract import Note
from reconcile.intake.tables.cells import ROW
from reconcile.patterns import lazy_pattern

# Any time in front of a cell makes it a line of a text.
_TIME = "2001-02-03 04:05:06 "
# Least rows, least share of them that name somebody, and the rows that show whether they do.
_LEAST, _NAMED, _LOOK = 3, 0.9, 100
_SENDER = "sender"
# Least share of the lines in cells that begin a message each.
_MOST_LINES = 0.5
# A text with a time near its beginning, and how deep a list of such texts may lie.
_STAMPED, _LEVELS = lazy_pattern(r"(?s).{0,40}?[0-9]{1,2}[:：时][0-9]{2}"), 4


def fields_of_cells(cells: pl.Series, places: pl.Series, name: str, notes: Sequence[Note]) -> list[Fields]:
    """The messages in cells that are the lines of a text, placed by those of their first lines."""
    lines = pl.DataFrame({ROW: places, "text": cells.fill_null("").str.split("\n")}).explode("text")
    line = pl.col(ROW).str.extract(r"([0-9]+)$", 1).cast(pl.Int64) - 1
    return [
        replace(f, frame=f.frame.with_columns(line.replace_strict(dict(enumerate(lines[ROW])))))
        for f in fields_of_lines(lines["text"], name, [*notes])
    ]


def with_rows_as_lines(fields: Fields) -> Fields | None:
    """The rows of a list as the lines of a text, the cells of each behind one another; None for others.

    Every time in a cell has to be that of a message, and nearly all messages name their sender. Headings of
    messages make a table, unless cells hold several messages. A page's rows are read as lines with the whole page.
    """
    if fields.is_text or fields.roles or any(n.startswith((PARENT, "@")) or "." in n for n in fields.names):
        return None
    many = [n for n in fields.names if _holds_lines(fields.frame[n].head(_LOOK))]
    if not many and any(hint(n, role) >= 1 for n in fields.names for role in ("time", "sender", "text")):
        return None
    # What stands beside several messages says something of all of them.
    whole = [pl.col(n) if n in many else pl.col(n).str.replace_all(r"\s*\n\s*", " ") for n in fields.names]
    cells = pl.concat_str(
        (c.str.strip_chars().replace("", None) for c in (whole if many else map(pl.col, fields.names))),
        separator="\n" if many else "\t",
        ignore_nulls=True,
    )
    rows = fields.frame.select(cells.alias("text"), pl.col(ROW).cast(pl.String))
    first = rows["text"].head(_LOOK)
    if rows.height < _LEAST or not first.str.contains(CLOCK).any() or first.str.contains("</", literal=True).any():
        return None
    found = fields_of_cells(rows["text"], rows[ROW], fields.file, fields.notes)
    known = replace(fields, timed=rows["text"], is_last_resort=True, is_positional=False)
    told = (f for f in found if f.frame["sender"].count() >= _NAMED * f.frame.height)
    return next((replace(known, frame=f.frame, notes=f.notes, doubts=f.doubts) for f in told), None)


def _holds_lines(cells: pl.Series) -> bool:
    """Whether cells have several lines, most of which hold a clock."""
    lines = present(cells).str.split("\n").explode()
    return lines.len() > cells.count() and float(lines.str.contains(CLOCK).mean() or 0) > _MOST_LINES  # type: ignore[arg-type]


def fields_of_texts(value: Any, name: str, beside: Mapping[str, str], notes: Sequence[Note]) -> list[Fields]:
    """The messages in lists of texts with a time each, which are the lines of a text."""
    return [
        replace(f, label=f"{name}#", beside=beside)
        for label, lines in _lines_in(value, "$", _LEVELS)
        for f in fields_of_cells(pl.Series(lines), pl.Series([f"{label}[{i}]" for i in range(len(lines))]), name, notes)
    ]


def _lines_in(value: Any, label: str, levels: int) -> Iterator[tuple[str, list[str]]]:
    """The place and the texts of each such list."""
    if isinstance(value, dict) and levels:
        for key, inner in value.items():
            yield from _lines_in(inner, f"{label}.{key}", levels - 1)
    elif isinstance(value, list) and len(value) >= _LEAST and all(isinstance(v, str) for v in value):
        yield from [(label, value)] if all(map(_STAMPED.match, value[:_LEAST])) else ()


def with_parts_of_words(fields: Fields, inferred: Inferred) -> Fields | None:
    """The fields with the senders that words begin with, read as those of the lines of a text.

    With the times as well where the rows have none. None where a column names senders or sides, none is called the words, or a cell
    is no line of such a text.
    """
    chosen, told = inferred.choices, [*inferred.doubts.get("text", ())]
    column = chosen["text"].column if "text" in chosen else told[0] if told else ""
    is_timed = bool({"time", "date"} & chosen.keys())
    # The lines of pages and documents are read as such.
    if "direction" in chosen or fields.is_positional or (not is_timed and fields.timed is not None):
        return None
    frame, wanted = fields.frame, [_SENDER, *([] if is_timed else ["time"])]
    if column not in {*fields.names}.difference(wanted) or hint(column, "text") < 0:
        return None
    nobody = pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)
    senders = frame[chosen[_SENDER].column] if _SENDER in chosen else nobody
    at = (frame[column].is_not_null() & senders.is_null()).arg_true()
    cells = frame[column][at]
    if cells.len() < max(_LEAST, _NAMED * frame[column].count()) or _parts_of(cells.head(_LOOK), wanted) is None:
        return None
    if (parts := _parts_of(cells, wanted)) is None:
        return None
    new = [(senders if role == _SENDER else nobody).clone().scatter(at, parts[role]).alias(role) for role in wanted]
    words = frame[column].clone().scatter(at, parts["text"])
    doubts = {role: c for role, c in fields.doubts.items() if role != _SENDER}
    return replace(fields, frame=frame.with_columns(words.alias(column), *new), doubts=doubts)


def _parts_of(cells: pl.Series, wanted: Sequence[str]) -> pl.DataFrame | None:
    """The wanted parts and the words of each cell; None where a cell is no line or few name a sender."""
    times = pl.Series([_TIME if "time" not in wanted else ""]).new_from_index(0, cells.len())
    for found in fields_of_cells(times + cells, pl.int_range(cells.len(), eager=True), "", []):
        inferred = infer(found)
        names = inferred.choices
        if not inferred.is_clear or not {*wanted, "text"} <= names.keys() or found.frame.height != cells.len():
            continue
        parts = found.frame.select(pl.col(names[role].column).alias(role) for role in (*wanted, "text"))
        if parts[_SENDER].count() >= _NAMED * parts.height:
            return parts
    return None
