"""Signs that one of two files never holds: what it loses of all its texts, learnt from all pairs."""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Any

import polars as pl

from reconcile.engine.content.truncation import MARKS_ALIKE
from reconcile.engine.content.words import is_form
from reconcile.engine.params import PARAMS
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Form
from reconcile.wechat.look_alikes import are_look_alikes, with_digits_read
from reconcile.wechat.text import EMOJI_GLYPHS, canonical, canonical_text, other_than_plain, without_blanks

Row = dict[str, Any]
_SIDES = ("text", "text_right")
_SIGN = lazy_pattern(r"⟦[^⟧]*⟧|[^\w\s⟦⟧]")
_GLYPH = lazy_pattern("[\U0001f000-\U0001faff\u2600-\u27bf][\ufe0e\ufe0f\u200d]*")
_BRACKETED = lazy_pattern(
    rf"[\[【(（]({'|'.join(sorted(map(re.escape, EMOJI_GLYPHS), key=len, reverse=True))})[\]】)）]"
)
# Signs that say something: questions, sums, shares, paths, names.
_TELLING = frozenset("?%¥$€£+=@#*&<>^|/\\-")
_NUMERAL = frozenset("0123456789零〇一二两三四五六七八九十百千万亿")
# A file that can hold one emoji as a character, or by its name in brackets, can hold them all.
_AS_GLYPH, _BY_NAME, _BLANK = "\U0001f642", "⟦⟧", " "


def lost_throughout(
    rows: list[Row], said: Callable[[], pl.DataFrame], names: Callable[[], frozenset[str]]
) -> Iterator[tuple[int, Form | None]]:
    """Index and form of the pairs whose texts are equal but for signs that one file never holds.

    Signs between two numerals and signs that say something are never left out. Several unlike texts must show what the
    file loses. In such a file one look-alike of a character leaves doubt (form None), but not of a numeral, a negation
    or a character of a name. So do letters that a machine reads in place of the digits 0 and 1: the number is the same.

    Args:
        rows: pairs with different texts (`at`, `text`, `text_right`, `detail`).
        said: the two texts of every pair of the conversation.
        names: names of the people of both exports.
    """
    asked = [(r, ways) for r in rows if (ways := [w for w in _WAYS if _may_be_alike(*(w(r[s]) for s in _SIDES))])]
    if not asked:
        return
    unlike = said().filter(pl.col("text") != pl.col("text_right")).unique(maintain_order=True)
    held = [_signs_held(said()[side]) for side in _SIDES]
    gone = frozenset((held[0] ^ held[1]) - _TELLING)
    few = unlike.head(PARAMS.shown_texts).rows()
    shown = [(way(a), way(b)) for way in _WAYS for a, b in few if _letters(way(a)) == _letters(way(b))]
    lost = gone | ({_BLANK} if _are_blanks_lost(shown) else set())
    told = {a for a, b in shown if _kept(a, lost) == _kept(b, lost) and not is_form(a, b)}
    if len(told) < PARAMS.loss_texts:
        return
    for row, ways in asked:
        kept = [[_kept(way(row[side]), lost) for side in _SIDES] for way in ways]
        if any(left == right for left, right in kept):
            yield row["at"], Form.EXPORTER_SPELLING
        elif any(_are_read_alike(left, right, row["detail"], names) for left, right in kept):
            yield row["at"], None


def _are_read_alike(left: str, right: str, detail: str, names: Callable[[], frozenset[str]]) -> bool:
    """Whether two texts differ only in what a machine reads alike, and state the same numbers."""
    numbers = with_digits_read(left) == with_digits_read(right)
    return numbers or (detail == "words" and _is_misread(left, right, names))


def _with_bare_names(text: str) -> str:
    """The text with the names of emoji, as a file writes them that loses the brackets around them."""
    return _BRACKETED.sub(r"\1", text)


# As it stands, or with the names of emoji as words.
_WAYS: tuple[Callable[[str], str], ...] = (str, _with_bare_names)


@lru_cache(maxsize=65_536)
def _letters(text: str) -> str:
    """The letters and numerals of a text."""
    return re.sub(r"[\W_]", "", _SIGN.sub("", canonical(text)))


def _may_be_alike(left: str, right: str) -> bool:
    """Whether two texts have equal letters, apart from one place or from look-alikes."""
    one, other = (with_digits_read(_letters(t)) for t in (left, right))
    return one == other or (len(one) == len(other) and sum(map(str.__ne__, one, other)) == 1)


def _signs_held(texts: pl.Series) -> frozenset[str]:
    """All signs of a column of texts."""
    few = texts[other_than_plain(texts)].unique().alias("t")
    bare = canonical_text(pl.col("t").str.replace_all(_GLYPH.pattern, ""))
    signs = few.to_frame().select(bare.str.extract_all(_SIGN.pattern).list.explode(empty_as_null=True).unique())["t"]
    glyphs = {_AS_GLYPH} if few.str.contains(_GLYPH.pattern).any() else set()
    return frozenset({*map(_as_one, signs.drop_nulls()), *glyphs})


def _as_one(sign: str) -> str:
    """The sign as it is counted: one for all names of emoji, and one width for marks."""
    return _BY_NAME if sign.startswith("⟦") else sign.translate(MARKS_ALIKE)


def _are_blanks_lost(alike: list[tuple[str, str]]) -> bool:
    """Whether several texts of one side lack blanks that the other side has, and none the other way."""
    blanks = [tuple(len(re.findall(r"\s+", canonical(t))) for t in pair) for pair in alike]
    fewer = sum(a < b for a, b in blanks), sum(a > b for a, b in blanks)
    return max(fewer) >= PARAMS.loss_texts and min(fewer) == 0


def _kept(text: str, lost: frozenset[str]) -> str:
    """The text without the lost signs, and without blanks that mean nothing."""
    drop = partial(_dropped, lost=lost)
    text = _GLYPH.sub(drop, text) if _AS_GLYPH in lost else text
    plain = _SIGN_OR_BLANK.sub(drop, re.sub(r"\s+", _BLANK, canonical(text)))
    return without_blanks(plain).strip()


_SIGN_OR_BLANK = lazy_pattern(rf"{_SIGN.pattern}| ")


def _dropped(found: re.Match[str], lost: frozenset[str]) -> str:
    """What is left of a sign: nothing where the file loses it, unless it stands between two numerals."""
    text, sign = found.string, _AS_GLYPH if _GLYPH.fullmatch(found[0]) else _as_one(found[0])
    beside = {text[found.start() - 1 : found.start()], text[found.end() : found.end() + 1]}
    return found[0].translate(MARKS_ALIKE) if sign not in lost or beside <= _NUMERAL else ""


def _is_misread(left: str, right: str, names: Callable[[], frozenset[str]]) -> bool:
    """Whether two texts differ in one character, read as one that looks like it, outside of any name."""
    places = [i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b]
    if len(left) != len(right) or len(places) != 1 or not are_look_alikes(left[places[0]], right[places[0]]):
        return False
    return not any(_stands_at(name, text, places[0]) for text in (left, right) for name in names())


def _stands_at(name: str, text: str, place: int) -> bool:
    """Whether a name stands in the text over this place."""
    starts = range(max(place - len(name) + 1, 0), place + 1)
    return any(text.startswith(name, at) for at in starts)


__all__ = ["lost_throughout"]
