"""Frames that hold messages in another shape: objects inside cells, and speakers as columns."""

from dataclasses import replace

import polars as pl

from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.packed import flatten, objects_in

_LEAST_ROWS, _MOST_SPEAKERS = 6, 8
# So large a share of the rows with words has them in one column, and of a column's cells so many differ and are words.
_ALONE, _VARIED, _WORDS = 1.0, 0.5, 0.5
_SHAPES = ("time", "sender", "text", "kind", "id", "local_id", "receiver", "conversation")


def with_inner_objects(fields: Fields) -> Fields:
    """The fields with a column for each field of the objects that a column holds as JSON texts."""
    found: dict[str, list[str | None]] = {}
    for name in fields.names:
        first = fields.frame[name].drop_nulls().head(1).to_list()
        if not first or not first[0].startswith("{"):
            continue
        if (inner := objects_in(fields.frame[name].to_list())) is not None:
            flatten(inner, f"{name}.", 1, found)
    new = [pl.Series(n, values, dtype=pl.String) for n, values in found.items() if n not in fields.frame.columns]
    return replace(fields, frame=fields.frame.with_columns(new)) if new else fields


def with_speakers_in_a_column(fields: Fields) -> Fields | None:
    """The rows of a list with a column of words for each speaker, as rows of `sender` and `text`.

    Each row has words in one of these columns alone. None for any other list.
    """
    frame = fields.frame
    if frame.height < _LEAST_ROWS or fields.roles or {"sender", "text"} & {*fields.names}:
        return None
    names = [n for n in fields.names if _may_hold_words(frame, n)]
    if not 2 <= len(names) <= _MOST_SPEAKERS or any(hint(n, r) >= 1 for n in names for r in _SHAPES):
        return None
    filled = frame.select(pl.sum_horizontal(pl.col(n).str.strip_chars() != "" for n in names)).to_series()
    if float((filled == 1).mean() or 0) < _ALONE or any(frame[n].null_count() == frame.height for n in names):  # type: ignore[arg-type]
        return None
    sender = pl.coalesce(pl.when(pl.col(n).str.strip_chars() != "").then(pl.lit(n)) for n in names)
    text = pl.coalesce(pl.when(pl.col(n).str.strip_chars() != "").then(n) for n in names)
    return replace(fields, frame=frame.with_columns(sender.alias("sender"), text.alias("text")).drop(names))


def _may_hold_words(frame: pl.DataFrame, name: str) -> bool:
    """Whether the cells are different words, and none of them stands in every row."""
    held = frame[name].drop_nulls()
    held = held.filter(held.str.strip_chars() != "")
    if not 2 <= held.len() < frame.height or name.startswith("^"):
        return False
    words = float(held.str.contains(r"\p{L}").mean() or 0)  # type: ignore[arg-type]
    return words >= _WORDS and held.n_unique() >= _VARIED * held.len()
