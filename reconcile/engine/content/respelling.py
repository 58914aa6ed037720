"""Learns punctuation, emoji and codes that one tool writes differently in every text."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import polars as pl
from rapidfuzz.distance import Levenshtein

from reconcile.engine.content.words import is_form
from reconcile.engine.params import PARAMS
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Form
from reconcile.wechat.escapes import unescape
from reconcile.wechat.text import EMOJI_GLYPHS, canonical

# What a program writes for one character: a name between colons, a code point, an entity, a tag, an address scheme.
_CODE = r":(?:[a-z][a-z0-9_+-]{1,24}|[+-]1):|\\[nrt]|_x[0-9A-Fa-f]{4}_|&#?\w{2,8};|\[U\+[0-9A-Fa-f]{4,6}\]|<!\[CDATA\[|\]\]>|</?[A-Za-z][^<>\n]{0,80}>|https?://"
# An emoji by its name, in brackets of any kind or after a slash.
_NAMES = "|".join(sorted(map(re.escape, EMOJI_GLYPHS), key=len, reverse=True))
_NAMED = rf"\[[^\[\]\n]{{1,8}}\]|【[^【】\n]{{1,8}}】|[/(（](?:{_NAMES})[)）]?"
_TOKEN = lazy_pattern(rf"{_CODE}|{_NAMED}|.", re.DOTALL)
_IS_CODE, _IS_NAMED = lazy_pattern(_CODE), lazy_pattern(_NAMED)
_SIGN = lazy_pattern("[\U0001f000-\U000e01ef\u2600-\u27bf\u203c\u2049\ufe0e\ufe0f\u200d]+")
# Private-use characters that old stores use for emoji.
_PRIVATE = lazy_pattern("[\ue000-\uf8ff]+")
_ASKS, _COUNTS = lazy_pattern("[?\uff1f]"), lazy_pattern(r"[-+%\u00a5\uffe5$.,:/\s]")
Row = dict[str, Any]


class Respelling(NamedTuple):
    """A span of the left text, and the span at the same place in the right one."""

    left: str
    right: str


_NAME = lazy_pattern(_NAMES)
_BLANKS = Respelling("", " ")
# Letters in another case, as a word processor begins a sentence.
_RAISED, _LOWERED = Respelling("a", "A"), Respelling("A", "a")
_ONCE = lazy_pattern(r"(?s)\A(.+?)\1+\Z")


def respelled(rows: list[Row], said: Callable[[], pl.DataFrame]) -> Iterator[tuple[int, Form | None]]:
    """Index and form of the pairs where one text is the other with marks that its tool always respells.

    Only what carries no meaning counts: blanks, punctuation, an emoji against its code or name, an address scheme. One
    of the two spellings must not occur on the other side, since a mark that a person changed in one text stays
    unchanged in the rest. The form is None where fewer different texts than a habit needs show it.

    Args:
        rows: pairs with different texts (`at`, `text`, `text_right`).
        said: the two texts of every pair of the conversation.
    """
    taught: dict[int, frozenset[Respelling]] = {}
    shown: dict[Respelling, set[str]] = defaultdict(set)
    for row in rows[: PARAMS.taught_pairs]:
        ways = _respellings(row["text"], row["text_right"])
        if ways and all(_is_throughout(way, said) for way in ways):
            taught[row["at"]] = ways
            for way in ways:
                shown[_respelling_kind(way)].add(canonical(row["text"]))
    sure = {way for way, texts in shown.items() if len(texts) >= PARAMS.loss_texts}
    for at, ways in taught.items():
        yield at, Form.EXPORTER_SPELLING if all(_respelling_kind(way) in sure for way in ways) else None
    known = sorted(
        {w for ways in taught.values() for w in ways if _respelling_kind(w) in sure and w.left},
        key=lambda w: -len(w.left),
    )
    for row in rows[PARAMS.taught_pairs :]:
        text = row["text"]
        for way in known:
            text = text.replace(way.left, way.right)
        if known and is_form(text, row["text_right"]):
            yield row["at"], Form.EXPORTER_SPELLING


def _respelling_kind(way: Respelling) -> Respelling:
    """The respelling without repetition and with every emoji name as *: one habit covers all emoji."""
    return Respelling(*(_ONCE.sub(r"\1", _NAME.sub("*", span)) for span in way))


def _respellings(left: str, right: str) -> frozenset[Respelling] | None:
    """The differences between two texts, place by place; None where one of them may carry meaning."""
    bare = _without_blanks(unescape(left)), _without_blanks(unescape(right))
    broken = {_BLANKS} if re.findall(r"\s+", left.strip()) != re.findall(r"\s+", right.strip()) else set()
    if is_form(*bare):
        return frozenset(broken) or None
    parts = _TOKEN.findall(bare[0]), _TOKEN.findall(bare[1])
    if max(map(len, parts)) > PARAMS.taught_tokens:
        return None
    places = _differing_stretches(*parts)
    if len(places) > PARAMS.respelt_places:
        return None
    found = set(broken)
    for a, b, c, d in places:
        one, other = "".join(parts[0][a:b]), "".join(parts[1][c:d])
        if one and other and is_form(one, other):
            continue
        if one and one.casefold() == other.casefold():
            found.add(_RAISED if one.islower() else _LOWERED)
            continue
        ends = ((parts[0], a, b), (parts[1], c, d))
        beside = "".join(p[k] for p, i, j in ends for k in (i - 1, j) if 0 <= k < len(p))
        if not _carries_no_meaning(one, other) or (
            _COUNTS.search(_without_codes(one + other)) and re.search(r"\d", beside)
        ):
            return None
        found.add(Respelling(one, other))
    return frozenset(found) or None


def _differing_stretches(left: list[str], right: list[str]) -> list[tuple[int, int, int, int]]:
    """Start and end, in either text, of each stretch in which they differ."""
    places: list[tuple[int, int, int, int]] = []
    for op in Levenshtein.opcodes(left, right):
        if op.tag == "equal":
            continue
        if places and (places[-1][1], places[-1][3]) == (op.src_start, op.dest_start):
            a, _, c, _ = places.pop()
            places.append((a, op.src_end, c, op.dest_end))
        else:
            places.append((op.src_start, op.src_end, op.dest_start, op.dest_end))
    return places


def differ_in_marks(left: str, right: str) -> bool:
    """Whether two texts differ only in blanks, punctuation, emoji and codes without meaning."""
    return _respellings(left, right) is not None


def _carries_no_meaning(one: str, other: str) -> bool:
    """Whether two differing spans have only spaces, codes or names of one emoji."""
    spans = one, other
    if not all(_is_bare(s) for s in spans):
        return False
    asks = [bool(_ASKS.search(s)) for s in spans]
    signs = [bool(_SIGN.search(s)) for s in spans]
    if asks[0] != asks[1] or any(s and not o.strip() for s, o in zip(signs, spans[::-1], strict=True)):
        return False
    names = [{re.sub(r"[\[\]【】/()（）]", "", n) for n in _IS_NAMED.findall(s)} for s in spans]
    coded = any(_IS_CODE.search(s) or _PRIVATE.search(s) for s in spans)
    if names[0] and names[1]:
        return names[0] == names[1]
    if any(names) or all(signs):
        # An emoji and a name, or two emoji, are the same only where a code stands for one. A name against nothing is a lost emoji.
        return coded or (any(names) and any(signs))
    return True


def _is_bare(span: str) -> bool:
    """Whether a span has no letter, digit or ideograph outside of codes and emoji names."""
    rest = _IS_CODE.sub("", span)
    rest = _IS_NAMED.sub(
        lambda m: "" if canonical(f"[{re.sub(r'[^0-9A-Za-z一-鿿]', '', m[0])}]").startswith("⟦") else m[0], rest
    )
    return not re.search(r"\w", rest)


def _without_codes(span: str) -> str:
    """The span without names and codes of emoji."""
    return _IS_NAMED.sub("", _IS_CODE.sub("", span))


def _without_blanks(text: str) -> str:
    """The text without blanks, but for those between digits."""
    return re.sub(r"=\n|(?<![0-9])\s|\s(?![0-9])", "", text)


def _is_throughout(way: Respelling, said: Callable[[], pl.DataFrame]) -> bool:
    """Whether one of the two spellings never occurs on the other side, or occurs less often there."""
    if way in (_BLANKS, _RAISED, _LOWERED):
        return True
    for span, mine, other in ((way.left, "text", "text_right"), (way.right, "text_right", "text")):
        if not span.strip():
            continue
        held = said().filter(pl.col(mine).str.contains(span, literal=True))
        counts = [pl.col(c).str.count_matches(span, literal=True) for c in (mine, other)]
        if held.filter(counts[1] >= counts[0]).is_empty():
            return True
    return False
