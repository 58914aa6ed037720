"""What exporters write for the rarer kinds, after their published templates and code: cards, payments with a memo, forwards, raw bodies."""

import re
from pathlib import Path

import polars as pl
import pytest

from reconcile import read
from reconcile.engine.compare import compare_readings
from reconcile.intake.contract import FormLimits, Reading
from reconcile.intake.text.mail import read_mail
from reconcile.vocabulary import Kind
from tests.build.chats import Row, chat, held

DAY = "2024-08-14 10:0"


def _read(folder: Path, name: str, text: str) -> Reading:
    (folder / name).write_text(text, encoding="utf-8", newline="")
    return read(folder / name)


def _exported(folder: Path, body: str) -> list[tuple[str, str, str]]:
    head = f"李姐 - 微信聊天记录\n\n李姐 ({DAY}0:05):在吗\n王 (测试) ({DAY}0:09):在\n"
    rows = _read(folder, "李姐.txt", head + body).messages
    return rows.select("sender_name", pl.col("kind").cast(pl.String), "text").rows()[2:]


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        (
            f"李姐 ({DAY}1:00):群聊的聊天记录\n<< 群聊的聊天记录\n邻居甲 (2024-08-01 09:00:00):漏水\n群聊的聊天记录 结束 >>\n李姐 ({DAY}2:00):看看\n",
            [
                (
                    "李姐",
                    "forward",
                    "群聊的聊天记录\n<< 群聊的聊天记录\n邻居甲 (2024-08-01 09:00:00):漏水\n群聊的聊天记录 结束 >>",
                ),
                ("李姐", "text", "看看"),
            ],
        ),
        (
            f"王 (测试) ({DAY}1:00):微信转账 ￥10.00 - 转账\r\n房租李姐 ({DAY}2:00):微信转账 ￥10.00 - 已收款\r\n房租王 (测试) ({DAY}3:00):谢谢\n",
            [
                ("王 (测试)", "transfer", "微信转账 ￥10.00 - 转账\n房租"),
                ("李姐", "transfer", "微信转账 ￥10.00 - 已收款\n房租"),
                ("王 (测试)", "text", "谢谢"),
            ],
        ),
        (
            f"李姐 ({DAY}1:00):微信转账 ￥10.00 - 向王 (测试)转账王 (测试) ({DAY}2:00):微信转账 ￥10.00 - 来自李姐的转账 - 已收款李姐 ({DAY}3:00):好\n",
            [
                ("李姐", "transfer", "微信转账 ￥10.00 - 向王 (测试)转账"),
                ("王 (测试)", "transfer", "微信转账 ￥10.00 - 来自李姐的转账 - 已收款"),
                ("李姐", "text", "好"),
            ],
        ),
        (f"李姐 ({DAY}1:00):\n李姐 ({DAY}2:00):好\n", [("李姐", "other", ""), ("李姐", "text", "好")]),
        (
            f"李姐 ({DAY}1:00):微信转账 ￥10.00 - 转账\r\n房租「李姐：行吗\n嗯？」\n- - - - - - - - - - - - - - -\n收到\n李姐 ({DAY}2:00):好\n",
            [
                ("李姐", "transfer", "微信转账 ￥10.00 - 转账\n房租"),
                (None, "quote", "收到"),
                ("李姐", "text", "好"),
            ],
        ),
    ],
    ids=[
        "forward below its card",
        "memo before a heading",
        "payments in a room",
        "card without an address",
        "quote behind a memo",
    ],
)
def test_wechatexporters_text_is_taken_apart_as_its_templates_run_it_together(
    body: str, rows: list[tuple[str, str, str]], tmp_path: Path
) -> None:
    assert _exported(tmp_path, body) == rows


def test_what_wechat_dump_has_no_words_for_is_read_from_its_body(tmp_path: Path) -> None:
    card = '<msg>\n<appmsg appid="" sdkver="0"><title>#接龙\n1. 我</title><type>53</type></appmsg>\n</msg>'
    text = f"1|me:2024-03-01 09:00:05:在\n1077936177|甲:2024-03-01 09:01:05:{card}\n1|甲:2024-03-01 09:02:05:<msg>好</msg>\n"
    rows = _read(tmp_path, "甲.txt", text).messages.select(pl.col("kind").cast(pl.String), "text").rows()
    assert rows == [("text", "在"), ("link", "#接龙\n1. 我"), ("text", "<msg>好</msg>")]


def test_a_payment_of_wechat_dump_is_told_by_its_mark(tmp_path: Path) -> None:
    marks = ("[Money Transfer]\n收到转账2000.00元", "[RED ENVELOPE]\n生日快乐", "FILE:a.pdf")
    text = "".join(f"49|me:2024-03-01 09:0{i}:05:{mark}\n" for i, mark in enumerate(marks))
    kinds = _read(tmp_path, "甲.txt", text).messages["kind"].cast(pl.String).to_list()
    assert kinds == ["transfer", "red_packet", "other"]


