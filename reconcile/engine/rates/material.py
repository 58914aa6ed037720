"""The material of error rates: a drawn part of a run, whatever the order of sides, and its groups."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from reconcile.column_ops import collected, listed, present
from reconcile.engine.params import PARAMS
from reconcile.settings import RateLimits
from reconcile.vocabulary import Relation
from reconcile.wechat.kind_classes import (
    CALL,
    CARD,
    FILE,
    FORWARD,
    IMAGE,
    LINK,
    PAYMENT,
    PLACE,
    SECONDS,
    STICKER,
    SYSTEM,
    VIDEO,
    VOICE,
    WORDS,
)

PAIRED = (str(Relation.AGREEMENT), str(Relation.CONFLICT))
Rematch = Callable[[tuple[pl.DataFrame, pl.DataFrame]], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Run:
    """What a finished matching hands over for measuring.

    Attributes:
        rows: both sides' rows before alignment, with pair and party; `row` is the position.
        lines: every row of both sides once (lines.lines_of).
        untimed: conversations aligned by order alone.
        seed: seed of the settings.
        rematch: runs the matching again on other rows and returns their lines, numbered by position. A made-up row
            bears the number of the row that it was made from.
    """

    rows: tuple[pl.DataFrame, pl.DataFrame]
    lines: pl.DataFrame
    untimed: frozenset[int]
    seed: int
    rematch: Rematch


@dataclass(frozen=True, slots=True)
class Part:
    """A drawn part of a run.

    Attributes:
        lines: lines of the run in display order, with `is_inner` (paired, and not among the first or last of the part)
            and `surplus` (0 or 1: the only side that gets extra rows there, so that two made-up rows never meet). Each
            conversation has a span for each side, in proportion to the unmatched rows that the run found there.
        rows: as `Run.rows`; `row` is still that of the run.
        untimed: conversations aligned by order alone.
        near_us: distance (µs) within which similar rows may be one message.
    """

    lines: pl.DataFrame
    rows: tuple[pl.DataFrame, pl.DataFrame]
    untimed: frozenset[int]
    near_us: int


def seed_of(run: Run) -> int:
    """The seed of every draw, from the settings and samples of both sides' rows; equal on every machine."""
    digest = hashlib.sha256(str(run.seed).encode())
    for rows in run.rows:
        step = max(1, rows.height // PARAMS.seeded_rows)
        drawn = rows.gather_every(step)[["text", "t", "message_id"]]
        digest.update(f"{rows.height}".encode())
        digest.update(drawn.write_ndjson().encode())
    return int.from_bytes(digest.digest()[:6], "big")


def choose_part(run: Run, rng: np.random.Generator, limits: RateLimits) -> Part | None:
    """Whole conversations by lot, or a span of a long one, up to a limit; None if too few are paired."""
    budget = int(np.clip(run.lines.height * limits.part_share, limits.least_rows, limits.most_rows))
    sizes = (
        run.lines.lazy()
        .filter(pl.col("pair").is_not_null())
        .group_by("pair")
        .agg(
            pl.len().alias("lines"),
            pl.col("relation").is_in(PAIRED).sum().alias("paired"),
            pl.col("at").min().alias("from"),
            pl.col("at").max().alias("to"),
        )
        .filter(pl.col("paired") >= limits.least_paired)
        .sort("pair")
        .pipe(collected)
    )
    chosen: list[tuple[int, float, float]] = []
    for index in rng.permutation(sizes.height).tolist():
        pair, lines, _, first, last = sizes.row(index)
        if budget < limits.least_paired:
            break
        # A long conversation contributes a span of neighbouring rows, so that each row keeps the neighbours it could be confused with.
        start = first if lines <= budget else first + float(rng.random()) * max(0.0, last - first - budget)
        end = last if lines <= budget else start + budget
        chosen.append((pair, start, end))
        budget -= min(lines, budget)
    return _build_part(run, chosen, int(rng.integers(0, 2))) if chosen else None


def _build_part(run: Run, chosen: list[tuple[int, float, float]], first: int) -> Part:
    """Spans of the comparison with one side's surplus chosen, and lines that may be hidden."""
    spans = pl.DataFrame(chosen, schema={"pair": pl.UInt32, "from": pl.Float64, "to": pl.Float64}, orient="row")
    lines = (
        run.lines.filter(pl.col("pair").is_in(listed(spans["pair"])))
        .join(spans, on="pair", how="left", maintain_order="left")
        .filter(pl.col("at").is_between(pl.col("from"), pl.col("to")))
        .sort("pair", "at", "left_row", "right_row", nulls_last=True)
    )
    paired = pl.col("relation").is_in(PAIRED)
    rank, count = paired.cum_sum().over("pair"), paired.sum().over("pair")
    # Not at an end of the part, where a lost row is no gap, and not where its two halves meet.
    turned = (pl.col("pair").rank("dense") + first).mod(2) == 1
    share = surplus_share(lines)
    border = count * pl.when(turned).then(share).otherwise(1 - share)
    seam = (rank - border).abs() <= (count // PARAMS.seam_share).clip(1, PARAMS.seam_rows)
    # One side has the surplus before the border, the other after it; conversations alternate in which side begins.
    surplus = pl.when(turned).then(rank <= border).otherwise(rank > border)
    lines = lines.with_columns(
        (paired & (rank > 2) & (rank <= count - 2) & ~seam).alias("is_inner"),
        (1 - surplus.cast(pl.Int8)).cast(pl.UInt8).alias("surplus"),
    )
    rows = tuple(f[present(lines[c]).sort()] for f, c in zip(run.rows, ("left_row", "right_row"), strict=True))
    return Part(lines, (rows[0], rows[1]), run.untimed, _indistinct_distance(lines, rows))


def surplus_share(lines: pl.DataFrame) -> float:
    """The left side's share of the run's unmatched rows, rounded to 0 or 1 near the ends; 0.5 without any.

    Hidden rows and decoys lack a partner on the side where the run found such rows, so they meet realistic conditions.
    """
    alone = lines.filter(pl.col("relation") == str(Relation.ONE_SIDED))
    left = alone["left_row"].count()
    share = (left + 1) / (alone.height + 2)
    return 0.0 if share < PARAMS.one_side_share else 1.0 if share > 1 - PARAMS.one_side_share else share


def _indistinct_distance(lines: pl.DataFrame, rows: tuple[pl.DataFrame, ...]) -> int:
    """Distance (µs) within which similar rows cannot be distinguished: 5 s, more with jitter or minutes."""
    honest = lines["residual_s"].drop_nulls()
    jitter = float(honest.quantile(PARAMS.usual_share) or 0.0) if honest.len() else 0.0
    rough = any((f["time_precision"].cast(pl.String) == "minute").any() for f in rows)
    return int(
        max(
            PARAMS.indistinct_seconds + PARAMS.indistinct_spreads * jitter,
            PARAMS.indistinct_minute_seconds if rough else 0.0,
        )
        * SECONDS
    )


_OF_CLASS = {
    IMAGE: "image", VOICE: "voice", VIDEO: "video", STICKER: "sticker", LINK: "link", PAYMENT: "payment", FILE: "file", CARD: "card", CALL: "call",
    PLACE: "location", FORWARD: "forward",
}  # fmt: skip
# In the order of reports.
GROUPS = ("words_1_5", "words_6_19", "words_20", *_OF_CLASS.values(), "other")


def group_of() -> pl.Expr:
    """The group of a row of `Run.rows`."""
    length = pl.col("text").fill_null("").str.len_chars()
    words = pl.when(length < 6).then(pl.lit("words_1_5")).when(length < 20).then(pl.lit("words_6_19"))
    by_class = pl.col("cls").replace_strict(_OF_CLASS, default="other", return_dtype=pl.String)
    return pl.when(pl.col("cls") == WORDS).then(words.otherwise(pl.lit("words_20"))).otherwise(by_class)


def missing_by_group(run: Run) -> dict[str, int]:
    """How many rows of each group the run reported missing."""
    lines = run.lines.filter(pl.col("relation") == str(Relation.ONE_SIDED))
    found = pl.concat(rows.select(group_of().alias("group")) for rows in _rows_of(run, lines))
    return dict(found.group_by("group").len().sort("group").iter_rows())


def rows_alone(run: Run) -> int:
    """How many rows of paired conversations are unmatched in the run, without client notices."""
    lone = pl.col("pair").is_not_null() & (pl.col("left_row").is_null() != pl.col("right_row").is_null())
    return sum(int((rows["cls"] != SYSTEM).sum()) for rows in _rows_of(run, run.lines.filter(lone)))


def _rows_of(run: Run, lines: pl.DataFrame) -> list[pl.DataFrame]:
    """Class and text of either side's rows in the lines."""
    numbers = (present(lines[name]) for name in ("left_row", "right_row"))
    return [rows[["cls", "text"]][found] for rows, found in zip(run.rows, numbers, strict=True)]
