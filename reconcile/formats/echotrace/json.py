"""EchoTrace JSON: `{name}_聊天记录_{ms}.json`, one file a chat.

Producer: EchoTrace (ycccccccy/echotrace), lib/services/chat_export_service.dart. Container: a JSON object with `session`,
`messages`, `exportTime`. Encoding: UTF-8. Time zone: unix seconds, with the exporting PC's local time beside them.
Cannot say: server ids; the quoted part of a quote; titles of merged forwards and music; a leading `10:` of plain text, which
it strips together with the blank that follows.
"""

from pathlib import Path

import polars as pl

from reconcile.formats.shared.session_json import kinds_by_type, session_part
from reconcile.intake.contract import Note, ReadOptions
from reconcile.intake.file_reader import FileReader
from reconcile.intake.json.columns import read_array
from reconcile.intake.json.rows import JsonArray
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.vocabulary import Kind
from reconcile.wechat.clock import ASSUMED_ZONE, parse_times

COLUMNS: dict[str, type[pl.DataType]] = {
    "localId": pl.Int64, "createTime": pl.Int64, "formattedTime": pl.String, "type": pl.String, "localType": pl.Int64,
    "content": pl.String, "isSend": pl.Int64, "senderUsername": pl.String, "senderDisplayName": pl.String, "source": pl.String,
    "emojiMd5": pl.String,
}  # fmt: skip


class EchotraceJson(FileReader, form="echotrace_json"):
    """Reader of EchoTrace's JSON."""

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat."""
        name = source.relative(file)
        array = JsonArray(source, name)
        rows, notes = read_array(array, COLUMNS, drop=("senderAvatarKey",))
        session = array.rest.get("session")
        made, more = _message_columns(rows, name)
        part = session_part(made, name, session if isinstance(session, dict) else {}, [*notes, *more])
        exported = parse_times(pl.Series([str(array.rest.get("exportTime") or "")]), options.timezone or ASSUMED_ZONE)
        part.exported_at = exported["sent_at"][0]
        return part


def _message_columns(rows: pl.DataFrame, name: str) -> tuple[pl.DataFrame, list[Note]]:
    """Rows in the columns of a part, and notes on unknown kinds."""
    rows, notes = kinds_by_type(rows, "localType", "type", name)
    made = rows.select(
        "line",
        "kind",
        pl.col("content").fill_null("").alias("text"),
        pl.col("senderUsername").alias("sender"),
        pl.col("senderDisplayName").alias("sender_name"),
        (pl.col("isSend") == 1).alias("is_self"),
        pl.col("createTime").alias("unix"),
        pl.col("formattedTime").alias("sent_raw"),
        pl.col("localId").alias("local_id"),
        pl.when(pl.col("kind").is_in([str(Kind.OTHER), str(Kind.LINK)])).then("localType").alias("raw_type"),
        pl.when(pl.col("source") != "").then("source").alias("raw_source"),
        pl.when(pl.col("kind") == str(Kind.STICKER)).then(pl.col("emojiMd5").str.to_lowercase()).alias("media_hash"),
        "raw",
    )
    return made, notes
