"""The pages of a PDF, and whether they hold text."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2

from reconcile.errors import LimitExceeded, UnreadableSource

MOST_PAGES = 2_000
OWN_TEXT = 20  # characters from which a PDF page counts as text and is not looked at as a picture


def pdf_pages(path: Path) -> Iterator[Any]:
    """The pages of a PDF, open one at a time. Raises UnreadableSource, LimitExceeded."""
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise UnreadableSource(path, f"{path}: not readable as PDF ({str(error)[:80]})") from None
    with document:
        if len(document) > MOST_PAGES:
            raise LimitExceeded(path, f"{path}: {len(document):,} pages; give the part that matters")
        for number in range(len(document)):
            yield document[number]


def has_own_text(page: Any) -> bool:
    """Whether a page holds text itself and need not be looked at as a picture."""
    return len(page.get_textpage().get_text_bounded().strip()) >= OWN_TEXT
