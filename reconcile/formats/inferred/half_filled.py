"""Columns of one role that are each filled in some rows only, such as times in two spellings."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import polars as pl

from reconcile.column_ops import all_contain, present
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.mapping import Inferred
from reconcile.formats.inferred.people.same_people import are_roles
from reconcile.formats.inferred.times.time_columns import (
    LARGEST_OFFSET,
    QUARTER,
    TimeColumn,
    same_but_for_zone,
    time_columns,
)
from reconcile.wechat.client_sentences import sentence_kind
from reconcile.wechat.clock_forms import parse_time_column

# Less than a second, to which two columns state one time.
_SECOND = 0.999
# Least rows that show an offset from UTC; a time that states its zone.
_LEAST, _ZONED = 2, r"[0-9](?:Z|[+-][0-9]{2}:?[0-9]{2})$"
# Cells that stand for the one above, and the beginning of a day.
_DITTO, _DAY = r"^\s*(?i:同上|同前|〃|″|ditto)\s*$", r"^\s*[0-9]{2,4}\s?[-/.年]\s?[0-9]{1,2}"
# Least columns of a table whose names are rows, least people in these, and what is no name.
_COLUMNS, _TWO_PEOPLE, _NO_NAME = 2, 2, r"[0-9]|^.{31}|[。！？!?；;]"
_ROLES = ("text", "conversation", "sender")
# Changes of the speaker, and largest share of names that are that of the row above, where a name shows a change. Two
# people may speak in turn, so they leave out this share of the names at least, where days are not left out as well.
_CHANGES, _REPEATED, _PEOPLE, _GAPS_OF_TWO = 10, 0.02, 3, 0.2


def with_filled_halves(fields: Fields, inferred: Inferred) -> Fields | None:
    """Fields whose time, text, sender and chat have their gaps filled from another such column.

    Whoever has no name is called by the role. The other column says nothing in the rows that the first one fills, or the same time. The outermost of them keeps its
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
        c = inferred.choices.get(role)
        # A code of two sides is no sender where two columns name them.
        is_named = c is not None and (role != "sender" or hint(c.column, role) > 0)
        chosen = [c.column] if c is not None and is_named else others[:1] if role != "text" else []
        for column in chosen:
            frame = _filled(frame, column, [n for n in others if n != column], timed)
    frame = _with_roles_of_unnamed(frame, [n for n in fields.names if hint(n, "sender") > 0])
    return None if frame is fields.frame else replace(fields, frame=frame)


def with_cells_above(fields: Fields) -> Fields:
    """The fields with the cell above in place of `同上` and the like, in columns of days, times or senders."""
    filled = []
    held = fields.frame[list(fields.names)].select(pl.selectors.string().str.contains(_DITTO).any())
    for name in (n for n in fields.names if n in held.columns and held[n][0]):
        cells = fields.frame[name]
        same = cells.str.contains(_DITTO).fill_null(value=False)
        told = present(cells.filter(~same))
        if told.len() and (all_contain(told, _DAY) or hint(name, "sender") > 0):
            filled.append(cells.set(same, None).fill_null(strategy="forward").set(~same, None).fill_null(cells))
    return replace(fields, frame=fields.frame.with_columns(filled)) if filled else fields


def with_names_of_changes(fields: Fields, inferred: Inferred) -> Fields | None:
    """Fields whose sender goes on through rows without one, where a name shows a change of speaker.

    None where the sender above is named again other than below a new day, or where other columns tell of sides and
    kinds. Sentences of a client have no sender.
    """
    others = inferred.choices.keys() & {"direction", "kind", "sender_name"}
    chosen = inferred.choices.get("sender")
    named = [n for n in fields.names if hint(n, "sender") > 0] if chosen is None else [chosen.column]
    if fields.roles or others or "text" not in inferred.choices or len(named) != 1:
        return None
    if not fields.frame[named[0]].null_count():
        return None
    name, text = pl.col(named[0]), pl.col(inferred.choices["text"].column)
    chat = inferred.choices.get("conversation")
    last = name.forward_fill() if chat is None else name.forward_fill().over(chat.column)
    gap = name.is_null() & last.is_not_null() & text.is_not_null() & sentence_kind(text).is_null()
    # A total below the rows has no time.
    gap &= pl.col(inferred.choices["time"].column).is_not_null() if "time" in inferred.choices else gap
    # In a sheet whose equal cells are left empty or joined, the first row of a day names its sender.
    days = _days_of_first_rows(fields)
    starts = pl.any_horizontal(pl.lit(value=False), *(pl.col(d).is_not_null() for d in days))
    told = fields.frame.select(
        (name != last.shift(1)).sum().alias("changes"),
        ((name == last.shift(1)) & ~starts).sum().alias("again"),
        gap.mean().alias("gap"),
        name.drop_nulls().n_unique().alias("people"),
    ).row(0, named=True)
    least = 0 if days or told["people"] >= _PEOPLE else _GAPS_OF_TWO
    if (
        told["people"] < 2
        or told["gap"] <= least
        or told["changes"] < _CHANGES
        or told["again"] > _REPEATED * told["changes"]
    ):
        return None
    return replace(fields, frame=fields.frame.with_columns(pl.when(gap).then(last).otherwise(name).alias(named[0])))


