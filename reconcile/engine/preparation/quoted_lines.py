"""Joins the lines of a quoted message, where a form parts quoted words and reply by a line end alone."""

import polars as pl

from reconcile.column_ops import listed
from reconcile.engine.content.quotations import blankless
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


__all__ = ["with_joined_quotations"]
