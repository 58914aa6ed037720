"""Word documents: their paragraphs and tables, without entities, links or anything fetched."""

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from reconcile.container_errors import ARCHIVE_ERRORS
from reconcile.errors import UnreadableSource
from reconcile.intake.archive import check_member
from reconcile.intake.contract import Note
from reconcile.intake.source import Source
from reconcile.lazy_modules import lazy_module

if TYPE_CHECKING:
    from lxml import etree, html
else:
    etree = lazy_module("lxml.etree")
    html = lazy_module("lxml.html")


WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# What may stand between a table and its rows, and a row and its cells.
_AROUND = frozenset(f"{WORD}{t}" for t in ("sdt", "sdtContent", "customXml", "ins", "smartTag"))
_MOST_COLUMNS = 100
# What stands for an element in a page.
_TAGS = {f"{WORD}p": "p", f"{WORD}tbl": "table", f"{WORD}tr": "tr", f"{WORD}tc": "td"}
_MARKS = {f"{WORD}br": "\n", f"{WORD}cr": "\n", f"{WORD}tab": "\t"}


def hardened_parser() -> "etree.XMLParser":
    """A parser that resolves no entities and fetches nothing."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )


def root_of(source: Source, file: Path, member: str, form: str) -> Any:
    """The root of the XML file `member` in a document; `form` names the document in the error.

    Raises UnreadableSource where it cannot be read, LimitExceeded where it unpacks to too much.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            info = archive.getinfo(member)
            check_member(source.path, info, source.limits)
            return etree.fromstring(archive.read(info), hardened_parser())
    except (*ARCHIVE_ERRORS, KeyError, etree.XMLSyntaxError) as error:
        raise UnreadableSource(source.path, f"{source.path}: not readable as {form} ({error})") from None


def body_of(source: Source, file: Path) -> Any:
    """The body of a Word document. Raises as `root_of`."""
    body = root_of(source, file, "word/document.xml", "a Word document").find(f"{WORD}body")
    if body is None:
        raise UnreadableSource(source.path, f"{source.path}: not readable as a Word document (no body)")
    return body


def lines_of_body(body: Any) -> list[str]:
    """The lines of a body's own paragraphs, in order."""
    return [line for p in body.iterchildren(f"{WORD}p") for line in words_of(p).split("\n")]


def words_of(paragraph: Any) -> str:
    """The words of a paragraph, with its breaks and tabs."""
    return "".join((e.text or "") if e.tag == f"{WORD}t" else _MARKS.get(e.tag, "") for e in paragraph.iter())


def page_of(body: Any) -> Any:
    """The paragraphs and tables of a body, in order, as the tree of a page."""
    page = html.Element("body")
    _write(body, page)
    return page


def _write(element: Any, page: Any) -> None:
    """Adds what an element holds to a page."""
    for child in element:
        tag = _TAGS.get(child.tag)
        if tag == "p":
            lines = words_of(child).split("\n")
            paragraph = etree.SubElement(page, "p")
            paragraph.text = _plain(lines[0])
            for line in lines[1:]:
                etree.SubElement(paragraph, "br").tail = _plain(line)
        elif tag is not None or child.tag in _AROUND:
            _write(child, page if tag is None else etree.SubElement(page, tag))


def _plain(words: str) -> str:
    return "".join(c for c in words if c >= " " or c == "\t")


class Document(NamedTuple):
    """The rows of tables of a document, the lines of its other paragraphs, and both in order as a page.

    `aside`: notes on words that are in neither, such as page headers and footers.
    """

    tables: list[list[tuple[str, ...]]]
    lines: list[str]
    page: Any = None
    aside: Sequence[Note] = ()


def rows_of_table(table: Any) -> list[tuple[str, ...]]:
    """The cells of a table's rows.

    A cell that spans several rows has its words in each of them; one that spans several columns, in the first of them.
    """
    rows: list[tuple[str, ...]] = []
    for row in _inside(table, f"{WORD}tr"):
        cells: list[str] = []
        for cell in _inside(row, f"{WORD}tc"):
            above = rows[-1][len(cells)] if rows and len(cells) < len(rows[-1]) else ""
            own = "\n".join(words_of(p) for p in cell.iter(f"{WORD}p"))
            cells += [above if not own and _goes_on(cell) else own, *[""] * (_columns_of(cell) - 1)]
        rows.append(tuple(cells))
    return rows


def _inside(element: Any, tag: str) -> Iterator[Any]:
    """The elements of a tag below one, also those inside the controls that a form puts around them."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag in _AROUND:
            yield from _inside(child, tag)


def _goes_on(cell: Any) -> bool:
    """Whether a cell goes on with the one above it."""
    merged = cell.find(f"{WORD}tcPr/{WORD}vMerge")
    return merged is not None and merged.get(f"{WORD}val") != "restart"


def _columns_of(cell: Any) -> int:
    span = cell.find(f"{WORD}tcPr/{WORD}gridSpan")
    stated = "" if span is None else span.get(f"{WORD}val") or ""
    return min(int(stated), _MOST_COLUMNS) if stated.isdecimal() and stated != "0" and len(stated) < 5 else 1
