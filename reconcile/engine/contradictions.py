"""Finds rows whose reader noted a contradiction within the row, or a cell that a spreadsheet changed."""

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


def turned_rows(rows: pl.Series, reading: Reading) -> pl.Series:
    """Whether a spreadsheet program made a number or a date of the words of each of these rows."""
    places = {n.locator for n in reading.notes if n.code is NoteCode.COERCED_CELL}
    turned = reading.messages["locator"].is_in(sorted(places)) if places else pl.Series([False])
    return turned[rows] if places else turned.new_from_index(0, rows.len())


__all__ = ["contradicting_rows", "turned_rows"]
