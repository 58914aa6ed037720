"""Why the text of a PDF page is not what the page shows: then it is not taken for an export."""

from collections.abc import Sequence
from itertools import pairwise
from math import pi
from typing import Any

from pypdfium2 import raw

from reconcile.intake.printed.parts import Letter, Line, Table

# In points, what a picture measures at least; smaller ones are logos and signs. So many strokes are a drawing.
_LEAST_PICTURE, _DRAWING = 40.0, 100
_DEPTH = 4
# In radians, how far letters of a level line may lean.
_LEVEL = 0.05
# Of a letter's width: what two letters of one line share where one is printed over the other.
_OVER = 0.5
# Of the letters of a page, within its pictures: where they are words of a picture.
_WITHIN = 0.5


def doubt_of(page: Any) -> str:
    """What a page shows that its text does not tell, or in another order; '' = nothing."""
    pictures = _pictures(page)
    letters = page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=_DEPTH)
    hidden = raw.FPDF_TEXTRENDERMODE_INVISIBLE
    if any(raw.FPDFTextObj_GetTextRenderMode(o.raw) == hidden for o in letters):
        return "text that is not shown"
    text = page.get_textpage()
    numbers = [i for i in range(text.count_chars()) if not raw.FPDFText_IsGenerated(text.raw, i)]
    if not numbers or not text.get_text_bounded().strip():
        strokes = sum(1 for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=_DEPTH))
        return "a picture instead of text" if pictures or strokes >= _DRAWING else ""
    if any(raw.FPDFText_HasUnicodeMapError(text.raw, i) == 1 for i in numbers):
        return "letters of which it does not state what they are"
    angles = (raw.FPDFText_GetCharAngle(text.raw, i) for i in numbers)
    if any(_LEVEL < angle < 2 * pi - _LEVEL for angle in angles):
        return "words that do not stand level"
    boxes = (text.get_charbox(i) for i in numbers) if pictures else ()
    within = sum(any(_is_within(box, picture) for picture in pictures) for box in boxes)
    return "words of a picture" if within > _WITHIN * len(numbers) else ""


def pictures_on(page: Any) -> int:
    """The number of pictures on a page, without logos and signs."""
    return len(_pictures(page))


def is_printed_over(parts: Sequence[Line | Table]) -> bool:
    """Whether other words are printed over the words of a line or cell."""
    lines = [p for p in parts if isinstance(p, Line)]
    lines += [line for p in parts if isinstance(p, Table) for row in p.rows for cell in row for line in cell]
    return any(_is_over(a, b) for line in lines for a, b in pairwise(c for c in line.letters if c.words.strip()))


def _is_over(before: Letter, letter: Letter) -> bool:
    """Whether two letters share their place.

    Signs of one box are one letter, as in a ligature; marks have no width.
    """
    width = min(before.right - before.left, letter.right - letter.left)
    is_one = before.left == letter.left and before.right == letter.right
    return not is_one and width > 1 and before.right - letter.left > _OVER * width


def _pictures(page: Any) -> list[tuple[float, float, float, float]]:
    """The places of the pictures: left, low, right, high."""
    images = page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=_DEPTH)
    places = [item.get_bounds() for item in images]
    return [p for p in places if min(p[2] - p[0], p[3] - p[1]) >= _LEAST_PICTURE]


def _is_within(box: Sequence[float], place: Sequence[float]) -> bool:
    across, up = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return place[0] <= across <= place[2] and place[1] <= up <= place[3]
