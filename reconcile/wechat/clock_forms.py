"""Spellings of time other than ISO, such as 12 hours, day first or `(UTC+3)`, as one layout."""

import re

import polars as pl

from reconcile.column_ops import all_contain, filled, kept_for_few, lacks, present
from reconcile.wechat.clock import ASSUMED_ZONE, parse_times
from reconcile.wechat.clock_eras import with_common_years
from reconcile.wechat.clock_halves import with_common_halves
from reconcile.wechat.named_days import (
    BEFORE_CLOCK,
    BEHIND_CLOCK,
    LETTERS_IN_BRACKETS,
    WEEKDAY_NAMES,
    fitted,
    months_as_numbers,
)

# Words for a part of the day before a clock: in Chinese, and in all languages as a pattern.
CHINESE_HALVES = ("上午", "凌晨", "早上", "早晨", "清晨", "中午", "下午", "午后", "傍晚", "晚上", "晚间", "早", "晚")
HALF_DAY = rf"(?:{'|'.join(CHINESE_HALVES)}|午前|午後|오전|오후|ص|م|[AaPp]\.?[Mm]\.?|[AaPp]\.[\s\u00a0\u202f][Mm]\.?)"
_NOON_WORDS = f"({HALF_DAY})"
# The day of a month as people say it: `3月5号`.
SPOKEN_DAY = r"(月\s?[0-9]{1,2}\s?)[号號]"
_SPOKEN = r"(?i)星期|周[一二三四五六日天]|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\W|\d{1,4}\D+\d{1,2}\D+.*(?:[上下]午|午[前後]|오[전후]|[صم]|[AaPp]\.?[Mm]\.?$)"
_LATE = r"^(下午|午后|傍晚|晚上|晚间|晚|午後|오후|م|[Pp]\.?[\s\x{A0}\x{202F}]?[Mm]\.?)"
_DAY_NAMES = r"[（(]?(?:星期|周|週)[一二三四五六日天][）)]?|[월화수목금토일月火水木金土日](?:曜日|요일)"
_BRACKETED_DAY = rf"^([^:时点(（]*[0-9日])[,，]?\s?{LETTERS_IN_BRACKETS}"
_KOREAN_DATE = r"^(\d{4})(?:년\s?|\.\s)(\d{1,2})(?:월\s?|\.\s)(\d{1,2})(?:일|\.)?"
_CLOCK = r"(\d{1,2})([:时点])(\d{1,2})"
_DAY_FIRST = r"^\s*(\d{1,2})([/.-])(\d{1,2})[/.-](\d{4})(.*)$"
# Largest share of dates whose day stands where nearly all have the month; least share that signs must let read.
_MONTHS, _FEW_SLIPS, _READ_BY_SIGNS = 12, 0.02, 0.8
# How every date begins that does not begin with its whole year.
_BEGINS_SHORT = r"(?m)^\s*\d{1,2}[/.-]"
# The sign between day and month, whichever comes first.
_SIGN_OF_DATE = r"^\s*[0-9]{1,2}([/.-])[0-9]{1,2}[/.-]"
# A day's name amid figures, and words and remarks behind a clock that add nothing.
_DAY_ALONE = rf"(?i)(^|[\s,])[(\[]?(?:{WEEKDAY_NAMES})[.)\]]?,?\s"
_REMARK = r"\s?[(（](?:[^()（）0-9]*|\p{L}+\s\p{L}[^()（）]*|[^()（）]*\p{Han}{2}[^()（）]*)[)）]"
_SAYS_NOTHING = rf"(?i)(?:\s?{BEHIND_CLOCK}|{_REMARK})+$"
# The short name of a zone behind its offset, as Go writes it: `+0800 CST`.
_NAME_BEHIND_OFFSET = r"(\s?[+-][0-9]{2}:?[0-9]{2})\s+[A-Z]{2,5}$"
_UTC_OFFSET = r"\s*(?:\(?(?:UTC|GMT)\s*|\()([+-])?(\d{1,2})?(?::?(\d{2}))?\)?\s*$"


