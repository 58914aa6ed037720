"""Side tables of WeChat 4.x: voices, full text, payments, recalls (wechat-databases 2.2, 2.3)."""

import re
from collections.abc import Mapping

import polars as pl

from reconcile.formats.shared.client_rows import server_id_text
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
    table = read_table(database, "VoiceInfo", spec)
    return table.select(
        _witness_kind(WitnessKind.MEDIA_STORE), _locator(database, "VoiceInfo", "at"), named("chat", names_of(database, "Name2Id")).alias("conversation"),
        server_id_text("id").alias("message_id"), "local_id", from_unix(pl.col("time"), "s").alias("sent_at"),
        pl.lit(str(Kind.VOICE)).alias("kind"),
    )  # fmt: skip


def resources(database: Database) -> pl.DataFrame:
    """`MessageResourceInfo`: one row a message with a picture, video or file."""
    spec = {
        "at": ("int", "message_id"), "chat": ("int", "chat_id"), "who": ("int", "sender_id"), "type": ("int", "message_local_type"),
        "time": ("int", "message_create_time"), "local_id": ("int", "message_local_id"), "id": ("int", "message_svr_id"),
    }  # fmt: skip
    table = read_table(database, "MessageResourceInfo", spec)
    return table.select(
        _witness_kind(WitnessKind.MEDIA_STORE), _locator(database, "MessageResourceInfo", "at"),
        named("chat", names_of(database, "ChatName2Id")).alias("conversation"), server_id_text("id").alias("message_id"), "local_id",
        from_unix(pl.col("time"), "s").alias("sent_at"), named("who", names_of(database, "SenderName2Id")).alias("sender"), _kind("type"),
    )  # fmt: skip


def text_ranges(database: Database, table: str, names: str) -> pl.DataFrame:
    """Ranges of local numbers once indexed for full text: `local_id` is the last number, `count` how many."""
    spec = {
        "at": ("int", "rowid"),
        "chat": ("int", "session_id"),
        "first": ("int", "start_local_id"),
        "local_id": ("int", "end_local_id"),
    }
    return read_table(database, table, spec).select(
        _witness_kind(WitnessKind.FULL_TEXT_INDEX), _locator(database, table, "at"), named("chat", names_of(database, names)).alias("conversation"),
        "local_id", (pl.col("local_id") - pl.col("first") + 1).alias("count"),
    )  # fmt: skip


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
    table = read_table(database, "SessionTable", spec).with_columns(
        (pl.col("base") + pl.col("sub").fill_null(0) * 2**32).alias("type")
    )
    return table.select(
        _witness_kind(WitnessKind.SESSION_LAST), _locator(database, "SessionTable", "conversation"), "conversation",
        pl.when(pl.col("local_id") > 0).then("local_id").alias("local_id"), from_unix(pl.col("time"), "s").alias("sent_at"),
        pl.when(pl.col("sender") != "").then("sender").alias("sender"), _kind("type"), "text",
    )  # fmt: skip


def session_removals(database: Database) -> tuple[pl.DataFrame, list[Note]]:
    """`SessionDeleteTable`: chats taken off the list, with the time when."""
    table = read_table(
        database, "SessionDeleteTable", {"conversation": ("text", "username"), "time": ("int", "delete_time")}
    )
    frame = table.select(
        _witness_kind(WitnessKind.DELETION_TABLE), _locator(database, "SessionDeleteTable", "conversation"), "conversation",
        _either_unit("time").alias("sent_at"),
    )  # fmt: skip
    return frame, removal_notes(frame, pl.format("{} {}", pl.col("conversation").fill_null(""), pl.col("sent_at").cast(pl.String).fill_null("")))  # fmt: skip


