"""The paragraphs and tables of a PDF with text, put together from the places of its letters.

A page states neither paragraphs nor cells. Rules part cells. A line goes on in the next one where the first word of that
would not have fitted on it. A gap between letters is a blank, except beside Chinese.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from ctypes import c_double
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from pypdfium2 import raw

# In points: a rule is at most so thick and at least so long; two ends or rules of one place are no farther apart.
_THICK, _SHORT, _SAME = 3.0, 5.0, 3.0
_ROOM = 0.6  # of a letter's height: so much may stay free at the end of a line whose next word did not fit
_BLANK = 0.15  # of a letter's height: a wider gap between Latin letters or figures stands for a blank
_LEADING = 1.3  # lines of one paragraph are no farther apart than this times the least distance of lines
_LONG = 0.8  # of the width between equal margins: what the lines that show one reach at least
_FULL_LINES = 3  # so many lines that end at one place show where the margin is
_WIDE = re.compile(
    "[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\u2014-\u2026\U00020000-\U0003ffff]"
)
_UNIT = re.compile(r"[（(《“‘「『【\[]*(?:[\x21-\x7e]+|.)[，。！？；：、）)》”’」』】\].,!?;:]*", re.DOTALL)
_NAMED = re.compile(r"\s*([^\s:：][^:：]{0,20}?)\s*[:：]")
_OPENS = re.compile(r"\s*[\[(（【]?\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}")


class _Letter(NamedTuple):
    words: str
    left: float
    right: float
    base: float
    height: float
    is_guessed: bool


@dataclass(frozen=True, slots=True)
class _Line:
    """One printed line: its words, its place, its height, and the width of its first word."""

    words: str
    left: float
    right: float
    base: float
    height: float
    first: float


@dataclass(frozen=True, slots=True)
class _Table:
    """The lines in each cell of the rows, and the places of the rules between columns."""

    rules: tuple[float, ...]
    rows: list[list[list[_Line]]] = field(default_factory=list)

    def goes_on_in(self, other: "_Table") -> bool:
        """Whether another table has the same columns."""
        pairs = zip(self.rules, other.rules, strict=False)
        return len(self.rules) == len(other.rules) and all(abs(a - b) <= _SAME for a, b in pairs)


Row = tuple[str, ...]


class Printed(NamedTuple):
    """The paragraphs (texts) and tables (rows of cells) in order, and what heads or ends the pages alike."""

    blocks: list[str | list[Row]]
    furniture: list[str]


def printed_document(pages: Iterable[Any]) -> Printed:
    """What the pages hold. A paragraph, row or table that goes on on the next page is one."""
    drawn = [(page.get_width(), _parts_of(page)) for page in pages]
    furniture = _furniture([parts for _, parts in drawn])
    parts = [p for _, page in drawn for p in page if not (isinstance(p, _Line) and _shape(p.words) in furniture)]
    lines = [p for p in parts if isinstance(p, _Line)]
    flow = _Flow(_margin(lines, max((width for width, _ in drawn), default=0.0)), _names(lines))
    blocks: list[str | list[Row]] = []
    for is_table, run in groupby(parts, key=lambda p: isinstance(p, _Table)):
        held = list(run)
        blocks += _joined_tables(held) if is_table else flow.paragraphs([p for p in held if isinstance(p, _Line)])
    return Printed(blocks, [*furniture.values()])


def _parts_of(page: Any) -> list[_Line | _Table]:
    """The lines and tables of a page from top to bottom."""
    letters = _letters_of(page)
    upright, level = _rules_of(page)
    parts: list[tuple[float, _Line | _Table]] = []
    for low, high, rules in _bands(upright):
        inside = [c for c in letters if low < c.base + c.height / 3 < high]
        letters = [c for c in letters if not low < c.base + c.height / 3 < high]
        heights = _places([low, high, *(y for y in level if low - _SAME < y < high + _SAME)])
        cells: dict[tuple[int, int], list[_Letter]] = {}
        for c in inside:
            # Words may run over the last rule.
            column = min(max(bisect_right(rules, (c.left + c.right) / 2), 1), len(rules) - 1)
            cells.setdefault((-bisect_right(heights, c.base + c.height / 3), column), []).append(c)
        rows = sorted({y for y, _ in cells})
        parts.append(
            (
                high,
                _Table(tuple(rules), [[_lines_of(cells.get((y, x), [])) for x in range(1, len(rules))] for y in rows]),
            )
        )
    parts += [(line.base, line) for line in _lines_of(letters)]
    return [part for _, part in sorted(parts, key=lambda p: -p[0])]


def _letters_of(page: Any) -> list[_Letter]:
    """The letters of a page with their places; blanks that are not in the file are marked as guessed."""
    text = page.get_textpage()
    found: list[_Letter] = []
    x, y, high = c_double(), c_double(), ""
    for i in range(text.count_chars()):
        words = chr(raw.FPDFText_GetUnicode(text.raw, i))
        if "\ud800" <= words < "\udc00":
            high = words
            continue
        words, high = (high + words).encode("utf-16", "surrogatepass").decode("utf-16", "replace"), ""
        if words in "\r\n\0\ufffe\uffff":
            continue
        raw.FPDFText_GetCharOrigin(text.raw, i, x, y)
        left, _, right, _ = text.get_charbox(i, loose=True)
        is_guessed = raw.FPDFText_IsGenerated(text.raw, i) == 1
        height = found[-1].height if is_guessed and found else raw.FPDFText_GetFontSize(text.raw, i)
        found.append(_Letter(words, left, right, y.value, height, is_guessed))
    return found


def _rules_of(page: Any) -> tuple[list[tuple[float, float, float]], list[float]]:
    """The upright rules (low end, high end, place) and the heights of the level ones."""
    upright, level = [], []
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=4):
        left, low, right, high = item.get_bounds()
        if right - left <= _THICK and high - low >= _SHORT:
            upright.append((low, high, (left + right) / 2))
        elif high - low <= _THICK and right - left >= _SHORT:
            level.append((low + high) / 2)
    return upright, level


def _bands(upright: Sequence[tuple[float, float, float]]) -> list[tuple[float, float, list[float]]]:
    """Low end, high end and rules of each table: of rules beside each other, at least three."""
    bands: list[tuple[float, float, list[float]]] = []
    for low, high, x in sorted(upright):
        if bands and low <= bands[-1][1] + _SAME:
            bands[-1] = bands[-1][0], max(high, bands[-1][1]), [*bands[-1][2], x]
        else:
            bands.append((low, high, [x]))
    return [(low, high, rules) for low, high, xs in bands if len(rules := _places(xs)) > 2]


def _places(values: Iterable[float]) -> list[float]:
    """The values in order, each place once."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _SAME:
            found.append(value)
    return found


