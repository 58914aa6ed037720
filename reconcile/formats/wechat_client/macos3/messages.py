"""WeChat for macOS 3.x: an account folder with Message/msg_0..9.db, or one msg_N.db alone.

Producer: the client itself (decrypted, or SQLCipher with the user's raw key). Container: SQLite; one table Chat_<md5 of the account>
a conversation. Encoding: UTF-8. Time zone: unix seconds. Cannot say: whose device it was where the folder's digest fits nobody,
what the computer never received, when members joined. Facts: wechat-databases 3, 9.
"""

from pathlib import Path

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.shared.account_owner import folders_above, owner_by_digest, owner_of, settle_owner, vote_owner
from reconcile.formats.shared.client_rows import People, conversations_of, finish_rows, refuse_if_empty
from reconcile.formats.wechat_client.hashed_tables import Hashed, Names, last_sessions, read_hashed
from reconcile.intake.contract import Claim, ExportFacts, Note, Reading, ReadOptions
from reconcile.intake.form import Form
from reconcile.intake.frames import reading_of
from reconcile.intake.memory import concat_and_release
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import Database, require_one
from reconcile.intake.sqlite.key import Cipher
from reconcile.intake.sqlite.parts import Part, databases, lacking_notes, parts_in
from reconcile.intake.sqlite.table import read_table
from reconcile.vocabulary import LocalIdScope
from reconcile.wechat.packed_blobs import unpacked_text, uuids_in

CIPHERS = (Cipher(3, 1024, "raw"), Cipher(3, 4096, "raw"), Cipher(3, 1024, "hex"), Cipher(3, 4096, "hex"))
PARTS = {
    "messages": Part(
        r"chat_[0-9a-f]{32}", frozenset({"meslocalid", "messvrid", "msgcreatetime", "msgcontent", "mesdes"}), r"msg_\d+\.db"
    ),
    "contacts": Part("wccontact", frozenset({"m_nsusrname"}), r"wccontact_new2\.db"),
    "groups": Part("groupcontact", frozenset({"m_nsusrname"}), r"group_new\.db"),
    "sessions": Part("sessionabstract", frozenset({"m_nsusername"}), r"session_new\.db"),
}  # fmt: skip
CHAT = {
    "local_id": ("int", "mesLocalID", "rowid"), "server_id": ("int", "mesSvrID"), "time": ("int", "msgCreateTime"), "content": ("text", "msgContent"),
    "base": ("int", "messageType"), "des": ("int", "mesDes"), "status_code": ("int", "msgStatus"), "source": ("text", "msgSource"),
    "sequence": ("int", "msgSeq"), "packed": ("body", "CompressContent"),
}  # fmt: skip
CONTACT = {
    "id": ("text", "m_nsUsrName"), "alias": ("text", "m_nsAliasName"), "remark": ("text", "m_nsRemark"),
    "nickname": ("text", "nickname", "m_nsNickName"), "list": ("text", "m_nsChatRoomMemList"),
}  # fmt: skip


