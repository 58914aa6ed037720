"""The one-to-one assignment with the largest total gain, of a component of candidate pairs."""

import numpy as np
import numpy.typing as npt

from reconcile.engine.params import PARAMS

Matrix = npt.NDArray[np.float64]
# What a cell costs that may not be taken.
_NEVER = -1e9


def assign(value: Matrix) -> tuple[float, list[tuple[int, int]]]:
    """The largest total gain, and the matched cells in order of rows; only cells with a gain are matched.

    Of equally good assignments it is one with the most cells, so that both directions match as many. Among these it is
    the one that scipy's solver finds, which takes half a second to load.
    """
    n, m = value.shape
    if not n * m:
        return 0.0, []
    cells = np.where(np.isfinite(value) & (value > 0), value + PARAMS.more_pairs_nats, _NEVER)
    # Each row and column may stay alone, with a gain of nothing.
    padded = np.zeros((n + m, m + n))
    padded[:n, :m] = cells
    chosen = _columns_of_rows(-padded)
    match = [(r, c) for r, c in enumerate(chosen[:n]) if c < m and cells[r, c] > 0]
    return float(sum(value[r, c] for r, c in match)), match


def _columns_of_rows(matrix: Matrix) -> list[int]:
    """The column of each row of a square matrix with the least total cost, by shortest augmenting paths.

    Crouse, On implementing 2D rectangular assignment algorithms (2016): rows are added one by one, each by the cheapest
    path of exchanges. Columns are searched in the order in which scipy searches them. Two hundred rows a side take a tenth of a second.
    """
    cost = matrix.tolist()
    size = len(cost)
    by_row, by_column = [0.0] * size, [0.0] * size
    column_of, row_of = [-1] * size, [-1] * size
    for row in range(size):
        least, came = [np.inf] * size, [-1] * size
        rest = list(range(size - 1, -1, -1))
        seen: list[int] = []
        reached, at, sink = 0.0, row, -1
        while sink < 0:
            best, place = np.inf, -1
            for n, c in enumerate(rest):
                path = reached + cost[at][c] - by_row[at] - by_column[c]
                if path < least[c]:
                    came[c], least[c] = at, path
                if least[c] < best or (least[c] == best and row_of[c] < 0):
                    best, place = least[c], n
            reached = best
            c = rest[place]
            rest[place] = rest[-1]
            rest.pop()
            seen.append(c)
            if row_of[c] < 0:
                sink = c
            else:
                at = row_of[c]
        by_row[row] += reached
        for c in seen:
            if c != sink:
                by_row[row_of[c]] += reached - least[c]
            by_column[c] -= reached - least[c]
        c = sink
        while c >= 0:
            at = came[c]
            row_of[c] = at
            column_of[at], c = c, column_of[at] if at != row else -1
    return column_of


__all__ = ["Matrix", "assign"]
