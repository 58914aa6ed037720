"""What decides the sense of a text: numbers, negations, dates."""

import re
from collections.abc import Sequence
from enum import IntEnum
from itertools import accumulate

from reconcile.engine.content.truncation import plain_marks
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Form
from reconcile.wechat.text import canonical, numbers_in, sums_in

NUMERAL = "[0-9零〇一二两三四五六七八九十百千万亿]"
# Some emoji say no by themselves, as characters or by their canonical names.
NEGATIONS = lazy_pattern(r"不|没|無|无|未|别|勿|非|莫|\b(?:not|no|never)\b|n't|⟦(?:鄙视|NO)⟧|[❌❎✖✗✘⛔\U0001f6ab]")
_DATE = lazy_pattern(
    # 46.8万 is an amount and 3-5天 a range. So two numbers and a sign are no date: it needs a year or three parts.
    r"(?:19|20)\d{2}[-/.](?:0?[1-9]|1[0-2])(?!\d)|\d{1,2}([-/.])\d{1,2}\1\d{1,4}|\d{2,4}年\d{1,2}|\d{1,2}月|\d{1,2}[日号]|周[一二三四五六日天]|星期|今天|明天|后天|昨天|前天|[上下]个?(?:周|月|星期)|去年|今年|明年"
)


def difference_codes(left: str, right: str) -> str:
    """What differs: number, negation, date; words if none of them does."""
    codes, left, right = [], plain_marks(left), plain_marks(right)
    if numbers_in(left) != numbers_in(right):
        codes.append("number")
    if len(NEGATIONS.findall(left)) != len(NEGATIONS.findall(right)):
        codes.append("negation")
    if [m[0] for m in _DATE.finditer(left)] != [m[0] for m in _DATE.finditer(right)]:
        codes.append("date")
    return ",".join(codes) or "words"


# A short refusal and the pause that parts it from what follows.
_REFUSAL = lazy_pattern(rf"(?:{NEGATIONS.pattern})[有是要行用会能]?\s*[,.、;:!。…]")


# Words in brackets, which may be the name of an emoji; in a canonical text they are none.
IN_BRACKETS = r"\[[\u4e00-\u9fffA-Za-z]{1,8}\]"


def lost_in_sense(left: str, right: str, form: Form) -> bool:
    """Whether two texts differ in what a loss of this form never covers.

    No tool loses numbers, negations or the pause behind a refusal. One that cuts texts loses what stands there, but no sum
    of money. One that loses names of emoji also loses other words in brackets.
    """
    a, b = canonical(left), canonical(right)
    if form is Form.EMOJI_SPELLING and re.findall(IN_BRACKETS, a) != re.findall(IN_BRACKETS, b):
        return True
    if form is Form.TRUNCATION:
        return sums_in(a) != sums_in(b)
    refusals = [len(_REFUSAL.findall(plain_marks(text))) for text in (a, b)]
    return refusals[0] != refusals[1] or not {"number", "negation"}.isdisjoint(difference_codes(a, b).split(","))


def has_moved_breaks(left: str, right: str) -> bool:
    """Whether each of two texts has a blank or line end at a place where the other one has none."""
    pieces = (canonical(t).split() for t in (left, right))
    # How many signs other than blanks stand in front of each break.
    one, two = ({*accumulate(map(len, p[:-1]))} for p in pieces)
    return not (one <= two or two <= one)


class Seam(IntEnum):
    """What parts two texts in one: a sign, nothing, or too little for a number or a negation."""

    SHOWN = 0
    NONE = 1
    TURNED = 2


# An emoji, by its canonical name, and what parts two messages whatever stands beside it.
_EMOJI, _PARTS = lazy_pattern("⟦[^⟧]*⟧"), lazy_pattern(r"[\n;|。!?⟦]")
_WORD, _NUMERALS = lazy_pattern(r"\w"), lazy_pattern(f"{NUMERAL}{{2}}")


def seam_of(texts: Sequence[str], whole: str) -> Seam:
    """How `whole`, made of these canonical texts, shows where each one ends: the worst of its seams."""
    shown = _EMOJI.sub("⟦", whole)
    at = [m.start() for m in _WORD.finditer(shown)]
    ends = accumulate(len(_WORD.findall(_EMOJI.sub("⟦", t))) for t in texts[:-1])
    # Between signs alone, a sign parts the texts.
    seams = (_seam(shown[: at[n - 1] + 1], shown[at[n - 1] + 1 : at[n]], shown[at[n]]) for n in ends if 0 < n < len(at))
    return max(seams, default=Seam.SHOWN)


def _seam(before: str, seam: str, behind: str) -> Seam:
    """How a seam shows an end; a blank or a comma parts neither numerals nor a negation."""
    negated = any(n.end() == len(before) for n in NEGATIONS.finditer(before))
    if not _PARTS.search(seam) and (negated or _NUMERALS.fullmatch(before[-1] + behind)):
        return Seam.TURNED
    return Seam.SHOWN if seam else Seam.NONE
