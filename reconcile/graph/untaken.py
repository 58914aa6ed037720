"""Rows of a sort of which the lacking export holds none at all: its tool may not have been told to take such, or write no such row."""

import polars as pl

from reconcile.graph.lone import Lone
from reconcile.graph.payments import DAY, is_answer, yuan_stated
from reconcile.vocabulary import Kind
from reconcile.wechat.classes import CALL, CARD, PAYMENT, PLACE, SECONDS, STICKER, SYSTEM, WORDS

_OVER = r"^\W*(?:(?:语音|视频|音视频)?通话(?:已经|已)?结束\W*|(?:通话)?时长\W*[0-9:：分秒]+)$"
_RECEIVED = r"已?收款|已(?:被)?(?:接收|退还)"
_MOMENT = 5 * SECONDS
# What many a tool writes no row of, and what says little.
_OFTEN_LEFT_OUT = (STICKER, CALL, PLACE, CARD)
# So many rows of both parties, of one such class or of several classes, of which the other export holds not one, tell of its tool as well as of
# lacking rows: nothing tells the two apart (evidence 4.2, I5). One class that every tool writes, and fewer rows, may as well be lacking.
LEAST_ROWS, LEAST_CLASSES = 6, 3
# Where all rows of a kind are lost as often as this when words are, their lack tells nothing of a tool.
MOST_BY_CHANCE = 0.05
# So many receipts, and none written, are a habit.
LEAST_RECEIPTS = 3
_LONGEST_CALL = 6 * 3600 * SECONDS


def may_be_untaken(lone: Lone) -> pl.Series:
    """Row numbers of such rows: kinds that people let a tool leave out or that it knows not, receipts of transfers, ends of calls."""
    return pl.concat(
        [_of_untaken_classes(lone), _of_unwritten_receipt(lone), _of_told_receipt(lone), _of_ended_call(lone)]
    )


def _of_untaken_classes(lone: Lone) -> pl.Series:
    """Rows of classes of which the whole lacking export holds no like, where they are many enough to tell of its tool: all of such classes then."""
    asked = lone.rows.filter(pl.col("pair").is_not_null() & ~pl.col("cls").is_in([WORDS, SYSTEM]))
    if asked.is_empty():
        return pl.Series(dtype=pl.UInt32)
    scope = ["pair"] if lone.each else []
    absent = _without(asked, lone.lacking, scope)
    if absent.is_empty():
        return absent["row"]
    # One that stands as another class on the lacking side is one that it takes.
    alike = lone.holder.filter(pl.col("cls").is_in(absent["cls"].unique().implode()))
    absent = _without(absent, alike.filter(~pl.col("row").is_in(lone.rows["row"].implode()) & ~pl.col("is_repeat") & pl.col("pair").is_not_null()), scope)  # fmt: skip
    # What lies beyond the lacking side's ends says nothing of its tool.
    within = absent.filter(pl.col("edge") == "inside")
    told = _telling(within, scope)
    if told.height:
        told = _telling(_beside_held_words(within, lone, scope), scope)
    return (absent.join(told, on=scope, how="semi") if scope else absent.head(absent.height * told.height))["row"]


def _beside_held_words(within: pl.DataFrame, lone: Lone, scope: list[str]) -> pl.DataFrame:
    """Those rows of absent classes whose absence is none of words as well: not amid words that lack too, nor of so few that as great a loss explains it.

    Where rows were lost whatever their kind, all of a rare kind may be among them.
    """
    lacks = pl.col("row").is_in(lone.rows.filter(pl.col("edge") == "inside")["row"].implode())
    here = pl.col("pair").is_in(within["pair"].unique().implode()) & (pl.col("cls") == WORDS)
    words = lone.holder.filter(here).select("pair", "at", lacks.alias("lacks")).sort("at")
    rows = within.sort("at")
    before, behind = words.rename({"lacks": "before"}), words.rename({"lacks": "behind"})
    rows = rows.join_asof(before, on="at", by="pair", strategy="backward", check_sortedness=False)
    rows = rows.join_asof(behind, on="at", by="pair", strategy="forward", check_sortedness=False)
    kept = rows.filter(~(pl.col("before").fill_null(value=True) & pl.col("behind").fill_null(value=True)))
    lost = words.group_by(scope or pl.lit(0).alias("all")).agg(pl.col("lacks").mean().alias("lost"))
    share = kept.join(lost, on=scope) if scope else kept.join(lost.select("lost"), how="cross")
    return share.filter(pl.col("lost") ** pl.len().over(*scope, "cls") <= MOST_BY_CHANCE).select(within.columns)


def _without(asked: pl.DataFrame, held: pl.DataFrame, scope: list[str]) -> pl.DataFrame:
    """The rows asked for whose class none of the rows held is of."""
    kept = held.filter(pl.col("cls").is_in(asked["cls"].unique().implode())).select(*scope, "cls").unique()
    return asked.join(kept, on=[*scope, "cls"], how="anti")


