"""Clocks of senders: a device stamps its owner's messages itself, the server stamps all others."""

import numpy as np
import polars as pl

from reconcile.column_ops import medians, stretches
from reconcile.engine.clocks.bursts import brought_together
from reconcile.engine.clocks.offset_runs import changes_along, held_levels, offset_runs
from reconcile.engine.params import Params
from reconcile.engine.records import NOBODY, Flags, Floats, Ints, Records, own_of_pairs, without_owner

SCHEMA = {
    "pair": pl.Int64, "party": pl.Int64, "is_right": pl.Boolean, "order": pl.Int64, "seconds": pl.Float64, "run": pl.Int64,
    "left": pl.Int64, "right": pl.Int64,
}  # fmt: skip


def own_clocks(left: Records, right: Records, votes: pl.DataFrame, params: Params) -> pl.DataFrame:
    """How far an owner's clock is ahead of the server's clock along the conversation.

    Each vote of an owner is compared with the votes of others before and after it, in the order of the export where the
    server stamped it. Equal votes form runs, each the clock of a while.

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
    # The votes of a conversation stand together and in the order of each file.
    along = np.argsort(left.order[li], kind="stable"), np.argsort(right.order[ri], kind="stable")
    by_left, by_right = _votes_of_owners(left, right, sure, along, limit, params)
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
    found = _one_owner_in_direct_chats(pl.concat(sides)).select(list(SCHEMA))
    if found.is_empty():
        return found
    orders = pl.Series("left_order", left.order[li]), pl.Series("right_order", right.order[ri])
    told = sure.with_columns(*orders, pl.Series("export", left.export[li]), pl.Series("limit", limit))
    carried = _carried_clocks(found, told, params).select(list(SCHEMA))
    return pl.concat([found, carried]).sort("pair", "party", "is_right", "order")


def _votes_of_owners(
    left: Records, right: Records, votes: pl.DataFrame, along: tuple[Ints, Ints], limit: Floats, params: Params
) -> tuple[Flags, Flags]:
    """Whether each vote is the left owner's, and whether it is the right owner's.

    If no export of a direct chat names its owner, either member may own either device, and one is taken for each. In a
    group, the member with votes that leave those of all others is taken for the owner of an export that names none.
    """
    li, ri = votes["left"].to_numpy(), votes["right"].to_numpy()
    by_left, by_right = own_of_pairs(left, right, li, ri)
    unowned = without_owner(left, right, li, ri, by_left | by_right) & left.direct[li]
    first = votes.select(pl.col("party") == pl.col("party").min().over("pair")).to_series().to_numpy()
    by_left, by_right = by_left | (unowned & first), by_right | (unowned & ~first)
    sides = [(by_left, by_right, along[1]), (by_right, by_left, along[0])]
    pair, group = votes["pair"].to_numpy(), ~left.direct[li]
    taken = [
        _leaves_others(votes, by, limit, group & ~theirs & ~np.isin(pair, pair[mine]), params)
        for mine, theirs, by in sides
    ]
    return by_left | taken[0], by_right | (taken[1] & ~taken[0])


def _leaves_others(votes: pl.DataFrame, by: Ints, limit: Floats, asked: Flags, params: Params) -> Flags:
    """Whether each vote is of the member with most votes that differ from others' around them.

    Args:
        votes: the votes.
        by: their places in the order of the file where the server stamped these votes.
        limit: tolerance of each vote.
        asked: the votes that may be such a member's.
        params: the parameters of the model.
    """
    if not asked.any():
        return asked
    pair, party, d = (votes[c].to_numpy()[by] for c in ("pair", "party", "d"))
    starts = stretches(pair, party)
    run = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(by)))
    before, after = starts[run] - 1, np.append(starts[1:], len(by))[run]
    inner = (before >= 0) & (after < len(by))
    before, after = np.maximum(before, 0), np.minimum(after, len(by) - 1)
    inner &= (pair[before] == pair) & (pair[after] == pair) & (np.abs(d[before] - d[after]) <= limit[by])
    leaves = inner & (np.abs(d - (d[before] + d[after]) / 2) > limit[by]) & asked[by]
    told = pl.DataFrame({"pair": pair[leaves], "party": party[leaves]}).group_by("pair", "party").len()
    told = told.filter(pl.col("len") >= params.sender_clock_rows).sort(
        "pair", "len", "party", descending=[False, True, False]
    )
    most = told.unique("pair", keep="first", maintain_order=True).select("pair", most="party")
    found = votes.select("pair", "party").join(most, on="pair", how="left", maintain_order="left")
    return found.select((pl.col("party") == pl.col("most")).fill_null(value=False)).to_series().to_numpy()


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
    # Where the two owners' votes agree, those of third people are off, which no owner's clock explains.
    agree = [np.abs(d - near) <= limit for near in _nearest_votes(pair, d, theirs)]
    steady &= ~are_enough_votes(third) | (np.abs(d - others) <= limit) | ~(agree[0] | agree[1])
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
    far = np.bincount(mine["pair"].to_numpy(), np.abs(ahead) > limit)
    asked = far[mine["pair"].to_numpy()] >= params.sender_clock_rows / 2
    mine, ahead, at, limit = mine.filter(pl.Series(asked)), ahead[asked], at[asked], limit[asked]
    pair, d = mine["pair"].to_numpy(), mine["d"].to_numpy()
    # Times that were cut to the minute, whether the file says so or not, step up and down all along.
    starts = stretches(pair)
    steps = medians(np.abs(np.diff(ahead, prepend=ahead[:1])), starts)
    limit = np.maximum(limit, np.repeat(params.settle_spreads * steps, np.diff(starts, append=len(pair))))
    run, level = held_levels(pair, ahead, at, limit, params)
    # A clock that was set during a long pause looks like drift, so levels are compared and not drift.
    alone, _ = held_levels(pair, d, at, limit, params)
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


def _carried_clocks(found: pl.DataFrame, votes: pl.DataFrame, params: Params) -> pl.DataFrame:
    """Votes in chats that show no clock of a sender, where they fit the one that it has in all others.

    A device stamps by one clock, and the few messages of a small chat show none by themselves.

    Args:
        found: the votes of senders with a clock of their own.
        votes: the votes with export, limit, left_order and right_order.
        params: the parameters of the model.
    """
    who = ["export", "party"]
    ahead = pl.when("is_right").then(-pl.col("seconds")).otherwise("seconds")
    exports = votes.select("pair", "export").unique()
    clocks = found.join(exports, on="pair").group_by(who, maintain_order=True).agg(
        ahead.median().alias("apart"), (ahead.max() - ahead.min()).alias("spread"),
        pl.col("is_right").mode().max(), pl.struct("pair", "is_right", "run").n_unique().alias("runs"),
        pl.col("pair").n_unique().alias("chats"),
    )  # fmt: skip
    steady = (pl.col("spread") <= params.sender_clock_seconds) & (pl.col("runs") == pl.col("chats"))
    asked = votes.join(found, on="pair", how="anti").join(clocks.filter(steady), on=who, how="left")
    others = pl.when(pl.col("apart").is_null()).then("d")
    agree = others.max().over("pair") - others.min().over("pair") <= pl.col("limit")
    enough = others.count().over("pair") >= params.habit_records
    fits = (pl.col("d") - others.median().over("pair") - pl.col("apart")).abs() <= pl.col("limit")
    fits = (fits & agree & enough).fill_null(value=False)
    kept = asked.with_columns(fits=fits).filter(pl.col("apart").is_not_null()).filter(
        pl.col("fits").all().over("pair", "party") & (pl.col("fits").mean().over(who) >= params.steady_share)
    )  # fmt: skip
    order = pl.when("is_right").then("right_order").otherwise("left_order").alias("order")
    seconds = pl.when("is_right").then(-pl.col("apart")).otherwise("apart").alias("seconds")
    return kept.with_columns(order, seconds, run=pl.lit(0, pl.Int64))


__all__ = ["SCHEMA", "level_limit", "own_clocks"]
