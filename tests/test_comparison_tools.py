"""What one tool does to a whole export accuses nobody; the same to a single message still counts."""

import json
import re
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from reconcile.engine.compare import compare_readings
from reconcile.intake.contract import BODY_ALONE, FormLimits
from reconcile.vocabulary import Kind
from tests.test_comparison_several import Row, chat, held, state_of

SIGNS = "😂👍💰🔥🫡"


def relations(left: list[Row], right: list[Row]) -> dict[str, int]:
    found = compare_readings(held(left, 0), held(right, 1)).alignment
    return dict(found["relation"].cast(pl.String).value_counts().rows())


def said(rows: list[Row], at: dict[int, str], **more: Any) -> list[Row]:
    """The rows with other words at these places."""
    return [r | {"text": at[i]} | more if i in at else r for i, r in enumerate(rows)]


SIGNED = said(chat(), {i: f"这件事我记住了，第{i}次{SIGNS[i % 5]}" for i in range(4, 40, 8)})
SIGNED_LONG = said(
    SIGNED,
    {
        i: f"这件事{SIGNS[i % 5] * (i % 8 == 5)}我记住了，第{i}次说的是{'工程款什么时候结清' * (1 + i % 3)}"
        for i in range(5, 40, 4)
    },
)
SIGN_NAMES = said(chat(), {i: f"这件事我记住了，第{i}次{'[微笑]' if i % 16 == 4 else '[强]'}" for i in range(4, 40, 8)})
HEARTS = said(chat(), {i: f"这件事我记住了，第{i}次{'❤️' if i % 16 == 4 else '😂'}" for i in range(4, 40, 8)})
PAUSED = said(chat(), {i: f"这是第{i}件事，你看着办" for i in range(4, 40, 8)})
LINED = said(chat(), {i: f"这是第{i}件事的开头\n后面还有{i}句话" for i in range(4, 40, 8)})
NAMED = said(chat(), {i: f"@{'张伟' if i % 16 == 4 else '李娜'} 第{i}件事你来办" for i in range(4, 40, 8)})
TAGGED = said(chat(), {i: f"ok 尺寸<{i}cm & >2cm 的第 {i} 件 done" for i in range(4, 40, 8)})
LONG = said(
    chat(), {i: f"{'长' * (27 + i % 3)}{'a' * (i % 5)}，第{i}次说的是工程款什么时候结清" for i in range(4, 40, 8)}
)
LINKED = said(SIGNED, {i: f"[链接] {SIGNED[i]['text']}" for i in range(4, 40, 8)}, kind="link")
VALUES = said(chat(), dict(zip(range(4, 40, 8), ("007", "2024-03-01", "true", "1e5", "1/2"), strict=True)))
MARKED = said(chat(), {i: f"这是第{i}件事[捂脸]，你看着办“{i}号”😂\n后面还有\nok{i}句话" for i in range(4, 40, 8)})
ADDRESSED = said(chat(), {i: f"单子在https://www.a{i}.cn/p/{i}?id=1，你看\n第{i}张" for i in range(4, 40, 8)})
SAVED = {"007": "7", "2024-03-01": "2024/3/1", "true": "TRUE", "1e5": "1.00E+05", "1/2": "1月2日"}


def without_signs(text: str) -> str:
    return text.rstrip(SIGNS)


def renamed(text: str) -> str:
    return text.replace("张伟", "老张（建材）").replace("李娜", "小李")


