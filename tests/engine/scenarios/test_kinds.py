"""Kinds that a form does not write, writes under another name, or shows without words."""

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from bench.quality import run_trial
from reconcile.frames import Messages
from reconcile.intake.contract import Filter, FormLimits
from reconcile.intake.frames import frame_of, messages_of, reading_of
from reconcile.vocabulary import Kind
from tests.build.chats import (
    Found,
    Row,
    chat,
    counts,
    grade_of,
    held,
    left_row,
    of_kinds,
    relations_in,
    said,
    state_of,
    with_body,
    without_kinds,
)
from tests.build.together import Comparing

BLANKED = [
    # Words of which a tool left nothing, beside a card that the other side shows by its kind alone.
    (({"at": 630, "text": "Dear:"}, {"at": 632, "text": "", "kind": "other"}), {"at": 630, "text": ""}),
    # A reply whose words one tool leaves out, beside a card of the same second that the other tool does not write.
    (({"at": 630, "text": "", "kind": "link"}, {"at": 630, "text": "", "kind": "quote"}), {"at": 630, "text": "按这个来", "kind": "quote"}),
]  # fmt: skip


def apart(left: dict[str, Any], right: dict[str, Any]) -> tuple[list[Row], list[Row]]:
    """A chat of two devices in which the two stand for each other, twenty seconds off and behind another neighbour."""
    rows = [r | {"at": r["at"] * 2} for r in of_kinds({3: "image", 30: "voice"})]
    mine, next_ = rows[12] | {"text": ""} | left, rows[13] | {"at": rows[12]["at"] + 10, "who": 0, "text": "嗯"}
    swapped = rows[12] | {"text": "", "at": rows[12]["at"] + 20} | right
    return [*rows[:12], mine, next_, *rows[14:]], [*rows[:12], next_, swapped, *rows[14:]]


def media(many: int = 40) -> list[Row]:
    kinds = {3: "image", 8: "voice", 13: "sticker", 18: "image", 23: "voice", 28: "sticker", 33: "video"}
    return [r | {"kind": kinds[i], "text": ""} if i in kinds else r for i, r in enumerate(chat(many))]


def paid(*, without: tuple[int, ...] = ()) -> list[Row]:
    """Three transfers, at 9, 19 and 29, each with its receipt in the next row."""
    rows = of_kinds(dict.fromkeys((9, 10, 19, 20, 29, 30), "transfer"), amount="5000.00")
    cards = {i: {"who": i % 2, "amount": f"{i // 10 + 1}000.00"} for i in (9, 19, 29)}
    cards |= {i + 1: card | {"who": 1 - card["who"]} for i, card in cards.items()}  # type: ignore[operator]
    return [r | cards.get(i, {}) for i, r in enumerate(rows) if i not in without]


def relation_of(found: Found, row: int, side: str = "left") -> str:
    return str(found.alignment.filter(pl.col(f"{side}_row") == row)["relation"][0])


def beside(other: Row) -> list[Row]:
    """The chat with this in the place of a sentence."""
    return [r | other if i == 12 else r for i, r in enumerate(chat())]


def test_two_tools_that_name_no_kind_may_leave_it_out_for_two_messages_of_neighbouring_seconds() -> Comparing:
    """One tool names no voices and the other no red packets."""
    at = chat()[12]["at"]
    voice, packet = {"at": at + 10, "who": 0, "text": "", "kind": "voice"}, {"at": at + 11, "who": 0, "text": "[红包]", "kind": "red_packet"}  # fmt: skip
    told = [
        [voice | {"kind": "other", "text": "[其他消息]"}, packet],
        [voice, packet | {"kind": "other", "text": "[不支持的消息类型]"}],
    ]
    left, right = (held([*chat()[:13], *shown, *chat()[13:]], owner) for owner, shown in enumerate(told))
    assert relations_in((yield left, right)) == {"agreement"}


def test_kinds_that_a_form_writes_under_another_meet() -> Comparing:
    rows = chat()
    rows[20] = rows[20] | {"text": "[视频]", "kind": "video"}
    other = [r | {"text": "[图片]", "kind": "image"} if i == 20 else r for i, r in enumerate(rows)]
    limits = FormLimits(kinds_merged={Kind.VIDEO: Kind.IMAGE})
    found = yield rows, held(other, 1, limits=limits)
    assert state_of(found, "[视频]", "left") == ("agreement", "form")


