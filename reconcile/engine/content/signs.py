"""Emoji and marks: which texts hold nothing else, and what tools leave of them."""

from reconcile.engine.content.lost_signs import EMOJI
from reconcile.engine.content.quotations import parted
from reconcile.engine.params import PARAMS
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_classes import OTHER, STICKER, WORDS
from reconcile.wechat.kinds import kind_of_placeholder
from reconcile.wechat.text import canonical

# Names for any emoji, without saying which.
ANY_SIGN = lazy_pattern(
    r"⟦(?:表情|动画表情|emoji|Emoji|sticker|Sticker)⟧|\[(?:表情|动画表情|emoji|Emoji|sticker|Sticker)\]"
)
SIGN = lazy_pattern(EMOJI)
# Characters that older encodings and tables lack.
WIDE = r"[\x{10000}-\x{10FFFF}]"
# What a text of emoji alone looks like, as characters or names in brackets.
LONE = r"^(?:\[[\p{Han}A-Za-z]{1,8}\]|[^\p{L}\p{N}]){1,8}$"
# Marks of a quoted message; such texts are split into reply and quotation before comparing.
QUOTED = lazy_pattern(r"引用|回复|[Rr]eply|[Qq]uote|「|^> ")
_SIGNS = lazy_pattern(r"⟦[^⟧]*⟧|[\W_]")


def are_signs_lost(left: str, right: str) -> bool:
    """Whether one text is only emoji or marks, and the other empty or a placeholder for any emoji.

    For quoting messages the replies are compared; if they quote different messages, the answer is no.
    """
    if left == right:
        return False
    (left, said), (right, other) = (parted(canonical(t)) if QUOTED.search(t) else (t, None) for t in (left, right))
    if said is not None and other is not None and not _may_be_one(said, other):
        return False
    for signs, mark in ((left, right), (right, left)):
        if _names_no_sign(mark.strip()) and is_signs(canonical(signs)) and canonical(signs) != canonical(mark):
            return True
    return False


# What encodings leave of a character that they lack.
_LEFT_OVER = lazy_pattern(r"[?\ufffd□]+")


def are_signs_replaced(texts: tuple[str, str], raw: tuple[str, str]) -> bool:
    """Whether one canonical text may be the other with each emoji replaced by `?` or the like.

    Emoji that the raw text writes as words in brackets are never lost so.
    """
    ways = (*texts, raw[0]), (*texts[::-1], raw[1])
    return any(any(ord(c) > 0xFFFF for c in stored) and leaves_marks(whole, kept) for whole, kept, stored in ways)


def leaves_marks(whole: str, kept: str) -> bool:
    """Whether one canonical text is the other with `?` or the like in place of some emoji."""
    first, *parts = _LEFT_OVER.split(kept)
    if not parts or len(parts) > PARAMS.two_loss_texts:
        return bool(parts) and SIGN.sub("", whole) == "".join((first, *parts))
    ends = {len(first)} if whole.startswith(first) else set()
    for part in parts:
        behind: set[int] = set()
        for end in ends:
            while (sign := SIGN.match(whole, end)) and (end := sign.end()) not in behind:
                behind.add(end)
        ends = {end + len(part) for end in behind if whole.startswith(part, end)}
    return len(whole) in ends


def _names_no_sign(mark: str) -> bool:
    """Whether a text is empty or a placeholder, which says of no emoji which one it is."""
    return not mark or (not canonical(mark).startswith("⟦") and kind_of_placeholder(mark) is not None)


def _may_be_one(said: str, other: str) -> bool:
    """Whether two quotations may be of one message: equal except for marks, or one cut off."""
    short, long = sorted((_SIGNS.sub("", said), _SIGNS.sub("", other)), key=len)
    return long.startswith(short) if short else not long or are_signs_lost(said, other)


def is_signs(canon: str) -> bool:
    """Whether a canonical text is only emoji and marks."""
    return bool(canon.strip()) and not _SIGNS.sub("", canon)


def is_emoji(canon: str) -> bool:
    """Whether a canonical text is only emoji and marks, with at least one emoji."""
    return is_signs(canon) and SIGN.search(canon) is not None


def is_lone_sign(classes: tuple[int, int], texts: tuple[str, str]) -> bool:
    """Whether one text is only emoji, and the other row a sticker or unknown kind without words."""
    if WORDS not in classes:
        return False
    at = classes.index(WORDS)
    unsaid = not texts[1 - at] or kind_of_placeholder(texts[1 - at]) is Kind.STICKER
    return classes[1 - at] in (STICKER, OTHER) and unsaid and is_emoji(parted(texts[at])[0])
