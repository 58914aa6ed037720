"""Lines without a clock in another order than in the export, which no device's clock explains."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from reconcile.engine.pairs.settle import longest_rising
from reconcile.submission.excerpt.lines import SLACK_SECONDS, Line
from reconcile.submission.params import CHECK_PARAMS
from reconcile.wechat.kind_classes import WORDS

_LOOKED_AT = 4 * CHECK_PARAMS.near_lines  # lines to either side that are looked at; design

_Pair = tuple[int, int]
_Who = tuple[str | None, str | None]


def exchanged_lines(
    pairs: Sequence[_Pair], excerpt: Sequence[Line], export: Sequence[Line], words_at: Counter[str]
) -> set[int]:
    """Excerpt lines that stand against the export's order; of two exchanged ones, both.

    Only words that stand once count. Two devices show the messages of two people in another order if their clocks differ, yet
    then all near messages of the two must be in such an order. One person's messages always keep theirs.

    Args:
        pairs: excerpt and export position of each placed line, in order of the excerpt.
        excerpt: in its order.
        export: in its order.
        words_at: words -> how many lines of the export hold them.
    """
    gaps = _gaps_in_order(pairs, export)
    sure = [(i, j) for i, j in pairs if _stands_once(excerpt[i], export[j], words_at)]
    kept = {*np.flatnonzero(longest_rising(np.array([j for _, j in sure], dtype=np.int64))).tolist()}
    found: set[int] = set()
    for run in _runs([n for n in range(len(sure)) if n not in kept], sure):
        for n in run if len(run) < CHECK_PARAMS.block_lines else ():
            passed = _passed(n, sure, kept)
            if len(passed) <= CHECK_PARAMS.near_lines and any(
                not _is_by_clock(sure[n], other, export, gaps) for other in passed
            ):
                found |= {sure[n][0], *(i for i, _ in passed if len(passed) == 1)}
    return found


def _stands_once(a: Line, b: Line, words_at: Counter[str]) -> bool:
    """Whether two lines are surely one message and only their place says when it was sent."""
    is_untimed = a.at is None or a.slack >= SLACK_SECONDS["day"]
    return (
        is_untimed
        and b.at is not None
        and a.cls == WORDS
        and len(a.key) >= CHECK_PARAMS.order_characters
        and a.key == b.key
        and words_at[a.key] == 1
    )


def _runs(positions: Iterable[int], sure: Sequence[_Pair]) -> list[list[int]]:
    """Positions side by side that keep their order among each other."""
    runs: list[list[int]] = []
    for n in positions:
        if runs and runs[-1][-1] == n - 1 and sure[n - 1][1] < sure[n][1]:
            runs[-1].append(n)
        else:
            runs.append([n])
    return runs


def _passed(n: int, sure: Sequence[_Pair], kept: set[int]) -> list[_Pair]:
    """The lines that stand on the other side of a line than in the export, few more than `near_lines`."""
    found: list[_Pair] = []
    for step in (-1, 1):
        for at in range(n + step, n + step * _LOOKED_AT, step):
            if at not in kept:
                continue
            if (sure[at][1] - sure[n][1]) * step > 0 or len(found) > CHECK_PARAMS.near_lines:
                break
            found.append(sure[at])
    return found


def _gaps_in_order(pairs: Sequence[_Pair], export: Sequence[Line]) -> Mapping[_Who, float]:
    """First and second sender -> least seconds between neighbours of both that are in one order."""
    found: dict[_Who, float] = {}
    for (_, first), (_, second) in pairwise(pairs):
        a, b = export[first], export[second]
        if first < second and a.who != b.who and a.at is not None and b.at is not None:
            found[a.who, b.who] = min(b.at - a.at, found.get((a.who, b.who), CHECK_PARAMS.order_most_seconds))
    return found


def _is_by_clock(one: _Pair, other: _Pair, export: Sequence[Line], gaps: Mapping[_Who, float]) -> bool:
    """Whether the clocks of two devices can explain that two lines changed places."""
    earlier, later = (export[j] for j in sorted((one[1], other[1])))
    if earlier.at is None or later.at is None:
        return True
    gap = later.at - earlier.at
    if gap <= CHECK_PARAMS.order_seconds:
        return True
    if earlier.who == later.who and earlier.who is not None:
        return False
    return gap <= gaps.get((earlier.who, later.who), CHECK_PARAMS.order_most_seconds)
