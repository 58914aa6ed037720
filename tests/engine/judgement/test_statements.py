"""Rows that leave out what other rows of their export state."""

from datetime import timedelta

import polars as pl
import pytest

from reconcile.intake.contract import ExportFacts, FormLimits, Reading
from reconcile.intake.frames import messages_of, reading_of
from reconcile.vocabulary import Kind
from tests.build.chats import PEOPLE, START, Row, chat, held_direct
from tests.build.together import Comparing

NO_LIMITS = FormLimits()


def without_times(rows: list[Row], gone: range, precision: str = "none", limits: FormLimits = NO_LIMITS) -> Reading:
    """The second party's export, in which these rows show no time, or only a day."""
    told = [
        {
            "conversation": "chat", "conversation_kind": "direct", "text": r["text"], "kind": r.get("kind", "text"),
            "sender": PEOPLE[r["who"]], "is_self": r["who"] == 1, "zone_source": "explicit",
            "sent_at": None if i in gone and precision == "none" else START + timedelta(seconds=r["at"]),
            "time_precision": precision if i in gone else "second",
        }
        for i, r in enumerate(rows)
    ]  # fmt: skip
    return reading_of(ExportFacts("message_table", limits=limits), messages_of(told))


@pytest.mark.parametrize("precision", ["none", "day"])
@pytest.mark.parametrize("gone", [range(14, 22), range(4, 36)])
def test_a_stretch_without_times_among_rows_with_times_is_not_stated(gone: range, precision: str) -> Comparing:
    rows = chat()
    found = yield held_direct(rows, 0), without_times(rows, gone, precision)
    assert found.alignment.filter(pl.col("cause") == "not_stated").height == len(gone)
    assert "content_not_stated" in found.verdicts["reasons"][0]


def test_an_export_that_states_no_times_at_all_leaves_none_out() -> Comparing:
    rows = chat()
    found = yield held_direct(rows, 0), without_times(rows, range(40))
    assert found.alignment["cause"].null_count() == 40


def test_kinds_that_a_form_writes_without_time_leave_none_out() -> Comparing:
    rows = [r | {"kind": "quote"} if i in (9, 21, 30) else r for i, r in enumerate(chat())]
    limits = FormLimits(unplaced_kinds=frozenset({Kind.QUOTE}))
    found = yield held_direct(rows, 0), without_times(rows, range(21, 22), limits=limits)
    assert "content_not_stated" not in found.verdicts["reasons"][0]


@pytest.mark.parametrize("shown", ["红包", "[红包] 恭喜发财，大吉大利"])
def test_the_bare_name_of_a_kind_in_an_export_without_kinds_leaves_nothing_out(shown: str) -> Comparing:
    rows = [*chat(20), {"at": 1205, "who": 0, "text": shown, "kind": "red_packet"}, *chat(40)[21:]]
    plain = [r | {"text": "红包", "kind": "text"} if r.get("kind") else r for r in rows]
    found = yield held_direct(rows, 0), held_direct(plain, 1)
    assert "content_not_stated" not in found.verdicts["reasons"][0]
    assert set(found.alignment["relation"].cast(pl.String)) == {"agreement"}


@pytest.mark.parametrize(
    ("also", "reason"), [("[转账]", False), ("[转账]￥700.00", True)], ids=["of all", "of one of two"]
)
def test_labels_of_payments_in_a_form_that_cannot_write_payments_leave_sums_out_where_another_row_states_one(
    also: str, reason: bool
) -> Comparing:
    paid = {9: "[转账]￥500.00", 21: "[转账]￥700.00"}
    rows = [r | {"text": paid[i], "kind": "transfer"} if i in paid else r for i, r in enumerate(chat())]
    shown = [r | {"text": {9: "[转账]", 21: also}.get(i, r["text"])} for i, r in enumerate(rows)]
    limits = FormLimits(kinds_absent=frozenset({Kind.TRANSFER}), is_of_known_make=True)
    found = yield held_direct(rows, 0), held_direct(shown, 1, limits=limits)
    assert ("content_not_stated" in found.verdicts["reasons"][0]) == reason


