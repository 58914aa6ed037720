"""Lines of days without a year, below a title that states the year."""

import datetime as dt
import re
from collections import Counter
from dataclasses import replace

import polars as pl

from reconcile.column_ops import in_one_query, occurs
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.times.row_times import with_years
from reconcile.formats.inferred.times.times_in_lines import CLOCK, DAY_OF_YEAR, FULL, TIMES
from reconcile.formats.inferred.words.bodies_in_lines import day_lines
from reconcile.patterns import lazy_pattern
from reconcile.wechat.named_days import fitted

_WEEKDAYS = "一二三四五六日"
_DAY = lazy_pattern(
    rf"^(?P<lead>\W*)(?P<month>[01]?\d)月(?P<day>[0-3]?\d)[日号]\W*+(?:(?:星期|周|週|礼拜)(?P<weekday>[{_WEEKDAYS}天]))?\W*+(?P<rest>\d{{1,2}}[:：]\d{{2}}.*)?$"
)
_TITLE = lazy_pattern(
    r"(?<!\d)(?P<year>20\d\d)\s?[-/.年]\s?(?:(?P<month>[01]?\d)(?!\d)(?:\s?[-/.月]\s?(?P<day>[0-3]?\d)(?!\d))?)?"
)
# A year that a field above the messages states.
_LABELLED = lazy_pattern(r"(?i)^\W*(?:year|年份?|年度)\W*[:：]\W*(20\d\d)\W*$")
# Whoever speaks behind the clock of a stamp. Days of whole times, and how many of these a head may state.
_SPEAKER = lazy_pattern(r"\d{1,2}[:：]\d{2}(?:[:：]\d{2})?[\])）】]?\s*(?P<name>[^\s:：]{1,20})\s?[:：]")
_LONGEST_DAY = 40
# A year among words, and the least lines of years between messages.
_YEAR_ALONE, _LEAST_YEARS = lazy_pattern(r"^(\D*)(20\d\d)(\D*)$"), 2
# A title of a year, a month or a day, and what stands before the clock of a line below it.
_LEVELS = r"^(?P<lead>\W*)(?:(?P<year>20\d\d)\s?年)?\s?(?:(?P<month>[01]?\d)\s?月份?)?\s?(?:(?P<day>[0-3]?\d)[日号])?(?:\W*|\s*(?P<rest>\d{1,2}[:：]\d{2}.*))$"
# A line in marks, as remarks are.
_REMARK = r"^\s*(?:\*\*.*\*\*|__.*__|[(（].*[)）])\s*$"
# Rows that show whether a column holds days without a year, and how these begin.
_FIRST, _BEGINS = 50, lazy_pattern(r"\W*[01]?\d月[0-3]?\d[日号]")
_WHOLE_TIME, _MOST_WHOLE = r"^[^:：]*20\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?[T\s]+\d{1,2}[:：]\d{2}", 2


def with_years_of_days(lines: pl.Series) -> pl.Series:
    """The lines with the year that a title states in all days; else with such days beside all clocks."""
    if (whole := _with_levels(lines)) is not None:
        return whole
    if days := _days_in(lines):
        between = _with_years_between(lines, days)
        dated = _with_stated_year(lines, days) if between is None else between
        if dated is not lines:
            return dated
    return _with_days_before_clocks(lines)


def _with_levels(lines: pl.Series) -> pl.Series | None:
    """The lines whose clocks have a day at most, with month and year of titles above; else None.

    Somebody who speaks again stands behind each clock, something below each title, and the days never fall. Who types such
    titles also types remarks: a text with lines in marks is left as it is.
    """
    if not occurs(r"20\d\d\s?年", lines) or not occurs(r"\d\s?月", lines) or not occurs(r"\d[日号]", lines):
        return None
    if lines.str.contains(_REMARK).any():
        return None
    year, month, day, rest = (pl.col(n) for n in ("year", "month", "day", "rest"))
    told = pl.DataFrame({"line": lines}).with_row_index("at")
    told = told.with_columns(pl.col("line").str.extract_groups(_LEVELS).struct.unnest())
    timed = told.filter(rest.is_not_null())
    own_days = timed.height > 0 and timed["day"].null_count() == 0
    is_title = pl.any_horizontal(c.is_not_null() for c in ([year, month] if own_days else [year, month, day]))
    told = told.filter(is_title | rest.is_not_null())
    months = told.filter(month.is_not_null() & day.is_null())["year"].is_null()
    spoken = timed["rest"].str.extract(_SPEAKER.pattern, 1)
    if months.n_unique() != 1 or spoken.null_count() or not spoken.is_duplicated().all():
        return None
    told = _with_dates(told)
    below = told["finest"].shift(-1, fill_value=0)
    timed = told.filter(rest.is_not_null())
    sound = ((told["finest"] == 3) | (below > told["finest"])).all() and told["finest"][-1] == 3
    if not sound or timed["is_high"].any() or timed["date"].null_count() or not timed["date"].is_sorted():
        return None
    written = pl.when(rest.is_null()).then(pl.lit("")).otherwise(pl.format("{}{} {}", "lead", "date", "rest"))
    return lines.scatter(told["at"], told.select(written).to_series())


