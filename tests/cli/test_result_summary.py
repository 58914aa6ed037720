"""What the terminal says of a comparison before any report is opened."""

from pathlib import Path

from tests.command import run

LOAN = Path(__file__).parents[2] / "fixtures" / "disputes" / "loan"


def test_the_terminal_states_the_verdict_and_both_versions_under_the_names_of_the_people(tmp_path: Path) -> None:
    words = ("compare", LOAN / "a.csv", LOAN / "b.csv", "--out", tmp_path / "out", "--lang", "en", "--no-error-rates")

    said = run(*words).stdout

    assert "1 message differs between the two copies (text); Side B lacks 1 message" in said
    assert "Side A: 利息还了2400，本金还欠80000元，没还过" in said
    assert "Side B: 利息还了2400，本金还欠60000元，没还过" in said
    assert "Side B: (not in this copy)" in said
    assert "何俊（同学） / 周哥" in said
