"""Spans of time for which only some of a party's devices answer."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import polars as pl

from reconcile.column_ops import listed
from reconcile.intake.contract import Filter, Reading

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


__all__ = ["last_export", "spans_without"]
