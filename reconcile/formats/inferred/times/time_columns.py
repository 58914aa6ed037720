"""Which columns of a frame hold times, how they are written, and which of them is the time of sending."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from reconcile.column_ops import all_contain, kept_for_few, lacks, longest_of, present, share_of
from reconcile.formats.inferred.fields import PARENT
from reconcile.formats.inferred.hints import hint, words_of
from reconcile.formats.inferred.times.row_times import (
    COUNTS,
    LEAP_YEAR,
    LOCAL,
    OF_SECONDS,
    SERIAL_OF_1970,
    SINCE_2001,
    UNITS,
    bare_counts,
    with_years,
)
from reconcile.formats.inferred.times.zones import zone_of_hours
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import HALF_DAY, WEEK_DAY, day_comes_first, parse_time_column
from reconcile.wechat.clock_halves import with_common_halves
from reconcile.wechat.named_days import BEHIND_CLOCK, NAMED_DAY, fitted

# What every count is: figures alone.
_FIGURES = r"^[0-9]+(?:\.[0-9]+)?$"
# Days since 1900 with a time of day, of the years 1995 to 2036.
_SERIAL = r"^(?:3[5-9]|4[0-9])[0-9]{3}\.[0-9]+$"
# A day and a clock of figures alone, which are times only beside the other half.
_HALVES_OF_FIGURES = {"day": r"^20[0-9]{2}[01][0-9][0-3][0-9]$", "clock": r"^[0-2]?[0-9][0-5][0-9][0-5][0-9]$"}
_DATED = rf"{WEEK_DAY}|^\s*20[0-9]{{6}}[ T_-]?[0-9]{{2}}:?[0-9]{{2}}|[0-9]{{1,4}}\s?[-/.年년]\s?[0-9]{{1,2}}\s?[-/.月월]\s?[0-9]{{1,4}}|(?i:\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b)|{NAMED_DAY}"
_CLOCK = rf"^\s*{HALF_DAY}?\s*[0-9]{{1,2}}(?:[:时時]|\s?[hH]\s?)[0-9]{{1,2}}(?:[:分][0-9]{{1,2}})?(?:\.[0-9]+)?[分秒]?\s*(?:{HALF_DAY}|{BEHIND_CLOCK})?(?:\s*[+-][0-9]{{4}})?\s*$|^\s*[0-9]{{1,2}}\.[0-9]{{2}}\s*{BEHIND_CLOCK}\s*$"
_DAY_OF_YEAR = r"^\s*[01]?[0-9]月[0-3]?[0-9][日号]\s*$"
_DAY = (
    rf"{_DAY_OF_YEAR}|"
    r"^\s*(?:(?:[0-9]{4}|1[0-3][0-9])\s?[-/.年년]\s?[0-9]{1,2}\s?[-/.月월]\s?[0-9]{1,2}(?:\s?[日号號일]|\.)?|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4})\s*$"
)
_AMBIGUOUS = r"^\s*[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}\b"
_READ_SHARE = 0.95
# Least share of rows in one minute, where their times are those of something larger, such as the export.
_SHARED = 0.9
# Number of first values looked at, the least share that must be written like times, and the most characters of one.
_FIRST, _LIKELY, _LONGEST = 200, 0.5, 80
# A time of sending: least share of rows not behind the time of storing or delivery, least relative variety, most seconds
# before it, and least rows.
_ALWAYS, _AS_VARIED, _SHORTLY, _ENOUGH = 0.99, 0.9, 3600, 6
_A_MINUTE, _A_DAY = 60, 86_400
# Offsets from UTC are whole quarters of an hour, at most so many seconds; that of times read without a zone, since 1992.
QUARTER, LARGEST_OFFSET, _ASSUMED_OFFSET = 900, 50_400, 28_800
ORDERED_SHARE = 0.85
# Least share of rows in which two columns state one time; and where one is called like the other, as `date` and `date_unix`.
_SAME, _SAME_OF_ONE_NAME = 0.97, 0.5
# A month, a day and a clock. Between slashes, the day may stand first.
_YEARLESS = rf"^\s*(?:[01]?[0-9]-[0-3]?[0-9]|[0-3]?[0-9]/[0-3]?[0-9]|[01]?[0-9]月[0-3]?[0-9][日号號]|[A-Za-z]{{3,9}}\.?\s[0-3]?[0-9],?)\s+(?:{HALF_DAY}\s?)?[0-9]{{1,2}}:[0-9]{{2}}"
# How much less likely the time of something larger is that of sending.
_OF_LARGER = 1.25
_PRECISION = {"millisecond": 3, "second": 2, "minute": 1, "day": 0, "none": -1}


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """A column whose values read as times: `shape` is unix, text, day or clock; `unit` belongs to unix."""

    name: str
    shape: str
    filled: float
    unit: str = ""
    seconds: pl.Series | None = None
    precision: int = 0
    is_placed: bool = False
    is_open: bool = False
    # The order of day and month that instants beside an open column show.
    day_first: bool | None = None
    # Whether nearly all rows have one time; and whether it is that of a row of another table.
    is_shared: bool = False
    is_pointed: bool = False
    # Whether the times state month and day alone.
    lacks_year: bool = False


def time_columns(frame: pl.DataFrame, names: list[str]) -> list[TimeColumn]:
    """Every column whose values are nearly all times."""
    found = [
        replace(t, is_shared=_is_shared(t), is_pointed=_is_pointed(frame, t))
        for n in names
        if (t := _time_column(frame[n])) is not None
    ]
    figures = {half: [t for t in found if t.shape == f"figures {half}"] for half in _HALVES_OF_FIGURES}
    placed = [t for t in found if t.is_placed and not t.is_open]
    found = [_settled(frame, t, placed) if t.is_open else t for t in found if not t.shape.startswith("figures")]
    for half, other in (("day", "clock"), ("clock", "day")):
        written = {h: [t for t in found if t.shape == h] for h in (half, other)}
        # What stands beside a day or a clock in one object is the other half, whatever it is called.
        near = {h for t in written[other] if (h := t.name.rpartition(".")[0])}
        is_called = all(hint(t.name, "time") > 0 or t.name.rpartition(".")[0] in near for t in figures[half])
        beside = written[other] if is_called and written[other] else figures[other]
        if not written[half] and len(figures[half]) == len(beside) == 1:
            found.append(replace(figures[half][0], shape=half))
    days = [t for t in found if t.shape == "day"] or figures["day"]
    if len(days) == 1 and all(t.shape == "day" for t in found) and not figures["clock"]:
        clocks = [n for n in names if n != days[0].name and _counts_seconds(frame, days[0].name, n)]
        if len(clocks) == 1:
            found = [replace(days[0], shape="day"), TimeColumn(clocks[0], "clock", days[0].filled)]
    return found


def _counts_seconds(frame: pl.DataFrame, day: str, name: str) -> bool:
    """Whether a column holds the second of the day of each row: only the day brings all seconds in order."""
    # Days of a single row are in order whatever stands beside them.
    rows = frame.filter(frame[day].is_duplicated() & frame[name].is_not_null())
    if rows.height < _ENOUGH or not all_contain(rows[name], OF_SECONDS):
        return False
    seconds = rows[name].str.strip_chars().cast(pl.Int64)
    at = parse_time_column(rows[day], ASSUMED_ZONE)["sent_at"].dt.epoch("s") + seconds
    is_long = _SHORTLY < int(seconds.max()) < _A_DAY  # type: ignore[arg-type]
    return is_long and share_in_order(at) >= ORDERED_SHARE and share_in_order(at) > share_in_order(seconds)


def _is_shared(one: TimeColumn) -> bool:
    """Whether nearly all rows have one time, as that of an export."""
    at = pl.Series([], dtype=pl.Float64) if one.seconds is None else present(one.seconds)
    return at.len() >= _ENOUGH and int((at // 60).value_counts()["count"].max()) >= _SHARED * at.len()  # type: ignore[arg-type]


def _is_pointed(frame: pl.DataFrame, one: TimeColumn) -> bool:
    """Whether a time is that of a row of another table at which several rows point, such as a chat."""
    pointer = one.name.rpartition(".")[0]
    return pointer in frame.columns and 2 * frame[pointer].n_unique() <= frame.height >= _ENOUGH


def _settled(frame: pl.DataFrame, one: TimeColumn, placed: Sequence[TimeColumn]) -> TimeColumn:
    """The column in the order of day and month in which it states another one's instants."""
    raw = frame[one.name].str.strip_chars()
    if one.seconds is None or not placed or day_comes_first(raw) is not None:
        return one
    read = {order: parse_time_column(raw, ASSUMED_ZONE, day_first=order)["sent_at"] for order in (True, False)}
    told = [
        replace(one, seconds=at.dt.epoch("ms").cast(pl.Float64) / 1000, is_open=False, day_first=order)
        for order, at in read.items()
    ]
    fits = [(int(same_but_for_zone(t, o, _slack(t, o)).sum()), t) for t in told for o in placed if _tells_same(t, o)]
    return max(fits, key=lambda f: f[0])[1] if fits else one


