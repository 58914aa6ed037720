"""Rows that no clock places, and rows whose words many others could be: told by the order of both files, by their moment, or by words nobody else wrote."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import polars as pl
import pytest

from reconcile.engine.compare import compare_readings
from reconcile.frames import Findings, Messages
from reconcile.intake.contract import ExportFacts, FormLimits, Reading
from reconcile.intake.frames import messages_of, reading_of
from tests.test_comparison_several import PEOPLE, START, Row, chat, state_of
from tests.test_comparison_several import held as in_room


def held(rows: Sequence[Row], owner: int, **facts: Any) -> Reading:
    """The rows as the owner's export holds them, in this order."""
    told = [
        {
            "conversation": "chat", "conversation_kind": "direct", "sent_at": START + timedelta(seconds=r["at"]), "time_precision": "second",
            "zone_source": "explicit", "text": r["text"], "kind": r.get("kind", "text"), "sender": None if r["who"] is None else PEOPLE[r["who"]],
            "is_self": None if r["who"] is None else r["who"] == owner, "media_hash": r.get("hash"), "message_id": r.get("id"),
        }
        for r in rows
    ]  # fmt: skip
    return reading_of(ExportFacts("message_table", **facts), messages_of(told))


def relations(found: Findings) -> set[str]:
    return set(found.alignment["relation"].cast(pl.String))


def short(at: float, who: int = 0, text: str = "好的", kind: str = "text") -> Row:
    return {"at": at, "who": who, "text": text, "kind": kind}


def set_by(rows: Sequence[Row], first: int, last: int, by: float) -> list[Row]:
    """The rows with the clock set by so many seconds from the first of these on to the last."""
    return [r | {"at": r["at"] + (by if first <= i <= last else 0)} for i, r in enumerate(rows)]


FEW = [short(1205, 0, "[语音]", "voice"), short(1220, 1, "[语音]", "voice"), short(1230, 1, "行"), short(1240, 0, "[图片]", "image")]  # fmt: skip


def test_a_few_short_rows_during_which_a_clock_was_a_day_behind_meet_in_their_place_in_both_files() -> None:
    rows = chat()
    whole = [*rows[:21], *FEW, *rows[21:]]
    found = compare_readings(held(whole, 0), held(set_by(whole, 21, 24, -86_400), 1))
    assert relations(found) == {"agreement"}


def test_a_short_row_out_of_its_files_order_is_one_message_whose_time_differs() -> None:
    rows = chat()
    whole = [*rows[:21], short(1220), *rows[21:]]
    found = compare_readings(held(whole, 0), held(set_by(whole, 21, 21, 86_400), 1))
    assert state_of(found, "好的", "left") == ("conflict", "time_differs")


def test_a_short_row_that_each_side_holds_in_another_place_may_be_two() -> None:
    rows = chat()
    left, right = [*rows[:21], short(1220), *rows[21:]], [*rows[:31], short(90_000), *rows[31:]]
    found = compare_readings(held(left, 0), held(right, 1))
    assert state_of(found, "好的", "left")[0] == "doubtful"


def test_rows_between_two_settings_of_a_clock_meet_in_order() -> None:
    rows = chat()
    whole = [*rows[:21], *FEW[:3], *rows[21:]]
    moved = set_by(set_by(whole, 21, 99, 28_800), 24, 99, 28_800)
    assert relations(compare_readings(held(whole, 0), held(moved, 1))) == {"agreement"}


def test_equal_rows_of_one_second_stand_on_one_side_of_a_clock_that_was_set_back() -> None:
    rows = chat()
    twins = [short(1210, 0, "[语音]", "voice"), short(1230, 1, "在的"), short(1210, 0, "[语音]", "voice")]
    whole = [*rows[:21], *twins, *rows[21:]]
    ordered = [*rows[:21], twins[0], twins[2], twins[1], *rows[21:]]
    found = compare_readings(held(set_by(whole, 15, 99, -43_200), 0), held(ordered, 1))
    assert relations(found) == {"agreement"}


