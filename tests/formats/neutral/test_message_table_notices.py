"""Rows without a kind: a notice is known by having no sender."""

from pathlib import Path

import polars as pl
import pytest

from reconcile.formats.neutral.message_table import MessageTable
from reconcile.intake.contract import ReadOptions
from reconcile.intake.source import Source

ROWS = """2024-03-01 09:00:00,,,以上是打招呼的内容
2024-03-01 09:00:01,,,你撤回了一条消息
2024-03-01 09:00:02,wxid_a,true,你撤回了一条消息
2024-03-01 09:00:03,wxid_a,true,[图片]
2024-03-01 09:00:04,wxid_a,true,好的
"""


@pytest.mark.parametrize(
    ("heading", "keep"), [("sender,is_self", (0, 1, 2, 3)), ("sender", (0, 1, 3)), ("is_self", (0, 2, 3))]
)
def test_row_without_sender_and_kind_is_a_notice(heading: str, keep: tuple[int, ...], tmp_path: Path) -> None:
    lines = [",".join(row.split(",")[i] for i in keep) for row in ROWS.splitlines()]
    file = tmp_path / "a.csv"
    file.write_text(f"sent_at,{heading},text\n" + "\n".join(lines) + "\n", "utf-8")
    reading = MessageTable().read(Source(file), ReadOptions())
    assert reading.messages["kind"].cast(pl.String).to_list() == ["system", "recall", "text", "image", "text"]


@pytest.mark.parametrize("words", ["语音通话已结束", "图片已过期或已被清理", "转账已被接收", "微信红包已超过24小时"])
def test_a_sentence_without_sender_that_begins_as_a_placeholder_does_is_a_notice(words: str, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"sent_at,sender,text\n2024-03-01 09:00:00,,{words}\n2024-03-01 09:00:01,赵,{words}\n", "utf-8")
    kinds = MessageTable().read(Source(file), ReadOptions()).messages["kind"]
    assert kinds.cast(pl.String).to_list() == ["system", "text"]


@pytest.mark.parametrize("blank", [" ", "\t", "\u3000", "\u00a0 "])
def test_a_sender_of_blanks_alone_is_no_sender(blank: str, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(
        f"sent_at,sender,text\n2024-03-01 09:00:00,{blank},以上是打招呼的内容\n2024-03-01 09:00:01,赵,好\n", "utf-8"
    )
    kinds = MessageTable().read(Source(file), ReadOptions()).messages["kind"]
    assert kinds.cast(pl.String).to_list() == ["system", "text"]


@pytest.mark.parametrize(
    ("text", "kind"), [("wxid_qw1o96zeqxasb2:\n[语音]", "voice"), ("[ボイス]", "voice"), ("[檔案] 合同.pdf", "file")]
)
def test_a_placeholder_behind_an_account_or_in_another_language_tells_its_kind(
    text: str, kind: str, tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f'sent_at,sender,text\n2024-03-01 09:00:00,wxid_a,"{text}"\n', "utf-8")
    kinds = MessageTable().read(Source(file), ReadOptions()).messages["kind"]
    assert kinds.cast(pl.String).to_list() == [kind]


@pytest.mark.parametrize(
    ("word", "kind"), [("图片", "image"), ("3", "image"), ("49", "file"), ("哼", "other"), ("Voice", "voice")]
)
def test_a_kind_in_another_word_or_code_is_that_kind(word: str, kind: str, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"sent_at,sender,kind,text\n2024-03-01 09:00:00,wxid_a,{word},[文件] 合同.pdf\n", "utf-8")
    kinds = MessageTable().read(Source(file), ReadOptions()).messages["kind"]
    assert kinds.cast(pl.String).to_list() == [kind]
