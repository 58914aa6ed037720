"""Clocks that were set, that drift or that are simply wrong accuse nobody."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

import polars as pl
import pytest

from bench.quality import run_trial
from reconcile.engine.params import PARAMS
from reconcile.intake.contract import ExportFacts, FormLimits, Reading
from reconcile.intake.frames import messages_of, reading_of
from tests.build.chats import (
    HOUR,
    START,
    Row,
    Rows,
    as_tables,
    beside_other_chat,
    chat,
    clock_set,
    counts,
    drawn_chat,
    grades_of,
    held,
    held_direct,
    in_file_order,
    of_kinds,
    own_clock,
    relations_in,
    said,
    set_by,
    short_row,
    state_of,
    with_longer_text,
)
from tests.build.together import Comparing

FEW = [short_row(1205, 0, "[语音]", "voice"), short_row(1220, 1, "[语音]", "voice"), short_row(1230, 1, "行"), short_row(1240, 0, "[图片]", "image")]  # fmt: skip


def test_rows_that_a_set_back_clock_puts_among_earlier_ones_are_still_missed() -> Comparing:
    rows = drawn_chat(60)
    held = clock_set(rows, 30, -HOUR)
    found = yield in_file_order(held, clock_set(rows[:40] + rows[43:]))
    assert found.verdicts["right_missing"].to_list() == [3]


@pytest.mark.parametrize(("again", "agreeing"), [(slice(9, 14), 0), (slice(0, 40), 40)])
def test_a_few_words_said_again_in_another_month_are_no_clock_that_was_wrong_and_a_whole_chat_is(
    again: slice, agreeing: int
) -> Comparing:
    rows = drawn_chat(40)
    other = [r | {"text": str(r["text"])[::-1]} for r in rows]
    month = other[: again.start] + rows[again] + other[again.stop :]
    found = yield held_direct(rows, 0), held_direct([r | {"at": float(str(r["at"])) + 777 * HOUR} for r in month], 1)
    assert found.verdicts.select("agreements", "conflicts").row(0) == (agreeing, 0)


def test_pages_of_a_file_in_another_order_are_no_clock_that_was_set() -> Comparing:
    rows = clock_set(drawn_chat(60))
    found = yield in_file_order(rows[30:] + rows[:30], rows[:40] + rows[43:])
    assert found.verdicts["right_missing"].to_list() == [3]


def test_short_replies_behind_the_last_long_words_tell_a_clock_that_was_set_there() -> Comparing:
    rows = drawn_chat(40)
    last = float(str(rows[-1]["at"]))
    tail: Rows = [
        {"at": last + 30 * i + i * i, "who": i % 2, "text": t} for i, t in enumerate(("好", "行", "嗯", "在的"), 1)
    ]
    found = yield in_file_order(clock_set(rows + tail, 40, HOUR), clock_set(rows + tail))
    assert relations_in(found) == {"agreement"}


@pytest.mark.parametrize(("left_by", "right_by"), [(-600.0, 0.0), (61.0, 0.0), (95.0, -40.0)])
def test_a_wrong_clock_that_stamps_only_what_its_owner_sends_alters_no_times(
    left_by: float, right_by: float
) -> Comparing:
    rows = [r | {"text": "好的"} if i % 5 == 4 else r for i, r in enumerate(drawn_chat(60))]
    left, right = (
        [r | {"at": float(str(r["at"])) + (by if r["who"] == owner else 0.0)} for r in rows]
        for owner, by in enumerate((left_by, right_by))
    )
    right[30] = right[30] | {"at": float(str(right[30]["at"])) + 1200}
    states = (yield in_file_order(left, right)).alignment["relation"].cast(pl.String).value_counts(sort=True)
    assert states.rows() == [("agreement", 59), ("conflict", 1)]


@pytest.mark.parametrize("by", [-200.0, 130.0, 200.0])
def test_an_own_clock_that_was_set_within_the_chat_alters_no_times_and_lacks_nothing(by: float) -> Comparing:
    rows = [r | {"text": "好的"} if i % 2 else r for i, r in enumerate(drawn_chat(60))]
    states = (yield in_file_order(own_clock(rows, by, 30), clock_set(rows))).alignment["relation"].cast(pl.String)
    assert set(states.unique()) <= {"agreement", "doubtful"}


def test_an_own_message_with_the_time_that_the_other_side_has_agrees_though_the_owners_clock_is_off_there() -> (
    Comparing
):
    rows = drawn_chat(60)
    own = [i for i, r in enumerate(rows) if r["who"] == 0 and i > 30]
    moved = own_clock(rows, -7200.0, 30)
    right_on_time = [r | {"at": rows[own[8]]["at"]} if r["text"] == rows[own[8]]["text"] else r for r in moved]
    found = yield in_file_order(sorted(right_on_time, key=lambda r: float(str(r["at"]))), clock_set(rows))
    assert set(found.alignment["relation"].cast(pl.String)) == {"agreement"}


def test_two_altered_times_among_three_long_texts_are_no_wide_clocks_where_all_short_replies_keep_one_time() -> (
    Comparing
):
    short = ["好的", "行", "对", "好吧", "嗯", "随便", "收到", "辛苦了", "可以"]
    rows: Rows = [{"at": 30 * i, "text": text, "who": i % 2} for i, text in enumerate(short)]
    long = ["尾款两万五什么时候能到账啊", "我上周转了你四万五你查一下", "当时讲好是八千五不是八百三"]
    rows += [{"at": 15 + 60 * i, "text": text, "who": i % 2} for i, text in enumerate(long)]
    rows.sort(key=lambda r: float(str(r["at"])))
    by = {long[0]: 1336.0, long[1]: -1391.0}
    altered = [r | {"at": float(str(r["at"])) + by.get(str(r["text"]), 0.0)} for r in rows]
    found = yield in_file_order(sorted(altered, key=lambda r: float(str(r["at"]))), rows)
    assert found.alignment["cause"].cast(pl.String).drop_nulls().to_list() == ["time_differs"] * 2


def test_an_own_clock_is_recognised_where_the_two_tools_spell_that_senders_texts_otherwise() -> Comparing:
    rows = drawn_chat(60)
    other = [r | {"text": f"{r['text']}[微笑]"} if r["who"] == 0 else r for r in rows]
    spelled = [r | {"text": f"{r['text']}😊"} if r["who"] == 0 else r for r in rows]
    found = yield in_file_order(own_clock(other, 9000.0), clock_set(spelled))
    assert set(found.alignment["relation"].cast(pl.String)) == {"agreement"}


@pytest.mark.parametrize("swapped", [False, True])
def test_an_own_clock_that_was_set_within_the_chat_is_reported_and_explains_what_its_owner_sent(
    swapped: bool,
) -> Comparing:
    rows = drawn_chat(60)
    sides = own_clock(rows, 9000.0, 30), clock_set(rows)
    if swapped:
        people = [r | {"who": 1 - int(str(r["who"]))} for side in sides for r in side]
        sides = people[60:], people[:60]
    found = yield in_file_order(*sides)
    assert grades_of(found) == ["explained_differences"]
    assert [s["reading"] for s in found.verdicts["clock_segments"][0]] == ["own_clock"]


def test_own_times_that_leave_the_clock_and_return_to_it_are_in_doubt() -> Comparing:
    rows = drawn_chat(60)
    moved = [
        r | {"at": float(str(r["at"])) + 5400.0} if r["who"] == 0 and 20 <= i < 30 else r for i, r in enumerate(rows)
    ]
    found = yield in_file_order(sorted(moved, key=lambda r: float(str(r["at"]))), clock_set(rows))
    assert grades_of(found) == ["cannot_determine"]


def test_times_of_both_people_that_leave_the_clock_by_one_distance_are_changed_times() -> Comparing:
    rows = drawn_chat(60)
    moved = [r | {"at": float(str(r["at"])) + 5400.0} if 22 <= i <= 26 else r for i, r in enumerate(rows)]
    found = yield in_file_order(sorted(moved, key=lambda r: float(str(r["at"]))), clock_set(rows))
    assert found.verdicts["conflicts"].to_list() == [5]


def test_times_that_agree_on_the_clock_of_the_chat_are_no_conflict_in_a_stretch_of_another_one() -> Comparing:
    rows = said(chat(60), dict.fromkeys((25, 27), "好的"))
    own = [r | {"at": r["at"] + (1500 if 20 <= i <= 34 and r["who"] == 0 else 0)} for i, r in enumerate(rows)]
    found = yield held_direct(sorted(own, key=lambda r: r["at"]), 0), held_direct(rows, 1)
    assert "conflict" not in relations_in(found)


def test_a_picture_and_a_payment_that_only_a_wrong_date_keeps_apart_are_in_doubt() -> Comparing:
    rows = said(
        of_kinds({22: "image", 26: "voice", 28: "transfer"}),
        {i: ("我到家了", "下雨了带伞")[i in (30, 32, 37)] for i in (20, 24, 30, 32, 35, 37)},
    )
    dated = [r | {"at": r["at"] - (365 * 86_400 if r["who"] == 0 and 20 <= i <= 32 else 0)} for i, r in enumerate(rows)]
    found = yield held_direct(sorted(dated, key=lambda r: r["at"]), 0), held_direct(rows, 1)
    assert "one_sided" not in relations_in(found)


def test_jitter_of_twenty_seconds_is_no_conflict_of_time() -> Comparing:
    rng = Random(3)
    rows = drawn_chat(80)
    shaken = [r | {"at": float(str(r["at"])) + rng.randint(-20, 20)} for r in rows]
    assert (yield as_tables(rows, shaken)).verdicts["conflicts"].to_list() == [0]


def test_a_drifting_clock_hides_no_placeholder_without_a_hash() -> Comparing:
    rows = drawn_chat(60)
    for i, row in enumerate(rows):
        row["at"] = float(str(row["at"])) + (i // 10) * 86_400
        if i % 10 in (0, 9):
            row |= {"kind": "image", "text": "[图片]", "hash0": f"{i:032x}"}
    drifting = [r | {"at": float(str(r["at"])) * (1 + 3 / 3600)} for r in rows]
    assert (yield as_tables(rows, drifting)).verdicts["grade"].to_list() == ["no_gap_found"]


def test_a_step_of_the_clock_beside_an_image_without_a_hash_is_no_gap() -> Comparing:
    rows = drawn_chat(60)
    for i in (30, 31):
        rows[i] |= {"kind": "image", "text": "[图片]", "hash1": f"{i:032x}"}
    stepped = [r | {"at": float(str(r["at"])) + (3600 if i >= 30 else 0)} for i, r in enumerate(rows)]
    assert relations_in((yield as_tables(rows, stepped))) == {"agreement"}


def test_a_date_before_there_was_any_wechat_is_a_clock_that_nobody_set() -> Comparing:
    rows = chat()
    unset = pl.datetime(2000, 1, 1)
    seconds = float(pl.select(unset.dt.epoch("s") - pl.lit(1_709_254_800)).item())
    other = [r | {"at": seconds} if i == 20 else r for i, r in enumerate(rows)]
    assert counts((yield rows, other)) == {"agreement": 40}


def test_own_clock_and_a_step_together_alter_no_times() -> Comparing:
    rows = chat()
    other = [r | {"at": r["at"] + (226 if r["who"] == 0 else 0) + (7200 if i >= 25 else 0)} for i, r in enumerate(rows)]
    assert set(counts((yield rows, other))) <= {"agreement", "doubtful"}


def test_two_times_written_alike_are_one_time_where_a_senders_own_clock_was_set() -> Comparing:
    who = "11020000120200002102000200000000110000210120010110"
    rows = [r | {"who": int(w)} for r, w in zip(chat(50), who, strict=True)]
    unset = {i: 86_400 - (700_000_000 if 20 <= i < 28 else 0) for i, w in enumerate(who) if w == "0"}
    assert counts((yield rows, [r | {"at": r["at"] + unset.get(i, 0)} for i, r in enumerate(rows)])) == {
        "agreement": 50
    }


def test_a_few_short_rows_during_which_a_clock_was_a_day_behind_meet_in_their_place_in_both_files() -> Comparing:
    rows = chat()
    whole = [*rows[:21], *FEW, *rows[21:]]
    found = yield held_direct(whole, 0), held_direct(set_by(whole, 21, 24, -86_400), 1)
    assert relations_in(found) == {"agreement"}


def test_rows_between_two_settings_of_a_clock_meet_in_order() -> Comparing:
    rows = chat()
    whole = [*rows[:21], *FEW[:3], *rows[21:]]
    moved = set_by(set_by(whole, 21, 99, 28_800), 24, 99, 28_800)
    assert relations_in((yield held_direct(whole, 0), held_direct(moved, 1))) == {"agreement"}


def test_equal_rows_of_one_second_stand_on_one_side_of_a_clock_that_was_set_back() -> Comparing:
    rows = chat()
    twins = [short_row(1210, 0, "[语音]", "voice"), short_row(1230, 1, "在的"), short_row(1210, 0, "[语音]", "voice")]
    whole = [*rows[:21], *twins, *rows[21:]]
    ordered = [*rows[:21], twins[0], twins[2], twins[1], *rows[21:]]
    found = yield held_direct(set_by(whole, 15, 99, -43_200), 0), held_direct(ordered, 1)
    assert relations_in(found) == {"agreement"}


def test_two_swapped_times_are_no_clock_that_was_set_behind_the_last_common_row() -> Comparing:
    rows = chat(60)
    times = rows[10]["at"], rows[30]["at"]
    swapped = [r | {"at": times[i == 10]} if i in (10, 30) else r for i, r in enumerate(rows)]
    cut = sorted(swapped[:50], key=lambda r: r["at"])
    found = yield held_direct(rows[:54], 0), beside_other_chat(held_direct(cut, 1), [1000, 2000, 3900])
    assert state_of(found, rows[52]["text"], "left")[0] == "one_sided"


def test_a_clock_that_was_set_between_two_sessions_is_no_steady_drift() -> Comparing:
    rows = [r | {"at": r["at"] + (93_600 if i >= 30 else 0)} for i, r in enumerate(chat(60))]
    found = yield held_direct(rows, 0), held_direct(set_by(rows, 29, 99, 300), 1)
    assert relations_in(found) == {"agreement"}


@pytest.mark.parametrize("is_longer", [False, True])
def test_short_rows_among_earlier_ones_in_a_file_sorted_by_a_clock_set_back_are_not_missed(
    is_longer: bool,
) -> Comparing:
    hour = 3600
    # Two sessions, then the clock is set ten hours back: ten rows come to stand before the first session, three short ones behind it.
    rows = [
        r | {"at": r["at"] + (7 * hour if i >= 30 else 0) + (hour if i >= 50 else 0)} for i, r in enumerate(chat(60))
    ]
    last = rows[-1]["at"]
    few = [short_row(last + 3 * hour + 20 * i, i % 2, t) for i, t in enumerate(("对", "打拳了", "嗯嗯", "行"))]
    whole = [*rows, *few]
    other = sorted(set_by(whole, 50, 99, -10 * hour), key=lambda r: r["at"])
    whole = with_longer_text(whole) if is_longer else whole
    assert relations_in((yield held_direct(whole, 0), held_direct(other, 1))) == {"agreement"}


def test_a_sticker_some_seconds_off_the_clock_meets_the_only_one_in_its_place() -> Comparing:
    rows = chat()
    left, right = ([*rows[:21], short_row(t, 0, "[动画表情]", "sticker"), *rows[21:]] for t in (1210, 1219))
    left[21] |= {"hash": "9e107d9d372bb6826bd81d3542a419d6", "text": ""}
    assert relations_in((yield held_direct(left, 0), held_direct(right, 1))) == {"agreement"}


def test_words_with_an_emoji_are_as_telling_in_the_form_that_writes_it_as_one_character() -> Comparing:
    rows = chat()
    left, right = (
        [*rows[:n], short_row(60 * n - 30, 0, t), *rows[n:]] for n, t in ((20, "谢谢支持[玫瑰]"), (35, "谢谢支持🌹"))
    )
    assert state_of((yield held_direct(left, 0), held_direct(right, 1)), "谢谢支持🌹", "right")[1] == "time_differs"


def test_short_rows_before_all_that_tells_the_clock_meet_on_another_clock_that_the_chat_shows() -> Comparing:
    rows = [r | {"at": 600 + r["at"]} for r in chat()]
    whole = [short_row(20 * i, i % 2, t) for i, t in enumerate(("在的", "好"))] + rows
    # Right at the beginning, ahead by an hour for a while, and right again.
    assert relations_in((yield held_direct(whole, 0), held_direct(set_by(whole, 2, 20, -3600), 1))) == {"agreement"}


def test_a_row_that_swapped_its_place_at_a_fall_of_the_clock_meets_on_the_clock_behind_it() -> Comparing:
    rows = chat()
    whole = [*rows[:20], short_row(1150, 0, "哈哈哈"), short_row(1170, 1, "行"), *rows[20:]]
    other = set_by(whole, 21, 99, -28_800)
    other[20], other[21] = other[21], other[20]
    assert relations_in((yield held_direct(whole, 0), held_direct(other, 1))) == {"agreement"}


def test_a_respelt_row_beside_a_step_is_looked_for_on_both_clocks() -> Comparing:
    rows = chat()
    left, right = (
        [*rows[:21], short_row(1230, 1, t), *rows[21:]] for t in ("利息按月算，本金6000", "利息按月算，本金６０００")
    )
    found = yield held_direct(left, 0), held_direct(set_by(right, 21, 99, 300), 1)
    assert relations_in(found) == {"agreement"}


def test_the_moment_of_an_export_stands_on_a_right_clock_though_the_device_was_set_back() -> Comparing:
    rows = chat()
    moment = START + timedelta(seconds=rows[35]["at"] + 10)
    device = held_direct(set_by(rows[:36], 20, 99, -43_200), 1, exported_at=moment)
    found = yield held_direct(rows, 0), device
    assert state_of(found, rows[37]["text"], "left")[0] == "set_aside"


def test_a_clock_that_was_set_twice_is_followed_where_few_words_tell() -> Comparing:
    rows = [short_row(20, 0, "在的"), *(r | {"at": 60 + r["at"]} for r in chat(5))]
    few = [
        short_row(400 + 20 * i, i % 2, t)
        for i, t in enumerate(("嗯", "好", "行", "可以的呀呀", "哦", "对", "没事", "知道了"))
    ]
    few[1] |= {"kind": "image", "text": "[图片]", "hash": "9e107d9d372bb6826bd81d3542a419d6"}
    few[5] |= {"kind": "image", "text": "[图片]", "hash": "e4d909c290d0fb1ca068ffaddf22cbd0"}
    whole = [*rows, *few]
    other = set_by(set_by(whole, 6, 99, -28_800), 10, 99, 300)
    assert relations_in((yield held_direct(whole, 0), held_direct(other, 1))) == {"agreement"}


@pytest.mark.parametrize("first", [28, 29])
def test_a_row_that_a_file_puts_before_the_moment_at_which_the_clock_was_set_back_keeps_its_time(
    first: int,
) -> Comparing:
    whole = [r | {"id": str(7_000_000_000_000_000_000 + n)} for n, r in enumerate(chat())]
    moved = set_by(whole, 30, 99, -28_800)
    moved[first], moved[30] = moved[30], moved[first]
    assert relations_in((yield held_direct(whole, 0), held_direct(moved, 1))) == {"agreement"}


def test_of_a_short_chat_whose_clock_was_set_two_times_written_alike_are_one_time() -> Comparing:
    rows = [short_row(0, 0, "嗯"), *(r | {"at": r["at"] + 120} for r in chat(6))]
    left = [rows[0], *(r | {"at": r["at"] - 3600} for r in rows[1:])]
    later = START + timedelta(days=9)
    found = yield held_direct(sorted(left, key=lambda r: r["at"]), 0), held_direct(rows, 1, exported_at=later)
    assert state_of(found, "嗯", "left")[0] == "doubtful"


def test_a_clock_set_in_mid_chat_is_followed_where_nothing_but_pictures_and_voices_is_written_from_then_on() -> (
    Comparing
):
    rows, rng, at = chat(30), Random(5), 1800.0
    for _ in range(70):
        at += rng.choice([3, 8, 21, 55, 400])
        rows.append(short_row(at, rng.randint(0, 1), *rng.choice([("[图片]", "image"), ("[语音]", "voice")])))
    found = yield held_direct(rows, 0), held_direct(set_by(rows, 30, 200, 300), 1)
    assert relations_in(found) <= {"agreement", "doubtful"}
    assert found.alignment.filter(pl.col("relation").cast(pl.String) == "doubtful").height < 30


def test_rows_that_a_clock_set_back_put_before_all_others_meet_though_the_one_telling_among_them_shows_what_it_quotes() -> (
    Comparing
):
    rows = [r | {"at": r["at"] * 30} for r in chat()]
    at = rows[20]["at"] + 60
    few = [short_row(at + 3 * i, i % 2, text) for i, text in enumerate(("98", "好的收到", "嗯"))]
    reply = short_row(at + 12, 1, "电话打不通，后天联系", "quote")
    early = [r | {"at": r["at"] - 16 * HOUR} for r in (*few, reply | {"text": reply["text"] + f"\n引用：王甲: {rows[3]['text']}", "kind": "text"})]  # fmt: skip
    found = yield held_direct([*early, *rows], 0), held_direct([*rows[:21], *few, reply, *rows[21:]], 1)
    assert relations_in(found) == {"agreement"}


def test_clocks_are_learnt_from_rounded_ids_where_no_words_are_spelt_alike() -> None:
    trial = run_trial("ids cut to 15 digits + invisible characters + offsets of both", 30312)
    assert (trial.score.innocent_accused, trial.score.conflicts_claimed) == (0, 0)


def test_the_last_row_of_a_copy_whose_clock_was_set_just_before_it_accuses_nobody() -> None:
    assert run_trial("several", 57015).score.innocent_accused == 0


def test_rows_that_sorting_put_among_those_before_a_clock_was_set_back_are_not_missed() -> Comparing:
    rows = [r | ({"text": "好的"} if i % 3 else {}) for i, r in enumerate(chat(120))]
    moved = sorted((r | {"at": r["at"] - (1800 if i >= 60 else 0) + i / 100} for i, r in enumerate(rows)), key=lambda r: r["at"])  # fmt: skip
    found = yield moved, rows
    assert (found.verdicts["left_missing"][0], found.verdicts["right_missing"][0]) == (0, 0)


def test_short_words_beside_a_change_of_the_clock_may_stand_on_either_side_of_it() -> Comparing:
    rows = chat(60)
    for i in (28, 29):
        rows[i]["text"] = "好的"
    rows[30]["at"] = rows[28]["at"] - 2
    held_rows = [r | {"at": r["at"] - (86_400 if i in {*range(15, 28), 30} else 0)} for i, r in enumerate(rows)]
    found = yield held_rows, rows
    assert (found.verdicts["left_missing"][0], found.verdicts["right_missing"][0]) == (0, 0)


@pytest.mark.parametrize("moved", [{}, {21: 300}])
def test_a_clock_that_drifts_over_days_alters_no_times_and_a_changed_time_is_still_in_conflict(
    moved: dict[int, int],
) -> Comparing:
    rows = [r | {"at": r["at"] + i // 10 * 130_000} for i, r in enumerate(chat())]
    fast = [r | {"at": r["at"] * (1 + 3e-4) + moved.get(i, 0)} for i, r in enumerate(rows)]
    found = counts((yield rows, fast))
    assert (found["agreement"], found.get("conflict", 0)) == (40 - len(moved), len(moved))


@pytest.mark.parametrize(("first", "last"), [(12, 20), (5, 35)], ids=["some rows", "most rows"])
def test_rows_that_stand_a_day_off_amid_the_others_are_no_journey(first: int, last: int) -> Comparing:
    rows = chat(40)
    moved = sorted(
        (r | {"at": r["at"] - 86_400} if first <= i < last else r for i, r in enumerate(rows)),
        key=lambda r: float(r["at"]),
    )
    found = yield rows, moved
    assert grades_of(found)[0] in ("conflicting", "cannot_determine")


@pytest.mark.parametrize(("many", "ahead"), [(8, 95), (12, 31), (12, -240), (30, 95)])
def test_one_device_whose_clock_is_off_alters_no_time_however_short_the_chat(many: int, ahead: int) -> Comparing:
    rows = chat(many)
    own = sorted((r | {"at": r["at"] + (ahead if r["who"] == 0 else 0)} for r in rows), key=lambda r: float(r["at"]))
    found = yield own, rows
    # A clock of the owner's own is stated from the size on from which a change of clock would be.
    grade = "explained_differences" if abs(ahead) > PARAMS.jump_seconds else "no_gap_found"
    assert (grades_of(found), relations_in(found)) == ([grade], {"agreement"})
    stated = [(s["reading"], s["seconds"]) for s in found.verdicts["clock_segments"][0]]
    assert stated == ([("own_clock", float(ahead))] if grade == "explained_differences" else [])


def test_a_time_before_the_first_change_of_zone_is_not_altered() -> Comparing:
    rows = chat(20)
    abroad = [r | {"at": r["at"] - (3600 if i else 0)} for i, r in enumerate(rows)]
    rows[0] |= {"at": -90_000.0}
    abroad[0] |= {"at": -90_000.0}
    assert counts((yield rows, abroad)).keys() <= {"agreement", "doubtful"}


def test_late_messages_beside_a_clock_that_was_set_back_are_no_further_change_of_it() -> Comparing:
    rows = chat(40)
    waited = [r | {"at": r["at"] + (900 if i in (24, 28) else 0)} for i, r in enumerate(rows)]
    # The first half bears a clock that is 20 minutes ahead, so the file mixes both halves.
    mixed = sorted(
        (r | {"at": r["at"] + (1200 if i < 20 else 0)} for i, r in enumerate(waited)), key=lambda r: float(r["at"])
    )
    found = yield rows, mixed
    assert "conflict" not in relations_in(found)
    assert grades_of(found) == ["cannot_determine"]


def by_zone(rows: Rows, owner: int, zone_source: str) -> Reading:
    reading = held_direct(rows, owner)
    return replace(
        reading, messages=messages_of(reading.messages.with_columns(pl.lit(zone_source).alias("zone_source")))
    )


# By how much a clock was set, how the times were written, from which row on, and the grade.
ZONES = {
    (HOUR, "assumed", 30): "no_gap_found",
    (HOUR, "unix", 30): "cannot_determine",
    (HOUR / 4, "assumed", 30): "cannot_determine",
    (12 * HOUR, "explicit", 30): "cannot_determine",
    (16 * HOUR, "assumed", 0): "no_gap_found",
    (24 * HOUR, "assumed", 0): "cannot_determine",
    (24 * HOUR, "unix", 0): "cannot_determine",
}


@pytest.mark.parametrize("case", ZONES)
def test_a_zone_explains_only_times_without_one_and_only_by_what_two_zones_differ(
    case: tuple[float, str, int],
) -> Comparing:
    by, zone_source, since = case
    moved = [r | {"at": r["at"] + (by if i >= since else 0)} for i, r in enumerate(chat(60))]
    assert grades_of((yield by_zone(chat(60), 0, zone_source), by_zone(moved, 1, zone_source))) == [ZONES[case]]


def beside_an_own_clock(by: float, *, parties: int = 2, others: float = 0.0) -> tuple[list[Row], list[Row]]:
    """The first party's device with its clock off for a while, and the true copy.

    `others`: seconds by which all other messages of that while move.
    """
    rng, at = Random(9), 0
    rows: list[Row] = []
    for i in range(80):
        at += rng.choice((20, 60, 300, 900))
        words = f"第{i}批水泥{3 * i + 11}件已经送到{i}号楼了" if i % 2 else rng.choice(("好的", "嗯", "谢谢", "[图片]"))
        kind = "image" if words == "[图片]" else "text"
        rows.append({"at": at, "who": rng.randrange(parties), "text": words, "kind": kind, "n": i})
    ahead = {i: by if rows[i]["who"] == 0 else others for i in range(25, 55)}
    return sorted((r | {"at": r["at"] + ahead.get(r["n"], 0)} for r in rows), key=lambda r: float(r["at"])), rows


@pytest.mark.parametrize("by", [-1807.0, 437.0, 86_400.0])
@pytest.mark.parametrize("parties", [2, 3])
def test_an_owner_s_clock_that_was_off_for_a_while_pairs_everyday_replies_by_it_and_is_stated(
    by: float, parties: int
) -> Comparing:
    device, rows = beside_an_own_clock(by, parties=parties)
    found = yield device, rows
    assert relations_in(found) == {"agreement"}
    assert len(found.verdicts["clock_segments"][0]) == 1


def test_a_member_whose_messages_alone_are_off_by_one_distance_may_own_an_export_that_names_no_owner() -> Comparing:
    device, rows = beside_an_own_clock(437.0, parties=3)
    nameless = held(device, 0)
    nameless = replace(nameless, messages=messages_of(nameless.messages.with_columns(is_self=pl.lit(None))))
    found = yield nameless, rows
    assert relations_in(found) == {"agreement"}
    assert grades_of(found) == ["cannot_determine"]


def test_messages_of_a_third_person_that_are_off_by_one_distance_are_changed_times() -> Comparing:
    device, rows = beside_an_own_clock(437.0, parties=3)
    assert grades_of((yield held(device, 2), rows)) == ["conflicting"]


def test_times_of_all_people_that_leave_the_clock_by_one_distance_are_no_owner_s_clock() -> Comparing:
    device, rows = beside_an_own_clock(2450.0, others=2450.0)
    assert grades_of((yield device, rows)) == ["conflicting"]


def test_summer_time_that_ends_in_a_long_pause_is_no_drift_of_a_clock() -> Comparing:
    rows = set_by([r | {"at": 10 * r["at"]} for r in chat(122)], 63, 199, 53 * 86_400)
    abroad = set_by(set_by(rows, 0, 62, -25_200), 63, 199, -28_800)
    zoneless = [r | {"zone_source": "assumed"} for r in held_direct(abroad, 0).messages.to_dicts()]
    left = reading_of(ExportFacts("message_table"), messages_of(zoneless))
    assert relations_in((yield left, held_direct(rows, 1))) == {"agreement"}


def test_who_sails_from_one_zone_to_another_changed_no_times() -> Comparing:
    """The phone writes its local time: most of the chat at Greenwich, then a month in India, then Greenwich again."""
    day = 86_400
    rows = [r | {"at": r["at"] * 120 + day * 10 * (i // 20)} for i, r in enumerate(chat(100))]
    away = [r | {"at": r["at"] - (2.5 if 40 <= i < 60 else 8) * HOUR} for i, r in enumerate(rows)]
    naive = held(away, 1)
    naive = replace(naive, messages=messages_of(naive.messages.with_columns(zone_source=pl.lit("assumed"))))
    found = yield rows, naive
    assert relations_in(found) == {"agreement"}
    assert "zone_shift" in found.verdicts["reasons"].to_list()[0]


def test_a_winter_on_the_west_coast_of_america_changes_no_times() -> Comparing:
    """The phone writes its local time, which there lies sixteen hours behind the one at home."""
    rows = [r | {"at": r["at"] * 120 + 864_000 * (i // 20)} for i, r in enumerate(chat(100))]
    naive = held([r | {"at": r["at"] - 16 * HOUR * (40 <= i < 60)} for i, r in enumerate(rows)], 1)
    naive = replace(naive, messages=messages_of(naive.messages.with_columns(zone_source=pl.lit("assumed"))))
    found = yield rows, naive
    assert relations_in(found) == {"agreement"}
    assert "zone_shift" in found.verdicts["reasons"].to_list()[0]


def test_an_owner_s_rows_before_the_other_export_begins_follow_the_clock_of_those_beside_them() -> Comparing:
    rows = drawn_chat()
    device = [r | {"who": 1 - int(str(r["who"]))} for r in rows]
    device = [r | {"who": 1 - int(str(r["who"]))} for r in own_clock(device, -3600.0, 22)]
    found = yield held_direct(rows[20:], 0), held_direct(device, 1)
    assert "one_sided" not in relations_in(found)


@pytest.mark.parametrize("lacking", [[], [25, 26, 27]])
def test_rows_between_a_stretch_by_another_clock_and_the_first_of_the_other_export_may_lie_before_it(
    lacking: list[int],
) -> Comparing:
    """Nine own rows of the device are a day early, so that its file has them before the rows at its edge."""
    rows = drawn_chat(100)
    own = [i for i, r in enumerate(rows) if r["who"] == 1 and i >= 40]
    for n, i in enumerate(own[3:9] + own[14:26]):
        rows[i] |= {"text": ("好的", "知道了", "行", "嗯嗯", "没有", "再说吧")[n % 6]}
    device = [r | {"at": float(str(r["at"])) - 86_400.0 * (i in own[:9])} for i, r in enumerate(rows)]
    kept = [r for i, r in enumerate(rows) if i >= 20 and i not in lacking]
    found = yield held_direct(kept, 0), held_direct(sorted(device, key=lambda r: float(str(r["at"]))), 1)
    assert found.alignment.filter(pl.col("relation") == "one_sided").height == len(lacking)


@pytest.mark.parametrize(("by", "told"), [(140.0, {"agreement"}), (400.0, {"agreement", "doubtful"})])
def test_a_clock_that_a_device_has_in_one_chat_is_its_clock_in_a_small_one(by: float, told: set[str]) -> Comparing:
    large = chat(60, people=3)
    small = [r | {"who": 0 if i in {5, 11} else 1 + i % 2, "text": f"另{r['text']}"} for i, r in enumerate(chat(20))]
    sides = [
        [held(rows, owner, is_room=True).messages for rows in both]
        for owner, both in ((0, (own_clock(large, 140.0), own_clock(small, by))), (1, (large, small)))
    ]
    named = [pl.concat([a, b.with_columns(conversation=pl.lit("51407368656@chatroom"))]) for a, b in sides]
    left, right = (reading_of(ExportFacts("message_table"), messages_of(m)) for m in named)
    assert relations_in((yield left, right)) == told


def below_bars(rows: Sequence[Row], size: int) -> Reading:
    """The rows in groups of this size, each with the minute of its first row for a time."""
    told = [r | {"at": rows[i // size * size]["at"] // 60 * 60, "precision": "minute"} for i, r in enumerate(rows)]
    return held(told, 0, limits=FormLimits(times_above_groups=True))


def test_a_message_below_a_time_above_a_group_may_be_of_any_moment_until_the_next_one() -> Comparing:
    rows = [r | {"at": 200.0 * i + 3000 * (i // 12)} for i, r in enumerate(drawn_chat(60))]
    # What is said alike in several groups goes by its place.
    rows = said(rows, dict.fromkeys((3, 9, 17, 22, 40, 45, 57), "行"))
    assert relations_in((yield below_bars(rows, 12), held(rows, 1))) == {"agreement"}


def test_below_times_above_groups_what_one_side_lacks_is_missing_and_a_moved_time_in_doubt() -> Comparing:
    rows = [r | {"at": 200.0 * i + 3000 * (i // 12)} for i, r in enumerate(drawn_chat(60))]
    moved = set_by(rows, 31, 31, -40_000)
    found = yield below_bars(rows, 12), held([*moved[:20], *moved[21:]], 1)
    assert counts(found) == {"agreement": 58, "one_sided": 1, "doubtful": 1}
