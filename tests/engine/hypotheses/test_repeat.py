"""Rows that an export holds twice."""

import polars as pl
import pytest

from reconcile.engine.compare import compare_readings
from tests.build.chats import Row, chat, held, relations_in, short_row
from tests.build.together import Comparing


def paid() -> list[Row]:
    rows = chat()
    rows[20] |= {"kind": "transfer", "text": "[转账]", "amount": "500.00"}
    return rows


def doubled(rows: list[Row], first: int, last: int) -> list[Row]:
    """The rows, each from the first of these places to the last written twice."""
    return [r for i, r in enumerate(rows) for _ in range(2 if first <= i <= last else 1)]


def test_a_payment_twice_in_a_second_is_a_repeat_amid_messages_that_all_stand_twice() -> Comparing:
    rows = paid()
    assert relations_in((yield doubled(rows, 12, 28), rows)) == {"agreement", "set_aside"}


def test_a_payment_that_alone_stands_twice_in_a_second_may_be_two() -> Comparing:
    rows = paid()
    assert relations_in((yield doubled(rows, 20, 20), rows)) == {"agreement", "doubtful"}


def test_a_payment_at_the_end_of_a_page_that_stands_twice_is_a_repeat() -> Comparing:
    rows = paid()
    assert relations_in((yield doubled(rows, 12, 20), rows)) == {"agreement", "set_aside"}


def test_a_message_that_a_store_numbers_twice_in_a_second_is_a_repeat() -> Comparing:
    rows = [r | {"local_id": str(500 + i)} for i, r in enumerate(doubled(chat(), 12, 12))]
    assert relations_in((yield rows, chat())) == {"agreement", "set_aside"}


def test_nobody_records_two_voice_messages_in_a_second_but_may_send_two_pictures() -> Comparing:
    for kind, text, relation in (
        ("voice", "", "set_aside"),
        ("image", "", "doubtful"),
        ("image", "<Bild>", "doubtful"),
    ):
        rows = [*chat(20), {"at": 1205, "who": 0, "text": text, "kind": kind}, *chat(40)[21:]]
        assert relations_in((yield doubled(rows, 20, 20), rows)) == {"agreement", relation}


def in_minutes(rows: list[Row]) -> list[Row]:
    return [r | {"precision": "minute"} for r in rows]


def test_nobody_says_a_sentence_twice_in_a_minute() -> Comparing:
    rows = in_minutes(chat())
    assert relations_in((yield doubled(rows, 12, 12), rows)) == {"agreement", "set_aside"}


def test_a_word_may_be_said_twice_in_a_minute() -> Comparing:
    rows = in_minutes([*chat(20), short_row(1200, 0), *[r | {"at": r["at"] + 1260} for r in chat(20)]])
    assert relations_in((yield doubled(rows, 20, 20), rows)) == {"agreement", "doubtful"}


def test_several_unlike_rows_that_each_stand_twice_in_a_row_are_repeats() -> Comparing:
    words = [short_row(1200 + 3600 * i, 0) | {"text": text} for i, text in enumerate(("嗯", "好", "行"))]
    rows = in_minutes([*chat(20), *words, *[r | {"at": r["at"] + 14_400} for r in chat(20)]])
    for twice, relation in (((20, 21, 22), "set_aside"), ((20, 22), "doubtful")):
        whole = [r for i, r in enumerate(rows) for _ in range(2 if i in twice else 1)]
        assert relations_in((yield whole, rows)) == {"agreement", relation}


def test_a_word_amid_rows_that_all_stand_twice_is_a_repeat() -> Comparing:
    rows = in_minutes([*chat(20), short_row(1200, 0), *[r | {"at": r["at"] + 1260} for r in chat(20)]])
    page = [*rows[:26], *rows[14:26], *rows[26:]]
    assert relations_in((yield page, rows)) == {"agreement", "set_aside"}


def test_a_sentence_at_which_two_parts_of_a_copy_meet_is_a_repeat() -> Comparing:
    found = yield held(doubled(chat(), 12, 12), 0, has_times=False), chat()
    assert relations_in(found) == {"agreement", "set_aside"}


