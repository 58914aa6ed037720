"""CipherTalk detailed JSON: one file a chat, with the untouched body beside the shown text.

Producer: CipherTalk (ILoveBingLu/CipherTalk), electron/services/exportService.ts. Container: a JSON object with `exportInfo`
(generator CipherTalk), `session`, `messages`. Encoding: UTF-8. Time zone: unix seconds, local time beside them.
Cannot say: exact server ids, which pass through a JavaScript number (rounded) or are the local id where there is none; the
amount of a red packet; where `rawContent` lacks, the quoted part of a quote and a leading `10:` of plain text.
"""

from dataclasses import replace
from pathlib import Path

import polars as pl

from reconcile.formats.shared.lost_prefix import stripped_notes
from reconcile.formats.shared.session_json import kinds_by_type, session_part, unix_instant
from reconcile.intake.contract import Note, Reading, ReadOptions, remarks
from reconcile.intake.file_reader import FileReader
from reconcile.intake.json.columns import read_array
from reconcile.intake.json.rows import JsonArray
from reconcile.intake.json.values import object_of
from reconcile.intake.messages.bodies import GIVEN, read_bodies
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.vocabulary import Kind, NoteCode, TextQuality
from reconcile.wechat.kinds import BARE_MARK, SYSTEM_KINDS, WORD_KINDS
from reconcile.wechat.shown_bodies import shown_columns

COLUMNS: dict[str, type[pl.DataType]] = {
    "localId": pl.Int64, "platformMessageId": pl.String, "createTime": pl.Int64, "formattedTime": pl.String, "type": pl.String,
    "localType": pl.Int64, "content": pl.String, "rawContent": pl.String, "isSend": pl.Int64, "senderUsername": pl.String,
    "senderDisplayName": pl.String, "groupNickname": pl.String, "replyToMessageId": pl.String,
}  # fmt: skip
_WORDS = [str(k) for k in (*WORD_KINDS, *SYSTEM_KINDS)]


