"""What the model weighed: candidate pairs with content, weights and solution."""

from dataclasses import dataclass

import numpy as np

from reconcile.engine.levels import Content
from reconcile.engine.records import Floats, Ints
from reconcile.engine.solve import Solution
from reconcile.engine.weights import Weights


@dataclass(frozen=True)
class Weighed:
    """The candidate pairs of the records that equality left open, with their weights and the solution."""

    left: Ints
    right: Ints
    content: Content
    weights: Weights
    gain: Floats
    solution: Solution


def joined(first: Weighed, second: Weighed) -> Weighed:
    """Both rounds as one; a record that stays alone has the smaller of its two margins."""
    one, two = first.content, second.content
    content = Content(
        np.concatenate([one.level, two.level]),
        np.concatenate([one.similarity, two.similarity]),
        np.concatenate([one.stretches, two.stretches]),
        np.concatenate([one.changed, two.changed]),
        np.concatenate([one.common, two.common]),
        [*one.judgements, *two.judgements],
        np.concatenate([one.chance, two.chance]),
    )
    factors = {f: np.concatenate([v, second.weights.factors[f]]) for f, v in first.weights.factors.items()}
    weights = Weights(
        factors,
        np.concatenate([first.weights.total, second.weights.total]),
        np.concatenate([first.weights.residual, second.weights.residual]),
    )
    a, b = first.solution, second.solution
    solution = Solution(
        np.concatenate([a.pair, b.pair + len(first.left)]),
        np.concatenate([a.pair_margin, b.pair_margin]),
        np.minimum(a.absent_margin_left, b.absent_margin_left),
        np.minimum(a.absent_margin_right, b.absent_margin_right),
    )
    return Weighed(
        np.concatenate([first.left, second.left]), np.concatenate([first.right, second.right]), content, weights,
        np.concatenate([first.gain, second.gain]), solution,
    )  # fmt: skip
