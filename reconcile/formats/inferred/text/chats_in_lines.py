"""Titles between the messages of a text: those that name the chat of what stands below them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from reconcile.column_ops import none_of, occurs
from reconcile.formats.inferred.chat_titles import PARTS, WITH, judged
from reconcile.formats.inferred.times.times_in_lines import FULL
from reconcile.formats.inferred.words.bodies_in_lines import DAY_LINE
from reconcile.wechat.named_days import fitted

# Most lines with words between a title and the messages below it, and the longest title.
_FARTHEST, _LONGEST = 12, 80
# What titles of one text have in common.
_MARKS = ("lead", "label", "tail", "above", "below", "bare")
# What parts the names in a list of people.
_BETWEEN_NAMES = r"\s*[,，、;；&]\s*"
# A line of signs alone.
_RULE = r"^[-—–─━═=_*#~+]{3,}$"


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


def chats_of(
    lines: pl.Series, is_header: pl.Series, days: pl.Series, places: pl.Series, said: Callable[[], pl.DataFrame]
) -> Chats:
    """The titles between messages, and the chat of each line where they name chats.

    A title stands as far above the next message as one above the first message, between the same signs, with the same
    label, and has other words. Titles that are set off and name no chats are no words either.
    `places`: the first line of each message. `said`: time (`at`) and sender of each.
    """
    first = int(places[0])
    nothing = Chats(none_of(lines))
    if not first or not lines.head(first).str.contains(r"\w").any():
        return nothing
    table = _with_bare_titles(_lines_above_messages(lines, is_header, days), first, said)
    unclear = None
    for title in table.filter(pl.col("at") < first).iter_rows(named=True):
        found = _like(table, title, first)
        if found.height < 2:
            continue
        sections = said().with_columns(_section(places, found["at"]))
        # Without signs around them, only the people below them tell that titles name chats.
        shown = "" if title["bare"] else title["text"]
        names, are_chats = judged(shown, found["core"].to_list(), sections, has_label=bool(title["label"]))
        if are_chats:
            return Chats(_marked(lines, is_header, found["at"]), _spread(lines, found["at"], names))
        if len({*names}) > 1 and not title["bare"] and found["set_off"].slice(1).all() and unclear is None:
            asked = are_chats is None
            told = _spread(lines, found["at"], names) if asked else None
            unclear = Chats(_marked(lines, is_header, found["at"]), told, asked)
    return unclear or nothing


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
        ~days[frame["at"]],
    )
    if occurs("[0-9]", near["text"]):
        # Two patterns that are compiled already, where one of both takes 6 ms.
        near = near.filter(
            ~(pl.col("text").str.contains(fitted(DAY_LINE, lines)) | pl.col("text").str.contains(fitted(FULL, lines)))
        )
    return near.with_columns(pl.col("text").str.extract_groups(PARTS).alias("p")).unnest("p").fill_null("")


def _with_bare_titles(table: pl.DataFrame, first: int, said: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """The lines, with a mark of those that may be titles by their words.

    They are a name alone, speak of a chat with somebody or list people who write. Only a list needs no empty line above it.
    """
    is_bare = pl.all_horizontal(pl.col(m).str.strip_chars() == "" for m in _MARKS[:5])
    is_list = pl.col("text").str.contains(_BETWEEN_NAMES)
    if not table.select((is_bare & (pl.col("set_off") | is_list) & (pl.col("at") < first)).any()).item():
        return table.with_columns(pl.lit("").alias("bare"))
    people = said()["sender"].drop_nulls().unique()
    names = pl.col("text").str.replace_all(_BETWEEN_NAMES, "\n").str.split("\n")
    all_write = names.list.eval(pl.element().is_in(people.implode())).list.all()
    kind = (
        pl.when(is_list & all_write).then(pl.lit("list"))
        .when(pl.col("set_off") & pl.col("text").str.contains(f"^{WITH}$")).then(pl.lit("with"))
        .when(pl.col("set_off") & pl.col("text").is_in(people.implode())).then(pl.lit("name"))
    )  # fmt: skip
    return table.with_columns(pl.when(is_bare).then(kind).fill_null("").alias("bare"))


def _like(table: pl.DataFrame, title: Mapping[str, object], first: int) -> pl.DataFrame:
    """The title, and the lines between messages that are written like it; none where nothing marks it."""
    same = pl.all_horizontal(pl.col(m) == title[m] for m in (*_MARKS, "distance"))
    if not any(str(title[m]).strip() for m in _MARKS):
        return table.clear()
    return table.filter(same, (pl.col("at") == title["at"]) | (pl.col("at") > first))


def _section(places: pl.Series, titles: pl.Series) -> pl.Series:
    """The number of titles above each place."""
    return titles.cast(pl.Int64).search_sorted(places.cast(pl.Int64), side="left").alias("section")


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
