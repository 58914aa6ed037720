"""MemoTrace 2.x/3.x data beside its HTML page, `<remark>.html.json`: the richest form of the family.

Producer: MemoTrace (留痕), zprolab/WeChatMsg exporter. Container: JSON, an array of objects with server_id, is_send, timestamp.
Encoding: UTF-8, indented. Time zone: none needed, unix seconds.
Cannot say: the owner's account (the folder's name tells the peer's), the amount of a red packet; sizes are 0 where the file was
not on the PC, and digests are there only where the message's XML was.
"""

from pathlib import Path

from reconcile.formats.memotrace.rows import LIST_KEYS, forward_items, list_rows, xml_hash, xml_native
from reconcile.intake.contract import Note, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.json.objects import frame_of_lists, with_items
from reconcile.intake.json.rows import JsonArray
from reconcile.intake.messages.parts import Part, part_with_own_rows
from reconcile.intake.source import Source
from reconcile.vocabulary import NoteCode


class MemotraceJson(FileReader, form="memotrace_json"):
    """Reader of MemoTrace's HTML sidecar."""

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat's rows; the folder's name tells the peer."""
        name = source.relative(file)
        array = JsonArray(source, name, key=None)
        found: list[dict[str, object]] = []
        pieces = with_items(array.pieces(), found, forward_items, name)
        derived = {"xml_hash": xml_hash, "xml_native": xml_native}
        rows = frame_of_lists(pieces, LIST_KEYS, derived, ("avatar_src", "xml_dict"), list_rows)
        notes = [Note(NoteCode.ROW_SKIPPED, name, "", array.odd_members)] if array.odd_members else []
        part = part_with_own_rows(source, file, rows, notes, ".html.json")
        part.is_shown = False
        part.witnesses = found
        return part
