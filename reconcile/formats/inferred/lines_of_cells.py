"""Cells of words that are lines of a text once more: each begins with who wrote it."""

from dataclasses import replace

import polars as pl

from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.from_text import fields_of_lines
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.mapping import Inferred
from reconcile.formats.inferred.scores import infer
from reconcile.intake.tables.cells import ROW

# Any time in front of a cell makes it a line of a text.
_TIME = "2001-02-03 04:05:06 "
# Least rows, least share of them that name somebody, and the rows that show whether they do.
_LEAST, _NAMED, _LOOK = 4, 0.9, 100
_SENDER = "sender"


def with_senders_of_words(fields: Fields, inferred: Inferred) -> Fields | None:
    """The fields with the senders that words begin with, read as those of the lines of a text.

    None where a column names senders or sides, none is called the words, or a cell is no line of such a text.
    """
    chosen = inferred.choices
    if "direction" in chosen or "text" not in chosen or not {"time", "date"} & chosen.keys():
        return None
    frame, column = fields.frame, chosen["text"].column
    if hint(column, "text") < 1:
        return None
    nobody = pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)
    senders = frame[chosen[_SENDER].column] if _SENDER in chosen else nobody
    at = (frame[column].is_not_null() & senders.is_null()).arg_true()
    cells = frame[column][at]
    if cells.len() < max(_LEAST, _NAMED * frame[column].count()) or _parts_of(cells.head(_LOOK)) is None:
        return None
    if (parts := _parts_of(cells)) is None:
        return None
    words, who = frame[column].scatter(at, parts["text"]), senders.scatter(at, parts[_SENDER])
    doubts = {role: told for role, told in fields.doubts.items() if role != _SENDER}
    return replace(fields, frame=frame.with_columns(words.alias(column), who.alias(_SENDER)), doubts=doubts)


def _parts_of(cells: pl.Series) -> pl.DataFrame | None:
    """The sender and the words of each cell; None where a cell is no line, or too few name a sender."""
    lines = pl.DataFrame({"text": (_TIME + cells).str.split("\n")}).with_row_index("cell").explode("text")
    for found in fields_of_lines(lines["text"], "", []):
        inferred = infer(found)
        names = inferred.choices
        if not inferred.is_clear or not {_SENDER, "text"} <= names.keys():
            continue
        first = found.frame[ROW].str.extract("([0-9]+)$", 1).cast(pl.Int64) - 1
        parts = found.frame.select(
            pl.col(names[_SENDER].column).alias(_SENDER), pl.col(names["text"].column).alias("text")
        )
        if lines["cell"][first].to_list() == [*range(cells.len())] and parts[_SENDER].count() >= _NAMED * parts.height:
            return parts
    return None
