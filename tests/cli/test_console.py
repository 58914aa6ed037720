"""What commands print beside single lines."""

import pytest

from reconcile.cli.console import print_grades


def test_grades_are_listed_worst_first(capsys: pytest.CaptureFixture[str]) -> None:
    print_grades({"cannot_determine": 1, "no_gap_found": 3, "conflicting": 2}, "en")

    counts = [line.rpartition(": ")[2] for line in capsys.readouterr().out.splitlines()]
    assert counts == ["2", "1", "3"]
