"""Shapes in which scripts and people write down chats: lists by name, literals, labels in a line."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from reconcile.errors import UnreadableSource
from reconcile.vocabulary import NoteCode
from tests.build.readings import read_text, spoken

WORDS = ["hello", "are you there", "see: the list", "no", "what did you pay", "about 5,000", "then, later", "fine"]
ROWS = [(f"09:{i:02}:07", ("Anna", "Ben")[i // 2 % 2], w) for i, w in enumerate(WORDS * 2)]
START = datetime.fromisoformat("2024-03-05T09:00:07+08:00")


def told(text: str, name: str, folder: Path) -> list[tuple[str, str, str]]:
    return spoken(read_text(folder, text, name), "%H:%M:%S")


def test_lists_of_lists_by_name_are_chats_of_their_own(tmp_path: Path) -> None:
    chats = {
        p: [[int((START + timedelta(minutes=i)).timestamp()), (p, "me")[i % 2], w] for i, w in enumerate(WORDS)]
        for p in ("Anna", "Ben")
    }
    messages = read_text(tmp_path, json.dumps({"chats": chats}), "a.json").messages
    assert messages["conversation"].to_list() == ["Anna"] * 8 + ["Ben"] * 8


@pytest.mark.parametrize("end", ["", ","])
def test_tuples_as_python_writes_them_are_rows(end: str, tmp_path: Path) -> None:
    text = "".join(f"{(f'2024-03-05 {t}', n, w)!r}{end}\n" for t, n, w in ROWS)
    assert told(text, "a.txt", tmp_path) == ROWS


@pytest.mark.parametrize(
    "line",
    [
        "发送时间：2024-03-05 {t}　发送人：{n}　内容：{w}",
        "Time: 2024-03-05 {t} | From: {n} | Text: {w}",
        "[时间:2024-03-05 {t}, 昵称:{n}, 消息:{w}",
    ],
)
def test_labels_before_the_values_of_a_line_name_them(line: str, tmp_path: Path) -> None:
    assert told("".join(line.format(t=t, n=n, w=w) + "\n" for t, n, w in ROWS), "a.txt", tmp_path) == ROWS


def test_attributes_beside_words_alone_make_rows_of_a_page(tmp_path: Path) -> None:
    rows = "".join(f'<li data-time="2024-03-05 {t}" data-from="{n}"><span>{w}</span></li>' for t, n, w in ROWS)
    assert told(f"<html><body><ul>{rows}</ul></body></html>", "a.html", tmp_path) == ROWS


def test_a_column_for_each_speaker_may_hold_words_that_recur(tmp_path: Path) -> None:
    rows = "".join(
        f"2024-03-05 {t},"
        + ('"{}",,' if n == "Anna" else ',"{}",').format(w)
        + ("see page 3" if i % 5 == 2 else "")
        + "\n"
        for i, (t, n, w) in enumerate(ROWS)
    )
    assert told(f"time,Anna,Ben,备注\n{rows}", "a.csv", tmp_path) == ROWS
    own = read_text(tmp_path, f"time,我方,对方,remark\n{rows}", "b.csv").messages["is_self"].to_list()
    assert own == [n == "Anna" for _, n, _ in ROWS]


@pytest.mark.parametrize(
    "line", ["{w}（{n}，2024-03-05 {t}）", "{w} ——{n} 2024-03-05 {t}", "{w} [{n} · 2024-03-05 {t}]"]
)
def test_a_signature_may_end_the_line_of_its_words(line: str, tmp_path: Path) -> None:
    assert told("".join(line.format(t=t, n=n, w=w) + "\n" for t, n, w in ROWS), "a.txt", tmp_path) == ROWS


def test_files_inside_messages_that_name_the_sender_again_are_no_rows_of_their_own(tmp_path: Path) -> None:
    told = [
        {"user": f"U{i % 3}", "text": f"word {i} of many", "ts": f"17786171{i:02}.313729",
         **({"files": [{"id": f"F0B3BE8FW{i}", "created": 1778617100 + i, "user": f"U{i % 3}", "name": f"shot {i}",
                        "preview": f"the shot {i} of it"}]} if i % 4 == 0 else {})}
        for i in range(24)
    ]  # fmt: skip
    assert read_text(tmp_path, json.dumps(told), "a.json").messages.height == 24


def test_an_account_that_is_called_like_its_name_is_the_same_person(tmp_path: Path) -> None:
    people = [("ab1", "Lead"), ("cd2", "Steel"), ("ef3", "ef3")]
    told = [
        {"msg": f"word {i} of many", "ts": f"2020-10-06T23:{i:02}:27.735Z",
         "u": {"_id": f"Xy{people[p][0]}GqJrZjCGKqepi", "username": people[p][0], "name": people[p][1]}}
        for i, p in enumerate([0, 1] * 20 + [2])
    ]  # fmt: skip
    assert read_text(tmp_path, json.dumps({"messages": told, "success": True}), "a.json").messages.height == 41


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_objects_of_several_lines_follow_each_other_without_commas(tmp_path: Path, end: str) -> None:
    told = [
        {"ts": f"2021-02-01T06:{i:02}:33.903102", "from": f"{'ab'[i % 2]}@x.org", "body": f"word {i} of many", "n": [i]}
        for i in range(24)
    ]
    whole = [json.dumps(row, indent=2) for row in told]
    whole[7] = whole[7].replace('"body": "', '"body": ')
    reading = read_text(tmp_path, "\n".join(whole).replace("\n", end), "a.json")
    assert reading.messages["text"].to_list() == [f"word {i} of many" for i in range(24) if i != 7]
    assert [n.locator for n in reading.notes if n.code is NoteCode.ROW_SKIPPED] == ["a.json#line 57"]


def test_json_that_is_cut_short_is_named_as_damaged(tmp_path: Path) -> None:
    rows = [{"time": f"2024-03-05 {c}", "sender": n, "text": w} for c, n, w in ROWS]
    whole = json.dumps({"messages": rows}, indent=1)
    assert len(told(whole, "whole.json", tmp_path)) == len(ROWS)
    with pytest.raises(UnreadableSource, match="neither JSON"):
        told(whole[:-90], "cut.json", tmp_path)
