"""Names in lines of their own that hold for all timed lines below them, up to the next name."""

import polars as pl

from reconcile.column_ops import occurs, present
from reconcile.formats.inferred.times.times_in_lines import CLOCK, TIMES
from reconcile.formats.inferred.words.bodies_in_lines import day_lines
from reconcile.wechat.named_days import fitted

# A short line with a colon at its end, between signs of headings or emphasis.
_NAME = r"^\s*(?:#{1,6}\s+|[-*•]\s+)?[*_]{0,2}([^\s:：*_\[\]][^:：\n\[\]]{0,39}?)[*_]{0,2}[:：][*_]{0,2}\s*$"
# A name between signs of headings or emphasis without a colon.
_HEADED = r"^\s*(?:#{1,6}\s+[*_]{0,2}|[*_]{2}|[【<])([^\s:：*_#][^:：\n]{0,39}?)[*_】>]{0,2}\s*$"
# What stands around a time before its words.
_OPEN, _CLOSE = r"[\[(（【`*_]{0,3}", r"[\])）】`*_]{0,3}\s*(?:[|:：\-–—]\s)?\s*"
_BARE_NAME = r"^([^\s:：*_\[\]][^:：\n\[\]]{0,39}?)\s*$"
# What names with a colon, between signs and below which lines are set in have.
_ENDS, _SIGNED = r"[:：][*_]{0,2}\s*(?:\n|$)", r"(?:\n|^)\s*(?:#{1,6}\s|\*\*|__|[【<])"
# Least number of such lines, and most different names as a share of them.
_LEAST, _MOST_NAMES = 4, 0.5


def with_names_above(lines: pl.Series) -> pl.Series:
    """The lines with the name above a run of timed lines behind each of their times, its own line empty.

    A few names recur, each with a timed line directly below it, and no line with a time stands above the first one.
    Unchanged otherwise.
    """
    days = day_lines(lines)
    for pattern, sign in ((_NAME, _ENDS), (_HEADED, _SIGNED), (_BARE_NAME, CLOCK)):
        if not occurs(sign, lines):
            continue
        names = lines.str.extract(pattern, 1).set(days, None)
        held = present(names)
        if held.len() < _LEAST or not 1 < held.n_unique() <= _MOST_NAMES * held.len():
            continue
        for time in ("full", "clock"):
            if (told := _with_names(lines, days, names, TIMES[time], is_bare=pattern == _BARE_NAME)) is not None:
                return told
    return lines


def _with_names(lines: pl.Series, days: pl.Series, names: pl.Series, time: str, *, is_bare: bool) -> pl.Series | None:
    """The lines of `with_names_above` where the times are written so; None for other lines."""
    parts = lines.str.extract_groups(
        rf"^(?P<indent>\s*(?:[-*•>]\s+)?){_OPEN}(?P<time>{fitted(time, lines)}){_CLOSE}(?P<words>\S.*)$"
    ).struct.unnest()
    timed = parts["time"].is_not_null()
    filled = pl.DataFrame({"name": names, "timed": timed}).with_row_index("at")
    filled = filled.filter((lines.str.strip_chars() != "") & ~days)
    if not filled["timed"].any() or filled["timed"][0]:
        return None
    # What stands above the first name with a time below it is a title.
    first = int(filled["timed"].arg_max() or 0) - 1
    names, filled = names.set(pl.int_range(names.len(), eager=True) < filled["at"][first], None), filled.slice(first)
    below = filled["timed"].shift(-1, fill_value=False)
    if is_bare and not (_are_set_in(parts["indent"].filter(timed)) or _are_all(filled)):
        return None
    if is_bare and not (filled["timed"] & below).any():
        return None
    if filled["name"][0] is None or not below.filter(filled["name"].is_not_null()).all():
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


def _are_set_in(indents: pl.Series) -> bool:
    """Whether all lines of a time are set in, so that others begin something."""
    return bool((indents != "").all())


def _are_all(filled: pl.DataFrame) -> bool:
    """Whether there is nothing but names that come again and lines of a time."""
    return bool((filled["timed"] | (filled["name"].is_not_null() & filled["name"].is_duplicated())).all())
