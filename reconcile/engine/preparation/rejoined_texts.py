"""Rejoins texts that a reader split at a line like a header, if the other side holds them whole."""

import re
from collections.abc import Iterator
from itertools import islice

import polars as pl

from reconcile.engine.params import PARAMS
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


def rejoin(rows: pl.DataFrame, other: pl.DataFrame, times: pl.Series) -> pl.DataFrame:
    """The rows, with split texts rejoined: the first row has the whole text, the others `is_repeat`.

    Neighbouring rows are one text when their texts and the headers between them are exactly the text of a row of the
    same pair on the other side, and each header has the name and the time that were read from it. Nothing else changes,
    and row order is kept.

    Args:
        rows: the rows of a side whose form may have split texts.
        other: those of the other side.
        times: the time of every row as its export writes it.
    """
    whole = other.filter(pl.col("text").str.contains(_SEAM_TEXT) & pl.col("pair").is_not_null())
    if whole.is_empty():
        return rows
    text, again = rows["text"].to_list(), rows["is_repeat"].to_list()
    people = rows.select("sender_name", "sender")
    places: dict[tuple[int, str], list[int]] = {}
    for at, key in enumerate(rows.select("pair", "text").iter_rows()):
        places.setdefault(key, []).append(at)
    for pair, words in whole.select("pair", "text").iter_rows():
        for first, *parts in _splits(words):
            for at in places.get((pair, first[1]), []):
                behind = range(at + 1, at + 1 + len(parts))
                if behind.stop <= len(text) and all(
                    rows["pair"][i] == pair
                    and text[i] == part
                    and not again[i]
                    and _is_read_from(seam, people.row(i), times[i])
                    for i, (seam, part) in zip(behind, parts, strict=True)
                ):
                    text[at] = words
                    again[behind.start : behind.stop] = [True] * len(behind)
                    break
    return rows.with_columns(pl.Series("text", text, dtype=pl.String), pl.Series("is_repeat", again, dtype=pl.Boolean))


def _splits(words: str) -> Iterator[list[tuple[str, str]]]:
    """The text split at each single header and at all of them: header ('' = none) and words of each part."""
    seams = list(islice(_SEAM.finditer(words), PARAMS.seams))
    for taken in [*([s] for s in seams), *([seams] if len(seams) > 1 else [])]:
        ends = zip([0, *(s.end() for s in taken)], [*(s.start() for s in taken), len(words)], strict=True)
        yield list(zip(["", *(s[0] for s in taken)], (words[a:b] for a, b in ends), strict=True))


def _is_read_from(seam: str, people: tuple[str | None, ...], time: str | None) -> bool:
    """Whether a header has the sender of a row and the figures of its time."""
    figures, written = (re.findall(r"\d+", t or "") for t in (time, seam))
    starts = range(len(written) - len(figures) + 1)
    return any(p and p in seam for p in people) and any(written[i : i + len(figures)] == figures for i in starts)
