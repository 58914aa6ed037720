"""Accounts in brackets behind the names of senders, in tables, records and texts."""

import json
from pathlib import Path

from tests.build.readings import read, read_text
from tests.thorough import meeting

PAIRS = {
    "[U045EF6GH]": ("Tom Reed [U045EF6GH]", "Ida Berg [U077KL9QW]", ["U045EF6GH", "U077KL9QW"]),
    "(34…)": ("Tom Reed (34600111222)", "Ida Berg (34600111333)", ["34600111222", "34600111333"]),
    "(+34…)": ("Tom Reed (+34600111222)", "Ida Berg (+34600111333)", ["+34600111222", "+34600111333"]),
    "(+34 …)": ("Tom Reed (+34 600 111-222)", "Ida Berg (+34 600 111-333)", ["+34 600 111-222", "+34 600 111-333"]),
    "<mail>": ("Tom Reed <tom@example.org>", "Ida Berg <ida@example.org>", ["tom@example.org", "ida@example.org"]),
}


def written(form: str, one: str, other: str) -> tuple[str, str]:
    """The same eight messages as JSON or as lines, and the name of the file."""
    rows = [(f"2024-06-03 09:1{i}:02", (one, other)[i % 2], f"word number {i}") for i in range(8)]
    if form == "json":
        return json.dumps([dict(zip(("time", "sender", "text"), r, strict=True)) for r in rows]), "chat.json"
    if form == "table":
        return "time;sender;text\n" + "".join(";".join(r) + "\n" for r in rows), "chat.csv"
    return "".join(f"{t} {s}: {w}\n" for t, s, w in rows), "chat.txt"


@meeting(form=["json", "table", "lines"], brackets=PAIRS)
def test_an_account_in_brackets_is_the_sender_and_the_rest_its_name(tmp_path: Path, form: str, brackets: str) -> None:
    one, other, accounts = PAIRS[brackets]
    messages = read_text(tmp_path, *written(form, one, other)).messages
    assert messages["sender"].to_list() == accounts * 4
    assert messages["sender_name"].to_list() == ["Tom Reed", "Ida Berg"] * 4
    assert messages["text"].to_list() == [f"word number {i}" for i in range(8)]


def test_the_owner_in_the_first_person_needs_no_account(tmp_path: Path) -> None:
    text, name = written("lines", "我", "Ida Berg (34600111333)")
    messages = read_text(tmp_path, text, name).messages
    assert messages["sender"].to_list() == ["我", "34600111333"] * 4


def test_a_year_or_room_behind_some_names_is_part_of_them(tmp_path: Path) -> None:
    text, name = written("table", "Tom (2024)", "Ida")
    (tmp_path / name).write_text(text, "utf-8")
    assert set(read(tmp_path / name).messages["sender"]) == {"Tom (2024)", "Ida"}


def test_a_line_of_signs_below_every_message_is_none_of_its_words(tmp_path: Path) -> None:
    text = "".join(f"2024-06-03 09:1{i}:02 {('Tom', 'Ida')[i % 2]}\nword number {i}\n%%\n" for i in range(8))
    assert read_text(tmp_path, text).messages["text"].to_list() == [f"word number {i}" for i in range(8)]
