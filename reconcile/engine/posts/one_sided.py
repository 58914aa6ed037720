"""Judges posts that one side or neither holds, by what the devices' own records say about them.

A device keeps only what it looked at, and its owner's own posts, so absence alone proves nothing. It counts only where
the lacking device's store refers to the post: a notification, an entry among new posts, a like or comment stored under
it, a mark of removal, or a list that its own flags call complete exactly there (wechat-moments 3).
"""

import bisect
from collections import defaultdict

import dataframely as dy
import polars as pl

from reconcile.column_ops import listed
from reconcile.engine.params import PARAMS
from reconcile.frames import Absent
from reconcile.intake.contract import PostReading
from reconcile.intake.frames import frame_of
from reconcile.vocabulary import Cause, NoteCode, PostWitnessKind, Relation, WitnessKind
from reconcile.wechat.clock import from_unix
from reconcile.wechat.moments.types import TIME_BITS

NAMED = tuple(
    map(
        str,
        (
            PostWitnessKind.NOTIFICATION, PostWitnessKind.TOP_ITEM, PostWitnessKind.COMMENT_ROW, PostWitnessKind.REMOVED_COMMENT,
            PostWitnessKind.UNLISTED,
        ),
    )
)  # fmt: skip
_WHOLE, _BROKEN = str(PostWitnessKind.LIST_WHOLE), str(PostWitnessKind.LIST_BROKEN)
_LOST = (NoteCode.PART_UNREADABLE, NoteCode.PART_UNSUPPORTED, NoteCode.PART_ENCRYPTED)
_SURE = {_WHOLE: PARAMS.post_list_confidence}
Flag = tuple[int, bool, str]


def judge_alone(rows: pl.DataFrame, lacking: PostReading | None) -> pl.DataFrame:
    """relation, cause, detail, confidence, witness_locator of the given posts; order and `row` are kept.

    `lacking` is None where that export holds no store of Moments at all.
    """
    if lacking is None:
        return _set_all_aside(rows, Cause.NO_COUNTERPART)
    told = _references_to(rows, lacking)
    has_lost = any(n.code in _LOST for n in lacking.notes)
    frame = rows.select("row").join(told, on="row", how="left", maintain_order="left")
    known = pl.col("witness").is_not_null() & pl.lit(not has_lost)
    detail = (
        pl.when(pl.col("witness").is_not_null()).then(pl.lit("part_unread"))
        if has_lost
        else pl.lit(None, dtype=pl.String)
    )
    return frame.select(
        "row",
        pl.when(known)
        .then(pl.lit(str(Relation.ONE_SIDED)))
        .otherwise(pl.lit(str(Relation.SET_ASIDE)))
        .alias("relation"),
        pl.when(known).then(pl.lit(str(Cause.REFERENCED))).otherwise(pl.lit(str(Cause.NOT_VIEWED))).alias("cause"),
        pl.when(known).then("witness").otherwise(detail).alias("detail"),
        pl.when(known)
        .then(
            pl.col("witness").replace_strict(_SURE, default=PARAMS.post_reference_confidence, return_dtype=pl.Float64)
        )
        .otherwise(pl.lit(PARAMS.post_confidence))
        .alias("confidence"),
        pl.col("locator").alias("witness_locator"),
    )


def _set_all_aside(rows: pl.DataFrame, cause: Cause) -> pl.DataFrame:
    """All rows set aside for one cause."""
    none = pl.lit(None, dtype=pl.String)
    return rows.select(
        "row",
        pl.lit(str(Relation.SET_ASIDE)).alias("relation"),
        pl.lit(str(cause)).alias("cause"),
        none.alias("detail"),
        pl.lit(PARAMS.post_confidence).alias("confidence"),
        none.alias("witness_locator"),
    )


