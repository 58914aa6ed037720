"""Edited messages in several versions, messages outside their list, and lists that are parts of one chat."""

import json
from pathlib import Path
from typing import Any

from reconcile.intake.contract import Reading
from tests.build.readings import read, skipped

ROWS: list[dict[str, Any]] = [
    {"mid": i, "ts": 1717395064 + 60 * i, "user": ("Anna", "Ben")[i % 2], "text": f"word {'abcdefghij'[i]} of many"}
    for i in range(10)
]
WORDS = [row["text"] for row in ROWS]


def read_json(tmp_path: Path, value: object) -> Reading:
    (tmp_path / "a.json").write_text(json.dumps(value), "utf-8")
    return read(tmp_path / "a.json")


def test_only_the_latest_version_of_an_edited_message_is_read(tmp_path: Path) -> None:
    rows = [{**row, "ver": 1, "is_latest": True} for row in ROWS]
    rows.insert(4, {**rows[4], "is_latest": False, "text": "word z, as first sent"})
    rows[5]["ver"] = 2
    reading = read_json(tmp_path, rows)
    assert reading.messages["text"].to_list() == WORDS
    assert any("word z, as first sent" in row for row in skipped(reading))


def test_two_messages_of_one_id_and_no_version_are_both_read(tmp_path: Path) -> None:
    rows = [*ROWS[:5], {**ROWS[4], "text": "another one"}, *ROWS[5:]]
    assert read_json(tmp_path, rows).messages.height == 11


def test_the_first_message_of_a_ticket_stands_above_its_answers(tmp_path: Path) -> None:
    rows = [
        {"id": str(r["mid"]), "body": r["text"], "author": {"name": r["user"]}, "created_at": r["ts"]} for r in ROWS
    ]
    first = {k: v for k, v in rows[0].items() if k != "created_at"}
    ticket = {"id": "t", "created_at": rows[0]["created_at"], "source": first, "parts": {"parts": rows[1:]}}
    reading = read_json(tmp_path, ticket)
    assert reading.messages["text"].to_list() == WORDS
    assert reading.messages["sent_at"].null_count() == 0


def test_the_last_message_that_a_summary_repeats_is_read_once(tmp_path: Path) -> None:
    assert read_json(tmp_path, {"chat": {"last": ROWS[-1]}, "messages": ROWS}).messages.height == 10


def test_lists_of_the_same_people_that_follow_each_other_are_one_conversation(tmp_path: Path) -> None:
    parts = {"messages": ROWS[5:], "archived": [{**row, "by": "cron"} for row in ROWS[:5]]}
    assert read_json(tmp_path, parts).messages["conversation"].n_unique() == 1
