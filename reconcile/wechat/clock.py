"""Times as exports write them: text, unix seconds or milliseconds. Units are never guessed by size."""

import re
from datetime import timedelta

import polars as pl

from reconcile.column_ops import all_contain, filled
from reconcile.vocabulary import TimePrecision, ZoneSource

ASSUMED_ZONE = "Asia/Shanghai"
FIRST_YEAR, LAST_YEAR = 1970, 2200
_LAYOUT = r"^\s*([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?(?:[T\s]+([0-9]{1,2})[:时]([0-9]{1,2})(?:[:分]([0-9]{1,2})(?:[.,](\d{1,9}))?)?秒?分?)?\s*(Z|z|[+-][0-9]{2}:?[0-9]{2})?\s*$"
_PRECISION, _SOURCE = pl.Enum(TimePrecision), pl.Enum(ZoneSource)
_TIMES = pl.Struct({"sent_at": pl.Datetime("us", "UTC"), "time_precision": _PRECISION, "zone_source": _SOURCE})


def parse_time_text(raw: pl.Expr, zone: str) -> pl.Expr:
    """Struct {sent_at, time_precision, zone_source} of time texts.

    Reads `2024-03-01T09:05:07+08:00`, `2024-03-01 09:05`, `2024/3/1 9:05:07.123`, `2024年3月1日 9:05`. Text without an
    offset is taken in `zone`, with zone_source `declared` (the caller changes it to `assumed` where nobody stated the
    zone). sent_at is null and time_precision `none` for anything else and for years outside 1970 to 2200.
    Whole-column.
    """
    return raw.map_batches(lambda column: _parse_generally(column, zone).to_struct("times"), return_dtype=_TIMES)


def _parts_of_times(column: pl.Series) -> pl.DataFrame:
    """The parts of each time text; y, mo, d, h, mi and s have their numbers beside them (`y_`)."""
    parts = column.str.extract_groups(_LAYOUT).struct.rename_fields(["y", "mo", "d", "h", "mi", "s", "f", "z"])
    frame = parts.struct.unnest()
    return frame.with_columns(pl.col("y", "mo", "d", "h", "mi", "s").cast(pl.Int32, strict=False).name.suffix("_"))


def _local_times(parts: pl.DataFrame) -> pl.DataFrame:
    """The parts with their local time `naive`, microseconds `micro`, and offset in minutes `shift`."""
    valid = (
        pl.col("y_").is_between(FIRST_YEAR, LAST_YEAR)
        & pl.col("mo_").is_between(1, 12)
        & pl.col("d_").is_between(1, 31)
        & pl.col("h_").fill_null(0).is_between(0, 23)
        & pl.col("mi_").fill_null(0).is_between(0, 59)
        & pl.col("s_").fill_null(0).is_between(0, 59)
    )
    two = {n: pl.col(n).fill_null("0").str.zfill(2) for n in ("h", "mi", "s")}
    written = pl.format(
        "{}-{}-{} {}:{}:{}", "y", pl.col("mo").str.zfill(2), pl.col("d").str.zfill(2), two["h"], two["mi"], two["s"]
    )
    stamp = pl.when(valid).then(written).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")
    micro = pl.col("f").fill_null("0").str.pad_end(6, "0").str.slice(0, 6).cast(pl.Int64, strict=False).fill_null(0)
    hours, minutes = (pl.col("z").str.slice(at, 2).cast(pl.Int64, strict=False) for at in (1, -2))
    sign = pl.when(pl.col("z").str.starts_with("-")).then(-1).otherwise(1)
    shift = pl.when(pl.col("z").str.to_uppercase() == "Z").then(0).otherwise(sign * (hours * 60 + minutes))
    told = parts.with_columns(stamp.alias("stamp"), micro.alias("micro"), shift.alias("shift"))
    return told.with_columns((pl.col("stamp") + pl.duration(microseconds="micro")).alias("naive"))