def test_a_picture_whose_fingerprint_one_side_lacks_meets_the_picture_of_its_moment_and_not_a_typed_word_near_by() -> (
    None
):
    rows = chat()
    typed, picture = short(1210, 0, "[图片]"), short(1216, 0, "[图片]", "image")
    left = [*rows[:21], typed | {"kind": "image"}, picture | {"hash": "9e107d9d372bb6826bd81d3542a419d6"}, *rows[21:]]
    right = [*rows[:21], typed, picture, *rows[21:]]
    found = compare_readings(held(left, 0), held(right, 1))
    assert relations(found) == {"agreement"}
    assert not (found.alignment["offset_seconds"].abs() > 0).any()


@pytest.mark.parametrize("many", [1, 2])
def test_words_nobody_else_wrote_are_one_message_under_two_senders_at_two_times(many: int) -> None:
    rows = chat()
    changed = rows[20] | {"who": 1 - rows[20]["who"], "at": rows[20]["at"] + 3600}
    again = [rows[20] | {"at": rows[20]["at"] - 900}] * (many - 1)
    found = compare_readings(held([*rows[:5], *again, *rows[5:]], 0), held([*rows[:20], changed, *rows[21:]], 1))
    alone = found.alignment.filter(pl.col("left_row").is_null() | pl.col("right_row").is_null()).height
    assert alone == (0 if many == 1 else 3)


def test_a_refused_message_is_no_copy_of_an_equal_one_before_the_other_side_begins() -> None:
    rows = chat()
    refused = [
        short(1230, 0, rows[3]["text"]),
        short(1231, 0, "消息已发出，但被对方拒收了。", "system") | {"who": None},
    ]
    found = compare_readings(held([*rows[5:21], *refused, *rows[21:]], 0), held([r | {"who": 0} if i == 3 else r for i, r in enumerate(rows)], 1))  # fmt: skip
    assert "conflict" not in relations(found)


def beside(reading: Reading, at: Sequence[float]) -> Reading:
    """The export with another chat of its device, a row at each of these moments of its clock."""
    other = [{"conversation": "wxid_dddddddd", "conversation_kind": "direct", "sent_at": START + timedelta(seconds=t), "time_precision": "second", "zone_source": "explicit", "text": f"另一件事{t}", "kind": "text", "sender": "wxid_dddddddd", "is_self": False} for t in at]  # fmt: skip
    rows = pl.concat([reading.messages, messages_of(other)], how="vertical_relaxed")
    return reading_of(reading.facts, messages_of(rows))


def test_two_swapped_times_are_no_clock_that_was_set_behind_the_last_common_row() -> None:
    rows = chat(60)
    times = rows[10]["at"], rows[30]["at"]
    swapped = [r | {"at": times[i == 10]} if i in (10, 30) else r for i, r in enumerate(rows)]
    cut = sorted(swapped[:50], key=lambda r: r["at"])
    found = compare_readings(held(rows[:54], 0), beside(held(cut, 1), [1000, 2000, 3900]))
    assert state_of(found, rows[52]["text"], "left")[0] == "one_sided"


def test_what_a_device_holds_before_its_clock_can_have_been_set_says_how_far_it_reaches_back() -> None:
    rows = [r | {"at": 3600 * i} for i, r in enumerate(chat(60))]
    cut = set_by(rows, 30, 99, -28_800)[5:]
    found = compare_readings(held(rows, 0), beside(held(cut, 1), [-1800, 7200, 10_000]))
    assert state_of(found, rows[2]["text"], "left")[0] == "one_sided"


def test_a_clock_that_was_set_between_two_sessions_is_no_steady_drift() -> None:
    rows = [r | {"at": r["at"] + (93_600 if i >= 30 else 0)} for i, r in enumerate(chat(60))]
    found = compare_readings(held(rows, 0), held(set_by(rows, 29, 99, 300), 1))
    assert relations(found) == {"agreement"}


