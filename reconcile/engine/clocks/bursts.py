"""Delivery bursts: messages that reach a device together when it comes back online."""

import numpy as np
import polars as pl

from reconcile.column_ops import stretches
from reconcile.engine.params import Params
from reconcile.engine.records import NOBODY, Flags, Floats, Ints, Records, own_of_pairs, party_of_pairs, without_owner


def burst_sizes(
    left: Records, right: Records, li: Ints, ri: Ints, alike: Flags, equal: Flags, residual: Floats, params: Params
) -> Floats:
    """For each pair, how many messages its delivery burst brought; 0 = no burst.

    A burst is a run of records of one sender that the other device stamped within seconds of each other, while the
    sender's own copies of equal content, or those of another member of a group, are earlier and further apart. One late
    message is rare; the second of a burst is not.

    Args:
        left: records of one side.
        right: records of the other.
        li: left record of each candidate pair and of each pair that was accepted before.
        ri: right record of each.
        alike: the pairs that may be one message by their content.
        equal: those of equal content.
        residual: seconds between the two times of each pair, after clock correction.
        params: the parameters of the model.
    """
    own_left, own_right = own_of_pairs(left, right, li, ri)
    # Where no export of a direct chat names its owner, the earlier copy is the sender's. A third member of a group has
    # no copy here, and the later one came late.
    others = ~(own_left | own_right)
    others &= without_owner(left, right, li, ri, ~others) | ~left.direct[li]
    by_left = (own_left | others) & (residual < -params.jump_seconds)
    by_right = (own_right | others) & (residual > params.jump_seconds)
    at = np.flatnonzero((by_left | by_right) & alike & (np.abs(residual) <= params.late_limit_seconds))
    out = np.zeros(len(li))
    if len(at) < params.segment_rows:
        return out
    mine = by_left[at]
    i, j = li[at], ri[at]
    table = _sent(left, right, i, j, mine).with_columns(
        pl.Series("at", at), pl.Series("sent", np.where(mine, i, j)), pl.Series("received", np.where(mine, j, i)),
        pl.Series("equal", equal[at]),
    )  # fmt: skip
    counted = [pl.col(c).filter(pl.col("equal")).n_unique().over("burst") for c in ("sent", "received")]
    told = _deliveries(table, params).with_columns(pl.min_horizontal(counted).alias("size"))
    told = told.filter(pl.col("size") >= params.segment_rows)
    out[told["at"].to_numpy()] = told["size"].to_numpy()
    return out


def brought_together(left: Records, right: Records, li: Ints, ri: Ints, params: Params) -> Flags:
    """Which pairs arrived in one delivery with others of their sender, and so show no clock.

    Asked only of conversations with offsets that differ by more than a change of the clock.

    Args:
        left: records of one side.
        right: records of the other.
        li: left record of each pair; both times known.
        ri: right record of each pair.
        params: the parameters of the model.
    """
    out = np.zeros(len(li), bool)
    if len(li) < 2:
        return out
    pair, d = left.pair[li], left.t[li] - right.t[ri]
    low, high = np.full(int(pair.max()) + 1, np.inf), np.full(int(pair.max()) + 1, -np.inf)
    np.minimum.at(low, pair, d)
    np.maximum.at(high, pair, d)
    differs = (high - low)[pair] > params.jump_seconds
    if not differs.any():
        return out
    own_left, own_right = own_of_pairs(left, right, li, ri)
    # What third members of a group wrote arrived on the device that shows it later.
    by_left = np.where(own_left | own_right, own_left, d < 0)
    at = np.flatnonzero((own_left | own_right | ~left.direct[li]) & differs)
    if len(at) >= params.segment_rows:
        table = _sent(left, right, li[at], ri[at], by_left[at]).with_columns(pl.Series("at", at))
        out[_deliveries(table, params)["at"].to_numpy()] = True
    unowned = np.flatnonzero(without_owner(left, right, li, ri, own_left | own_right) & left.direct[li] & differs)
    out[unowned[_received_by_peer(left, right, li[unowned], ri[unowned], params)]] = True
    return out


def _received_by_peer(left: Records, right: Records, li: Ints, ri: Ints, params: Params) -> Ints:
    """Positions of the pairs of chats without named owners that one side received in one moment.

    They were written at several moments. No device receives what its owner sends, so all such messages of one side are
    of one sender, whose own are nowhere received so.
    """
    if len(li) < params.segment_rows:
        return np.zeros(0, np.int64)
    ways = [_sent(left, right, li, ri, np.full(len(li), by_left)) for by_left in (True, False)]
    sent = (w.with_columns(pl.Series("at", np.arange(len(li)))).filter(pl.col("party") != NOBODY) for w in ways)
    found = pl.concat(_deliveries(s, params, params.edge_seconds) for s in sent)
    moments = pl.col("written").n_unique().over("mine", "burst")
    found = found.filter(moments >= params.segment_rows)
    of_one = pl.col("party").n_unique().over("pair", "mine") == 1
    is_one_way = pl.col("mine").n_unique().over("pair", "party") == 1
    at: Ints = found.filter(of_one & is_one_way)["at"].to_numpy()
    return at