def _lines_of(letters: Sequence[_Letter]) -> list[_Line]:
    """The letters as lines from top to bottom."""
    found: list[list[_Letter]] = []
    for letter in sorted(letters, key=lambda c: (-c.base, c.left)):
        if not found or found[-1][0].base - letter.base > letter.height / 2:
            found.append([])
        found[-1].append(letter)
    return [line for row in found if (line := _line_of(sorted(row, key=lambda c: c.left))) is not None]


def _line_of(row: Sequence[_Letter]) -> _Line | None:
    """The letters as one line; None for blanks alone."""
    kept = [c for c in row if not c.is_guessed]
    if not kept:
        return None
    words = kept[0].words
    for before, letter in pairwise(kept):
        is_apart = letter.left - before.right > _BLANK * letter.height and not _WIDE.search(before.words + letter.words)
        words += f" {letter.words}" if is_apart and not f"{before.words}{letter.words}".count(" ") else letter.words
    seen = [c for c in kept if c.words.strip()]
    unit = _UNIT.match(words.lstrip())
    if not seen or unit is None:
        return None
    last = seen[min(len(unit[0]), len(seen)) - 1]
    height = max(c.height for c in seen)
    return _Line(words, seen[0].left, seen[-1].right, seen[0].base, height, last.right - seen[0].left)


def _margin(lines: Sequence[_Line], width: float) -> float:
    """Where several long lines end at the right, else as far from the edge as lines begin at the left."""
    begin, end = min((p.left for p in lines), default=0.0), max((p.right for p in lines), default=width)
    is_seen = sum(p.right >= end - p.height for p in lines) >= _FULL_LINES and end >= _LONG * (width - begin)
    return end if is_seen else max(end, width - begin)


def _names(lines: Sequence[_Line]) -> frozenset[str]:
    """The words before a colon with which several lines begin."""
    counted = Counter(match[1] for p in lines if (match := _NAMED.match(p.words)))
    return frozenset(name for name, count in counted.items() if count > 1)


@dataclass(frozen=True, slots=True)
class _Flow:
    """Where lines end, and names that begin a message; in a cell no line begins one."""

    margin: float
    names: frozenset[str] | None

    def paragraphs(self, lines: Sequence[_Line]) -> list[str]:
        """The paragraphs that the lines make up."""
        apart = [a.base - b.base for a, b in pairwise(lines) if a.base - b.base >= b.height / 2]
        most = _LEADING * min(apart, default=0.0)
        found = [line.words for line in lines[:1]]
        for before, line in pairwise(lines):
            is_full = before.right + line.first + _ROOM * line.height >= self.margin
            if is_full and before.base - line.base <= most and not self._opens(line.words):
                found[-1] = _continued(found[-1].rstrip(), line.words.lstrip())
            else:
                found.append(line.words)
        return [" ".join(words.split("\t")).strip() for words in found]

    def _opens(self, words: str) -> bool:
        """Whether a line begins a message: by a date, or a name before a colon."""
        match = _NAMED.match(words)
        return self.names is not None and (bool(_OPENS.match(words)) or (match is not None and match[1] in self.names))


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


def _texts(table: _Table) -> list[Row]:
    """The words of each cell."""
    flows = []
    for x, (left, right) in enumerate(pairwise(table.rules)):
        padding = min((line.left - left for row in table.rows for line in row[x]), default=0.0)
        flows.append(_Flow(right - padding, None))
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
        shapes = {_shape(other[column]) for other in others}
        is_part = first and rest and not {_shape(first), _shape(rest)} & shapes and _shape(first + rest) in shapes
        if is_part or ("" not in shapes and not rest):
            return True
    return False


def _continued(first: str, rest: str) -> str:
    """The words with what goes on in the next line; a blank parts Latin words."""
    is_narrow = not _WIDE.search(first[-1:] + rest[:1])
    return f"{first}{' ' if first and rest and is_narrow else ''}{rest}"


def _shape(words: str) -> str:
    """The words without blanks, a 0 for each number."""
    return re.sub(r"\d+", "0", re.sub(r"\s+", "", words))


def _furniture(pages: Sequence[Sequence[_Line | _Table]]) -> dict[str, str]:
    """Shape -> words of what stands at the same edge of at least half of several pages."""
    edges = [
        p for parts in pages for p in {id(p): p for p in (*parts[:1], *parts[-1:])}.values() if isinstance(p, _Line)
    ]
    counted = Counter((_shape(p.words), round(p.base / _SAME)) for p in edges)
    # On two pages, the same short message may begin both.
    sure = {s for (s, _), n in counted.items() if n >= max(2, len(pages) / 2) and (n > 2 or not re.search("[:：]", s))}
    return {_shape(p.words): p.words.strip() for p in reversed(edges) if _shape(p.words) in sure}
