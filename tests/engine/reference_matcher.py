"""The slow, obvious twin of engine.solve: every assignment of two short lists is written down and summed."""

from collections.abc import Iterator
from math import inf

Gains = dict[tuple[int, int], float]
Assignment = frozenset[tuple[int, int]]


def assignments(gains: Gains) -> Iterator[Assignment]:
    """Every set of candidate pairs that uses each record at most once."""
    if not gains:
        yield frozenset()
        return
    (i, j), *rest = gains
    yield from assignments({p: gains[p] for p in rest})
    free = {p: gains[p] for p in rest if p[0] != i and p[1] != j}
    for others in assignments(free):
        yield others | {(i, j)}


def best_total(gains: Gains, *, with_left: int | None = None, without: tuple[int, int] | None = None) -> float:
    """The greatest sum of any assignment; of those that pair this left record, or that leave out this pair."""
    sums = [
        sum(gains[p] for p in chosen)
        for chosen in assignments(gains)
        if without not in chosen and (with_left is None or any(i == with_left for i, _ in chosen))
    ]
    return max(sums, default=-inf)
