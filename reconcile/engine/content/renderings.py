"""Words that a tool may have written in place of a record that is no text."""

import re
from collections.abc import Set as AbstractSet
from functools import lru_cache

from reconcile.engine.content.facts import (
    LABEL,
    LENGTH,
    NAMES_OF_KINDS,
    facts_in,
    is_of_fields,
    name_in,
    seconds_of,
    unwrapped,
)
from reconcile.engine.params import PARAMS
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_classes import CLASS_OF, FILE, FORWARD, IMAGE, LINK, OTHER, PAYMENT, SHARED, VIDEO
from reconcile.wechat.kind_names import KIND_NAMES
from reconcile.wechat.kinds import CARD_LOOK, KIND_NAME, UNSHOWN, kind_of_placeholder

# A mark alone in any brackets: people put headings before their words in such, too. The client's own emoji are content,
# and stand in brackets of their own in canonical text.
_MARK = lazy_pattern(r"\A[\[【<〈{〔][^\[\]【】<>〈〉{}〔〕⟦⟧\n]{1,12}[\]】>〉}〕]\Z")
# A link is the address that it leads to, behind its title or alone.
_ADDRESS = lazy_pattern(r"(?:[^\n]{1,200}\s)?https?://[^\s\u4e00-\u9fff]+")
# An address among words ends before the brackets, quotes and tags that tools put around it.
_AMONG_WORDS = lazy_pattern(r"https?://[^\s<>\"'）)\]】\u4e00-\u9fff]+")
# A forwarded bundle without its title is its lines, each behind the name of who said it.
_BUNDLE = lazy_pattern(r"[^\n:]{1,30}: ?\S[^\n]*\n(?:[^\n]*\n)*?[^\n:]{1,30}: ?\S")
# The names of kinds, the longest first, what else people and tools write around the facts of a record, and whom it went to.
_NAMES = "|".join(sorted(NAMES_OF_KINDS.removeprefix("(?:").removesuffix(")").split("|"), key=len, reverse=True))
_KIND = lazy_pattern(rf"{_NAMES}|定位|收款")
_AROUND = lazy_pattern(
    rf"(?i){LABEL}|(?:{_NAMES})(?:消息|分享)?|发送|发(?=红包|图片|视频|语音)|(?:确认|已)(?=收款)|转发|分享|上传|微信|定位|时长|整|元|[\W_]"
)
_PLACED = lazy_pattern(r"[\[【]")
_TO_WHOM = lazy_pattern("[给向](?:你|对方)")
_CENTS = lazy_pattern(r"(?<=\d)\.00?(?!\d)|(?<=\d),(?=\d{3})")
_TIMED = lazy_pattern("语音|视频|通话|时长")
_ANY = -1


@lru_cache(maxsize=65_536)
def _classes(words: str) -> frozenset[int]:
    """The classes whose records a tool may have written as these canonical words; _ANY = every class."""
    shown = words[: PARAMS.rendering_characters]
    if (kind := kind_of_placeholder(shown)) is not None:
        return frozenset({_ANY if CLASS_OF[kind] == OTHER else CLASS_OF[kind]})
    if _ADDRESS.fullmatch(words):
        return frozenset({LINK})
    if _MARK.match(shown) or re.match(KIND_NAME, shown) or re.match(UNSHOWN, shown):
        return frozenset({_ANY})
    if words and name_in(words) == unwrapped(words):
        return frozenset({FILE, IMAGE, VIDEO, OTHER})
    if is_of_fields(words) and facts_in(words, PAYMENT).amount is not None:
        return frozenset({PAYMENT})
    looks = frozenset({*SHARED, OTHER}) if re.search(CARD_LOOK, shown) else frozenset()
    return looks | {FORWARD} if _BUNDLE.match(words) else looks


def stand_for(words: str, cls: int) -> bool:
    """Whether canonical words look like what a tool writes for a record of this class."""
    classes = _classes(words)
    # A payment names its kind or a sum.
    is_other = OTHER in classes and cls != PAYMENT
    return is_other or bool({_ANY, cls} & classes) or (cls in SHARED and not classes.isdisjoint(SHARED))


def of_one_address(words: str, shown: str) -> bool | None:
    """Whether words and a link show one address; None where one of them shows none."""
    both = [set(_AMONG_WORDS.findall(t)) for t in (words, shown)]
    return not both[0].isdisjoint(both[1]) if all(both) else None


def may_stand_for(words: str, cls: int, kind: str, known: AbstractSet[str], absent: AbstractSet[str]) -> bool:
    """Whether canonical words may be how their export shows a record of another class.

    A form that leaves a kind out, or has a mark of its own for it, writes no words for such records.

    Args:
        words: the canonical words.
        cls: class of the record.
        kind: its kind.
        known: kinds that the export of the words holds.
        absent: kinds for which its form writes no words.
    """
    # An export without unknown kinds may still show such records as words, so this is no evidence.
    return stand_for(words, cls) or (cls != OTHER and kind not in known and kind not in absent)


def tell_one_record(left: str, right: str) -> bool | None:
    """Whether two canonical texts tell one record in words of their own; None where that is unclear.

    Both name one kind and state the same facts, or one of them is the bare name of the file that the other one tells.
    It is unclear where one of them does not name the kind, or nothing else.
    """
    texts = (left, right)
    shown = [_AMONG_WORDS.findall(t) for t in texts]
    words = [re.sub(r"[\W_]", "", t) for t in texts]
    # Of two texts that differ in signs alone, the signs decide.
    if (all(shown) and shown[0] != shown[1]) or words[0] == words[1]:
        return False
    named = [
        {KIND_NAMES.get(w, w) for w in _KIND.findall(t)} | ({Kind.LINK} if u else set())
        for t, u in zip(texts, shown, strict=True)
    ]
    one, two = map(_facts_told, texts)
    if all(named):
        return _state_the_same(one, two, named[0]) if named[0] == named[1] else False
    if not any(named) or one != two:
        return False
    if any(name_in(t) == t for t in texts):
        return True
    # Placeholders in brackets are compared elsewhere.
    return False if any(map(_PLACED.match, texts)) else None


def _state_the_same(one: str, two: str, kinds: AbstractSet[str]) -> bool | None:
    """Whether the facts of records of one kind are the same; None where one tells more, or to whom."""
    if one == two:
        return True
    # A place may be told with its address or without.
    tells_more = not one or not two or (kinds == {Kind.LOCATION} and (one in two or two in one))
    return None if tells_more or _TO_WHOM.sub("", one) == _TO_WHOM.sub("", two) else False


def _facts_told(words: str) -> str:
    """The words without what stands around facts; a length in seconds, a sum without empty places."""
    words = _AMONG_WORDS.sub(" ", words)
    if _TIMED.search(words) and (length := LENGTH.search(words)):
        words = f"{words[: length.start()]} {seconds_of(length)} {words[length.end() :]}"
    return _AROUND.sub("", _CENTS.sub("", words))
