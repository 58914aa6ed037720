"""Times that differ though nobody changed them: by clocks, zones and deliveries."""

import numpy as np
import polars as pl

from reconcile.column_ops import of_numbers
from reconcile.engine.clocks.offset_runs import is_zone, usual_levels
from reconcile.engine.clocks.sender_clocks import level_limit
from reconcile.engine.pairs.alignment import Alignment
from reconcile.engine.params import Params
from reconcile.engine.records import NOBODY, Flags, Floats, Records, own_of_pairs, party_of_pairs, without_owner
from reconcile.engine.times.owner_clocks import OF_OWNER
from reconcile.vocabulary import ClockReading
from reconcile.wechat.kind_classes import SYSTEM

_SENDER = ["pair", "party"]


def may_be_innocent(
    a: Alignment, wrong: Flags, is_moved: Flags, residual: Floats, tolerance: Floats, params: Params
) -> Flags:
    """Those of the pairs where something other than a changed time may explain the two times.

    The sender decides which clock stamped a message, so an unknown sender rules nothing out. Nor is it ruled out that a
    message was late whose author may be either owner, that a few rows at an end belong to another zone, that the two
    times agree on the clock that holds for most of the chat or are equal, that one lies before there was any message, or that the author's own device had a wrong clock for a
    while.

    Args:
        a: the alignment.
        wrong: the pairs to judge.
        is_moved: the pairs of stretches that leave the offset of the chat and return to it.
        residual: seconds between the two times of each pair after clock correction.
        tolerance: seconds by which they may differ.
        params: the parameters of the model.
    """
    if not wrong.any():
        return wrong
    by_owner = own_of_pairs(a.left, a.right, a.pairs.left, a.pairs.right)
    may_own = _may_be_owners(a, by_owner)
    main = main_offsets(a)
    from_main = a.left.t[a.pairs.left] - a.right.t[a.pairs.right] - main
    # A sender's level of a while may rest on late messages.
    from_usual = _usual_times(a, a.left)[a.pairs.left] - _usual_times(a, a.right)[a.pairs.right] - main
    agrees = (np.abs(from_main) <= tolerance) | (np.abs(from_usual) <= tolerance)
    may_be_late = np.where(
        is_moved, ~_moved_together(a, is_moved, params), np.abs(residual) <= params.late_limit_seconds
    )
    found = wrong & (
        _has_unknown_sender(a, by_owner[0] | by_owner[1], may_be_late)
        | agrees
        | _is_impossible(a, params)
        | state_one_time(a, params)
    )
    late = _may_be_late(may_own, residual, params)
    late |= _may_be_late(may_own, from_usual, params) & (np.abs(from_usual) > tolerance)
    found |= wrong & ~is_moved & (late | _may_be_zone(a, wrong, residual, params))
    if (wrong & ~found).any():
        apart = np.where(np.isnan(from_main), residual, from_main)
        apart[agrees & ~(np.abs(from_main) <= tolerance)] = 0.0
        limits = tolerance, level_limit(a.left, a.right, a.pairs.left, a.pairs.right, params)
        found |= _on_own_clock(a, may_own, wrong, apart, limits)
    return found


def _is_impossible(a: Alignment, params: Params) -> Flags:
    """Whether a time of each pair lies before there was any message: a clock that nobody had set."""
    earliest = np.fmin(a.left.stamped[a.pairs.left], a.right.stamped[a.pairs.right])
    impossible: Flags = earliest < params.first_message_second
    return impossible


def agree_as_stated(a: Alignment, tolerance: Floats) -> Flags:
    """Whether the two times of each pair, as stated, agree on the clock of most of the chat.

    A sender with a clock of one device may also write on another one.
    """
    stated = a.left.stamped[a.pairs.left] - a.right.stamped[a.pairs.right] - main_offsets(a)
    agree: Flags = np.abs(stated) <= tolerance
    return agree


