"""A merged forward (合并转发) taken out of a chat: its `recordinfo` XML, alone or inside its message.

Producer: WeChat on any platform. Container: XML of `recordinfo/datalist/dataitem`, or `msg/appmsg` with a `recorditem`.
Encoding: UTF-8. Time zone: unix seconds where srcMsgCreateTime stands; else the forwarder's own time text, to the minute.
Cannot say: who the owner is, the conversation unless srcChatname tells it, whatever was not forwarded; notices, voices and payments,
which cannot be forwarded.
"""

from pathlib import Path
from typing import Any

import polars as pl

from reconcile.errors import LimitExceeded, UnreadableSource
from reconcile.intake.contract import SELECTION, Note, ReadOptions, remarks
from reconcile.intake.file_reader import FileReader
from reconcile.intake.messages.naming import is_account, kind_of_account
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.intake.text.decode import decode, head_text
from reconcile.vocabulary import Kind, NoteCode
from reconcile.wechat.clock import from_unix
from reconcile.wechat.clock_forms import times_of_forms
from reconcile.wechat.payload.forward import MAX_ITEMS, read_items, record_of
from reconcile.wechat.payload.types import Mention
from reconcile.wechat.text import whole_number
from reconcile.wechat.xml_tree import MAX_XML_CHARACTERS, Tree, parse_xml

_ROW: dict[str, type[pl.DataType]] = {
    "line": pl.UInt32, "kind": pl.String, "text": pl.String, "sender": pl.String, "sender_name": pl.String, "unix": pl.Int64, "sent_raw": pl.String,
    "message_id": pl.String, "native_id": pl.String, "conversation": pl.String, "file_name": pl.String,
}  # fmt: skip


class WechatForwardXml(FileReader, form="wechat_forward_xml"):
    """Reader of merged forwards."""

    declared = (SELECTION,)

    def is_mine(self, source: Source, file: Path) -> bool:
        """Whether XML begins there that names recordinfo and dataitem, plainly or escaped."""
        text = head_text(source, file)
        return text.lstrip("\ufeff \r\n\t").startswith("<") and "recordinfo" in text and "dataitem" in text

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One forward."""
        name = source.relative(file)
        if file.stat().st_size > 4 * MAX_XML_CHARACTERS:
            raise LimitExceeded(source.path, f"{file}: a forward of more than {4 * MAX_XML_CHARACTERS:,} bytes")
        text, notes = decode(source, name, file.read_bytes())
        tree = parse_xml(text)
        record = _find_record(tree) if tree else None
        if tree is None or record is None:
            raise UnreadableSource(
                source.path, f"{file}: no recordinfo that can be read; the XML is broken or cut short"
            )
        items, is_broken = read_items(record)
        if tree.is_broken or is_broken:
            notes.append(Note(NoteCode.BROKEN_BODY, name, "not well-formed; read as far as it goes", said=True))
        notes += _check_count(record, items, name)
        title = record.text("title") or None
        rows = pl.DataFrame([_item_row(i, m) for i, m in enumerate(items, 1)], schema=_ROW, orient="row")
        wordless = rows.filter((pl.col("kind") == str(Kind.TEXT)) & (pl.col("text") == ""))
        notes += [Note(NoteCode.BROKEN_BODY, f"{name}#{n}") for n in wordless["line"]]
        rows = _with_times(rows, options.timezone)
        chats = [c for c in rows["conversation"].unique().to_list() if c and is_account(c)]
        key = chats[0] if len(chats) == 1 else (title or "")
        people = {m.sender: m.sender_name for m in items if m.sender and m.sender_name}
        return Part(
            rows=rows.with_columns(
                pl.coalesce(pl.when(pl.col("conversation") != "").then("conversation"), pl.lit(key)).alias(
                    "conversation"
                )
            ),
            file=name,
            conversation=key,
            title=title,
            conversation_kind=kind_of_account(key) if chats else None,
            has_seconds=False,
            is_shown=False,
            contacts=[{"id": i, "nickname": n} for i, n in people.items()],
            notes=notes,
        )


def _find_record(tree: Tree) -> Tree | None:
    """The recordinfo of a forward, wherever the XML wraps it."""
    if tree.tag == "recordinfo":
        return tree
    holder = tree.at(".//appmsg") or tree.at(".//dataitem") or tree
    return record_of(holder) or tree.at(".//recordinfo")


def _check_count(record: Tree, items: list[Mention], name: str) -> list[Note]:
    """Notes where the stated number of items is not the number held, or the limit was reached."""
    listed = record.at("datalist")
    stated = listed.attr("count") if listed else ""
    held = len(record.all("datalist/dataitem"))
    notes = []
    count = whole_number(stated)
    if count not in (None, held):
        notes += remarks(NoteCode.COUNT_MISMATCH, name, f"datalist count {stated} / {held}", abs((count or 0) - held))
    if held > MAX_ITEMS or len(items) >= MAX_ITEMS:
        notes += remarks(NoteCode.LIMIT_REACHED, name, f"more than {MAX_ITEMS:,} items", max(held - len(items), 1))
    return notes


def _item_row(line: int, item: Mention) -> dict[str, Any]:
    """One item of the forward as a row; a Unix time beyond reason is left out."""
    kind = item.kind or Kind.OTHER
    return {
        "line": line, "kind": str(kind), "text": item.text or "", "sender": item.sender or item.sender_name, "sender_name": item.sender_name,
        "unix": item.sent_at if item.sent_at is not None and item.sent_at < 2**40 else None, "sent_raw": item.time_text, "message_id": item.message_id,
        "native_id": item.native_id, "conversation": item.conversation or "", "file_name": item.text if kind is Kind.FILE else None,
    }  # fmt: skip


def _with_times(rows: pl.DataFrame, timezone: str | None) -> pl.DataFrame:
    """Add the time in Unix seconds, or else the shown time read in the time zone."""
    shown = times_of_forms(rows["sent_raw"], timezone)
    exact = pl.col("unix").is_not_null()
    both = pl.concat([rows, shown], how="horizontal")
    return both.with_columns(
        pl.coalesce(from_unix(pl.col("unix"), "s"), "sent_at").alias("sent_at"),
        pl.when(exact).then(pl.lit("second")).otherwise("time_precision").alias("time_precision"),
        pl.when(exact).then(pl.lit("unix")).otherwise("zone_source").alias("zone_source"),
    ).drop("unix")
