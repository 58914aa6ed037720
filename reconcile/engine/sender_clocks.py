"""Clocks of senders: a device stamps its owner's messages itself, the server stamps all others."""

from dataclasses import replace

import numpy as np
import polars as pl

from reconcile.engine.bursts import brought_together
from reconcile.engine.offset_runs import changes_along, held_levels, offset_runs
from reconcile.engine.params import Params
from reconcile.engine.records import NOBODY, Floats, Ints, Records, own_of_pairs

SCHEMA = {
    "pair": pl.Int64, "party": pl.Int64, "is_right": pl.Boolean, "order": pl.Int64, "seconds": pl.Float64, "run": pl.Int64,
    "left": pl.Int64, "right": pl.Int64,
}  # fmt: skip


def own_clocks(left: Records, right: Records, votes: pl.DataFrame, params: Params) -> pl.DataFrame:
    """How far an owner's clock is ahead of the server's clock along the conversation.

    Each vote of an owner is compared with the votes of others before and after it, in the order of the export where the
    server stamped it. Equal votes form runs. A run that leaves a level and returns to it is no clock, since no device
    does that.

    Args:
        left: records of one side.
        right: records of the other.
        votes: clock.vote of both.
        params: the parameters of the model.

    Returns:
        SCHEMA's columns, one row per vote of an owner with a clock that differs somewhere. `order` is its place in the
        owner's export (`is_right` says which), `seconds` how far the owner's device is ahead there, `run` the stretch
        of one level.
    """
    sure = votes.filter((pl.col("weight") >= 1.0) & (pl.col("party") != NOBODY))
    li, ri = sure["left"].to_numpy(), sure["right"].to_numpy()
    # Messages of one delivery show their delay, not a clock.
    sure = sure.filter(pl.Series(~brought_together(left, right, li, ri, params)))
    if sure.height < params.sender_clock_rows:
        return pl.DataFrame(schema=SCHEMA)
    li, ri = sure["left"].to_numpy(), sure["right"].to_numpy()
    by_left, by_right = own_of_pairs(left, right, li, ri)
    unowned = ~by_left & ~by_right & (left.own[li] == -1) & (right.own[ri] == -1) & left.direct[li]
    # If no export names its owner, either member may own either device.
    first = sure.select(pl.col("party") == pl.col("party").min().over("pair")).to_series().to_numpy()
    by_left, by_right = by_left | (unowned & first), by_right | (unowned & ~first)
    coarse = 60.0 * (np.maximum(left.unit[li], right.unit[ri]) > 1)
    limit = params.sender_clock_seconds + coarse
    set_back = _set_back(sure, left, right, li, ri, limit, params)
    sides = []
    for is_right, mine, theirs, axis in (
        (False, by_left, by_right & ~by_left, right.order[ri]),
        (True, by_right & ~by_left, by_left, left.order[li]),
    ):
        owner = right if is_right else left
        table = sure.with_columns(
            pl.Series("axis", axis), pl.Series("mine", mine), pl.Series("theirs", theirs), pl.Series("limit", limit), pl.Series("direct", left.direct[li]),
            pl.Series("order", owner.order[ri if is_right else li]), pl.lit(is_right).alias("is_right"),
            pl.Series("at", (left.t[li] if is_right else right.t[ri])),
        )  # fmt: skip
        sides.append(_ahead(table, set_back, params))
    found = pl.concat(sides)
    return _one_of_two(found).select(list(SCHEMA)).sort("pair", "party", "is_right", "order")


def _set_back(
    sure: pl.DataFrame, left: Records, right: Records, li: Ints, ri: Ints, limit: Floats, params: Params
) -> pl.Series:
    """Conversations with an offset that changes once or twice along one file and often along the other.

    A clock that was set back mixes the order of one file; a sender with a clock of its own makes both change.
    """
    pair, d, at = sure["pair"].to_numpy(), sure["d"].to_numpy(), left.t[li]
    many = np.bincount(pair)
    counts = []
    for order in (left.order[li], right.order[ri]):
        by = np.lexsort((order, pair))
        changes, alone = changes_along(pair[by], d[by], at[by], limit[by], len(many), params)
        is_step = (np.abs(np.diff(d[by])) > limit[by][1:]) & (np.diff(pair[by]) == 0)
        counts.append((changes, alone, np.bincount(pair[by][1:][is_step], minlength=len(many))))
    out = np.zeros(len(many), bool)
    for (changes, alone, _), (_, _, steps) in (counts, counts[::-1]):
        # Nearly all votes agree with their neighbours along one file.
        is_clear = (many - alone >= params.steady_share * many) & (changes <= 2)
        out |= is_clear & (steps > 2) & (2 * changes < steps)
    return pl.Series(np.flatnonzero(out), dtype=pl.Int64)


