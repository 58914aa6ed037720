"""Side tables of WeChat 4.x: voices, full text, payments, recalls (wechat-databases 2.2, 2.3)."""

import re
from collections.abc import Mapping

import polars as pl

from reconcile.formats.shared.side_tables import as_witnesses
from reconcile.intake.contract import Note
from reconcile.intake.sqlite.database import Database
from reconcile.intake.sqlite.table import Spec, read_table
from reconcile.vocabulary import Kind, NoteCode, WitnessKind
from reconcile.wechat.clock import from_unix
from reconcile.wechat.kinds import kind_of, split_local_type

# Columns of a full-text shadow table in the client's order.
_SHADOW = ("acontent", "message_local_id", "sort_seq", "local_type", "session_id", "sender_id")


def voices(database: Database) -> pl.DataFrame:
    """`VoiceInfo`: one row a voice; it may outlive its message."""
    spec = {"chat": ("int", "chat_name_id"), "time": ("int", "create_time"), "local_id": ("int", "local_id"), "id": ("int", "svr_id"), "at": ("int", "rowid")}  # fmt: skip
    rows, chat = read_table(database, "VoiceInfo", spec), named("chat", names_of(database, "Name2Id"))
    return as_witnesses(rows, database, "VoiceInfo", WitnessKind.MEDIA_STORE, kind=Kind.VOICE, conversation=chat)


def resources(database: Database) -> pl.DataFrame:
    """`MessageResourceInfo`: one row a message with a picture, video or file."""
    spec = {
        "at": ("int", "message_id"), "chat": ("int", "chat_id"), "who": ("int", "sender_id"), "type": ("int", "message_local_type"),
        "time": ("int", "message_create_time"), "local_id": ("int", "message_local_id"), "id": ("int", "message_svr_id"),
    }  # fmt: skip
    rows = read_table(database, "MessageResourceInfo", spec).with_columns(_kind("type"))
    chat, who = named("chat", names_of(database, "ChatName2Id")), named("who", names_of(database, "SenderName2Id"))
    return as_witnesses(rows, database, "MessageResourceInfo", WitnessKind.MEDIA_STORE, conversation=chat, sender=who)


def text_ranges(database: Database, table: str, names: str) -> pl.DataFrame:
    """Ranges of local numbers once indexed for full text: `local_id` is the last number, `count` how many."""
    return _ranges(database, table, names, WitnessKind.FULL_TEXT_INDEX)


def texts(database: Database) -> list[pl.DataFrame]:
    """The full-text index' copy of the words: `message_fts_v3_N`, or its shadow table `…_content`."""
    found = []
    for name in database.tables:
        if re.fullmatch(r"message_fts_v\d+_\d+(?:_content)?", name) and (spec := _text_spec(database.tables[name])):
            found.append(_texts_of(database, name, spec))
    return found


def sessions(database: Database) -> pl.DataFrame:
    """`SessionTable`: the last message of each chat as the list shows it."""
    spec = {
        "conversation": ("text", "username"), "text": ("text", "summary"), "time": ("int", "last_timestamp"),
        "local_id": ("int", "last_msg_locald_id", "last_msg_local_id"), "base": ("int", "last_msg_type"),
        "sub": ("int", "last_msg_sub_type"), "sender": ("text", "last_msg_sender"),
    }  # fmt: skip
    rows = read_table(database, "SessionTable", spec).with_columns(
        (pl.col("base") + pl.col("sub").fill_null(0) * 2**32).alias("type")
    )
    rows = rows.with_columns(_kind("type"))
    return as_witnesses(rows, database, "SessionTable", WitnessKind.SESSION_LAST, at="conversation")


def session_removals(database: Database) -> tuple[pl.DataFrame, list[Note]]:
    """`SessionDeleteTable`: chats taken off the list, with the time when."""
    table = read_table(
        database, "SessionDeleteTable", {"conversation": ("text", "username"), "time": ("int", "delete_time")}
    )
    frame = as_witnesses(
        table,
        database,
        "SessionDeleteTable",
        WitnessKind.DELETION_TABLE,
        at="conversation",
        sent_at=_time_in_seconds_or_milliseconds("time"),
    )
    return frame, removal_notes(frame, pl.format("{} {}", pl.col("conversation").fill_null(""), pl.col("sent_at").cast(pl.String).fill_null("")))  # fmt: skip


