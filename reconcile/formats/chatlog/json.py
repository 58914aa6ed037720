"""chatlog JSON: the saved answer of /api/v1/chatlog?format=json, or the body that its webhook posts.

Producer: chatlog (sjzar/chatlog), internal/model/message.go. Container: a JSON array of messages, or an object with
`messages`. Encoding: UTF-8. Time zone: the offset in each time, to the second.
Cannot say: server ids (of voices only); the quoted message's id; the words of a recall notice, which older versions write
as an empty system row; the title of cards, calls, stickers and red packets; who the owner is for certain: isSelf is a guess
on WeChat 4, and in direct chats the sender decides.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.chatlog.rows import SYSTEM_SENDER, without_host
from reconcile.formats.shared.session_json import unix_instant
from reconcile.intake.contract import Note, Owner, ReadOptions, remarks
from reconcile.intake.file_reader import FileReader
from reconcile.intake.frames import notes_of
from reconcile.intake.json.columns import columns_of
from reconcile.intake.json.rows import JsonArray
from reconcile.intake.json.shape import json_shape
from reconcile.intake.json.values import object_of, text_or_none
from reconcile.intake.memory import concat_and_release
from reconcile.intake.messages.naming import by_conversation, distinct_where
from reconcile.intake.messages.parts import Part
from reconcile.intake.messages.twice_stated import AGAIN
from reconcile.intake.source import Source
from reconcile.vocabulary import ConversationKind, Kind, NoteCode, WitnessKind
from reconcile.wechat.client_sentences import told_notice
from reconcile.wechat.clock import ASSUMED_ZONE, parse_times
from reconcile.wechat.kinds import APP_BASE, is_named, kind_of
from reconcile.wechat.payload.forward import ITEM_KINDS, MAX_ITEMS
from reconcile.wechat.shown_bodies import shown_columns

COLUMNS: dict[str, type[pl.DataType]] = {
    "seq": pl.Int64, "time": pl.String, "talker": pl.String, "talkerName": pl.String, "isChatRoom": pl.Boolean, "sender": pl.String,
    "senderName": pl.String, "isSelf": pl.Boolean, "type": pl.Int64, "subType": pl.Int64, "content": pl.String,
}  # fmt: skip
# Fields of `contents` that become columns; all others stay in raw.
_CONTENTS = {"md5": "media_hash", "title": "title", "url": "url", "voice": "voice", "label": "place", "desc": "desc"}
_PARTS = [*_CONTENTS.values(), "quoted_text", "contents"]


class ChatlogJson(FileReader, form="chatlog_json"):
    """Reader of chatlog's JSON."""

    def chats(self, source: Source, file: Path, options: ReadOptions) -> list[Part]:
        """The talkers of one saved answer."""
        name = source.relative(file)
        array = JsonArray(source, name, None if json_shape(source.head(file)).root == "array" else "messages")
        frames, held = [], []
        for rows in array.pieces():
            held += [
                _contents_row(array.taken - len(rows) + i, c)
                for i, r in enumerate(rows)
                if (c := _kept_fields(r.get("contents")))
            ]
            frames.append(columns_of(rows, COLUMNS, drop=("contents", "mediaMsg", "sysMsg")))
        if not array.found or not frames:
            raise UnreadableSource(source.path, f"{file}: no messages; expected chatlog's JSON answer")
        table = concat_and_release(frames).with_row_index("line", offset=1)
        witnesses: list[dict[str, Any]] = []
        made, notes = _message_columns(table, held, name, witnesses)
        notes += remarks(NoteCode.ROW_SKIPPED, name, "members that are no object", array.odd_members)
        return _parts_of_chats(Part(made, name, is_shown=False, witnesses=witnesses, notes=notes))


def _kept_fields(contents: Any) -> dict[str, Any] | None:
    """Fields of the contents that have a value, without the exporter's host; null if none."""
    if not isinstance(contents, dict):
        return None
    kept = {k: v for k, v in contents.items() if k != "host" and v not in (None, "")}
    return kept or None


def _contents_row(line: int, contents: dict[str, Any]) -> dict[str, Any]:
    """Line, contents and the text of each known field of one message's contents."""
    row: dict[str, Any] = {"line": line + 1, "contents": contents}
    for key, column in _CONTENTS.items():
        value = contents.get(key)
        row[column] = value if isinstance(value, str) else (str(value) if isinstance(value, int) else None)
    row["quoted_text"] = text_or_none(object_of(contents.get("refer")).get("content"))
    return row


