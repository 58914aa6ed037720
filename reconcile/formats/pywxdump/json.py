"""PyWxDump JSON: `<chat>_<offset>_<end>.json`, pages of one chat, users.json beside them.

Producer: PyWxDump (xaoyaoo/PyWxDump) 3.x. Container: JSON, an array of objects with MsgSvrID, type_name, room_name.
Encoding: UTF-8. Time zone: none stated; local time of the exporting PC, to the second.
Cannot say: red packets by name (未知), file names where the file was not on the PC (src false), digests, the state of a transfer
that was not received; rows of one second at a page's edge may come twice or not at all.
"""

from pathlib import Path

import polars as pl

from reconcile.formats.pywxdump.pages import PagesReader
from reconcile.formats.pywxdump.rows import ROW_KEYS
from reconcile.intake.contract import Note
from reconcile.intake.json.columns import read_array
from reconcile.intake.json.rows import JsonArray
from reconcile.intake.source import Source


class PywxdumpJson(PagesReader, form="pywxdump_json"):
    """Reader of PyWxDump's JSON."""

    def page(self, source: Source, file: Path) -> tuple[pl.DataFrame, list[Note]]:
        """One page's rows."""
        return read_array(JsonArray(source, source.relative(file), key=None), ROW_KEYS, drop=("extra",))
