"""Chooses the printed findings (conflicts, gaps, doubtful lines), and which of their rows are printed."""

from dataclasses import dataclass

import polars as pl

from reconcile.frames import Findings
from reconcile.report.counts import LEFT, RIGHT, SideRows
from reconcile.report.lacking_totals import PAYMENTS
from reconcile.settings import ReportLimits

RELATIONS = ("conflict", "one_sided", "doubtful")


@dataclass(frozen=True)
class Blocks:
    """The printed blocks in order, with their lines.

    Attributes:
        blocks: conversation, block, relation, gap (null = a single line), at, gap_lines.
        lines: the alignment's columns with block, line (place in the alignment), gap_lines (number of lines in the
            block) and at.
        found: number of blocks of each conversation, printed or not.
        listed: the lines of the list of discrepancies (conflicts and one-sided rows), printed blocks first, up to the
            limit.
        listed_found: number of these lines without the limit.
    """

    blocks: pl.DataFrame
    lines: pl.DataFrame
    found: dict[str, int]
    listed: pl.DataFrame
    listed_found: int


def choose_blocks(findings: Findings, sides: dict[str, SideRows], order: list[str], limits: ReportLimits) -> Blocks:
    """The blocks within the limits: by conversation in the given order, then conflicts, payments, time."""
    lines = _with_blocks(_disputed_lines(findings, sides), findings)
    table = lines.group_by("conversation", "block").agg(
        pl.col("relation").first(),
        pl.col("gap").first(),
        pl.col("at").min(),
        pl.len().alias("gap_lines"),
        pl.col("is_payment").any(),
    )
    found = dict(table.group_by("conversation").len().iter_rows())
    ranks = pl.DataFrame(
        {"conversation": order, "rank": range(len(order))}, schema={"conversation": pl.String, "rank": pl.UInt32}
    )
    relation_rank = pl.col("relation").replace_strict(dict(zip(RELATIONS, range(3), strict=True)), return_dtype=pl.Int8)
    printed = (
        table.join(ranks, on="conversation")
        .sort("rank", relation_rank, ~pl.col("is_payment"), "at", "block", nulls_last=True)
        .group_by("conversation", maintain_order=True)
        .head(limits.findings_per_conversation)
        .sort("rank", maintain_order=True)
        .head(limits.findings_in_report)
        .select("conversation", "block", "relation", "gap", "at", "gap_lines")
    )
    kept = lines.join(printed.select("block", "gap_lines"), on="block").sort("block", "at", "line", nulls_last=True)
    open_lines = lines.filter(pl.col("relation") != "doubtful")
    places = printed.select("block", pl.int_range(pl.len(), dtype=pl.UInt32).alias("place"))
    listed = (
        open_lines.join(ranks, on="conversation")
        .join(places, on="block", how="left")
        .sort("place", "rank", "at", "line", nulls_last=True)
    )
    return Blocks(
        printed, _thin(kept, limits.rows_per_gap), found, listed.head(limits.discrepancy_rows), open_lines.height
    )


def _disputed_lines(findings: Findings, sides: dict[str, SideRows]) -> pl.DataFrame:
    """Conflicts, one-sided and doubtful lines of the alignment, with both times and `is_payment`."""
    lines = (
        findings.alignment.with_row_index("line")
        .filter(pl.col("relation").is_in(list(RELATIONS)))
        .with_columns(pl.col("relation", "cause").cast(pl.String))
    )
    left_at = sides[LEFT].column_at("sent_at", lines["left_row"]).alias("left_at")
    right_at = sides[RIGHT].column_at("sent_at", lines["right_row"]).alias("right_at")
    kinds = [
        sides[side].column_at("kind", lines[f"{side}_row"]).cast(pl.String).is_in(PAYMENTS) for side in (LEFT, RIGHT)
    ]
    return lines.with_columns(left_at, right_at).with_columns(
        pl.coalesce("left_at", "right_at").alias("at"),
        (kinds[0].fill_null(value=False) | kinds[1].fill_null(value=False)).alias("is_payment"),
    )


def _with_blocks(lines: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """The lines with `block` and `gap`: the gap that holds the line, or the line itself."""
    gaps = (
        findings.gaps.with_row_index("gap_index")
        .select("gap_index", "conversation", pl.col("lacking").cast(pl.String), "first_row", "last_row")
        .sort("first_row")
    )
    single = lines.filter(pl.col("relation") == "one_sided").with_columns(
        pl.coalesce("left_row", "right_row").alias("held"),
        pl.when(pl.col("left_row").is_null()).then(pl.lit(LEFT)).otherwise(pl.lit(RIGHT)).alias("lacking"),
    )
    placed = (
        single.sort("held")
        .join_asof(
            gaps,
            left_on="held",
            right_on="first_row",
            by=["conversation", "lacking"],
            strategy="backward",
            check_sortedness=False,
        )
        .select("line", pl.when(pl.col("held") <= pl.col("last_row")).then(pl.col("gap_index")).alias("gap"))
    )
    return lines.join(placed, on="line", how="left").with_columns(
        pl.when(pl.col("gap").is_not_null())
        .then(pl.col("gap").cast(pl.Int64))
        .otherwise(pl.col("line").cast(pl.Int64) + gaps.height)
        .alias("block")
    )


def _thin(lines: pl.DataFrame, most: int) -> pl.DataFrame:
    """At most `most` lines of each block: two thirds from its start, the rest from its end."""
    head = most - most // 3
    place = pl.int_range(pl.len()).over("block")
    size = pl.len().over("block")
    return lines.filter((size <= most) | (place < head) | (place >= size - most // 3))
