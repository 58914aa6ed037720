"""ChatLab's interchange form, JSON or JSON lines: one file a chat, written by many exporters.

Producer: WeFlow, CipherTalk, converters, ChatLab (standard 0.0.1 to 1.0). Container: a JSON object with `chatlab`, `meta`,
`members`, `messages`, or JSON lines whose `_type` is header, member or message. Encoding: UTF-8. Time zone: unix seconds.
Cannot say: which rows are the owner's unless `meta.ownerId` stands there; what its generator left out; equal messages of one
second where the file passed through ChatLab, which keeps one of them; a leading `10:` that WeFlow strips.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.shared.session_json import unix_instant
from reconcile.intake.contract import FormLimits, Note, Owner, Reading, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.json.columns import columns_of, read_array
from reconcile.intake.json.rows import BOM, JsonArray, json_lines
from reconcile.intake.json.shape import json_shape
from reconcile.intake.json.values import object_of, objects_in, text_or_none
from reconcile.intake.messages.parts import Part
from reconcile.intake.messages.twice_stated import AGAIN
from reconcile.intake.source import Source
from reconcile.vocabulary import ConversationKind, Kind, NoteCode
from reconcile.wechat.client_sentences import sentence_kind, told_notice
from reconcile.wechat.kinds import kind_from_text

COLUMNS: dict[str, type[pl.DataType]] = {
    "sender": pl.String, "accountName": pl.String, "groupNickname": pl.String, "timestamp": pl.Int64, "type": pl.Int64,
    "content": pl.String, "platformMessageId": pl.String, "replyToMessageId": pl.String,
}  # fmt: skip
# Types that mean the same for every generator; content decides 7, 24 and 99 (WeFlow writes seven kinds as 7).
TYPES: dict[int, Kind] = {
    0: Kind.TEXT, 1: Kind.IMAGE, 2: Kind.VOICE, 3: Kind.VIDEO, 4: Kind.FILE, 5: Kind.STICKER, 8: Kind.LOCATION, 20: Kind.RED_PACKET,
    21: Kind.TRANSFER, 22: Kind.SYSTEM, 23: Kind.CALL, 25: Kind.QUOTE, 26: Kind.FORWARD, 27: Kind.CARD, 80: Kind.SYSTEM, 81: Kind.RECALL,
}  # fmt: skip
OPEN_TYPES = {7: Kind.LINK, 24: Kind.LINK, 99: Kind.OTHER}
_SPARSE = frozenset({Kind.IMAGE, Kind.VOICE, Kind.VIDEO, Kind.CARD, Kind.STICKER, Kind.RED_PACKET})
# Generators known to strip prefixes from texts.
_STRIPPERS = ("weflow", "ciphertalk", "echotrace")
_OF_MESSAGES = frozenset({"content", "timestamp", "platformMessageId"})
# A member's line without any of these names nobody.
_OF_MEMBERS = frozenset({"platformId", "accountName", "groupNickname"})


class ChatlabJson(FileReader, form="chatlab_json"):
    """Reader of ChatLab JSON and JSON lines."""

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether `chatlab` is among the top-level keys of the beginning."""
        return "chatlab" in json_shape(_without_remarks(source.head(file))).keys

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat."""
        name = source.relative(file)
        is_lines = json_shape(_without_remarks(source.head(file))).keys[:1] == ("_type",)
        rows, header, members, notes = _read_lines(source, name) if is_lines else _read_object(source, name)
        if not header.get("chatlab"):
            raise UnreadableSource(source.path, f"{file}: no ChatLab header; expected the key chatlab")
        return _chat_part(name, rows, header, members, notes)

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """All chats as one export; limits are those of the generator that the files name."""
        reading = super().read(source, options)
        generators = {_stated_generator(source, f) for f in self.mine(source)} or {None}
        tool = " + ".join(sorted(g for g in generators if g)) or None
        return replace(
            reading, facts=replace(reading.facts, tool=tool or self.tool, limits=_limits_of_generators(generators))
        )


def _without_remarks(head: bytes) -> bytes:
    """Drop the leading lines that begin with #."""
    text = head.removeprefix(BOM).lstrip()
    while text.startswith(b"#"):
        text = text.partition(b"\n")[2].lstrip()
    return text


def _stated_generator(source: Source, file: Path) -> str | None:
    """The tool that wrote the file, as its header names it."""
    about = json_shape(_without_remarks(source.head(file))).values.get("chatlab")
    found = about.get("generator") if isinstance(about, dict) else None
    return str(found) if found else None


def _limits_of_generators(generators: set[str | None]) -> FormLimits:
    """What the named tools leave out of an export."""
    names = [(g or "").lower() for g in generators]
    strips = any(s in n for n in names for s in _STRIPPERS)
    is_known = all(any(s in n for s in _STRIPPERS) for n in names)
    return FormLimits(
        kinds_without_content=_SPARSE, strips_prefix=strips, collapses_repeats=not is_known, is_of_known_make=is_known
    )


def _read_object(source: Source, name: str) -> tuple[pl.DataFrame, dict[str, Any], list[dict[str, Any]], list[Note]]:
    """Message rows, header fields, members and notes of a file that is one JSON object."""
    array = JsonArray(source, name)
    rows, notes = read_array(array, COLUMNS)
    return rows, array.rest, objects_in(array.rest.get("members")), notes


