"""Texts that join lines of several exports: headings of every spelling, brought to one."""

from typing import TypeVar

import polars as pl

from reconcile.column_ops import all_contain, in_one_query
from reconcile.formats.inferred.times.times_in_lines import TIMES, plain_times
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import day_comes_first, parse_time_column
from reconcile.wechat.named_days import fitted

# How a line with a whole time begins, a dash behind the time, and a name before words.
_BEGINS = r"^[\s\[(（【]*[0-9]{1,4}[-/.年]\s?[0-9]{1,2}[-/.月]\s?[0-9]{1,4}"
_DASH, _NAME = r"^\s*[-–—]\s+", r"^[^\s:：][^:：\n]{0,60}?[:：]\s*\S"
# Seconds by which a time to the minute may seem to be before one to the second.
_MINUTE = 60
Texts = TypeVar("Texts", pl.Series, pl.Expr)


def with_one_spelling(lines: pl.Series) -> pl.Series:
    """The lines with `[time] ` before all messages, where several spellings follow each other in time.

    Spellings differ in the brackets around the time, in its parts, or in its order of day and month. Pasted lines, whose
    times do not lie between those around them, leave everything as it is.
    """
    near = lines.str.contains(_BEGINS)
    few = lines.filter(near)
    if in_one_query(few, lambda t: _spelled(t.str.extract(f"({_BEGINS})", 1))).n_unique() < 2:
        return lines
    pattern = rf"^(?P<open>[\s\[(（【]*)(?P<time>{fitted(TIMES['full'], few)})(?P<close>[\])）】]?)(?P<rest>.*\S.*)$"
    heads = few.str.extract_groups(pattern).struct.unnest().with_columns(near.arg_true().alias("at")).drop_nulls("time")
    told = heads.select(pl.format("{}{}{}", "open", "time", "close").alias("spelling"))
    groups = heads.with_columns(_spelled(told["spelling"])).partition_by("spelling", maintain_order=True)
    read = [g for g in map(_with_instants, groups) if g is not None]
    if not 1 < len(read) == len(groups):
        return lines
    whole = pl.concat(read).sort("at")
    changes = (whole["spelling"] != whole["spelling"].shift(1)).fill_null(value=False)
    if (whole["sent"].diff().dt.total_seconds().filter(changes) < -_MINUTE).any():
        return lines
    return lines.scatter(whole["at"], whole["plain"])


def _spelled(texts: Texts) -> Texts:
    """The texts with a letter for each year, one for each other number, and one for halves of the day."""
    return texts.str.replace_all("[0-9]{4}", "Y").str.replace_all("[0-9]+", "0").str.replace_all("(?i)[ap]m", "M")


def _with_instants(heads: pl.DataFrame) -> pl.DataFrame | None:
    """Headings of one spelling with their times; None without a name, or where times cannot be read."""
    times = plain_times(heads["time"], "full")
    order = day_comes_first(times)
    is_open = order is None and bool(times.str.contains(r"^\s*[0-9]{1,2}\D").any())
    read = parse_time_column(times, ASSUMED_ZONE, day_first=order)
    sent, is_placed = read["sent_at"].dt.convert_time_zone(ASSUMED_ZONE), (read["zone_source"] == "explicit").any()
    shown = "%Y-%m-%d %H:%M" if (read["time_precision"] == "minute").all() else "%Y-%m-%d %H:%M:%S"
    rest = heads["rest"].str.replace(_DASH if all_contain(heads["rest"], _DASH) else r"^\s+", "")
    if is_open or is_placed or sent.null_count() or not rest.str.contains(_NAME).any():
        return None
    plain = pl.select(pl.format("[{}] {}", sent.dt.strftime(shown), rest)).to_series()
    return heads.select("at", "spelling", sent.alias("sent"), plain.alias("plain"))
