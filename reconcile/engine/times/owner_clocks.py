"""Clocks that pairs or unmatched records show: of a whole copy, of one owner, or only possible."""

import numpy as np
import polars as pl

from reconcile.column_ops import listed
from reconcile.engine.clocks.offset_runs import is_zone, usual_levels
from reconcile.engine.pairs.alignment import Alignment
from reconcile.engine.params import Params
from reconcile.engine.records import Flags, Keys, Records
from reconcile.engine.times.device_clocks import runs_of_devices
from reconcile.vocabulary import ClockReading
from reconcile.wechat.kind_classes import SECONDS, WORDS

SCHEMA = {
    "pair": pl.Int64, "segment": pl.Int64, "reading": pl.String, "seconds": pl.Float64, "rows": pl.Int64,
    "left_first": pl.Int64, "left_last": pl.Int64, "right_first": pl.Int64, "right_last": pl.Int64,
}  # fmt: skip
# The segment of an owner's clock, which is no stretch of the file.
OF_OWNER = -2
_STREAM = ("pair", "party", "is_right")
_ROWS = (
    pl.col("left").n_unique().cast(pl.Int64).alias("rows"),
    pl.col("left").min().alias("left_first"), pl.col("left").max().alias("left_last"),
    pl.col("right").min().alias("right_first"), pl.col("right").max().alias("right_last"),
)  # fmt: skip


def owner_clocks(a: Alignment, params: Params) -> pl.DataFrame:
    """Owners with a clock of their own, for a while or always, and whole copies whose clock is off.

    clock_corrected: an owner's clock changed once, by some minutes. own_clock: a device stamps all its owner's
    messages by a clock that is up to `clock_limit_seconds` off. clock_set: any other change; a clock that is further
    off; a clock that separates messages from those they answer in one copy only; and a whole copy that is as far off
    without a zone that explains it.

    Returns:
        SCHEMA's columns; segment is -2.
    """
    if a.clock.senders.is_empty():
        return _copies_off(a, params)
    runs = a.clock.senders.group_by(*_STREAM, "run", maintain_order=True).agg(pl.col("seconds").first(), *_ROWS)
    return pl.concat([_changed_clocks(a, runs, params), _copies_off(a, params), _steady_clocks(a, runs, params)])


def _changed_clocks(a: Alignment, runs: pl.DataFrame, params: Params) -> pl.DataFrame:
    """Runs where an owner's clock differs from its usual offset."""
    usual = usual_levels(runs, list(_STREAM))
    apart = (pl.col("seconds") - pl.col("usual")).alias("apart")
    runs = runs.join(usual, on=_STREAM, maintain_order="left").with_columns(
        apart, (pl.len().over(_STREAM) == 2).alias("is_once")
    )
    off = runs.filter(pl.col("apart").abs() > params.jump_seconds)
    if off.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    corrected = pl.col("is_once") & (pl.col("apart").abs() <= params.offset_free_seconds)
    unset = _by_unset_clock(a, params).select(*_STREAM, "run")
    shown = pl.concat([runs_of_devices(a, off, params), unset])
    shown = (
        pl.concat([shown, _runs_of_one_level(off, shown, params)]).unique().with_columns(is_shown=pl.lit(value=True))
    )
    off = off.join(shown, on=[*_STREAM, "run"], how="left", maintain_order="left")
    reading = (
        pl.when(corrected)
        .then(pl.lit(str(ClockReading.CLOCK_CORRECTED)))
        .when(pl.col("is_shown").fill_null(value=False))
        .then(pl.lit(str(ClockReading.OWN_CLOCK)))
        .otherwise(pl.lit(str(ClockReading.CLOCK_SET)))
    )
    return _owner_rows(off.with_columns(seconds="apart"), reading)


def _runs_of_one_level(off: pl.DataFrame, shown: pl.DataFrame, params: Params) -> pl.DataFrame:
    """The runs of `off` whose clock is as far off as that of a shown run of the same owner.

    An owner who writes on two devices may return to one of them for a few messages. Distances of more than
    `offset_free_seconds` do not count: by these, somebody could give a chosen message another date.
    """
    levels = off.join(shown, on=[*_STREAM, "run"], how="semi").select(*_STREAM, level="seconds")
    near = (pl.col("seconds") - pl.col("level")).abs() <= params.sender_clock_seconds
    near &= pl.col("seconds").abs() <= params.offset_free_seconds
    return off.join(levels, on=_STREAM).filter(near).select(*_STREAM, "run")