@pytest.mark.parametrize(("words", "selective"), [("[呲牙]", False), ("同意", True)])
@pytest.mark.parametrize("swapped", [False, True])
def test_a_reply_of_emoji_that_the_other_form_calls_by_one_name_leaves_nothing_out(
    words: str, *, selective: bool, swapped: bool
) -> Comparing:
    rows = chat()
    quoted = {i: f"\n引用：甲: {rows[i - 3]['text']}" for i in (9, 17, 25)}
    whole = [
        r | {"text": (words if i == 17 else f"好的第{i}件") + quoted[i], "kind": "quote"} if i in quoted else r
        for i, r in enumerate(rows)
    ]
    shown = [r | {"text": "[表情]" + quoted[17]} if i == 17 else r for i, r in enumerate(whole)]
    sides = (shown, whole) if swapped else (whole, shown)
    found = yield held_direct(sides[0], 0), held_direct(sides[1], 1)
    assert (found.verdicts["grade"][0] == "cannot_determine") is selective


def test_a_body_that_its_form_cuts_before_the_words_leaves_nothing_out() -> Comparing:
    rows = [r | {"kind": "quote"} if i in (9, 21, 30) else r for i, r in enumerate(chat())]
    held = held_direct(rows, 1)
    cut = pl.col("row") == 21
    messages = held.messages.with_columns(
        pl.when(cut).then(pl.lit("")).otherwise("text").alias("text"),
        pl.when(cut).then(pl.lit("truncated")).cast(held.messages.schema["text_quality"]).alias("text_quality"),
    )
    for marks, is_told in ((False, True), (True, False)):
        facts = ExportFacts("message_table", limits=FormLimits(text_cut_at=200, marks_cuts=marks))
        found = yield held_direct(rows, 0), reading_of(facts, messages_of(messages))
        assert ("content_not_stated" in found.verdicts["reasons"][0]) == is_told


@pytest.mark.parametrize(("shown", "kind"), [("[不支持的消息类型]", "other"), ("[链接] 群公告", "link")])
def test_an_announcement_that_one_tool_cannot_write_is_not_left_out_selectively(shown: str, kind: str) -> Comparing:
    said = {12: "@所有人\n下个月涨到6300，不接受就搬", 30: "[链接] 对账单"}
    rows = [
        r | ({"text": said[i], "kind": ("text", "link")[i == 30]} if i in said else {}) for i, r in enumerate(chat())
    ]
    bare = [r | ({"text": shown, "kind": kind} if i == 12 else {}) for i, r in enumerate(rows)]
    found = yield held_direct(rows, 0), held_direct(bare, 1)
    assert "content_not_stated" not in found.verdicts["reasons"][0]
    assert set(found.alignment["relation"].cast(pl.String)) == {"agreement"}


def test_an_announcement_not_shown_where_another_one_is_was_left_out_selectively() -> Comparing:
    said = {12: "@所有人\n下个月涨到6300，不接受就搬", 25: "@所有人\n明天停水，请提前接好"}
    rows = [r | ({"text": said[i]} if i in said else {}) for i, r in enumerate(chat())]
    bare = [r | ({"text": "[不支持的消息类型]", "kind": "other"} if i == 12 else {}) for i, r in enumerate(rows)]
    found = yield held_direct(rows, 0), held_direct(bare, 1)
    assert "content_not_stated" in found.verdicts["reasons"][0]


@pytest.mark.parametrize(("shown", "other"), [("", "[拍一拍]"), ("[拍一拍]", "我拍了拍“乙”"), ("", "我拍了拍“乙”")])
@pytest.mark.parametrize("words_elsewhere", [False, True])
def test_a_notice_is_not_compared_with_a_form_that_shows_no_words_of_its_kind(
    shown: str, other: str, *, words_elsewhere: bool
) -> Comparing:
    ids = [str(6 * 10**18 + i * 2_654_435_761 % 2**32 * 10**8) for i in range(40)]
    rows = [r | {"id": n} for r, n in zip(chat(), ids, strict=True)]
    pat = {"who": None, "kind": "system"}
    left = [r | (pat | {"text": shown} if i == 20 else {}) for i, r in enumerate(rows)]
    right = [r | (pat | {"text": other} if i == 20 else {}) for i, r in enumerate(rows)]
    if words_elsewhere:
        both = pat | {"text": "“乙”拍了拍“甲”"}
        left, right = ([r | (both if i == 30 else {}) for i, r in enumerate(side)] for side in (left, right))
    found = yield held_direct(left, 0), held_direct(right, 1)
    is_selective = words_elsewhere and "拍了拍" in other
    assert set(found.alignment["relation"].cast(pl.String)) == {"agreement", *(["doubtful"] if is_selective else [])}
