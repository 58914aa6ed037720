"""Code of readers of single files: choosing their files, the claim, and one Reading of all."""

from abc import ABC
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from reconcile.errors import LimitExceeded, UnreadableSource
from reconcile.intake.contract import Claim, Declared, Note, Reading, ReadOptions
from reconcile.intake.form import Form
from reconcile.intake.json.shape import json_shape
from reconcile.intake.messages.parts import Part, reading_of_parts
from reconcile.intake.source import Source
from reconcile.intake.tables.csv import csv_heading, known_columns
from reconcile.vocabulary import NoteCode

# Files that may be somebody's export: one that nobody claims makes the folder's claim `likely` and is noted.
DATA_SUFFIXES = frozenset(
    (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".html", ".htm", ".md", ".xlsx", ".sql", ".js", ".db", ".sqlite",
     ".xml", ".eml", ".mbox", ".rsmf", ".parquet", ".ufdr")
)  # fmt: skip


class FileReader(Form, ABC):
    """A reader whose form is one file a conversation or page; a folder of such files is one export.

    A subclass reads one file (`part`, or `chats` where a file may hold several) or all (`parts`), and recognises its files by structure (`is_mine`) where its
    facts do not say how.

    `declared`: what every export of this form is by its nature, such as a selection.
    """

    declared: ClassVar[tuple[Declared, ...]] = ()

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the file has this form, by its CSV heading or the keys of its JSON. Never raises."""
        if self.headings:
            found = csv_heading(source, file)[0]
            return found in self.headings or (source.is_file and self.columns_in(source) > 0)
        return self.json is not None and self.json.fits(json_shape(source.head(file)))

    def columns_in(self, source: Source) -> int:
        """How many columns of the form a single CSV file has, in any order and beside others; 0 = not all."""
        return len(known_columns(csv_heading(source, source.path)[0], self.headings)) if source.is_file else 0

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """The rows of a file. Raises UnreadableSource where the file has another form."""
        raise NotImplementedError

    def chats(self, source: Source, file: Path, options: ReadOptions) -> list[Part]:
        """The rows of each chat of a file; in most forms a file is one chat."""
        return [self.part(source, file, options)]

    def parts(self, source: Source, files: Sequence[Path], options: ReadOptions) -> list[Part]:
        """The rows of all files, in order; a file that cannot be read among others that can is a note."""
        found: list[Part] = []
        failures: list[tuple[Path, UnreadableSource | LimitExceeded]] = []
        for file in files:
            try:
                found += self.chats(source, file, options)
            except (UnreadableSource, LimitExceeded) as error:
                failures.append((file, error))
        if not found:
            raise failures[0][1]
        found[0].notes.extend(
            Note(NoteCode.PART_UNREADABLE, source.relative(f), str(e)[:200], said=True) for f, e in failures
        )
        return found

    def mine(self, source: Source) -> list[Path]:
        """The source's files that have this form, in path order."""
        asked = "mine", self.name, len(source.outlines)
        if (found := source.memo.get(asked)) is None:
            found = source.memo[asked] = [f for f in source.ending(self.suffixes) if self.is_mine(source, f)]
        return found  # type: ignore[return-value]

    def sniff(self, source: Source) -> Claim:
        """Certain where every possible export is of this form, likely where others lie beside it."""
        mine = self.mine(source)
        if not mine:
            return Claim("none", f"looked for {self.looked_for}")
        others = [f for f in source.files if f not in set(mine) and self._is_data(f)]
        if others:
            return Claim("likely", f"{self.looked_for}, beside {len(others)} other files such as {others[0].name}")
        if self.headings and (found := csv_heading(source, mine[0])[0]) not in self.headings:
            return Claim("likely", f"{self.looked_for}, among the columns {','.join(found)[:120]}")
        return Claim("certain", self.looked_for)

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """All files of this form as one export; files of other make are noted."""
        files = self.mine(source) or (list(source.files) if source.is_file else [])
        if not files:
            raise UnreadableSource(source.path, f"{source.path}: holds no file with {self.looked_for}")
        reading = reading_of_parts(self, self.parts(source, files, options), options)
        notes = (*reading.notes, *self._added_columns(source))
        return replace(reading, notes=notes, facts=replace(reading.facts, declared=self.declared))

    def _added_columns(self, source: Source) -> list[Note]:
        """A note on each column that somebody added to a single CSV file."""
        if not self.columns_in(source):
            return []
        found = csv_heading(source, source.path)[0]
        known = known_columns(found, self.headings)
        names = (c or f"({n})" for n, c in enumerate(found, 1) if c not in known)
        return [Note(NoteCode.COLUMN_UNKNOWN, source.relative(source.path), c) for c in names]

    def _is_data(self, file: Path) -> bool:
        """Whether the file is data and not a companion of another file."""
        name = file.name.lower()
        return file.suffix.lower() in DATA_SUFFIXES and not name.endswith(self.companions)
