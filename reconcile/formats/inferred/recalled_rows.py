"""Rows in which a service has replaced the words of a recalled message by a notice."""

from collections.abc import Mapping

import polars as pl

from reconcile.vocabulary import Kind
from reconcile.wechat.client_sentences import sentence_kind
from reconcile.wechat.kinds import each_once

_YES = ("true", "yes", "1", "y", "是", "已撤回", "已删除", "recalled", "deleted", "revoked")
_OPEN = (str(Kind.TEXT), str(Kind.OTHER))


def with_recalls(rows: pl.DataFrame, table: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """The rows with the kind of a recall where nothing but its notice is left.

    That is where the whole text is a client's notice, and where a column says that the message was deleted and no words
    are left. Words that are left are those of a message.
    """
    told = sentence_kind(pl.col("text")) == str(Kind.RECALL)
    flags = columns.get("deleted")
    if flags in table.columns:
        is_gone = each_once(table[flags], lambda some: some.str.strip_chars().str.to_lowercase().is_in(_YES))
        told = told.fill_null(value=False) | (pl.lit(is_gone) & (pl.col("text").str.strip_chars() == ""))
    is_notice = pl.col("kind").is_in(_OPEN) & told.fill_null(value=False)
    return rows.with_columns(pl.when(is_notice).then(pl.lit(str(Kind.RECALL))).otherwise("kind").alias("kind"))
