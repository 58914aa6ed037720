"""The periods that the parts of an export state, or that the names of their files do."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import polars as pl

from reconcile.column_ops import PLACE_IN_FILE
from reconcile.intake.contract import Filter, Note
from reconcile.intake.messages.file_names import stated_days, states_span
from reconcile.vocabulary import NoteCode
from reconcile.wechat.clock import ASSUMED_ZONE


class Stated(Protocol):
    """A part of an export: its file, its chat, its zone, and the selections that it states."""

    file: str
    conversation: str
    timezone: str | None
    filters: tuple[Filter, ...]


_DAY = timedelta(days=1)


def credible_filters(parts: Sequence[Stated], messages: pl.DataFrame) -> tuple[tuple[Filter, ...], list[Note]]:
    """The selections that parts state, except those that most rows contradict, and notes.

    Anybody can give a file a name that states a selection. Single rows outside may have a wrong time, and days may
    follow another clock. A selection limits nothing where another file of the conversation states none.
    """
    named = _named_periods(parts, messages)
    whole = {p.conversation for p in parts if not p.filters and p.file not in named}
    stated: dict[str | None, list[tuple[str, Filter]]] = {}
    for part in parts:
        for one in () if part.conversation in whole else part.filters or named[part.file]:
            chat = one.conversation or (part.conversation if len(parts) > 1 else None) or None
            stated.setdefault(chat, []).append((part.file, replace(one, conversation=chat)))
    kept: list[Filter] = []
    notes: list[Note] = []
    for chat, told in stated.items():
        rows = messages if chat is None else messages.filter(pl.col("conversation") == chat)
        sent = rows["sent_at"].drop_nulls()
        outside = _outside(sent, [one for _, one in told])
        if 2 * outside > sent.len():
            notes += [
                Note(NoteCode.ODD_VALUE, file, "rows outside the stated range", outside, said=True) for file, _ in told
            ]
        else:
            kept += [one for _, one in told]
    return tuple(kept), notes


def _named_periods(parts: Sequence[Stated], messages: pl.DataFrame) -> dict[str, tuple[Filter, ...]]:
    """The period that each file's name states, by file; only where all its rows lie in it.

    A name may state the day of the export instead. The first and the last period of a conversation are open: whoever
    names a file by its month does not say that nothing came before or after it. A name of a first and a last day says so.
    """
    told = {p.file: days for p in parts if not p.filters and (days := stated_days(Path(p.file))) is not None}
    spans = {file for file in told if states_span(Path(file))}
    if len(told) <= 1 and not spans:
        return {}
    file = pl.col("locator").str.replace(PLACE_IN_FILE, "").alias("file")
    ends = (pl.col("sent_at").min().alias("low"), pl.col("sent_at").max().alias("high"))
    held = {name: (low, high) for name, low, high in messages.group_by(file).agg(*ends).iter_rows() if low is not None}
    found: dict[str, dict[str, tuple[date, date]]] = {}
    for part in parts:
        if part.file in told and part.file in held:
            first, end = (datetime.combine(d, time(), UTC) for d in told[part.file])
            low, high = held[part.file]
            if first - _DAY <= low and high < end + _DAY:
                found.setdefault(part.conversation, {})[part.file] = told[part.file]
    named: dict[str, tuple[Filter, ...]] = {}
    for part in parts:
        periods = found.get(part.conversation, {})
        if part.file in periods and (len(periods) > 1 or part.file in spans):
            zone = ZoneInfo(part.timezone or ASSUMED_ZONE)
            first, end = (datetime.combine(d, time(), zone).astimezone(UTC) for d in periods[part.file])
            is_open = part.file not in spans
            is_first = is_open and periods[part.file][0] == min(f for f, _ in periods.values())
            is_last = is_open and periods[part.file][1] == max(e for _, e in periods.values())
            span = Filter(None if is_first else first, None if is_last else end - timedelta(seconds=1))
            named[part.file] = (span,)
    return named


def _outside(sent: pl.Series, filters: Sequence[Filter]) -> int:
    """How many of these times lie more than a day outside every range."""
    inside = pl.repeat(value=False, n=sent.len(), eager=True)
    for one in filters:
        here = pl.repeat(value=True, n=sent.len(), eager=True)
        if one.from_at is not None:
            here &= sent >= one.from_at - _DAY
        if one.to_at is not None:
            here &= sent <= one.to_at + _DAY
        inside |= here
    return int((~inside).sum())
