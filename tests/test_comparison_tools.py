"""What one tool does to a whole export accuses nobody; the same to a single message still counts."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from reconcile.comparison import compare_readings
from tests.test_comparison_several import Row, chat, held

SIGNS = "😂👍💰🔥🫡"


def relations(left: list[Row], right: list[Row]) -> dict[str, int]:
    found = compare_readings(held(left, 0), held(right, 1)).alignment
    return dict(found["relation"].cast(pl.String).value_counts().rows())


def said(rows: list[Row], at: dict[int, str], **more: Any) -> list[Row]:
    """The rows with other words at these places."""
    return [r | {"text": at[i]} | more if i in at else r for i, r in enumerate(rows)]


SIGNED = said(chat(), {i: f"这件事我记住了，第{i}次{SIGNS[i % 5]}" for i in range(4, 40, 8)})
SIGN_NAMES = said(chat(), {i: f"这件事我记住了，第{i}次{'[微笑]' if i % 16 == 4 else '[强]'}" for i in range(4, 40, 8)})
LINED = said(chat(), {i: f"这是第{i}件事的开头\n后面还有{i}句话" for i in range(4, 40, 8)})
NAMED = said(chat(), {i: f"@{'张伟' if i % 16 == 4 else '李娜'} 第{i}件事你来办" for i in range(4, 40, 8)})
VALUES = said(chat(), dict(zip(range(4, 40, 8), ("007", "2024-03-01", "true", "1e5", "1/2"), strict=True)))
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
        (LINED, lambda t: t.split("\n")[0]),
        (SIGN_NAMES, lambda t: t.replace("[微笑]", "").replace("[强]", "")),
        (NAMED, renamed),
        (VALUES, lambda t: SAVED.get(t, t)),
    ],
    ids=[
        "signs dropped",
        "signs as question marks",
        "first line alone",
        "signs dropped by name",
        "names behind @",
        "saved by a spreadsheet program",
    ],
)
def test_what_a_tool_does_to_every_text_is_a_difference_of_form(rows: list[Row], habit: Callable[[str], str]) -> None:
    assert relations(rows, [r | {"text": habit(r["text"])} for r in rows]) == {"agreement": 40}


@pytest.mark.parametrize(("rows", "habit"), [(SIGNED, without_signs), (LINED, lambda t: t.split("\n")[0])])
def test_what_was_done_to_one_text_alone_is_a_conflict(rows: list[Row], habit: Callable[[str], str]) -> None:
    assert relations(rows, said(rows, {12: habit(rows[12]["text"])})) == {"agreement": 39, "conflict": 1}


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


def test_an_export_that_holds_words_alone_writes_no_other_kinds() -> None:
    rows = media()
    assert relations(rows, [r for r in rows if "kind" not in r]) == {"agreement": 33, "set_aside": 7}


def test_one_kind_that_is_lacking_as_a_whole_is_still_missed() -> None:
    rows = media()
    assert relations(rows, [r for r in rows if r.get("kind") != "image"]) == {"agreement": 38, "one_sided": 2}


def test_equal_rows_of_a_second_that_the_other_side_holds_once_are_in_doubt() -> None:
    burst = [{"at": 630, "who": 0, "text": "在吗"}] * 4
    found = relations([*chat()[:11], *burst, *chat()[11:]], [*chat()[:11], burst[0], *chat()[11:]])
    assert "one_sided" not in found


def test_equal_rows_of_a_second_of_which_the_other_side_holds_none_are_missed() -> None:
    burst = [{"at": 630, "who": 0, "text": "在吗"}] * 2
    elsewhere = {"at": 1530, "who": 0, "text": "在吗"}
    rows = [*chat()[:26], elsewhere, *chat()[26:]]
    assert relations([*rows[:11], *burst, *rows[11:]], rows)["one_sided"] > 0


@pytest.mark.parametrize("kinds", [("forward", "link"), ("location", "link"), ("forward", "location")])
def test_a_card_that_two_tools_call_by_unlike_kinds_is_missed_by_nobody(kinds: tuple[str, str]) -> None:
    left, right = (said(chat(), {12: f"清单{k}"}, kind=k) for k in kinds)
    assert relations(left, right).keys() <= {"agreement", "doubtful"}


def test_a_card_that_one_side_lacks_is_missed_as_ever() -> None:
    rows = said(chat(), {12: "清单"}, kind="link")
    assert relations(rows, [*rows[:12], *rows[13:]]) == {"agreement": 39, "one_sided": 1}


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
