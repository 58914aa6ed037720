"""Repairs rows of a text table that have too many cells because unquoted words contain the separator."""

from typing import NamedTuple

import numpy as np
import polars as pl

from reconcile.column_ops import Ints, filled, none_of
from reconcile.intake.contract import Note
from reconcile.vocabulary import NoteCode

# Least columns of a table of messages, and the share of longer rows from which they are no damage.
_LEAST_COLUMNS, _MANY_LONG = 3, 0.3
# Largest share of different cells, or of shapes of cells, in a column that shows what belongs into it.
_RECURRING = 0.5
# Number of cells that are looked at first.
_LOOK = 1_000
# What a known cell and one of a known shape count.
_KNOWN, _SHAPED = 2, 1
# What stands in another row's cell of time: the line end between the two was lost.
TIME = r"[0-9]{1,4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,4}|(?-u:\b)1[0-9]{9}(?:[0-9]{3})?(?-u:\b)"
# Columns that are looked at; a hostile table has thousands.
_MOST_COLUMNS = 100
# Largest share of the other rows in which a blank begins a cell, where a blank behind a separator shows words.
_FEW_SPACED = 0.2


class Joined(NamedTuple):
    """The cells of each row, the columns to which the surplus was joined, and how many rows had one.

    `is_told`: the cells show which columns these are.
    """

    parts: pl.DataFrame
    places: list[int]
    rows: int
    is_told: bool


def joined_surplus(
    cells: pl.Series, separator: str, width: int, *, may_be_cut: bool, is_whole: bool = False
) -> Joined | None:
    """The rows with the surplus of longer ones joined to the cell that holds the words.

    Each row is parted where its other cells look as in the rows of the usual length. A last separator that is missing
    beside one within the words is added. None where no place fits, or where the longer rows are two rows that lost the
    line end between them.

    `may_be_cut`: empty cells beyond the heading may be no part of the words. `is_whole`: the rows are wanted also where
    none is longer.
    """
    counts = cells.list.len().cast(pl.Int64)
    long = counts > width
    many = int(long.sum())
    if width < _LEAST_COLUMNS or not (many or is_whole):
        return None
    usual = _parted(cells.filter(~long), separator, width, width - 1)
    known = _known_cells(usual)
    scores = _scores_by_place(cells.filter(long), width, known)
    place, is_told = _usual_place(cells.filter(long), usual, scores)
    if place is None:
        return None
    moved = _are_moved(cells, separator, width, known, place) & ~long
    chosen = pl.Series([place]).new_from_index(0, cells.len())
    if many:
        best = _places(cells.filter(long), scores, known, place, may_be_cut=may_be_cut)
        chosen = chosen.scatter(long.arg_true(), best)
    told = cells.to_frame("row").select(
        pl.when(moved).then(pl.col("row").list.concat(pl.lit("").implode())).otherwise("row").alias("row")
    )
    parts = _parted(told["row"], separator, width, chosen)
    odd = (long | moved) & (chosen >= 0)
    if many < _MANY_LONG * cells.len() and _are_two_rows(parts, odd, chosen, known):
        return None
    return Joined(parts, sorted(set(chosen.filter(odd).to_list())), int(odd.sum()), is_told)


def surplus_notes(name: str, joined: Joined, width: int) -> list[Note]:
    """A note on rows with more cells than the heading; none where the last column surely holds them."""
    if not joined.rows or (joined.is_told and joined.places == [width - 1]):
        return []
    where = ", ".join(str(p + 1) for p in joined.places)
    told = f"rows of more cells than the heading: the rest is joined to column {where}"
    return [Note(NoteCode.ODD_VALUE, name, told, joined.rows, said=True)]


def _known_cells(usual: pl.DataFrame) -> dict[int, tuple[pl.Series, int]]:
    """For each of the first columns with cells of a kind: its cells or their shapes, and what one counts."""
    found: dict[int, tuple[pl.Series, int]] = {}
    for i, column in enumerate(usual.get_columns()[:_MOST_COLUMNS]):
        first = column.head(_LOOK)
        if column.n_unique() <= _RECURRING * column.len():
            # A cell that stands once may itself be one that lost its place.
            counts = column.value_counts(name="n")
            found[i] = (counts.filter(pl.col("n") > 1)[column.name], _KNOWN)
        elif (
            _shape(first).n_unique() <= _RECURRING * first.len()
            and (shapes := _shape(column).unique()).len() <= _RECURRING * column.len()
        ):
            found[i] = (shapes, _SHAPED)
    return found


def _shape(cells: pl.Series) -> pl.Series:
    """The cells with each word as a letter and each number as a zero."""
    return cells.str.replace_all(r"\p{L}+", "a").str.replace_all("[0-9]+", "0")


def _scores(column: pl.Series, told: tuple[pl.Series, int]) -> Ints:
    """What each cell counts as one of a known column."""
    cells, counts = told
    shaped = filled(_shape(column).is_in(_shape(cells).implode()), value=False).to_numpy()
    same = filled(column.is_in(cells.implode()), value=False).to_numpy() if counts == _KNOWN else shaped
    found: Ints = shaped * _SHAPED + same * (counts - _SHAPED)
    return found


def _score(parts: pl.DataFrame, known: dict[int, tuple[pl.Series, int]]) -> Ints:
    """How many cells of each row look as in the usual rows."""
    return sum((_scores(parts.to_series(i), told) for i, told in known.items()), np.zeros(parts.height, np.int64))


