"""Judges pairs of several messages with one row of the other side."""

import polars as pl

from reconcile.engine.preparation.rows import UNCLEAR
from reconcile.engine.relations import doubtful
from reconcile.intake.contract import FormLimits
from reconcile.vocabulary import Relation

Frames = tuple[pl.DataFrame, pl.DataFrame]


def with_doubt_of_seams(judged: pl.DataFrame, frames: Frames, limits: tuple[FormLimits, FormLimits]) -> pl.DataFrame:
    """The judged pairs; those of several messages with one row are doubtful where no person wrote so.

    Who writes a table by hand may put messages into one cell, which shows where each one ends. No tool does, and a row
    with an id is one message.
    """
    doubt = pl.lit(value=False)
    sides = zip(frames, ("left_row", "right_row"), ("message_id_right", "message_id"), limits[::-1], strict=True)
    for frame, rows, cell, limit in sides:
        seams = pl.lit(frame["seams"][judged[rows]])
        doubt |= (seams == UNCLEAR) | ((seams > 0) & (pl.col(cell).is_not_null() | limit.is_of_known_make))
    return judged.with_columns(doubtful(doubt & (pl.col("relation") == str(Relation.AGREEMENT)), "text"))


__all__ = ["with_doubt_of_seams"]
