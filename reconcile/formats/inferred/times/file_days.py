"""The day of clocks that state none: by a log's name, as `2024-03-04.log`, by its head or folder."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import polars as pl

from reconcile.column_ops import all_contain
from reconcile.formats.inferred.times.lines_of_form import TITLE_LINES
from reconcile.formats.inferred.times.times_in_lines import CLOCK
from reconcile.formats.inferred.words.bodies_in_lines import DATE, dates_of_days
from reconcile.patterns import lazy_pattern
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import parse_time_column
from reconcile.wechat.named_days import fitted

_DAY = r"(?P<year>20[0-9]{2})(?P<sign>[-_.]?)(?P<month>0[1-9]|1[0-2])(?P=sign)(?P<day>0[1-9]|[12][0-9]|3[01])"
# A day with its signs, which may lack noughts, as in `2024年3月5日`.
_WRITTEN = lazy_pattern(
    r"(?<![0-9])(20[0-9]{2})(?:\s?年\s?|(?P<sign>[-_. ]))(1[0-2]|0?[1-9])(?:\s?月\s?|(?P=sign))(3[01]|[12][0-9]|0?[1-9])(?:\s?[日号號]|(?![0-9年月]))"
)
# A day whose year comes last, and one with the month's name in front of or behind it.
_YEAR_LAST = lazy_pattern(
    r"(?<![0-9])(?P<one>0?[1-9]|[12][0-9]|3[01])(?P<sign>[-_. ]?)(?P<other>0?[1-9]|[12][0-9]|3[01])(?P=sign)(?P<year>20[0-9]{2})(?![0-9])"
)
_COMPACT, _MONTHS = 8, ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_NAMED = lazy_pattern(
    rf"(?i)(?<![a-z0-9])(?:(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?[ _.-]*)?(?P<month>{'|'.join(_MONTHS)})[a-z]*[ _.-]*(?:(?P<behind>[0-9]{{1,2}})(?:st|nd|rd|th)?[ _.,-]+)?(?P<year>20[0-9]{{2}})(?![0-9])"
)
# The clock behind the day in the name of a folder, and how long after it the first message may be.
_CLOCK_BEHIND, _SOON = lazy_pattern(r"^[ _T-]+([0-2][0-9])[.:_-]?([0-5][0-9])(?![0-9])(?:[.:_-]([0-5][0-9]))?"), 3_600
_ALONE = lazy_pattern(rf"{_DAY}(?:[-_. T]?[0-9]{{4,6}})?(?P<offset>[+-][0-9]{{4}})?[A-Z]{{0,5}}")
_INSIDE = lazy_pattern(rf"(?<![0-9]){_DAY}(?![0-9])")
# A name that says that the file is a log.
_LOG = lazy_pattern(r"(?i)(?:^|[^a-z])logs?(?:[^a-z]|$)|log$")
OF_EXPORT = r"(?i)export|saved|generated|created|printed|downloaded|导出|匯出|保存|生成|打印|截[图屏圖]|取证|提取"


@dataclass(frozen=True, slots=True)
class FileDay:
    """The day in a file's name, and the offset of its clocks from UTC ('' = not stated).

    `is_sure`: it is the day of the rows. In a file that does not call itself a log, it may be that of the export.
    `clock`: when what the name is about began ('' = not stated).
    """

    day: str
    offset: str = ""
    is_sure: bool = True
    clock: str = ""

    def is_of(self, first: str) -> bool:
        """Whether the day is surely that of messages of which the first has this clock."""
        told = parse_time_column(pl.Series([f"2001-02-03 {c}" for c in (self.clock, first)]), ASSUMED_ZONE)["sent_at"]
        return self.is_sure or (not told.null_count() and 0 <= (told[1] - told[0]).total_seconds() <= _SOON)


def day_of_file(name: str) -> FileDay | None:
    """The one day in a file's name, else in those of its folders; None without one or with several.

    Days of figures that end in the year stay as they are written.
    """
    path = PurePosixPath(name)
    if (told := _day_in(path.name)) is not None or len(path.parts) == 1:
        return told
    # A folder for each year, month or day makes one day with the others.
    folders = "/".join(path.parts[:-1])
    named = next((d for p in (folders, "-".join((*path.parts[:-1], path.stem))) if (d := _day_in(p)) is not None), None)
    return named and replace(named, is_sure=False)


def day_of_titles(titles: Sequence[str]) -> FileDay | None:
    """The one day in titles of a table, but for that of its export; None without one or with several."""
    told = [day for t in titles if not re.search(OF_EXPORT, t) and (day := _day_in(t)) is not None]
    return replace(told[0], is_sure=False) if len({d.day for d in told}) == 1 else None


def _day_in(name: str) -> FileDay | None:
    """The one day in a name; None without one or with several."""
    written = _NAMED.sub(_with_month, _WRITTEN.sub(lambda m: f"{m[1]}-{m[3]:0>2}-{m[4]:0>2}", name))
    stem = written.rpartition(".")[0] or written
    if (alone := _ALONE.fullmatch(stem)) is not None:
        return FileDay("-".join(alone.group("year", "month", "day")), alone["offset"] or "")
    found = [*_INSIDE.finditer(written)]
    days = ["-".join(m.group("year", "month", "day")) for m in found]
    if not found:
        found = [m for m in _YEAR_LAST.finditer(written) if m["sign"] or len(m[0]) == _COMPACT]
        found = [m for m in found if min(int(m["one"]), int(m["other"])) <= len(_MONTHS)]
        days = [(m["sign"] if m["sign"] in {*".-"} else "/").join(m.group("one", "other", "year")) for m in found]
    if len({*days}) != 1:
        return None
    clock = _CLOCK_BEHIND.match(written[found[0].end() :])
    is_sure = _LOG.search(name) is not None or found[0].end() - found[0].start() == len(stem)
    return FileDay(days[0], is_sure=is_sure, clock=":".join(filter(None, clock.groups())) if clock else "")


def _with_month(told: re.Match[str]) -> str:
    """A day with the name of its month in figures."""
    day = told["day"] or told["behind"]
    return f" {told['year']}-{_MONTHS.index(told['month'].lower()) + 1:02}-{day:0>2}" if day else told[0]


def days_of_tables(names: Sequence[str]) -> dict[str, str]:
    """Table -> the day in its name, where several tables differ in that alone; {} for others."""
    days = {n: told.day for n in names if (told := day_of_file(n)) is not None}
    rests = {_INSIDE.sub("", n) for n in days}
    return days if 1 < len({*days.values()}) == len(names) and len(rests) == 1 else {}


def day_of_log(name: str, lines: pl.Series) -> FileDay | None:
    """The one day in a file's name, above its first clock or in its folders; else None."""
    if (told := _day_in(PurePosixPath(name).name)) is not None:
        return told
    first = lines.head(TITLE_LINES)
    first = first.head(int(timed.arg_max() or 0) if (timed := first.str.contains(CLOCK)).any() else TITLE_LINES)
    stated = first.filter(first.str.contains("[0-9]"))
    if stated.is_empty():
        return day_of_file(name)
    dates = stated.str.extract(fitted(rf"(?:^|[^0-9])({DATE})(?:[^0-9]|$)", stated), 1)
    days = parse_time_column(dates, ASSUMED_ZONE)["sent_at"].dt.convert_time_zone(ASSUMED_ZONE).drop_nulls().unique()
    if days.len() != 1:
        return None if days.len() else day_of_file(name)
    titles = stated.filter(dates.is_not_null())
    is_sure = bool(all_contain(titles, _LOG.pattern) and not titles.str.contains(OF_EXPORT).any())
    return FileDay(days.dt.strftime("%Y-%m-%d")[0], is_sure=is_sure)


def only_day(lines: pl.Series, days: pl.Series, first: int, *, runs: bool) -> pl.Series | None:
    """Which line above `first` states the only day there, labelled unless the clocks run through it."""
    above = days & (pl.int_range(1, lines.len() + 1, eager=True) < first)
    above &= lines.str.contains("[:：]") if not runs else above
    return above if dates_of_days(lines.filter(above)).n_unique() == 1 else None


def runs_through_a_day(clocks: pl.Series) -> bool:
    """Whether no clock goes back, so that all of them may be of one day."""
    times = parse_time_column("2001-02-03 " + clocks, ASSUMED_ZONE)["sent_at"]
    return not times.null_count() and not bool((times.diff().dt.total_seconds() < 0).any())
