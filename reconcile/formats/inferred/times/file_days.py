"""The day of clocks that state none: by a log's name, such as `2024-03-04.log`, or by its head."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import polars as pl

from reconcile.column_ops import all_contain
from reconcile.formats.inferred.times.lines_of_form import TITLE_LINES
from reconcile.formats.inferred.times.times_in_lines import CLOCK
from reconcile.formats.inferred.words.bodies_in_lines import DATE, dates_of_days
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import parse_time_column
from reconcile.wechat.named_days import fitted

_DAY = r"(?P<year>20[0-9]{2})(?P<sign>[-_.]?)(?P<month>0[1-9]|1[0-2])(?P=sign)(?P<day>0[1-9]|[12][0-9]|3[01])"
# A day with its signs, which may lack noughts, as in `2024年3月5日`.
_WRITTEN = re.compile(
    r"(?<![0-9])(20[0-9]{2})(?:\s?年\s?|(?P<sign>[-_. ]))(1[0-2]|0?[1-9])(?:\s?月\s?|(?P=sign))(3[01]|[12][0-9]|0?[1-9])(?:\s?日|(?![0-9年月]))"
)
_ALONE = re.compile(rf"{_DAY}(?:[-_. T]?[0-9]{{4,6}})?(?P<offset>[+-][0-9]{{4}})?[A-Z]{{0,5}}")
_INSIDE = re.compile(rf"(?<![0-9]){_DAY}(?![0-9])")
# A name that says that the file is a log.
_LOG = re.compile(r"(?i)(?:^|[^a-z])logs?(?:[^a-z]|$)|log$")
OF_EXPORT = r"(?i)export|saved|generated|created|printed|downloaded|导出|匯出|保存|生成|打印|截[图屏圖]|取证|提取"


@dataclass(frozen=True, slots=True)
class FileDay:
    """The day in a file's name, and the offset of its clocks from UTC ('' = not stated).

    `is_sure`: it is the day of the rows. In a file that does not call itself a log, it may be that of the export.
    """

    day: str
    offset: str = ""
    is_sure: bool = True


def day_of_file(name: str) -> FileDay | None:
    """The one day in a file's name; None without one or with several."""
    path = PurePosixPath(_WRITTEN.sub(lambda m: f"{m[1]}-{m[3]:0>2}-{m[4]:0>2}", name))
    if (alone := _ALONE.fullmatch(path.stem)) is not None:
        return FileDay("-".join(alone.group("year", "month", "day")), alone["offset"] or "")
    found = [*_INSIDE.finditer(path.name)]
    if len(found) != 1:
        return None
    return FileDay("-".join(found[0].group("year", "month", "day")), is_sure=_LOG.search(path.name) is not None)


def days_of_tables(names: Sequence[str]) -> dict[str, str]:
    """Table -> the day in its name, where several tables differ in that alone; {} for others."""
    days = {n: told.day for n in names if (told := day_of_file(n)) is not None}
    rests = {_INSIDE.sub("", n) for n in days}
    return days if 1 < len({*days.values()}) == len(names) and len(rests) == 1 else {}


def day_of_log(name: str, lines: pl.Series) -> FileDay | None:
    """The one day in a file's name, else above its first clock; None without one or with several."""
    if (told := day_of_file(name)) is not None:
        return told
    first = lines.head(TITLE_LINES)
    first = first.head(int(timed.arg_max() or 0) if (timed := first.str.contains(CLOCK)).any() else TITLE_LINES)
    stated = first.filter(first.str.contains("[0-9]"))
    dates = stated.str.extract(fitted(rf"(?:^|[^0-9])({DATE})(?:[^0-9]|$)", stated), 1) if stated.len() else stated
    days = parse_time_column(dates, ASSUMED_ZONE)["sent_at"].dt.convert_time_zone(ASSUMED_ZONE).drop_nulls().unique()
    if days.len() != 1:
        return None
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
