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
_BARE_LINE = _LINE.str.replace_all(_SIGNS, "")
_WORDS_OF_LINE = pl.when(_BARE_LINE != "").then(_BARE_LINE).otherwise(_LINE)
_LINES = pl.col("text").str.split("\n")
# What a row says: as it stands, and without signs; both without the ends of its lines.
_SAID = (
    _LINES.list.eval(_LINE).list.join("").alias("exact"),
    _LINES.list.eval(_WORDS_OF_LINE).list.join("").alias("said"),
)


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
    runs = _runs(rows, words)
    wholes = wholes.select("pair", *_SAID).unique()
    found = [_made_up(runs, wholes.join(runs, on=["pair", told], how="anti"), told) for told in ("exact", "said")]
    text: dict[int, str] = {}
    taken: set[int] = set()
    stands = _stand_as_rows(rows, other.filter(words))
    for place, n in (f for frame in found for f in frame.iter_rows()):
        joined = runs["at"].slice(place, n)
        if taken.isdisjoint(joined) and not stands.gather(joined).all():
            taken.update(joined)
            text[joined[0]] = "\n".join(rows["text"].gather(joined))
    return with_joined(rows, text, sorted(taken - {*text})) if text else rows


def _stand_as_rows(rows: pl.DataFrame, other: pl.DataFrame) -> pl.Series:
    """Whether the other side has as many rows with each row's text as this one."""
    counted = other.group_by("pair", "text").agg(pl.len().alias("held"))
    told = rows.select("pair", "text").join(counted, on=["pair", "text"], how="left", maintain_order="left")
    return told.select((pl.col("held") >= pl.len().over("pair", "text")).fill_null(value=False))["held"]


def _runs(rows: pl.DataFrame, words: pl.Expr) -> pl.DataFrame:
    """at, pair, t, exact, said, run: the rows of words; a run is of one sender and not interrupted."""
    told = rows.with_row_index("at").filter(~pl.col("is_repeat")).with_columns(run=pl.struct(*_SENDER).rle_id())
    return told.filter(words & pl.col("t").is_not_null()).select("at", "pair", "t", *_SAID, "run")


def _made_up(runs: pl.DataFrame, wholes: pl.DataFrame, told: str) -> pl.DataFrame:
    """place, n: the rows of the runs that make up a whole with the n - 1 rows behind them; least n."""
    found = []
    begun = runs.select("pair", "run", "t", told).with_row_index("place")
    for n in range(2, PARAMS.merged_rows + 1):
        begun = begun.filter(pl.col("place") + n <= runs.height)
        before, behind = runs["t"].gather(begun["place"] + (n - 2)), runs[begun["place"] + (n - 1)]
        goes_on = (behind["run"] == begun["run"]) & (behind["t"] - before <= SECONDS * PARAMS.merged_seconds)
        begun = begun.with_columns(pl.col(told) + behind[told]).filter(goes_on)
        if begun.is_empty():
            break
        whole = begun.join(wholes, on=["pair", told], how="semi", maintain_order="left")
        found.append(whole.select("place", n=pl.lit(n)))
        begun = begun.join(whole, on="place", how="anti", maintain_order="left")
    return pl.concat(found).sort("place") if found else pl.DataFrame(schema={"place": pl.UInt32, "n": pl.Int32})
