"""Relativity short message format (RSMF 1.0, 2.0): one `.rsmf`, a folder, rsmf.zip or its manifest.

Producer: e-discovery collectors. Container: a mail (RFC 5322) with X-RSMF headers whose attachment rsmf.zip holds
`rsmf_manifest.json` (participants, conversations, events) and the attachments. Encoding: UTF-8. Time zone: ISO 8601 with
offset. Cannot say: server ids unless the collector wrote them into `id` or `custom`; what WeChat's own kinds were beyond
what attachments and bodies show; slices that are missing as a whole: each states only its own count of events.
"""

import io
import re
import zipfile
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

import orjson
import polars as pl

from reconcile.container_errors import ARCHIVE_ERRORS
from reconcile.errors import UnreadableSource
from reconcile.intake.archive import check_member
from reconcile.intake.contract import Note, Owner, Reading, ReadOptions, remarks
from reconcile.intake.file_reader import FileReader
from reconcile.intake.frames import notes_of, text_of
from reconcile.intake.json.duplicate_keys import count_duplicate_keys
from reconcile.intake.json.shape import json_shape
from reconcile.intake.json.values import list_of, objects_in, text_or_none
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.intake.text.mail import read_mail
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import ConversationKind, Kind, NoteCode
from reconcile.wechat.client_sentences import told_notice
from reconcile.wechat.clock_forms import times_of_forms
from reconcile.wechat.kind_names import kind_of_body, kind_of_name
from reconcile.wechat.text import whole_number

MANIFEST = "rsmf_manifest.json"
_KEYS = {"version", "participants", "conversations", "events"}
_ID = lazy_pattern(r"^[0-9]{12,20}$")
_ID_NAMES = ("serverid", "messageid", "msgsvrid", "identifier", "msgid", "服务器id", "消息id")
_TYPE_NAMES = ("type", "messagetype", "kind", "类型", "消息类型")
_SUFFIXES: dict[str, Kind] = {
    **dict.fromkeys(["jpg", "jpeg", "png", "gif", "bmp", "webp", "heic", "heif", "tif", "tiff"], Kind.IMAGE), **dict.fromkeys(["mp4", "mov", "avi", "3gp", "mkv"], Kind.VIDEO),
    **dict.fromkeys(["amr", "silk", "aud", "m4a", "mp3", "wav", "caf", "opus"], Kind.VOICE),
}  # fmt: skip
_HELD = ("id", "type", "body", "participant", "conversation", "timestamp", "direction")


@dataclass
class _Slice:
    """One manifest, with the headers of the mail that brought it, and how many archives more it holds."""

    manifest: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)
    unread: int = 0


