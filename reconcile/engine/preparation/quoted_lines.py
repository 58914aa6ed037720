"""Tells replies from the words they quote, where a form parts the two by a line end alone."""

from bisect import bisect_left

import polars as pl

from reconcile.column_ops import listed
from reconcile.engine.content.quotations import blankless
from reconcile.engine.params import PARAMS
from reconcile.patterns import lazy_pattern

_MARKS = ("引用", "回复")
_HEAD = lazy_pattern(r"(?s)\A\[?(?:引用|回复)\]?[^:：\n]{1,80}[:：][ \xa0]*(?=[^\n]*\n[^\n]*\n)")


def with_joined_quotations(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows, with quoted lines in one line where the chat holds a message of just these lines.

    Without that message, nothing tells where the quoted words end and the reply begins.
    """
    text = pl.col("text")
    marked = rows.select("pair", "text").with_row_index("n").filter(
        text.str.contains_any(list(_MARKS)), text.str.count_matches("\n", literal=True) > 1
    )  # fmt: skip
    marked = marked.filter(text.str.contains(r"\A\[?(?:引用|回复)")).drop_nulls()
    if marked.is_empty():
        return rows
    whole = rows.filter(pl.col("pair").is_in(listed(marked["pair"].unique())), text.str.contains("\n", literal=True))
    held = {(pair, blankless(said)) for pair, said in whole.select("pair", "text").unique().iter_rows()}
    told = [_joined(pair, said, held) for pair, said in marked.select("pair", "text").iter_rows()]
    return rows.with_columns(rows["text"].scatter(marked["n"], told))


def _joined(pair: int, text: str, held: set[tuple[int, str]]) -> str:
    """The text with its quoted lines in one line, or as it is."""
    head = _HEAD.match(text)
    if head is None:
        return text
    lines = text[head.end() :].split("\n")
    for end in range(len(lines) - 1, 1, -1):
        if (pair, blankless("".join(lines[:end]))) in held:
            said = " ".join(line.strip() for line in lines[:end])
            return "\n".join([head[0] + said, *lines[end:]])
    return text


# A name and words behind the last lines of a text, as a print shows the message that is answered.
_BEHIND = r"(?s)\A(?P<reply>.*\S)\s*\n[ \t]*(?P<name>[^\n:：]{1,30})[:：][ \t]*(?P<said>.*?)\s*\z"


def with_marked_quotations(rows: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """The rows, with a mark before a last line `name: words` that repeats a message of the chat.

    The name is that of somebody who writes in the chat. The message may stand on the other side (`other`) alone. Of a
    long one, its beginning is enough, and of a picture or sign, which a print does not show, nothing.
    """
    text = pl.col("text")
    told = rows.select("pair", "text").with_row_index("n").filter(text.str.contains(r"\n[^\n]*[:：]")).drop_nulls()
    if told.is_empty():
        return rows
    told = told.with_columns(text.str.extract_groups(_BEHIND).alias("parts")).unnest("parts").drop_nulls("said")
    names = pl.concat(
        rows.select("pair", pl.col(c).cast(pl.String).alias("name"))
        for c in ("sender_name", "sender")
        if c in rows.columns
    )
    told = told.join(names.drop_nulls().unique(), on=["pair", "name"], how="semi", maintain_order="left")
    if told.is_empty():
        return rows
    of_them = pl.col("pair").is_in(listed(told["pair"].unique()))
    spoken = pl.concat(f.filter(of_them).select("pair", "text").drop_nulls() for f in (rows, other))
    held = sorted({(pair, blankless(said)) for pair, said in spoken.iter_rows()})
    marked = {
        n: f"{reply}\n引用：{name}：{' '.join(said.split())}"
        for n, pair, reply, name, said in told.select("n", "pair", "reply", "name", "said").iter_rows()
        if _is_said(held, (pair, blankless(said)))
    }
    return rows.with_columns(rows["text"].scatter([*marked], [*marked.values()])) if marked else rows


def _is_said(held: list[tuple[int, str]], asked: tuple[int, str]) -> bool:
    """Whether the words are one of these messages, long and the beginning of one, or none."""
    if not asked[1]:
        return True
    at = bisect_left(held, asked)
    if at == len(held):
        return False
    is_long = len(asked[1]) >= PARAMS.cut_characters_least
    return held[at] == asked or (is_long and held[at][0] == asked[0] and held[at][1].startswith(asked[1]))


__all__ = ["with_joined_quotations", "with_marked_quotations"]
