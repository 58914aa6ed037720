"""Messages below lines of days, in a text that states no clock time: `name: words` in each line."""

from dataclasses import replace

import polars as pl

from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.words.bodies_in_lines import dates_of_days
from reconcile.wechat.clock_forms import parse_time_column

# A line that begins with a name and a colon. A name has a letter, and is no clock whose minutes follow.
_NAMED = r"^\s*([^\s:：\d][^:：\n]{0,30}?)\s?[:：]\s*[^\s/]"
# Least lines of a name, most names, and least share of the lines below the first day that have one.
_LEAST_LINES, _MOST_NAMES, _LEAST_NAMED = 2, 50, 0.7
# How many times as many lines of names as messages with a clock show that the clocks stand in words.
_MORE = 2
# The clock that stands for none while a line is read.
_NO_CLOCK = " 00:00"


def with_days_as_times(lines: pl.Series, days: pl.Series, timed: int) -> pl.Series | None:
    """The lines; each that begins with a recurring name has the day above it in front.

    None where the lines below the days are no messages of a few people, or where the text holds at least half as many
    messages with a clock.

    Args:
        lines: the lines of the text.
        days: which of them are a day alone.
        timed: the number of messages with a clock that were found in the text.
    """
    if not days.any():
        return None
    names = lines.str.extract(_NAMED, 1).str.strip_chars()
    again = names.drop_nulls().value_counts().filter(pl.col("count") >= _LEAST_LINES)
    is_named = names.is_in(again[names.name].to_list()).fill_null(value=False)
    day = pl.Series(lines.name, [None] * lines.len(), dtype=pl.String)
    at = days.arg_true()
    dates = dates_of_days(lines[at])
    # A month that begins with a letter could be read as a name.
    dates = dates.set(dates.str.contains(r"^\D"), None).fill_null(
        parse_time_column(dates, "UTC")["sent_at"].dt.strftime("%Y-%m-%d")
    )
    day = day.scatter(at, dates).fill_null(strategy="forward")
    below = day.is_not_null() & ~days & (lines.str.strip_chars() != "")
    is_named &= below
    if int(is_named.sum()) <= _MORE * timed:
        return None
    if not 1 < again.height <= _MOST_NAMES or int(is_named.sum()) < _LEAST_NAMED * int(below.sum()):
        return None
    stamped = pl.DataFrame({"day": day, "line": lines}).select(pl.concat_str("day", pl.lit(f"{_NO_CLOCK} "), "line"))
    return lines.zip_with(~is_named, stamped.to_series())


def without_clocks(fields: Fields) -> Fields:
    """The fields read from `with_days_as_times`, with the day alone as the time."""
    frame = fields.frame.with_columns(pl.col("time").str.strip_suffix(_NO_CLOCK))
    return replace(fields, frame=frame, roles={**fields.roles, "time": "time"})
