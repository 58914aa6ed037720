"""A searched amount is found in every spelling, and never within a longer number."""

from decimal import Decimal

import polars as pl
import pytest

from reconcile.review.view import amount_of, amount_pattern
from reconcile.wechat.text import numbers_in

SPELLINGS = ["80000", "80,000", "8万", "8w", "8.0万", "八万", "捌万元整", "８万", "80000.00", "¥80000元", "80千"]


@pytest.mark.parametrize("query", ["8万", "80000", "80,000", "八万", "捌萬元", "¥80000"])
def test_a_number_asked_for_in_any_spelling_is_one_number(query: str) -> None:
    assert amount_of(query) == 80_000


@pytest.mark.parametrize("query", ["借款", "8万吧", "", "0", "一起", "1" * 30])
def test_words_are_no_number(query: str) -> None:
    assert amount_of(query) is None


def test_a_number_is_found_in_every_spelling_within_a_sentence() -> None:
    texts = pl.Series([f"大概{spelling}，三个月还" for spelling in SPELLINGS])
    assert texts.str.contains(amount_pattern(Decimal(80_000))).all()


@pytest.mark.parametrize(
    "text", ["180000", "80000.5", "800000", "80,0001", "8万5", "十八万", "八万五千", "8.5万", "2.80000", "8千"]
)
def test_a_longer_number_is_another_one(text: str) -> None:
    assert not pl.Series([f"付{text}元"]).str.contains(amount_pattern(Decimal(80_000))).any()


@pytest.mark.parametrize(
    "written",
    ["一万二千五百", "一万零五十", "十五", "二十", "一亿零三万", "三千零二", "壹拾万零叁佰", "两百", "1.25万", "12.5"],
)
def test_what_the_program_reads_as_a_number_is_found_as_it_is_written(written: str) -> None:
    [value] = numbers_in(written)
    assert pl.Series([f"共{written}元"]).str.contains(amount_pattern(value)).all()
