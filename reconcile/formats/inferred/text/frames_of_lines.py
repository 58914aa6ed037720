"""What a form writes around the messages of a text: frames, openings, days."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import polars as pl

from reconcile.column_ops import occurs
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.times.file_days import FileDay
from reconcile.formats.inferred.times.lines_of_form import TITLE_LINES, like_opening
from reconcile.formats.inferred.times.times_in_lines import CLOCK, FULL, TIMES
from reconcile.formats.inferred.times.zone_words import OFFSETS
from reconcile.formats.inferred.words.bodies_in_lines import (
    DATE,
    DAY_LINE,
    WEEKDAY,
    are_rules,
    dates_of_days,
    day_lines,
)
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import parse_time_column
from reconcile.wechat.named_days import ANY_MONTH, OF_C, fitted, hold

_NUMBERED = r"^(\s*(?:#{1,6}\s+)?(?:\*\*)?)[(（\[]?([0-9]{1,6})[)）\].、]\s*"
_NUMBER_ENDS = r"[0-9][)）\].、]"
# Least share and number of lines that show how a text is written.
_MOST, _LEAST = 0.8, 3
# A line that opens or closes a session, and a month and a day without a year before a clock.
_SESSION = rf"^(?P<words>\W*\p{{L}}[\p{{L}} ]{{2,40}}?(?:\([^()\n]*\))?[\s:：-]+)(?P<time>{OF_C})\W*$"
_OPENING = rf"(?i)^\W*(?:[\p{{L}} ]{{0,20}}(?:opened|start(?:ed)?|begin(?:s|ning)?|began)[\p{{L}} ]{{0,20}}(?:\([^()\n]*\))?|(?:conversation|chat|session|dialogue?) (?:with|between|in) [^\n]{{1,80}}?)[\s:：-]+(?:at |on )?(?P<time>{OF_C}|{FULL})"
# What every such line has; the whole pattern takes long to compile.
_OPENS = rf"(?i)(?:open|start|begin|began|conversation|chat|session|dialogu).*{CLOCK}"
_YEARLESS = (
    rf"^(?P<lead>\W*)(?P<day>(?i:{ANY_MONTH})\.?\s+[0-9]{{1,2}})\s(?P<rest>[0-2][0-9]:[0-5][0-9](?::[0-6][0-9])?\b.*)$"
)
_WHOLE = rf"({OF_C}|{FULL})"
_DAY_IN_WORDS = rf"^(?P<words>[^\d\n]{{0,30}}\p{{L}}{{2}}[^\d\n]{{0,10}}\s)(?P<day>{DATE}){WEEKDAY}\W*$"
# What every such line has, and few others: words, a day's first figures, and no clock behind them.
_WORDS_AND_DAY = r"^[^0-9\n]{3,}(?:[0-9]{1,4}\s?[-/.年년]\s?[0-9]|[0-9][^:\n]*[0-9]{4})(?:[^:\n]|:+[^0-9:\n])*:*$"
# A whole time alone between signs, and what every such line has.
_STAMP = rf"^\W*(?P<day>{DATE}){WEEKDAY}[\s,，T]+(?P<clock>{TIMES['clock']})\W*$"
_DAY_AND_CLOCK = rf"^[^\w\n]*[0-9\p{{L}}][^\n]{{7,40}}{CLOCK}[^\n]{{0,12}}$"
# The upper or lower edge of a box.
_EDGE = r"^\s*[^\w\s]?[-—─━═=_]{3,}[^\w\s]?\s*$"
_CLOSES = r"(?i)clos|\bend|stop|finish"
_CLOCK = r"[0-9]{1,2}:[0-9]{2}"
_CLOCK_IN_FRONT = rf"^[\[(\s]*({TIMES['clock']})"
_CLOCK_BEHIND = rf"\s({TIMES['clock']})\W*$"
# What a line with a clock and a whole time has; the pattern for both takes long to compile.
_TWO_CLOCKS = rf"{CLOCK}.*[^0-9:].*{CLOCK}"
_NEAR_SECONDS, _MINUTE, _HALF_A_DAY = 600, 60, 12


def without_running_numbers(lines: pl.Series) -> pl.Series:
    """The lines without the running numbers before all headings, as in `12、name (time): …`."""
    if not occurs(_NUMBER_ENDS, lines):
        return lines
    near = lines.str.contains(_NUMBERED)
    if int(near.sum()) < 2 * _LEAST:
        return lines
    near &= lines.str.contains(fitted(FULL, lines))
    numbers = lines.filter(near).str.extract(_NUMBERED, 2).cast(pl.Int64)
    if numbers.len() < 2 * _LEAST or not bool((numbers.diff().drop_nulls() == 1).all()):
        return lines
    return lines.scatter(near.arg_true(), lines.filter(near).str.replace(_NUMBERED, "${1}"))


def with_days_of_sessions(lines: pl.Series) -> pl.Series:
    """The lines of a log of several sessions, with a line of the day for each session that begins.

    A session begins with a whole time as C writes it, behind words that come again. Lines that end sessions are left
    out. A month and day before a clock below it get its year. Unchanged without two sessions, or where messages state
    whole times themselves.
    """
    opened = _opening_time(lines)
    if opened is None and not hold(OF_C, lines).any():
        return lines
    parts = lines.str.extract_groups(fitted(_SESSION, lines)).struct.unnest()
    if opened is not None:
        at = lines == opened[0]
        closing = like_opening(lines, int(at.arg_max() or 0) + 1) & parts["words"].is_null()
        words = parts["words"].set(at, opened[0]).set(closing, "closes")
        parts = parts.with_columns(words=words, time=parts["time"].set(at, opened[1]))
    found = parts["words"].drop_nulls()
    dated = lines.str.extract_groups(_YEARLESS).struct.unnest()
    several = opened is not None or found.is_duplicated().any() or dated["day"].count() >= _LEAST
    if found.is_empty() or not several or lines.str.contains(fitted(rf"^\W*(?:{FULL})", lines)).any():
        return lines
    is_first = (parts["words"].is_not_null() & ~parts["words"].str.contains(_CLOSES)).fill_null(value=False)
    time = parse_time_column(parts["time"], ASSUMED_ZONE)["sent_at"].dt.convert_time_zone(ASSUMED_ZONE)
    day = time.dt.strftime("%Y-%m-%d").set(~is_first, None)
    told = pl.DataFrame({"line": lines, "day": day, "ends": parts["words"].is_not_null()}).with_columns(
        pl.format(
            "{}{} {} {}",
            dated["lead"],
            dated["day"],
            pl.col("day").str.head(4).fill_null(strategy="forward"),
            dated["rest"],
        ).alias("whole"),
        is_first.cum_sum().alias("session"),
        lines.str.contains(_CLOCK).alias("timed"),
    )
    # Lines between the beginning of a session and its first message belong to the form.
    opening = ~pl.col("timed").cum_max().over("session") & (pl.col("session") > 0)
    shown = pl.when(dated["day"].is_null().all()).then("day")
    told = told.with_columns(pl.col("timed") & ~pl.col("ends"))
    line = pl.coalesce("whole", shown, pl.when(pl.col("ends") | opening).then(pl.lit("")), "line")
    return told.select(line.alias(lines.name))[lines.name]


def _opening_time(lines: pl.Series) -> tuple[str, str] | None:
    """The line above all clocks that says when the chat began, and that time; else None.

    None too where the first clock is before that time.
    """
    first = lines.head(TITLE_LINES)
    if not occurs(_OPENS, first):
        return None
    told = first.str.extract(fitted(_OPENING, first), 1)
    if told.null_count() == told.len() or first.str.contains(fitted(DAY_LINE, first)).any():
        return None
    clocks = lines.filter(lines.str.contains(_CLOCK_IN_FRONT)).str.extract(_CLOCK_IN_FRONT, 1)
    dated = lines.str.contains(fitted(rf"{DAY_LINE}|{OF_C}", lines)) & ~lines.str.contains(_CLOSES)
    if _midnights(clocks) and int(dated.sum()) <= 1:
        # The next day began, and nothing says where.
        return None
    at = int(told.is_not_null().arg_true()[0])
    began = parse_time_column(told.gather([at]), ASSUMED_ZONE)["sent_at"].dt.convert_time_zone(ASSUMED_ZONE)
    said = parse_time_column(began.dt.strftime("%Y-%m-%d ") + clocks.head(1), ASSUMED_ZONE)["sent_at"]
    if clocks.is_empty() or began.null_count() or said.null_count() or (said[0] - began[0]).total_seconds() < -_MINUTE:
        return None
    return lines[at], told[at]


def _midnights(clocks: pl.Series) -> int:
    """How often clocks go back by more than half a day."""
    steps = parse_time_column("2001-02-03 " + clocks, ASSUMED_ZONE)["sent_at"].diff()
    return int((steps.dt.total_hours() < -_HALF_A_DAY).sum())


def offset_of_opening(lines: pl.Series) -> str:
    """The offset of the zone whose short name stands behind the time that opens the chat; '' without one."""
    first = lines.head(TITLE_LINES)
    if not occurs(_OPENS, first):
        return ""
    told = first.str.extract(fitted(rf"{_OPENING}\s+([A-Z]{{2,5}})\b", first), 2).drop_nulls()
    return OFFSETS.get(told[0], "") if told.len() == 1 else ""


def with_bare_days(lines: pl.Series) -> pl.Series:
    """The lines with the date alone where the same words always stand before it.

    Unchanged otherwise. Every such line has a clock in the next line that is neither empty nor of the same box, and the
    first one stands above all clocks. Unchanged too where the next day begins and no such line says where.
    """
    if not lines.str.contains(_WORDS_AND_DAY).any():
        return lines
    told = lines.str.contains(day_in_words := fitted(_DAY_IN_WORDS, lines))
    if not told.any():
        return lines
    parts = lines.str.extract_groups(day_in_words).struct.unnest()
    if parts["words"].drop_nulls().n_unique() > 1 or lines.str.contains(fitted(DAY_LINE, lines)).any():
        return lines
    filled = pl.DataFrame({"line": lines, "told": told}).filter(pl.col("line").str.strip_chars() != "")
    boxed = _in_boxes(lines)
    if boxed.filter(told).all():
        if _midnights(lines.str.extract(_CLOCK_IN_FRONT, 1).drop_nulls()) >= int(told.sum()):
            return lines
        filled = filled.filter(pl.col("told") | ~boxed.filter(lines.str.strip_chars() != ""))
    clock = filled["line"].str.contains(_CLOCK) & ~filled["told"]
    follows = clock.shift(-1, fill_value=False).filter(filled["told"])
    if not follows.all() or int(clock.arg_max() or 0) < int(filled["told"].arg_max() or 0):
        return lines
    ends = (boxed & ~boxed.shift(-1, fill_value=False)).arg_true()
    places = ends.gather(ends.search_sorted(told.arg_true())) if boxed.filter(told).all() else told.arg_true()
    return lines.scatter(places, parts["day"].drop_nulls())


def with_days_of_stamps(lines: pl.Series) -> pl.Series:
    """The lines with the date alone where a line of a whole time stands above headings with clocks.

    Unchanged unless the next line that is not empty has a clock and no day, at that time or shortly after it, and unless
    no clock goes back by more than half a day before the next such line.
    """
    near = lines.str.contains(_DAY_AND_CLOCK)
    if not near.any():
        return lines
    few = lines.filter(near)
    # To extract groups compiles a pattern twice.
    if not few.str.contains(stamp := fitted(_STAMP, few)).any():
        return lines
    parts = few.str.extract_groups(stamp).struct.unnest()
    places = near.arg_true().filter(parts["day"].is_not_null())
    parts = parts.drop_nulls("day")
    filled = lines.str.strip_chars() != ""
    at = pl.int_range(lines.len(), eager=True).set(~filled, None).shift(-1).fill_null(strategy="backward")[places]
    if places.is_empty() or at.null_count() or (below := lines[at]).str.contains(fitted(FULL, below)).any():
        return lines
    first = below.str.extract(f"({TIMES['clock']})", 1)
    told, said = (parse_time_column("2001-02-03 " + c, ASSUMED_ZONE)["sent_at"] for c in (parts["clock"], first))
    waits = (said - told).dt.total_seconds()
    if not waits.is_between(-_MINUTE, _NEAR_SECONDS).fill_null(value=False).all():
        return lines
    bounds = [*places.to_list(), lines.len()]
    clocks = lines.str.extract(_CLOCK_IN_FRONT, 1).fill_null(lines.str.extract(_CLOCK_BEHIND, 1))
    if any(_midnights(clocks.slice(a + 1, b - a - 1).drop_nulls()) for a, b in pairwise(bounds)):
        return lines
    return lines.scatter(places, parts["day"])


def without_underlines(lines: pl.Series) -> pl.Series:
    """The lines with nothing in place of the rules below days, if nearly all days have one."""
    if not (rules := are_rules(lines)).any():
        return lines
    filled = pl.DataFrame({"line": lines, "rule": rules}).with_row_index("at").filter(lines.str.strip_chars() != "")
    days = day_lines(filled["line"])
    below = filled.filter(days.shift(1, fill_value=False) & pl.col("rule"))["at"]
    is_usual = below.len() and below.len() >= _MOST * int(days.sum())
    return lines.scatter(below, "") if is_usual else lines


def _in_boxes(lines: pl.Series) -> pl.Series:
    """Which lines belong to a drawn box: between upright lines, and its rules."""
    return lines.str.contains(r"^\s*[|│║┃].*[|│║┃]\s*$") | lines.str.contains(_EDGE)


def opening_day(lines: pl.Series, first: int, clock: str, following: str | None = None) -> str | None:
    """The day that a line above the first message states with a time shortly before its clock; else None.

    Where the following day is stated below, any earlier time of its eve is one.
    """
    lead = lines.head(first)
    above = lead.filter(~lead.str.contains(fitted(DAY_LINE, lead))).str.extract(fitted(_WHOLE, lead), 1).drop_nulls()
    next_day = parse_time_column(pl.Series([following], dtype=pl.String), ASSUMED_ZONE)["sent_at"][0]
    for stated in reversed(above.to_list()):
        opened = parse_time_column(pl.Series([stated]), ASSUMED_ZONE)["sent_at"][0]
        if opened is None:
            continue
        day: str = opened.astimezone(ZoneInfo(ASSUMED_ZONE)).strftime("%Y-%m-%d")
        began = parse_time_column(pl.Series([f"{day} {clock}"]), ASSUMED_ZONE)["sent_at"][0]
        if began is None:
            continue
        is_eve = next_day is not None and opened <= began < next_day <= began + timedelta(days=1)
        if is_eve or abs((began - opened).total_seconds()) <= _NEAR_SECONDS:
            return day
    return None


def day_beside_clock(lines: pl.Series) -> str | None:
    """The day of a whole time that one of the first lines states with its own clock; else None."""
    few = lines.head(TITLE_LINES)
    few = few.filter(few.str.contains(_TWO_CLOCKS))
    if few.is_empty():
        return None
    both = fitted(rf"^\W*(?P<clock>{TIMES['clock']})\W.*?(?P<time>{OF_C}|{FULL})", few)
    parts = few.str.extract_groups(both).struct.unnest()
    stated = parts.filter(pl.col("time").str.contains(pl.col("clock"), literal=True))["time"].unique()
    if stated.len() != 1:
        return None
    at = parse_time_column(stated, ASSUMED_ZONE)["sent_at"].dt.convert_time_zone(ASSUMED_ZONE)
    return at.dt.strftime("%Y-%m-%d")[0]  # type: ignore[no-any-return]


def dates_of(lines: pl.Series, heads: pl.DataFrame, days: pl.Series, told: FileDay | None) -> pl.Series:
    """The day of each heading: that of the line above it, else the one `told` by the text or a name."""
    dates = _last_dates(lines, days)[heads["line"] - 1].alias("date")
    if not days.any():
        return dates.fill_null(told.day if told else day_beside_clock(lines) or "")
    if dates.null_count():
        stated = [*dates.drop_nulls().head(1), None][0]
        dates = dates.fill_null(opening_day(lines, heads["line"][0] - 1, heads["time"][0], stated) or "")
    return dates


def _last_dates(lines: pl.Series, days: pl.Series) -> pl.Series:
    """For each line, the last day stated at or above it."""
    few = dates_of_days(lines.filter(days))
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, lines.len())
    return nothing.scatter(days.arg_true(), few).fill_null(strategy="forward")


def with_offset(fields: Fields, told: FileDay | None, opening: str) -> Fields:
    """Rows of clocks with the offset that the file's name or the opening line states for their day."""
    if told is not None and told.offset and fields.frame["date"][0] == told.day:
        opening = told.offset
    clock = pl.format("{} {}", "time", pl.lit(opening)).alias("time")
    return replace(fields, frame=fields.frame.with_columns(clock)) if opening else fields