def store_removals(database: Database) -> tuple[pl.DataFrame, list[Note]]:
    """`DeleteInfo` and `DeleteResInfo` of a message store: tables and files queued to be deleted."""
    names = names_of(database, "Name2Id")
    whole = read_table(database, "DeleteInfo", {"at": ("int", "rowid"), "chat": ("int", "chat_name_id"), "text": ("text", "delete_table_name")})  # fmt: skip
    parts = read_table(
        database, "DeleteResInfo",
        {"at": ("int", "local_id"), "chat": ("int", "session_name_id"), "time": ("int", "msg_create_time"), "local_id": ("int", "msg_local_id"), "text": ("text", "res_path")},
    )  # fmt: skip
    frames = (
        as_witnesses(rows, database, table, WitnessKind.DELETION_TABLE, conversation=named("chat", names))
        for table, rows in (("DeleteInfo", whole), ("DeleteResInfo", parts))
    )
    frame = pl.concat(frames, how="diagonal")
    return frame, removal_notes(
        frame, pl.format("{} {}", pl.col("conversation").fill_null(""), pl.col("text").fill_null(""))
    )


def text_removals(database: Database) -> tuple[pl.DataFrame, list[Note]]:
    """Witnesses and notes of messages that the full-text index removed.

    The tables are `FtsDeleteInfo` and `message_fts_v3_session_delete_info`.
    """
    tables = (("FtsDeleteInfo", "ChatName2Id"), ("message_fts_v3_session_delete_info", "name2id"), ("message_fts_v4_session_delete_info", "name2id"))  # fmt: skip
    frame = pl.concat(_ranges(database, table, names, WitnessKind.DELETION_TABLE) for table, names in tables)
    return frame, removal_notes(frame, pl.col("conversation").fill_null(""))


def payments(database: Database) -> list[pl.DataFrame]:
    """Payments that outlive their cards (`transferTable`, `redEnvelopeTable`).

    A transfer names both its cards.
    """
    spec = {
        "transfer": ("text", "transfer_id"), "first": ("int", "message_server_id"), "second": ("int", "second_message_server_id"),
        "conversation": ("text", "session_name"), "payer": ("text", "pay_payer"), "receiver": ("text", "pay_receiver"),
        "begun": ("int", "begin_transfer_time"), "changed": ("int", "last_modified_time"),
    }  # fmt: skip
    transfers = read_table(database, "transferTable", spec)
    with_second = transfers.filter(~pl.col("second").is_in([0, -1]).fill_null(value=True))
    named_by = ((transfers, "first", "payer", "begun"), (with_second, "second", "receiver", "changed"))
    cards = [
        rows.select("conversation", "transfer", id=card, sender=who, time=time) for rows, card, who, time in named_by
    ]
    found = [
        as_witnesses(c, database, "transferTable", WitnessKind.MONEY_TABLE, at="transfer", kind=Kind.TRANSFER)
        for c in cards
    ]
    packets = read_table(
        database, "redEnvelopeTable",
        {"id": ("int", "message_server_id"), "conversation": ("text", "session_name"), "sender": ("text", "sender_user_name"), "packet": ("text", "send_id"), "at": ("int", "rowid")},
    )  # fmt: skip
    return [*found, as_witnesses(packets, database, "redEnvelopeTable", WitnessKind.MONEY_TABLE, kind=Kind.RED_PACKET)]


def recalls(database: Database) -> list[pl.DataFrame]:
    """`revokemessage`, `revokebatchmessage`: what the owner recalled, with its words."""
    spec = {
        "conversation": ("text", "to_user_name"), "id": ("int", "svr_id"), "type": ("int", "message_type"), "text": ("text", "content"),
        "at": ("int", "rowid"),
    }  # fmt: skip
    words = pl.when((pl.col("type") == 1) | ~pl.col("text").str.contains("<", literal=True)).then("text")
    tables = [t for t in ("revokemessage", "revokebatchmessage") if database.has(t, "svr_id")]
    rows = [read_table(database, t, spec).with_columns(_kind("type")) for t in tables]
    return [
        as_witnesses(r, database, t, WitnessKind.RECALL_NOTICE, text=words) for t, r in zip(tables, rows, strict=True)
    ]


