"""Answers that hold in a frame of the form what they answer, and lines that repeat it above them."""

from pathlib import Path

from tests.build.readings import read, read_text, spoken

NAMES = ("Anna", "Ben")


def test_a_quotation_in_brackets_that_names_a_sender_is_apart_from_the_answer(tmp_path: Path) -> None:
    lines = [f"{NAMES[i % 2]}, [18.09.23 12.{10 + i}.33]: word number {i}" for i in range(12)]
    lines[5] = 'Ben, [18.09.23 12.15.33]: (in reply to Anna\'s: "word number 4") yes'
    lines[7] = 'Ben, [18.09.23 12.17.33]: (he said "no") and went'
    messages = read_text(tmp_path, "\n".join(lines)).messages
    assert messages["text"][5] == "yes"
    assert (messages["quoted_text"][5], messages["kind"][5]) == ("word number 4", "quote")
    assert (messages["text"][7], messages["kind"][7]) == ('(he said "no") and went', "text")


def test_a_quoted_line_above_a_reply_is_no_message(tmp_path: Path) -> None:
    groups = [
        f"### 2024-03-0{d} 10:30\n\n**Ben**：word {d} one\n\n**我**：word {d} two\n\n**Ben**：word {d} three\n"
        for d in range(1, 7)
    ]
    groups[3] = groups[3].replace("\n\n**Ben**", "\n\n> Anna Li: word 2 two\n\n**Ben**", 1)
    messages = read_text(tmp_path, "# Chat\n\n" + "\n".join(groups), "a.md").messages
    assert messages["text"].to_list() == [f"word {d} {w}" for d in range(1, 7) for w in ("one", "two", "three")]


def test_marks_of_quotations_before_nearly_all_words_are_the_forms(tmp_path: Path) -> None:
    blocks = [f"**{NAMES[i % 2]}** — *2025-01-13 08:{10 + i}:04*\n\n> word number {i}\n" for i in range(12)]
    blocks[2] += "> and more\n"
    blocks[4] = "**Anna** — *2025-01-13 08:14:04*\n\n[Attachment: plan.pdf](https://x.example/plan.pdf)\n"
    messages = read_text(tmp_path, "\n".join(blocks), "a.md").messages
    assert messages["text"].to_list()[1:3] == ["word number 1", "word number 2\nand more"]
    assert not messages["text"].str.contains(">").any()


def test_a_notice_behind_a_time_above_names_keeps_its_words(tmp_path: Path) -> None:
    blocks = [f"Feb {12 + i}, 2024 6:03:2{i % 10} PM\n{NAMES[i % 2]}\nword number {i}\n" for i in range(12)]
    blocks[6] = 'Feb 18, 2024 10:00:00 PM You named the conversation "Flat 2"\n'
    rows = spoken(read_text(tmp_path, "\n".join(blocks)), "%d %H")
    assert (rows[6][0], rows[6][2]) == ("18 22", 'You named the conversation "Flat 2"')
    assert rows[7] == ("19 18", "Ben", "word number 7")


def test_a_single_number_of_a_page_in_the_middle_is_no_word(tmp_path: Path) -> None:
    lines = [f"2023-11-2{i // 6} 10:{10 + i} {NAMES[i % 2]}: word number {i}" for i in range(12)]
    lines.insert(7, "                — 1 —")
    assert read_text(tmp_path, "\n".join(lines)).messages["text"].to_list() == [f"word number {i}" for i in range(12)]


def test_clocks_typed_without_a_unit_of_minutes_are_read(tmp_path: Path) -> None:
    days = [f"【2024年3月{d}日】\n9点05 我：词语{d}一\n9点 他：词语{d}零\n13点40 他：词语{d}二\n" for d in range(4, 8)]
    (tmp_path / "a.txt").write_text("\n".join(days), "utf-8")
    told = spoken(read(tmp_path / "a.txt"), "%d %H:%M")
    assert told[:3] == [("04 09:05", "我", "词语4一"), ("04 09:00", "他", "词语4零"), ("04 13:40", "他", "词语4二")]
