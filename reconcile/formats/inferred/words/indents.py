"""Texts without the indent or the mark that a form sets before all their lines."""

import re

import polars as pl

from reconcile.patterns import lazy_pattern

# The indent of a text, and the most lines that may begin alike by chance.
_FEW_LINES = 2
_MARK = lazy_pattern(r"[ \t]*(?:[|>│┃][ \t]*)?")
# Least distance of the words in a heading from the beginning of the line.
_LEAST_INDENT = 2


def without_hanging_indent(body: pl.Series, indents: pl.Series) -> pl.Series:
    """The further lines of messages without the blanks that set them below the words of the first line.

    Unchanged where any line stands nearer.
    """
    held = pl.DataFrame({"body": body, "indent": indents}).with_row_index("at").filter(pl.col("body") != "")
    if held.is_empty():
        return body
    lines = held.with_columns(pl.col("body").str.split("\n")).explode("body")
    blank = pl.col("body").str.strip_chars() == ""
    stands = pl.col("body").str.len_chars() - pl.col("body").str.strip_chars_start(" ").str.len_chars()
    if not lines.select((blank | (stands >= pl.col("indent"))).all()).item() or bool(
        (held["indent"] < _LEAST_INDENT).any()
    ):
        return body
    moved = lines.with_columns(pl.col("body").str.slice(pl.col("indent")))
    joined = moved.group_by("at", maintain_order=True).agg(pl.col("body").str.join("\n"))
    return body.scatter(joined["at"], joined["body"])


def without_prefix(body: pl.Series) -> pl.Series:
    """The texts without the mark that every line of all of them begins with (`> `, blanks of an indent)."""
    held = body.filter(body != "")
    lines = held.str.split("\n").explode()
    lines = lines.filter(lines.str.strip_chars() != "")
    first, last = str(lines.min() or ""), str(lines.max() or "")
    mark = _MARK.match(first)[0]  # type: ignore[index]
    while not last.startswith(mark):
        mark = mark[:-1]
    # A single text counts as indented by the form only if the indent is wider than people type.
    if mark and lines.len() > 1 and (mark.startswith(("    ", "\t")) or (held.len() > 1 and lines.len() > _FEW_LINES)):
        sign = mark.rstrip()
        return body.str.replace_all(rf"(?m)^{re.escape(sign)} ?" if sign else rf"(?m)^{mark}", "")
    # Some forms indent the first line alone.
    begins = held.str.extract(r"^([ \t]*)", 1)
    return body.str.strip_prefix(begins[0]) if begins.len() > 2 and begins[0] and begins.n_unique() == 1 else body
