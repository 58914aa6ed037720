"""WeChat for Windows 2.9 to 3.9: the folder Msg with its databases, or one database alone.

The databases are Multi/MSG0..N.db, MediaMSG, FTSMSG, MicroMsg.db and PublicMsg.db.

Producer: the client itself (decrypted, or SQLCipher 3 with the user's key). Container: SQLite, one table MSG over all chats of a
time shard. Encoding: UTF-8; app messages LZ4, senders in protobuf. Time zone: unix seconds. Cannot say: what the PC never
received (it was signed off), when members joined; the media files are not opened. Facts: wechat-databases 1, 9.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.shared.account_owner import folders_above, owner_of, settle_owner, vote_owner
from reconcile.formats.shared.client_rows import (
    People,
    conversations_of,
    counter,
    finish_rows,
    refuse_if_empty,
    server_id_text,
)
from reconcile.formats.shared.side_tables import as_witnesses
from reconcile.formats.shared.windows3_rows import CONTACT, MSG, ROOM, add_room, contents, senders_in_groups
from reconcile.formats.wechat_client.room_notices import room_notices
from reconcile.intake.contract import Claim, ExportFacts, Note, Reading, ReadOptions
from reconcile.intake.form import Form
from reconcile.intake.frames import notes_of, reading_of
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import Database, require_one
from reconcile.intake.sqlite.key import Cipher
from reconcile.intake.sqlite.parts import (
    Part,
    ShardSpan,
    databases,
    lacking_notes,
    missing_shards,
    parts_in,
    unheld_spans,
)
from reconcile.intake.sqlite.table import place_of, read_table
from reconcile.vocabulary import Kind, LocalIdScope, NoteCode, WitnessKind
from reconcile.wechat.kinds import APP_BASE, kind_of
from reconcile.wechat.packed_blobs import uuids_in

CIPHERS = (Cipher(3, 4096, "hex"), Cipher(3, 4096, "text"))
_COLUMNS = frozenset({"msgsvrid", "type", "createtime", "strtalker", "strcontent"})
PARTS = {
    # PyWxDump's merged database has the same table plus a log; it is an export, not the client's store.
    "messages": Part("msg", _COLUMNS, r"msg\d*\.db", "sync_log", 4096),
    # Pushes and chats of official accounts (wechat-moments 5).
    "official": Part("publicmsg", _COLUMNS, r"publicmsg\.db", page=4096),
    "contacts": Part("contact", frozenset({"username", "nickname"}), r"micromsg\.db", page=4096),
    "company": Part("openimcontact", frozenset({"username", "nickname"}), r"openimcontact\.db", page=4096),
    "media": Part("media", frozenset({"key", "reserved0"}), r"mediamsg\d*\.db", page=4096),
    "search": Part("ftschatmsg2_metadata", frozenset({"docid", "msgid"}), r"ftsmsg\d*\.db", page=4096),
}  # fmt: skip
# MediaMSG's Key is this number + localId, as decimal text (wechat-databases 1.5).
MEDIA_KEY_BASE = 2**40
# A full-text row's msgId below this is a local number, above it a server id.
LARGEST_LOCAL = 2**40


class WindowsMsgDb(Form, form="windows_msg_db"):
    """Reader of the Windows client's own databases, version 3."""

    def sniff(self, source: Source) -> Claim:
        """Certain of a table MSG with the columns that the reader needs, or of an encrypted file MSGn.db."""
        found = parts_in(source, PARTS)
        if found["messages"] or found["official"]:
            return Claim(
                "certain", "table MSG or PublicMsg with MsgSvrID, StrTalker, StrContent, or an encrypted MSGn.db"
            )
        return Claim("none", "looked for a table MSG with MsgSvrID, StrTalker, StrContent")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Every shard in the order in which they begin; contacts, rooms and side tables of the same account."""
        files = parts_in(source, PARTS)
        stores = list(dict.fromkeys([*files["messages"], *files["official"]]))
        if not stores:
            raise UnreadableSource(
                source.path, f"{source.path}: no table MSG with MsgSvrID, StrTalker, StrContent found"
            )
        # Chats of company contacts are in Msg, all others in Msg/Multi.
        folders_of = {f.parent.parent if f.parent.name.lower() == "multi" else f.parent for f in files["messages"]}
        require_one(source, sorted(folders_of), "accounts' databases")
        notes = missing_shards(source, [*files["messages"], *files["media"], *files["search"]])
        notes += lacking_notes(source, PARTS)
        people = _read_people(source, files, options, notes)
        opened = databases(source, stores, options, CIPHERS, notes, is_needed=True)
        shards = sorted((s for d in opened for s in _read_shards(d)), key=lambda s: (s.begins, s.label))
        rows = pl.concat(s.rows for s in shards)
        spans = [
            ShardSpan(s.label, s.begins // 1000, s.rows.select(pl.col("time").max().fill_null(0)).item())
            for s in shards
        ]
        shards = [replace(s, rows=s.rows.clear()) for s in shards]
        folders = folders_above(stores[0], "msg")
        people.owner, told = settle_owner(options, people, folders, vote_owner(rows), shards[0].label, rows=rows)
        held = [rows]
        del rows
        done = finish_rows(
            source, held, people, unit="s", prefix="sender", facts=("base", "sub", "sequence", "status_code")
        )
        notes += [*told, *done.notes]
        refuse_if_empty(source, done.messages, notes)
        counted = [counter(f"{s.label}#{s.table}", None, s.stated, s.held) for s in shards]
        notes += [n for _, n in counted if n]
        side_tables = _side_tables(source, files, options, notes, {s.label: s.names for s in shards}, done.messages)
        return reading_of(
            ExportFacts(
                self.name, owner=owner_of(people), limits=self.limits, local_id_scope=LocalIdScope.SHARD,
                unheld=unheld_spans(source, spans, r"MSG(\d{1,4})\.db"),
            ),
            done.messages,
            conversations=conversations_of(done.messages, people),
            contacts=people.contacts,
            members=people.members,
            witnesses=pl.concat([done.witnesses, *side_tables], how="diagonal_relaxed"),
            counters=[c for c, _ in counted if c],
            notes=notes,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Shard:
    """One MSGn.db or PublicMsg.db: its beginning, names, rows, and its counter as stated and as held.

    The beginning is in milliseconds, of its first row where the shard does not state it.
    """

    label: str
    table: str
    begins: int
    names: dict[int, str]
    rows: pl.DataFrame
    stated: int | None
    held: int | None


def _read_shards(database: Database) -> list[_Shard]:
    return [_read_shard(database, t) for t in ("MSG", "PublicMsg") if database.find(t)]


def _read_shard(database: Database, name: str) -> _Shard:
    """Rows of a message table, with the time at which the shard begins, in milliseconds."""
    names = dict(read_table(database, "Name2ID", {"at": ("int", "rowid"), "name": ("text", "UsrName")}).iter_rows())
    rows = read_table(database, name, MSG, shrink=lambda some: _message_rows(some, names, database, name))
    first = rows.select(pl.col("time").min().fill_null(0)).item()
    begins = _start_time(database) or first * 1000
    held = rows.select(pl.col("local_id").max()).item()
    return _Shard(database.label, name, begins, names, rows, database.sequences().get(name), held)


def _start_time(database: Database) -> int:
    """The shard's stated start in milliseconds; 0 without one."""
    table = read_table(database, "DBInfo", {"value": ("int", "tableVersion"), "what": ("text", "tableDesc")})
    found = table.filter(pl.col("what") == "Start Time")["value"].drop_nulls()
    return int(found[0]) if len(found) else 0


