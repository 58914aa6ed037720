"""Rows sent while the lacking side's owner was not in the group: by stated times, by its own notices, by notices that name it."""

import polars as pl

from reconcile.graph.lone import Lone
from reconcile.wechat.classes import SECONDS, SYSTEM

_JOINED = r"你(?:已)?(?:被.{0,40})?(?:加入了?|进入了?)(?:本?群聊|该群)|邀请(?:你|您)(?:和.{0,200})?加入了?群聊|你通过.{0,60}加入群聊|你修改群名|[Yy]ou(?: have|'ve)? joined|invited you"
_LEFT = (
    r"你(?:已经?|被.{0,40})?(?:移出|退出)了?群聊|你被.{0,40}移出|[Yy]ou (?:have )?(?:left|been removed|were removed)"
)
# Any sentence by which a member, seen from here, came or went.
COMES_OR_GOES = f"{_JOINED}|{_LEFT}"


# Two clocks that nothing measures differ by so much as a rule.
UNMEASURED_SECONDS = 60
_SPANS = {"pair": pl.UInt32, "at": pl.Int64, "joined": pl.Boolean}


def is_outside_membership(lone: Lone) -> pl.Series:
    """The lacking side's owner was not in the group then: by stated times, by its own notices, by notices that name it."""
    noticed, stated = _noticed(lone), _stated_members(lone)
    by_order = pl.col("pair").is_in(lone.untimed)
    outside = _is_outside(lone, pl.concat([noticed, stated.filter(~by_order)]), "t_other", SECONDS)
    # Where the lacking side states no times, its moments stand on no other clock than the holder's.
    return outside | _is_outside(lone, stated.filter(by_order), "raw_t", UNMEASURED_SECONDS * SECONDS)


def _is_outside(lone: Lone, spans: pl.DataFrame, moment: str, slack: int) -> pl.Series:
    """Whether each row alone was sent, by its `moment`, before the first joining or behind the last leaving of the spans, or beside it (`slack`, µs)."""
    rows = lone.rows
    if spans.is_empty() or not rows.height:
        return pl.Series([False] * rows.height, dtype=pl.Boolean)
    first_join = spans.filter(pl.col("joined")).group_by("pair").agg(pl.col("at").min().alias("joined_at"))
    last_left = spans.filter(~pl.col("joined")).group_by("pair").agg(pl.col("at").max().alias("left_at"))
    last_join = spans.filter(pl.col("joined")).group_by("pair").agg(pl.col("at").max().alias("rejoined_at"))
    out = (
        rows.select("pair", pl.col(moment).alias("moment"), (pl.col(moment) + _within()).alias("end"))
        .join(first_join, on="pair", how="left", maintain_order="left")
        .join(last_left, on="pair", how="left", maintain_order="left")
        .join(last_join, on="pair", how="left", maintain_order="left")
    )
    # In the second of the notice itself, and of two clocks in the next one, nothing tells which came first.
    early = pl.col("moment") <= pl.col("joined_at") + slack
    late = (pl.col("end") >= pl.col("left_at") - slack) & (
        pl.col("rejoined_at").is_null()
        | (pl.col("rejoined_at") < pl.col("left_at"))
        | (pl.col("moment") < pl.col("rejoined_at"))
    )
    return out.select((early.fill_null(value=False) | late.fill_null(value=False)).alias("m"))["m"]


def _within() -> pl.Expr:
    """How much later than written (µs) a row's moment may be: of a time to the minute nothing tells the second."""
    return pl.when(pl.col("time_precision").cast(pl.String) == "minute").then(59 * SECONDS).otherwise(0)


def _noticed(lone: Lone) -> pl.DataFrame:
    own = lone.lacking.filter((pl.col("cls") == SYSTEM) & pl.col("pair").is_not_null())
    own = own.select("pair", "t", "text", (pl.col("t") + _within()).alias("end"))
    # Beside the ends of what both hold a clock that was set leaves two readings of a notice; the export's own reach knows both.
    reach = lone.rows.group_by("pair").agg(pl.col("own_from", "own_to").first())
    own = own.join(reach, on="pair")
    found = [
        own.filter(pl.col("text").str.contains(p)).select("pair", at.alias("at"), pl.lit(j).alias("joined"))
        for p, at, j in (
            (_JOINED, pl.max_horizontal("end", "own_from"), True),
            (_LEFT, pl.min_horizontal("t", "own_to"), False),
        )
    ]
    return pl.concat(found)


def _stated_members(lone: Lone) -> pl.DataFrame:
    members = lone.lacking_reading.members
    if members.is_empty():
        return pl.DataFrame(schema=_SPANS)
    mine = members.filter(pl.col("member_id").is_in(lone.owner_names) | pl.col("name").is_in(lone.owner_names))
    if mine.is_empty():
        # No member bears a name of the owner: the table may call it otherwise than the export does.
        return _fitting_members(lone)
    return pl.concat(_moments(_of_group(mine, lone), lone, c, joined=j) for c, j in _MOMENTS)


_MOMENTS = (("joined_at", True), ("left_at", False))


def _moments(members: pl.DataFrame, lone: Lone, column: str, *, joined: bool) -> pl.DataFrame:
    """pair, at, joined: the stated moments of one column, from the lacking side's own clock onto that of `t_other`."""
    stated = members.select("pair", pl.col(column).dt.timestamp("us").alias("raw")).drop_nulls().sort("raw")
    rows = lone.lacking.select("pair", "raw_t", (pl.col("raw_t") - pl.col("t")).alias("shift"))
    clocks = rows.drop_nulls().sort("raw_t")
    met = stated.join_asof(
        clocks, left_on="raw", right_on="raw_t", by="pair", strategy="nearest", check_sortedness=False
    )
    return met.select(
        "pair", (pl.col("raw") - pl.col("shift").fill_null(0)).alias("at"), pl.lit(joined).alias("joined")
    )


def _of_group(members: pl.DataFrame, lone: Lone) -> pl.DataFrame:
    """The members with the `pair` of their group: by its id, or, where the table names groups by title, the only group by the only group."""
    groups = (
        lone.lacking.filter(~pl.col("is_direct") & pl.col("pair").is_not_null()).select("pair", "conversation").unique()
    )
    here = members.join(groups, left_on="group_id", right_on="conversation")
    if here.is_empty() and groups.height == 1 and lone.lacking_reading.members["group_id"].n_unique() == 1:
        return members.join(groups.select("pair"), how="cross")
    return here


def _fitting_members(lone: Lone) -> pl.DataFrame:
    """Joins and leaves of an export that does not tell its owner: those at which its own rows begin or end, within a day.

    The only such moment that is stated of a group is the owner's also where nobody spoke for longer, if none of the rows lies outside it.
    """
    members = lone.lacking_reading.members
    spans = lone.rows.group_by("pair").agg(pl.col("own_from").first(), pl.col("own_to").first())
    here = _of_group(members, lone)
    parts = []
    for (column, joined), edge in zip(_MOMENTS, ("own_from", "own_to"), strict=True):
        told = _moments(here, lone, column, joined=joined).join(spans, on="pair")
        at, end = pl.col("at"), pl.col(edge)
        keeps = (at <= end if joined else at >= end) & (pl.len().over("pair") == 1)
        parts.append(told.filter(((at - end).abs() <= 86_400 * SECONDS) | keeps).select("pair", "at", "joined"))
    return pl.concat(parts)