def state_one_time(a: Alignment, params: Params) -> Flags:
    """Whether both sides state one time for each pair, whatever the clock of the rows around it is."""
    li, ri = a.pairs.left, a.pairs.right
    limit = params.spread_floor_seconds * np.maximum(a.left.unit[li], a.right.unit[ri])
    equal: Flags = np.abs(a.left.stamped[li] - a.right.stamped[ri]) <= limit
    return equal


def agree_on_shown_clock(a: Alignment, segments: pl.DataFrame, tolerance: Floats, params: Params) -> Flags:
    """Whether the stated times of each pair agree on a clock that its author's device shows elsewhere.

    An owner who writes on two devices may return to one of them for a single message. Clocks that are more than
    `offset_free_seconds` off do not count: by these, somebody could give a chosen message another date.

    Args:
        a: the alignment.
        segments: clock_segments.clock_segments.
        tolerance: seconds by which two times may differ.
        params: the parameters of the model.
    """
    out = np.zeros(len(tolerance), bool)
    is_shown = pl.col("reading").is_in([ClockReading.OWN_CLOCK, ClockReading.CLOCK_CORRECTED])
    is_small = pl.col("seconds").abs() <= params.offset_free_seconds
    shown = segments.filter((pl.col("segment") == OF_OWNER) & is_shown & is_small)
    if shown.is_empty():
        return out
    runs = a.clock.senders.group_by(*_SENDER, "is_right", "run").agg(
        pl.col("seconds").first(), pl.len().alias("rows"), pl.col("left").min().alias("left_first")
    )
    usual = usual_levels(runs, _SENDER).rename({"usual": "seconds"})
    of_shown = runs.join(shown.select("pair", "left_first"), on=["pair", "left_first"]).select(*_SENDER, "seconds")
    levels = pl.concat([of_shown, usual.join(of_shown, on=_SENDER, how="semi")]).unique()
    sign = pl.when("is_right").then(-1.0).otherwise(1.0)
    levels = levels.join(runs.select(*_SENDER, sign=sign).unique(), on=_SENDER)
    li, ri = a.pairs.left, a.pairs.right
    stated = a.left.stamped[li] - a.right.stamped[ri] - main_offsets(a)
    met = pl.DataFrame({
        "pair": a.left.pair[li], "party": party_of_pairs(a.left, a.right, li, ri), "stated": stated,
        "limit": np.minimum(tolerance, params.sender_clock_seconds),
    }).with_row_index("at")  # fmt: skip
    near = (pl.col("stated") - pl.col("sign") * pl.col("seconds")).abs() <= pl.col("limit")
    out[met.join(levels, on=_SENDER).filter(near)["at"].unique().to_numpy()] = True
    return out


def _has_unknown_sender(a: Alignment, by_either: Flags, may_be_late: Flags) -> Flags:
    """Whether each pair's sender is unknown, or no export shows whose device it is.

    Whoever owns the devices, a single message is not delivered after the server has dropped it, and messages of several
    members are not all delivered later by one distance (`may_be_late`).
    """
    li, ri = a.pairs.left, a.pairs.right
    nobody = (a.left.party[li] == NOBODY) | (a.right.party[ri] == NOBODY)
    untold: Flags = nobody | (without_owner(a.left, a.right, li, ri, by_either) & may_be_late)
    return untold


