"""What PyWxDump's CSV and JSON share: pages of one chat, each a file, users.json beside them."""

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from reconcile.formats.pywxdump.part import pywxdump_part, users_beside
from reconcile.intake.contract import Note, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.messages.pages import join_pages, page_of
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source

_SHARED = ("MsgSvrID", "type_name", "is_sender", "talker", "room_name", "msg", "src", "CreateTime")


class PagesReader(FileReader):
    """A reader whose files are pages of chats; a subclass reads one page (`page`)."""

    @abstractmethod
    def page(self, source: Source, file: Path) -> tuple[pl.DataFrame, list[Note]]:
        """One page's rows under PyWxDump's own column names, and its notes."""

    def parts(self, source: Source, files: Sequence[Path], options: ReadOptions) -> list[Part]:
        """The pages of each chat in order."""
        read = [(file, *self.page(source, file)) for file in files]
        folders = {source.relative(f): f for f in files}
        notes = {source.relative(f): n for f, _, n in read}
        pages = join_pages([page_of(f, source.relative(f), t) for f, t, _ in read], _SHARED)
        return [
            pywxdump_part(p.rows, p.name, users_beside(source, folders[p.name]), [*notes[p.name], *more])
            for p, more in pages
        ]

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One page's rows."""
        return self.parts(source, [file], options)[0]
