"""Texts that state days and no clock, as people type them off."""

from datetime import date
from pathlib import Path

import pytest

from reconcile.errors import SourceError
from tests.build.readings import read_text

SAID = ["在吗", "在", "明天7:50吧", "货款什么时候付", "下周", "行"]
PEOPLE = ["卓绍东", "叶宁"]


def typed(days: list[str]) -> str:
    lines = [
        "与叶宁的聊天",
        *(f"\n{d}\n" + "\n".join(f"{PEOPLE[i % 2]}：{s}" for i, s in enumerate(SAID)) for d in days),
    ]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "days",
    [
        ["2024年7月16日", "2024年7月17日"],
        ["2024年7月16号", "2024年7月17號"],
        ["2024-07-16 星期二", "2024-07-17 星期三"],
        ["July 16, 2024", "July 17, 2024"],
    ],
)
def test_lines_of_names_below_days_are_messages_of_these_days(tmp_path: Path, days: list[str]) -> None:
    found = read_text(tmp_path, typed(days)).messages
    assert found["text"].to_list() == SAID * 2
    assert found["sender"].to_list() == PEOPLE * 6
    assert set(found["time_precision"]) == {"day"}
    at = found["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.date().to_list()
    assert at == [date(2024, 7, 16)] * 6 + [date(2024, 7, 17)] * 6


def test_a_line_without_a_name_goes_on_with_the_message_above(tmp_path: Path) -> None:
    found = read_text(tmp_path, typed(["2024年7月16日", "2024年7月17日"]).replace("下周", "下周\n一起付")).messages
    assert found["text"][4] == "下周\n一起付"


def test_lines_below_days_that_nobody_says_twice_are_no_messages(tmp_path: Path) -> None:
    lines = [f"第{i}项：{s}" for i, s in enumerate(SAID)]
    with pytest.raises(SourceError):
        read_text(tmp_path, "\n".join(["2024年7月16日", *lines]))
