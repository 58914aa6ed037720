"""Why the other side need not hold a row: a table of small named rules over the rows that have no partner, tried in order."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from reconcile.graph.recalls import recalled_by_id, recalled_by_notice
from reconcile.intake.contract import SELECTION, Reading
from reconcile.vocabulary import Cause
from reconcile.wechat.classes import SYSTEM
from reconcile.wechat.kinds import REFUSED_NOTICE

MICRO = 1_000_000
_JOINED = r"你(?:已)?(?:被.{0,40})?(?:加入了?|进入了?)(?:本?群聊|该群)|邀请(?:你|您)(?:和.{0,200})?加入了?群聊|你通过.{0,60}加入群聊|你修改群名|[Yy]ou(?: have|'ve)? joined|invited you"
_LEFT = (
    r"你(?:已经?|被.{0,40})?(?:移出|退出)了?群聊|你被.{0,40}移出|[Yy]ou (?:have )?(?:left|been removed|were removed)"
)


@dataclass(frozen=True, slots=True)
class Lone:
    """The rows that have no partner on one side's frame, and what the rules need beside them.

    rows: row frame of the holding side plus `t_other` (time on the lacking side's clock), `edge`, reach columns. holder: all rows of the
    holding side. lacking: all rows of the lacking side. reading: the lacking side's reading. owner_names: names and ids under which the lacking side's
    owner may appear in a notice. untimed: conversations aligned by order alone.
    """

    rows: pl.DataFrame
    holder: pl.DataFrame
    lacking: pl.DataFrame
    lacking_reading: Reading
    owner_names: tuple[str, ...]
    untimed: list[int]
    each: bool = False


Rule = Callable[[Lone], pl.Series]


def set_aside(lone: Lone) -> pl.DataFrame:
    """row, cause (text; null = the other side should have it), edge, contested, of every lone row; the first rule that holds gives the cause.

    contested: a recall notice may be about this row or about another one alone beside it.
    """
    rows = lone.rows
    cause = pl.Series("cause", [None] * rows.height, dtype=pl.String)
    for name, rule in FIRST_RULES:
        if cause.null_count() == 0:
            break
        cause = _named(cause, name, rule(lone))
    # A notice explains one row: those that something else explains do not compete for it.
    open_rows = rows.filter(cause.is_null())
    recalled, contested = recalled_by_notice(open_rows, lone.holder, lone.lacking, lone.untimed, each=lone.each)
    cause = _named(cause, Cause.RECALLED, rows["row"].is_in(recalled.implode()))
    cause = _named(cause, Cause.OUTSIDE_COVERAGE, is_unverified_edge(lone))
    return rows.select("row", "edge", pl.col("row").is_in(contested.implode()).alias("contested")).with_columns(
        cause.alias("cause")
    )


def _named(cause: pl.Series, name: Cause, rule: pl.Series) -> pl.Series:
    hit = rule.fill_null(value=False) & cause.is_null()
    if not hit.any():
        return cause
    return pl.select(pl.when(pl.lit(hit)).then(pl.lit(str(name))).otherwise(pl.lit(cause)).alias("cause"))["cause"]


def is_repeat(lone: Lone) -> pl.Series:
    """The export holds the row twice, and its twin stands in the alignment: by its id, or as one of several equal rows of one second."""
    rows = lone.rows
    if rows["twin"].null_count() == rows.height:
        return rows["is_repeat"]
    sizes = lone.holder.filter(pl.col("twin").is_not_null()).group_by("twin").len("held")
    counted = rows.join(sizes, on="twin", how="left", maintain_order="left").with_columns(
        pl.len().over("twin").alias("alone")
    )
    # Where all of them are alone the first stands for the message itself.
    again = (pl.col("alone") < pl.col("held")) | ~pl.col("twin").is_first_distinct()
    return counted.select(
        (pl.col("is_repeat") | (pl.col("twin").is_not_null() & again)).fill_null(value=False).alias("r")
    )["r"]


def _system_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """The system rows of paired conversations; apart, so that no sentence is looked for in all the others."""
    return rows.filter((pl.col("cls") == SYSTEM) & pl.col("pair").is_not_null())


def is_bounded(lone: Lone) -> pl.Series:
    """Facts say that the other export does not reach so far."""
    return lone.rows["edge"] == "bounded"


def is_declared(lone: Lone) -> pl.Series:
    """The lacking party declared something about that time: a redaction, a lost phone, a cleaning."""
    hit = pl.lit(value=False)
    if SELECTION in lone.lacking_reading.facts.declared:
        # Rows picked one by one: what they lack says nothing, also where no time can be set against theirs.
        return pl.Series("h", [True] * lone.rows.height, dtype=pl.Boolean)
    for item in lone.lacking_reading.facts.declared:
        if "clock" in item.what.lower() or "时钟" in item.what or (item.from_at is None and item.to_at is None):
            continue
        here = pl.lit(value=True)
        if item.from_at is not None:
            here = here & (pl.col("t_other") >= int(item.from_at.timestamp() * MICRO))
        if item.to_at is not None:
            here = here & (pl.col("t_other") <= int(item.to_at.timestamp() * MICRO))
        hit = hit | here
    return (
        lone.rows.select(hit.fill_null(value=False).alias("h"))["h"]
        if lone.rows.height
        else pl.Series("h", [], dtype=pl.Boolean)
    )


def is_not_delivered(lone: Lone) -> pl.Series:
    """The holder's own message failed, was refused, or is still being sent: by its status, or by the refusal notice beside it."""
    rows = lone.rows
    by_status = rows["status"].cast(pl.String).is_in(["failed", "rejected", "sending"])
    return by_status.fill_null(value=False) | rows["row"].is_in(_beside_refusal(lone).implode())


def _beside_refusal(lone: Lone) -> pl.Series:
    """Rows alone of the holder's own, without a server id where others have one, that stand nearest to a refusal notice of the holder's.

    The notice follows its message at once; clocks and jitter allow two minutes after and half a minute before.
    """
    notices = _system_rows(lone.holder).filter(pl.col("text").str.contains(REFUSED_NOTICE))
    if notices.is_empty() or lone.rows.is_empty():
        return pl.Series(dtype=pl.UInt32)
    with_ids = lone.holder.group_by("pair").agg(pl.col("message_id").is_not_null().any().alias("has_ids"))
    marks = notices.select(
        "pair", pl.col("row").alias("notice"), pl.col("t").alias("notice_t"), pl.col("at").alias("notice_at")
    )
    own = lone.rows.filter((pl.col("cls") != SYSTEM) & pl.col("is_self").fill_null(value=True)).join(
        with_ids, on="pair"
    )
    near = own.filter(pl.col("message_id").is_null() | ~pl.col("has_ids")).join(marks, on="pair")
    delay, places = pl.col("notice_t") - pl.col("t"), (pl.col("notice_at") - pl.col("at")).abs()
    near = near.filter(delay.is_between(-30 * MICRO, 120 * MICRO) & (places <= 12)).with_columns(places.alias("places"))
    return near.sort("notice", "places", "row").unique("notice", keep="first", maintain_order=True)["row"]


def is_outside_membership(lone: Lone) -> pl.Series:
    """The lacking side's owner was not in the group then: by stated times, by its own notices, by notices that name it."""
    rows = lone.rows
    spans = pl.concat([_noticed(lone), _stated_members(lone)])
    if spans.is_empty() or not rows.height:
        return pl.Series([False] * rows.height, dtype=pl.Boolean)
    first_join = spans.filter(pl.col("joined")).group_by("pair").agg(pl.col("at").min().alias("joined_at"))
    last_left = spans.filter(~pl.col("joined")).group_by("pair").agg(pl.col("at").max().alias("left_at"))
    last_join = spans.filter(pl.col("joined")).group_by("pair").agg(pl.col("at").max().alias("rejoined_at"))
    out = (
        rows.select("pair", "t_other", "own_from", "own_to")
        .join(first_join, on="pair", how="left", maintain_order="left")
        .join(last_left, on="pair", how="left", maintain_order="left")
        .join(last_join, on="pair", how="left", maintain_order="left")
    )
    early = (pl.col("t_other") < pl.col("joined_at")) & (
        pl.col("t_other") <= pl.max_horizontal("own_from", "joined_at")
    )
    late = (pl.col("t_other") > pl.col("left_at")) & (
        pl.col("rejoined_at").is_null()
        | (pl.col("rejoined_at") < pl.col("left_at"))
        | (pl.col("t_other") < pl.col("rejoined_at"))
    )
    return out.select((early.fill_null(value=False) | late.fill_null(value=False)).alias("m"))["m"]


def _noticed(lone: Lone) -> pl.DataFrame:
    own = lone.lacking.filter((pl.col("cls") == SYSTEM) & pl.col("pair").is_not_null()).select(
        "pair", pl.col("t").alias("at"), "text"
    )
    found = [
        own.filter(pl.col("text").str.contains(p)).select("pair", "at", pl.lit(j).alias("joined"))
        for p, j in ((_JOINED, True), (_LEFT, False))
    ]
    return pl.concat(found)


def _stated_members(lone: Lone) -> pl.DataFrame:
    members = lone.lacking_reading.members
    mine = members.filter(pl.col("member_id").is_in(lone.owner_names) | pl.col("name").is_in(lone.owner_names))
    if mine.is_empty():
        # No member bears a name of the owner: the table may call it otherwise than the export does.
        return _fitting_members(lone)
    here = _of_group(mine, lone)
    parts = [
        here.select("pair", pl.col(c).dt.timestamp("us").alias("at"), pl.lit(j).alias("joined")).drop_nulls("at")
        for c, j in (("joined_at", True), ("left_at", False))
    ]
    return pl.concat(parts)


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
    """Joins and leaves of an export that does not tell its owner: those at which its own rows begin or end, within a day."""
    members = lone.lacking_reading.members
    spans = lone.rows.group_by("pair").agg(pl.col("own_from").first(), pl.col("own_to").first())
    here = _of_group(members, lone).join(spans, on="pair")
    parts = []
    for column, edge, joined in (("joined_at", "own_from", True), ("left_at", "own_to", False)):
        at = pl.col(column).dt.timestamp("us")
        fits = here.filter((at - pl.col(edge)).abs() <= 86_400 * MICRO)
        parts.append(fits.select("pair", at.alias("at"), pl.lit(joined).alias("joined")))
    return pl.concat(parts)


def is_per_side(lone: Lone) -> pl.Series:
    """System and tip rows: each device writes its own."""
    return lone.rows["cls"] == SYSTEM


def is_not_exported(lone: Lone) -> pl.Series:
    """The lacking export's form does not write rows of this kind."""
    limits = lone.lacking_reading.facts.limits
    return lone.rows["kind"].cast(pl.String).is_in([str(k) for k in limits.kinds_absent])


def is_unverified_edge(lone: Lone) -> pl.Series:
    """Beyond the other side's first or last row, and nothing says whether it reaches there."""
    return lone.rows["edge"] == "unverified"


def is_recalled_by_id(lone: Lone) -> pl.Series:
    """The lacking side shows a recall notice under the row's own server id."""
    return recalled_by_id(lone.rows, lone.lacking)


# The notices of recalls without an id come after these, the edge that nothing verifies last.
FIRST_RULES: tuple[tuple[Cause, Rule], ...] = (
    (Cause.REPEAT, is_repeat),
    (Cause.OUTSIDE_COVERAGE, is_bounded),
    (Cause.NOT_DELIVERED, is_not_delivered),
    (Cause.RECALLED, is_recalled_by_id),
    (Cause.PER_SIDE_ROW, is_per_side),
    (Cause.MEMBERSHIP, is_outside_membership),
    (Cause.DECLARED, is_declared),
    (Cause.KIND_NOT_EXPORTED, is_not_exported),
)  # fmt: skip
# All rules by name, for whoever tells what was tried on a row; recalls by notice stand beside those by id.
RULES: tuple[tuple[Cause, Rule], ...] = (*FIRST_RULES, (Cause.OUTSIDE_COVERAGE, is_unverified_edge))
