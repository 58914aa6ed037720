"""What is known of one comparison once its pairs are judged, before lines are made of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from reconcile.intake.contract import Reading
from reconcile.match.align import Aligned
from reconcile.settings import Settings


@dataclass(frozen=True, slots=True)
class Apart:
    """Says that every pair is a comparison of its own, both sides of which hold that one conversation and nothing else.

    left_exported, right_exported: pair -> instant of that side's export (µs), where it is stated.
    """

    left_exported: Mapping[int, int]
    right_exported: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Compared:
    """Everything known once the pairs are judged. `apart`: None = all pairs are of one comparison."""

    left: Reading
    right: Reading
    pairs: pl.DataFrame
    aligned: Aligned
    judged: pl.DataFrame
    settings: Settings
    case: str
    apart: Apart | None = None
