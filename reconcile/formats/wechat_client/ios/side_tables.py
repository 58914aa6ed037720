"""Side tables and files of WeChat for iOS: accounts, recalls, full text, media (wechat-databases 4)."""

import plistlib
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from reconcile.formats.shared.client_rows import People
from reconcile.formats.shared.side_tables import as_witnesses
from reconcile.intake.contract import Owner
from reconcile.intake.sqlite.database import Database
from reconcile.intake.sqlite.table import Spec, read_table
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind, WitnessKind
from reconcile.wechat.packed_blobs import room_members, uuids_in
from reconcile.wechat.protobuf import message_of, nested, text_in

_FRIEND: Spec = {
    "id": ("text", "userName"),
    "names": ("blob", "dbContactRemark"),
    "room": ("blob", "dbContactChatRoom"),
}
_MEMBER = lazy_pattern(r'<Member\b[^>]*?UserName="([^"]+)"[^>]*?(?:/>|>(.*?)</Member>)', re.DOTALL)
_SHOWN = lazy_pattern(r"<DisplayName>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</DisplayName>", re.DOTALL)
# Documents/<md5>/Img/<md5 of the talker>/<MesLocalID>.pic and similar paths.
_MEDIA = lazy_pattern(
    r"(?:^|/)(Img|Audio|Video)/([0-9a-f]{32})/(\d{1,18})\.(?:pic|pic_hd|pic_thum|aud|mp4|video_thum)$"
)
_MEDIA_KINDS = {"Img": Kind.IMAGE, "Audio": Kind.VOICE, "Video": Kind.VIDEO}


def logins(data: bytes) -> list[Owner]:
    """Accounts in LoginInfo2.dat: field 1 repeated {1 account, 2 WeChat id, 3 name}."""
    found = []
    for user in nested(message_of(data), 1):
        account = text_in(user, 1)
        if account and account.isprintable():
            found.append(Owner(id=account, alias=text_in(user, 2) or None, name=text_in(user, 3) or None))
    return found


def settings(data: bytes) -> Owner | None:
    """The account in mmsetting.archive (UsrName, NickName, AliasName); None where it is no such archive."""
    try:
        archive = plistlib.loads(data)
        objects = archive["$objects"]
        root = objects[archive["$top"]["root"].data]
    except (plistlib.InvalidFileException, ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, RecursionError):  # fmt: skip
        return None

    def first_value(*names: str) -> str | None:
        """The first of the named entries that is a text; null without one."""
        for name in names:
            entry = root.get(name) if isinstance(root, dict) else None
            entry = objects[entry.data] if isinstance(entry, plistlib.UID) and entry.data < len(objects) else entry
            if isinstance(entry, str) and entry:
                return entry
        return None

    account = first_value("UsrName", "m_nsUsrName", "$UsrName")
    return Owner(id=account, alias=first_value("AliasName", "m_nsAliasName"), name=first_value("NickName", "m_nsNickName")) if account else None  # fmt: skip


def friends(database: Database, people: People) -> None:
    """Adds the names of `Friend` and `OpenIMContact`, and the members of rooms.

    Names lie in one blob (1 nickname, 2 WeChat id, 3 remark), members in field 6 of another.
    """
    for table in ("Friend", "OpenIMContact"):
        for account, names, room in read_table(database, table, _FRIEND).iter_rows():
            if not account:
                continue
            card = message_of(names or b"")
            nickname = text_in(card, 1)
            people.contacts.append(
                {"id": account, "nickname": nickname, "alias": text_in(card, 2), "remark": text_in(card, 3)}
            )
            if room and account.endswith("@chatroom"):
                _add_room(people, account, nickname, room)


