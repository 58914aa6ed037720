"""The chain: the set of seeds that keeps the excerpt's order with few jumps in the export."""

from math import log2

from reconcile.submission.excerpt.seeds import Seed

LOOK_BACK = 400  # candidates before a seed that may be its predecessor
SKIPPED_LINE = 0.4  # an excerpt line between two seeds without a place
JUMP = 0.35  # times log2 of the export lines passed over
LONGEST_JUMP = 3.5
BACKWARD = 4.5  # going back in the export: passages out of order


def best_chain(seeds: list[Seed]) -> list[Seed]:
    """The seeds of greatest total weight less costs; each excerpt line and each export line at most once.

    Ties go to the earlier place. Cost: at most LOOK_BACK comparisons a seed.
    """
    score: list[float] = []
    before: list[int] = []
    for n, seed in enumerate(seeds):
        best, via = 0.0, -1
        for m in range(n - 1, max(-1, n - 1 - LOOK_BACK), -1):
            earlier = seeds[m]
            if earlier.i >= seed.i:
                continue
            value = score[m] - _cost(earlier, seed)
            if value > best + 1e-9:
                best, via = value, m
        score.append(best + seed.weight)
        before.append(via)
    if not score:
        return []
    at = max(range(len(score)), key=lambda n: (score[n], -n))
    chain = []
    while at >= 0:
        chain.append(seeds[at])
        at = before[at]
    return _once(chain[::-1])


def _cost(earlier: Seed, later: Seed) -> float:
    between, passed = later.i - earlier.i - 1, later.j - earlier.j - 1
    if passed < 0:
        return BACKWARD + SKIPPED_LINE * between
    left_out = passed - between
    if left_out < 0:
        return -SKIPPED_LINE * left_out
    return min(JUMP * log2(1 + left_out), LONGEST_JUMP)


def _once(chain: list[Seed]) -> list[Seed]:
    taken: set[int] = set()
    kept = []
    for seed in chain:
        if seed.j not in taken:
            taken.add(seed.j)
            kept.append(seed)
    return kept
