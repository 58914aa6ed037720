"""Finds the rows that state one quantity twice and differently, as their reader found."""

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.intake.contract import Reading
from reconcile.intake.messages.twice_stated import CONTRADICTS
from reconcile.vocabulary import NoteCode

_FIELD = f'"{CONTRADICTS}":'


def contradicting_rows(rows: pl.Series, reading: Reading) -> npt.NDArray[np.bool_]:
    """Whether each of these rows of an export contradicts itself."""
    if not any(n.code is NoteCode.ROW_CONTRADICTS for n in reading.notes):
        return np.zeros(rows.len(), bool)
    told = reading.messages["raw"][rows].str.contains(_FIELD, literal=True).fill_null(value=False)
    return told.to_numpy()


__all__ = ["contradicting_rows"]
