"""The paragraphs and tables of a PDF with text, put together from the places of its letters.

A page states no paragraphs. A line goes on in the next one where the first word of that
would not have fitted on it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from reconcile.intake.printed.parts import SAME, WIDE, Line, Table, parts_of
from reconcile.patterns import lazy_pattern

_ROOM = 0.6  # of a letter's height: so much may stay free at the end of a line whose next word did not fit
_LEADING = 1.3  # lines of one paragraph are no farther apart than this times the least distance of lines
_LONG = 0.8  # of the width between equal margins: what the lines that show one reach at least
_INDENT = 4.0  # of a letter's height: a line that begins farther in than a paragraph does is set to the right
_FULL_LINES = 3  # so many lines that end at one place show where the margin is
_NAMED = lazy_pattern(r"\s*([^\s:：][^:：]{0,20}?)\s*[:：]")
_SPOKEN = lazy_pattern(r"：|:\s|(?<![a-z\d]):|(?<=\d):(?!\d)")
OPENS = lazy_pattern(r"\s*[\[(（【]?\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}")
# The foot of a page that a browser printed: the address and the number of the page.
_FOOT = lazy_pattern(r"\s*(?:file|https?)://.*\d\s*/\s*\d+\s*$")

# A time of day with its day at the beginning or end of a line, and what stands on its other side.
_TIME = r"[\[(（【]?(?:[\d./年月日-]{4,12}[\s,，]*)?(?:[上下中]午|凌晨|早上|晚上)?\s?\d{1,2}[:：]\d{2}(?:[:：]\d{2})?[\])）】]?"
_TIMED = lazy_pattern(rf"\s*(?:{_TIME}\s*(?P<behind>.*?)|(?P<before>.*?)\s*{_TIME})\s*$")

Row = tuple[str, ...]


class Printed(NamedTuple):
    """The paragraphs (texts) and tables (rows of cells) in order, and what heads or ends the pages alike."""

    blocks: list[str | list[Row]]
    furniture: list[str]


class Page(NamedTuple):
    """The size of a page, and its lines and tables from top to bottom."""

    width: float
    height: float
    parts: list[Line | Table]


def printed_document(pages: Iterable[Any]) -> Printed:
    """What the pages hold. A paragraph, row or table that goes on on the next page is one."""
    return document_of_pages([page_of(page) for page in pages])


def page_of(page: Any) -> Page:
    """What a page shows."""
    return Page(page.get_width(), page.get_height(), parts_of(page))


def document_of_pages(pages: Sequence[Page], heads: frozenset[str] = frozenset()) -> Printed:
    """The same of pages that are drawn. A line with a time and one of the words `heads` begins a message."""
    drawn = [(page.width, page.parts) for page in pages]
    furniture = _furniture([parts for _, parts in drawn])
    at_edges = {id(p) for _, page in drawn for p in _edges(page) if shape(p.words) in furniture}
    parts = [p for _, page in drawn for p in page if id(p) not in at_edges]
    lines = [p for p in parts if isinstance(p, Line)]
    left = min((p.left for p in lines), default=0.0)
    margin = _margin(lines, max((width for width, _ in drawn), default=0.0))
    flow = _Flow(left, margin, _names(lines), heads)
    blocks: list[str | list[Row]] = []
    for is_table, run in groupby(parts, key=lambda p: isinstance(p, Table)):
        held = list(run)
        blocks += _joined_tables(held) if is_table else flow.paragraphs([p for p in held if isinstance(p, Line)])
    return Printed(blocks, [*furniture.values()])


def _margin(lines: Sequence[Line], width: float) -> float:
    """Where several long lines end at the right, else as far from the edge as lines begin at the left."""
    begin, end = min((p.left for p in lines), default=0.0), max((p.right for p in lines), default=width)
    is_seen = sum(p.right >= end - p.height for p in lines) >= _FULL_LINES and end >= _LONG * (width - begin)
    return end if is_seen else max(end, width - begin)


def _names(lines: Sequence[Line]) -> frozenset[str]:
    """The words before a colon with which several lines begin."""
    counted = Counter(match[1] for p in lines if (match := _NAMED.match(p.words)))
    return frozenset(name for name, count in counted.items() if count > 1)


@dataclass(frozen=True, slots=True)
class _Flow:
    """Where lines begin and end, and names that begin a message; in a cell no line begins one."""

    left: float
    margin: float
    names: frozenset[str] | None
    heads: frozenset[str] = frozenset()

    def paragraphs(self, lines: Sequence[Line]) -> list[str]:
        """The paragraphs that the lines make up."""
        apart = [a.base - b.base for a, b in pairwise(lines) if a.base - b.base >= b.height / 2]
        most = _LEADING * min(apart, default=0.0)
        found = [line.words for line in lines[:1]]
        for before, line in pairwise(lines):
            is_full = before.right + line.first + _ROOM * line.height >= self.margin
            is_set_right = before.left - self.left > _INDENT * before.height
            if is_full and not is_set_right and before.base - line.base <= most and not self._opens(line.words):
                found[-1] = _continued(found[-1].rstrip(), line.words.lstrip())
            else:
                found.append(line.words)
        return [" ".join(words.split("\t")).strip() for words in found]

    def _opens(self, words: str) -> bool:
        """Whether a line begins a message: by a date, or a name before a colon."""
        match = _NAMED.match(words)
        return self.names is not None and (
            bool(OPENS.match(words))
            or (match is not None and match[1] in self.names)
            or beside_time(words) in self.heads
        )


def beside_time(words: str) -> str | None:
    """What stands beside the time of day that begins or ends a line; None = there is no time.

    It is all that the line says, or the name before its colon.
    """
    match = _TIMED.match(words)
    if match is None:
        return None
    said = match["behind"] or match["before"] or ""
    named = _NAMED.match(said)
    return named[1] if named else said.strip()


def _joined_tables(tables: Sequence[Any]) -> list[list[Row]]:
    """The tables of consecutive pages, joined where they go on; headings that come again stand once."""
    found: list[list[Row]] = []
    for at, table in enumerate(tables):
        texts = _texts(table)
        if at == 0 or not tables[at - 1].goes_on_in(table):
            found.append(texts)
            continue
        rows = texts[1:] if texts[:1] == found[-1][:1] else texts
        if rows and found[-1] and _goes_on(found[-1][-1], rows[0], [*found[-1][1:-1], *rows[1:]]):
            found[-1][-1] = tuple(map(_continued, found[-1][-1], rows.pop(0)))
        found[-1] += rows
    return found


def _texts(table: Table) -> list[Row]:
    """The words of each cell."""
    flows = []
    for x, (left, right) in enumerate(pairwise(table.rules)):
        if table.ends:
            flows.append(_Flow(left, table.ends[x], None))
            continue
        padding = min((line.left - left for row in table.rows for line in row[x]), default=0.0)
        flows.append(_Flow(left + padding, right - padding, None))
    return [
        tuple("\n".join(flow.paragraphs(cell)) for cell, flow in zip(row, flows, strict=True)) for row in table.rows
    ]


def _goes_on(above: Row, row: Row, others: Sequence[Row]) -> bool:
    """Whether a row is the rest of the one above it.

    It lacks a cell that all others have, or only both together look like the others' cells of one column.
    """
    if len(others) < _FULL_LINES:
        return any(not cell for cell in row)
    for column, (first, rest) in enumerate(zip(above, row, strict=True)):
        shapes = {shape(other[column]) for other in others}
        is_part = first and rest and not {shape(first), shape(rest)} & shapes and shape(first + rest) in shapes
        if is_part or ("" not in shapes and not rest):
            return True
    return False


def _continued(first: str, rest: str) -> str:
    """The words with what goes on in the next line; a blank parts Latin words."""
    is_narrow = not WIDE.search(first[-1:] + rest[:1])
    return f"{first}{' ' if first and rest and is_narrow else ''}{rest}"


def shape(words: str) -> str:
    """The words without blanks, a 0 for each number."""
    return re.sub(r"\d+", "0", re.sub(r"\s+", "", words))


def _edges(parts: Sequence[Line | Table]) -> list[Line]:
    """The lines at the top and at the foot of a page. One of several columns is several lines."""
    ends = [p.base for p in (*parts[:1], *parts[-1:]) if isinstance(p, Line)]
    return [p for p in parts if isinstance(p, Line) and any(abs(p.base - base) <= SAME for base in ends)]


def _furniture(pages: Sequence[Sequence[Line | Table]]) -> dict[str, str]:
    """Shape -> words of what stands at one edge of at least half of several pages, and seldom amid."""
    edges = [p for parts in pages for p in _edges(parts)]
    counted = Counter((shape(p.words), round(p.base / SAME)) for p in edges)
    held = Counter(shape(p.words) for parts in pages for p in parts if isinstance(p, Line))
    # On two pages, the same short message may begin both.
    spoken = {shape(p.words) for p in edges if _SPOKEN.search(p.words.strip())}
    sure = {s for (s, _), n in counted.items() if n >= max(2, len(pages) / 2) and (n > 2 or s not in spoken)}
    at_edges = Counter(shape(p.words) for p in edges)
    sure = {s for s in sure if held[s] < 2 * at_edges[s]}
    sure |= {shape(p.words) for p in edges if _FOOT.match(p.words)}
    return {shape(p.words): p.words.strip() for p in reversed(edges) if shape(p.words) in sure}
