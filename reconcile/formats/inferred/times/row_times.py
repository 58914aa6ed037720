"""Times of rows: columns of day and clock, counts in any unit, offsets in a column of their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from reconcile.column_ops import all_contain, filled, occurs
from reconcile.errors import UsageError
from reconcile.formats.inferred.hints import parts_of
from reconcile.wechat.clock import from_unix
from reconcile.wechat.clock_forms import parse_time_column
from reconcile.wechat.named_days import BEHIND_CLOCK


@dataclass(frozen=True, slots=True)
class Unit:
    """How a clock counts: the digits of its numbers, its steps in a second, its beginning.

    `begin`: seconds from the beginning of its count to that of 1970, as a negative number where it began before.
    """

    digits: str
    per_second: float
    begin: int = 0


# Counts of time: since 1970 for the years 2001 to 2033; Windows and browsers since 1601; .NET since year 1;
# days of astronomers, which SQLite counts in UTC.
COUNTS = {
    "s": Unit(r"^1[0-9]{9}(?:\.[0-9]+)?$", 1),
    "ms": Unit(r"^1[0-9]{12}(?:\.[0-9]+)?$", 1_000),
    "us": Unit(r"^1[0-9]{15}$", 1_000_000),
    "ns": Unit(r"^1[0-9]{18}$", 1_000_000_000),
    "filetime": Unit(r"^13[0-9]{16}$", 10_000_000, -11_644_473_600),
    "webkit": Unit(r"^13[0-9]{15}$", 1_000_000, -11_644_473_600),
    "ticks": Unit(r"^6[34][0-9]{16}$", 10_000_000, -62_135_596_800),
    "julian": Unit(r"^24[5-6][0-9]{4}\.[0-9]{3,}$", 1 / 86_400, -210_866_760_000),
}
# Counts since 2001, as in Apple's stores, for the years 2013 to 2033; used only if the column's name says time.
SINCE_2001 = {
    "s2001": Unit(r"^(?:[4-9][0-9]{8}|10[0-9]{8})(?:\.[0-9]+)?$", 1, 978_307_200),
    "ns2001": Unit(r"^(?:[4-9][0-9]{17}|10[0-9]{17})$", 1_000_000_000, 978_307_200),
}
UNITS = {**COUNTS, **SINCE_2001}
# Counts that programs make of local clocks as often as of UTC.
LOCAL = frozenset(["ticks"])
_YES = ("true", "yes")
_MONTH_DAY = r"^(?P<month>[0-3]?[0-9])[-/.月](?P<day>[0-3]?[0-9])[日号.,]?\s+(?P<rest>\S.*)$"
_MONTH_WORD = r"^(?P<month>[A-Za-z]{3,9})\.?\s+(?P<day>[0-3]?[0-9]),?\s+(?P<rest>\S.*)$"
_MONTHS = {
    m: i for i, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_HALF_A_YEAR = 6
# A year that has all days, to see whether the rest of a time can be read.
LEAP_YEAR = 2000
# A clock as French writes it.
_WITH_HOURS = r"^\s*([0-9]{1,2})\s?[hH]\s?([0-5][0-9])\s*$"
# A dot in a clock that a word follows, as in German.
_DOTTED = rf"^\s*([0-9]{{1,2}})\.([0-9]{{2}})\s*{BEHIND_CLOCK}\s*$"
_CLOCK_OF_FIGURES = r"^\s*([0-9]{1,2})([0-5][0-9])([0-5][0-9])\s*$"
OF_SECONDS = r"^\s*[0-9]{1,5}\s*$"
"""Second of the day."""
# Letters of year, month and day in a pattern of times; the library fills a missing part with the first.
_DAY_PARTS = ("YyFDsc+", "mbBhjFDsc+", "dejFDsc+")
# Days from 1900 to 1970 in spreadsheets.
SERIAL_OF_1970 = 25_569
_DATE_OF_NET = r"^\\?/Date\(([0-9]+)(?:[+-][0-9]{4})?\)\\?/$"
# What a zone is called, and further words for what may be one.
_ZONE_NAMES = frozenset(
    ["timezone", "tz", "时区", "時區", "タイムゾーン", "시간대", "zeitzone", "fuseauhoraire", "fusohorario", "husohorario",
     "zonahoraria", "tijdzone", "часовойпояс", "múigiờ"]
)  # fmt: skip
_ZONE_WORDS = _ZONE_NAMES | {"zone", "offset", "utcoffset", "gmtoffset"}
_OFFSET = r"^\s*(?:(?:UTC|GMT)\s?)?[+-][0-9]{1,2}:?[0-9]{2}\s*$|^\s*(?:UTC|GMT)\s?[+-][0-9]{1,2}\s*$|^\s*(?:Z|UTC)\s*$"


def parse_time_columns(
    source: Path, table: pl.DataFrame, columns: Mapping[str, str], zone: str, *, assumed: bool
) -> pl.DataFrame:
    """Columns sent_at, time_precision, zone_source and sent_raw of a table with known columns.

    `zone` is used where no time states one; `assumed`: nobody named it. Raises UsageError for counts without a unit.
    """
    raw = table[columns["time"]]
    if "date" in columns:
        clock = (
            pl.col(columns["time"])
            .str.replace(_WITH_HOURS, "${1}:${2}")
            .str.replace(_CLOCK_OF_FIGURES, "$1:$2:$3")
            .str.replace(_DOTTED, "$1:$2")
        )
        if all_contain(raw.drop_nulls(), OF_SECONDS) and not all_contain(raw.drop_nulls(), _CLOCK_OF_FIGURES):
            clock = pl.from_epoch(pl.col(columns["time"]).str.strip_chars().cast(pl.Int64)).dt.strftime("%H:%M:%S")
        raw = table.select(pl.format("{} {}", pl.col(columns["date"]), clock).alias("t"))["t"]
    if (offset := _offsets(table)) is not None and not columns.get("time_unit"):
        raw = pl.DataFrame({"t": raw, "o": table[offset]}).select(pl.format("{} {}", "t", "o").alias("t"))["t"]
    if (year := columns.get("year", "")).isdecimal():
        raw = with_years(raw, int(year), day_first=columns.get("day_first", "").lower() in _YES).alias(raw.name)
    if "time_format" in columns:
        raw = _of_format(raw, columns["time_format"])
    counts = bare_counts(raw)
    digits = raw.is_null() & False
    if occurs("[0-9]{9}|[^\x00-\x7f]", counts):
        digits = filled(counts.str.contains(r"^\s*\d{9,13}\s*$"), value=False)
    unit = columns.get("time_unit")
    if unit == "days":
        raw, unit = _of_serials(raw), None
    elif unit in LOCAL:
        raw, unit = _since_1970(raw, unit)[0].dt.strftime("%Y-%m-%d %H:%M:%S%.3f").alias(raw.name), None
    if unit is None and digits.any() and (digits | raw.is_null()).all():
        raise UsageError(
            "--columns", f"{source}: times are whole numbers; add time_unit=s or time_unit=ms to --columns"
        )
    if unit in UNITS:
        instant, has_fraction = _since_1970(raw, unit)
        said = pl.col("sent_at").is_not_null()
        precision = "millisecond" if has_fraction else "second"
        return pl.DataFrame({"sent_at": instant, "sent_raw": raw}).with_columns(
            pl.when(said).then(pl.lit(precision)).otherwise(pl.lit("none")).alias("time_precision"),
            pl.when(said).then(pl.lit("unix")).otherwise(pl.lit("none")).alias("zone_source"),
        )
    day_first = {**dict.fromkeys(_YES, True), "false": False, "no": False}.get(columns.get("day_first", "").lower())
    source_text = pl.col("zone_source").cast(pl.String)
    return parse_time_column(raw, zone, day_first=day_first).with_columns(
        pl.when((source_text == "declared") & pl.lit(assumed))
        .then(pl.lit("assumed"))
        .otherwise(source_text)
        .alias("zone_source"),
        pl.col("time_precision").cast(pl.String),
        raw.alias("sent_raw"),
    )


def with_years(raw: pl.Series, first: int, *, day_first: bool = False) -> pl.Series:
    """Times that state month and day alone, with the year in front; others stay as they are.

    The first row is of the given year. A month far before that of the row above begins the next year, and one far
    behind it goes back to the one before.
    """
    texts = raw.str.strip_chars()
    figures = texts.str.extract_groups(_MONTH_DAY).struct.unnest()
    if day_first:
        figures = figures.rename({"month": "day", "day": "month"})
    words = texts.str.extract_groups(_MONTH_WORD).struct.unnest()
    months = (
        words["month"].str.slice(0, 3).str.to_lowercase().replace_strict(_MONTHS, default=None, return_dtype=pl.Int64)
    )
    month = figures["month"].cast(pl.Int64, strict=False).fill_null(months)
    step = month.fill_null(strategy="forward").diff().fill_null(0)
    turns = ((step < -_HALF_A_YEAR).cast(pl.Int64) - (step > _HALF_A_YEAR).cast(pl.Int64)).cum_sum()
    told = pl.DataFrame({
        "raw": texts, "year": turns + first, "month": month,
        "day": figures["day"].fill_null(words["day"]), "rest": figures["rest"].fill_null(words["rest"]),
    })  # fmt: skip
    dated = pl.format("{}-{}-{} {}", "year", "month", "day", "rest")
    return told.select(pl.when(pl.col("month").is_null() | pl.col("day").is_null()).then("raw").otherwise(dated))["raw"]


def _of_format(raw: pl.Series, pattern: str) -> pl.Series:
    """Times written by a pattern such as `%d.%m.%Y %H:%M`, written anew; null where they do not fit it.

    Raises UsageError for what is no pattern of a whole time.
    """
    if not all(any(f"%{d}" in pattern for d in part) for part in _DAY_PARTS):
        raise UsageError("--columns", f"--columns: time_format {pattern!r} states no year, month or day")
    texts = raw.str.strip_chars()
    for _ in range(2):
        # The library wants two figures; signs between two numbers of one belong to both.
        texts = texts.str.replace_all(r"(^|[^0-9])([0-9])([^0-9]|$)", "${1}0${2}${3}")
    pattern, zone = pattern.replace(".%f", "%.f").replace("%f", "%6f"), "UTC" if "%z" in pattern else None
    try:
        times = texts.str.to_datetime(pattern, strict=False, time_zone=zone)
    except pl.exceptions.PolarsError as error:
        reason = " ".join(str(error).split())[:120]
        raise UsageError("--columns", f"--columns: time_format {pattern!r} cannot be used ({reason})") from None
    has_seconds = any(p in pattern for p in ("%S", "%T", "%s"))
    shown = f"%Y-%m-%d %H:%M{':%S' if has_seconds else ''}{'Z' if zone else ''}"
    return times.dt.strftime(shown).alias(raw.name)


def states_zones(name: str) -> bool:
    """Whether a column is called a zone or an offset."""
    return bool({w for level in parts_of(name)[-1:] for w in (*level, "".join(level))} & _ZONE_WORDS)


def is_called_a_zone(name: str) -> bool:
    """Whether a name says nothing else than that its value is a zone."""
    return "".join(w for level in parts_of(name)[-1:] for w in level) in _ZONE_NAMES


def _offsets(table: pl.DataFrame) -> str | None:
    """The column that states the offset of each row's time from UTC, such as `+08:00`; None without one."""
    for name in table.columns:
        if states_zones(name) and not table[name].null_count() and all_contain(table[name], _OFFSET):
            return name
    return None