def test_what_a_form_writes_in_the_place_of_content_never_differs() -> Comparing:
    rows = chat()
    rows[20] = rows[20] | {"text": "[名片] 张师傅", "kind": "card"}
    other = [r | {"text": "[名片] 微信名片", "kind": "card"} if i == 20 else r for i, r in enumerate(rows)]
    silent = held(other, 1, limits=FormLimits(kinds_without_content=frozenset({Kind.CARD})))
    found = yield rows, replace(silent, facts=replace(silent.facts, reader="wxcli_json"))
    assert state_of(found, "[名片] 张师傅", "left") == ("agreement", "form")


@pytest.mark.parametrize(
    ("told", "fault", "seed"),
    [
        ("kinds of which the other copy holds none, most of them beyond its end", "sync gap", 140018),
        ("a payment beside a picture of its second", "delete by kind", 140003),
    ],
)
def test_rows_that_one_copy_lacks_are_missing_and_not_in_doubt(told: str, fault: str, seed: int) -> None:
    score = run_trial(fault, seed).score
    assert score.missing_found == score.missing > 0, told


def test_a_row_without_words_is_missed_by_nobody_where_the_other_side_shows_one_without_time_or_sender() -> Comparing:
    # One tool leaves replies blank, another prints them without their time and sender.
    rows = chat(people=3)
    blank = [r | {"kind": "other", "text": "", "who": None} if i in (9, 20) else r for i, r in enumerate(rows)]
    shown = held(
        [r | {"kind": "quote", "text": "收到", "who": None} if i == 20 else r for i, r in enumerate(rows) if i != 9], 1
    )
    untimed = pl.when(pl.col("kind").cast(pl.String) != "quote").then("sent_at").alias("sent_at")
    shown = replace(shown, messages=frame_of(Messages, shown.messages.with_columns(untimed)))
    lines = (yield held(blank, 0, is_room=True), shown).alignment
    told = lines.filter(pl.col("left_row").is_in([9, 20])).sort("left_row")["relation"].cast(pl.String).to_list()
    assert told == ["one_sided", "doubtful"]


APART: dict[str, tuple[dict[str, Any], dict[str, Any], int]] = {
    "voice": ({"kind": "voice"}, {"kind": "voice", "text": "[语音 3秒]"}, 0),
    "transfer": ({"kind": "transfer", "amount": "30.00"}, {"kind": "transfer", "text": "[转账]30.00"}, 0),
    "forward": ({"kind": "forward", "text": "[聊天记录]甲的聊天记录"}, {"text": "<< 甲\n...\n甲 结束 >>"}, 0),
    "red packet": ({"kind": "red_packet", "text": "[红包]"}, {"text": "[不支持的消息类型]"}, 0),
    "link": ({"kind": "link", "text": "[链接|政策解读](https://a.cn/x)"}, {"text": "政策解读 - 微信"}, 0),
    "two kinds": ({"kind": "voice"}, {"kind": "image"}, 2),
}


@pytest.mark.parametrize("name", APART)
def test_rows_of_one_kind_that_two_devices_show_a_little_apart_are_not_both_missing(name: str) -> Comparing:
    left, right, missing = APART[name]
    assert counts((yield apart(left, right))).get("one_sided", 0) == missing


@pytest.mark.parametrize(
    ("left", "right"), [("【链接】？", "？"), ("【语音通话】00:10", "[通话]"), ("[链接] 好文", "【链接】好文")]
)
def test_a_body_shown_with_and_without_its_kind_is_one_message(left: str, right: str) -> Comparing:
    assert grade_of((yield without_kinds(with_body(left), with_body(right)))) == "explained_differences"


def test_words_against_a_placeholder_that_holds_none_of_them_are_in_doubt() -> Comparing:
    found = yield without_kinds(with_body("[红包]"), with_body("恭喜发财"))
    assert state_of(found, "恭喜发财", "right") == ("doubtful", "weak_match")


def test_a_blank_row_is_the_voice_and_not_the_words_beside_it() -> Comparing:
    words, voice = left_row(930, "这批货质量不行，我不要了"), left_row(931, "")
    left = sorted([*chat(), words, voice | {"text": '[语音] 38"'}], key=lambda r: r["at"])
    right = sorted([*chat(), left_row(930, "")], key=lambda r: r["at"])
    assert state_of((yield without_kinds(left, right)), words["text"], "left")[0] == "one_sided"


