"""Rows of HTML tables that call themselves spreadsheets."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from reconcile.intake.text.decode import old_encoding
from reconcile.lazy_modules import lazy_module
from reconcile.patterns import lazy_pattern

etree, html = lazy_module("lxml.etree"), lazy_module("lxml.html")

_ROW_TAG = lazy_pattern(rb"(?i)<tr[\s>]")

_MOST_DIGITS = 7
_CELL_TAG = lazy_pattern(rb"(?i)<t[dh][\s>]")


def html_table_rows(data: bytes, most: int | None) -> list[list[str]]:
    """The cells of a page's largest table, at most `most` rows of it; [] for a page without tables."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        data = data.decode(old_encoding(data), "replace").encode()
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    try:
        tree = html.document_fromstring(data, parser=parser)
    except etree.LxmlError:
        return []
    tables = sorted(tree.iter("table"), key=lambda t: -sum(1 for _ in t.iter("tr")))
    rows = [cells for t in tables[:1] for cells in _rows_of_cells(t)]
    return spread(rows[:most], _words)


def spread(rows: Sequence[Sequence[Any]], words: Callable[[Any], str]) -> list[list[str]]:
    """The words of each row's cells, with those of a cell that spans several rows in each of them."""
    held: dict[int, tuple[int, str]] = {}
    found: list[list[str]] = []
    for cells in rows:
        row: list[str] = []
        own = iter(cells)
        while True:
            left, said = held.pop(len(row), (0, ""))
            if not left:
                cell = next(own, None)
                if cell is None:
                    break
                left, said = _rows_spanned(cell), words(cell)
            if left > 1:
                held[len(row)] = (left - 1, said)
            row.append(said)
        found.append(row)
    return found


def _rows_spanned(cell: Any) -> int:
    stated = cell.get("rowspan") or "1"
    return int(stated) if stated.isdecimal() and len(stated) < _MOST_DIGITS else 1


def spanned_size(tree: Any) -> int:
    """Characters of the cells that span several rows, once for each row."""
    cells = (c for c in tree.iter("td", "th") if c.get("rowspan"))
    return sum(_rows_spanned(c) * len(c.text_content()) for c in cells)


def _words(cell: Any) -> str:
    """The words of a cell; a break is a new line."""
    for br in cell.iter("br"):
        br.tail = "\n" + (br.tail or "")
    return " ".join(str(cell.text_content()).split("\r")).strip()


def rows_in_comments(page: bytes) -> int:
    """How many table rows stand inside comments, where no parser reads them.

    At least one where there are cells.
    """
    hidden = b"".join(piece.partition(b"-->")[0] for piece in page.split(b"<!--")[1:])
    return max(len(_ROW_TAG.findall(hidden)), int(bool(_CELL_TAG.search(hidden))))


def _rows_of_cells(table: Any) -> Iterator[list[Any]]:
    """The cells of each row in order; cells that lost their row's tag make one as far as the next row."""
    for row in table.iter("tr", "td", "th"):
        if row.tag == "tr":
            yield [c for c in row if c.tag in ("td", "th")]
        elif row.getparent().tag != "tr" and (row.getprevious() is None or row.getprevious().tag not in ("td", "th")):
            run = [row, *itertools.takewhile(lambda c: c.tag in ("td", "th"), row.itersiblings())]
            yield run
