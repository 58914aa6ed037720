"""The lists of rows of each file, and the plans by which the clearest of them are read."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from reconcile.errors import LimitExceeded, ReconcileError, UnreadableSource
from reconcile.formats.inferred.containers import JSON_SUFFIXES, fields_like, fields_of
from reconcile.formats.inferred.escapes import with_plain_words
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.json.parts_of_messages import parts_of_messages
from reconcile.formats.inferred.mails.from_mails import mail_files_fields, mails_in_files
from reconcile.formats.inferred.names_by_key import with_names_by_key
from reconcile.formats.inferred.plan import SURE, Plan
from reconcile.formats.inferred.planned import plan_of_list, with_days_of_names
from reconcile.formats.inferred.tagged_words import with_kinds_of_tags
from reconcile.formats.inferred.taken_together import taken_together
from reconcile.formats.inferred.unread_rows import beside as beside_lists
from reconcile.intake.source import Source
from reconcile.intake.tables.cells import BOOK_SUFFIXES, table_heads

MOST_FILES = 200
# Key under which a source keeps why a file was not looked at.
UNREAD = "could not be inferred from"
# Key under which a source keeps that a file looks like something that cannot be read as it is.
REFUSED = "refused to be inferred from"
# Key of the lists of rows that may hold messages and leave something open.
LEFT = "inferred lists that are not clear"
# Key of the lists of rows of all files, and the most bytes of lists that are kept.
_LISTS, _MOST_KEPT = "inferred lists", 2**24
_LEAST = 2
# Least share of the messages in a page's lines that its rows must have.
_MOST_OF = 0.8


def plans_of(source: Source) -> list[Plan]:
    """How each list of rows would be read, for the clearest structure of each file. Never raises."""
    return plans_of_lists(source, lists_by_file(source))


def plans_of_lists(source: Source, found: Mapping[Path, list[Fields]]) -> list[Plan]:
    """As `plans_of`, for the lists of rows that the files are found to hold."""
    told = iter(with_days_of_names([plan_of_list(f) for lists in found.values() for f in lists]))
    planned = [[next(told) for _ in lists] for lists in found.values()]
    bests = [_best(plans) for plans in planned]
    firsts = [best for best in bests if best is not None]
    if not firsts:
        return []
    first = _commonest(firsts)
    held = [[p.fields for p in plans] for plans in planned]
    # What a short file looks like by itself says nothing where it reads like the others.
    read = [
        _plans_like(first, lists, best) or _plans_like(first, fields_like(source, file, first.fields), None)
        for file, lists, best in zip(found, held, bests, strict=True)
    ]
    # Facts in files without messages also apply to the files with messages.
    others = [f for lists, plans in zip(held, read, strict=True) if not plans for f in lists]
    beside = {k: v for f in reversed(others) for k, v in f.beside.items()}
    people = {k: v for f in reversed(others) for k, v in f.people.items()}
    more = [beside_lists(plans, kept) for plans, kept in zip(planned, read, strict=True)]
    source.memo[LEFT] = [p for _, left in more for p in left]
    kept = [
        Plan(replace(p.fields, beside={**beside, **p.fields.beside}, people={**people, **p.fields.people}), p.inferred)
        for plans in (*read, *(rows for rows, _ in more))
        for p in plans
    ]
    return _in_plain_words(taken_together(kept), {})


def _in_plain_words(plans: Sequence[Plan], told: Mapping[str, str]) -> list[Plan]:
    """The plans with the words without the escapes and tags of their form."""
    return with_kinds_of_tags(with_plain_words(plans, told))


def lists_by_file(source: Source) -> dict[Path, list[Fields]]:
    """The lists of rows of each file that can be read.

    Those of small files are kept, since several readings begin with them.
    """
    if _LISTS not in source.memo:
        held = _lists_by_file(source)
        if sum(f.frame.estimated_size() for lists in held.values() for f in lists) > _MOST_KEPT:
            return held
        source.memo[_LISTS] = held
    return source.memo[_LISTS]  # type: ignore[return-value]


def _lists_by_file(source: Source) -> dict[Path, list[Fields]]:
    held = {}
    mails = mails_in_files(source)
    others = {*mails[1:]}
    for file in [f for f in source.files if f not in others][:MOST_FILES]:
        try:
            found = mail_files_fields(source, mails) if others and file == mails[0] else fields_of(source, file)
            held[file] = [f for f in found if f.frame.height]
        except LimitExceeded as error:
            source.memo[UNREAD] = error
        except (ReconcileError, pl.exceptions.PolarsError) as error:
            # Damaged JSON is reported, and if the beginning of a workbook can be read, the error in the rest.
            suffix, is_damaged = file.suffix.lower(), isinstance(error, UnreadableSource)
            if is_damaged:
                source.memo[REFUSED] = error
            if is_damaged and (suffix in JSON_SUFFIXES or (suffix in BOOK_SUFFIXES and table_heads(source, file))):
                source.memo[UNREAD] = error
    if len(held) > 1:
        named = iter(with_names_by_key([f for found in held.values() for f in found]))
        return {file: [next(named) for _ in found] for file, found in held.items()}
    return held


def _best(plans: list[Plan]) -> Plan | None:
    """The plan of a file that is clear and reads most rows; lines of a page only where nothing else does."""
    usable = [
        p
        for p in plans
        if (p.fields.frame.height >= _LEAST or _names_itself(p))
        and (p.inferred.confidence > 0 or _is_nearly_complete(p))
    ]
    ranked = sorted(usable, key=lambda p: p.standing, reverse=True)
    parts = parts_of_messages(ranked)
    ranked = [p for at, p in enumerate(ranked) if at not in parts]
    proper = [p for p in ranked if not p.fields.is_last_resort]
    if (
        proper
        and (
            proper[0].inferred.is_clear
            or not ranked[0].inferred.is_clear
            # If rows are messages except for one open question, the question is asked, and the lines are not read instead.
            or proper[0].inferred.confidence > SURE
        )
        # Of a few rows one may be damaged.
        and proper[0].told + 1 >= _MOST_OF * ranked[0].told
    ):
        return proper[0]
    return ranked[0] if ranked else None


def _names_itself(plan: Plan) -> bool:
    """Whether a single row's fields are named time, sender and text, so that no other row is needed."""
    wanted = [("time", plan.needed[0]), ("text", plan.needed[1]), ("sender", plan.needed[3])]
    return all(c is not None and hint(c, r) >= 1 for r, c in wanted)


