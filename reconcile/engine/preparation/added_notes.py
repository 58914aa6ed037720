"""Removes the notes that a lawyer or an editor wrote below messages of a file for the court."""

import polars as pl

from reconcile.column_ops import listed
from reconcile.wechat.chinese_script import in_both_scripts

# Who writes about a chat, and not in it. A bare `注` may be the author's own.
_WRITER = "(?:代理)?律师|代理人?|辩护人|原告|被告|当事人|申请人|公证员|书记员|法官|整理[者人]?|编[者辑]|摘录[者人]?|举证[者人]?"
_LABEL = (
    in_both_scripts(rf"(?:{_WRITER})(?:批注|备注|注|按)|批注")
    + r"|(?i:(?:lawyer|counsel|attorney|solicitor|editor)'?s? note)"
)
_NOTE = rf"\s*\n[ \t]*[【\[(（〔](?:{_LABEL})[:：】\])）〕][^\n]*\s*\z"


def without_notes(rows: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """The rows without such notes; `tailed` says where one was removed.

    Only where the other side has none in that chat: words in it may be a message's own. What stands above a note is
    compared like every text.
    """
    pairs = _pairs_with_notes(rows)
    if pairs.is_empty() or (noted := pairs.filter(~pairs.is_in(_pairs_with_notes(other).implode()))).is_empty():
        return rows
    bare = pl.col("text").str.replace(_NOTE, "")
    is_noted = pl.col("pair").is_in(listed(noted)) & (bare != pl.col("text")) & (bare != "")
    is_noted = is_noted.fill_null(value=False)
    return rows.with_columns(
        pl.when(is_noted).then(bare).otherwise("text").alias("text"), (is_noted | pl.col("tailed")).alias("tailed")
    )


def _pairs_with_notes(rows: pl.DataFrame) -> pl.Series:
    """The pairs of chats with a note below a text of this side."""
    # Nearly all texts are one line.
    lines = rows.filter(pl.col("text").str.contains("\n", literal=True))[["pair", "text"]]
    noted = lines.filter(pl.col("text").str.contains(_NOTE)) if lines.height else lines
    return noted["pair"].drop_nulls().unique() if noted.height else noted["pair"]


__all__ = ["without_notes"]
