"""Word documents with a small table for each message."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest

from tests.build.readings import read

WORDS = ["Good morning", "are you there?", "yes, what is it", "the roof leaks", "one", "call me", "I will", "ok"]
SAID = [(f"1{i}:05", "AB"[i % 2] + "nn", words) for i, words in enumerate(WORDS)]
Write = Callable[[Any, str, str, str], None]


def cell(at: Any, *lines: str) -> None:
    at.text = lines[0]
    for line in lines[1:]:
        at.add_paragraph(line)


def by_sides(document: Any, clock: str, who: str, words: str) -> None:
    left, middle, right = document.add_table(1, 3).rows[0].cells
    (left if who == "Bnn" else right).text = who[0]
    cell(middle, words, f"{who} 2026-03-02 {clock}")


def in_one_cell(document: Any, clock: str, who: str, words: str) -> None:
    cell(document.add_table(1, 1).cell(0, 0), f"{who}  {clock}", words)
    document.add_paragraph("")


def in_two_rows(document: Any, clock: str, who: str, words: str) -> None:
    table = document.add_table(2, 1)
    table.cell(0, 0).text, table.cell(1, 0).text = f"{who} · {clock}", words


def in_two_columns(document: Any, clock: str, who: str, words: str) -> None:
    table = document.add_table(1, 2)
    cell(table.cell(0, 0), who, clock)
    table.cell(0, 1).text = words


@pytest.mark.parametrize("write", [by_sides, in_one_cell, in_two_rows, in_two_columns])
def test_each_bubble_is_a_message(write: Write, tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("Chat with Bnn")
    document.add_paragraph("── 2026-03-02 ──")
    for said in SAID:
        write(document, *said)
    document.save(str(tmp_path / "a.docx"))
    messages = read(tmp_path / "a.docx").messages
    local = messages["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.strftime("%d %H:%M")
    assert messages["text"].to_list() == WORDS
    assert messages["sender"].to_list() == [who for _, who, _ in SAID]
    assert local.to_list() == [f"02 {clock}" for clock, _, _ in SAID]