class CiphertalkJson(FileReader, form="ciphertalk_json"):
    """Reader of CipherTalk's detailed JSON."""

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One chat."""
        name = source.relative(file)
        array = JsonArray(source, name)
        rows, notes = read_array(array, COLUMNS, drop=("senderAvatar", "chatLabType", "source"))
        info, session = (object_of(array.rest.get(k)) for k in ("exportInfo", "session"))
        rows, more = kinds_by_type(rows, "localType", "type", name)
        rows, local = _without_local_ids(rows, name)
        made, witnesses, body_notes = _with_opened_bodies(rows, name, str(session.get("wxid") or ""), options)
        owner = session.get("ownerId")
        part = session_part(
            made, name, session, [*notes, *more, *local, *body_notes], owner=str(owner) if owner else None
        )
        part.witness_rows = witnesses
        part.is_shown = False
        part.tool_version = str(info["version"]) if info.get("version") else None
        part.exported_at = unix_instant(info.get("exportedAt"))
        return part

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """All chats as one export; where every text came from rawContent no prefix is lost."""
        reading = super().read(source, options)
        stripped = (reading.messages["text_quality"] == str(TextQuality.STRIPPED)).any()
        return replace(reading, facts=replace(reading.facts, limits=replace(self.limits, strips_prefix=bool(stripped))))


def _without_local_ids(rows: pl.DataFrame, name: str) -> tuple[pl.DataFrame, list[Note]]:
    """Clear message ids that are really local ids, which would pair unrelated messages; with notes."""
    local = (pl.col("platformMessageId") == pl.col("localId").cast(pl.String)).fill_null(value=False)
    count = rows.filter(local).height
    rows = rows.with_columns(pl.when(~local).then("platformMessageId").alias("message_id"))
    return rows, remarks(NoteCode.ID_ODD, name, "local id in place of a server id", count)


def _with_opened_bodies(
    rows: pl.DataFrame, name: str, conversation: str, options: ReadOptions
) -> tuple[pl.DataFrame, pl.DataFrame, list[Note]]:
    """Rows with what their stored bodies say, the witnesses found in them, and notes."""
    # An element without anything in it states nothing.
    raw = pl.col("rawContent").fill_null("").str.replace(r"^\s*<[a-z]+\s*/>\s*$", "")
    prefix = pl.concat_str(pl.col("senderUsername").fill_null(""), pl.lit(":\n"))
    rows = rows.with_columns(
        pl.when(raw.str.starts_with(prefix)).then(raw.str.strip_prefix(prefix)).otherwise(raw).alias("rawContent")
    )
    rows = _message_columns(rows, name, conversation)
    is_text, has_raw = pl.col("kind") == str(Kind.TEXT), pl.col("rawContent") != ""
    texts = rows.filter(is_text).with_columns(
        pl.when(has_raw).then("rawContent").otherwise("content").alias("text"),
        pl.when(~has_raw).then(pl.lit(str(TextQuality.STRIPPED))).alias("text_quality"),
    )
    notes = stripped_notes(texts, name)
    shown = rows.filter(~is_text & ~has_raw)
    shown = shown_columns(shown.with_columns(pl.col("content").alias("text"))).drop(
        "title", "quoted_sender", "quoted_at"
    )
    is_bare = pl.col("shown_content").str.contains(BARE_MARK)
    bodies = read_bodies(_body_columns(rows.filter(~is_text & has_raw)), options.limits)
    opened = bodies.messages.with_columns(
        # For kinds with words the body counts, for all others the line that the export shows, if it says more than the kind.
        pl.when(pl.col("kind").is_in(_WORDS) | (is_bare & (pl.col("text") != "")))
        .then("text")
        .otherwise("shown_content")
        .alias("text"),
    )
    made = pl.concat([f for f in (texts, shown, opened) if f.height], how="diagonal_relaxed") if rows.height else texts
    quality = pl.col("text_quality") if "text_quality" in made.columns else pl.lit(None, dtype=pl.String)
    words = pl.col("kind").is_in(_WORDS)
    made = made.sort("line").with_columns(
        pl.when(~words)
        .then(pl.coalesce(quality, pl.lit(str(TextQuality.SHOWN))))
        .otherwise(quality)
        .alias("text_quality"),
    )
    drop = (
        "content",
        "rawContent",
        "shown_content",
        "body_sender",
        "base",
        "sub",
        "_line",
        "isSend",
        "localType",
        "type",
        "formattedTime",
    )
    return made.drop(*drop, "platformMessageId", strict=False), bodies.witnesses, [*notes, *bodies.notes]


def _message_columns(rows: pl.DataFrame, name: str, conversation: str) -> pl.DataFrame:
    """Rows under the names of a part's columns, with locator and conversation."""
    return rows.select(
        "line", "kind", "rawContent", "message_id",
        pl.col("content").fill_null(""),
        pl.col("localType").fill_null(0),
        pl.col("senderUsername").alias("sender"),
        pl.coalesce(pl.when(pl.col("groupNickname") != "").then("groupNickname"), "senderDisplayName").alias("sender_name"),
        (pl.col("isSend") == 1).alias("is_self"),
        pl.col("createTime").alias("unix"),
        pl.col("formattedTime").alias("sent_raw"),
        pl.col("localId").alias("local_id"),
        pl.when(~pl.col("replyToMessageId").is_in(["", "0"])).then("replyToMessageId").alias("reply_to"),
        pl.when(pl.col("kind") == str(Kind.OTHER)).then("localType").alias("raw_localType"),
        pl.col("raw"),
        pl.format("{}#{}", pl.lit(name), pl.col("line")).alias("locator"),
        pl.lit(conversation).alias("conversation"),
    )  # fmt: skip


def _body_columns(rows: pl.DataFrame) -> pl.DataFrame:
    """The columns that read_bodies expects."""
    return rows.select(
        pl.all().exclude("kind", "rawContent", "content", "raw", *(c for c in GIVEN if c != "reply_to")),
        (pl.col("localType") & 0xFFFFFFFF).alias("base"),
        (pl.col("localType") // 2**32).alias("sub"),
        pl.col("rawContent").alias("content"),
        pl.col("content").alias("shown_content"),
        pl.col("raw").fill_null("{}").alias("facts"),
    )
