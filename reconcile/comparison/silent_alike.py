"""Rows alone on both sides that show little more than their kind, a little apart: one message of which one device shows another time."""

from collections.abc import Callable

import polars as pl

from reconcile.match.substance import amount_of
from reconcile.match.work import is_undelivered
from reconcile.wechat.classes import OTHER, SECONDS, SYSTEM, WORDS
from reconcile.wechat.kinds import BARE_MARK

# So far apart (seconds) two devices show one message where they bring neighbours in another order.
NEAR_SECONDS, MINUTE_SECONDS = 30, 60
# PyWxDump's words for what is no text.
_BARE_WORDS = r"\A(?:图片|视频|文件|表情|名片|语音通话|未知|语音时长：[0-9.]+秒)\z"
# How WechatExporter's text shows a forward where no column names kinds.
_FORWARDED = r"(?s)\A<< .+ >>\s*\z"
# A card by its title and PyWxDump's details, or its app.
_CARD = r"(?s)\A[^\n]+\n.*<a href=\"[^\"\n]*\">点击查看详情</a>\s*\z|\A[^\n]+ - [^\n]{1,40}\z"
_SHOWN = ("row", "pair", "party", "cls", "text", "media_hash", "amount", "message_id", "coarse")


def may_be_one_of_kind(
    alone: pl.DataFrame, open_lacking: pl.DataFrame, without_two: Callable[[pl.DataFrame], pl.DataFrame]
) -> pl.Series:
    """Row numbers of the rows alone beside which the lacking side holds one of their kind and sender alone, each the other's nearest.

    Of words see `may_be_stamped_later`. A placeholder that names no kind may be any of them. Sums, fingerprints and trusted server ids that differ
    tell two messages. `without_two` leaves out those whose ids do.
    """
    sides = _silent(alone, "t_other"), _silent(open_lacking, "t")
    if any(s.is_empty() for s in sides):
        return pl.Series(dtype=pl.UInt32)
    met = pl.concat([
        _nearest(*sides, ["pair", "party", "cls"]),
        _nearest(sides[0].filter(pl.col("cls") == OTHER), sides[1], ["pair", "party"]),
        _nearest(sides[0], sides[1].filter(pl.col("cls") == OTHER), ["pair", "party"]),
    ], how="diagonal").unique("row", keep="first", maintain_order=True)  # fmt: skip
    if met.is_empty():
        return pl.Series(dtype=pl.UInt32)
    prints = pl.col("media_hash"), pl.col("media_hash_right")
    unlike = (prints[0] != prints[1]) & (prints[0].str.len_chars() == prints[1].str.len_chars())
    met = without_two(met.filter(~unlike.fill_null(value=False)))
    sums = [[amount_of(r) for r in met.select(_of(end)).iter_rows(named=True)] for end in ("", "_right")]
    told = [a is None or b is None or a == b for a, b in zip(*sums, strict=True)]
    return met["row"].filter(pl.Series(told, dtype=pl.Boolean))


def _of(end: str) -> list[pl.Expr]:
    return [pl.col(f"{c}{end}").alias(c) for c in ("text", "amount", "cls")]


def _silent(rows: pl.DataFrame, time: str) -> pl.DataFrame:
    shapes = (BARE_MARK, _BARE_WORDS, _FORWARDED, _CARD)
    mark = (pl.col("cls") == WORDS) & pl.any_horizontal(*(pl.col("text").str.contains(s) for s in shapes))
    asked = rows.filter(pl.col(time).is_not_null() & ~pl.col("is_filled") & ~pl.col("is_repeat") & ~is_undelivered())
    asked = asked.filter(pl.col("party").is_not_null() & ~pl.col("cls").is_in([SYSTEM, WORDS]) | mark)
    of_mark = pl.when(mark).then(pl.lit(OTHER, dtype=rows.schema["cls"])).otherwise("cls").alias("cls")
    coarse = (pl.col("time_precision").cast(pl.String) == "minute").alias("coarse")
    return asked.with_columns(of_mark, coarse).select(*_SHOWN, pl.col(time).alias("at_t")).sort("at_t", "row")


def _nearest(mine: pl.DataFrame, theirs: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """The rows with the other side's within reach, each the nearest of the other."""
    if mine.is_empty() or theirs.is_empty():
        return mine.clear().select("row")
    ways = []
    for first, second in ((mine, theirs), (theirs, mine)):
        right = second.rename({c: f"{c}_right" for c in second.columns if c not in (*by, "at_t")})
        right = right.with_columns(pl.col("at_t").alias("t_right"))
        reach = (NEAR_SECONDS + MINUTE_SECONDS * (pl.col("coarse") | pl.col("coarse_right")).cast(pl.Int64)) * SECONDS
        ways.append(
            first.join_asof(right, on="at_t", by=by, strategy="nearest", tolerance=(NEAR_SECONDS + MINUTE_SECONDS) * SECONDS, check_sortedness=False)
            .filter(pl.col("row_right").is_not_null() & ((pl.col("at_t") - pl.col("t_right")).abs() <= reach))
        )  # fmt: skip
    back = ways[1].select(pl.col("row_right").alias("row"), pl.col("row").alias("row_right"))
    met = ways[0].join(back, on=["row", "row_right"], how="semi")
    return met if "cls_right" in met.columns else met.with_columns(pl.col("cls").alias("cls_right"))
