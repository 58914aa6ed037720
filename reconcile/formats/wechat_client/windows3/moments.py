"""Moments of WeChat for Windows 3.x: `Msg/Sns.db`.

Producer: the client itself (decrypted, or SQLCipher 3 with the user's key). Container: SQLite; FeedsV20, one row a post, its body
a bare TimelineObject; CommentV20 holds likes and comments. Encoding: UTF-8. Time zone: unix seconds.
Cannot say: posts that this PC never looked at, the owner's own included; likes and comments since it last looked; names of those
who commented; pictures. Facts: wechat-moments 1.2.
"""

from collections import defaultdict
from dataclasses import replace
from typing import Any

from reconcile.formats.shared.posts_database_reader import PostsDatabaseReader
from reconcile.formats.shared.posts_reading import odd_id, unread_body
from reconcile.formats.wechat_client.post_notices import ACTIONS, add_notifications, told_by
from reconcile.formats.wechat_client.wrapped_bodies import body_text
from reconcile.intake.contract import PostReading
from reconcile.intake.posts.frames import PostRows, witness
from reconcile.intake.sqlite.database import Database
from reconcile.intake.sqlite.key import Cipher
from reconcile.intake.sqlite.parts import Part
from reconcile.intake.sqlite.table import read_table
from reconcile.vocabulary import Interaction, PostWitnessKind
from reconcile.wechat.moments.types import InteractionBody, running_id, unsigned_id
from reconcile.wechat.moments.xml import read_post_xml

FEED = {
    "id": ("int", "FeedId"), "at": ("int", "CreateTime"), "type": ("int", "Type"), "author": ("text", "UserName"), "status": ("int", "Status"),
    "private": ("int", "PrivFlag"), "text_id": ("text", "StringId"), "content": ("body", "Content"),
}  # fmt: skip
COMMENT = {
    "post": ("int", "FeedId"), "comment": ("int", "CommentId"), "at": ("int", "Createtime"), "type": ("int", "CommentType"),
    "text": ("text", "Content"), "actor": ("text", "FromUserName"), "reply": ("int", "ReplyId"), "reply_author": ("text", "ReplyUserName"),
    "removed": ("int", "DeleteFlag"), "id64": ("int", "CommentId64"), "row": ("int", "rowid"),
}  # fmt: skip
NOTIFICATION = {
    "row": ("int", "rowid"), "post": ("int", "FeedId"), "actor": ("text", "FromUserName", "UserName"), "at": ("int", "CreateTime"),
    "type": ("int", "CommentType", "Type"), "text": ("text", "Content"), "comment": ("int", "CommentId"),
}  # fmt: skip


class MomentsWindowsDb(PostsDatabaseReader, form="moments_windows_db"):
    """Reader of the Windows client's Moments, version 3."""

    absent = "no table FeedsV20 with FeedId, Content"
    parts = {"posts": Part("feedsv20", frozenset({"feedid", "content"}), r"sns\.db", page=4096)}
    ciphers = (Cipher(3, 4096, "hex"), Cipher(3, 4096, "text"))
    # WeChat 4.x writes this name in lower case.
    locked_name = "Sns.db"

    def posts_in(self, database: Database) -> PostReading:
        """Posts of FeedsV20, comments of CommentV20, and notifications."""
        rows = PostRows()
        limit = database.source.limits.max_body_bytes
        at_row: dict[str, int | None] = {}
        for post, at, kind, author, status, private, text_id, content in read_table(
            database, "FeedsV20", FEED
        ).iter_rows():
            locator = f"{database.label}#FeedsV20/{post}"
            body = read_post_xml(body_text(content, limit)) or unread_body()
            number = unsigned_id(post) or unsigned_id(text_id)
            rows.notes += odd_id(locator, number, body.post_id)
            whole = replace(
                body, post_id=number or body.post_id, author=body.author or author or None, created=body.created or at,
                is_cover=body.is_cover or kind == 7,
            )  # fmt: skip
            row = rows.add(whole, locator, raw={"status": status, "priv_flag": private, "type": kind})
            if number:
                at_row[number] = row
        _comments(database, rows, at_row)
        table = next((t for t in database.tables if t.lower().startswith("notificationv")), None)
        if table is not None:
            add_notifications(database, table, NOTIFICATION, rows)
        return rows.reading(self.name)


def _comments(database: Database, rows: PostRows, at_row: dict[str, int | None]) -> None:
    """CommentV20; a comment on an absent post shows that the post once existed (wechat-moments 1.2)."""
    by_post: dict[str | None, list[dict[str, Any]]] = defaultdict(list)
    for said in read_table(database, "CommentV20", COMMENT).iter_rows(named=True):
        by_post[unsigned_id(said["post"])].append(said)
    for post, comments in by_post.items():
        for said in comments:
            _add_comment(database, rows, post, said, at_row)


def _add_comment(
    database: Database, rows: PostRows, post: str | None, said: dict[str, Any], at_row: dict[str, int | None]
) -> None:
    """Add a like or comment to its post, or as a witness where the post is missing."""
    locator = f"{database.label}#CommentV20/{said['row']}"
    action, known = ACTIONS.get(said["type"]), told_by(said)
    row = None if post is None else at_row.get(post)
    if row is None and post not in at_row:
        kind = PostWitnessKind.REMOVED_COMMENT if said["removed"] else PostWitnessKind.COMMENT_ROW
        rows.witnesses.append(witness(str(kind), locator, **known))
    if row is None or action is None:
        return
    body = InteractionBody(
        action=action, author=known["actor"], text=(said["text"] or "") if action is Interaction.COMMENT else "", at=said["at"],
        comment_id=known["comment_id"], comment_id64=unsigned_id(said["id64"]), reply_to=running_id(said["reply"]),
        reply_author=said["reply_author"] or None, is_deleted=None if said["removed"] is None else bool(said["removed"]),
    )  # fmt: skip
    rows.add_interaction(row, body, locator)