# From this many texts, splitting them pays off. The first ones show whether the quick layouts read them.
_MANY, _LOOK = 2_000, 64
_DAY_AND_CLOCK = (
    rf"^(?P<day>[^:时点]*?[0-9日일)）])(?:[,，]?\s+(?:{BEFORE_CLOCK}\s+)?|T)(?P<head>(?:[^\s0-9]{{1,4}}\s?)?[0-9]{{1,2}}[:时点][0-9]{{1,2}})"
    r"(?P<sec>[:分][0-5][0-9])?(?P<tail>[^0-9:.,][^\n.,]*)?$"
)
# A comma or a dash between the day and the clock.
_COMMA = r"([0-9])(?:[,，]|\s[-–])\s+"
_ANY_DAY = "2001-02-03 "
# A clock, and behind it a day with its whole year.
_CLOCK_IN_FRONT = r"^\s*(?P<clock>(?:\p{Han}{2}\s?)?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:\s?[APap]\.?[Mm]\.?|\s\p{Lu}{2})?)(?:,|\s[-–])?\s+(?P<day>[^:\n]*[12][09][0-9]{2}[^:\n]*)$"
# A day of a numbered week of ISO 8601.
WEEK_DAY = r"^\s*[0-9]{4}-?W[0-9]{2}-?[1-7]"
_FIGURES_ALONE = r"^\s*(?P<y>20[0-9]{2})(?P<m>[01][0-9])(?P<d>[0-3][0-9])(?:[ T_-]?(?P<h>[0-2][0-9]):?(?P<i>[0-5][0-9]):?(?P<s>[0-5][0-9])?(?:\.0+)?(?P<z>Z|[+-][0-9]{4})?)?\s*$"
_SHORT_DATE = (
    r"^\s*(?P<a>[0-9]{1,2})(?P<sign>[-/.])\s?(?P<b>[0-9]{1,2})[-/.]\s?(?P<c>[0-9]{1,2})(?P<rest>\.?(?:[,，]?\s.*)?)$"
)
# Chats on phones began in 2009; the years are those of this century.
_OLDEST_CHAT, _NEWEST_CHAT = 9, 50
# By how much the last two figures of a year of the Buddha are ahead.
_BUDDHIST = 43
# A number that occurs with this many different days is the month.
_DAYS_OF_ONE_MONTH = 3


@kept_for_few
def parse_time_column(raw: pl.Series, zone: str, *, day_first: bool | None = None) -> pl.DataFrame:
    """Columns sent_at, time_precision, zone_source of a column of time texts of any common spelling.

    Beyond `clock.parse_times`: `上午9:05`, `9:05 PM`, `13/06/2021 20:51`, `… (UTC+3)`, `… UTC`, weekdays. `day_first`
    says how to read `03/04/2024`; None = learn it from the column (`day_comes_first`), and if that is unclear, such
    times stay null.
    """
    raw = with_common_halves(with_common_years(_with_day_in_front(raw)))
    raw = with_whole_years(_split_figures(_with_days_of_weeks(raw)))
    if day_first is None:
        day_first = day_comes_first(raw)
        is_open = day_first is None and not lacks(texts := raw.cast(pl.String), _BEGINS_SHORT)
        if is_open and (signs := texts.str.extract(_SIGN_OF_DATE, 1)).n_unique() > 1:
            return _parse_by_sign(raw, filled(signs, ""), zone)
    quick = _slice_to_year_first(raw, day_first=day_first)
    if quick is None and (times := _parse_days_and_clocks(raw, zone, day_first=day_first)) is not None:
        return times
    plain = parse_times(raw if quick is None else quick, zone)
    if plain["sent_at"].null_count() == raw.null_count():
        return plain
    left = plain["sent_at"].is_null() & raw.is_not_null()
    again = parse_times(normal_times(raw.filter(left), day_first=day_first), zone)
    places = pl.int_range(0, len(raw), eager=True).alias("place")
    both = [plain.filter(~left).with_columns(places.filter(~left)), again.with_columns(places.filter(left))]
    return pl.concat(both).sort("place").drop("place")


def signs_tell_order(raw: pl.Series) -> bool:
    """Whether nearly all times of a column read, as the sign in each date has its own order."""
    return parse_time_column(raw, ASSUMED_ZONE)["sent_at"].count() >= _READ_BY_SIGNS * raw.count()


def _parse_by_sign(raw: pl.Series, signs: pl.Series, zone: str) -> pl.DataFrame:
    """The times of a column whose dates have several signs, each with its own order of day and month."""
    column = pl.DataFrame({"raw": raw, "sign": signs}).with_row_index("place")
    parts = column.partition_by("sign", maintain_order=True)
    read = [parse_time_column(p["raw"], zone).with_columns(p["place"]) for p in parts]
    return pl.concat(read).sort("place").drop("place")


