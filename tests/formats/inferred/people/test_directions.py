"""Codes beside telephone numbers tell who sent; where nothing tells it, it is asked and not guessed."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from reconcile.errors import UsageError
from reconcile.formats.inferred.columns import parse_columns
from reconcile.formats.inferred.mapping import draft
from reconcile.formats.inferred.reader import proposed
from reconcile.formats.registry import all_readers
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source

ANNA, BANK = "+8613800138000", "95588"
WORDS = [
    "hello there",
    "where are you",
    "at home now",
    "come soon",
    "yes, in an hour",
    "bring the keys",
    "fine",
    "good night",
    "see you",
]
BOXES = [1, 2, 1, 1, 2, 1, 2, 1, 1]
TALK = [(f"2024-03-05 09:1{i}:31", BOXES[i], ANNA, w) for i, w in enumerate(WORDS)]
BANKING = [(f"2024-03-05 10:1{i}:31", 1, BANK, f"您尾号{i}的账户支出{i * 7}元") for i in range(3)]
OWN = [None if b == 2 else ANNA for b in BOXES]


def read(path: Path, columns: dict[str, str] | None = None) -> Reading:
    source = Source(path)
    return identify(all_readers(), source).read(source, ReadOptions(columns=columns or {}))


def table(tmp_path: Path, heading: str, rows: Sequence[Sequence[object]]) -> Path:
    held = io.StringIO()
    csv.writer(held).writerows([heading.split(","), *rows])
    (tmp_path / "a.csv").write_text(held.getvalue(), "utf-8")
    return tmp_path / "a.csv"


def test_the_store_of_a_phone_is_known_however_its_columns_are_capitalised(tmp_path: Path) -> None:
    messages = read(table(tmp_path, "Date,Type,Address,Body", [*TALK, *BANKING])).messages
    assert messages["sender"].to_list() == [*OWN, *[BANK] * 3]
    assert messages["conversation"].unique().sort().to_list() == [ANNA, BANK]
    assert set(messages["kind"]) == {"text"}
    row = dict(zip(("DATE", "TYPE", "ADDRESS", "BODY"), TALK[0], strict=True))
    (tmp_path / "b.json").write_text(json.dumps([row, {**row, "TYPE": 2}]), "utf-8")
    assert read(tmp_path / "b.json").messages["is_self"].to_list() == [False, True]


@pytest.mark.parametrize(
    "heading", ["Time,Type,Number,Content", "时间,类型,对方号码,内容", "Time,Direction,Phone,Text"]
)
def test_services_that_only_write_show_which_code_came_in(tmp_path: Path, heading: str) -> None:
    messages = read(table(tmp_path, heading, [*TALK, *BANKING])).messages
    assert messages["sender"].to_list() == [*OWN, *[BANK] * 3]
    assert messages["is_self"].to_list() == [b == 2 for b in BOXES] + [False] * 3


def test_codes_that_nothing_explains_are_asked_about_and_one_answer_tells_both(tmp_path: Path) -> None:
    path = table(tmp_path, "Time,Type,Number,Content", TALK)
    with pytest.raises(UsageError, match="direction:1: peer / self"):
        read(path)
    mapping = parse_columns("time=Time,text=Content,conversation=Number,direction=Type,direction:1=self")
    assert read(path, mapping).messages["is_self"].to_list() == [b == 1 for b in BOXES]


def test_the_draft_of_a_mapping_with_an_open_code_can_be_used(tmp_path: Path) -> None:
    path = table(tmp_path, "Time,Type,Number,Content", TALK)
    found = proposed(Source(path))
    assert found is not None
    (tmp_path / "b.toml").write_bytes(draft(found[0], found[1].names))
    told = read(path, parse_columns(str(tmp_path / "b.toml"))).messages
    assert told["sender"].to_list() == OWN


def test_codes_of_words_and_pictures_stay_kinds(tmp_path: Path) -> None:
    rows = [(t, b, n, w if b == 1 else "[图片]") for t, b, n, w in [*TALK, *BANKING]]
    assert set(read(table(tmp_path, "Time,Type,From,Content", rows)).messages["kind"]) == {"text", "image"}


def test_numbers_without_a_direction_are_not_taken_for_who_sent(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="sender: Address"):
        read(table(tmp_path, "Time,Address,Content", [(t, n, w) for t, _, n, w in [*TALK, *BANKING]]))


def test_a_confirmed_mapping_of_a_phone_keeps_what_its_codes_mean(tmp_path: Path) -> None:
    path = table(tmp_path, "Date,Type,Address,Body", TALK)
    suggested = "time=Date,text=Body,direction=Type,conversation=Address,status=state of sending"
    for mapping in (suggested, "time=Date,text=Body,direction=Type"):
        assert read(path, parse_columns(mapping)).messages["is_self"].to_list() == [b == 2 for b in BOXES], mapping


@pytest.mark.parametrize("word", ["系统", "系统消息", "notice"])
def test_a_direction_with_a_word_for_notices_is_still_a_direction(tmp_path: Path, word: str) -> None:
    sides = [word if i == 3 else ("发送", "接收")[b == 1] for i, b in enumerate(BOXES)]
    rows = [
        ("wxid_me", "wxid_anna", s, w, f"2024-03-05 09:1{i}:31")
        for i, (s, w) in enumerate(zip(sides, WORDS, strict=True))
    ]
    reading = read(table(tmp_path, "账号,好友账号,发送方向,消息内容,发送时间", rows))
    assert reading.messages["is_self"].to_list() == [None if i == 3 else b == 2 for i, b in enumerate(BOXES)]
    assert [k == "system" for k in reading.messages["kind"]] == [i == 3 for i in range(len(BOXES))]
    assert "odd_value" not in {str(n.code) for n in reading.notes}
