"""wx-cli JSON: the answer of `wx export` and `wx history`, one chat.

Producer: jackwener/wx-cli, src/daemon/query.rs (q_history). Container: a JSON object with `chat`, `username`, `is_group`,
`messages`, `meta`. Encoding: UTF-8. Time zone: unix seconds.
Cannot say: server ids; who the owner of a group's copy is; amounts, lengths and digests; a notice beyond 50 characters,
recalled words beyond 30, quoted words beyond 80.
"""

from pathlib import Path

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.wxcli.rows import Chat, stated_extent, with_bodies, with_speakers
from reconcile.intake.contract import Note, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.json.columns import read_array
from reconcile.intake.json.rows import JsonArray
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.vocabulary import Kind, LocalIdScope, NoteCode
from reconcile.wechat.kind_names import kinds_of_names
from reconcile.wechat.kinds import kind_of

COLUMNS: dict[str, type[pl.DataType]] = {
    "timestamp": pl.Int64, "time": pl.String, "sender": pl.String, "content": pl.String, "type": pl.String, "local_id": pl.String,
    "url": pl.String, "sender_username": pl.String, "sender_contact_display": pl.String, "sender_group_nickname": pl.String,
}  # fmt: skip
# The form's words for the kinds (fmt_type); one word stands for all cards.
_LABELS = {
    "文本": Kind.TEXT, "图片": Kind.IMAGE, "语音": Kind.VOICE, "名片": Kind.CARD, "视频": Kind.VIDEO, "表情": Kind.STICKER,
    "位置": Kind.LOCATION, "链接/文件": Kind.LINK, "通话": Kind.CALL, "系统": Kind.SYSTEM, "撤回": Kind.RECALL,
}  # fmt: skip


class WxcliJson(FileReader, form="wxcli_json"):
    """Reader of wx-cli's JSON."""

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat."""
        name = source.relative(file)
        array = JsonArray(source, name)
        rows, notes = read_array(array, COLUMNS)
        if not array.found:
            raise UnreadableSource(source.path, f"{file}: no messages; expected wx-cli's JSON")
        top = array.rest
        chat = Chat(str(top.get("chat") or ""), str(top.get("username") or "") or None, bool(top.get("is_group")))
        rows, more = _labelled(rows, name)
        rows = rows.rename({"content": "text", "sender": "name", "sender_username": "account"})
        rows = with_speakers(with_bodies(rows.with_columns(pl.col("text").fill_null("")), options.limits), chat)
        meta = top.get("meta")
        status = meta.get("status") if isinstance(meta, dict) else None
        said = stated_extent(rows, str(status) if status else None)
        made = rows.select(
            "line", "kind", "text", "text_quality", "quoted_text", "quoted_sender", "sender", "sender_name", "is_self", "url", "raw", "raw_body",
            pl.col("timestamp").alias("unix"),
            pl.col("time").alias("sent_raw"),
            "local_id",
            pl.when(pl.col("kind").is_in([str(Kind.OTHER), str(Kind.LINK)])).then("type").alias("raw_type"),
        )  # fmt: skip
        count = top.get("count")
        return Part(
            made, name, chat.account or chat.title, chat.title, chat.kind, stated_count=count if isinstance(count, int) else None,
            owner=chat.owner(made), peer=chat.peer, local_id_scope=LocalIdScope.CONVERSATION, contacts=_people(rows, chat),
            filters=said.filters(made.with_columns(pl.from_epoch("unix", "s").dt.replace_time_zone("UTC").alias("sent_at")), chat.account or chat.title),
            notes=[*notes, *more, *said.notes(name)],
        )  # fmt: skip


def _labelled(rows: pl.DataFrame, file: str) -> tuple[pl.DataFrame, list[Note]]:
    """The rows with `label`, the kind that their type names (null = unknown), and notes on unknown types."""
    types = [t for t in rows["type"].unique().to_list() if t is not None]
    numbered = {t: int(d) for t in types if t.startswith("type=") and (d := t[5:]).isascii() and d.isdigit()}
    known = {t: str(_LABELS[t]) for t in types if t in _LABELS} | {t: str(kind_of(n)) for t, n in numbered.items()}
    # Related tools have other words; the body decides where the word is unknown.
    label = pl.col("type").replace_strict(known, default=None, return_dtype=pl.String)
    rows = rows.with_columns(pl.coalesce(label, kinds_of_names(rows["type"])).alias("label"))
    unknown = rows.filter(pl.col("type").is_not_null() & pl.col("label").is_null())["type"].value_counts().sort("type")
    return rows, [Note(NoteCode.UNKNOWN_KIND, file, str(t), n) for t, n in unknown.iter_rows()]


def _people(rows: pl.DataFrame, chat: Chat) -> list[dict[str, str | None]]:
    """The contacts: the peer of a direct chat, or each sender of a group."""
    if not chat.is_group:
        return [{"id": chat.account, "remark": chat.title}] if chat.account else []
    named = rows.select(
        pl.col("account").alias("id"),
        pl.col("sender_contact_display").alias("remark"),
        pl.col("sender_group_nickname").alias("nickname"),
    )
    return named.drop_nulls("id").unique("id", keep="first", maintain_order=True).to_dicts()
