"""Words that a tool may have written in place of a record that is no text."""

import re
from collections.abc import Set as AbstractSet
from functools import lru_cache

from reconcile.engine.content.facts import facts_in, is_of_fields, name_in, unwrapped
from reconcile.engine.params import PARAMS
from reconcile.patterns import lazy_pattern
from reconcile.wechat.kind_classes import CLASS_OF, FILE, FORWARD, IMAGE, LINK, OTHER, PAYMENT, SHARED, VIDEO
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
