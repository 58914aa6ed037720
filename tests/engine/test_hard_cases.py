"""Small disputes on which earlier engines were wrong: what was changed is never called clean, and who changed nothing is not accused."""

from pathlib import Path

import pytest

from bench.score import ACCUSING, CLEAN
from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.vocabulary import Grade
from tests.conftest import SHARED

CASES = SHARED / "hard_cases"
# In these a row was really deleted.
DELETED = ("crash_small", "doubtful_transfer", "doubtful_without_twin")
# One own message that the other side bears ten minutes later is what a late delivery looks like (contract 3).
UNDECIDABLE = {"12_time_moved_600s": "one own message that arrives later is an agreement by the contract"}
# A header at the jump back to the second export is read as words.
MISREAD = {"txt_twice": "two exports in one text file: the reader takes the second heading for words"}


def names(folder: str) -> list[object]:
    """The cases of a folder, those that are known to be wrong as strict expectations."""
    wrong = UNDECIDABLE | MISREAD
    found = sorted(p.name for p in (CASES / folder).iterdir()) if CASES.is_dir() else []
    return [
        pytest.param(n, marks=pytest.mark.xfail(strict=True, reason=wrong[n])) if n in wrong else n
        for n in found
        if n not in DELETED
    ] or [pytest.param("none", marks=pytest.mark.skip(reason="../shared/hard_cases is not here"))]


def grades_of(case: Path) -> set[str]:
    """The grades of all conversations of a case whose sides are a.csv and b.csv, or folders a and b."""
    sides = [next(p for p in (case / f"{s}.csv", case / s) if p.exists()) for s in ("a", "b")]
    return set(compare_readings(read(sides[0]), read(sides[1])).verdicts["grade"])


@pytest.mark.parametrize("name", names("manipulated"))
def test_a_copy_that_was_changed_is_not_called_clean(name: str) -> None:
    assert not grades_of(CASES / "manipulated" / name) <= CLEAN


@pytest.mark.parametrize("name", names("honest"))
def test_a_party_that_changed_nothing_is_not_accused(name: str) -> None:
    assert grades_of(CASES / "honest" / name).isdisjoint(ACCUSING)


@pytest.mark.parametrize("name", [n for n in DELETED if CASES.is_dir()])
def test_a_row_that_was_deleted_is_missing(name: str) -> None:
    assert str(Grade.ONE_SIDED) in grades_of(CASES / "honest" / name)
