"""Judges times by the direction of delivery: a message is never received before it was written."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.column_ops import of_numbers
from reconcile.engine.clocks.bursts import back_online, brought_together, received_together
from reconcile.engine.pairs.alignment import Alignment
from reconcile.engine.pairs.exchanged_times import have_exchanged_times
from reconcile.engine.pairs.settle import longest_rising
from reconcile.engine.params import Params
from reconcile.engine.records import Flags, Floats, Ints, Records, own_of_pairs, party_of_pairs, without_owner
from reconcile.engine.times.author_order import out_of_authors_order
from reconcile.engine.times.quoted_before import quoted_before
from reconcile.wechat.kind_classes import SYSTEM


@dataclass(frozen=True)
class Deliveries:
    """What the times of each pair say about its delivery.

    Attributes:
        late: it fits a message that reached the other device later than it was written.
        unlikely: its times differ as no delivery explains, by less than a conflict of time needs; or the delivery that
            would explain them is one that a chat does not show.
        possible: it fits a late message, and no order of messages speaks against it, however unusual the delay is.
    """

    late: Flags
    unlikely: Flags
    possible: Flags


def deliveries(a: Alignment, residual: Floats, tolerance: Floats, params: Params) -> Deliveries:
    """Late deliveries, and times that no likely delivery explains.

    The author's own copy of a late message has the earlier time, the other copy a time up to three days later. A
    difference within `tolerance` is judged where the other pairs of the chat agree far more closely: against the
    direction of delivery it is unlikely, and so is one by which two messages exchange their times.

    A longer delay is unlikely after half a day in which later messages of the author arrived at once: clients and people
    send a failed message again within hours. It is also unlikely where others have the very same delay, or where it is
    whole days or hours. The same holds where the author's own file lists the message after later ones, or where the
    receiver's file quotes it before it arrived. Where times cannot decide, the order in the files does.

    Messages of third members of a group are late where one device received several of them in one moment, or one beside
    a late message of the other owner. Where the owner of a device is unknown, messages that both
    devices received in one moment may be late.

    Args:
        a: the alignment.
        residual: left time minus right time of every pair after clock correction (seconds; 0 where unknown).
        tolerance: seconds from which two times conflict.
        params: the parameters of the model.
    """
    li, ri = a.pairs.left, a.pairs.right
    by_left, by_right = own_of_pairs(a.left, a.right, li, ri)
    by_left, by_right = by_left & ~by_right, by_right & ~by_left
    speech = (a.left.cls[li] != SYSTEM) & (a.right.cls[ri] != SYSTEM)
    size = np.abs(residual)
    usual = _usual(a, residual, by_left, by_right, params)
    usual[np.abs(usual) > tolerance] = 0.0
    middle, close = _close(a, residual - usual, by_left.astype(np.int8) - by_right.astype(np.int8), params)
    usual += middle
    near = np.abs(residual - usual)
    close = np.minimum(close, tolerance)
    delayed = (by_left & (residual < usual)) | (by_right & (residual > usual))
    late = delayed & (near > close) & (size <= params.late_limit_seconds)
    small = (near > close) & (size <= tolerance) & speech
    unlikely = small & (by_left | by_right) & ~delayed
    unlikely &= ~_as_authors_others(a, residual, unlikely, by_left, by_right, params)
    disordered = np.zeros(len(late), bool)
    if small.any():
        unlikely |= small & have_exchanged_times(a.left, a.right, li, ri, a.clock, params, close)
    long = late & (size > tolerance) & speech
    if long.any():
        # Messages that arrived together waited for one device that was off.
        at = np.flatnonzero(long)
        waited = long.copy()
        waited[at] &= ~brought_together(a.left, a.right, li[at], ri[at], params)
        unlikely |= waited & _by_one_delay(a, residual, waited, ~late & speech, by_left, params)
        # A network keeps no hour and no minute of it; who changes a date or an hour does.
        for whole in (params.whole_delay_seconds, params.whole_hour_seconds):
            rest = np.abs(near - np.maximum(np.round(near / whole), 1.0) * whole)
            unlikely |= waited & (rest <= np.minimum(tolerance, whole * np.exp(-params.explained_nats) / 2))
        waited &= size > params.overtaken_seconds
        disordered |= waited & _overtaken(a, residual, waited, long, by_left, tolerance)
        disordered |= long & _behind_later(a, long, by_left, tolerance, params)
        disordered |= long & quoted_before(a, long, by_left, tolerance)
    disordered |= speech & _against_order(a, by_left, by_right, params)
    disordered |= out_of_authors_order(a, residual, ~late & (size <= tolerance), params)
    unlikely |= disordered
    apart = speech & ~by_left & ~by_right & (size > tolerance) & (size <= params.late_limit_seconds)
    together, perhaps = received_together(a.left, a.right, li, ri, apart, long & ~unlikely, params)
    direct = np.flatnonzero(apart & a.left.direct[li])
    together[direct] = brought_together(a.left, a.right, li[direct], ri[direct], params)
    perhaps |= back_online(a.right, a.left.pair[li], ri, residual, apart, params)
    return Deliveries((late & ~unlikely) | together, (unlikely | perhaps) & ~together, late & ~disordered)


def _usual(a: Alignment, residual: Floats, by_left: Flags, by_right: Flags, params: Params) -> Floats:
    """The median residual of each pair's author in its chat; 0 where the author has too few pairs.

    It is 0 as well in chats where no author's median is far off. A clock of the owner's own that is off by seconds moves
    all of the owner's messages, and the middle of the chat.
    """
    author = by_left.astype(np.int8) - by_right.astype(np.int8)
    group = 3 * a.left.pair[a.pairs.left] + author + 1
    limit = params.late_settle_seconds + _coarse(a) / 2
    n, far = np.bincount(group), np.bincount(group, np.abs(residual) > limit.min(initial=np.inf))
    usual = np.zeros(len(group))
    # A median lies no farther off than half of the pairs do.
    may_be_off = (2 * far >= n) & (n >= params.steady_pairs / 2) & (np.arange(len(n)) % 3 != 1)
    chats = np.unique(np.flatnonzero(may_be_off) // 3)
    at = np.flatnonzero(np.isin(group // 3, chats)) if len(chats) else chats
    if not len(at):
        return usual
    table = pl.DataFrame({"pair": group[at] // 3, "author": author[at], "r": residual[at], "limit": limit[at]})
    by = ["pair", "author"]
    many = (pl.len().over(by) >= params.steady_pairs / 2) & (pl.col("author") != 0)
    told = table.with_columns(usual=pl.when(many).then(pl.col("r").median().over(by)).otherwise(0.0))
    is_off = (pl.col("usual").abs() > pl.col("limit")).any().over("pair")
    usual[at] = told.select(pl.when(is_off).then("usual").otherwise(0.0)).to_series().to_numpy()
    return usual


def _as_authors_others(
    a: Alignment, residual: Floats, asked: Flags, by_left: Flags, by_right: Flags, params: Params
) -> Flags:
    """Those of the asked pairs whose author's messages around them differ by as much.

    The clock of that device drifts or was set.
    """
    out = np.zeros(len(asked), bool)
    if not asked.any():
        return out
    li = a.pairs.left
    pair, author = a.left.pair[li], by_left.astype(np.int8) - by_right.astype(np.int8)
    at = np.flatnonzero(np.isin(pair, pair[asked]) & (author != 0) & (a.left.cls[li] != SYSTEM))
    at = at[np.lexsort((a.left.order[li[at]], author[at], pair[at]))]
    stream, places = 3 * pair[at] + author[at], np.flatnonzero(asked[at])
    alike = np.ones(len(places), np.int64)
    for step in (n for n in range(-params.spell_rows, params.spell_rows + 1) if n):
        other = np.clip(places + step, 0, len(at) - 1)
        near = np.abs(residual[at[other]] - residual[at[places]]) <= params.late_settle_seconds
        alike += near & (stream[other] == stream[places]) & (other == places + step)
    out[at[places]] = alike >= params.sender_clock_rows
    return out


def _coarse(a: Alignment) -> Floats:
    """Seconds by which two times of each pair may differ because they are stated to the minute."""
    units = (a.left.unit[a.pairs.left], a.right.unit[a.pairs.right])
    half: Floats = np.sum([np.where(u > 1, np.minimum(u, 60.0), 0.0) for u in units], axis=0) / 2
    return half


def _close(a: Alignment, residual: Floats, author: npt.NDArray[np.int8], params: Params) -> tuple[Floats, Floats]:
    """Per pair, the middle of its chat's residuals, and the seconds around it that hold nine of ten.

    Infinite where the chat has few pairs. An owner with as many pairs may have a clock that wanders more than the others.

    The median of times that are cut to the minute may lie far from the middle of that minute. Where the shortest interval
    that holds nine of ten is no longer than a minute, its middle counts; else 0 does.
    """
    li, ri = a.pairs.left, a.pairs.right
    pair = a.left.pair[li]
    known = a.timed[pair] & ~np.isnan(a.left.t[li]) & ~np.isnan(a.right.t[ri])
    known &= (a.left.cls[li] != SYSTEM) & (a.margin >= params.accept_nats)
    coarse = _coarse(a)
    stream = 3 * pair + author + 1
    held = pl.DataFrame({"pair": pair, "r": residual, "coarse": coarse, "stream": stream}).filter(pl.Series(known))
    held = held.filter(pl.len().over("pair") >= params.steady_pairs)
    size = pl.col("r").abs().quantile(params.usual_share, "higher").alias("usual")
    usual = held.group_by("pair").agg(size)
    of_owner = held.filter(pl.len().over("stream") >= params.steady_pairs, pl.col("stream") % 3 != 1)
    own = of_numbers(stream, of_owner.group_by(pair="stream").agg(size), "usual")
    spans = _minutes(held.filter(pl.col("coarse") > 0), params)
    half, middle = (of_numbers(pair, spans, c) for c in ("half", "middle"))
    # Any second of the minute is possible, also where most messages came at the same seconds of their minutes.
    rest = 2 * coarse - np.where(np.isnan(half), np.inf, half)
    usual_size = np.maximum(np.where(np.isnan(half), of_numbers(pair, usual, "usual"), half), coarse)
    usual_size = np.fmax(usual_size, np.where(np.isnan(half), own, np.nan))
    close = params.late_settle_seconds + np.maximum(params.usual_margin * usual_size, rest)
    return np.nan_to_num(middle), np.where(np.isnan(close), np.inf, close)


def _minutes(held: pl.DataFrame, params: Params) -> pl.DataFrame:
    """pair, middle, half: the shortest interval of residuals that holds nine of ten, up to a minute long.

    Args:
        held: pair, r (residual, seconds), coarse (half a minute) of the pairs of chats with times cut to the minute.
        params: the parameters of the model.
    """
    # Each row begins an interval that ends where it holds nine of ten.
    size = (pl.len() * params.usual_share).ceil().cast(pl.Int64).over("pair")
    rank = pl.int_range(pl.len()).over("pair")
    if held.is_empty():
        return pl.DataFrame(schema={"pair": held.schema["pair"], "middle": pl.Float64, "half": pl.Float64})
    held = held.sort("pair", "r").with_columns(size=size, rank=rank, n=pl.len().over("pair"))
    last = (pl.int_range(pl.len()) + pl.col("size") - 1).clip(upper_bound=pl.len() - 1)
    spans = held.with_columns(end=pl.col("r").gather(last)).filter(pl.col("rank") + pl.col("size") <= pl.col("n"))
    half = ((pl.col("end") - pl.col("r")) / 2).round(6)
    shortest = spans.filter(half == half.min().over("pair"), half <= pl.col("coarse"))
    middle = ((pl.col("r") + pl.col("end")) / 2).mean()
    return shortest.group_by("pair").agg(middle.alias("middle"), half.first().alias("half"))


def _overlapping(held: pl.DataFrame, spans: pl.DataFrame, by: list[str]) -> Ints:
    """How many of the held spans of the same group begin before each span ends, and end after it begins."""
    counts = []
    for column, bound, is_exact in (("low", "high", False), ("high", "low", True)):
        known = held.select(*by, pl.col(column).alias("t")).sort("t")
        known = known.with_columns(pl.int_range(1, pl.len() + 1).over(by).alias("n"))
        asked = spans.select(*by, pl.col(bound).alias("t")).with_row_index("at").sort("t")
        found = asked.join_asof(
            known, on="t", by=by, strategy="backward", allow_exact_matches=is_exact, check_sortedness=False
        )
        counts.append(found.sort("at")["n"].fill_null(0).to_numpy())
    overlapping: Ints = counts[0] - counts[1]
    return overlapping


def _by_one_delay(
    a: Alignment, residual: Floats, waited: Flags, prompt: Flags, by_left: Flags, params: Params
) -> Flags:
    """The delays that several messages of one author have in common, written and received apart.

    A network gives each message a delay of its own: the longer it is, the less two of them agree by chance. A clock that
    was wrong for a while gives one to all, and so does a person. An author whose `prompt` messages are fewer may write by
    a clock of his own throughout.
    """
    li, ri = a.pairs.left, a.pairs.right
    fine = (a.left.unit[li] <= 1) & (a.right.unit[ri] <= 1)
    stream = ["pair", "mine", "party"]
    told = pl.DataFrame({
        "pair": a.left.pair[li], "mine": by_left, "party": party_of_pairs(a.left, a.right, li, ri), "at": np.arange(len(li)),
        "delay": np.abs(residual), "received": a.right.t[ri], "waited": waited & fine, "prompt": prompt,
    }).with_columns(pl.col("prompt").sum().over(stream)).filter("waited").sort(*stream, "delay", "received")  # fmt: skip
    begins = (pl.col("delay").diff() > params.late_settle_seconds) | (pl.struct(stream) != pl.struct(stream).shift())
    told = told.with_columns(begins.fill_null(value=True).cum_sum().alias("one"))
    apart = pl.col("received").max() - pl.col("received").min() > params.settle_seconds
    chance = (pl.len() - 1) * (pl.col("delay").min() / params.late_settle_seconds).log()
    is_rare = (chance >= params.explained_nats) & (pl.col("prompt").first() >= pl.len())
    out = np.zeros(len(li), bool)
    out[told.filter((apart & is_rare).over("one"))["at"].to_numpy()] = True
    return out


def _overtaken(a: Alignment, residual: Floats, waited: Flags, long: Flags, by_left: Flags, tolerance: Floats) -> Flags:
    """The delays in which a later message of the same author arrived at once."""
    li, ri = a.pairs.left, a.pairs.right
    moment = a.right.t[ri]
    first, last = np.minimum(moment, moment + residual) + tolerance, np.maximum(moment, moment + residual) - tolerance
    at_once = ~long & (np.abs(residual) <= tolerance) & ~np.isnan(moment) & (a.left.cls[li] != SYSTEM)
    party = party_of_pairs(a.left, a.right, li, ri)
    key = ["pair", "mine", "party"]
    every = pl.DataFrame({"pair": a.left.pair[li], "mine": by_left, "party": party, "low": moment, "high": moment})
    spans = pl.DataFrame({"pair": a.left.pair[li], "mine": by_left, "party": party, "low": first, "high": last})
    out = np.zeros(len(li), bool)
    at = np.flatnonzero(waited & (first < last))
    if len(at):
        out[at] = _overlapping(every.filter(pl.Series(at_once)), spans[at], key) > 0
    return out


def _behind_later(a: Alignment, long: Flags, by_left: Flags, tolerance: Floats, params: Params) -> Flags:
    """The delays of messages that their author's own file or numbering holds behind later ones.

    A message that waited stands in that file where it was written.
    """
    out = np.zeros(len(long), bool)
    for records, rows, mine in ((a.left, a.pairs.left, by_left), (a.right, a.pairs.right, ~by_left)):
        asked = np.flatnonzero(long & mine)
        if not len(asked):
            continue
        for order in ("order", "local_id"):
            early = _before_predecessors(records, order, params)
            out[asked] |= early[rows[asked]] > tolerance[asked]
    return out


def _before_predecessors(records: Records, by: str, params: Params) -> Floats:
    """Seconds by which each record's time lies before those of the two in front of it; 0 = not at all.

    The order is that of the file, or of its local numbers; 0 everywhere in chats whose times do not follow it.
    """
    key = pl.Series("key", records.order) if by == "order" else records.frame["local_id"].alias("key")
    table = pl.DataFrame({"pair": records.pair, "t": records.t, "cls": records.cls, "at": np.arange(len(records))})
    table = table.with_columns(key).filter(pl.col("t").is_not_nan() & (pl.col("cls") != SYSTEM)).drop_nulls("key")
    ordered = table.sort("pair", "key", maintain_order=True)
    back = pl.min_horizontal(pl.col("t").shift(n).over("pair") for n in (1, 2)) - pl.col("t")
    told = ordered.with_columns(back.fill_null(0.0).clip(0.0).alias("back"))
    told = told.filter((pl.col("back") <= params.late_settle_seconds).mean().over("pair") >= params.ordered_share)
    out = np.zeros(len(records))
    out[told["at"].to_numpy()] = told["back"].to_numpy()
    return out


def _against_order(a: Alignment, by_left: Flags, by_right: Flags, params: Params) -> Flags:
    """The pairs of chats without times that only their author's file holds behind certain messages.

    Where no export names its owner, either file may be the author's. Rows that the times of either side put within a
    minute are no evidence, nor is the order of a file that puts many rows elsewhere.
    """
    out = np.zeros(len(by_left), bool)
    li, ri = a.pairs.left, a.pairs.right
    asked = np.flatnonzero(~a.timed[a.left.pair[li]] & (a.left.cls[li] != SYSTEM) & (a.right.cls[ri] != SYSTEM))
    asked = asked[np.argsort(a.left.order[li[asked]])]
    places = a.left.order[li[asked]], a.right.order[ri[asked]]
    kept = longest_rising(places[1])
    if kept.all():
        return out
    pair = a.left.pair[li[asked]]
    few = np.bincount(pair[~kept], minlength=int(pair.max()) + 1) <= (1 - params.ordered_share) * np.bincount(pair)
    at = np.flatnonzero(~kept & few[pair])
    ends = [np.searchsorted(p[kept], p[at]) for p in places]
    first, last = np.minimum(*ends), np.maximum(*ends) - 1
    rows = asked[at]
    unowned = without_owner(a.left, a.right, li[rows], ri[rows], (by_left | by_right)[rows]) & a.left.direct[li[rows]]
    own = np.where(by_left[rows], ends[0] > ends[1], unowned | (by_right[rows] & (ends[1] > ends[0])))
    moments = [
        np.where(r.unit[rows] <= params.minute_seconds, r.t[rows], np.nan)
        for r, rows in ((a.left, li[asked]), (a.right, ri[asked]))
    ]
    moment = np.where(np.isnan(moments[0]), moments[1], moments[0])
    held = moment[kept]
    most = len(held) - 1
    apart = np.fmax(*(np.abs(moment[at] - held[np.clip(e, 0, most)]) for e in (first, last)))
    far = np.where(np.isnan(apart), last > first, apart > params.time_conflict_seconds)
    out[rows] = own & far & (last >= first)
    return out


__all__ = ["Deliveries", "deliveries"]
