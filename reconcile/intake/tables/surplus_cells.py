"""Rows of a text table with more cells than the heading, because words hold separators without quotes."""

from typing import NamedTuple

import polars as pl

from reconcile.intake.contract import Note
from reconcile.vocabulary import NoteCode

# Least columns of a table of messages, and the share of longer rows from which they are no damage.
_LEAST_COLUMNS, _MANY_LONG = 3, 0.3
# Largest share of different cells, or of shapes of cells, in a column that shows what belongs into it.
_RECURRING = 0.5
# What a known cell and one of a known shape count.
_KNOWN, _SHAPED = 2, 1
# What stands in another row's cell of time: the line end between the two was lost.
TIME = r"[0-9]{1,4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,4}|(?-u:\b)1[0-9]{9}(?:[0-9]{3})?(?-u:\b)"
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
    usual = _joined_at(cells.filter(~long), separator, width, width - 1)
    known = _known_cells(usual)
    place, is_told = _usual_place(cells, separator, width, counts, known)
    if place is None:
        return None
    chosen = _places(cells, separator, width, known, place, may_be_cut=may_be_cut)
    cut = chosen < 0
    moved = _are_moved(cells, separator, width, known, place) & ~long
    chosen = chosen.set(~long & ~moved, place)
    told = cells.to_frame("row").with_columns(moved.alias("moved"))
    cells = told.select(
        pl.when("moved").then(pl.col("row").list.concat(pl.lit("").implode())).otherwise("row").alias("row")
    )["row"]
    tried = {p: _joined_at(cells, separator, width, p) for p in chosen.unique().to_list() if p >= 0}
    parts = _chosen(tried, chosen) if tried else usual
    if cut.any():
        plain = cells.to_frame("row").select(
            pl.col("row").list.get(i, null_on_oob=True).fill_null("").alias(f"field_{i}") for i in range(width)
        )
        parts = _chosen({-1: plain, 0: parts}, pl.Series(pl.select(pl.when(cut).then(-1).otherwise(0)).to_series()))
    odd = (long | moved) & ~cut
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
    """For each column of cells of a kind: its cells, or their shapes, and what one of them counts."""
    found: dict[int, tuple[pl.Series, int]] = {}
    for i, column in enumerate(usual):
        shapes = _shape(column).unique()
        if column.n_unique() <= _RECURRING * column.len():
            # A cell that stands once may itself be one that lost its place.
            counts = column.value_counts(name="n")
            found[i] = (counts.filter(pl.col("n") > 1)[column.name], _KNOWN)
        elif shapes.len() <= _RECURRING * column.len():
            found[i] = (shapes, _SHAPED)
    return found


def _shape(cells: pl.Series) -> pl.Series:
    """The cells with each word as a letter and each number as a zero."""
    return cells.str.replace_all(r"\p{L}+", "a").str.replace_all("[0-9]+", "0")


def _score(parts: pl.DataFrame, known: dict[int, tuple[pl.Series, int]]) -> pl.Series:
    """How many cells of each row look as in the usual rows."""
    total = pl.Series([0], dtype=pl.Int64).new_from_index(0, parts.height)
    for i, (cells, counts) in known.items():
        column, shapes = parts.to_series(i), _shape(cells).implode()
        total += _shape(column).is_in(shapes).cast(pl.Int64) * _SHAPED
        if counts == _KNOWN:
            total += column.is_in(cells.implode()).cast(pl.Int64) * (_KNOWN - _SHAPED)
    return total


