"""A text that is a list of typed pieces is one message, in whatever container the list stands."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reconcile.formats.inferred.json.packed import flatten_texts
from reconcile.formats.inferred.words.segments import text_of_pieces, type_of_segments
from tests.build.readings import read
from tests.conftest import Within
from tests.thorough import some

WORDS = ["您好,热水器坏了", "什么牌子?", "万和,用了30天", "自己找师傅修", "合同写:由出租方承担", "修理费多少"]
TEXTS = [WORDS[0], f"@老徐{WORDS[1]}", WORDS[2], "[image]", WORDS[4], WORDS[5]]
AT = [1_709_600_000 + 61 * i for i in range(6)]


def pieces(i: int) -> list[dict[str, Any]]:
    """The words of a message behind whom it mentions; the fourth one is a picture."""
    if i == 3:
        return [{"type": "image", "data": {"file": "a.jpg"}}]
    mention = [{"type": "at", "data": {"qq": 1, "name": "老徐"}}] if i == 1 else []
    quote = [{"type": "reply", "data": {"id": "17"}}] if i == 2 else []
    return [*quote, *mention, {"type": "text", "data": {"text": WORDS[i]}}]


def as_json(folder: Path) -> Path:
    rows = [{"time": t, "sender": {"nick": "AB"[i % 2]}, "segments": pieces(i)} for i, t in enumerate(AT)]
    (folder / "a.json").write_text(json.dumps({"room": "r", "records": rows}))
    return folder / "a.json"


def as_lines(folder: Path) -> Path:
    rows = [{"time": t, "nick": "AB"[i % 2], "content": json.dumps(pieces(i))} for i, t in enumerate(AT)]
    (folder / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder / "a.jsonl"


def as_table(folder: Path) -> Path:
    rows = [f'{t},{"AB"[i % 2]},"{pieces(i)!s}"' for i, t in enumerate(AT)]
    (folder / "a.csv").write_text("\n".join(["time,nick,message", *rows]))
    return folder / "a.csv"


def as_store(folder: Path) -> Path:
    with sqlite3.connect(folder / "a.db") as base:
        base.execute("CREATE TABLE msg_1 (id INTEGER PRIMARY KEY, time INT, nick TEXT, content TEXT)")
        rows = [(t, "AB"[i % 2], json.dumps(pieces(i))) for i, t in enumerate(AT)]
        base.executemany("INSERT INTO msg_1(time, nick, content) VALUES (?, ?, ?)", rows)
    return folder / "a.db"


def as_dump(folder: Path) -> Path:
    rows = [f"INSERT INTO log(t, who, segs) VALUES ({t}, '{'AB'[i % 2]}', '{json.dumps(pieces(i), ensure_ascii=False)}');" for i, t in enumerate(AT)]  # fmt: skip
    (folder / "a.sql").write_text("\n".join(rows))
    return folder / "a.sql"


@pytest.mark.parametrize("written", some([as_json, as_lines, as_table, as_store, as_dump], 2))
def test_a_list_of_pieces_is_one_message(tmp_path: Path, written: Callable[[Path], Path]) -> None:
    messages = read(written(tmp_path)).messages
    assert messages["text"].to_list() == TEXTS
    assert messages["kind"].to_list() == ["text"] * 3 + ["image"] + ["text"] * 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([{"kind": "text", "value": "好"}, {"kind": "emoji", "name": "微笑"}], "好[微笑]"),
        ([{"type": "Source", "id": 1, "time": 2}, {"type": "Plain", "text": "好"}], "好"),
        ([{"tag": "text", "text": "甲"}, {"tag": "at", "user_name": "李四"}, {"tag": "text", "text": "乙"}], "甲@李四乙"),
        ([{"type": "text", "text": ""}, {"type": "face", "id": 14}], "[face]"),
        ([[{"tag": "text", "text": "甲"}, {"tag": "at", "user_name": "李四"}], [{"tag": "text", "text": "乙"}]], "甲@李四\n乙"),
        ([{"elementType": 1, "textElement": {"content": "好"}}, {"elementType": 2, "picElement": {"file": "a.jpg"}}], "好"),
    ],
)  # fmt: skip
def test_pieces_of_other_makes_are_read_by_what_they_call_themselves(value: list[Any], text: str) -> None:
    assert text_of_pieces(value, type_of_segments([value])) == text


def test_lists_of_pieces_among_plain_words_are_words_too(tmp_path: Path) -> None:
    said = [w if i in (0, 5) else json.dumps(pieces(i), ensure_ascii=False) for i, w in enumerate(WORDS)]
    with sqlite3.connect(tmp_path / "a.db") as base:
        base.execute("CREATE TABLE log (id INTEGER PRIMARY KEY, time INT, nick TEXT, body TEXT)")
        rows = [(t, "AB"[i % 2], w) for i, (t, w) in enumerate(zip(AT, said, strict=True))]
        base.executemany("INSERT INTO log(time, nick, body) VALUES (?, ?, ?)", rows)
    assert read(tmp_path / "a.db").messages["text"].to_list() == TEXTS


def test_objects_that_say_when_or_by_whom_are_no_pieces() -> None:
    assert type_of_segments([[{"type": "text", "text": "好", "time": 1_709_600_000}]]) is None
    assert type_of_segments([[{"type": "text", "text": "好", "sender": "甲"}]]) is None
    assert type_of_segments([[{"type": "image", "url": "a.jpg"}]]) is None


@pytest.mark.parametrize("sign", ["[", "[{", '[{"', "[{'a':", "[(", "[//"])
def test_cells_that_only_begin_like_lists_are_soon_left(sign: str, within: Within, timed: bool) -> None:
    cell = "[" + sign * ((20_000 if timed else 500) // len(sign)) + "]"
    with within(5):
        columns: dict[str, list[str | None]] = {}
        flatten_texts([cell] * 4, "text", 0, columns)
    assert columns == {}
