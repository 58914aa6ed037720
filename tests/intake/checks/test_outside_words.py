"""Lines of a file that are nobody's words do not stay in the messages above them."""

from pathlib import Path

import pytest
from docx import Document

import reconcile
from reconcile.vocabulary import NoteCode

WORDS = ["在吗", "在的", "货到了吗", "到了，明天送", "好的", "谢谢", "不客气", "回头联系"]
LONG = "不是我不想给，是那边一直压着我的钱，六万压了两个月了，你让我拿什么给，等一到账我第一时间转给你"


def weflow(words: list[str], below: str = "") -> str:
    blocks = (f"2024-03-01 09:00:{i:02} '{('周海', '我')[i % 2]}'\n{w}\n\n" for i, w in enumerate(words))
    return "".join(blocks) + below


def qq(words: list[str], day: int) -> str:
    head = "消息记录（此消息记录为文本格式，不支持重新导入）\n\n======\n消息分组:我的好友\n======\n消息对象:周海\n======\n\n"
    blocks = (f"2024-03-{day:02} 9:00:{i:02} {('周海', '李强')[i % 2]}\n{w}\n\n" for i, w in enumerate(words))
    return head + "".join(blocks)


def texts_of(folder: Path, content: str) -> list[str]:
    (folder / "周海.txt").write_text(content, "utf-8")
    return list(reconcile.read(folder / "周海.txt").messages["text"])


@pytest.mark.parametrize("line", ["以上共8条聊天记录。", "合计：8条", "Total: 8 messages"])
def test_a_line_at_the_end_that_counts_the_messages_is_noted_and_no_words(tmp_path: Path, line: str) -> None:
    assert texts_of(tmp_path, weflow(WORDS, f"\n{line}\n")) == WORDS
    notes = reconcile.read(tmp_path / "周海.txt").notes
    assert line in [n.excerpt for n in notes if n.code is NoteCode.ROW_SKIPPED]


@pytest.mark.parametrize("line", ["以上共9条聊天记录。", "还剩8箱，共18箱"])
def test_a_line_at_the_end_with_another_number_stays(tmp_path: Path, line: str) -> None:
    assert line in texts_of(tmp_path, weflow(WORDS, f"\n{line}\n"))[-1]


def test_a_last_line_of_words_whose_number_is_that_of_the_messages_stays(tmp_path: Path) -> None:
    said = [*WORDS[:-1], f"你好\n第{len(WORDS)}车"]
    assert texts_of(tmp_path, weflow(said)) == said


def test_the_head_of_an_appended_file_is_no_words(tmp_path: Path) -> None:
    assert texts_of(tmp_path, qq(WORDS, 1) + qq(WORDS[::-1], 2)) == WORDS + WORDS[::-1]


def test_feet_and_heads_of_pages_are_taken_out_of_the_words_that_they_part(tmp_path: Path) -> None:
    parted = [
        w if i % 3 else f"{i:02}{LONG}\n- {i // 3 + 1} -\n\f证据三：聊天记录\n{i}你放心"
        for i, w in enumerate(WORDS * 2)
    ]
    texts = texts_of(tmp_path, weflow(parted))
    assert texts == [w if i % 3 else f"{i:02}{LONG}{i}你放心" for i, w in enumerate(WORDS * 2)]


def test_lines_that_break_at_one_width_throughout_are_put_together(tmp_path: Path) -> None:
    whole = [f"{LONG[i:]}{LONG}" for i in range(6)]
    width = 42
    broken = ["\n".join(w[n : n + width] for n in range(0, len(w), width)) for w in whole]
    assert texts_of(tmp_path, weflow(broken)) == whole


def test_lines_of_different_length_stay_lines(tmp_path: Path) -> None:
    lists = [f"{LONG}\n第{i}条\n{LONG[: 20 + i]}\n完" for i in range(6)]
    assert texts_of(tmp_path, weflow(lists)) == lists


def test_numbered_headings_of_excerpts_are_no_words(tmp_path: Path) -> None:
    said = [f"第{i}车到了" for i in range(12)]
    lines = [f"周海 2024-03-01 10:{i:02}\n{w}\n" for i, w in enumerate(said)]
    said[6] = "清单：\n1. 瓷砖\n2. 地板\n3. 共8箱"
    lines[6] = f"周海 2024-03-01 10:06\n{said[6]}\n"
    heads = ["（一）节选一：3月1日聊天记录\n", "（二）摘录二：3月1日部分聊天记录\n", "（三）节选三\n"]
    text = "\n".join(["聊天记录\n", heads[0], *lines[:4], heads[1], *lines[4:8], heads[2], *lines[8:]])
    (tmp_path / "a.txt").write_text(text.replace("周海 2024-03-01 10:05", "李强 2024-03-01 10:05"), "utf-8")
    reading = reconcile.read(tmp_path / "a.txt")
    assert reading.messages["text"].to_list() == said
    assert any("摘录二" in n.excerpt for n in reading.notes)


def test_numbered_headings_in_a_word_document_are_no_words(tmp_path: Path) -> None:
    document = Document()
    for n in range(12):
        head = f"（{'一二三'[n // 4]}）节选{n // 4 + 1}：2024年3月1日 10:{n:02}至10:{n + 3:02}聊天记录"
        for line in (
            *(["", head] if n % 4 == 0 else []),
            f"2024.03.01 10:{n:02} {'周海' if n % 3 else '李强'}：第{n}车到了",
        ):
            document.add_paragraph(line)
    document.save(str(tmp_path / "a.docx"))
    reading = reconcile.read(tmp_path / "a.docx")
    assert reading.messages["text"].to_list() == [f"第{n}车到了" for n in range(12)]
    assert any("节选3" in n.excerpt for n in reading.notes)


def test_a_numbered_line_at_the_end_of_words_stays(tmp_path: Path) -> None:
    said = [f"第{i}车到了" if i % 4 else f"清单\n\n（{'一二三'[i // 4]}）第{i}车" for i in range(12)]
    assert texts_of(tmp_path, weflow(said)) == said


@pytest.mark.parametrize("remark", ["（说明：以上内容见第4页）", "（注：以上对应证据三截图）"])
def test_a_line_in_brackets_that_remarks_on_what_stands_above_is_no_words(tmp_path: Path, remark: str) -> None:
    blocks = weflow(WORDS).split("\n\n")
    at = (2, 5) if "证据" not in remark else (2,)
    content = "\n\n".join(b + f"\n{remark}" * (i in at) for i, b in enumerate(blocks))
    assert texts_of(tmp_path, content) == WORDS
    notes = reconcile.read(tmp_path / "周海.txt").notes
    assert remark in [n.excerpt for n in notes if n.code is NoteCode.ROW_SKIPPED]
    # One that speaks of no evidence may be somebody's words.
    single = "\n\n".join(b + "\n（注：以上价格含税）" * (i == 2) for i, b in enumerate(blocks))
    assert texts_of(tmp_path, single)[2] == f"{WORDS[2]}\n（注：以上价格含税）"


def test_what_a_paper_says_of_the_whole_conversation_ends_the_last_message(tmp_path: Path) -> None:
    below = "以上聊天记录与手机原件一致。\n周海　2025年9月3日\n"
    assert texts_of(tmp_path, weflow([*WORDS[:-1], "如下：\n一\n二"], below).rstrip())[-1] == "如下：\n一\n二"