def _by_unset_clock(a: Alignment, params: Params) -> pl.DataFrame:
    """The runs of owners' clocks in which every time lies before there was any message.

    Nobody writes such a time to deceive.
    """
    stamped = (
        pl.Series(n, r.stamped[a.clock.senders[n].to_numpy()]) for n, r in (("left", a.left), ("right", a.right))
    )
    shown = a.clock.senders.with_columns(stamped)
    at = pl.when("is_right").then("right").otherwise("left")
    return (
        shown.group_by(*_STREAM, "run")
        .agg(at.max().alias("latest"))
        .filter(pl.col("latest") < params.first_message_second)
    )


def reset_clocks(a: Alignment, params: Params) -> pl.DataFrame:
    """The stretches of each conversation whose times are by a reset clock; one row per side.

    own_clock: all these times lie before there was any message, so that nobody chose them. clock_set: others.

    Returns:
        SCHEMA's columns; segment is -2.
    """
    shown = [pl.DataFrame(schema=SCHEMA)]
    for records, rows in ((a.left, a.pairs.left), (a.right, a.pairs.right)):
        if records.frame["reset_t"].null_count() == len(records):
            continue
        times = [
            r.frame.select(pl.coalesce("reset_t", "t")).to_series().gather(at) / SECONDS
            for r, at in ((a.left, a.pairs.left), (a.right, a.pairs.right))
        ]
        met = pl.DataFrame({
            "pair": a.left.pair[a.pairs.left], "left": a.pairs.left, "right": a.pairs.right, "seconds": times[0] - times[1],
            "stated": records.frame["reset_t"][rows] / SECONDS,
        }).filter(records.frame["reset_t"][rows].is_not_null())  # fmt: skip
        unset = (pl.col("stated") < params.first_message_second).all().alias("unset")
        stretch = met.group_by("pair", maintain_order=True).agg(pl.col("seconds").median(), unset, *_ROWS)
        own, other = (pl.lit(str(reading)) for reading in (ClockReading.OWN_CLOCK, ClockReading.CLOCK_SET))
        shown.append(_as_schema(stretch.with_columns(pl.when("unset").then(own).otherwise(other).alias("reading"))))
    return pl.concat(shown)


def _copies_off(a: Alignment, params: Params) -> pl.DataFrame:
    """Copies that are as a whole further off than a device's clock, without a zone that explains it."""
    if a.clock.segments.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    whole = a.clock.segments.group_by("pair", maintain_order=True).agg(
        pl.col("offset").median().alias("seconds"), *_ROWS
    )
    far = whole.filter(pl.col("seconds").abs() > params.clock_limit_seconds)
    if far.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    far = far.filter(~pl.Series(is_zone(far["seconds"].to_numpy(), params), dtype=pl.Boolean))
    return _as_schema(far.with_columns(pl.lit(str(ClockReading.CLOCK_SET)).alias("reading")))


def _steady_clocks(a: Alignment, runs: pl.DataFrame, params: Params) -> pl.DataFrame:
    """Owners whose clock is off by one offset in the whole chat."""
    whole = runs.filter(pl.len().over(_STREAM) == 1)
    off = whole.filter(pl.col("seconds").abs() > params.jump_seconds)
    if off.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    off = off.join(_mean_pauses(a, off["pair"], params), on="pair", how="left", maintain_order="left")
    # A clock that is off tears the owner's messages from those they answer, in the copy of that device. Where that copy
    # has the shorter pauses, the other one is off, though it has received these messages with the time of the server.
    longer = pl.when("is_right").then(pl.col("left") - pl.col("right")).otherwise(pl.col("right") - pl.col("left"))
    torn = (pl.col("seconds").abs() > params.offset_free_seconds) & (longer > params.torn_nats).fill_null(value=False)
    innocent = (pl.col("seconds").abs() <= params.clock_limit_seconds) & ~torn
    own, other = (pl.lit(str(reading)) for reading in (ClockReading.OWN_CLOCK, ClockReading.CLOCK_SET))
    return _owner_rows(off, pl.when(innocent).then(own).otherwise(other))


def _owner_rows(off: pl.DataFrame, reading: pl.Expr) -> pl.DataFrame:
    """SCHEMA's columns of runs of owners' clocks."""
    sign = pl.when("is_right").then(-1.0).otherwise(1.0)
    return _as_schema(off.with_columns(reading.alias("reading"), (sign * pl.col("seconds")).alias("seconds")))


