"""Names in lines of their own that hold for all timed lines below them, up to the next name."""

from itertools import product

import polars as pl

from reconcile.column_ops import occurs
from reconcile.formats.inferred.times.times_in_lines import TIMES
from reconcile.formats.inferred.words.bodies_in_lines import day_lines
from reconcile.wechat.named_days import fitted

# A short line with a colon at its end, between signs of headings or emphasis.
_NAME = r"^\s*(?:#{1,6}\s+|[-*•]\s+)?[*_]{0,2}([^\s:：*_\[\]][^:：\n\[\]]{0,39}?)[*_]{0,2}[:：][*_]{0,2}\s*$"
_BARE_NAME = r"^([^\s:：*_\[\]][^:：\n\[\]]{0,39}?)\s*$"
# What names with a colon have, and what the lines below names without one have.
_ENDS, _SET_IN = r"[:：][*_]{0,2}\s*(?:\n|$)", r"(?:\n|^)(?:[ \t]+|[-*•]\s+)[\[(]?[0-9]{1,4}[-/.年:：时時]"
# Least number of such lines, and most different names as a share of them.
_LEAST, _MOST_NAMES = 4, 0.5


def with_names_above(lines: pl.Series) -> pl.Series:
    """The lines with the name above a run of timed lines behind each of their times, its own line empty.

    A few names recur, each with a timed line directly below it, and no line with a time stands above the first one.
    Unchanged otherwise.
    """
    patterns = [p for p, sign in ((_NAME, _ENDS), (_BARE_NAME, _SET_IN)) if occurs(sign, lines)]
    for pattern, time in product(patterns, ("full", "clock")):
        if (told := _with_names(lines, pattern, TIMES[time])) is not None:
            return told
    return lines


def _with_names(lines: pl.Series, pattern: str, time: str) -> pl.Series | None:
    """The lines of `with_names_above` where names and times are written so; None for other lines."""
    days = day_lines(lines)
    names = lines.str.extract(pattern, 1).set(days, None)
    held = names.drop_nulls()
    if held.len() < _LEAST or not 1 < held.n_unique() <= _MOST_NAMES * held.len():
        return None
    parts = lines.str.extract_groups(
        rf"^(?P<indent>\s*(?:[-*•]\s+)?)(?P<time>[\[(]?{fitted(time, lines)}[\])]?)\s*(?P<words>\S.*)$"
    ).struct.unnest()
    timed = parts["time"].is_not_null()
    filled = pl.DataFrame({"name": names, "timed": timed}).filter((lines.str.strip_chars() != "") & ~days)
    below = filled["timed"].shift(-1, fill_value=False)
    if pattern == _BARE_NAME and ((parts["indent"].filter(timed) == "").any() or not (filled["timed"] & below).any()):
        # Without a colon, the indent of all other lines and their runs show what a name is.
        return None
    if not below.filter(filled["name"].is_not_null()).all() or filled["timed"][0]:
        return None
    said = pl.format("{} {}: {}", "time", "above", "words")
    told = pl.DataFrame({"line": lines, "name": names, "above": names.fill_null(strategy="forward"), **parts.to_dict()})
    return told.select(
        pl.when(pl.col("name").is_not_null())
        .then(pl.lit(""))
        .when(timed)
        .then(said)
        .otherwise("line")
        .alias(lines.name)
    ).to_series()
