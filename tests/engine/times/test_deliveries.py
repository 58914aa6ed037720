"""A message is never received before it was written, and how closely times agree is learnt from the chat."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import polars as pl
import pytest

from reconcile.frames import Messages
from reconcile.intake.contract import Reading
from reconcile.intake.messages.sending_times import SENT
from tests.build.chats import (
    START,
    Row,
    chat,
    grades_of,
    held,
    held_direct,
    moved_on,
    relations_in,
    set_by,
    state_of,
    untimed,
)
from tests.build.together import Asking, Comparing

HOUR = 3600.0


def moved(rows: list[Row], at: int, by: float) -> list[Row]:
    """The rows in order of time, one of them moved by so many seconds."""
    return sorted(set_by(rows, at, at, by), key=lambda r: float(r["at"]))


def state(rows: list[Row], other: list[Row], at: int) -> Asking[tuple[str, str | None]]:
    """Relation and cause of the row at this place; the first party holds `rows`."""
    return state_of((yield rows, other), rows[at]["text"], "left")


def numbered(rows: list[Row]) -> list[Row]:
    return [r | {"local_id": str(i + 1)} for i, r in enumerate(rows)]


@pytest.mark.parametrize(("by", "found"), [(30, "agreement"), (-30, "doubtful"), (-4, "agreement")])
def test_half_a_minute_against_the_direction_of_delivery_is_in_doubt_where_all_other_times_agree(
    by: int, found: str
) -> Comparing:
    # The row is the first party's; the other party cannot have received it before it was written.
    rows = chat()
    assert (yield from state(rows, moved(rows, 20, by), 20))[0] == found


def test_half_a_minute_is_nothing_where_the_other_times_differ_as_much() -> Comparing:
    rows = chat()
    rough = [r | {"at": r["at"] + (7 * i % 41) - 20} for i, r in enumerate(rows)]
    assert (yield from state(rows, moved(rough, 20, -25), 20)) == ("agreement", None)


@pytest.mark.parametrize(("many", "found"), [(1, "doubtful"), (4, "agreement")])
def test_seconds_against_the_direction_of_delivery_are_a_clocks_where_the_authors_next_messages_share_them(
    many: int, found: str
) -> Comparing:
    rows = chat(80)
    own = [i for i, r in enumerate(rows) if r["who"] == 0][8:][:many]
    early = [r | {"at": r["at"] - 12 * (i in own)} for i, r in enumerate(rows)]
    assert (yield from state(rows, early, own[0]))[0] == found


@pytest.mark.parametrize(
    ("sent", "found"), [(None, "late_delivery"), (0, "late_delivery"), (5, "late_delivery"), (4900, "time_differs")]
)
def test_the_time_of_sending_that_the_receivers_phone_states_tells_whether_a_message_was_late(
    sent: int | None, found: str
) -> Comparing:
    rows = chat()
    late = set_by(rows, 20, 20, 5000)
    moment = int((START + timedelta(seconds=rows[20]["at"])).timestamp())
    if sent is not None:
        late[20] |= {"raw": f'{{"{SENT}":"{moment + sent}.0"}}'}
    late = sorted(late, key=lambda r: float(r["at"]))
    assert (yield from state(rows, late, 20))[1] == found
    # The network's clock stamps the sending, also where the receiver's phone is ahead of it.
    assert (yield from state(rows, [r | {"at": r["at"] + 95} for r in late], 20))[1] == found


def test_a_stated_time_of_sending_excuses_no_receipt_before_it_or_behind_later_messages() -> Comparing:
    rows = chat()
    moment = int((START + timedelta(seconds=rows[20]["at"])).timestamp())
    early, late = (set_by(rows, 20, 20, by) for by in (-5000, 172_700))
    for moved_row in (early[20], late[20]):
        moved_row |= {"raw": f'{{"{SENT}":"{moment}.0"}}'}
    assert (yield from state(rows, sorted(early, key=lambda r: float(r["at"])), 20))[0] != "agreement"
    assert (yield from state(rows, sorted(late, key=lambda r: float(r["at"])), 20))[0] != "agreement"


def test_two_messages_seconds_apart_of_which_each_bears_the_others_time_are_in_doubt() -> Comparing:
    rows = chat()
    rows[21] |= {"at": rows[20]["at"] + 8}
    swapped = [r | {"at": {20: 1208, 21: 1200}.get(i, r["at"])} for i, r in enumerate(rows)]
    swapped = sorted(swapped, key=lambda r: float(r["at"]))
    found = yield rows, swapped
    assert [state_of(found, rows[at]["text"], "left") for at in (20, 21)] == [("doubtful", "time_differs")] * 2


@pytest.mark.parametrize("seconds", [39, 52, 70])
def test_a_message_that_arrives_behind_an_answer_is_a_late_delivery_whatever_its_delay(seconds: int) -> Comparing:
    rows = chat()
    rows[21] |= {"at": rows[20]["at"] + 8}
    assert (yield from state(rows, moved(rows, 20, seconds), 20)) == ("agreement", "late_delivery")


def test_a_late_record_of_one_kind_and_words_that_may_stand_for_it_are_in_doubt() -> Comparing:
    rows = chat()
    rows[20] |= {"text": "图片"}
    late = moved(rows, 20, 35)
    shown = [r | {"kind": "image", "text": "[图片]"} if r["text"] == "图片" else r for r in late]
    assert state_of((yield rows, shown), "图片", "left") == ("doubtful", "time_differs")


def test_delays_of_seconds_on_a_slow_network_are_agreements_though_one_changes_who_spoke_first() -> Comparing:
    rows = chat(60)
    rows[21] |= {"at": rows[20]["at"] + 8}
    slow = [r | {"at": r["at"] + (12 if i in (10, 20, 34, 48) else 0)} for i, r in enumerate(rows)]
    found = yield held_direct(rows, 0), held_direct(sorted(slow, key=lambda r: float(r["at"])), 1)
    assert "doubtful" not in set(found.alignment["relation"].cast(pl.String))


def of_days() -> list[Row]:
    """A chat of twenty days, an hour or more between messages."""
    return [r | {"at": 12 * HOUR * i} for i, r in enumerate(chat())]


@pytest.mark.parametrize(
    ("hours", "found"), [(10.7, ("agreement", "late_delivery")), (40.3, ("doubtful", "time_differs"))]
)
def test_a_message_that_waited_for_days_while_later_ones_of_its_author_arrived_at_once_is_in_doubt(
    hours: float, found: tuple[str, str]
) -> Comparing:
    rows = of_days()
    assert (yield from state(rows, moved(rows, 20, hours * HOUR), 20)) == found


def test_a_message_that_waited_for_days_in_which_its_author_sent_nothing_was_delivered_late() -> Comparing:
    rows = of_days()
    silent = [r | {"who": 1 if 20 < i < 25 else r["who"]} for i, r in enumerate(rows)]
    assert (yield from state(silent, moved(silent, 20, 40.3 * HOUR), 20)) == ("agreement", "late_delivery")


@pytest.mark.parametrize("minutes", [7, 11, 185])
def test_a_message_that_waited_for_hours_while_later_ones_of_its_author_arrived_was_sent_again(
    minutes: int,
) -> Comparing:
    rows = chat()
    assert (yield from state(rows, moved(rows, 20, 60 * minutes), 20))[0] == "agreement"


@pytest.mark.parametrize(("second", "found"), [(2400, "doubtful"), (2290, "agreement")])
def test_two_messages_written_and_received_apart_with_the_very_same_delay_are_in_doubt(
    second: int, found: str
) -> Comparing:
    rows = [r | {"at": HOUR * i} for i, r in enumerate(chat())]
    late = set_by(set_by(rows, 20, 20, 2400), 24, 24, second)
    told = yield rows, late
    assert [state_of(told, rows[at]["text"], "left")[0] for at in (20, 24)] == [found] * 2


def test_two_messages_may_have_one_short_delay_by_chance() -> Comparing:
    rows = [r | {"at": HOUR * i} for i, r in enumerate(chat())]
    told = yield rows, set_by(set_by(rows, 20, 20, 90), 24, 24, 90)
    assert relations_in(told) == {"agreement"}


@pytest.mark.parametrize(
    ("delay", "found"),
    [
        (48 * HOUR + 50, "doubtful"),
        (48 * HOUR + 400, "agreement"),
        (5 * HOUR + 3, "doubtful"),
        (5 * HOUR + 50, "agreement"),
    ],
)
def test_a_message_that_waited_for_whole_days_or_hours_is_in_doubt(delay: float, found: str) -> Comparing:
    rows = [r | {"at": r["at"] + (70 * HOUR if i > 20 else 0)} for i, r in enumerate(chat())]
    assert (yield from state(rows, moved(rows, 20, delay), 20))[0] == found


@pytest.mark.parametrize(("off", "found"), [(1, "conflict"), (30, "doubtful")])
def test_under_one_id_another_day_at_the_same_second_is_no_delay(off: int, found: str) -> Comparing:
    rows = [r | {"at": r["at"] + (70 * HOUR if i > 20 else 0)} for i, r in enumerate(chat())]
    rows = [r | {"message_id": str(7 * 10**17 + 90_071 * i)} for i, r in enumerate(rows)]
    assert (yield from state(rows, moved(rows, 20, 48 * HOUR + off), 20))[0] == found


def test_two_messages_of_which_each_bears_the_others_time_differ_in_time() -> Comparing:
    rows = [r | {"at": 400.0 * i} for i, r in enumerate(chat())]
    times = {20: rows[21]["at"], 21: rows[20]["at"]}
    changed = [r | {"at": times.get(i, r["at"])} for i, r in enumerate(rows)]
    changed = sorted(changed, key=lambda r: float(r["at"]))
    told = yield rows, changed
    assert [state_of(told, rows[at]["text"], "left") for at in (20, 21)] == [("conflict", "time_differs")] * 2


def test_messages_of_one_third_member_that_arrived_in_one_moment_are_no_changed_times() -> Comparing:
    at = {20: 1200, 21: 1209, 22: 1253}
    rows = [r | ({"at": at[i], "who": 2} if i in at else {"who": (0, 2, 1)[i % 3]}) for i, r in enumerate(chat())]
    rows = [r | {"at": r["at"] + (9000 if i > 22 else 0)} for i, r in enumerate(rows)]
    late = [r | {"at": 10_253} if i in at else r for i, r in enumerate(rows)]
    found = yield held(rows, 0, is_room=True), held(late, 1, is_room=True)
    assert relations_in(found) == {"agreement"}


def dated_back(*, keeps_place: bool, has_numbers: bool) -> tuple[list[Row], list[Row]]:
    """The second party's copy, with one of its own rows dated some hours back."""
    rows = [r | {"at": HOUR * i} for i, r in enumerate(chat())]
    own = numbered(rows) if has_numbers else rows
    changed = set_by(own, 21, 21, -3.2 * HOUR)
    changed = changed if keeps_place else sorted(changed, key=lambda r: float(r["at"]))
    return rows, changed