class RelativityRsmf(FileReader, form="relativity_rsmf"):
    """Reader of RSMF."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether a mail has an X-RSMF header, an archive the manifest, a JSON its four keys."""
        if source.is_archive:
            return MANIFEST in source.zip_names
        head = source.head(file)
        if file.suffix.lower() == ".json":
            return set(json_shape(head).keys) >= _KEYS
        return re.search(rb"(?im)^X-RSMF-[A-Za-z]+:", head[:8192]) is not None

    def mine(self, source: Source) -> list[Path]:
        """The source's slices in path order, recognised by headers and not by file names."""
        return [
            f
            for f in source.files
            if (not f.suffix or f.name.lower().endswith(self.suffixes)) and self.is_mine(source, f)
        ]

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One slice."""
        name = MANIFEST if source.is_archive else source.relative(file)
        piece = _open_slice(source, file, name)
        people = {str(p.get("id")): p for p in objects_in(piece.manifest.get("participants"))}
        chats = {str(c.get("id")): c for c in objects_in(piece.manifest.get("conversations"))}
        events = objects_in(piece.manifest.get("events"))
        notes = _check_headers(piece, events, name)
        notes += [Note(NoteCode.PART_UNSUPPORTED, name, "", piece.unread)] if piece.unread else []
        owner = _owner(piece, people, chats, events)
        names = _Names(people, chats, owner)
        rows = pl.DataFrame([_event_row(i, e, names) for i, e in enumerate(events, 1)], schema=_ROW, orient="row")
        rows = rows.with_columns(pl.coalesce("kind", kind_of_body(pl.col("text"))).alias("kind"))
        notes += (
            remarks(NoteCode.ROW_SKIPPED, name, "members that are no object", n)
            if (n := _count_odd_events(piece.manifest))
            else []
        )
        rows, more = _with_times(rows, name, options.timezone)
        titles = {_key(c, people, owner): text_or_none(c.get("display")) for c in chats.values()}
        kinds = {"direct": ConversationKind.DIRECT, "channel": ConversationKind.GROUP}
        only = next(iter(chats.values())) if len(chats) == 1 else {}
        return Part(
            rows=rows,
            file=name,
            conversation=next(iter(titles), ""),
            title=next(iter(titles.values()), None),
            conversation_kind=kinds.get(str(only.get("type"))),
            owner=Owner(id=owner, name=_displayed_name(people, owner) or piece.headers.get("custodian")),
            tool_version=piece.headers.get("version") or text_or_none(piece.manifest.get("version")),
            contacts=[{"id": _account_of(p), "nickname": text_or_none(p.get("display"))} for p in people.values()],
            notes=[*notes, *more],
        )

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """All slices as one export, in the order of their names; the tool is what the headers name."""
        reading = super().read(source, options)
        heads = [source.head(f, 8192) for f in self.mine(source)]
        found = sorted(
            {
                m[1].decode("utf-8", "replace").strip()
                for h in heads
                if (m := re.search(rb"(?im)^X-RSMF-Generator:([^\r\n]*)", h))
            }
        )
        return replace(reading, facts=replace(reading.facts, tool=" + ".join(found) or self.tool))


_ROW: dict[str, type[pl.DataType]] = {
    "line": pl.UInt32, "kind": pl.String, "text": pl.String, "sender": pl.String, "sender_name": pl.String, "is_self": pl.Boolean,
    "sent_raw": pl.String, "message_id": pl.String, "conversation": pl.String, "conversation_kind": pl.String, "file_name": pl.String,
    "file_size": pl.Int64, "reply_to": pl.String, "raw": pl.String, "is_deleted": pl.Boolean,
}  # fmt: skip


def _open_slice(source: Source, file: Path, name: str) -> _Slice:
    """Read the manifest of a slice from an archive, a JSON file or a mail; raises without one."""
    if source.is_archive or file.suffix.lower() == ".json":
        return _Slice(_parse_manifest(source, source.read(name), name))
    if file.suffix.lower() == ".zip" and source.head(file, 2) == b"PK":
        return _Slice(_parse_manifest(source, _read_inner_manifest(source, file.read_bytes(), name), name))
    mail = read_mail(source.read(name))
    headers = {k.removeprefix("x-rsmf-"): v for k, v in mail.headers.items() if k.startswith("x-rsmf-")}
    packed = [p.data for p in mail.parts if p.data[:2] == b"PK"]
    if not packed:
        raise UnreadableSource(source.path, f"{source.path}: {name} holds no rsmf.zip; the mail is cut short or broken")
    return _Slice(
        _parse_manifest(source, _read_inner_manifest(source, packed[0], name), name), headers, len(packed) - 1
    )


def _read_inner_manifest(source: Source, data: bytes, name: str) -> bytes:
    """Bytes of the manifest in a packed archive; raises UnreadableSource if missing or broken."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            info = archive.getinfo(MANIFEST)
            check_member(source.path, info, source.limits)
            return archive.read(info)
    except KeyError:
        raise UnreadableSource(source.path, f"{source.path}: {name}: the archive inside holds no {MANIFEST}") from None
    except ARCHIVE_ERRORS as error:
        raise UnreadableSource(source.path, f"{source.path}: {name}: the archive inside is broken ({error})") from None


def _parse_manifest(source: Source, data: bytes, name: str) -> dict[str, Any]:
    """The manifest as an object; raises UnreadableSource where it is no JSON or lists no events."""
    try:
        value = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise UnreadableSource(source.path, f"{source.path}: {name}: {MANIFEST} is no valid JSON ({error})") from None
    count_duplicate_keys(source, name, data, value)
    if not isinstance(value, dict) or not isinstance(value.get("events"), list):
        raise UnreadableSource(source.path, f"{source.path}: {name}: {MANIFEST} holds no list of events")
    return value