@pytest.mark.parametrize(
    ("rows", "habit"),
    [
        (SIGNED, without_signs),
        (SIGNED, lambda t: t if t == without_signs(t) else without_signs(t) + "??"),
        (HEARTS, lambda t: t.replace("❤️", "??").replace("😂", "?")),
        (PAUSED, lambda t: t.replace("，", "")),
        (LINED, lambda t: t.split("\n")[0]),
        (SIGN_NAMES, lambda t: t.replace("[微笑]", "").replace("[强]", "")),
        (NAMED, renamed),
        (VALUES, lambda t: SAVED.get(t, t)),
        (TAGGED, lambda t: re.sub(r"<[^<>]+>", "", t)),
        (TAGGED, lambda t: re.sub(r"\s", "", t)),
        (SIGNED, lambda t: t.encode("gbk", "replace").decode("gbk")),
        (LINED, lambda t: re.sub(r"^ok:", "", t.split("\n")[0])),
        (LONG, lambda t: t.encode()[:100].decode(errors="ignore")),
        (LINKED, without_signs),
        (MARKED, lambda t: t.replace("[捂脸]", "/捂脸")),
        (MARKED, lambda t: t.replace("😂", ":joy:").replace("\n", "_x000D_\n")),
        (MARKED, lambda t: t.replace("“", "「").replace("”", "」").replace("\n", "¶")),
        (MARKED, lambda t: json.dumps(t.replace("😂", ":joy:"))[1:-1]),
        (MARKED, lambda t: "\n".join(t.split("\n")[:2])),
        (ADDRESSED, lambda t: re.sub("https://", "", t)),
        (ADDRESSED, lambda t: "=\n".join(t[i : i + 17] for i in range(0, len(t), 17))),
        (SIGNED_LONG, lambda t: "".join(c for c in t if c not in SIGNS)[:20]),
        (SIGNED_LONG, lambda t: "".join(c for c in t[:20] if c not in SIGNS)),
        (chat(), lambda t: f"• {t}"),
        (chat(), lambda t: f"[09:30] {t}"),
        (chat(), lambda t: t[:12]),
    ],
    ids=[
        "signs dropped",
        "signs as question marks",
        "a question mark for each character",
        "typed anew without pauses",
        "first line alone",
        "signs dropped by name",
        "names behind @",
        "saved by a spreadsheet program",
        "anything in angle brackets dropped",
        "blanks dropped",
        "no character that GBK lacks",
        "first line without its prefix",
        "cut by bytes",
        "signs dropped from titles",
        "emoji behind a stroke",
        "signs and line ends as codes",
        "quotation marks and line ends as marks",
        "signs as codes in a string of a program",
        "two lines alone",
        "addresses without their beginning",
        "lines broken as mails are",
        "signs dropped and cut at twenty characters",
        "cut at twenty characters and signs dropped",
        "a list's mark before every text",
        "the time before every text",
        "cut at twelve characters",
    ],
)
def test_what_a_tool_does_to_every_text_is_a_difference_of_form(rows: list[Row], habit: Callable[[str], str]) -> None:
    assert relations(rows, [r | {"text": habit(r["text"])} for r in rows]) == {"agreement": 40}


@pytest.mark.parametrize(("rows", "habit"), [(SIGNED, without_signs), (LINED, lambda t: t.split("\n")[0])])
def test_what_was_done_to_one_text_alone_is_a_conflict(rows: list[Row], habit: Callable[[str], str]) -> None:
    assert relations(rows, said(rows, {12: habit(rows[12]["text"])})) == {"agreement": 39, "conflict": 1}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("还差1.5万，你看着办", "还差15万，你看着办"),
        ("这笔钱你认不认？", "这笔钱你认不认。"),
        ("我同意[强]，就这样", "我同意[弱]，就这样"),
        ("欠款-500，月底还", "欠款500，月底还"),
    ],
)
def test_a_mark_that_says_something_is_no_habit(one: str, other: str) -> None:
    texts = {i: f"第{i}件：{one}" for i in range(4, 40, 8)}
    found = relations(said(chat(), texts), said(chat(), {i: t.replace(one, other) for i, t in texts.items()}))
    assert found == {"agreement": 35, "conflict": 5}


def test_the_one_sign_of_a_chat_as_a_question_mark_is_in_doubt() -> None:
    rows = said(chat(), {12: "👍"})
    assert relations(rows, said(rows, {12: "?"})) == {"agreement": 39, "doubtful": 1}


def test_one_text_without_what_stood_in_angle_brackets_is_in_doubt() -> None:
    rows = said(chat(), {12: "尺寸<3cm & >2cm 的那件"})
    assert relations(rows, said(rows, {12: "尺寸2cm 的那件"})) == {"agreement": 39, "doubtful": 1}


def test_ids_printed_as_negative_numbers_are_the_same_ids() -> None:
    rows = [r | {"message_id": str(2**63 + 1000 + i)} for i, r in enumerate(chat())]
    other = said(rows, {12: "这个数目我不认"})
    signed = [r | {"message_id": str(int(r["message_id"]) - 2**64)} for r in other]
    assert relations(rows, signed) == relations(rows, other) == {"agreement": 39, "conflict": 1}