def _message_rows(table: pl.DataFrame, names: dict[int, str], database: Database, name: str) -> pl.DataFrame:
    """Rows in the columns of client rows."""
    talker = pl.col("talker_id").replace_strict(names, default=None, return_dtype=pl.String)
    frame = table.with_columns(
        place_of(f"{database.label}#{name}", "local_id"),
        pl.when(pl.col("conversation") != "")
        .then("conversation")
        .otherwise(talker)
        .fill_null("")
        .alias("conversation"),
        pl.when(pl.col("is_sender").is_in([0, 1])).then(pl.col("is_sender") == 1).alias("is_self"),
    )
    return frame.with_columns(
        contents(frame, database),
        senders_in_groups(frame),
        uuids_in(frame["extra"]).alias("native_id"),
    ).drop("packed", "extra", "talker_id", "is_sender")


def _read_people(source: Source, files: dict[str, list[Path]], options: ReadOptions, notes: list[Note]) -> People:
    """Contacts of WeChat and WeCom, rooms and members; each account once."""
    people = People()
    for part, table in (("contacts", "Contact"), ("company", "OpenIMContact")):
        for database in databases(source, files[part], options, CIPHERS, notes):
            people.contacts += read_table(database, table, CONTACT).filter(pl.col("id").fill_null("") != "").to_dicts()
            for room in read_table(database, "ChatRoom", ROOM).iter_rows(named=True):
                add_room(people, room)
    people.contacts = list({c["id"]: c for c in reversed(people.contacts)}.values())[::-1]
    return people


