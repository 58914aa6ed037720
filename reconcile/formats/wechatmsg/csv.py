"""WeChatMsg 0.x/1.x CSV: `data/聊天记录/<remark>/<remark>_utf8.csv`, or messages.csv.

Producer: WeChatMsg (留痕, first generation), LC044/WeChatMsg app/util/exporter. Container: CSV in three ages: 用户名,消息内容,… until
November 2023, then localId,TalkerId,Type,SubType,IsSender,CreateTime,Status,StrContent,StrTime, from 29 December 2023 on with
Remark,NickName,Sender. Encoding: UTF-8 with mark, CRLF. Time zone: none needed, unix seconds; the exporting PC's local time stands beside.
Cannot say: server ids; the content of every app message (quotes, files, links, transfers, red packets, forwards are rows without
words); messages on the very second at which a chosen range begins or ends; the oldest age names no accounts and messages.csv
leaves out group rows without sender.
"""

from pathlib import Path

import polars as pl

from reconcile.intake.contract import Note, Owner, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.frames import notes_of
from reconcile.intake.messages.bodies import read_bodies
from reconcile.intake.messages.file_names import chat_of_file
from reconcile.intake.messages.naming import distinct_where, firsts_of, kind_of_account
from reconcile.intake.messages.parts import Part
from reconcile.intake.messages.twice_stated import AGAIN
from reconcile.intake.source import Source
from reconcile.intake.tables.csv import csv_heading, read_csv, require_heading
from reconcile.vocabulary import ConversationKind, Kind, LocalIdScope, NoteCode
from reconcile.wechat.text import own_mark

MIDDLE = ("localId", "TalkerId", "Type", "SubType", "IsSender", "CreateTime", "Status", "StrContent", "StrTime")
LATE = (*MIDDLE, "Remark", "NickName", "Sender")
OLD = ("用户名", "消息内容", "发送时间", "发送状态", "消息类型", "isSend", "msgId")
_CHOSEN = f"{AGAIN}person_NickName"
_SHOWN = pl.coalesce(*(pl.when(pl.col(c) != "").then(c) for c in ("Remark", "NickName")))
# Notices that stand in rooms alone (wechat-databases 7.1).
_OF_ROOMS = r"加入了?群聊|移出了?群聊|退出了?群聊|修改群名为|joined (?:the|this) group chat"

# Ten digits from 2001 on.
_LEAST_DIGITS = 10


class WechatmsgCsv(FileReader, form="wechatmsg_csv"):
    """Reader of WeChatMsg's CSV, all ages."""

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One file's rows."""
        require_heading(source, file, *self.headings)
        name = source.relative(file)
        if csv_heading(source, file)[0] == OLD:
            return _read_old_layout(source, file, name, options)
        table, notes = read_csv(source, file, never_empty=("Type", "CreateTime"), least=len(MIDDLE))
        title, is_whole = chat_of_file(source, file, "_utf8.csv"), file.name == "messages.csv"
        held = [_message_rows(table, name, title, whole=is_whole)]
        # A row that lost a comma has its words in this column.
        slid = table.filter(pl.col("Status").str.contains(r"\D"))
        notes += notes_of(NoteCode.ODD_VALUE, slid.select(_locator(name), "Status"), excerpt="Status")
        # Cells are freed before their bodies are read, and bodies as they become messages.
        del table
        read = read_bodies(held.pop(), options.limits)
        held, witnesses, notes = (
            [read.messages.drop("body_sender", strict=False)],
            read.witnesses,
            [*notes, *read.notes],
        )
        del read
        part = _file_part(held.pop(), title, name, notes, whole=is_whole)
        part.witness_rows = witnesses
        return part


def _locator(name: str) -> pl.Expr:
    return pl.format("{}#{}", pl.lit(name), "line").alias("locator")