@pytest.mark.parametrize("beside", ["[红包] 恭喜发财", '[语音] 38"', "[图片]"])
def test_words_beside_a_body_of_their_moment_are_no_second_copy_of_it(beside: str) -> Comparing:
    words, body = left_row(930, "这批货质量不行，我不要了"), left_row(930, beside)
    left = sorted([*chat(), words, body], key=lambda r: r["at"])
    assert state_of((yield without_kinds(left, with_body(beside))), words["text"], "left")[0] == "one_sided"


def test_an_export_of_words_alone_need_not_hold_records_of_many_other_kinds() -> Comparing:
    rows = media()
    assert counts((yield rows, [r for r in rows if "kind" not in r])) == {"agreement": 33, "set_aside": 7}


def test_that_an_export_of_words_alone_lacks_few_records_of_other_kinds_leaves_them_in_doubt() -> Comparing:
    rows = of_kinds({4: "image", 9: "voice", 14: "image", 20: "voice", 25: "image"})
    assert counts((yield rows, [r for r in rows if "kind" not in r])) == {"agreement": 35, "doubtful": 5}


def test_several_kinds_of_both_parties_that_are_lacking_as_a_whole_are_in_doubt() -> Comparing:
    rows = of_kinds(
        {4: "image", 9: "image", 14: "voice", 20: "voice", 25: "video", 29: "video", 33: "call", 36: "transfer"}
    )
    kept = [r for r in rows if r.get("kind") not in ("image", "voice", "video")]
    assert counts((yield rows, kept)) == {"agreement": 34, "doubtful": 6}


def test_kinds_that_lack_where_words_lack_as_well_are_missing_and_not_in_doubt() -> Comparing:
    few = {20: "voice", 22: "image", 23: "voice", 25: "sticker", 26: "sticker", 27: "image"}
    rows, other = of_kinds(few | {5: "file"}), of_kinds({5: "file", 13: "sticker", 20: "sticker"})
    both, kinds_alone, spread = yield [
        (rows, [*rows[:19], *rows[29:]]),
        (rows, [r for i, r in enumerate(rows) if i not in few]),
        (other, [r for i, r in enumerate(other) if i % 3 != 1 and i != 20]),
    ]
    assert counts(both) == {"agreement": 30, "one_sided": 10}
    assert (counts(kinds_alone)["doubtful"], "doubtful" in counts(spread)) == (6, False)


def test_receipts_that_a_copy_never_writes_are_in_doubt_and_a_single_one_is_missing() -> Comparing:
    # Sums in words tell which transfer a receipt answers too.
    told = [
        r | {"text": f"[转账{'收款' * (i % 10 == 0)}] ￥{r['amount']}", "amount": None} if "kind" in r else r
        for i, r in enumerate(paid())
    ]
    short = [r for i, r in enumerate(told) if i not in (9, 10, 19, 20, 30)]
    one = paid(without=(19, 20, 29, 30))
    found = yield [
        (paid(), paid(without=(10, 20, 30))),
        (paid(), paid(without=(20,))),
        (paid(), paid(without=(9, 10, 19, 20, 30))),
        (told, short),
        (one, [r for i, r in enumerate(one) if i != 10]),
    ]
    assert [*map(counts, found)] == [
        {"agreement": 37, "doubtful": 3},
        {"agreement": 39, "one_sided": 1},
        {"agreement": 35, "one_sided": 5},
        {"agreement": 35, "one_sided": 5},
        {"agreement": 35, "one_sided": 1},
    ]


def test_the_end_of_a_call_in_a_row_of_its_own_is_in_doubt() -> Comparing:
    rows = of_kinds({9: "call"})
    over = {"at": rows[9]["at"] + 20, "who": 0, "text": "语音通话已经结束", "kind": "call"}
    assert counts((yield [*rows[:10], over, *rows[10:]], rows)) == {"agreement": 40, "doubtful": 1}


@pytest.mark.parametrize(
    ("kind", "text", "notice"), [("call", "[通话] 已取消", "对方已取消"), ("transfer", "[转账] 已收款", "对方已收款")]
)
def test_an_event_that_the_other_client_tells_in_a_notice_is_in_doubt_and_not_missing(
    kind: str, text: str, notice: str
) -> Comparing:
    rows = chat()
    event, told = (
        {"at": 1230, "who": w, "text": t, "kind": k} for w, t, k in ((0, text, kind), (None, notice, "system"))
    )
    found = yield [*rows[:21], event, *rows[21:]], [*rows[:21], told, *rows[21:]]
    assert state_of(found, text, "left")[0] == "doubtful"


