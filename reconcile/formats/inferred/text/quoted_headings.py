"""Headings of messages that stand in quoted blocks, as Markdown sets the replies of a thread."""

import re

import polars as pl

from reconcile.column_ops import occurs
from reconcile.formats.inferred.times.times_in_lines import CLOCK

_QUOTED = r"^\s*(?:>\s?)+"
# Marks of Markdown, and a remark in brackets at the end.
_MARKS, _REMARK = r"^[\s>#*_`~-]+|\*\*|__|`", r"\s*[(（\[][^()（）\[\]]{1,20}[)）\]]\s*$"
_FIGURES = "[0-9]+"
# Least blocks that begin with a heading, so that no message merely cites another.
_LEAST = 2


def with_quoted_headings(lines: pl.Series) -> pl.Series:
    """The lines with quoted blocks that begin with a heading written as messages of their own.

    Such a heading differs from those outside the blocks in its marks and figures alone. Blocks that repeat the heading and
    the words of a message are quotations and stay.
    """
    if not occurs(">", lines):
        return lines
    quoted = lines.str.contains(_QUOTED)
    begins = quoted & ~quoted.shift(1, fill_value=False) & lines.str.contains(CLOCK)
    if int(begins.sum()) < _LEAST:
        return lines
    plain = lines.str.replace_all(_MARKS, "").str.replace(_REMARK, "").str.strip_chars().alias("plain")
    words = plain.replace("", None).shift(-1).fill_null(strategy="backward").alias("words")
    told = pl.DataFrame([lines.alias("line"), plain, words, plain.str.replace_all(_FIGURES, "0").alias("shape")])
    told = told.with_row_index("at")
    heads = told.filter(~quoted & lines.str.contains(CLOCK) & lines.str.contains(r"^\s*[#*_]"))
    usual = heads.filter(pl.len().over("shape") > 1).group_by("shape").agg(pl.col("line").first().alias("like"))
    own = told.filter(begins).join(usual, on="shape", maintain_order="left")
    own = own.join(heads, on=["plain", "words"], how="anti", maintain_order="left")
    if own.height < _LEAST:
        return lines
    inside = begins.cum_sum().set(~quoted, None).is_in(begins.cum_sum()[own["at"]].implode()).fill_null(value=False)
    # The figures of each heading stand between the words and marks of one outside the blocks.
    pairs = [(re.split(_FIGURES, like), [*re.findall(_FIGURES, one), ""]) for one, like in own["plain", "like"].rows()]
    written = ["".join(a + b for a, b in zip(*parts, strict=True)) for parts in pairs]
    return lines.scatter(inside.arg_true(), lines.filter(inside).str.replace(_QUOTED, "")).scatter(own["at"], written)
