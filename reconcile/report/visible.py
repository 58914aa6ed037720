"""Makes characters visible that do not show or look like others, such as ⟦U+202E⟧ for an override."""

import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import orjson
import polars as pl

from reconcile.patterns import lazy_pattern

# Anything but printable ASCII, new line, CJK punctuation and ideographs, kana, full-width forms and common marks.
_ODD = lazy_pattern(r"[^\n\x20-\x7e·–—‘’“”…、-〿぀-ヿ一-鿿！-～￠-￦]")
# Of the others, these are marks or unassigned.
_MAY_HIDE = lazy_pattern(rf"{_ODD.pattern}|[\u302a-\u302f\u3040\u3097-\u309a]")
_HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"}
# Blank, although Unicode classifies them as letters, symbols or marks.
_BLANK = set("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SELECTORS = ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF), (0x180B, 0x180F))
_JOINER, _EMOJI_SELECTOR = "\u200d", "\ufe0f"
_MOST_MARKS = 2


def split(text: str) -> list[tuple[str, bool]]:
    """The text in parts (text, is a token); tokens replace invisible characters.

    A joiner or selector inside an emoji stays; anywhere else it becomes a token. New lines stay.
    """
    if not _ODD.search(text):
        return [(text, False)] if text else []
    parts: list[tuple[str, bool]] = []
    shown = 0
    for index in _hidden_places(text):
        if index > shown:
            parts.append((text[shown:index], False))
        if parts and parts[-1][1]:
            parts[-1] = (parts[-1][0] + token(text[index]), True)
        else:
            parts.append((token(text[index]), True))
        shown = index + 1
    return [*parts, (text[shown:], False)] if shown < len(text) else parts


def show(text: str) -> str:
    """The text with a token in place of every invisible character."""
    if not _ODD.search(text):
        return text
    return "".join(part for part, _ in split(text))


def show_line(text: str) -> str:
    """As `show`, on one line: a line break becomes ⏎."""
    return show(text).replace("\n", "⏎")


def visible_line(text: str | None) -> str | None:
    """As `show_line`; None for no text."""
    return show_line(text) if text else None


def token(char: str) -> str:
    """The token of one character."""
    return f"⟦U+{ord(char):04X}⟧"


def hidden_characters(text: str) -> Iterator[str]:
    """Each character that `show` would replace, in order, repeats included."""
    if _ODD.search(text):
        yield from (text[i] for i in _hidden_places(text))


def name(char: str) -> str:
    """Unicode's name of a character; control characters get their common name."""
    return unicodedata.name(char, "") or _CONTROL_NAMES.get(char, "CONTROL OR UNASSIGNED")


def look_alikes(left: str, right: str) -> list[tuple[str, str]]:
    """Pairs of different characters at the same position of two equally long texts that look alike.

    Source: Unicode confusables (UTS #39) as carried by confusable_homoglyphs, and full-width against half-width forms.
    """
    if len(left) != len(right) or left == right or len(left) > 200:
        return []
    return [(a, b) for a, b in dict.fromkeys(zip(left, right, strict=True)) if a != b and _look_alike(a, b)]


def _look_alike(a: str, b: str) -> bool:
    """Whether two characters look alike: equal in NFKC form, or confusable by UTS #39."""
    if unicodedata.normalize("NFKC", a) == unicodedata.normalize("NFKC", b):
        return True
    known = _confusables()
    return any(h["c"] == b for h in known.get(a, [])) or any(h["c"] == a for h in known.get(b, []))


@cache
def _confusables() -> dict[str, list[dict[str, str]]]:
    """The confusable characters of each one, without the modules by which the library fetches its tables."""
    import confusable_homoglyphs  # noqa: PLC0415 - its table is read only when two copies differ

    table = files(confusable_homoglyphs) / "confusables.json"
    return orjson.loads(table.read_bytes())  # type: ignore[no-any-return]


def _hidden_places(text: str) -> Iterator[int]:
    """Positions of the characters that a token replaces."""
    return (m.start() for m in _MAY_HIDE.finditer(text) if _is_hidden(text, m.start()))


def _is_hidden(text: str, index: int) -> bool:
    """Whether the character at `index` is replaced by a token."""
    char = text[index]
    if char in "\n \u3000":
        return False
    if char in _BLANK:
        return True
    code = ord(char)
    if char in (_JOINER, _EMOJI_SELECTOR):
        return not (index and _is_pictorial(text, index - 1))
    if any(low <= code <= high for low, high in _SELECTORS):
        return True
    category = unicodedata.category(char)
    if category in ("Mn", "Me"):
        return _marks_before(text, index) >= _MOST_MARKS or index == 0
    return category in _HIDDEN_CATEGORIES


def _is_pictorial(text: str, index: int) -> bool:
    """Whether the character is an emoji, or a sign that a selector turns into one."""
    char = text[index]
    if char == _EMOJI_SELECTOR:
        return bool(index) and _is_pictorial(text, index - 1)
    code = ord(char)
    return unicodedata.category(char) == "So" or 0x1F000 <= code <= 0x1FAFF or char in "#*0123456789©®‼⁉"


def _marks_before(text: str, index: int) -> int:
    """Number of combining marks directly before the position; stops counting above the limit."""
    count = 0
    while index > 0 and count <= _MOST_MARKS and unicodedata.category(text[index - 1]) in ("Mn", "Me"):
        index, count = index - 1, count + 1
    return count


_CONTROL_NAMES = {
    "\x00": "NULL",
    "\x07": "BELL",
    "\x08": "BACKSPACE",
    "\t": "CHARACTER TABULATION",
    "\x0b": "LINE TABULATION",
    "\x0c": "FORM FEED",
    "\r": "CARRIAGE RETURN",
    "\x1b": "ESCAPE",
    "\x7f": "DELETE",
    "\x85": "NEXT LINE",
}


def shown_column(column: pl.Series) -> pl.Series:
    """A text column with `show` applied; only cells with unusual characters are processed one by one."""
    if column.dtype != pl.String or column.null_count() == len(column):
        return column
    # Where values recur, each is checked once.
    words = column.unique()
    if len(words) * 4 < len(column) and not words.str.contains(_ODD.pattern).any():
        return column
    odd = column.str.contains(_ODD.pattern).fill_null(value=False)
    if not odd.any():
        return column
    places = odd.arg_true()
    return column.clone().scatter(places, [show(t) for t in column.gather(places)])
