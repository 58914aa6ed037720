"""The clocks that may have stamped a record: those of the votes and pairs before and behind it."""

import numpy as np
import polars as pl

from reconcile.engine.params import Params
from reconcile.engine.records import NOBODY, Floats, Ints, Records, times_around
from reconcile.engine.sides import SideView


def levels_beside(view: SideView, places: pl.Series, params: Params) -> list[pl.Series]:
    """Seconds to add to each time by its sender's clock before it, and by the clock after it.

    Null where both levels agree, or the sender has no clock of its own.
    """
    senders = view.alignment.clock.senders.filter(pl.col("is_right") == view.holder.is_right)
    if senders.is_empty():
        return []
    records = view.records_at(places)
    asked = pl.DataFrame({
        "pair": view.holder.pair[records], "party": view.holder.party[records], "order": places.cast(pl.Int64),
        "taken": (view.holder.stamped - view.holder.t)[records],
    }).with_row_index("n").sort("order")  # fmt: skip
    told = senders.select("pair", "party", "order", "seconds").sort("order")
    sides = [
        asked.join_asof(told, on="order", by=["pair", "party"], strategy=way, check_sortedness=False).sort("n")
        for way in ("backward", "forward")
    ]
    before, after = (s["seconds"] for s in sides)
    differ = (before - after).abs() > params.jump_seconds
    taken = sides[0]["taken"]
    return [(taken - level).set(~differ.fill_null(value=False), None) for level in (before, after)]


def residuals_beside(view: SideView, places: pl.Series, params: Params) -> list[pl.Series]:
    """Time difference (other side minus holder, seconds) of the nearest pair before and after each record.

    The same clock may have stamped the record and this pair. Null where the difference is near zero.
    """
    residual = differences(view)
    if not (np.abs(residual) > params.jump_seconds).any():
        return []
    beside = times_around(view.holder, residual)[places]
    return [s.set((s.abs() <= params.jump_seconds).fill_null(value=False), None) for s in beside.get_columns()]


def clocks_beside(view: SideView, places: pl.Series, params: Params) -> list[pl.Series]:
    """The lacking device's clock (seconds ahead) at the nearest pair before and after a record.

    Null where the clock does not change between them. A record there may follow either.
    """
    clock, left = view.alignment.clock, view.alignment.pairs.left
    if clock.segments.is_empty() or clock.segments["segment"].n_unique() == 1:
        return []
    ahead = np.full(len(view.holder), np.nan)
    ahead[view.holder_rows] = clock.before[left] if view.holder.is_right else -clock.before[left]
    before, after = times_around(view.holder, ahead)[places].get_columns()
    changes = ((before - after).abs() > params.jump_seconds).fill_null(value=False)
    return [level.set(~changes, None) for level in (before, after)]


def amid_author(view: SideView, places: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Whether sure pairs of its author stand behind each record, and in front of it.

    One clock, the author's, set all these times. So the record belongs between them on the other device, too.
    """
    holder, by, where = view.holder, ["pair", "party"], ["place", "u"]
    frame = pl.DataFrame(
        {"pair": holder.pair, "party": holder.party, "place": holder.order, "u": view.holder_u}, nan_to_null=True
    )
    sure = frame[view.holder_rows[view.is_sure]].filter((pl.col("party") != NOBODY) & pl.col("u").is_not_null())
    first, last = pl.col(where).min().name.prefix("first_"), pl.col(where).max().name.prefix("last_")
    told = frame[view.records_at(places)].join(
        sure.group_by(by).agg(first, last), on=by, how="left", maintain_order="left"
    )
    early = pl.all_horizontal(pl.col(c) < pl.col(f"last_{c}") for c in where)
    late = pl.all_horizontal(pl.col(c) > pl.col(f"first_{c}") for c in where)
    before, behind = told.select(early=early.fill_null(value=False), late=late.fill_null(value=False))
    return before, behind


def differences(view: SideView) -> Floats:
    """Other time minus own time of each record of the holder (seconds); nan without a partner."""
    found = np.full(len(view.holder), np.nan)
    found[view.holder_rows] = view.lacking_u[view.lacking_rows] - view.holder_u[view.holder_rows]
    return found


def levels_of(steady: pl.DataFrame, records: Records, at: Ints) -> Floats:
    """The seconds of `steady_clocks` of each record's sender; 0 where the sender has none there."""
    if steady.is_empty():
        return np.zeros(len(at))
    table = pl.DataFrame({"pair": records.pair[at], "party": records.party[at]})
    levels: Floats = (
        table.join(steady, on=["pair", "party"], how="left", maintain_order="left")["seconds"].fill_null(0.0).to_numpy()
    )
    return levels


def steady_clocks(view: SideView) -> pl.DataFrame:
    """The owners whose clock has one offset on the lacking device in the whole chat.

    Returns:
        pair, party, seconds (that offset).
    """
    senders = view.alignment.clock.senders.filter(pl.col("is_right") != view.holder.is_right)
    told = senders.group_by("pair", "party").agg(pl.col("seconds").first(), pl.col("run").n_unique().alias("runs"))
    return told.filter(pl.col("runs") == 1)


__all__ = [
    "amid_author", "clocks_beside", "differences", "levels_beside", "levels_of", "residuals_beside", "steady_clocks"
]  # fmt: skip
