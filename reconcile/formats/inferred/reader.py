"""Any export that holds time, sender and text, in a form that no other reader knows.

Producer: unknown. Container: JSON of any nesting, JSON lines, CSV of any separator, spreadsheets, Markdown, HTML, text.
Encoding: UTF-8, UTF-16, GB 18030. Time zone: an offset in the values, the zone the user names, else Asia/Shanghai assumed and noted.
Cannot say: what its maker left out; kinds of which not one row stands in it are unknown. Which field is what is inferred from the
values and stated; where they do not decide, nothing is read until the user does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from reconcile.errors import ReconcileError, UnreadableSource, UsageError
from reconcile.formats.inferred.completeness import stated
from reconcile.formats.inferred.containers import fields_of
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.mapping import Inferred, spelled
from reconcile.formats.inferred.platforms import Platform, kinds_of, platform_of
from reconcile.formats.inferred.rows import limits_of, part_of
from reconcile.formats.inferred.scores import infer
from reconcile.intake.contract import Claim, FormLimits, Note, Reading, ReadOptions
from reconcile.intake.messages.parts import Part, reading_of_parts
from reconcile.intake.source import Source
from reconcile.vocabulary import Kind, NoteCode
from reconcile.wechat.kinds import RECALL_NOTICE, SYSTEM_KINDS

_LEAST = 2
_MOST_FILES = 200
_OWN_FIELDS = frozenset(
    {"selfuid", "selfuin", "selfid", "ownerid", "owner", "self", "myid", "me", "account", "accountid", "wxid"}
)


@dataclass(frozen=True, slots=True)
class Plan:
    """One list of rows and the mapping by which it is read."""

    fields: Fields
    inferred: Inferred


class InferredForm:
    """Reader of exports of unknown make. It never competes: it is asked where nobody else claims a source."""

    name = "inferred"
    title = "Form inferred from its content"
    tool = ""
    tested_with = "JSON, JSONL, CSV, XLSX, Markdown, HTML, text of many makes"
    limits = FormLimits()
    is_fallback = True

    def sniff(self, source: Source) -> Claim:
        """Likely, never more, where some list of rows has fields that read as time, sender and text."""
        plans = plans_of(source)
        if not plans:
            return Claim("none", "looked for rows whose fields read as time, sender and text")
        return Claim("likely", f"rows whose fields read as {plans[0].inferred.spelled()}")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """The messages of all lists with one structure, by the user's mapping or the inferred one.

        Raises UsageError where a needed field stays unclear.
        """
        plans = plans_of(source) if not options.columns else _told(source, options.columns)
        if not plans:
            raise UnreadableSource(source.path, f"{source.path}: no rows whose fields read as time, sender and text")
        first = plans[0]
        if not options.columns and not first.inferred.is_clear:
            known, doubts, example = _asked(first.inferred)
            raise UsageError(
                "--columns",
                f"{source.path}: no reader knows this form; it reads as {known}, but unclear are {doubts}; give --columns {example} as fits",
            )
        parts = [_part(source, p, options, several=len(plans) > 1) for p in plans]
        if not options.columns:
            parts[0].notes.append(Note(NoteCode.COLUMN_GUESSED, first.fields.file, first.inferred.spelled(), said=True))
        zone, owner = options.columns.get("timezone") or options.timezone, options.columns.get("owner") or options.owner
        reading = reading_of_parts(self, parts, replace(options, timezone=zone, owner=owner))
        present = {Kind(k) for k in reading.messages["kind"].unique().to_list()}
        limits = replace(limits_of(reading), kinds_unknown=frozenset(set(Kind) - present - {Kind.TEXT, *SYSTEM_KINDS}))
        return replace(
            reading, facts=replace(reading.facts, tool=reading.facts.tool_version, tool_version=None, limits=limits)
        )


def explained(source: Source) -> Inferred | None:
    """The mapping used for a source of unknown format; None without messages. Never raises."""
    plans = plans_of(source)
    return plans[0].inferred if plans else None


def plans_of(source: Source) -> list[Plan]:
    """How each list of rows would be read, for the clearest structure of each file. Never raises."""
    plans: list[Plan] = []
    for file in source.files[:_MOST_FILES]:
        try:
            found = [Plan(f, infer(f)) for f in fields_of(source, file) if f.frame.height >= _LEAST]
        except (ReconcileError, pl.exceptions.PolarsError):
            continue
        usable = [p for p in found if p.inferred.confidence > 0 or _nearly(p.inferred)]
        if usable:
            plans.append(
                max(
                    usable,
                    key=lambda p: (
                        p.inferred.is_clear,
                        p.inferred.confidence > 0.5,
                        p.fields.frame.height,
                        p.inferred.confidence,
                    ),
                )
            )
    # Files with another structure belong to another export.
    if not plans:
        return []
    best = max(plans, key=lambda p: p.fields.frame.height)
    return [p for p in plans if p.inferred.columns == best.inferred.columns] or [best]


def _nearly(inferred: Inferred) -> bool:
    return {"time", "text"} <= set(inferred.choices) or (
        {"text", "sender"} <= set(inferred.choices) and bool(inferred.doubts.get("time"))
    )


def _told(source: Source, columns: Mapping[str, str]) -> list[Plan]:
    wanted = {
        c
        for r, c in columns.items()
        if ":" not in r and r not in ("time_unit", "day_first", "timezone", "owner", "sheet")
    }
    plans = []
    there: list[str] = []
    for file in source.files[:_MOST_FILES]:
        for fields in fields_of(source, file):
            there = there or fields.names
            if wanted <= set(fields.names):
                plans.append(Plan(fields, Inferred({}, dict(columns))))
                break
    if not plans:
        raise UsageError(
            "--columns",
            f"{source.path}: no rows with the fields {', '.join(sorted(wanted))}; there are {' | '.join(there)[:200]}",
        )
    if not {"time", "text"} <= set(columns):
        raise UsageError("--columns", "--columns: time and text are needed; sender or direction should be told too")
    return plans


def _asked(one: Inferred) -> tuple[str, str, str]:
    """What is known of a mapping, what is not, and how the user can state it."""
    known = spelled({r: c for r, c in one.columns.items() if r not in one.doubts})
    example = ",".join(f"{r}={(c[0] if c else '…')}" for r, c in one.doubts.items())
    return known or "…", one.told(), ",".join(filter(None, (known, example)))


def _own(beside: Mapping[str, str], senders: pl.Series) -> str | None:
    """The sender that the export states to be its own account; None where none or several are stated."""
    named = {v for k, v in beside.items() if k.rpartition(".")[2].replace("_", "").lower() in _OWN_FIELDS}
    found = named & set(senders.drop_nulls().unique().to_list())
    return found.pop() if len(found) == 1 else None


def _settled(rows: pl.DataFrame, platform: Platform | None) -> pl.DataFrame:
    """The rows with the platform's kinds, notices without a sender, and marks for omitted bodies."""
    rows = rows if platform is None else kinds_of(platform, rows)
    nobody = pl.all_horizontal(pl.col(c).is_null() for c in ("sender", "is_self") if c in rows.columns)
    recall = pl.col("text").str.contains(RECALL_NOTICE)
    plain = pl.col("kind").is_in(["text", "other"])
    kind = (
        pl.when(plain & nobody & recall).then(pl.lit("recall"))
        .when(plain & nobody).then(pl.lit("system"))
        .when(plain & (pl.col("text") == "")).then(pl.lit("other"))
        .otherwise("kind")
    )  # fmt: skip
    return rows.with_columns(kind.alias("kind"))


def _part(source: Source, plan: Plan, options: ReadOptions, *, several: bool) -> Part:
    fields, columns = plan.fields, plan.inferred.columns
    place = fields.place or (Path(fields.file).stem if several else "")
    notes = list(fields.notes)
    part = part_of(
        fields.frame, columns, options, notes, source=source.path, file=fields.file, label=fields.label, place=place,
    )  # fmt: skip
    part.rows = _settled(part.rows, platform := platform_of(fields, part.rows["text"]))
    if platform is not None:
        part.tool_version = platform.name
    part.stated_count, more = stated(fields, part.rows.height)
    part.notes += more
    if part.owner.id is None and "sender" in part.rows.columns:
        part.owner = replace(part.owner, id=_own(fields.beside, part.rows["sender"]))
    if fields.people and "sender" in part.rows.columns:
        senders = set(part.rows["sender"].unique().drop_nulls().to_list())
        part.contacts += [{"id": k, "nickname": v} for k, v in fields.people.items() if k in senders]
    return part
