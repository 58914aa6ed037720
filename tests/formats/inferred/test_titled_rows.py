"""Titles above the rows of tables, pages and records name chats as those between lines of a text do."""

from collections.abc import Callable
from pathlib import Path

import pytest

from reconcile.case import read
from reconcile.errors import UsageError
from reconcile.intake.contract import ReadOptions
from tests.build.readings import read_text
from tests.thorough import some

PEERS = ("Anna", "Mr Li")
WORDS = ["hello", "are you there", "see: the list", "no", "what did you pay", "about 5,000", "then, later", "fine"]
Rows = list[tuple[str, str, str]]


def said(peer: str, day: int = 5, own: str = "desk") -> Rows:
    return [(f"2024-03-{day:02} 09:{i:02}:07", (peer, own)[i % 2], w) for i, w in enumerate(WORDS)]


def table(title: Callable[[str], str], heads: str = "") -> str:
    return "time,sender,text\n" + "".join(
        title(p) + heads + "".join(f'{t},{n},"{w}"\n' for t, n, w in said(p)) for p in PEERS
    )


def markdown() -> str:
    head = "| time | sender | text |\n| --- | --- | --- |\n"
    return "".join(f"## {p}\n\n{head}" + "".join(f"| {' | '.join(r)} |\n" for r in said(p)) + "\n" for p in PEERS)


def page(cell: str, row: str, whole: str) -> str:
    parts = (
        f"<h2>{p}</h2>"
        + whole.format("".join(row.format("".join(cell.format(i, c) for i, c in enumerate(r))) for r in said(p)))
        for p in PEERS
    )
    return f"<html><head><title>chats</title></head><body>{''.join(parts)}</body></html>"


FILES = {
    "cells.csv": table(lambda p: f"{p},,\n"),
    "labels.csv": table(lambda p: f"会话：{p},,\n", "time,sender,text\n"),
    "above.csv": "".join(
        f"与“{p}”的聊天记录,,\ntime,sender,text\n" + "".join(f'{t},{n},"{w}"\n' for t, n, w in said(p)) + ",,\n"
        for p in PEERS
    ),
    "tables.md": markdown(),
    "divs.html": page('<span class="c{}">{}</span>', '<div class="m">{}</div>', "{}"),
    "tables.html": page(
        "<td>{1}</td>", "<tr>{}</tr>", "<table><tr><th>time</th><th>sender</th><th>text</th></tr>{}</table>"
    ),
    "records.txt": "".join(
        f"##### {p} #####\n\n" + "".join(f"time: {t}\nfrom: {n}\ntext: {w}\n\n" for t, n, w in said(p)) for p in PEERS
    ),
}


@pytest.mark.parametrize("name", some(FILES))
def test_a_title_above_rows_names_their_chat(name: str, tmp_path: Path) -> None:
    messages = read_text(tmp_path, FILES[name], name).messages
    assert messages["conversation"].to_list() == [p for p in PEERS for _ in WORDS]
    assert messages["text"].to_list() == WORDS * 2


def test_titles_between_which_the_same_people_go_on_part_no_chat(tmp_path: Path) -> None:
    head = "| time | sender | text |\n| --- | --- | --- |\n"
    text = "".join(
        f"## {t}\n\n{head}" + "".join(f"| {' | '.join(r)} |\n" for r in said("Anna", i)) + "\n"
        for i, t in enumerate(("The loan", "The delay"), 1)
    )
    assert read_text(tmp_path, text, "a.md").messages["conversation"].n_unique() == 1


def test_titles_that_may_name_chats_are_offered_as_they_can_be_told(tmp_path: Path) -> None:
    text = "time,sender,text\n" + "".join(
        f"{t},,\n" + "".join(f'{",".join(r[:2])},"{r[2]}"\n' for r in said("Anna", i))
        for i, t in ((4, "loan"), (2, "delay"))
    )
    with pytest.raises(UsageError, match=r"conversation=\^chat"):
        read_text(tmp_path, text, "a.csv")
    columns = {"time": "time", "sender": "sender", "text": "text"}
    told = read(tmp_path / "a.csv", options=ReadOptions(columns={**columns, "conversation": "^chat"}))
    assert told.messages["conversation"].to_list() == ["loan"] * 8 + ["delay"] * 8
