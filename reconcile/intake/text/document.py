"""Word documents: their paragraphs and tables, without entities, links or anything fetched."""

import zipfile
from pathlib import Path
from typing import Any

from lxml import etree

from reconcile.container_errors import ARCHIVE_ERRORS
from reconcile.errors import UnreadableSource
from reconcile.intake.archive import check_member
from reconcile.intake.source import Source

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MARKS = {f"{WORD}br": "\n", f"{WORD}cr": "\n", f"{WORD}tab": "\t"}


def hardened_parser() -> etree.XMLParser:
    """A parser that resolves no entities and fetches nothing."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )


def body_of(source: Source, file: Path) -> Any:
    """The body of a Word document.

    Raises UnreadableSource where it cannot be read, LimitExceeded where it unpacks to too much.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            info = archive.getinfo("word/document.xml")
            check_member(source.path, info, source.limits)
            body = etree.fromstring(archive.read(info), hardened_parser()).find(f"{WORD}body")
    except (*ARCHIVE_ERRORS, KeyError, etree.XMLSyntaxError) as error:
        raise UnreadableSource(source.path, f"{source.path}: not readable as a Word document ({error})") from None
    if body is None:
        raise UnreadableSource(source.path, f"{source.path}: not readable as a Word document (no body)")
    return body


def lines_of_body(body: Any) -> list[str]:
    """The lines of a body's own paragraphs, in order."""
    return [line for p in body.iterchildren(f"{WORD}p") for line in words_of(p).split("\n")]


def words_of(paragraph: Any) -> str:
    """The words of a paragraph, with its breaks and tabs."""
    return "".join((e.text or "") if e.tag == f"{WORD}t" else _MARKS.get(e.tag, "") for e in paragraph.iter())