def _moved_together(a: Alignment, is_moved: Flags, params: Params) -> Flags:
    """The moved pairs of groups whose clock segment holds several authors, who wrote apart on both sides."""
    out = np.zeros(len(is_moved), bool)
    at = np.flatnonzero(is_moved & ~a.left.direct[a.pairs.left])
    if not len(at):
        return out
    li, ri = a.pairs.left[at], a.pairs.right[at]
    moments = pl.DataFrame({
        "left": li, "at": at, "party": party_of_pairs(a.left, a.right, li, ri), "t": a.left.t[li], "v": a.right.t[ri],
    }, nan_to_null=True).join(a.clock.segments.select("left", "segment"), on="left")  # fmt: skip
    spans = [(pl.col(c).max() - pl.col(c).min()).over("segment") for c in ("t", "v")]
    # What one device received at once after a pause was delivered late together.
    is_apart = pl.min_horizontal(spans) > params.burst_share * pl.max_horizontal(spans)
    several = pl.col("party").filter(pl.col("party") != NOBODY).n_unique().over("segment") > 1
    out[moments.filter(is_apart & several)["at"].to_numpy()] = True
    return out


def _may_be_owners(a: Alignment, by_owner: tuple[Flags, Flags]) -> tuple[Flags, Flags]:
    """Whether each pair may be the left owner's message, and whether it may be the right owner's."""
    by_left, by_right = by_owner
    unknown = a.left.own[a.pairs.left] == -1, a.right.own[a.pairs.right] == -1
    return by_left | (unknown[0] & ~by_right), by_right | (unknown[1] & ~by_left)


def _may_be_late(may_own: tuple[Flags, Flags], residual: Floats, params: Params) -> Flags:
    """Whether each pair may be a late delivery: the earlier time may be the author's own."""
    earlier = (may_own[0] & (residual < 0)) | (may_own[1] & (residual > 0))
    late: Flags = earlier & (np.abs(residual) <= params.late_limit_seconds)
    return late


def _may_be_zone(a: Alignment, rest: Flags, residual: Floats, params: Params) -> Flags:
    """Those of the pairs that lie outside all clock segments of their chat and are off by a time zone."""
    out = np.zeros(len(rest), bool)
    at = np.flatnonzero(rest)
    at = at[is_zone(residual[at], params)]
    if not len(at):
        return out
    known = a.clock.segments.filter(pl.col("segment") >= 0)
    spans = known.with_columns(pl.Series("place", a.left.order[known["left"].to_numpy()])).group_by("pair").agg(
        pl.col("place").min().alias("first"), pl.col("place").max().alias("last")
    )  # fmt: skip
    li = a.pairs.left[at]
    rows = pl.DataFrame({"pair": a.left.pair[li], "place": a.left.order[li]})
    outer = (pl.col("place") < pl.col("first")) | (pl.col("place") > pl.col("last"))
    told = rows.join(spans, on="pair", how="left", maintain_order="left").select(outer.fill_null(value=False))
    out[at] = told.to_series().to_numpy()
    return out


def beyond_measured_clock(a: Alignment, wrong: Flags, sure: Flags, residual: Floats, tolerance: Floats) -> Flags:
    """Those of the pairs at an end of their chat that a clock set behind the others explains.

    No pair that agrees in time stands farther out on either side, and those that differ there do so by one distance.
    """
    out = np.zeros(len(wrong), bool)
    if not wrong.any():
        return out
    at = np.flatnonzero((wrong | sure) & np.isin(a.left.pair[a.pairs.left], a.left.pair[a.pairs.left][wrong]))
    li, ri = a.pairs.left[at], a.pairs.right[at]
    rows = pl.DataFrame({
        "at": at, "pair": a.left.pair[li], "left": a.left.order[li], "right": a.right.order[ri], "sure": sure[at],
        "residual": residual[at], "tolerance": tolerance[at],
    })  # fmt: skip
    for first, beyond in ((pl.Expr.min, pl.Expr.lt), (pl.Expr.max, pl.Expr.gt)):
        ends = [first(pl.col(c).filter("sure")).over("pair") for c in ("left", "right")]
        outer = [beyond(pl.col(c), end) for c, end in zip(("left", "right"), ends, strict=True)]
        few = rows.filter(~pl.col("sure") & pl.all_horizontal(outer))
        spread = (pl.col("residual").max() - pl.col("residual").min()).over("pair")
        out[few.filter(spread <= pl.col("tolerance"))["at"].to_numpy()] = True
    return out


