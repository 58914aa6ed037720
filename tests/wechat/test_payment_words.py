"""What the words of a payment's state mean, in a column and in one text."""

import re

import polars as pl
import pytest

from reconcile.wechat.kinds import kind_from_text
from reconcile.wechat.payment_words import DONE, FATE, NOTED_FATE, payment_state, payment_state_of

STATES = [
    ("已收款", "received"), ("对方已接收", "received"), ("已被接收", "received"), ("待收款", "sent"), ("请确认收款", "sent"), ("发起转账", "sent"),
    ("已退还", "returned"), ("被退回", "returned"), ("已过期", "expired"), ("Accepted", "received"), ("货款", None),
]  # fmt: skip


@pytest.mark.parametrize(("words", "state"), STATES)
def test_words_name_a_state_alike_in_a_column_and_in_a_text(words: str, state: str | None) -> None:
    assert payment_state_of(words) == state
    assert pl.select(payment_state(pl.lit(words))).item() == state


@pytest.mark.parametrize("verb", ["收款", "收钱", "接收", "领取", "退还", "退回", "退款"])
def test_every_verb_of_a_fate_is_known_to_marks_to_notes_and_around_sums(verb: str) -> None:
    for pattern, words in ((FATE, f"已{verb}"), (NOTED_FATE, f"已被{verb}"), (DONE, f"对方已{verb}了")):
        assert re.fullmatch(pattern, words)


@pytest.mark.parametrize("asked", ["请收款", "待收款", "未领取"])
def test_who_asks_for_a_payment_does_not_note_one(asked: str) -> None:
    assert re.fullmatch(NOTED_FATE, asked) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("转账￥5000.00", "transfer"), ("已收款￥1,200.00 货款", "transfer"), ("已收款 ￥1,200.00 货款", None), ("微信转账：¥30.50", "transfer"), ("转账￥5000", None),
        ("已收款，谢谢", None), ("收款码发你了", None),
    ],
)  # fmt: skip
def test_a_name_or_state_right_before_a_sum_with_cents_is_a_payment(text: str, kind: str | None) -> None:
    assert pl.select(kind_from_text(pl.lit(text))).item() == kind
