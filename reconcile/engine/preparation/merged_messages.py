"""Joins neighbouring messages of one sender that the other side writes as the lines of one row."""

import polars as pl

from reconcile.column_ops import held_by
from reconcile.engine.params import PARAMS
from reconcile.engine.preparation.split_messages import with_joined
from reconcile.wechat.kind_classes import SECONDS, WORDS

_SENDER = ("pair", "sender", "is_self", "cls")
# Who writes a table by hand may leave out signs and small pictures, but hardly those that are all of a message.
_SIGNS = r"\[[^\[\]\n]{1,8}\]|[\W_]"
_LINE = pl.element().str.strip_chars()
_WORDS_OF_LINE = pl.when(_LINE.str.contains(r"\w")).then(_LINE.str.replace_all(_SIGNS, "")).otherwise(_LINE)


def join_merged(rows: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """The rows, joined where they make up one row of the other side; the later ones are `is_repeat`.

    Who writes a table by hand may put what somebody says in succession into one cell, a line for each message. The
    messages follow each other within minutes, without another row between them, and make up the whole row but for
    signs, which none of them does alone. Messages that the other side all has as rows of their own stay rows.
    """
    words = (pl.col("cls") == WORDS) & pl.col("pair").is_not_null()
    several = pl.col("text").str.contains(r"\S[ \t\r]*\n\s*\S")
    wholes = other.filter(words & several)
    # Nearly all texts of several lines stand on both sides.
    if wholes.height:
        wholes = wholes.filter(~held_by(rows.filter(words), wholes, "pair", "text"))
    if wholes.is_empty():
        return rows
    said = pl.col("text").str.split("\n").list.eval(_WORDS_OF_LINE).list.join("").alias("said")
    runs = _runs(rows, said, words)
    found = _made_up(runs, wholes.select("pair", said).unique().join(runs, on=["pair", "said"], how="anti"))
    if found.is_empty():
        return rows
    text: dict[int, str] = {}
    again: list[int] = []
    end = 0
    stands = _stand_as_rows(rows, other.filter(words))
    for at, n in found.iter_rows():
        if at >= end and not stands.slice(at, n).all():
            end = at + n
            text[at] = "\n".join(rows["text"].slice(at, n))
            again += range(at + 1, end)
    return with_joined(rows, text, again)


def _stand_as_rows(rows: pl.DataFrame, other: pl.DataFrame) -> pl.Series:
    """Whether the other side has as many rows with each row's text as this one."""
    counted = other.group_by("pair", "text").agg(pl.len().alias("held"))
    told = rows.select("pair", "text").join(counted, on=["pair", "text"], how="left", maintain_order="left")
    return told.select((pl.col("held") >= pl.len().over("pair", "text")).fill_null(value=False))["held"]


def _runs(rows: pl.DataFrame, said: pl.Expr, words: pl.Expr) -> pl.DataFrame:
    """at, pair, run, t, said: the rows of words; rows of one sender that nothing interrupts have one run."""
    told = rows.with_row_index("at").with_columns(run=pl.struct(*_SENDER).rle_id())
    return told.filter(words & pl.col("t").is_not_null()).select("at", "pair", "run", "t", said)


def _made_up(runs: pl.DataFrame, wholes: pl.DataFrame) -> pl.DataFrame:
    """at, n: rows that with the n - 1 rows behind them make up a whole; the least n, ordered by `at`."""
    found = []
    begun = runs.with_row_index("place")
    close = runs["t"].diff() <= SECONDS * PARAMS.merged_seconds
    for n in range(2, PARAMS.merged_rows + 1):
        begun = begun.filter(pl.col("place") + n <= runs.height)
        behind = runs[begun["place"] + (n - 1)]
        goes_on = (behind["run"] == begun["run"]) & (behind["at"] == begun["at"] + (n - 1))
        goes_on &= close[begun["place"] + (n - 1)]
        begun = begun.with_columns(said=begun["said"] + behind["said"]).filter(goes_on)
        if begun.is_empty():
            break
        whole = begun.join(wholes, on=["pair", "said"], how="semi", maintain_order="left")
        found.append(whole.select("at", n=pl.lit(n)))
        begun = begun.join(whole, on="at", how="anti", maintain_order="left")
    return pl.concat(found).sort("at") if found else pl.DataFrame(schema={"at": pl.UInt32, "n": pl.Int32})
