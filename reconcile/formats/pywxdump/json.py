"""PyWxDump JSON: `<chat>_<offset>_<end>.json`, pages of one chat, users.json beside them.

Producer: PyWxDump (xaoyaoo/PyWxDump) 3.x. Container: JSON, an array of objects with MsgSvrID, type_name, room_name.
Encoding: UTF-8. Time zone: none stated; local time of the exporting PC, to the second.
Cannot say: red packets by name (未知), file names where the file was not on the PC (src false), digests, the state of a transfer
that was not received; rows of one second at a page's edge may come twice or not at all.
"""

from collections.abc import Sequence
from pathlib import Path

from reconcile.formats.pywxdump.part import pywxdump_part, users_beside
from reconcile.formats.pywxdump.rows import ROW_KEYS
from reconcile.intake.contract import FormLimits, Note, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.json.columns import read_array
from reconcile.intake.json.rows import JsonArray
from reconcile.intake.json.shape import json_shape
from reconcile.intake.messages.pages import Page, join_pages, page_of
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.vocabulary import Kind

MARKS = frozenset({"MsgSvrID", "type_name", "room_name", "is_sender", "CreateTime"})
_SHARED = ("MsgSvrID", "type_name", "is_sender", "talker", "room_name", "msg", "src", "CreateTime")


class PywxdumpJson(FileReader):
    """Reader of PyWxDump's JSON."""

    name = "pywxdump_json"
    title = "PyWxDump JSON"
    tool = "PyWxDump"
    tested_with = "PyWxDump 3.1 (@d62e846)"
    limits = FormLimits(
        kinds_without_content=frozenset({Kind.IMAGE, Kind.VIDEO, Kind.STICKER, Kind.FILE, Kind.RED_PACKET}),
        kinds_merged={Kind.RED_PACKET: Kind.OTHER},
    )
    suffixes = (".json",)
    companions = ("users.json", "index.html")
    looked_for = "a JSON array of objects with MsgSvrID, type_name, room_name, is_sender, CreateTime"
    richness = 45

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the array's first object has PyWxDump's keys."""
        shape = json_shape(source.head(file))
        return shape.root == "array" and shape.first.keys() >= MARKS

    def parts(self, source: Source, files: Sequence[Path], options: ReadOptions) -> list[Part]:
        """The pages of each chat in order."""
        pages: list[Page] = []
        notes: dict[str, list[Note]] = {}
        folders = {source.relative(f): f for f in files}
        for name, file in folders.items():
            table, notes[name] = read_array(JsonArray(source, name, key=None), ROW_KEYS, drop=("extra",))
            pages.append(page_of(file, name, table))
        joined = join_pages(pages, _SHARED)
        return [
            pywxdump_part(p.rows, p.name, users_beside(source, folders[p.name]), [*notes[p.name], *more])
            for p, more in joined
        ]

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One page's rows."""
        return self.parts(source, [file], options)[0]
