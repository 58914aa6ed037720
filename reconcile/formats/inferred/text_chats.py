"""Titles between the messages of a text: those that name the chat of what stands below them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise, takewhile

import polars as pl

from reconcile.formats.inferred.text_bodies import DAY_LINE
from reconcile.formats.inferred.text_times import FULL
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import parse_time_column

# Most lines with words between a title and the messages below it, and the longest title.
_FARTHEST, _LONGEST = 12, 80
# The signs and the label around a name, and a line of signs alone.
_PARTS = r"^(?P<lead>[^\w\s]*\s*)(?P<label>[^:：\s][^:：]{0,15}[:：]\s*)?(?P<core>.*?)(?P<tail>\s*[^\w\s]*)$"
_RULE = r"^[-—–─━═=_*#~+]{3,}$"
_COUNTED = r"\s*[(（\[]\s*共?\s*[0-9,]+\s*(?:条|人|messages?|msgs?)[^()（）\[\]]{0,20}[)）\]]$"
# Words that say of a title that it names a chat, and what they leave of it.
_OF_A_CHAT = r"(?i)会话|会話|对话|對話|聊天|群|联系人|聯絡人|好友|对象|客户|访客|买家|\b(?:chats?|conversations?|contacts?|sessions?|rooms?|channels?|groups?|threads?|with|customers?|visitors?)\b"
_WITH = re.compile(r"(?:与|和|跟)?\s*(?P<name>.+?)\s*的?(?:微信)?(?:聊天|对话|会话|沟通|消息)(?:记录|内容)?")
_GROUP = re.compile(r".*群聊?")
# Least share of titles that name somebody who writes below them and not below every title.
_NAMED = 0.5


@dataclass(frozen=True, slots=True)
class Chats:
    """The chats of a text.

    Attributes:
        titles: the lines that are titles.
        names: for each line, the name of its chat; None where all lines are of one chat.
        is_asked: whether the user has to say that the titles name chats.
    """

    titles: pl.Series
    names: pl.Series | None = None
    is_asked: bool = False


def chats_of(lines: pl.Series, is_header: pl.Series, days: pl.Series, said: pl.DataFrame) -> Chats:
    """The titles between messages, and the chat of each line where they name chats.

    A title stands as far above the next message as one above the first message, between the same signs, with the same
    label, and has other words. It names a chat where it says so, where it names somebody who writes below it alone, or where
    other people write below each title. Titles between which the same people go on are chapters; in doubt it is asked.
    `said`: line, time and sender of each message.
    """
    table = _lines_above_messages(lines, is_header, days)
    first = int(said["line"][0]) - 1
    unclear = None
    for title in table.filter(pl.col("at") < first).iter_rows(named=True):
        found = _like(table, title, first)
        names = _names_in(found["core"].to_list(), has_label=bool(title["label"]))
        if len({*names}) < 2 or _count_pages(names):
            continue
        titles, sections = found["at"], said.with_columns(_section(said["line"], found["at"]))
        if _name_chats(found, names, sections):
            return Chats(_marked(lines, is_header, titles), _spread(lines, titles, names))
        if found["set_off"].slice(1).all() and unclear is None:
            asked = not _go_on(sections)
            unclear = Chats(_marked(lines, is_header, titles), _spread(lines, titles, names) if asked else None, asked)
    return unclear or Chats(pl.Series([False]).new_from_index(0, lines.len()))


def _lines_above_messages(lines: pl.Series, is_header: pl.Series, days: pl.Series) -> pl.DataFrame:
    """Lines with words that are no messages, with their parts and their distance to the next message."""
    frame = pl.DataFrame({"text": lines.str.strip_chars(), "head": is_header}).with_row_index("at")
    rule = pl.when(pl.col("text").str.contains(_RULE)).then("text").fill_null("")
    blank = pl.col("text") == ""
    frame = frame.with_columns(
        rule.shift(1, fill_value="").alias("above"),
        rule.shift(-1, fill_value="").alias("below"),
        (blank | (rule != "")).shift(1, fill_value=True).alias("set_off"),
    )
    frame = frame.filter(pl.col("head") | pl.col("text").str.contains(r"\w"))
    order = pl.int_range(pl.len())
    frame = frame.with_columns((pl.when("head").then(order).backward_fill() - order).alias("distance"))
    near = frame.filter(
        pl.col("distance").is_between(1, _FARTHEST),
        pl.col("text").str.len_chars() <= _LONGEST,
        ~days.gather(frame["at"]),
        ~pl.col("text").str.contains(rf"{DAY_LINE}|{FULL}"),
    )
    return near.with_columns(pl.col("text").str.extract_groups(_PARTS).alias("p")).unnest("p").fill_null("")


def _like(table: pl.DataFrame, title: Mapping[str, object], first: int) -> pl.DataFrame:
    """The title, and the lines between messages that are written like it; none where nothing marks it."""
    marks = ("lead", "label", "tail", "above", "below", "distance")
    same = pl.all_horizontal(pl.col(m) == title[m] for m in marks)
    if not any(str(title[m]).strip() for m in marks[:-1]):
        return table.clear()
    return table.filter(same, (pl.col("at") == title["at"]) | (pl.col("at") > first))


def _names_in(words: list[str], *, has_label: bool) -> list[str]:
    """The words of titles without those that all share, and without a number of messages."""
    words = [re.sub(_COUNTED, "", w) for w in words]
    if all(_WITH.fullmatch(w) for w in words) and not has_label:
        return [_WITH.fullmatch(w)["name"] for w in words]  # type: ignore[index]
    begin = len(re.sub(r"[^:：\s]*$", "", _shared(words)))
    words = [w[begin:] for w in words]
    end = len(re.sub(r"[^\s]*$", "", _shared([w[::-1] for w in words])))
    return [w[: len(w) - end].strip() or w for w in words]


def _shared(texts: list[str]) -> str:
    """The beginning that all texts share."""
    return "".join(c[0] for c in takewhile(lambda c: len({*c}) == 1, zip(*texts, strict=False)))


def _count_pages(names: list[str]) -> bool:
    """Whether names differ in a number alone that goes up by one, as the heads of printed pages do."""
    numbers = [re.search(r"[0-9]+", n) for n in names]
    same = {n.replace(m[0], "", 1) for n, m in zip(names, numbers, strict=True) if m}
    return all(numbers) and len(same) == 1 and all(int(b[0]) - int(a[0]) == 1 for a, b in pairwise(numbers) if a and b)


def _section(line: pl.Series, titles: pl.Series) -> pl.Series:
    """The number of titles above each line."""
    return titles.cast(pl.Int64).search_sorted(line.cast(pl.Int64) - 1, side="left").alias("section")


def _name_chats(found: pl.DataFrame, names: list[str], sections: pl.DataFrame) -> bool:
    """Whether titles name chats, by their words or by the people below them."""
    shown = found["text"][0].replace(names[0], "", 1)
    if re.search(_OF_A_CHAT, shown) or all(_GROUP.fullmatch(n) for n in names):
        return True
    people = _people(sections)
    if len(people) < 2 or not all(people.values()):
        return False
    everywhere = set.intersection(*people.values())
    told = sum(any(p in names[n - 1] for p in who - everywhere) for n, who in people.items())
    apart = all(not (a & b) - everywhere for a, b in pairwise(people.values()))
    several = all(len(who) > 1 for who in people.values())
    return told > _NAMED * len(people) or (apart and several and len(everywhere) <= 1)


def _people(sections: pl.DataFrame) -> dict[int, set[str]]:
    """Number of each title -> who writes below it."""
    held = (
        sections.filter(pl.col("section") > 0).group_by("section", maintain_order=True).agg(pl.col("sender").unique())
    )
    return {n: {p for p in who if p} for n, who in held.iter_rows()}


def _go_on(sections: pl.DataFrame) -> bool:
    """Whether the same people write below all titles, and each part is later than the one above it."""
    people = _people(sections)
    at = parse_time_column(sections["time"], ASSUMED_ZONE)["sent_at"]
    ends = sections.with_columns(at.alias("at")).group_by("section", maintain_order=True)
    told = ends.agg(pl.col("at").min().alias("first"), pl.col("at").max().alias("last"))
    later = (told["first"].shift(-1) >= told["last"]).drop_nulls().all()
    return bool(later) and len({frozenset(p) for p in people.values()}) == 1


def _marked(lines: pl.Series, is_header: pl.Series, titles: pl.Series) -> pl.Series:
    """Which lines belong to titles: down to the next message, and up as far as all are alike."""
    nothing = pl.Series([None], dtype=pl.Boolean).new_from_index(0, lines.len())
    marked = nothing.scatter(is_header.arg_true(), values=False).scatter(titles, values=True)
    marked = marked.fill_null(strategy="forward").fill_null(value=False)
    bare = lines.str.strip_chars()
    shape = bare.str.extract(r"^([^:：]{1,15}[:：])", 1).fill_null(bare)
    above = titles.cast(pl.Int64)
    for step in range(1, _FARTHEST):
        at = above - step
        if at.is_empty() or (at < 0).any() or is_header.gather(at).any() or shape.gather(at).n_unique() > 1:
            break
        marked = marked.scatter(at, values=True)
    return marked


def _spread(lines: pl.Series, titles: pl.Series, names: list[str]) -> pl.Series:
    """For each line, the name in the last title at or above it."""
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, lines.len())
    return nothing.scatter(titles, names).fill_null(strategy="forward")
