"""WeChat 4.x on Windows, macOS and Linux: a db_storage folder, or one message_N.db alone.

Producer: the client itself (decrypted, or SQLCipher 4 with the user's key). Container: SQLite; one table Msg_<md5 of the account>
a conversation and time shard. Encoding: UTF-8, bodies plain or zstd. Time zone: unix seconds. Cannot say: what the computer never
received (it was signed off), when members joined; the media files are not opened. Facts: wechat-databases 2, 9.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.shared.account_owner import CLEAR_SHARE, folders_above, owner_of, settle_owner, vote_owner
from reconcile.formats.shared.client_rows import GROUP_SUFFIXES, People, conversations_of, finish_rows, refuse_if_empty
from reconcile.formats.wechat_client.hashed_tables import Hashed, Names, read_hashed
from reconcile.formats.wechat_client.room_notices import room_notices
from reconcile.formats.wechat_client.wechat4 import side_tables as side
from reconcile.intake.contract import Claim, ExportFacts, Note, Reading, ReadOptions
from reconcile.intake.form import Form
from reconcile.intake.frames import reading_of
from reconcile.intake.memory import concat_and_release
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
from reconcile.intake.sqlite.table import read_table
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import LocalIdScope, Status
from reconcile.wechat.kinds import SYSTEM_BASES
from reconcile.wechat.packed_blobs import ZSTD_MAGIC, plain_text, room_members, unpack_zstd, uuids_in

CIPHERS = (Cipher(4, 4096, "hex"), Cipher(4, 4096, "raw"))
_COLUMNS = frozenset({"local_id", "server_id", "local_type", "create_time", "message_content"})
PARTS = {
    "messages": Part(r"msg_[0-9a-f]{32}", _COLUMNS, r"(?:biz_)?message_\d+\.db", page=4096),
    # A shard whose last chat was dropped still has its counters and its queue of deletions.
    "emptied": Part("deleteinfo", frozenset({"delete_table_name"})),
    "contacts": Part("contact", frozenset({"username", "nick_name"}), r"contact\.db", page=4096),
    "sessions": Part("sessiontable", frozenset({"username", "last_timestamp"}), r"session\.db", page=4096),
    "money": Part("transfertable|redenvelopetable", frozenset({"session_name"}), r"general\.db", page=4096),
    "recalls": Part("revokemessage", frozenset({"svr_id"}), r"message_revoke\.db", page=4096),
    "resources": Part("messageresourceinfo", frozenset({"message_svr_id"}), r"message_resource\.db", page=4096),
    "voices": Part("voiceinfo", frozenset({"svr_id"}), r"media_\d+\.db", page=4096),
    "search": Part(r"message_fts_v\d+_range", frozenset({"end_local_id"}), r"message_fts\.db", page=4096),
}  # fmt: skip
MSG = {
    "local_id": ("int", "local_id", "rowid"), "server_id": ("int", "server_id"), "type": ("int", "local_type"), "sort_seq": ("int", "sort_seq"),
    "sender_row": ("int", "real_sender_id"), "time": ("int", "create_time"), "status_code": ("int", "status"),
    "server_seq": ("int", "server_seq"), "origin": ("int", "origin_source"), "source": ("side", "source"),
    "body": ("body", "message_content"), "more": ("body", "compress_content"),
}  # fmt: skip
CONTACT = {
    "row": ("int", "id"),
    "id": ("text", "username"),
    "alias": ("text", "alias"),
    "remark": ("text", "remark"),
    "nickname": ("text", "nick_name"),
}
_ACCOUNT_SUFFIX = lazy_pattern(r"^(.+)_[0-9a-f]{4}$")


class Wechat4Db(Form, form="wechat4_db"):
    """Reader of the 4.x client's own databases."""

    def sniff(self, source: Source) -> Claim:
        """Certain of a table Msg_<md5> with local_type and server_id, or of an encrypted file message_N.db."""
        if parts_in(source, PARTS)["messages"]:
            return Claim("certain", "tables Msg_<md5> with local_type, server_id, or an encrypted message_N.db")
        return Claim("none", "looked for tables Msg_<md5> with local_type, server_id")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """All tables of all shards in the order of their beginnings, with contacts, rooms and side tables."""
        files = parts_in(source, PARTS)
        stores = list(dict.fromkeys([*files["messages"], *files["emptied"]]))
        if not files["messages"]:
            raise UnreadableSource(source.path, f"{source.path}: no table Msg_<md5> with local_type, server_id found")
        require_one(source, sorted({f.parent for f in stores}), "accounts' databases")
        notes = [*missing_shards(source, stores), *lacking_notes(source, PARTS)]
        people, names = _read_people(source, files, options, notes)
        for database in databases(source, stores if len(stores) > 1 else [], options, CIPHERS, []):
            names.learn(side.names_of(database, "Name2Id").values())
        shards = sorted(
            (_read_shard(d, names) for d in databases(source, stores, options, CIPHERS, notes, is_needed=True)),
            key=lambda s: (s.begins, s.label),
        )
        spans = [ShardSpan(s.label, s.begins, max((_last_time(r) for r in s.found.rows), default=0)) for s in shards]
        rows = concat_and_release([pl.DataFrame(schema=_EMPTY), *(r for s in shards for r in s.found.rows)])
        voted = _vote(rows) or vote_owner(rows.with_columns(pl.lit(None, dtype=pl.Boolean).alias("is_self")))
        people.owner, told = settle_owner(
            options, people, _folders(stores[0], set(names.accounts.values())), voted, shards[0].label
        )
        # Raw rows are freed while they become messages.
        held = [_with_direction(rows, people.owner)]
        del rows
        for shard in shards:
            shard.found.rows.clear()
        done = finish_rows(
            source,
            held,
            people,
            unit="s",
            prefix="sender",
            facts=("base", "sub", "sort_seq", "status_code", "server_seq"),
        )
        notes += [*told, *(n for s in shards for n in s.found.notes), *done.notes]
        refuse_if_empty(source, done.messages, notes)
        witnesses = [done.witnesses, *(s.witnesses for s in shards), *_side_tables(source, files, options, notes)]
        return reading_of(
            ExportFacts(
                self.name, owner=owner_of(people), limits=self.limits, local_id_scope=_local_id_scope(shards),
                unheld=unheld_spans(source, spans, r"message_(\d{1,4})\.db"),
            ),
            done.messages,
            conversations=conversations_of(done.messages, people),
            contacts=people.contacts,
            members=people.members,
            witnesses=pl.concat(witnesses, how="diagonal_relaxed"),
            counters=[c for s in shards for c in s.found.counters],
            notes=notes,
        )  # fmt: skip