def _with_day_in_front(raw: pl.Series) -> pl.Series:
    """Times such as `8:58 AM, 17 Jun 2025` as `17 Jun 2025 8:58 AM`; other columns unchanged."""
    return (
        raw.str.replace(_CLOCK_IN_FRONT, "$day $clock")
        if _all_fit(raw, _CLOCK_IN_FRONT, r"\s*(?:\S\S\s?)?[0-9]{1,2}:")
        else raw
    )


def _with_days_of_weeks(raw: pl.Series) -> pl.Series:
    """Days of numbered weeks, such as `2024-W23-1`, as `2024-06-03`; other columns unchanged."""
    if not _all_fit(raw, f"{WEEK_DAY}(?:[T ]|$)", ".*W"):
        return raw
    week = pl.col("raw").str.extract(f"({WEEK_DAY})", 1).str.replace_all("[-\\s]", "")
    day = week.str.to_date("%GW%V%u", strict=False).cast(pl.String)
    rest = pl.col("raw").str.replace(WEEK_DAY, "")
    return raw.alias("raw").to_frame().select(pl.concat_str(day, rest).alias("raw"))["raw"]


def _split_figures(raw: pl.Series) -> pl.Series:
    """Times of figures alone, such as `20240301 0905`, as `2024-03-01 09:05`; other columns unchanged."""
    if not _all_fit(raw, _FIGURES_ALONE, r"\s*20[0-9]{6}"):
        return raw
    parts = raw.str.extract_groups(_FIGURES_ALONE).struct.unnest().fill_null("")
    second = pl.when(pl.col("s") == "").then(pl.lit("")).otherwise(pl.lit(":") + pl.col("s"))
    # The quick layouts with an offset have a T.
    sign = pl.when(pl.col("z") == "").then(pl.lit(" ")).otherwise(pl.lit("T"))
    clock = pl.when(pl.col("h") == "").then(pl.lit("")).otherwise(pl.format("{}{}:{}{}{}", sign, "h", "i", second, "z"))
    joined = pl.format("{}-{}-{}{}", "y", "m", "d", clock)
    return parts.select(pl.when(pl.col("y") != "").then(joined).alias("raw"))["raw"]


def with_whole_years(raw: pl.Series) -> pl.Series:
    """Dates of three short numbers with the whole year, where the column tells which one it is.

    The year is the number that changes least; at a tie the last one. Other texts stay as they are.
    """
    first = raw.head(_LOOK).cast(pl.String)
    if lacks(first, _BEGINS_SHORT) or not first.str.contains(_SHORT_DATE).any():
        return raw
    parts = raw.str.extract_groups(_SHORT_DATE).struct.unnest()
    first, last = (present(parts[n].cast(pl.Int32, strict=False)) for n in ("a", "c"))
    changes = [int((n.diff() != 0).sum()) for n in (first, last)]
    is_short = parts["c"].str.len_chars().min() == 1
    may = [bool(n.is_between(_OLDEST_CHAT, _NEWEST_CHAT).all()) for n in (first, last)]
    may[1] &= not is_short
    if last.len() and last.is_between(_OLDEST_CHAT + _BUDDHIST, _NEWEST_CHAT + _BUDDHIST).all():
        years = 2000 - _BUDDHIST + pl.col("c").cast(pl.Int32, strict=False)
        made = pl.format("{}{}{}{}{}{}", "a", "sign", "b", "sign", years, "rest")
    elif may[0] and (not may[1] or changes[0] < changes[1]):
        made = pl.format("20{}-{}-{}{}", pl.col("a"), pl.col("b").str.zfill(2), pl.col("c").str.zfill(2), "rest")
    elif may[1]:
        made = pl.format("{}{}{}{}20{}{}", "a", "sign", "b", "sign", "c", "rest")
    else:
        return raw
    whole = parts.select(pl.when(pl.col("a").is_not_null()).then(made).alias("raw"))["raw"]
    return filled(whole, raw).alias(raw.name)