def _message_rows(table: pl.DataFrame, name: str, title: str, *, whole: bool) -> pl.DataFrame:
    """The columns that read_bodies expects; whole marks the table of all conversations."""
    late = "Sender" in table.columns
    shown = _SHOWN if late else pl.lit(None, dtype=pl.String)
    by_sender = whole and late and _names_senders(table)
    chat = _chat_of_senders() if by_sender else shown
    return table.select(
        "line",
        _locator(name),
        (pl.coalesce(chat, pl.format("TalkerId {}", "TalkerId")) if whole else pl.lit(title)).alias("conversation"),
        pl.col("Type").cast(pl.Int64, strict=False).alias("base"),
        pl.col("SubType").cast(pl.Int64, strict=False).alias("sub"),
        pl.col("StrContent").alias("content"),
        pl.when(~_cut_short()).then(pl.col("CreateTime").cast(pl.Int64, strict=False)).alias("unix"),
        pl.col("StrTime").alias("sent_raw"),
        pl.col("localId").cast(pl.Int64, strict=False).alias("local_id"),
        own_mark(pl.col("IsSender")).alias("is_self"),
        (pl.when(pl.col("Sender") != "").then("Sender") if late else pl.lit(None, dtype=pl.String)).alias("sender"),
        (pl.lit(None, dtype=pl.String) if whole and not by_sender else shown).alias("sender_name"),
        *(pl.when(pl.col(c) != "").then(c).alias(f"{AGAIN}person_{c}") for c in LATE[-3:] if late),
    )


def _names_senders(table: pl.DataFrame) -> bool:
    """Whether the names beside the rows of a whole account are those of senders, and not of chats.

    Then all own rows bear one name, and other rows of the same chat bear others.
    """
    names = (
        table.select("TalkerId", own_mark(pl.col("IsSender")).alias("own"), _SHOWN.alias("name")).drop_nulls().unique()
    )
    own = names.filter("own")
    beside = names.join(own, on="TalkerId", how="semi").filter(
        ~pl.col("own") & ~pl.col("name").is_in(own["name"].implode())
    )
    return own["name"].n_unique() == 1 and not beside.is_empty()


def _chat_of_senders() -> pl.Expr:
    """The chat's name in each row: that of its only other sender.

    Null where a chat has several other senders, or two chats have senders of one name.
    """
    others = pl.when(~own_mark(pl.col("IsSender"))).then(_SHOWN)
    name = others.drop_nulls().first().over("TalkerId")
    is_one = others.drop_nulls().n_unique().over("TalkerId") == 1
    chats = pl.when(is_one).then("TalkerId").n_unique().over(name)
    return pl.when(is_one & (chats == 1)).then(name)


def _cut_short() -> pl.Expr:
    """Whether a row ends within its time, so that the last digits and all cells behind are lost."""
    return (pl.col("StrTime") == "") & (pl.col("CreateTime").str.len_bytes() < _LEAST_DIGITS)


def _file_part(rows: pl.DataFrame, title: str, name: str, notes: list[Note], *, whole: bool) -> Part:
    """One file's messages as a part; owner, peer and kind of conversation follow from the senders."""
    is_speech = ~pl.col("kind").is_in(["system", "recall"])
    others = distinct_where(rows, "sender", ~pl.col("is_self"), in_order=True)
    said = distinct_where(rows, "sender", is_speech & pl.col("is_self"), in_order=True)
    own = [s for s in said if s not in others and s != "我"]
    owner = Owner(id=own[0] if len(own) == 1 else None)
    part = Part(rows=rows, file=name, is_shown=False, owner=owner, notes=notes, local_id_scope=LocalIdScope.SHARD)
    if whole:
        part.rows = rows.with_columns(
            pl.when(pl.col("is_self")).then(None).otherwise(pl.coalesce("sender", "conversation")).alias("sender")
        )
        return part
    part.title, part.conversation = title, title
    heard = distinct_where(rows, "sender", is_speech & ~pl.col("is_self"))
    if not others and not own:
        # Columns without senders do not show whether a chat is a group, but the client's notices may.
        of_room = rows.filter((pl.col("kind") == str(Kind.SYSTEM)) & pl.col("text").str.contains(_OF_ROOMS))
        part.conversation_kind = None if of_room.is_empty() else ConversationKind.GROUP
        return part
    if len(others) <= 1:
        part.conversation_kind = ConversationKind.DIRECT
        part.peer = others[0] if others else title
        part.conversation = part.peer
        mine, theirs = pl.lit(owner.id, dtype=pl.String), pl.lit(part.peer)
        told = pl.when(pl.col("is_self")).then(mine).when(~pl.col("is_self")).then(theirs).otherwise("sender")
        part.rows = rows.with_columns(told.alias("sender"), pl.lit(part.conversation).alias("conversation"))
    elif heard:
        part.conversation_kind = ConversationKind.GROUP
    part.contacts = _named_contacts(part.rows)
    return part


