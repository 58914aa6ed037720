"""Columns beside the sender: an account whose name changes, and words beside their translation."""

import polars as pl
import pytest

from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.scores import infer
from reconcile.intake.tables.cells import ROW

_WORDS = ("你好", "明天见", "合同发你了", "多少钱", "再便宜点", "订金已付", "发票呢", "在路上了")


def table(account: str, name: str, text: str) -> Fields:
    """A chat of two, one of whom changes the name that is shown."""
    rows = [
        {
            ROW: str(i),
            "SentAt": f"2024-03-{1 + i // 8:02} {9 + i % 8:02}:07:05",
            account: ("wxid_aj2vlujsgdnb4y", "wxid_jreu3lwsg3m2im")[i % 3 % 2],
            name: ("何洁", "装修队长" if i < 30 else "房东周")[i % 3 % 2],
            text: f"{_WORDS[i % 8]}{i}",
            "Translation": f"（译）{_WORDS[i % 7]}{i}",
        }
        for i in range(60)
    ]
    return Fields(pl.DataFrame(rows), "表.csv", "")


@pytest.mark.parametrize("account", ["发送方微信号", "发送者账号", "sender_wxid"])
def test_an_account_under_several_names_is_the_sender_and_the_name_its_own(account: str) -> None:
    found = infer(table(account, "发送方", "内容"))
    assert found.choices["sender"].column == account
    assert found.choices["sender_name"].column == "发送方"


@pytest.mark.parametrize("text", ["Original text", "原文"])
def test_the_original_is_the_text_and_not_its_translation(text: str) -> None:
    found = infer(table("发送者账号", "发送方", text))
    assert found.choices["text"].column == text
    assert "text" not in found.doubts


@pytest.mark.parametrize("names", [("dana", "lea"), ("dana_1990", "lea_82")])
def test_a_user_name_beside_the_number_of_a_user_is_the_name_that_is_shown(names: tuple[str, str]) -> None:
    rows = [
        {
            ROW: str(i),
            "date": f"2024-03-{1 + i // 8:02}T{9 + i % 8:02}:07:05Z",
            "userID": ("1178", "1715")[i % 3 % 2],
            "username": names[i % 3 % 2],
            "text": f"word {i} of many",
        }
        for i in range(20)
    ]
    found = infer(Fields(pl.DataFrame(rows), "a.json", ""))
    assert (found.choices["sender"].column, found.choices["sender_name"].column) == ("userID", "username")
