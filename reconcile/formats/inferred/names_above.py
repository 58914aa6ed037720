"""Names in lines of their own that hold for all timed lines below them, up to the next name."""

import polars as pl

from reconcile.column_ops import occurs
from reconcile.formats.inferred.text_times import TIMES
from reconcile.wechat.named_days import fitted

# A short line with a colon at its end, between signs of headings or emphasis.
_NAME = r"^\s*(?:#{1,6}\s+|[-*•]\s+)?[*_]{0,2}([^\s:：*_\[\]][^:：\n\[\]]{0,39}?)[*_]{0,2}[:：][*_]{0,2}\s*$"
# Least number of such lines, and most different names as a share of them.
_LEAST, _MOST_NAMES = 4, 0.5


def with_names_above(lines: pl.Series) -> pl.Series:
    """The lines with the name above a run of timed lines behind each of their times, its own line empty.

    A few names recur, each with a timed line directly below it, and no line with a time stands above the first one.
    Unchanged otherwise.
    """
    if not occurs(r"[:：][*_]{0,2}\s*(?:\n|$)", lines):
        return lines
    names = lines.str.extract(_NAME, 1)
    held = names.drop_nulls()
    if held.len() < _LEAST or not 1 < held.n_unique() <= _MOST_NAMES * held.len():
        return lines
    parts = lines.str.extract_groups(
        rf"^\s*(?P<time>[\[(]?{fitted(TIMES['full'], lines)}[\])]?)\s*(?P<words>\S.*)$"
    ).struct.unnest()
    timed = parts["time"].is_not_null()
    filled = pl.DataFrame({"name": names, "timed": timed}).filter(lines.str.strip_chars() != "")
    below = filled["timed"].shift(-1, fill_value=False)
    if not below.filter(filled["name"].is_not_null()).all() or filled["timed"][0]:
        return lines
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
