"""Columns of chats and ids of a matter part conversations, and other ids do not."""

import json
from pathlib import Path

import polars as pl
import pytest

from tests.build.readings import read_text
from tests.thorough import some

PAIRS = [("Anna", "Support"), ("Ben", "Support"), ("Cleo", "Support")]


def chats(heading: str, ids: list[str], pairs: list[tuple[str, str]], tmp_path: Path) -> list[str]:
    rows = [
        {
            "message_id": f"M{6 * i + j:04}",
            heading: value,
            "sender": pairs[i % len(pairs)][j % 2],
            "text": f"words {j} about {value} and more",
            "sent_at": f"2026-03-{i + 1:02} 10:0{j}:00",
        }
        for i, value in enumerate(ids)
        for j in range(6)
    ]
    return read_text(tmp_path, json.dumps(rows), "a.json").messages["conversation"].unique().sort().to_list()


@pytest.mark.parametrize("heading", some(["booking_id", "ticketId", "order_no", "订单号", "工单编号", "leadId"], 2))
def test_the_ids_of_a_matter_part_chats_of_different_people(heading: str, tmp_path: Path) -> None:
    assert chats(heading, ["B-1", "B-2", "B-3"], PAIRS, tmp_path) == ["B-1", "B-2", "B-3"]


def test_the_ids_of_a_matter_part_chats_of_people_called_by_their_roles(tmp_path: Path) -> None:
    assert chats("case_no", ["B-1", "B-2", "B-3"], [("customer", "agent")], tmp_path) == ["B-1", "B-2", "B-3"]


@pytest.mark.parametrize("heading", ["device_id", "campaign_id", "template_id"])
def test_ids_under_which_the_same_two_people_talk_are_no_chats(heading: str, tmp_path: Path) -> None:
    assert chats(heading, ["B-1", "B-2"], [("Anna", "Ben")], tmp_path) == [""]


@pytest.mark.parametrize("heading", ["chat", "conversation", "会话"])
def test_a_column_of_chats_parts_them_also_where_each_has_few_messages(heading: str, tmp_path: Path) -> None:
    names = ["Ops", "Sales", "Team", "Family", "Ops", "Sales", "Team", "Garden", "Family", "Ops"]
    rows = [
        {
            "sent_at": f"2026-03-0{i // 5 + 1} 10:0{i % 5}:00",
            heading: name,
            "sender": ("Anna", "Ben", "Cleo")[i % 3],
            "text": f"words {i} and more",
        }
        for i, name in enumerate(names)
    ]
    found = read_text(tmp_path, json.dumps(rows, ensure_ascii=False), "a.json").messages["conversation"].to_list()
    assert [found.index(c) for c in found] == [names.index(n) for n in names]


def test_an_id_that_is_zero_in_most_rows_parts_no_chats(tmp_path: Path) -> None:
    assert chats("commandId", ["0", "0", "0", "91", "92"], PAIRS, tmp_path) == [""]


@pytest.mark.parametrize("heading", some(["对方", "联系人", "contact", "with"], 2))
def test_the_one_name_of_a_column_called_after_the_other_party_is_the_chat_and_its_sender(
    heading: str, tmp_path: Path
) -> None:
    words = ("早上好", "合同看了吗", "看过了", "第三条要改", "哪里", "付款期限", "改成三十天", "好的")
    lines = [f"2024-03-05 09:1{i}:00,{'发出' if i % 2 else '收到'},刘敏,{w}" for i, w in enumerate(words)]
    messages = read_text(tmp_path, "\n".join([f"时间,方向,{heading},内容", *lines]), "a.csv").messages
    assert messages["conversation"].unique().to_list() == ["刘敏"]
    assert messages["sender"].to_list() == ["刘敏", None] * 4


SESSIONS = ["KF1719282218", "KF1719382641", "KF1719471114"]


def desk(tmp_path: Path, customers: list[str], gap: int = 1) -> pl.DataFrame:
    rows = [
        {
            "会话ID": session,
            "消息时间": f"2024-06-{1 + i * gap + j // 4 * (1 - gap):02} 10:{j * 5 + i:02}:00",
            "发送方类型": ("客服", "客户")[j % 2],
            "发送方": ("客服静01", customers[i])[j % 2],
            "消息内容": f"第{i}次问第{j}件事情",
        }
        for i, session in enumerate(SESSIONS)
        for j in range(6)
    ]
    return read_text(tmp_path, json.dumps(rows, ensure_ascii=False), "a.json").messages


def test_the_sessions_of_one_customer_are_one_chat_and_the_kind_of_a_sender_is_no_name(tmp_path: Path) -> None:
    messages = desk(tmp_path, ["马哥"] * 3)
    assert messages["conversation"].unique().to_list() == [""]
    assert messages["sender"].to_list() == ["客服静01", "马哥"] * 9
    assert not messages["sender_name"].is_in(["客服", "客户"]).any()


@pytest.mark.parametrize("customers", [["马哥", "王姐", "李总"], ["客户"] * 3])
def test_sessions_that_may_be_of_several_customers_are_chats_of_their_own(tmp_path: Path, customers: list[str]) -> None:
    assert desk(tmp_path, customers)["conversation"].unique().sort().to_list() == SESSIONS


def test_chats_of_the_same_people_at_the_same_time_are_no_sessions(tmp_path: Path) -> None:
    assert desk(tmp_path, ["马哥"] * 3, gap=0)["conversation"].unique().sort().to_list() == SESSIONS
