"""Fields of people in a row, events around messages and translations beside them are told from the message itself."""

import csv
import io
import json
from pathlib import Path
from typing import Any

from reconcile.intake.contract import Reading
from tests.build.readings import read

NAMES = ("Anna", "Ben")
WORDS = [f"Please call me {'back ' * (i % 3)}about {'abcdefghijklmnop'[i]} today" for i in range(16)]
TIMES = [1717395064 + 300 * i for i in range(16)]


def read_json(tmp_path: Path, value: object, name: str = "a.json") -> Reading:
    lines = value if isinstance(value, list) and name.endswith("l") else [value]
    (tmp_path / name).write_text("\n".join(json.dumps(one) for one in lines) + "\n", "utf-8")
    return read(tmp_path / name)


def test_a_time_inside_a_person_is_no_rival_of_the_message_and_a_place_is_no_name(tmp_path: Path) -> None:
    people: list[dict[str, Any]] = [
        {"id": 1000 + i, "location": ("Ulm", "Bonn")[i], "screen_name": NAMES[i], "created_at": TIMES[i] - 10**7}
        for i in (0, 1)
    ]
    rows = [
        {"created_at": t, "text": w, "sender": people[i % 2]} for i, (t, w) in enumerate(zip(TIMES, WORDS, strict=True))
    ]
    read_rows = read_json(tmp_path, {"messages": rows}).messages
    assert read_rows["sent_at"].dt.epoch("s").to_list() == TIMES
    assert read_rows["sender_name"].to_list() == [*NAMES] * 8


def test_an_account_in_every_row_is_nobodys_where_names_change(tmp_path: Path) -> None:
    held = io.StringIO()
    rows = [[f"2024-06-03 09:{i:02}:00", "kf-77", NAMES[i % 2], w] for i, w in enumerate(WORDS)]
    csv.writer(held).writerows([["time", "account", "sender name", "text"], *rows])
    (tmp_path / "a.csv").write_text(held.getvalue(), "utf-8")
    assert read(tmp_path / "a.csv").messages["sender"].to_list() == [*NAMES] * 8


def test_messages_inside_events_are_read_in_the_order_of_the_lines(tmp_path: Path) -> None:
    lines: list[object] = []
    for i, (t, w) in enumerate(zip(TIMES, WORDS, strict=True)):
        message = {
            "from": f"15185550{i % 2}",
            "id": f"wamid.{i}",
            "timestamp": str(t),
            "text": {"body": w},
            "type": "text",
        }
        value = {"messages": [message]} if i % 2 else {"echoes": [{**message, "to": "151855501"}]}
        lines.append({"object": "account", "entry": [{"id": "8", "changes": [{"value": {"product": "x", **value}}]}]})
        lines.append(
            {
                "object": "account",
                "entry": [{"id": "8", "changes": [{"value": {"statuses": [{"id": f"wamid.{i}", "status": "sent"}]}}]}],
            }
        )
    rows = read_json(tmp_path, lines, "a.jsonl").messages
    assert rows["text"].to_list() == WORDS
    assert rows["sender"].to_list() == ["151855500", "151855501"] * 8
    assert rows["conversation"].n_unique() == 1


def test_beside_the_original_a_translation_is_not_asked_about(tmp_path: Path) -> None:
    held = io.StringIO()
    rows = [[f"2024-06-03 09:{i:02}:00", NAMES[i % 2], w, w[::-1]] for i, w in enumerate(WORDS)]
    csv.writer(held).writerows([["Time", "Sender", "Original", "Translation"], *rows])
    (tmp_path / "a.csv").write_text(held.getvalue(), "utf-8")
    assert read(tmp_path / "a.csv").messages["text"].to_list() == WORDS


def test_a_person_called_like_a_file_is_a_sender(tmp_path: Path) -> None:
    names = ["memes.gif", "Anna", "Ben"]
    rows = [
        {"timestamp_ms": 1000 * t, "sender_name": names[i % 3], "content": w}
        for i, (t, w) in enumerate(zip(TIMES, WORDS, strict=True))
    ]
    rows[3]["share"] = {"profile_share_username": "somebody"}
    assert read_json(tmp_path, {"messages": rows}).messages["sender"].to_list() == (names * 6)[:16]