def _all_fit(raw: pl.Series, pattern: str, sign: str) -> bool:
    """Whether all texts fit the pattern and there is at least one; `sign`: how all that fit begin."""
    texts = present(raw.cast(pl.String))
    # The first text spares most columns the pattern, which is slow to compile.
    if texts.is_empty() or not re.match(sign, texts[0], re.DOTALL) or not texts.head(_LOOK).str.contains(pattern).all():
        return False
    return len(texts) <= _LOOK or bool(texts.str.contains(pattern).all())


def _parse_days_and_clocks(raw: pl.Series, zone: str, *, day_first: bool | None) -> pl.DataFrame | None:
    """Times of a long column whose days and clocks recur, each read once.

    None where they do not recur, or where a text is not a day and a clock.
    """
    if len(raw) < _MANY or parse_times(raw.head(_LOOK), zone)["sent_at"].null_count() == 0:
        return None
    parts = raw.cast(pl.String).str.extract_groups(_DAY_AND_CLOCK).struct.unnest()
    parts = parts.with_columns((pl.col("head") + pl.col("tail").fill_null("")).alias("clock"))
    days, clocks = parts["day"].unique(maintain_order=True), parts["clock"].unique(maintain_order=True)
    if parts["clock"].null_count() or 2 * (days.len() + clocks.len()) > len(raw):
        return None
    midnights = parse_time_column(days + " 00:00:00", "UTC", day_first=day_first)["sent_at"]
    read = parse_time_column(_ANY_DAY + clocks, "UTC", day_first=day_first)
    if midnights.null_count() or read["sent_at"].null_count():
        return None
    since = read["sent_at"] - parse_times(pl.Series([f"{_ANY_DAY}00:00:00"]), "UTC")["sent_at"][0]
    by_text = pl.DataFrame(
        {"clock": clocks, "since": since, "is_told": read["zone_source"].cast(pl.String) == "explicit"}
    )
    both = parts.join(pl.DataFrame({"day": days, "midnight": midnights}), on="day", how="left", maintain_order="left")
    both = both.join(by_text, on="clock", how="left", maintain_order="left")
    seconds = pl.col("sec").str.slice(1).cast(pl.Int64).fill_null(0)
    both = both.with_columns((pl.col("midnight") + pl.col("since") + pl.duration(seconds=seconds)).alias("utc"))
    local = pl.col("utc").dt.replace_time_zone(None)
    local = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
    precision = pl.when(pl.col("sec").is_null()).then(pl.lit("minute")).otherwise(pl.lit("second"))
    source = pl.when("is_told").then(pl.lit("explicit")).otherwise(pl.lit("declared"))
    times = both.select(
        pl.when("is_told").then("utc").otherwise(local).dt.cast_time_unit("us").alias("sent_at"),
        precision.cast(read["time_precision"].dtype).alias("time_precision"),
        source.cast(read["zone_source"].dtype).alias("zone_source"),
    )
    return None if times["sent_at"].null_count() else times


def with_spoken_times(times: pl.DataFrame, raw: pl.Series, zone: str) -> pl.DataFrame:
    """Columns as in `clock.parse_times`, with the texts it left null that name a weekday or day half."""
    left = times["sent_at"].is_null() & raw.str.contains(_SPOKEN).fill_null(value=False)
    if not left.any():
        return times
    again = parse_times(normal_times(raw.filter(left)), zone)
    at = left.arg_true()
    return times.with_columns(times[c].scatter(at, again[c]) for c in times.columns)


def times_of_forms(raw: pl.Series, timezone: str | None, *, day_first: bool | None = None) -> pl.DataFrame:
    """As `parse_time_column`, with zone_source `assumed` where nobody named the zone (`timezone` None)."""
    times = parse_time_column(raw, timezone or ASSUMED_ZONE, day_first=day_first)
    source = pl.col("zone_source").cast(pl.String)
    declared = pl.lit("declared" if timezone else "assumed")
    return times.with_columns(
        pl.when(source == "declared").then(declared).otherwise(source).alias("zone_source"),
        pl.col("time_precision").cast(pl.String),
    )


def normal_times(raw: pl.Series, *, day_first: bool | None = None) -> pl.Series:
    """The texts as `YYYY-MM-DD HH:MM[:SS][offset]` where possible, else unchanged."""
    known = day_comes_first(raw) if day_first is None else day_first
    column = months_as_numbers(raw.cast(pl.String)).alias("raw")
    try:
        return _normalise_in_steps(column, known)
    except pl.exceptions.PanicException:
        # polars panics on some filtered columns of long texts, but not on a fresh copy of the same texts.
        return _normalise_in_steps(pl.Series("raw", column.to_list(), dtype=pl.String), known)


