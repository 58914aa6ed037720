"""Words that a screen reader says with every line of a list: `Anna: hello list item`."""

import re

import polars as pl

from reconcile.column_ops import in_one_query
from reconcile.formats.inferred.times.times_in_lines import CLOCK, TIMES
from reconcile.wechat.named_days import fitted

# A line of a time and of words that others have as well, and its greatest length.
_TIME = rf"(?:{TIMES['full']}|{TIMES['reversed']}|{TIMES['yearless']}|{TIMES['clock']})"
_BESIDE = rf"^(?P<before>(?:[^\d\n]*\p{{L}}[^\d\n]*)?)\W*?{_TIME}(?P<behind>[^\n]*)$"
_LONGEST, _ZONE = 80, r"\W*[A-Z]{1,5}\W*[0-9:]*\W*"
# Least lines of a time with such words, and least share of the times with any. For words behind and before: least share of the other lines that have the same
# (of a message of several lines only the last ends so), what such words of their own look like, and their least share.
_LEAST, _MOST = 3, 0.9
_PLACES = {"behind": (0.6, r"(\s\S*\p{L}\S*)\s*$", 0.8), "before": (0.8, r"^\s*(\S*\p{L}\S*)\s", 0.9)}


def without_words_of_items(lines: pl.Series) -> pl.Series:
    """The lines without the words beside times alone, and those that end or begin most other lines.

    Both may be the same. Figures in these words may differ, as the number of an item does. What stands below the last
    such line is of the window around the list, and left out. Unchanged where no words stand beside times and lines alike.
    """
    near = in_one_query(lines, lambda t: t.str.len_chars().le(_LONGEST) & t.str.contains(CLOCK))
    if int(near.sum()) < _LEAST:
        return lines
    few = lines.filter(near)
    parts = few.str.extract_groups(fitted(_BESIDE, few)).struct.unnest()
    for column, (least, sign, ending) in _PLACES.items():
        words = _usual(parts[column].str.strip_chars_end() if column == "behind" else parts[column].str.strip_chars())
        # Names of those who speak differ from time to time; capitals alone may be a zone.
        if (
            words is None
            or re.fullmatch(_ZONE, words[0])
            or words[1] < _MOST * int(parts[column].str.contains(r"\p{L}").sum())
        ):
            continue
        beside = _pattern(words[0], column)
        bars = near & lines.str.contains(beside)
        if int(bars.sum()) < _LEAST:
            continue
        inner = lines.slice(first := int(bars.arg_true()[0]))
        others = inner.filter(~near.slice(first) & (inner.str.strip_chars() != ""))
        own = beside
        if float(others.str.contains(beside).mean() or 0) < least:  # type: ignore[arg-type]
            # A time may be another kind of item than words are.
            words = _usual(others.str.extract(sign, 1))
            own = _pattern(words[0], column) if words is not None else ""
            if not own or float(others.str.contains(own).mean() or 0) < ending:  # type: ignore[arg-type]
                continue
        is_item = bars | lines.str.contains(own)
        at, last = pl.int_range(lines.len(), eager=True), int(is_item.arg_true()[-1])
        bare = pl.select(pl.when(bars).then(lines.str.replace(beside, "")).otherwise(lines.str.replace(own, "")))
        return bare.to_series().alias(lines.name).set(at > last, "")
    return lines


def _usual(words: pl.Series) -> tuple[str, int] | None:
    """The commonest words with letters, figures as zeros, and their number; None if none recur."""
    shapes = in_one_query(words, lambda w: w.str.replace_all("[0-9]+", "0").filter(w.str.contains(r"\p{L}")))
    usual = shapes.value_counts(sort=True).head(1)
    return None if usual.is_empty() or usual["count"][0] < _LEAST else (usual[words.name][0], usual["count"][0])


def _pattern(words: str, column: str) -> str:
    """The pattern of such words at the end or the beginning of a line."""
    spelled = re.escape(words).replace("0", "[0-9]+")
    return rf"{spelled}\s*$" if column == "behind" else rf"^\s*{spelled}\s"
