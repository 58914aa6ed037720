"""Proposes further readings of tables and JSON: other lists of rows, other columns for each role.

`candidates.py` reads each in full, checks it and ranks it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, product
from pathlib import Path

import polars as pl

from reconcile.column_ops import present
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.looked_at import looked_at
from reconcile.formats.inferred.mapping import Choice, Found, Inferred
from reconcile.formats.inferred.people.evidence import evidence_of
from reconcile.formats.inferred.plan import Plan
from reconcile.formats.inferred.planned import plan_of_list
from reconcile.formats.inferred.scores import infer, wordy
from reconcile.formats.inferred.times.time_columns import time_columns

# Most lists that are tried, the longest first, and most columns for each role.
_MOST_LISTS, _TIMES, _TEXTS, _SENDERS = 4, 2, 2, 3
# Least rows of a list, and largest share of gaps in a column of senders that a name above may fill.
_LEAST_ROWS, _MOST_GAPS = 4, 0.8
# Roles that another reading keeps where their columns are free.
_BESIDE = ("conversation", "kind", "id", "local_id", "receiver")
_LIKELY = 0.5


def other_plans(lists: Mapping[Path, Sequence[Fields]]) -> Iterator[list[Plan]]:
    """The plans of further readings of the lists of rows of all files."""
    held = [f for of_one in lists.values() for f in of_one if not f.is_text and f.frame.height >= _LEAST_ROWS]
    shapes: dict[tuple[str, ...], list[Fields]] = {}
    for one in sorted(held, key=lambda f: -f.frame.height):
        shapes.setdefault(tuple(one.names), []).append(one)
    for alike in islice(shapes.values(), _MOST_LISTS):
        base = plan_of_list(alike[0])
        own = base.fields if len(alike) == 1 else alike[0]
        for fields in (own, *_named_from_above(own)):
            for inferred in _mappings(fields, base.inferred):
                columns = [c.column for c in inferred.choices.values()]
                others = [_like(f, own, fields, columns) for f in alike[1:]]
                yield [Plan(fields, inferred), *(Plan(f, inferred) for f in others if {*columns} <= {*f.names})]


def _named_from_above(fields: Fields) -> Iterator[Fields]:
    """The list with each column of people filled down, where some rows name nobody."""
    for one in _people(fields, least=0.0):
        cells = fields.frame[one].set(fields.frame[one].str.strip_chars() == "", None)
        if cells[0] is not None and 0 < cells.null_count() <= _MOST_GAPS * cells.len():
            yield replace(fields, frame=fields.frame.with_columns(cells.fill_null(strategy="forward")))


def _like(one: Fields, own: Fields, shaped: Fields, columns: Sequence[str]) -> Fields:
    """The list `one`, with the columns filled down that are filled down in `shaped`."""
    filled = [c for c in columns if c in own.names and not own.frame[c].equals(shaped.frame[c])]
    return replace(one, frame=one.frame.with_columns(pl.col(filled).fill_null(strategy="forward")))


def _people(fields: Fields, least: float) -> list[str]:
    """The columns that may name people, the likeliest first."""
    some = looked_at(fields.frame)
    names = [n for n in fields.names if some[n].null_count() < some.height]
    found = [e for e in evidence_of(some, names, Found()) if e.score > least and e.distinct > 1 and not e.is_in_runs]
    return [e.name for e in sorted(found, key=lambda e: -e.score)]


def _mappings(fields: Fields, base: Inferred) -> Iterator[Inferred]:
    """The ways to name the columns of a list, the likeliest first; `base`: the likeliest of all."""
    some = looked_at(fields.frame)
    names = [n for n in fields.names if some[n].null_count() < some.height]
    told = {r: c.column for r, c in base.choices.items()}
    read = time_columns(some, names)
    whole = [t.name for t in sorted(read, key=lambda t: -t.filled) if t.seconds is not None]
    halves = [t.name for t in read if t.shape in ("day", "clock")]
    times = _first(told.get("time") if told.get("time") in whole else None, whole, _TIMES)
    taken = {t.name for t in read}
    texts = _first(told.get("text"), [n for _, n in wordy(some, [n for n in names if n not in taken])], _TEXTS)
    senders = _first(told.get("sender"), [n for n in _people(fields, least=0.0) if n not in taken], _SENDERS)
    for time, text, sender in product([*times, *(["" for _ in halves[:1]])], texts, senders):
        if text == sender:
            continue
        dropped = [n for n in whole if n != time] if time else whole
        shown = fields.frame.drop([n for n in dropped if n not in (text, sender)])
        one = infer(replace(fields, frame=shown, roles={"text": text, "sender": sender}))
        used = {c.column for c in one.choices.values()}
        kept = {r: c for r in _BESIDE if (c := base.choices.get(r)) is not None and c.column not in used}
        if {"time", "text", "sender"} <= one.choices.keys():
            shown_name = base.choices.get("sender_name")
            if shown_name is not None and told.get("sender") == sender:
                kept["sender_name"] = shown_name
            manners = {**{k: v for k, v in base.manners.items() if ":" in k and "kind" in kept}, **one.manners}
            here = {
                r: Choice(c.column, _LIKELY) for r, c in {**kept, **one.choices}.items() if c.column in fields.names
            }
            yield Inferred(here, manners, one.doubts)


def _first(told: str | None, others: Sequence[str], most: int) -> list[str]:
    """The chosen column and the likeliest others, at most `most`."""
    return [*dict.fromkeys([*([told] if told is not None else []), *others])][:most]


def likelihood(plan: Plan, text: pl.Series, in_order: float) -> float:
    """How much a reading looks like a chat.

    The sum of the share of times in order, the share of distinct texts, and the score of the senders. 0 without a
    sender or without words.
    """
    sender = plan.inferred.choices.get("sender")
    held = present(text)
    if sender is None or not held.len():
        return 0.0
    people = evidence_of(plan.fields.frame, [sender.column], Found())[0].score
    varied = held.n_unique() / held.len()
    return round(in_order + varied + people, 1)
