"""What a comparison must not mistake where several things meet: namesakes, other clocks, declarations, recalls in a group, forms that merge."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from bench.quality import run_trial
from reconcile.engine.compare import compare_readings, pair_rows
from reconcile.frames import Findings, Messages
from reconcile.intake.contract import Declared, ExportFacts, Filter, FormLimits, Owner, Reading
from reconcile.intake.frames import frame_of, messages_of, reading_of
from reconcile.vocabulary import Kind

START = datetime(2024, 3, 1, 9, tzinfo=UTC)
PEOPLE = ("wxid_aaaaaaaa", "wxid_bbbbbbbb", "wxid_cccccccc")
ROOM = "71407368656@chatroom"
Row = dict[str, Any]


def chat(many: int = 40, people: int = 2) -> list[Row]:
    """A chat of unlike sentences: at (seconds), who, text."""
    return [
        {"at": 60 * i, "who": i % people, "text": f"第{i}批水泥{3 * i + 11}件已经送到{i}号楼了"} for i in range(many)
    ]


def held(
    rows: Sequence[Row], owner: int, *, shift: float = 0.0, has_times: bool = True, is_room: bool = False, **facts: Any
) -> Reading:
    """The rows as the owner's export holds them; `shift`: seconds by which the device's clock is wrong."""
    is_room = is_room or any(r["who"] == 2 for r in rows)
    told = [
        {
            "conversation": ROOM if is_room else "chat",
            "conversation_kind": "group" if is_room else "direct",
            "sent_at": START + timedelta(seconds=row["at"] + shift) if has_times else None,
            "time_precision": row.get("precision", "second") if has_times else "none",
            "zone_source": "explicit" if has_times else "none",
            "text": row["text"],
            "kind": row.get("kind", "text"),
            "sender": None if row["who"] is None else PEOPLE[row["who"]],
            "is_self": None if row["who"] is None else row["who"] == owner,
            **{n: row.get(n) for n in ("local_id", "message_id", "media_hash", "amount")},
        }
        for row in rows
    ]
    messages = messages_of(told)
    return reading_of(ExportFacts("message_table", **facts), messages)


def state_of(found: Findings, text: str, side: str) -> tuple[str, str | None]:
    """Relation and cause of the row with these words."""
    rows = found.messages.filter((pl.col("side").cast(pl.String) == side) & (pl.col("text") == text))
    line = found.alignment.filter(pl.col(f"{side}_row") == rows["row"][0])
    relation, cause = line.select(pl.col("relation", "cause").cast(pl.String)).row(0)
    return relation, cause


@pytest.mark.parametrize("has_times", [True, False])
def test_an_export_without_times_that_begins_with_the_newest_row_is_read_from_its_end(*, has_times: bool) -> None:
    rows = chat()
    whole, short = held(rows, 0, has_times=has_times), held([*rows[:12], *rows[13:]][::-1], 1, has_times=False)
    for turn in ((whole, short), (short, whole)):
        found = compare_readings(*turn).alignment
        assert found["relation"].cast(pl.String).value_counts(sort=True).rows() == [("agreement", 39), ("one_sided", 1)]
        mine, other = ("left", "right") if turn[0] is whole else ("right", "left")
        lone = found.filter(pl.col(f"{other}_row").is_null())
        assert lone[f"{mine}_row"].to_list() == [12]
        assert found.filter(pl.col(f"{mine}_row") == 0)[f"{other}_row"].to_list() == [38]
    assert pair_rows(whole, short).filter(pl.col("left_row") == 0)["right_row"].to_list() == [38]


@pytest.mark.parametrize("lacking", ["left", "right"])
def test_a_declared_stretch_stands_on_the_clock_of_the_party_that_declares_it(lacking: str) -> None:
    rows = chat()
    declared = Declared("redaction", START + timedelta(hours=5, seconds=599), START + timedelta(hours=5, seconds=781))
    short = held(rows[:10] + rows[14:], 1, shift=5 * 3600, declared=(declared,))
    whole = held(rows, 0)
    sides = (short, whole) if lacking == "left" else (whole, short)
    found = compare_readings(*sides)
    assert state_of(found, rows[11]["text"], "right" if lacking == "left" else "left") == ("set_aside", "declared")


def test_without_times_rows_are_in_doubt_where_the_lacking_party_declares_a_stretch_of_time() -> None:
    rows = chat()
    declared = Declared("redaction", START + timedelta(seconds=599), START + timedelta(seconds=781))
    short = held(rows[:10] + rows[14:], 1, has_times=False, declared=(declared,))
    found = compare_readings(held(rows, 0, has_times=False), short)
    assert state_of(found, rows[11]["text"], "left")[0] == "doubtful"


def test_a_row_between_two_pairs_whose_times_lie_before_the_declared_stretch_is_missing() -> None:
    rows = chat()
    declared = Declared("redaction", START + timedelta(seconds=1199), START + timedelta(seconds=1381))
    short = held(rows[:10] + rows[11:20] + rows[24:], 1, declared=(declared,))
    found = compare_readings(held(rows, 0, has_times=False), short)
    states = state_of(found, rows[10]["text"], "left")[0], state_of(found, rows[21]["text"], "left")[0]
    assert states == ("one_sided", "doubtful")


@pytest.mark.parametrize("swapped", [False, True])
def test_the_moment_of_joining_stands_on_the_clock_of_the_export_that_states_it(swapped: bool) -> None:
    rows = chat(people=3)
    late = held(rows[15:], 1, shift=-7200)
    joined = START + timedelta(seconds=rows[15]["at"] - 1 - 7200)
    members = [{"group_id": ROOM, "member_id": PEOPLE[1], "name": None, "joined_at": joined, "left_at": None}]
    late = reading_of(late.facts, late.messages, members=members)
    sides = (late, held(rows, 0)) if swapped else (held(rows, 0), late)
    assert state_of(compare_readings(*sides), rows[14]["text"], "right" if swapped else "left")[1] == "membership"


@pytest.mark.parametrize(
    ("days", "chosen", "told"),
    [(5, None, "one_sided"), (0, None, "set_aside"), (5, 3, "one_sided"), (5, 0, "set_aside")],
)
def test_without_times_rows_behind_the_last_common_one_are_missing_where_the_other_export_was_made_days_later(
    days: int, chosen: int | None, told: str
) -> None:
    rows = chat()
    # Both sides hold rows behind the last common one: no order tells which came first.
    other = [r | {"text": t} for r, t in zip(rows[30:], ("晚上一起吃饭吗", "孩子发烧了得去医院"), strict=False)]
    # The export's own choice of times, be it of that chat alone, may leave out the newest rows.
    to = () if chosen is None else (Filter(to_at=START + timedelta(days=chosen), conversation="chat"),)
    short = held([*rows[:30], *other], 1, has_times=False, exported_at=START + timedelta(days=days), filters=to)
    found = compare_readings(held([*rows[:30], *rows[33:]], 0), short).alignment
    lone = found.filter(pl.col("right_row").is_null())["relation"].cast(pl.String)
    assert lone.to_list() == [told] * 7


@pytest.mark.parametrize(("left", "told"), [(True, "membership"), (False, "unexplained")])
def test_a_member_whose_export_states_no_times_need_not_hold_what_was_sent_after_he_left(left: bool, told: str) -> None:
    rows = chat(people=3)
    gone = START + timedelta(seconds=rows[25]["at"]) if left else None
    short = held([*rows[:10], *rows[11:25]], 1, has_times=False, exported_at=START + timedelta(days=5))
    members = [{"group_id": ROOM, "member_id": PEOPLE[1], "name": None, "joined_at": None, "left_at": gone}]
    short = reading_of(replace(short.facts, owner=Owner(PEOPLE[1])), short.messages, members=members)
    found = compare_readings(held(rows, 0), short)
    causes = [state_of(found, rows[i]["text"], "left")[1] for i in (10, 26, 39)]
    assert causes == ["unexplained", told, told]


@pytest.mark.parametrize(
    ("stated", "told"), [((1,), "membership"), ((1, 2), "unexplained")], ids=["alone", "beside another"]
)
def test_the_only_joining_that_is_stated_is_that_of_an_owner_who_is_not_named_also_days_before_his_first_row(
    stated: tuple[int, ...], told: str
) -> None:
    rows = chat(people=3)
    rows = [*rows[:15], *(r | {"at": r["at"] + 2 * 86_400} for r in rows[15:])]
    joined = START + timedelta(seconds=rows[14]["at"] + 1)
    members = [
        {"group_id": ROOM, "member_id": PEOPLE[i], "name": None, "joined_at": joined, "left_at": None} for i in stated
    ]
    older = held([{"at": 0, "who": 1, "text": "早"}], 1).messages
    late = pl.concat([older, held(rows[15:], 1).messages]).with_columns(pl.lit(None, pl.Boolean).alias("is_self"))
    sides = held(rows, 0), reading_of(ExportFacts("message_table"), Messages.validate(late, cast=True), members=members)
    assert state_of(compare_readings(*sides), rows[14]["text"], "left")[1] == told


def recalled(holder_notice: str, contacts: list[Row]) -> Findings:
    """A row of the first member alone, and half a minute later on both devices a notice that the third took a message back."""
    rows = chat(people=3)
    alone, notice = rows[12], {"at": rows[12]["at"] + 30, "who": None, "kind": "recall"}
    whole = held([*rows[:13], notice | {"text": holder_notice}, *rows[13:]], 0)
    short = held([*rows[:12], notice | {"text": '"老陈" 撤回了一条消息'}, *rows[13:]], 1)
    assert alone["who"] == 0
    return compare_readings(whole, reading_of(short.facts, short.messages, contacts=contacts))


def test_a_notice_whose_name_is_that_of_another_contact_explains_no_row() -> None:
    found = recalled("系统消息", [{"id": PEOPLE[2], "remark": "老陈"}])
    assert state_of(found, chat(people=3)[12]["text"], "left")[0] == "one_sided"


def test_a_notice_explains_no_row_of_an_owner_whose_own_notice_of_that_moment_names_another() -> None:
    assert state_of(recalled('"陈工" 撤回了一条消息', []), chat(people=3)[12]["text"], "left")[0] == "one_sided"


def test_a_notice_of_a_name_nobody_is_known_by_still_explains_a_row() -> None:
    assert state_of(recalled("系统消息", []), chat(people=3)[12]["text"], "left") == ("set_aside", "recalled")


def test_an_account_id_that_the_other_side_never_names_is_another_person() -> None:
    rows = [r | {"who": 2} if i == 11 else r for i, r in enumerate(chat())]
    flipped = [r | {"who": 1} if i == 11 else r for i, r in enumerate(rows)]
    found = compare_readings(held(rows, 0), held(flipped, 1, is_room=True))
    assert state_of(found, rows[11]["text"], "left") == ("conflict", "sender_differs")


@pytest.mark.parametrize(("seconds", "told"), [(2, "conflict"), (6 * 3600, "doubtful")])
def test_one_text_under_another_sender_is_in_conflict_in_its_moment_and_in_doubt_hours_away(
    seconds: int, told: str
) -> None:
    rows = chat(people=3)
    other = [*rows[:11], rows[11] | {"who": 0, "at": rows[11]["at"] + seconds}, *rows[12:]]
    found = compare_readings(held(rows, 0), held(sorted(other, key=lambda r: r["at"]), 1))
    assert state_of(found, rows[11]["text"], "left")[0] == told


def test_a_room_in_which_two_people_bear_one_name_is_not_taken_for_another_chat() -> None:
    trial = run_trial("namesakes in the room", 30148)
    assert trial.score.pairs_found == trial.score.pairs


def test_clocks_are_learnt_from_rounded_ids_where_no_words_are_spelt_alike() -> None:
    trial = run_trial("ids cut to 15 digits + invisible characters + offsets of both", 30312)
    assert (trial.score.innocent_accused, trial.score.conflicts_claimed) == (0, 0)


def test_a_cut_text_at_another_time_is_one_message_whose_time_differs() -> None:
    rows = [r | {"text": r["text"] + "，请当面点清数目再签字"} for r in chat()]
    cut = [r | {"text": r["text"][:20] + "…"} for r in rows]
    cut[20] = cut[20] | {"at": rows[20]["at"] + 1150}
    found = compare_readings(held(rows, 0), held(cut, 1))
    assert state_of(found, rows[20]["text"], "left") == ("conflict", "time_differs")


def test_a_silence_that_a_row_set_aside_parts_is_one_silence() -> None:
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
    found = compare_readings(whole, short)
    assert {state_of(found, rows[i]["text"], "left") for i in (24, 30, 31, 37)} == {("one_sided", "sync_gap")}


def test_equal_rows_of_one_second_that_the_other_form_merges_are_set_aside() -> None:
    rows = [r | {"local_id": i} for i, r in enumerate(chat())]
    again = rows[20] | {"local_id": 900}
    whole = held([*rows[:21], again, *rows[21:]], 0)
    merged = held(rows, 1, limits=FormLimits(collapses_repeats=True))
    plain = held(rows, 1)
    lines = [
        compare_readings(whole, other).alignment.filter(pl.col("right_row").is_null()) for other in (merged, plain)
    ]
    relations = [line.select(pl.col("relation", "cause").cast(pl.String)).rows() for line in lines]
    assert relations == [[("set_aside", "repeat")], [("doubtful", "indistinguishable")]]


def test_kinds_that_a_form_writes_under_another_meet() -> None:
    rows = chat()
    rows[20] = rows[20] | {"text": "[视频]", "kind": "video"}
    other = [r | {"text": "[图片]", "kind": "image"} if i == 20 else r for i, r in enumerate(rows)]
    limits = FormLimits(kinds_merged={Kind.VIDEO: Kind.IMAGE})
    found = compare_readings(held(rows, 0), held(other, 1, limits=limits))
    assert state_of(found, "[视频]", "left") == ("agreement", "form")


def test_what_a_form_writes_in_the_place_of_content_never_differs() -> None:
    rows = chat()
    rows[20] = rows[20] | {"text": "[名片] 张师傅", "kind": "card"}
    other = [r | {"text": "[名片] 微信名片", "kind": "card"} if i == 20 else r for i, r in enumerate(rows)]
    limits = FormLimits(kinds_without_content=frozenset({Kind.CARD}))
    found = compare_readings(held(rows, 0), held(other, 1, limits=limits))
    assert state_of(found, "[名片] 张师傅", "left") == ("agreement", "form")


def test_a_quote_that_the_other_form_may_show_without_time_is_in_doubt() -> None:
    rows = chat()
    rows[20] = rows[20] | {"text": "这句话我说过", "kind": "quote"}
    bare = rows[20] | {"text": "完全是另外的几个字", "who": None}
    short = held([*rows[:20], *rows[21:], bare], 1, limits=FormLimits(unplaced_kinds=frozenset({Kind.QUOTE})))
    last = pl.col("row") == pl.col("row").max()
    frame = short.messages.with_columns(pl.when(last).then(None).otherwise("sent_at").alias("sent_at"))
    found = compare_readings(held(rows, 0), replace(short, messages=messages_of(frame)))
    assert state_of(found, "这句话我说过", "left")[0] == "doubtful"


@pytest.mark.parametrize(
    ("faults", "seed"),
    [
        ("digests of two algorithms under jitter", 31138),
        ("a notice that stands on the holder's side alone", 31191),
        ("swapped times beside a page held twice", 31126),
        ("a declared stretch in times to the minute", 31365),
        ("a chat in which every sentence is spelt in two ways", 31285),
        ("an export made later, whose rows state no times", 31254),
        ("a clock that was set, in a file held twice", 35170),
        ("rows from the newest to the oldest and a stated moment of joining", 37328),
        ("a row held twice without time or id", 37030),
        ("replies shown with the words they quote", 35146),
        ("a message recalled in a direct chat whose export names no account", 39051),
        ("a page held twice in a chat without times", 46264),
        ("words whose sender differs, cut on one side", 200049),
        ("two altered times that are no clock that was set", 98113),
        ("a short reply edited beside edits that explain themselves, without times", 98139),
        ("a row of a part that one side does not reach, with another time", 200445),
        ("the same in a chat of few messages", 39137),
        ("a row put in later, whose number is behind all others", 300078),
        ("words whose time differs, without their prefix on one side", 98016),
        ("a recall beside a row that both numberings skip", 300080),
        ("a recall by an owner whom only his other chats tell", 201037),
        ("a short reply edited a minute before one recall", 94221),
        ("a short reply edited at the end of the copy that stops first, without times", 54014),
        ("an altered time of words whose number is spelt in two ways", 57056),
        ("long words under another sender, cut on one side, among rows in two orders", 60321),
        ("a refused short message whose notice stands next but one, without times", 69169),
        ("a failed message beside the second copy of one like it", 160119),
        ("a copy without times that begins with the newest row", 67362),
        ("rows behind a clock that was set, between common ones", 60743),
        ("an altered time beside three rows of its second in a file held twice", 60881),
        ("the first row behind a moment of joining, numbered as its time tells", 61706),
        ("a recall by the other of two who are both called by a word for oneself", 67161),
    ],
)
def test_disputes_in_which_several_faults_meet_are_judged_rightly(faults: str, seed: int) -> None:
    score = run_trial("several", seed).score
    wrong = score.missing_claimed - score.missing_right + score.conflicts_claimed - score.conflicts_right
    found = score.missing_found + score.conflicts_found
    assert (wrong, found, score.innocent_accused) == (0, score.missing + score.conflicts, 0), faults


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


def test_the_last_row_of_a_copy_whose_clock_was_set_just_before_it_accuses_nobody() -> None:
    assert run_trial("several", 57015).score.innocent_accused == 0


def test_without_times_or_ids_a_chat_held_twice_is_set_aside_and_a_gap_in_it_found() -> None:
    rows = chat()
    short = rows[:11] + rows[12:]
    found = compare_readings(held(rows, 0, has_times=False), held([*short, *short], 1, has_times=False))
    states = found.alignment.filter(pl.col("left_row").is_null() | pl.col("right_row").is_null())
    assert sorted(states.group_by("relation", "cause").len().cast(pl.String).rows()) == [
        ("one_sided", "unexplained", "1"),
        ("set_aside", "repeat", "39"),
    ]


def test_two_equal_messages_of_one_second_meet_also_where_one_form_cuts_both() -> None:
    score = run_trial("truncation at 20", 60003).score
    assert (score.missing_claimed, score.innocent_accused, score.grades_right) == (0, 0, 1)


def test_two_neighbours_of_which_each_side_lacks_one_are_told_apart_by_both_numberings() -> None:
    score = run_trial("delete by both", 300000).score
    assert (score.conflicts_claimed, score.missing_found, score.grades_right) == (0, score.missing, 1)


def _stock(*, at: Sequence[int]) -> list[Row]:
    return [{"at": t, "who": 0, "text": "好的"} for t in at]


def test_short_words_that_each_side_lacks_by_the_dozen_are_no_altered_times() -> None:
    rows = chat(60)
    # Each side alone holds a 好的 every ten minutes; at some places the two lie a minute or so apart, elsewhere some minutes.
    apart = [70, 200, 75, 260, 340, 80]
    mine = [600 * i + 20 for i in range(6)]
    found = compare_readings(
        held(sorted(rows + _stock(at=mine), key=lambda r: r["at"]), 0),
        held(sorted(rows + _stock(at=[t + d for t, d in zip(mine, apart, strict=True)]), key=lambda r: r["at"]), 1),
    )
    assert not found.alignment["relation"].cast(str).is_in(["conflict"]).any()


def test_one_altered_time_of_short_words_in_a_whole_chat_is_a_conflict() -> None:
    rows = chat(60)
    found = compare_readings(
        held(sorted(rows + _stock(at=[620]), key=lambda r: r["at"]), 0),
        held(sorted(rows + _stock(at=[695]), key=lambda r: r["at"]), 1),
    )
    assert state_of(found, "好的", "left") == ("conflict", "time_differs")


def test_a_row_without_words_is_missed_by_nobody_where_the_other_side_shows_one_without_time_or_sender() -> None:
    # One tool leaves replies blank, another prints them without their time and sender.
    rows = chat(people=3)
    blank = [r | {"kind": "other", "text": "", "who": None} if i in (9, 20) else r for i, r in enumerate(rows)]
    shown = held(
        [r | {"kind": "quote", "text": "收到", "who": None} if i == 20 else r for i, r in enumerate(rows) if i != 9], 1
    )
    untimed = pl.when(pl.col("kind").cast(pl.String) != "quote").then("sent_at").alias("sent_at")
    shown = replace(shown, messages=frame_of(Messages, shown.messages.with_columns(untimed)))
    lines = compare_readings(held(blank, 0, is_room=True), shown).alignment
    told = lines.filter(pl.col("left_row").is_in([9, 20])).sort("left_row")["relation"].cast(pl.String).to_list()
    assert told == ["one_sided", "doubtful"]


def test_a_leading_word_that_the_other_form_cuts_is_no_missing_message_where_no_times_tell() -> None:
    rows = chat()
    whole = [r | {"text": "abc-1_2:后面的话"} if i == 20 else r for i, r in enumerate(rows)]
    # Deletions around it, so that its place alone does not tell.
    cut = [r | {"text": "后面的话"} if i == 20 else r for i, r in enumerate(rows) if i not in (17, 18, 22, 23)]
    limits = FormLimits(strips_prefix=True)
    found = compare_readings(held(whole, 0, has_times=False), held(cut, 1, has_times=False, limits=limits))
    assert state_of(found, "abc-1_2:后面的话", "left")[0] in ("agreement", "doubtful")


def test_rows_of_one_second_that_stand_in_another_order_are_missed_by_nobody_where_one_has_no_words() -> None:
    rows = chat()
    burst = [{"at": 630, "who": 1, "text": "明白"}, {"at": 630, "who": 1, "text": "好的，就这样办"}]
    blank = {"at": 630, "who": 1, "text": "", "kind": "other"}
    file = {"at": 630.5, "who": 1, "text": "FILE:合同.pdf", "kind": "file"}
    left, right = [*rows[:11], blank, *burst, *rows[11:]], [*rows[:11], *burst, file, *rows[11:]]
    found = compare_readings(held(left, 0), held(right, 1)).alignment["relation"].cast(pl.String).unique().to_list()
    assert "one_sided" not in found