def received_together(
    left: Records, right: Records, li: Ints, ri: Ints, late: Flags, waited: Flags, params: Params
) -> tuple[Flags, Flags]:
    """The late pairs of groups that one device received, and may have received, in one moment.

    A third member's message may be late on either device. It was late where that device received it in one moment with
    another message that was written at another time. With times to the minute it only may have been late, and only
    beside a late message of the other owner. No device receives its owner's messages. Where the owner is unknown, the
    messages must have two senders.

    Args:
        left: records of one side.
        right: records of the other.
        li: left record of each pair; both times known where `late`.
        ri: right record of each pair.
        late: the pairs with times that lie apart by no more than a message may wait.
        waited: the pairs of the owners that the other device received late; both times known.
        params: the parameters of the model.
    """
    out = np.zeros(len(li), bool), np.zeros(len(li), bool)
    at = np.flatnonzero((late | waited) & ~left.direct[li]) if late.any() else np.zeros(0, np.int64)
    if len(at) < params.habit_records:
        return out
    on_left = left.t[li[at]] > right.t[ri[at]]
    own = np.where(on_left, left.own[li[at]], right.own[ri[at]])
    is_exact = np.where(on_left, left.unit[li[at]], right.unit[ri[at]]) <= 1
    sent = _sent(left, right, li[at], ri[at], ~on_left).with_columns(
        pl.Series("at", at), pl.Series("own", own), pl.Series("exact", is_exact), pl.Series("waited", waited[at])
    )
    sent = sent.filter(pl.col("own") != 1).sort("pair", "mine", "arrived", maintain_order=True)
    stream = ["pair", "mine"]
    moment = (pl.col("arrived").diff() > params.settle_seconds) | (pl.struct(stream) != pl.struct(stream).shift())
    told = sent.with_columns(moment.fill_null(value=True).cum_sum().alias("burst"))
    apart = (pl.col("written").max() - pl.col("written").min()).over("burst") > params.settle_seconds
    are_others = (pl.col("own") == 0).all().over("burst") | (pl.col("party").n_unique().over("burst") > 1)
    many = pl.len().over("burst") >= params.habit_records
    told = told.filter(apart & are_others & many)
    is_exact_moment = pl.col("exact").all().over("burst")
    beside = pl.col("waited").any().over("burst")
    for found, rows in zip(out, (is_exact_moment, ~is_exact_moment & beside), strict=True):
        found[told.filter(rows & ~pl.col("waited"))["at"].to_numpy()] = True
    return out


def back_online(right: Records, pair: Ints, ri: Ints, residual: Floats, asked: Flags, params: Params) -> Flags:
    """Those of the asked pairs whose later times, some of each side, lie in one moment.

    A device that was offline sends its owner's messages when it comes back, and receives what others wrote meanwhile.

    Args:
        right: records of the right side.
        pair: conversation of each pair.
        ri: right record of each pair.
        residual: left time minus right time after clock correction, in seconds.
        asked: the pairs that may have been late; both times known.
        params: the parameters of the model.
    """
    out = np.zeros(len(ri), bool)
    at = np.flatnonzero(asked)
    later = right.t[ri[at]] + np.maximum(residual[at], 0.0)
    order = np.lexsort((later, pair[at]))
    at, later = at[order], later[order]
    starts = stretches(pair[at], np.cumsum(np.append(False, np.diff(later) > params.settle_seconds)))
    size = np.diff(starts, append=len(at))
    if len(at):
        on_left = np.add.reduceat(residual[at] > 0, starts)
        out[at] = np.repeat((on_left > 0) & (on_left < size), size)
    return out


def _sent(left: Records, right: Records, li: Ints, ri: Ints, mine: Flags) -> pl.DataFrame:
    """The columns that `_deliveries` asks for; `mine` says which pairs are the left owner's messages."""
    return pl.DataFrame({
        "pair": left.pair[li], "mine": mine, "party": party_of_pairs(left, right, li, ri),
        "written": np.where(mine, left.t[li], right.t[ri]), "arrived": np.where(mine, right.t[ri], left.t[li]),
        "unit": np.where(mine, right.unit[ri], left.unit[li]),
    })  # fmt: skip


def _deliveries(sent: pl.DataFrame, params: Params, pause: float | None = None) -> pl.DataFrame:
    """The messages of a sender that were written apart and arrived together, with their `burst` number.

    Args:
        sent: pair, mine, party (whose message, on which side), written and arrived (seconds), unit (seconds of the arrival's precision).
        params: the parameters of the model.
        pause: seconds between two deliveries at least; none = as long as tells them apart with such times.
    """
    if sent.is_empty():
        return sent.with_columns(burst=pl.lit(0, pl.Int64))
    stream = [sent[c].to_numpy() for c in ("party", "mine", "pair")]
    order = np.lexsort((sent["arrived"].to_numpy(), *stream))
    arrived, written, unit = (sent[c].to_numpy()[order] for c in ("arrived", "written", "unit"))
    least = np.maximum(params.settle_seconds, unit) if pause is None else np.full(len(order), pause)
    apart = np.append(False, np.diff(arrived) > least[1:])
    starts = stretches(*(s[order] for s in stream), np.cumsum(apart))
    size = np.diff(starts, append=len(order))
    span = [np.maximum.reduceat(c, starts) - np.minimum.reduceat(c, starts) for c in (written, arrived)]
    # Times to the minute lie up to a minute apart though they were written together.
    coarse = np.maximum.reduceat(np.where(unit > 1, unit, 0.0), starts)
    together = (span[0] > params.settle_seconds + coarse) & (
        span[1] <= np.maximum(params.settle_seconds, params.burst_share * span[0])
    )
    kept = np.repeat(together & (size >= params.segment_rows), size)
    burst = np.repeat(np.arange(len(starts)), size)[kept]
    return sent[order[kept]].with_columns(pl.Series("burst", burst))


__all__ = ["back_online", "brought_together", "burst_sizes", "received_together"]
