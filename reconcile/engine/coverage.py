"""For which stretch each export can speak: where every unmatched record lies against the other export's first and last record."""

import numpy as np
import polars as pl

from reconcile.engine.params import Params
from reconcile.engine.reach import Exported, reach_of
from reconcile.engine.records import NO_PAIR
from reconcile.engine.sides import SideView
from reconcile.intake.contract import Reading
from reconcile.wechat.kind_classes import SECONDS, SYSTEM

EDGES = ("inside", "reached", "bounded", "unverified")


def with_edges(
    rows: pl.DataFrame, view: SideView, lacking: Reading, exported: Exported, params: Params
) -> pl.DataFrame:
    """The unmatched rows with `edge`; `exported`: of the lacking side's exports.

    inside: between the other export's records, by time or by place. reached: beyond them, though facts say that the export reaches there.
    bounded: facts say that it does not reach there. unverified: beyond, and nothing is known.
    """
    if rows.is_empty():
        return rows.with_columns(pl.lit(EDGES[0]).alias("edge"), pl.lit(value=False).alias("waits"))
    table = rows.join(_spans(view), on="pair", how="left", maintain_order="left").join(
        _facts(view, lacking, exported), on="pair", how="left", maintain_order="left"
    )
    slack = (pl.lit(params.edge_seconds) + pl.col("unit") + params.edge_spreads * pl.col("spread")).alias("slack")
    table = table.with_columns(slack)
    place, u = pl.col("place"), pl.col("u")
    behind = (place > pl.col("last_place")).fill_null(value=True)
    ahead = (place < pl.col("first_place")).fill_null(value=True)
    # Beside a clock that was set, or of a sender with a clock of its own, any offset that the conversation shows may be the right one.
    table = table.join(_offset_range(view), on="pair", how="left", maintain_order="left").with_columns(
        pl.col("range").fill_null(0.0)
    )
    late = (u + pl.col("range") > pl.col("own_to") - pl.col("slack")).fill_null(value=True)
    early = (u - pl.col("range") < pl.col("own_from") + pl.col("slack")).fill_null(value=True)
    after, before = behind & late, ahead & early
    bounded = (u > pl.col("bound_to") - pl.when(after).then("slack").otherwise(0.0)) | (u < pl.col("bound_from"))
    reached = (after & (u + pl.col("range") <= pl.col("known_to") - pl.col("slack"))) | (
        before & (u - pl.col("range") >= pl.col("known_from") + pl.col("slack"))
    )
    edge = (
        pl.when(bounded.fill_null(value=False)).then(pl.lit("bounded"))
        .when(~after & ~before).then(pl.lit("inside"))
        .when(reached.fill_null(value=False)).then(pl.lit("reached"))
        .otherwise(pl.lit("unverified"))
    )  # fmt: skip
    arrival = _arrivals(view, table["place"], params)
    waits = ((arrival > pl.col("own_to") - pl.col("slack")) & (edge == "inside")).fill_null(value=False)
    return table.with_columns(edge.alias("edge"), waits.alias("waits"))


def _arrivals(view: SideView, places: pl.Series, params: Params) -> pl.Series:
    """When the owner's own message before each place reached the other device, where that was late (seconds, common clock; null = it was not).

    A device sends in order: what was written behind a message that still waited arrived behind it, too.
    """
    holder = view.holder
    arrived = np.full(len(holder), np.nan)
    arrived[view.holder_rows] = view.lacking_u[view.lacking_rows]
    delay = arrived - view.holder_u
    late = (delay > params.time_conflict_seconds) & (delay <= params.late_limit_seconds)
    own = holder.own == 1
    frame = pl.DataFrame({
        "pair": holder.pair, "place": holder.order, "own": own,
        "arrived": pl.Series(np.where(late | np.isnan(arrived), arrived, -np.inf)).fill_nan(None),
    })  # fmt: skip
    before = pl.col("arrived").forward_fill().shift(1).over("pair", order_by="place")
    mine = frame.filter("own").with_columns(before.alias("before")).filter(pl.col("before") > -np.inf)
    told = pl.DataFrame({"place": places}).join(mine, on="place", how="left", maintain_order="left")
    return told["before"]


def _offset_range(view: SideView) -> pl.DataFrame:
    """pair, range: by how much the offsets that a conversation shows differ, those of senders with clocks of their own included (seconds)."""
    a = view.alignment
    shown = [
        a.clock.segments.filter(pl.col("segment") >= 0)
        .group_by("pair")
        .agg((pl.col("offset").max() - pl.col("offset").min()).alias("range"))
        if a.clock.segments.height
        else pl.DataFrame(schema={"pair": pl.Int64, "range": pl.Float64}),
        a.clock.senders.group_by("pair").agg(pl.col("seconds").abs().max().alias("range")),
    ]
    return (
        pl.concat([s.cast({"pair": pl.Int64, "range": pl.Float64}) for s in shown])
        .group_by("pair")
        .agg(pl.col("range").sum())
    )


def _spans(view: SideView) -> pl.DataFrame:
    """Per conversation: the lacking side's first and last time (common clock), and the holder's places of the first and last pair."""
    lacking = view.lacking
    # Where a record arrived late, or bears another time, the holder's copy tells when it stood in the holder's chat.
    u = view.lacking_u.copy()
    partner = view.holder_u[view.holder_rows]
    u[view.lacking_rows] = np.where(np.isnan(partner), u[view.lacking_rows], partner)
    frame = pl.DataFrame({"pair": lacking.pair, "u": u, "cls": lacking.cls}).filter(
        (pl.col("pair") != NO_PAIR) & (pl.col("cls") != SYSTEM)
    )
    own = (
        frame.with_columns(pl.col("u").fill_nan(None))
        .group_by("pair")
        .agg(pl.col("u").min().alias("own_from"), pl.col("u").max().alias("own_to"))
    )
    held = view.holder.order[view.holder_rows]
    places = pl.DataFrame(
        {"pair": view.holder.pair[view.holder_rows], "place": held, "cls": view.holder.cls[view.holder_rows]}
    )
    met = (
        places.filter(pl.col("cls") != SYSTEM)
        .group_by("pair")
        .agg(pl.col("place").min().alias("first_place"), pl.col("place").max().alias("last_place"))
    )
    return own.join(met, on="pair", how="left")


def _facts(view: SideView, lacking: Reading, exported: Exported) -> pl.DataFrame:
    """known_from, known_to, bound_from, bound_to of the lacking export in seconds on the common clock."""
    table = reach_of(view.lacking.frame, lacking, exported).drop_nulls("pair")
    out = table.with_columns(pl.col("pair").cast(pl.Int64)).join(view.ends, on="pair", how="left")
    first, last = pl.col("first_shift").fill_null(0.0), pl.col("last_shift").fill_null(0.0)
    return out.select(
        "pair",
        (pl.col("known_from") / SECONDS - first).alias("known_from"), (pl.col("bound_from") / SECONDS - first).alias("bound_from"),
        (pl.col("known_to") / SECONDS - last).alias("known_to"), (pl.col("bound_to") / SECONDS - last).alias("bound_to"),
    )  # fmt: skip


__all__ = ["EDGES", "with_edges"]