def _read_lines(source: Source, name: str) -> tuple[pl.DataFrame, dict[str, Any], list[dict[str, Any]], list[Note]]:
    """Message rows, header fields, members and notes of a file with one JSON object a line."""
    notes: list[Note] = []
    header: dict[str, Any] = {}
    members: list[dict[str, Any]] = []
    frames = []
    for first, rows in json_lines(source, name, notes):
        places = [i for i, r in enumerate(rows) if r.get("_type") == "message"]
        messages = rows if len(places) == len(rows) else [rows[i] for i in places]
        frames.append(
            columns_of(messages, COLUMNS, ("_type",)).with_columns(
                pl.Series("line", [first + i for i in places], dtype=pl.UInt32)
            )
        )
        if len(places) < len(rows):
            _collect_header_and_members(first, rows, name, header, members, notes)
    return pl.concat(frames), header, members, notes


def _collect_header_and_members(
    first: int,
    rows: list[dict[str, Any]],
    name: str,
    header: dict[str, Any],
    members: list[dict[str, Any]],
    notes: list[Note],
) -> None:
    """Add header and member rows to the given containers; note all other rows."""
    for i, row in enumerate(rows):
        what = row.get("_type")
        if what == "header":
            header.update(row)
        elif what == "member":
            members.append(row)
        # An unknown type, or a member without a member's fields or with a message's: a line that swallowed the next
        # ones.
        is_odd = what == "member" and (row.keys() & _OF_MESSAGES or not row.keys() & _OF_MEMBERS)
        if is_odd or (row and what not in ("header", "member", "message")):
            notes.append(
                Note(
                    NoteCode.ROW_SKIPPED, f"{name}#line {first + i}", orjson.dumps(row)[:200].decode("utf-8", "replace")
                )
            )


def _chat_part(
    name: str, rows: pl.DataFrame, header: dict[str, Any], members: Sequence[dict[str, Any]], notes: list[Note]
) -> Part:
    """The chat as a part; owner and peer come from the header and the members."""
    about, meta = (object_of(header.get(k)) for k in ("chatlab", "meta"))
    is_group = meta.get("type") == "group"
    title = text_or_none(meta.get("name"))
    people = {str(m["platformId"]): text_or_none(m.get("accountName")) for m in members if m.get("platformId")}
    owner, peer = _parties(meta, people, title, is_group=is_group)
    key = (text_or_none(meta.get("groupId")) or title) if is_group else (peer or title)
    if meta.get("platform") not in (None, "wechat", "weixin"):
        notes.append(Note(NoteCode.ODD_VALUE, name, f"platform {meta['platform']}", said=True))
    return Part(
        rows=_message_columns(rows),
        file=name,
        conversation=key or "",
        title=title,
        conversation_kind={"group": ConversationKind.GROUP, "private": ConversationKind.DIRECT}.get(
            str(meta.get("type"))
        ),
        owner=Owner(id=owner, name=people.get(owner) if owner else None),
        peer=peer,
        tool_version=text_or_none(about.get("version")),
        exported_at=unix_instant(about.get("exportedAt")),
        contacts=[{"id": i, "nickname": n} for i, n in people.items()],
        members=[
            {"group_id": key, "member_id": str(m["platformId"]), "name": text_or_none(m.get("groupNickname"))}
            for m in members
            if is_group and m.get("platformId")
        ],
        notes=notes,
    )


def _message_columns(rows: pl.DataFrame) -> pl.DataFrame:
    """Select the columns of messages; kinds by type, and for open types by the content."""
    content = pl.col("content").fill_null("")
    told = pl.col("type").replace_strict({t: str(k) for t, k in TYPES.items()}, default=None, return_dtype=pl.String)
    settled = rows.with_columns(told.alias("kind"))
    if settled["kind"].null_count():
        # The content's token decides first, then the client's own sentences, then the type's usual meaning.
        rest = pl.col("type").replace_strict(
            {t: str(k) for t, k in OPEN_TYPES.items()}, default="other", return_dtype=pl.String
        )
        open_kind = pl.coalesce(kind_from_text(content), sentence_kind(content), rest)
        opened = settled.filter(pl.col("kind").is_null()).with_columns(open_kind.alias("kind"))
        settled = pl.concat([settled.filter(pl.col("kind").is_not_null()), opened]).sort("line")
    return settled.select(
        "line",
        told_notice(pl.col("kind"), pl.col("content").fill_null("")).alias("kind"),
        pl.col("content").fill_null("").alias("text"),
        "sender",
        pl.coalesce("groupNickname", "accountName").alias("sender_name"),
        pl.col("accountName").alias(f"{AGAIN}person"),
        pl.col("timestamp").alias("unix"),
        pl.col("platformMessageId").alias("message_id"),
        pl.when(pl.col("replyToMessageId") != "0").then("replyToMessageId").alias("reply_to"),
        pl.when(~pl.col("type").is_in([*TYPES, *OPEN_TYPES])).then("type").alias("raw_type"),
        "raw",
    )


def _parties(
    meta: dict[str, Any], people: dict[str, str | None], title: str | None, *, is_group: bool
) -> tuple[str | None, str | None]:
    """Owner and peer as stated: by ownerId, else in a direct chat by the member named like the chat."""
    owner = text_or_none(meta.get("ownerId"))
    if is_group or len(people) > 2:
        return owner, None
    others = [p for p in people if p != owner]
    if owner:
        return owner, others[0] if len(others) == 1 else None
    peers = [p for p, name in people.items() if name == title]
    selves = [p for p, name in people.items() if name == "我"]
    if len(peers) != 1 and len(selves) == 1:
        peers = [p for p in people if p != selves[0]]
    if len(peers) != 1:
        return None, None
    owners = [p for p in people if p != peers[0]]
    return owners[0] if len(owners) == 1 else None, peers[0]
