"""PyWxDump's page: `data.js` beside the viewer, one chat.

Producer: PyWxDump (xaoyaoo/PyWxDump) 3.x. Container: JavaScript that assigns local_mywxid, local_user_list, local_msg_list, the
lists being JSON. Encoding: UTF-8. Time zone: none stated; local time of the exporting PC, to the second.
Cannot say: red packets by name (未知), file names where the file was not on the PC (src false), digests, the state of a transfer
that was not received.
"""

import re
from pathlib import Path

from reconcile.errors import UnreadableSource
from reconcile.formats.pywxdump.part import pywxdump_part, users_beside, users_of
from reconcile.formats.pywxdump.rows import ROW_KEYS
from reconcile.intake.contract import Note, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.json.objects import embedded, frame_of_lists, page_after, rows_of_page
from reconcile.intake.messages.naming import is_account
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source

LIST, USERS, OWNER, COUNT = (
    b"const local_msg_list = ",
    b"const local_user_list = ",
    b"const local_mywxid = ",
    b"const local_msg_count = ",
)


class PywxdumpHtml(FileReader, form="pywxdump_html"):
    """Reader of the data of PyWxDump's page."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the script assigns the list."""
        return page_after(file, LIST).lstrip().startswith(b"[")

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """The chat's rows; the script names the owner."""
        name = source.relative(file)
        notes: list[Note] = []
        rows = rows_of_page(source, file, LIST, notes)
        try:
            users = users_of(embedded(source, file, USERS))
        except UnreadableSource:
            users = {}
        owner = re.match(rb"'([^']{1,64})'", page_after(file, OWNER))
        count = re.match(rb"(\d{1,10})\s", page_after(file, COUNT))
        account = owner[1].decode("utf-8", "replace") if owner else None
        frame = frame_of_lists([rows], ROW_KEYS, drop=("extra",))
        part = pywxdump_part(
            frame,
            name,
            users or users_beside(source, file),
            notes,
            account if account and is_account(account) else None,
        )
        part.stated_count = int(count[1]) if count else None
        return part
