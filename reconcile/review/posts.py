"""The parts of a post besides its words: link, place, pictures, likes and comments.

They are one side's copy.
"""

import polars as pl

from reconcile.posts_as_rows import COMMENT, media_line
from reconcile.review.page import plain
from reconcile.review.store import CaseFolder, Row
from reconcile.vocabulary import Interaction, Side

FIELDS = ("link_title", "link_description", "link_url", "source_name", "place", "address", "city")
FLAGS = ("is_private", "is_unlisted")
MAX_SAID = 200
"""Likes and comments sent for one post; all stand in interactions.parquet."""


def post_part(case: CaseFolder, side: Side, message: Row) -> Row | None:
    """The parts of a post besides its words; None for other rows. Of a comment: its post."""
    number, tables = message.get("post_row"), case.post_tables
    if number is None or tables is None:
        return None
    if message.get("kind") == COMMENT:
        return {"under": message.get("quoted_text") or ""}
    own = pl.col("side").cast(pl.String) == side
    facts = tables.posts.filter(own & (pl.col("row") == number)).to_dicts()
    fields = [[name, str(f[name])] for f in facts[:1] for name in FIELDS if f.get(name)]
    media = media_of(case, side, number).select(pl.col("kind").cast(pl.String), media_line().alias("line"))
    said = tables.interactions.filter(own & (pl.col("post") == number)).to_dicts()
    likes = [_author_of(s) for s in said if s["action"] == Interaction.LIKE]
    comments = [s for s in said if s["action"] != Interaction.LIKE]
    names = {s["comment_id"]: _author_of(s) for s in comments if s["comment_id"]}
    places = tables.alignment.filter(pl.col(f"{side}_row") == number)["witness_locator"].to_list()
    return {
        "fields": fields + [[kind, line] for kind, line in media.iter_rows()],
        "flags": [flag for flag in FLAGS if facts and facts[0].get(flag)],
        "likes": likes[:MAX_SAID],
        "likes_found": len(likes),
        "comments": [_comment_row(s, names) for s in comments[:MAX_SAID]],
        "comments_found": len(comments),
        "witness": next((t for t in places if t), None),
    }


def media_of(case: CaseFolder, side: Side, number: int) -> pl.DataFrame:
    """The pictures and clips of a post in their order."""
    if case.post_tables is None:
        return pl.DataFrame(schema={"md5": pl.String, "path": pl.String})
    own = (pl.col("side").cast(pl.String) == side) & (pl.col("post") == number)
    return case.post_tables.media.filter(own).sort("position")


def _comment_row(said: Row, names: dict[str, str]) -> Row:
    """A like or comment as the page shows it; `names` = author by comment id."""
    picture = f"[md5 {said['media_md5']}]" if said["media_md5"] and not said["text"] else ""
    return {
        "at": plain(said["at"]),
        "who": _author_of(said),
        "text": said["text"] or picture,
        "reply_to": said["reply_name"] or names.get(said["reply_to"] or "") or said["reply_author"],
        "is_removed": bool(said["is_deleted"]),
    }


def _author_of(said: Row) -> str:
    return said["author_name"] or said["author"] or "—"
