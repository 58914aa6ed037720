"""Rows of sender and receiver, and notices between them, belong to the chats of the people who write."""

import json
from pathlib import Path

import pytest

from reconcile.errors import UsageError
from tests.build.readings import read, read_text
from tests.thorough import some

NOTICES = ("系统消息", "system", "[System]")


def table(rows: list[tuple[str, str, str]]) -> str:
    """A table of sender, receiver and words, one row a minute."""
    return "sender,receiver,time,text\n" + "".join(
        f"{a},{b},2024-03-05 09:{i:02}:07,{w}\n" for i, (a, b, w) in enumerate(rows)
    )


@pytest.mark.parametrize("client", NOTICES)
def test_notices_of_the_client_belong_to_the_one_chat(client: str, tmp_path: Path) -> None:
    said = [(*("Anna", "desk")[:: (1, -1)[i % 2]], f"word {i}") for i in range(12)]
    rows = [*said[:5], (client, "desk", "Anna has recalled a message"), *said[5:]]
    messages = read_text(tmp_path, table(rows), "a.csv").messages  # type: ignore[arg-type]
    assert messages["conversation"].n_unique() == 1
    assert messages["kind"][5] in ("recall", "system")


def test_who_is_written_to_is_a_party_though_called_like_the_client(tmp_path: Path) -> None:
    rows = [(*("Anna", "system")[:: (1, -1)[i % 2]], f"word {i}") for i in range(12)]
    messages = read_text(tmp_path, table(rows), "a.csv").messages  # type: ignore[arg-type]
    assert messages["sender"].to_list() == ["Anna", "system"] * 6
    assert {*messages["kind"].to_list()} == {"text"}


def test_a_notice_among_several_chats_belongs_to_the_one_that_it_names_or_that_stands_around_it(tmp_path: Path) -> None:
    peers = ["Anna", "Ben"] * 12
    said = [(*(p, "desk")[:: (1, -1)[i % 3 % 2]], f"word {i}") for i, p in enumerate(peers)]
    rows = [*said[:7], ("系统消息", "desk", "“Ben” 撤回了一条消息"), *said[7:], ("系统消息", "Anna", "已开启免打扰")]
    messages = read_text(tmp_path, table(rows), "a.csv").messages  # type: ignore[arg-type]
    assert set(messages["conversation"].to_list()) == {"Anna", "Ben"}
    assert (messages["conversation"][7], messages["conversation"][-1]) == ("Ben", "Anna")


def test_what_came_in_and_what_went_out_in_two_files_is_one_conversation(tmp_path: Path) -> None:
    for name, pair in {"in.csv": ("Anna", "desk"), "out.csv": ("desk", "Anna")}.items():
        (tmp_path / name).write_text(table([(*pair, f"word {i} of {name}") for i in range(12)]), "utf-8")
    assert read(tmp_path).messages["conversation"].n_unique() == 1


@pytest.mark.parametrize(
    "heading", some(["群成员", "群昵称", "昵称(群名片)", "群聊成员", "group_member", "群内昵称"], 2)
)
def test_who_writes_in_a_group_is_no_chat(heading: str, tmp_path: Path) -> None:
    who = [("Anna", "Ben", "Carl")[i * i % 3] for i in range(15)]
    rows = "".join(f"2024-03-05 09:{i:02}:07,{w},word {i}\n" for i, w in enumerate(who))
    messages = read_text(tmp_path, f"日期时间,{heading},消息\n{rows}", "group.csv").messages
    assert messages["sender"].to_list() == who
    assert messages["conversation"].n_unique() == 1


@pytest.mark.parametrize("heading", ["群友", "chat_name"])
def test_a_column_called_a_chat_that_changes_from_row_to_row_is_offered_as_the_sender_alone(
    heading: str, tmp_path: Path
) -> None:
    who = [("Anna", "Ben", "Carl")[i * i % 3] for i in range(15)]
    rows = "".join(f"2024-03-05 09:{i:02}:07,{w},word {i}\n" for i, w in enumerate(who))
    with pytest.raises(UsageError, match=f"sender={heading}") as error:
        read_text(tmp_path, f"日期时间,{heading},消息\n{rows}", "group.csv")
    assert "conversation=" not in str(error.value)


def test_a_member_above_the_words_of_a_room_is_the_sender(tmp_path: Path) -> None:
    me, anna, room = "wxid_me00000", "wxid_anna01", "345@chatroom"
    said = [(room, me, f"{anna}:\n"), (me, room, ""), (room, me, "ben_0012:\n"), (anna, me, ""), (me, anna, "")] * 4
    rows = [
        {"from": a, "to": b, "at": 1709600000 + 60 * i, "content": f"{head}word {i}"}
        for i, (a, b, head) in enumerate(said)
    ]
    messages = read_text(tmp_path, json.dumps(rows), "a.json").messages
    assert messages["sender"].to_list() == [anna, me, "ben_0012", anna, me] * 4
    assert messages["text"].to_list() == [f"word {i}" for i in range(20)]
    assert messages["conversation"].to_list() == [room, room, room, anna, anna] * 4


def test_a_column_to_wxid_names_the_receiver(tmp_path: Path) -> None:
    me, anna, room = "wxid_me00000", "wxid_anna01", "345@chatroom"
    said = [(anna, me), (me, anna), (anna, room), (me, room), ("wxid_ben001", room)] * 4
    rows = [
        {"from_wxid": a, "to_wxid": b, "timestamp": 1709600000 + 60 * i, "msg": f"word {i}"}
        for i, (a, b) in enumerate(said)
    ]
    messages = read_text(tmp_path, json.dumps(rows), "a.json").messages
    assert messages["conversation"].n_unique() == 2
