"""Page numbers that a printout leaves in the texts of a chat are nobody's words."""

import polars as pl
import pytest

from reconcile.engine.preparation.page_numbers import without_page_numbers
from tests.build.chats import Row, chat, said, state_of
from tests.build.together import Comparing


def rows_of(texts: list[str]) -> pl.DataFrame:
    return pl.DataFrame(
        {"pair": [0] * len(texts), "row": range(len(texts)), "text": texts, "tailed": [False] * len(texts)},
        schema_overrides={"pair": pl.UInt32, "row": pl.UInt32},
    )


def printed(foot: str) -> list[Row]:
    """A chat with a page's foot below every tenth text."""
    rows = chat()
    return said(rows, {i: f"{rows[i]['text']}\n\n{foot.format(n=i // 10 + 1)}" for i in range(9, 40, 10)})


@pytest.mark.parametrize("foot", ["第 {n} 页 / 共 4 页", "第{n}页", "- Page {n} of 4 -"])
def test_feet_of_pages_below_texts_are_a_difference_of_form(foot: str) -> Comparing:
    found = (yield chat(), printed(foot)).alignment
    assert found["relation"].cast(pl.String).unique().to_list() == ["agreement"]
    assert found["cause"].cast(pl.String).value_counts().sort("count").rows() == [("form", 4), (None, 36)]


def test_a_page_that_ends_amid_a_text_leaves_the_text_whole() -> None:
    pages = without_page_numbers(rows_of([f"上半{n}\n第 {n} 页 共 3 页\n下半" for n in (1, 2, 3)]))
    assert pages["text"].to_list() == [f"上半{n}\n下半" for n in (1, 2, 3)]


@pytest.mark.parametrize(
    "texts",
    [
        [f"第 {n} 页" for n in (1, 2, 3)],  # Each is a message of its own.
        ["看合同\n第 3 页", "还有\n第 1 页", "以及\n第 7 页"],
        ["看合同\n第 3 页", "还有\n第 4 页"],
        ["看合同\n第 1 页 共 2 页", "还有\n第 2 页 共 5 页", "以及\n第 3 页 共 2 页"],
    ],
)
def test_pages_that_a_person_names_stay(texts: list[str]) -> None:
    assert without_page_numbers(rows_of(texts))["text"].to_list() == texts


def test_a_message_altered_above_a_foot_is_a_conflict() -> Comparing:
    rows = printed("第 {n} 页 共 4 页")
    right = said(rows, {19: rows[19]["text"].replace("68件", "86件")})
    assert state_of((yield chat(), right), chat()[19]["text"], "left")[0] == "conflict"
