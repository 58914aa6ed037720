"""Which part of a line in a text of unknown make is a name."""

from pathlib import Path

import pytest

from reconcile import read
from reconcile.errors import UsageError
from tests.build.readings import read_text
from tests.thorough import some

SPOKEN = "".join(f"8/21/26, 10:{i:02} - {['Ana', 'Bo'][i % 2]}: word {'abcdef'[i]}\n" for i in range(6))


def row_of(folder: Path, words: str) -> tuple[str | None, str]:
    """Sender and text of a line that stands once below those of two people."""
    found = read_text(folder, f"{SPOKEN}8/21/26, 11:00 - {words}\n8/21/26, 11:01 - Ana: end\n").messages
    return found["sender"][6], found["text"][6]


@pytest.mark.parametrize(
    "name", some(["Servicos Gerais - Terceirizado", "Dr. Anna-Maria Müller-Lüdenscheidt", "Smith, John", "a_very_long_nickname_1234"], 2)
)  # fmt: skip
def test_a_long_name_that_writes_once_is_a_sender(tmp_path: Path, name: str) -> None:
    assert row_of(tmp_path, f"{name}: hello") == (name, "hello")


@pytest.mark.parametrize(
    "words", ["Ana changed the subject to this one: fun", "Nachrichten und Anrufe sind verschlüsselt. Mehr Infos: hier"]
)
def test_a_sentence_with_a_colon_is_a_notice(tmp_path: Path, words: str) -> None:
    assert row_of(tmp_path, words) == (None, words)


def test_words_behind_a_name_that_mostly_stands_alone_are_words(tmp_path: Path) -> None:
    lines = [f"[2025-06-17 09:0{i}:00] {('priya', 'dana.w')[i % 2]}:\nword {i}\n" for i in range(7)]
    lines.insert(5, "[2025-06-17 09:04:30] dana.w: [图片]\n")
    found = read_text(tmp_path, "\n".join(lines)).messages
    assert set(found["sender"]) == {"priya", "dana.w"}
    assert found["kind"].to_list()[5] == "image"


def test_a_word_for_speaking_in_every_line_belongs_to_the_form(tmp_path: Path) -> None:
    lines = [f"2025-03-05 09:0{i}:12 - {('Daniel Osei', 'Grace Lin')[i % 2]} {('wrote', 'replied')[i > 2]} Word {i}" for i in range(8)]  # fmt: skip
    found = read_text(tmp_path, "\n".join(lines)).messages
    assert found["text"].to_list() == [f"Word {i}" for i in range(8)]
    assert found["sender"].to_list() == ["Daniel Osei", "Grace Lin"] * 4


def test_a_first_word_that_recurs_is_asked_about_also_where_most_words_recur_and_a_notice_has_no_blank(
    tmp_path: Path,
) -> None:
    lines = [f"15:{i:02} {('鄭雅文', '吳宗憲')[i % 2]} {('好', '在嗎')[i % 3 > 1]}" for i in range(40)]
    with pytest.raises(UsageError, match="sender"):
        read_text(tmp_path, "\n".join(["2024.01.16 星期二", *lines, "15:41 吳宗憲已收回訊息"]))


def remarked(remarks: tuple[str, str]) -> str:
    return "".join(
        f"2024-06-03 09:1{i}:02 {('Anna', 'Ben', 'Cleo')[i % 3]} ({remarks[i % 2]})\nword number {i}\n\n"
        for i in range(9)
    )


def test_a_remark_behind_all_names_that_changes_behind_one_of_them_is_no_part_of_it(tmp_path: Path) -> None:
    messages = read_text(tmp_path, remarked(("internal", "for the customer"))).messages
    assert messages["sender"].to_list() == ["Anna", "Ben", "Cleo"] * 3
    assert messages["text"][0] == "word number 0"


def test_a_side_behind_all_names_is_asked_about(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="possible readings are 1: 9 messages"):
        read_text(tmp_path, remarked(("received", "sent")))


def test_signs_before_all_names_are_no_part_of_them(tmp_path: Path) -> None:
    text = "".join(f"2024-06-03 09:1{i}:02 - {('Anna', 'Ben')[i % 2]}\nword number {i}\n\n" for i in range(6))
    assert read_text(tmp_path, text).messages["sender"].to_list() == ["Anna", "Ben"] * 3


def test_a_word_and_a_short_number_are_a_whole_name(tmp_path: Path) -> None:
    lines = [
        f'{{"time": "2026-03-01 10:{i:02}:00", "from": "Author {i % 2 + 1}", "text": "row {i}"}}' for i in range(6)
    ]
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join(lines) + "\n", "utf-8")
    assert read(file).messages["sender"].to_list() == ["Author 1", "Author 2"] * 3
