"""Rows inside XML, YAML, Word documents and pages saved as one file."""

import plistlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

import orjson
import polars as pl
import yaml
from lxml import etree

from reconcile.errors import LimitExceeded, UnreadableSource
from reconcile.formats.inferred.fields import ELEMENT, Fields
from reconcile.formats.inferred.json.from_json import value_fields
from reconcile.formats.inferred.pages.from_html import page_fields, tree_fields
from reconcile.formats.inferred.pages.page_parts import INLINE
from reconcile.formats.inferred.scores import infer
from reconcile.formats.inferred.table_runs import runs_of
from reconcile.formats.inferred.text.from_text import fields_of_lines
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.printed.pdf_source import document_of_pdf, is_single_pdf
from reconcile.intake.source import Source
from reconcile.intake.text.decode import decode
from reconcile.intake.text.document import (
    WORD,
    Document,
    body_of,
    hardened_parser,
    lines_of_body,
    page_of,
    rows_of_table,
)
from reconcile.intake.text.mail import read_mail
from reconcile.intake.text.open_document import open_document_of
from reconcile.intake.text.rich_text import RICH_TEXT, rich_text_of
from reconcile.intake.text.toml import toml_of
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode

# Largest file: the libraries hold the whole tree, and this size takes a few seconds and a gigabyte.
_MOST_BYTES = 2**26
# Most characters of YAML with all references written out, as a multiple of its length.
_MOST_REPEATED = 20
# Longest part of a paragraph in a note.
_SHOWN = 200
# With more tables than these, a document may have one for each message.
_TABLES = 2
_DEEPEST = 60
# Most names of elements side by side that are compared, and the least attributes that elements of one list share.
_MOST_NAMES, _LEAST_SHARED = 6, 4
# Most cells of a row whose place is followed.
_MOST_CELLS = 1_000
# References to the halves of a character beyond the first plane, which XML forbids.
_SURROGATES = lazy_pattern(
    rb"&#(5(?:529[6-9]|5[3-9]\d\d|6[0-2]\d\d|63[01]\d));&#(5(?:632\d|63[3-9]\d|6[4-9]\d\d|7[0-2]\d\d|73[0-3]\d|734[0-3]));"
)
# What stands only above the one root of a document.
_HEAD = lazy_pattern(rb"<\?xml|<!DOCTYPE|^\xff\xfe|^\xfe\xff")
_PLANES, _HIGH, _LOW = 0x10000, 0xD800, 0xDC00


# Elements of HTML that show words, and their attributes that say how.
_MARKUP = INLINE | {"html", "body", "div", "p", "br", "img", "tt", "pre", "li", "ul", "ol", "blockquote"}
_LOOKS = {"style", "class", "color", "face", "size", "href", "src", "alt", "title", "lang", "dir", "align", "rel"}