def _count_odd_events(manifest: dict[str, Any]) -> int:
    return sum(not isinstance(e, dict) for e in manifest["events"])


def _custom_fields(holder: dict[str, Any]) -> dict[str, str]:
    """Values of the custom fields by bare name."""
    return {_bare_key(str(c.get("name"))): str(c.get("value")) for c in objects_in(holder.get("custom"))}


@lru_cache(maxsize=4096)
def _bare_key(name: str) -> str:
    """The name in lower case without spaces, dashes and underscores."""
    return re.sub(r"[\s_-]", "", name).lower()


def _account_of(person: dict[str, Any]) -> str:
    """The person's account: as stated, in a custom field, or by mail address; else the person's id."""
    own = _custom_fields(person)
    said = (
        text_or_none(person.get("account_id"))
        or own.get("wxid")
        or own.get("accountid")
        or text_or_none(person.get("email"))
    )
    return said or str(person.get("id") or "")


def _owner(
    piece: _Slice, people: dict[str, dict[str, Any]], chats: dict[str, dict[str, Any]], events: list[dict[str, Any]]
) -> str | None:
    """The custodian's account: the one that all outgoing events name, else the conversations' custodian."""
    outgoing = {str(e.get("participant")) for e in events if e.get("direction") == "outgoing" and e.get("participant")}
    if len(outgoing) != 1:
        outgoing = {str(c["custodian"]) for c in chats.values() if c.get("custodian") in people}
    if len(outgoing) != 1:
        named = piece.headers.get("custodian")
        outgoing = {i for i, p in people.items() if named and named in (p.get("display"), p.get("email"), i)}
    return _account_of(people.get(only, {"id": only})) if len(outgoing) == 1 and (only := outgoing.pop()) else None


def _displayed_name(people: dict[str, dict[str, Any]], owner: str | None) -> str | None:
    """The owner's displayed name; null without an owner."""
    return next((text_or_none(p.get("display")) for p in people.values() if owner and _account_of(p) == owner), None)


def _key(chat: dict[str, Any], people: dict[str, dict[str, Any]], owner: str | None) -> str:
    """The key of a chat: the peer of a direct one, since slices may renumber it, else its id."""
    named = chat.get("participants")
    members = sorted(_account_of(people.get(str(p), {"id": p})) for p in list_of(named))
    if chat.get("type") == "direct" and len(members) == 2:
        others = [m for m in members if m != owner]
        return others[0] if owner and len(others) == 1 else " – ".join(members)
    return str(chat.get("id") or "")


class _Names:
    """What a slice's ids stand for, looked up once each."""

    def __init__(self, people: dict[str, dict[str, Any]], chats: dict[str, dict[str, Any]], owner: str | None) -> None:
        self.owner = owner
        self.senders = {i: (_account_of(p), text_or_none(p.get("display"))) for i, p in people.items()}
        kinds = {"direct": "direct", "channel": "group"}
        self.chats = {i: (_key(c, people, owner), kinds.get(str(c.get("type")))) for i, c in chats.items()}


_DIRECTIONS = {"outgoing": True, "incoming": False}


def _event_row(line: int, event: dict[str, Any], names: _Names) -> tuple[Any, ...]:
    """One event as a tuple in the order of the columns."""
    participant, chat = event.get("participant"), event.get("conversation")
    sender, called = names.senders.get(str(participant)) or (text_or_none(participant), None)
    key, kind = names.chats.get(str(chat)) or (str(chat or ""), None)
    own = _custom_fields(event) if "custom" in event else {}
    attachments = objects_in(event.get("attachments")) if "attachments" in event else []
    first = attachments[0] if attachments else {}
    size = first.get("size")
    direction = _DIRECTIONS.get(str(event.get("direction")))
    if direction is None and names.owner and sender:
        direction = sender == names.owner
    ids = [v for n in _ID_NAMES if (v := own.get(n))] if own else []
    parent = str(event.get("parent") or "")
    return (
        line, _kind(event, own, attachments), str(event.get("body") or ""), sender, called, direction, text_or_none(event.get("timestamp")),
        next((i for i in (*ids, str(event.get("id") or "")) if _ID.match(i)), None), key, kind, text_or_none(first.get("display")),
        size if isinstance(size, int) else None, parent if parent and _ID.match(parent) else None, _other_fields(event), event.get("deleted") is True,
    )  # fmt: skip


