"""Where rows alone lie in conversations without times: by the order of the rows and by the moment at which the other side was exported."""

import polars as pl

from reconcile.comparison.compared import Compared
from reconcile.comparison.unclear import LOOSE_SHARE
from reconcile.graph.coverage import bounds_of, micro
from reconcile.match.crossed import REACH
from reconcile.match.work import is_undelivered
from reconcile.vocabulary import Side
from reconcile.wechat.classes import SECONDS, SYSTEM


def edges_by_order(
    lone: pl.DataFrame, lacking: pl.DataFrame, standing: pl.DataFrame, compared: Compared, name: str
) -> pl.DataFrame:
    """`edge` in conversations without times, by the order of the rows alone.

    A row behind the last pair lies beyond the lacking side, unless that side too has delivered words of its own behind it, or says that it
    was exported later; so before the first pair. Rows that the client writes itself have no place in such an order.
    """
    untimed = pl.col("pair").is_in(compared.aligned.untimed)
    if not compared.aligned.untimed or lone.filter(untimed).is_empty():
        return lone
    other = Side(name).other
    met = standing.filter(untimed)
    spoken = met.filter(lacking["cls"].gather(met[f"{other}_row"]) != SYSTEM)
    ends = spoken.group_by("pair").agg(
        *(pl.col(f"{s}_row").min().alias(f"{s}_first") for s in ("left", "right")),
        *(pl.col(f"{s}_row").max().alias(f"{s}_last") for s in ("left", "right")),
    )
    ends = ends.join(_crossed_by(spoken), on="pair")
    said = lacking.filter(untimed & (pl.col("cls") != SYSTEM) & ~pl.col("is_repeat") & ~is_undelivered()).join(
        ends, on="pair"
    )
    reach = said.group_by("pair").agg(
        (pl.col("row") > pl.col(f"{other}_last")).any().alias("goes_on"),
        (pl.col("row") < pl.col(f"{other}_first")).any().alias("is_older"),
    )
    placed = (
        lone.select("pair", "row")
        .join(ends, on="pair", how="left", maintain_order="left")
        .join(reach, on="pair", how="left", maintain_order="left")
    )
    # Without a delivered row of its own a side reaches no further than its pairs.
    place = pl.col("row").cast(pl.Int64)
    behind, before = (
        place + pl.col("crossed") > pl.col(f"{name}_last"),
        place - pl.col("crossed") < pl.col(f"{name}_first"),
    )
    beyond = (behind & ~pl.col("goes_on").fill_null(value=False)) | (before & ~pl.col("is_older"))
    outside = placed.select((untimed & beyond).fill_null(value=False).alias("b"))["b"]
    reached = (
        _exported_later(lone, compared, other) & placed.select((pl.col("row") > pl.col(f"{name}_last")).alias("b"))["b"]
    )
    # Where both sides hold rows behind the last pair no order tells which of them the other reaches; the moment of an export does.
    outside |= lone.select(
        (untimed & (pl.col("edge") == "unverified") & pl.lit(reached)).fill_null(value=False).alias("b")
    )["b"]
    edge = pl.when(pl.lit(outside & ~reached)).then(pl.lit("unverified")).when(pl.lit(outside)).then(pl.lit("reached"))
    return lone.with_columns(edge.otherwise("edge").alias("edge"))


def _crossed_by(met: pl.DataFrame) -> pl.DataFrame:
    """pair, crossed: by how many rows the two files may hold a message apart, where many neighbours stand the other way round on the other side."""
    back = (pl.col("right_row").cast(pl.Int64).diff() < 0).mean().fill_null(0.0)
    share = met.sort("pair", "left_row").group_by("pair").agg(pl.min_horizontal(back, 1 - back).alias("share"))
    crossed = pl.when(pl.col("share") > LOOSE_SHARE).then(pl.lit(REACH, dtype=pl.Int64)).otherwise(0)
    return share.select("pair", crossed.alias("crossed"))


def _exported_later(lone: pl.DataFrame, compared: Compared, lacking: str) -> pl.Series:
    """Rows sent, by their own side's clock, more than a day before the moment at which the lacking side was exported: clocks and zones explain less.

    What the lacking side's own choice of times leaves out, or may leave out by such clocks, is none of them.
    """
    day = 86_400 * SECONDS
    chosen = pl.lit(None, dtype=pl.Int64)
    rows = lone.select("pair", "raw_t")
    if compared.apart is not None:
        moments = compared.apart.left_exported if lacking == "left" else compared.apart.right_exported
        exported = pl.col("pair").replace_strict(dict(moments), default=None, return_dtype=pl.Int64)
    else:
        reading = compared.left if lacking == "left" else compared.right
        exported = pl.lit(micro(reading.facts.exported_at), dtype=pl.Int64)
        if reading.facts.filters:
            named = compared.pairs.select("pair", pl.col(f"{lacking}_conversation").alias("conversation"))
            rows = rows.join(named, on="pair", how="left", maintain_order="left")
            chosen = bounds_of(reading.facts)[0]
    before = [(pl.col("raw_t") + day < bound).fill_null(value=unsaid) for bound, unsaid in ((exported, False), (chosen, True))]  # fmt: skip
    return rows.select(pl.all_horizontal(before).alias("e"))["e"]
