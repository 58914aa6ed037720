"""Columns of a message table that state what became of a payment, and the kind of every row."""

from pathlib import Path

import pytest

from reconcile.formats.neutral.message_table import MessageTable
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.source import Source
from reconcile.vocabulary import NoteCode


def read(tmp_path: Path, heading: str, *cells: str) -> Reading:
    rows = (f"2024-03-01 09:00:0{n},wxid_a,[转账] ￥5.00,{cell}\n" for n, cell in enumerate(cells))
    file = tmp_path / "a.csv"
    file.write_text(f"sent_at,sender,text,{heading}\n{''.join(rows)}", "utf-8")
    return MessageTable().read(Source(file), ReadOptions())


@pytest.mark.parametrize(
    ("word", "state"), [("received", "received"), ("refunded", "returned"), ("已退还", "returned")]
)
def test_the_state_of_a_payment_is_read_in_other_words(word: str, state: str, tmp_path: Path) -> None:
    assert read(tmp_path, "payment_state", word).messages["payment_state"].to_list() == [state]


def test_a_word_that_names_no_state_of_a_payment_is_noted(tmp_path: Path) -> None:
    found = read(tmp_path, "payment_state", "xyz", "sent", "")
    assert found.messages["payment_state"].to_list() == [None, "sent", None]
    assert [(n.locator, n.excerpt) for n in found.notes if n.code == NoteCode.ODD_VALUE] == [("a.csv#1", "xyz")]


@pytest.mark.parametrize(("cells", "states"), [(("transfer", "text"), True), (("transfer", ""), False)])
def test_a_table_states_kinds_where_every_row_has_one(cells: tuple[str, ...], states: bool, tmp_path: Path) -> None:
    assert read(tmp_path, "kind", *cells).facts.limits.states_kinds is states
