"""wx-cli names the owner alone in a direct chat; its cards, quotes and limits are read as what they are."""

from collections.abc import Callable
from pathlib import Path

import orjson
import polars as pl
import pytest

from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.vocabulary import NoteCode
from tests.build.chats import grades_of

SAID = [
    ("甲", "房租今天转给你"), ("", "好的"), ("", "卡号发你: 6222 0001"), ("甲", "[链接] <![CDATA[微信转账]]>"), ("", "[文件] 合同.pdf (20.5 KB, pdf)"),
    ("", "[引用] 收到\n  ↳ 甲: 房租今天转给你"), ("甲", "多谢"), ("", '[撤回] "乙" 撤回了一条消息'),
]  # fmt: skip


def text_of(said: list[tuple[str, str]], title: str = "乙") -> str:
    rows = [f"[2024-03-01 10:{i:02}] {f'{n}: ' if n else ''}{words}" for i, (n, words) in enumerate(said)]
    return "\n".join([f"=== {title} ({len(said)} 条) ===\n", *rows])


def page_of(said: list[tuple[str, str]], title: str = "乙") -> str:
    rows = [
        f"### 2024-03-01 10:{i:02}\n\n{f'**{n}**: ' if n else ''}" + words.replace("\n", "\n> ") + "\n"
        for i, (n, words) in enumerate(said)
    ]
    return "\n".join([f"# {title}", f"\n> 导出 {len(said)} 条消息\n", *rows])


def answer_of(said: list[tuple[str, str]], status: str = "ok") -> str:
    rows = [
        {"timestamp": 1709258400 + 60 * i, "time": f"2024-03-01 10:{i % 60:02}", "sender": n, "content": words, "local_id": i,
         "type": "链接/文件" if words.startswith(("[链接]", "[文件]", "[引用]")) else "撤回" if words.startswith("[撤回]") else "文本"}
        for i, (n, words) in enumerate(said)
    ]  # fmt: skip
    top = {"chat": "乙", "username": "wxid_yi0002", "is_group": False, "count": len(said), "meta": {"status": status}}
    return orjson.dumps({**top, "messages": rows}).decode()


def put(folder: Path, name: str, content: str) -> Path:
    file = folder / name
    file.write_text(content, "utf-8")
    return file


def test_a_card_is_what_its_body_shows_also_in_the_words_of_related_tools(tmp_path: Path) -> None:
    bodies = {
        "[红包] 恭喜发财，大吉大利": "red_packet",
        "[转账] ￥1060.00 先给这些": "transfer",
        "[聊天记录] 群聊的聊天记录": "forward",
        "同意\n  ↳ 甲: 房租今天转给你": "quote",
    }
    answer = orjson.loads(answer_of([("甲", "在吗"), *(("", words) for words in bodies)]))
    answer["messages"] = [m | {"type": "链接/文件"} if m["content"] in bodies else m for m in answer["messages"]]
    rows = read(put(tmp_path, "乙.json", orjson.dumps(answer).decode())).messages
    assert rows["kind"].cast(pl.String).to_list() == ["text", *bodies.values()]
    assert (rows["text"][-1], rows["quoted_text"][-1]) == ("同意", "房租今天转给你")


@pytest.mark.parametrize(("name", "write"), [("乙.txt", text_of), ("乙.md", page_of), ("乙.json", answer_of)])
def test_rows_without_a_name_are_the_other_partys_and_words_before_a_colon_are_no_name(
    tmp_path: Path, name: str, write: Callable[[list[tuple[str, str]]], str]
) -> None:
    rows = read(put(tmp_path, name, write(SAID))).messages
    own = [True, False, False, True, False, False, True, False]
    kinds = ["text", "text", "text", "transfer", "file", "quote", "text", "recall"]
    assert (rows["is_self"].to_list(), rows["kind"].cast(pl.String).to_list()) == (own, kinds)
    assert rows["text"][2] == "卡号发你: 6222 0001"
    assert (rows["file_name"][4], rows["text"][5], rows["quoted_text"][5]) == ("合同.pdf", "收到", "房租今天转给你")


def test_what_the_other_party_wrote_and_one_copy_lacks_is_missing_and_no_notice_of_the_client(tmp_path: Path) -> None:
    said = [("甲" if i % 2 else "", f"第{i}批货{3 * i + 11}件已经送到{i}号楼") for i in range(30)]
    left = put(tmp_path, "乙.txt", text_of([*said[:12], *said[13:]]))
    turned = [("乙" if n == "" else "", words) for n, words in said]
    right = put(tmp_path, "甲.md", page_of(turned, "甲"))
    found = compare_readings(read(left), read(right))
    assert grades_of(found) == ["one_sided"]
    assert found.alignment.filter(pl.col("relation") == "one_sided")["right_row"].to_list() == [12]


