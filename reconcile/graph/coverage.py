"""What each export can speak about: how far it reaches at both ends of a conversation, from all that the export shows."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from reconcile.intake.contract import ExportFacts, Reading
from reconcile.lookup import is_of_one
from reconcile.vocabulary import LocalIdScope
from reconcile.wechat.classes import SECONDS

# Two devices stamp one message up to so far apart (µs): what came in at the very moment of the export the other may stamp before it.
STAMPS_APART = 2 * SECONDS
# Another conversation shows that the device was recording when it holds at least this many rows.
LEAST_ROWS = 1


@dataclass(frozen=True, slots=True)
class Reach:
    """How far one export reaches in each conversation, on its own clock (µs).

    table: conversation, own_from, own_to (first and last row), known_from, known_to (earliest and latest instant to which facts outside
    the conversation say that it reaches; null = nothing known), bound_from, bound_to (beyond these facts say that it does not reach;
    null = no such fact).
    """

    table: pl.DataFrame


def reach_of(reading: Reading) -> Reach:
    """The reach of an export in each of its conversations.

    Known: the moment of the export, where stated; the first and last rows of the same device's other conversations; numbering by
    conversation whose first or highest number lies beyond the rows held. Bounds: stated filters, the moment of the export.
    """
    own = _spans(reading.messages)
    own = _others(own)
    facts = reading.facts
    exported = micro(facts.exported_at)
    bound_to, bound_from = bounds_of(facts)
    table = own.with_columns(
        pl.max_horizontal("others_to", pl.lit(exported, dtype=pl.Int64)).alias("known_to"),
        pl.col("others_from").alias("known_from"),
        pl.min_horizontal(bound_to, pl.lit(exported, dtype=pl.Int64)).alias("bound_to"),
        bound_from.alias("bound_from"),
    )
    table = table.with_columns(
        pl.when(pl.col("bound_to") < pl.col("known_to")).then("bound_to").otherwise("known_to").alias("known_to"),
        pl.when(pl.col("bound_from") > pl.col("known_from"))
        .then("bound_from")
        .otherwise("known_from")
        .alias("known_from"),
    )
    return Reach(
        _numbering(table, reading).select(
            "conversation", "own_from", "own_to", "known_from", "known_to", "bound_from", "bound_to"
        )
    )


def _spans(messages: pl.DataFrame) -> pl.DataFrame:
    """conversation, own_from, own_to, n: first and last instant (µs) of each conversation that has timed rows, and how many those are."""
    rows = messages.select("conversation", pl.col("sent_at").dt.timestamp("us").alias("t"))
    found = pl.col("t").min().alias("own_from"), pl.col("t").max().alias("own_to"), pl.col("t").count().alias("n")
    if is_of_one(rows["conversation"]):
        return rows.select(pl.col("conversation").first(), *found).filter(pl.col("n") > 0)
    # Names recur on every row: as categories each is looked at once.
    named = rows.filter(pl.col("t").is_not_null()).with_columns(pl.col("conversation").cast(pl.Categorical))
    return (
        named.group_by("conversation")
        .agg(*found)
        .with_columns(pl.col("conversation").cast(pl.String))
        .sort("conversation")
    )


def _others(own: pl.DataFrame) -> pl.DataFrame:
    """Earliest first and latest last row of the *other* conversations: the extreme, or the second one for its own holder."""
    firsts, lasts = own["own_from"].sort(), own["own_to"].sort(descending=True)
    if own.height < 2:
        return own.with_columns(
            pl.lit(None, dtype=pl.Int64).alias("others_from"), pl.lit(None, dtype=pl.Int64).alias("others_to")
        )
    return own.with_columns(
        pl.when(pl.col("own_from") == firsts[0])
        .then(pl.lit(firsts[1]))
        .otherwise(pl.lit(firsts[0]))
        .alias("others_from"),
        pl.when(pl.col("own_to") == lasts[0]).then(pl.lit(lasts[1])).otherwise(pl.lit(lasts[0])).alias("others_to"),
    )


def bounds_of(facts: ExportFacts) -> tuple[pl.Expr, pl.Expr]:
    """The latest and earliest instant (µs; null = open) that the export's own choice of times leaves in a `conversation`."""
    to_bound, from_bound = pl.lit(None, dtype=pl.Int64), pl.lit(None, dtype=pl.Int64)
    for chosen in facts.filters:
        here = pl.lit(value=True) if chosen.conversation is None else pl.col("conversation") == chosen.conversation
        to_bound = (
            pl.when(here & pl.lit(chosen.to_at is not None))
            .then(pl.min_horizontal(to_bound, pl.lit(micro(chosen.to_at), dtype=pl.Int64)))
            .otherwise(to_bound)
        )
        from_bound = (
            pl.when(here & pl.lit(chosen.from_at is not None))
            .then(pl.max_horizontal(from_bound, pl.lit(micro(chosen.from_at), dtype=pl.Int64)))
            .otherwise(from_bound)
        )
    return to_bound, from_bound


def _numbering(table: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """A counter of one conversation that has given out more numbers than the rows show reaches beyond the last row."""
    if reading.facts.local_id_scope is not LocalIdScope.CONVERSATION or reading.counters.is_empty():
        return table
    highest = reading.messages.group_by("conversation").agg(pl.col("local_id").max().alias("highest"))
    tails = (
        reading.counters.filter(pl.col("is_trusted") & pl.col("conversation").is_not_null())
        .join(highest, on="conversation").filter(pl.col("maximum") > pl.col("highest")).select("conversation").unique()
    )  # fmt: skip
    # A tail of numbers given out after the last row: the store reached further than its rows, how far in time is not known.
    far = pl.lit(2**62, dtype=pl.Int64)
    return table.join(tails.with_columns(pl.lit(value=True).alias("tail")), on="conversation", how="left").with_columns(
        pl.when("tail")
        .then(pl.min_horizontal(far, pl.col("bound_to").fill_null(far)))
        .otherwise("known_to")
        .alias("known_to")
    )


def micro(value: datetime | None) -> int | None:
    """An instant in µs since 1970; None stays None."""
    return None if value is None else int(value.timestamp() * SECONDS)


def edge_state(lone: pl.DataFrame) -> pl.DataFrame:
    """`edge` of rows that one side lacks: inside, reached, bounded, or unverified.

    `lone` holds t (on the lacking side's clock), spread (by how much times may differ, µs), own_from, own_to, known_from, known_to, bound_from, bound_to of the lacking side. inside:
    between its first and last row. reached: beyond, but facts say that the export reaches there. bounded: facts say that it does
    not. unverified: beyond, and nothing is known.
    """
    after, before = pl.col("t") > pl.col("own_to"), pl.col("t") < pl.col("own_from")
    # A time to the minute, or on a clock that wavers, may stand for a later moment too.
    stamp = pl.max_horizontal(pl.lit(STAMPS_APART), 2 * pl.col("spread"))
    beyond = pl.col("t") > pl.col("bound_to") - pl.when(after).then(stamp).otherwise(0)
    edge = (
        pl.when(beyond | (pl.col("t") < pl.col("bound_from"))).then(pl.lit("bounded"))
        .when(~after & ~before).then(pl.lit("inside"))
        .when(after & (pl.col("t") <= pl.col("known_to"))).then(pl.lit("reached"))
        .when(before & (pl.col("t") >= pl.col("known_from"))).then(pl.lit("reached"))
        .otherwise(pl.lit("unverified"))
    )  # fmt: skip
    return lone.with_columns(edge.alias("edge"))