@kept_for_few
def _time_column(column: pl.Series) -> TimeColumn | None:  # noqa: PLR0911 - one return a shape
    """A column as times, with shape, unit and precision; null where it holds none."""
    name = column.name
    if lacks(column, "[0-9]") or (raw := _likely_times(column.str.strip_chars())) is None:
        return None
    held = present(raw)
    filled = held.len() / raw.len()
    are_figures = share_of(held, _FIGURES) >= _READ_SHARE
    for unit, how in COUNTS.items() if are_figures else ():
        if share_of(held, how.digits) >= _READ_SHARE:
            numbers = raw.cast(pl.Float64, strict=False) / how.per_second + how.begin
            # Ids of some platforms resemble a count of nanoseconds.
            if max(hint(name, "id"), hint(name, "local_id")) >= 1:
                return None
            if hint(name, "time") > 0 or (share_in_order(numbers) >= ORDERED_SHARE and numbers.n_unique() > 2):
                precision = 2 if unit == "s" and not held.str.contains(".", literal=True).any() else 3
                return TimeColumn(name, "unix", filled, unit, numbers, precision, is_placed=unit not in LOCAL)
            return None
    if are_figures and (counted := _since_another_day(name, raw, held, filled)) is not None:
        return counted
    if share_of(held, _CLOCK) >= _READ_SHARE:
        return TimeColumn(name, "clock", filled)
    for half, pattern in _HALVES_OF_FIGURES.items() if are_figures else ():
        if all_contain(held, pattern):
            return TimeColumn(name, f"figures {half}", filled)
    if share_of(held, _DAY) >= _READ_SHARE:
        is_open, lacks_year = (bool(held.str.contains(p).any()) for p in (_AMBIGUOUS, _DAY_OF_YEAR))
        return TimeColumn(name, "day", filled, is_open=is_open, lacks_year=lacks_year)
    return _written_column(name, raw, held, filled)


