"""The fast model of equal rows agrees with its slow twin, and says what it cannot know."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.match.assign import _weights as weights
from reconcile.match.assign import assign_component
from tests.match.reference_matcher import best_and_posterior, weigh

SECOND = 1_000_000
times = st.lists(st.integers(0, 60), max_size=4).map(lambda t: sorted(x * SECOND for x in t))


@settings(max_examples=50, deadline=None)
@given(times, times, st.integers(1, 20))
def test_the_fast_model_finds_the_best_alignment_and_its_probabilities(
    left: list[int], right: list[int], spread: int
) -> None:
    if not left or not right:
        return
    none: list[int | None] = [None] * 4
    weight = weights(left, right, none[: len(left)], none[: len(right)], spread * SECOND, 0.0, 90.0 * SECOND)
    best, posterior = best_and_posterior(weight)
    pairs, _ = assign_component(left, right, none[: len(left)], none[: len(right)], spread * SECOND, 0.0, 90.0 * SECOND)
    assert weigh(tuple((i, j) for i, j, _ in pairs), weight) == pytest.approx(best)
    for i, j, probability in pairs:
        assert probability == pytest.approx(float(posterior[i, j]), abs=1e-6)


def test_two_equal_rows_of_one_moment_against_one_leave_a_doubt() -> None:
    pairs, (unsure, _) = assign_component([0, 0], [0], [None, None], [None], SECOND, 0.0, 90.0 * SECOND)
    assert len(pairs) == 1
    assert len(unsure) == 1


def test_a_clear_lack_is_no_doubt() -> None:
    pairs, (unsure, _) = assign_component([0, 40 * SECOND], [0], [None, None], [None], SECOND, 0.0, 90.0 * SECOND)
    assert [(i, j) for i, j, _ in pairs] == [(0, 0)]
    assert unsure == []


def test_place_among_neighbours_tells_equal_rows_of_one_minute_apart() -> None:
    pairs, (unsure, _) = assign_component([0, 0], [0], [1, 5], [5], 30 * SECOND, 6.0, 120.0 * SECOND)
    assert [(i, j) for i, j, _ in pairs] == [(1, 0)]
    assert unsure == []


def test_probabilities_of_a_row_never_exceed_one() -> None:
    pairs, _ = assign_component(
        list(range(0, 9 * SECOND, SECOND)),
        list(range(0, 8 * SECOND, SECOND)),
        [None] * 9,
        [None] * 8,
        3 * SECOND,
        0.0,
        90.0 * SECOND,
    )
    assert all(0 <= p <= 1 + 1e-9 for _, _, p in pairs)
    assert np.unique([i for i, _, _ in pairs]).size == len(pairs)
