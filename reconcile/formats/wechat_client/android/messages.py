"""WeChat for Android: an account folder with its databases, or EnMicroMsg.db alone.

Producer: the client itself (decrypted, or SQLCipher 1 with the user's 7-character key). Container: SQLite, one table message over
all chats. Encoding: UTF-8. Time zone: unix milliseconds. Cannot say: when members joined, numbers given out beyond the last row
(the counter lies elsewhere); media files are not opened. Facts: wechat-databases 5, 7.3, 9.
"""

from typing import Any

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.shared.account_owner import owner_of, settle_owner, vote_owner
from reconcile.formats.shared.client_rows import Finished, People, conversations_of, finish_rows, refuse_if_empty
from reconcile.formats.wechat_client.android import side_tables as side
from reconcile.formats.wechat_client.room_notices import room_notices
from reconcile.intake.contract import Claim, ExportFacts, Note, Owner, Reading, ReadOptions
from reconcile.intake.form import Form
from reconcile.intake.frames import reading_of
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import Database, require_one
from reconcile.intake.sqlite.key import Cipher
from reconcile.intake.sqlite.parts import Part, databases, lacking_notes, parts_in
from reconcile.intake.sqlite.table import place_of, read_table
from reconcile.vocabulary import LocalIdScope, Status
from reconcile.wechat.kinds import APP_BASE, APP_ROOT, is_app_code, split_android_type
from reconcile.wechat.packed_blobs import room_members, uuids_in

CIPHERS = (Cipher(1, 1024, "text"),)
PARTS = {
    "messages": Part("message", frozenset({"msgid", "msgsvrid", "issend", "createtime", "talker", "content"}), r"enmicromsg\w*\.db"),
    "search": Part("fts5indexmessage_content", frozenset({"c0"}), r"fts5indexmicromsg\w*\.db"),
}  # fmt: skip
# Tables of the same columns for other kinds of chats (wechat-databases 5.1).
SIBLINGS = (
    "message", "qmessage", "tmessage", "bottlemessage", "appbrandmessage", "appbrandnotifymessage", "bizchatmessage", "bizfansmessage",
    "findermessage006", "textstatusmessage",
)  # fmt: skip
MESSAGE = {
    "local_id": ("int", "msgId", "rowid"), "server_id": ("int", "msgSvrId"), "type": ("int", "type"), "status_code": ("int", "status"),
    "is_send": ("int", "isSend"), "time": ("int", "createTime"), "conversation": ("text", "talker"), "content": ("text", "content"),
    "packed": ("body", "lvbuffer"), "msg_seq": ("int", "msgSeq"), "flag": ("int", "flag"),
}  # fmt: skip
CONTACT = {
    "id": ("text", "username"),
    "alias": ("text", "alias"),
    "remark": ("text", "conRemark"),
    "nickname": ("text", "nickname"),
}
ROOM = {
    "room": ("text", "chatroomname"), "ids": ("text", "memberlist"), "names": ("text", "displayname"), "title": ("text", "chatroomnick"),
    "data": ("blob", "roomdata"),
}  # fmt: skip
OWN_ACCOUNT, OWN_NAME = 2, 4
# message.status (wechat-databases 5.1).
STATES = {1: Status.SENDING, 5: Status.FAILED}


class AndroidDb(Form, form="android_db"):
    """Reader of the Android client's own databases."""

    def sniff(self, source: Source) -> Claim:
        """Certain of a table message with msgSvrId, isSend and talker, or of an encrypted file EnMicroMsg.db."""
        if parts_in(source, PARTS)["messages"]:
            return Claim("certain", "table message with msgSvrId, isSend, talker, or an encrypted EnMicroMsg.db")
        return Claim("none", "looked for a table message with msgSvrId, isSend, talker")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """The message table and its siblings, contacts, rooms and side tables."""
        files = parts_in(source, PARTS)
        stores = files["messages"]
        if not stores:
            raise UnreadableSource(source.path, f"{source.path}: no table message with msgSvrId, isSend, talker found")
        require_one(source, stores, "accounts' EnMicroMsg databases")
        notes: list[Note] = lacking_notes(source, PARTS)
        found = [
            _read_store(source, d, options) for d in databases(source, stores, options, CIPHERS, notes, is_needed=True)
        ]
        done, people, witnesses, told, owner, counters = found[0]
        notes += told
        refuse_if_empty(source, done.messages, notes)
        witnesses += [side.texts(d) for d in databases(source, files["search"], options, CIPHERS, notes)]
        for file in source.named("checkmsgid.ini"):
            frame, more = side.deleted_ids(source.head(file, 2**20), source.relative(file))
            witnesses.append(frame)
            notes += more
        return reading_of(
            ExportFacts(self.name, owner=owner, limits=self.limits, local_id_scope=LocalIdScope.EXPORT),
            done.messages,
            conversations=conversations_of(done.messages, people),
            contacts=people.contacts,
            members=people.members,
            witnesses=pl.concat([done.witnesses, *witnesses], how="diagonal_relaxed"),
            counters=counters,
            notes=notes,
        )  # fmt: skip


_Store = tuple[Finished, People, list[pl.DataFrame], list[Note], Owner, list[dict[str, Any]]]


