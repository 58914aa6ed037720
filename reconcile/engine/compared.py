"""The facts of one comparison after its pairs are judged, and its lines with locators and names."""

from dataclasses import dataclass
from typing import cast

import dataframely as dy
import polars as pl

from reconcile.column_ops import aggregate_by_pair, collected
from reconcile.frames import Alignment
from reconcile.intake.contract import Reading
from reconcile.parallel import run_both_sides
from reconcile.vocabulary import Side
from reconcile.wechat.kind_classes import SECONDS


@dataclass(frozen=True, slots=True)
class Aligned:
    """Both sides' rows on one clock.

    Attributes:
        left, right: the row frames with `t` (µs, common clock; null = no time), `raw_t`, `spread`, `at` (display
        order).
        ids: how far server ids can be trusted, per conversation (ids.pair_by_id).
        untimed: conversations aligned by order alone.
    """

    left: pl.DataFrame
    right: pl.DataFrame
    ids: pl.DataFrame
    untimed: list[int]


@dataclass(frozen=True, slots=True)
class Compared:
    """All facts of a comparison after its pairs are judged.

    Attributes:
        left, right: the exports.
        pairs: the table of conversations.
        aligned: the rows on one clock.
        case: goes into every result row.
        each: whether every conversation pair is a comparison of its own.
        segments: clock segments (engine.segments).
    """

    left: Reading
    right: Reading
    pairs: pl.DataFrame
    aligned: Aligned
    case: str
    each: bool = False
    segments: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class Located:
    """The lines, spans and messages of a comparison.

    Attributes:
        lines: as `Alignment`, without `cause` and `confidence`.
        spans: pair, skew_seconds (median of left minus right), coverage_from, coverage_to (what both sides cover).
        messages: the messages of both exports, with the columns of the results.
    """

    lines: pl.DataFrame
    spans: pl.DataFrame
    messages: pl.DataFrame

    def alignment(self, caused: pl.DataFrame) -> dy.DataFrame[Alignment]:
        """The Alignment of these lines; `caused`: the same lines with cause, margin and confidence."""
        # The types are those of the schema already. A cast would leave every column in chunks, which later steps would have to join.
        frame = self.lines.with_columns(caused["cause"], caused["margin"], caused["confidence"]).select(
            Alignment.column_names()
        )
        return cast("dy.DataFrame[Alignment]", frame)


def located(lines: pl.DataFrame, compared: Compared, names: pl.DataFrame) -> Located:
    """Locators, spans and messages of the lines; no messages for many comparisons in one pass.

    Args:
        lines: every row of both sides once.
        compared: the comparison.
        names: our name of each conversation.
    """
    messages = compared.left.messages.clear() if compared.each else _named_messages(compared, names)
    return Located(_locate_lines(lines, compared, names), _skews_and_coverage(lines, compared), messages)


def _locate_lines(lines: pl.DataFrame, compared: Compared, names: pl.DataFrame) -> pl.DataFrame:
    """The alignment table: each line with conversation, locators and offset in seconds."""
    left, right = compared.left.messages, compared.right.messages
    left_at, right_at = pl.lit(left["sent_at"]).gather("left_row"), pl.lit(right["sent_at"]).gather("right_row")
    return lines.select(
        pl.lit(compared.case).alias("case"),
        _conversation_names(lines["pair"], names).alias("conversation"),
        "relation", "left_row", "right_row",
        pl.lit(left["locator"]).gather("left_row").alias("left_locator"),
        pl.lit(right["locator"]).gather("right_row").alias("right_locator"),
        "detail", "similarity",
        ((left_at - right_at).dt.total_microseconds() / SECONDS + 0.0).round(6).alias("offset_seconds"),
        pl.col("method").cast(pl.String),
    )  # fmt: skip


def _conversation_names(pairs: pl.Series, names: pl.DataFrame) -> pl.Expr:
    """Our name of the conversation of every row; empty where it has no pair."""
    if names.height == 1 and not pairs.null_count():
        return pl.lit(names["conversation"][0])
    return pl.lit(names["conversation"][pairs].fill_null(""))


def _skews_and_coverage(lines: pl.DataFrame, compared: Compared) -> pl.DataFrame:
    """Median offset and the span that both sides cover, for each conversation."""
    met = pl.col("relation").is_in(["agreement", "conflict"])
    both = lines.lazy().filter(met).select("pair", "left_row", "right_row").pipe(collected).rechunk()
    pairs = both[["pair"]].with_columns(
        compared.left.messages["sent_at"][both["left_row"]].alias("left_at"),
        compared.right.messages["sent_at"][both["right_row"]].alias("right_at"),
    )
    return aggregate_by_pair(
        pairs.lazy(), pairs["pair"],
        ((pl.col("left_at") - pl.col("right_at")).dt.total_microseconds().median() / SECONDS + 0.0)
        .round(6)
        .alias("skew_seconds"),
        pl.max_horizontal(pl.col("left_at").min(), pl.col("right_at").min()).alias("coverage_from"),
        pl.min_horizontal(pl.col("left_at").max(), pl.col("right_at").max()).alias("coverage_to"),
    ).pipe(collected)  # fmt: skip


def _named_messages(compared: Compared, names: pl.DataFrame) -> pl.DataFrame:
    """The messages of both sides with the names of conversation and party."""
    readings, frames = (compared.left, compared.right), (compared.aligned.left, compared.aligned.right)

    def of_side(side: int) -> pl.DataFrame:
        rows = frames[side]
        table = readings[side].messages.with_columns(
            pl.lit(tuple(Side)[side], pl.Enum(Side)).alias("side"),
            _conversation_names(rows["pair"], names).alias("conversation"),
            _party_names(rows["party"]).alias("party"),
        )
        return table.select("side", pl.exclude("side"))

    return pl.concat(run_both_sides(of_side, sum(f.height for f in frames)))


def _party_names(party: pl.Series) -> pl.Series:
    """Owner codes replaced by names; notices, which only have an owner, get no sender."""
    return party.replace({"\x01L": "left owner", "\x01R": "right owner", "\x02L": None, "\x02R": None})


__all__ = ["Located", "located"]
