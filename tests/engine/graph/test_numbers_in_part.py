"""Running numbers that only some rows of a conversation bear."""

from pathlib import Path

import pytest

from reconcile import compare, read
from tests.thorough import some

HEAD = "conversation,conversation_kind,local_id,sent_at,sender,sender_name,is_self,kind,text\n"
FEW = [
    ",2022-11-11 12:40:00,张伟,张伟,true,image,[图片]",
    ",2022-11-11 12:40:19,李娜,李娜,false,text,爸妈还好吧",
    ",2022-11-11 12:53:34,刘洋,刘洋,false,text,貌似是耿..",
]
MANY = [
    "12,2022-11-11T12:38:57+08:00,wxid_q71x0349,王芳,true,text,一起去买菜",
    "13,2022-11-11T12:39:17+08:00,wxid_p71x0349,张伟,false,image,[图片]",
    "14,2022-11-11T12:39:20+08:00,wxid_p71x0349,张伟,false,text,是老同学吗？",
    "37,2022-11-11T12:50:38+08:00,wxid_m1_0349,刘洋,false,text,哈哈",
    "38,2022-11-11T12:53:05+08:00,wxid_m1_0349,刘洋,false,text,在吗",
    "39,2022-11-11T12:53:32+08:00,wxid_m1_0349,刘洋,false,text,貌似是耿..",
    "40,2022-11-11T12:53:33+08:00,wxid_m1_0349,刘洋,false,text,。。。。你在干嘛呢",
    ",2022-11-11T12:49:36+08:00,wxid_q71x0349,王芳,true,text,嗯",
    ",2022-11-11T12:53:32+08:00,wxid_m1_0349,刘洋,false,text,貌似是耿..",
    ",2022-11-11T12:53:33+08:00,wxid_m1_0349,刘洋,false,text,。。。。你在干嘛呢",
    "41,2022-11-11T12:53:59+08:00,wxid_p71x0349,张伟,false,text,近来生意好不好了？",
]
NUMBERS = [n for n, line in enumerate(MANY) if line[0].isdigit()]


@pytest.mark.parametrize("bare", some([None, NUMBERS[0], NUMBERS[4], NUMBERS[-1]], 3))
def test_rows_without_a_number_between_rows_that_bear_one_are_compared(bare: int | None, tmp_path: Path) -> None:
    many = [f",{line.partition(',')[2]}" if n == bare else line for n, line in enumerate(MANY)]
    for name, talk, lines in (("a", "项目群", FEW), ("b", "349@chatroom", many)):
        rows = "".join(f"{talk},group,{line}\n" for line in lines)
        (tmp_path / f"{name}.csv").write_text(HEAD + rows, "utf-8")
    (tmp_path / "a.json").write_text('{"owner": {"id": "wxid_p71x0349", "name": "张伟"}}', "utf-8")
    found = compare(read(tmp_path / "a.csv"), read(tmp_path / "b.csv"))
    assert found.verdicts.height
