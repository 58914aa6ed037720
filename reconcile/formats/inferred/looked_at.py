"""Which rows of a table show what its columns hold."""

import re

import polars as pl

from reconcile.intake.tables.cells import ROW

_LOOK = 10_000
# Time, sender and text: a level that holds fewer fields holds no messages.
FIELDS_OF_A_MESSAGE = 3
# Rows that fill so large a share of the usual cells at most are remarks.
_FEW_CELLS = 0.5


def looked_at(frame: pl.DataFrame) -> pl.DataFrame:
    """The first and last rows, without blank cells and without titles.

    A title is a row of one cell amid rows of several.
    """
    some = frame if frame.height <= 2 * _LOOK else pl.concat([frame.head(_LOOK), frame.tail(_LOOK)])
    some = some.with_columns(pl.when(pl.col(pl.String).str.strip_chars() != "").then(pl.col(pl.String)))
    some = some[1:] if _is_second_heading(some) else some
    filled = some.select(pl.sum_horizontal(pl.exclude(ROW).is_not_null())).to_series()
    usual = float(filled.median() or 0)  # type: ignore[arg-type]
    if usual < FIELDS_OF_A_MESSAGE:
        return some
    # Remarks stand above and below a table, in few of its cells.
    full = (filled > usual * _FEW_CELLS).arg_true()
    within = pl.int_range(some.height, eager=True).is_between(full[0], full[-1])
    return some.filter((filled > 1) & within)


def _is_second_heading(frame: pl.DataFrame) -> bool:
    """Whether only the first row holds no figure: it states units, or names in another language."""
    if frame.height < FIELDS_OF_A_MESSAGE:
        return False
    if any(re.search("[0-9]", cell) for name, cell in frame.row(0, named=True).items() if name != ROW and cell):
        return False
    figures = frame.select(pl.any_horizontal(pl.exclude(ROW).str.contains("[0-9]").fill_null(value=False))).to_series()
    return not figures[0] and bool(figures[1:].all())
