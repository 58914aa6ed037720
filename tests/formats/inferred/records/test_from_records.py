"""Texts that write a message as lines of names and values are read though some blocks are irregular."""

from pathlib import Path

import docx
import pytest

from reconcile.errors import UsageError
from tests.build.readings import read, read_text, spoken

REGULAR = [("甲", "20:18:04", "你好"), ("乙", "20:18:20", "在吗"), ("甲", "20:18:41", "在的"), ("乙", "20:20:00", "好")]


def block(who: str, clock: str, *lines: str) -> str:
    return "\n".join([f"{who}:", f"时间: 2025-03-02 {clock}", *lines]) + "\n\n"


def text_of(odd: str = "") -> str:
    blocks = [block(who, clock, f"内容: {words}") for who, clock, words in REGULAR]
    return "".join([*blocks[:3], odd, *blocks[3:]])


def test_a_name_may_hold_a_colon(tmp_path: Path) -> None:
    odd = ("A:B", "20:19:03", "收到")
    found = spoken(read_text(tmp_path, text_of(block(*odd[:2], f"内容: {odd[2]}"))), "%H:%M:%S")
    assert found == [(clock, who, words) for who, clock, words in [*REGULAR[:3], odd, *REGULAR[3:]]]


def test_words_without_the_name_of_their_field_are_the_words(tmp_path: Path) -> None:
    found = spoken(read_text(tmp_path, text_of(block("乙", "20:19:04", "第二行"))), "%H:%M:%S")
    assert found[3] == ("20:19:04", "乙", "第二行")
    assert len(found) == 5


def test_a_block_without_words_keeps_its_time_and_sender(tmp_path: Path) -> None:
    row = read_text(tmp_path, text_of(block("乙", "20:19:04"))).messages.row(3, named=True)
    assert (row["sender"], row["text"]) == ("乙", "")


@pytest.mark.parametrize(
    ("first", "others"), [("Date", ("From", "Message")), ("Time", ("Sender", "Text")), ("时间", ("发送者", "内容"))]
)
def test_a_time_may_follow_its_label_without_a_colon(tmp_path: Path, first: str, others: tuple[str, str]) -> None:
    blocks = [
        f"{first} 2021-04-{i:02}T17:51:28.431Z\n      {others[0]}: {('Anna', 'Ben')[i % 2]}\n      {others[1]}: word {i} of many\n"
        for i in range(1, 20)
    ]
    messages = read_text(tmp_path, "\n".join(blocks)).messages
    assert messages["text"].to_list() == [f"word {i} of many" for i in range(1, 20)]
    assert messages["sender"].to_list()[:2] == ["Ben", "Anna"]
    assert messages["sent_at"].null_count() == 0


def test_words_below_two_named_fields_are_those_of_the_message(tmp_path: Path) -> None:
    text = "-----\n".join(f"From: {who}\nDate: 2025-03-02 {clock}\n\n{words}\n" for who, clock, words in REGULAR)
    assert spoken(read_text(tmp_path, text), "%H:%M:%S") == [(clock, who, words) for who, clock, words in REGULAR]


def test_arrows_may_stand_between_names_and_values_of_a_printed_list(tmp_path: Path) -> None:
    rows = [
        f"    [{i}] => Array\n        (\n            [addtime] => 2025-03-02 {clock}\n            [nickname] => {who}\n"
        f"            [msg] => {words}=1\n        )\n\n"
        for i, (who, clock, words) in enumerate(REGULAR * 3)
    ]
    found = spoken(read_text(tmp_path, "".join(["Array\n(\n", *rows, ")\n"])), "%H:%M:%S")
    assert found == [(clock, who, f"{words}=1") for who, clock, words in REGULAR * 3]


def test_a_quoted_record_is_no_message_and_no_words(tmp_path: Path) -> None:
    blocks = [f"发送人: {who}\n时间: 2025-03-02 {clock}\n\n{words}\n\n" for who, clock, words in REGULAR]
    blocks[3] = blocks[3].replace("\n\n", "\n\n> 发送人: 甲\n> 时间: 2025-03-02 20:18:04\n>\n> 你好\n\n", 1)
    found = spoken(read_text(tmp_path, "".join(blocks)), "%H:%M:%S")
    assert found == [(clock, who, words) for who, clock, words in REGULAR]


def test_paragraphs_of_a_document_are_records_as_lines_are(tmp_path: Path) -> None:
    document = docx.Document()
    rows = [*REGULAR, ("甲", "20:21:07", "走吧"), ("乙", "20:21:40", "嗯")]
    for i, (who, clock, words) in enumerate(rows, 1):
        for line in (f"第 {i} 条", f"发送时间：2025-03-02 {clock}", f"发 送 人：{who}", f"消息内容：{words}"):
            document.add_paragraph(line)
    document.save(str(tmp_path / "a.docx"))
    assert spoken(read(tmp_path / "a.docx"), "%H:%M:%S") == [(clock, who, words) for who, clock, words in rows]


def labelled(at: int, words: str) -> str:
    who = ("Anna", "Ben")[at % 2]
    return f"{at + 1}-1\nTime: 2024-03-01 09:{10 + at}:00\nSender: {who}\nMessage: {words}\n"


def test_a_remark_below_several_messages_whose_label_stands_above_them_too_is_not_their_words(tmp_path: Path) -> None:
    said = [f"word {chr(97 + at)}" for at in range(16)]
    parts = [labelled(at, words) for at, words in enumerate(said)]
    for at in (3, 6, 9):
        parts[at] += f"\nPurpose: shows point {at}.\n"
    head = "List of exhibits\n\nExhibit 1, contract\nPurpose: shows the price.\n\nExhibit 2, chat\n\n"
    assert read_text(tmp_path, head + "\n".join(parts)).messages["text"].to_list() == said
    # Without the label above, somebody may have typed it.
    with pytest.raises(UsageError, match="no reader knows this form"):
        read_text(tmp_path, "\n".join(parts))


def mail_like(at: int, words: str, *more: str) -> str:
    head = [f"From: {('Anna', 'Ben')[at % 2]}", f"Sent: 2024-03-01 09:{10 + at}:00", *more]
    return "\n".join([*head, "", words, ""] if words else [*head, ""])


def test_what_a_few_records_state_above_the_empty_line_is_not_their_words(tmp_path: Path) -> None:
    said = [f"word {chr(97 + at)}" for at in range(16)]
    parts = [mail_like(at, words) for at, words in enumerate(said)]
    parts[5] = mail_like(5, said[5], "Reaction: 👍 from Ben")
    parts[7] = mail_like(7, "", "Attachment: offer.pdf (application/pdf, 88 bytes)")
    messages = read_text(tmp_path, "\n".join(parts)).messages
    assert messages["text"].to_list() == [*said[:7], "", *said[8:]]
    assert messages["kind"][7] == "file"


def test_a_quotation_marked_in_its_first_line_goes_on_to_the_empty_line_above_the_answer(tmp_path: Path) -> None:
    def quoted(at: int, *lines: str) -> str:
        said = "\n".join([f"> From: {('Anna', 'Ben')[at % 2]}", f"> Sent: 2024-03-01 09:{10 + at}:00", ">", *lines])
        return f"{said}\n\nyes, word {chr(97 + at)}"

    parts = [mail_like(at, quoted(at - 2, "> word") if at in (4, 6, 8) else f"word {chr(97 + at)}") for at in range(16)]
    parts[10] = mail_like(10, quoted(3, "> two things:", "1. one", "2. two"))
    assert read_text(tmp_path, "\n".join(parts)).messages["text"][10] == "yes, word d"
