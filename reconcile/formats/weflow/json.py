"""WeFlow JSON and arkme-json: `<title>.json`, one file a chat.

Producer: WeFlow 1 to 5, hicccc77/WeFlow electron/services/export. Container: JSON object with weflow, session, messages; arkme-json
has weflow.format arkme-json, a list of senders whom the messages name by number, and groupMembers. Encoding: UTF-8.
Time zone: none needed, unix seconds; a local time stands beside.
Cannot say: digests of pictures and videos, voice length, the amount of a red packet, and outside arkme-json who a card names; a
leading `[A-Za-z0-9_-]+:` of plain text is lost (`10:30见` stands as `30见`). Files made before 2026-03-20 hold no server ids. Own
accounts with two underscores are cut at the second one.
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
from reconcile.intake.json.shape import json_shape
from reconcile.intake.json.values import object_of
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.vocabulary import NoteCode

_ARKME_KEYS = {n: t for n, t in LIST_KEYS.items() if n not in ("senderUsername", "senderDisplayName")} | {
    "senderID": pl.Int64
}


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
        weflow, session = object_of(array.rest.get("weflow")), object_of(array.rest.get("session"))
        if not array.found or not session:
            raise UnreadableSource(source.path, f"{file}: expected a JSON object with weflow, session and messages")
        notes = [Note(NoteCode.ROW_SKIPPED, name, "", array.odd_members)] if array.odd_members else []
        part = _session_part(rows, file, name, options, notes, weflow, session, session.get("displayName"))
        account = _stated_account(session)
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


class WeflowArkme(FileReader, form="weflow_arkme"):
    """Reader of WeFlow's arkme-json."""

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat's rows with senders from their list."""
        name = source.relative(file)
        notes: list[Note] = []
        array = JsonArray(source, name)
        frame = frame_of_lists(array.pieces(), _ARKME_KEYS, drop=DROPPED)
        session = array.rest.get("session")
        if not array.found or not isinstance(session, dict):
            raise UnreadableSource(
                source.path, f"{file}: expected a JSON object with weflow, session, senders and messages"
            )
        senders = objects_of(array.rest.get("senders"), name, notes)
        rows = list_rows(_with_senders(frame, senders, name, notes))
        title = session.get("displayName") or session.get("remark")
        weflow = object_of(array.rest.get("weflow"))
        part = _session_part(rows, file, name, options, notes, weflow, session, title)
        members = objects_of(array.rest.get("groupMembers"), name, notes)
        part.contacts = [_contact_of(p) for p in (*senders, *members)]
        part.members = [
            {
                "group_id": _stated_account(session),
                "member_id": _account_of(m),
                "name": m.get("groupNickname") or m.get("nickname"),
            }
            for m in members
        ]
        part.member_count = len(members) or None
        return part


def _session_part(
    rows: pl.DataFrame,
    file: Path,
    name: str,
    options: ReadOptions,
    notes: list[Note],
    weflow: dict[str, Any],
    session: dict[str, Any],
    title: Any,
) -> Part:
    """The session as a part, with what its header states."""
    account, count = _stated_account(session), session.get("messageCount")
    part = weflow_part(rows, file, name, options, notes, account=account, title=title, kind=session.get("type"))
    part.stated_count = count if isinstance(count, int) else None
    part.tool_version = str(weflow["version"]) if weflow.get("version") else None
    part.exported_at = instant(weflow.get("exportedAt"))
    return part


def _with_senders(frame: pl.DataFrame, senders: list[dict[str, Any]], name: str, notes: list[Note]) -> pl.DataFrame:
    """Add account and shown name by senderID; ids that the list lacks are noted."""
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


def _stated_account(holder: dict[str, Any]) -> Any:
    return holder.get("wxid") or holder.get("accountId")


def _account_of(person: dict[str, Any]) -> str | None:
    found = _stated_account(person)
    return str(found) if found else None


def _contact_of(person: dict[str, Any]) -> dict[str, Any]:
    return {"id": _account_of(person)} | {name: person.get(name) for name in ("alias", "remark", "nickname")}
