"""The slow, obvious twin of match.assign: every alignment of two short lists is written down, weighed and counted."""

from collections.abc import Iterator
from math import exp

import numpy as np
import numpy.typing as npt

from reconcile.match.assign import ABSENT_LOG

Alignment = tuple[tuple[int, int], ...]


def alignments(n: int, m: int) -> Iterator[Alignment]:
    """Every set of pairs of two lists that keeps order and uses each place at most once."""
    if not n or not m:
        yield ()
        return
    yield from alignments(n - 1, m)
    for j in range(m):
        for rest in alignments(n - 1, j):
            yield (*rest, (n - 1, j))


def weigh(alignment: Alignment, weight: npt.NDArray[np.float64]) -> float:
    """Log weight: that of its pairs, and the price of every place without a partner."""
    n, m = weight.shape
    paired = 0.0
    for i, j in alignment:
        paired += float(weight[i, j])
    lonely = int(n + m - 2 * len(alignment))
    return paired + ABSENT_LOG * lonely


def best_and_posterior(weight: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
    """The greatest log weight of any alignment, and the probability of every pair."""
    n, m = weight.shape
    total, posterior, best = 0.0, np.zeros((n, m)), -np.inf
    for alignment in alignments(n, m):
        log = weigh(alignment, weight)
        best = max(best, log)
        mass = exp(log) if log > -700 else 0.0
        total += mass
        for i, j in alignment:
            posterior[i, j] += mass
    return best, posterior / total
