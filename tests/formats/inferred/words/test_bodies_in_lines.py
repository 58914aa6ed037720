"""What Markdown sets apart below a message is no part of its words."""

from pathlib import Path

from reconcile.vocabulary import NoteCode
from tests.build.readings import read


def test_a_callout_below_a_message_is_noted_and_no_words(tmp_path: Path) -> None:
    said = [f"**{'陈默' if i % 2 else '吴桐'}** 10:0{i}\n\n> 第{i}句话" for i in range(8)]
    said[3] += "\n\n> [!note] 合同附件2\n> 超时时间：10秒"
    (tmp_path / "a.md").write_text("### 2026-03-09\n\n" + "\n\n".join(said), "utf-8")
    reading = read(tmp_path / "a.md")
    assert reading.messages["text"].to_list() == [f"第{i}句话" for i in range(8)]
    assert any(n.code == NoteCode.ROW_SKIPPED and "[!note]" in n.excerpt for n in reading.notes)


def test_words_that_begin_like_a_callout_without_an_empty_line_above_are_the_message(tmp_path: Path) -> None:
    said = [f"**{'陈默' if i % 2 else '吴桐'}** 10:0{i}\n\n> 第{i}句话" for i in range(8)]
    said[3] += "\n> [!note] 合同"
    (tmp_path / "a.md").write_text("### 2026-03-09\n\n" + "\n\n".join(said), "utf-8")
    assert read(tmp_path / "a.md").messages["text"][3] == "第3句话\n[!note] 合同"
