"""Titles above messages of any container: whether they name chats, and how."""

import re
from itertools import pairwise

import polars as pl

from reconcile.formats.inferred.people.place_values import common_text
from reconcile.patterns import lazy_pattern
from reconcile.wechat.owner_words import PEER_WORDS, SELF_WORDS

# The signs and the label around a name.
PARTS = r"^(?P<lead>[^\w\s]*\s*)(?P<label>[^:：\s][^:：]{0,15}[:：]\s*)?(?P<core>.*?)(?P<tail>\s*[^\w\s]*)$"
_COUNTED = r"\s*[(（\[]\s*共?\s*[0-9,]+\s*(?:条|人|messages?|msgs?)[^()（）\[\]]{0,20}[)）\]]$"
# Words that say of a title that it names a chat, and what they leave of it.
_OF_A_CHAT = r"(?i)会话|会話|对话|對話|聊天|群|联系人|聯絡人|好友|对象|客户|访客|买家|\b(?:chats?|conversations?|contacts?|sessions?|rooms?|channels?|groups?|threads?|with|customers?|visitors?)\b"
WITH = r"(?:与|和|跟)?\s*[“「『【\"]?(?P<name>.+?)[”」』】\"]?\s*的?(?:微信)?(?:聊天|对话|会话|沟通|消息)(?:记录|内容)?"
_GROUP = lazy_pattern(r".*群聊?")
# Numbers, days, months and parts of a whole.
_PERIOD = lazy_pattern(
    r"(?i)(?:[\W\d_年月日周週号第天章节節部分期一二三四五六七八九十零〇上中下旬半星期至到]|january|february|march|april|may|june|july|august"
    r"|september|october|november|december|(?:mon|tues|wednes|thurs|fri|satur|sun)day|week|month|day|part|page|chapter)+"
)
# Least share of titles that name somebody who writes below them and not below every title.
_NAMED = 0.5


def judged(text: str, words: list[str], sections: pl.DataFrame, *, has_label: bool) -> tuple[list[str], bool | None]:
    """The names in titles, and whether they name chats; None where the user has to say.

    They do where they say so, where they name people who write below them alone, or where other people write below each.
    Titles between which the same people go on are chapters.

    Args:
        text: the first title.
        words: each title without the signs and the label that all share.
        has_label: whether a label stands before the words.
        sections: number of the title above (from 1), time (`at`) and sender of each message.
    """
    names = _names_in(words, has_label=has_label)
    if len({*names}) < 2 or _count_pages(names) or all(_PERIOD.fullmatch(n) for n in names):
        return names, False
    if _name_chats(text, names, sections):
        return names, True
    return names, False if _go_on(sections) else None


def _names_in(words: list[str], *, has_label: bool) -> list[str]:
    """The words of titles without those that all share, and without a number of messages."""
    words = [re.sub(_COUNTED, "", w) for w in words]
    if all(told := [re.fullmatch(WITH, w) for w in words]) and not has_label:
        return [m["name"] for m in told if m]
    begin = len(re.sub(r"[^:：\s]*$", "", common_text(words)))
    words = [w[begin:] for w in words]
    end = len(re.sub(r"[^\s]*$", "", common_text([w[::-1] for w in words])))
    return [w[: len(w) - end].strip() or w for w in words]


def _count_pages(names: list[str]) -> bool:
    """Whether names differ in a number alone that goes up by one, as the heads of printed pages do."""
    numbers = [re.search(r"[0-9]+", n) for n in names]
    same = {n.replace(m[0], "", 1) for n, m in zip(names, numbers, strict=True) if m}
    return all(numbers) and len(same) == 1 and all(int(b[0]) - int(a[0]) == 1 for a, b in pairwise(numbers) if a and b)


def _name_chats(text: str, names: list[str], sections: pl.DataFrame) -> bool:
    """Whether titles name chats, by their words or by the people below them."""
    shown = text.replace(names[0], "", 1)
    if re.search(_OF_A_CHAT, shown) or all(_GROUP.fullmatch(n) for n in names):
        return True
    people = _people(sections)
    if len(people) < 2 or not all(people.values()):
        return False
    everywhere = set.intersection(*people.values())
    told = sum(any(_names(names[n - 1], p) for p in who - everywhere) for n, who in people.items())
    apart = all(not (a & b) - everywhere for a, b in pairwise(people.values()))
    several = all(len(who) > 1 for who in people.values())
    return told > _NAMED * len(people) or (apart and several and len(everywhere) <= 1)


def _names(title: str, person: str) -> bool:
    return person == title or (len(person) > 1 and person in title)


def _people(sections: pl.DataFrame) -> dict[int, set[str]]:
    """Number of each title -> who writes below it."""
    held = (
        sections.filter(pl.col("section") > 0).group_by("section", maintain_order=True).agg(pl.col("sender").unique())
    )
    return {n: {p for p in who if p} for n, who in held.iter_rows()}


def _go_on(sections: pl.DataFrame) -> bool:
    """Whether the same named people write below all titles, and each part is later than the one above it."""
    people = _people(sections)
    ends = sections.group_by("section", maintain_order=True)
    told = ends.agg(pl.col("at").min().alias("first"), pl.col("at").max().alias("last"))
    later = bool((told["first"].shift(-1) >= told["last"]).drop_nulls().all())
    everybody, everywhere = set[str]().union(*people.values()), set.intersection(*people.values())
    return (
        later
        and bool(everybody)
        and not everybody & {*SELF_WORDS, *PEER_WORDS}
        and (len(everybody) <= 2 or len(everywhere) > 1)
    )