def _scores_by_place(cells: pl.Series, width: int, known: dict[int, tuple[pl.Series, int]]) -> Ints:
    """For each row and column: how many other cells look as usual if the surplus belongs to that column.

    The cells before the column stand where they are, and those behind it are moved by the surplus.
    """
    surplus = cells.list.len().cast(pl.Int64) - width
    before, behind = (np.zeros((cells.len(), width), np.int64) for _ in range(2))
    for i, told in known.items():
        before[:, i] = _scores(cells.list.get(i, null_on_oob=True), told)
        behind[:, i] = _scores(cells.list.get(surplus + i, null_on_oob=True), told)
    scores: Ints = before.cumsum(1) - before + behind[:, ::-1].cumsum(1)[:, ::-1] - behind
    return scores


def _usual_place(longer: pl.Series, usual: pl.DataFrame, scores: Ints) -> tuple[int | None, bool]:
    """The column whose cells hold separators of their own, or None, and whether its cells tell that.

    Blanks behind separators show it: people write one there, exporters do not. Else it is the one beside which the
    other cells of the longer rows fit best; of several the one of the most varied cells, or the last one.

    Args:
        longer: the cells of the longer rows.
        usual: the other rows.
        scores: `_scores_by_place` of the longer rows.
    """
    width = usual.width
    if longer.is_empty():
        return width - 1, True
    spaced = longer.list.eval(pl.element().str.contains(r"^[ \u3000]").arg_true())
    shown = spaced.list.len() > 0
    blank = usual.select(pl.any_horizontal(pl.all().str.starts_with(" "))).to_series() if usual.width else shown
    if shown.any() and float(blank.mean() or 0) < _FEW_SPACED:  # type: ignore[arg-type]
        surplus = longer.list.len().cast(pl.Int64) - width
        ends = [int((spaced.list.min() - 1).min()), int((spaced.list.max() - surplus).max())]  # type: ignore[arg-type]
        if ends[0] == min(max(ends[1], 0), width - 1):
            return ends[0], True
    total = scores.sum(0)
    best = np.flatnonzero(total == total.max()).tolist()
    varied = [(_shape(usual.to_series(p)).n_unique(), usual.to_series(p).n_unique()) for p in best]
    if varied.count(max(varied)) == 1:
        return best[varied.index(max(varied))], True
    return (width - 1 if width - 1 in best else None), not usual.height


def _places(
    cells: pl.Series, scores: Ints, known: dict[int, tuple[pl.Series, int]], place: int, *, may_be_cut: bool
) -> pl.Series:
    """For each longer row the column to which its surplus is joined; -1 where it is empty and rather cut."""
    best = np.where(scores[:, place] == scores.max(1), place, scores.argmax(1))
    if may_be_cut:
        fits = sum((_scores(cells.list.get(i), told) for i, told in known.items()), np.zeros(cells.len(), np.int64))
        # A blank behind a separator is of the words.
        fits[cells.list.get(place + 1).str.starts_with(" ").to_numpy()] = 0
        empty = (cells.list.slice(scores.shape[1]).list.join("") == "").to_numpy()
        best[empty & (fits >= scores.max(1))] = -1
    return pl.Series(best)


def _are_moved(
    cells: pl.Series, separator: str, width: int, known: dict[int, tuple[pl.Series, int]], place: int
) -> pl.Series:
    """Which rows of the usual length lack the last separator and hold another in their words."""
    nothing = none_of(cells)
    if width - 1 not in known:
        return nothing
    ends = cells.list.get(width - 1, null_on_oob=True)
    at = ((cells.list.len() == width) & ~ends.is_in(known[width - 1][0].implode())).arg_true()
    few = cells[at]
    plain = _parted(few, separator, width, width - 1)
    moved = _parted(few.list.eval(pl.concat([pl.element(), pl.lit("")])), separator, width, place)
    gain = pl.Series(_score(moved, known) - _score(plain, known))
    return nothing.scatter(at, (gain > _KNOWN) & _fit(moved, known, place))


def _parted(cells: pl.Series, separator: str, width: int, place: int | pl.Series) -> pl.DataFrame:
    """The cells of each row; surplus cells are joined in the column `place`, or dropped where it is -1."""
    row, at = pl.col("row"), pl.col("at")
    surplus = (row.list.len().cast(pl.Int64) - width).clip(0)
    frame = pl.DataFrame({"row": cells}).with_columns(pl.lit(place).alias("at")).with_columns(
        surplus.alias("surplus"), row.list.slice(at.clip(0), surplus + 1).list.join(separator).alias("whole")
    )  # fmt: skip
    return frame.select(
        pl.when(at == i)
        .then("whole")
        .otherwise(
            row.list.get(pl.when((at < 0) | (at > i)).then(i).otherwise(pl.col("surplus") + i), null_on_oob=True)
        )
        .fill_null("")
        .alias(f"field_{i}")
        for i in range(width)
    )


def _are_two_rows(
    parts: pl.DataFrame, odd: pl.Series, chosen: pl.Series, known: dict[int, tuple[pl.Series, int]]
) -> bool:
    """Whether longer rows hold another row's time in their words, or an unknown cell where cells recur."""
    recurring = {i: told for i, told in known.items() if told[1] == _KNOWN}
    for place in chosen.filter(odd).unique().to_list():
        rows = parts.filter(odd & (chosen == place))
        if rows.to_series(place).str.contains(TIME).any() or not recurring.keys() - {place}:
            return True
        if not _fit(rows, known, place).all():
            return True
    return False


def _fit(rows: pl.DataFrame, known: dict[int, tuple[pl.Series, int]], place: int) -> pl.Series:
    """Which rows have cells that are known or, as a new name, of a known shape, but for `place`."""
    fits = pl.Series([True]).new_from_index(0, rows.height)
    for i, (cells, _) in known.items():
        if i != place:
            column = rows.to_series(i)
            fits &= column.is_in(cells.implode()) | _shape(column).is_in(_shape(cells).implode())
    return fits