def _message_columns(
    table: pl.DataFrame, held: list[dict[str, Any]], name: str, witnesses: list[dict[str, Any]]
) -> tuple[pl.DataFrame, list[Note]]:
    """Messages in the columns of a part; quotes and forwarded items are added to witnesses."""
    codes = table.select("type", "subType").unique().rows()
    kinds = pl.DataFrame(
        [(t, s, str(kind_of(t or 0, s or 0))) for t, s in codes],
        schema={"type": pl.Int64, "subType": pl.Int64, "kind": pl.String},
        orient="row",
    )
    table = table.join(kinds, on=["type", "subType"], how="left", nulls_equal=True, maintain_order="left")
    table = table.with_columns(pl.format("{}#{}", pl.lit(name), pl.col("line")).alias("locator"))
    notes = _notes_on_unknown_kinds(table, name)
    witnesses += _mentions(held, table)
    for row in held:
        row["contents"] = orjson.dumps(row["contents"]).decode()
    told = pl.DataFrame(held, schema={"line": pl.UInt32, **dict.fromkeys(_PARTS, pl.String)}, orient="row")
    table = table.join(told, on="line", how="left", maintain_order="left")
    table = table.with_columns(
        told_notice(pl.col("kind"), pl.col("content").fill_null("")).alias("kind"),
        pl.coalesce(pl.when(pl.col("content") != "").then("content"), "title", "place", pl.lit("")).alias("text"),
    )
    times = parse_times(table["time"], ASSUMED_ZONE)
    table = pl.concat([table, times], how="horizontal")
    notes += notes_of(NoteCode.BAD_TIME, table.filter(pl.col("sent_at").is_null()), excerpt="time")
    made = table.select(
        "line", "locator", "kind", "media_hash", "url", "quoted_text", "sent_at", "time_precision", "zone_source",
        without_host(pl.col("text")).alias("text"),
        pl.col("talker").fill_null("").alias("conversation"),
        pl.when(pl.col("isChatRoom")).then(pl.lit("group")).otherwise(pl.lit("direct")).alias("conversation_kind"),
        pl.col("time").alias("sent_raw"),
        # The unix second followed by three digits; 0 in versions without it.
        pl.when(pl.col("seq") > 0).then("seq").alias(f"{AGAIN}time"),
        pl.when(pl.col("sender") != SYSTEM_SENDER).then("sender").alias("sender"),
        pl.when(pl.col("senderName") != "").then("senderName").alias("sender_name"),
        pl.col("isSelf").alias("is_self"),
        pl.when(pl.col("kind") == str(Kind.VOICE)).then("voice").alias("message_id"),
        pl.when(pl.col("kind") == str(Kind.FILE)).then("title").alias("file_name"),
        pl.col("talkerName"),
        _with_app_type(pl.coalesce("raw", "contents")).alias("raw"),
    )  # fmt: skip
    return _with_transfers(made), notes


def _with_app_type(raw: pl.Expr) -> pl.Expr:
    """The raw object, which begins with the sort of a card, as other producers name it."""
    is_card = (pl.col("type") == APP_BASE) & (pl.col("subType") > 0) & raw.str.starts_with('{"')
    named = pl.concat_str(pl.lit('{"app_type":'), pl.col("subType"), pl.lit(","), raw.str.slice(1))
    return pl.when(is_card).then(named).otherwise(raw)


def _with_transfers(rows: pl.DataFrame) -> pl.DataFrame:
    """Add amount and payment_state, read from the shown words."""
    found = shown_columns(
        rows.select("text", "kind").with_columns(
            pl.when(pl.col("kind") == str(Kind.TRANSFER)).then("kind").otherwise(pl.lit("text")).alias("kind")
        )
    )
    return rows.with_columns(found["amount"], found["payment_state"])


def _notes_on_unknown_kinds(table: pl.DataFrame, name: str) -> list[Note]:
    odd = table.filter(pl.col("kind") == str(Kind.OTHER)).group_by("type", "subType").len().sort("type", "subType")
    return [
        Note(NoteCode.UNKNOWN_KIND, name, f"{t}/{s}", n) for t, s, n in odd.iter_rows() if not is_named(t or 0, s or 0)
    ]