def store_removals(database: Database) -> tuple[pl.DataFrame, list[Note]]:
    """`DeleteInfo` and `DeleteResInfo` of a message store: tables and files queued to be deleted."""
    names = names_of(database, "Name2Id")
    whole = read_table(database, "DeleteInfo", {"at": ("int", "rowid"), "chat": ("int", "chat_name_id"), "text": ("text", "delete_table_name")})  # fmt: skip
    parts = read_table(
        database, "DeleteResInfo",
        {"at": ("int", "local_id"), "chat": ("int", "session_name_id"), "time": ("int", "msg_create_time"), "local_id": ("int", "msg_local_id"), "text": ("text", "res_path")},
    )  # fmt: skip
    kind, where = _witness_kind(WitnessKind.DELETION_TABLE), named("chat", names).alias("conversation")
    frame = pl.concat(
        [
            whole.select(kind, _locator(database, "DeleteInfo", "at"), where, "text"),
            parts.select(kind, _locator(database, "DeleteResInfo", "at"), where, "local_id", from_unix(pl.col("time"), "s").alias("sent_at"), "text"),
        ],
        how="diagonal",
    )  # fmt: skip
    return frame, removal_notes(
        frame, pl.format("{} {}", pl.col("conversation").fill_null(""), pl.col("text").fill_null(""))
    )


def text_removals(database: Database) -> tuple[pl.DataFrame, list[Note]]:
    """What the full-text index was told to forget.

    The tables are `FtsDeleteInfo` and `message_fts_v3_session_delete_info`.
    """
    frames = []
    for table, names in (("FtsDeleteInfo", "ChatName2Id"), ("message_fts_v3_session_delete_info", "name2id"), ("message_fts_v4_session_delete_info", "name2id")):  # fmt: skip
        spec = {"at": ("int", "rowid"), "chat": ("int", "session_id"), "first": ("int", "start_local_id"), "local_id": ("int", "end_local_id", "max_message_id")}  # fmt: skip
        frames.append(
            read_table(database, table, spec).select(
                _witness_kind(WitnessKind.DELETION_TABLE), _locator(database, table, "at"),
                named("chat", names_of(database, names)).alias("conversation"), "local_id",
                (pl.col("local_id") - pl.col("first") + 1).alias("count"),
            )
        )  # fmt: skip
    frame = pl.concat(frames)
    return frame, removal_notes(frame, pl.col("conversation").fill_null(""))


def payments(database: Database) -> list[pl.DataFrame]:
    """Payments that outlive their cards (`transferTable`, `redEnvelopeTable`).

    A transfer names both its cards.
    """
    spec = {
        "transfer": ("text", "transfer_id"), "first": ("int", "message_server_id"), "second": ("int", "second_message_server_id"),
        "conversation": ("text", "session_name"), "sender": ("text", "pay_payer"), "receiver": ("text", "pay_receiver"),
        "begun": ("int", "begin_transfer_time"), "changed": ("int", "last_modified_time"),
    }  # fmt: skip
    transfers = read_table(database, "transferTable", spec)
    native = pl.when(pl.col("transfer") != "").then(pl.format("transfer:{}", pl.col("transfer"))).alias("native_id")
    cards = [
        transfers.filter(pl.lit(first) | ~pl.col(card).is_in([0, -1]).fill_null(value=True)).select(
            _witness_kind(WitnessKind.MONEY_TABLE), _locator(database, "transferTable", "transfer"), "conversation",
            server_id_text(card).alias("message_id"), native, pl.when(pl.col(who) != "").then(who).alias("sender"),
            from_unix(pl.col(time), "s").alias("sent_at"), pl.lit(str(Kind.TRANSFER)).alias("kind"),
        )
        for card, who, time, first in (("first", "sender", "begun", True), ("second", "receiver", "changed", False))
    ]  # fmt: skip
    packets = read_table(
        database, "redEnvelopeTable",
        {"id": ("int", "message_server_id"), "conversation": ("text", "session_name"), "sender": ("text", "sender_user_name"), "packet": ("text", "send_id"), "at": ("int", "rowid")},
    )  # fmt: skip
    red = packets.select(
        _witness_kind(WitnessKind.MONEY_TABLE), _locator(database, "redEnvelopeTable", "at"), "conversation", server_id_text("id").alias("message_id"),
        pl.when(pl.col("packet") != "").then(pl.format("packet:{}", pl.col("packet"))).alias("native_id"),
        pl.when(pl.col("sender") != "").then("sender").alias("sender"), pl.lit(str(Kind.RED_PACKET)).alias("kind"),
    )  # fmt: skip
    return [*cards, red]