def longer(rows: list[Row]) -> list[Row]:
    """The rows with blanks behind the first, so that this side stands second by its size."""
    return [rows[0] | {"text": rows[0]["text"] + "    "}, *rows[1:]]


@pytest.mark.parametrize("is_longer", [False, True])
def test_short_rows_among_earlier_ones_in_a_file_sorted_by_a_clock_set_back_are_not_missed(is_longer: bool) -> None:
    hour = 3600
    # Two sessions, then the clock is set ten hours back: ten rows come to stand before the first session, three short ones behind it.
    rows = [
        r | {"at": r["at"] + (7 * hour if i >= 30 else 0) + (hour if i >= 50 else 0)} for i, r in enumerate(chat(60))
    ]
    last = rows[-1]["at"]
    few = [short(last + 3 * hour + 20 * i, i % 2, t) for i, t in enumerate(("对", "打拳了", "嗯嗯", "行"))]
    whole = [*rows, *few]
    other = sorted(set_by(whole, 50, 99, -10 * hour), key=lambda r: r["at"])
    whole = longer(whole) if is_longer else whole
    assert relations(compare_readings(held(whole, 0), held(other, 1))) == {"agreement"}


@pytest.mark.parametrize("is_longer", [False, True])
def test_a_row_beside_a_setting_of_the_clock_is_recalled_where_its_notice_says_so(is_longer: bool) -> None:
    rows = chat()
    gone, notice = short(1210, 1, "起飞"), {"at": 1212, "who": None, "text": "你撤回了一条消息", "kind": "recall"}
    few = [short(1225, 0, "哦"), short(1240, 1, "行")]
    right = set_by([*rows[:21], notice, *few, *rows[21:]], 21, 99, 3600)
    left = [*rows[:21], gone, *few, *rows[21:]]
    found = compare_readings(held(longer(left) if is_longer else left, 0), held(right, 1))
    assert state_of(found, "起飞", "left") == ("set_aside", "recalled")


def test_a_sticker_some_seconds_off_the_clock_meets_the_only_one_in_its_place() -> None:
    rows = chat()
    left, right = ([*rows[:21], short(t, 0, "[动画表情]", "sticker"), *rows[21:]] for t in (1210, 1219))
    left[21] |= {"hash": "9e107d9d372bb6826bd81d3542a419d6", "text": ""}
    assert relations(compare_readings(held(left, 0), held(right, 1))) == {"agreement"}


def test_words_with_an_emoji_are_as_telling_in_the_form_that_writes_it_as_one_character() -> None:
    rows = chat()
    left, right = (
        [*rows[:n], short(60 * n - 30, 0, t), *rows[n:]] for n, t in ((20, "谢谢支持[玫瑰]"), (35, "谢谢支持🌹"))
    )
    assert state_of(compare_readings(held(left, 0), held(right, 1)), "谢谢支持🌹", "right")[1] == "time_differs"


def test_short_rows_before_all_that_tells_the_clock_meet_on_another_clock_that_the_chat_shows() -> None:
    rows = [r | {"at": 600 + r["at"]} for r in chat()]
    whole = [short(20 * i, i % 2, t) for i, t in enumerate(("在的", "好"))] + rows
    # Right at the beginning, ahead by an hour for a while, and right again.
    assert relations(compare_readings(held(whole, 0), held(set_by(whole, 2, 20, -3600), 1))) == {"agreement"}


def test_a_row_that_swapped_its_place_at_a_fall_of_the_clock_meets_on_the_clock_behind_it() -> None:
    rows = chat()
    whole = [*rows[:20], short(1150, 0, "哈哈哈"), short(1170, 1, "行"), *rows[20:]]
    other = set_by(whole, 21, 99, -28_800)
    other[20], other[21] = other[21], other[20]
    assert relations(compare_readings(held(whole, 0), held(other, 1))) == {"agreement"}


