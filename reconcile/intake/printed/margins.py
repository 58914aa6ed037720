"""What stands in the margins of pages: heads, feet, numbers of pages, numbers of lines.

`document.py` knows what several pages repeat. Here is what one page shows by itself.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise, takewhile

from reconcile.intake.printed.document import Page, beside_time, shape
from reconcile.intake.printed.parts import COLUMN, SAME, Letter, Line, lines_of
from reconcile.patterns import lazy_pattern

# Of the height of a page: where its head and foot stand. Of the usual distance of lines: how far apart they stand.
_MARGIN, _APART = 0.1, 1.5
# Lines are no farther apart than so many of their heights; of the distances on all pages, this share is usual.
_LEADING, _USUAL, _FEW = 2.0, 0.95, 3
_PAGE_NUMBER = lazy_pattern(
    r"(?i)\W*(?:第\s*\d+\s*页|page\s*\d+|p\.\s*\d+|\d+\s*页|\d+\s*/\s*\d+|[-–—]\s*\d+\s*[-–—])"
    r"(?:\W*(?:共\s*\d+\s*页|of\s*\d+))?\W*"
)
_BARE_NUMBER = lazy_pattern(r"\s*(\d{1,4})\s*")
# Of the width between the margins: longer lines have their middle there wherever they begin.
_SHORT = 0.6
# Lines in the middle are notices up to this share of all; those with figures like a day or time may head messages.
_MOST_NOTICES, _NUMBERS = 0.25, lazy_pattern(r"\d\s*[:：/.年月日时点-]|星期|周[一二三四五六日]|昨天|今天")
# The number of a line ends so far before the words, of a letter's height; so many lines show that all are numbered.
_BEFORE_WORDS, _NUMBERED, _NEARLY_ALL = 0.3, 5, 0.9


def without_margins(pages: Sequence[Page]) -> tuple[list[Page], list[str]]:
    """The pages without their heads and feet, and the words of these."""
    apart = sorted(d for page in pages for d in _distances(page))
    usual = apart[int(_USUAL * (len(apart) - 1))] if len(apart) >= _FEW else 0.0
    edges = Counter(
        _place(edge) for page in pages for edge in (*page.parts[:1], *page.parts[-1:]) if isinstance(edge, Line)
    )
    again = frozenset(place for place, n in edges.items() if n >= max(2, len(pages) / 2))
    found, aside = [], list[str]()
    for number, page in enumerate(pages, 1):
        gone = {id(p) for is_top in (True, False) for p in _margin_of(page, number, usual, again, is_top=is_top)}
        aside += [p.words.strip() for p in page.parts if isinstance(p, Line) and id(p) in gone]
        found.append(page._replace(parts=[p for p in page.parts if id(p) not in gone]))
    return found, [*dict.fromkeys(aside)]


def _distances(page: Page) -> list[float]:
    pairs = pairwise(page.parts)
    return [a.base - b.base for a, b in pairs if isinstance(a, Line) and isinstance(b, Line)]


def _place(line: Line) -> tuple[str, int]:
    return shape(line.words), round(line.base / SAME)


def _margin_of(page: Page, number: int, usual: float, again: frozenset[tuple[str, int]], *, is_top: bool) -> list[Line]:
    """The lines that are the head or foot of a page; what tells a time may be a message."""
    parts = page.parts if is_top else page.parts[::-1]
    edge = parts[0] if parts else None
    if not isinstance(edge, Line):
        return []
    row = [p for p in parts if isinstance(p, Line) and abs(p.base - edge.base) <= edge.height / 2]
    is_in_margin = edge.base > (1 - _MARGIN) * page.height if is_top else edge.base < _MARGIN * page.height
    words = COLUMN.join(p.words for p in row)
    if not is_in_margin or beside_time(words) is not None:
        return []
    if _PAGE_NUMBER.fullmatch(words):
        return row
    inner = parts[len(row)] if len(parts) > len(row) else None
    if not isinstance(inner, Line):
        return row if len(parts) > len(row) else []
    apart = abs(edge.base - inner.base)
    bare = _BARE_NUMBER.fullmatch(words)
    is_sure = _place(edge) in again or (bare is not None and int(bare[1]) == number)
    return row if apart > _APART * max(usual, _LEADING * edge.height) or (is_sure and apart > usual + 1) else []


def without_notices(pages: Sequence[Page]) -> tuple[list[Page], list[str]]:
    """The pages without lines in the middle that tell no time, and the words of these.

    They are titles and notices, and no part of the message above them. Where other lines begin at the same place,
    they are no such.
    """
    lines = [(p, page.width) for page in pages for p in page.parts if isinstance(p, Line)]
    left = min((p.left for p, _ in lines), default=0.0)
    middle = {
        id(p)
        for p, width in lines
        if abs(p.left + p.right - width) <= 2 * SAME and p.right - p.left < _SHORT * (width - 2 * left)
    }
    others = {round(p.left) for p, _ in lines if id(p) not in middle}
    gone = {
        id(p)
        for p, _ in lines
        if id(p) in middle and not {round(p.left) + n for n in (-1, 0, 1)} & others and not _NUMBERS.search(p.words)
    }
    if len(gone) > _MOST_NOTICES * len(lines):
        return list(pages), []
    kept = [page._replace(parts=[p for p in page.parts if id(p) not in gone]) for page in pages]
    return kept, [p.words.strip() for p, _ in lines if id(p) in gone]


def without_line_numbers(pages: Sequence[Page]) -> tuple[list[Page], int]:
    """The pages without the numbers of their lines, and the last of these; 0 = lines have none.

    They count on from line to line, from 1 or from 1 on each page.
    """
    lines = [p for page in pages for p in page.parts if isinstance(p, Line)]
    numbers = [_number_of(line) for line in lines]
    told = [int("".join(c.words for c in digits)) for digits in numbers if digits]
    ends = [digits[-1].right for digits in numbers if digits]
    steps = sum(b in (a + 1, 1) for a, b in pairwise(told))
    if len(told) < max(_NUMBERED, _NEARLY_ALL * len(lines)) or told[0] != 1 or steps < len(told) - 1:
        return list(pages), 0
    if max(ends) - min(ends) > SAME:
        return list(pages), 0
    rest = {id(p): lines_of(p.letters[len(n) :], COLUMN) for p, n in zip(lines, numbers, strict=True)}
    kept = [page._replace(parts=[q for p in page.parts for q in rest.get(id(p), [p])]) for page in pages]
    return kept, max(told)


def _number_of(line: Line) -> list[Letter]:
    """The figures that begin a line, with a gap behind them or nothing."""
    figures = [*takewhile(lambda c: c.words.isdecimal(), line.letters)]
    gaps = (n for n, (a, b) in enumerate(pairwise(line.letters), 1) if b.left - a.right > _BEFORE_WORDS * line.height)
    first = next(gaps, len(line.letters))
    return figures[:first] if first <= len(figures) else []
