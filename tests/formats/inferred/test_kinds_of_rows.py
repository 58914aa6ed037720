"""Kinds of rows whose type column tells less than their words."""

import json
from pathlib import Path

import pytest

from tests.build.readings import read_text


def kinds(types: list[str], texts: list[str], tmp_path: Path) -> list[str]:
    rows = [
        {"time": f"2026-03-01 10:{i:02}:00", "sender": "AB"[i % 2], "type": kind, "content": text}
        for i, (kind, text) in enumerate(zip(types, texts, strict=True))
    ]
    return read_text(tmp_path, json.dumps(rows), "a.json").messages["kind"].to_list()


def test_a_type_of_several_kinds_is_told_by_the_words(tmp_path: Path) -> None:
    types = ["文本", "链接/文件", "链接/文件", "文本", "链接/卡片", "文本", "链接/文件"]
    texts = ["早上好", "报价单-最终版.xlsx", "微信转账", "好的", "验收的七个要点", "行", "我看过了"]
    assert kinds(types, texts, tmp_path) == ["text", "file", "transfer", "text", "link", "text", "other"]


def test_placeholders_tell_kinds_where_the_type_names_only_texts(tmp_path: Path) -> None:
    texts = ["good morning", "[image]", "[audio: memo.m4a]", "fine", "🎬 [Video]", "ok"]
    told = ["text", "image", "voice", "text", "video", "text"]
    assert kinds(["RichText/Html"] * 5 + ["system"], texts, tmp_path)[:5] == told[:5]
    assert kinds(["text", "text", "text", "text", "text", "image"], texts, tmp_path)[1] == "text"


def test_the_mark_of_a_named_file_tells_a_kind_that_the_type_names_nowhere(tmp_path: Path) -> None:
    texts = ["morning", "[图片: 66A0EC.jpg]", "fine", "[图片]", "[语音: 3秒]", "ok"]
    types = ["text", "text", "text", "text", "audio", "text"]
    assert kinds(types, texts, tmp_path) == ["text", "image", "text", "text", "voice", "text"]
    assert kinds([*types[:5], "image"], texts, tmp_path)[1] == "text"


@pytest.mark.parametrize("codes", [(1, 3, 49), (0, 5, 77)])
def test_plain_words_under_a_number_that_names_no_kind_are_a_text(tmp_path: Path, codes: tuple[int, int, int]) -> None:
    said = [(codes[0], f"word {i} of many") for i in range(12)]
    said[3], said[5], said[7] = (
        (codes[1], "[图片]"),
        (codes[2], "that is the third time"),
        (codes[2], "[转账] ￥3200.00"),
    )
    said[8], said[9] = (codes[2], "https://x.org/a"), (codes[2], "<xml><a/></xml>")
    found = kinds([str(c) for c, _ in said], [t for _, t in said], tmp_path)
    assert found[5] == "text"
    assert "text" not in (found[3], *found[7:10])


@pytest.mark.parametrize(
    "paid",
    [
        ("转账 ¥3343.00", "已收款 ¥3343.00"),
        ("转账：￥500 货款", "已收款500元"),
        ("微信转账2,000元 房租", "收款 ¥2000"),
        ("微信转账520元（增项）", "确认收款520元（增项）"),
    ],
)
def test_payments_typed_without_brackets_are_payments(tmp_path: Path, paid: tuple[str, str]) -> None:
    texts = ["早上好", paid[0], "好的", paid[1], "转账2000元的事情我们再说", "行"]
    lines = [f"2026-03-01 10:{i:02}:00 {('周海', '李强')[i % 2]}: {t}" for i, t in enumerate(texts)]
    found = read_text(tmp_path, "\n".join(lines)).messages["kind"].to_list()
    assert found == ["text", "transfer", "text", "transfer", "text", "text"]


def test_transfers_typed_without_brackets_are_payments_beside_red_packets_in_brackets(tmp_path: Path) -> None:
    texts = ["[红包] 恭喜发财", "微信转账520元（增项）", "好的", "退还转账520元（增项）", "我微信转账520元给你了", "行"]
    lines = [f"2026-03-01 10:{i:02}:00 {('周海', '李强')[i % 2]}: {t}" for i, t in enumerate(texts)]
    found = read_text(tmp_path, "\n".join(lines)).messages["kind"].to_list()
    assert found == ["red_packet", "transfer", "text", "transfer", "text", "text"]


