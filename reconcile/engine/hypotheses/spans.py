"""Records of a time that lies within stated spans."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from reconcile.engine.hypotheses.model import Absences
from reconcile.engine.reach import UNBOUNDED, micro
from reconcile.engine.records import Flags, Ints
from reconcile.intake.contract import Declared, Filter
from reconcile.wechat.kind_classes import SECONDS


def within(a: Absences, spans: list[Declared], clock: str = "own_t") -> Flags:
    """Whether each record lies in one of the spans, allowing for its time unit and the clock spread.

    Args:
        a: the unmatched records.
        spans: the stated spans.
        clock: own_t = the lacking device's clock, holder_t = the holder's.
    """
    flags: Flags = spans_around(moments_of(a, clock), spans) >= 0
    return flags


def moments_of(a: Absences, clock: str) -> pl.DataFrame:
    """`at` and `slack` of each record by a clock of `within`, in seconds."""
    # Minutes are cut off, not rounded, so a clock known only by minutes is known to a minute.
    coarse = float(a.view.lacking.unit.clip(max=60.0).max(initial=1.0))
    slack = (
        pl.lit(a.params.edge_seconds)
        + pl.max_horizontal(pl.col("unit").clip(upper_bound=60.0), pl.lit(coarse))
        + pl.col("spread")
    )
    shown = {"own_t": pl.col("own_t"), "holder_t": pl.col("t") / SECONDS}[clock]
    return a.rows.select(shown.alias("at"), slack.alias("slack"))


def in_filters(a: Absences, spans: Sequence[Filter]) -> Flags:
    """Records of a time within one of the spans, each of one conversation of the other export or of all."""
    found = a.none
    if not spans:
        return found
    by_chat: dict[str | None, list[Declared]] = {}
    for span in spans:
        by_chat.setdefault(span.conversation, []).append(Declared("", span.from_at, span.to_at))
    chats = a.lacking_rows.select("conversation", pl.col("pair").cast(pl.Int64)).drop_nulls().unique()
    for chat, declared in by_chat.items():
        here = within(a, declared)
        if chat is not None:
            here &= a.flags(pl.col("pair").is_in(chats.filter(pl.col("conversation") == chat)["pair"].implode()))
        found |= here
    return found


def spans_around(moments: pl.DataFrame, spans: list[Declared]) -> Ints:
    """Number of the span that holds each moment (`at`, give or take `slack`, in seconds); -1 = none.

    Spans that touch each other count as one.
    """
    numbers: Ints = np.full(moments.height, -1)
    starts = sorted((micro(s.from_at) or -UNBOUNDED, micro(s.to_at) or UNBOUNDED) for s in spans)
    merged: list[list[float]] = []
    for low, high in starts:
        if merged and low / SECONDS <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], high / SECONDS)
        elif low <= high:
            merged.append([low / SECONDS, high / SECONDS])
    if not merged:
        return numbers
    # Spans are disjoint and sorted, so only the last one that begins before the record's latest moment can contain it.
    low, high = np.array(merged).T
    at, slack = (moments[c].fill_null(np.nan).to_numpy() for c in ("at", "slack"))
    last = np.searchsorted(low, at + slack, side="right") - 1
    held = (last >= 0) & (at - slack <= high[last])
    numbers[held] = last[held]
    return numbers


__all__ = ["in_filters", "moments_of", "spans_around", "within"]
