"""Who writes in a chat of two is its owner or its peer."""

import json
from pathlib import Path

from reconcile.case import read

HEADING = "sent_at,text,sender,is_self,conversation,conversation_kind\n"
OWNER, PEER, OTHER = "wxid_owner0000000001", "wxid_peer00000000001", "wxid_other0000000001"


def strangers(folder: Path, sender: str, chat: str = PEER, kind: str = "direct", owner: str = OWNER) -> list[str]:
    rows = [(OWNER, "true"), (PEER, "false"), (sender, "false"), (sender, "false")]
    lines = [f"2024-05-01 10:00:{n:02},在吗{n},{who},{own},{chat},{kind}\n" for n, (who, own) in enumerate(rows)]
    (folder / "chat.csv").write_text(HEADING + "".join(lines), "utf-8")
    (folder / "chat.json").write_text(json.dumps({"owner": {"id": owner}}), "utf-8")
    notes = read(folder / "chat.csv").notes
    return [f"{n.excerpt} {n.count}" for n in notes if "neither" in n.excerpt]


def test_rows_of_a_third_account_in_a_chat_of_two_are_noted_with_their_number(tmp_path: Path) -> None:
    assert strangers(tmp_path, OTHER) == [f"{OTHER} is neither the owner nor the peer of the chat {PEER} 2"]


def test_the_two_of_a_chat_an_alias_and_the_members_of_a_room_are_no_strangers(tmp_path: Path) -> None:
    assert not strangers(tmp_path, PEER)
    assert not strangers(tmp_path, "peers_alias")
    assert not strangers(tmp_path, OTHER, chat="123@chatroom", kind="group")
    assert not strangers(tmp_path, OTHER, owner="")