def _references_to(rows: pl.DataFrame, lacking: PostReading) -> pl.DataFrame:
    """row, witness, locator: the first record of the lacking device that refers to each post."""
    spoken = lacking.witnesses.with_columns(pl.col("witness").cast(pl.String)).filter(pl.col("post_id").is_not_null())
    named = spoken.filter(pl.col("witness").is_in(NAMED)).unique("post_id", keep="first", maintain_order=True)
    found = rows.select("row", "post_id").join(
        named.select("post_id", "witness", "locator"), on="post_id", how="inner", maintain_order="left"
    )
    rest = rows.join(found.select("row"), on="row", how="anti", maintain_order="left")
    listed = _in_complete_lists(rest, spoken.filter(pl.col("witness").is_in([_WHOLE, _BROKEN])), lacking)
    return pl.concat([found.select("row", "witness", "locator"), listed])


def _in_complete_lists(rows: pl.DataFrame, flags: pl.DataFrame, lacking: PostReading) -> pl.DataFrame:
    """Posts in a span that the lacking device's list marks as complete, by authors whom it shows there.

    A private post is in nobody else's list.
    """
    schema = {"row": pl.UInt32, "witness": pl.String, "locator": pl.String}
    if flags.is_empty() or rows.is_empty():
        return pl.DataFrame(schema=schema)
    lists = _lists_by_owner(flags)
    shown = set(lacking.posts["author"].drop_nulls())
    found = []
    for row, post, author, private in rows.select("row", "post_id", "author", "is_private").iter_rows():
        if post is None or private or author not in shown:
            continue
        place = _complete_list_at(int(post), lists.get(author)) or _complete_list_at(int(post), lists.get(None))
        if place is not None:
            found.append((row, _WHOLE, place))
    return pl.DataFrame(found, schema=schema, orient="row")


def _lists_by_owner(flags: pl.DataFrame) -> dict[str | None, list[Flag]]:
    """By owner of the list (None = the common one), its flagged posts sorted by number, which is by time."""
    lists: dict[str | None, list[Flag]] = defaultdict(list)
    for owner, post, kind, locator in flags.select("list_of", "post_id", "witness", "locator").iter_rows():
        lists[owner].append((int(post), kind == _WHOLE, locator))
    return {owner: sorted(entries) for owner, entries in lists.items()}


def _complete_list_at(post: int, entries: list[Flag] | None) -> str | None:
    """Locator where the list continues without a hole over this post; None where it does not."""
    if not entries:
        return None
    at = bisect.bisect_left(entries, (post, False, ""))
    if at < len(entries) and entries[at][0] == post:
        return entries[at][2] if all(e[1] for e in entries if e[0] == post) else None
    if at == 0 or at == len(entries):
        return None
    older, newer = entries[at - 1], entries[at]
    return newer[2] if older[1] and newer[1] else None


def absent_posts(sides: dict[str, PostReading], case: str, conversation: str) -> dy.DataFrame[Absent]:
    """One row per absent post and referring side, sorted by side and number (`message_id`)."""
    held = pl.concat(
        [pl.Series("post_id", [], dtype=pl.String), *(r.posts["post_id"].drop_nulls() for r in sides.values())]
    )
    found = []
    for side, reading in sides.items():
        named = reading.witnesses.with_columns(pl.col("witness").cast(pl.String)).filter(
            pl.col("witness").is_in(NAMED) & pl.col("post_id").is_not_null() & ~pl.col("post_id").is_in(listed(held))
        )
        once = named.unique("post_id", keep="first", maintain_order=True)
        found.append(once.with_columns(pl.lit(side).alias("side")))
    frame = pl.concat(found) if found else pl.DataFrame(schema={"post_id": pl.String})
    if frame.is_empty():
        return frame_of(Absent)
    carried = frame["post_id"].cast(pl.UInt64, strict=False) // 2**TIME_BITS // 1000
    second = pl.Series("second", carried.cast(pl.Int64))
    told = frame.with_columns(second).with_columns(
        pl.lit(case).alias("case"),
        pl.lit(conversation).alias("conversation"),
        pl.lit(str(WitnessKind.NOTIFICATION)).alias("witness"),
        pl.col("post_id").alias("message_id"),
        from_unix(pl.when(pl.col("second") > PARAMS.first_post_second).then("second"), "s").alias("sent_at"),
        pl.col("author").alias("sender"),
    )
    return frame_of(Absent, told.sort("side", "post_id"))
