"""Replies inside the message that they answer."""

import json
from pathlib import Path
from typing import Any

from tests.build.readings import read


def row(i: int, **more: Any) -> dict[str, Any]:
    return {"id": f"m{i}", "user": ("Anna", "Ben")[i % 2], "at": f"2024-03-05T10:{i:02d}:00Z", "text": f"word {i}", **more}  # fmt: skip


def test_replies_are_rows_behind_what_they_answer(tmp_path: Path) -> None:
    threads = [row(i, replies=[row(i + 1, replies=[row(i + 2, replies=[])])]) for i in range(0, 30, 3)]
    (tmp_path / "a.json").write_text(json.dumps({"messages": threads}))
    messages = read(tmp_path / "a.json").messages
    assert messages["text"].to_list() == [f"word {i}" for i in range(30)]
    assert messages["conversation"].n_unique() == 1


def test_a_quoted_message_is_no_row_of_its_own(tmp_path: Path) -> None:
    quoting = [row(i, quoted=[row(i - 1)] if i else []) for i in range(30)]
    (tmp_path / "a.json").write_text(json.dumps(quoting))
    assert read(tmp_path / "a.json").messages["text"].to_list() == [f"word {i}" for i in range(30)]