@pytest.mark.parametrize(
    "shown", ["@王芳 第12件事你来办", "第12件事你来办\n译文：我不同意", "第12件事你来办\n----------\n我不同意"]
)
def test_one_other_name_or_a_translation_below_is_in_doubt(shown: str) -> None:
    plain = "@张伟 第12件事你来办" if "@" in shown else shown.split("\n", maxsplit=1)[0]
    assert relations(said(chat(), {12: plain}), said(chat(), {12: shown})) == {"agreement": 39, "doubtful": 1}


@pytest.mark.parametrize("shown", ["王老板: {q}\n{t}", "{t} (引用: {q})", "[回复 王老板: {q}] {t}", "[引用]{t}"])
def test_a_reply_flattened_with_the_words_that_it_quotes_is_one_message(shown: str) -> None:
    rows = chat()
    left = said(rows, {12: "这个数目不对"}, kind="quote")
    right = said(rows, {12: shown.format(q=rows[9]["text"], t="这个数目不对")})
    assert relations(left, right) == {"agreement": 40}


def test_replies_shown_in_two_spellings_without_a_kind_meet_out_of_order() -> None:
    rows = [r | {"at": r["at"] // 120 * 120} for r in chat()]
    left = said(rows, {12: "这个数目不对，一共差了两万多[引用 老王：知道了]"})
    right = said(rows, {12: "「王老板：知道了」\n- - - - -\n这个数目不对，一共差了两万多"})
    fewer = [r for i, r in enumerate(left) if i not in range(20, 34)]
    other = [*right[:12], right[13], right[12], *right[14:]]
    assert relations(fewer, other) == {"agreement": 26, "one_sided": 14}


def test_words_that_nobody_said_before_a_reply_are_no_quotation() -> None:
    left = said(chat(), {12: "这个数目不对"}, kind="quote")
    right = said(chat(), {12: "王老板: 我欠你三万\n这个数目不对"})
    assert relations(left, right) == {"agreement": 39, "conflict": 1}


@pytest.mark.parametrize("is_behind", [True, False])
def test_a_stretch_that_two_merged_devices_hold_each_is_a_repeat(is_behind: bool) -> None:
    rows = chat()
    copies = [r | {"at": r["at"] + i % 3 - 1} for i, r in enumerate(rows[10:30])]
    right = [*rows, *copies] if is_behind else sorted([*rows, *copies], key=lambda r: r["at"])
    assert relations(rows, right) == {"agreement": 40, "set_aside": 20}
    lacking = [r for r in right if r["text"] != rows[20]["text"]]
    assert relations(rows, lacking) == {"agreement": 39, "set_aside": 19, "one_sided": 1}


def test_sentences_that_somebody_sends_twice_within_a_second_are_no_merged_device() -> None:
    rows = chat()
    insisted = sorted([*rows, *(r | {"at": r["at"] + 1} for r in rows[10:22:3])], key=lambda r: r["at"])
    assert relations(insisted, rows) == {"agreement": 40, "one_sided": 4}


@pytest.mark.parametrize("head", ["{name}: ", "{name}：\n"])
def test_the_name_of_the_sender_before_every_text_is_a_difference_of_form(head: str) -> None:
    rows = [r | {"text": "好的"} if i % 7 == 3 else r for i, r in enumerate(chat())]
    right = [r | {"text": head.format(name=("王老板", "小李")[r["who"]]) + r["text"]} for r in rows]
    found = compare_readings(held(rows, 0), held(right, 1)).alignment
    assert found.select(pl.col("relation", "cause", "detail").cast(pl.String)).unique().rows() == [
        ("agreement", "form", "prefix_stripped")
    ]
    right[12] = right[12] | {"text": right[12]["text"] + "，我不同意"}
    assert relations(rows, right) == {"agreement": 39, "conflict": 1}


def media(many: int = 40) -> list[Row]:
    kinds = {3: "image", 8: "voice", 13: "sticker", 18: "image", 23: "voice", 28: "sticker", 33: "video"}
    return [r | {"kind": kinds[i], "text": ""} if i in kinds else r for i, r in enumerate(chat(many))]


def test_that_an_export_holds_words_alone_leaves_its_other_kinds_in_doubt() -> None:
    rows = media()
    assert relations(rows, [r for r in rows if "kind" not in r]) == {"agreement": 33, "doubtful": 7}


def test_one_kind_that_is_lacking_as_a_whole_is_still_missed() -> None:
    rows = media()
    assert relations(rows, [r for r in rows if r.get("kind") != "image"]) == {"agreement": 38, "one_sided": 2}


def of_kinds(kinds: dict[int, str], **more: Any) -> list[Row]:
    return [r | {"kind": kinds[i], "text": ""} | more if i in kinds else r for i, r in enumerate(chat())]


def test_several_kinds_of_both_parties_that_are_lacking_as_a_whole_are_in_doubt() -> None:
    rows = of_kinds(
        {4: "image", 9: "image", 14: "voice", 20: "voice", 25: "video", 29: "video", 33: "call", 36: "transfer"}
    )
    kept = [r for r in rows if r.get("kind") not in ("image", "voice", "video")]
    assert relations(rows, kept) == {"agreement": 34, "doubtful": 6}


def test_kinds_that_lack_where_words_lack_as_well_are_missing_and_not_in_doubt() -> None:
    few = {20: "voice", 22: "image", 23: "voice", 25: "sticker", 26: "sticker", 27: "image"}
    rows = of_kinds(few | {5: "file"})
    assert relations(rows, [*rows[:19], *rows[29:]]) == {"agreement": 30, "one_sided": 10}
    assert relations(rows, [r for i, r in enumerate(rows) if i not in few])["doubtful"] == 6
    rows = of_kinds({5: "file", 13: "sticker", 20: "sticker"})
    assert "doubtful" not in relations(rows, [r for i, r in enumerate(rows) if i % 3 != 1 and i != 20])


def paid(*, without: tuple[int, ...] = ()) -> list[Row]:
    """Three transfers, at 9, 19 and 29, each with its receipt in the next row."""
    rows = of_kinds(dict.fromkeys((9, 10, 19, 20, 29, 30), "transfer"), amount="5000.00")
    cards = {i: {"who": i % 2, "amount": f"{i // 10 + 1}000.00"} for i in (9, 19, 29)}
    cards |= {i + 1: card | {"who": 1 - card["who"]} for i, card in cards.items()}  # type: ignore[operator]
    return [r | cards.get(i, {}) for i, r in enumerate(rows) if i not in without]


def test_receipts_that_a_copy_never_writes_are_in_doubt_and_a_single_one_is_missing() -> None:
    assert relations(paid(), paid(without=(10, 20, 30))) == {"agreement": 37, "doubtful": 3}
    assert relations(paid(), paid(without=(20,))) == {"agreement": 39, "one_sided": 1}
    assert relations(paid(), paid(without=(9, 10, 19, 20, 30))) == {"agreement": 35, "one_sided": 5}
    # Sums in words tell which transfer a receipt answers too.
    told = [
        r | {"text": f"[转账{'收款' * (i % 10 == 0)}] ￥{r['amount']}", "amount": None} if "kind" in r else r
        for i, r in enumerate(paid())
    ]
    short = [r for i, r in enumerate(told) if i not in (9, 10, 19, 20, 30)]
    assert relations(told, short) == {"agreement": 35, "one_sided": 5}
    one = paid(without=(19, 20, 29, 30))
    assert relations(one, [r for i, r in enumerate(one) if i != 10]) == {"agreement": 35, "one_sided": 1}


def test_the_end_of_a_call_in_a_row_of_its_own_is_in_doubt() -> None:
    rows = of_kinds({9: "call"})
    over = {"at": rows[9]["at"] + 20, "who": 0, "text": "语音通话已经结束", "kind": "call"}
    assert relations([*rows[:10], over, *rows[10:]], rows) == {"agreement": 40, "doubtful": 1}


def test_pictures_written_anew_have_other_fingerprints_and_accuse_nobody() -> None:
    rows = of_kinds({4: "image", 9: "image", 14: "image"})
    prints = [
        [r | {"media_hash": f"{side}{i:031d}"} if "kind" in r else r for i, r in enumerate(rows)] for side in (1, 2)
    ]
    assert relations(*prints) == {"agreement": 37, "doubtful": 3}
    assert relations(prints[0], [*prints[0][:4], prints[1][4], *prints[0][5:]]) == {"agreement": 39, "conflict": 1}


@pytest.mark.parametrize(
    ("kind", "beside", "told"),
    [
        ("file", "image", {"agreement": 38, "conflict": 2}),
        ("file", "sticker", {"agreement": 38, "doubtful": 2}),
        ("image", "file", {"agreement": 38, "doubtful": 2}),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_files_are_carried_as_they_are_and_unlike_ones_beside_equal_fingerprints_are_of_two_files(
    kind: str, beside: str, told: dict[str, int]
) -> None:
    rows = of_kinds({4: kind, 9: kind, 14: beside, 20: beside})
    rows = [r | {"media_hash": f"{i:032x}"} if "kind" in r else r for i, r in enumerate(rows)]
    other = [r | {"media_hash": f"f{i:031x}"} if r.get("kind") == kind else r for i, r in enumerate(rows)]
    assert relations(rows, other) == told


def test_words_sent_again_explain_a_row_without_an_id() -> None:
    rows = [r | {"message_id": str(10**18 + i)} for i, r in enumerate(chat())]
    failed = rows[12] | {"at": rows[12]["at"] - 20, "message_id": None}
    found = compare_readings(held([*rows[:12], failed, *rows[12:]], 0), held(rows, 1)).alignment
    assert found.filter(pl.col("relation") != "agreement")["cause"].cast(pl.String).to_list() == ["not_delivered"]
    numbered = [r | {"local_id": i} for i, r in enumerate([*rows[:12], failed | {"local_id": 900}, *rows[12:]])]
    for number, cause in ((12, "not_delivered"), (900, "irregular")):
        rows_of = [*numbered[:12], numbered[12] | {"local_id": number}, *numbered[13:]]
        told = compare_readings(held(rows_of, 0), held(rows, 1)).alignment
        assert told.filter(pl.col("relation") != "agreement")["cause"].cast(pl.String).to_list() == [cause]


def test_rows_that_two_files_without_times_hold_in_two_orders_are_lacking_in_neither() -> None:
    rows = chat()
    moved = [*rows[:10], *rows[11:13], rows[10], *rows[13:]]
    found = compare_readings(held(rows, 0, has_times=False), held(moved, 1, has_times=False)).alignment
    assert found["relation"].cast(pl.String).unique().to_list() == ["agreement"]


def test_kinds_that_one_minute_shows_in_two_orders_are_one_message() -> None:
    rows = [r | {"at": 15 * i} for i, r in enumerate(of_kinds({13: "other"}))]
    rows[13] |= {"text": "[小程序] 美团"}
    minutes = [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for r in rows]
    minutes = [*minutes[:12], minutes[13] | {"text": "[小程序]"}, minutes[12], *minutes[14:16], *minutes[16:]]
    moved = [*minutes[:12], *minutes[13:16], minutes[12], *minutes[16:]]
    assert "one_sided" not in relations(moved, rows)


def test_what_waited_for_a_phone_that_was_off_has_no_altered_times() -> None:
    rows = [r | {"at": 10 * r["at"]} | ({"who": 1} if 10 <= i < 16 else {}) for i, r in enumerate(chat())]
    late = [r | {"at": rows[16]["at"]} if 10 <= i < 16 else r for i, r in enumerate(rows)]
    assert "conflict" not in relations(late, rows)
    assert relations([*rows[:10], late[10], *rows[11:]], rows)["conflict"] == 1


def test_a_tool_that_keeps_the_first_line_keeps_of_a_reply_what_it_quotes() -> None:
    rows = said(LINED, {14: "「王老板：知道了」\n- - - - -\n这个数目不对"})
    assert relations(rows, [r | {"text": r["text"].split("\n")[0]} for r in rows]) == {"agreement": 40}


@pytest.mark.parametrize("shown", ["?", "□"])
def test_a_sign_alone_that_a_tool_lost_among_many_rows_alone_is_in_doubt(shown: str) -> None:
    rows = said(chat(), {12: "😂"})
    short = [r for i, r in enumerate(rows) if i not in range(20, 34)]
    other = said([r for i, r in enumerate(rows) if i not in range(1, 10)], {3: shown})
    found = compare_readings(held(short, 0), held(other, 1))
    assert state_of(found, "😂", "left")[0] == "doubtful"


def test_equal_rows_of_a_second_that_the_other_side_holds_once_are_in_doubt() -> None:
    burst = [{"at": 630, "who": 0, "text": "在吗"}] * 4
    found = relations([*chat()[:11], *burst, *chat()[11:]], [*chat()[:11], burst[0], *chat()[11:]])
    assert "one_sided" not in found
    # A tool that states ids goes by them.
    named = [r | {"message_id": str(7 * 10**18 + i)} for i, r in enumerate([*chat()[:11], *burst, *chat()[11:]])]
    assert relations(named, [*named[:12], *named[15:]])["one_sided"] == 3


def test_equal_rows_of_a_second_of_which_the_other_side_holds_none_are_missed() -> None:
    burst = [{"at": 630, "who": 0, "text": "在吗"}] * 2
    elsewhere = {"at": 1530, "who": 0, "text": "在吗"}
    rows = [*chat()[:26], elsewhere, *chat()[26:]]
    assert relations([*rows[:11], *burst, *rows[11:]], rows)["one_sided"] > 0


@pytest.mark.parametrize("kinds", [("forward", "link"), ("location", "link"), ("forward", "location")])
def test_a_card_that_two_tools_call_by_unlike_kinds_is_missed_by_nobody(kinds: tuple[str, str]) -> None:
    left, right = (said(chat(), {12: f"清单{k}"}, kind=k) for k in kinds)
    assert relations(left, right).keys() <= {"agreement", "doubtful"}


def test_two_files_of_one_name_and_second_meet_by_their_fingerprints() -> None:
    files = [{"at": 630, "who": 0, "kind": "file", "text": "单.xlsx", "media_hash": h * 32} for h in "ab"]
    other = [f | {"text": "FILE:单.xlsx"} for f in reversed(files)]
    assert relations([*chat()[:11], *files, *chat()[11:]], [*chat()[:11], *other, *chat()[11:]]) == {"agreement": 42}


def blank_sticker_lacked(absent: Kind) -> str:
    """What is said of a sticker that shows nothing where the other side's form does not write rows of that kind."""
    rows = said(chat(), {12: ""}, kind="sticker")
    lacking = held([*rows[:12], *rows[13:]], 1, limits=FormLimits(kinds_absent=frozenset({absent})))
    return state_of(compare_readings(held(rows, 0), lacking), "", "left")[0]


def test_a_sticker_that_shows_nothing_may_be_a_card_that_the_other_form_leaves_out() -> None:
    assert (blank_sticker_lacked(Kind.OTHER), blank_sticker_lacked(Kind.LINK)) == ("doubtful", "one_sided")


def lacked_beside(other: Row, **limits: Any) -> tuple[str, str]:
    """Relations of a sentence on the left, and of what stands in its place on the right, which the left side's form writes or does not."""
    right = [r | other if i == 12 else r for i, r in enumerate(chat())]
    found = compare_readings(held(chat(), 0, limits=FormLimits(**limits)), held(right, 1))
    rows = found.alignment.with_columns(pl.col("relation").cast(pl.String))
    return tuple(rows.filter(pl.col(f"{s}_row") == 12)["relation"][0] for s in ("left", "right"))


def test_words_are_missing_where_the_other_copy_holds_a_kind_that_their_form_never_writes() -> None:
    payment = {"kind": "transfer", "text": "", "amount": "300.00"}
    assert lacked_beside(payment, kinds_absent=frozenset({Kind.TRANSFER})) == ("one_sided", "set_aside")
    # The form may show a payment by its words.
    assert lacked_beside(payment)[0] != "one_sided"


def test_typed_words_that_the_other_form_takes_for_a_payment_are_one_message() -> None:
    typed = said(chat(), {12: "[转账] ￥99999.00 假的"})
    taken = [r | {"kind": "transfer", "amount": "99999.00"} if i == 12 else r for i, r in enumerate(typed)]
    never = FormLimits(kinds_absent=frozenset({Kind.TRANSFER}))
    found = compare_readings(held(typed, 0, limits=never), held(taken, 1))
    assert state_of(found, typed[12]["text"], "left")[0] == "agreement"


def test_placeholders_of_one_minute_meet_the_rows_whose_words_hold_their_names() -> None:
    late = [r | {"at": r["at"] // 60 * 60 + (45 if i < 25 else 3645)} for i, r in enumerate(chat())]
    minutes = [r | {"at": r["at"] - 45, "precision": "minute"} for r in late]
    marks = [("forward", "[聊天记录]", "群聊的聊天记录"), ("link", "[接龙]", "#接龙\n聚餐")]
    shown = [{"at": 2400 + 60 * i, "who": 0, "kind": k, "text": t, "precision": "minute"} for i, (k, t, _) in enumerate(marks)]  # fmt: skip
    told = [{"at": 2402 + 61 * i, "who": 0, "kind": "other", "text": t} for i, (_, _, t) in enumerate(marks)]
    sides = [*minutes[:25], *shown, *minutes[25:]], [*late[:25], *told, *late[25:]]
    found = compare_readings(held(sides[0], 0), held(sides[1], 1))
    assert [state_of(found, t, "left")[0] for _, t, _ in marks] == ["agreement"] * 2


def test_a_card_that_cannot_be_shown_is_the_card_of_its_moment_and_not_the_words_there() -> None:
    late = [r | {"at": r["at"] // 60 * 60 + (45 if i < 25 else 3645)} for i, r in enumerate(chat())]
    minutes = [r | {"at": r["at"] - 45, "precision": "minute"} for r in late]
    shown = [{"at": 2400, "who": 0, "kind": k, "text": t, "precision": "minute"} for k, t in (("text", "a,b,c"), ("link", "[视频号]"))]  # fmt: skip
    card = {"at": 2445, "who": 0, "kind": "other", "text": "[链接]当前版本不支持展示该内容，请升级至最新版本。"}
    sides = [*minutes[:25], *shown, *minutes[25:]], [*late[:25], card, *late[25:]]
    found = compare_readings(held(sides[0], 0), held(sides[1], 1))
    assert [state_of(found, t, "left")[0] for t in ("a,b,c", "[视频号]")] == ["one_sided", "agreement"]


def test_words_that_end_in_a_tag_may_be_a_video_that_the_other_form_leaves_out() -> None:
    rows = said(chat(), {12: "还招人么？#逆水寒cos"})
    holder = held(rows, 0, limits=FormLimits(kinds_merged={Kind.LINK: Kind.TEXT}))
    lacking = held([*rows[:12], *rows[13:]], 1, limits=FormLimits(kinds_absent=frozenset({Kind.LINK})))
    assert state_of(compare_readings(holder, lacking), rows[12]["text"], "left")[0] == "doubtful"


def test_words_are_missing_beside_a_place_in_motion() -> None:
    assert lacked_beside({"kind": "other", "text": "我发起了位置共享"})[0] in ("one_sided", "doubtful")
    assert lacked_beside({"kind": "other", "text": "[群公告]"})[0] == "agreement"


@pytest.mark.parametrize(("kind", "text", "state"), [("image", "[图片]", "doubtful"), ("text", "好", "set_aside")])
def test_one_picture_of_several_in_one_second_is_no_repeat_where_nothing_of_them_is_shown(
    kind: str, text: str, state: str
) -> None:
    burst = [{"at": 630, "who": 0, "kind": kind, "text": text}] * 3
    left, right = [*chat()[:11], *burst, *chat()[11:]], [*chat()[:11], *burst[:2], *chat()[11:]]
    assert relations(left, right) == {"agreement": 42, state: 1}
    # A page that stands twice elsewhere does not tell.
    twice = [r for i, row in enumerate(left) for r in ([row] * 2 if 20 <= i < 26 else [row])]
    assert relations(twice, right)["set_aside"] == 6 + (state == "set_aside")


def titled(left: str, right: str) -> dict[str, int]:
    """Relations where one row says this on the one side and that on the other, in forms that write cards like words."""
    one, other = (held(said(chat(), {12: t}), n, limits=BODY_ALONE) for n, t in enumerate((left, right)))
    return dict(compare_readings(one, other).alignment["relation"].cast(pl.String).value_counts().rows())


def test_a_title_with_the_app_meets_the_title_with_the_address() -> None:
    assert titled("标题 | 副题 - ", "标题 | 副题\nhttps://a.cn/b") == {"agreement": 40}
    assert titled("付三万 - 今天", "付五万\nhttps://a.cn/b") != {"agreement": 40}


def test_a_card_that_one_side_lacks_is_missed_where_that_side_shows_another() -> None:
    rows = said(chat(), {12: "清单", 30: "合同"}, kind="link")
    assert relations(rows, [*rows[:12], *rows[13:]]) == {"agreement": 39, "one_sided": 1}


def test_the_only_card_of_a_chat_is_in_doubt_where_the_other_copy_holds_nothing_but_text() -> None:
    rows = said(chat(), {12: "清单"}, kind="link")
    assert relations(rows, [*rows[:12], *rows[13:]]) == {"agreement": 39, "doubtful": 1}


@pytest.mark.parametrize(
    ("length", "found"),
    [(60, "agreement"), (64, "agreement"), (150, "agreement"), (300, "agreement"), (57, "conflict")],
)
def test_the_only_long_text_that_stops_at_a_round_length_is_cut(length: int, found: str) -> None:
    words = "".join(f"第{i}批货" for i in range(90))
    left, right = said(chat(), {12: words}), said(chat(), {12: words[:length]})
    assert relations(left, right).get(found) == (40 if found == "agreement" else 1)


@pytest.mark.parametrize(
    ("kind", "n", "found"),
    [
        ("sticker", 3, "doubtful"),
        ("call", 3, "doubtful"),
        # Fewer may as well be lacking.
        ("sticker", 2, "one_sided"),
    ],
)
def test_a_kind_of_which_the_other_copy_holds_none_is_missed_only_where_few_rows_of_it_lack(
    kind: str, n: int, found: str
) -> None:
    rows = said(chat(), {30: "[图片]"}, kind="image")
    rows = [r | {"kind": kind, "text": ""} if 4 <= i < 4 + n else r for i, r in enumerate(rows)]
    assert relations(rows, [*rows[:4], *rows[4 + n :]]) == {"agreement": 40 - n, found: n}


BLANKED = [
    # Words of which a tool left nothing, beside a card that the other side shows by its kind alone.
    (({"at": 630, "text": "Dear:"}, {"at": 632, "text": "", "kind": "other"}), {"at": 630, "text": ""}),
    # A reply whose words one tool leaves out, beside a card of the same second that the other tool does not write.
    (({"at": 630, "text": "", "kind": "link"}, {"at": 630, "text": "", "kind": "quote"}), {"at": 630, "text": "按这个来", "kind": "quote"}),
]  # fmt: skip


@pytest.mark.parametrize(("shown", "kept"), BLANKED)
def test_a_row_without_words_is_the_one_of_its_own_moment_and_kind(
    shown: tuple[dict[str, Any], dict[str, Any]], kept: dict[str, Any]
) -> None:
    left = [*chat()[:11], *(r | {"who": 0} for r in shown), *chat()[11:]]
    right = [*chat()[:11], kept | {"who": 0}, *chat()[11:]]
    found = compare_readings(held(left, 0), held(right, 1)).alignment
    meant = 11 if shown[0]["text"] else 12
    assert found.filter(pl.col("right_row") == 11)["left_row"].to_list() == [meant]


def test_a_typed_sentence_of_the_client_that_one_form_reads_as_a_notice_is_missed_by_nobody() -> None:
    left = said(chat(), {12: '我拍了拍 "何晓宇"'})
    found = relations(left, [r | {"kind": "system", "who": None} if i == 12 else r for i, r in enumerate(left)])
    assert "one_sided" not in found
    assert relations(left, [r for i, r in enumerate(left) if i != 12])["one_sided"] == 1
    # The notice may have met another one of the same second.
    other = {"at": 720, "who": None, "kind": "system", "text": "我拍了拍自己"}
    right = [r | {"kind": "system", "who": None} if i == 12 else r for i, r in enumerate(left)]
    assert "one_sided" not in relations([*left[:13], other, *left[13:]], right)


def test_the_rows_own_numbers_in_the_place_of_server_ids_are_none() -> None:
    rows = said([r | {"message_id": str(10**18 + i)} for i, r in enumerate(chat())], {12: "电话14004551352，谢谢"})
    masked = said(rows, {12: "电话***********，谢谢"})
    other = [r | {"message_id": str(1000 + i)} if i % 6 == 0 else r for i, r in enumerate(masked)]
    assert relations(rows, other) == {"agreement": 40}


def test_money_calls_and_cards_of_which_one_side_holds_none_are_missed_by_nobody() -> None:
    kinds = ("transfer", "transfer", "red_packet", "red_packet", "call", "call", "card")
    rows = said(chat(), {4 * i + 3: "" for i in range(7)})
    rows = [r | {"kind": kinds[i // 4], "who": i // 4 % 2} if r["text"] == "" else r for i, r in enumerate(rows)]
    rows = said(rows, {1: "[图片]", 2: "[图片]"}, kind="image")
    assert relations(rows, [r for r in rows if r["text"]]) == {"agreement": 33, "doubtful": 7}
