"""Removes the page numbers that a print or a PDF leaves in the texts of a file pasted from it."""

from itertools import pairwise

import polars as pl

from reconcile.engine.params import PARAMS
from reconcile.patterns import lazy_pattern

# A line with nothing but its page, and perhaps how many there are.
_PAGE = lazy_pattern(
    r"\W*(?:第\s*(?P<zh>\d{1,4})\s*页|[Pp]age\s*(?P<en>\d{1,4}))(?:\W*(?:[总全]?共|of)?\s*(?P<total>\d{1,4})\s*页?)?\W*"
)
_WORDS = ("页", "Page", "page")


def without_page_numbers(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows without lines that only number pages; `tailed` says where one was removed.

    A line counts where it stands beside other words, and the numbers of all such lines of a conversation rise from row
    to row under one total: nobody types every page of a printout into a chat. Rows with nothing else keep it.
    """
    lines = rows["text"].str.contains("\n", literal=True)
    if not lines.any():
        return rows
    numbered = pl.col("pair").is_not_null() & pl.col("text").str.contains_any(list(_WORDS))
    few = rows.select("row", "pair", "text").filter(lines).filter(numbered)
    if few.height < PARAMS.printed_pages:
        return rows
    found: dict[int, list[tuple[int, int, str | None, str]]] = {}
    for row, pair, text in few.iter_rows():
        parted = _parted(text)
        if parted is not None:
            found.setdefault(pair, []).append((row, *parted))
    bare = {row: text for told in found.values() if _run(told) for row, _, _, text in told}
    if not bare:
        return rows
    places = pl.col("row").is_in(list(bare))
    text = pl.col("row").replace_strict(list(bare), list(bare.values()), default=None, return_dtype=pl.String)
    return rows.with_columns(
        pl.when(places).then(text).otherwise("text").alias("text"), (places | pl.col("tailed")).alias("tailed")
    )


def _parted(text: str) -> tuple[int, str | None, str] | None:
    """The page and total that one line of a text states, and the text without it; None = no such line."""
    lines = text.split("\n")
    pages = [(i, m) for i, line in enumerate(lines) if (m := _PAGE.fullmatch(line))]
    if len(pages) != 1:
        return None
    at, page = pages[0]
    rest = "\n".join(lines[:at]).rstrip() + "".join(f"\n{line}" for line in lines[at + 1 :]).rstrip()
    return (int(page["zh"] or page["en"]), page["total"], rest.strip("\n")) if rest.strip() else None


def _run(told: list[tuple[int, int, str | None, str]]) -> bool:
    """Whether these page numbers rise from row to row, mostly by one, and never exceed one common total."""
    totals = {total for _, _, total, _ in told}
    steps = [after[1] - before[1] for before, after in pairwise(told)]
    is_within = all(total is None or page <= int(total) for _, page, total, _ in told)
    runs = all(s > 0 for s in steps) and sum(s == 1 for s in steps) >= PARAMS.following_pages * len(steps)
    return len(told) >= PARAMS.printed_pages and len(totals) == 1 and is_within and runs


__all__ = ["without_page_numbers"]
