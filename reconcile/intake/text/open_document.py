"""Text documents of OpenDocument (.odt): their paragraphs and tables, with entities off."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reconcile.intake.source import Source
from reconcile.intake.text.document import Document, root_of

_NAMES = "{urn:oasis:names:tc:opendocument:xmlns:"
_TEXT, _TABLE = f"{_NAMES}text:1.0}}", f"{_NAMES}table:1.0}}"
_PARAGRAPHS = (f"{_TEXT}p", f"{_TEXT}h")
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
# What is written beside the words: remarks, footnotes, and what was deleted while changes were recorded.
_ASIDE = frozenset((f"{_NAMES}office:1.0}}annotation", f"{_TEXT}note", f"{_TEXT}tracked-changes"))
_MARKS = {f"{_TEXT}line-break": "\n", f"{_TEXT}tab": "\t"}
_MOST_REPEATED = 100


def open_document_of(source: Source, file: Path) -> Document:
    """The tables and the other paragraphs of a document. Raises as `root_of`."""
    root = root_of(source, file, "content.xml", "an OpenDocument text")
    tables, lines = [], []
    for element in _blocks(root):
        if element.tag in _PARAGRAPHS:
            lines += _words_of(element).split("\n")
        else:
            tables.append(_rows_of(element))
    return Document(tables, lines)


def _blocks(element: Any) -> Iterator[Any]:
    """The paragraphs and tables of an element in their order; tables inside tables are part of them."""
    for child in element:
        if child.tag in _PARAGRAPHS or child.tag == f"{_TABLE}table":
            yield child
        elif child.tag not in _ASIDE:
            yield from _blocks(child)


def _words_of(element: Any) -> str:
    parts = [element.text or ""]
    for child in element:
        if child.tag == f"{_TEXT}s":
            parts.append(" " * _number(child, f"{_TEXT}c"))
        elif child.tag in _MARKS:
            parts.append(_MARKS[child.tag])
        elif child.tag not in _ASIDE:
            parts.append(_words_of(child))
        parts.append(child.tail or "")
    return "".join(parts)


def _rows_of(table: Any) -> list[tuple[str, ...]]:
    """The cells of a table's rows; a cell that spans several rows has its words in each of them."""
    rows: list[tuple[str, ...]] = []
    spans: dict[int, tuple[int, str]] = {}
    for row in table.iter(f"{_TABLE}table-row"):
        cells: list[str] = []
        for cell in row.iterchildren(*_CELLS):
            words = "\n".join(_words_of(p) for p in cell.iter(*_PARAGRAPHS))
            left, above = spans.get(len(cells), (0, ""))
            if left and cell.tag == _CELLS[1]:
                words = above
                spans[len(cells)] = (left - 1, above)
            elif (down := _number(cell, f"{_TABLE}number-rows-spanned")) > 1:
                spans[len(cells)] = (down - 1, words)
            cells += [words] * _number(cell, f"{_TABLE}number-columns-repeated")
        rows.append(tuple(cells))
    return rows


def _number(element: Any, name: str) -> int:
    """A number that an element states, 1 where it states none; never more than a table of messages needs."""
    told = element.get(name, "1")
    return min(int(told), _MOST_REPEATED) if told.isascii() and told.isdecimal() and len(told) < 10 else 1
