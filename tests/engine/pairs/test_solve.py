"""Solving agrees with its slow twin, and says by how much each decision stands above the next best one."""

from math import inf, isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.engine.pairs.solve import Solution, solve
from reconcile.engine.params import PARAMS
from tests.engine.reference_matcher import Gains, best_total

PLACES = st.tuples(st.integers(0, 3), st.integers(0, 3))
GAINS = st.dictionaries(PLACES, st.integers(-16, 40).map(lambda n: n / 2), max_size=14)


def solved(
    gains: Gains, groups: tuple[list[int], list[int]] | None = None, size: int = 4, *, agree: bool = False
) -> Solution:
    """The solution; every record stands for itself unless groups of interchangeable ones are named.

    `agree`: all pairs would agree.
    """
    left, right = groups or (list(range(size)), list(range(size, 2 * size)))
    at = list(gains)
    li, ri = (np.array([p[k] for p in at], np.int64) for k in (0, 1))
    values = np.array([gains[p] for p in at], np.float64)
    return solve(
        (len(left), len(right)), li, ri, values, np.full(len(li), agree), (np.array(left), np.array(right)), PARAMS
    )


@given(GAINS)
def test_the_assignment_gains_as_much_as_the_best_of_all(gains: Gains) -> None:
    at = [list(gains)[p] for p in solved(gains).pair]
    assert len({i for i, _ in at}) == len({j for _, j in at}) == len(at)
    assert sum(gains[p] for p in at) == pytest.approx(best_total(gains))


@given(GAINS)
def test_the_margin_of_a_pair_is_what_the_best_assignment_without_it_loses(gains: Gains) -> None:
    found, best = solved(gains), best_total(gains)
    for place, margin in zip(found.pair, found.pair_margin, strict=True):
        pair = list(gains)[place]
        assert margin == pytest.approx(best - best_total(gains, without=pair), abs=1e-6)


@given(GAINS)
def test_the_margin_of_a_record_alone_is_what_the_best_assignment_that_pairs_it_loses(gains: Gains) -> None:
    found, best = solved(gains), best_total(gains)
    paired = {list(gains)[p][0] for p in found.pair}
    for record, margin in enumerate(found.absent_margin_left):
        if record in paired:
            assert isnan(margin)
        else:
            assert margin == pytest.approx(best - best_total(gains, with_left=record), abs=1e-6)


@given(GAINS)
def test_swapped_sides_give_the_mirrored_solution(gains: Gains) -> None:
    there, back = solved(gains), solved({(j, i): g for (i, j), g in gains.items()})
    assert sorted(there.pair_margin) == pytest.approx(sorted(back.pair_margin), abs=1e-6)
    assert sum(gains[p] for p in [list(gains)[k] for k in there.pair]) == pytest.approx(best_total(gains))


def test_which_of_two_partners_that_would_agree_it_is_makes_no_pair_doubtful() -> None:
    crossed = {(0, 0): 14.0, (1, 1): 14.0, (0, 1): 13.5, (1, 0): 13.5}
    assert max(solved(crossed).pair_margin) < PARAMS.accept_nats
    assert min(solved(crossed, agree=True).pair_margin) >= PARAMS.accept_nats


def test_of_one_record_more_than_the_other_side_holds_one_is_surely_absent() -> None:
    # Three records that nothing tells apart, against two: which one is alone is no question of doubt.
    equal = {(i, j): 9.0 for i in range(3) for j in range(2)}
    found = solved(equal, ([0, 0, 0], [0, 0]))
    assert len(found.pair) == 2
    assert found.pair_margin == pytest.approx([9.0, 9.0])
    assert [m for m in found.absent_margin_left if not isnan(m)] == [inf]


def test_two_records_that_fit_one_as_well_leave_no_margin() -> None:
    found = solved({(0, 0): 9.0, (1, 0): 9.0})
    assert found.pair_margin == pytest.approx([0.0])


def test_of_very_many_like_records_those_too_many_are_certainly_alone_and_an_unlike_one_is_by_what_it_would_take() -> (
    None
):
    many = PARAMS.component_records // 2 + 10
    gains = {(i, j): 5.0 for i in range(many) for j in range(many - 2)} | {(many, j): -3.0 for j in range(many - 2)}
    found = solved(gains, ([0] * many + [1], [2] * (many - 2)))
    alone = found.absent_margin_left[~np.isnan(found.absent_margin_left)].tolist()
    assert alone == [inf, inf, 8.0]
