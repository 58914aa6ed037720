"""Reach: how far each export extends at both ends of a conversation, by everything it shows."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl

from reconcile.column_ops import collected, has_one_value, value_by_export
from reconcile.engine.params import PARAMS
from reconcile.engine.sides import SideView
from reconcile.intake.contract import ExportFacts, Filter, Reading
from reconcile.vocabulary import LocalIdScope
from reconcile.wechat.kind_classes import SECONDS

Exported = Mapping[int, int]
"""When each export of a side was made (µs), where stated."""


def reach_of(rows: pl.DataFrame, reading: Reading, exported: Exported) -> pl.DataFrame:
    """How far the exports of one side extend in each of their conversations, on their own clocks (µs).

    Known: the time of the export, where stated; the first and last rows of the same device's other conversations;
    numbers beyond the rows held, where numbering is by conversation. Bounds: stated filters and the time of the export.

    Args:
        rows: the side's frame of rows.
        reading: what all its exports have in common.
        exported: when each of them was made.

    Returns:
        export, conversation, pair.
        known_from, known_to: facts outside the conversation say that the export extends so far; null = no such fact.
        bound_from, bound_to: facts say that it extends no further; null = no such fact.
        made: when the export was made; null = not stated.
        is_made_later: a row of the same run is later than `made`, which is then wrong.
        shown_to: how far known_to would be if `made` were not stated.
    """
    runs = {r.conversation: r for r in reading.facts.runs}
    names = {c: r.name for c, r in runs.items()}
    own = _spans_of_others(_own_spans(rows), names)
    made = value_by_export(exported, own, pl.Int64)
    if runs:
        told = {c: micro(r.exported_at) for c, r in runs.items()}
        made = pl.col("conversation").replace_strict(told, default=made, return_dtype=pl.Int64)
    bound_to, bound_from = bounds_of(stated_ranges(reading.facts))
    # No run writes rows that are later than itself.
    is_later = pl.col("own_to") > pl.col("made") + PARAMS.touching_seconds * SECONDS
    is_made_later = is_later.any().over("export", _run(names)).fill_null(value=False).alias("is_made_later")
    table = own.lazy().with_columns(made.alias("made")).with_columns(is_made_later)
    table = table.with_columns(
        pl.max_horizontal("others_to", "made").alias("known_to"),
        pl.col("others_from").alias("known_from"),
        pl.min_horizontal(bound_to, pl.when(~pl.col("is_made_later")).then("made")).alias("bound_to"),
        bound_from.alias("bound_from"),
    )
    table = table.with_columns(
        pl.when(pl.col("bound_to") < pl.col("known_to")).then("bound_to").otherwise("known_to").alias("known_to"),
        pl.when(pl.col("bound_from") > pl.col("known_from"))
        .then("bound_from")
        .otherwise("known_from")
        .alias("known_from"),
    )
    reached = _extend_by_numbering(table, rows, reading)
    by_date = pl.col("known_to") == pl.col("made")
    shown = pl.when(by_date.fill_null(value=False)).then("others_to").otherwise("known_to").alias("shown_to")
    spans = ["known_from", "known_to", "bound_from", "bound_to", "made", "is_made_later"]
    return reached.select("export", "conversation", "pair", *spans, shown).pipe(collected)


def known_bounds(view: SideView, lacking: Reading, exported: Exported) -> pl.LazyFrame:
    """How far the lacking export extends in each conversation, on the common clock (seconds).

    Returns:
        pair; known_from, known_to, bound_from, bound_to and shown_to as in `reach_of`.
        made_from: the stated time of the export where later rows of its run disprove it; else null.
        first_apart, last_apart: as in `SideView.ends`.
    """
    table = reach_of(view.lacking.frame, lacking, exported).lazy().drop_nulls("pair")
    out = table.with_columns(pl.col("pair").cast(pl.Int64)).join(view.ends.lazy(), on="pair", how="left")
    first, last = pl.col("first_shift").fill_null(0.0), pl.col("last_shift").fill_null(0.0)
    # The time of the export may have a zone although the times of its rows have none.
    zones = view.lacking.frame.lazy().select("pair", pl.col("zone_source") == "explicit")
    instants = zones.group_by(pl.col("pair").cast(pl.Int64)).agg(pl.col("zone_source").all().alias("is_instant"))
    known_to = pl.col("known_to") / SECONDS - last
    made = pl.when(~pl.col("is_instant") & (pl.col("known_to") == pl.col("made"))).then(pl.col("made") / SECONDS)
    stated = pl.col("made") / SECONDS - pl.when("is_instant").then(last).otherwise(0.0)
    return out.join(instants, on="pair", how="left").select(
        "pair",
        (pl.col("known_from") / SECONDS - first).alias("known_from"), (pl.col("bound_from") / SECONDS - first).alias("bound_from"),
        pl.min_horizontal(known_to, made).alias("known_to"), (pl.col("bound_to") / SECONDS - last).alias("bound_to"),
        (pl.col("shown_to") / SECONDS - last).alias("shown_to"), "first_apart", "last_apart",
        pl.when("is_made_later").then(stated).alias("made_from"),
    )  # fmt: skip


def exported_of(facts: ExportFacts) -> Exported:
    """When the single export of a side was made, where stated."""
    exported = micro(facts.exported_at)
    return {} if exported is None else {0: exported}


def _own_spans(rows: pl.DataFrame) -> pl.DataFrame:
    """export, conversation, pair, own_from, own_to: first and last time (µs) of each timed conversation."""
    timed = rows[["export", "conversation", "pair", "raw_t"]].filter(pl.col("raw_t").is_not_null())
    found = pl.col("raw_t").min().alias("own_from"), pl.col("raw_t").max().alias("own_to")
    if has_one_value(timed["pair"]):
        return timed.select(pl.col("export", "conversation", "pair").first(), *found)
    # Every conversation has a number of its own, which groups faster than its name.
    return timed.group_by("export", "pair").agg(pl.col("conversation").first(), *found)


def _spans_of_others(own: pl.DataFrame, runs: Mapping[str, str]) -> pl.DataFrame:
    """The first and last time among the *other* conversations that one run of a tool wrote.

    This is the extreme time, or the second one for the conversation that holds the extreme. A file that was written on
    another day says nothing of how far this one reaches.
    """
    if own.height == 1:
        return own.with_columns(pl.lit(None, pl.Int64).alias("others_from"), pl.lit(None, pl.Int64).alias("others_to"))
    run = _run(runs)
    first, last = pl.col("own_from").sort(), pl.col("own_to").sort(descending=True)

    def value_at(values: pl.Expr, place: int) -> pl.Expr:
        """The export's value at this place."""
        return values.slice(place, 1).first().over("export", run)

    return own.with_columns(
        pl.when(pl.col("own_from") == value_at(first, 0))
        .then(value_at(first, 1))
        .otherwise(value_at(first, 0))
        .alias("others_from"),
        pl.when(pl.col("own_to") == value_at(last, 0))
        .then(value_at(last, 1))
        .otherwise(value_at(last, 0))
        .alias("others_to"),
    )


