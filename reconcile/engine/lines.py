"""Writes every record of both exports in one line, in display order."""

import numpy as np
import polars as pl

from reconcile.column_ops import collected, is_sorted
from reconcile.engine.classify import COLUMNS
from reconcile.engine.pairs.alignment import Alignment
from reconcile.engine.records import Floats, Ints, Records
from reconcile.engine.relations import CAUSE, METHOD, RELATION
from reconcile.engine.sides import common_times
from reconcile.vocabulary import Cause, Relation, Side
from reconcile.wechat.kind_classes import SECONDS


def frames_of(a: Alignment) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both frames with `t`, `t2`, `spread` (µs) and `at` (display order).

    `t` is on the common clock (null = none); `t2` is the other possible time next to a clock change.
    """
    return _with_common_times(a, a.left, Side.LEFT), _with_common_times(a, a.right, Side.RIGHT)


def _with_common_times(a: Alignment, records: Records, side: Side) -> pl.DataFrame:
    """Add the common time before and after the clock's change, its spread, and the order."""
    u = common_times(a, side)
    micros = np.round(u * SECONDS)
    t = pl.Series("t", micros, nan_to_null=True).cast(pl.Int64)
    second = u if side is Side.RIGHT else u + a.clock.before - a.clock.after
    t2 = pl.Series("t2", np.round(np.where(second == u, np.nan, second) * SECONDS), nan_to_null=True).cast(pl.Int64)
    spread = (
        np.where(records.pair >= 0, a.clock.spread[np.maximum(records.pair, 0)] if len(a.clock.spread) else 1.0, 0.0)
        * SECONDS
    )
    at = np.empty(len(records), np.int64)
    at[_order_by_time(records, micros)] = np.arange(len(records))
    return records.frame.with_columns(t, t2, pl.Series("spread", spread.astype(np.int64)), pl.Series("at", at))


def _order_by_time(records: Records, u: Floats) -> Ints:
    """The records by conversation and time.

    A record without a time stands where the one before it does, else where the next one does.
    """
    order, place = records.by_order, np.arange(len(records))
    pair, time = records.pair[order], u[order]
    if (lacks := np.isnan(time)).any():
        before = np.maximum.accumulate(np.where(lacks, -1, place))
        after = np.minimum.accumulate(np.where(lacks, len(place), place)[::-1])[::-1]
        low, high = np.maximum(before, 0), np.minimum(after, len(place) - 1)
        has_low, has_high = (before >= 0) & (pair[low] == pair), (after < len(place)) & (pair[high] == pair)
        time = np.where(has_low, time[low], np.where(has_high, time[high], np.inf))
    ranked: Ints = order if is_sorted(pair, time) else order[np.lexsort((time, pair))]
    return ranked


def lines_of(
    frames: tuple[pl.DataFrame, pl.DataFrame],
    judged: pl.DataFrame,
    absences: dict[Side, pl.DataFrame],
    pairs: pl.DataFrame,
) -> pl.DataFrame:
    """Every row of both sides once, with the columns of classify.COLUMNS."""
    right = frames[1]
    met = judged.filter(pl.col("relation").cast(pl.String).is_in([Relation.AGREEMENT, Relation.CONFLICT]))[
        "pair"
    ].unique()
    paired = judged.select(
        pl.col("pair").cast(pl.UInt32), "relation", "cause", "detail", "left_row", "right_row", _finite_margin(), "similarity",
        "residual_s", pl.col("method").cast(METHOD), right["t"][judged["right_row"]].alias("t"),
        right["at"].cast(pl.Float64)[judged["right_row"]].alias("at"), pl.lit(None, pl.String).alias("edge"),
    )  # fmt: skip
    parts = [paired]
    for side in Side:
        if absences[side].is_empty():
            continue
        rows = _relate_by_conversation(absences[side].lazy(), met, pairs)
        own, other = f"{side}_row", f"{side.other}_row"
        lone = rows.select(
            pl.when(pl.col("pair") >= 0).then(pl.col("pair")).cast(pl.UInt32).alias("pair"),
            pl.col("relation").cast(RELATION), pl.col("cause").cast(CAUSE), "detail", pl.col("row").alias(own), pl.lit(None, pl.UInt32).alias(other),
            _finite_margin(), pl.lit(None, pl.Float64).alias("similarity"), pl.lit(None, pl.Float64).alias("residual_s"),
            pl.lit(None, METHOD).alias("method"), (pl.col("u") * SECONDS).round().cast(pl.Int64).alias("t"), "edge",
        ).pipe(collected)  # fmt: skip
        parts.append(_with_places(lone, frames, judged, side))
    return pl.concat([p[COLUMNS] for p in parts]).rechunk()


def _finite_margin() -> pl.Expr:
    """The margin in nats; null where equality settled the line or nothing competes."""
    return pl.when(pl.col("margin").is_finite()).then(pl.col("margin").round(6)).alias("margin")


def _relate_by_conversation(rows: pl.LazyFrame, met: pl.Series, pairs: pl.DataFrame) -> pl.LazyFrame:
    """The rows, changed where their conversation has no counterpart, several, or no common message."""
    pairing = pairs.lazy().select(pl.col("pair").cast(pl.Int64), "pairing")
    told = rows.join(pairing, on="pair", how="left", maintain_order="left")
    none = (pl.col("pairing") == "none").fill_null(value=False)
    unclear = (pl.col("pairing") == "unclear").fill_null(value=False)
    never = (
        ~pl.col("pair").is_in(met.cast(pl.Int64).implode())
        & (pl.col("relation") != str(Relation.SET_ASIDE))
        & (pl.col("pair") >= 0)
    )
    return told.with_columns(
        pl.when(none).then(pl.lit(str(Relation.SET_ASIDE))).when(unclear | never).then(pl.lit(str(Relation.DOUBTFUL))).otherwise("relation").alias("relation"),
        pl.when(none).then(pl.lit(str(Cause.NO_COUNTERPART))).when(unclear | never).then(pl.lit(str(Cause.PAIRING_UNCLEAR))).otherwise("cause").alias("cause"),
        pl.when(none | unclear | never).then(None).otherwise("detail").alias("detail"),
    )  # fmt: skip


def _with_places(
    lone: pl.DataFrame, frames: tuple[pl.DataFrame, pl.DataFrame], judged: pl.DataFrame, side: Side
) -> pl.DataFrame:
    """The rows with `at`: right rows at their own place, left rows after the last paired one before them."""
    left, right = frames
    if side is Side.RIGHT:
        return lone.with_columns(right["at"].cast(pl.Float64)[lone["right_row"]].alias("at"))
    partners = judged.lazy().select(
        pl.col("pair").cast(pl.UInt32).alias("pair_before"), left["at"][judged["left_row"]].alias("left_at"), right["at"][judged["right_row"]].cast(pl.Float64).alias("partner")
    ).sort("left_at")  # fmt: skip
    first = right.lazy().group_by("pair").agg((pl.col("at").min() - 1).cast(pl.Float64).alias("first"))
    mine = lone.lazy().with_columns(left["at"][lone["left_row"]].alias("left_at")).sort("left_at")
    mine = mine.join_asof(partners, on="left_at", strategy="backward").join(
        first, on="pair", how="left", maintain_order="left"
    )
    behind = (
        pl.when(pl.col("pair_before") == pl.col("pair")).then("partner").otherwise(pl.coalesce("first", pl.lit(-1.0)))
    )
    placed = mine.with_columns((behind + 0.5 + 0.4 * pl.col("left_at") / max(left.height, 1)).alias("at"))
    return placed.pipe(collected)