def test_a_picture_without_fingerprint_meets_that_of_its_moment_where_the_side_states_some() -> None:
    rows = chat()
    first, second = short(1210, 0, "[图片]", "image"), short(1212, 0, "[图片]", "image")
    known, other = {"hash": "9e107d9d372bb6826bd81d3542a419d6"}, {"hash": "e4d909c290d0fb1ca068ffaddf22cbd0"}
    left = [rows[0], short(30, 0, "[图片]", "image") | other, *rows[1:21], first]
    right = [rows[0], short(30, 0, "[图片]", "image") | other, *rows[1:21], first | known, second, *rows[21:]]
    found = compare_readings(held(left, 0), held(right, 1))
    assert found.alignment.filter(pl.col("left_row") == 22)["right_row"].to_list() == [22]
    assert "one_sided" not in relations(found)


def test_a_respelt_row_beside_a_step_is_looked_for_on_both_clocks() -> None:
    rows = chat()
    left, right = (
        [*rows[:21], short(1230, 1, t), *rows[21:]] for t in ("利息按月算，本金6千", "利息按月算，本金6000.00")
    )
    found = compare_readings(held(left, 0), held(set_by(right, 21, 99, 300), 1))
    assert relations(found) == {"agreement"}


def test_the_moment_of_an_export_stands_on_a_right_clock_though_the_device_was_set_back() -> None:
    rows = chat()
    moment = START + timedelta(seconds=rows[35]["at"] + 10)
    device = held(set_by(rows[:36], 20, 99, -43_200), 1, exported_at=moment)
    found = compare_readings(held(rows, 0), device)
    assert state_of(found, rows[37]["text"], "left")[0] == "set_aside"


def test_a_clock_that_was_set_twice_is_followed_where_few_words_tell() -> None:
    rows = [short(20, 0, "在的"), *(r | {"at": 60 + r["at"]} for r in chat(5))]
    few = [
        short(400 + 20 * i, i % 2, t)
        for i, t in enumerate(("嗯", "好", "行", "可以的呀呀", "哦", "对", "没事", "知道了"))
    ]
    few[1] |= {"kind": "image", "text": "[图片]", "hash": "9e107d9d372bb6826bd81d3542a419d6"}
    few[5] |= {"kind": "image", "text": "[图片]", "hash": "e4d909c290d0fb1ca068ffaddf22cbd0"}
    whole = [*rows, *few]
    other = set_by(set_by(whole, 6, 99, -28_800), 10, 99, 300)
    assert relations(compare_readings(held(whole, 0), held(other, 1))) == {"agreement"}


def test_ids_are_believed_where_one_form_respells_every_text() -> None:
    rows = [r | {"id": str(7_000_000_000_000_000_000 + 17 * i)} for i, r in enumerate(chat())]
    respelt = [r | {"text": f"{r['text']} \r"} for r in rows]
    found = compare_readings(held(rows, 0), held(respelt, 1))
    assert set(found.alignment["method"].cast(pl.String)) == {"server_id"}


def test_all_rows_of_a_stretch_moved_within_a_chat_meet_and_differ_in_time_though_a_pause_hides_that_some_stand_out() -> (
    None
):
    rows = [r | {"at": r["at"] + (7200 if i >= 21 else 0)} for i, r in enumerate(chat())]
    stretch = [short(1210, 0, "嗯"), short(6900, 1, "？？"), short(6950, 0, "[视频]", "video"), short(7000, 1, "[语音]", "voice"), short(8400, 0, "以及"), short(8430, 1, "哦")]  # fmt: skip
    whole = [*rows[:21], *stretch, *rows[21:]]
    found = compare_readings(held(whole, 0), held(set_by(whole, 21, 26, 3600), 1))
    assert found.alignment["cause"].cast(pl.String).drop_nulls().to_list() == ["time_differs"] * 6
    assert relations(found) == {"agreement", "conflict"}


def test_two_rows_that_stand_as_far_off_their_files_order_are_in_doubt() -> None:
    rows = chat()
    whole = [*rows[:21], short(1210, 0, "嗯"), short(1225, 1, "？？"), *rows[21:]]
    assert relations(compare_readings(held(whole, 0), held(set_by(whole, 21, 22, 3600), 1))) == {"agreement", "doubtful"}  # fmt: skip