def _run(runs: Mapping[str, str]) -> pl.Expr:
    """The name of the run that wrote each conversation."""
    return pl.col("conversation").replace_strict(runs, default="", return_dtype=pl.String)


Ranges = dict[str | None, list[tuple[int, int]]]
"""Conversation -> its stated time ranges (µs), disjoint and in order; None = all other conversations."""
# Stands for an end that no range states: no time in µs reaches it.
UNBOUNDED = 2**62


def stated_ranges(facts: ExportFacts) -> Ranges:
    """The ranges that the export's own filters state: what any of its files states of a conversation.

    Ranges that touch, or overlap, are one.
    """
    general = [f for f in facts.filters if f.conversation is None]
    own: dict[str | None, list[Filter]] = {None: general} if general else {}
    for f in facts.filters:
        if f.conversation is not None:
            own.setdefault(f.conversation, [*general]).append(f)
    return {key: _joined_ranges(filters) for key, filters in own.items()}


def _joined_ranges(filters: Sequence[Filter]) -> list[tuple[int, int]]:
    """The union of the time ranges of some filters, in order."""
    ends = sorted((-UNBOUNDED if (low := micro(f.from_at)) is None else low, UNBOUNDED if (high := micro(f.to_at)) is None else high) for f in filters)  # fmt: skip
    joined: list[tuple[int, int]] = []
    for low, high in ends:
        if joined and low - joined[-1][1] <= PARAMS.touching_seconds * SECONDS:
            joined[-1] = joined[-1][0], max(joined[-1][1], high)
        else:
            joined.append((low, high))
    return joined