_EMPTY = {
    "local_id": pl.Int64, "server_id": pl.Int64, "sort_seq": pl.Int64, "time": pl.Int64, "status_code": pl.Int64, "server_seq": pl.Int64,
    "locator": pl.String, "conversation": pl.String, "base": pl.Int64, "sub": pl.Int64, "content": pl.String, "native_id": pl.String,
    "sender": pl.String, "state": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Shard:
    """One message_N.db: its beginning (unix seconds), its tables and its deletion tables."""

    label: str
    begins: int
    found: Hashed
    witnesses: pl.DataFrame


def _read_shard(database: Database, names: Names) -> _Shard:
    """Rows, witnesses and notes of one shard, with the time at which it begins."""
    senders = side.names_of(database, "Name2Id")
    names.learn(senders.values())
    limit = database.source.limits.max_body_bytes
    found = read_hashed(database, "Msg", MSG, names, lambda rows: _unpack_rows(rows, limit))
    sending = read_table(database, "SendInfo", {"chat": ("int", "chat_name_id"), "local_id": ("int", "msg_local_id")})
    in_flight = {(senders.get(c, ""), i) for c, i in sending.iter_rows()}
    found.rows = [_message_rows(r, senders, in_flight) for r in found.rows]
    removed, told = side.store_removals(database)
    found.notes += told
    stated = read_table(database, "TimeStamp", {"at": ("int", "timestamp")})["at"].min()
    first = min((t for r in found.rows if isinstance(t := r["time"].min(), int)), default=0)
    begins = stated if isinstance(stated, int) and stated > 0 else (first if isinstance(first, int) else 0)
    return _Shard(database.label, begins, found, pl.concat([removed, found.witnesses()], how="diagonal"))


def _last_time(rows: pl.DataFrame) -> int:
    """The latest time of the rows; 0 without one."""
    last = rows["time"].max()
    return last if isinstance(last, int) else 0


def _message_rows(table: pl.DataFrame, senders: dict[int, str], in_flight: set[tuple[str, int]]) -> pl.DataFrame:
    """Rows in the columns of client rows; those still being sent have a state."""
    flying = [(c, i) in in_flight for c, i in zip(table["conversation"], table["local_id"], strict=True)]
    return table.select(
        "local_id", "server_id", "sort_seq", "time", "status_code", "server_seq", "locator", "conversation",
        (pl.col("type").cast(pl.Int64) & 0xFFFFFFFF).alias("base"), (pl.col("type") // 2**32).alias("sub"),
        pl.col("body").alias("content"), "native_id", side.named("sender_row", senders).alias("sender"),
        pl.when(pl.Series(flying, dtype=pl.Boolean) & pl.col("server_id").is_in([0, -1]).fill_null(value=True))
        .then(pl.lit(str(Status.SENDING))).alias("state"),
    )  # fmt: skip


def _unpack_rows(rows: pl.DataFrame, limit: int) -> pl.DataFrame:
    """Rows with the unpacked body as text and the native id, without the large fields."""
    body = rows.select(pl.when(pl.col("body").bin.size() > 0).then("body").otherwise(pl.col("more")))["body"]
    return rows.drop("source", "more").with_columns(
        _texts(body, limit).alias("body"), _native_uuids(rows["source"], limit).alias("native_id")
    )


def _texts(blobs: pl.Series, limit: int) -> pl.Series:
    """Bodies as text: zstd by its magic whatever the flag says, the rest as it is."""
    return _each_packed(blobs, lambda b: BROKEN_FRAME.encode() if (plain := unpack_zstd(b, limit)) is None else plain)


def _each_packed(blobs: pl.Series, unpack: Callable[[bytes], bytes | None]) -> pl.Series:
    """The blobs as text, after unpacking those that zstd packed; bytes that are no UTF-8 are replaced."""
    packed = blobs.bin.starts_with(ZSTD_MAGIC).fill_null(value=False)
    if packed.any():
        unpacked = pl.Series([unpack(b) for b in blobs.filter(packed).to_list()], dtype=pl.Binary)
        blobs = blobs.scatter(packed.arg_true(), unpacked)
    try:
        return blobs.cast(pl.String)
    except pl.exceptions.ComputeError:
        return pl.Series(blobs.name, [plain_text(b) for b in blobs.to_list()], dtype=pl.String)


def _native_uuids(sources: pl.Series, limit: int) -> pl.Series:
    """The UUID in each packed source; null without one."""
    return uuids_in(_each_packed(sources, lambda b: unpack_zstd(b, limit)))


# Replaces a compressed body that cannot be unpacked; the body parser notes it as broken.
BROKEN_FRAME = "<msg>"


def _vote(rows: pl.DataFrame) -> str | None:
    """The owner by the rows: who is not the peer in direct chats, or sends without prefix in rooms."""
    speech = rows.filter(~pl.col("base").is_in(SYSTEM_BASES) & pl.col("sender").is_not_null())
    group = pl.any_horizontal(pl.col("conversation").str.ends_with(s) for s in GROUP_SUFFIXES)
    known = ~pl.col("conversation").str.starts_with("md5:")
    direct = speech.filter(~group & known & (pl.col("sender") != pl.col("conversation")))
    found = _clear_sender(direct)
    if found:
        return found
    texts = speech.filter(group & (pl.col("base") == 1)).with_columns(
        pl.col("content").str.starts_with(pl.col("sender") + ":\n").fill_null(value=False).alias("prefixed")
    )
    bare = texts.filter(~pl.col("prefixed"))
    return _clear_sender(bare) if texts["prefixed"].any() else None


def _clear_sender(rows: pl.DataFrame) -> str | None:
    """The sender of a clear majority of rows; null without one."""
    votes = rows.group_by("sender").len("votes").sort("votes", "sender", descending=[True, False])
    clear = votes.height and votes["votes"][0] >= CLEAR_SHARE * float(votes["votes"].sum())
    return str(votes["sender"][0]) if clear else None


def _folders(file: Path, known: set[str]) -> list[str]:
    """The account in the folder's name `<account>_<4 hex>`.

    An account may itself end like that, and then the store knows the full name.
    """
    found = folders_above(file, "db_storage")[:1]
    for name in list(found):
        bare = _ACCOUNT_SUFFIX.match(name)
        found = [name] if name in known or not bare else [bare[1]]
    return found


def _with_direction(rows: pl.DataFrame, owner: str | None) -> pl.DataFrame:
    """Add is_self; without a known owner only for direct chats with a known account."""
    group = pl.any_horizontal(pl.col("conversation").str.ends_with(s) for s in GROUP_SUFFIXES)
    if owner is not None:
        return rows.with_columns((pl.col("sender") == owner).alias("is_self"))
    direct = ~group & ~pl.col("conversation").str.starts_with("md5:")
    return rows.with_columns(pl.when(direct).then(pl.col("sender") != pl.col("conversation")).alias("is_self"))


def _local_id_scope(shards: list[_Shard]) -> LocalIdScope:
    """Conversation for one shard, else shard: local ids restart with each shard."""
    held = [c["conversation"] for s in shards for c in s.found.counters]
    return LocalIdScope.CONVERSATION if len(held) == len(set(held)) else LocalIdScope.SHARD


def _read_people(
    source: Source, files: dict[str, list[Path]], options: ReadOptions, notes: list[Note]
) -> tuple[People, Names]:
    """Contacts, rooms and members, and the names of hashed conversations."""
    people, names = People(), Names()
    for database in databases(source, files["contacts"], options, CIPHERS, notes):
        cards = pl.concat(read_table(database, t, CONTACT) for t in ("contact", "stranger"))
        people.contacts += (
            cards.filter(pl.col("id").fill_null("") != "").unique("id", keep="first", maintain_order=True).to_dicts()
        )
        names.learn(side.names_of(database, "name2id").values())
        for room in _room_members(database, {c["row"]: c["id"] for c in people.contacts}):
            people.rooms.append({"conversation": room[0], "title": None, "member_count": len(room[1]) or None})
            people.members += [{"group_id": room[0], "member_id": i, "name": n or None} for i, n in room[1].items()]
    for database in databases(source, files["sessions"], options, CIPHERS, []):
        names.learn(read_table(database, "SessionTable", {"name": ("text", "username")})["name"])
    for database in databases(source, files["resources"], options, CIPHERS, []):
        names.learn(side.names_of(database, "ChatName2Id").values())
    names.learn(people.known())
    return people, names


def _room_members(database: Database, accounts: dict[int, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each room with its members' accounts and the names they show there."""
    rooms = read_table(
        database, "chat_room", {"row": ("int", "id"), "name": ("text", "username"), "data": ("blob", "ext_buffer")}
    )
    listed = read_table(database, "chatroom_member", {"room": ("int", "room_id"), "member": ("int", "member_id")})
    by_room: dict[int, list[str]] = {}
    for room, member in listed.iter_rows():
        if member in accounts:
            by_room.setdefault(room, []).append(accounts[member])
    for row, name, data in rooms.iter_rows():
        shown: dict[str, str] = dict.fromkeys(by_room.get(row, []), "")
        shown |= {m.id: m.name for m in room_members(data or b"")}
        if name:
            yield name, shown


def _side_tables(
    source: Source, files: dict[str, list[Path]], options: ReadOptions, notes: list[Note]
) -> list[pl.DataFrame]:
    """Witnesses in the side stores: voices, media, search index, sessions, payments and recalls."""
    found: list[pl.DataFrame] = []

    def each(part: str) -> Iterator[Database]:
        return databases(source, files[part], options, CIPHERS, notes)

    def keep(pair: tuple[pl.DataFrame, list[Note]]) -> None:
        """Add a frame to the found ones, and its notes to the notes."""
        found.append(pair[0])
        notes.extend(pair[1])

    for database in each("voices"):
        found.append(side.voices(database))
    for database in each("resources"):
        found += [side.resources(database), side.text_ranges(database, "FtsRange", "ChatName2Id")]
        keep(side.text_removals(database))
    for database in each("search"):
        found += [side.text_ranges(database, "message_fts_v3_range", "name2id"), *side.texts(database)]
        keep(side.text_removals(database))
    for database in databases(source, files["contacts"], options, CIPHERS, []):
        found.append(room_notices(database, "chat_room_info_detail"))
    for database in each("sessions"):
        found.append(side.sessions(database))
        keep(side.session_removals(database))
    for database in each("money"):
        found += side.payments(database)
    for database in each("recalls"):
        found += side.recalls(database)
    return found
