"""The silence of a side's other conversations, told by counting, is the one that a list of their rows shows."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from reconcile.engine.graph.gaps import (
    DAY,
    AskedGap,
    SideFacts,
    Times,
    conversation_turns,
    find_silences,
    is_rare_silence,
)
from reconcile.engine.graph.numbering import Numbering
from reconcile.engine.params import PARAMS
from reconcile.parallel import LEAST_ROWS, pays_off, run_both_sides


def _by_list(others: Times, first: int, last: int) -> bool | None:
    place = int(np.searchsorted(others, last, side="right"))
    if len(others) < PARAMS.silent_others_rows or place in (0, len(others)):
        return None
    length = max(1, last - first)
    near = others[
        (others >= first - PARAMS.silent_near_lengths * length) & (others <= last + PARAMS.silent_near_lengths * length)
    ]
    before, pause = int(others[place - 1]), int(others[place] - others[place - 1])
    if (
        len(near) / (2 * PARAMS.silent_near_lengths) < PARAMS.silent_expected_rows
        or pause > PARAMS.silent_pause_lengths * length
    ):
        return None
    elsewhere = [b - a for a, b in pairwise(near.tolist()) if a != before]
    return None if any(p >= length for p in elsewhere) else True


@pytest.mark.parametrize("seed", range(20))
def test_counted_silence_is_the_listed_one(seed: int) -> None:
    random = np.random.default_rng(seed)
    times = np.sort(random.integers(0, 1_000, random.integers(5, 400)))
    of_pair = random.choice([-1, 0, 1, 2], len(times), p=[0.05, 0.8, 0.1, 0.05])
    own = {p: times[of_pair == p] for p in (0, 1, 2)}
    nothing = pl.Series([], dtype=pl.Int64)
    numbering = Numbering(nothing, nothing, {}, {}, frozenset(), {}, {})
    facts = SideFacts(nothing, nothing, numbering, times, of_pair, own, 1)
    turns = conversation_turns(of_pair)
    for pair in (0, 1, 2):
        starts, lengths = random.integers(-10, 1_010, 20).tolist(), random.integers(0, 60, 20).tolist()
        for first, last in ((a, a + n) for a, n in zip(starts, lengths, strict=True)):
            assert is_rare_silence(facts, pair, turns, first, last) == _by_list(times[of_pair != pair], first, last)


def _side_of(times: dict[int, list[int]]) -> SideFacts:
    """A side that holds these rows of each conversation, on the common clock; `raw_t` of row 0 is given for every gap."""
    rows = sorted((t, pair) for pair, held in times.items() for t in held)
    clock = pl.Series([t for t, _ in rows], dtype=pl.Int64)
    nothing = pl.Series([], dtype=pl.Int64)
    numbering = Numbering(nothing, nothing, {}, {}, frozenset(), {}, {})
    own = {pair: np.array(held, np.int64) for pair, held in times.items()}
    return SideFacts(clock, clock, numbering, clock.to_numpy(), np.array([p for _, p in rows]), own, 1)


@pytest.mark.parametrize(
    ("held", "silent"), [({0: [0, 900], 1: [10, 800]}, True), ({0: [0, 900], 1: [10, 350, 800]}, None)]
)
def test_rows_missing_in_two_common_conversations_at_once_are_a_silence_unless_one_of_them_goes_on(
    held: dict[int, list[int]], silent: bool | None
) -> None:
    gaps = [AskedGap(0, 0, 0, 1, 300, 400), AskedGap(1, 1, 0, 1, 340, 500)]
    answers = find_silences(_side_of(held), gaps)
    assert answers == [silent if silent else False, silent]


@pytest.mark.parametrize(("begin", "silent"), [(24, None), (34, True)])
def test_a_pause_that_the_others_make_every_night_is_no_silence_of_the_device(begin: int, silent: bool | None) -> None:
    """Hours awake from 8 to 23, three rows each; missing for eight hours from midnight on, or from 10 in the morning."""
    hour, third = DAY // 24, DAY // 72
    awake = [h * hour + n * third for h in range(9 * 24) if h % 24 >= 8 for n in range(3)]
    first, last = (4 * 24 + begin) * hour - 1, (4 * 24 + begin + 8) * hour - 1
    held = {0: [0, 9 * DAY], 1: [t for t in awake if not first <= t <= last]}
    assert find_silences(_side_of(held), [AskedGap(0, 0, 0, 1, first, last)]) == [silent]


@pytest.mark.parametrize("rows", [0, LEAST_ROWS])
def test_both_sides_come_in_order_and_the_left_ones_error_counts(rows: int) -> None:
    def fail(side: int) -> int:
        raise ValueError(("left", "right")[side])

    assert run_both_sides(lambda side: side * 2, rows) == [0, 2]
    with pytest.raises(ValueError, match="left"):
        run_both_sides(fail, rows)


@pytest.mark.parametrize(
    ("rows", "cores", "expected"), [(LEAST_ROWS, 2, True), (LEAST_ROWS, 1, False), (LEAST_ROWS - 1, 2, False)]
)
def test_two_things_are_done_at_once_only_over_many_rows_and_with_a_second_core(
    rows: int, cores: int, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pl, "thread_pool_size", lambda: cores)
    assert pays_off(rows) is expected