def test_the_owners_rows_of_cellebrites_text_bear_a_mark_in_place_of_the_sender_or_behind_it(tmp_path: Path) -> None:
    block = "-----------------------------\n{}\nTimestamp: 13/06/2021 20:5{}:33(UTC+8)\nSource App: WeChat\nBody:\n{}\n"
    heads = ("From: wxid_a 甲 (owner)", "From: wxid_b 乙", "(owner)", "From: System Message System Message")
    said = ("在", "好", "行", "消息已发出，但被对方拒收了。")
    text = "Start Time: 13/06/2021 20:50:33(UTC+8)\nParticipants: wxid_a 甲 (owner), wxid_b 乙\n"
    text += "".join(block.format(h, i, w) for i, (h, w) in enumerate(zip(heads, said, strict=True)))
    rows = _read(tmp_path, "chat-1.txt", text).messages.select("sender", "is_self").rows()
    assert rows == [("wxid_a", True), ("wxid_b", False), ("wxid_a", True), (None, None)]


@pytest.mark.parametrize(
    "text",
    [
        'Dear:\n"甲"和"乙"的聊天记录如下:\n—————  2025-8-27  —————\n甲  09:05\n在\n乙  09:06\n「甲：在」\n- - - - - - - - -\n好的\n',
        "甲\n2026年07月16日 17:08\n在\n\n\n乙\n2026年07月16日 17:09\n「甲：在」\n- - - - - - - - -\n好的\n\n\n",
    ],
)
def test_a_reply_that_the_client_mails_or_copies_is_a_quote(text: str, tmp_path: Path) -> None:
    rows = _read(tmp_path, "a.txt", text).messages
    told = rows.select(pl.col("kind").cast(pl.String), "text", "quoted_text").rows()
    assert told == [("text", "在", None), ("quote", "好的", "在")]


NO_KINDS = FormLimits(kinds_merged={Kind.LINK: Kind.TEXT})
NO_CARDS = FormLimits(kinds_absent=frozenset({Kind.LINK, Kind.OTHER}))


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("采购清单\n水泥 20 袋", "doubtful"), ("#接龙\n周六聚餐，几点？\n1. 我", "doubtful"), ("", "doubtful"),
        ("晴天\nhttps://y.qq.com/x?song=24", "doubtful"), ("钱我已经付了，你看一下。", "one_sided"),
    ],
)  # fmt: skip
def test_what_may_be_a_cards_title_is_missed_by_nobody_in_a_form_that_writes_no_cards(text: str, relation: str) -> None:
    rows = chat()
    holder = held([*rows[:20], rows[20] | {"text": text}, *rows[21:]], 0, limits=NO_KINDS)
    found = compare_readings(holder, held([*rows[:20], *rows[21:]], 1, limits=NO_CARDS))
    assert found.alignment.filter(pl.col("right_row").is_null())["relation"].cast(pl.String).to_list() == [relation]


@pytest.mark.parametrize(("text", "relation"), [("[图片]水泥20袋", "doubtful"), ("[图片]", "one_sided")])
def test_a_picture_with_words_right_behind_its_mark_may_be_a_note(text: str, relation: str) -> None:
    rows = [r | {"text": "[图片]", "kind": "image"} if i == 30 else r for i, r in enumerate(chat())]
    holder = held([*rows[:20], rows[20] | {"text": text, "kind": "image"}, *rows[21:]], 0)
    found = compare_readings(holder, held([*rows[:20], *rows[21:]], 1, limits=NO_CARDS))
    assert found.alignment.filter(pl.col("right_row").is_null())["relation"].cast(pl.String).to_list() == [relation]


@pytest.mark.parametrize(("text", "alone"), [("晴天\nhttps://y.qq.com/x?song=48", 0), ("明天再说", 2)])
def test_a_short_title_meets_itself_with_its_address_below(text: str, alone: int) -> None:
    rows = chat()
    said = {"晴天": 0, text: 25}
    left, right = (
        held([*rows[:20], rows[20] | {"text": t, "at": rows[20]["at"] + s}, *rows[21:]], i, limits=NO_KINDS)
        for i, (t, s) in enumerate(said.items())
    )
    assert (compare_readings(left, right).alignment["relation"] == "one_sided").sum() == alone


def test_two_files_of_one_second_meet_by_their_names_however_a_tool_shortens_them() -> None:
    names = ("合同 (1).docx", '结算单,"终稿".xlsx')
    two: list[Row] = [{"at": 605, "who": 0, "kind": "file", "text": n} for n in names]
    dumped = [r | {"text": "FILE:" + re.sub(r'[()"]', "", r["text"])} for r in two[::-1]]
    rows = chat()
    left, right = (held([*rows[:11], *files, *rows[11:]], owner) for owner, files in enumerate((two, dumped)))
    found = compare_readings(left, right).alignment
    assert {11: 12, 12: 11}.items() <= dict(found.select("left_row", "right_row").rows()).items()
    assert "conflict" not in found["relation"].cast(pl.String).to_list()


def test_a_mark_of_the_encoding_before_the_first_header_of_a_mail_is_none_of_it() -> None:
    mail = read_mail(b"\xef\xbb\xbfSubject: x\nX-RSMF-Version: 2.0\n\nhi\n")
    assert mail.headers == {"subject": "x", "x-rsmf-version": "2.0"}


def test_wechat_dumps_text_without_its_last_line_end_may_be_cut(tmp_path: Path) -> None:
    row = "1|me:2024-03-01 09:00:05:在"
    told = [[str(n.code) for n in _read(tmp_path, "甲.txt", row + end).notes] for end in ("", "\n")]
    assert [notes.count("odd_value") for notes in told] == [1, 0]
