"""Rows in which a service has replaced a recalled message by a notice."""

import json
from pathlib import Path

import pytest

from tests.build.readings import read_text
from tests.thorough import some

NOTICES = (
    "This message was recalled", "This message has been deleted.", "Message recalled", "Anna unsent a message", "此消息已撤回", "该消息已被撤回", "消息已被管理员撤回",
    "この メッセージ".replace(" ", "") + "は取り消されました", "삭제된 메시지입니다",
)  # fmt: skip


@pytest.mark.parametrize("flag", ["deleted", "isRecalled", ""])
@pytest.mark.parametrize("notice", some(NOTICES, 3))
def test_the_notice_of_a_recall_is_one_whatever_tool_writes_it(tmp_path: Path, notice: str, flag: str) -> None:
    said = ["在吗", notice, "This message was recalled, so write it again", "好的", "明天见", ""]
    rows = [
        {"timestamp": 1_700_000_000_000 + 60_000 * i, "sender": "AB"[i % 2], "type": "text", "content": t, flag: i in (1, 3, 5)}
        for i, t in enumerate(said)
    ]  # fmt: skip
    kinds = read_text(tmp_path, json.dumps(rows), "a.json").messages["kind"].to_list()
    assert kinds[:5] == ["text", "recall", "text", "text", "text"]
    assert (kinds[5] == "recall") == bool(flag)


def test_a_sentence_that_goes_on_behind_a_recall_or_begins_before_it_is_a_persons(tmp_path: Path) -> None:
    said = [
        "This message was deleted by our lawyer and we owe you all of it", "The message was removed by Anna after she promised to pay",
        "I will pay all of it, John recalled the message", "该消息已张三答应还钱撤回", "This message was removed by Anna Maria Smith",
    ]  # fmt: skip
    rows = [
        {"timestamp": 1_700_000_000_000 + 60_000 * i, "sender": "AB"[i % 2], "content": t} for i, t in enumerate(said)
    ]
    told = read_text(tmp_path, json.dumps(rows), "a.json").messages["kind"].to_list()
    assert told == ["text"] * 4 + ["recall"]
