"""Any table of messages: CSV, TSV, a spreadsheet, or an HTML table that calls itself .xls.

Producer: anybody. Container: one row a message under a heading row, which may stand below title lines; several files or
sheets of one heading are one export. Encoding: UTF-8, UTF-16 or GB 18030. Time zone: an offset in the cells, the zone the user
names, else Asia/Shanghai assumed and noted. Cannot say: which kinds its maker left out; kinds of which not one row stands
in it count as not written.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from reconcile.errors import UsageError
from reconcile.formats.inferred.bare_texts import bare_texts
from reconcile.formats.inferred.chat_names import join_numbered, place_of
from reconcile.formats.inferred.columns import Guess, find_heading, guess_table, parse_columns
from reconcile.formats.inferred.events import with_time_or_text
from reconcile.formats.inferred.rows import limits_of, part_of
from reconcile.intake.contract import Claim, Note, Reading, ReadOptions
from reconcile.intake.file_reader import DATA_SUFFIXES
from reconcile.intake.form import Form
from reconcile.intake.messages.parts import Part, reading_of_parts
from reconcile.intake.source import Source, is_beside
from reconcile.intake.tables.cells import TableHead, load_table, table_heads
from reconcile.vocabulary import NoteCode

_PAGE_SHEET = re.compile(r"(?i)^(?:sheet|工作表|第)?\s*\d*\s*(?:页)?$")


class AnyTable(Form, form="any_table"):
    """Reader of tables of unknown make."""

    def sniff(self, source: Source) -> Claim:
        """A likely claim, never a certain one, for tables whose headings name time, text and sender.

        The guess is shown to the user for confirmation.
        """
        if (told := _toml_of(source)) is not None and table_heads(source):
            return Claim("likely", f"a table whose columns {told.name} explains")
        guesses = _agreeing_guesses(source)
        if not guesses:
            return Claim("none", "looked for a table whose headings name time, text and sender")
        if {"sent_at", "text"} <= {*guesses[0].head.rows[guesses[0].heading_at]}:
            return Claim("none", "the message table's own headings")
        if not guesses[0].is_clear:
            # Values may decide what headings leave open.
            return Claim(
                "none", f"looked for a table whose headings leave nothing open; unclear: {'; '.join(guesses[0].doubts)}"
            )
        return Claim("likely", f"a table that reads as {guesses[0].spelled()}")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """The messages of every table with one heading.

        The user's columns or a NAME.toml beside the file decide; without them, a guess that is free of doubt.
        """
        told = options.columns or _columns_beside(source)
        plans = _plans_of_columns(source, told) if told else _guesses_or_error(source)
        columns = plans[0].columns
        parts = join_numbered([_table_part(source, plan, options, several=len(plans) > 1) for plan in plans])
        if not told:
            parts[0].notes.append(Note(NoteCode.COLUMN_GUESSED, plans[0].head.name, plans[0].spelled(), said=True))
        used = {p.head.label for p in plans}
        parts[0].notes += [
            Note(NoteCode.PART_UNSUPPORTED, h.label, " | ".join(h.rows[0])[:200])
            for h in table_heads(source)
            if h.label not in used and any(map(any, h.rows))
        ]
        zone, owner = columns.get("timezone") or options.timezone, columns.get("owner") or options.owner
        reading = reading_of_parts(self, parts, replace(options, timezone=zone, owner=owner))
        return replace(reading, facts=replace(reading.facts, tool=None, limits=limits_of(reading)))


def _agreeing_guesses(source: Source) -> list[Guess]:
    heads = table_heads(source)
    names = {h.name for h in heads}
    if any(source.relative(f) not in names for f in source.files if f.suffix.lower() in DATA_SUFFIXES):
        return []
    found = [g for h in heads if (g := guess_table(h)) is not None]
    return [g for g in found if _heading_cells(g) == _heading_cells(found[0])]


def _toml_of(source: Source) -> Path | None:
    beside = [source.path.with_suffix(".toml")] if source.is_file else list(source.named("*.toml"))
    return beside[0] if len(beside) == 1 and is_beside(beside[0]) else None


def _columns_beside(source: Source) -> dict[str, str]:
    """The meaning of columns from a TOML file beside a single table or in a folder of tables."""
    if (told := _toml_of(source)) is None:
        return {}
    source.rest_on(told, is_statement=True)
    return parse_columns(str(told))


def _heading_cells(guess: Guess) -> tuple[str, ...]:
    return guess.head.rows[guess.heading_at]


def _guesses_or_error(source: Source) -> list[Guess]:
    guesses = _agreeing_guesses(source)
    if not guesses:
        headings = "; ".join(" | ".join(h.rows[0])[:120] for h in table_heads(source)[:3] if h.rows)
        raise UsageError(
            "--columns",
            f"{source.path}: no column is named as time, text and sender ({headings}); give --columns time=…,sender=…,text=…",
        )
    if not guesses[0].is_clear:
        raise UsageError(
            "--columns",
            f"{source.path}: reads as {guesses[0].spelled()}, but unclear are {'; '.join(guesses[0].doubts)}; give --columns",
        )
    return guesses


def _plans_of_columns(source: Source, columns: Mapping[str, str]) -> list[Guess]:
    heads = table_heads(source)
    sheet = columns.get("sheet")
    plans = [
        Guess(h, at, columns)
        for h in heads
        if sheet in (None, h.sheet) and (at := find_heading(h, columns)) is not None
    ]
    if plans and "time" in columns and "text" in columns:
        return plans
    if not plans:
        there = " / ".join(" | ".join(c for c in h.rows[0] if c)[:200] for h in heads[:3] if h.rows) or "none"
        asked = ", ".join(v for k, v in columns.items() if not k.startswith(("kind:", "direction:")))
        raise UsageError("--columns", f"{source.path}: no table has the columns {asked}; its first rows hold {there}")
    raise UsageError("--columns", "--columns: time and text are needed; sender or direction should be told too")


def _table_part(source: Source, plan: Guess, options: ReadOptions, *, several: bool) -> Part:
    table, notes = load_table(source, plan.head, plan.heading_at)
    columns = {r: _column_name(plan.head, plan.heading_at, n) for r, n in plan.columns.items()}
    if (text := columns["text"]) in table.columns:
        table = table.with_columns(bare_texts(table[text], text).alias(text))
    table, more = with_time_or_text(table, columns, plan.head.label)
    notes += more
    if table.is_empty():
        notes.append(Note(NoteCode.ODD_VALUE, plan.head.label, "no rows below the heading", said=True))
    return part_of(
        table, columns, options, notes, source=source.path, file=plan.head.name, label=plan.head.label,
        place=_place(plan.head) if several else "",
    )  # fmt: skip


def _column_name(head: TableHead, heading_at: int, name: str) -> str:
    if re.fullmatch(r"#\d+", name):
        place = int(name[1:]) - 1
        cells = head.rows[heading_at]
        return " ".join(cells[place].split()) or f"column {place + 1}" if place < len(cells) else name
    return name


def _place(head: TableHead) -> str:
    """What tells one table from another: the sheet's name unless it is a mere number, else the file's.

    Tables of the months of one chat are one.
    """
    file = Path(head.name)
    named = head.sheet and not _PAGE_SHEET.match(head.sheet)
    return place_of(file.with_suffix("") / f"{head.sheet}{file.suffix}" if named else file)
