"""Small disputes on which earlier engines were wrong: what was changed is never called clean, and who changed nothing is not accused."""

from functools import cache

import pytest

from bench.score import ACCUSING, CLEAN
from reconcile.case import read
from reconcile.vocabulary import Grade
from tests.build.together import compared_together
from tests.conftest import SHARED

CASES = SHARED / "hard_cases"
# In these a row was really deleted.
DELETED = ("crash_small", "doubtful_transfer", "doubtful_without_twin")
# One own message that the other side bears ten minutes later is what a late delivery looks like (contract 3).
UNDECIDABLE = {"12_time_moved_600s": "one own message that arrives later is an agreement by the contract"}


def names(folder: str) -> list[object]:
    """The cases of a folder, those that are known to be wrong as strict expectations."""
    found = sorted(p.name for p in (CASES / folder).iterdir()) if CASES.is_dir() else []
    return [
        pytest.param(n, marks=pytest.mark.xfail(strict=True, reason=UNDECIDABLE[n])) if n in UNDECIDABLE else n
        for n in found
        if n not in DELETED
    ] or [pytest.param("none", marks=pytest.mark.skip(reason="../shared/hard_cases is not here"))]


@cache
def grades() -> dict[tuple[str, str], set[str]]:
    """The grades of every case, by folder and name; its sides are a.csv and b.csv, or folders a and b."""
    cases = [c for folder in ("manipulated", "honest") for c in (CASES / folder).iterdir()]
    files = {c: [next(p for p in (c / f"{s}.csv", c / s) if p.exists()) for s in ("a", "b")] for c in cases}
    found = compared_together({c: (read(a), read(b)) for c, (a, b) in files.items()})
    return {(c.parent.name, c.name): set(f.verdicts["grade"]) for c, f in found.items()}


@pytest.mark.parametrize("name", names("manipulated"))
def test_a_copy_that_was_changed_is_not_called_clean(name: str) -> None:
    assert not grades()["manipulated", name] <= CLEAN


@pytest.mark.parametrize("name", names("honest"))
def test_a_party_that_changed_nothing_is_not_accused(name: str) -> None:
    assert grades()["honest", name].isdisjoint(ACCUSING)


@pytest.mark.parametrize("name", [n for n in DELETED if CASES.is_dir()])
def test_a_row_that_was_deleted_is_missing(name: str) -> None:
    assert str(Grade.ONE_SIDED) in grades()["honest", name]
