"""Absence hypotheses: one module for each innocent reason why a record may have no partner."""

from reconcile.engine.hypotheses import (
    coverage,
    declared,
    elsewhere,
    kind_not_exported,
    membership,
    not_delivered,
    per_side_row,
    recalled,
    repeat,
)
from reconcile.engine.hypotheses.model import Absences, Assessed, Hypothesis

# Where several hold, the first in this order is named.
HYPOTHESES: tuple[Hypothesis, ...] = (
    repeat.HYPOTHESIS,
    not_delivered.HYPOTHESIS,
    recalled.HYPOTHESIS,
    per_side_row.HYPOTHESIS,
    membership.HYPOTHESIS,
    declared.HYPOTHESIS,
    coverage.HYPOTHESIS,
    elsewhere.HYPOTHESIS,
    kind_not_exported.HYPOTHESIS,
)

__all__ = ["HYPOTHESES", "Absences", "Assessed", "Hypothesis"]