@pytest.mark.parametrize(
    ("keeps_place", "has_numbers", "grade"),
    [(False, False, "explained_differences"), (False, True, "cannot_determine"), (True, False, "cannot_determine")],
)
def test_an_own_message_that_its_authors_file_or_numbering_holds_behind_later_ones_was_not_delivered_late(
    *, keeps_place: bool, has_numbers: bool, grade: str
) -> Comparing:
    assert grades_of((yield dated_back(keeps_place=keeps_place, has_numbers=has_numbers))) == [grade]


def test_a_mark_of_failure_on_a_message_that_its_author_sent_again_is_no_doubt() -> Comparing:
    def marked(rows: list[Row]) -> tuple[Reading, Reading]:
        left, right = held_direct(rows, 0), held_direct(rows, 1)
        status = pl.when(pl.int_range(pl.len()) == 20).then(pl.lit("failed"))
        messages = left.messages.with_columns(status.cast(left.messages.schema["status"]).alias("status"))
        return replace(left, messages=Messages.cast(messages)), right

    rows = chat()
    again = [*rows[:21], rows[20] | {"at": rows[20]["at"] + 20}, *rows[21:]]
    found = yield [marked(r) for r in (rows, again)]
    assert [*map(grades_of, found)] == [["cannot_determine"], ["no_gap_found"]]


