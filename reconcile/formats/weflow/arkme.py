"""WeFlow arkme-json: `<title>.json` whose senders are numbered in a list of their own.

Producer: WeFlow 1 to 5, hicccc77/WeFlow electron/services/export. Container: JSON object with weflow.format arkme-json, session,
senders, messages, for groups groupMembers. Encoding: UTF-8. Time zone: none needed, unix seconds; a local time stands beside.
Cannot say: digests of pictures and videos, voice length, the amount of a red packet; a leading `[A-Za-z0-9_-]+:` of plain text
is lost (`10:30见` stands as `30见`). Files made before 2026-03-20 hold no server ids. Own accounts with two underscores are cut
at the second one.
"""

from pathlib import Path
from typing import Any

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.weflow.part import weflow_part
from reconcile.formats.weflow.rows import DROPPED, LIST_KEYS, list_rows
from reconcile.intake.contract import Note, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.frames import text_of
from reconcile.intake.json.objects import frame_of_lists, instant, objects_of
from reconcile.intake.json.rows import JsonArray
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.vocabulary import NoteCode

_KEYS = {n: t for n, t in LIST_KEYS.items() if n not in ("senderUsername", "senderDisplayName")} | {
    "senderID": pl.Int64
}


class WeflowArkme(FileReader, form="weflow_arkme"):
    """Reader of WeFlow's arkme-json."""

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat's rows with senders from their list."""
        name = source.relative(file)
        notes: list[Note] = []
        array = JsonArray(source, name)
        frame = frame_of_lists(array.pieces(), _KEYS, drop=DROPPED)
        session = array.rest.get("session")
        if not array.found or not isinstance(session, dict):
            raise UnreadableSource(
                source.path, f"{file}: expected a JSON object with weflow, session, senders and messages"
            )
        senders = objects_of(array.rest.get("senders"), name, notes)
        rows = list_rows(_with_senders(frame, senders, name, notes))
        account = session.get("wxid") or session.get("accountId")
        part = weflow_part(
            rows,
            file,
            name,
            options,
            notes,
            account=account,
            title=session.get("displayName") or session.get("remark"),
            kind=session.get("type"),
        )
        part.stated_count = session.get("messageCount") if isinstance(session.get("messageCount"), int) else None
        weflow = array.rest.get("weflow")
        if isinstance(weflow, dict):
            part.tool_version = str(weflow["version"]) if weflow.get("version") else None
            part.exported_at = instant(weflow.get("exportedAt"))
        members = objects_of(array.rest.get("groupMembers"), name, notes)
        part.contacts = [_contact_of(p) for p in (*senders, *members)]
        part.members = [
            {"group_id": account, "member_id": _account_of(m), "name": m.get("groupNickname") or m.get("nickname")}
            for m in members
        ]
        part.member_count = len(members) or None
        return part


def _with_senders(frame: pl.DataFrame, senders: list[dict[str, Any]], name: str, notes: list[Note]) -> pl.DataFrame:
    # A number beyond the column belongs to no row.
    by_number = {n: s for s in senders if isinstance(n := s.get("senderID"), int) and abs(n) < 2**63}
    accounts = {n: _account_of(s) for n, s in by_number.items()}
    shown = {
        n: text_of(s.get("groupNickname") or s.get("displayName") or s.get("nickname")) or _account_of(s)
        for n, s in by_number.items()
    }
    unknown = frame.filter(~pl.col("senderID").is_in(list(by_number)))
    if unknown.height:
        notes.append(Note(NoteCode.SENDER_UNKNOWN, name, str(unknown["senderID"][0]), unknown.height))
    number = pl.col("senderID")
    return frame.with_columns(
        number.replace_strict(accounts, default=None, return_dtype=pl.String).alias("senderUsername"),
        number.replace_strict(shown, default=None, return_dtype=pl.String).alias("senderDisplayName"),
    )


def _account_of(person: dict[str, Any]) -> str | None:
    found = person.get("wxid") or person.get("accountId")
    return str(found) if found else None


def _contact_of(person: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": _account_of(person),
        "alias": person.get("alias"),
        "remark": person.get("remark"),
        "nickname": person.get("nickname"),
    }
