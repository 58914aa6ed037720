"""Bodies that CipherTalk keeps beside what it shows."""

from pathlib import Path

import orjson

from reconcile.case import read

QUOTE = 244813135921


def test_a_stored_body_with_nothing_in_it_leaves_what_the_export_shows(tmp_path: Path) -> None:
    bodies = [(1, "在吗", "在吗"), (QUOTE, "同意", "<msg/>"), (1, "好", "好")]
    rows = [
        {"localId": i, "platformMessageId": f"68956153058{i}", "createTime": 1709254805 + i, "formattedTime": f"2024-03-01 09:00:0{5 + i}",
         "type": "文本消息", "localType": kind, "content": shown, "rawContent": raw, "isSend": i % 2, "senderUsername": f"wxid_{i % 2}",
         "senderDisplayName": "甲", "source": ""}
        for i, (kind, shown, raw) in enumerate(bodies)
    ]  # fmt: skip
    head = {
        "exportInfo": {"version": "1.0.0", "generator": "CipherTalk", "format": "detailed-json"},
        "session": {"wxid": "wxid_0", "displayName": "甲", "type": "私聊", "isGroup": False, "ownerId": "wxid_1"},
    }
    (tmp_path / "甲.json").write_bytes(orjson.dumps({**head, "messages": rows}))
    messages = read(tmp_path / "甲.json").messages
    assert messages["text"].to_list() == ["在吗", "同意", "好"]
    assert messages["kind"].to_list() == ["text", "quote", "text"]
