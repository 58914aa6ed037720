"""Headings that a reader of a known form took for words: the file goes to the reader that reads them."""

from pathlib import Path

import pytest

from reconcile.case import read
from reconcile.errors import UnreadableSource, UsageError
from reconcile.vocabulary import NoteCode

SPOKEN = [
    ("我", "9:00:05"),
    ("张艳", "9:01:10"),
    ("我", "9:02:00"),
    ("张艳", "9:05:44"),
    ("张艳", "9:06:01"),
    ("我", "9:09:09"),
]


def chatlog(people: list[tuple[str, str]]) -> str:
    """A text of chatlog's form; a sender without account in brackets is spelled as that form never does."""
    return "\n".join(f"{who} 2024-01-10 0{time}\n第{n}条消息\n" for n, (who, time) in enumerate(people)) + "\n"


def test_a_file_whose_senders_a_known_form_would_not_write_is_read_in_full(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text(chatlog(SPOKEN), "utf-8")
    reading = read(tmp_path / "b.txt")
    assert reading.facts.reader == "inferred"
    assert reading.messages["sender"].to_list() == [who for who, _ in SPOKEN]


def test_a_file_of_which_a_known_form_would_write_only_the_first_heading_is_read_in_full(tmp_path: Path) -> None:
    people = ["Mallory", "Dave", "Alice", "Bob", "Carol", "Bob"]
    text = chatlog([(who, time) for who, (_, time) in zip(people, SPOKEN, strict=True)])
    (tmp_path / "b.txt").write_text(text, "utf-8")
    assert read(tmp_path / "b.txt").messages["sender"].to_list() == people


def test_the_reader_that_was_named_keeps_the_file_and_notes_each_heading(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text(chatlog(SPOKEN), "utf-8")
    reading = read(tmp_path / "b.txt", "chatlog_text")
    noted = {n.excerpt for n in reading.notes if n.code is NoteCode.AMBIGUOUS_HEADER}
    assert {f"张艳 2024-01-10 0{time}" for who, time in SPOKEN if who == "张艳"} <= noted
    assert reading.facts.limits.ambiguous_headers


@pytest.mark.parametrize("pasted", ["2023-05-01", "2024-01-11"])
def test_a_pasted_conversation_of_another_day_stays_the_words_of_its_message(tmp_path: Path, pasted: str) -> None:
    inner = "".join(f"\n张艳 {pasted} 0{time}\n旧消息\n" for _, time in SPOKEN)
    text = (
        chatlog([("我", "9:00:05")])
        + f"zy(wxid_zhangyan) 2024-01-10 09:01:00\n请看{inner}\n我 2024-01-10 09:30:00\n好\n\n"
    )
    (tmp_path / "b.txt").write_text(text, "utf-8")
    reading = read(tmp_path / "b.txt")
    assert reading.facts.reader == "chatlog_text"
    assert reading.messages.height == 3


def test_a_form_in_which_nobody_would_speak_is_read_with_its_senders(tmp_path: Path) -> None:
    blocks = [f"2024-01-10 0{time}\n{who}\n第{n}条消息\n\n" for n, (who, time) in enumerate(SPOKEN)]
    (tmp_path / "b.txt").write_text("".join(blocks), "utf-8")
    assert read(tmp_path / "b.txt").messages["sender"].to_list() == [who for who, _ in SPOKEN]


def test_a_text_is_asked_about_where_many_of_its_headings_are_not_understood(tmp_path: Path) -> None:
    marks = [("# ", "2024-01-11") if n % 3 == 1 else ("", "2024-01-10") for n in range(len(SPOKEN))]
    lines = [f"{mark}[{day} 0{time}] {who}: 好" for (mark, day), (who, time) in zip(marks, SPOKEN, strict=True)]
    (tmp_path / "b.txt").write_text("\n".join(lines), "utf-8")
    with pytest.raises(UsageError, match="unclear are time"):
        read(tmp_path / "b.txt")


def test_a_heading_with_a_mark_of_an_edit_in_its_brackets_is_noted(tmp_path: Path) -> None:
    lines = [f"[2024-01-10 0{time}] {who}: 第{n}条消息" for n, (who, time) in enumerate(SPOKEN)]
    lines[3] = lines[3].replace("]", " | Edited 9:05:50]", 1)
    (tmp_path / "b.txt").write_text("\n".join(lines), "utf-8")
    noted = [n.excerpt for n in read(tmp_path / "b.txt").notes if n.code is NoteCode.AMBIGUOUS_HEADER]
    assert noted == [lines[3]]


BLOCKS = [("10:30:22", "妈妈"), ("10:31:05", "我"), ("10:31:20", "妈妈"), ("11:06:01", "我"), ("11:06:15", "妈妈"), ("20:00:00", "我")]  # fmt: skip
NOTICE = "「妈妈」撤回了一条消息\n"


def test_headings_of_known_speakers_directly_below_notices_are_headings(tmp_path: Path) -> None:
    blocks = [f"2024-01-15 {time} {who}\n第{n}句\n" for n, (time, who) in enumerate(BLOCKS)]
    file = tmp_path / "聊天.txt"
    file.write_text("\n".join([*blocks[:2], NOTICE + blocks[2], blocks[3], NOTICE + blocks[4], blocks[5]]), "utf-8")
    assert read(file).messages["sender"].to_list() == [who for _, who in BLOCKS]


def test_earlier_messages_pasted_without_empty_lines_stay_the_words_of_theirs(tmp_path: Path) -> None:
    blocks = [f"2024-01-15 {time} {who}\n第{n}句\n" for n, (time, who) in enumerate(BLOCKS)]
    file = tmp_path / "聊天.txt"
    file.write_text("\n".join([*blocks[:3], blocks[3] + blocks[0] + blocks[1], *blocks[4:], ""]), "utf-8")
    reading = read(file)
    assert reading.messages["sender"].to_list() == [who for _, who in BLOCKS]
    assert "10:30:22 妈妈" in reading.messages["text"][3]


def test_a_page_in_which_a_known_form_finds_nothing_is_read_by_its_values(tmp_path: Path) -> None:
    rows = "".join(
        f'<section class="msg"><b>{who}</b> <time>2024-01-10 0{time}</time> <p>第{n}条消息</p></section>'
        for n, (who, time) in enumerate(SPOKEN)
    )
    page = f"<html><head><meta charset='utf-8'><title>张艳 - 微信聊天记录</title></head><body>{rows}</body></html>"
    (tmp_path / "b.html").write_text(page.replace('class="msg"', 'class="msg-line"'), "utf-8")
    reading = read(tmp_path / "b.html")
    assert reading.facts.reader == "inferred"
    assert reading.messages["sender"].to_list() == [who for who, _ in SPOKEN]


def test_labels_above_their_values_are_the_fields_of_messages_and_no_senders(tmp_path: Path) -> None:
    records = [f"时间：\n2024-01-10 0{time}\n\n发送者：\n{who}\n\n内容：\n第{n}条消息\n\n" for n, (who, time) in enumerate(SPOKEN)]  # fmt: skip
    (tmp_path / "b.txt").write_text("".join(records), "utf-8")
    messages = read(tmp_path / "b.txt").messages
    assert messages["sender"].to_list() == [who for who, _ in SPOKEN]
    assert messages["text"].to_list() == [f"第{n}条消息" for n in range(len(SPOKEN))]
    assert not messages["sent_at"].null_count()


@pytest.mark.parametrize("rounds", [3, 4])
def test_three_names_that_take_turns_without_exception_and_times_are_refused(tmp_path: Path, rounds: int) -> None:
    copied = "".join(f"{who}:\n第{n}句\n\n" for n in range(rounds) for who in ("编号", "来源", "说明"))
    (tmp_path / "b.txt").write_text(copied, "utf-8")
    with pytest.raises(UnreadableSource, match="names of fields"):
        read(tmp_path / "b.txt")
    (tmp_path / "b.txt").write_text(copied + "编号:\n好\n\n编号:\n再见\n", "utf-8")
    assert read(tmp_path / "b.txt").messages.height == 3 * rounds + 2
