"""A cell of words that begins with a name is read as the line of a text that it is."""

import json
from pathlib import Path

import openpyxl
import pytest

import reconcile
from reconcile.errors import UsageError
from tests.build.readings import read, read_text
from tests.thorough import some

SAID = [
    ("小林妈妈", "老师您好"),
    ("王老师", "收到\n第二行：有冒号"),
    ("小林妈妈", "好的"),
    ("王老师", "5月13日上午7:30"),
] * 3


def table(tmp_path: Path, cells: list[str], heading: str = "聊天内容") -> Path:
    rows = "".join(f'2024-03-01 09:{i:02}:07,"{c}"\n' for i, c in enumerate(cells))
    (tmp_path / "a.csv").write_text(f"日期时间,{heading}\n{rows}", "utf-8")
    return tmp_path / "a.csv"


@pytest.mark.parametrize("spelled", some(["{}：{}", "{}: {}", "【{}】{}", "[{}] {}", "{}> {}"], 2))
def test_names_that_begin_the_words_are_the_senders(tmp_path: Path, spelled: str) -> None:
    messages = read(table(tmp_path, [spelled.format(*said) for said in SAID])).messages
    assert [*zip(messages["sender"], messages["text"], strict=True)] == SAID


def test_words_with_a_colon_here_and_there_name_nobody(tmp_path: Path) -> None:
    cells = [f"地址：{w}" if i % 3 == 0 else f"{w} {i}" for i, (_, w) in enumerate(SAID)]
    with pytest.raises(UsageError, match="sender"):
        reconcile.read(table(tmp_path, cells))


LINES = [f"2024-03-01 09:{i:02}:07 {'甲乙'[i % 2]}: 第{i}句话" for i in range(12)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", json.dumps({"chat": "x", "lines": LINES})),
        ("a.yaml", "记录:\n" + "".join(f"- '{line}'\n" for line in LINES)),
        ("a.xml", "<?xml version='1.0'?><c>" + "".join(f"<m>{line}</m>" for line in LINES) + "</c>"),
        ("a.csv", "id,line\n" + "".join(f'{i},"{line}"\n' for i, line in enumerate(LINES))),
    ],
)
def test_whole_lines_in_a_list_or_a_column_are_those_of_a_text(tmp_path: Path, name: str, text: str) -> None:
    messages = read_text(tmp_path, text, name).messages
    assert messages["sender"].to_list() == ["甲", "乙"] * 6
    assert messages["text"].to_list() == [f"第{i}句话" for i in range(12)]


def test_a_longer_list_of_lines_beside_messages_is_none_of_them(tmp_path: Path) -> None:
    said = [{"time": f"2024-03-02 10:{i:02}:00", "from": "AB"[i % 2], "text": f"word {i}"} for i in range(6)]
    messages = read_text(tmp_path, json.dumps({"log": LINES, "messages": said}), "a.json").messages
    assert messages["text"].to_list() == [f"word {i}" for i in range(6)]


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_rows_of_name_and_time_above_rows_of_words_are_messages(tmp_path: Path, name: str) -> None:
    said = [(who, f"第{i}句：好") for i, (who, _) in enumerate(SAID)]
    rows = [r for i, (who, words) in enumerate(said) for r in ([who, f"2024-03-01 09:{i:02}:07"], [words, ""])]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    (tmp_path / "a.csv").write_text("".join(f'{a},"{b}"\n' if b else f'"{a}",\n' for a, b in rows), "utf-8")
    messages = read(tmp_path / name).messages
    assert [*zip(messages["sender"], messages["text"], strict=True)] == said


def test_rows_of_a_time_and_words_that_name_nobody_are_asked_about(tmp_path: Path) -> None:
    cells = [("今天：去医院", "晚上吃饭", "电话：没接", "收拾屋子")[i % 4] + str(i) for i in range(20)]
    with pytest.raises(UsageError, match="sender"):
        read(table(tmp_path, cells))


def test_a_row_for_each_day_with_a_line_for_each_message_is_a_text(tmp_path: Path) -> None:
    rows = "".join(
        f'"3月{d}日\n（周六）","' + "\n".join(f"2{i}:15 {'甲乙'[i % 2]}：第{d}天第{i}句" for i in range(4)) + '"\n'
        for d in (5, 6, 8)
    )
    messages = read_text(tmp_path, f"日期,当天聊天内容\n{rows}".replace("3月", "2024年3月"), "a.csv").messages
    assert messages["sender"].to_list() == ["甲", "乙"] * 6
    assert messages["text"][-1] == "第8天第3句"
    assert messages["sent_raw"].n_unique() == 12


def test_people_in_a_file_beside_the_messages_stop_no_reading(tmp_path: Path) -> None:
    rows = [
        {"id": i, "sender": 11 + i % 3, "content": w, "date_sent": 1724193764.5 + 52 * i}
        for i, (_, w) in enumerate(SAID)
    ]
    people = [
        {
            "id": 11 + i,
            "full_name": n,
            "email": f"u{11 + i}@site.example",
            "delivery_email": f"u{11 + i}@site.example",
            "date_joined": 1650001000.25,
            "is_active": True,
            "is_bot": False,
        }
        for i, n in enumerate(("王工", "劳务老向", "安全员小季", "老何"))
    ]
    (tmp_path / "messages.json").write_text(json.dumps({"messages": rows}), "utf-8")
    (tmp_path / "people.json").write_text(json.dumps({"people": people}), "utf-8")
    assert read(tmp_path).messages["text"].to_list() == [w for _, w in SAID]