def bounds_of(ranges: Ranges) -> tuple[pl.Expr, pl.Expr]:
    """Latest and earliest time (µs; null = open) that the stated ranges leave in a `conversation`."""

    def of_conversation(ends: dict[str | None, int]) -> pl.Expr:
        """The end that counts for each conversation; an open one is null."""
        told = {k: None if abs(v) == UNBOUNDED else v for k, v in ends.items()}
        default = told.pop(None, None)
        if not told:
            return pl.lit(default, dtype=pl.Int64)
        return pl.col("conversation").replace_strict(told, default=default, return_dtype=pl.Int64)

    return of_conversation({k: r[-1][1] for k, r in ranges.items()}), of_conversation(
        {k: r[0][0] for k, r in ranges.items()}
    )


def unstated_between(ranges: Ranges, rows: pl.DataFrame) -> list[Filter]:
    """The stretches between the stated ranges of each conversation of which the export holds no row.

    Of a stretch with rows near its ends, as in a file named by the days of another zone, the part without is left. One
    of which half holds rows was not left out.

    Args:
        ranges: the ranges that the export states.
        rows: the export's rows with `conversation` and `raw_t` (µs).
    """
    found: list[Filter] = []
    if all(len(r) < 2 for r in ranges.values()):
        return found
    for (conversation,), held in rows.select("conversation", "raw_t").drop_nulls().group_by("conversation"):
        t = held["raw_t"].sort().to_numpy()
        stated = ranges.get(str(conversation), ranges.get(None, []))
        for (_, low), (high, _) in pairwise(stated):
            points = np.concatenate([[low], t[np.searchsorted(t, low) : np.searchsorted(t, high)], [high]])
            at = int(np.argmax(np.diff(points)))
            if 2 * (points[at + 1] - points[at]) > high - low:
                first, last = (_time(int(v)) for v in points[at : at + 2])
                found.append(Filter(first, last, conversation=str(conversation)))
    return found


def _time(value: int) -> datetime:
    """A time of so many µs since 1970."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=value)


def _extend_by_numbering(table: pl.LazyFrame, rows: pl.DataFrame, reading: Reading) -> pl.LazyFrame:
    """The table with known_to extended where a counter has assigned numbers beyond the last row."""
    tails = numbered_beyond(rows, reading)
    if tails.is_empty():
        return table
    # Numbers were assigned after the last row, so the store extended further than its rows; how far in time is unknown.
    far = pl.lit(UNBOUNDED, dtype=pl.Int64)
    return table.join(
        tails.lazy().select("conversation").with_columns(pl.lit(value=True).alias("tail")),
        on="conversation",
        how="left",
    ).with_columns(
        pl.when("tail")
        .then(pl.min_horizontal(far, pl.col("bound_to").fill_null(far)))
        .otherwise("known_to")
        .alias("known_to")
    )


def numbered_beyond(rows: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """conversation, pair: those whose counter has assigned numbers beyond the last row."""
    if reading.facts.local_id_scope is not LocalIdScope.CONVERSATION or reading.counters.is_empty():
        return rows.clear().select("conversation", "pair")
    highest = rows.group_by("conversation").agg(pl.col("pair").first(), pl.col("local_id").max().alias("highest"))
    trusted = reading.counters.filter(pl.col("is_trusted") & pl.col("conversation").is_not_null())
    tails = highest.join(trusted, on="conversation").filter(pl.col("maximum") > pl.col("highest"))
    return tails.select("conversation", "pair").unique()


def micro(value: datetime | None) -> int | None:
    """A time in µs since 1970; None stays None."""
    return None if value is None else int(value.timestamp() * SECONDS)