def test_what_a_named_client_wrote_in_one_go_has_no_parts_that_meet() -> None:
    rows = in_minutes(chat())
    found = compare_readings(held(doubled(rows, 12, 12), 0, tool="WhatsApp"), held(rows, 1))
    assert relations_in(found) == {"agreement", "doubtful"}


def test_a_word_that_a_copy_without_times_holds_twice_in_a_row_is_in_doubt() -> Comparing:
    rows = [*chat(20), short_row(1200, 0), *[r | {"at": r["at"] + 1260} for r in chat(40)[20:]]]
    found = yield held(doubled(rows, 20, 20), 0, has_times=False), rows
    assert relations_in(found) == {"agreement", "doubtful"}


def with_words(at: list[int]) -> list[Row]:
    """A chat to the minute with one short word at each of these places."""
    return in_minutes([short_row(60 * i, i % 2) if i in at else r for i, r in enumerate(chat())])


@pytest.mark.parametrize("first", [19, 9])
def test_rows_with_which_one_part_of_a_copy_ends_and_the_next_begins_are_repeats(first: int) -> Comparing:
    rows = with_words([*range(first, 21)])
    met = [*rows[:21], *rows[first:]]
    assert relations_in((yield met, rows)) == {"agreement", "set_aside"}


def test_a_word_at_which_parts_of_one_length_meet_is_a_repeat_and_between_them_it_is_in_doubt() -> Comparing:
    rows = with_words([11, 22])
    parts = [*rows[:12], *rows[11:23], *rows[22:]]
    assert relations_in((yield parts, rows)) == {"agreement", "set_aside"}
    assert relations_in((yield doubled(rows, 22, 22), rows)) == {"agreement", "doubtful"}


def test_four_equal_pictures_of_a_minute_are_no_two_parts_of_a_copy() -> Comparing:
    rows = [*chat(20), *[{"at": 1200, "who": 0, "text": "[图片]", "kind": "image"}] * 4, *chat(40)[21:]]
    rows = in_minutes(rows)
    found = yield rows, [*rows[:20], *rows[22:]]
    assert "set_aside" not in relations_in(found)


@pytest.mark.parametrize(
    ("who", "later", "of_copy", "ids", "relation"),
    [
        (1, 90, True, False, "doubtful"),
        (1, 240, True, False, "one_sided"),
        (1, 90, False, False, "one_sided"),
        (1, 90, True, True, "one_sided"),
    ],
)
def test_received_words_may_have_arrived_twice_only_soon_after_the_copy_that_both_hold_and_without_ids(
    who: int, later: int, *, of_copy: bool, ids: bool, relation: str
) -> Comparing:
    first = {"at": 1201, "who": who, "text": "发票抬头写南山那家公司"}
    whole = sorted([*chat(), first, first | {"at": 1201 + later}], key=lambda r: r["at"])
    if ids:
        whole = [r | {"message_id": str(7 * 10**17 + 90_071 * i)} for i, r in enumerate(whole)]
    lost = max if of_copy else min
    at = lost(i for i, r in enumerate(whole) if r["text"] == first["text"])
    found = yield whole, [*whole[:at], *whole[at + 1 :]]
    told = found.alignment.filter(pl.col("right_row").is_null())["relation"].cast(pl.String)
    assert told.to_list() == [relation]


@pytest.mark.parametrize(
    ("digests", "stated", "relation"), [("ab", "b", "one_sided"), ("ab", None, "doubtful"), ("aa", "a", "set_aside")]
)
def test_two_pictures_of_a_second_with_unlike_digests_are_two_where_both_sides_state_them(
    digests: str, stated: str | None, relation: str
) -> Comparing:
    shown = [{"at": 1205, "who": 0, "text": "", "kind": "image", "media_hash": d * 32} for d in digests]
    other = shown[1] | {"media_hash": stated and stated * 32}
    found = yield [*chat(20), *shown, *chat(40)[21:]], [*chat(20), other, *chat(40)[21:]]
    assert relations_in(found) == {"agreement", relation}