def uuids(database: Database, table: str) -> pl.DataFrame:
    """Local number and uuid of each message, from ChatExt2_<md5>, the companion of Chat_<md5>."""
    companion = "ChatExt2_" + table.rpartition("_")[2]
    spec: Spec = {"local_id": ("int", "MesLocalID", "rowid"), "source": ("text", "MsgSource")}
    rows = read_table(database, companion, spec, shrink=lambda some: some.select("local_id", uuids_in(some["source"]).alias("native_id")))  # fmt: skip
    # Strictly rising numbers are unique, so nothing need be copied.
    is_once = bool((rows["local_id"].diff().drop_nulls() > 0).all()) and rows["local_id"].null_count() == 0
    return rows if is_once else rows.unique("local_id", keep="first", maintain_order=True)


def recalls(database: Database) -> pl.DataFrame:
    """`RevokeMsgTable`: server ids of recalled messages, with their former content."""
    spec = {"id": ("int", "MSG_REVOKE_COL_SVRID"), "text": ("text", "MSG_REVOKE_COL_CONTENT")}
    rows = read_table(database, "RevokeMsgTable", spec)
    return as_witnesses(rows, database, "RevokeMsgTable", WitnessKind.RECALL_NOTICE, at="id")


def texts(database: Database) -> list[pl.DataFrame]:
    """The full-text index' copy of the words, from fts_message_table_*_content.

    Columns are found by the end of their names.
    """
    names = {i: n for n, i in read_table(database, "fts_username_id", {"name": ("text", "UsrName"), "at": ("int", "usernameid")}).iter_rows()}  # fmt: skip
    found = []
    for table, columns in database.tables.items():
        if not re.fullmatch(r"fts_message_table_\w*content", table):
            continue
        spec: dict[str, tuple[str, ...]] = {
            out: (kind, next((c for c in columns if c.lower().endswith(end)), out))
            for out, kind, end in (
                ("who", "int", "usernameid"), ("local_id", "int", "meslocalid"), ("time", "int", "createtime"), ("text", "text", "message"),
            )
        }  # fmt: skip
        rows = read_table(database, table, {"at": ("int", "docid", "id", "rowid"), **spec})
        who = pl.col("who").replace_strict(names, default=None, return_dtype=pl.String) if names else pl.lit(None, dtype=pl.String)  # fmt: skip
        found.append(as_witnesses(rows, database, table, WitnessKind.FULL_TEXT_INDEX, conversation=who))
    return found


def media_files(paths: Iterable[tuple[str, str]], accounts: Mapping[str, str]) -> pl.DataFrame:
    """One witness for each picture, sound or film named after a local number.

    Several files of one number count once.

    `paths` are (the app's own path, the path inside the source).
    """
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    for path, place in paths:
        if match := _MEDIA.search(PurePosixPath(path).as_posix()):
            folder, digest, number = match[1], match[2], int(match[3])
            found.setdefault(
                (folder, digest, number),
                {
                    "witness": str(WitnessKind.FILE_NAME), "locator": place, "conversation": accounts.get(digest, f"md5:{digest}"),
                    "local_id": number, "kind": str(_MEDIA_KINDS[folder]),
                },
            )  # fmt: skip
    types = {
        "witness": pl.String,
        "locator": pl.String,
        "conversation": pl.String,
        "local_id": pl.Int64,
        "kind": pl.String,
    }
    return pl.DataFrame(list(found.values()), schema=types, orient="row")


def _add_room(people: People, room: str, title: str, data: bytes) -> None:
    """Add a room with its members and the names they show there."""
    inner = message_of(data).get(6, [b""])[0]
    listed = inner if isinstance(inner, bytes) and inner else data
    shown = {account: (name[1].strip() if (name := _SHOWN.search(rest or "")) else "") for account, rest in _MEMBER.findall(listed.decode("utf-8", "replace"))}  # fmt: skip
    shown = shown or {m.id: m.name for m in room_members(listed)}
    people.rooms.append({"conversation": room, "title": title or None, "member_count": len(shown) or None})
    people.members += [{"group_id": room, "member_id": i, "name": n or None} for i, n in shown.items()]