def _with_dates(told: pl.DataFrame) -> pl.DataFrame:
    """The lines with `date`, `finest` (0 year, 1 month, 2 day, 3 clock) and `is_high` (year or month).

    What a line leaves out is that of the lines above; below a new year or month, the finer levels begin anew.
    """
    year, month, day = (pl.col(n) for n in ("year", "month", "day"))
    is_high = year.is_not_null() | month.is_not_null()
    written = enumerate(pl.col(n).is_not_null() for n in ("year", "month", "day", "rest"))
    of = (
        year,
        pl.coalesce(month, pl.when(year.is_not_null()).then(pl.lit("0"))),
        pl.coalesce(day, pl.when(is_high).then(pl.lit("0"))),
    )
    date = pl.format("{}-{}-{}", *(e.forward_fill() for e in of)).str.to_date("%Y-%m-%d", strict=False)
    finest = pl.max_horizontal(pl.when(is_there).then(level) for level, is_there in written)
    return told.with_columns(date.alias("date"), finest.alias("finest"), is_high.alias("is_high"))


def with_years_of_rows(fields: Fields) -> Fields:
    """The fields with the year that a line beside a table states in days without one, as in a text."""
    if fields.is_text or fields.roles:
        return fields
    above = pl.Series([fields.place, *fields.lines_beside])
    cells = [fields.frame[n] for n in fields.names if hint(n, "time") > 0 or n.startswith("#")]
    days = [c for c in cells if any(c and _BEGINS.match(c) for c in c.head(_FIRST))]
    dated = [with_years_of_days(pl.concat([above, c.fill_null("")]))[above.len() :].alias(c.name) for c in days]
    return replace(fields, frame=fields.frame.with_columns(c.set(c == "", None) for c in dated)) if days else fields


def _days_in(lines: pl.Series) -> dict[int, re.Match[str]]:
    """The lines that are a month and a day, or begin with them and a clock, by their places."""
    if not occurs(r"\d月[0-3]?\d[日号]", lines):
        return {}
    few = lines.str.contains(r"^\W*[01]?\d月[0-3]?\d[日号]").arg_true().to_list()
    return _days_of_form(lines, {i: found for i in few if (found := _DAY.match(lines[i]))})


def _with_stated_year(lines: pl.Series, days: dict[int, re.Match[str]]) -> pl.Series:
    """The lines, each that is a month and a day, or begins with them and a clock, with its year in front.

    Only where the lines above the first such day state that very day, or one year, and either all weekdays beside the
    days are those of that year, or the year is stated with the month of the first day or by a field called year.
    Unchanged otherwise.
    """
    first = min(days)
    stated = [found for line in lines.head(first) for found in _TITLE.finditer(line)]
    month, day = int(days[first]["month"]), int(days[first]["day"])
    same = [f for f in stated if f["month"] and int(f["month"]) == month]
    labelled = {found[1] for line in lines.head(first) if (found := _LABELLED.match(line))}
    years = {f["year"] for f in same if f["day"] and int(f["day"]) == day} or {f["year"] for f in stated} or labelled
    if len(years) != 1:
        return lines
    written = with_years(
        pl.Series([f"{d['month']}-{d['day']} 0:00" for d in days.values()]), int(year := next(iter(years)))
    )
    whole_days, fits = {}, []
    for (i, found), whole in zip(days.items(), written, strict=True):
        try:
            at = dt.date(*map(int, whole.partition(" ")[0].split("-")))
        except ValueError:
            return lines
        fits += [_WEEKDAYS[at.weekday()] == found["weekday"].replace("天", "日")] if found["weekday"] else []
        rest = found["rest"]
        whole_days[i] = f"{at.year}年{at.month}月{at.day}日" if rest is None else f"{found['lead']}{at:%Y-%m-%d} {rest}"
    if not all(fits) or not (fits or same or labelled == {year}):
        return lines
    return lines.scatter([*whole_days], [*whole_days.values()])


