"""Side tables of WeChat for Android: media, quotes, money, deletions (wechat-databases 5.2, 5.3)."""

from typing import Any

import polars as pl

from reconcile.formats.shared.side_tables import as_witnesses
from reconcile.intake.contract import Note, remarks
from reconcile.intake.sqlite.database import Database
from reconcile.intake.sqlite.table import Spec, read_table
from reconcile.vocabulary import Kind, NoteCode, WitnessKind
from reconcile.wechat.kinds import kind_of, split_android_type
from reconcile.wechat.packed_blobs import server_ids_in
from reconcile.wechat.protobuf import int_in, message_of, nested

# Tables in which a migration or a restore leaves traces.
RESTORE_TABLES = ("BackupMoveTime", "BackupTempMoveTime", "BackupRecoverMsgListDataId")


def media(database: Database) -> list[pl.DataFrame]:
    """Rows of `ImgInfo2`, `voiceinfo`, `videoinfo2`, `AppMessage` and `FileMsgInfo`, one a message."""
    found = []
    for table, at, server, local, talker, kind in (
        ("ImgInfo2", "id", "msgSvrId", "msglocalid", "msgTalker", Kind.IMAGE),
        ("voiceinfo", "FileName", "MsgId", "MsgLocalId", "User", Kind.VOICE),
        ("videoinfo2", "filename", "msgsvrid", "msglocalid", "user", Kind.VIDEO),
        ("AppMessage", "msgId", "msgSvrId", "msgId", "msgTalker", None),
        ("FileMsgInfo", "msgSvrId", "msgSvrId", "none", "none", Kind.FILE),
    ):
        spec: Spec = {
            "at": ("text", at), "id": ("int", server), "local_id": ("int", local), "conversation": ("text", talker),
            "text": ("text", "title" if table == "AppMessage" else "none"),
        }  # fmt: skip
        rows = read_table(database, table, spec)
        # A row without message and title says nothing; ImgInfo2 keeps several pictures of one message.
        names_one = (pl.col("id").fill_null(0) > 0) | (pl.col("local_id").fill_null(0) > 0)
        named = rows.filter(names_one | (pl.col("text").fill_null("") != ""))
        found.append(as_witnesses(named, database, table, WitnessKind.MEDIA_STORE, kind=kind))
    return found


def quotes(database: Database) -> pl.DataFrame:
    """`MsgQuote`: which row each quote answers; status 1 says that the answered one was recalled."""
    spec: Spec = {
        "at": ("int", "msgId", "rowid"), "id": ("int", "quotedMsgSvrId"), "local_id": ("int", "quotedMsgId"), "status": ("int", "status"),
        "conversation": ("text", "quotedMsgTalker"),
    }  # fmt: skip
    rows = as_witnesses(
        read_table(database, "MsgQuote", spec), database, "MsgQuote", WitnessKind.QUOTE, status=pl.col("status")
    )
    recalled = pl.when(pl.col("status") == 1).then(pl.lit(str(WitnessKind.RECALL_NOTICE))).otherwise("witness")
    return rows.select(pl.exclude("status", "witness"), recalled.alias("witness"))


def payments(database: Database) -> list[pl.DataFrame]:
    """`RemittanceRecord`, `DelayTransferRecord`, `WalletLuckyMoney`: payments that outlive their cards."""
    transfer: Spec = {"transfer": ("text", "transferId"), "local_id": ("int", "locaMsgId", "localMsgId", "msgId"), "conversation": ("text", "talker")}  # fmt: skip
    packet: Spec = {
        "at": ("int", "rowid"), "packet": ("text", "sendId"), "id": ("int", "msgSvrId"), "local_id": ("int", "msgLocalId"), "sender": ("text", "sender"),
    }  # fmt: skip
    return [
        as_witnesses(read_table(database, table, spec), database, table, WitnessKind.MONEY_TABLE, at=at, kind=kind)
        for table, spec, at, kind in (
            ("RemittanceRecord", transfer, "transfer", Kind.TRANSFER),
            ("DelayTransferRecord", transfer, "transfer", Kind.TRANSFER),
            ("WalletLuckyMoney", packet, "at", Kind.RED_PACKET),
        )
    ]


