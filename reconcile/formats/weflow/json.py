"""WeFlow JSON: `<title>.json`, one file a chat.

Producer: WeFlow 1 to 5, hicccc77/WeFlow electron/services/export. Container: JSON object with weflow, session, messages.
Encoding: UTF-8. Time zone: none needed, unix seconds; a local time stands beside.
Cannot say: digests of pictures and videos, voice length, who a card names, the amount of a red packet; a leading
`[A-Za-z0-9_-]+:` of plain text is lost (`10:30见` stands as `30见`). Files made before 2026-03-20 hold no server ids. Own accounts
with two underscores are cut at the second one.
"""

from pathlib import Path
from typing import Any

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.weflow.part import weflow_part
from reconcile.formats.weflow.rows import DROPPED, LIST_KEYS, list_rows
from reconcile.intake.contract import Note, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.json.objects import frame_of_lists, instant
from reconcile.intake.json.rows import JsonArray
from reconcile.intake.json.shape import json_shape
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.vocabulary import NoteCode


class WeflowJson(FileReader, form="weflow_json"):
    """Reader of WeFlow's JSON."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether the object begins with weflow and session, and is not the arkme form."""
        shape = json_shape(source.head(file))
        stated = shape.values.get("weflow")
        return (
            {"weflow", "session"} <= set(shape.keys)
            and isinstance(stated, dict)
            and stated.get("format") != "arkme-json"
        )

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat's rows."""
        name = source.relative(file)
        array = JsonArray(source, name)
        rows = frame_of_lists(array.pieces(), LIST_KEYS, drop=DROPPED, shape=list_rows)
        weflow, session = _as_object(array.rest.get("weflow")), _as_object(array.rest.get("session"))
        if not array.found or not session:
            raise UnreadableSource(source.path, f"{file}: expected a JSON object with weflow, session and messages")
        notes = [Note(NoteCode.ROW_SKIPPED, name, "", array.odd_members)] if array.odd_members else []
        account = session.get("wxid") or session.get("accountId")
        part = weflow_part(
            rows,
            file,
            name,
            options,
            notes,
            account=account,
            title=session.get("displayName"),
            kind=session.get("type"),
        )
        part.stated_count = session.get("messageCount") if isinstance(session.get("messageCount"), int) else None
        part.tool_version = str(weflow["version"]) if weflow.get("version") else None
        part.exported_at = instant(weflow.get("exportedAt"))
        named = {"id": account, "nickname": session.get("nickname"), "remark": session.get("remark")}
        # Two columns only, because filtering whole rows would copy them all.
        people = rows.select(pl.col("sender").alias("id"), pl.col("sender_name").alias("nickname")).filter(
            ~rows["kind"].is_in(["system", "recall"])
        )
        part.contacts = [
            *people.unique("id", keep="first", maintain_order=True).to_dicts(),
            *([named] if account else []),
        ]
        return part


def _as_object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