def _commonest(plans: list[Plan]) -> Plan:
    """The plan whose needed columns are those of the most rows of all files, a clear one if there is any."""
    clear = [p for p in plans if p.inferred.is_clear] or plans
    rows: dict[tuple[str | None, ...], int] = {}
    for p in clear:
        rows[p.needed] = rows.get(p.needed, 0) + p.rows
    return max(clear, key=lambda p: (rows[p.needed], p.rows))


def _plans_like(first: Plan, found: list[Fields], best: Plan | None) -> list[Plan]:
    """Plans that read the lists with the needed columns like the first plan: the longest of each sheet.

    Lines that are the last resort of one file, since a few of its lines look like something else, may be messages too.
    """
    needed = {c for c in first.needed if c is not None}
    is_own = best is not None and best.inferred.is_clear and best.needed == first.needed
    fits = [f for f in found if needed <= {*f.names}]
    fits = [
        f for f in fits if f.is_last_resort == first.fields.is_last_resort or (is_own and best and f is best.fields)
    ]
    longest: dict[str, Fields] = {}
    for one in sorted(fits, key=lambda f: (f is not first.fields, -f.frame.height)):
        longest.setdefault(one.label, one)
    kept = [f for f in fits if longest[f.label] is f]
    return [
        Plan(
            f, replace(first.inferred, choices={r: c for r, c in first.inferred.choices.items() if c.column in f.names})
        )
        for f in kept
    ]


def _is_nearly_complete(plan: Plan) -> bool:
    """Whether time and text are found in one row, or text and sender with columns that may be the time."""
    inferred = plan.inferred
    if {"time", "text"} <= set(inferred.choices):
        return plan.rows > 0
    return {"text", "sender"} <= set(inferred.choices) and bool(
        inferred.doubts.get("time") or inferred.doubts.get("date")
    )