def test_two_messages_of_one_moment_of_which_each_side_lacks_one_are_not_one_rewritten() -> None:
    rows = [r | {"at": 20 * r["at"]} for r in chat()]
    left, right = ([*rows[:21], *few, *rows[21:]] for few in ([short(24_103, 0, "对"), short(24_104, 1, "这个坐骑真不错")], [short(24_102, 1, "三连跳再说一遍"), short(24_103, 0, "对")]))  # fmt: skip
    found = compare_readings(held(left, 0), held(right, 1))
    assert "conflict" not in relations(found)


def test_one_time_altered_by_as_much_as_the_clock_was_set_elsewhere_is_a_conflict() -> None:
    rows = chat()
    changed = rows[8] | {"at": rows[8]["at"] + 3600}
    other = set_by([*rows[:8], changed, *rows[9:]], 25, 30, 3600)
    assert state_of(compare_readings(held(rows, 0), held(other, 1)), rows[8]["text"], "left") == ("conflict", "time_differs")  # fmt: skip


@pytest.mark.parametrize("first", [28, 29])
def test_a_row_that_a_file_puts_before_the_moment_at_which_the_clock_was_set_back_keeps_its_time(first: int) -> None:
    whole = [r | {"id": str(7_000_000_000_000_000_000 + n)} for n, r in enumerate(chat())]
    moved = set_by(whole, 30, 99, -28_800)
    moved[first], moved[30] = moved[30], moved[first]
    assert relations(compare_readings(held(whole, 0), held(moved, 1))) == {"agreement"}


def test_without_times_the_picture_of_one_fingerprint_is_met_and_not_the_one_beside_it() -> None:
    rows = chat()
    pictures = [short(1220, 0, "[图片]", "image") | {"hash": digit * 32} for digit in "ab"]
    whole = held([*rows[:21], *pictures, *rows[21:]], 1)
    bare = whole.messages.with_columns(
        pl.lit(None, pl.Datetime("us", "UTC")).alias("sent_at"), pl.lit("none").alias("time_precision")
    )
    found = compare_readings(held([*rows[:21], pictures[1], *rows[21:]], 0), replace(whole, messages=messages_of(bare)))
    alone = found.alignment.filter(pl.col("relation") != "agreement")
    assert alone.select("relation", "left_row", "right_row").rows() == [("one_sided", None, 21)]


def test_two_refusals_told_in_one_second_speak_of_two_messages() -> None:
    rows = chat()
    end = rows[-1]["at"] + 60
    refused = [short(end, 0, "回话！！"), short(end + 1, 0, "再不处理我就起诉了！！")]
    notices = [short(end + 1, 0, "消息已发出，但被对方拒收了。", "system") | {"who": None} for _ in refused]
    later = [*rows, {"at": end + 600, "who": 1, "text": "后来又说上话了"}]
    found = compare_readings(held([*rows, *refused, *notices, later[-1]], 0), held(later, 1))
    assert relations(found) == {"agreement", "set_aside"}


def test_a_short_reply_shown_without_time_and_sender_meets_the_one_that_shows_in_words_what_it_quotes() -> None:
    rows = chat()
    left = [*rows[:20], short(1170, 1, "早\n引用：王甲: 收到"), *rows[20:]]
    other = [*rows[:20], short(1170, 1, "早", "quote"), *rows[20:]]
    reading = held(other, 1)
    bare = pl.col("text") == "早"
    without = [pl.when(~bare).then(c).alias(c) for c in ("sent_at", "sender", "is_self")]
    untimed = replace(reading, messages=Messages.cast(reading.messages.with_columns(without)))
    assert relations(compare_readings(held(left, 0), untimed)) == {"agreement"}


