"""Spans of time for which only some of a party's devices answer."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl

from reconcile.column_ops import listed
from reconcile.intake.contract import Filter, Reading
from reconcile.vocabulary import Kind
from reconcile.wechat.kinds import SYSTEM_KINDS

LAST_DAYS = timedelta(days=1)


def spans_without(messages: pl.DataFrame, whole: pl.Series) -> tuple[Filter, ...]:
    """The spans between neighbours of these rows in a conversation that hold other rows."""
    is_whole = pl.col("row").is_in(listed(whole))
    held = pl.when(is_whole).then("sent_at")
    around = held.forward_fill().over("conversation"), held.backward_fill().over("conversation")
    spans = messages.with_columns(around[0].alias("low"), around[1].alias("high")).filter(~is_whole)
    spans = spans.select("low", "high", "conversation").unique(maintain_order=True)
    return tuple(Filter(low, high, conversation=chat) for low, high, chat in spans.iter_rows())


def last_export(devices: Iterable[Reading]) -> datetime | None:
    """The latest time at which one of the devices in use at the end was exported; None = not stated.

    A device whose rows end more than a day before those of another was no longer in use.
    """
    held = [(r.facts.exported_at, last) for r in devices if isinstance(last := r.messages["sent_at"].max(), datetime)]
    ends = [last for _, last in held]
    return max((at for at, last in held if at is not None and last >= max(ends) - LAST_DAYS), default=None)


def unwritten_spans(first: Reading, other: Reading, *, surely: bool) -> tuple[Filter, ...]:
    """Spans in which only devices that do not write certain kinds hold rows, with these kinds.

    A device covers the time from its first to its last row. Its form is known not to write them (`surely`), or it may not,
    and may then reach up to the other device.
    """
    span = pl.col("sent_at").min(), pl.col("sent_at").max().alias("last")
    mine, theirs = (Filter(*r.messages.select(span).row(0)) for r in (first, other))
    reach = (mine, theirs) if surely else (_up_to(mine, theirs), _up_to(theirs, mine))
    absent = [r.facts.limits.kinds_absent if surely else _unshown_kinds(r) for r in (first, other)]
    facts = first.facts
    earlier = (*(facts.unwritten if surely else facts.unshown), replace(reach[0], kinds=absent[0] - absent[1]))
    # The second device adds the kinds that it can write, but only in its own span.
    of_both = (replace(span, kinds=span.kinds & absent[1]) for span in earlier)
    outside_second = (part for span in earlier for part in _beyond(replace(span, kinds=span.kinds - absent[1]), theirs))
    outside_first = _beyond(replace(reach[1], kinds=absent[1] - absent[0]), mine)
    return tuple(span for span in (*of_both, *outside_second, *outside_first) if span.kinds)


def _unshown_kinds(device: Reading) -> frozenset[Kind]:
    """Kinds that a device's form is not known to write; all but text for an export that holds text alone."""
    shown = set(device.messages["kind"].cast(pl.String).unique())
    is_bare = shown <= {str(Kind.TEXT), *map(str, SYSTEM_KINDS)}
    return device.facts.limits.kinds_unseen | (frozenset(Kind) - {Kind.TEXT} if is_bare else frozenset())


def _up_to(span: Filter, other: Filter) -> Filter:
    """The span with the time between it and the other one."""
    if span.from_at is None or span.to_at is None or other.from_at is None or other.to_at is None:
        return span
    first = other.to_at if other.to_at < span.from_at else span.from_at
    return replace(span, from_at=first, to_at=other.from_at if other.from_at > span.to_at else span.to_at)


def _beyond(span: Filter, other: Filter) -> list[Filter]:
    """The parts of a span before and after the other one."""
    if other.from_at is None or other.to_at is None or span.from_at is None or span.to_at is None:
        return []
    before = [replace(span, to_at=min(other.from_at, span.to_at))] if span.from_at < other.from_at else []
    return before + ([replace(span, from_at=max(other.to_at, span.from_at))] if other.to_at < span.to_at else [])


__all__ = ["last_export", "spans_without", "unwritten_spans"]
