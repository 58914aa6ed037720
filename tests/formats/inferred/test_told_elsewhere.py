"""Words that stand for something told elsewhere say what it is."""

import json
from pathlib import Path

from reconcile.formats.inferred.reader import InferredForm
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.source import Source

SAID = ["早上好", "发你了", "收到", "好的谢谢", "那就这样", "明天见"]


def read(path: Path, text: str) -> Reading:
    path.write_text(text, "utf-8")
    return InferredForm().read(Source(path), ReadOptions())


def test_a_body_of_the_client_tells_its_kind_and_words_unless_the_row_is_a_text(tmp_path: Path) -> None:
    body = "<msg><appmsg appid=''><title>微信转账</title><type>2000</type></appmsg></msg>"
    said = [("文本", w) for w in SAID] + [("链接", body), ("文本", body)]
    rows = [f"2024-03-04 09:1{i}:05,{('甲某', '乙某')[i % 2]},{kind},{words}" for i, (kind, words) in enumerate(said)]
    messages = read(tmp_path / "a.csv", "\n".join(["时间,发送人,类型,内容", *rows])).messages
    assert messages["kind"].to_list()[-2:] == ["transfer", "text"]
    assert messages["text"][-1] == body


def test_words_that_point_at_an_object_are_its_name_and_kind(tmp_path: Path) -> None:
    objects = {3: {"file": {"name": "报价单.xlsx", "mimetype": "application/pdf"}}, 4: {"file": {"name": "a.jpg", "mimetype": "image/jpeg"}}}  # fmt: skip
    rows = [
        {"id": i, "actor": ("高丽", "钱多")[i % 2], "timestamp": 1745116400 + 60 * i, "message": "{file}" if i in objects else words, "parameters": objects.get(i, {})}
        for i, words in enumerate(SAID)
    ]  # fmt: skip
    messages = read(tmp_path / "a.json", json.dumps(rows, ensure_ascii=False)).messages
    assert [*zip(messages["kind"].to_list(), messages["text"].to_list(), strict=True)][3:5] == [
        ("file", "报价单.xlsx"), ("image", "a.jpg"),
    ]  # fmt: skip


def test_a_script_of_sql_server_is_read(tmp_path: Path) -> None:
    rows = [
        f"INSERT [dbo].[T_Msg] ([Id], [Nick], [Body], [SendTime]) VALUES ({i}, N'{('甲', '乙')[i % 2]}', N'{words}', CAST(N'2024-03-04T09:1{i}:05.037' AS DateTime))\nGO"
        for i, words in enumerate(SAID)
    ]
    (tmp_path / "a.sql").write_bytes("\n".join(["USE [Db]", "GO", *rows]).encode("utf-16"))
    assert InferredForm().read(Source(tmp_path / "a.sql"), ReadOptions()).messages["text"].to_list() == SAID


def test_name_and_time_of_a_page_stand_in_either_order(tmp_path: Path) -> None:
    rows = "".join(
        f"<li><div class='im-chat-user'><cite>{f'<i>{t}</i>乙某' if i % 2 else f'甲某<i>{t}</i>'}</cite></div><div class='im-chat-text'>{words}</div></li>"
        for i, words in enumerate(SAID)
        if (t := f"2024-03-04 09:1{i}:05")
    )
    messages = read(tmp_path / "a.html", f"<html><body><ul>{rows}</ul></body></html>").messages
    assert messages["text"].to_list() == SAID
    assert messages["sender"].to_list() == ["甲某", "乙某"] * 3


def test_kinds_are_named_by_one_word_of_several(tmp_path: Path) -> None:
    kinds = ["m.text", "m.image", "external_redpacket", "m.file", "m.text", "m.text"]
    rows = [
        {"time": 1717395064 + i, "sender": ("Anna", "Ben")[i % 2], "msgtype": k, "body": f"word {i}"}
        for i, k in enumerate(kinds)
    ]
    assert read(tmp_path / "a.json", json.dumps(rows)).messages["kind"].to_list() == [
        "text",
        "image",
        "red_packet",
        "file",
        "text",
        "text",
    ]


def test_a_body_of_the_client_is_its_kind_where_the_form_states_none(tmp_path: Path) -> None:
    picture = '<msg><img length="20" md5="0123456789abcdef0123456789abcdef"/></msg>'
    rows = [
        {"time": 1717395064 + i, "talker": ("Anna", "Ben")[i % 2], "text": picture if i == 3 else f"word {i}"}
        for i in range(8)
    ]
    assert (
        read(tmp_path / "a.json", json.dumps(rows)).messages["kind"].to_list()
        == ["text"] * 3 + ["image"] + ["text"] * 4
    )


def test_a_kind_between_brackets_is_that_of_the_message(tmp_path: Path) -> None:
    said = ["hello", "[Photo: a.jpg]", "[OK]", " [File: 图纸v7.dwg]", "[Media/Attachment]", "see [Photo: a.jpg]"]
    rows = [f"2024-03-04 09:1{i}:05,{('Anna', 'Ben')[i % 2]},{words}" for i, words in enumerate(said)]
    messages = read(tmp_path / "a.csv", "\n".join(["time,sender,text", *rows])).messages
    assert messages["kind"].to_list() == ["text", "image", "text", "file", "file", "text"]