def _read_store(source: Source, database: Database, options: ReadOptions) -> _Store:
    """The messages of an EnMicroMsg.db, with people, side tables, notes, owner and counters."""
    people, stated = _read_people(database), _stated_owner(database)
    rows = pl.concat(
        _message_rows(database, t) for t in SIBLINGS if t == "message" or database.has(t, "msgSvrId", "isSend")
    )
    people.owner, told = settle_owner(
        options, people, [], stated.get(OWN_ACCOUNT) or vote_owner(rows), database.label, rows=rows
    )
    highest, held = _highest(rows), [rows]
    del rows
    done = finish_rows(source, held, people, unit="ms", prefix="any", facts=("type", "status_code", "msg_seq", "flag"))
    removed, removals = side.removals(database)
    restored = side.restores(database)
    card = owner_of(people)
    owner = Owner(id=people.owner, alias=card.alias, name=stated.get(OWN_NAME) or card.name)
    tables = [
        *side.media(database),
        side.quotes(database),
        *side.payments(database),
        side.conversations(database),
        room_notices(database, "chatroom"),
        removed,
    ]
    notes = [*told, *done.notes, *removals, *restored]
    counters = [*_counters(highest, is_trusted=not restored), *side.known_holes(database)]
    return done, people, tables, notes, owner, counters


def _highest(rows: pl.DataFrame) -> pl.DataFrame:
    """The highest number that each table holds."""
    scope = pl.col("locator").str.replace(r"/[^/]*$", "").alias("scope")
    return rows.select(scope, "local_id").group_by("scope", maintain_order=True).agg(pl.col("local_id").max())


def _counters(scopes: pl.DataFrame, *, is_trusted: bool) -> list[dict[str, Any]]:
    """The highest number held of each scope; the client's own counter lies in another file."""
    return [
        {"scope": scope, "conversation": None, "maximum": held, "is_trusted": is_trusted, "locator": f"{scope}/max(msgId)"}
        for scope, held in scopes.iter_rows()
        if held is not None
    ]  # fmt: skip


def _message_rows(database: Database, table: str) -> pl.DataFrame:
    """Rows of one message table; large fields are shortened while reading."""
    xml = _second_copies(database) if table == "message" else {}
    return read_table(
        database, table, MESSAGE, shrink=lambda some: _shrink_rows(some, xml, f"{database.label}#{table}")
    )


def _shrink_rows(frame: pl.DataFrame, xml: dict[int, str], scope: str) -> pl.DataFrame:
    """Rows with content, type codes and native id, without the large packed fields."""
    codes = {t: split_android_type(t) for t in frame["type"].drop_nulls().unique()}
    told = frame["content"]
    wordless = (told.fill_null("") == "").arg_true()
    if xml and not wordless.is_empty():
        # Only changed words are written, because Python strings take twice the memory of a store's words.
        given = zip(frame["local_id"].gather(wordless).to_list(), told.gather(wordless).to_list(), strict=True)
        second = pl.Series([xml.get(number, text) for number, text in given], dtype=pl.String)
        told = told.clone().scatter(wordless, second)
    apps = _by_type({t: int(is_app_code(t)) for t in codes}) == 1
    is_app = apps & pl.lit(told).str.contains(APP_ROOT, literal=True).fill_null(value=False)
    own = pl.when(pl.col("is_send").is_in([0, 1])).then(pl.col("is_send") == 1)
    state = pl.col("status_code").replace_strict(
        {k: str(v) for k, v in STATES.items()}, default=None, return_dtype=pl.String
    )
    unanswered = pl.col("server_id").fill_null(0) <= 0
    return frame.select(
        place_of(scope, "local_id"),
        "local_id", "server_id", "type", "status_code", "time", "msg_seq", "flag", pl.col("conversation").fill_null(""),
        pl.when(is_app).then(APP_BASE).otherwise(_by_type({t: c[0] for t, c in codes.items()})).alias("base"), _by_type({t: c[1] for t, c in codes.items()}).alias("sub"),
        told, own.alias("is_self"), pl.lit(None, dtype=pl.String).alias("sender"),
        uuids_in(frame["packed"]).alias("native_id"),
        # A row still "sending" with a server id was sent; a failed one says so.
        pl.when((pl.col("is_send") == 1) & unanswered).then(state).alias("state"),
    )  # fmt: skip


def _second_copies(database: Database) -> dict[int, str]:
    """XML of app messages by local id, from the table AppMessage, which keeps it a second time."""
    return {
        at: xml
        for at, xml in read_table(database, "AppMessage", {"at": ("int", "msgId"), "xml": ("text", "xml")}).iter_rows()
        if xml
    }


def _by_type(values: dict[int, int]) -> pl.Expr:
    """The value of each row's type; 0 for a type without one."""
    return pl.col("type").replace_strict(values, default=0, return_dtype=pl.Int64)


def _stated_owner(database: Database) -> dict[int, str]:
    """The owner's account and name that the table userinfo states, by their number there."""
    rows = read_table(database, "userinfo", {"id": ("int", "id"), "value": ("text", "value")})
    return {i: v for i, v in rows.iter_rows() if i in (OWN_ACCOUNT, OWN_NAME) and v}


def _read_people(database: Database) -> People:
    """Contacts, rooms and members; names shown in a room come from its member list."""
    people = People()
    people.contacts = read_table(database, "rcontact", CONTACT).filter(pl.col("id").fill_null("") != "").to_dicts()
    for room in read_table(database, "chatroom", ROOM).filter(pl.col("room").fill_null("") != "").iter_rows(named=True):
        ids = [i for i in (room["ids"] or "").split(";") if i]
        names = (room["names"] or "").split("、")
        shown = dict(zip(ids, names if len(names) == len(ids) else [""] * len(ids), strict=False))
        shown |= {m.id: m.name for m in room_members(room["data"] or b"") if m.name}
        people.rooms.append({"conversation": room["room"], "title": room["title"], "member_count": len(shown) or None})
        people.members += [{"group_id": room["room"], "member_id": i, "name": n or None} for i, n in shown.items()]
    return people