def _likely_times(raw: pl.Series) -> pl.Series | None:
    """The values as `bare_counts`; None where most of the first are not written like times."""
    raw = raw.set(raw == "", None)
    held = present(raw)
    if share_of(held.head(_FIRST), "[0-9]") < _LIKELY or longest_of(held) > _LONGEST:
        return None
    raw = bare_counts(with_common_halves(raw))
    first = present(raw).head(_FIRST)
    counts = (*(u.digits for u in UNITS.values()), _SERIAL, *_HALVES_OF_FIGURES.values())
    shapes = (*(counts if share_of(first, _FIGURES) >= _LIKELY else ()), _CLOCK, _DAY, _YEARLESS)
    if any(share_of(first, s) >= _LIKELY for s in shapes):
        return raw
    # Only this one takes Python long to compile.
    return raw if first.str.contains(fitted(_DATED, first)).mean() >= _LIKELY else None  # type: ignore[operator]


def _since_another_day(name: str, raw: pl.Series, held: pl.Series, filled: float) -> TimeColumn | None:
    """A column that counts from the beginning of 2001, or days from that of 1900; None for any other."""
    for unit, how in SINCE_2001.items():
        if hint(name, "time") > 0 and share_of(held, how.digits) >= _READ_SHARE:
            numbers = raw.cast(pl.Float64, strict=False) / how.per_second + how.begin
            return TimeColumn(name, "unix", filled, unit, numbers, 2, is_placed=True)
    if hint(name, "time") >= 0 and share_of(held, _SERIAL) >= _READ_SHARE:
        numbers = (raw.cast(pl.Float64, strict=False) - SERIAL_OF_1970) * 86_400
        if share_in_order(numbers) >= ORDERED_SHARE and numbers.n_unique() > 2:
            return TimeColumn(name, "unix", filled, "days", numbers, 2)
    return None


