"""wechat-decrypt JSON: `export/<display name>/message_N.db.json`, one file a database shard.

Producer: ylytdeng/wechat-decrypt export_messages.py, from WeChat 4.x. Container: JSON object with chat_username, display_name,
message_count, messages. Encoding: UTF-8. Time zone: none needed, unix seconds; a local time stands beside.
Cannot say: members; in rooms is_received is always true, and only that the owner's texts bear no account tells who he is. Two contacts of one display name overwrite each
other's folder.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.wechatdecrypt.shards import in_order_filled, info_beside, own_by_missing_prefix
from reconcile.intake.contract import Owner, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.json.columns import read_array
from reconcile.intake.json.rows import JsonArray
from reconcile.intake.messages.bodies import read_bodies
from reconcile.intake.messages.naming import distinct_where, kind_of_account
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.vocabulary import ConversationKind, LocalIdScope

_KEYS: dict[str, type[pl.DataType]] = {
    "local_id": pl.Int64, "server_id": pl.String, "type": pl.Int64, "sender_username": pl.String, "sender": pl.String,
    "create_time": pl.Int64, "time_str": pl.String, "content": pl.String, "is_received": pl.Boolean, "sort_seq": pl.Int64, "status": pl.Int64,
}  # fmt: skip


class WechatdecryptJson(FileReader, form="wechatdecrypt_json"):
    """Reader of wechat-decrypt's JSON."""

    def parts(self, source: Source, files: Sequence[Path], options: ReadOptions) -> list[Part]:
        """The shards of each chat in the order in which they were filled."""
        return in_order_filled(super().parts(source, files, options), "unix", files, source)

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One shard's rows, bodies from the stored XML."""
        name = source.relative(file)
        array = JsonArray(source, name)
        table, notes = read_array(array, _KEYS, drop=("type_name", "display_content", "is_system"))
        chat = array.rest.get("chat_username")
        if not isinstance(chat, str) or not chat:
            raise UnreadableSource(source.path, f"{file}: expected a JSON object with chat_username and messages")
        kind = ConversationKind.GROUP if array.rest.get("is_group") is True else kind_of_account(chat)
        direct = kind is ConversationKind.DIRECT
        people = _named_people(table)
        table = _body_columns(table, name, chat, direct=direct)
        read = read_bodies(table, options.limits)
        rows = read.messages.drop("base", "sub", "body_sender", strict=False)
        own = distinct_where(rows, "sender", pl.col("is_self").fill_null(value=False))
        count = array.rest.get("message_count")
        info, shown = info_beside(source, file), array.rest.get("display_name")
        return Part(
            rows=rows,
            file=name,
            conversation=chat,
            title=str(shown) if shown else None,
            conversation_kind=kind,
            stated_count=count if isinstance(count, int) else None,
            owner=Owner(id=own[0] if len(own) == 1 and own[0] != chat else None),
            peer=chat if direct else None,
            is_shown=False,
            local_id_scope=LocalIdScope.SHARD,
            contacts=[
                *people,
                {
                    "id": chat,
                    "alias": info.get("alias"),
                    "nickname": info.get("nick_name"),
                    "remark": info.get("remark"),
                },
            ],
            witness_rows=read.witnesses,
            notes=[*notes, *read.notes],
        )


def _body_columns(table: pl.DataFrame, name: str, chat: str, *, direct: bool) -> pl.DataFrame:
    """The columns that read_bodies expects."""
    body, base = pl.col("content").fill_null(""), (pl.col("type") & 0xFFFFFFFF).fill_null(0)
    # In rooms, a stored body begins with its sender's account on a separate line.
    prefix = body.str.extract(r"^([A-Za-z0-9_@-]{2,64}):\n")
    prefixed = prefix.is_not_null() & pl.lit(not direct)
    own = ~pl.col("is_received") if direct else pl.when(base != 10000).then(_own_in_room(table, prefixed))
    stated = pl.when(pl.col("sender_username") != "").then("sender_username")
    return table.select(
        pl.format("{}#{}", pl.lit(name), "line").alias("locator"),
        pl.lit(chat).alias("conversation"),
        base.alias("base"),
        (pl.col("type") // 2**32).fill_null(0).alias("sub"),
        pl.when(prefixed).then(body.str.replace(r"^[^\n]*\n", "")).otherwise(body).alias("content"),
        pl.col("create_time").alias("unix"),
        pl.col("time_str").alias("sent_raw"),
        pl.col("server_id").alias("message_id"),
        "local_id",
        (stated if direct else pl.coalesce(pl.when(prefixed).then(prefix), stated)).alias("sender"),
        pl.when(pl.col("sender") != "").then("sender").alias("sender_name"),
        own.alias("is_self"),
        pl.col("status").alias("raw_status"),
        pl.col("raw").fill_null("{}").alias("facts"),
    )


def _own_in_room(table: pl.DataFrame, prefixed: pl.Expr) -> pl.Series:
    """own_by_missing_prefix of a room's rows."""
    told = table.select("sender_username", is_text=pl.col("type") == 1, prefixed=prefixed)
    return own_by_missing_prefix(*told)


def _named_people(table: pl.DataFrame) -> list[dict[str, str | None]]:
    """Each sender's first shown name; notices are left out."""
    speech = table.select("sender_username", "sender", "type").filter(
        (pl.col("sender_username") != "") & (pl.col("sender") != "") & (pl.col("type") != 10000)
    )
    people = speech.select(pl.col("sender_username").alias("id"), pl.col("sender").alias("nickname"))
    return people.unique("id", keep="first", maintain_order=True).to_dicts()
