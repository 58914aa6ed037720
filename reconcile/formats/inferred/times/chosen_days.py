"""Decides the order of day and month in local times, and reports a day without a clock or the reverse."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import polars as pl

from reconcile.column_ops import all_contain, present
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import hint, words_of
from reconcile.formats.inferred.mapping import Found, candidates
from reconcile.formats.inferred.times.time_columns import ORDERED_SHARE, TimeColumn, share_in_order
from reconcile.patterns import lazy_pattern
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import day_comes_first, parse_time_column, signs_tell_order
from reconcile.wechat.stated_order import stated_order

_YEAR = lazy_pattern(r"(?<![0-9])20[0-9]{2}(?![0-9])")
# Seconds by which clocks go back over midnight at least, and a clock that counts from a beginning: hours, minutes and seconds.
_HOUR, _SINCE = 3_600, r"^\D{0,3}(?:([0-9]{1,3}):)?([0-9]{1,2}):([0-9]{2})(?:[.,][0-9]+)?\D{0,3}$"
# A clock that begins a cell, and the least share of such cells in a column of clocks and words.
_BEGINS, _NEARLY_ALL = r"^\W*[0-9]{1,2}[:：][0-9]{2}", 0.9
# A column of the seconds from one clock to the next.
_STEP = "__step__"
# Columns of parts of a clock.
_PARTS_OF_CLOCKS = frozenset(["hour", "hours", "minute", "minutes", "min", "stunde", "小时", "分钟"])


def choose_order(whole: pl.DataFrame, name: str, found: Found) -> None:
    """Chooses the order of day and month that a column states by its name or by one cell in all rows.

    To be asked for where nothing tells it, or where the dates look otherwise.
    """
    shown = day_comes_first(whole[name])
    cells = [c[0] for c in whole if c.dtype == pl.String and c.n_unique() == 1 and c[0]]
    told = {o for words in (name, *cells) if (o := stated_order(words)) is not None}
    if len(told | {shown} - {None}) != 1 and (told or not signs_tell_order(whole[name])):
        found.doubts["day_first"] = ("true", "false")
    elif told:
        found.manners["day_first"] = str(told.pop()).lower()


def require_year(fields: Fields, times: Sequence[TimeColumn], found: Found) -> None:
    """Asks for the year of the first row where the chosen times state none.

    The years in the file's name and in what is stated beside the rows are offered.
    """
    chosen = {found.choices[r].column for r in ("time", "date") if r in found.choices}
    yearless = [t for t in times if t.lacks_year and t.name in chosen]
    if yearless:
        told = (y for words in (fields.file, *fields.beside.values()) for y in _YEAR.findall(words))
        found.doubts["year"] = tuple(dict.fromkeys(told))
        if yearless[0].is_open:
            found.doubts["day_first"] = ("false", "true")


def _are_days_alone(whole: pl.DataFrame, days: Sequence[TimeColumn]) -> bool:
    """Whether one column named for time holds a day in each row, in order, and no clock stands beside it.

    Nor does one begin the cells of another column.
    """
    if len(days) != 1 or hint(days[0].name, "time") <= 0:
        return False
    others = (present(whole[c]) for c in whole.columns if c != days[0].name and whole[c].dtype == pl.String)
    if any(c.len() and float(c.str.contains(_BEGINS).mean() or 0) > _NEARLY_ALL for c in others):  # type: ignore[arg-type]
        return False
    raw = whole[days[0].name].str.strip_chars()
    at = parse_time_column(raw, ASSUMED_ZONE, day_first=day_comes_first(raw))["sent_at"]
    return not at.null_count() and share_in_order(at.dt.epoch("s")) >= ORDERED_SHARE


def choose_halves(
    whole: pl.DataFrame,
    times: Sequence[TimeColumn],
    days: Sequence[TimeColumn],
    clocks: Sequence[TimeColumn],
    found: Found,
) -> None:
    """Choose the columns of days and clocks; a doubt for each half that several may be, or none is.

    A list that states clocks as well tells more than one of days alone.
    """
    if not (days and clocks):
        halves = _doubts_of_halves(whole, times, days, clocks)
        if not days or "date" in halves or not _are_days_alone(whole, days):
            found.doubts |= halves
            return
        found.choose("time", days[0].name, 0.7)
    else:
        days = _of_the_rows(whole, days, clocks)
        for role, told in (("date", days), ("time", clocks)):
            found.choose(role, told[0].name, 0.9, candidates([(0, t.name) for t in told[1:]]))
            if len(told) > 1:
                found.doubts[role] = tuple(t.name for t in told)
    if len(days) == 1 and days[0].is_open:
        choose_order(whole, days[0].name, found)


def _of_the_rows(whole: pl.DataFrame, days: Sequence[TimeColumn], clocks: Sequence[TimeColumn]) -> Sequence[TimeColumn]:
    """The columns of days within each of which the only clocks run one way; all of them without one.

    The day of an export is that of all rows, and their clocks go back below it.
    """
    if len(days) < 2 or len(clocks) > 1:
        return days
    at = parse_time_column("2001-02-03 " + whole[clocks[0].name], "UTC")["sent_at"]
    steps = whole.with_columns(at.diff().dt.total_seconds().alias(_STEP))
    told = []
    for day in days:
        within = steps.filter(pl.col(day.name) == pl.col(day.name).shift(1))[_STEP]
        told += [day] if not (within < 0).any() or not (within > 0).any() else []
    return told or days


def _doubts_of_halves(
    whole: pl.DataFrame, times: Sequence[TimeColumn], days: Sequence[TimeColumn], clocks: Sequence[TimeColumn]
) -> dict[str, tuple[str, ...]]:
    """The doubts of rows with days alone or clocks alone: half a time is never offered as the whole."""
    told = {"time": tuple(t.name for t in (*days, *clocks))}
    if clocks and not days:
        return {**told, "date": ()}
    named = (n for n in whole.columns if hint(n, "time") > 0 or words_of(n) & _PARTS_OF_CLOCKS)
    others = (present(whole[n]) for n in named if n not in {t.name for t in times})
    if days and not clocks and any(all_contain(c, "[0-9]") for c in others):
        # The clocks may stand in a column whose spelling is not known.
        return {"time": (), "date": (days[0].name,)}
    return told


def with_stated_day(fields: Fields, roles: Mapping[str, str]) -> Fields:
    """The rows with a column of days, called as what the user states for the date of clocks alone.

    That is the day of the first row, and clocks that go back by an hour begin another. A time behind it is the moment
    from which the clocks count. Unchanged where a column is named, or no day stated.
    """
    stated, time = roles.get("date", ""), roles.get("time", "")
    begin = parse_time_column(pl.Series([stated]), "UTC")
    if stated in fields.names or time not in fields.names or begin["sent_at"].null_count():
        return fields
    first, raw = begin["sent_at"][0].replace(tzinfo=None), fields.frame[time]
    if begin["time_precision"][0] == "day":
        steps = (
            parse_time_column("2001-02-03 " + raw, "UTC")["sent_at"].dt.epoch("s").fill_null(strategy="forward").diff()
        )
        # Of a list whose newest row stands first, each midnight ends a day.
        way = -1 if (steps < 0).sum() > (steps > 0).sum() else 1
        turns = (way * steps < -_HOUR).cast(pl.Int64) * way
        at = _after(first, pl.DataFrame({"days": turns.fill_null(0).cum_sum()}))
        return replace(fields, frame=fields.frame.with_columns(at.dt.strftime("%Y-%m-%d").alias(stated)))
    names = ["hours", "minutes", "seconds"]
    parts = raw.str.extract_groups(_SINCE).struct.rename_fields(names).struct.unnest().cast(pl.Int64, strict=False)
    at = _after(first, parts.with_columns(pl.col("hours").fill_null(0)))
    shown = [at.dt.strftime("%Y-%m-%d").alias(stated), at.dt.strftime("%H:%M:%S").alias(time)]
    return replace(fields, frame=fields.frame.with_columns(shown))


def _after(begin: datetime, units: pl.DataFrame) -> pl.Series:
    """The moments so many units of time after one."""
    return units.select(pl.lit(begin) + pl.duration(**{c: pl.col(c) for c in units.columns})).to_series()  # type: ignore[arg-type]