def _precision_of_parts() -> pl.Expr:
    """How exactly the parts state a time; `none` where they are no time."""
    precision = (
        pl.when(pl.col("sent_at").is_null()).then(pl.lit(str(TimePrecision.NONE)))
        .when(pl.col("h").is_null()).then(pl.lit(str(TimePrecision.DAY)))
        .when(pl.col("s").is_null()).then(pl.lit(str(TimePrecision.MINUTE)))
        .when(pl.col("micro") > 0).then(pl.lit(str(TimePrecision.MILLISECOND)))
        .otherwise(pl.lit(str(TimePrecision.SECOND)))
    )  # fmt: skip
    return precision.cast(_PRECISION).alias("time_precision")


def from_unix(value: pl.Expr, unit: str) -> pl.Expr:
    """UTC instants of unix numbers; `unit` is `s` or `ms`.

    Null for null, zero, negative and years after 2200.

    Zero is WeChat's "not set".
    """
    scale = {"s": 1_000_000, "ms": 1_000}[unit]
    number = value.cast(pl.Int64, strict=False)
    inside = (number > 0) & (number < 7_258_118_400 * (1 if unit == "s" else 1_000))
    return (pl.when(inside).then(number) * scale).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


# Layouts tried on the whole column first, because the general pattern costs several times as much.
_QUICK = (("%Y-%m-%d %H:%M:%S", 19, False), ("%Y-%m-%dT%H:%M:%S", 19, False), ("%Y-%m-%dT%H:%M:%S%:z", 25, True), ("%Y-%m-%d %H:%M:%S%:z", 25, True), ("%Y-%m-%d %H:%M", 16, False), ("%Y-%m-%dT%H:%M", 16, False), ("%Y-%m-%dT%H:%M:%SZ", 20, False))  # fmt: skip


_LOOK = 64


def parse_times(raw: pl.Series, zone: str) -> pl.DataFrame:
    """sent_at, time_precision and zone_source of a column of time texts, as in `parse_time_text`.

    Texts of a common layout are parsed at the speed of polars' parser; only the others go through the general
    pattern.
    """
    column = raw.cast(pl.String).alias("raw")
    if column.null_count() == len(column):
        return _parse_generally(column, zone)
    lengths = column.str.len_chars()
    if column.null_count() == 0 and lengths.min() == lengths.max():
        quick = _parse_quickly(column, int(lengths[0]), zone)
        if quick is not None and quick["sent_at"].null_count() == 0:
            return quick
        if quick is None and (spelled := _parse_spelled(column, zone)) is not None:
            return spelled
        return _with_gaps_parsed(column, quick, zone)
    if (spelled := _parse_spelled(column, zone)) is not None:
        return spelled
    parts = []
    left = pl.repeat(value=True, n=len(column), eager=True)
    places = pl.int_range(0, len(column), eager=True).alias("place")
    for length in {n for _, n, _ in _QUICK}:
        here = filled(lengths == length, value=False)
        some = column.filter(here)
        if len(some) and (quick := _parse_quickly(some, length, zone)) is not None:
            parts.append(_with_gaps_parsed(some, quick, zone).with_columns(places.filter(here)))
            left &= ~here
    # The general pattern takes over a millisecond even for a few texts.
    if left.any():
        parts.append(_parse_generally(column.filter(left), zone).with_columns(places.filter(left)))
    return pl.concat(parts).sort("place").drop("place")


# More layouts that the library can parse throughout, with one or two figures a part.
_SPELLED = (
    ("%Y/%m/%d %H:%M:%S", False), ("%Y/%m/%d %H:%M", False), ("%Y年%m月%d日 %H:%M:%S", False), ("%Y年%m月%d日 %H:%M", False),
    ("%Y-%m-%dT%H:%M:%S%z", True), ("%Y-%m-%dT%H:%M:%S%.3f%z", True), ("%Y-%m-%dT%H:%M:%S%.3fZ", True), ("%Y-%m-%d %H:%M:%S%.3f", False), ("%Y-%m-%dT%H:%M:%S%.3f", False),
)  # fmt: skip
_SPELLED_SHAPE = r"^[0-9]{4}(?:/[0-9]{1,2}/[0-9]{1,2} |年[0-9]{1,2}月[0-9]{1,2}日 |-[0-9]{2}-[0-9]{2}[T ])[0-9]{1,2}:[0-5][0-9](?::[0-5][0-9])?(?:\.[0-9]{3})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?$"


