"""Words that a text export's reader cut at a line shaped like a header: put together again where the other side holds them whole."""

import re

import polars as pl

# A blank line, then a header: time, and a name in quotes or bare.
_SEAM = re.compile(r"\n\n\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?(?: [^\n]*)?\n")
_SEAM_TEXT = r"\n\n[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}"


def rejoin(rows: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """The rows, where two neighbours are one text of the other side: the first with the whole text, the second as `is_repeat`.

    Two neighbours are one text when the first one's words, a blank line, a header and the second one's words are, letter by
    letter, the words of a row of the same pair on the other side. Nothing else is touched; row order is kept.
    """
    whole = other.filter(pl.col("text").str.contains(_SEAM_TEXT) & pl.col("pair").is_not_null())
    if whole.is_empty():
        return rows
    text, again = rows["text"].to_list(), rows["is_repeat"].to_list()
    places: dict[tuple[int, str], list[int]] = {}
    for at, key in enumerate(rows.select("pair", "text").iter_rows()):
        places.setdefault(key, []).append(at)
    for pair, words in whole.select("pair", "text").iter_rows():
        for seam in _SEAM.finditer(words):
            first, second = words[: seam.start()], words[seam.end() :]
            for at in places.get((pair, first), []):
                after = at + 1
                if after < len(text) and rows["pair"][after] == pair and text[after] == second and not again[after]:
                    text[at], again[after] = words, True
                    break
    return rows.with_columns(pl.Series("text", text, dtype=pl.String), pl.Series("is_repeat", again, dtype=pl.Boolean))
