"""Names of senders in lines of text without what a form writes around them."""

from itertools import takewhile

import polars as pl

from reconcile.column_ops import all_contain, filled, kept_for_few, lacks, occurs, present
from reconcile.formats.inferred.times.times_in_lines import MARKS

# Signs of emphasis, which a form may write around names, and with which names may begin and end.
EMPHASIS = "*_`~"
# A sign of lists stands apart from them.
_LISTS = r"(?:[-–—•·▪►|+>*]\s+)*"
_BEGIN_MARKS, _END_MARKS = (
    rf"^({_LISTS}(?:[#|]?(?:[\[【]|<@?)|[{EMPHASIS}='\"<\[【]*))",
    rf"^({_LISTS}[{EMPHASIS}='\">\]】]*)",
)
_FRAMED = [rf"^[^\w]*?{m}(\S|\S.*?\S)(?:{m})?$" for m in (r"\*\*", "__")]
# From whom a message went to whom, as meetings state it.
_FROM_TO = r"(?i)^(?:from|von|de|da|van|от|从|由)\s+(\S.*?)\s+(?:to|an|à|a|para|aan|для|到|给|发给)\s+\S.*$"
# What a form puts around a name.
_SHORT_NUMBER = r"^\W*[0-9]{1,2}\W*$"
_HEADING, _SENDER_WORD, _WROTE, _VERB = (
    r"^(?:#{1,6}|>)\s+",
    r"(?i)^,?\s*(?:sender|from|author|发送者|发送人|发言人)[\s:：]+|^,\s*",
    r"(?i)\s(?:wrote|writes|said|says|schrieb|a écrit|escribió|at|on|am|le)$|\s?(?:写道|说道?|发送(?:文字|文本)?(?:消息|信息)?|发言|回复|(?:发微信|发消息)?(?:称|表示))$",
    r"^(?:wrote|said|schrieb|sagte|a écrit|escribió|scrisse|schreef|skrev|napisał|написал)\s+",
)

# Least different names that show which words around them are not part of the name (of signs two), and most looked at.
_LEAST_FRAMED, _FEW_FRAMED = 3, 1_000


@kept_for_few
def bare_names(names: pl.Series) -> pl.Series:
    """The names without the marks that a form writes around all of them. Two names never become one.

    `~ ` before people who are no contacts is left out, too.
    """
    plain = names.str.replace_all(rf"[{MARKS}]", "") if occurs(rf"[{MARKS}]", names) else names
    clean = without_shared_marks(plain.str.strip_chars())
    if occurs("~", clean):
        known = clean.str.replace(r"^~[\s\u00a0\u202f]+", "")
        clean = clean if known.n_unique() < clean.n_unique() else known
    clean = without_shared_words(without_shared_marks(clean.str.strip_chars_end(":：").str.strip_chars()))
    if all_contain(held := present(clean), "[,，]$"):
        # The sign before the words that lead to the time.
        clean = clean.str.strip_chars_end(",，") if held.len() else clean
    # A name of marks alone is a name, and a bracket of which one half is left is its own.
    name = pl.col("clean")
    name = pl.when(name.str.contains(r"^[^\[]*\]")).then("[" + name).otherwise(name)
    name = pl.when(name.str.contains(r"\[[^\]]*$")).then(name + "]").otherwise(name)
    return pl.DataFrame({"clean": clean, "name": names}).select(
        pl.when(pl.col("clean") == "").then(pl.col("name").str.strip_chars()).otherwise(name).alias("name")
    )["name"]


@kept_for_few
def without_shared_marks(names: pl.Series) -> pl.Series:
    """The names without the marks of emphasis, quotes or brackets with which all of them begin or end."""
    one = names[0] if names.len() else None
    if one and one[0].isalpha() and one[-1].isalpha():
        # Without marks of its own, no name shares one with it.
        return names.str.strip_chars()
    distinct = present(names.replace("", None)).unique()
    for framed in _FRAMED if distinct.len() else ():
        if distinct.str.contains(framed).all():
            # A sign such as an arrow may stand before the emphasis of some.
            return names.str.replace(framed, "$1")
    before, behind = distinct.str.extract(_BEGIN_MARKS, 1), distinct.str.reverse().str.extract(_END_MARKS, 1)
    if distinct.is_empty():
        return names
    first, last = common_beginning(before), common_beginning(behind)[::-1]
    return names.str.strip_prefix(first).str.strip_suffix(last).str.strip_chars()


def common_beginning(texts: pl.Series) -> str:
    """The signs with which all texts begin."""
    both = zip(str(texts.min()), str(texts.max()), strict=False)
    return "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], both))


@kept_for_few
def without_shared_words(names: pl.Series) -> pl.Series:
    """The names without a word for sending that stands before or behind all of them."""
    names = _without_frame(names)
    distinct = present(names).unique()
    if distinct.len() and all_contain(distinct, _FROM_TO):
        return names.str.replace(_FROM_TO, "$1")
    for pattern in (_HEADING, _SENDER_WORD, _WROTE, _VERB):
        if distinct.len() <= 1 or not all_contain(distinct, pattern):
            continue
        bare = distinct.str.replace(pattern, "")
        # A word and a short number, as in `Author 1`, is a whole name.
        if not bare.str.contains(_SHORT_NUMBER).all():
            names, distinct = names.str.replace(pattern, ""), bare
    return names


def _without_frame(names: pl.Series) -> pl.Series:
    """The names without the same words before and behind all of them: `From Anna to Everyone`."""
    distinct = present(names).unique()
    if not 2 <= distinct.len() <= _FEW_FRAMED:
        return names
    words = [name.split() for name in distinct.to_list()]
    before = len(common_words(words))
    behind = len(common_words([w[before:][::-1] for w in words]))
    if not (before and behind and all(len(w) > before + behind for w in words)):
        return names
    if distinct.len() < _LEAST_FRAMED and not distinct.str.contains(r"^[^\w\s]+\s.*\s[^\w\s]+$").all():
        return names
    return names.str.strip_chars().str.replace(rf"^(?:\S+\s+){{{before}}}(.*?)(?:\s+\S+){{{behind}}}$", "$1")


def common_words(words: list[list[str]]) -> list[str]:
    """The words with which all lists begin."""
    return [w[0] for w in takewhile(lambda w: len({*w}) == 1, zip(*words, strict=False))]


def without_signs(names: pl.Series) -> pl.Series:
    """The names, null for mere signs, if one of these is an arrow or all other names stand in brackets.

    Logs mark notices like that.
    """
    if lacks(names, r"(?m)^\s*[-<>*=!]+\s*$"):
        return names
    bare = names.str.strip_chars()
    signs = filled(bare.str.contains(r"^[-<>*=!]+$"), value=False)
    if not signs.any():
        return names
    bracketed = filled(bare.str.contains(r"^<[^<>]+>$"), value=False)
    if bracketed.any() and (signs | bracketed | names.is_null()).all():
        return names.set(signs, None)
    arrows = signs & (bare.str.len_chars() > 1)
    is_log = names.filter(arrows).str.contains(r"-[>]|[<]-|<=|=>").any()
    # Such a log marks those who may rule its channel.
    return names.set(signs, None).str.replace(r"^\s*[@+%&~!](\w)", "$1") if is_log else names
