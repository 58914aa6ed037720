"""The table of a whole account names chats or senders beside each row, depending on the version."""

from pathlib import Path

import pytest

from reconcile.case import read

HEAD = "localId,TalkerId,Type,SubType,IsSender,CreateTime,Status,StrContent,StrTime,Remark,NickName,Sender"
SAID = [(2, 1, "我", "房子还在吗"), (2, 0, "赵姐", "在的，随时看房"), (3, 1, "我", "明天几点"), (3, 0, "小钱", "九点")]
SAID += [(4, 0, "赵姐", "大家好"), (4, 0, "小钱", "你好"), (4, 1, "我", "欢迎")]
CHATS = {2: "赵姐", 3: "小钱", 4: "项目群"}


def _whole_account(folder: Path, *, of_senders: bool) -> Path:
    lines = [HEAD]
    for n, (chat, own, who, words) in enumerate(SAID):
        name = ("孙先生" if own else who) if of_senders else CHATS[chat]
        lines.append(f"{n},{chat},1,0,{own},{1723600805 + 60 * n},0,{words},,{name},{name},{who}")
    file = folder / "messages.csv"
    file.write_text("\r\n".join([*lines, ""]), "utf-8-sig")
    return file


@pytest.mark.parametrize(("of_senders", "room"), [(False, "项目群"), (True, "TalkerId 4")])
def test_own_messages_of_a_whole_account_stand_in_the_chats_to_which_they_were_sent(
    tmp_path: Path, *, of_senders: bool, room: str
) -> None:
    messages = read(_whole_account(tmp_path, of_senders=of_senders)).messages
    told = messages.group_by("conversation").agg("text")
    chats = {chat: set(texts) for chat, texts in told.select("conversation", "text").rows()}
    assert {frozenset(t) for t in chats.values()} == {
        frozenset(words for number, _, _, words in SAID if number == chat) for chat in CHATS
    }
    assert room in chats


def test_a_month_in_which_the_peer_wrote_nothing_joins_the_chat_of_its_other_months(tmp_path: Path) -> None:
    head = "localId,TalkerId,Type,SubType,IsSender,CreateTime,Status,StrContent,StrTime,Remark,NickName,Sender"
    mine, peer = (
        "1,{at},0,{text},2024-08-14 10:00:00,陈租,陈租,wxid_chenzu0101",
        "0,{at},0,{text},2024-08-14 10:00:00,赵房东,赵房东,wxid_zhaofd0202",
    )
    for month, (at, said) in enumerate([(1723600800, (mine, peer)), (1726279200, (mine, mine))]):
        file = tmp_path / f"{8 + month}月" / "赵房东" / "赵房东_utf8.csv"
        file.parent.mkdir(parents=True)
        rows = [f"{n},2,1,0,{s.format(at=at + n, text=f'第{month}{n}句')}" for n, s in enumerate(said)]
        file.write_text("\n".join([head, *rows]) + "\n", "utf-8-sig")
    assert read(tmp_path).messages["conversation"].unique().to_list() == ["wxid_zhaofd0202"]