def _parse_spelled(column: pl.Series, zone: str) -> pl.DataFrame | None:
    """The column parsed by the one layout that fits throughout; None where no layout does."""
    if column.len() < _LOOK or column.null_count():
        return None
    first = column.head(_LOOK)
    for layout, explicit in _SPELLED:
        named = "UTC" if explicit else None
        if first.str.to_datetime(layout, strict=False, time_zone=named).null_count():
            continue
        # The library is laxer than the pattern: it accepts signs, missing blanks and a sixtieth second.
        if not all_contain(column, _SPELLED_SHAPE):
            return None
        parsed = column.str.to_datetime(layout, strict=False, time_unit="us", time_zone=named, cache=False)
        if parsed.null_count() or not _years_fit(parsed):
            return None
        source = ZoneSource.EXPLICIT if explicit else ZoneSource.DECLARED
        precision = TimePrecision.SECOND if "%S" in layout else TimePrecision.MINUTE
        times = _times_frame(parsed if explicit else _to_utc(parsed, zone), precision, source)
        if "%.3f" not in layout:
            return times
        fine = pl.lit(str(TimePrecision.MILLISECOND)).cast(_PRECISION)
        has_fraction = pl.col("sent_at").dt.millisecond() > 0
        return times.with_columns(pl.when(has_fraction).then(fine).otherwise("time_precision").alias("time_precision"))
    return None


def _parse_generally(column: pl.Series, zone: str) -> pl.DataFrame:
    """The column parsed by the general pattern."""
    if column.null_count() == len(column):
        nothing = pl.repeat(None, len(column), dtype=pl.Datetime("us", "UTC"), eager=True)
        return _times_frame(nothing, TimePrecision.NONE, ZoneSource.NONE)
    told = _local_times(_parts_of_times(column))
    local = pl.col("naive").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    absolute = (pl.col("naive") - pl.duration(minutes="shift")).dt.replace_time_zone("UTC")
    is_local = pl.col("z").is_null()
    told = told.with_columns(
        pl.when(is_local).then(local.dt.convert_time_zone("UTC")).otherwise(absolute).alias("sent_at")
    )
    source = (
        pl.when(pl.col("sent_at").is_null()).then(pl.lit(str(ZoneSource.NONE)))
        .when(is_local).then(pl.lit(str(ZoneSource.DECLARED)))
        .otherwise(pl.lit(str(ZoneSource.EXPLICIT)))
    )  # fmt: skip
    return told.select("sent_at", _precision_of_parts(), source.cast(_SOURCE).alias("zone_source"))


def _parse_quickly(column: pl.Series, length: int, zone: str) -> pl.DataFrame | None:
    """A column of equally long texts parsed by the layout of that length; None where no layout fits.

    Null where a single text does not fit.
    """
    for layout, wanted, has_zone in _QUICK:
        if wanted != length:
            continue
        explicit = has_zone or layout.endswith("Z")
        # The first rows show which layout it is; if they are odd, the general pattern reads all.
        if column.len() > _LOOK and column.head(_LOOK).str.to_datetime(layout, strict=False).null_count() == _LOOK:
            continue
        if has_zone and (quick := _parse_with_common_offset(column, layout.removesuffix("%:z"))) is not None:
            return quick
        # Times seldom recur, so a cache of parsed times would double the cost.
        parsed = column.str.to_datetime(
            layout, strict=False, time_unit="us", time_zone="UTC" if explicit else None, cache=False
        )
        if parsed.null_count() == len(parsed) or not _years_fit(parsed):
            continue
        precision = TimePrecision.MINUTE if length == 16 else TimePrecision.SECOND
        source = ZoneSource.EXPLICIT if explicit else ZoneSource.DECLARED
        return _times_frame(parsed if explicit else _to_utc(parsed, zone), precision, source)
    return None


