"""The command lines of the application say what the user told of each export."""

from pathlib import Path

from reconcile.app.cases import Case, Export, Told
from reconcile.app.commands import bill_words, check_words
from reconcile.vocabulary import Side


def _case() -> Case:
    told = Told(timezone="UTC", columns="time=a")
    return Case(
        name="case",
        exports=[
            Export(id="e1", side=Side.LEFT, path="/a"),
            Export(id="e2", side=Side.RIGHT, path="/b", told=told),
        ],
    )


def test_a_statement_is_read_beside_exports_as_each_was_told() -> None:
    words = bill_words(_case(), Path("/case"), "/bill.csv", "en")

    assert [w for w in words if "timezone" in w or "columns" in w] == [
        "--timezone=",
        "--timezone=UTC",
        "--columns=",
        "--columns=time=a",
    ]


def test_a_submission_is_held_against_exports_as_each_was_told() -> None:
    words = check_words(_case(), Path("/case"), "/sub.csv", Side.RIGHT, "en")

    assert [w for w in words if "timezone" in w] == ["--timezone=UTC"]
    assert not [w for w in check_words(_case(), Path("/case"), "/sub.csv", Side.LEFT, "en") if "timezone" in w]