def _as_schema(found: pl.DataFrame) -> pl.DataFrame:
    """The offsets as rows of the table of clocks."""
    return found.select(
        "pair", pl.lit(OF_OWNER, pl.Int64).alias("segment"), "reading", pl.col("seconds").round(3), *list(SCHEMA)[4:]
    )


def _mean_pauses(a: Alignment, pairs: pl.Series, params: Params) -> pl.DataFrame:
    """pair, left, right: mean logarithm of the pauses between paired messages, by each export's times.

    Only direct chats with enough messages.
    """
    held = pl.DataFrame({"pair": a.left.pair[a.pairs.left], "direct": a.left.direct[a.pairs.left]})
    sides = []
    for name, records, rows in (("left", a.left, a.pairs.left), ("right", a.right, a.pairs.right)):
        t = pl.Series("t", records.stamped[rows], nan_to_null=True)
        told = held.with_columns(t).filter(pl.col("pair").is_in(listed(pairs)) & pl.col("direct")).drop_nulls()
        pause = pl.col("t").sort().diff().log1p().mean().alias(name)
        many = told.group_by("pair", maintain_order=True).agg(pause, pl.len().alias("n"))
        sides.append(many.filter(pl.col("n") >= params.steady_pairs).drop("n"))
    return sides[0].join(sides[1], on="pair")


def may_meet(a: Alignment, equal: Flags, params: Params) -> tuple[Flags, Flags]:
    """Which records of each side have an unmatched one of equal content and sender at a possible clock.

    A clock is possible where several unmatched records of equal words lie apart by it. Pictures, voice messages and
    payments have no words, and only such a clock tells that they may be one message.

    Args:
        a: the alignment.
        equal: the weighed pairs of unmatched records with equal words.
        params: the parameters of the model.
    """
    flags = np.zeros(len(a.left), bool), np.zeros(len(a.right), bool)
    if np.count_nonzero(equal) < params.habit_records:
        return flags
    li, ri = a.weighed.left[equal], a.weighed.right[equal]
    shown = pl.DataFrame({"pair": a.left.pair[li], "clock": a.left.t[li] - a.right.t[ri], "left": li, "right": ri})
    shown = shown.filter(pl.col("clock").is_not_nan()).sort("pair", "clock", "left", "right")
    apart = (pl.col("clock").diff() > params.jump_seconds).fill_null(value=True)
    shown = shown.with_columns((apart | (pl.col("pair") != pl.col("pair").shift())).cum_sum().alias("run"))
    many = pl.min_horizontal(pl.col("left").n_unique(), pl.col("right").n_unique()).alias("n")
    clocks = shown.group_by("pair", "run", maintain_order=True).agg(pl.col("clock").median(), many)
    clocks = clocks.filter(pl.col("n") >= params.habit_records)
    if clocks.is_empty():
        return flags
    clocks = clocks.filter(pl.col("n").rank("ordinal", descending=True).over("pair") <= params.possible_clocks)
    left, right = (
        _open_records(r, o, k)
        for r, o, k in zip((a.left, a.right), (a.pairs.open_left, a.pairs.open_right), a.keys, strict=True)
    )
    asked = left.join(clocks.select("pair", "clock"), on="pair").with_columns(
        (pl.col("t") - pl.col("clock")).alias("t")
    )
    met = asked.sort("t").join_asof(
        right.sort("t"), on="t", by=["pair", "key", "party"], strategy="nearest", tolerance=params.jump_seconds,
        suffix="_right", check_sortedness=False,
    ).drop_nulls("row_right")  # fmt: skip
    flags[0][met["row"].to_numpy()] = True
    flags[1][met["row_right"].to_numpy()] = True
    return flags


def _open_records(records: Records, is_open: Flags, keys: Keys) -> pl.DataFrame:
    """row, pair, key, party, t of the unmatched records with a time."""
    rows = np.flatnonzero(is_open & ~np.isnan(records.t))
    # Two tools seldom state the same of a record without words.
    told = np.where(records.cls[rows] == WORDS, keys[rows], records.cls[rows].astype(np.uint64))
    return pl.DataFrame({
        "row": rows, "pair": records.pair[rows], "key": told, "party": records.party[rows], "t": records.t[rows]
    })  # fmt: skip


__all__ = ["SCHEMA", "may_meet", "owner_clocks", "reset_clocks"]
