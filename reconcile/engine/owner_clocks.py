"""Offsets of a whole copy, and of the messages that a device's owner sends by its own clock."""

import polars as pl

from reconcile.engine.alignment import Alignment
from reconcile.engine.offset_runs import is_zone
from reconcile.engine.params import Params
from reconcile.vocabulary import ClockReading

SCHEMA = {
    "pair": pl.Int64, "segment": pl.Int64, "reading": pl.String, "seconds": pl.Float64, "rows": pl.Int64,
    "left_first": pl.Int64, "left_last": pl.Int64, "right_first": pl.Int64, "right_last": pl.Int64,
}  # fmt: skip
_STREAM = ("pair", "party", "is_right")
_ROWS = (
    pl.len().cast(pl.Int64).alias("rows"),
    pl.col("left").min().alias("left_first"), pl.col("left").max().alias("left_last"),
    pl.col("right").min().alias("right_first"), pl.col("right").max().alias("right_last"),
)  # fmt: skip


def owner_clocks(a: Alignment, params: Params) -> pl.DataFrame:
    """Owners with a clock of their own, for a while or for the whole chat, and whole copies that are off.

    clock_corrected: an owner's clock changed once, by some minutes. own_clock: a device stamps all its owner's messages
    by a clock that is up to `clock_limit_seconds` off. clock_set: any other change; a clock that is further off;
    a clock
    that parts messages from those they answer in the other copy and not in this one; and a whole copy that is as
    far off without a zone that explains it.

    Returns:
        SCHEMA's columns; segment is -2.
    """
    if a.clock.senders.is_empty():
        return _copies_off(a, params)
    runs = a.clock.senders.group_by(*_STREAM, "run", maintain_order=True).agg(pl.col("seconds").first(), *_ROWS)
    return pl.concat([_changed_clocks(runs, params), _copies_off(a, params), _steady_clocks(a, runs, params)])


def _changed_clocks(runs: pl.DataFrame, params: Params) -> pl.DataFrame:
    """Runs where an owner's clock differs from its usual offset."""
    usual = pl.col("seconds").sort_by("rows", descending=True, maintain_order=True).first().over(_STREAM)
    runs = runs.with_columns(
        (pl.col("seconds") - usual).alias("seconds"), (pl.len().over(_STREAM) == 2).alias("is_once")
    )
    off = runs.filter(pl.col("seconds").abs() > params.jump_seconds)
    corrected = pl.col("is_once") & (pl.col("seconds").abs() <= params.offset_free_seconds)
    return _owner_rows(off, corrected, ClockReading.CLOCK_CORRECTED)


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
    far = far.filter(~pl.Series(is_zone(far["seconds"].to_numpy(), params.zone_step_seconds, params), dtype=pl.Boolean))
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
    return _owner_rows(off, innocent, ClockReading.OWN_CLOCK)


def _owner_rows(off: pl.DataFrame, innocent: pl.Expr, reading: ClockReading) -> pl.DataFrame:
    """SCHEMA's columns of runs of owners' clocks, read as `reading` where innocent and else as clock_set."""
    told = pl.when(innocent).then(pl.lit(str(reading))).otherwise(pl.lit(str(ClockReading.CLOCK_SET)))
    sign = pl.when("is_right").then(-1.0).otherwise(1.0)
    return _as_schema(off.with_columns(told.alias("reading"), (sign * pl.col("seconds")).alias("seconds")))


def _as_schema(found: pl.DataFrame) -> pl.DataFrame:
    return found.select(
        "pair", pl.lit(-2, pl.Int64).alias("segment"), "reading", pl.col("seconds").round(3), *list(SCHEMA)[4:]
    )


def _mean_pauses(a: Alignment, pairs: pl.Series, params: Params) -> pl.DataFrame:
    """pair, left, right: mean logarithm of the pauses between paired messages, by each export's times.

    Only direct chats with enough messages.
    """
    held = pl.DataFrame({"pair": a.left.pair[a.pairs.left], "direct": a.left.direct[a.pairs.left]})
    sides = []
    for name, records, rows in (("left", a.left, a.pairs.left), ("right", a.right, a.pairs.right)):
        t = pl.Series("t", records.stamped[rows], nan_to_null=True)
        told = held.with_columns(t).filter(pl.col("pair").is_in(pairs.implode()) & pl.col("direct")).drop_nulls()
        pause = pl.col("t").sort().diff().log1p().mean().alias(name)
        many = told.group_by("pair", maintain_order=True).agg(pause, pl.len().alias("n"))
        sides.append(many.filter(pl.col("n") >= params.steady_pairs).drop("n"))
    return sides[0].join(sides[1], on="pair")


__all__ = ["SCHEMA", "owner_clocks"]