def _of_serials(raw: pl.Series) -> pl.Series:
    """The days of a spreadsheet that lost their form, as times to the second."""
    seconds = ((raw.str.strip_chars().cast(pl.Float64, strict=False) - SERIAL_OF_1970) * 86_400).round(0)
    return pl.from_epoch(seconds.cast(pl.Int64), time_unit="s").dt.strftime("%Y-%m-%d %H:%M:%S").alias(raw.name)


def bare_counts(numbers: pl.Series) -> pl.Series:
    """Counts without what .NET writes around them, and with a point for a decimal comma."""
    # Most columns hold neither, and are spared two patterns that take ten times as long to compile.
    if not occurs(r"[0-9],|Date\(", numbers):
        return numbers
    bare = pl.first().str.replace(_DATE_OF_NET, "$1").str.replace(r"^([0-9]{9,13}),([0-9]{1,6})$", "$1.$2")
    return numbers.to_frame().select_seq(bare).to_series()


def _since_1970(raw: pl.Series, unit: str) -> tuple[pl.Series, bool]:
    """The instants of numbers in a unit, and whether any has a fraction of a second.

    A number with decimals keeps every digit of its milliseconds.
    """
    per_second, begin = UNITS[unit].per_second, UNITS[unit].begin
    texts = bare_counts(raw.str.strip_chars())
    if bool(texts.str.contains(".", literal=True).any()):
        # A double holds the microseconds of any year in sight; what is less than a millisecond moves no second.
        seconds = texts.cast(pl.Float64, strict=False) / per_second + begin
        # Days of seven figures and their decimals tell no thousandth of a second.
        micros = ((seconds if per_second >= 1 else seconds.round(0)) * 1_000_000).round(0)
        numbers = micros.cast(pl.Int64) // 1000
        return numbers.alias("raw").to_frame().select(from_unix(pl.col("raw"), "ms"))["raw"], True
    # Whole nanoseconds would lose their last digits as decimals.
    whole = texts.cast(pl.Int64, strict=False) + begin * int(per_second)
    told, into = (whole, "s") if per_second == 1 else (whole // (int(per_second) // 1000), "ms")
    return told.alias("raw").to_frame().select(from_unix(pl.col("raw"), into))["raw"], into == "ms"
