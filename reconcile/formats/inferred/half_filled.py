"""Columns of one role that are each filled in some rows only, such as times in two spellings."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.mapping import Inferred
from reconcile.formats.inferred.times import TimeColumn, same_but_for_zone, time_columns

# Less than a second, to which two columns state one time.
_SECOND = 0.999
_ROLES = ("text", "conversation", "sender")


def with_filled_halves(fields: Fields, inferred: Inferred) -> Fields | None:
    """Fields whose time, text, sender and chat have their gaps filled from another such column.

    The other column says nothing in the rows that the first one fills, or the same time. The outermost of them keeps its
    name. None where no gap is filled.
    """
    if fields.roles or (time := inferred.choices.get("time")) is None:
        return None
    frame = fields.frame
    if frame[time.column].null_count():
        frame = _with_all_times(frame, time.column, fields.names)
    timed = frame[time.column].is_not_null()
    taken = {c.column for c in inferred.choices.values()}
    for role in _ROLES:
        others = sorted((n for n in fields.names if n not in taken and hint(n, role) > 0), key=lambda n: -hint(n, role))
        chosen = [c.column] if (c := inferred.choices.get(role)) else others[:1] if role == "conversation" else []
        for column in chosen:
            frame = _filled(frame, column, [n for n in others if n != column], timed)
    return None if frame is fields.frame else replace(fields, frame=frame)


def _filled(frame: pl.DataFrame, column: str, others: Sequence[str], timed: pl.Series) -> pl.DataFrame:
    """The frame with the gaps of a column filled from others that speak in timed gaps alone."""
    for other in others:
        gap, told = frame[column].is_null() & timed, frame[other].is_not_null()
        if told.any() and not (told & ~gap).any():
            whole = frame[column].fill_null(frame[other])
            kept, gone = sorted((column, other), key=lambda n: (n.startswith("^"), n.count(".")))
            frame, column = frame.with_columns(whole.alias(kept), pl.lit(None, pl.String).alias(gone)), kept
    return frame


def _with_all_times(frame: pl.DataFrame, column: str, names: list[str]) -> pl.DataFrame:
    """The frame with the gaps of a column of times filled from another one, all of them written as texts."""
    gap = frame[column].is_null()
    held = time_columns(frame, names)
    first = next((t for t in held if t.name == column and t.seconds is not None), None)
    for other in held:
        if first is None or other.name == column or other.seconds is None or hint(other.name, "time") < 1:
            continue
        if (gap & other.seconds.is_not_null()).any() and same_but_for_zone(first, other, _SECOND).all():
            told = _written(frame, first).fill_null(_written(frame, other)).alias(column)
            # What was used tells nothing more.
            return frame.with_columns(told, pl.when(~gap).then(other.name).alias(other.name))
    return frame


def _written(frame: pl.DataFrame, times: TimeColumn) -> pl.Series:
    """The times of a column as they stand; counts as instants."""
    if times.shape != "unix" or times.seconds is None:
        return frame[times.name]
    has_parts = bool((times.seconds.drop_nulls() % 1 != 0).any())
    at = pl.from_epoch((times.seconds * 1000).round(0).cast(pl.Int64), time_unit="ms")
    return at.dt.strftime("%Y-%m-%dT%H:%M:%S" + ("%.3fZ" if has_parts else "Z"))
