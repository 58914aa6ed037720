"""The group notice of each room: words once said in the room, with the time where it is stated."""

import polars as pl

from reconcile.formats.shared.side_tables import as_witnesses
from reconcile.intake.sqlite.database import Database
from reconcile.intake.sqlite.table import read_table
from reconcile.vocabulary import WitnessKind

# Android chatroom, Windows ChatRoomInfo, 4.x chat_room_info_detail (wechat-databases 1.5, 2.3, 5.2); the columns bear these names.
ROOM = ("chatroomname", "username_", "username")
WORDS = ("chatroomnotice", "Announcement", "announcement_", "announcement")
TIME = (
    "AnnouncementPublishTime",
    "announcement_publish_time_",
    "announcement_publish_time",
    "chatroomNoticePublishTime",
)
EDITOR = ("AnnouncementEditor", "announcement_editor_", "announcement_editor", "chatroomnoticeEditor")


def room_notices(database: Database, table: str) -> pl.DataFrame:
    """One row a room with a notice, as rows of Witnesses."""
    rows = read_table(
        database, table, {"conversation": ("text", *ROOM), "text": ("text", *WORDS), "time": ("int", *TIME), "sender": ("text", *EDITOR)}
    )  # fmt: skip
    said = rows.filter(pl.col("text").fill_null("") != "").with_columns(time=pl.when(pl.col("time") > 0).then("time"))
    return as_witnesses(said, database, table, WitnessKind.NOTICE, at="conversation")
