"""What the terminal says of a comparison before any report is opened."""

from pathlib import Path

import polars as pl

from tests.build.chats import drawn_chat, write_table
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


def test_two_exports_that_name_no_conversation_hold_one_conversation(tmp_path: Path) -> None:
    rows = drawn_chat(20)
    left, right = write_table(rows, 0, tmp_path / "a.csv"), write_table(rows[:9] + rows[10:], 1, tmp_path / "b.csv")

    said = run("compare", left, right, "--out", tmp_path / "out", "--lang", "en", "--no-error-rates").stdout

    assert "Side B lacks 1 message" in said
    assert "not compared" not in said
    (verdict,) = pl.read_parquet(tmp_path / "out" / "verdicts.parquet").rows(named=True)
    assert (verdict["left_conversation"], verdict["right_conversation"]) == ("", "")
