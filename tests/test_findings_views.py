"""What Findings shows to people who work with it in Python."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from reconcile import Findings, compare, read
from reconcile.frames import Verdicts

LOAN = Path(__file__).parents[1] / "fixtures" / "disputes" / "loan"


@pytest.fixture(scope="module")
def loan() -> Findings:
    return compare(read(str(LOAN / "a.csv")), read(str(LOAN / "b.csv")))


def test_the_repr_is_one_short_line(loan: Findings) -> None:
    assert repr(loan) == (
        "<Findings: 1 conversation, worst grade conflicting; "
        "55 in agreement, 1 in conflict, 1 one-sided, 0 doubtful, 2 set aside>"
    )


def test_the_summary_has_one_row_a_conversation(loan: Findings) -> None:
    [row] = loan.summary().to_dicts()
    assert (row["grade"], row["conflicts"], row["right_missing"]) == ("conflicting", 1, 1)


def test_a_one_sided_message_comes_with_its_words_and_the_sum_that_they_name(loan: Findings) -> None:
    [row] = loan.one_sided().to_dicts()
    assert (row["side"], row["row"], row["cause"]) == ("left", 34, "id_gap")
    assert row["amount"] == Decimal(80000)
    assert "8万元" in row["text"]


def test_a_conflict_has_both_versions(loan: Findings) -> None:
    table = loan.conflicts()
    assert table["side"].to_list() == ["left", "right"]
    assert table["amount"].to_list() == [Decimal(80000), Decimal(60000)]
    assert table["conflict"].to_list() == [0, 0]


def test_an_amount_that_is_no_number_is_null(loan: Findings) -> None:
    broken = pl.lit("NaN").alias("amount")
    changed = replace(loan, messages=loan.messages.with_columns(broken))
    assert changed.conflicts()["amount"].to_list() == [None, None]


def test_the_html_table_escapes_what_the_material_says(loan: Findings) -> None:
    named = loan.verdicts.with_columns(conversation=pl.lit("<b>x</b>\u202e"))
    shown = replace(loan, verdicts=Verdicts.cast(named))._repr_html_()
    assert "&lt;b&gt;x&lt;/b&gt;⟦U+202E⟧" in shown


def test_the_timeline_is_a_picture_that_can_be_saved(loan: Findings, tmp_path: Path) -> None:
    picture = loan.plot_timeline()
    picture.save(tmp_path / "timeline.svg")
    assert (tmp_path / "timeline.svg").read_text("utf-8").startswith("<svg")
    assert "one-sided" in picture.svg