def _parse_with_common_offset(column: pl.Series, layout: str) -> pl.DataFrame | None:
    """Texts that all end in the same offset, parsed and shifted by it; None for other columns."""
    offset = str(column[0])[-6:]
    parts = re.fullmatch(r"([+-])(0[0-9]|1[0-4]):([0-5][0-9])", offset)
    if parts is None or not column.str.ends_with(offset).all():
        return None
    parsed = column.str.head(19).str.to_datetime(layout, strict=False, time_unit="us", cache=False)
    shift = timedelta(hours=int(parts[2]), minutes=int(parts[3])) * (-1 if parts[1] == "-" else 1)
    moved = (parsed - shift).dt.replace_time_zone("UTC")
    if parsed.null_count() == len(parsed) or not _years_fit(moved):
        return None
    return _times_frame(moved, TimePrecision.SECOND, ZoneSource.EXPLICIT)


def _times_frame(sent_at: pl.Series, precision: TimePrecision, source: ZoneSource) -> pl.DataFrame:
    """The times with one precision and one source for all rows."""
    told = pl.Series("time_precision", [str(precision)], _PRECISION), pl.Series("zone_source", [str(source)], _SOURCE)
    return pl.DataFrame([sent_at.alias("sent_at"), *(c.new_from_index(0, len(sent_at)) for c in told)])


def _with_gaps_parsed(column: pl.Series, quick: pl.DataFrame | None, zone: str) -> pl.DataFrame:
    """The quickly parsed times, with the other rows parsed by the general pattern."""
    if quick is None:
        return _parse_generally(column, zone)
    if not quick["sent_at"].null_count():
        return quick
    lost = quick["sent_at"].is_null()
    places = pl.int_range(0, len(column), eager=True).alias("place")
    both = [
        quick.filter(~lost).with_columns(places.filter(~lost)),
        _parse_generally(column.filter(lost), zone).with_columns(places.filter(lost)),
    ]
    return pl.concat(both).sort("place").drop("place")


def times_of(raw: pl.Series, timezone: str | None) -> pl.DataFrame:
    """As `parse_times`, with zone_source `assumed` where nobody named the zone (`timezone` None)."""
    times = parse_times(raw, timezone or ASSUMED_ZONE)
    if timezone is not None:
        return times
    return times.with_columns(as_assumed(pl.col("zone_source")).alias("zone_source"))


def as_assumed(zone_source: pl.Expr) -> pl.Expr:
    """The zone sources, with `declared` changed to `assumed` because nobody declared the zone."""
    source = zone_source.cast(_SOURCE)
    assumed = pl.lit(str(ZoneSource.ASSUMED)).cast(_SOURCE)
    return pl.when(source == str(ZoneSource.DECLARED)).then(assumed).otherwise(source)


def _years_fit(parsed: pl.Series) -> bool:
    """Whether all times lie in the years that count as real."""
    # The years of first and last time, by polars, because Python's datetime has no year 0.
    numbers = parsed.cast(pl.Int64)
    first, last = pl.Series([numbers.min(), numbers.max()], dtype=numbers.dtype).cast(parsed.dtype).dt.year()
    return first is not None and bool(first >= FIRST_YEAR and last <= LAST_YEAR)


def _to_utc(naive: pl.Series, zone: str) -> pl.Series:
    """The instants of local times; null for times that a clock change skipped."""
    if zone == ASSUMED_ZONE and (first := naive.min()) is not None and first.year >= 1992:  # type: ignore[union-attr]
        # China has had one fixed offset since 1992, and subtracting it is much cheaper than a zone table.
        return (
            (naive - pl.duration(hours=8)).dt.replace_time_zone("UTC")
            if isinstance(naive, pl.Expr)
            else (naive - timedelta(hours=8)).dt.replace_time_zone("UTC")
        )
    return naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
