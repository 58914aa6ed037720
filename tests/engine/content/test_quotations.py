"""A reply apart from the words that it quotes, in the spellings of several tools."""

import polars as pl
import pytest

from reconcile.engine.content.quotations import in_one_line, parted, reply_of, without_quote
from reconcile.wechat.text import canonical

ANNOUNCED = "这是一条引用/回复消息：\n"


@pytest.mark.parametrize(
    "text",
    [
        f'{ANNOUNCED}"客服小美：\n课程有效期至10月21号。"\n------\n嗯嗯',
        f"{ANNOUNCED}“客服小美：\n课程有效期至10月21号。”\n------\n嗯嗯",
        '"客服小美：\n课程有效期至10月21号。"\n------\n嗯嗯',
        "「客服小美：课程有效期至10月21号。」\n- - - - - - - -\n嗯嗯",
    ],
)
def test_a_line_of_dashes_parts_quoted_words_and_reply(text: str) -> None:
    assert parted(canonical(text)) == ("嗯嗯", "课程有效期至10月21号。")
    assert reply_of(text) == "嗯嗯"
    assert pl.select(without_quote(pl.lit(text))).item() == "嗯嗯"


@pytest.mark.parametrize("text", ["课程有效期\n------\n嗯嗯", "我说：\n课程有效期\n------\n嗯嗯", '他说"好：的"\n嗯嗯'])
def test_words_that_stand_in_no_quotation_marks_are_the_senders_own(text: str) -> None:
    assert parted(canonical(text)) == (canonical(text), None)
    assert reply_of(text) == text


def test_quoted_words_may_hold_quotation_marks() -> None:
    text = f'{ANNOUNCED}"客服小美：\n您的"课程"有效"\n------\n嗯嗯'
    assert parted(canonical(text)) == ("嗯嗯", '您的"课程"有效')


@pytest.mark.parametrize(
    "line",
    [
        "不对吧 引用 周海：3000[微笑]",
        "不对吧[引用 周海：3000[微笑]]",
        "引用 周海：「3000[微笑]」 不对吧",
        "不对吧 回复：周海：3000[微笑]",
    ],
)
def test_a_reply_and_what_it_quotes_may_stand_in_one_line(line: str) -> None:
    assert in_one_line(canonical(line), "不对吧", canonical("3000[微笑]"))


@pytest.mark.parametrize(
    "line",
    [
        "不对吧 引用 周海：2000[微笑]",
        "对吧 引用 周海：3000[微笑]",
        "不对吧，我还了 引用 周海：3000[微笑]",
        "不对吧 周海：3000[微笑]",
    ],
)
def test_a_line_with_other_words_or_without_a_mark_is_not_that_reply(line: str) -> None:
    assert not in_one_line(canonical(line), "不对吧", canonical("3000[微笑]"))


def test_the_words_behind_an_arrow_below_a_reply_are_quoted() -> None:
    assert parted(canonical("[引用] 这个再确认一下\n  ↳ 海阔天空: 3000")) == ("这个再确认一下", "3000")


@pytest.mark.parametrize(
    "text",
    [
        "「周海：3000」\n这个再确认一下",
        "这个再确认一下\n引用 周海：3000",
        "「周海：3000」\n- - - - - -\n这个再确认一下",
    ],
)
def test_a_quote_typed_without_dashes_is_no_word_of_the_reply(text: str) -> None:
    assert parted(canonical(text)) == ("这个再确认一下", "3000")
    assert reply_of(text) == "这个再确认一下"
    assert pl.select(without_quote(pl.lit(text))).item() == "这个再确认一下"


def test_quoted_words_may_stand_in_a_named_field_behind_the_reply() -> None:
    assert parted("好的，收到 引用=张三: 三月份工资还没发") == ("好的，收到", "三月份工资还没发")
    assert reply_of("好的，收到 引用=张三: 三月份工资还没发") == "好的，收到"


@pytest.mark.parametrize(
    "text",
    [
        "回复“保修两年”：行",
        "引用周海“保修两年”：行",
        "（引用“保修两年”）行",
        "行【回复周海：保修两年】",
        "行\n（回复“保修两年”）",
        "[回复“保修两年”]行",
    ],
)
def test_quoted_words_may_stand_in_quotation_marks_or_other_brackets(text: str) -> None:
    assert parted(canonical(text)) == ("行", "保修两年")


def test_a_colon_among_words_in_quotation_marks_ends_no_name() -> None:
    assert parted(canonical("行\n（回复“地址：南站38号…”）")) == ("行", canonical("地址：南站38号…"))


@pytest.mark.parametrize("text", ["我回复“好的”：他没回", "他引用“条款”说不行", "回复你说的“好”，我同意"])
def test_a_sentence_about_an_answer_quotes_nothing(text: str) -> None:
    assert parted(canonical(text)) == (canonical(text), None)
