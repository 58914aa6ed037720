"""Texts typed from a series of screens: numbers of pictures, titles, and lines that two screens show."""

import re
from itertools import pairwise

import polars as pl

from reconcile.column_ops import in_one_query, occurs
from reconcile.intake.contract import Note
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode

# The number of a screen in a line of its own: 图1, （截图2）, 【第3张截图】, Screenshot 4.
_NUMBERED = lazy_pattern(
    r"^\W*(?:第\s*)?(?:(?:聊天|微信)?(?:截图|截屏|截圖|图片|圖片|照片|图|圖|屏)|(?i:screen(?:shot)?|image|picture|figure|fig\.?|page))?\s*"
    r"(?P<number>\d{1,4})\s*(?P<behind>[张張]?(?:截图|截屏|截圖|图片|圖片|照片|图|圖|屏|页|頁))?\W*$"
)
# What every such line has.
_SAYS_SCREEN = r"[第截图圖屏照片张張页頁]|(?i:screen|image|picture|fig|page)"
_WORD = lazy_pattern(r"[^\W\d_]")
_LONGEST, _LEAST = 24, 2
# Words that nobody says again by chance just where a screen ends, in characters.
_SENTENCE = 8


def without_screens(lines: pl.Series, name: str) -> tuple[pl.Series, list[Note]]:
    """The lines without those of the screens they were typed from, and notes on what two screens show.

    Each screen has its number above it, counted from the first on, and may have the same title below that. What ends a
    screen and begins the next one was said once, if a sentence is in it or most screens overlap. Unchanged without such numbers.
    """
    if not occurs(_SAYS_SCREEN, lines):
        return lines, []
    near = in_one_query(lines, lambda t: (t.str.len_chars().le(_LONGEST) & t.str.contains("[0-9]")).arg_true())
    few = zip(near.to_list(), lines[near].to_list(), strict=True)
    found = {i: m for i, line in few if (m := _NUMBERED.match(line)) and _WORD.search(line)}
    numbers = [int(m["number"]) for m in found.values()]
    shapes = {re.sub(r"\d+", "", m.group()).strip() for m in found.values()}
    if len(found) < _LEAST or len(shapes) != 1 or any(b != a + 1 for a, b in pairwise(numbers)):
        return lines, []
    said = {i: line for i, line in enumerate(lines.str.strip_chars().to_list()) if line}
    screens: list[list[int]] = [[]]
    for i in said:
        if i in found:
            screens.append([])
        else:
            screens[-1].append(i)
    heads = {said[s[0]] for s in screens[1:] if s}
    titles = [s.pop(0) for s in screens[1:]] if len(heads) == 1 and all(len(s) > 1 for s in screens[1:]) else []
    shared = [_shared([said[i] for i in a], [said[i] for i in b]) for a, b in pairwise(screens[1:])]
    is_habit = 2 * sum(map(bool, shared)) > len(shared)
    again = [
        i
        for screen, many in zip(screens[2:], shared, strict=True)
        if is_habit or any(len(said[i]) >= _SENTENCE for i in screen[:many])
        for i in screen[:many]
    ]
    gone = [*found, *titles, *again]
    notes = [Note(NoteCode.DUPLICATE_ROW, f"{name}#line {i + 1}", said[i]) for i in again]
    return lines.scatter(gone, [""] * len(gone)), notes


def _shared(one: list[str], other: list[str]) -> int:
    """How many lines end one screen and begin the next, in the same order (by Knuth, Morris and Pratt)."""
    joined: list[str | None] = [*other, None, *one[-len(other) :]]
    longest = [0] * len(joined)
    for at in range(1, len(joined)):
        n = longest[at - 1]
        while n and joined[at] != joined[n]:
            n = longest[n - 1]
        longest[at] = n + (joined[at] == joined[n])
    return longest[-1] if other and one else 0


__all__ = ["without_screens"]