def untimed(rows: Sequence[Row], owner: int, **facts: Any) -> Reading:
    """The rows, in this order, as an export holds them that shows no times."""
    reading = held(rows, owner, **facts)
    gone = [pl.lit(None, dtype=reading.messages.schema["sent_at"]).alias("sent_at"), pl.lit("none").cast(reading.messages.schema["time_precision"]).alias("time_precision")]  # fmt: skip
    return replace(reading, messages=Messages.cast(reading.messages.with_columns(gone)))


def moved_on(rows: Sequence[Row], at: int, by: int) -> list[Row]:
    """The rows, one of them so many places later."""
    rest = [r for i, r in enumerate(rows) if i != at]
    return [*rest[: at + by], rows[at], *rest[at + by :]]


@pytest.mark.parametrize(
    ("text", "kind", "by", "found"),
    [
        ("已经确认了，你查一下", "text", 12, {"agreement"}),
        ("好的", "text", 12, {"agreement"}),
        ("[图片]", "image", 12, {"agreement"}),
        ("好的", "text", 60, {"agreement", "one_sided"}),
    ],
)
def test_without_times_what_each_side_holds_alone_some_places_off_is_missed_by_nobody(
    text: str, kind: str, by: int, found: set[str]
) -> None:
    rows = chat(100)
    whole = [*rows[:20], short(1170, 0, text, kind), *rows[20:]]
    assert relations(compare_readings(untimed(whole, 0), untimed(moved_on(whole, 20, by), 1))) == found


def test_without_times_a_row_gone_is_missing_whatever_the_order_of_its_neighbours() -> None:
    rows = chat(100)
    whole = [*rows[:20], short(1170), *rows[20:]]
    found = compare_readings(untimed(whole, 0), untimed(moved_on(rows, 24, 12), 1))
    assert relations(found) == {"agreement", "one_sided"}
    assert state_of(found, "好的", "left")[0] == "one_sided"


def test_without_times_a_row_whose_leading_hour_one_form_cuts_meets_though_neighbours_changed_places() -> None:
    rows = chat()
    whole = [*rows[:20], short(1170, 0, "13:45三号楼见"), *rows[20:]]
    cut = [r | {"text": r["text"].replace("13:", "")} for r in moved_on(whole, 20, 3)]
    stripping = FormLimits(strips_prefix=True)
    found = compare_readings(untimed(whole, 0), untimed(cut, 1, limits=stripping))
    assert relations(found) == {"agreement"}


def test_words_behind_a_leading_hour_that_one_form_cuts_are_in_doubt_on_both_sides() -> None:
    rows = chat(100)
    whole = [*rows[:20], short(1170, 0, "13:45三号楼见"), *rows[20:]]
    cut = [r | {"text": r["text"].replace("13:", "")} for r in moved_on(whole, 20, 60)]
    found = compare_readings(untimed(whole, 0), untimed(cut, 1, limits=FormLimits(strips_prefix=True)))
    assert relations(found) == {"agreement", "doubtful"}


def test_in_the_minute_of_joining_and_of_leaving_nothing_tells_which_came_first() -> None:
    rows = [r | {"at": r["at"] + (55 if i in (10, 30) else 13 * i % 50)} for i, r in enumerate(chat(40, people=3))]
    came = {"at": 600, "who": None, "text": '"王甲"邀请你加入了群聊', "kind": "system"}
    minutes = [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for r in [came, *rows[11:]]]
    found = compare_readings(in_room(rows, 0), in_room(minutes, 1, is_room=True))
    assert state_of(found, rows[10]["text"], "left") == ("set_aside", "membership")
    gone = {"at": 1850, "who": None, "text": '你被"王甲"移出群聊', "kind": "system"}
    minutes = [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for r in rows]
    found = compare_readings(in_room(minutes, 0), in_room([*rows[:30], gone], 1, is_room=True))
    assert state_of(found, rows[30]["text"], "left") == ("set_aside", "membership")


