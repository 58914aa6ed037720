"""Removes what the author of a message did not write: a lawyer's note, a client's mark of an edit."""

import polars as pl

from reconcile.column_ops import listed
from reconcile.wechat.chinese_script import in_both_scripts
from reconcile.wechat.whatsapp_languages import in_all_languages

# Who writes about a chat, and not in it. A bare `注` may be the author's own.
_WRITER = "(?:代理)?律师|代理人?|辩护人|原告|被告|当事人|申请人|公证员|书记员|法官|整理[者人]?|编[者辑]|摘录[者人]?|举证[者人]?"
_LABEL = (
    in_both_scripts(rf"(?:{_WRITER})(?:批注|备注|注|按)|批注")
    + r"|(?i:(?:lawyer|counsel|attorney|solicitor|editor)'?s? note)"
)
_NOTE = rf"\s*\n[ \t]*[【\[(（〔](?:{_LABEL})[:：】\])）〕][^\n]*\s*\z"
# A client marks an edited message in brackets behind its words. In Chinese, `编辑` alone may be the author's request.
_CLOSED = r"[）)\]】>]\s*$"
_EDITED = (
    r"(?s)^(.*\S)\s*[（(\[【<]\s*"
    r"(?:(?:此|该|這|这条|此条)?(?:消息|訊息)?(?:已(?:经|被)?(?:编辑|編輯)|(?:编辑|編輯)[过過])"
    rf"|(?i:(?:[^\W\d_]{{2,10}} )?(?:{in_all_languages('edited', besides=('zh',))})[^\W\d_]{{0,8}}))\s*[）)\]】>]\s*$"
)


def without_edit_remarks(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows without the client's mark of an edit; `tailed` says where one was removed.

    One client shows the mark and another does not. The words before it are compared like every text.
    """
    closed = rows["text"].str.contains(_CLOSED)
    if not closed.any():
        return rows
    bare = rows["text"].set(~closed.fill_null(value=False), None).str.extract(_EDITED, 1)
    return rows.with_columns(
        bare.fill_null(rows["text"]).alias("text"), (bare.is_not_null() | rows["tailed"]).alias("tailed")
    )


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


__all__ = ["without_edit_remarks", "without_notes"]
