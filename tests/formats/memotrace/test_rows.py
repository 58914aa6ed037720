"""MemoTrace's tables: the owner's rows alone have neither remark nor nickname."""

from pathlib import Path

import pytest

from reconcile.case import read


@pytest.mark.parametrize(
    ("nickname", "own"), [("丙", [False, True, False, None]), ("", [None] * 4)], ids=["one person", "two people"]
)
def test_whose_rows_alone_name_neither_remark_nor_nickname_owns_the_export(
    tmp_path: Path, nickname: str, own: list[bool | None]
) -> None:
    file = tmp_path / "项目群.csv"
    file.write_text(
        "消息ID,类型,发送人,时间,内容,备注,昵称,更多信息\r\n"
        "7001,文本,甲某,2024-03-01 09:00:00,好的,甲某,小甲,more\r\n7002,文本,乙某,2024-03-01 09:01:00,收到了,,,more\r\n"
        f"7003,文本,丙某,2024-03-01 09:02:00,明天见,{nickname},{nickname},more\r\n"
        "7004,系统消息,,2024-03-01 09:03:00,丙某修改群名为“家”,,,more\r\n",
        "utf-8-sig",
    )
    assert read(file).messages["is_self"].to_list() == own


@pytest.mark.parametrize(
    ("nickname", "own", "senders"),
    [("平安是福", [False, True], ["wxid_peer00001", "平安是福"]), ("", [None, None], ["平安是福"] * 2)],
    ids=["told by the nickname", "not told"],
)
def test_where_both_parties_bear_one_name_the_name_tells_nobody(
    tmp_path: Path, nickname: str, own: list[bool | None], senders: list[str]
) -> None:
    file = tmp_path / "平安是福(wxid_peer00001)" / "平安是福.csv"
    file.parent.mkdir()
    file.write_text(
        "消息ID,类型,发送人,时间,内容,备注,昵称,更多信息\r\n"
        f"7001,文本,平安是福,2024-03-01 09:00:00,好的,,{nickname},more\r\n7002,文本,平安是福,2024-03-01 09:01:00,收到了,,,more\r\n",
        "utf-8-sig",
    )
    messages = read(file).messages
    assert messages["is_self"].to_list() == own
    assert messages["sender"].to_list() == senders
