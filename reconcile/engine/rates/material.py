"""The part of a run that its rates are measured on: drawn by lot, small, the same whichever side is called left."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from reconcile.settings import RateLimits
from reconcile.vocabulary import Relation
from reconcile.wechat.kind_classes import SECONDS

PAIRED = (str(Relation.AGREEMENT), str(Relation.CONFLICT))
_SEEDED_ROWS = 1_000
# Below this share of a side's rows alone the other side has them all.
_ONE_SIDE = 0.1
Rematch = Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Run:
    """What a finished matching hands over to be measured.

    rows: both sides' rows before alignment, with pair and party; `row` is the position. lines: every row of both sides once
    (comparison.lines). untimed: conversations aligned by order alone. rematch: runs the matching again on other rows and gives their lines.
    """

    rows: tuple[pl.DataFrame, pl.DataFrame]
    lines: pl.DataFrame
    untimed: frozenset[int]
    seed: int
    rematch: Rematch


@dataclass(frozen=True, slots=True)
class Part:
    """A drawn part: its lines in display order, its rows of both sides, and `near_us`, the distance within which rows of one look are one.

    lines: those of the run, with `is_inner` (paired, and neither among the first nor the last of the part) and `surplus` (0, 1: the side
    that alone is given rows there, so that no two made-up leftovers meet; a conversation has a stretch of each, as long as that side's share of
    the rows alone that the run itself found). rows: as `Run.rows`, `row` still that of the run.
    """

    lines: pl.DataFrame
    rows: tuple[pl.DataFrame, pl.DataFrame]
    untimed: frozenset[int]
    near_us: int


def seed_of(run: Run) -> int:
    """The seed of every draw: from the settings and the words, times and number of both sides' rows; the same on every machine."""
    digest = hashlib.sha256(str(run.seed).encode())
    for rows in run.rows:
        step = max(1, rows.height // _SEEDED_ROWS)
        drawn = rows.gather_every(step).select("text", "t", "message_id")
        digest.update(f"{rows.height}".encode())
        digest.update(drawn.write_ndjson().encode())
    return int.from_bytes(digest.digest()[:6], "big")


def choose_part(run: Run, rng: np.random.Generator, limits: RateLimits) -> Part | None:
    """Whole conversations by lot, or a stretch of a long one, up to the limit of rows; None where too little is paired."""
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
        .collect()
    )
    chosen: list[tuple[int, float, float]] = []
    for index in rng.permutation(sizes.height).tolist():
        pair, lines, _, first, last = sizes.row(index)
        if budget < limits.least_paired:
            break
        # A long conversation gives a stretch of neighbouring rows, so that each keeps the neighbours that could be mistaken for it.
        start = first if lines <= budget else first + float(rng.random()) * max(0.0, last - first - budget)
        end = last if lines <= budget else start + budget
        chosen.append((pair, start, end))
        budget -= min(lines, budget)
    return _part(run, chosen, int(rng.integers(0, 2))) if chosen else None


def _part(run: Run, chosen: list[tuple[int, float, float]], first: int) -> Part:
    spans = pl.DataFrame(chosen, schema={"pair": pl.UInt32, "from": pl.Float64, "to": pl.Float64}, orient="row")
    lines = (
        run.lines.filter(pl.col("pair").is_in(spans["pair"].implode()))
        .join(spans, on="pair", how="left", maintain_order="left")
        .filter(pl.col("at").is_between(pl.col("from"), pl.col("to")))
        .sort("pair", "at", "left_row", "right_row", nulls_last=True)
    )
    paired = pl.col("relation").is_in(PAIRED)
    rank, count = paired.cum_sum().over("pair"), paired.sum().over("pair")
    # Neither at an end of the part, where a lost row is no gap, nor where its two halves meet.
    turned = (pl.col("pair").rank("dense") + first).mod(2) == 1
    share = surplus_share(lines)
    border = count * pl.when(turned).then(share).otherwise(1 - share)
    seam = (rank - border).abs() <= (count // 12).clip(1, 6)
    # Before the border one side has the surplus, behind it the other; which begins differs from conversation to conversation.
    surplus = pl.when(turned).then(rank <= border).otherwise(rank > border)
    lines = lines.with_columns(
        (paired & (rank > 2) & (rank <= count - 2) & ~seam).alias("is_inner"),
        (1 - surplus.cast(pl.Int8)).cast(pl.UInt8).alias("surplus"),
    )
    rows = tuple(f[lines[c].drop_nulls().sort()] for f, c in zip(run.rows, ("left_row", "right_row"), strict=True))
    return Part(lines, (rows[0], rows[1]), run.untimed, _near(lines, rows))


def surplus_share(lines: pl.DataFrame) -> float:
    """The left side's share of the rows alone that the run reported, rounded to none or all near the ends; a half where it reported none.

    What is hidden and put in lacks a partner on the side on which the run found rows to lack one: only there do such rows meet what they meet in
    truth.
    """
    alone = lines.filter(pl.col("relation") == str(Relation.ONE_SIDED))
    left = alone["left_row"].count()
    share = (left + 1) / (alone.height + 2)
    return 0.0 if share < _ONE_SIDE else 1.0 if share > 1 - _ONE_SIDE else share


def _near(lines: pl.DataFrame, rows: tuple[pl.DataFrame, ...]) -> int:
    """Within this distance two rows of one look cannot be told apart: five seconds, more where clocks jitter or tell minutes only."""
    honest = lines["residual_s"].drop_nulls()
    jitter = float(honest.quantile(0.9) or 0.0) if honest.len() else 0.0
    rough = any((f["time_precision"].cast(pl.String) == "minute").any() for f in rows)
    return int(max(5.0 + 6.0 * jitter, 130.0 if rough else 0.0) * SECONDS)
