"""Chats in which one sender's messages bear another clock than the rest: where an export begins and ends, and what stands on either clock."""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from reconcile.match.align import Aligned
from reconcile.match.relations import DISTINCTIVE, judged_as, with_detail
from reconcile.vocabulary import Cause, Relation
from reconcile.wechat.classes import PAYMENT, SECONDS, SYSTEM, WORDLESS
from reconcile.wechat.text import canonical_text

# Two distances of one clock lie no farther apart (µs).
ONE_CLOCK = 30 * SECONDS
# So many messages of a sender must lie off the others' clock, each apart from those before and behind it, and the clocks take turns so often.
LEAST_OFF, LEAST_TURNS = 3, 3
# Short words everybody writes, and one that met the next of its like leaves another alone: so far beyond the clock's two levels.
BESIDE = 180 * SECONDS
_WAYS: tuple[Literal["backward", "forward"], ...] = ("backward", "forward")
_BY = ["pair", "party"]


@dataclass(frozen=True, slots=True)
class OwnClocks:
    """Senders whose messages bear a clock of their own, also one that was set within the chat, by pairs that agree.

    levels: pair, party, level (µs): how far each such message lies from those of the others before and behind it. others: pair, party,
    left_row, d (µs, left minus right) of the pairs of everybody but that sender.
    """

    levels: pl.DataFrame
    others: pl.DataFrame


def own_clocks(standing: pl.DataFrame, aligned: Aligned) -> OwnClocks | None:
    """None where no chat shows any: their times then take no turns."""
    d = _distances(standing, aligned)
    is_told = (pl.col("relation") == str(Relation.AGREEMENT)) & (pl.col("method") != "order") & d.is_not_null()
    # Mostly one distance holds for all, and no row needs to be put in order.
    if not standing.select((pl.lit(d).filter(is_told).max() - pl.lit(d).filter(is_told).min()) > ONE_CLOCK).item():
        return None
    met = standing.select("pair", "left_row", d, _who(standing, aligned)).filter(standing.select(is_told).to_series())
    met = met.drop_nulls("party").filter(~pl.col("pair").is_in(aligned.untimed)).sort("pair", "left_row")
    turns = met.group_by("pair").agg((pl.col("d").diff().abs() > ONE_CLOCK).sum().alias("turns"))
    turning = turns.filter(pl.col("turns") >= LEAST_TURNS)
    if turning.is_empty():
        return None
    met = met.join(turning, on="pair", how="semi", maintain_order="left").select("pair", "left_row", "party", "d")
    people = met.select(_BY).unique()
    others = met.join(people.rename({"party": "of"}), on="pair").filter(pl.col("of") != pl.col("party"))
    others = others.select("pair", pl.col("of").alias("party"), "left_row", "d").sort("left_row")
    levels = _beside(met, others).filter("agree", pl.col("level").abs() > ONE_CLOCK).select(*_BY, "level")
    levels = levels.filter(pl.len().over(_BY) >= LEAST_OFF)
    return OwnClocks(levels, others) if levels.height else None


def _distances(standing: pl.DataFrame, aligned: Aligned) -> pl.Series:
    """How far apart the two stated times of each pair lie (µs, left minus right)."""
    stated = (f.select(pl.when(~pl.col("is_filled")).then("raw_t"))["raw_t"] for f in (aligned.left, aligned.right))
    return (next(stated).gather(standing["left_row"]) - next(stated).gather(standing["right_row"])).alias("d")


def _who(standing: pl.DataFrame, aligned: Aligned) -> pl.Series:
    return aligned.left["party"].gather(standing["left_row"])