def _written_column(name: str, raw: pl.Series, held: pl.Series, filled: float) -> TimeColumn | None:
    """A column of written times with or without a year; null where too few can be read."""
    least = _LIKELY if hint(name, "time") >= 1 else _READ_SHARE
    if share_of(held, _YEARLESS) >= _READ_SHARE:
        return _yearless_column(name, raw, filled, least)
    if held.str.contains(fitted(_DATED, held)).mean() < least:  # type: ignore[operator]
        return None
    return _text_column(name, raw, held, filled, least)


def _yearless_column(name: str, raw: pl.Series, filled: float, least: float) -> TimeColumn | None:
    """A column of times without a year, in the order that reads more of them; open if both read as many."""
    told: dict[int, TimeColumn] = {}
    for order in (False, True) if present(raw).str.contains("/", literal=True).any() else (False,):
        dated = with_years(raw, LEAP_YEAR, day_first=order)
        column = _text_column(name, dated, present(dated), filled, least)
        if column is not None and column.seconds is not None:
            unread = column.seconds.null_count()
            found = replace(column, lacks_year=True, is_open=unread in told, day_first=True if order else None)
            told[unread] = replace(told.get(unread, found), is_open=found.is_open)
    return told[min(told)] if told else None


def _text_column(name: str, raw: pl.Series, held: pl.Series, filled: float, least: float) -> TimeColumn | None:
    """A column of written times; null where a smaller share than `least` can be read."""
    day_first = day_comes_first(held)
    # All rows decide the order, not these first ones.
    is_open = bool(held.str.contains(_AMBIGUOUS).any())
    parsed = parse_time_column(raw, ASSUMED_ZONE, day_first=True if is_open and day_first is None else day_first)
    read = 1 - (parsed["sent_at"].null_count() - raw.null_count()) / held.len()
    if read < least:
        return None
    seconds = parsed["sent_at"].dt.epoch("ms").cast(pl.Float64) / 1000
    precision = max(_PRECISION[p] for p in parsed["time_precision"].cast(pl.String).unique().to_list())
    if precision == 0:
        return TimeColumn(name, "day", filled)
    is_placed = bool((parsed["zone_source"].cast(pl.String) == "explicit").any())
    return TimeColumn(name, "text", filled, "", seconds, precision, is_placed, is_open)


def share_in_order(numbers: pl.Series) -> float:
    """The larger share of steps that go one way, up or down; 0 without any."""
    steps = numbers.drop_nulls().diff().drop_nulls()
    steps = steps.filter(steps != 0)
    up = int((steps > 0).sum())
    return max(up, steps.len() - up) / steps.len() if steps.len() else 0.0


