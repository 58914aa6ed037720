"""Recall notices of both sides: which exist, whom they name, and which only one side shows."""

import polars as pl

from reconcile.engine.references.targets import LONG_ID
from reconcile.wechat.kind_classes import SECONDS, SYSTEM
from reconcile.wechat.kinds import RECALL_NOTICE
from reconcile.wechat.owner_words import OWN_NOTICE

# A room's manager may recall another member's message; the notice names that member second, or is shown to the member.
_OF_MEMBER = r"撤回了成员"
BY_OWNER = pl.col("text").str.contains(OWN_NOTICE + "|撤回了你的") & ~pl.col("text").str.contains(_OF_MEMBER)
NAMED = pl.coalesce(
    pl.col("text").str.extract(_OF_MEMBER + ' ?["“「]([^"”」]{1,60})["”」] ?的', 1),
    pl.col("text").str.extract("[\"“「']([^\"”」']{1,40})[\"”」']", 1),
    pl.col("text").str.extract(r"^(.{1,40}?) ?(?:已?撤回|已?收回|回收|recalled|unsent|がメッセージ)", 1),
)


def recall_notices(rows: pl.DataFrame) -> pl.DataFrame:
    """The recall notices among the rows of paired conversations."""
    system = system_rows(rows)
    told = ~pl.col("is_repeat") & pl.col("text").str.contains(RECALL_NOTICE)
    return system.filter(told) if system.height else system


def system_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """The client's own rows in paired conversations: only they are searched for its sentences."""
    is_system = rows["cls"] == SYSTEM
    return rows.filter(is_system & pl.col("pair").is_not_null()) if is_system.any() else rows.clear()


def notice_number(*, by_holder: pl.Expr) -> pl.Expr:
    """`notice`: a number for the notices of both sides, made from their row."""
    return (pl.col("row").cast(pl.Int64) * 2 + by_holder.cast(pl.Int64)).alias("notice")


def _without_message_ids(notices: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """The notices without those that have the long id of a message on the other side."""
    numbered = notices.filter(pl.col("message_id").str.len_chars() >= LONG_ID)
    if numbered.is_empty():
        return notices
    messages = other.filter(pl.col("cls") != SYSTEM).select("pair", "message_id")
    spent = numbered.join(messages, on=["pair", "message_id"], how="semi")
    return notices.join(spent, on="row", how="anti", maintain_order="left")


def speaking(shown: pl.DataFrame, mine: pl.DataFrame, holder: pl.DataFrame, lacking: pl.DataFrame) -> pl.DataFrame:
    """The lacking side's notices, and the holder's that the lacking side does not show at their time.

    A notice with the long id of a message on the other side refers only to that message, and is left out. Where the
    lacking side shows no client row at all in a conversation, the holder's notices replace its own; elsewhere they are
    `is_lone`.

    Args:
        shown: notices of the lacking side.
        mine: notices of the holder (`by_holder`).
        holder, lacking: the rows of both sides.
    """
    shows = lacking.group_by("pair").agg((pl.col("cls") == SYSTEM).any().alias("any"))
    mute = pl.col("pair").is_in(shows.filter(~pl.col("any"))["pair"].implode())
    both = [
        _without_message_ids(shown, holder).with_columns(
            pl.lit(value=False).alias("by_holder"), pl.lit(value=False).alias("is_lone")
        ),
        _without_message_ids(_not_shown_by_other(mine, shown), lacking).with_columns(
            pl.lit(value=True).alias("by_holder"), (~mute).alias("is_lone")
        ),
    ]
    shared = mine.filter(pl.col("message_id").str.len_chars() >= LONG_ID).select("pair", "message_id")
    placed = shown.join(shared, on=["pair", "message_id"], how="semi")["row"].implode()
    return pl.concat(both, how="diagonal_relaxed").select(
        "pair", pl.col("t").alias("notice_t"), pl.col("t2").alias("notice_t2"), notice_number(by_holder=pl.col("by_holder")), NAMED.alias("notice_name"),
        BY_OWNER.alias("by_owner"), "by_holder", "is_lone",
        (pl.col("row").is_in(placed) & ~pl.col("by_holder")).alias("is_placed"),
    )  # fmt: skip


def _not_shown_by_other(mine: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """The holder's notices without one of the lacking side next to them."""
    marks = shown.filter(pl.col("t").is_not_null()).select("pair", pl.col("t").alias("shown_t")).sort("shown_t")
    asked = mine.filter(pl.col("t").is_not_null()).select("pair", "row", "t", "spread").sort("t")
    near = asked.join_asof(
        marks, left_on="t", right_on="shown_t", by="pair", strategy="nearest", check_sortedness=False
    )
    met = near.filter((pl.col("shown_t") - pl.col("t")).abs() <= SECONDS + 2 * pl.col("spread").fill_null(0))
    return mine.join(met, on="row", how="anti", maintain_order="left")
