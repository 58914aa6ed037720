"""Characters that the encoding of one file could not hold, and what is left of them in its texts."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import polars as pl

from reconcile.engine.content.words import is_form
from reconcile.engine.params import PARAMS
from reconcile.vocabulary import Cause, Form
from reconcile.wechat.text import canonical

Row = dict[str, Any]
Way = Callable[[str, frozenset[str]], str]
_BEYOND_ASCII, _MARK = r"[^\x00-\x7f]", "\ufffd"
_ASCII = frozenset(map(chr, range(128)))
# Latin letters as they are spelled without their marks.
_SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa"})  # fmt: skip


def lost_to_encoding(rows: list[Row], said: Callable[[], pl.DataFrame]) -> Iterator[tuple[int, Form | Cause | None]]:
    """Index of the pairs equal but for characters that one file never holds, and whether they state more.

    A file without any character beyond ASCII may leave them out or write the bare letters. One that holds some leaves a
    mark for each one that it lacks, or leaves out those that GBK lacks. Numerals and signs of money are never lost so,
    and letters of another script are not stated. Where fewer texts than a loss needs show it, it is None.

    Args:
        rows: pairs with different texts (`at`, `text`, `text_right`).
        said: the two texts of every pair of the conversation.
    """
    for kept, whole in (("text", "text_right"), ("text_right", "text")):
        asked = [r for r in rows if not r[whole].isascii() and r[kept].strip() and _may_be_left(r[kept], r[whole])]
        if not asked:
            continue
        mine = _characters_in(said()[kept]) - {_MARK}
        lost = _characters_in(said()[whole]) - mine - {_MARK}
        # Such a file holds its own marks of pauses and questions, and every other script that it can hold at all.
        if mine:
            is_gbk = _in_gbk("".join(mine)) == "".join(mine)
            lost = frozenset(c for c in lost if "LATIN" in unicodedata.name(c, "") or (is_gbk and not _in_gbk(c)))
        ways = _WAYS if mine else _WAYS_TO_ASCII
        found = [r for r in asked if any(is_form(way(r[whole], lost), r[kept]) for way in ways)]
        is_habit = len({r[whole] for r in found}) >= PARAMS.loss_texts
        yield from ((r["at"], _outcome_of_loss(r[kept], lost & set(r[whole])) if is_habit else None) for r in found)


def _may_be_left(kept: str, whole: str) -> bool:
    """Whether some encoding may have turned `whole` into `kept`.

    This test is cheap. It comes before the search through all texts of the conversation.
    """
    if any(_has_marks_for(way(kept), way(whole)) for way in (str, canonical)):
        return True
    if _in_gbk(whole) != whole and is_form(_in_gbk(whole), kept):
        return True
    return kept.isascii() and any(is_form(way(whole, frozenset(whole) - _ASCII), kept) for way in _WAYS_TO_ASCII)


def _characters_in(texts: pl.Series) -> frozenset[str]:
    """All characters beyond ASCII of a column of texts."""
    return frozenset("".join(texts.filter(texts.str.contains(_BEYOND_ASCII)).unique())) - _ASCII


def _outcome_of_loss(kept: str, lost: frozenset[str]) -> Form | Cause | None:
    """What the loss of these characters is: a form, content not stated, or open for numbers and money."""
    kinds = {c: unicodedata.category(c) for c in lost}
    if any(k[0] == "N" or k == "Sc" for k in kinds.values()):
        return None
    is_latin = all("LATIN" in unicodedata.name(c, "") for c, k in kinds.items() if k[0] == "L")
    return Form.EXPORTER_SPELLING if is_latin and re.search(r"\w", kept) else Cause.NOT_STATED


def are_characters_lost(left: str, right: str) -> bool:
    """Whether two texts differ only where one has `?` or U+FFFD for a character beyond ASCII.

    That text has no other character beyond ASCII, or it has U+FFFD.
    """
    ways = ((left, right), (right, left))
    return any((kept.isascii() or _MARK in kept) and _has_marks_for(kept, whole) for kept, whole in ways)


def _has_marks_for(kept: str, whole: str) -> bool:
    """Whether `kept` differs from `whole` only by `?` or U+FFFD for characters beyond ASCII."""
    if len(kept) != len(whole) or kept == whole:
        return False
    return all(a == b or (a in ("?", _MARK) and not b.isascii()) for a, b in zip(kept, whole, strict=True))


def _marked(mark: str) -> Way:
    """A function that puts the mark in the place of each lost character."""
    return lambda text, lost: "".join(mark if c in lost else c for c in text)


def _in_gbk(text: str) -> str:
    """The text without the characters that GBK lacks."""
    return text.encode("gbk", "ignore").decode("gbk")


def _without(text: str, lost: frozenset[str]) -> str:
    """The text without the lost characters."""
    return "".join(c for c in text if c not in lost)


def _bare(text: str, _: frozenset[str]) -> str:
    """The text with bare letters, and without what has none."""
    return unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode()


def _dropped(text: str, _: frozenset[str]) -> str:
    """The text without its characters beyond ASCII."""
    return text.encode("ascii", "ignore").decode()


def _spelled(text: str, lost: frozenset[str]) -> str:
    """The bare text with marked letters spelled out."""
    return _bare(text.translate(_SPELLED), lost)


_WAYS: tuple[Way, ...] = (_marked("?"), _marked(_MARK), _without)
_WAYS_TO_ASCII = (*_WAYS, _bare, _dropped, _spelled)

__all__ = ["are_characters_lost", "lost_to_encoding"]