def test_a_reply_without_time_stays_in_its_authors_order_where_the_other_side_cuts_times_to_the_minute() -> Comparing:
    rows = [r | {"at": 60 * i + 7 * i % 60} for i, r in enumerate(chat(120))]
    rows[60] |= {"at": 3601}
    rows.insert(61, {"at": 3603, "who": 0, "text": "那这件事就这么说定了"})
    coarse = held([r | {"at": r["at"] // 60 * 60, "precision": "minute"} for r in rows], 0)
    fine = held(rows, 1)
    times = pl.when(pl.int_range(pl.len()) != 60).then("sent_at").alias("sent_at")
    bare = replace(fine, messages=Messages.cast(fine.messages.with_columns(times)))
    for left, right in ((bare, coarse), (coarse, bare)):
        assert set((yield left, right).alignment["relation"].cast(pl.String)) == {"agreement"}


def order_of(who: int, by: int, *, owned: bool = True) -> Asking[str]:
    """How a row is judged that the second party's copy, which has no times, holds so many places later."""
    rows = [r | {"at": 120 * i} for i, r in enumerate(chat())]
    rows[20] |= {"who": who}
    left, right = held(rows, 0), untimed(moved_on(rows, 20, by), 1)
    if not owned:
        left, right = (
            replace(r, messages=Messages.cast(r.messages.with_columns(is_self=pl.lit(None, pl.Boolean))))
            for r in (left, right)
        )
    return state_of((yield left, right), rows[20]["text"], "left")[0]


@pytest.mark.parametrize(
    ("who", "by", "owned", "found"),
    [(1, 2, True, "doubtful"), (0, 2, True, "agreement"), (1, -2, True, "agreement"), (1, 2, False, "doubtful")],
)
def test_without_times_an_answer_that_only_its_author_holds_behind_the_next_question_is_in_doubt(
    who: int, by: int, *, owned: bool, found: str
) -> Comparing:
    assert (yield from order_of(who, by, owned=owned)) == found


def test_a_file_without_times_in_another_order_puts_no_row_in_doubt() -> Comparing:
    rows = [r | {"at": 120 * i} for i, r in enumerate(chat())]
    found = yield rows, untimed([*rows[30:], *rows[:30]], 1)
    assert set(found.alignment["relation"].cast(pl.String)) == {"agreement"}


def test_an_own_clock_that_is_off_by_seconds_delays_no_message_of_an_owner_who_writes_little() -> Comparing:
    rows = [r | {"at": 90 * i + (7 * i) % 50, "who": int(i % 8 > 0)} for i, r in enumerate(chat(120))]
    ahead = sorted((r | {"at": r["at"] + 55 * (1 - r["who"])} for r in rows), key=lambda r: float(r["at"]))
    minutes = [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for r in rows]
    found = yield minutes, ahead
    assert found.alignment["cause"].null_count() == 120


def test_a_clock_that_wanders_by_seconds_delays_no_message_of_its_owner_though_all_others_agree() -> Comparing:
    rows = [r | {"at": 5 * r["at"], "who": min(r["who"], 2)} for r in chat(200, people=5)]
    left = [r | {"at": r["at"] + 12 * (i // 5 % 5 - 2)} if r["who"] == 1 else r for i, r in enumerate(rows)]
    found = (yield held(left, 0), held(rows, 1)).alignment
    assert set(found.select(pl.col("relation", "cause").cast(pl.String)).rows()) == {("agreement", None)}


def test_a_late_recording_is_one_message_where_each_form_names_recordings_in_its_way() -> Comparing:
    places = range(2, 40, 3)
    rows = [r | {"kind": "voice", "text": ""} if i in places else r for i, r in enumerate(chat())]
    named = [r | {"text": "Voice"} if r.get("kind") == "voice" else r for r in moved(rows, 20, 200)]
    found = yield held_direct(rows, 0), held_direct(named, 1)
    assert set(found.alignment["relation"].cast(pl.String)) == {"agreement"}


@pytest.mark.parametrize(("second", "found"), [(59, "agreement"), (72, "doubtful")])
def test_any_second_of_a_minute_agrees_with_it_though_most_messages_came_early_in_their_minute(
    second: int, found: str
) -> Comparing:
    rows = [r | {"at": 120 * i + (3 * i) % 10 + 2} for i, r in enumerate(chat(60))]
    cut = [r | {"at": 60 * (r["at"] // 60), "precision": "minute"} for r in rows]
    rows[20] |= {"at": 120 * 20 + second}
    assert state_of((yield rows, cut), rows[20]["text"], "left")[0] == found


@pytest.mark.parametrize("seed", [15, 22])
def test_minutes_beside_a_clock_that_is_off_by_most_of_one_are_no_delivery(seed: int) -> Comparing:
    rng, at, rows = Random(seed), 0, chat(80)
    for row in rows:
        at += rng.choice((4, 9, 20, 50, 300))
        row.update(at=at, who=rng.randint(0, 1))
    table = [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for r in rows]
    phone = sorted((r | {"at": r["at"] + (53 if r["who"] == 0 else 0)} for r in rows), key=lambda r: r["at"])
    assert relations_in((yield held(table, 1), held(phone, 0))) == {"agreement"}


@pytest.mark.parametrize(("apart", "found"), [(0, "agreement"), (300, "conflict")])
def test_messages_of_third_members_are_late_where_one_device_received_them_in_one_moment(
    apart: int, found: str
) -> Comparing:
    rows = chat(60, 3)
    waited = [23, 26, 29]
    late = [r | {"at": rows[35]["at"] + 20 + apart * waited.index(i)} if i in waited else r for i, r in enumerate(rows)]
    told = yield held(rows, 0, is_room=True), held(sorted(late, key=lambda r: float(r["at"])), 1, is_room=True)
    assert {state_of(told, rows[i]["text"], "left")[0] for i in waited} == {found}


@pytest.mark.parametrize(
    ("owners_too", "to_the_minute", "found"),
    [(True, False, "agreement"), (True, True, "doubtful"), (False, False, "conflict"), (False, True, "conflict")],
)
def test_one_message_of_a_third_member_is_late_only_beside_a_late_one_of_the_other_owner(
    *, owners_too: bool, to_the_minute: bool, found: str
) -> Comparing:
    rows = [r | {"at": r["at"] + (7 * i) % 40} for i, r in enumerate(chat(60, 3))]
    waited = [23, 24] if owners_too else [23]
    # The owner wrote nothing while his message waited.
    rows = [r | {"who": 1 if i > 24 and r["who"] == 0 else r["who"]} for i, r in enumerate(rows)]
    late = [r | {"at": rows[50]["at"] + 60} if i in waited else r for i, r in enumerate(rows)]
    if to_the_minute:
        late = [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for r in late]
    told = yield held(rows, 0, is_room=True), held(sorted(late, key=lambda r: float(r["at"])), 1, is_room=True)
    assert state_of(told, rows[23]["text"], "left")[0] == found
