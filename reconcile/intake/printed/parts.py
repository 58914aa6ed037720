"""The lines of text and the tables on a PDF page, by the places of its letters and rules.

A page states neither words nor cells. Rules part cells. A gap between letters is a blank, except beside Chinese.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from ctypes import c_double
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from pypdfium2 import raw

from reconcile.patterns import lazy_pattern

# In points: a rule is at most so thick and at least so long; two ends or rules of one place are no farther apart.
_THICK, _SHORT, SAME = 3.0, 5.0, 3.0
_BLANK = 0.15  # of a letter's height: a wider gap between Latin letters or figures stands for a blank
_OF_BOX = 0.8  # of the box that a letter may fill: its height
_WIDE_GAP, COLUMN = 1.5, "  "  # of a letter's height: a gap between columns that no rule parts, and what stands for it
WIDE = lazy_pattern(
    "[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\u2014-\u2026\U00020000-\U0003ffff]"
)
_NO_BLANK = lazy_pattern(rf"{WIDE.pattern}|\s")
_UNIT = lazy_pattern(r"[（(《“‘「『【\[]*(?:[\x21-\x7e]+|.)[，。！？；：、）)》”’」』】\].,!?;:]*", re.DOTALL)


class Letter(NamedTuple):
    """One letter with its place; a guessed one is a blank that is not in the file."""

    words: str
    left: float
    right: float
    base: float
    height: float
    is_guessed: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line: its words, its place, its height, and the width of its first word."""

    words: str
    left: float
    right: float
    base: float
    height: float
    first: float
    letters: tuple[Letter, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Table:
    """The lines in each cell of the rows, and the places of the rules between columns."""

    rules: tuple[float, ...]
    rows: list[list[list[Line]]] = field(default_factory=list)
    # Where the words of the columns end, of a table without rules; its places are those where words begin.
    ends: tuple[float, ...] = ()

    def goes_on_in(self, other: "Table") -> bool:
        """Whether another table has the same columns."""
        pairs = zip(self.rules, other.rules, strict=False)
        return len(self.rules) == len(other.rules) and all(abs(a - b) <= SAME for a, b in pairs)


def parts_of(page: Any) -> list[Line | Table]:
    """The lines and tables of a page from top to bottom."""
    letters = letters_of(page)
    upright, level = _rules_of(page)
    parts: list[tuple[float, Line | Table]] = []
    for low, high, rules in _bands(upright):
        inside = [c for c in letters if low < c.base + c.height / 3 < high]
        letters = [c for c in letters if not low < c.base + c.height / 3 < high]
        heights = _places([low, high, *(y for y in level if low - SAME < y < high + SAME)])
        cells: dict[tuple[int, int], list[Letter]] = {}
        for c in inside:
            # Words may run over the last rule.
            column = min(max(bisect_right(rules, (c.left + c.right) / 2), 1), len(rules) - 1)
            cells.setdefault((-bisect_right(heights, c.base + c.height / 3), column), []).append(c)
        rows = sorted({y for y, _ in cells})
        held = [[lines_of(cells.get((y, x), [])) for x in range(1, len(rules))] for y in rows]
        parts.append((high, Table(tuple(rules), held)))
    parts += [(line.base, line) for line in lines_of(letters, COLUMN)]
    return [part for _, part in sorted(parts, key=lambda p: -p[0])]


def letters_of(page: Any) -> list[Letter]:
    """The letters of a page with their places; blanks that are not in the file are marked as guessed."""
    text = page.get_textpage()
    found: list[Letter] = []
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
        left, low, right, top = text.get_charbox(i, loose=True)
        is_guessed = raw.FPDFText_IsGenerated(text.raw, i) == 1
        height = max(_OF_BOX * (top - low), 1.0)
        found.append(Letter(words, left, right, y.value, height, is_guessed))
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
        if bands and low <= bands[-1][1] + SAME:
            bands[-1] = bands[-1][0], max(high, bands[-1][1]), [*bands[-1][2], x]
        else:
            bands.append((low, high, [x]))
    return [(low, high, rules) for low, high, xs in bands if len(rules := _places(xs)) > 2]


def _places(values: Iterable[float]) -> list[float]:
    """The values in order, each place once."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > SAME:
            found.append(value)
    return found


def lines_of(letters: Sequence[Letter], column: str = "") -> list[Line]:
    """The letters as lines from top to bottom; `column` stands for a wide gap."""
    found: list[list[Letter]] = []
    for letter in sorted(letters, key=lambda c: (-c.base, c.left)):
        if not found or found[-1][0].base - letter.base > letter.height / 2:
            found.append([])
        found[-1].append(letter)
    return [line for row in found if (line := _line_of(sorted(row, key=lambda c: c.left), column)) is not None]


def _line_of(row: Sequence[Letter], column: str) -> Line | None:
    """The letters as one line; None for blanks alone."""
    kept = [c for c in row if not c.is_guessed]
    if not kept:
        return None
    words = kept[0].words
    for before, letter in pairwise(kept):
        gap = (letter.left - before.right) / letter.height
        is_blank = gap > _BLANK and not _NO_BLANK.search(before.words + letter.words)
        words += (column if gap > _WIDE_GAP else " " if is_blank else "") + letter.words
    seen = [c for c in kept if c.words.strip()]
    unit = _UNIT.match(words.lstrip())
    if not seen or unit is None:
        return None
    last = seen[min(len(unit[0]), len(seen)) - 1]
    height = max(c.height for c in seen)
    return Line(words, seen[0].left, seen[-1].right, seen[0].base, height, last.right - seen[0].left, tuple(kept))