def removal_notes(frame: pl.DataFrame, excerpt: pl.Expr) -> list[Note]:
    """One note a row that records a deletion, at most 50; the last carries the count of the rest."""
    rows = frame.select("locator", excerpt.alias("excerpt"))
    found = [Note(NoteCode.DELETION_RECORD, at, said[:200]) for at, said in rows.head(50).iter_rows()]
    return found + ([Note(NoteCode.DELETION_RECORD, "…", "", rows.height - 50)] if rows.height > 50 else [])


def _ranges(database: Database, table: str, names: str, witness: WitnessKind) -> pl.DataFrame:
    """Ranges of local ids for each conversation, as witnesses with their count."""
    spec = {
        "at": ("int", "rowid"), "chat": ("int", "session_id"), "first": ("int", "start_local_id"),
        "local_id": ("int", "end_local_id", "max_message_id"),
    }  # fmt: skip
    count, chat = pl.col("local_id") - pl.col("first") + 1, named("chat", names_of(database, names))
    return as_witnesses(read_table(database, table, spec), database, table, witness, conversation=chat, count=count)


def names_of(database: Database, table: str) -> dict[int, str]:
    """Row number -> account of a Name2Id table; its text column is user_name, or the first one."""
    found = database.find(table)
    if not found:
        return {}
    columns = [c for c in database.tables[found] if c.lower() in ("user_name", "username", "usrname")] or list(database.tables[found][:1])  # fmt: skip
    spec: Spec = {"at": ("int", "rowid"), "name": ("text", columns[0])}
    return {at: name for at, name in read_table(database, table, spec).iter_rows() if at is not None and name}


def named(column: str, names: Mapping[int, str]) -> pl.Expr:
    """The account of a row number; null where the table does not know it."""
    return pl.col(column).replace_strict(names, default=None, return_dtype=pl.String)


def _kind(column: str) -> pl.Expr:
    """The kind of each type code; a store has few distinct codes, so each is looked up once."""
    return pl.col(column).map_batches(_kinds_of_codes, return_dtype=pl.String).alias("kind")


def _kinds_of_codes(codes: pl.Series) -> pl.Series:
    """The kind of each code; null where the code is null or 0."""
    known = {c: str(kind_of(*split_local_type(c))) for c in codes.drop_nulls().unique() if c}
    return codes.replace_strict(known, default=None, return_dtype=pl.String)


def _time_in_seconds_or_milliseconds(column: str) -> pl.Expr:
    """The time of a column that may count seconds or milliseconds."""
    # No public source states the unit of delete_time. Seconds reach 10^11 in the year 5138, so a larger number is
    # milliseconds.
    return (
        pl.when(pl.col(column) >= 10**11)
        .then(from_unix(pl.col(column), "ms"))
        .otherwise(from_unix(pl.col(column), "s"))
    )


def _text_spec(columns: tuple[str, ...]) -> Spec | None:
    """The columns of a search index's texts by the table's columns; null for other tables."""
    lowered = [c.lower() for c in columns]
    if "acontent" in lowered and "message_local_id" in lowered:
        return {"at": ("int", "rowid"), **{c: ("text" if c == "acontent" else "int", c) for c in _SHADOW}}
    if "c0" in lowered and "c5" in lowered:
        return {
            "at": ("int", "id", "rowid"),
            **{c: ("text" if n == 0 else "int", f"c{n}") for n, c in enumerate(_SHADOW)},
        }
    return None


def _texts_of(database: Database, name: str, spec: Spec) -> pl.DataFrame:
    """Texts in a search index, as witnesses."""
    names = names_of(database, "name2id")
    rows = read_table(database, name, spec).select(
        "at", _kind("local_type"), chat="session_id", who="sender_id", local_id="message_local_id", time=pl.col("sort_seq") // 1000, text="acontent",
    )  # fmt: skip
    chat, who = named("chat", names), named("who", names)
    return as_witnesses(rows, database, name, WitnessKind.FULL_TEXT_INDEX, conversation=chat, sender=who)