def test_a_sticker_that_shows_nothing_may_be_a_card_that_the_other_form_leaves_out() -> Comparing:
    rows = said(chat(), {12: ""}, kind="sticker")
    forms = [FormLimits(kinds_absent=frozenset({absent})) for absent in (Kind.OTHER, Kind.LINK)]
    found = yield [(rows, held([*rows[:12], *rows[13:]], 1, limits=f)) for f in forms]
    assert [relation_of(f, 12) for f in found] == ["doubtful", "one_sided"]


def test_words_are_missing_where_the_other_copy_holds_a_kind_that_their_form_never_writes() -> Comparing:
    payment = beside({"kind": "transfer", "text": "", "amount": "300.00"})
    never = held(chat(), 0, limits=FormLimits(kinds_absent=frozenset({Kind.TRANSFER})))
    # The other form may show a payment by its words.
    found, shown = yield [(never, payment), (chat(), payment)]
    assert (relation_of(found, 12), relation_of(found, 12, "right")) == ("one_sided", "set_aside")
    assert relation_of(shown, 12) != "one_sided"


def test_typed_words_that_the_other_form_takes_for_a_payment_are_one_message() -> Comparing:
    typed = said(chat(), {12: "[转账] ￥99999.00 假的"})
    taken = [r | {"kind": "transfer", "amount": "99999.00"} if i == 12 else r for i, r in enumerate(typed)]
    never = FormLimits(kinds_absent=frozenset({Kind.TRANSFER}))
    found = yield held(typed, 0, limits=never), taken
    assert state_of(found, typed[12]["text"], "left")[0] == "agreement"


