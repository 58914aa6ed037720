"""Candidate pairs with their weights and the solution, and which of them would agree."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from reconcile.engine.pairs.levels import EQUAL, FORM, NOT_STATED, Content
from reconcile.engine.pairs.solve import Solution
from reconcile.engine.pairs.weights import Weights
from reconcile.engine.params import Params
from reconcile.engine.records import Flags, Floats, Ints, Records
from reconcile.vocabulary import Side


@dataclass(frozen=True)
class Scored:
    """Candidate pairs with their weights.

    `gain` is the weight of a pair minus the prior of both records having no partner (nats).
    """

    left: Ints
    right: Ints
    content: Content
    weights: Weights
    gain: Floats

    def rows(self, side: Side) -> Ints:
        """The record of one side in each pair."""
        return self.left if side is Side.LEFT else self.right


@dataclass(frozen=True)
class Weighed(Scored):
    """The candidate pairs of the records that equality left open, with the solution."""

    solution: Solution


def joined(first: Weighed, second: Weighed) -> Weighed:
    """Both rounds as one; a record that stays alone has the smaller of its two margins."""
    a, b = first.solution, second.solution
    solution = Solution(
        np.concatenate([a.pair, b.pair + len(first.left)]),
        np.concatenate([a.pair_margin, b.pair_margin]),
        np.minimum(a.absent_margin_left, b.absent_margin_left),
        np.minimum(a.absent_margin_right, b.absent_margin_right),
    )
    left, right, content, weights, gain = (
        _one_after_other(getattr(first, f.name), getattr(second, f.name)) for f in fields(Scored)
    )
    return Weighed(left, right, content, weights, gain, solution)


def _one_after_other(one: Any, two: Any) -> Any:
    """Two sets of columns of candidate pairs as one."""
    if isinstance(one, Content | Weights):
        columns = (f.name for f in fields(one))
        return type(one)(*(_one_after_other(getattr(one, c), getattr(two, c)) for c in columns))
    if isinstance(one, dict):
        return {c: _one_after_other(column, two[c]) for c, column in one.items()}
    return [*one, *two] if isinstance(one, list) else np.concatenate([one, two])


def would_agree(
    left: Records, right: Records, li: Ints, ri: Ints, content: Content, weights: Weights, params: Params
) -> Flags:
    """Whether the records of each pair would agree in all that both state, and in time."""
    same = np.isin(content.level, (EQUAL, FORM, NOT_STATED))
    for factor in ("sender", "ids", "media", "amount"):
        same &= weights.factors[factor] >= 0
    coarse = np.minimum(np.maximum(left.unit[li], right.unit[ri]), 60.0)
    limit = params.time_conflict_seconds + np.where(coarse > 1, coarse, 0.0)
    near: Flags = np.nan_to_num(np.abs(weights.residual)) <= limit
    return same & near
