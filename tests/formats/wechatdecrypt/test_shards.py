"""wechat-decrypt in rooms: the owner's texts alone bear no account."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from reconcile.case import read

Writer = Callable[[Path, list[tuple[str, str]]], Path]
ROOM = "90001112223@chatroom"
SAID = [("甲某", "wxid_jia0001:\n好的"), ("乙某", "收到了"), ("丙某", "wxid_bing0003:\n明天见"), ("乙某", "再说吧")]


def _csv(folder: Path, said: list[tuple[str, str]]) -> Path:
    file = folder / "项目群" / "message_0.db.csv"
    file.parent.mkdir(parents=True)
    (file.parent / ".info").write_text(f"username: {ROOM}\nnick_name: 项目群\nis_group: 1\n", "utf-8")
    lines = [f'2024-03-01 09:0{i}:00,{who},文本,"{text}",{7000 + i}' for i, (who, text) in enumerate(said)]
    file.write_text("\r\n".join(["时间,发送者,消息类型,内容,server_id", *lines, ""]), "utf-8-sig")
    return file


def _json(folder: Path, said: list[tuple[str, str]]) -> Path:
    file = folder / "项目群" / "message_0.db.json"
    file.parent.mkdir(parents=True)
    rows = [
        {
            "local_id": i, "server_id": 7000 + i, "type": 1, "type_name": "文本", "sort_seq": i, "sender_username": f"wxid_{'甲乙丙丁'.index(who[0])}00000",
            "sender": who, "create_time": 1709255000 + i, "time_str": "2024-03-01 09:03:20", "status": 3, "content": text, "display_content": text, "is_system": False, "is_received": True,
        }
        for i, (who, text) in enumerate(said)
    ]  # fmt: skip
    told = {
        "chat_username": ROOM,
        "display_name": "项目群",
        "is_group": True,
        "message_count": len(rows),
        "messages": rows,
    }
    file.write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    return file


@pytest.mark.parametrize("write", [_csv, _json])
def test_whose_texts_alone_bear_no_account_in_a_room_owns_the_export(tmp_path: Path, write: Writer) -> None:
    assert read(write(tmp_path, SAID)).messages["is_self"].to_list() == [False, True, False, True]


@pytest.mark.parametrize("write", [_csv, _json])
def test_nobody_is_known_to_own_an_export_in_which_two_people_s_texts_bear_no_account(
    tmp_path: Path, write: Writer
) -> None:
    messages = read(write(tmp_path, [*SAID, ("丁某", "我也去")])).messages
    assert messages["is_self"].null_count() == messages.height
