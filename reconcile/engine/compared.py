"""The facts of one comparison after its pairs are judged, as input of the findings."""

from dataclasses import dataclass

import polars as pl

from reconcile.intake.contract import Reading


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
