"""Pairs that too little brought together: in doubt, and conversations that met by chance parted again."""

import polars as pl

from reconcile.match.align import Aligned
from reconcile.match.relations import BY_ID, DISTINCTIVE, judged_as, short_by_words, with_detail
from reconcile.match.steps import SET_BACK
from reconcile.vocabulary import Cause, Relation
from reconcile.wechat.classes import OTHER, SECONDS, SYSTEM, WORDLESS, WORDS
from reconcile.wechat.kinds import MARK

# Short equal words farther apart than this, and than honest clocks here lie apart, may be two messages.
WEAK_SECONDS = 15.0
# Two conversations met by chance when fewer than these shares of the smaller one's rows are paired, and paired by something telling.
MET_SHARE, CHANCE_SHARE = 0.25, 0.02


def judge_weak(judged: pl.DataFrame) -> pl.DataFrame:
    """Short words far off the clock, with nothing but themselves to tell them, may be two messages: in doubt.

    So may texts that resemble each other and were written at two times: one message altered twice, or two of which either side lacks one.
    """
    far = pl.col("residual_s") > pl.max_horizontal(
        pl.lit(WEAK_SECONDS), 6 * pl.max_horizontal("spread", "spread_right") / 1e6
    )
    if not judged.select((far | (pl.col("method") == "same_moment")).any()).item():
        return judged
    weak = far & short_by_words() & (pl.col("cls") != SYSTEM)
    weak = ((weak | _met_in_nothing(judged)) & (pl.col("relation") == "agreement")).fill_null(value=False)
    twice = far & (pl.col("method") == "similar") & (pl.col("cause") == str(Cause.TEXT_DIFFERS))
    doubt = weak | twice.fill_null(value=False)
    return judged.with_columns(
        *judged_as(doubt, Relation.DOUBTFUL, Cause.WEAK_MATCH), with_detail(twice.fill_null(value=False), None)
    )


def _met_in_nothing(judged: pl.DataFrame) -> pl.Expr:
    """Plain words against a placeholder that holds none of them, met by their moment alone: a form that names no kind, or two messages."""
    by_moment = judged.filter(pl.col("method") == "same_moment")
    met = pl.lit(value=False)
    for words, cls, shown, other in (
        ("text", "cls", "text_right", "cls_right"),
        ("text_right", "cls_right", "text", "cls"),
    ):
        silent = pl.col(other).is_in(WORDLESS) | (pl.col(shown).str.replace(MARK, "") == "")
        spoken = (pl.col(cls) == WORDS) & (pl.col(words) != "") & ~pl.col(other).is_in([WORDS, SYSTEM, OTHER])
        met = met | (spoken & silent & (pl.col(shown) != ""))
    few = by_moment.filter(met).select("left_row", "text", "text_right")
    # Of the few that are left neither text holds the other.
    alone = [row for row, a, b in few.iter_rows() if a not in b and b not in a]
    return (pl.col("method") == "same_moment") & pl.col("left_row").is_in(alone)


def drop_chance_meetings(judged: pl.DataFrame, aligned: Aligned) -> pl.DataFrame:
    """The judged pairs without those of conversations that met in a few short texts only: everybody writes 好的."""
    by_id = pl.col("method").is_in(BY_ID)
    by_words = (pl.col("text").str.len_chars() >= DISTINCTIVE) & (pl.col("cls") == WORDS) & pl.col("cause").is_null()
    # Rows of one conversation lie on its clocks; those that chance brings together lie anywhere.
    by_words = by_words & (pl.col("residual_s").fill_null(0.0) * SECONDS <= SET_BACK)
    telling = pl.when(by_id).then(3).when(by_words).then(1).otherwise(0)
    sizes = pl.concat([f.group_by("pair").len("size") for f in (aligned.left, aligned.right)])
    counted = (
        judged.group_by("pair")
        .agg(pl.len().alias("n"))
        .join(sizes.group_by("pair").agg(pl.col("size").min()), on="pair")
    )
    few = counted.filter(pl.col("n") < MET_SHARE * pl.col("size"))
    if few.is_empty():
        return judged
    asked = judged.filter(pl.col("pair").is_in(few["pair"].implode())) if few.height < counted.height else judged
    told = asked.group_by("pair").agg(telling.sum().alias("telling"))
    met = few.join(told, on="pair").join(aligned.skew.constant, on="pair", how="left")
    # Clocks differ by nothing, or by the quarters of hours of a zone: any other skew needs more to be believed.
    rest = pl.col("skew_us").fill_null(0) % (900 * SECONDS)
    usual = pl.min_horizontal(rest, 900 * SECONDS - rest) <= 90 * SECONDS
    least = pl.max_horizontal(pl.when(usual).then(2.0).otherwise(3.0), CHANCE_SHARE * pl.col("size"))
    weak = met.filter(pl.col("telling") < least)
    return judged.join(weak.select("pair"), on="pair", how="anti", maintain_order="left") if weak.height else judged
