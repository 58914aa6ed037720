"""The assignment is the one that scipy finds, also among equally good ones."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reconcile.engine.pairs.assignment import Matrix, assign

SIZES = st.tuples(st.integers(1, 6), st.integers(1, 6))
MATRICES = SIZES.flatmap(
    lambda size: st.lists(st.integers(-2, 4), min_size=size[0] * size[1], max_size=size[0] * size[1]).map(
        lambda cells: np.array(cells, float).reshape(size) / 2
    )
)


@given(MATRICES)
def test_equally_good_assignments_are_decided_as_scipy_decides_them(value: Matrix) -> None:
    # Loaded by the one process that runs this test.
    from scipy.optimize import linear_sum_assignment

    n, m = value.shape
    padded = np.zeros((n + m, n + m))
    padded[:n, :m] = np.where(value > 0, value + 1e-9, -1e9)
    rows, columns = linear_sum_assignment(padded, maximize=True)
    theirs = [(r, c) for r, c in zip(rows.tolist(), columns.tolist(), strict=True) if r < n and c < m]
    assert assign(value)[1] == [(r, c) for r, c in theirs if value[r, c] > 0]


@given(MATRICES)
def test_of_equally_good_assignments_one_with_the_most_cells_is_taken_in_both_directions(value: Matrix) -> None:
    assert len(assign(value)[1]) == len(assign(value.T)[1])


def test_nothing_is_matched_without_rows_or_columns() -> None:
    assert assign(np.zeros((0, 3))) == (0.0, [])
