"""Replies that quote other messages, in whatever form a tool writes them."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from reconcile import compare
from reconcile.case import read
from reconcile.frames import Messages
from reconcile.intake.contract import FormLimits
from reconcile.intake.frames import messages_of
from reconcile.vocabulary import Kind
from tests.build.chats import (
    LINED,
    Row,
    chat,
    counts,
    held,
    held_direct,
    relations_in,
    said,
    short_row,
    state_of,
)
from tests.build.together import Comparing

PYWXDUMP_HEAD = "localId,TalkerId,Type,SubType,IsSender,CreateTime,Status,StrContent,StrTime,Remark,NickName,Sender\n"

WRITERS = ("wxid_jia0001", "wxid_yi0002")

FIRST_SECOND = 1_709_254_805

REPLY, MISSING = 12, 13


def sides(folder: Path, *, kinds: bool) -> tuple[Path, Path]:
    """Forty rows; the reply has no words on the left, and the row behind it is missing on the right."""
    ours, theirs = [PYWXDUMP_HEAD], ["sent_at,text,sender,is_self,kind\n"]
    for n in range(40):
        who, at = WRITERS[n % 3 == 0 if n not in (REPLY, MISSING) else 0], FIRST_SECOND + 60 * n - 50 * (n == MISSING)
        day = f"2024-03-01 {9 + (n * 60 + 5) // 3600:02d}:{n * 60 // 60 % 60:02d}:05"
        words = f"第{n}批货的图纸和发票都已经送到"
        body = "49,57" if n == REPLY else "1,0"
        ours.append(
            f"{n + 1},2,{body},{int(who == WRITERS[1])},{at},0,{'' if n == REPLY else words},{day},甲,甲,{who}\n"
        )
        if n != MISSING:
            kind = "quote" if n == REPLY and kinds else "text"
            theirs.append(
                f"{pl.select(pl.from_epoch(pl.lit(at + 28_800))).item():%Y-%m-%d %H:%M:%S},{words},{who},{str(who == WRITERS[0]).lower()},{kind}\n"
            )
    (folder / "甲_utf8.csv").write_text("".join(ours), "utf-8-sig")
    (folder / "b.csv").write_text("".join(theirs), "utf-8")
    return folder / "甲_utf8.csv", folder / "b.csv"


def test_a_short_reply_shown_without_time_and_sender_meets_the_one_that_shows_in_words_what_it_quotes() -> Comparing:
    rows = chat()
    left = [*rows[:20], short_row(1170, 1, "早\n引用：王甲: " + rows[10]["text"]), *rows[20:]]
    other = [*rows[:20], short_row(1170, 1, "早", "quote"), *rows[20:]]
    reading = held_direct(other, 1)
    bare = pl.col("text") == "早"
    without = [pl.when(~bare).then(c).alias(c) for c in ("sent_at", "sender", "is_self")]
    untimed = replace(reading, messages=Messages.cast(reading.messages.with_columns(without)))
    assert relations_in((yield held_direct(left, 0), untimed)) == {"agreement"}


def test_a_reply_without_time_is_not_taken_for_the_same_words_sent_shortly_before_it() -> Comparing:
    rows = chat()
    words, reply = short_row(1145, 1, "大家注意时间"), short_row(1170, 1, "大家注意时间", "quote")
    reading = held_direct([*rows[:20], words, reply, *rows[20:]], 0)
    bare = pl.col("kind").cast(pl.String) == "quote"
    without = [pl.when(~bare).then(c).alias(c) for c in ("sent_at", "sender", "is_self")]
    untimed = replace(reading, messages=Messages.cast(reading.messages.with_columns(without)))
    late = held_direct([*rows[:20], words | {"at": 1195}, rows[20], reply | {"at": 1240}, *rows[21:]], 1)
    met = (yield untimed, late).alignment.filter(pl.col("left_row").is_in([20, 21])).sort("left_row")
    assert met["right_row"].to_list() == [20, 22]


@pytest.mark.parametrize("kinds", [True, False], ids=["the other form names replies", "it does not"])
def test_wordless_reply_meets_the_reply_and_the_missing_neighbour_is_missing(tmp_path: Path, kinds: bool) -> None:
    left, right = sides(tmp_path, kinds=kinds)
    found = compare(read(left), read(right)).alignment
    apart = found.filter(pl.col("relation").cast(pl.String) != "agreement").select("left_row", "right_row")
    assert apart.rows() == [(MISSING, None)]
    assert found.filter(pl.col("left_row") == REPLY)["right_row"].to_list() == [REPLY]


@pytest.mark.parametrize(("merged", "found"), [({Kind.QUOTE: Kind.TEXT}, "agreement"), ({}, "doubtful")])
def test_a_reply_lacks_no_quotation_where_its_form_writes_replies_like_words(
    merged: dict[Kind, Kind], found: str
) -> Comparing:
    bare = held(said(chat(), {20: "在高架这边"}), 0, limits=FormLimits(kinds_merged=merged))
    quoting = held(said(chat(), {20: "「王甲：第3批水泥20件已经送到3号楼了」\n- - - - - -\n在高架这边"}), 1)
    assert state_of((yield bare, quoting), "在高架这边", "left")[0] == found


def test_a_quote_that_the_other_form_may_show_without_time_is_in_doubt() -> Comparing:
    rows = chat()
    rows[20] = rows[20] | {"text": "这句话我说过", "kind": "quote"}
    bare = rows[20] | {"text": "完全是另外的几个字", "who": None}
    short = held([*rows[:20], *rows[21:], bare], 1, limits=FormLimits(unplaced_kinds=frozenset({Kind.QUOTE})))
    last = pl.col("row") == pl.col("row").max()
    frame = short.messages.with_columns(pl.when(last).then(None).otherwise("sent_at").alias("sent_at"))
    found = yield rows, replace(short, messages=messages_of(frame))
    assert state_of(found, "这句话我说过", "left")[0] == "doubtful"


@pytest.mark.parametrize("shown", ["王老板: {q}\n{t}", "{t} (引用: {q})", "[回复 王老板: {q}] {t}", "[引用]{t}"])
def test_a_reply_flattened_with_the_words_that_it_quotes_is_one_message(shown: str) -> Comparing:
    rows = chat()
    left = said(rows, {12: "这个数目不对"}, kind="quote")
    right = said(rows, {12: shown.format(q=rows[9]["text"], t="这个数目不对")})
    assert counts((yield left, right)) == {"agreement": 40}


def test_replies_shown_in_two_spellings_without_a_kind_meet_out_of_order() -> Comparing:
    rows = [r | {"at": r["at"] // 120 * 120} for r in chat()]
    left = said(rows, {12: "这个数目不对，一共差了两万多[引用 老王：知道了]"})
    right = said(rows, {12: "「王老板：知道了」\n- - - - -\n这个数目不对，一共差了两万多"})
    fewer = [r for i, r in enumerate(left) if i not in range(20, 34)]
    other = [*right[:12], right[13], right[12], *right[14:]]
    assert counts((yield fewer, other)) == {"agreement": 26, "one_sided": 14}


def test_words_that_nobody_said_before_a_reply_are_no_quotation() -> Comparing:
    left = said(chat(), {12: "这个数目不对"}, kind="quote")
    right = said(chat(), {12: "王老板: 我欠你三万\n这个数目不对"})
    assert counts((yield left, right)) == {"agreement": 39, "conflict": 1}


def test_a_tool_that_keeps_the_first_line_keeps_of_a_reply_what_it_quotes() -> Comparing:
    rows = said(LINED, {14: "「王老板：知道了」\n- - - - -\n这个数目不对"})
    assert counts((yield rows, [r | {"text": r["text"].split("\n")[0]} for r in rows])) == {"agreement": 40}


def test_a_quote_without_sender_and_time_meets_its_message_though_a_wrong_clock_mixes_the_order_of_a_file() -> (
    Comparing
):
    rows = said(chat(), {21: "知道了"})
    ours = [r | {"at": r["at"] + (240 if r["who"] == 0 else 0)} for r in rows]
    bare = held_direct(rows, 1, limits=FormLimits(unplaced_kinds=frozenset({Kind.QUOTE})))
    is_reply = pl.col("text") == "知道了"
    bare = replace(bare, messages=Messages.cast(bare.messages.with_columns(
        pl.when(~is_reply).then(c).alias(c) for c in ("sent_at", "sender", "is_self")
    ).with_columns(pl.when(is_reply).then(pl.lit("quote")).otherwise(pl.col("kind").cast(pl.String)).alias("kind"))))  # fmt: skip
    found = yield held_direct(sorted(ours, key=lambda r: r["at"]), 0), bare
    assert relations_in(found) == {"agreement"}
    assert "content_not_stated" not in found.verdicts["reasons"][0].to_list()


# A reply whose quotation the form keeps apart from its words: what the left side states there, and the right one.
REPLIES = {
    "other words": ({"quoted_text": "三万本金我认"}, {"quoted_text": "三千本金我认"}),
    "fewer words": ({"quoted_text": "空鼓可以返工，我们负责"}, {"quoted_text": "空鼓可以返工"}),
    "fewer words about a recalled message": ({"quoted_text": "他撤回了，手滑而已"}, {"quoted_text": "他撤回了，手滑"}),
    "another message": ({"reply_to": "7012136402866585609"}, {"reply_to": "7012136402866585604"}),
    "another author": ({"raw": '{"quoted_sender":"wxid_aaaaaaaa"}'}, {"raw": '{"quoted_sender":"wxid_bbbbbbbb"}'}),
    "other words behind a colon": (
        {"raw": '{"quoted_sender":"@老马 ok"}', "quoted_text": "八千"},
        {"quoted_text": "@老马 ok：九千"},
    ),
    "a masked number and another one": ({"quoted_text": "打130****6766"}, {"quoted_text": "打13012346767"}),
    "no quotation": ({"quoted_text": "三万本金我认"}, {"kind": "text"}),
}
SPELT = {
    "words that one form leaves out": ({"quoted_text": "三万本金我认"}, {}),
    "words cut with dots": ({"quoted_text": "空鼓可以返工，我们负责"}, {"quoted_text": "空鼓可以返工..."}),
    "a picture": ({"quoted_text": "[图片]"}, {"quoted_text": "[Image]"}),
    "words in full width": ({"quoted_text": "7月20号, 3000元"}, {"quoted_text": "７月２０号，３０００元"}),
    "letters without a piece that one form leaves out": ({"quoted_text": "ㅇㅇ"}, {}),
    "a sign that one side lost": ({"quoted_text": "👌[微笑]"}, {"quoted_text": "??[微笑]"}),
    "a number that one side masks": ({"quoted_text": "打130****6766"}, {"quoted_text": "打13012346766"}),
    "words with a colon, taken for an author": (
        {"raw": '{"quoted_sender":"@老马 ok"}', "quoted_text": "八千"},
        {"quoted_text": "@老马 ok：八千"},
    ),
    "an unknown name": ({"raw": '{"quoted_sender":"老王"}'}, {"raw": '{"quoted_sender":"wxid_bbbbbbbb"}'}),
}


def replying(told: tuple[dict[str, str], dict[str, str]]) -> tuple[list[Row], list[Row]]:
    """A chat in which the two sides show one equal reply in these two ways."""
    rows = [r | {"message_id": f"70121364028665856{i:02}"} for i, r in enumerate(chat(20))]
    reply = rows[12] | {"kind": "quote", "text": "记住你说的"}
    return [*rows[:12], reply | told[0], *rows[13:]], [*rows[:12], reply | told[1], *rows[13:]]


def test_other_words_than_those_of_the_quoted_message_that_both_hold_are_a_conflict() -> Comparing:
    quoted = chat(20)[3]["text"]
    told = ({"quoted_text": quoted}, {"quoted_text": quoted.replace("第3批", "第5批")})
    assert relations_in((yield replying(told))) == {"agreement", "conflict"}
    shown = ({"quoted_text": quoted}, {"quoted_text": "[链接]"})
    assert relations_in((yield replying(shown))) == {"agreement", "doubtful"}


@pytest.mark.parametrize("name", REPLIES)
def test_an_equal_reply_that_quotes_something_else_is_in_doubt(name: str) -> Comparing:
    assert relations_in((yield replying(REPLIES[name]))) == {"agreement", "doubtful"}


@pytest.mark.parametrize("name", SPELT)
def test_an_equal_reply_whose_quotation_is_shown_otherwise_is_one_message(name: str) -> Comparing:
    assert relations_in((yield replying(SPELT[name]))) == {"agreement"}


def test_one_reply_of_several_with_ids_that_quotes_other_words_is_a_conflict() -> Comparing:
    rows = [r | {"message_id": f"70121364028665856{i:02}"} for i, r in enumerate(chat(20))]
    for i in (6, 9, 12):
        rows[i] |= {"kind": "quote", "text": f"这是你的原话{i}", "quoted_text": rows[i - 1]["text"]}
    other = [*rows[:12], rows[12] | {"quoted_text": rows[3]["text"]}, *rows[13:]]
    found = yield rows, other
    assert found.verdicts["conflicts"].to_list() == [1]


LONG = "空鼓可以返工，我们负责到底，工期顺延七天，费用由我方承担，月底以前完成"


@pytest.mark.parametrize(("kept", "expected"), [(LONG, {"agreement"}), (LONG[:18], {"agreement", "doubtful"})])
def test_a_quotation_cut_short_is_in_doubt_where_its_side_shows_a_longer_one(
    kept: str, expected: set[str]
) -> Comparing:
    rows = [r | {"message_id": f"70121364028665856{i:02}"} for i, r in enumerate(chat(20))]
    rows[6] |= {"kind": "quote", "text": "记住你说的", "quoted_text": LONG}
    rows[12] |= {"kind": "quote", "text": "别忘了", "quoted_text": LONG}
    other = [*rows[:12], rows[12] | {"quoted_text": kept}, *rows[13:]]
    assert {*counts((yield rows, other))} == expected


@pytest.mark.parametrize("first", [LONG, LONG.replace("，", " ")])
def test_quotations_that_one_tool_cuts_at_one_length_are_one_message(first: str) -> Comparing:
    rows = [r | {"message_id": f"70121364028665856{i:02}"} for i, r in enumerate(chat(20))]
    for at, quoted in ((6, first), (9, "知道了"), (12, LONG[3:])):
        rows[at] |= {"kind": "quote", "text": f"记住你说的{at}", "quoted_text": quoted}
    cut = [r | {"quoted_text": r["quoted_text"][:20]} if "quoted_text" in r else r for r in rows]
    assert {*counts((yield rows, cut))} == {"agreement"}


def test_a_tool_that_quotes_first_lines_quotes_one_message() -> Comparing:
    rows = [r | {"message_id": f"70121364028665856{i:02}"} for i, r in enumerate(chat(20))]
    rows[6] |= {"kind": "quote", "text": "记住你说的", "quoted_text": LONG}
    rows[12] |= {"kind": "quote", "text": "别忘了", "quoted_text": f"{LONG[:18]}\n{LONG[18:]}"}
    other = [*rows[:12], rows[12] | {"quoted_text": LONG[:18]}, *rows[13:]]
    assert {*counts((yield rows, other))} == {"agreement"}