def test_a_notice_of_a_recall_is_not_the_notice_of_a_joining_beside_it() -> None:
    rows = chat(40, people=3)
    recall = {"at": 605, "who": None, "text": '"王甲" 撤回了一条消息', "kind": "recall"}
    came = {"at": 605, "who": None, "text": '"王甲"邀请"李乙"加入了群聊', "kind": "system"}
    found = compare_readings(in_room([*rows[:11], recall, *rows[11:]], 0), in_room([*rows[:11], came, *rows[11:]], 1))
    assert relations(found) == {"agreement", "set_aside"}


@pytest.mark.parametrize(("is_loose", "relation"), [(True, "set_aside"), (False, "one_sided")])
def test_without_times_a_row_near_the_first_common_ones_may_lie_before_them_where_the_orders_differ(
    *, is_loose: bool, relation: str
) -> None:
    rows = chat(60)
    shown = [*rows[12:14], *rows[15:]]
    for i in range(1, 40, 6) if is_loose else ():
        shown[i : i + 2] = shown[i : i + 2][::-1]
    found = compare_readings(untimed(rows, 0), untimed(shown, 1))
    assert state_of(found, rows[14]["text"], "left")[0] == relation


def test_of_a_short_chat_whose_clock_was_set_two_times_written_alike_are_one_time() -> None:
    rows = [short(0, 0, "嗯"), *(r | {"at": r["at"] + 120} for r in chat(6))]
    left = [rows[0], *(r | {"at": r["at"] - 3600} for r in rows[1:])]
    later = START + timedelta(days=9)
    found = compare_readings(held(sorted(left, key=lambda r: r["at"]), 0), held(rows, 1, exported_at=later))
    assert state_of(found, "嗯", "left")[0] == "doubtful"


def test_a_clock_set_in_mid_chat_is_followed_where_nothing_but_pictures_and_voices_is_written_from_then_on() -> None:
    rows, rng, at = chat(30), Random(5), 1800.0
    for _ in range(70):
        at += rng.choice([3, 8, 21, 55, 400])
        rows.append(short(at, rng.randint(0, 1), *rng.choice([("[图片]", "image"), ("[语音]", "voice")])))
    found = compare_readings(held(rows, 0), held(set_by(rows, 30, 200, 300), 1))
    assert relations(found) <= {"agreement", "doubtful"}
    assert found.alignment.filter(pl.col("relation").cast(pl.String) == "doubtful").height < 30


@pytest.mark.parametrize(("by", "relation"), [(11, "doubtful"), (2, "conflict")])
def test_pictures_of_two_senders_some_seconds_apart_are_no_message_whose_sender_differs(
    by: float, relation: str
) -> None:
    rows = chat(40, people=3)
    unnamed = {"at": 1205, "who": None, "text": "第九十批水泥明天才能送到"}
    pictures = [{"at": 1210 + d, "who": w, "text": "[图片]", "kind": "image"} for w, d in ((0, 0), (1, by))]
    left, right = ([*rows[:21], *more, p, *rows[21:]] for p, more in zip(pictures, ([unnamed], []), strict=True))
    late = [r if r["text"] == "[图片]" else r | {"at": r["at"] + i % 5} for i, r in enumerate(right)]
    found = compare_readings(in_room(left, 0), in_room(late, 2))
    assert state_of(found, "[图片]", "left")[0] == relation


def test_rows_that_a_clock_set_back_put_before_all_others_meet_though_the_one_telling_among_them_shows_what_it_quotes() -> (
    None
):
    rows = [r | {"at": r["at"] * 30} for r in chat()]
    at = rows[20]["at"] + 60
    few = [short(at + 3 * i, i % 2, text) for i, text in enumerate(("98", "好的收到", "嗯"))]
    reply = short(at + 12, 1, "电话打不通，后天联系", "quote")
    early = [r | {"at": r["at"] - 86_400} for r in (*few, reply | {"text": reply["text"] + "\n引用：王甲: 收到", "kind": "text"})]  # fmt: skip
    found = compare_readings(held([*early, *rows], 0), held([*rows[:21], *few, reply, *rows[21:]], 1))
    assert relations(found) == {"agreement"}
