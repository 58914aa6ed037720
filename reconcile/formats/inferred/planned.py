"""The plan of a list of rows, in the shape in which it reads best."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import polars as pl

from reconcile.column_ops import present
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.half_filled import with_filled_halves, with_names_of_changes, with_names_of_rows
from reconcile.formats.inferred.lines_of_cells import with_parts_of_words, with_rows_as_lines
from reconcile.formats.inferred.mapping import Inferred
from reconcile.formats.inferred.names_of_sides import with_names_of_sides
from reconcile.formats.inferred.people.derived_senders import with_senders_of_codes, with_ticked_senders
from reconcile.formats.inferred.people.directions import with_boxes
from reconcile.formats.inferred.people.named_accounts import with_kinds_apart
from reconcile.formats.inferred.plan import Plan
from reconcile.formats.inferred.reshaped import (
    with_day_of_file,
    with_days_from_above,
    with_days_of_rows,
    with_joined_words,
    with_speakers_in_a_column,
    with_times_beside_names,
    with_times_from_above,
)
from reconcile.formats.inferred.scores import infer
from reconcile.formats.inferred.shared_cells import with_fields_of_cells
from reconcile.formats.inferred.tables.blocks_beside import with_blocks_beside
from reconcile.formats.inferred.times.date_parts import with_dates_of_parts, with_month_beside
from reconcile.formats.inferred.times.file_days import day_of_file, day_of_titles
from reconcile.formats.inferred.titled_rows import with_chats_of_titles
from reconcile.wechat.clock_forms import day_comes_first

_YEAR_LAST = r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}$"
# A list may differ from a plain one in so many ways at once.
_ROUNDS = 2


def plan_of_list(fields: Fields) -> Plan:
    """The plan of a list of rows; of another shape of the list where only that is clear."""
    plan = _clearest(with_boxes(fields))
    if (apart := with_kinds_apart(plan.fields, plan.inferred)) is not None:
        plan = Plan(apart, infer(apart))
    return with_chats_of_titles(with_names_of_sides(with_senders_of_codes(plan)))


def with_days_of_names(plans: Sequence[Plan]) -> list[Plan]:
    """The plans with the days that the names of their files, or the titles of their tables, state.

    They are those of the rows where each of several has another, and all together tell the order of day and
    month; where they do not, it is asked.
    """
    days: dict[str, set[str]] = {}
    for p in plans:
        titled = day_of_titles(p.fields.lines_beside) is not None
        if "date" in p.fields.names and (titled or day_of_file(p.fields.file) is not None):
            place = p.fields.label if titled else p.fields.file
            days.setdefault(place, set()).update(present(p.fields.frame["date"]))
    is_told = 1 < len(days) == len(set[str]().union(*days.values())) and all(len(d) == 1 for d in days.values())
    told = [p.inferred.without_doubt("date") if is_told else p.inferred for p in plans]
    lone = [_lone_day(p) for p in plans]
    written = sorted({d for d in lone if d is not None})
    # There and back, so that the order of names tells nothing.
    order = day_comes_first(pl.Series([*written, *reversed(written)], dtype=pl.String))
    return [
        Plan(p.fields, one if day is None else _with_order(one, order))
        for p, one, day in zip(plans, told, lone, strict=True)
    ]


def _lone_day(plan: Plan) -> str | None:
    """The only day of all clocks of a list, if its figures end in the year."""
    choice = plan.inferred.choices.get("date")
    days = present(plan.fields.frame[choice.column]).unique() if choice is not None else pl.Series([], dtype=pl.String)
    return str(days[0]) if days.len() == 1 and re.match(_YEAR_LAST, str(days[0])) else None


def _with_order(inferred: Inferred, order: bool | None) -> Inferred:
    """The mapping with the order of day and month, to be asked for where it is None."""
    if order is None:
        return replace(inferred, doubts={**inferred.doubts, "day_first": ("true", "false")})
    return replace(inferred, manners={**inferred.manners, "day_first": str(order).lower()})


def _clearest(fields: Fields) -> Plan:
    """The plan of the shape of a list that leaves least open, the plain one first."""
    fields = with_blocks_beside(fields) or fields
    plain = Plan(fields, infer(fields))
    if (whole := with_filled_halves(fields, plain.inferred)) is not None:
        fields, plain = whole, Plan(whole, infer(whole))
    plain = _with_all_words(plain)
    if (named := with_names_of_changes(plain.fields, plain.inferred)) is not None:
        plain = Plan(named, infer(named))
    for _ in range(_ROUNDS):
        if plain.inferred.is_clear or (turned := _turned(plain)) is plain:
            break
        plain = turned
    return plain


def _turned(plan: Plan) -> Plan:
    """The plan of another shape of a list that leaves least open; the same where none leaves less."""
    shapes: list[Callable[[Fields], Fields | None]] = [
        with_dates_of_parts, with_month_beside, with_times_from_above, with_days_of_rows, with_days_from_above, with_times_beside_names,
        with_day_of_file, partial(with_blocks_beside, are_people=True),
    ]  # fmt: skip
    if not {"sender", "direction"} & plan.inferred.choices.keys():
        # Nothing to add if every row has a sender.
        shapes += [with_ticked_senders, with_speakers_in_a_column]
    if {"sender", "time"} & plan.inferred.doubts.keys():
        shapes.append(partial(with_fields_of_cells, inferred=plan.inferred))
    if "sender" in plan.inferred.doubts:
        shapes.append(with_names_of_rows)
        shapes.append(partial(with_parts_of_words, inferred=plan.inferred))
    if () in plan.inferred.doubts.values() and {"time", "text"} & plan.inferred.doubts.keys():
        # The rows are no messages.
        shapes.append(with_rows_as_lines)
    turned = [plan]
    for shape in shapes:
        if (other := shape(plan.fields)) is not None:
            turned.append(_with_all_words(Plan(other, infer(other))))
            if turned[-1].inferred.is_clear:
                break
    # Of shapes that leave something open, one that leaves less.
    return min(turned, key=lambda p: len(p.inferred.doubts))


def _with_all_words(plan: Plan) -> Plan:
    """The plan with words that each kind or sender keeps in a field of its own in one field."""
    text, time = (plan.inferred.choices.get(r) for r in ("text", "time"))
    if time is None:
        return plan
    words = dict.fromkeys([*([text.column] if text else []), *plan.inferred.doubts.get("text", ())])
    if (whole := with_joined_words(plan.fields, [*words], time.column)) is None:
        return plan
    joined = Plan(whole, infer(whole))
    is_told = {"sender", "direction"} & plan.inferred.choices.keys()
    return joined if is_told or _tells_again_who_speaks(plan.fields, joined) else plan


def _tells_again_who_speaks(fields: Fields, joined: Plan) -> bool:
    """Whether a clear plan names senders none of whom has words in two of the joined fields."""
    if not joined.inferred.is_clear or (sender := joined.inferred.choices.get("sender")) is None:
        return False
    parts = [n for n in fields.names if n not in joined.fields.names]
    held = pl.sum_horizontal((pl.col(n).is_not_null().any()).over(sender.column) for n in parts)
    return sender.column in fields.names and bool(fields.frame.select((held <= 1).all()).item())
