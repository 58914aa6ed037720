"""What looks like messages is read, or the user is asked: never left out in silence."""

import json
from pathlib import Path

import pytest

from reconcile.errors import UsageError
from reconcile.formats.inferred.columns import parse_columns
from reconcile.formats.inferred.reader import InferredForm
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.source import Source

ROWS = [(f"2024-03-04 09:1{i}:05", ("李广", "王欣")[i % 2], f"这是第{i}句说的话") for i in range(8)]
OTHER = [f"<div class='b'>{('李广', '王欣')[i % 2]}：改天再说第{i}件事（2024-03-05 1{i}:4{i}）</div>" for i in range(4)]


def read(path: Path, text: str, columns: str = "") -> Reading:
    path.write_text(text, "utf-8")
    options = ReadOptions(columns=parse_columns(columns) if columns else {})
    return InferredForm().read(Source(path), options)


def page(rows: list[tuple[str, str, str]], behind: list[str]) -> str:
    cells = "".join(f"<tr><td>{t}</td><td>{w}</td><td>{x}</td></tr>" for t, w, x in rows)
    return f"<html><body><table><tr><th>时间</th><th>发言人</th><th>内容</th></tr>{cells}</table>{''.join(behind)}</body></html>"


def test_lines_above_the_rows_that_say_when_a_page_was_made_are_no_messages(tmp_path: Path) -> None:
    above = "<p>exported 2024-03-09 10:00:00</p><p>2024-03-04 09:10 - 2024-03-04 09:18</p><table>"
    text = page(ROWS, ["<p>made 2024-03-09 10:01</p>"]).replace("<table>", above)
    assert read(tmp_path / "a.html", text).messages.height == len(ROWS)


def test_times_of_a_page_outside_the_rows_are_asked_about(tmp_path: Path) -> None:
    assert read(tmp_path / "a.html", page(ROWS, OTHER[:1])).messages.height == len(ROWS)
    with pytest.raises(UsageError, match="4 lines or cells with a time, such as '李广：改天再说第0件事"):
        read(tmp_path / "b.html", page(ROWS, OTHER))
    told = read(tmp_path / "b.html", page(ROWS, OTHER), "time=时间,sender=发言人,text=内容")
    assert told.messages.height == len(ROWS)


def _with_files(seconds: int) -> list[dict[str, object]]:
    """A channel in which every eighth message has a file, made so many seconds after it."""
    said = [("U01", "U02")[n % 2] for n in range(24)]
    return [
        {"type": "message", "user": who, "ts": f"{1780892400 + 60 * n}.5", "text": f"第{n}批货{3 * n + 1}箱已经到了"}
        | (
            {"files": [{"id": f"F0B8G7N{n:02}", "created": 1780892400 + 60 * n + seconds, "name": "image.png", "title": "image.png", "filetype": "png", "user": who, "mode": "hosted"}]}
            if n % 8 == 0
            else {}
        )
        for n, who in enumerate(said)
    ]  # fmt: skip


def test_files_of_the_senders_made_before_their_messages_are_no_further_messages(tmp_path: Path) -> None:
    assert read(tmp_path / "2026-06-08.json", json.dumps(_with_files(-3))).messages.height == 24
