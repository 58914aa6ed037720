"""Which of several equal messages is which: a small probabilistic model of two time-sorted lists, solved exactly.

Rows of one component carry the same words by the same sender, so order may be kept: the k-th partner never precedes the (k-1)-th. Each
row is paired or has no partner. Forward and backward sums over all such alignments give the probability of every pair and
of every row's having none (Durbin et al., Biological Sequence Analysis, ch. 4); the most probable alignment is returned with
these.
"""

from math import log

import numpy as np
import numpy.typing as npt

# Odds that a row has no partner, before anything is seen: one in a hundred. The density of equal rows does the rest.
ABSENT_LOG = log(0.01)
# A row is called partnerless when this sure; between one minus this and this it is in doubt.
SURE = 0.8

Assigned = tuple[list[tuple[int, int, float]], tuple[list[int], list[int]]]


def assign_component(
    left_t: list[int],
    right_t: list[int],
    left_x: list[int | None],
    right_x: list[int | None],
    spread: int,
    crossing: float,
    window: float,
) -> Assigned:
    """Pairs (left index, right index, probability) and the indices whose lack of a partner is in doubt, per side.

    Args:
        left_t: times in µs, ascending, on the right side's clock.
        right_t: times in µs, ascending.
        left_x: position of each left row among the rows already paired, counted in right rows; None = unknown.
        right_x: the same of each right row.
        spread: 90th percentile of an honest distance, µs.
        crossing: cost, in log odds, of lying in another place between paired neighbours.
        window: distance in µs beyond which two rows are no pair.

    Time and memory grow with the product of the two lists; long ones are banded by the window.
    """
    n, m = len(left_t), len(right_t)
    weight = _weights(left_t, right_t, left_x, right_x, spread, crossing, window)
    if n * m > 4_000_000:
        return _nearest(left_t, right_t, window)
    forward, backward = _sums(weight, n, m), _sums(weight[::-1, ::-1], n, m)[::-1, ::-1]
    total = forward[n, m]
    posterior = np.exp(np.clip(forward[:n, :m] + weight + backward[1:, 1:] - total, -700, 0))
    pairs = _best(weight, n, m)
    chosen = [(i, j, float(posterior[i, j])) for i, j in pairs]
    paired = {i for i, _ in pairs}, {j for _, j in pairs}
    absent = 1 - posterior.sum(axis=1), 1 - posterior.sum(axis=0)
    unsure = tuple(
        [k for k in range(size) if k not in paired[s] and absent[s][k] < SURE] for s, size in enumerate((n, m))
    )
    return chosen, (unsure[0], unsure[1])


def _weights(
    left_t: list[int],
    right_t: list[int],
    left_x: list[int | None],
    right_x: list[int | None],
    spread: int,
    crossing: float,
    window: float,
) -> npt.NDArray[np.float64]:
    """Log odds of each pair against two partnerless rows; -inf beyond the window."""
    d = np.subtract.outer(np.array(left_t, float), np.array(right_t, float))
    scale = max(spread / 1.6, 0.4e6)
    near = -0.5 * (d / scale) ** 2
    # Heavy tail: an honest copy may lie farther than most, at a price.
    log_odds = np.maximum(near, -6.0 - np.abs(d) / (4 * scale) * 0.25)
    a = np.array([np.nan if x is None else x for x in left_x], float)
    b = np.array([np.nan if x is None else x for x in right_x], float)
    steps = np.nan_to_num(np.minimum(np.abs(np.subtract.outer(a, b)), 3.0), nan=0.0)
    log_odds = log_odds - crossing * steps
    return np.where(np.abs(d) <= window, log_odds, -np.inf)


def _sums(weight: npt.NDArray[np.float64], n: int, m: int) -> npt.NDArray[np.float64]:
    """Log sum over all alignments of every two prefixes.

    Between two pairs the partnerless left rows come before the partnerless right ones, so that each alignment counts once: `free` ends
    in anything but a partnerless right row, `late` in one.
    """
    free = np.full((n + 1, m + 1), -np.inf)
    late = np.full((n + 1, m + 1), -np.inf)
    free[:, 0] = ABSENT_LOG * np.arange(n + 1)
    late[0, 1:] = ABSENT_LOG * np.arange(1, m + 1)
    for i in range(n + 1):
        for j in range(1, m + 1):
            if i:
                both = np.logaddexp(free[i - 1, j - 1], late[i - 1, j - 1]) + weight[i - 1, j - 1]
                free[i, j] = np.logaddexp(both, free[i - 1, j] + ABSENT_LOG)
                late[i, j] = np.logaddexp(free[i, j - 1], late[i, j - 1]) + ABSENT_LOG
    total: npt.NDArray[np.float64] = np.logaddexp(free, late)
    return total


def _best(weight: npt.NDArray[np.float64], n: int, m: int) -> list[tuple[int, int]]:
    table = np.zeros((n + 1, m + 1))
    table[0, :] = ABSENT_LOG * np.arange(m + 1)
    table[:, 0] = ABSENT_LOG * np.arange(n + 1)
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            table[i, j] = max(
                table[i - 1, j - 1] + weight[i - 1, j - 1], table[i - 1, j] + ABSENT_LOG, table[i, j - 1] + ABSENT_LOG
            )
    pairs, i, j = [], n, m
    while i and j:
        if table[i, j] == table[i - 1, j - 1] + weight[i - 1, j - 1]:
            pairs.append((i - 1, j - 1))
            i, j = i - 1, j - 1
        elif table[i, j] == table[i - 1, j] + ABSENT_LOG:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]


def _nearest(left_t: list[int], right_t: list[int], window: float) -> Assigned:
    """Mutual nearest rows, for a component of thousands of equal messages; those left over stay in doubt."""
    a, b = np.array(left_t), np.array(right_t)
    to_right = np.clip(np.searchsorted(b, a), 1, len(b) - 1) if len(b) > 1 else np.zeros(len(a), int)
    if len(b) > 1:
        to_right = np.where(np.abs(a - b[to_right - 1]) <= np.abs(a - b[to_right]), to_right - 1, to_right)
    best: dict[int, int] = {}
    for i, j in enumerate(to_right.tolist()):
        if abs(left_t[i] - right_t[j]) <= window and (
            j not in best or abs(left_t[best[j]] - right_t[j]) > abs(left_t[i] - right_t[j])
        ):
            best[j] = i
    pairs = [(i, j, 0.9) for j, i in sorted(best.items())]
    done = {i for i, _, _ in pairs}
    return pairs, ([i for i in range(len(left_t)) if i not in done], [j for j in range(len(right_t)) if j not in best])
