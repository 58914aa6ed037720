"""Magnet AXIOM CSV or XLSX report: one table an artifact, the zone in the heading of the time.

Producer: Magnet AXIOM Examine. Container: CSV or XLSX whose time heading ends in `- UTC+00:00 (…)`. Encoding: UTF-8.
Time zone: in the heading, to the second.
Cannot say: server ids where no such column is chosen; whatever columns the examiner left out.
"""

import re
from pathlib import Path
from typing import Any

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.magnet.axiom_part import Roles, axiom_part, roles_of
from reconcile.intake.contract import ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.intake.tables.cells import ROW, TableHead, load_table, table_heads

_ZONED = re.compile(r"(?:Date/Time|日期/时间)\s*[-–]\s*UTC", re.IGNORECASE)


class AxiomCsv(FileReader, form="axiom_csv"):
    """Reader of AXIOM's tables."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the first row names message, sender and a time with its zone."""
        return bool(_message_heads(source, file))

    def parts(self, source: Source, files: Any, options: ReadOptions) -> list[Part]:
        """All tables of all files."""
        return [p for file in files for p in self._parts_of_tables(source, file, options)]

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """The first conversation of one file; `parts` gives all."""
        return self._parts_of_tables(source, file, options)[0]

    def _parts_of_tables(self, source: Source, file: Path, options: ReadOptions) -> list[Part]:
        heads = _message_heads(source, file)
        if not heads:
            raise UnreadableSource(source.path, f"{file}: expected {self.looked_for}")
        parts: list[Part] = []
        for head, _ in heads:
            table, notes = load_table(source, head, 0)
            locator = pl.format("{}{}", pl.lit(head.label), pl.col(ROW)).alias("locator")
            named, roles = (
                [table.with_columns(locator).drop(ROW)],
                roles_of([c for c in table.columns if c not in (ROW, "locator")]),
            )
            del table
            made = axiom_part(named.pop(), roles, head.name, options.timezone, options.owner)
            made[0].notes.extend(notes)
            parts += made
        return parts


def _message_heads(source: Source, file: Path) -> list[tuple[TableHead, Roles]]:
    found = []
    for head in table_heads(source, file):
        if head.rows and any(_ZONED.search(c) for c in head.rows[0]):
            roles = roles_of(list(head.rows[0]))
            if roles.is_message:
                found.append((head, roles))
    return found