def _other_fields(event: dict[str, Any]) -> str | None:
    """Fields of an event that no column holds, as JSON; null if there are none."""
    kept = {k: v for k, v in event.items() if k not in _HELD and v and v != "normal"}
    if "id" in event and not _ID.match(str(event["id"])):
        kept["id"] = event["id"]
    return text_of(kept) if kept else None


def _kind(event: dict[str, Any], own: dict[str, str], attachments: list[dict[str, Any]]) -> str | None:
    """The kind by the event's own fields; None = the body decides."""
    what = event.get("type")
    if what in ("disclaimer", "join", "leave", "history"):
        return str(Kind.SYSTEM)
    named = next((k for n in _TYPE_NAMES if n in own and (k := kind_of_name(own[n]))), None)
    if named:
        return str(named)
    if attachments:
        suffix = PurePosixPath(str(attachments[0].get("display") or attachments[0].get("id") or "")).suffix
        return str(_SUFFIXES.get(suffix.lower().removeprefix("."), Kind.FILE))
    if what in ("message", None):
        return None
    # Without a participant, nobody sent it.
    return str(Kind.OTHER if event.get("participant") else Kind.SYSTEM)


def _with_times(rows: pl.DataFrame, name: str, timezone: str | None) -> tuple[pl.DataFrame, list[Note]]:
    """Add times, locators and kinds; unreadable times and deleted messages are noted."""
    # Zero fractions would send the column to the slow general parser.
    rows = rows.with_columns(pl.col("sent_raw").str.replace(r"\.0+(Z|[+-]|$)", "${1}"))
    rows = pl.concat([rows, times_of_forms(rows["sent_raw"], timezone)], how="horizontal").with_columns(
        pl.format("{}#{}", pl.lit(name), "line").alias("locator"),
        told_notice(pl.col("kind"), pl.col("text")).alias("kind"),
    )
    is_file = pl.col("kind") == str(Kind.FILE)
    # A picture's file name is the collector's, not the message's.
    rows = rows.with_columns(pl.when(is_file).then(c).alias(c) for c in ("file_name", "file_size"))
    notes = notes_of(NoteCode.BAD_TIME, rows.filter(pl.col("sent_at").is_null()), excerpt="sent_raw")
    notes += notes_of(NoteCode.DELETION_RECORD, rows.filter("is_deleted"), excerpt="text", most=20)
    return rows.drop("is_deleted"), notes


def _check_headers(piece: _Slice, events: list[dict[str, Any]], name: str) -> list[Note]:
    """Notes where the mail's headers state other counts than its events have."""
    notes = []
    counts = {"eventcount": len(events), "attachmentcount": sum(len(objects_in(e.get("attachments"))) for e in events)}
    for header, held in counts.items():
        stated = piece.headers.get(header, "").strip()
        count = whole_number(stated)
        if count not in (None, held):
            said = f"X-RSMF-{header}: {stated} / {held}"
            notes.append(Note(NoteCode.COUNT_MISMATCH, name, said, abs((count or 0) - held), said=True))
    stamps = sorted(str(e["timestamp"]) for e in events if e.get("timestamp"))
    for header, found in (("begindate", stamps[:1]), ("enddate", stamps[-1:])):
        stated = piece.headers.get(header, "").strip()
        if stated and found:
            both = times_of_forms(pl.Series([stated, found[0]]), "UTC")["sent_at"].dt.epoch("s").to_list()
            if None not in both and abs(both[0] - both[1]) >= 1:
                notes.append(Note(NoteCode.ODD_VALUE, name, f"X-RSMF-{header}: {stated} / {found[0]}", said=True))
    return notes
