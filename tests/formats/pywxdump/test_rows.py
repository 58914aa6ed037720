"""PyWxDump's names of kinds tell sorts of cards that other tools leave out."""

from pathlib import Path

import polars as pl

from reconcile import compare
from reconcile.case import read

HEAD = "id,MsgSvrID,type_name,is_sender,talker,room_name,msg,src,CreateTime"
CHAT = [
    ("文本", 1, "周五晚上七点在人民广场见面吧"), ("文本", 0, "好的，我带上上次的合同和收据"), ("(分享)卡片式链接", 0, "合同范本下载"),
    ("文本", 1, "押金的收条也一起带来，别忘了"), ("(分享)小程序", 1, "顺丰速运+"), ("文本", 0, "收条在我姐那里，明天去拿"),
    ("文本", 1, "那就星期六上午十点，在你们店里"), ("(分享)音乐", 0, "海阔天空"), ("文本", 0, "星期六我要加班，星期天可以吗"),
]  # fmt: skip


def _by_pywxdump(folder: Path) -> Path:
    rows = [
        f"{n},{6116895530414915131 + n},{kind},{own},{'wxid_jia0001' if own else 'wxid_yi0002'},wxid_yi0002,{words},,2024-03-01 09:{n:02}:05"
        for n, (kind, own, words) in enumerate(CHAT)
    ]
    file = folder / "wxid_yi0002_0_10.csv"
    file.write_text("\n".join([HEAD, *rows, ""]), "utf-8")
    return file


def _by_wechatmsg(folder: Path) -> Path:
    """The other party's text without the mini program, which its tool never writes, and the music."""
    card = "[链接]:title:{}\ndescription:\nurl:https://example.com/a\nname:"
    said = [
        f"2024-03-01 09:{n:02}:05 {'甲某' if own else '乙某'}\n{card.format(words) if '链接' in kind else words}\n\n"
        for n, (kind, own, words) in enumerate(CHAT)
        if kind not in {"(分享)小程序", "(分享)音乐"}
    ]
    file = folder / "甲某.txt"
    file.write_text("".join(said), "utf-8")
    return file


def test_a_mini_program_that_the_other_tool_never_writes_is_no_missing_link(tmp_path: Path) -> None:
    found = compare(read(_by_pywxdump(tmp_path)), read(_by_wechatmsg(tmp_path)))
    lone = found.alignment.filter(pl.col("right_row").is_null()).sort("left_row")
    assert lone.select(pl.col("left_row", "relation").cast(pl.String)).rows() == [
        ("4", "set_aside"),
        ("7", "one_sided"),
    ]
