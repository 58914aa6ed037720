"""Clocks of senders: a device stamps its owner's messages itself, the server stamps all others."""

from dataclasses import replace

import numpy as np
import polars as pl

from reconcile.column_ops import stretches
from reconcile.engine.bursts import brought_together
from reconcile.engine.offset_runs import changes_along, held_levels, offset_runs
from reconcile.engine.params import Params
from reconcile.engine.records import NOBODY, Flags, Floats, Ints, Records, own_of_pairs, without_owner

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
    kept = ~brought_together(left, right, li, ri, params)
    limit = level_limit(left, right, li, ri, params)
    kept &= ~_all_agree(sure["pair"].to_numpy(), sure["d"].to_numpy(), limit, kept)
    sure, limit = sure.filter(pl.Series(kept)), limit[kept]
    if sure.height < params.sender_clock_rows:
        return pl.DataFrame(schema=SCHEMA)
    li, ri = sure["left"].to_numpy(), sure["right"].to_numpy()
    by_left, by_right = _votes_of_owners(left, right, sure)
    # The votes of a conversation stand together and in the order of each file.
    along = np.argsort(left.order[li], kind="stable"), np.argsort(right.order[ri], kind="stable")
    set_back = _conversations_set_back(sure, left.t[li], along, limit, params)
    sides = []
    for is_right, mine, theirs, by in (
        (False, by_left, by_right & ~by_left, along[1]),
        (True, by_right & ~by_left, by_left, along[0]),
    ):
        order, at = (right.order[ri], left.t[li]) if is_right else (left.order[li], right.t[ri])
        pair, d = sure["pair"].to_numpy(), sure["d"].to_numpy()
        ahead = _seconds_ahead(pair[by], d[by], mine[by], theirs[by], limit[by], set_back, params)
        known = ~np.isnan(ahead)
        ahead, rows = (-ahead if is_right else ahead)[known], by[known]
        table = sure[rows].select("pair", "party", "d", "left", "right").with_columns(
            is_right=pl.lit(is_right), order=order[rows], direct=left.direct[li[rows]],
        )  # fmt: skip
        sides.append(_votes_off_clock(table, ahead, at[rows], limit[rows], params))
    found = pl.concat(sides)
    return _one_owner_in_direct_chats(found).select(list(SCHEMA)).sort("pair", "party", "is_right", "order")


def _votes_of_owners(left: Records, right: Records, votes: pl.DataFrame) -> tuple[Flags, Flags]:
    """Whether each vote is the left owner's, and whether it is the right owner's.

    If no export of a direct chat names its owner, either member may own either device, and one is taken for each.
    """
    li, ri = votes["left"].to_numpy(), votes["right"].to_numpy()
    by_left, by_right = own_of_pairs(left, right, li, ri)
    unowned = without_owner(left, right, li, ri, by_left | by_right) & left.direct[li]
    first = votes.select(pl.col("party") == pl.col("party").min().over("pair")).to_series().to_numpy()
    return by_left | (unowned & first), by_right | (unowned & ~first)


def level_limit(left: Records, right: Records, li: Ints, ri: Ints, params: Params) -> Floats:
    """Seconds by which offsets of one level may differ; more where a time is not to the second."""
    coarse = np.maximum(left.unit[li], right.unit[ri]) > 1
    limit: Floats = np.where(coarse, params.sender_clock_seconds + 60.0, params.sender_clock_seconds)
    return limit


def _all_agree(pair: Ints, d: Floats, limit: Floats, kept: Flags) -> Flags:
    """Whether all votes of each vote's conversation agree; no sender there has a clock of their own."""
    n = int(pair.max(initial=-1)) + 1
    low, high, least = np.full(n, np.inf), np.full(n, -np.inf), np.full(n, np.inf)
    for found, extreme, values in ((low, np.minimum, d), (high, np.maximum, d), (least, np.minimum, limit)):
        extreme.at(found, pair[kept], values[kept])
    agree: Flags = (high - low <= least)[pair]
    return agree


def _conversations_set_back(
    sure: pl.DataFrame, at: Floats, along: tuple[Ints, Ints], limit: Floats, params: Params
) -> Ints:
    """Conversations with an offset that changes once or twice along one file and often along the other.

    A clock that was set back mixes the order of one file; a sender with a clock of its own makes both change.
    """
    pair, d = sure["pair"].to_numpy(), sure["d"].to_numpy()
    many = np.bincount(pair)
    counts = []
    for by in along:
        run = offset_runs(pair[by], d[by], at[by], limit[by], params)
        changes, alone = changes_along(pair[by], run, len(many))
        is_step = (np.abs(np.diff(d[by])) > limit[by][1:]) & (np.diff(pair[by]) == 0)
        counts.append((changes, alone, np.bincount(pair[by][1:][is_step], minlength=len(many))))
    out = np.zeros(len(many), bool)
    for (changes, alone, _), (_, _, steps) in (counts, counts[::-1]):
        # Nearly all votes agree with their neighbours along one file.
        is_clear = (many - alone >= params.steady_share * many) & (changes <= 2)
        out |= is_clear & (steps > 2) & (2 * changes < steps)
    return np.flatnonzero(out)


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


