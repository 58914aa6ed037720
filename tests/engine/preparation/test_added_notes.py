"""Notes that a lawyer wrote below messages are no words of the chat."""

import pytest

from tests.build.chats import chat, relations_in, said
from tests.build.together import Comparing


@pytest.mark.parametrize(
    "note", ["\n\n【律师注：此处被告确认欠款金额】", "\n（代理人注：见证据五）", "\n【批注】重點", "\n[Lawyer's note: see exhibit 5]"]
)  # fmt: skip
def test_a_note_below_one_message_is_a_difference_of_form(note: str) -> Comparing:
    found = yield chat(), said(chat(), {9: chat()[9]["text"] + note})
    assert found.alignment["relation"].cast(str).unique().to_list() == ["agreement"]
    assert found.alignment["cause"].cast(str).drop_nulls().to_list() == ["form"]


def test_words_above_a_note_are_compared() -> Comparing:
    rows = said(chat(), {9: "还欠你5万元，下个月还"})
    noted = said(chat(), {9: "还欠你8万元，下个月还\n【律师注：此处被告确认】"})
    assert relations_in((yield rows, noted)) == {"agreement", "conflict"}


@pytest.mark.parametrize("line", ["\n（注：不含税）", "\n【备注】借款", "\n（我的意思是月底）"])
def test_a_line_that_the_author_may_have_written_himself_is_no_note(line: str) -> Comparing:
    found = yield chat(), said(chat(), {9: chat()[9]["text"] + line})
    assert "form" not in found.alignment["cause"].cast(str).to_list()


def test_notes_that_both_sides_hold_are_words() -> Comparing:
    rows = said(chat(), {9: "看合同\n【批注】金额5万", 19: "再看\n【批注】没问题"})
    assert relations_in((yield rows, said(rows, {9: "看合同\n【批注】金额8万"}))) == {"agreement", "conflict"}


def test_the_remark_that_words_were_edited_is_no_part_of_them() -> Comparing:
    rows = said(chat(), {9: "还欠你5万元"})
    remarks = {3: "（已编辑）", 5: " (edited)", 9: "[已编辑]", 11: " (bearbeitet)"}
    found = yield rows, said(rows, {at: rows[at]["text"] + remark for at, remark in remarks.items()})
    assert found.alignment["relation"].cast(str).unique().to_list() == ["agreement"]
    assert found.alignment["cause"].cast(str).drop_nulls().to_list() == ["form"] * 4


@pytest.mark.parametrize("words", ["还欠你8万元（已编辑）", "还欠你5万元（请编辑）", "还欠你5万元（已还）"])
def test_words_that_differ_beside_such_a_remark_are_compared(words: str) -> Comparing:
    rows = said(chat(), {9: "还欠你5万元"})
    found = yield rows, said(rows, {9: words})
    assert relations_in(found) != {"agreement"}
