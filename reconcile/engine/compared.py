"""What is known of one comparison once its pairs are judged, before lines are made of it."""

from dataclasses import dataclass

import polars as pl

from reconcile.intake.contract import Reading


@dataclass(frozen=True, slots=True)
class Aligned:
    """Both sides' rows on one clock.

    left, right: the row frames with `t` (µs, common clock; null = no time), `raw_t`, `spread`, `at` (display order). ids: worth of the server ids
    per conversation (ids.pair_by_id). untimed: conversations aligned by order alone.
    """

    left: pl.DataFrame
    right: pl.DataFrame
    ids: pl.DataFrame
    untimed: list[int]


@dataclass(frozen=True, slots=True)
class Compared:
    """Everything known once the pairs are judged. `each`: every pair is a comparison of its own. `segments`: clock segments (engine.segments)."""

    left: Reading
    right: Reading
    pairs: pl.DataFrame
    aligned: Aligned
    judged: pl.DataFrame
    case: str
    each: bool = False
    segments: pl.DataFrame | None = None