def _side_tables(
    source: Source,
    files: dict[str, list[Path]],
    options: ReadOptions,
    notes: list[Note],
    names: dict[str, dict[int, str]],
    messages: pl.DataFrame,
) -> list[pl.DataFrame]:
    """Witnesses in the side stores: voices, search index, sessions and notices of rooms."""
    found = [_voices(d) for d in databases(source, files["media"], options, CIPHERS, notes)]
    found += [_indexed(d, names, messages, notes) for d in databases(source, files["search"], options, CIPHERS, notes)]
    for database in databases(source, files["contacts"], options, CIPHERS, []):
        found += [_sessions(database), room_notices(database, "ChatRoomInfo")]
    return found


def _voices(database: Database) -> pl.DataFrame:
    """MediaMSG: one row a voice; it may outlive its message."""
    table = read_table(
        database, "Media", {"at": ("int", "rowid"), "key": ("int", "Key"), "server_id": ("int", "Reserved0")}
    )
    # Every shard has a row of that number, so it counts only where there is no id.
    bare = server_id_text("server_id").is_null() & (pl.col("key") > MEDIA_KEY_BASE)
    number = pl.when(bare).then(pl.col("key") - MEDIA_KEY_BASE)
    rows = table.select(at=pl.coalesce("key", "at"), id="server_id", local_id=number)
    return as_witnesses(rows, database, "Media", WitnessKind.MEDIA_STORE, kind=Kind.VOICE)


def _indexed(
    database: Database, names: dict[str, dict[int, str]], messages: pl.DataFrame, notes: list[Note]
) -> pl.DataFrame:
    """FTSMSG: the words of every message once indexed, cut into tokens.

    A file without names of its own uses the numbering of the shard with its number. Words without an owner become
    notes.
    """
    meta = read_table(
        database,
        "FTSChatMsg2_MetaData",
        {"docid": ("int", "docid", "rowid"), "msg": ("int", "msgId"), "entity": ("int", "entityId")},
    )
    words = read_table(
        database, "FTSChatMsg2_content", {"docid": ("int", "docid", "id", "rowid"), "text": ("text", "c0content", "c0")}
    )
    shard = re.sub(r"(?i)ftsmsg(\d*\.db)$", r"MSG\1", database.label)
    listed = read_table(database, "NameToId", {"entity": ("int", "rowid"), "conversation": ("text", "userName")})
    if not database.find("NameToId"):
        listed = pl.DataFrame(list(names.get(shard, {}).items()), schema=listed.schema, orient="row")
    place = pl.format("{}#FTSChatMsg2_content/{}", pl.lit(database.label), pl.col("docid").fill_null(0)).alias(
        "locator"
    )
    strays = words.join(meta, on="docid", how="anti").select(place, "text")
    notes += notes_of(NoteCode.ROW_SKIPPED, strays.filter(pl.col("text").fill_null("") != ""), excerpt="text")
    found = meta.join(words, on="docid", how="left").join(listed, on="entity", how="left")
    found = found.with_columns(pl.when(pl.col("msg") < LARGEST_LOCAL).then("msg").alias("local_id"))
    rows, server = _without_foreign_numbers(found, messages, shard), pl.when(pl.col("msg") >= LARGEST_LOCAL).then("msg")
    return as_witnesses(
        rows,
        database,
        "FTSChatMsg2_MetaData",
        WitnessKind.FULL_TEXT_INDEX,
        at="docid",
        message_id=server.cast(pl.String),
    )


def _without_foreign_numbers(found: pl.DataFrame, messages: pl.DataFrame, shard: str) -> pl.DataFrame:
    """`local_id` without numbers that this shard lacks but another holds.

    Those are the numbers of other messages.
    """
    keys = ["conversation", "local_id"]
    held, is_here = messages.select(keys), messages["locator"].str.starts_with(f"{shard}#")
    # Only numbers that the index names and another shard holds are tested: seldom more than a few.
    others = held.filter(~is_here).join(found.select(keys), on=keys, how="semi")
    gone = others.join(held.filter(is_here), on=keys, how="anti").unique()
    met = found.join(gone.with_columns(is_gone=pl.lit(value=True)), on=keys, how="left", maintain_order="left")
    return met.with_columns(pl.when(pl.col("is_gone").is_null()).then("local_id").alias("local_id"))


def _sessions(database: Database) -> pl.DataFrame:
    """MicroMsg's Session: the last message of each chat as the list shows it."""
    spec = {
        "conversation": ("text", "strUsrName"), "text": ("text", "strContent"), "base": ("int", "nMsgType"),
        "local_id": ("int", "nMsgLocalID"), "time": ("int", "nTime"),
    }  # fmt: skip
    table = read_table(database, "Session", spec)
    kinds = pl.col("base").map_elements(lambda b: str(kind_of(b)) if b else None, return_dtype=pl.String)
    rows = table.with_columns(kind=pl.when(pl.col("base") != APP_BASE).then(kinds))
    return as_witnesses(rows, database, "Session", WitnessKind.SESSION_LAST, at="conversation")
