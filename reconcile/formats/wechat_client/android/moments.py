"""Moments of WeChat for Android: `MicroMsg/<hash>/SnsMicroMsg.db`.

Producer: the client itself. Container: plain SQLite; SnsInfo, one row a post, its body two protobufs (TimeLineObject, SnsObject);
SnsComment holds the account's own notifications. Encoding: UTF-8. Time zone: unix seconds.
Cannot say: posts that this phone never looked at, the owner's own included; likes and comments since it last looked; why a post
is listed nowhere any more (`sourceType` 0: removed, hidden or out of range); pictures. Facts: wechat-moments 1.3, 3.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reconcile.formats.shared.posts_database_reader import PostsDatabaseReader
from reconcile.formats.shared.posts_reading import odd_id
from reconcile.formats.wechat_client.android.post_buffers import read_post_buffers
from reconcile.formats.wechat_client.post_notices import add_notifications
from reconcile.intake.contract import PostReading
from reconcile.intake.posts.frames import PostRows, witness
from reconcile.intake.sqlite.database import Database
from reconcile.intake.sqlite.parts import Part
from reconcile.intake.sqlite.table import read_table
from reconcile.vocabulary import PostWitnessKind
from reconcile.wechat.moments.types import COVER_STYLE, unsigned_id
from reconcile.wechat.protobuf import message_of, text_in

POST = {
    "row": ("int", "rowid"), "id": ("int", "snsId"), "author": ("text", "userName"), "at": ("int", "createTime"), "type": ("int", "type"),
    "source": ("int", "sourceType"), "private": ("int", "pravited", "privated"), "padded": ("text", "stringSeq"),
    "content": ("body", "content"), "attributes": ("body", "attrBuf"),
}  # fmt: skip
NOTIFICATION = {
    "row": ("int", "rowid"), "post": ("int", "snsID", "snsId"), "at": ("int", "createTime"), "actor": ("text", "talker"),
    "type": ("int", "type"), "removed": ("int", "commentflag"), "comment": ("int", "commentSvrID"), "action": ("blob", "curActionBuf"),
}  # fmt: skip


class MomentsAndroidDb(PostsDatabaseReader, form="moments_android_db"):
    """Reader of Android's Moments."""

    absent = "no table SnsInfo with snsId, content"
    parts = {"posts": Part("snsinfo", frozenset({"snsid", "content"}))}

    def posts_in(self, database: Database) -> PostReading:
        """Posts of SnsInfo and notifications of SnsComment."""
        rows = PostRows()
        for row, post, author, at, kind, source, private, padded, content, attributes in read_table(
            database, "SnsInfo", POST
        ).iter_rows():
            locator = f"{database.label}#SnsInfo/{row}"
            body = read_post_buffers(content, attributes)
            number = unsigned_id(post) or unsigned_id(padded)
            rows.notes += odd_id(locator, number, body.post_id)
            whole = replace(
                body, post_id=number or body.post_id, author=body.author or author or None, created=body.created or at,
                is_private=body.is_private or (bool(private) if private is not None else body.is_private),
                is_cover=body.is_cover or kind == COVER_STYLE,
            )  # fmt: skip
            unlisted = None if source is None else source == 0
            rows.add(whole, locator, raw={"type": kind, "source_type": source}, is_unlisted=unlisted)
            if unlisted and not whole.is_cover:
                rows.witnesses.append(
                    witness(
                        str(PostWitnessKind.UNLISTED),
                        locator,
                        post_id=whole.post_id,
                        author=whole.author,
                        at=whole.created,
                    )
                )
        # A removed comment keeps its row with commentflag 1 (WechatMagician AntiSnsDelete.kt).
        add_notifications(database, "SnsComment", NOTIFICATION, rows, _words_of)
        return rows.reading(self.name)


def _words_of(row: Mapping[str, Any]) -> str | None:
    """The words of a notification: field 8 of the action, in the record of a comment field 5."""
    said = message_of(row["action"] or b"")
    return text_in(said, 8) or text_in(said, 5)