def test_placeholders_of_one_minute_meet_the_rows_whose_words_hold_their_names() -> Comparing:
    late = [r | {"at": r["at"] // 60 * 60 + (45 if i < 25 else 3645)} for i, r in enumerate(chat())]
    minutes = [r | {"at": r["at"] - 45, "precision": "minute"} for r in late]
    marks = [("forward", "[聊天记录]", "群聊的聊天记录"), ("link", "[接龙]", "#接龙\n聚餐")]
    shown = [{"at": 2400 + 60 * i, "who": 0, "kind": k, "text": t, "precision": "minute"} for i, (k, t, _) in enumerate(marks)]  # fmt: skip
    told = [{"at": 2402 + 61 * i, "who": 0, "kind": "other", "text": t} for i, (_, _, t) in enumerate(marks)]
    sides = [*minutes[:25], *shown, *minutes[25:]], [*late[:25], *told, *late[25:]]
    found = yield sides[0], sides[1]
    assert [state_of(found, t, "left")[0] for _, t, _ in marks] == ["agreement"] * 2


def test_kinds_that_a_stated_selection_leaves_out_are_not_missing_and_words_are() -> Comparing:
    chosen = (Filter(kinds=frozenset({Kind.TEXT, Kind.IMAGE})),)
    rows = media()
    kept = [r for i, r in enumerate(rows) if r.get("kind", "text") in ("text", "image") and i != 12]
    found = yield rows, held(kept, 1, filters=chosen)
    told = found.alignment.filter(pl.col("right_row").is_null())
    assert dict(told.select(pl.col("left_row"), pl.col("relation").cast(pl.String)).iter_rows()) == {
        **dict.fromkeys((8, 13, 23, 28, 33), "set_aside"),
        12: "one_sided",
    }


def test_a_picture_is_missing_where_a_stated_selection_holds_pictures() -> Comparing:
    chosen = (Filter(kinds=frozenset({Kind.TEXT, Kind.IMAGE})),)
    rows = media()
    kept = [r for i, r in enumerate(rows) if r.get("kind", "text") in ("text", "image") and i != 3]
    found = yield rows, held(kept, 1, filters=chosen)
    told = found.alignment.filter(pl.col("left_row") == 3)
    assert told["relation"].cast(pl.String).to_list() == ["one_sided"]


def test_words_that_end_in_a_tag_may_be_a_video_that_the_other_form_leaves_out() -> Comparing:
    rows = said(chat(), {12: "还招人么？#逆水寒cos"})
    holder = held(rows, 0, limits=FormLimits(kinds_merged={Kind.LINK: Kind.TEXT}))
    lacking = held([*rows[:12], *rows[13:]], 1, limits=FormLimits(kinds_absent=frozenset({Kind.LINK})))
    assert state_of((yield holder, lacking), rows[12]["text"], "left")[0] == "doubtful"


def test_words_behind_the_mark_of_a_kind_may_be_one_that_the_other_form_leaves_out() -> Comparing:
    rows = said(chat(), {12: "【位置】机场146号"})
    lacking = held(
        [*rows[:12], *rows[13:20], *rows[21:]], 1, limits=FormLimits(kinds_absent=frozenset({Kind.LOCATION}))
    )
    found = yield rows, lacking
    assert state_of(found, rows[12]["text"], "left")[0] == "doubtful"
    assert state_of(found, rows[20]["text"], "left")[0] == "one_sided"


def test_words_are_missing_beside_a_place_in_motion() -> Comparing:
    place, board = yield [(chat(), beside({"kind": "other", "text": t})) for t in ("我发起了位置共享", "[群公告]")]
    assert relation_of(place, 12) in ("one_sided", "doubtful")
    assert relation_of(board, 12) == "agreement"


@pytest.mark.parametrize(
    ("kind", "n", "found"),
    [
        ("call", 3, "doubtful"),
        ("sticker", 1, "doubtful"),
        # Somebody may want to hide these.
        ("transfer", 1, "one_sided"),
        ("transfer", 2, "one_sided"),
    ],
)
def test_all_rows_of_a_kind_that_the_other_copy_lacks_alone_are_in_doubt_however_few_unless_they_are_payments(
    kind: str, n: int, found: str
) -> Comparing:
    rows = said(chat(), {30: "[图片]"}, kind="image")
    rows = [r | {"kind": kind, "text": ""} if 4 <= i < 4 + n else r for i, r in enumerate(rows)]
    assert counts((yield rows, [*rows[:4], *rows[4 + n :]])) == {"agreement": 40 - n, found: n}


@pytest.mark.parametrize(("shown", "kept"), BLANKED)
def test_a_row_without_words_is_the_one_of_its_own_moment_and_kind(
    shown: tuple[dict[str, Any], dict[str, Any]], kept: dict[str, Any]
) -> Comparing:
    left = [*chat()[:11], *(r | {"who": 0} for r in shown), *chat()[11:]]
    right = [*chat()[:11], kept | {"who": 0}, *chat()[11:]]
    found = (yield left, right).alignment
    meant = 11 if shown[0]["text"] else 12
    assert found.filter(pl.col("right_row") == 11)["left_row"].to_list() == [meant]


def test_a_typed_sentence_of_the_client_that_one_form_reads_as_a_notice_is_missed_by_nobody() -> Comparing:
    left = said(chat(), {12: '我拍了拍 "何晓宇"'})
    found = counts((yield left, [r | {"kind": "system", "who": None} if i == 12 else r for i, r in enumerate(left)]))
    assert "one_sided" not in found
    assert counts((yield left, [r for i, r in enumerate(left) if i != 12]))["one_sided"] == 1
    # The notice may have met another one of the same second.
    other = {"at": 720, "who": None, "kind": "system", "text": "我拍了拍自己"}
    right = [r | {"kind": "system", "who": None} if i == 12 else r for i, r in enumerate(left)]
    assert "one_sided" not in counts((yield [*left[:13], other, *left[13:]], right))


def test_money_calls_and_cards_of_which_one_side_holds_none_are_missed_by_nobody() -> Comparing:
    kinds = ("transfer", "transfer", "red_packet", "red_packet", "call", "call", "card")
    rows = said(chat(), {4 * i + 3: "" for i in range(7)})
    rows = [r | {"kind": kinds[i // 4], "who": i // 4 % 2} if r["text"] == "" else r for i, r in enumerate(rows)]
    rows = said(rows, {1: "[图片]", 2: "[图片]"}, kind="image")
    assert counts((yield rows, [r for r in rows if r["text"]])) == {"agreement": 33, "doubtful": 7}


def test_equal_words_of_one_second_under_two_kinds_are_missed_by_nobody() -> Comparing:
    left, right = said(chat(), {12: "[表情]"}, kind="text"), said(chat(), {12: "[表情]"}, kind="sticker")
    assert "one_sided" not in counts((yield left, right))


def test_two_transfers_of_one_minute_meet_by_their_sums_also_where_a_side_writes_them_in_words_alone() -> Comparing:
    rows = chat()
    sums = {12: "110000.00", 13: "3000.00"}
    paid = [
        r | {"who": 0, "kind": "transfer", "text": f"转账：￥{sums[i]}\n转账说明："} if i in sums else r
        for i, r in enumerate(rows)
    ]
    coarse = [
        r | {"at": r["at"] // 120 * 120, "amount": sums.get(i), "precision": "minute"} for i, r in enumerate(paid)
    ]
    assert "conflict" not in counts((yield coarse, paid))


def test_one_record_that_another_tool_calls_a_sticker_does_not_tell_that_it_writes_stickers() -> Comparing:
    rows = said(chat(), {5: "[捂脸]"})
    shown = [r | {"kind": "sticker", "text": "[表情]"} if i == 5 else r for i, r in enumerate(rows)]
    more = [
        r | {"kind": k, "text": ""} if (k := {10: "sticker", 14: "voice", 18: "image"}.get(i)) else r
        for i, r in enumerate(rows)
    ]
    assert "one_sided" not in counts((yield more, [r for i, r in enumerate(shown) if i not in (10, 14, 18)]))


def test_signs_that_one_tool_writes_as_a_mark_do_not_say_that_the_other_writes_stickers() -> Comparing:
    rows = chat(60)
    signs = dict.fromkeys((10, 11, 40), ("[表情]", "🌹"))
    stickers = {i: {"text": "[动画表情]", "kind": "sticker"} for i in (15, 20, 25, 45)}
    left = [r | {"text": signs.get(i, (r["text"],))[0]} | stickers.get(i, {}) for i, r in enumerate(rows)]
    right = [r | {"text": signs.get(i, ("", r["text"]))[1]} for i, r in enumerate(rows) if i not in stickers]
    found = yield left, right
    assert "one_sided" not in set(found.alignment["relation"].cast(pl.String))


@pytest.mark.parametrize(("kind", "body"), [("image", "[图片]"), ("voice", ""), ("file", "[文件]")])
def test_one_sentence_in_whose_place_the_other_side_shows_another_kind_is_in_doubt(kind: str, body: str) -> Comparing:
    rows = chat(30)
    replaced = [r | {"text": body, "kind": kind} if i == 12 else r for i, r in enumerate(rows)]
    assert counts((yield rows, replaced)).keys() == {"agreement", "doubtful"}


def test_words_that_a_tool_writes_for_every_record_of_a_kind_state_nothing() -> Comparing:
    rows = chat(30)
    pictures = [
        r | {"text": "图片消息不支持显示", "kind": "text"} if i in (5, 12, 20) else r for i, r in enumerate(rows)
    ]
    kinds = [r | {"text": "[图片]", "kind": "image"} if i in (5, 12, 20) else r for i, r in enumerate(rows)]
    assert counts((yield pictures, kinds)) == {"agreement": 30}


@pytest.mark.parametrize("sender", ["系统", "系统消息"])
def test_a_notice_under_the_name_of_the_system_is_missed_by_nobody(sender: str) -> Comparing:
    side = held(chat(30), 0)
    notice = side.messages[:1].with_columns(
        pl.lit(sender).alias("sender"), pl.lit("群主已启用“群聊邀请确认”").alias("text"), pl.lit(None, pl.Boolean).alias("is_self")
    )  # fmt: skip
    left = reading_of(side.facts, messages_of(pl.concat([side.messages[:10], notice, side.messages[10:]])))
    found = yield left, chat(30)
    assert set(found.alignment["relation"].cast(pl.String)) == {"agreement", "set_aside"}


def test_texts_that_quote_are_missed_by_no_export_that_holds_plain_text_alone() -> Comparing:
    rows = chat(40)
    quoting = {
        i: r | {"text": f"好的，就这样\n引用：甲: {rows[i - 2]['text']}"} for i, r in enumerate(rows) if i in (12, 25)
    }
    pictures = {i: r | {"text": "[图片]", "kind": "image"} for i, r in enumerate(rows) if i in (6, 18, 30)}
    whole = [(quoting | pictures).get(i, r) for i, r in enumerate(rows)]
    plain = [r for i, r in enumerate(whole) if i not in {*quoting, *pictures}]
    assert counts((yield whole, plain)) == {"agreement": 35, "doubtful": 5}


BRACKETS = ["<{}>", "〈{}〉", "{{{}}}", "［{}］", "【{}】"]


@pytest.mark.parametrize("mark", BRACKETS)
def test_a_placeholder_is_known_in_any_brackets_and_its_sum_is_compared(mark: str) -> Comparing:
    rows = [r | {"text": f"[转账] {i}00.00元"} if i in (9, 12, 20) else r for i, r in enumerate(chat())]
    shown = [r | {"text": r["text"].replace("[转账]", mark.format("转账"))} for r in rows]
    more = [r | {"text": r["text"].replace("1200", "9200")} for r in shown]
    same, other = yield [without_kinds(rows, shown), without_kinds(rows, more)]
    assert relations_in(same) == {"agreement"}
    assert relation_of(other, 12) in ("conflict", "doubtful")


def test_words_behind_a_heading_in_brackets_are_no_picture() -> Comparing:
    shown = of_kinds({9: "image", 20: "image"}, text="")
    words = [r | ({"text": "【物业通知】请于周五前缴费"} if i == 12 else {}) for i, r in enumerate(shown)]
    found = counts((yield words, [r | ({"kind": "image", "text": ""} if i == 12 else {}) for i, r in enumerate(words)]))
    assert found["agreement"] == 39


def test_a_transfer_without_a_sum_is_not_the_red_packet_beside_it() -> Comparing:
    transfer = {"at": 1210, "who": 0, "kind": "transfer"}
    packet = {"at": 1212, "who": 0, "text": "[红包]", "kind": "red_packet"}
    rows = chat()
    whole = [*rows[:21], transfer | {"text": "[转账] 已收款 ￥8451.50", "amount": "8451.50"}, packet, *rows[21:]]
    found = yield whole, [*rows[:21], transfer | {"text": ""}, *rows[21:]]
    assert state_of(found, "[转账] 已收款 ￥8451.50", "left")[0] == "agreement"


@pytest.mark.parametrize(
    ("kind", "shown", "notice"),
    [
        ("red_packet", "[红包]", "收到红包，请在手机上查看"),
        ("transfer", "[转账] ￥8451.50", "发出转账，请在手机上查看"),
        ("call", "[语音通话] 通话时长 10:27", "收到一条语音聊天消息，请在手机上查看"),
    ],
)
def test_a_notice_to_look_at_the_phone_is_what_the_phone_shows(kind: str, shown: str, notice: str) -> Comparing:
    rows = chat()
    on_phone, on_computer = (
        [*rows[:21], {"at": 1210, "who": w, "text": t, "kind": k}, *rows[21:]]
        for w, t, k in ((1, shown, kind), (None, notice, "system"))
    )
    found = yield on_computer, on_phone
    assert relations_in(found) == {"agreement"}
    assert found.verdicts["grade"].cast(pl.String).to_list() == ["explained_differences"]


@pytest.mark.parametrize(
    ("merged", "shown", "relations"),
    [
        ({Kind.RED_PACKET: Kind.TEXT}, "微信红包", {"agreement"}),
        ({}, "微信红包", {"agreement", "doubtful"}),
        ({Kind.RED_PACKET: Kind.TEXT}, "[红包] 祝一切顺利", {"agreement", "doubtful"}),
    ],
)
def test_words_for_a_kind_that_their_form_writes_like_words_are_not_compared_where_the_other_side_states_none(
    merged: dict[Kind, Kind], shown: str, relations: set[str]
) -> Comparing:
    rows = said(chat(), {12: "新年快乐"})
    other = said(rows, {12: shown}, kind="red_packet")
    found = yield held(rows, 0, limits=FormLimits(kinds_merged=merged)), other
    assert relations_in(found) == relations


@pytest.mark.parametrize("swapped", [False, True])
def test_stickers_that_the_other_form_shows_as_pictures_are_missed_by_nobody(swapped: bool) -> Comparing:
    rows = chat()
    shown = {
        kind: [r | ({"kind": kind, "text": body} if i % 7 == 3 else {}) for i, r in enumerate(rows)]
        for kind, body in (("sticker", "[动画表情]"), ("image", "[图片]"))
    }
    order = ("image", "sticker") if swapped else ("sticker", "image")
    found = yield shown[order[0]], shown[order[1]]
    assert relations_in(found) == {"agreement"}
    told = found.alignment.filter(pl.col("left_row") == 3)
    assert told["cause"].cast(pl.String).to_list() == ["not_stated"]


@pytest.mark.parametrize(
    ("kind", "said", "shown", "tools", "grade"),
    [
        pytest.param("transfer", "[转账] ￥5000.00 借款", "[转账] 借款", ("微流", "微流"), "cannot_determine", id="sums"),
        pytest.param("transfer", "[转账] ￥5000.00 借款", "[转账] 借款", ("另", "微流"), "cannot_determine", id="sums-of-a-known-tool"),
        pytest.param("transfer", "[转账] ￥5000.00 借款", "[转账] 借款", ("微流", None), "explained_differences", id="sums-of-a-table"),
        pytest.param("link", "[链接] 借款合同范本", "[链接]", ("微流", "微流"), "cannot_determine", id="titles"),
        pytest.param("link", "[链接] 借款合同范本", "[链接]", ("另", "微流"), "explained_differences", id="titles-of-another-tool"),
    ],
)  # fmt: skip
def test_content_that_a_tool_can_state_is_left_out_selectively_where_a_whole_file_lacks_it(
    kind: str, said: str, shown: str, tools: tuple[str, str | None], grade: str
) -> Comparing:
    sides = []
    for owner, (tool, text) in enumerate(zip(tools, (said, shown), strict=True)):
        rows = [r | ({"kind": kind, "text": text} if i in (9, 21) else {}) for i, r in enumerate(chat())]
        sides.append(held(rows, owner, tool=tool, limits=FormLimits(is_of_known_make=tool is not None)))
    found = yield sides[0], sides[1]
    assert grade_of(found) == grade


@pytest.mark.parametrize(("is_known", "relation"), [(False, "doubtful"), (True, "one_sided")])
def test_words_of_a_list_by_hand_may_be_those_of_a_voice_of_their_moment_though_it_lacks_other_voices(
    is_known: bool, relation: str
) -> Comparing:
    voices = range(3, 39, 3)
    whole = [r | {"kind": "voice", "text": "[其他消息]"} if i in voices else r for i, r in enumerate(chat(40))]
    told = said(whole, {9: "语音：明天我叫人把钱送过去", 27: "语音：仓库的钥匙在门卫那里"}, kind="text")
    minutes = ((r, (r["at"] + 7 * i % 60) // 60 * 60) for i, r in enumerate(told) if r.get("kind") != "voice")
    listed = [r | {"precision": "minute", "at": at} for r, at in minutes]
    found = yield whole, held(listed, 1, limits=FormLimits(is_of_known_make=is_known))
    rows = [i for i, r in enumerate(listed) if r["text"].startswith("语音")]
    assert set(found.alignment.filter(pl.col("right_row").is_in(rows))["relation"].cast(pl.String)) == {relation}


@pytest.mark.parametrize(
    ("kind", "shown", "many", "states", "relation"),
    [
        pytest.param("forward", None, 1, True, "doubtful", id="equal-words"),
        pytest.param("link", None, 1, True, "doubtful", id="title"),
        pytest.param("transfer", "【发起转账】:￥20000.00", 1, True, "doubtful", id="mark-of-a-record"),
        pytest.param("link", None, 3, True, "agreement", id="several-alike"),
        pytest.param("link", None, 1, False, "agreement", id="kind-from-words"),
    ],
)
def test_a_text_that_one_export_alone_states_to_be_a_record_of_another_kind_is_doubtful(
    kind: str, shown: str | None, many: int, states: bool, relation: str
) -> Comparing:
    limits = FormLimits(states_kinds=states, is_of_known_make=True)
    words = {
        9 + i: f"[转账]￥20000.00 货款{'一二三'[i]}" if shown else f"管子是我们工人打断的{'一二三'[i]}"
        for i in range(many)
    }
    typed = said(chat(), words, kind="text")
    made = [r | ({"kind": kind, "text": shown or r["text"]} if i in words else {}) for i, r in enumerate(typed)]
    found = yield (
        held(typed, 0, limits=limits),
        held(made, 1, limits=replace(limits, states_kinds=shown is None and states)),
    )
    assert {relation_of(found, i) for i in words} == {relation}