def _normalise_in_steps(column: pl.Series, day_first: bool | None) -> pl.Series:
    """The texts, changed step by step.

    Each step names its text several times, and one expression for all would do the steps before it again.
    """
    text = pl.col("raw")
    plain = (
        text.str.strip_chars()
        .str.replace(SPOKEN_DAY, "${1}日")
        .str.replace(r"([0-9])：([0-9])", "$1:$2")
        .str.replace(fitted(_BRACKETED_DAY, column), "$1 ")
        .str.replace(_DAY_NAMES, " ")
        .str.replace(_KOREAN_DATE, "$1-$2-$3")
    )
    if column.str.contains("[0-9] 年").any():
        plain = plain.str.replace_all(r"([0-9年月]) ?([年月日])", "$1$2").str.replace_all("([年月]) ", "$1")
    plain = plain.str.replace(r"[時시]\s?", "时").str.replace(r"분\s?", "分").str.replace("초", "秒", literal=True)
    # Dots part the clock where no colon does.
    plain = plain.str.replace(
        r"(\s[0-9]{1,2})\.([0-9]{2})(?:\.([0-9]{2}))?(\s?[APap][Mm])?$", "$1:$2:$3$4"
    ).str.replace(r":(\s?(?:[APap][Mm])?)$", "$1")
    plain = plain.str.replace(r"([0-9]{1,2})\s?[hH]([0-9]{2})\b", "$1:$2").str.replace(r"日([0-9])", "日 $1")
    plain = (
        plain.str.replace(r"Z\s[0-9]{1,9}$", "Z")
        .str.replace(_NAME_BEHIND_OFFSET, "$1")
        .str.replace(r"\((UTC|GMT)\)$", "$1")
        .str.replace(_SAYS_NOTHING, "")
        .str.replace(_DAY_ALONE, "$1")
    )
    steps = (plain.str.replace(_COMMA, "$1 "), _in_24_hours(text), _with_offset(text), _year_first(text, day_first))
    for step in steps:
        column = column.to_frame().select(step.alias("raw"))["raw"]
    return column


def _slice_to_year_first(raw: pl.Series, *, day_first: bool | None) -> pl.Series | None:
    """`13/06/2021 20:51:33(UTC+3)` of a whole column as ISO text by slicing; None for other columns."""
    if day_first is None or not len(raw) or raw.null_count() == len(raw):
        return None
    tail = raw.str.slice(19).str.strip_chars(" ()")
    tails = {t: o for t in present(tail.unique()).to_list() if (o := _tail_offset(t)) is not None}
    if len(tails) > 40:
        return None
    if (
        not all_contain(raw, r"^[0-9]{2}[/.-][0-9]{2}[/.-][0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2}")
        or tail.is_in(list(tails)).not_().any()
    ):
        return None
    day, month = (0, 3) if day_first else (3, 0)
    parts = {
        n: raw.str.slice(at, length) for n, at, length in (("y", 6, 4), ("m", month, 2), ("d", day, 2), ("t", 11, 8))
    }
    offset = tail.replace_strict(list(tails), list(tails.values()), default=None, return_dtype=pl.String).alias("o")
    frame = pl.DataFrame(parts).with_columns(offset)
    return frame.select(pl.concat_str("y", pl.lit("-"), "m", pl.lit("-"), "d", pl.lit("T"), "t", "o").alias("iso"))[
        "iso"
    ]


def _tail_offset(tail: str) -> str | None:
    """`UTC+3` as `+03:00`; '' for nothing; None for anything else."""
    found = re.fullmatch(r"(?:(?:UTC|GMT)([+-])?(\d{1,2})?(?::?(\d{2}))?)?", tail)
    if found is None:
        return None
    return f"{found[1] or '+'}{(found[2] or '0').zfill(2)}:{found[3] or '00'}" if tail else ""


