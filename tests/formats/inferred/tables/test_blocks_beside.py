"""Blocks of columns beside each other are messages below each other."""

import csv
from pathlib import Path

import pytest

from reconcile.errors import UsageError
from reconcile.formats.registry import all_readers
from reconcile.intake.contract import ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from tests.build.readings import read, spoken

SAID = [(f"2024-03-0{1 + n // 4} 10:{10 * (n % 4) + 13}", ("甲某", "乙某")[n % 2], f"第{n}批材料{3 * n + 1}箱") for n in range(12)]  # fmt: skip


def _saved(tmp_path: Path, rows: list[list[str]]) -> Path:
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return tmp_path / "a.csv"


def test_a_question_and_its_answer_in_one_row_are_two_messages_whose_senders_are_confirmed(tmp_path: Path) -> None:
    rows = [[*SAID[n][::2], *SAID[n + 1][::2]] for n in range(0, 12, 2)]
    rows[2][:2] = ["", ""]
    path = _saved(tmp_path, [["提问时间", "买家提问", "回复时间", "商家回复"], *rows])
    with pytest.raises(UsageError, match="unclear are sender: sender"):
        read(path)
    told = ReadOptions(columns={"time": "提问时间", "sender": "sender", "text": "text"})
    found = identify(all_readers(), Source(path)).read(Source(path), told)
    said = [(at, ("买家提问", "商家回复")[n % 2], words) for n, (at, _, words) in enumerate(SAID) if n != 4]
    assert spoken(found, "%F %H:%M") == said
    assert found.messages["locator"].n_unique() == len(said)


@pytest.mark.parametrize("again", ["", "2"])
def test_two_halves_of_a_list_beside_each_other_are_one_list(again: str, tmp_path: Path) -> None:
    heads = ["时间", "发送人", "内容"]
    rows = [[*SAID[n], *SAID[n + 6]] for n in range(6)]
    found = read(_saved(tmp_path, [[*heads, *(h + again for h in heads)], *rows]))
    assert spoken(found, "%F %H:%M") == SAID


def test_blocks_whose_times_are_in_no_order_are_asked_about(tmp_path: Path) -> None:
    times = [SAID[n][0] for n in (5, 2, 9, 0, 7, 4)]
    rows = [[at, f"第{n}个问题", SAID[11 - n][0], f"第{n}个回答"] for n, at in enumerate(times)]
    with pytest.raises(UsageError, match="unclear"):
        read(_saved(tmp_path, [["提问时间", "买家提问", "回复时间", "商家回复"], *rows]))
