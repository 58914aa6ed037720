"""The account decides who sent a message, and a type's name the kind of an unknown code."""

import json
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from reconcile import read
from reconcile.intake.contract import Reading
from reconcile.vocabulary import NoteCode

OWN, PEER = "wxid_own", "wxid_peer"


def chat(tmp_path: Path, rows: Sequence[tuple[str, int, str]]) -> Reading:
    """The reading of an export of these senders, directions and types."""
    messages = [
        {
            "localId": i, "createTime": 1704067200 + 60 * i, "formattedTime": f"2024-01-01 08:{i:02}:00", "type": kind,
            "localType": {"系统消息": 10000, "文件消息": 25769803}.get(kind, 1), "content": f"第{i}句", "isSend": sent, "senderUsername": sender,
            "senderDisplayName": sender[5:], "platformMessageId": str(7000 + i),
        }
        for i, (sender, sent, kind) in enumerate(rows)
    ]  # fmt: skip
    session = {"wxid": PEER, "nickname": "peer", "displayName": "peer", "type": "私聊", "messageCount": len(rows)}
    file = tmp_path / "私聊_peer.json"
    file.write_text(json.dumps({"weflow": {"version": "1.0.3"}, "session": session, "messages": messages}), "utf-8")
    return read(file)


REGULAR = [(OWN, 1, "文本消息"), (PEER, 0, "文本消息")] * 4


def test_a_message_of_the_owners_account_that_is_not_called_own_is_the_owners(tmp_path: Path) -> None:
    reading = chat(tmp_path, [*REGULAR, (OWN, 0, "文本消息")])
    last = reading.messages.row(-1, named=True)
    assert (last["sender"], last["is_self"]) == (OWN, True)
    assert [n.excerpt for n in reading.notes if n.code is NoteCode.ROW_CONTRADICTS] == [f"sender: {OWN} / {PEER}"]


@pytest.mark.parametrize(
    "odd",
    [[(OWN, 0, "系统消息")], [(OWN, 0, "文本消息")] * 3, [("wxid_else", 0, "文本消息")]],
    ids=["a notice", "as many as own ones", "a third account"],
)
def test_other_rows_that_are_not_called_own_stay_the_other_partys(
    tmp_path: Path, odd: list[tuple[str, int, str]]
) -> None:
    reading = chat(tmp_path, [*REGULAR, *odd])
    assert {*reading.messages["sender"].tail(len(odd)).to_list()} <= {PEER, None}


def test_a_type_of_an_unknown_code_is_told_by_its_name(tmp_path: Path) -> None:
    assert str(chat(tmp_path, [*REGULAR, (PEER, 0, "文件消息")]).messages["kind"][-1]) == "file"


def test_a_returned_transfer_is_one_in_a_form_that_calls_it_text(tmp_path: Path) -> None:
    head = "id,MsgSvrID,type_name,is_sender,talker,msg,src,CreateTime"
    said = ["在吗", "[转账] ￥74.57 服务费", "[转账退还] ￥74.57 服务费"]
    rows = [f"{i},{7000 + i},text,{i % 2},甲,{text},,2024-09-26T03:3{i}:00.000Z" for i, text in enumerate(said)]
    (tmp_path / "甲.csv").write_text("\n".join([head, *rows]), "utf-8-sig")
    kinds = read(tmp_path / "甲.csv").messages.select("kind", "payment_state")
    assert kinds.cast(pl.String).rows() == [("text", None), ("transfer", "sent"), ("transfer", "returned")]