class _Loader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]
    """Reads plain values as texts. Raises for two values under one key, which would drop the first."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        told = super().construct_mapping(node, deep=deep)
        if len(told) < len(node.value):
            raise yaml.YAMLError("one key twice in an object")
        return told


# A page in the text of an element, what stands above its first element, its least length, most pages, titles beside one.
_PROLOGUE = lazy_pattern(r"(?is)^\s*(?:<\?xml[^>]*>\s*)?(?:<!DOCTYPE[^>]*>\s*)?")
_PAGE_IN_TEXT = lazy_pattern(
    _PROLOGUE.pattern + r"<(?:html|body|div|p|table|en-note)\b.{200}", re.DOTALL | re.IGNORECASE
)
_PLIST, _OF_PLISTS = "plist", orjson.OPT_NAIVE_UTC | orjson.OPT_NON_STR_KEYS
_MOST_PAGES, _TITLES = 50, ("title", "name", "subject")
_PAGE = lazy_pattern(rb"(?is)<html.*</html>")


def xml_fields(source: Source, file: Path) -> list[Fields]:
    """The recurring elements of an XML file, whose attributes and inner elements are their fields.

    They may stand side by side without a root. Raises UnreadableSource for broken XML. Entities are never resolved.
    """
    _check_size(source, file)
    try:
        root = _root_of(_SURROGATES.sub(_character_of, file.read_bytes()))
    except (etree.XMLSyntaxError, OSError) as error:
        raise UnreadableSource(source.path, f"{source.path}: broken XML ({error}); ask for the export again") from None
    if root.tag == _PLIST:
        return plist_fields(source, file)
    found = value_fields(source.relative(file), _value_of(root, 0, _recurring_names(root)), [])
    return found if any(infer(f).is_clear for f in found) else [*found, *_pages_inside(source, file, root)]


def plist_fields(source: Source, file: Path) -> list[Fields]:
    """The lists of an Apple property list, with times in UTC. Raises UnreadableSource where it is broken."""
    _check_size(source, file)
    try:
        value = plistlib.loads(file.read_bytes())
    except (plistlib.InvalidFileException, ValueError, ExpatError, RecursionError) as error:
        raise UnreadableSource(source.path, f"{source.path}: broken XML ({error}); ask for the export again") from None
    return value_fields(source.relative(file), orjson.loads(orjson.dumps(value, _plain_bytes, _OF_PLISTS)), [])


def toml_fields(source: Source, file: Path) -> list[Fields]:
    """The lists of rows of a TOML file. Raises UnreadableSource where it is broken."""
    try:
        value = toml_of(file)
    except ValueError as error:
        raise UnreadableSource(source.path, f"{source.path}: broken TOML ({error}); ask for the export again") from None
    return value_fields(source.relative(file), orjson.loads(orjson.dumps(value, str)), [])


def _plain_bytes(value: object) -> str:
    """What JSON does not know of a property list: bytes, as text where they are one."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _pages_inside(source: Source, file: Path, root: Any) -> list[Fields]:
    """The rows of pages that elements hold as their text, as notebooks do; a title beside is the place."""
    pages = [e for e in root.iter(etree.Element) if not len(e) and _PAGE_IN_TEXT.match(e.text or "")][:_MOST_PAGES]
    found = []
    for i, element in enumerate(pages, 1):
        beside = (t for above in element.iterancestors() for t in above if etree.QName(t).localname in _TITLES)
        place = next((t.text.strip() for t in beside if (t.text or "").strip()), "")
        label = f"{source.relative(file)}#" + (f"{i}!" if len(pages) > 1 else "")
        page = _PROLOGUE.sub("", element.text).encode()
        found += [replace(f, label=label, place=place) for f in page_fields(source, file, page)]
    return found


def _root_of(data: bytes) -> Any:
    """The root of a document, or one around elements that stand side by side. Raises XMLSyntaxError."""
    try:
        return etree.fromstring(data, hardened_parser())
    except etree.XMLSyntaxError:
        if _HEAD.search(data):
            raise
        return etree.fromstring(b"<rows>" + data + b"</rows>", hardened_parser())


def _recurring_names(root: Any) -> set[tuple[str, str]]:
    """Names of an element and of inner ones that some such element has several of: they are a list in all."""
    found: set[tuple[str, str]] = set()
    for element in root.iter(etree.Element):
        names = Counter(etree.QName(c).localname for c in element if isinstance(c.tag, str))
        found.update((etree.QName(element).localname, n) for n, count in names.items() if count > 1)
    return found


def _character_of(pair: re.Match[bytes]) -> bytes:
    """The one character that two references to halves of UTF-16 name, as some telephones write it."""
    high, low = int(pair[1]), int(pair[2])
    return b"&#%d;" % (_PLANES + ((high - _HIGH) << 10) + low - _LOW)


def _value_of(element: Any, depth: int, lists: set[tuple[str, str]]) -> Any:
    """An element as an object of its attributes and inner elements; a text where it is words alone."""
    if len(element) and all(map(_is_markup, element.iter(etree.Element))):
        return _flow_of(element)
    if (cells := _cells_of(element, lists)) is not None:
        return cells
    inner: dict[str, Any] = dict(element.attrib)
    alike, own = _elements_alike(element), etree.QName(element).localname
    for child in element:
        if not isinstance(child.tag, str) or depth > _DEEPEST:
            continue
        name, value = etree.QName(child).localname, _value_of(child, depth + 1, lists)
        is_list = (own, name) in lists and isinstance(value, dict | list)
        if name in alike and isinstance(value, dict):
            value = {**value, ELEMENT: name}
        name = alike.get(name, name)
        if name not in inner:
            inner[name] = [value] if is_list else value
        elif isinstance(inner[name], list):
            inner[name].append(value)
        else:
            inner[name] = [inner[name], value]
    text = (element.text or "").strip()
    if any(isinstance(c.tag, str) and (c.tail or "").strip() for c in element):
        # Marks inside the words, such as breaks of lines, are no fields.
        return {**dict(element.attrib), "#text": _flow_of(element)} if element.attrib else _flow_of(element)
    if not inner:
        return text
    return {**inner, "#text": text} if text else inner


