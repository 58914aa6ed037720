"""The rows of one side that have no partner, with what the rules of their causes ask beside them."""

from dataclasses import dataclass

import polars as pl

from reconcile.intake.contract import Reading


@dataclass(frozen=True, slots=True)
class Lone:
    """The rows that have no partner on one side's frame, and what the rules need beside them.

    rows: row frame of the holding side plus `t_other` (time on the common clock), `edge`, reach columns, `least_shift` and `most_shift` (least
    and most that the lacking side's clock may be ahead of the common one, µs). holder: all rows of the
    holding side. lacking: all rows of the lacking side, open_lacking: those of them without a partner. lacking_reading, holder_reading: the
    two exports. owner_names: names and ids under which the lacking side's owner may appear in a notice. untimed: conversations aligned by
    order alone. each: every pair is an export of its own.
    """

    rows: pl.DataFrame
    holder: pl.DataFrame
    lacking: pl.DataFrame
    open_lacking: pl.DataFrame
    lacking_reading: Reading
    holder_reading: Reading
    owner_names: tuple[str, ...]
    untimed: list[int]
    each: bool = False
