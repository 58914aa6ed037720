"""Moves the messages of senders who have a clock of their own to the clock of the others."""

from dataclasses import replace

import numpy as np
import polars as pl

from reconcile.column_ops import listed
from reconcile.engine.params import Params
from reconcile.engine.records import NOBODY, Ints, Keys, Records, content_keys, content_of, may_be_one_sender
from reconcile.wechat.kind_classes import SYSTEM, WORDS

_SENDER = ["pair", "party"]


def on_main_clocks(left: Records, right: Records, senders: pl.DataFrame, params: Params) -> tuple[Records, Records]:
    """Both sides' records, with senders who have a clock of their own moved to the clock of the others.

    Each record is moved like the nearest vote of its sender in its export. If only another vote beside it in the other
    export, or the time as stated, lets it meet an equal message there, it is moved like that vote or not at all, and so
    are records beside it that meet nothing.

    Args:
        left: records of one side, by the clocks that stamped them.
        right: records of the other.
        senders: sender_clocks.own_clocks.
        params: the parameters of the model.
    """
    if senders.is_empty():
        return left, right
    return (
        _moved(left, right, senders.filter(~pl.col("is_right")), params),
        _moved(right, left, senders.filter("is_right"), params),
    )


def _moved(own: Records, other: Records, told: pl.DataFrame, params: Params) -> Records:
    """One side's records on the clock of the others; `told` holds the votes of senders in this export."""
    if told.is_empty():
        return own
    rows = np.flatnonzero(np.isin(own.pair, told["pair"].unique().to_numpy()))
    here = pl.DataFrame({"row": rows, "pair": own.pair[rows], "party": own.party[rows], "order": own.order[rows]})
    near = here.sort("order").join_asof(
        told.select(*_SENDER, "order", "seconds").sort("order"),
        on="order", by=_SENDER, strategy="nearest", check_sortedness=False,
    ).drop_nulls("seconds")  # fmt: skip
    near = near.join(_by_partners(own, other, told, near, params), on="row", how="left", maintain_order="left")
    row = "right" if own.is_right else "left"
    t = own.t.copy()
    t[near["row"].to_numpy()] -= _seconds_ahead(near, own, told[row]).to_numpy()
    # The other export may know the sender of a nameless record, by its vote.
    nameless = told.filter(pl.Series(own.party[told[row].to_numpy()] == NOBODY)).unique(row)
    t[nameless[row].to_numpy()] -= nameless["seconds"].to_numpy()
    return replace(own, t=t)


def _seconds_ahead(near: pl.DataFrame, own: Records, votes: pl.Series) -> pl.Series:
    """How far the clock of each record is ahead: its own `level`, or else that of a record beside it.

    Beside it stand, of the same sender, the last and the next record that voted or met an equal message. The one whose
    time is nearer counts: two clocks may meet far from the votes.
    """
    is_known = pl.col("level").is_not_null() | pl.col("row").is_in(listed(votes))
    told = near.with_columns(pl.Series("t", own.t[near["row"].to_numpy()], nan_to_null=True)).with_columns(
        pl.when(is_known).then(c).alias(f"{c}_known") for c in ("t", "seconds")
    )
    at, seconds = pl.col("t_known"), pl.coalesce("level", "seconds_known")
    gaps = [(pl.col("t") - known.over(_SENDER)).abs() for known in (at.forward_fill(), at.backward_fill())]
    beside = [known.over(_SENDER) for known in (seconds.forward_fill(), seconds.backward_fill())]
    nearer = pl.when(gaps[1] < gaps[0]).then(beside[1]).when(gaps[0] < gaps[1]).then(beside[0])
    return told.select(pl.coalesce(seconds, nearer, "seconds").alias("seconds"))["seconds"]


def _by_partners(own: Records, other: Records, told: pl.DataFrame, near: pl.DataFrame, params: Params) -> pl.DataFrame:
    """row, level: the clock by which each record meets an equal message of the other side.

    The clock is that of the sender's vote before or behind this message in the other export, or that of the others. Of
    several such clocks, the one that differs least from the nearest vote's counts.
    """
    mine, theirs = (told[c].to_numpy() for c in (("right", "left") if own.is_right else ("left", "right")))
    votes = told.select(
        *_SENDER, pl.col("seconds").alias("level"), pl.Series("apart", own.t[mine] - other.t[theirs]), pl.Series("place", other.order[theirs])
    ).sort("place")  # fmt: skip
    stated = votes.with_columns(pl.col("apart") - pl.col("level"), level=pl.lit(0.0))
    clocks = pl.concat([votes, stated]).group_by(*_SENDER, "level", maintain_order=True).agg(pl.col("apart").median())
    met = _equal_messages(own, other, near.join(clocks, on=_SENDER), params)
    fits = met["level"] == 0.0
    for strategy in ("backward", "forward"):
        found = met.join_asof(
            votes.select(*_SENDER, "place", pl.col("level").alias("beside")), on="place", by=_SENDER, strategy=strategy, check_sortedness=False
        )  # fmt: skip
        fits |= (found["beside"] == found["level"]).fill_null(value=False)
    off = (pl.col("level") - pl.col("seconds")).abs()
    return (
        met.filter(fits)
        .sort("row", off, maintain_order=True)
        .unique("row", keep="first", maintain_order=True)
        .select("row", "level")
    )


def _equal_messages(own: Records, other: Records, asked: pl.DataFrame, params: Params) -> pl.DataFrame:
    """Rows of `asked` that meet an equal message at the distance `apart`, and its `place` there."""
    rows = asked["row"].to_numpy()
    asked = asked.with_columns(
        pl.Series("key", _keys(own, rows)), pl.Series("expected", own.t[rows] - asked["apart"].to_numpy()), pl.Series("unit", own.unit[rows])
    ).filter(pl.col("expected").is_not_nan())  # fmt: skip
    is_asked = np.isin(other.pair, asked["pair"].unique().to_numpy()) & (other.cls != SYSTEM) & ~np.isnan(other.t)
    known = np.flatnonzero(is_asked)
    partners = pl.DataFrame({
        "pair": other.pair[known], "key": _keys(other, known), "t": other.t[known], "sender": other.party[known], "place": other.order[known], "unit_there": other.unit[known],
    })  # fmt: skip
    met = asked.sort("expected").join_asof(
        partners.sort("t"), left_on="expected", right_on="t", by=["pair", "key"], strategy="nearest", coalesce=False, check_sortedness=False
    )  # fmt: skip
    coarse = pl.max_horizontal("unit", "unit_there")
    limit = params.settle_seconds + pl.when(coarse > 1).then(coarse.clip(upper_bound=60.0)).otherwise(0.0)
    apart = (pl.col("expected") - pl.col("t")).abs()
    met = met.filter(apart <= limit, may_be_one_sender(pl.col("party"), pl.col("sender")))
    # Each message of the other side is one of these: the one that meets it best.
    return met.sort(apart, "row", "level").unique("place", keep="first").sort("place")


def _keys(records: Records, rows: Ints) -> Keys:
    """A key of the words of each record, or of its kind.

    Two tools seldom state the same of a record without words.
    """
    keys = content_keys(records.cls[rows], content_of(records.frame[rows])[1])
    return np.where(records.cls[rows] == WORDS, keys, records.cls[rows].astype(np.uint64))


__all__ = ["on_main_clocks"]
