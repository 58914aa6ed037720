"""Tells a device's clock that was off for a while from times that somebody may have changed."""

import numpy as np
import polars as pl

from reconcile.engine.clocks.sender_clocks import level_limit
from reconcile.engine.pairs.alignment import Alignment, pair_residuals
from reconcile.engine.params import Params
from reconcile.engine.records import Floats, Ints, Records, own_of_pairs, party_of_pairs
from reconcile.wechat.kind_classes import SYSTEM

_STREAM = ("pair", "party")
_RUN = (*_STREAM, "is_right", "run")


def runs_of_devices(a: Alignment, runs: pl.DataFrame, params: Params) -> pl.DataFrame:
    """Which runs of an owner's clock show a device that was off for a while.

    A clock knows no contents. It moves all that its owner sends in that while, over several exchanges, and tears these
    messages from those that they answer, in the copy of that device alone. A few messages may have been chosen, and
    times that were changed in the copy of the receiver tear that one.

    Args:
        a: the alignment.
        runs: pair, party, is_right, run, seconds (how far the owner's device is ahead), left_first, left_last,
            right_first, right_last (records of the pairs that show the run).
        params: the parameters of the model.

    Returns:
        pair, party, is_right, run of these.
    """
    sides = [_evidence(a, runs.filter(pl.col("is_right") == side), params, is_right=side) for side in (False, True)]
    is_small = pl.col("seconds").abs() <= params.offset_free_seconds
    least = pl.when(is_small).then(-params.torn_nats).otherwise(params.torn_nats)
    shown = (
        (pl.col("rows") >= params.spell_rows)
        & (pl.col("turns") >= params.spell_turns)
        & (pl.col("strays") <= (1 - params.ordered_share) * pl.col("rows"))
        & (pl.col("torn") > least)
    )
    return pl.concat(sides).filter(shown).select(_RUN)


def _evidence(a: Alignment, runs: pl.DataFrame, params: Params, *, is_right: bool) -> pl.DataFrame:
    """The runs of one side with rows, strays, turns and torn.

    rows: messages that are known to be the owner's and bear the clock of the run, from its first to its last in the other
    copy. strays: the sender's others between them. turns: before how many of them somebody else spoke. torn: by how much longer
    the mean logarithm of the pauses around them is in the owner's copy.
    """
    own, other = (a.right, a.left) if is_right else (a.left, a.right)
    li, ri = a.pairs.left, a.pairs.right
    mine, theirs = (ri, li) if is_right else (li, ri)
    spoken = np.isin(a.left.pair[li], runs["pair"].unique().to_numpy()) & (a.left.cls[li] != SYSTEM)
    at = np.flatnonzero(spoken & ~np.isnan(own.stamped[mine]) & ~np.isnan(other.stamped[theirs]))
    limit = level_limit(a.left, a.right, li[at], ri[at], params)
    is_owners = own_of_pairs(a.left, a.right, li[at], ri[at])[is_right]
    unit = np.clip(np.maximum(own.unit[mine[at]], other.unit[theirs[at]]), 1.0, 60.0)
    torn = _mean_pauses(own, mine[at], unit) - _mean_pauses(other, theirs[at], unit)
    said = pl.DataFrame({
        "pair": a.left.pair[li[at]], "party": party_of_pairs(a.left, a.right, li[at], ri[at]), "place": other.order[theirs[at]],
        "ahead": own.stamped[mine[at]] - own.t[mine[at]], "limit": limit, "agrees": np.abs(pair_residuals(a)[at]) <= limit, "torn": torn,
        "is_owners": is_owners,
    }).sort("place")  # fmt: skip
    is_answer = (pl.col("party") != pl.col("party").shift()).fill_null(value=True)
    name = "left" if is_right else "right"
    ends = [pl.Series(c, other.order[runs[f"{name}_{c}"].to_numpy()]) for c in ("first", "last")]
    shown = _with_all_that_bear(runs.select(*_RUN, "seconds", *ends), said.filter("is_owners", "agrees"))
    found = said.with_columns(is_answer.alias("is_answer")).join_asof(
        shown.sort("first"), left_on="place", right_on="first", by=list(_STREAM), check_sortedness=False
    ).filter(pl.col("agrees") & (pl.col("place") <= pl.col("last")))  # fmt: skip
    bears = pl.col("is_owners") & ((pl.col("ahead") - pl.col("seconds")).abs() <= pl.col("limit"))
    return found.group_by(*_RUN, maintain_order=True).agg(
        pl.col("seconds").first(), bears.sum().alias("rows"), (~bears).sum().alias("strays"),
        pl.col("is_answer").filter(bears).sum().alias("turns"), pl.col("torn").filter(bears).mean().alias("torn"),
    )  # fmt: skip


def _with_all_that_bear(runs: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    """The runs from the first to the last of the owner's messages in a row that bear their clock.

    Only rare words show a clock, and common ones around them bear it.
    """
    begins = (pl.col("ahead").diff().abs().over(_STREAM) > pl.col("limit")).fill_null(value=True)
    blocks = owners.with_columns(begins.cum_sum().over(_STREAM).alias("block"))
    place = pl.col("place")
    spans = blocks.select(
        *_STREAM,
        "place",
        *(e.over(*_STREAM, "block").alias(c) for e, c in ((place.min(), "from"), (place.max(), "to"))),
    )
    told = runs.join(
        spans, left_on=[*_STREAM, "first"], right_on=[*_STREAM, "place"], how="left", maintain_order="left"
    )
    first, last = pl.min_horizontal("first", "from"), pl.max_horizontal("last", "to")
    return told.select(*_RUN, "seconds", first.alias("first"), last.alias("last"))


def _mean_pauses(records: Records, rows: Ints, unit: Floats) -> Floats:
    """Mean logarithm of the pauses around each of these rows, by their export's times to `unit` seconds."""
    said = pl.DataFrame({"pair": records.pair[rows], "t": records.stamped[rows], "unit": unit})
    said = said.with_row_index("at").sort("pair", "t")
    pauses = [(pl.col("t").diff(step).over("pair").abs() + pl.col("unit")).log() for step in (1, -1)]
    mean: Floats = said.select("at", mean=pl.mean_horizontal(pauses)).sort("at")["mean"].to_numpy()
    return mean


__all__ = ["runs_of_devices"]