def _cells_of(element: Any, lists: set[tuple[str, str]]) -> list[str | None] | None:
    """The texts of inner elements of one name, as the cells of a row; None for other elements.

    SpreadsheetML states the place of a cell behind empty ones as its `Index`, from 1 on.
    """
    children = [c for c in element if isinstance(c.tag, str)]
    own = etree.QName(element).localname
    names = {etree.QName(c).localname for c in children}
    if len(names) != 1 or (own, *names) not in lists or any(not k.startswith("{") for k in element.attrib):
        return None
    cells: list[str | None] = []
    for child in children:
        inner = [child, *child.iterdescendants(etree.Element)]
        if any(len(e) > 1 for e in inner) or any(not k.startswith("{") for e in inner for k in e.attrib):
            return None
        place = next((v for k, v in child.attrib.items() if k.endswith("}Index")), "")
        cells += [None] * (min(int(place), _MOST_CELLS) - 1 - len(cells) if place.isdecimal() else 0)
        cells.append("".join(child.itertext()).strip() or None)
    return cells


def _elements_alike(element: Any) -> dict[str, str]:
    """The names of inner elements that are like those of another name -> that name."""
    held: dict[str, set[str]] = {}
    inner: dict[str, set[str]] = {}
    names: list[str] = []
    for child in element:
        if isinstance(child.tag, str):
            names.append(name := etree.QName(child).localname)
            held.setdefault(name, set()).update(child.attrib)
            inner.setdefault(name, set()).update(etree.QName(c).localname for c in child if isinstance(c.tag, str))
    if not 1 < len(held) <= _MOST_NAMES:
        return {}
    # Elements of one shape that take turns are one list, however little they hold.
    is_mixed = sum(a != b for a, b in pairwise(names)) >= 2 * len(held)
    if is_mixed and all(held[n] and (held[n], inner[n]) == (held[names[0]], inner[names[0]]) for n in held):
        return dict.fromkeys(held, names[0])
    most = max(held, key=lambda n: len(held[n]))
    first = next(n for n in held if n == most or _are_alike(held[n], held[most]))
    return {n: first for n in held if _are_alike(held[n], held[first])}


def _are_alike(one: set[str], other: set[str]) -> bool:
    """Whether two sets of attributes have much in common, as those of short and long messages are."""
    return len(one & other) >= max(_LEAST_SHARED, min(len(one), len(other)) / 3)


def _is_markup(element: Any) -> bool:
    """Whether an element is one of HTML that shows words, and states nothing but how."""
    return etree.QName(element).localname.lower() in _MARKUP and {*element.attrib} <= _LOOKS


def _flow_of(element: Any) -> str:
    """All words of an element in their order; a break is a new line, and an indented line is a blank."""
    return "\n".join(line.strip() for line in "".join(_parts_of(element)).split("\n")).strip()


def _parts_of(element: Any) -> Iterator[str]:
    """The words of an element and of those inside it, one after the other."""
    yield _without_indent(element.text)
    for child in element:
        if isinstance(child.tag, str):
            yield from "\n" if etree.QName(child).localname.lower() == "br" else _parts_of(child)
        yield _without_indent(child.tail)


def _without_indent(words: str | None) -> str:
    """The words between two elements, or one blank where these only stand in lines of their own."""
    return " " if words and words.isspace() and "\n" in words else words or ""


def yaml_fields(source: Source, file: Path) -> list[Fields]:
    """The lists of rows of a YAML file. Raises UnreadableSource for broken YAML."""
    _check_size(source, file)
    name = source.relative(file)
    text, notes = decode(source, name, file.read_bytes())
    try:
        # Plain values stay text, because numbers and times are judged by their spelling.
        documents = [*yaml.load_all(text, Loader=_Loader)]
    except (yaml.YAMLError, RecursionError) as error:
        raise UnreadableSource(
            source.path, f"{source.path}: broken YAML ({str(error).splitlines()[0]}); ask for the export again"
        ) from None
    value = documents[0] if len(documents) == 1 else documents
    try:
        is_larger = _size(value, {}) > _MOST_REPEATED * len(text)
    except RecursionError:
        is_larger = True
    if is_larger:
        raise UnreadableSource(source.path, f"{source.path}: YAML that refers to itself; ask for the export again")
    return value_fields(name, value, notes)


