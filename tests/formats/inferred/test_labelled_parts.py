"""Parts below words under labels in braces are the form's, not somebody's words."""

from pathlib import Path

from tests.build.readings import read_text

PARTS = [
    ("Anna", "good morning"),
    ("Ben (pinned)", "morning, seen it\n\n{Reactions}\n👍 (2) ❤️"),
    ("Anna", "what next?"),
    ("Ben", "{Attachments}\nhttps://cdn.example.com/1/a.png"),
    ("Ben", "the contract\n\n{Attachments}\nhttps://cdn.example.com/1/b.pdf\n\n{Reactions}\n👍"),
    ("Anna", "thanks"),
]


def test_attachments_reactions_and_pins_are_no_words_and_no_names(tmp_path: Path) -> None:
    rows = "".join(f"[2024-03-01 9:0{i} AM] {n}\n{w}\n\n" for i, (n, w) in enumerate(PARTS))
    messages = read_text(tmp_path, rows).messages
    said = ["good morning", "morning, seen it", "what next?", "", "the contract", "thanks"]
    assert messages["text"].to_list() == said
    assert messages["sender"].to_list() == ["Anna", "Ben", "Anna", "Ben", "Ben", "Anna"]
    assert messages["kind"].to_list() == ["text", "text", "text", "file", "text", "text"]


def test_a_single_label_in_braces_is_somebodys_words(tmp_path: Path) -> None:
    rows = "".join(f"[2024-03-01 9:0{i} AM] {('Anna', 'Ben')[i % 2]}\nword {i}\n\n" for i in range(6))
    messages = read_text(tmp_path, rows.replace("word 3", "see\n{Reactions}\nbelow")).messages
    assert messages["text"][3] == "see\n{Reactions}\nbelow"