def _mentions(held: list[dict[str, Any]], table: pl.DataFrame) -> list[dict[str, Any]]:
    """What quotes and merged forwards say of other messages."""
    found: list[dict[str, Any]] = []
    locators, talkers = (table[c].gather([r["line"] - 1 for r in held]).to_list() for c in ("locator", "talker"))
    for row, locator, talker in zip(held, locators, talkers, strict=True):
        refer, record = row["contents"].get("refer"), row["contents"].get("recordInfo")
        if isinstance(refer, dict):
            found.append(_quote_witness(refer) | {"locator": locator, "conversation": talker})
        listed = record.get("DataList") if isinstance(record, dict) else None
        items = listed.get("DataItems") if isinstance(listed, dict) else None
        if isinstance(items, list):
            found += [_forward_witness(i) | {"locator": locator} for i in items[:MAX_ITEMS] if isinstance(i, dict)]
    times = parse_times(pl.Series([w.get("time") for w in found], dtype=pl.String), ASSUMED_ZONE)["sent_at"].to_list()
    return [{**w, "sent_at": w.get("sent_at") or t} for w, t in zip(found, times, strict=True)]


def _quote_witness(refer: dict[str, Any]) -> dict[str, Any]:
    code, sub = refer.get("type"), refer.get("subType")
    kind = kind_of(code, sub if isinstance(sub, int) else 0) if isinstance(code, int) else None
    return {
        "witness": str(WitnessKind.QUOTE), "time": text_or_none(refer.get("time")), "sender": text_or_none(refer.get("sender")) or text_or_none(refer.get("senderName")),
        "text": text_or_none(refer.get("content")), "kind": None if kind is None else str(kind),
    }  # fmt: skip


def _forward_witness(item: dict[str, Any]) -> dict[str, Any]:
    stamp = text_or_none(item.get("SrcMsgCreateTime")) or ""
    return {
        "witness": str(WitnessKind.FORWARD_ITEM), "message_id": text_or_none(item.get("FromNewMsgID")), "sender": text_or_none(item.get("SourceName")),
        "text": text_or_none(item.get("DataDesc")) or text_or_none(item.get("DataTitle")), "kind": str(ITEM_KINDS.get(str(item.get("DataType")), Kind.OTHER)),
        "sent_at": unix_instant(int(stamp)) if stamp.isascii() and stamp.isdigit() and len(stamp) < 12 else None,
    }  # fmt: skip


def _parts_of_chats(part: Part) -> list[Part]:
    """One part for each chat; notes and witnesses go to the first."""
    if part.rows.is_empty():
        return [replace(part, rows=part.rows.drop("talkerName"))]
    parts: list[Part] = []
    for talker, said in by_conversation(part.rows):
        is_group = said["conversation_kind"][0] == "group"
        notes: list[Note] = []
        rows, owner = _with_own_rows(said.drop("talkerName"), talker, notes, part.file, is_group=is_group)
        title = next((n for n in said["talkerName"].unique(maintain_order=True) if n), None)
        parts.append(Part(
            rows, part.file, talker, title, ConversationKind.GROUP if is_group else ConversationKind.DIRECT, owner=Owner(id=owner),
            peer=None if is_group else talker, is_shown=False, contacts=_named_contacts(rows), notes=notes,
        ))  # fmt: skip
    parts[0].notes += part.notes
    parts[0].witnesses += part.witnesses
    return parts


def _with_own_rows(
    rows: pl.DataFrame, talker: str, notes: list[Note], name: str, *, is_group: bool
) -> tuple[pl.DataFrame, str | None]:
    """Rows with is_self, and the owner's account.

    In a direct chat the sender decides; isSelf counts only in groups and without a sender.
    """
    if not is_group:
        told = pl.when(pl.col("sender").is_not_null() & (pl.col("sender") != "")).then(pl.col("sender") != talker)
        against = rows.filter((told != pl.col("is_self")).fill_null(value=False)).height
        notes += remarks(NoteCode.ODD_VALUE, name, "isSelf against sender", against)
        rows = rows.with_columns(pl.coalesce(told, "is_self").alias("is_self"))
    own = distinct_where(rows, "sender", pl.col("is_self"))
    return rows, own[0] if len(own) == 1 else None


def _named_contacts(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Each sender's first shown name."""
    named = rows.select(pl.col("sender").alias("id"), pl.col("sender_name").alias("remark")).drop_nulls()
    return named.unique("id", keep="first", maintain_order=True).to_dicts()
