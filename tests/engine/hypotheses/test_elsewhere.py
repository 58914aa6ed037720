"""Records whose words the other export holds, but elsewhere."""

from dataclasses import replace

import polars as pl
import pytest

from reconcile.frames import Messages
from tests.build.chats import chat, drawn_chat, held_direct, relations_of_unpaired, said, short_row, state_of
from tests.build.together import Asking, Comparing

NOTICE = "【通知】因小区供水管网检修，定于后天上午停水\n联系电话13736381130\n物业服务中心"


def _beside(cell: str, first: str, notice: str = NOTICE) -> Asking[str]:
    """What is said of a notice where the other export has `cell` for it and the messages before."""
    rows = drawn_chat()
    said = [(18, first, "text"), (3, "录屏.mp4", "file"), (0, notice, "text")]
    new = [{"at": int(str(rows[20]["at"])) + 25 - n, "who": 1, "text": text, "kind": kind} for n, text, kind in said]
    later = [r | {"at": int(str(r["at"])) + 60} for r in rows[21:]]
    whole = [*rows[:21], *new, *later]
    return relations_of_unpaired((yield whole, [*rows[:21], new[0] | {"text": cell}, *later]))[notice]


def test_words_on_a_line_of_another_cell_that_its_writer_cut_are_in_doubt() -> Comparing:
    assert (yield from _beside(f"定金打到尾号6704的卡上\n{NOTICE[:30]}……", "定金打到尾号6704的卡上")) == "doubtful"


def test_a_short_message_that_is_a_line_of_another_cell_is_in_doubt() -> Comparing:
    cell = f"定金打到尾号6704的卡上\n在吗\n{NOTICE[:30]}……"
    assert (yield from _beside(cell, "定金打到尾号6704的卡上", "在吗")) == "doubtful"


def test_words_on_a_line_of_a_message_that_both_hold_are_missing_where_only_one_has_them_again() -> Comparing:
    both = f"转发：\n{NOTICE}"
    assert (yield from _beside(both, both)) == "one_sided"


@pytest.mark.parametrize(("behind", "relation"), [("这个月底以前付清", "doubtful"), ("以后再说吧", "one_sided")])
def test_words_that_stand_whole_in_the_altered_text_of_a_neighbour_are_in_doubt(
    behind: str, relation: str
) -> Comparing:
    rows = said(chat(), {21: "这个月底以前付清。"})
    longer = rows[20] | {"text": f"{rows[20]['text']}。{behind}"}
    found = yield rows, [*rows[:20], longer, *rows[22:]]
    assert state_of(found, rows[21]["text"], "left")[0] == relation


def test_a_word_that_replaced_another_one_in_a_neighbour_is_missing_as_a_message() -> Comparing:
    rows = said(chat(), {20: "费仑多夫那边下周会派人来看现场，请大家准备好资料", 21: "费仑多芬"})
    other = rows[20] | {"text": "费仑多芬 那边下周会派人来看现场，请大家准备好资料"}
    found = yield rows, [*rows[:20], other, *rows[22:]]
    assert state_of(found, "费仑多芬", "left")[0] == "one_sided"


def test_words_that_stand_in_the_senders_message_before_are_in_doubt_also_over_a_word_of_somebody_else() -> Comparing:
    rows = said(chat(), {21: "等等", 22: "这个月底以前付清"})
    longer = rows[20] | {"text": f"{rows[20]['text']}。这个月底以前付清，好吧"}
    found = yield rows, [*rows[:20], longer, rows[21], *rows[23:]]
    assert state_of(found, rows[22]["text"], "left")[0] == "doubtful"


def test_a_sentence_that_stands_in_an_unmatched_message_of_its_moment_is_in_doubt() -> Comparing:
    rows = said(chat(), {20: "嗯", 21: "收到五箱都在这里"})
    other = short_row(1220, 0, "昨天量的尺寸全不对，重新量完再报价。收到五箱都在这里，回头签单")
    found = yield rows, [*rows[:20], other, *rows[22:]]
    assert state_of(found, rows[21]["text"], "left")[0] == "doubtful"


@pytest.mark.parametrize(
    ("said_there", "accused"), [("请大家把上个月的帐单带来核对", False), ("请财务小王明天一早去银行取现", True)]
)
def test_a_message_that_one_side_joins_to_a_short_one_in_another_spelling_is_no_accusation(
    said_there: str, *, accused: bool
) -> Comparing:
    rows = said(chat(), {20: "收到", 21: "请大家把上个月的账单带来核对一下，谢谢"}, who=0)
    joined = rows[20] | {"text": f"收到。{said_there}一下，谢谢"}
    found = yield rows, [*rows[:20], joined, *rows[22:]]
    told = {state_of(found, rows[i]["text"], "left")[0] for i in (20, 21)}
    assert (told == {"doubtful"}) is not accused


def test_a_sentence_that_stands_in_a_longer_copy_of_an_earlier_row_is_in_doubt_however_long_ago_that_was() -> Comparing:
    sentence = "定金已经打到尾号六七零四的卡上了请查收"
    rows = said(drawn_chat(), {30: sentence})
    folded = rows[5] | {"text": f"{rows[5]['text']}\nb'2024-03-02 09:10:11 王五: {sentence}"}
    copy = [folded if i == 5 else r for i, r in enumerate(rows) if i not in (30, 33)]
    told = relations_of_unpaired((yield rows, copy))
    assert (told[sentence], told[str(rows[33]["text"])]) == ("doubtful", "one_sided")


@pytest.mark.parametrize(("held", "relation"), [(range(30, 50), "doubtful"), (range(30, 32), "one_sided")])
def test_nothing_in_the_span_of_a_chat_without_a_counterpart_that_holds_three_of_its_texts_is_missing(
    held: range, relation: str
) -> Comparing:
    rows = [r | ({"text": "好的"} if i == 31 else {}) for i, r in enumerate(drawn_chat(80))]
    part = held_direct([r | {"who": None} for i, r in enumerate(rows) if i in held and i != 31], 0)
    rest = held_direct([r for i, r in enumerate(rows) if i not in held], 0)
    other = part.messages.with_columns(pl.lit("3").alias("conversation"))
    both = pl.concat([rest.messages, other]).with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"))
    found = yield replace(rest, messages=Messages.cast(both)), held_direct(rows, 1)
    assert state_of(found, "好的", "right")[0] == relation