def _usual_place(
    cells: pl.Series, separator: str, width: int, counts: pl.Series, known: dict[int, tuple[pl.Series, int]]
) -> tuple[int | None, bool]:
    """The column whose cells hold separators of their own, or None, and whether its cells tell that.

    Blanks behind separators show it: people write one there, exporters do not. Else it is the one beside which the
    other cells of the longer rows fit best; of several the one of the most varied cells, or the last one.
    """
    long = counts > width
    usual = _joined_at(cells.filter(~long), separator, width, width - 1)
    if not long.any():
        return width - 1, True
    spaced = cells.filter(long).list.eval(pl.element().str.contains(r"^[ \u3000]").arg_true())
    shown = spaced.list.len() > 0
    blank = usual.select(pl.any_horizontal(pl.all().str.starts_with(" "))).to_series() if usual.width else shown
    if shown.any() and float(blank.mean() or 0) < _FEW_SPACED:  # type: ignore[arg-type]
        surplus = (counts - width).filter(long)
        ends = [int((spaced.list.min() - 1).min()), int((spaced.list.max() - surplus).max())]  # type: ignore[arg-type]
        if ends[0] == min(max(ends[1], 0), width - 1):
            return ends[0], True
    scores = [int(_score(_joined_at(cells.filter(long), separator, width, p), known).sum()) for p in range(width)]
    best = [p for p, s in enumerate(scores) if s == max(scores)]
    varied = [(_shape(usual.to_series(p)).n_unique(), usual.to_series(p).n_unique()) for p in best]
    if varied.count(max(varied)) == 1:
        return best[varied.index(max(varied))], True
    return (width - 1 if width - 1 in best else None), not usual.height


def _places(
    cells: pl.Series, separator: str, width: int, known: dict[int, tuple[pl.Series, int]], place: int, *, may_be_cut: bool
) -> pl.Series:  # fmt: skip
    """For each row the column to which its surplus is joined; -1 where it is empty and rather cut."""
    order = [place, *(p for p in range(width) if p != place)]
    scores = {p: _score(_joined_at(cells, separator, width, p), known) for p in order}
    if may_be_cut:
        plain = cells.list.head(width)
        empty = (cells.list.slice(width).list.join("") == "").cast(pl.Int64)
        fits = _score(_joined_at(plain, separator, width, width - 1), known)
        # A blank behind a separator is of the words.
        spaced = cells.list.get(place + 1, null_on_oob=True).str.starts_with(" ").fill_null(value=False)
        scores = {-1: fits.set(spaced, 0) * empty + empty - 1, **scores}
    best = pl.DataFrame({str(p): s for p, s in scores.items()}).select(pl.concat_list(pl.all()).list.arg_max())
    return best.to_series().replace_strict(dict(enumerate(scores)), return_dtype=pl.Int64)


def _are_moved(
    cells: pl.Series, separator: str, width: int, known: dict[int, tuple[pl.Series, int]], place: int
) -> pl.Series:
    """Which rows of the usual length lack the last separator and hold another in their words."""
    plain = _joined_at(cells, separator, width, width - 1)
    ended = cells.list.eval(pl.concat([pl.element(), pl.lit("")]))
    moved = _joined_at(ended, separator, width, place)
    gain = _score(moved, known) - _score(plain, known)
    return (cells.list.len() == width) & (gain > _KNOWN) & _fit(moved, known, place)


def _joined_at(cells: pl.Series, separator: str, width: int, place: int) -> pl.DataFrame:
    """The cells of each row, with the surplus of longer rows joined to the cell at this place."""
    row = pl.col("row")
    surplus = (row.list.len().cast(pl.Int64) - width).clip(0)
    return cells.to_frame("row").select(
        (
            row.list.slice(i, surplus + 1).list.join(separator)
            if i == place
            else row.list.get(i if i < place else i + surplus, null_on_oob=True)
        )
        .fill_null("")
        .alias(f"field_{i}")
        for i in range(width)
    )


def _chosen(tried: dict[int, pl.DataFrame], chosen: pl.Series) -> pl.DataFrame:
    """The rows of the frame that was chosen for each."""
    first = next(iter(tried.values()))
    return pl.DataFrame(
        [
            pl.select(pl.coalesce(pl.when(chosen == p).then(frame[name]) for p, frame in tried.items())).to_series().alias(name)
            for name in first.columns
        ]
    )  # fmt: skip


def _are_two_rows(
    parts: pl.DataFrame, odd: pl.Series, chosen: pl.Series, known: dict[int, tuple[pl.Series, int]]
) -> bool:
    """Whether longer rows hold another row's time in their words, or an unknown cell where cells recur."""
    recurring = {i: told for i, told in known.items() if told[1] == _KNOWN}
    for place in chosen.filter(odd).unique().to_list():
        rows = parts.filter(odd & (chosen == place))
        if rows.to_series(place).str.contains(TIME).any() or not recurring.keys() - {place}:
            return True
        if not _fit(rows, recurring, place).all():
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
