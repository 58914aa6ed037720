"""Rows of a text table that leave out a cell, so that the cells behind it stand too far left."""

import polars as pl

# Least share of whole rows, of cells of one shape in a column of times, and largest share of different cells in one of senders or kinds.
_LEAST_WHOLE, _OF_ONE_SHAPE, _RECURRING = 0.5, 0.9, 0.5
_MOST_COLUMNS = 40
_FIGURES_APART = r"0\D+0"


def with_cells_in_place(table: pl.DataFrame, row: str) -> pl.DataFrame:
    """The table with the cells of shorter rows in the columns whose shape they have.

    Args:
        table: cells as text, null for empty ones and for those that shorter rows lack.
        row: the column of row numbers, which stays.

    Only the last columns tell, if all their cells have the shape of one time. The gap lies where most cells are known to their column, else as far
    left as possible.
    """
    names = [c for c in table.columns if c != row]
    if not 1 < len(names) <= _MOST_COLUMNS:
        return table
    whole = table.filter(pl.col(names[-1]).is_not_null())
    if not _LEAST_WHOLE * table.height < whole.height < table.height or not (
        shapes := _last_shapes(whole.select(names))
    ):
        return table
    first = len(names) - len(shapes)
    known = {n: v for n in names[:first] if (v := whole[n].unique()).len() <= _RECURRING * whole.height}
    for missing in range(1, first + 1):
        places = range(first - missing + 1)
        lacking = pl.all_horizontal(pl.col(names[-missing:]).is_null())
        fits = [_shape(pl.col(names[first + i - missing])) == s for i, s in enumerate(shapes)]
        is_short = pl.all_horizontal(lacking, *fits).fill_null(value=False)
        if not table.select(is_short.any()).item():
            continue
        moved = {p: _with_gap(names, p, missing) for p in places}
        costs = [
            pl.sum_horizontal(
                pl.lit(0),
                *(1 - 2 * cells[i].is_in(known[n].implode()).cast(pl.Int64) for i, n in enumerate(names) if n in known),
            ).alias(str(p))
            for p, cells in moved.items()
        ]
        best = pl.concat_list(costs).list.arg_min()
        table = table.with_columns(
            pl.when(is_short)
            .then(pl.coalesce(pl.when(best == p).then(moved[p][i]) for p in places))
            .otherwise(n)
            .alias(n)
            for i, n in enumerate(names)
        )
    return table


def _last_shapes(table: pl.DataFrame) -> list[str]:
    """The shapes of the last columns, as many as have one each and figures apart."""
    shapes: list[str] = []
    for column in reversed(table.columns):
        counts = table.select(_shape(pl.col(column)))[column].drop_nulls().value_counts(sort=True)
        if counts.is_empty() or counts["count"][0] < _OF_ONE_SHAPE * table.height:
            break
        if not counts[column].str.contains(_FIGURES_APART)[0]:
            break
        shapes.insert(0, counts[column][0])
    return shapes


def _shape(cell: pl.Expr) -> pl.Expr:
    """The cell with each figure as 0."""
    return cell.str.replace_all("[0-9]+", "0")


def _with_gap(names: list[str], place: int, missing: int) -> list[pl.Expr]:
    """The cells of a row with so many empty ones at a place, and those behind moved to the right."""
    empty = pl.lit(None, dtype=pl.String)
    return [
        pl.col(n) if i < place else empty if i < place + missing else pl.col(names[i - missing])
        for i, n in enumerate(names)
    ]


__all__ = ["with_cells_in_place"]
