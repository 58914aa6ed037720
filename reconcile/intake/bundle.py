"""A folder with several forms of export: the richest is read, the others join as further devices do."""

from collections.abc import Sequence
from dataclasses import replace

from reconcile.errors import UnreadableSource
from reconcile.intake.contract import Claim, Note, Reading, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.source import Source
from reconcile.vocabulary import NoteCode


class Bundle:
    """A reader made of the file readers that each know some of a folder's files.

    It reads the richest form that can be read. Whoever reads the folder asks for the other forms (other_forms.py).
    """

    def __init__(self, readers: Sequence[FileReader]) -> None:
        self.readers = sorted(readers, key=lambda r: (-r.richness, r.name))
        richest = self.readers[0]
        self.name, self.companions, self.limits = richest.name, tuple(richest.companions), richest.limits
        self.title = " + ".join(r.title for r in self.readers)
        self.tested_with = "; ".join(r.tested_with for r in self.readers)

    def sniff(self, source: Source) -> Claim:
        """Likely, since each member claims a part only."""
        return Claim("likely", "; ".join(r.sniff(source).because for r in self.readers))

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """What the richest readable form holds. Raises UnreadableSource where none can be read."""
        notes: list[Note] = []
        failure: UnreadableSource | None = None
        for reader in self.readers:
            try:
                reading = reader.read(source, options)
            except UnreadableSource as error:
                failure = failure or error
                notes.append(Note(NoteCode.PART_UNREADABLE, reader.name, str(error)[:200], said=True))
            else:
                return replace(reading, notes=(*reading.notes, *notes))
        raise failure or UnreadableSource(source.path, f"{source.path}: nothing could be read")