def test_words_about_a_payment_are_words_beside_payments_in_brackets(tmp_path: Path) -> None:
    texts = ["早上好", "[转账] ￥3343.00", "转账 ¥3343.00", "已收款 ¥3343.00", "好的", "行"]
    lines = [f"2026-03-01 10:{i:02}:00 {('周海', '李强')[i % 2]}: {t}" for i, t in enumerate(texts)]
    found = read_text(tmp_path, "\n".join(lines)).messages["kind"].to_list()
    assert found == ["text", "transfer", *["text"] * 4]


def test_a_type_of_several_kinds_tells_as_little_in_traditional_characters(tmp_path: Path) -> None:
    texts = ["早上好", "报价单.xlsx", "[引用] 就按这个来\n  ↳ Andy: 交了", "好的", "验收的七个要点", "行", ""]
    told = [
        kinds(["文本", f"{link}/文件", f"{link}/文件", "文本", f"{link}/卡片", "文本", picture], texts, tmp_path)
        for link, picture in (("链接", "图片"), ("鏈接", "圖片"))
    ]
    assert told[0] == told[1]
    assert told[0][1] == "file" != told[0][2]


def test_a_row_that_names_its_own_sender_beside_a_word_for_an_event_is_no_message(tmp_path: Path) -> None:
    rows = [
        {"ts": f"2024-03-05T09:{i:02}:07Z", "username": ("ann", "tom")[i % 2], "msg": f"word {i} of many"}
        for i in range(12)
    ]
    joined = {"ts": "2024-03-05T09:05:30Z", "username": "tom", "msg": "tom"}
    said = json.dumps([*rows[:6], {**joined, "t": "uj"}, *rows[6:]])
    assert read_text(tmp_path, said, "a.json").messages["text"].to_list() == [r["msg"] for r in rows]
    plain = json.dumps([*rows[:6], joined, *rows[6:]])
    assert "tom" in read_text(tmp_path, plain, "b.json").messages["text"].to_list()


def test_a_link_to_a_file_beside_the_export_is_that_file_or_picture(tmp_path: Path) -> None:
    said = [
        "早",
        "![](./media/2024_IMG_1.jpg)",
        "好的",
        "[收条3.pdf](./media/2024_00_收条3.pdf)",
        "[资料](https://a.cn/b.pdf)",
        "行",
    ]
    lines = [f"[2024-03-01 10:{i:02}:07] {('Anna', 'Ben')[i % 2]}: {w}" for i, w in enumerate(said * 2)]
    messages = read_text(tmp_path, "\n".join(lines), "chat.md").messages
    assert messages["kind"].to_list()[:6] == ["text", "image", "text", "file", "text", "text"]
    assert messages["file_name"][3] == "收条3.pdf"


def test_a_row_that_states_the_length_of_a_call_is_a_call_whatever_a_client_writes_of_it(tmp_path: Path) -> None:
    rows = [{"time": f"2026-03-01 10:{i:02}:00", "sender": "AB"[i % 2], "content": f"word {i}"} for i in range(8)]
    rows[3] |= {"content": "You missed a call from A.", "call_duration": "0"}
    read = read_text(tmp_path, json.dumps(rows), "a.json").messages
    assert read["kind"].to_list() == ["text"] * 3 + ["call"] + ["text"] * 4


def test_the_client_behind_whose_name_an_account_stands_writes_notices(tmp_path: Path) -> None:
    people = ["安娜(2005273027)", "系统消息(10000)", "本(1967496720)", "安娜(2005273027)"]
    rows = [{"time": f"2026-03-01 10:{i:02}:00", "sender": people[i % 4], "content": f"word {i}"} for i in range(12)]
    found = read_text(tmp_path, json.dumps(rows), "a.json").messages["kind"].to_list()
    assert found == ["text", "system", "text", "text"] * 3


def test_a_table_in_which_everybody_writes_but_his_name_is_read(tmp_path: Path) -> None:
    rows = [f"2026-03-01 10:0{i}:00,{name},{name}" for i, name in enumerate(("Ann", "Ben", "Ann"))]
    read = read_text(tmp_path, "\n".join(["time,sender,content", *rows]), "a.csv").messages
    assert read["kind"].to_list() == ["text"] * 3
