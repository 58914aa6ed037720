"""PDF files with text as Word documents of the same paragraphs and tables, which readers know."""

from collections.abc import Sequence
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from lxml import etree

from reconcile.intake.contract import Note
from reconcile.intake.source import Source
from reconcile.intake.text.document import WORD
from reconcile.vocabulary import NoteCode

_Block = str | list[tuple[str, ...]]


def as_word(source: Source, folder: Path) -> tuple[Path, list[Note]]:
    """Writes each PDF of the source as a Word document of its name into a folder.

    Returns the document or its folder, and notes on what heads or ends the pages alike.
    """
    from reconcile.submission.screen.pictures import has_own_text, pdf_pages  # noqa: PLC0415 - loads picture libraries
    from reconcile.submission.screen.printed_document import printed_document  # noqa: PLC0415 - as above

    target, notes = folder, []
    for file in source.files:
        target = (folder / source.relative(file)).with_suffix(".docx")
        target.parent.mkdir(parents=True, exist_ok=True)
        with ZipFile(target, "w", ZIP_DEFLATED) as archive:
            printed = printed_document(page for page in pdf_pages(file) if has_own_text(page))
            archive.writestr("[Content_Types].xml", "")
            archive.writestr("word/document.xml", _document_xml(printed.blocks))
        notes += [Note(NoteCode.ROW_SKIPPED, source.relative(file), words) for words in printed.furniture]
    return target if source.is_file else folder, notes


def _document_xml(blocks: Sequence[_Block]) -> str:
    """The paragraphs and tables as the main part of a Word document."""
    root = etree.Element(f"{WORD}document")
    body = etree.SubElement(root, f"{WORD}body")
    for block in blocks:
        if isinstance(block, str):
            _add_paragraph(body, block)
            continue
        table = etree.SubElement(body, f"{WORD}tbl")
        for row in block:
            line = etree.SubElement(table, f"{WORD}tr")
            for cell in row:
                _add_paragraph(etree.SubElement(line, f"{WORD}tc"), cell)
    return str(etree.tostring(root, encoding="unicode"))


def _add_paragraph(parent: etree._Element, words: str) -> None:
    paragraph = etree.SubElement(parent, f"{WORD}p")
    for n, line in enumerate(words.split("\n")):
        if n:
            etree.SubElement(paragraph, f"{WORD}br")
        etree.SubElement(paragraph, f"{WORD}t").text = "".join(c for c in line if c >= " " and c not in "\ufffe\uffff")
