"""Decides the order of day and month in local times, and reports a day without a clock or the reverse."""

import re
from collections.abc import Sequence

import polars as pl

from reconcile.column_ops import present
from reconcile.formats.inferred.directions import Roles
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import hint, words_of
from reconcile.formats.inferred.times import ORDERED_SHARE, TimeColumn, share_in_order
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import day_comes_first, parse_time_column, signs_tell_order
from reconcile.wechat.stated_order import stated_order

_YEAR = re.compile(r"(?<![0-9])20[0-9]{2}(?![0-9])")
# Columns of parts of a clock.
_PARTS_OF_CLOCKS = frozenset(["hour", "hours", "minute", "minutes", "min", "stunde", "小时", "分钟"])


def choose_order(whole: pl.DataFrame, name: str, found: Roles) -> None:
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


def require_year(fields: Fields, times: Sequence[TimeColumn], found: Roles) -> None:
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


def are_days_alone(whole: pl.DataFrame, days: Sequence[TimeColumn]) -> bool:
    """Whether one column named for time holds a day in each row, in order, and no clock stands beside it."""
    if len(days) != 1 or hint(days[0].name, "time") <= 0:
        return False
    raw = whole[days[0].name].str.strip_chars()
    at = parse_time_column(raw, ASSUMED_ZONE, day_first=day_comes_first(raw))["sent_at"]
    return not at.null_count() and share_in_order(at.dt.epoch("s")) >= ORDERED_SHARE


def doubts_of_halves(
    whole: pl.DataFrame, times: Sequence[TimeColumn], days: Sequence[TimeColumn], clocks: Sequence[TimeColumn]
) -> dict[str, tuple[str, ...]]:
    """The doubts of rows with days alone or clocks alone: half a time is never offered as the whole."""
    told = {"time": tuple(t.name for t in (*days, *clocks))}
    if clocks and not days:
        return {**told, "date": ()}
    named = (n for n in whole.columns if hint(n, "time") > 0 or words_of(n) & _PARTS_OF_CLOCKS)
    others = (present(whole[n]) for n in named if n not in {t.name for t in times})
    if days and not clocks and any(c.str.contains("[0-9]").all() for c in others):
        # The clocks may stand in a column whose spelling is not known.
        return {"time": (), "date": (days[0].name,)}
    return told