def ranked_times(found: list[TimeColumn]) -> list[list[TimeColumn]]:
    """Groups of columns that state the same time: likeliest sending time first, instants first in each.

    A clock without a zone tells less than an instant, whatever its name.
    """
    groups: list[list[TimeColumn]] = []
    for one in sorted((f for f in found if f.seconds is not None), key=lambda f: -f.filled):
        for group in groups:
            if _tells_same(group[0], one):
                group.append(one)
                break
        else:
            groups.append([one])
    for group in groups:
        group.sort(
            key=lambda f: (-round(f.filled, 2), -f.is_placed, f.precision < 2, hint(f.name, "time") <= 0, -f.precision)
        )
        # Nothing is handed on before it was sent.
        sooner = next((f for f in group if _is_sooner(f, group[0])), group[0])
        group.sort(key=lambda f: f is not sooner)
    return sorted(groups, key=lambda g: (-standing(g), g[0].name.startswith(PARENT)))


def _is_sooner(one: TimeColumn, other: TimeColumn) -> bool:
    """Whether one column of instants is never behind another called like it, and mostly before it."""
    like = [(f.filled, f.is_placed, f.precision, f.name.rpartition(".")[2]) for f in (one, other)]
    if like[0] != like[1] or not one.is_placed or one.seconds is None or other.seconds is None:
        return False
    apart = present(other.seconds - one.seconds)
    return bool((apart >= 0).all()) and float(apart.quantile(0.5) or 0) > 0


def standing(group: list[TimeColumn]) -> float:
    """How likely a group states the time of sending: by its names and the rows that it fills."""
    # What belongs to the enclosing object (`^`) is the time of something larger.
    return (
        max(hint(f.name, "time") - (_OF_LARGER if is_of_larger(f) else f.is_shared) for f in group)
        + 2 * group[0].filled
    )


def is_of_larger(one: TimeColumn) -> bool:
    """Whether a time is that of something larger or of a person, and none of the row itself."""
    return _is_of_another(one.name) or one.is_pointed


def _is_of_another(name: str) -> bool:
    """Whether a field belongs to what encloses the row, or to a person in it: no time of sending."""
    above = name.rpartition(".")[0]
    return name.startswith(PARENT) or any(hint(above, role) >= 1 for role in ("sender", "receiver"))


def zone_beside(local: TimeColumn, others: Sequence[TimeColumn]) -> str | None:
    """The zone in which a column of local times states the instants of another that fills fewer rows.

    An empty text where they are no one zone apart; null without such a column.
    """
    for other in others:
        if other.is_placed and not local.is_placed and local.seconds is not None and other.seconds is not None:
            apart = (local.seconds + _ASSUMED_OFFSET - other.seconds).drop_nulls()
            hours = round(float(apart.quantile(0.5) or 0.0) / 3600)
            is_one = bool(((apart - 3600 * hours).abs() <= _slack(local, other)).all())
            return zone_of_hours(hours) or "" if is_one else ""
    return None


def precedes(one: TimeColumn, other: TimeColumn) -> bool:
    """Whether one column's time is shortly before the other's in nearly every row."""
    if one.seconds is None or other.seconds is None:
        return False
    apart = present(other.seconds - one.seconds)
    if one.is_placed != other.is_placed:
        # A local time without a zone may be that of any.
        apart = apart - _zone_between(apart)
    if apart.len() < _ENOUGH or one.seconds.n_unique() < _AS_VARIED * other.seconds.n_unique():
        return False
    slack = 60 if min(one.precision, other.precision) <= 1 else 1
    is_before = float((apart >= -slack).mean() or 0) > _ALWAYS  # type: ignore[arg-type]
    return is_before and 0 < float(apart.quantile(0.5) or 0) <= _SHORTLY