def _seconds_ahead(
    pair: Ints, d: Floats, mine: Flags, theirs: Flags, limit: Floats, set_back: Ints, params: Params
) -> Floats:
    """How far each of the owner's votes lies from the votes of others around it; nan = not measured.

    Args:
        pair, d, limit: conversation, difference and tolerance of each vote, in the order of the file where the server
            stamped them.
        mine: whether each vote is the owner's.
        theirs: whether it is the other owner's.
        set_back: conversations whose other clock was set back.
        params: the parameters of the model.
    """
    n_mine = np.bincount(pair, mine)

    def are_enough_votes(others: Flags) -> Flags:
        """Whether enough of the pair's records vote, as the parameters ask."""
        n = np.bincount(pair, others)
        enough: Flags = ((n >= params.habit_records) & (n >= params.sender_clock_share * n_mine))[pair]
        return enough

    # In a group, messages of third people separate the two owners; the other owner's messages have that device's clock.
    third = ~mine & ~theirs
    other = third | (~mine & ~are_enough_votes(third))
    before, after = _nearest_votes(pair, d, other)
    # Next to a change of the common clock the votes of others disagree, so nothing is estimated there.
    steady = np.abs(before - after) <= limit
    # At an end, others stand on one side only. They are enough if all others of the chat agree.
    starts = stretches(pair)
    spread = np.fmax.reduceat(np.where(other, d, np.nan), starts) - np.fmin.reduceat(np.where(other, d, np.nan), starts)
    alike = np.repeat(spread, np.diff(starts, append=len(pair))) <= limit
    steady = np.where(np.isnan(before) | np.isnan(after), alike & are_enough_votes(other), steady)
    # After a clock was set back, the order of this file mixes the votes of two clocks.
    steady &= alike | ~np.isin(pair, set_back)
    others = np.where(np.isnan(before), after, np.where(np.isnan(after), before, (before + after) / 2))
    return np.where(mine & steady, d - others, np.nan)


def _nearest_votes(pair: Ints, d: Floats, other: Flags) -> tuple[Floats, Floats]:
    """The nearest votes of others before and after each vote of their conversation; nan = none."""
    place, last = np.arange(len(pair)), len(pair) - 1
    low = np.maximum.accumulate(np.where(other, place, -1))
    high = np.minimum.accumulate(np.where(other, place, len(pair))[::-1])[::-1]
    before = np.where((low >= 0) & (pair[low] == pair), d[low], np.nan)
    near = np.minimum(high, last)
    return before, np.where((high <= last) & (pair[near] == pair), d[near], np.nan)


def _votes_off_clock(mine: pl.DataFrame, ahead: Floats, at: Floats, limit: Floats, params: Params) -> pl.DataFrame:
    """The owner's votes with `seconds`, `run` and `own_run`, where some level other than zero is held."""
    if mine.is_empty():
        return mine.with_columns(run=pl.lit(0, pl.Int64), seconds=pl.lit(0.0), own_run=pl.lit(0, pl.Int64))
    # Half the votes of a level lie as far off as the level itself, so chats with fewer such votes hold none.
    far = np.bincount(mine["pair"].to_numpy(), np.abs(ahead) > limit.min())
    asked = far[mine["pair"].to_numpy()] >= params.sender_clock_rows / 2
    mine, ahead, at, limit = mine.filter(pl.Series(asked)), ahead[asked], at[asked], limit[asked]
    pair, d = mine["pair"].to_numpy(), mine["d"].to_numpy()
    run, level = held_levels(pair, ahead, at, limit, params)
    alone = offset_runs(pair, d, at, limit, params)
    mine = mine.with_columns(
        pl.Series("run", run), pl.Series("seconds", level), pl.Series("own_run", alone), is_off=np.abs(level) > limit
    ).filter(pl.col("run") >= 0)
    off = pl.col("is_off").sum().over("pair", "party")
    return mine.filter(off >= params.sender_clock_rows).drop("is_off")


def _one_owner_in_direct_chats(found: pl.DataFrame) -> pl.DataFrame:
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


__all__ = ["SCHEMA", "level_limit", "on_main_clocks", "own_clocks"]