def main_offsets(a: Alignment) -> Floats:
    """The offset of most of the chat, at each pair; nan without any."""
    return of_numbers(a.left.pair[a.pairs.left], a.clock.main_offsets, "offset")


def _usual_times(a: Alignment, records: Records) -> Floats:
    """The times of one side's records, each sender's by the clock that stamped most of them."""
    told = a.clock.senders.filter(pl.col("is_right") == records.is_right)
    if told.is_empty():
        return records.t
    runs = told.group_by(*_SENDER, "run").agg(pl.col("seconds").first(), pl.len().alias("rows"))
    senders = pl.DataFrame({"pair": records.pair, "party": records.party})
    ahead = senders.join(usual_levels(runs, _SENDER), on=_SENDER, how="left", maintain_order="left")["usual"].fill_null(
        0.0
    )
    t: Floats = records.stamped - ahead.to_numpy()
    return t


def _on_own_clock(
    a: Alignment, may_own: tuple[Flags, Flags], rest: Flags, residual: Floats, limits: tuple[Floats, Floats]
) -> Flags:
    """Those of the pairs that one wrong clock of their author's device explains.

    A device stamps what its owner sends, and the server what it receives. So the owner's messages of that while are all
    off by one distance, and those of others never are. One message alone shows no clock. Of such messages some may be off
    by less than a conflict of time needs, and belong to the others where they are as near as times of one clock are.

    Args:
        a: the alignment.
        may_own: the pairs that may be of the left owner, and of the right one.
        rest: the pairs to judge.
        residual: seconds between the two times of each pair on the clock of most of the chat.
        limits: seconds from which two times conflict, and by which times of one clock differ.
    """
    out = np.zeros(len(rest), bool)
    li, ri = a.pairs.left, a.pairs.right
    pair = a.left.pair[li]
    at = np.flatnonzero(np.isin(pair, pair[rest]) & ~np.isnan(residual) & (a.left.cls[li] != SYSTEM))
    base = pl.DataFrame({
        "at": at, "pair": pair[at], "party": party_of_pairs(a.left, a.right, li[at], ri[at]), "residual": residual[at],
        "tolerance": limits[0][at], "close": limits[1][at], "rest": rest[at], "left": a.left.order[li][at], "right": a.right.order[ri][at],
    })  # fmt: skip
    is_off = (pl.col("residual").abs() > pl.col("tolerance")).alias("is_off")
    base = base.with_columns(is_off)
    off = base.filter("is_off").sort("pair", "residual", "at")
    off = off.with_columns(_run_numbers(["pair"]).alias("distance"))
    shared = off.filter(pl.col("party").n_unique().over("pair", "distance") > 1)["at"]
    stream = ["pair", "mine", "party"]
    # The messages of an owner keep their order in the copy of the other one.
    for owned, other in zip(may_own, ("right", "left"), strict=True):
        mine = base.with_columns(pl.Series("mine", owned[at])).sort(*stream, other)
        runs = mine.with_columns(_run_numbers(stream).alias("run"))
        told = runs.filter(pl.col("mine") & pl.col("rest") & (pl.len().over(*stream, "run") > 1))
        out[told["at"].to_numpy()] = True
    out[shared.to_numpy()] = False
    return out


def _run_numbers(stream: list[str]) -> pl.Expr:
    """Numbers of the runs of rows that are off by as much as the row before them in their stream."""
    both = pl.col("is_off") & pl.col("is_off").shift()
    apart = pl.col("residual").diff().abs() > pl.when(both).then("tolerance").otherwise("close")
    return apart.fill_null(value=True).cum_sum().over(stream)


__all__ = [
    "agree_as_stated",
    "agree_on_shown_clock",
    "beyond_measured_clock",
    "main_offsets",
    "may_be_innocent",
    "state_one_time",
]
