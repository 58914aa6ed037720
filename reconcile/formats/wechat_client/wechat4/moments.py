"""Moments of WeChat 4.x on Windows, macOS and Linux: `db_storage/sns/sns.db`.

Producer: the client itself (decrypted, or SQLCipher 4 with the user's key). Container: SQLite; SnsTimeLine, one row a post, its
body XML with likes and comments. Encoding: UTF-8, plain, zstd, hex or base64. Time zone: unix seconds.
Cannot say: posts that this device never looked at, the owner's own included; likes and comments since it last looked; whether a
post that is gone was removed by its author; pictures. Facts: wechat-moments 1.1.
"""

import re
from dataclasses import replace

from reconcile.formats.shared.posts_database_reader import PostsDatabaseReader
from reconcile.formats.shared.posts_reading import break_witness, odd_id, unread_body
from reconcile.formats.wechat_client.post_notices import add_notifications
from reconcile.formats.wechat_client.wrapped_bodies import body_text
from reconcile.intake.contract import PostReading
from reconcile.intake.posts.frames import PostRows, witness
from reconcile.intake.sqlite.database import Database
from reconcile.intake.sqlite.key import Cipher
from reconcile.intake.sqlite.parts import Part
from reconcile.intake.sqlite.table import read_table
from reconcile.vocabulary import PostWitnessKind
from reconcile.wechat.moments.types import unsigned_id
from reconcile.wechat.moments.xml import read_post_xml

POST = {"tid": ("int", "tid"), "author": ("text", "user_name", "username"), "content": ("body", "content")}
NOTIFICATION = {
    "row": ("int", "local_id", "rowid"), "at": ("int", "create_time"), "type": ("int", "type"), "post": ("int", "feed_id"),
    "actor": ("text", "from_username"), "text": ("text", "content"), "comment": ("int", "comment_id"), "removed": ("int", "del_status"),
}  # fmt: skip
TOP_ITEM = {"tid": ("int", "tid"), "author": ("text", "username", "user_name"), "at": ("int", "create_time"), "text": ("text", "summary")}  # fmt: skip
BREAK = {
    "tid": ("int", "tid"), "high": ("int", "tid_heigh_bit", "tid_high_bit"), "low": ("int", "tid_low_bit"), "flag": ("int", "break_flag"),
    "list_of": ("text", "user_name", "username"),
}  # fmt: skip


class MomentsWechat4Db(PostsDatabaseReader, form="moments_wechat4_db"):
    """Reader of the 4.x client's Moments."""

    absent = "no table SnsTimeLine with tid, content"
    parts = {"posts": Part("snstimeline", frozenset({"tid", "content"}), r"sns\.db", page=4096)}
    ciphers = (Cipher(4, 4096, "hex"), Cipher(4, 4096, "raw"))
    # Windows 3.x capitalises this name.
    locked_name = "sns.db"

    def posts_in(self, database: Database) -> PostReading:
        """Posts of SnsTimeLine, notifications, posts on top of profiles, and breaks of the lists."""
        rows = PostRows()
        limit = database.source.limits.max_body_bytes
        for tid, author, content in read_table(database, "SnsTimeLine", POST).iter_rows():
            locator = f"{database.label}#SnsTimeLine/{tid}"
            body = read_post_xml(body_text(content, limit)) or unread_body()
            rows.notes += odd_id(locator, tid, body.post_id)
            rows.add(
                replace(body, post_id=unsigned_id(tid) or body.post_id, author=body.author or author or None), locator
            )
        for table in database.tables:
            if re.fullmatch(r"(?i)snsmessage(?:_tmp\d*)?", table):
                # Type 1 is a like, 2 a comment; `feed_id` names the post (SIWX).
                add_notifications(database, table, NOTIFICATION, rows)
            elif re.fullmatch(r"(?i)snstopitem(?:_\d+)?", table):
                _top_items(database, table, rows)
            elif re.fullmatch(r"(?i)sns(?:main|user)timelinebreakflag(?:v\d+)?", table):
                _read_breaks(database, table, rows)
        return rows.reading(self.name)


def _top_items(database: Database, table: str, rows: PostRows) -> None:
    """Add the posts pinned to the top of a list as witnesses."""
    for tid, author, at, text in read_table(database, table, TOP_ITEM).iter_rows():
        told = {"post_id": unsigned_id(tid), "author": author or None, "at": at, "text": text or None}
        rows.witnesses.append(witness(str(PostWitnessKind.TOP_ITEM), f"{database.label}#{table}/{tid}", **told))


def _read_breaks(database: Database, table: str, rows: PostRows) -> None:
    """Add marks of a list's breaks as witnesses, by the post at which it breaks."""
    for tid, high, low, flag, list_of in read_table(database, table, BREAK).iter_rows():
        if tid is None and high is not None and low is not None:
            tid = ((high & 0xFFFFFFFF) << 32) | (low & 0xFFFFFFFF)  # noqa: PLW2901 - the halves are the number
        if (kind := break_witness(flag)) and (post := unsigned_id(tid)):
            rows.witnesses.append(
                witness(kind, f"{database.label}#{table}/{tid}", post_id=post, list_of=list_of or None)
            )
