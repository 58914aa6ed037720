"""Rows read as the user says, whatever their values suggest."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from reconcile.errors import UsageError
from reconcile.formats.inferred.columns import MANNERS, ROLES
from reconcile.formats.inferred.containers import fields_of, in_plain_cells
from reconcile.formats.inferred.fields import PARENT, Fields
from reconcile.formats.inferred.mails.from_mails import mail_files_fields, mails_in_files
from reconcile.formats.inferred.mapping import OPEN, SPELLED, Choice, Inferred
from reconcile.formats.inferred.people.derived_senders import with_sender_of_code
from reconcile.formats.inferred.people.directions import with_boxes
from reconcile.formats.inferred.plan import Plan
from reconcile.formats.inferred.planned import plan_of_list
from reconcile.formats.inferred.reshaped import joined
from reconcile.formats.inferred.tables.from_table import table_fields
from reconcile.formats.inferred.text.from_pattern import pattern_fields
from reconcile.formats.inferred.times.chosen_days import with_stated_day
from reconcile.formats.inferred.titled_rows import CHAT, with_chats_of_titles
from reconcile.intake.source import Source
from reconcile.intake.tables.cells import BOOK_SUFFIXES, ROW, TEXT_SUFFIXES
from reconcile.patterns import lazy_pattern

_PLACE = lazy_pattern(r"#[0-9]+")
_SHOWN = 200


def confirmed_plans(source: Source, told: Mapping[str, str], most: int) -> list[Plan]:
    """Plans for the lists of each file that have the columns which the user names.

    Of several lists in a file, the one counts that has these columns in the same rows, and few others. Raises
    UsageError where no rows have them, or time or text is not named.
    """
    plans: list[Plan] = []
    there: list[str] = []
    named = {c for r, c in told.items() if r in ROLES}
    others = {*mails_in_files(source)[1:]}
    for file in [f for f in source.files if f not in others][:most]:
        shaped = [_as_asked(f, told) for f in _fields_of(source, file, told)]
        found = [with_sender_of_code(joined(f, told.get("text", "")), told.get("sender", "")) for f, _ in shaped]
        # The list that has most of what is named is the one that is meant.
        there = max((there, *(f.names for f in found)), key=lambda held: (len(named & {*held}), bool(held)))
        fits = [
            p
            for f, (_, codes) in zip(found, shaped, strict=True)
            if (p := _plan(f, _roles(f, told), {**codes, **told})) is not None
        ]
        plans += sorted(fits, key=lambda p: (p.rows, -p.fields.frame.height), reverse=True)[:1]
    if blanks := {r: c for r, c in told.items() if c in (OPEN, SPELLED.get(r))}:
        blank = " and ".join(f"{r}={c}" for r, c in blanks.items())
        raise UsageError(
            "--columns",
            f"{source.path}: {blank} stands for what is not known; write a field in its place ({' | '.join(there)[:_SHOWN]}), "
            "or date=2024-03-05, timezone=+08:00; without sender nobody is named",
        )
    if not plans:
        raise UsageError(
            "--columns",
            f"{source.path}: no rows with the fields {', '.join(sorted(named))}; there are {' | '.join(there)[:_SHOWN]}",
        )
    if not {"time", "text"} <= plans[0].inferred.choices.keys():
        raise UsageError("--columns", "--columns: time and text are needed; sender or direction should be told too")
    return plans


def _fields_of(source: Source, file: Path, told: Mapping[str, str]) -> list[Fields]:
    """Lists of rows that fit the stated pattern, separator, heading, sheet or place."""
    if "pattern" in told:
        return pattern_fields(source, file, told["pattern"], told.get("skip", ""))
    if file.suffix.lower() in (*TEXT_SUFFIXES, *BOOK_SUFFIXES) or {"separator", "heading"} & told.keys():
        found = [in_plain_cells(f) for f in table_fields(source, file, told)] or fields_of(source, file)
    elif file in (mails := mails_in_files(source)):
        found = mail_files_fields(source, mails)
    else:
        found = fields_of(source, file)
    sheet, rows = told.get("sheet"), told.get("rows")
    return [f for f in found if sheet in (None, _sheet_of(f)) and rows in (None, place_of_rows(f))]


def _as_asked(fields: Fields, told: Mapping[str, str]) -> tuple[Fields, dict[str, str]]:
    """The rows in the shape that the user confirms, and what its codes of sides and kinds mean."""
    if "pattern" in told:
        return fields, {}
    fields = with_boxes(fields)
    plan = plan_of_list(fields)
    shown = {r: c.column for r, c in plan.inferred.choices.items()}
    # What the user says of a code tells the others as well.
    stated = {k.partition(":")[0] for k in told if ":" in k}
    kept = {r for r, c in shown.items() if c == told.get(r)} - stated
    codes = {k: v for k, v in plan.inferred.manners.items() if ":" in k and k.partition(":")[0] in kept}
    is_confirmed = all(told.get(r) == c for r, c in shown.items() if r not in plan.inferred.doubts)
    return plan.fields if is_confirmed else fields, codes


def _sheet_of(fields: Fields) -> str:
    """Name of the sheet; empty without one."""
    return fields.label.removeprefix(f"{fields.file}#").removesuffix("!")


def place_of_rows(fields: Fields) -> str:
    """Where a container holds the rows: the keys above a list of JSON, or the name of a table or sheet."""
    first = str(fields.frame[ROW][0]) if fields.frame.height else ""
    if first.startswith("$"):
        return ".".join(k for k in re.sub(r"\[[0-9]+\]", "", first).split(".")[1:] if k)
    return _sheet_of(fields)


def _roles(fields: Fields, told: Mapping[str, str]) -> dict[str, str]:
    """Column by role. `#2` names the second column; the groups of a pattern are roles themselves."""
    own = [n for n in fields.names if not n.startswith(PARENT)]
    roles = {n: n for n in fields.names if n in ROLES} if "pattern" in told else {}
    for role, column in told.items():
        if role in ROLES:
            at = int(column[1:]) - 1 if _PLACE.fullmatch(column) else -1
            roles[role] = own[at] if column not in fields.names and 0 <= at < len(own) else column
    return roles


def _plan(fields: Fields, roles: dict[str, str], told: Mapping[str, str]) -> Plan | None:
    """Plan for a list with the stated roles; null where it lacks one of the columns."""
    if roles.get("conversation") == CHAT and CHAT not in fields.names and {"time", "text"} <= roles.keys():
        own = _plan(fields, {r: c for r, c in roles.items() if r != "conversation"}, told)
        titled = with_chats_of_titles(own) if own is not None else None
        return titled and Plan(titled.fields, replace(titled.inferred, doubts={}))
    fields = with_stated_day(fields, roles)
    if not {*roles.values()} <= {*fields.names}:
        return None
    manners = {r: v for r, v in told.items() if r in MANNERS or ":" in r}
    return Plan(fields, Inferred({r: Choice(c, 1.0) for r, c in roles.items()}, manners))