def _named_contacts(rows: pl.DataFrame) -> list[dict[str, str | None]]:
    """Each sender's first shown name, and the first name that the sender chose; notices are left out."""
    speech = (
        ~pl.col("kind").is_in(["system", "recall"])
        & pl.col("sender").is_not_null()
        & pl.col("sender_name").is_not_null()
    )
    chosen = pl.col(_CHOSEN) if _CHOSEN in rows.columns else pl.lit(None, dtype=pl.String)
    people = rows.filter(speech).select(id="sender", remark="sender_name", nickname=chosen)
    return firsts_of(people, "id").to_dicts()


def _read_old_layout(source: Source, file: Path, name: str, options: ReadOptions) -> Part:
    """The part of a CSV of the first versions, whose columns have Chinese names."""
    table, notes = read_csv(source, file, never_empty=("发送时间",))
    title = chat_of_file(source, file, "_utf8.csv")
    own = pl.col("isSend") == "1"
    digits = pl.col("发送时间").str.contains(r"^[0-9]{9,13}$")
    code = pl.col("消息类型").cast(pl.Int64, strict=False)
    rows = table.select(
        pl.format("{}#{}", pl.lit(name), "line").alias("locator"),
        pl.lit(title).alias("conversation"),
        code.alias("base"),
        pl.lit(0, dtype=pl.Int64).alias("sub"),
        pl.col("消息内容").alias("content"),
        pl.col("发送时间").alias("sent_raw"),
        own.alias("is_self"),
        pl.when(pl.col("用户名") != "").then("用户名").alias("sender"),
        pl.when(pl.col("用户名") != "").then("用户名").alias("sender_name"),
        pl.col("msgId").cast(pl.Int64, strict=False).alias("local_id"),
        pl.col("发送状态").alias("raw_status"),
    )
    if table.filter(digits).height:
        # This version wrote the store's own number where there were no words; its unit is uncertain.
        notes.append(Note(NoteCode.ODD_VALUE, name, "发送时间", table.filter(digits).height))
    is_room = False
    # Some builds wrote the chat instead of the sender; then own rows show it, too.
    if len(named := rows["sender"].drop_nulls().unique().to_list()) == 1 and rows["is_self"].n_unique() == 2:
        is_room = kind_of_account(named[0]) is ConversationKind.GROUP
        told = pl.when(~pl.col("is_self") & pl.lit(not is_room))
        rows = rows.with_columns(told.then(c).alias(c) for c in ("sender", "sender_name"))
    read = read_bodies(rows, options.limits)
    names = distinct_where(read.messages, "sender", ~pl.col("is_self"), in_order=True)
    part = Part(
        rows=read.messages.drop("body_sender", strict=False),
        file=name,
        conversation=title,
        title=title,
        conversation_kind=ConversationKind.GROUP if is_room else (ConversationKind.DIRECT if len(names) == 1 else None),
        peer=names[0] if len(names) == 1 else None,
        is_shown=False,
        local_id_scope=LocalIdScope.SHARD,
        notes=[*notes, *read.notes],
    )
    part.witness_rows = read.witnesses
    return part
