"""Rows of the table MSG of Windows 3.x stores: unpacked app messages, group senders, rooms."""

from typing import Any

import polars as pl

from reconcile.formats.shared.client_rows import GROUP_SUFFIXES, People
from reconcile.intake.sqlite.database import Database
from reconcile.wechat.kinds import APP_BASE
from reconcile.wechat.packed_blobs import group_senders, plain_text, room_members, unpack_lz4

MSG = {
    "local_id": ("int", "localId", "rowid"), "talker_id": ("int", "TalkerId"), "server_id": ("int", "MsgSvrID"), "base": ("int", "Type"),
    "sub": ("int", "SubType"), "is_sender": ("int", "IsSender"), "time": ("int", "CreateTime"), "sequence": ("int", "Sequence"),
    "status_code": ("int", "Status"), "conversation": ("text", "StrTalker"), "content": ("text", "StrContent"),
    "shown": ("text", "DisplayContent"), "packed": ("body", "CompressContent"), "extra": ("side", "BytesExtra"),
}  # fmt: skip
CONTACT = {
    "id": ("text", "UserName"),
    "alias": ("text", "Alias"),
    "remark": ("text", "Remark"),
    "nickname": ("text", "NickName"),
}
ROOM = {
    "conversation": ("text", "ChatRoomName"), "ids": ("text", "UserNameList"), "names": ("text", "DisplayNameList"), "data": ("blob", "RoomData"),
}  # fmt: skip
# Replaces a compressed body that cannot be unpacked; the body parser notes it as broken.
BROKEN_BLOCK = "<msg>"


def contents(frame: pl.DataFrame, database: Database) -> pl.Series:
    """StrContent; of app messages, and where it is empty, the LZ4 block beside it."""
    limit = database.source.limits.max_body_bytes
    empty = pl.col("content").fill_null("") == ""
    wanted = ((pl.col("base") == APP_BASE) | empty) & (pl.col("packed").bin.size() > 0)
    at = frame.select(wanted.fill_null(value=False).alias("wanted"))["wanted"].arg_true()
    if at.is_empty():
        return frame["content"]
    few = zip(frame["content"].gather(at).to_list(), frame["packed"].gather(at).to_list(), strict=True)
    opened = [(plain_text(b) if (b := unpack_lz4(packed, limit)) else (text or BROKEN_BLOCK)) for text, packed in few]
    # Only unpacked bodies are written, because Python strings take twice the memory of a store's words.
    return frame["content"].clone().scatter(at, pl.Series(opened, dtype=pl.String))


def senders_in_groups(frame: pl.DataFrame) -> pl.Expr:
    """BytesExtra item 1 of group rows."""
    group = pl.any_horizontal(pl.col("conversation").str.ends_with(s) for s in GROUP_SUFFIXES)
    in_group = frame.select(pl.when(group).then("extra"))["extra"]
    return pl.lit(pl.Series("sender", group_senders(in_group), dtype=pl.String))


def add_room(people: People, room: dict[str, Any]) -> None:
    """A row of ChatRoom as a room and its members."""
    # The separator is the two characters ^G (wechat-databases 1.5); a bell character is tolerated.
    ids, names = ((room[k] or "").replace("\a", "^G").split("^G") for k in ("ids", "names"))
    shown = dict(zip(ids, names, strict=False))
    shown |= {m.id: m.name for m in room_members(room["data"] or b"") if m.name}
    members = [i for i in dict.fromkeys([*ids, *shown]) if i]
    key = room["conversation"] or ""
    people.rooms.append({"conversation": key, "title": None, "member_count": len(members)})
    people.members += [{"group_id": key, "member_id": i, "name": shown.get(i) or None} for i in members]