def test_in_a_group_every_member_has_a_name_and_nobody_is_known_to_be_the_owner(tmp_path: Path) -> None:
    rows = read(
        put(tmp_path, "群.txt", text_of([("甲", "大家好"), ("乙", "你好"), ("", "[系统消息]")], "群[群]"))
    ).messages
    assert rows["sender"].to_list() == ["甲", "乙", None]
    assert rows["is_self"].null_count() == 3
    assert set(rows["conversation_kind"].cast(pl.String)) == {"group"}


def test_a_text_that_names_several_people_before_nearly_all_rows_is_of_a_group(tmp_path: Path) -> None:
    rows = read(
        put(tmp_path, "群.txt", text_of([("甲", "大家好"), ("乙", "你好"), ("丙", "注意：下雨")] * 4, "群"))
    ).messages
    assert rows["sender"].to_list() == ["甲", "乙", "丙"] * 4
    assert set(rows["conversation_kind"].cast(pl.String)) == {"group"}


@pytest.mark.parametrize(("many", "status", "bounded"), [(500, "ok", True), (499, "ok", False), (20, "windowed", True)])
def test_the_usual_limit_and_a_stated_window_bound_what_the_export_covers(
    tmp_path: Path, *, many: int, status: str, bounded: bool
) -> None:
    said = [("甲" if i % 2 else "", f"第{i}条") for i in range(many)]
    reading = read(put(tmp_path, "乙.json", answer_of(said, status)))
    assert (NoteCode.LIMIT_REACHED in {n.code for n in reading.notes}) == bounded
    assert bool(reading.facts.filters) == bounded


def test_a_number_of_messages_that_differs_from_the_stated_one_is_noted(tmp_path: Path) -> None:
    lines = text_of([("甲", f"第{i}条") for i in range(10)]).split("\n")
    reading = read(put(tmp_path, "乙.txt", "\n".join(lines[:-3])))
    assert NoteCode.COUNT_MISMATCH in {n.code for n in reading.notes}


@pytest.mark.parametrize(("name", "write"), [("乙.txt", text_of), ("乙.md", page_of)])
def test_a_notice_without_its_mark_is_the_clients_and_not_the_other_partys(
    tmp_path: Path, name: str, write: Callable[[list[tuple[str, str]]], str]
) -> None:
    rows = read(put(tmp_path, name, write([*SAID, ("", '"甲" 拍了拍 "乙"')]))).messages
    assert rows["kind"].to_list()[-1] == "system"


def test_another_word_for_a_notice_is_known_in_json_and_an_unknown_one_is_noted(tmp_path: Path) -> None:
    said = answer_of([*SAID, ("", '"甲" 拍了拍 "乙"')]).replace(
        '"local_id":8,"type":"文本"', '"local_id":8,"type":"系统通知"'
    )
    assert read(put(tmp_path, "乙.json", said)).messages["kind"].to_list()[-1] == "system"
    odd = read(put(tmp_path, "丙.json", said.replace("系统通知", "奇怪的类型")))
    assert NoteCode.UNKNOWN_KIND in {n.code for n in odd.notes}


def test_a_reply_that_shows_its_quotation_in_another_way_keeps_its_words(tmp_path: Path) -> None:
    told = orjson.loads(answer_of(SAID))
    told["messages"][5] |= {"type": "引用回复", "content": "收到\n引用：甲: 房租今天转给你"}
    rows = read(put(tmp_path, "乙.json", orjson.dumps(told).decode())).messages
    assert rows["text"][5].startswith("收到")


def test_a_text_whose_messages_begin_otherwise_is_not_taken_for_one_of_wx_cli(tmp_path: Path) -> None:
    people = ("Anna", "Ben")
    text = "".join(
        f"=== {p} (4 条) ===\n"
        + "".join(f"[2024-03-05 09:{i:02}:07] {(p, 'desk')[i % 2]}：word {i}\n" for i in range(4))
        for p in people
    )
    (tmp_path / "all.txt").write_text(text, "utf-8")
    messages = read(tmp_path / "all.txt").messages
    assert messages["conversation"].to_list() == ["Anna"] * 4 + ["Ben"] * 4
