"""A line beside the rows explains the signs that tell who sent; what it leaves open is asked."""

from pathlib import Path

import pytest

from reconcile.errors import UsageError
from tests.build.readings import read_text


def talk(head: str, signs: str) -> str:
    rows = (f"{signs[i % 2]} 2024-03-05 10:{i:02}:07 word {i} of many" for i in range(14))
    return "\n".join([head, "", *rows])


@pytest.mark.parametrize(
    ("head", "signs", "senders"),
    [
        ("Chat with Anna (→ = me)", "→←", ["我", "对方"]),
        ("Legend: → Anna, ← Ben", "→←", ["Anna", "Ben"]),
        ("收到 ◀ 发出 ▶", "◀▶", ["对方", "我"]),
        ("对方：王五（137） ◀ 收到 ▶ 发出", "◀▶", ["王五", "我"]),
    ],
)
def test_signs_mean_what_the_line_above_the_rows_says(
    tmp_path: Path, head: str, signs: str, senders: list[str]
) -> None:
    assert read_text(tmp_path, talk(head, signs)).messages["sender"].to_list() == senders * 7


@pytest.mark.parametrize("head", ["Chat with Anna", "王五 ◀ 收到 ▶ 发出"])
def test_signs_whose_meaning_may_stand_on_either_side_are_asked_about(tmp_path: Path, head: str) -> None:
    with pytest.raises(UsageError, match="sender"):
        read_text(tmp_path, talk(head, "◀▶"))
