"""Exit codes of the commands (contract 2): from grades and counts, and the gravest of several."""

from collections.abc import Iterable
from enum import IntEnum

from reconcile.vocabulary import GRADES_AGAINST, Grade


class Exit(IntEnum):
    """What a command's exit code says."""

    NOTHING = 0
    FINDINGS = 1
    COULD_NOT_RUN = 2
    UNDETERMINED = 3


_GRAVEST_FIRST = (Exit.COULD_NOT_RUN, Exit.FINDINGS, Exit.UNDETERMINED, Exit.NOTHING)


def gravest(codes: Iterable[Exit]) -> Exit:
    """The one code for several results: findings first, then undetermined, then nothing.

    A run that failed comes before all.
    """
    found = set(codes)
    return next((code for code in _GRAVEST_FIRST if code in found), Exit.NOTHING)


def exit_of(*, findings: bool, undetermined: bool) -> Exit:
    """The code of a result that has findings, or leaves something open, or neither."""
    if findings:
        return Exit.FINDINGS
    return Exit.UNDETERMINED if undetermined else Exit.NOTHING


def exit_of_grades(grades: Iterable[str]) -> Exit:
    """The code of a result with these grades; no grade at all counts as undetermined."""
    found = set(grades)
    return exit_of(
        findings=not found.isdisjoint(GRADES_AGAINST), undetermined=not found or Grade.CANNOT_DETERMINE in found
    )


def exit_of_batch(grades: Iterable[str], failed: int) -> Exit:
    """The code of a batch from the grade of each case that was compared: could not run where none was.

    A failed case counts as undetermined.
    """
    found = set(grades)
    if not found:
        return Exit.COULD_NOT_RUN
    return gravest((exit_of_grades(found), exit_of(findings=False, undetermined=failed > 0)))