def with_names_of_rows(fields: Fields) -> Fields | None:
    """The rows of a table with the name that stands alone in a row above them as their sender.

    A few names recur, the first of them above all rows, and each above one with more cells. None for other tables.
    """
    frame = fields.frame
    if frame.height < _CHANGES or fields.roles or "sender" in fields.names or len(fields.names) < _COLUMNS:
        return None
    cells = frame.select(pl.when(pl.col(n).str.strip_chars() != "").then(n).alias(n) for n in fields.names)
    alone = cells.select(pl.sum_horizontal(pl.all().is_not_null())).to_series() == 1
    # A row joined across has its cell in the first column.
    names = cells.to_series(0).set(~alone, None)
    held = names.drop_nulls()
    if (
        names[0] is None
        or held.len() < int(alone.sum())
        or held.n_unique() < _TWO_PEOPLE
        or 2 * held.n_unique() > held.len()
    ):
        return None
    if (alone & alone.shift(-1, fill_value=True)).any() or held.str.contains(_NO_NAME).any():
        return None
    return replace(fields, frame=frame.with_columns(names.forward_fill().alias("sender")).filter(~alone))


def _days_of_first_rows(fields: Fields) -> list[str]:
    """The columns of days that are filled in some rows only."""
    cells = [(n, fields.frame[n]) for n in fields.names if fields.frame[n].dtype == pl.String]
    return [n for n, c in cells if 0 < c.null_count() < c.len() and all_contain(present(c), _DAY)]


def _filled(frame: pl.DataFrame, column: str, others: Sequence[str], timed: pl.Series) -> pl.DataFrame:
    """The frame with the gaps of a column filled from others that speak in timed gaps alone."""
    for other in others:
        gap, told = frame[column].is_null() & timed, frame[other].is_not_null()
        if told.any() and not (told & ~gap).any():
            whole = frame[column].fill_null(frame[other])
            kept, gone = sorted((column, other), key=lambda n: (n.startswith("^"), n.count(".")))
            frame, column = frame.with_columns(whole.alias(kept), pl.lit(None, pl.String).alias(gone)), kept
    return frame


def _with_roles_of_unnamed(frame: pl.DataFrame, people: Sequence[str]) -> pl.DataFrame:
    """The frame with roles in the gaps of names, where each role has all of its rows named or none."""
    roles = [n for n in people if not frame[n].null_count() and frame[n].n_unique() > 1 and are_roles(frame[n])]
    for name in (n for n in people if 0 < frame[n].null_count() < frame.height):
        is_told = pl.col(name).is_not_null().n_unique() == 1
        if role := next((r for r in roles if frame.select(is_told.over(r).all()).item()), None):
            frame = frame.with_columns(pl.coalesce(name, role))
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
    return frame if first is None else _with_days_and_clocks(frame, first, held)


def _with_days_and_clocks(frame: pl.DataFrame, first: TimeColumn, held: Sequence[TimeColumn]) -> pl.DataFrame:
    """The frame with the gaps of zoned times filled from the only columns of a day and a clock.

    In all other rows these are as far from the times as one zone is.
    """
    days, clocks = ([t.name for t in held if t.shape == s] for s in ("day", "clock"))
    written = _written(frame, first)
    if len(days) != 1 or len(clocks) != 1 or not all_contain(written.drop_nulls(), _ZONED):
        return frame
    raw = frame.select(pl.format("{} {}", days[0], clocks[0]).alias("t"))["t"]
    told = [parse_time_column(raw, "UTC", day_first=order)["sent_at"] for order in (True, False)]
    moved = [m for at in told if (m := _moved_to(first, at)) is not None]
    if not moved or not moved[0].filter(written.is_null()).equals(moved[-1].filter(written.is_null())):
        return frame
    return frame.with_columns(written.fill_null(moved[0].dt.strftime("%Y-%m-%dT%H:%M:%SZ")).alias(first.name))


def _moved_to(first: TimeColumn, at: pl.Series) -> pl.Series | None:
    """The instants in the zone of a column; None where no one zone explains the distance."""
    apart = (first.seconds - at.dt.epoch("ms") / 1000).drop_nulls()
    if apart.len() < _LEAST:
        return None
    usual = round(float(apart.quantile(0.5) or 0.0) / QUARTER) * QUARTER
    is_zone = abs(usual) <= LARGEST_OFFSET and bool(((apart - usual).abs() <= _SECOND).all())
    return at + timedelta(seconds=usual) if is_zone else None


def _written(frame: pl.DataFrame, times: TimeColumn) -> pl.Series:
    """The times of a column as they stand; counts as instants."""
    if times.shape != "unix" or times.seconds is None:
        return frame[times.name]
    has_parts = bool((times.seconds.drop_nulls() % 1 != 0).any())
    at = pl.from_epoch((times.seconds * 1000).round(0).cast(pl.Int64), time_unit="ms")
    return at.dt.strftime("%Y-%m-%dT%H:%M:%S" + ("%.3fZ" if has_parts else "Z"))