def _beside(rows: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """The rows (pair, party, left_row, d) with `level`: how far d lies from that of the others just before, or just behind; `agree`: these two do."""
    beside = rows.sort("left_row")
    for way in _WAYS:
        near = others.rename({"d": way})
        beside = beside.join_asof(near, on="left_row", by=_BY, strategy=way, check_sortedness=False)
    agree = ((pl.col("backward") - pl.col("forward")).abs() <= ONE_CLOCK).fill_null(value=True)
    return beside.with_columns((pl.col("d") - pl.coalesce("backward", "forward")).alias("level"), agree.alias("agree"))


def _on_its_clock(rows: pl.DataFrame, clocks: OwnClocks) -> pl.DataFrame:
    """Of the rows (pair, party, left_row, d) those on a clock of their sender's own that other messages of his show, or on the others'."""
    asked = _beside(rows.join(clocks.levels.select(_BY).unique(), on=_BY, how="semi"), clocks.others)
    shown = clocks.levels.select(*_BY, pl.col("level").alias("shown"))
    both = asked.join(shown, on=_BY)
    on_shown = (pl.col("level") - pl.col("shown")).abs() <= ONE_CLOCK
    # Where the others' clock runs fast over a pause either of the two that enclose it may stand nearer to the message.
    behind = (pl.col("d") - pl.col("forward") - pl.col("shown")).abs() <= ONE_CLOCK
    either = on_shown | pl.when("agree").then(pl.col("level").abs() <= ONE_CLOCK).otherwise(behind)
    both = both.filter(either)
    return asked.join(both.select("left_row", "d"), on=["left_row", "d"], how="semi")


def with_own_clocks(standing: pl.DataFrame, aligned: Aligned, clocks: OwnClocks | None) -> pl.DataFrame:
    """The pairs, a conflict of time in doubt where the message stands on a clock that others of its sender show elsewhere in the chat."""
    off = standing.filter(pl.col("cause") == str(Cause.TIME_DIFFERS))
    if clocks is None or off.is_empty():
        return standing
    asked = off.select("pair", "left_row").with_columns(_distances(off, aligned), _who(off, aligned))
    told = _on_its_clock(asked.drop_nulls(), clocks)["left_row"]
    here = (pl.col("cause") == str(Cause.TIME_DIFFERS)) & pl.col("left_row").is_in(told.implode())
    return standing.with_columns(*judged_as(here, Relation.DOUBTFUL, Cause.CLOCK_UNMEASURED), with_detail(here, None))


def may_be_on_own_clock(
    alone: pl.DataFrame, open_lacking: pl.DataFrame, clocks: OwnClocks | None, *, is_left: bool
) -> pl.Series:
    """Rows alone of which the other side holds the like, by the same sender and alone too, as far off as a clock of that sender's own.

    Of placeholders and short words one may have met the next of its like instead: those nearby are in doubt at any distance.
    """
    nothing = pl.Series(dtype=pl.UInt32)
    if clocks is None:
        return nothing
    # A receipt is shown with its sum or without it, and bears a number of each side's own.
    shown = ~pl.col("cls").is_in([*WORDLESS, PAYMENT])
    words = pl.when(shown).then(canonical_text(pl.col("text"))).fill_null("").alias("words")
    senders = clocks.levels.select(_BY).unique()
    sides = [
        f.filter((pl.col("cls") != SYSTEM) & pl.col("raw_t").is_not_null() & ~pl.col("is_filled"))
        .join(senders, on=_BY, how="semi")
        .select(*_BY, "row", "raw_t", "cls", "kind", "amount", words)
        for f in (alone, open_lacking)
    ]
    both = sides[0].join(sides[1], on=[*_BY, "cls", "words"], suffix="_right")
    both = both.filter((pl.col("cls") != PAYMENT) | ((pl.col("kind") == pl.col("kind_right")) & (pl.col("amount") == pl.col("amount_right")).fill_null(value=True)))  # fmt: skip
    left, right = ("", "_right") if is_left else ("_right", "")
    asked = both.select(
        *_BY,
        pl.col(f"row{left}").alias("left_row"),
        (pl.col(f"raw_t{left}") - pl.col(f"raw_t{right}")).alias("d"),
        pl.col("row").alias("mine"),
        (pl.col("words").str.len_chars() < DISTINCTIVE).alias("short"),
    )
    if asked.is_empty():
        return nothing
    widest = clocks.levels.group_by(_BY).agg((2 * pl.col("level").abs().max() + BESIDE).alias("widest"))
    near = _beside(asked.filter("short"), clocks.others).join(widest, on=_BY)
    near = near.filter(pl.col("level").abs() <= pl.col("widest"))
    return pl.concat([_on_its_clock(asked, clocks)["mine"], near["mine"]]).unique()


def edges_by_sender(rows: pl.DataFrame, lacking: pl.DataFrame, paired: pl.Series, aligned: Aligned) -> pl.DataFrame:
    """The rows alone, those at either end that lie inside the lacking side by one sender's clock alone with the `edge` unverified.

    An export that was cut at a time was cut at two: by the clock of the sender whose messages bear another one, and by that of the others. So
    near its ends, within as much as the two lie apart, a row lies inside only between rows of its own sender; but for what facts tell.

    Args:
        rows: rows of one side that have no partner, with `edge` and the reach columns (`graph.coverage`).
        lacking: all rows of the other side.
        paired: those of them that have a partner.
        aligned: for `senders`.
    """
    wide = aligned.senders.group_by("pair").agg(pl.col("apart").abs().max())
    if wide.is_empty():
        return rows
    met = lacking.select("pair", "party", "t")[paired].join(wide, on="pair", how="semi")
    held = met.group_by("pair", "party").agg(pl.col("t").min().alias("held_from"), pl.col("t").max().alias("held_to"))
    told = rows.select("row", "pair", "party", "t", "edge", "own_from", "own_to", "known_from", "known_to")
    told = told.filter((pl.col("edge") == "inside") & pl.col("party").is_not_null()).join(wide, on="pair")
    told = told.join(held, on=["pair", "party"], how="left")
    t, apart = pl.col("t"), pl.col("apart")
    head = (t < pl.col("held_from").fill_null(t + 1)) & (t < pl.col("own_from") + apart)
    tail = (t > pl.col("held_to").fill_null(t - 1)) & (t > pl.col("own_to") - apart)
    head &= ~(t - apart >= pl.col("known_from")).fill_null(value=False)
    tail &= ~(t + apart <= pl.col("known_to")).fill_null(value=False)
    unclear = pl.col("row").is_in(told.filter(head | tail)["row"].implode())
    return rows.with_columns(pl.when(unclear).then(pl.lit("unverified")).otherwise("edge").alias("edge"))