class Macos3Db(Form, form="macos3_db"):
    """Reader of the macOS client's own databases, version 3."""

    def sniff(self, source: Source) -> Claim:
        """Certain of a table Chat_<md5> with mesLocalID, msgContent, mesDes, or an encrypted msg_N.db."""
        if parts_in(source, PARTS)["messages"]:
            return Claim("certain", "tables Chat_<md5> with mesLocalID, msgContent, mesDes, or an encrypted msg_N.db")
        return Claim("none", "looked for tables Chat_<md5> with mesLocalID, msgContent, mesDes")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Every table of every file; contacts, groups and sessions of the same account."""
        files = parts_in(source, PARTS)
        if not files["messages"]:
            raise UnreadableSource(source.path, f"{source.path}: no table Chat_<md5> with mesLocalID, msgContent found")
        require_one(source, sorted({f.parent for f in files["messages"]}), "accounts' databases")
        notes: list[Note] = lacking_notes(source, PARTS)
        people, sessions = _read_people(source, files, options, notes)
        names = Names()
        names.learn([*people.known(), *sessions["conversation"]])
        found = [
            _read_chats(d, names) for d in databases(source, files["messages"], options, CIPHERS, notes, is_needed=True)
        ]
        rows = concat_and_release([pl.DataFrame(schema=_EMPTY), *(r for f in found for r in f.rows)])
        voted = vote_owner(rows)
        names.learn([voted])
        folders = folders_above(files["messages"][0])
        by_digest = owner_by_digest(folders, names.accounts)
        people.owner, told = settle_owner(
            options, people, [by_digest] if by_digest else [], voted or by_digest, source.path.name, rows=rows
        )
        # Raw rows are freed while they become messages.
        held = [rows]
        del rows
        for one in found:
            one.rows.clear()
        done = finish_rows(source, held, people, unit="s", prefix="any", facts=("base", "sequence", "status_code"))
        notes += [*told, *(n for f in found for n in f.notes), *done.notes]
        refuse_if_empty(source, done.messages, notes)
        return reading_of(
            ExportFacts(self.name, owner=owner_of(people), limits=self.limits, local_id_scope=LocalIdScope.CONVERSATION),
            done.messages,
            conversations=conversations_of(done.messages, people),
            contacts=people.contacts,
            members=people.members,
            witnesses=pl.concat([done.witnesses, sessions, *(f.witnesses() for f in found)], how="diagonal_relaxed"),
            counters=[c for f in found for c in f.counters],
            notes=notes,
        )  # fmt: skip


_EMPTY = {
    "local_id": pl.Int64, "server_id": pl.Int64, "time": pl.Int64, "content": pl.String, "base": pl.Int64, "status_code": pl.Int64,
    "sequence": pl.Int64, "locator": pl.String, "conversation": pl.String, "sub": pl.Int64, "is_self": pl.Boolean, "sender": pl.String,
    "native_id": pl.String,
}  # fmt: skip


def _read_chats(database: Database, names: Names) -> Hashed:
    """The tables of chats in the columns of client rows, with counters and notes."""
    found = read_hashed(database, "Chat", CHAT, names)
    limit = database.source.limits.max_body_bytes
    found.rows = [_message_rows(r, limit) for r in found.rows]
    return found


def _message_rows(table: pl.DataFrame, limit: int) -> pl.DataFrame:
    """Rows in the columns of client rows; packed bodies are unpacked where no text is stored."""
    bare = (pl.col("content").fill_null("") == "") & (pl.col("packed").bin.size() > 0)
    at = table.select(bare.fill_null(value=False).alias("bare"))["bare"].arg_true()
    unpacked = [unpacked_text(p, limit) for p in table["packed"].gather(at).to_list()]
    # Only unpacked bodies are written, because Python strings take twice the memory of a store's words.
    contents = table["content"].clone().scatter(at, pl.Series(unpacked, dtype=pl.String)) if unpacked else "content"
    return table.with_columns(
        contents,
        pl.lit(0, dtype=pl.Int64).alias("sub"),
        (pl.col("des") == 0).alias("is_self"),
        pl.lit(None, dtype=pl.String).alias("sender"),
        uuids_in(table["source"]).alias("native_id"),
    ).select(*_EMPTY)


def _read_people(
    source: Source, files: dict[str, list[Path]], options: ReadOptions, notes: list[Note]
) -> tuple[People, pl.DataFrame]:
    """Contacts, rooms and members, and the last times of sessions."""
    people = People()
    for part, tables in (("contacts", ("WCContact",)), ("groups", ("GroupContact", "GroupMember"))):
        for database in databases(source, files[part], options, CIPHERS, notes):
            for table in tables:
                cards = read_table(database, table, CONTACT).filter(pl.col("id").fill_null("") != "")
                known = {c["id"] for c in people.contacts}
                people.contacts += [c for c in cards.to_dicts() if c["id"] not in known]
                for card in cards.filter(pl.col("list").fill_null("") != "").iter_rows(named=True):
                    members = [m for m in dict.fromkeys(card["list"].split(";")) if m]
                    people.rooms.append(
                        {"conversation": card["id"], "title": card["nickname"], "member_count": len(members)}
                    )
                    people.members += [{"group_id": card["id"], "member_id": m} for m in members]
    opened = databases(source, files["sessions"], options, CIPHERS, notes)
    return people, last_sessions(opened, "m_nsUserName", "m_uLastTime")
