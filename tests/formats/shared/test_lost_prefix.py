"""Only texts that look like what is left behind a lost beginning are counted as open to one."""

import json
from pathlib import Path

import pytest

from reconcile import read
from reconcile.vocabulary import NoteCode
from tests.contracts.golden import EXPORTS


def counted(folder: Path, texts: list[str], *, sends: int = 1) -> list[int]:
    told = json.loads(next((EXPORTS / "weflow_json/rent_side_a/input").iterdir()).read_bytes())
    first = next(m for m in told["messages"] if m["type"] == "文本消息")
    told["messages"] = [
        first | {"localId": n, "createTime": first["createTime"] + n, "formattedTime": "", "content": t, "parsedContent": t, "isSend": sends}
        for n, t in enumerate(texts)
    ]  # fmt: skip
    (folder / "chat.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
    return [n.count for n in read(folder / "chat.json").notes if n.code is NoteCode.PREFIX_STRIPPED]


WHOLE = ["早上好", "货款五万", "50000元", "2024-03-01交货", "OK 收到"]


def test_texts_that_lost_nothing_are_not_counted(tmp_path: Path) -> None:
    assert counted(tmp_path, WHOLE) == []


@pytest.mark.parametrize("left", ["30见", " 30000", "//example.com/a", "30"])
def test_what_is_left_behind_a_lost_beginning_is_counted(tmp_path: Path, left: str) -> None:
    assert counted(tmp_path, [*WHOLE, left]) == [1]


def test_an_own_text_with_its_beginning_shows_that_nothing_is_taken(tmp_path: Path) -> None:
    assert counted(tmp_path, [*WHOLE, "30见", "10:30见"]) == []