def recalls(database: Database) -> list[pl.DataFrame]:
    """`revokemessage`, `revokebatchmessage`: what the owner recalled, with its words."""
    spec = {
        "conversation": ("text", "to_user_name"), "id": ("int", "svr_id"), "type": ("int", "message_type"), "text": ("text", "content"),
        "at": ("int", "rowid"),
    }  # fmt: skip
    return [
        read_table(database, table, spec).select(
            _witness_kind(WitnessKind.RECALL_NOTICE), _locator(database, table, "at"), "conversation", server_id_text("id").alias("message_id"),
            _kind("type"), pl.when((pl.col("type") == 1) | ~pl.col("text").str.contains("<", literal=True)).then("text").alias("text"),
        )
        for table in ("revokemessage", "revokebatchmessage")
        if database.has(table, "svr_id")
    ]  # fmt: skip


def removal_notes(frame: pl.DataFrame, excerpt: pl.Expr) -> list[Note]:
    """One note a row that records a deletion, at most 50; the last carries the count of the rest."""
    rows = frame.select("locator", excerpt.alias("excerpt"))
    found = [Note(NoteCode.DELETION_RECORD, at, said[:200]) for at, said in rows.head(50).iter_rows()]
    return found + ([Note(NoteCode.DELETION_RECORD, "…", "", rows.height - 50)] if rows.height > 50 else [])


def _witness_kind(witness: WitnessKind) -> pl.Expr:
    return pl.lit(str(witness)).alias("witness")


def _locator(database: Database, table: str, column: str) -> pl.Expr:
    return pl.format(
        "{}#{}/{}", pl.lit(database.label), pl.lit(table), pl.col(column).cast(pl.String).fill_null("")
    ).alias("locator")


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
    if not names:
        return pl.lit(None, dtype=pl.String)
    return pl.col(column).replace_strict(list(names), list(names.values()), default=None, return_dtype=pl.String)


def _kind(column: str) -> pl.Expr:
    """The kind of each type code; a store has few distinct codes, so each is looked up once."""
    return pl.col(column).map_batches(_kinds_of_codes, return_dtype=pl.String).alias("kind")


def _kinds_of_codes(codes: pl.Series) -> pl.Series:
    known = {c: str(kind_of(*split_local_type(c))) for c in codes.drop_nulls().unique() if c}
    if not known:
        return pl.Series(codes.name, [None], dtype=pl.String).new_from_index(0, len(codes))
    return codes.replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String)


def _either_unit(column: str) -> pl.Expr:
    # No public source states the unit of delete_time. Seconds reach 10^11 in the year 5138, so a larger number is
    # milliseconds.
    return (
        pl.when(pl.col(column) >= 10**11)
        .then(from_unix(pl.col(column), "ms"))
        .otherwise(from_unix(pl.col(column), "s"))
    )


def _text_spec(columns: tuple[str, ...]) -> Spec | None:
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
    names = names_of(database, "name2id")
    return read_table(database, name, spec).select(
        _witness_kind(WitnessKind.FULL_TEXT_INDEX), _locator(database, name, "at"), named("session_id", names).alias("conversation"),
        pl.col("message_local_id").alias("local_id"), from_unix(pl.col("sort_seq") // 1000, "s").alias("sent_at"),
        named("sender_id", names).alias("sender"), _kind("local_type"), pl.col("acontent").alias("text"),
    )  # fmt: skip
