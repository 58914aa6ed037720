"""Parts below words under labels in braces are the form's, not somebody's words."""

from pathlib import Path

import pytest

from reconcile.errors import UnrecognisedSource, UsageError
from tests.build.readings import read_text
from tests.thorough import some

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
    assert messages["kind"].to_list() == ["text", "text", "text", "image", "text", "text"]


def test_a_single_label_in_braces_is_somebodys_words(tmp_path: Path) -> None:
    rows = "".join(f"[2024-03-01 9:0{i} AM] {('Anna', 'Ben')[i % 2]}\nword {i}\n\n" for i in range(6))
    messages = read_text(tmp_path, rows.replace("word 3", "see\n{Reactions}\nbelow")).messages
    assert messages["text"][3] == "see\n{Reactions}\nbelow"


def numbered(label: str, fence: str) -> str:
    return "# Chat\n\n" + "".join(
        f"### {i + 1}) {('Anna', 'Ben')[i % 2]} | 2024-06-0{i + 1} 09:10:03\n\n{label}{99000 + 7 * i}\n\n{fence}\nword number {i}{chr(10) * (i % 3)}.\n{fence[:3]}\n\n"
        for i in range(8)
    )


@pytest.mark.parametrize(("label", "fence"), [("消息ID：", "~~~"), ("Msg ID: ", "```plain"), ("GUID: ", "```")])
def test_the_number_of_a_message_and_the_fence_around_its_words_are_no_words(
    tmp_path: Path, label: str, fence: str
) -> None:
    messages = read_text(tmp_path, numbered(label, fence), "chat.md").messages
    assert messages["sender"].to_list() == ["Anna", "Ben"] * 4
    assert messages["text"].to_list() == [f"word number {i}{chr(10) * (i % 3)}." for i in range(8)]


def test_a_label_of_numbers_is_no_sender(tmp_path: Path) -> None:
    text = "".join(f"Message ID: {1718000000123 + 60000 * i}\nword number {i}\n\n" for i in range(8))
    with pytest.raises((UnrecognisedSource, UsageError)):
        read_text(tmp_path, text, "chat.md")


WORDS = [
    "good morning",
    "is it there?",
    "yes",
    "and the papers\nof May",
    "not yet",
    "why",
    "the office is closed",
    "I see",
]


@pytest.mark.parametrize(
    "field", some(["Channel: general", "*Status:* read", "Reply to: 88123", "Device: telephone of Anna"], 2)
)
def test_a_field_above_the_words_of_all_messages_is_no_words(tmp_path: Path, field: str) -> None:
    text = "".join(
        f"## {('Anna', 'Ben')[i % 2]} — 2024-06-0{i + 1} 09:10:03\n\n{field}\n\n{w}\n\n" for i, w in enumerate(WORDS)
    )
    assert read_text(tmp_path, text, "chat.md").messages["text"].to_list() == WORDS


def test_words_that_begin_alike_without_an_empty_line_stay(tmp_path: Path) -> None:
    text = "".join(
        f"2024-06-0{i + 1} 09:10 {('Anna', 'Ben')[i % 2]}\nAlert: disk {i} is full\n{w}\n\n"
        for i, w in enumerate(WORDS)
    )
    assert read_text(tmp_path, text).messages["text"][1] == "Alert: disk 1 is full\nis it there?"
