"""Rows beyond what an export covers are not missing; rows within it are."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from bench.quality import run_trial
from reconcile.frames import Messages
from reconcile.intake.contract import Declared, Filter
from reconcile.intake.frames import messages_of, reading_of
from tests.build.chats import (
    HOUR,
    START,
    beside_other_chat,
    chat,
    clock_set,
    counts,
    drawn_chat,
    grades_of,
    held,
    held_direct,
    in_file_order,
    own_clock,
    relations_in,
    relations_of_unpaired,
    said,
    set_by,
    state_of,
)
from tests.build.together import Comparing
from tests.thorough import some


@pytest.mark.parametrize(("step", "by"), [(20, -HOUR), (26, -8 * HOUR), (26, 8 * HOUR)])
def test_rows_before_a_late_beginning_accuse_nobody_where_a_clock_was_set(step: int, by: float) -> Comparing:
    rows = drawn_chat(60)
    found = yield in_file_order(clock_set(rows, step, by), clock_set(rows)[24:])
    assert relations_in(found) <= {"agreement", "set_aside", "doubtful"}


def test_a_notice_without_time_in_the_middle_of_a_file_says_nothing_of_the_other_sides_later_rows() -> Comparing:
    rows = chat(240)
    late, early = (
        {"at": at, "who": None, "text": text, "kind": "system"}
        for at, text in ((10_770, "你领取了王甲的红包"), (3_570, "乙领取了你的红包"))
    )
    short = held([*rows[:60], early, *rows[60:120]], 1)
    bare = pl.when(pl.col("kind").cast(pl.String) != "system").then("sent_at").alias("sent_at")
    short = replace(short, messages=messages_of(short.messages.with_columns(bare)))
    found = yield [*rows[:180], late, *rows[180:]], short
    assert relations_in(found) == {"agreement", "set_aside"}


def test_one_last_common_row_off_the_clock_is_in_doubt_and_the_verdict_says_what_was_not_tested() -> Comparing:
    rows = drawn_chat(40)
    found = yield in_file_order(clock_set(rows, 39, 8 * HOUR), clock_set(rows))
    assert found.alignment["relation"].cast(pl.String).value_counts(sort=True).rows() == [
        ("agreement", 39),
        ("doubtful", 1),
    ]
    assert "clock_at_ends" in found.verdicts["tests_not_possible"].to_list()[0]


@pytest.mark.parametrize("cut", [slice(7, None), slice(None, -7)])
@pytest.mark.parametrize("by", [-600.0, 1800.0])
def test_an_export_cut_at_a_time_begins_and_ends_by_two_clocks(by: float, cut: slice) -> Comparing:
    rows = drawn_chat(60)
    found = yield in_file_order(own_clock(rows, by)[cut], clock_set(rows))
    assert grades_of(found) == ["explained_differences"]


CLOCK_FAULTS = [
    ("step in mid-chat + left early, notice", 20015),
    ("step in mid-chat + no common range", 20029),
    ("minute precision, both + tail cut, nothing known", 21000),
    ("jitter 20 s + head cut, nothing known", 21005),
    ("step in mid-chat + begins late", 156),
    ("step in mid-chat + ends early, said so", 23024),
    ("step in mid-chat + late join, notice", 23021),
    ("offset + windows apart", 24003),
    ("drift + declared", 21002),
    ("step in mid-chat + windows apart", 24019),
    ("step in mid-chat + declared", 24004),
    ("unmarked zone + left early, sidecar", 21003),
]


@pytest.mark.parametrize(("faults", "seed"), some(CLOCK_FAULTS))
def test_an_innocent_dispute_with_a_clock_fault_and_less_coverage_is_not_accused(faults: str, seed: int) -> None:
    assert run_trial(faults, seed).score.innocent_accused == 0


def test_a_head_cut_off_within_the_distance_of_both_clocks_from_the_devices_first_row_is_in_doubt() -> None:
    score = run_trial("unmarked zone + head cut, other chats older", 22007).score
    assert (score.missing_claimed, score.undetermined) == (0, 1)


@pytest.mark.parametrize(
    ("fault", "seed"),
    some([("begins late", 177), ("begins late", 193), ("windows apart", 151), ("windows apart", 60_048)], 2),
)
def test_a_clock_that_stepped_reaches_no_further_than_the_nearer_of_its_two_readings(fault: str, seed: int) -> None:
    assert run_trial(f"step in mid-chat + {fault}", seed).score.innocent_accused == 0


@pytest.mark.parametrize(("far", "relation"), [(63.0, "doubtful"), (400.0, "conflict")])
def test_the_only_message_of_a_member_a_little_off_the_clock_is_in_doubt(far: float, relation: str) -> Comparing:
    rows = chat()
    rows.insert(34, {"at": 2000.5, "text": "大家好，我是新来的会计", "who": 2})
    other = [r | {"at": r["at"] + far} if r["who"] == 2 else r for r in rows]
    assert counts((yield rows, other)) == {"agreement": 40, relation: 1}


def test_a_row_just_before_the_end_of_a_file_that_runs_backwards_is_missing() -> Comparing:
    rows = [r | {"at": 40 * i} for i, r in enumerate(chat())]
    short = [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for i, r in enumerate(rows) if i != 37]
    assert counts((yield rows, short[::-1]))["one_sided"] == 1


@pytest.mark.parametrize(
    ("numbers", "relation"), [((90, 91), "doubtful"), ((35, 36), "one_sided"), ((900, 901), "one_sided")]
)
def test_rows_numbered_behind_the_other_exports_end_are_in_doubt_and_a_number_beyond_all_tells_nothing(
    numbers: tuple[int, int], relation: str
) -> Comparing:
    rows = [r | {"local_id": i + (10 if i > 30 else 0) + (60 if i >= 35 else 0)} for i, r in enumerate(chat(42))]
    early = [
        {"at": 60 * 10 + 7 + k, "who": 1, "text": f"后来说的第{k}句", "local_id": n} for k, n in enumerate(numbers)
    ]
    left = sorted([*rows, *early], key=lambda r: r["at"])
    found = yield left, rows[:33]
    assert {state_of(found, str(r["text"]), "left")[0] for r in early} == {relation}


def test_what_an_author_wrote_last_may_have_arrived_behind_the_end_and_what_he_followed_up_is_missing() -> Comparing:
    rows = chat()
    last = [r for i, r in enumerate(rows) if i != 36]
    own = [r | {"who": 1 if i > 36 else r["who"]} for i, r in enumerate(rows)]
    unfollowed = counts((yield own, [r for i, r in enumerate(own) if i != 36]))
    assert ("one_sided" in unfollowed, counts((yield rows, last))["one_sided"]) == (False, 1)


def test_the_last_rows_of_a_chat_at_one_distance_off_the_clock_are_in_doubt() -> Comparing:
    rows = chat()
    other = [r | {"at": r["at"] + (67 if i >= 37 else 0)} for i, r in enumerate(rows)]
    assert "conflict" not in counts((yield rows, other))


def test_what_a_device_holds_before_its_clock_can_have_been_set_says_how_far_it_reaches_back() -> Comparing:
    rows = [r | {"at": 3600 * i} for i, r in enumerate(chat(60))]
    cut = set_by(rows, 30, 99, -28_800)[5:]
    found = yield held_direct(rows, 0), beside_other_chat(held_direct(cut, 1), [-1800, 7200, 10_000])
    assert state_of(found, rows[2]["text"], "left")[0] == "one_sided"


@pytest.mark.parametrize("lacking", ["left", "right"])
def test_a_declared_stretch_stands_on_the_clock_of_the_party_that_declares_it(lacking: str) -> Comparing:
    rows = chat()
    declared = Declared("redaction", START + timedelta(hours=5, seconds=599), START + timedelta(hours=5, seconds=781))
    short = held(rows[:10] + rows[14:], 1, shift=5 * 3600, declared=(declared,))
    whole = held(rows, 0)
    sides = (short, whole) if lacking == "left" else (whole, short)
    found = yield sides
    assert state_of(found, rows[11]["text"], "right" if lacking == "left" else "left") == ("set_aside", "declared")


def test_a_row_between_two_pairs_whose_times_lie_before_the_declared_stretch_is_missing() -> Comparing:
    rows = chat()
    declared = Declared("redaction", START + timedelta(seconds=1199), START + timedelta(seconds=1381))
    short = held(rows[:10] + rows[11:20] + rows[24:], 1, declared=(declared,))
    found = yield held(rows, 0, has_times=False), short
    states = state_of(found, rows[10]["text"], "left")[0], state_of(found, rows[21]["text"], "left")[0]
    assert states == ("one_sided", "doubtful")


def test_a_silence_that_a_row_set_aside_parts_is_one_silence() -> Comparing:
    rows = chat(60)
    refused = {"at": rows[30]["at"] + 20, "who": 0, "text": "你怎么不回话", "status": "failed"}
    whole = held([*rows[:31], refused, *rows[31:]], 0)
    frame = whole.messages.with_columns(
        pl.when(pl.col("text") == "你怎么不回话").then(pl.lit("failed")).otherwise(None).cast(whole.messages.schema["status"]).alias("status")
    )  # fmt: skip
    whole = replace(whole, messages=messages_of(frame))
    short = held([*rows[:24], *rows[38:]], 1)
    other = [{"conversation": "wxid_dddddddd", "conversation_kind": "direct", "sent_at": START + timedelta(seconds=45 * i), "time_precision": "second", "zone_source": "explicit", "text": f"另一件事{i}", "kind": "text", "sender": "wxid_dddddddd", "is_self": False} for i in range(100) if not 29 <= i <= 51]  # fmt: skip
    short = reading_of(
        short.facts, messages_of(pl.concat([short.messages, messages_of(other)], how="vertical_relaxed"))
    )
    found = yield whole, short
    assert {state_of(found, rows[i]["text"], "left") for i in (24, 30, 31, 37)} == {("one_sided", "sync_gap")}


@pytest.mark.parametrize(("seconds", "relation"), [(1, "set_aside"), (30, "doubtful"), (90, "one_sided")])
def test_a_message_of_the_last_minute_before_an_export_may_have_come_in_behind_it(
    seconds: int, relation: str
) -> Comparing:
    rows = chat()
    moment = START + timedelta(seconds=rows[-1]["at"] + seconds)
    found = (yield rows, held(rows[:-1], 1, exported_at=moment)).alignment
    assert found.filter(pl.col("left_row") == 39)["relation"].cast(pl.String).to_list() == [relation]


@pytest.mark.parametrize(("later", "relation"), [(-600, "doubtful"), (45, "one_sided")])
def test_a_later_row_of_another_chat_shows_that_an_export_of_that_minute_reaches_a_message(
    later: float, relation: str
) -> Comparing:
    rows = chat()
    last = rows[-1]["at"]
    short = held(rows[:-1], 1, exported_at=START + timedelta(seconds=last + 50))
    found = yield rows, beside_other_chat(short, [last / 2, last - 900, last + later])
    assert state_of(found, rows[-1]["text"], "left")[0] == relation


@pytest.mark.parametrize(
    ("seconds", "relation"),
    [(-70, "one_sided"), (15, "set_aside"), (45, "set_aside"), (300, "one_sided")],
    ids=["common rows follow", "last row half a minute before", "last row of that minute", "exported minutes later"],
)
def test_a_row_to_the_minute_of_an_export_may_have_come_in_behind_it(seconds: int, relation: str) -> Comparing:
    rows = [r | {"at": r["at"] + 7 * i % 40} for i, r in enumerate(chat())]
    minutes = [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for r in rows]
    last = 38 if seconds > 0 else 36
    kept = [r for i, r in enumerate(rows) if i != last]
    if seconds > 0:
        kept = kept[:last]
        minutes = minutes[: last + 1]
    moment = START + timedelta(seconds=minutes[last]["at"] + max(seconds, 0) + (3600 if seconds < 0 else 0))
    found = (yield minutes, held(kept, 1, exported_at=moment)).alignment
    assert found.filter(pl.col("left_row") == last)["relation"].cast(pl.String).to_list() == [relation]


def test_what_stands_between_two_equal_last_rows_of_one_minute_may_lie_beyond_the_other_sides_end() -> Comparing:
    rows = [r | {"at": r["at"] // 120 * 120, "precision": "minute"} for r in chat()]
    tail = {"precision": "minute", "at": rows[-1]["at"] + 240, "who": 0}
    rows = [*rows, *({"text": t} | tail for t in ("好", "货不对版，我要退", "好", "那边催得急"))]
    assert "one_sided" not in counts((yield rows, rows[:41]))


def test_an_own_message_stamped_seconds_late_does_not_say_that_the_other_export_reaches_so_far() -> Comparing:
    rows = [r | {"who": 0 if i % 5 == 0 else 1} for i, r in enumerate(chat(40))]
    short = rows[:31]
    own = [r | {"at": r["at"] + 29 if r["who"] == 0 else r["at"]} for r in rows]
    own[31] = own[31] | {"at": rows[30]["at"] + 15}
    whole = sorted(own, key=lambda r: float(r["at"]))
    found = yield whole, short
    assert state_of(found, rows[31]["text"], "left") == ("set_aside", "outside_coverage")


def test_the_time_of_an_export_that_states_its_zone_is_no_local_time() -> Comparing:
    rows = chat(40)
    made = START + timedelta(seconds=rows[30]["at"] + 30)
    early = held(rows[:31], 0, shift=-8 * HOUR, exported_at=made)
    local = early.messages.with_columns(
        pl.lit("assumed").cast(early.messages.schema["zone_source"]).alias("zone_source")
    )
    found = yield reading_of(early.facts, messages_of(local)), rows
    assert set(found.alignment["relation"].cast(pl.String)) == {"agreement", "set_aside"}


def test_an_export_that_holds_later_rows_than_it_says_it_was_made_lacks_what_is_missing_before_them() -> Comparing:
    rows = chat(40)
    short = [r for i, r in enumerate(rows) if i != 30]
    made = START + timedelta(seconds=rows[25]["at"])
    found = yield rows, held(short, 1, exported_at=made)
    assert state_of(found, rows[30]["text"], "left")[0] == "one_sided"


@pytest.mark.parametrize(("later", "relation"), [(0, "set_aside"), (50 * HOUR, "doubtful")])
def test_the_time_of_an_export_does_not_bound_a_chat_where_its_run_wrote_later_rows_of_another(
    later: float, relation: str
) -> Comparing:
    rows = [r | {"at": 10 * r["at"]} for r in chat(40)]
    made = rows[30]["at"] - 60
    short = held(rows[:30], 1, exported_at=START + timedelta(seconds=made))
    other = beside_other_chat(short, [made / 2, made - 300, made - 200 + later])
    found = yield rows, other
    assert {state_of(found, r["text"], "left")[0] for r in rows[30:]} == {relation}


def test_a_row_whose_heading_stands_inside_the_text_of_another_one_is_in_doubt() -> Comparing:
    rows = chat()
    inside = rows[20] | {"text": f"{rows[20]['text']}\n\n李四 2024-03-01 17:21:00\n{rows[21]['text']}"}
    found = yield held_direct(rows, 0), held_direct([*rows[:20], inside, *rows[22:30], *rows[31:]], 1)
    assert relations_of_unpaired(found) == {rows[21]["text"]: "doubtful", rows[30]["text"]: "one_sided"}


def test_words_that_end_a_notice_of_that_moment_are_in_doubt() -> Comparing:
    rows = chat()
    shown = [
        r | {"who": None, "kind": "system", "text": f"* 王五 {r['text']}"} if i == 20 else r for i, r in enumerate(rows)
    ]
    found = yield held_direct(rows, 0), held_direct([r for i, r in enumerate(shown) if i != 30], 1)
    told = relations_of_unpaired(found)
    assert (told[rows[20]["text"]], told[rows[30]["text"]]) == ("doubtful", "one_sided")


def test_the_last_row_may_lie_behind_the_end_where_a_clock_off_by_seconds_puts_it_before_the_last_common_one() -> (
    Comparing
):
    rows = [*chat(), {"at": 39 * 60 + 20, "who": 2, "text": "最后再问一句"}]
    rows[20] = rows[20] | {"who": 2}
    slow = sorted([r | {"at": r["at"] - (31 if r["who"] == 2 else 0)} for r in rows], key=lambda r: r["at"])
    one, two = (
        replace(s, messages=Messages.cast(s.messages.with_columns(pl.lit(None, pl.Boolean).alias("is_self"))))
        for s in (held(rows[:-1], 0, is_room=True), held(slow, 2))
    )
    assert relations_in((yield one, two)) == {"agreement", "doubtful"}


@pytest.mark.parametrize(("end", "relation"), [(40, "one_sided"), (39, "doubtful")])
def test_a_later_message_of_its_author_shows_that_a_row_near_the_end_lies_within(end: int, relation: str) -> Comparing:
    rows = [r | {"at": r["at"] + (70 * HOUR if i >= 20 else 0)} for i, r in enumerate(chat())][:end]
    summer = set_by(rows, 20, end, HOUR)
    found = yield held_direct(rows, 0), held_direct([r for i, r in enumerate(summer) if i != 37], 1)
    assert state_of(found, rows[37]["text"], "left")[0] == relation


def test_rows_between_two_levels_of_their_senders_clock_may_lie_outside_by_either() -> Comparing:
    rows = chat(80)
    dated = [r | {"at": r["at"] - (365 * 86_400 if r["who"] == 1 and i >= 50 else 0)} for i, r in enumerate(rows)]
    found = yield held_direct(rows[:70], 0), held_direct(sorted(dated, key=lambda r: r["at"]), 1)
    assert "one_sided" not in relations_in(found)


def test_a_single_pair_without_a_time_shows_no_end_of_an_export() -> Comparing:
    rows = said(chat(), {2: "？"})
    late = rows[12:]
    bare = held_direct([rows[2], *late], 1)
    bare = replace(bare, messages=Messages.cast(bare.messages.with_columns(
        pl.when(pl.col("text") != "？").then("sent_at").alias("sent_at")
    )))  # fmt: skip
    found = yield held_direct(rows, 0), bare
    assert "one_sided" not in relations_in(found)


def test_rows_beside_pairs_that_show_another_clock_may_lie_outside_by_it() -> Comparing:
    rows = chat(80)
    early = [r | {"at": r["at"] - 3 * 86_400} if 60 <= i < 72 else r for i, r in enumerate(rows)]
    holder = held_direct(sorted(early, key=lambda r: r["at"]), 0)
    assert "one_sided" not in relations_in((yield holder, held_direct(rows[:63], 1)))


ADDED, ENCRYPTED = "你已添加了对方，现在可以开始聊天了", "Messages and calls are end-to-end encrypted."


@pytest.mark.parametrize(
    ("words", "keeps_notice", "relation"),
    [(ADDED, True, "doubtful"), (ADDED, False, "set_aside"), (ENCRYPTED, True, "set_aside")],
)
def test_messages_cut_off_behind_a_notice_that_the_file_keeps_are_in_doubt_unless_every_export_begins_with_it(
    words: str, *, keeps_notice: bool, relation: str
) -> Comparing:
    notice = {"at": -600, "who": None, "text": words, "kind": "system"}
    rows = [notice, *({**r, "at": r["at"] + 600} for r in chat())]
    kept = [*([notice] if keeps_notice else []), *rows[9:]]
    found = yield held_direct(rows, 0), held_direct(kept, 1)
    assert state_of(found, rows[3]["text"], "left")[0] == relation


@pytest.mark.parametrize(
    ("ranges", "told"),
    [([(0, 9), (30, 40)], "doubtful"), ([(0, 9), (9.5, 29.5), (30, 40)], "one_sided"), ([(0, 40)], "one_sided")],
)
def test_rows_between_two_stated_ranges_are_in_doubt_and_those_within_one_are_missing(
    ranges: list[tuple[float, float]], told: str
) -> Comparing:
    rows = [r | {"at": 60 * r["at"]} for r in chat()]
    hour = timedelta(hours=1)
    stated = tuple(Filter(START + a * hour, START + b * hour) for a, b in ranges)
    found = yield rows, held([*rows[:10], *rows[30:]], 1, filters=stated)
    assert set(relations_of_unpaired(found).values()) == {told}


def test_a_range_between_files_in_which_rows_stand_is_none_that_was_left_out() -> Comparing:
    rows = [r | {"at": 60 * r["at"]} for r in chat()]
    stated = tuple(Filter(START + timedelta(hours=a), START + timedelta(hours=b)) for a, b in ((0, 9), (30, 40)))
    found = yield rows, held([*rows[:20], *rows[21:]], 1, filters=stated)
    assert set(relations_of_unpaired(found).values()) == {"one_sided"}


def test_a_row_held_twice_lies_beyond_the_other_export_in_both_places() -> Comparing:
    rows = chat(60)
    found = yield [*rows[:40], *rows], rows[20:]
    assert relations_of_unpaired(found) == {r["text"]: "set_aside" for r in rows[:40]}
    inside = [r for i, r in enumerate(rows[20:]) if i != 9]
    assert relations_of_unpaired((yield [*rows[:40], *rows], inside))[rows[29]["text"]] == "one_sided"


def test_first_messages_that_the_other_export_holds_behind_the_end_are_in_doubt() -> Comparing:
    rows = drawn_chat(60)
    moved = [r | {"at": float(str(r["at"])) + 9 * 24 * HOUR} for r in rows[:2]]
    found = yield held_direct(rows, 0), held_direct(rows[2:] + moved, 1)
    assert [state_of(found, str(rows[0]["text"]), side)[0] for side in ("left", "right")] == ["doubtful"] * 2


@pytest.mark.parametrize(("first", "relation"), [(0, "one_sided"), (20, "doubtful")])
def test_the_day_of_an_export_tells_nothing_of_the_end_of_one_that_begins_late_too(
    first: int, relation: str
) -> Comparing:
    rows = chat(60)
    made = START + timedelta(seconds=rows[-1]["at"] + 7 * 24 * HOUR)
    found = yield rows, held(rows[first:40], 1, exported_at=made)
    assert state_of(found, rows[50]["text"], "left")[0] == relation