def day_comes_first(raw: pl.Series) -> bool | None:
    """Whether a column of `a/b/year` dates puts the day first; None = unclear or contradictory.

    Numbers above 12 show where the day is, unless more than a few stand elsewhere. Without one, the reading that goes back in time less often wins, because
    messages are in order. Next come dots, which follow a day, and a number that stays while the other changes. Where both
    numbers of every date are equal, the day may as well come first.
    """
    texts = raw.cast(pl.String)
    if lacks(texts, _BEGINS_SHORT):
        return None
    dated = texts.str.contains(r"^\s*\d{1,2}[/.-]")
    if not dated.any():
        return None
    parts = texts.str.extract_groups(_DAY_FIRST).struct.unnest().cast(pl.String)
    first, second, year = (parts[n].cast(pl.Int32, strict=False) for n in ("1", "3", "4"))
    above = [int((n > _MONTHS).sum()) for n in (first, second)]
    if any(above):
        # A few numbers that no month has are slips of the pen.
        return None if min(above) > _FEW_SLIPS * max(above) else above[0] > above[1]
    back = [int(((year * 10_000 + m * 100 + d).diff() < 0).sum()) for d, m in ((first, second), (second, first))]
    if back[0] != back[1]:
        return back[0] < back[1]
    if all_contain(texts.filter(dated), r"^\s*\d{1,2}\.\d{1,2}\.\d{4}") or bool((first == second).all()):
        return True
    days = [n.drop_nulls().n_unique() for n in (first, second)]
    # Nobody writes on one day of each month alone.
    return days[0] > days[1] if min(days) == 1 and max(days) >= _DAYS_OF_ONE_MONTH else None


def _in_24_hours(text: pl.Expr) -> pl.Expr:
    """The text with its clock in 24 hours, without words such as 下午 or PM."""
    word = text.str.extract(_NOON_WORDS, 1)
    clock = text.str.extract_groups(_CLOCK).struct.rename_fields(["h", "between", "m"])
    hour = clock.struct.field("h").cast(pl.Int32, strict=False)
    late = word.str.contains(_LATE)
    noon = word == "中午"
    moved = (
        pl.when(late & (hour < 12)).then(hour + 12)
        .when(noon & (hour < 3)).then(hour + 12)
        .when(~late & ~noon & (hour == 12)).then(pl.lit(0))
        .otherwise(hour)
    )  # fmt: skip
    bare = text.str.replace(_NOON_WORDS, " ", literal=False).str.replace_all(r"\s+", " ")
    before = bare.str.extract(r"^(.*?)\d{1,2}[:时点]\d{1,2}", 1)
    after = bare.str.extract(r"\d{1,2}[:时点](\d{1,2}.*)$", 1)
    whole = pl.format("{} {}:{}", before.str.strip_chars(), moved.cast(pl.String).str.zfill(2), after.str.strip_chars())
    return pl.when(word.is_not_null() & moved.is_not_null()).then(whole).otherwise(text)


def _with_offset(text: pl.Expr) -> pl.Expr:
    """The text with an offset such as `(UTC+3)` written as `+03:00`."""
    parts = text.str.extract_groups(_UTC_OFFSET).struct.rename_fields(["sign", "hours", "minutes"])
    said = text.str.contains(_UTC_OFFSET)
    offset = pl.format(
        "{}{}:{}",
        parts.struct.field("sign").fill_null("+"),
        parts.struct.field("hours").fill_null("0").str.zfill(2),
        parts.struct.field("minutes").fill_null("00"),
    )
    # PostgreSQL leaves the minutes of an offset out.
    whole = text.str.replace(r"(:[0-9]{2}(?:\.[0-9]+)?)([+-][0-9]{2})$", "$1$2:00")
    return pl.when(said).then(text.str.replace(_UTC_OFFSET, "").str.strip_chars_end() + offset).otherwise(whole)


def _year_first(text: pl.Expr, day_first: bool | None) -> pl.Expr:
    """The text with `a/b/year` turned to `year-month-day`; unchanged where the order is unknown."""
    if day_first is None:
        return text
    parts = text.str.extract_groups(_DAY_FIRST).struct.rename_fields(["a", "between", "b", "year", "rest"])
    first, second = parts.struct.field("a"), parts.struct.field("b")
    month, day = (second, first) if day_first else (first, second)
    turned = pl.format(
        "{}-{}-{}{}", parts.struct.field("year"), month.str.zfill(2), day.str.zfill(2), parts.struct.field("rest")
    )
    return pl.when(parts.struct.field("a").is_not_null()).then(turned).otherwise(text)
