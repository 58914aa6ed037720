"""Reads a source that is one PDF file, as the tables and lines of a document.

A PDF beside other files is an attachment and is not read here.
"""

import importlib.util
from collections import Counter
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from reconcile.errors import LimitExceeded, ReconcileError, UnreadableSource
from reconcile.intake.contract import Note
from reconcile.intake.source import Source
from reconcile.vocabulary import NoteCode

if TYPE_CHECKING:
    from reconcile.intake.printed.document import Page, Printed
    from reconcile.intake.text.document import Document

MARK = b"%PDF"
# Each letter has a place, and so many take minutes; a book has a fourth of them.
_MOST_LETTERS = 2_000_000
# The library for PDF files may be used by one thread at a time.
_ONE_AT_A_TIME = Lock()
# Letters of a line that a note shows.
_SHOWN = 60
# Keys under which a source keeps its PDF as read, or the error, and the page that caused the error.
_READ, _DOUBT = "the PDF as read", "the page of the PDF in doubt"
# Names beside a time are no longer, and stand there so often.
_LONGEST_NAME, _OFTEN = 30, 2


def is_installed() -> bool:
    """Whether the optional part that reads PDF files is there."""
    return importlib.util.find_spec("pypdfium2") is not None


def is_single_pdf(source: Source, file: Path) -> bool:
    """Whether the source is one PDF file, and the optional part that reads it is installed."""
    return len(source.files) == 1 and source.head(file, len(MARK)) == MARK and is_installed()


def page_in_doubt(source: Source) -> tuple[int, str] | None:
    """Number of the page because of which the PDF is not read, and what it holds; None = it is read."""
    return source.memo.get(_DOUBT)  # type: ignore[return-value]


def document_of_pdf(source: Source, file: Path) -> "Document":
    """The tables and paragraphs of a PDF whose text is all that it shows.

    Raises UnreadableSource for others, LimitExceeded for more pages or letters than any honest one.
    """
    if _READ not in source.memo:
        try:
            with _ONE_AT_A_TIME:
                source.memo[_READ] = _read(source, file)
        except ReconcileError as error:
            source.memo[_READ] = error
    if isinstance(read := source.memo[_READ], ReconcileError):
        raise read
    return read  # type: ignore[return-value]


def _read(source: Source, file: Path) -> "Document":
    from pypdfium2 import PdfiumError  # noqa: PLC0415 - an extra

    from reconcile.intake.printed.columns import page_of_two_columns, with_tables  # noqa: PLC0415 - as above
    from reconcile.intake.printed.document import document_of_pages  # noqa: PLC0415 - as above
    from reconcile.intake.printed.margins import (  # noqa: PLC0415 - as above
        without_line_numbers,
        without_margins,
        without_notices,
    )
    from reconcile.intake.text.document import Document  # noqa: PLC0415 - loads the library for XML

    try:
        pages, pictures = _pages_of(source, file)
    except PdfiumError as error:
        raise UnreadableSource(file, f"{file}: not readable as PDF ({str(error)[:80]})") from None
    pages, margins = without_margins(pages)
    pages, unclear = with_tables(pages)
    if unclear:
        raise _refusal(source, file, unclear, "rows without rules that cannot be told apart")
    if beside := page_of_two_columns(pages):
        raise _refusal(source, file, beside, "messages beside each other")
    pages, notices = without_notices(pages)
    pages, numbers = without_line_numbers(pages)
    printed: Printed = document_of_pages(pages, _heads(pages))
    lines = [line for b in printed.blocks if isinstance(b, str) for line in b.split("\n")]
    name = source.relative(file)
    aside = [Note(NoteCode.ROW_SKIPPED, name, w[:_SHOWN]) for w in (*margins, *notices, *printed.furniture)]
    if numbers:
        aside.append(Note(NoteCode.ROW_SKIPPED, name, f"numbers of lines 1–{numbers}", said=True))
    aside += pictures
    return Document([b for b in printed.blocks if not isinstance(b, str)], lines, aside=aside)


def _pages_of(source: Source, file: Path) -> "tuple[list[Page], list[Note]]":
    """The pages, and notes on their pictures. Raises UnreadableSource, LimitExceeded."""
    from reconcile.intake.printed.document import page_of  # noqa: PLC0415 - an extra
    from reconcile.intake.printed.doubts import doubt_of, is_printed_over, pictures_on  # noqa: PLC0415 - as above
    from reconcile.intake.printed.pages import pdf_pages  # noqa: PLC0415 - as above

    pages: list[Page] = []
    letters, pictures = 0, list[Note]()
    for number, page in enumerate(pdf_pages(file), 1):
        # A page that is shown turned holds its text as before.
        page.set_rotation(0)
        letters += page.get_textpage().count_chars()
        if letters > _MOST_LETTERS:
            raise LimitExceeded(file, f"{file}: more than {_MOST_LETTERS:,} letters; give the part that matters")
        if doubt := doubt_of(page):
            raise _refusal(source, file, number, doubt)
        pages.append(page_of(page))
        if is_printed_over(pages[-1].parts):
            raise _refusal(source, file, number, "words printed over others")
        if count := pictures_on(page):
            told = f"page {number}: pictures that are not read: {count}"
            pictures.append(Note(NoteCode.ROW_SKIPPED, source.relative(file), told, said=True))
    return pages, pictures


def _refusal(source: Source, file: Path, number: int, doubt: str) -> UnreadableSource:
    """What is said of a PDF with a page whose text cannot be trusted."""
    source.memo[_DOUBT] = number, doubt
    return UnreadableSource(file, f"{file}: not readable as PDF (page {number} holds {doubt})")


def _heads(pages: "list[Page]") -> frozenset[str]:
    """What stands beside a time in several lines: the names above messages."""
    from reconcile.intake.printed.document import beside_time  # noqa: PLC0415 - an extra
    from reconcile.intake.printed.parts import Line  # noqa: PLC0415 - as above

    told = Counter(beside_time(p.words) for page in pages for p in page.parts if isinstance(p, Line))
    return frozenset(w for w, n in told.items() if w is not None and n >= _OFTEN and len(w) <= _LONGEST_NAME)