def on_main_clocks(left: Records, right: Records, senders: pl.DataFrame) -> tuple[Records, Records]:
    """Both sides' records, with senders who have a clock of their own moved to the clock of the others.

    Each record is moved like the nearest vote of its sender in its export.
    """
    if senders.is_empty():
        return left, right
    moved = []
    for records, is_right in ((left, False), (right, True)):
        told = senders.filter(pl.col("is_right") == is_right)
        if told.is_empty():
            moved.append(records)
            continue
        rows = np.flatnonzero(np.isin(records.pair, told["pair"].unique().to_numpy()))
        here = pl.DataFrame(
            {"row": rows, "pair": records.pair[rows], "party": records.party[rows], "order": records.order[rows]}
        ).sort("order")
        near = here.join_asof(
            told.select("pair", "party", "order", "seconds").sort("order"),
            on="order", by=["pair", "party"], strategy="nearest", check_sortedness=False,
        ).drop_nulls("seconds")  # fmt: skip
        t = records.t.copy()
        t[near["row"].to_numpy()] -= near["seconds"].to_numpy()
        # The other export may know the sender of a nameless record, by its vote.
        row = "right" if is_right else "left"
        nameless = told.filter(pl.Series(records.party[told[row].to_numpy()] == NOBODY)).unique(row)
        t[nameless[row].to_numpy()] -= nameless["seconds"].to_numpy()
        moved.append(replace(records, t=t))
    return moved[0], moved[1]


def _ahead(table: pl.DataFrame, set_back: pl.Series, params: Params) -> pl.DataFrame:
    """The owner's votes of one side with `seconds` and `run`, where some level other than zero is held."""
    sign = -1.0 if bool(table["is_right"][0]) else 1.0
    # In a group, messages of third people separate the two owners; the other owner's messages have that device's clock.
    third = ~pl.col("mine") & ~pl.col("theirs")
    by_third = _is_enough(third, params)
    other = pl.when(third | (~pl.col("mine") & ~by_third)).then("d")
    ordered = table.sort("pair", "axis").with_columns(
        other.forward_fill().over("pair").alias("before"), other.backward_fill().over("pair").alias("after")
    )
    # Next to a change of the common clock the votes of others disagree, so nothing is estimated there.
    steady = (pl.col("before") - pl.col("after")).abs() <= pl.col("limit")
    # At an end, others stand on one side only. They are enough if all others of the chat agree.
    alike = (other.max() - other.min()).over("pair") <= pl.col("limit")
    steady = steady.fill_null(alike & _is_enough(other.is_not_null(), params))
    # After a clock was set back, the order of this file mixes the votes of two clocks.
    steady &= alike | ~pl.col("pair").is_in(set_back.implode())
    others = pl.mean_horizontal("before", "after")
    mine = ordered.filter(pl.col("mine") & steady & others.is_not_null()).with_columns(
        (sign * (pl.col("d") - others)).alias("ahead")
    )
    if mine.is_empty():
        return mine.with_columns(run=pl.lit(0, pl.Int64), seconds=pl.lit(0.0), own_run=pl.lit(0, pl.Int64))
    pair, ahead, d, at, limit = (mine[c].to_numpy() for c in ("pair", "ahead", "d", "at", "limit"))
    run, level = held_levels(pair, ahead, at, limit, params)
    alone = offset_runs(pair, d, at, limit, params)
    mine = mine.with_columns(pl.Series("run", run), pl.Series("seconds", level), pl.Series("own_run", alone)).filter(
        pl.col("run") >= 0
    )
    off = (pl.col("seconds").abs() > pl.col("limit")).sum().over("pair", "party")
    return mine.filter(off >= params.sender_clock_rows)


def _is_enough(others: pl.Expr, params: Params) -> pl.Expr:
    """Whether a conversation has enough votes of others to measure its owner's clock by."""
    n = others.sum().over("pair")
    mine = pl.col("mine").sum().over("pair")
    return (n >= params.habit_records) & (n >= params.sender_clock_share * mine)


def _one_of_two(found: pl.DataFrame) -> pl.DataFrame:
    """The votes; in a direct chat only of one owner, since either clock may be the wrong one.

    Kept is the owner with the clock that changes more, or else with times farther apart. In a group the messages of
    others separate the two.
    """
    told = found.group_by("pair", "is_right", maintain_order=True).agg(
        pl.col("direct").first(),
        pl.col("own_run").filter(pl.col("own_run") >= 0).n_unique().alias("runs"),
        pl.col("d").abs().median().alias("size"),
    )
    kept = told.filter(
        ~pl.col("direct") | (pl.struct("runs", "size", "is_right").rank("ordinal", descending=True).over("pair") == 1)
    )
    return found.join(kept.select("pair", "is_right"), on=["pair", "is_right"], how="semi", maintain_order="left")


__all__ = ["SCHEMA", "on_main_clocks", "own_clocks"]
