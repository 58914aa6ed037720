"""Exit codes (contract 2): 0 nothing, 1 findings, 3 no findings but something open, 2 could not run; a batch has its gravest case's."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from reconcile.cli.exit_codes import Exit, exit_of_batch, exit_of_grades, gravest
from tests.command import run

HEAD = "sent_at,sender,text\n"
TALK = [f"2024-03-01 09:{n:02d}:00,{'ab'[n % 2]},第{n}句话要说清楚" for n in range(12)]
SAME, ONE_LACKS = TALK, [*TALK[:5], *TALK[6:]]
# Nothing on that side, or nothing at the same time: no verdict can be reached.
NOTHING_THERE: list[str] = []


def pair(folder: Path, left: Sequence[str], right: Sequence[str]) -> tuple[Path, Path]:
    """Two message tables with these lines."""
    folder.mkdir(parents=True)
    for name, lines in (("a", left), ("b", right)):
        (folder / f"{name}.csv").write_text(HEAD + "".join(f"{line}\n" for line in lines), "utf-8")
    return folder / "a.csv", folder / "b.csv"


@pytest.mark.parametrize(
    ("right", "code"),
    [(SAME, 0), (ONE_LACKS, 1), (NOTHING_THERE, 3)],
    ids=["all agrees", "a message is lacking", "nothing to compare with"],
)
def test_compare_says_by_its_code_whether_it_found_nothing_something_or_could_not_tell(
    right: list[str], code: int, tmp_path: Path
) -> None:
    a, b = pair(tmp_path / "in", SAME, right)
    assert run("compare", a, b, "--out", tmp_path / "out", "--no-error-rates").returncode == code
    assert run("compare", b, a, "--out", tmp_path / "turned", "--no-error-rates").returncode == code


def test_two_exports_without_any_message_leave_everything_open(tmp_path: Path) -> None:
    a, b = pair(tmp_path / "in", NOTHING_THERE, NOTHING_THERE)
    assert run("compare", a, b, "--out", tmp_path / "out", "--no-error-rates").returncode == 3


CASES = {"clean": SAME, "lacks": ONE_LACKS, "open": NOTHING_THERE}


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("clean",), 0),
        (("clean", "open"), 3),
        (("clean", "open", "lacks"), 1),
        (("clean", "broken"), 3),
        (("lacks", "broken"), 1),
        (("broken",), 2),
    ],
    ids=str,
)
def test_a_batch_ends_with_the_code_of_its_gravest_case(names: tuple[str, ...], code: int, tmp_path: Path) -> None:
    for name in names:
        pair(tmp_path / "cases" / name, SAME, CASES.get(name, SAME))
        if name == "broken":
            (tmp_path / "cases" / name / "b.csv").write_bytes(b"")
    words = ("batch", tmp_path / "cases", "--out", tmp_path / "out", "--workers", "1")
    assert run(*words).returncode == code
    # Resumed when nothing is left to do, it says the same.
    assert run(*words).returncode == code


def test_check_and_group_say_what_they_could_not_tell(tmp_path: Path) -> None:
    a, b = pair(tmp_path / "in", SAME, NOTHING_THERE)
    shutil.copy(a, tmp_path / "in" / "c.csv")
    assert run("check", a, "--against", b, "--out", tmp_path / "check").returncode == 3
    assert run("check", a, "--against", a, "--out", tmp_path / "whole").returncode == 0
    assert run("group", a, tmp_path / "in" / "c.csv", b, "--out", tmp_path / "group").returncode == 3


def test_findings_come_before_what_is_open_and_that_before_nothing() -> None:
    assert gravest([Exit.NOTHING, Exit.UNDETERMINED, Exit.FINDINGS]) is Exit.FINDINGS
    assert gravest([Exit.NOTHING, Exit.UNDETERMINED]) is Exit.UNDETERMINED
    assert gravest([]) is Exit.NOTHING
    assert exit_of_grades(["no_gap_found", "explained_differences"]) is Exit.NOTHING
    assert exit_of_batch(["no_gap_found"], failed=1) is Exit.UNDETERMINED
