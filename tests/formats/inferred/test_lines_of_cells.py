"""A cell of words that begins with a name is read as the line of a text that it is."""

from pathlib import Path

import pytest

import reconcile
from reconcile.errors import UsageError
from tests.build.readings import read

SAID = [
    ("小林妈妈", "老师您好"),
    ("王老师", "收到\n第二行：有冒号"),
    ("小林妈妈", "好的"),
    ("王老师", "5月13日上午7:30"),
] * 3


def table(tmp_path: Path, cells: list[str], heading: str = "聊天内容") -> Path:
    rows = "".join(f'2024-03-01 09:{i:02}:07,"{c}"\n' for i, c in enumerate(cells))
    (tmp_path / "a.csv").write_text(f"日期时间,{heading}\n{rows}", "utf-8")
    return tmp_path / "a.csv"


@pytest.mark.parametrize("spelled", ["{}：{}", "{}: {}", "【{}】{}", "[{}] {}", "{}> {}"])
def test_names_that_begin_the_words_are_the_senders(tmp_path: Path, spelled: str) -> None:
    messages = read(table(tmp_path, [spelled.format(*said) for said in SAID])).messages
    assert [*zip(messages["sender"], messages["text"], strict=True)] == SAID


def test_words_with_a_colon_here_and_there_name_nobody(tmp_path: Path) -> None:
    cells = [f"地址：{w}" if i % 3 == 0 else f"{w} {i}" for i, (_, w) in enumerate(SAID)]
    with pytest.raises(UsageError, match="sender"):
        reconcile.read(table(tmp_path, cells))