def _telling(within: pl.DataFrame, scope: list[str]) -> pl.DataFrame:
    """The pairs (or one row for all) of whose tool the rows of classes wholly absent tell: one that tools often leave out, or several together."""
    both = pl.col("party").drop_nulls().unique()
    counted = within.group_by(*scope, "cls", "kind").agg(pl.len().alias("n"), both.alias("of"))
    often = counted.filter(pl.col("cls").is_in(_OFTEN_LEFT_OUT))
    classes = often.group_by(*scope, "cls").agg(pl.col("n").sum(), pl.col("of").explode().drop_nulls().n_unique())
    alone = classes.filter((pl.col("n") >= LEAST_ROWS) & (pl.col("of") > 1))
    people = pl.col("of").explode().drop_nulls().n_unique()
    # A kind of one row may lack by chance where many rows lack.
    several = (pl.col("n").sum() >= LEAST_ROWS) & ((pl.col("n") > 1).sum() >= LEAST_CLASSES) & (people > 1)
    key = scope or ["all"]
    told = counted.with_columns(pl.lit(0).alias("all")).group_by(key).agg(several.alias("told")).filter("told")
    return pl.concat([told.select(key), alone.with_columns(pl.lit(0).alias("all")).select(key)]).unique()


def _of_unwritten_receipt(lone: Lone) -> pl.Series:
    """Receipts of transfers where the lacking export holds transfers of the conversation and none of its receipts: one tool writes both cards, another one.

    One or two may as well be lacking: every documented form writes them (wechat-exports 16). A receipt whose transfer lacks too shows no habit.
    """
    asked = lone.rows.filter((pl.col("cls") == PAYMENT) & (pl.col("kind") == str(Kind.TRANSFER)))
    if asked.is_empty():
        return pl.Series(dtype=pl.UInt32)
    receipts = _receipts(lone.holder)
    alone = asked.filter(pl.col("row").is_in(receipts.implode()))
    if alone.is_empty():
        return pl.Series(dtype=pl.UInt32)
    theirs = _transfers(lone.lacking)
    shown = lone.lacking.filter(pl.col("row").is_in(_receipts(lone.lacking).implode()))
    written = pl.col("pair").is_in(shown["pair"].unique().implode())
    unwritten = alone.filter(~written & pl.col("pair").is_in(theirs["pair"].unique().implode()))
    answers = _answers(lone.holder)
    of_lacking = answers.filter(pl.col("answered").is_in(lone.rows["row"].implode()))["row"]
    shows = ~pl.col("row").is_in(of_lacking.implode())
    return unwritten.filter(shows.sum().over("pair") >= LEAST_RECEIPTS)["row"]


def _of_told_receipt(lone: Lone) -> pl.Series:
    """Transfers beside a notice of the lacking side that one was received: its tool writes the receipt as the client's own sentence."""
    asked = lone.rows.filter((pl.col("kind") == str(Kind.TRANSFER)) & pl.col("t_other").is_not_null())
    if asked.is_empty():
        return pl.Series(dtype=pl.UInt32)
    said = (pl.col("cls") == SYSTEM) & pl.col("t").is_not_null() & pl.col("pair").is_not_null()
    notices = lone.lacking.filter(said).filter(pl.col("text").str.contains(_RECEIVED))
    met = asked.select("pair", "row", pl.col("t_other").alias("t")).sort("t").join_asof(
        notices.select("pair", "t", pl.col("row").alias("notice")).sort("t"), on="t", by="pair", strategy="nearest",
        tolerance=_MOMENT, check_sortedness=False,
    )  # fmt: skip
    return met.filter(pl.col("notice").is_not_null())["row"]


def _transfers(rows: pl.DataFrame) -> pl.DataFrame:
    few = rows.filter(
        (pl.col("cls") == PAYMENT) & (pl.col("kind") == str(Kind.TRANSFER)) & pl.col("pair").is_not_null()
    )
    return few.select("pair", "row", "t", "party", yuan_stated(), is_answer().fill_null(value=False).alias("says"))


def _receipts(rows: pl.DataFrame) -> pl.Series:
    """Transfers that say that they are received, and those of the sum that the other party sent within the day before."""
    says = _transfers(rows).filter("says")["row"]
    return pl.concat([says, _answers(rows)["row"]]).unique()


def _answers(rows: pl.DataFrame) -> pl.DataFrame:
    """row, answered: transfers of a sum that the other party sent within the day before, and the row of his."""
    timed = _transfers(rows).filter(pl.col("t").is_not_null() & pl.col("yuan").is_not_null()).sort("t", "row")
    before = {c: pl.col(c).shift().over("pair", "yuan") for c in ("t", "party", "row")}
    follows = (pl.col("t") - before["t"] <= DAY) & (before["party"] != pl.col("party"))
    return (
        timed.with_columns(before["row"].alias("answered"))
        .filter(follows.fill_null(value=False))
        .select("row", "answered")
    )


def _of_ended_call(lone: Lone) -> pl.Series:
    """Rows that say of a call nothing but that it ended, or how long it was, behind a call that both sides hold."""
    said = pl.col("cls").is_in([CALL, WORDS]) & pl.col("t").is_not_null()
    asked = lone.rows.filter(said).filter(pl.col("text").str.contains(_OVER))
    if asked.is_empty():
        return pl.Series(dtype=pl.UInt32)
    calls = lone.holder.filter(
        (pl.col("cls") == CALL) & pl.col("t").is_not_null() & ~pl.col("row").is_in(lone.rows["row"].implode())
    )
    behind = asked.select("pair", "row", "t").sort("t")
    met = behind.join_asof(
        calls.select("pair", "t", pl.col("t").alias("call_t")).sort("t"), on="t", by="pair", check_sortedness=False
    )
    return met.filter(pl.col("t") - pl.col("call_t") <= _LONGEST_CALL)["row"]
