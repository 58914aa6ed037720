"""Absence hypotheses: every innocent reason for a record without a partner, one module each."""

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

# In the order in which of two that hold the first is named.
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
