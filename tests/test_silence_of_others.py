"""The silence of a side's other conversations, told by counting, is the one that a list of their rows shows."""

import numpy as np
import polars as pl
import pytest

from reconcile.abreast import LEAST_ROWS, of_both
from reconcile.graph.gaps import (
    EXPECTED_ROWS,
    LEAST_OTHERS,
    MOST_PAUSE,
    NEAR_LENGTHS,
    SideFacts,
    Times,
    _is_rare,
    _turns,
)
from reconcile.graph.numbering import Numbering


def _by_list(others: Times, first: int, last: int) -> bool | None:
    place = int(np.searchsorted(others, last, side="right"))
    if len(others) < LEAST_OTHERS or place in (0, len(others)):
        return None
    length = max(1, last - first)
    near = others[(others >= first - NEAR_LENGTHS * length) & (others <= last + NEAR_LENGTHS * length)]
    pause = int(others[place] - others[place - 1])
    return True if len(near) / (2 * NEAR_LENGTHS) >= EXPECTED_ROWS and pause <= MOST_PAUSE * length else None


@pytest.mark.parametrize("seed", range(20))
def test_counted_silence_is_the_listed_one(seed: int) -> None:
    random = np.random.default_rng(seed)
    times = np.sort(random.integers(0, 1_000, random.integers(5, 400)))
    of_pair = random.choice([-1, 0, 1, 2], len(times), p=[0.05, 0.8, 0.1, 0.05])
    own = {p: times[of_pair == p] for p in (0, 1, 2)}
    nothing = pl.Series([], dtype=pl.Int64)
    numbering = Numbering(nothing, nothing, {}, {}, frozenset(), {}, {})
    facts = SideFacts(nothing, nothing, numbering, times, of_pair, own, 1)
    turns = _turns(of_pair)
    for pair in (0, 1, 2):
        starts, lengths = random.integers(-10, 1_010, 20).tolist(), random.integers(0, 60, 20).tolist()
        for first, last in ((a, a + n) for a, n in zip(starts, lengths, strict=True)):
            assert _is_rare(facts, pair, turns, first, last) == _by_list(times[of_pair != pair], first, last)


@pytest.mark.parametrize("rows", [0, LEAST_ROWS])
def test_both_sides_come_in_order_and_the_left_ones_error_counts(rows: int) -> None:
    def fail(side: int) -> int:
        raise ValueError(("left", "right")[side])

    assert of_both(lambda side: side * 2, rows) == [0, 2]
    with pytest.raises(ValueError, match="left"):
        of_both(fail, rows)
