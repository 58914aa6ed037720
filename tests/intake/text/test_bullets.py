"""The sign of a list before names is no part of them."""

from pathlib import Path

import polars as pl
import pytest

from reconcile.intake.text.bullets import without_bullets
from tests.build.readings import read_text


@pytest.mark.parametrize(
    ("names", "bare"),
    [
        (["·甲", "·乙"], ["甲", "乙"]),
        (["• 甲", "• 甲", "• 甲"], ["甲", "甲", "甲"]),
        (["·甲", "乙", "丙"], ["·甲", "乙", "丙"]),
        (["🌸甲", "🌸乙"], ["🌸甲", "🌸乙"]),
        (["·甲"], ["·甲"]),
    ],
)
def test_a_bullet_goes_where_all_names_have_it(names: list[str], bare: list[str]) -> None:
    assert without_bullets(pl.Series(names)).to_list() == bare


@pytest.mark.parametrize("title", ["", "群名\n\n"])
def test_a_forwarded_chat_has_the_same_people_with_and_without_a_title(tmp_path: Path, title: str) -> None:
    text = "".join(f"·测试{'甲乙'[i % 2]}\n2026年9月1{i}日 17:3{i}\n话 {i}\n\n" for i in range(4))
    assert read_text(tmp_path, title + text).messages["sender"].to_list() == ["测试甲", "测试乙"] * 2
