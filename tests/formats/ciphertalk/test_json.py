"""Bodies that CipherTalk keeps beside what it shows."""

from pathlib import Path

import orjson
import polars as pl

from reconcile.case import read

QUOTE = 244813135921


def chat(folder: Path, bodies: list[tuple[int, str, str]]) -> pl.DataFrame:
    """The messages of a chat with these rows: type, shown text, stored body."""
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
    (folder / "甲.json").write_bytes(orjson.dumps({**head, "messages": rows}))
    return read(folder / "甲.json").messages


def test_a_stored_body_with_nothing_in_it_leaves_what_the_export_shows(tmp_path: Path) -> None:
    messages = chat(tmp_path, [(1, "在吗", "在吗"), (QUOTE, "同意", "<msg/>"), (1, "好", "好")])
    assert messages["text"].to_list() == ["在吗", "同意", "好"]
    assert messages["kind"].to_list() == ["text", "quote", "text"]


def test_a_stored_place_tells_what_a_bare_mark_does_not(tmp_path: Path) -> None:
    place = '<msg><location x="31.23" y="121.47" scale="15" label="人民路8号" poiname="东门" /></msg>'
    messages = chat(tmp_path, [(1, "在吗", "在吗"), (48, "[位置]", place), (1, "好", "好")])
    assert all(word in messages["text"][1] for word in ("东门", "人民路8号"))