def is_before(frame: pl.DataFrame, day: TimeColumn, clock: TimeColumn, other: TimeColumn) -> bool:
    """Whether a day with its clock is earlier than another column's time in nearly every row.

    A message is edited or delivered after it was sent, so the earlier time is the time of sending.
    """
    if other.seconds is None or other.seconds.len() != frame.height or day.is_open or day.lacks_year:
        return False
    whole = parse_time_column(frame.select(pl.format("{} {}", day.name, clock.name).alias("t"))["t"], ASSUMED_ZONE)
    seconds = whole["sent_at"].dt.epoch("ms").cast(pl.Float64) / 1000
    apart = present(other.seconds - seconds)
    if apart.len() < _ENOUGH or seconds.null_count() > other.seconds.null_count():
        return False
    if other.is_placed:
        # The zone of the clock is not known.
        apart = apart - (apart.min() // QUARTER) * QUARTER  # type: ignore[operator]
    is_first = float((apart >= -1).mean() or 0) > _ALWAYS  # type: ignore[arg-type]
    varied = seconds.n_unique() >= _AS_VARIED * other.seconds.n_unique()
    return is_first and varied and float((apart > _A_MINUTE).mean() or 0) > _LIKELY  # type: ignore[arg-type]


def contradicts(frame: pl.DataFrame, clock: TimeColumn, other: TimeColumn) -> bool:
    """Whether a column of clocks states other times of day than another column, in any time zone."""
    if other.seconds is None or other.seconds.len() != frame.height:
        return False
    dated = parse_time_column(frame.select(pl.format("2024-01-01 {}", clock.name).alias("t"))["t"], ASSUMED_ZONE)
    apart = present((other.seconds - dated["sent_at"].dt.epoch("ms").cast(pl.Float64) / 1000) % 86_400 // _A_MINUTE)
    return apart.len() >= _ENOUGH and bool((apart.value_counts()["count"] < _LIKELY * apart.len()).all())


def _zone_between(apart: pl.Series) -> int:
    """The quarters of an hour, in seconds, by which most times are apart; 0 beyond all zones."""
    usual = round(float(apart.quantile(0.5) or 0.0) / QUARTER) * QUARTER
    return usual if abs(usual) <= LARGEST_OFFSET else 0


def _tells_same(one: TimeColumn, other: TimeColumn) -> bool:
    """Whether two columns state the same instants, apart from zone, summer time and coarser precision."""
    same = same_but_for_zone(one, other, _slack(one, other))
    is_called_so = words_of(one.name) < words_of(other.name) or words_of(other.name) < words_of(one.name)
    # The time of an edit is called like the other as well.
    is_called_so &= min(hint(one.name, "time"), hint(other.name, "time")) >= 0
    return int(same.sum()) > (_SAME_OF_ONE_NAME if is_called_so else _SAME) * same.len()


def _slack(one: TimeColumn, other: TimeColumn) -> float:
    """The seconds within the minute or second that the coarser column shows."""
    return 61 if min(one.precision, other.precision) <= 1 else 1.01


def same_but_for_zone(one: TimeColumn, other: TimeColumn, slack: float) -> pl.Series:
    """Whether rows that fill both columns state one time to `slack` seconds, but for zone and summer time.

    Without any rows where a column has no instants.
    """
    if one.seconds is None or other.seconds is None:
        return pl.Series([], dtype=pl.Boolean)
    apart = present(one.seconds - other.seconds)
    usual = _zone_between(apart)
    zones = [[z for z in (usual, usual + summer) if abs(z) <= LARGEST_OFFSET] for summer in (-3600, 3600)]
    near = [pl.any_horizontal(pl.lit(value=False), *((pl.col("a") - z).abs() <= slack for z in some)) for some in zones]
    told = apart.alias("a").to_frame().select(near[0].alias("before"), near[1].alias("behind"))
    return max(told, key=lambda same: int(same.sum()))