def conversations(database: Database) -> pl.DataFrame:
    """`rconversation`: the last message of each chat as the list shows it."""
    spec: Spec = {
        "conversation": ("text", "username"), "time": ("int", "conversationTime"), "text": ("text", "content"), "digest": ("text", "digest"),
        "type": ("text", "msgType"), "count": ("int", "msgCount"),
    }  # fmt: skip
    has_words = pl.any_horizontal(pl.col("text", "digest").fill_null("") != "")
    rows = read_table(database, "rconversation", spec).filter((pl.col("time").fill_null(0) > 0) | has_words)
    typed = rows.select(pl.col("type").cast(pl.Int64, strict=False), pl.col("text").fill_null("")).iter_rows()
    kinds = [str(kind_of(*split_android_type(t, text))) if t else None for t, text in typed]
    rows = rows.with_columns(pl.Series("kind", kinds, dtype=pl.String))
    words = pl.coalesce(pl.when(pl.col(c) != "").then(c) for c in ("text", "digest"))
    return as_witnesses(
        rows, database, "rconversation", WitnessKind.SESSION_LAST, at="conversation", unit="ms", text=words
    )


def removals(database: Database) -> tuple[pl.DataFrame, list[Note]]:
    """Deleted chats with the time of deletion (`DeletedConversationInfo`).

    An empty name stands for all chats.
    """
    rows = read_table(
        database, "DeletedConversationInfo", {"conversation": ("text", "userName"), "time": ("int", "reserved2")}
    )
    frame = as_witnesses(
        rows, database, "DeletedConversationInfo", WitnessKind.DELETION_TABLE, at="conversation", unit="ms"
    )
    said = frame.select("locator", pl.format("{} {}", pl.col("conversation").fill_null("*"), pl.col("sent_at").cast(pl.String).fill_null("")))  # fmt: skip
    return frame, [Note(NoteCode.DELETION_RECORD, at, text) for at, text in said.iter_rows()]


def restores(database: Database) -> list[Note]:
    """One note for each table that says rows were moved or restored.

    The store's numbering then proves nothing.
    """
    found = []
    for table in RESTORE_TABLES:
        rows = read_table(database, table, {"session": ("text", "sessionName")})
        if rows.height:
            names = ", ".join(dict.fromkeys(n for n in rows["session"].head(5) if n))
            found.append(Note(NoteCode.COUNTER_RESTORED, f"{database.label}#{table}", names[:200], rows.height))
    return found


def known_holes(database: Database) -> list[dict[str, Any]]:
    """Ranges of a room's server sequence that the client never fetched (`ChatroomMsgSeq`).

    They become rows of Counters.
    """
    rows = read_table(
        database, "ChatroomMsgSeq", {"room": ("text", "username"), "last": ("int", "lastLocalSeq"), "holes": ("blob", "seqBlockInfo")}
    )  # fmt: skip
    found: list[dict[str, Any]] = []
    for room, last, blob in rows.iter_rows():
        base = {"scope": "msg_seq", "conversation": room, "maximum": last or 0, "is_trusted": False, "locator": f"{database.label}#ChatroomMsgSeq/{room}"}  # fmt: skip
        for block in nested(message_of(blob or b""), 1):
            begin, end = int_in(block, 1), int_in(block, 2)
            if begin is not None and end is not None and 0 < begin <= end:
                found.append(base | {"hole_from": begin, "hole_to": end})
    return found


def texts(database: Database) -> pl.DataFrame:
    """The words of every indexed message with conversation, sender and time in ms (FTS5IndexMicroMsg.db)."""
    words = read_table(database, "FTS5IndexMessage_content", {"docid": ("int", "id"), "text": ("text", "c0")})
    spec: Spec = {
        "docid": ("int", "docid"), "conversation": ("text", "aux_index"), "sender": ("text", "talker"), "time": ("int", "timestamp"),
        "local_id": ("int", "entity_id"),
    }  # fmt: skip
    meta = read_table(database, "FTS5MetaMessage", spec)
    rows = words.join(meta, on="docid", how="left", maintain_order="left")
    return as_witnesses(rows, database, "FTS5IndexMessage_content", WitnessKind.FULL_TEXT_INDEX, at="docid", unit="ms")


def deleted_ids(data: bytes, label: str) -> tuple[pl.DataFrame, list[Note]]:
    """checkmsgid.ini: server ids of messages deleted within the last two days, in day buckets."""
    ids = server_ids_in(data)
    frame = pl.DataFrame(
        {
            "witness": [str(WitnessKind.DELETION_TABLE)] * len(ids), "locator": [f"{label}#{n}" for n in range(len(ids))],
            "message_id": [str(i) for i in ids],
        },
        schema={"witness": pl.String, "locator": pl.String, "message_id": pl.String},
    )  # fmt: skip
    return frame, remarks(NoteCode.DELETION_RECORD, label, f"{len(ids)} server ids", len(ids))
