"""Joins neighbouring messages of one sender that the other side writes as one row."""

import re

import polars as pl

from reconcile.engine.params import PARAMS
from reconcile.engine.preparation.split_messages import with_joined
from reconcile.wechat.kind_classes import SECONDS, WORDS
from reconcile.wechat.text import canonical

_SENDER = ("pair", "sender", "is_self", "cls")
# Who writes a table by hand may leave out signs and small pictures, but hardly those that are all of a message.
_SIGNS = r"\[[^\[\]\n]{1,8}\]|[\W_]"
_LINE = pl.element().str.strip_chars()
_WORDS_OF_LINE = pl.when(_LINE.str.contains(r"\w")).then(_LINE.str.replace_all(_SIGNS, "")).otherwise(_LINE)
# What a person puts between two messages in one cell, the most usual first.
_BETWEEN = ("\n", "；", " ", "。", "，", ";", ",", "", " / ", "/", "\n\n", "|")
# Characters of a text by which it may begin another.
_BEGIN = 2
_AS_LINES = "[；;。/|]"
# What some tools lose at the beginning of every message.
_BEGINNING = r"(?m)^\s*[A-Za-z0-9_-]+:[ \t]?"


def join_merged(rows: pl.DataFrame, other: pl.DataFrame, *, strips_prefix: bool = False) -> pl.DataFrame:
    """The rows, joined where they make up one row of the other side; the later ones are `is_repeat`.

    Who writes a table by hand may put what somebody says in succession into one cell, a line for each message or one
    behind another. The messages follow each other within minutes, without another row between them, and make up the whole
    row but for signs, which none of them does alone. Messages that the other side all has as rows of their own stay rows.

    Args:
        rows: the rows of one side.
        other: those of the other side.
        strips_prefix: whether the tool of `rows` is known to lose the beginning of messages such as `10:30见`.
    """
    words = (pl.col("cls") == WORDS) & pl.col("pair").is_not_null()
    # Nearly all texts stand on both sides.
    wholes = other.filter(words).join(rows.filter(words), on=["pair", "text"], how="anti").select("pair", "text")
    if wholes.is_empty():
        return rows
    wholes = wholes.with_columns(begun="text")
    if strips_prefix:
        bare = wholes.with_columns(begun=pl.col("text").str.replace_all(_BEGINNING, ""))
        wholes = pl.concat([wholes, bare]).unique(maintain_order=True)
    # Kinds that the table leaves out altogether interrupt nothing in it.
    runs = _runs(
        rows.with_row_index("at").join(other, on=["pair", "cls"], how="semi", maintain_order="left"), words, wholes
    )
    if runs.is_empty():
        return rows
    said = wholes.select("pair", _said(pl.col("begun")).alias("said"), whole="text")
    found = _made_up(runs, said.unique(["pair", "said"], keep="first", maintain_order=True))
    if found.is_empty():
        return rows
    text: dict[int, str] = {}
    again: list[int] = []
    end = 0
    stands = _stand_as_rows(runs, rows.filter(words), other.filter(words))
    for place, n, whole in found.iter_rows():
        if place >= end and not stands.slice(place, n).all():
            end = place + n
            first, *later = runs["at"].slice(place, n).to_list()
            text[first] = _joined(runs["text"].slice(place, n).to_list(), whole, strips_prefix=strips_prefix)
            again += later
    return with_joined(rows, text, again)


def _said(text: pl.Expr) -> pl.Expr:
    """The words of a text, without signs beside them."""
    return text.str.replace_all(_AS_LINES, "\n").str.split("\n").list.eval(_WORDS_OF_LINE).list.join("")


def _joined(texts: list[str], whole: str, *, strips_prefix: bool) -> str:
    """The texts in one, with what the whole has between them where that is plain, else as lines.

    The whole itself where its tool lost no more than it does at the beginning of each message.
    """
    ways = [between.join(texts) for between in _BETWEEN]
    found = next((way for way in ways if canonical(way) == canonical(whole)), None)
    if found is None and strips_prefix:
        bare = canonical(re.sub(_BEGINNING, "", whole))
        found = next((whole for way in ways if canonical(way) == bare), None)
    return ways[0] if found is None else found


def _stand_as_rows(runs: pl.DataFrame, rows: pl.DataFrame, other: pl.DataFrame) -> pl.Series:
    """Whether the other side has as many rows with each text of the runs as this one."""
    key = ["pair", "text"]
    held, mine = (
        one.join(runs, on=key, how="semi").group_by(key).agg(pl.len().alias(n))
        for one, n in ((other, "held"), (rows, "mine"))
    )
    told = (
        runs.select(key)
        .join(held, on=key, how="left", maintain_order="left")
        .join(mine, on=key, how="left", maintain_order="left")
    )
    return told.select((pl.col("held") >= pl.col("mine")).fill_null(value=False))["held"]


def _runs(rows: pl.DataFrame, words: pl.Expr, wholes: pl.DataFrame) -> pl.DataFrame:
    """at, pair, run, t, text, said: the rows of words in runs of one sender that nothing interrupts.

    Only runs with a row that begins like a whole.
    """
    told = rows.with_columns(run=pl.struct(*_SENDER).rle_id())
    start = pl.col("begun").str.strip_chars().str
    begins = pl.concat(wholes.select("pair", start.slice(0, n).alias("begin")) for n in (1, _BEGIN))
    told = told.filter(words & pl.col("t").is_not_null())
    told = told.with_columns(begin=pl.col("text").str.strip_chars().str.slice(0, _BEGIN))
    asked = told.filter(pl.len().over("run") > 1).join(begins, on=["pair", "begin"], how="semi")["run"].unique()
    kept = told.filter(pl.col("run").is_in(asked.implode()))
    return kept.select("at", "pair", "run", "t", "text", _said(pl.col("text")).alias("said"))


def _made_up(runs: pl.DataFrame, wholes: pl.DataFrame) -> pl.DataFrame:
    """place, n, whole: rows of runs that with the n - 1 behind them make up a whole; the least n."""
    found = []
    begun = runs.with_row_index("place")
    close = runs["t"].diff() <= SECONDS * PARAMS.merged_seconds
    for n in range(2, PARAMS.merged_rows + 1):
        begun = begun.filter(pl.col("place") + n <= runs.height)
        behind = runs[begun["place"] + (n - 1)]
        goes_on = behind["run"] == begun["run"]
        goes_on &= close[begun["place"] + (n - 1)]
        begun = begun.with_columns(said=begun["said"] + behind["said"]).filter(goes_on)
        if begun.is_empty():
            break
        whole = begun.join(wholes, on=["pair", "said"], maintain_order="left")
        found.append(whole.select("place", pl.lit(n).alias("n"), "whole"))
        begun = begun.join(whole, on="place", how="anti", maintain_order="left")
    return (
        pl.concat(found).sort("place")
        if found
        else pl.DataFrame(schema={"place": pl.UInt32, "n": pl.Int32, "whole": pl.String})
    )
