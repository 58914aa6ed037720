"""WeFlow HTTP API: a saved answer of /api/v1/messages, one page of one chat.

Producer: WeFlow 5, docs/HTTP-API.md. Container: JSON object with success, talker, hasMore, messages whose rows hold serverId and
rawContent. Encoding: UTF-8. Time zone: none needed, unix seconds.
Cannot say: the chat's title, what lies beyond the page (hasMore tells that something does), names of senders.
"""

from pathlib import Path

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.weflow.part import weflow_part
from reconcile.intake.contract import Note, ReadOptions, remarks
from reconcile.intake.file_reader import FileReader
from reconcile.intake.json.objects import frame_of_lists
from reconcile.intake.json.rows import JsonArray
from reconcile.intake.messages.bodies import GIVEN, read_bodies
from reconcile.intake.messages.parts import Part
from reconcile.intake.source import Source
from reconcile.settings import Limits
from reconcile.vocabulary import LocalIdScope, NoteCode, TextQuality

_KEYS: dict[str, type[pl.DataType]] = {
    "localId": pl.Int64, "serverId": pl.String, "localType": pl.Int64, "createTime": pl.Int64, "isSend": pl.Int64,
    "senderUsername": pl.String, "content": pl.String, "rawContent": pl.String, "replyToMessageId": pl.String,
    "mediaFileName": pl.String,
}  # fmt: skip


class WeflowApi(FileReader, form="weflow_api"):
    """Reader of saved answers of WeFlow's HTTP API."""

    def part(self, source: Source, file: Path, options: ReadOptions) -> Part:
        """One page's rows; bodies from the untouched rawContent where it is there."""
        name = source.relative(file)
        array = JsonArray(source, name)
        frame = frame_of_lists(array.pieces(), _KEYS, drop=("parsedContent",))
        talker = array.rest.get("talker")
        if not array.found or not isinstance(talker, str):
            raise UnreadableSource(source.path, f"{file}: expected a JSON object with talker and messages")
        notes = [Note(NoteCode.ROW_SKIPPED, name, "", array.odd_members)] if array.odd_members else []
        untyped = frame.filter(pl.col("localType").is_null())
        notes += remarks(NoteCode.UNKNOWN_KIND, name, "no localType", untyped.height)
        bare = frame.filter(
            (pl.col("localType") == 1) & pl.coalesce("rawContent", "content").fill_null("").is_in(["", "{}"])
        )
        notes += remarks(NoteCode.BROKEN_BODY, name, "a text without words", bare.height)
        if array.rest.get("hasMore"):
            notes.append(Note(NoteCode.PAGE_EDGE, name, "hasMore", said=True))
        rows, witnesses, more = _message_rows(frame, name, talker, options.limits)
        part = weflow_part(
            rows.sort("unix", "local_id", maintain_order=True), file, name, options, [*notes, *more], account=talker
        )
        part.title = None
        part.is_shown = False
        part.witness_rows = witnesses
        part.local_id_scope = LocalIdScope.CONVERSATION
        count = array.rest.get("count")
        part.stated_count = count if isinstance(count, int) else None
        return part


def _message_rows(
    frame: pl.DataFrame, name: str, talker: str, limits: Limits
) -> tuple[pl.DataFrame, pl.DataFrame, tuple[Note, ...]]:
    """Messages as their stored bodies say, witnesses in them, and notes."""
    # In rooms, the stored text begins with its sender's account on a separate line.
    prefix = pl.col("senderUsername") + ":\n"
    body = pl.coalesce("rawContent", "content").fill_null("")
    table = frame.select(
        (pl.col("localType") & 0xFFFFFFFF).alias("base"),
        (pl.col("localType").fill_null(0) // 2**32).alias("sub"),
        pl.when(body.str.starts_with(prefix))
        .then(body.str.slice(prefix.str.len_chars()))
        .otherwise(body)
        .alias("content"),
        pl.format("{}#{}", pl.lit(name), "line").alias("locator"),
        pl.lit(talker).alias("conversation"),
        pl.col("createTime").alias("unix"),
        pl.col("serverId").alias("message_id"),
        pl.col("localId").alias("local_id"),
        pl.col("senderUsername").alias("sender"),
        pl.lit(None, dtype=pl.String).alias("sender_name"),
        (pl.col("isSend") == 1).alias("is_self"),
        pl.col("replyToMessageId").alias("stated_reply"),
        pl.col("rawContent").is_not_null().alias("has_raw"),
        pl.col("content").alias("shown_body"),
        pl.col("raw").fill_null("{}").alias("facts"),
    )
    read = read_bodies(table, limits)
    shown = (~pl.col("has_raw") & (pl.col("kind") != "text")) | ((pl.col("text") == "") & (pl.col("kind") == "quote"))
    rows = read.messages.with_columns(
        pl.coalesce("reply_to", "stated_reply").alias("reply_to"),
        pl.when(shown).then(pl.col("shown_body").fill_null("")).otherwise("text").alias("text"),
        pl.when(shown).then(pl.lit(str(TextQuality.SHOWN))).otherwise("text_quality").alias("text_quality"),
    ).drop("stated_reply", "has_raw", "shown_body", "body_sender", "base", "sub", strict=False)
    broken = tuple(n for n in read.notes if n.code is not NoteCode.BROKEN_BODY or _holds_raw(frame))
    assert set(GIVEN) <= set(rows.columns)
    return rows, read.witnesses, broken


def _holds_raw(frame: pl.DataFrame) -> bool:
    """Whether any row has its stored body."""
    return frame["rawContent"].null_count() < frame.height