def _size(value: Any, known: dict[int, int]) -> int:
    """The number of characters and values, references counted as what they refer to."""
    if not isinstance(value, dict | list):
        return len(value or "") + 1
    if (told := known.get(id(value))) is None:
        inner = [*value, *value.values()] if isinstance(value, dict) else value
        told = known[id(value)] = 1 + sum(_size(one, known) for one in inner)
    return told


def page_in_mail(file: Path) -> bytes | None:
    """The first page of a file that is written like a mail (.mht); None where it holds none."""
    data = file.read_bytes()
    for part in read_mail(data).parts:
        if part.content_type == "text/html" and part.data.strip():
            return _in_utf8(part.data, part.charset)
    # Some writers leave out the signs between the fields of the head, so that no part is found.
    found = _PAGE.search(data)
    return found[0] if found else None


def _in_utf8(page: bytes, charset: str) -> bytes:
    """The page in UTF-8; unchanged where its charset does not fit."""
    try:
        return page.decode(charset or "utf-8").encode("utf-8")
    except (UnicodeDecodeError, LookupError):
        return page


def _document_of(source: Source, file: Path) -> Document:
    """The tables and lines of a document of any office program, read once."""
    key = f"document {source.relative(file)}"
    if key not in source.memo:
        source.memo[key] = _read_document(source, file)
    return source.memo[key]  # type: ignore[return-value]


def _read_document(source: Source, file: Path) -> Document:
    """The tables and lines of a document."""
    if is_single_pdf(source, file):
        return document_of_pdf(source, file)
    if source.head(file, len(RICH_TEXT)) == RICH_TEXT:
        return rich_text_of(source, file)
    if file.suffix.lower() == ".odt":
        return open_document_of(source, file)
    body = body_of(source, file)
    return Document([r for t in body.iter(f"{WORD}tbl") if (r := rows_of_table(t))], lines_of_body(body), page_of(body))


def document_fields(source: Source, file: Path) -> list[Fields]:
    """The tables of a text document (.docx, .odt, .rtf, a PDF alone), and its paragraphs as lines."""
    _check_size(source, file)
    name, document = source.relative(file), _document_of(source, file)
    runs = runs_of(document.tables)
    beside = [line for line in document.lines if line.strip()]
    aside = document_notes(source, file)
    notes = [*aside, *(Note(NoteCode.ROW_SKIPPED, name, line[:_SHOWN]) for line in beside)]
    found = [
        Fields(
            r.frame(),
            name,
            f"{name}#" if len(runs) == 1 else f"{name}#{i}!",
            is_positional=r.heading is None,
            notes=tuple(shorten_notes(notes)),
        )
        for i, r in enumerate(runs, 1)
    ]
    lines = fields_of_lines(pl.Series("text", document.lines, dtype=pl.String), name, aside)
    timed = document_lines(source, file, cells=True)
    # A table for each message is a bubble.
    bubbles = (
        tree_fields(document.page, name, []) if document.page is not None and len(document.tables) > _TABLES else []
    )
    return [replace(f, timed=timed) for f in (*found, *lines, *bubbles)]


def document_lines(source: Source, file: Path, *, cells: bool = False) -> pl.Series:
    """The paragraphs of a text document, a line each; `cells`: and the cells of its tables."""
    document = _document_of(source, file)
    told = [c for t in document.tables for r in t for c in r] if cells else []
    return pl.Series("text", [*document.lines, *told], dtype=pl.String)


def document_notes(source: Source, file: Path) -> list[Note]:
    """Notes on page headers, page footers and other words of a document that are not among its lines."""
    return [*_document_of(source, file).aside]


def _check_size(source: Source, file: Path) -> None:
    """Raise LimitExceeded where the file is too large to be read as a tree."""
    if file.stat().st_size > _MOST_BYTES:
        raise LimitExceeded(
            source.path, f"{file}: more than {_MOST_BYTES:,} bytes of a form of unknown make; split the export"
        )
