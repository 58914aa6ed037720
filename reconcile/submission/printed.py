"""PDF files with text, written as texts or Word documents of the same paragraphs and tables."""

from collections.abc import Sequence
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from lxml import etree

from reconcile.errors import UnreadableSource
from reconcile.intake.contract import Note
from reconcile.intake.source import Source
from reconcile.intake.text.document import WORD
from reconcile.vocabulary import NoteCode

_Block = str | list[tuple[str, ...]]


def as_document(source: Source, folder: Path) -> tuple[Path, list[Note]]:
    """Writes each PDF of the source into a folder, as a Word document if it holds tables, else as text.

    Returns the document or its folder, and notes on what heads or ends the pages alike.
    """
    from pypdfium2 import PdfiumError  # noqa: PLC0415 - an extra

    from reconcile.intake.printed.document import printed_document  # noqa: PLC0415 - as above
    from reconcile.intake.printed.pages import has_own_text, pdf_pages  # noqa: PLC0415 - as above

    target, notes = folder, []
    for file in source.files:
        try:
            printed = printed_document(page for page in pdf_pages(file) if has_own_text(page))
        except PdfiumError as error:
            raise UnreadableSource(file, f"{file}: not readable as PDF ({str(error)[:80]})") from None
        target = folder / source.relative(file)
        target.parent.mkdir(parents=True, exist_ok=True)
        lines = [b for b in printed.blocks if isinstance(b, str)]
        if len(lines) == len(printed.blocks):
            target = target.with_suffix(".txt")
            target.write_text("\n".join(lines), "utf-8")
        else:
            target = target.with_suffix(".docx")
            _write_word(target, printed.blocks)
        notes += [Note(NoteCode.ROW_SKIPPED, source.relative(file), words) for words in printed.furniture]
    return target if source.is_file else folder, notes


def _write_word(target: Path, blocks: Sequence[_Block]) -> None:
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("word/document.xml", _document_xml(blocks))


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
