"""Spans of time for which only some of a party's devices answer."""

from dataclasses import replace

import polars as pl

from reconcile.column_ops import listed
from reconcile.intake.contract import Filter, Reading


def spans_without(messages: pl.DataFrame, whole: pl.Series) -> tuple[Filter, ...]:
    """The spans between neighbours of these rows in a conversation that hold other rows."""
    is_whole = pl.col("row").is_in(listed(whole))
    held = pl.when(is_whole).then("sent_at")
    around = held.forward_fill().over("conversation"), held.backward_fill().over("conversation")
    spans = messages.with_columns(around[0].alias("low"), around[1].alias("high")).filter(~is_whole)
    spans = spans.select("low", "high", "conversation").unique(maintain_order=True)
    return tuple(Filter(low, high, conversation=chat) for low, high, chat in spans.iter_rows())


def unwritten_spans(first: Reading, other: Reading) -> tuple[Filter, ...]:
    """Spans in which only devices that cannot write certain kinds hold rows, with these kinds.

    A device covers the time from its first to its last row.
    """
    span = pl.col("sent_at").min(), pl.col("sent_at").max().alias("last")
    mine, theirs = (Filter(*r.messages.select(span).row(0)) for r in (first, other))
    absent = [r.facts.limits.kinds_absent for r in (first, other)]
    earlier = (*first.facts.unwritten, replace(mine, kinds=absent[0] - absent[1]))
    # The second device adds the kinds that it can write, but only in its own span.
    of_both = (replace(span, kinds=span.kinds & absent[1]) for span in earlier)
    outside_second = (part for span in earlier for part in _beyond(replace(span, kinds=span.kinds - absent[1]), theirs))
    outside_first = _beyond(replace(theirs, kinds=absent[1] - absent[0]), mine)
    return tuple(span for span in (*of_both, *outside_second, *outside_first) if span.kinds)


def _beyond(span: Filter, other: Filter) -> list[Filter]:
    """The parts of a span before and after the other one."""
    if other.from_at is None or other.to_at is None or span.from_at is None or span.to_at is None:
        return []
    before = [replace(span, to_at=min(other.from_at, span.to_at))] if span.from_at < other.from_at else []
    return before + ([replace(span, from_at=max(other.to_at, span.from_at))] if other.to_at < span.to_at else [])


__all__ = ["spans_without", "unwritten_spans"]
