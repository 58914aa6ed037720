"""Rejoins texts that a reader split at a line like a header, if the other side holds them whole."""

from collections.abc import Iterator
from itertools import islice

import polars as pl

from reconcile.patterns import lazy_pattern

# A blank line, then a header: time and name; or, copied out of WeChat on a PC, a name and a colon; on an iPhone a name and a
# time, in one line or two. In formats with one line per message: date, clock, name and a colon before the text.
_SEAM = lazy_pattern(
    r"\n\n\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?(?: [^\n]*)?\n|(?<=\S)\s*\n[ \t]*\n\S[^\n]{0,60}[:：] *\n"
    r"|(?<=\S)\n+\S[^\n]{0,60}[\n ]\d{4}年\d{1,2}月\d{1,2}日 ?\w{0,2}\d{1,2}:\d\d\n"
    r"|(?<=\S)\n+[^\w\n]{0,4}\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}[^\n:]{1,16}\d{1,2}:\d\d[^\n]{0,12}?(?:\] ?| - |\s)[^\n:]{1,60}[:：] ?"
)
_SEAM_TEXT = (
    r"\n\n[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}|\n[ \t]*\n[^\s][^\n]{0,60}[:：] *\n"
    r"|\n[^\n]{1,61}[\n ][0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日"
    r"|\n[^\w\n]{0,4}[0-9]{1,4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,4}[^\n:]{1,16}[0-9]{1,2}:[0-9]{2}[^\n]*[:：]"
)
# Nobody types a text with more headers than this; only the first ones are used.
_MOST_SEAMS = 50


def rejoin(rows: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """The rows, with split texts rejoined: the first row has the whole text, the others `is_repeat`.

    Neighbouring rows are one text when their texts and the header between them are exactly the text of a row of the
    same pair on the other side. Nothing else changes, and row order is kept.
    """
    whole = other.filter(pl.col("text").str.contains(_SEAM_TEXT) & pl.col("pair").is_not_null())
    if whole.is_empty():
        return rows
    text, again = rows["text"].to_list(), rows["is_repeat"].to_list()
    places: dict[tuple[int, str], list[int]] = {}
    for at, key in enumerate(rows.select("pair", "text").iter_rows()):
        places.setdefault(key, []).append(at)
    for pair, words in whole.select("pair", "text").iter_rows():
        for parts in _splits(words):
            for at in places.get((pair, parts[0]), []):
                behind = range(at + 1, at + len(parts))
                if behind.stop <= len(text) and all(
                    rows["pair"][i] == pair and text[i] == part and not again[i]
                    for i, part in zip(behind, parts[1:], strict=True)
                ):
                    text[at] = words
                    again[behind.start : behind.stop] = [True] * len(behind)
                    break
    return rows.with_columns(pl.Series("text", text, dtype=pl.String), pl.Series("is_repeat", again, dtype=pl.Boolean))


def _splits(words: str) -> Iterator[list[str]]:
    """The text split at each single header, and at all of them."""
    seams = list(islice(_SEAM.finditer(words), _MOST_SEAMS))
    yield from ([words[: s.start()], words[s.end() :]] for s in seams)
    if len(seams) > 1:
        ends = [0, *(s.end() for s in seams)]
        yield [words[a:b] for a, b in zip(ends, [*(s.start() for s in seams), len(words)], strict=True)]
