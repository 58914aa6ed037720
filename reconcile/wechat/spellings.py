"""The harmless steps after which two writings of one text agree."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Form
from reconcile.wechat.chinese_script import simplified
from reconcile.wechat.escapes import unescape
from reconcile.wechat.text import (
    ACCOUNT_HEAD,
    CONTROL_CODES,
    INVISIBLE,
    IS_PLAIN,
    SPACES,
    TEXT_MARK,
    canonical,
    emoji_tokens,
    width_normalised,
    without_blanks,
    without_number_spelling,
)  # fmt: skip

# Signs that a word processor sets in place of several while somebody types.
_TYPED = {
    "©": "(c)",
    "®": "(r)",
    "™": "(tm)",
    "½": "1/2",
    "¼": "1/4",
    "¾": "3/4",
    "\u2044": "/",
    "→": "->",
    "←": "<-",
    "⇒": "=>",
}
_SET = lazy_pattern(f"(?<=[0-9])(?=[½¼¾])|[{''.join(_TYPED)}]|(?<=[0-9])×(?=[0-9])|-(?=->)|(?<=<-)-|=(?==>)")


def as_typed(text: str) -> str:
    """The text with signs that a word processor sets, such as ©, as somebody typed them."""
    return _SET.sub(lambda m: _TYPED.get(m[0], {"×": "x", "": " "}.get(m[0], "")), text)


# A number of a card or telephone in groups of figures, and what a sharing program appends to an address.
_GROUPED = lazy_pattern(r"(?<![\d.,-])\d{3,4}(?:[ -]\d{3,4}){2,5}(?![\d.,-])")
_OF_SHARING = r"(?:utm_\w+|from|spm|share\w*|isappinstalled|scene|clicktime|enterid|srcid|fbclid|gclid)=[\w.%-]*"
_SHARED = lazy_pattern(rf"(?<=[\w/])[?&]{_OF_SHARING}(?:&{_OF_SHARING})*(?![\w=&])")


# Harmless steps. None changes a text of plain characters.
_STEPS: tuple[tuple[Form, Callable[[str], str]], ...] = (
    (Form.LINE_ENDS, lambda s: re.sub(r"(?<![ \t])[ \t]*(?:\r\n?|\n)", "\n", s).strip()),
    (Form.INVISIBLE, lambda s: re.sub(INVISIBLE, "", s)),
    (Form.CONTROL_CODES, lambda s: re.sub(CONTROL_CODES, "", s)),
    (Form.ESCAPES, unescape),
    (Form.EMOJI_SPELLING, emoji_tokens),
    (Form.UNICODE, lambda s: unicodedata.normalize("NFC", s)),
    (Form.SCRIPT, simplified),
    (Form.EXPORTER_SPELLING, as_typed),
    (Form.EXPORTER_SPELLING, lambda s: _GROUPED.sub(lambda m: re.sub("[ -]", "", m[0]), s)),
    (Form.SHARE_PARAMETERS, lambda s: _SHARED.sub("", s)),
    (Form.EXPORTER_SPELLING, lambda s: re.sub(TEXT_MARK, "", s)),
    (Form.PREFIX_STRIPPED, lambda s: re.sub(ACCOUNT_HEAD, "", s)),
    (Form.WIDTH, lambda s: re.sub(SPACES, " ", width_normalised(s)).strip()),
)


class _Spellings(NamedTuple):
    """One text in the spellings in which two writings of a message may agree.

    alone: after each of `_STEPS`. in_turn: as it is, and after each of them behind the others. The rest is of the
    canonical text: itself, without blanks, with its lines joined as some tools do by dropping line ends, and with plain
    numbers, as it is and without blanks.
    """

    alone: tuple[str, ...]
    in_turn: tuple[str, ...]
    canonical: str
    unspaced: str
    joined: str
    counted: tuple[str, str]


# Every text is compared with several others, and its spellings cost more than the comparisons.
@lru_cache(maxsize=16_384)
def _spellings(text: str) -> _Spellings:
    """The spellings of a text; no step changes a text of plain characters."""
    steps = [] if IS_PLAIN(text) else [step for _, step in _STEPS]
    unchanged = (text,) * len(_STEPS)
    alone = tuple(step(text) for step in steps) or unchanged
    in_turn = tuple(accumulate(steps, lambda told, step: step(told), initial=text))
    in_turn = in_turn if steps else (text, *unchanged)
    bare = canonical(in_turn[-1])
    joined = re.sub(r"\s*\n\s*", "", bare)
    unspaced = without_blanks(bare)
    counted = without_number_spelling(bare), without_number_spelling(unspaced)
    return _Spellings(alone, in_turn, bare, unspaced, joined, counted)


def form_steps(left: str, right: str) -> list[Form]:
    """The harmless steps after which two unequal texts agree; [] where they never do.

    Single steps are tried first, then all together. The caller, who knows the exports, judges truncation, prefixes and
    placeholders.
    """
    one, two = _spellings(left), _spellings(right)
    names = [name for name, _ in _STEPS]
    for name, a, b in zip(names, one.alone, two.alone, strict=True):
        if a == b:
            return [name]
    turns = list(zip(one.in_turn, two.in_turn, strict=True))
    used = [name for name, before, after in zip(names, turns, turns[1:], strict=False) if before != after]
    a, b = turns[-1]
    if a == b or one.canonical == two.canonical:
        return used or [Form.WIDTH]
    if one.unspaced == two.unspaced:
        return [*used, Form.LINE_ENDS if "\n" in a + b else Form.WIDTH]
    if one.joined == two.joined:
        return [*used, Form.LINE_ENDS]
    is_number = any(a == b for a, b in zip(one.counted, two.counted, strict=True))
    return [*used, Form.NUMBER_SPELLING] if is_number else []


__all__ = ["form_steps"]