def _with_years_between(lines: pl.Series, days: dict[int, re.Match[str]]) -> pl.Series | None:
    """The lines with the years that lines between the messages state; None without several of them.

    The same words stand around each, the first is above all days, the years rise, and no year ends below its line.
    """
    years = {i: m for i in _years_alone(lines) if (m := _YEAR_ALONE.match(lines[i]))}
    around = {(m[1], m[3]) for m in years.values()}
    told = [int(m[2]) for m in years.values()]
    if len(years) < _LEAST_YEARS or len(around) > 1 or min(years) > min(days) or sorted({*told}) != told:
        return None
    whole = dict[int, str]()
    for (at, year), end in zip(zip(years, told, strict=True), [*list(years)[1:], lines.len()], strict=True):
        own = {i: d for i, d in days.items() if at < i < end and d["rest"]}
        dates = with_years(pl.Series([f"{d['month']}-{d['day']} 0:00" for d in own.values()], dtype=pl.String), year)
        if not own or not dates.str.starts_with(str(year)).all():
            return None
        whole |= {
            i: f"{d['lead']}{t.partition(' ')[0]} {d['rest']}" for (i, d), t in zip(own.items(), dates, strict=True)
        }
    return lines.scatter([*years], [""] * len(years)).scatter([*whole], [*whole.values()])


def _years_alone(lines: pl.Series) -> list[int]:
    """The places of the short lines with a year and no other figures."""
    near = in_one_query(lines, lambda t: t.str.len_chars().le(_LONGEST_DAY) & t.str.contains(r"^\D*20\d\d\D*$"))
    return near.arg_true().to_list()


def _with_days_before_clocks(lines: pl.Series) -> pl.Series:
    """The lines with each day without a year before the clocks that begin the lines below it.

    Each such day stands alone, directly above a clock, and the first one above all clocks. Unchanged otherwise, and
    where the text states whole days.
    """
    near = in_one_query(
        lines, lambda t: t.str.len_chars().le(_LONGEST_DAY) & t.str.contains("[0-9]") & ~t.str.contains(CLOCK)
    )
    if not near.any():
        return lines
    found = lines.filter(near).str.extract(rf"^\W*({DAY_OF_YEAR})\W*$", 1)
    if found.null_count() == found.len():
        return lines
    days = pl.Series([None], dtype=pl.String).new_from_index(0, lines.len())
    days = days.scatter(near.arg_true(), found.str.replace(r"日.*$", "日"))
    parts = lines.str.extract_groups(rf"^(?P<lead>[\[(（【\s]*)(?P<rest>{TIMES['clock']}.*)$").struct.unnest()
    told = pl.DataFrame({"line": lines, "day": days, **parts.to_dict()})
    filled = told.filter(lines.str.strip_chars() != "")
    is_day, timed = filled["day"].is_not_null(), filled["rest"].is_not_null()
    if not is_day.any() or not timed.any() or not timed.shift(-1, fill_value=False).filter(is_day).all():
        return lines
    if int(timed.arg_max() or 0) < int(is_day.arg_max() or 0):
        return lines
    if day_lines(lines).any() or lines.str.contains(fitted(rf"^\W*{FULL}", lines)).any():
        return lines
    dated = pl.format("{}{} {}", "lead", pl.col("day").fill_null(strategy="forward"), "rest")
    return told.select(
        pl.when(pl.col("day").is_not_null())
        .then(pl.lit(""))
        .otherwise(dated.fill_null(pl.col("line")))
        .alias(lines.name)
    ).to_series()


def _days_of_form(lines: pl.Series, found: dict[int, re.Match[str]]) -> dict[int, re.Match[str]]:
    """The days that the form writes, and none that somebody mentions in words.

    Behind the clock of a stamp stands somebody who speaks again. A text of whole times has no lines of bare days.
    """
    speakers = {i: spoken["name"] for i, day in found.items() if (spoken := _SPEAKER.match(day["rest"] or ""))}
    counts = Counter(speakers.values())
    is_whole = bool(found) and int(lines.str.contains(_WHOLE_TIME).sum()) > _MOST_WHOLE
    return {i: day for i, day in found.items() if (counts[speakers.get(i, "")] > 1 if day["rest"] else not is_whole)}
