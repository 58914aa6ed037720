"""Time spans whose rows lie in broken pages of a store, and are therefore not called missing."""

import re
from dataclasses import replace
from datetime import timedelta

import polars as pl

from reconcile.intake.contract import Filter, Note, Reading
from reconcile.intake.sqlite.table import BROKEN_PAGES
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode

_REACHED = lazy_pattern(re.escape(BROKEN_PAGES) + r" read rows up to (-?\d+|-), from (-?\d+|-)\Z")
# Rows of one moment are numbered by arrival, not by time.
_NEAR = timedelta(minutes=10)
_OUT_OF_ORDER = timedelta(days=1)


def with_damaged_spans(reading: Reading) -> Reading:
    """The reading with an unheld span for each table with broken pages.

    The span reaches from the row before to the row behind the damage. It has no ends where row numbers do not follow
    the times. A table without any row left has no conversation to name.
    """
    spans = [s for n in reading.notes if (s := _unread_span(reading, n)) is not None]
    if not spans:
        return reading
    facts = replace(reading.facts, unheld=tuple(dict.fromkeys((*reading.facts.unheld, *spans))))
    return replace(reading, facts=facts)


def _unread_span(reading: Reading, note: Note) -> Filter | None:
    """Span of time that unread rows may have; null where the note tells of none."""
    reached = _REACHED.search(note.excerpt) if note.code is NoteCode.PART_UNREADABLE else None
    if reached is None:
        return None
    rows = (
        reading.messages.lazy()
        .filter(pl.col("locator").str.starts_with(f"{note.locator}/"))
        .select(
            "conversation", "sent_at", pl.col("locator").str.extract(r"(\d+)(?:~\d+)?$").cast(pl.Int64).alias("number")
        )
        .drop_nulls()
        .sort("number")
        .collect()
    )
    if rows.is_empty():
        return None
    # A table of one chat says nothing about other chats.
    of = rows["conversation"].unique().to_list()
    chat = of[0] if len(of) == 1 and not note.locator.lower().endswith(("#msg", "#message")) else None
    if bool((rows["sent_at"].diff() < -_OUT_OF_ORDER).any()):
        return Filter(conversation=chat)
    last, first = (None if n == "-" else int(n) for n in reached.groups())
    before = rows.filter(pl.col("number") <= last)["sent_at"].max() if last is not None else None
    behind = rows.filter(pl.col("number") >= first)["sent_at"].min() if first is not None else None
    return Filter(
        None if before is None else before - _NEAR,  # type: ignore[operator,arg-type]
        None if behind is None else behind + _NEAR,  # type: ignore[operator,arg-type]
        conversation=chat,
    )
