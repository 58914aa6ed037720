"""A message that failed: by its mark, by a refusal, or because it alone has no server id."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from reconcile.frames import Messages
from reconcile.intake.contract import FormLimits, Reading
from reconcile.vocabulary import Kind
from tests.build.chats import START, Row, chat, held, said, state_of
from tests.build.together import Comparing

BARE: Row = {"at": 1210.0, "who": 0, "text": "你到底什么时候还钱"}


def numbered(many: int) -> list[Row]:
    return [r | {"message_id": str(7 * 10**17 + 90_071 * i)} for i, r in enumerate(chat(many))]


def unmarked(reading: Reading) -> Reading:
    """The export without marks of its owner's rows."""
    return replace(reading, messages=Messages.cast(reading.messages.with_columns(is_self=pl.lit(None, pl.Boolean))))


def test_an_own_message_alone_without_a_server_id_failed_or_was_written_into_the_export() -> Comparing:
    rows = numbered(90)
    found = yield [*rows[:21], BARE, *rows[21:]], rows
    assert state_of(found, BARE["text"], "left") == ("doubtful", "indistinguishable")


def test_a_received_message_without_a_server_id_did_not_fail() -> Comparing:
    rows = numbered(90)
    found = yield [*rows[:21], BARE | {"who": 1}, *rows[21:]], rows
    assert state_of(found, BARE["text"], "left")[0] != "set_aside"


@pytest.mark.parametrize(("who", "apart", "state"), [(0, 0, "doubtful"), (1, 0, "agreement"), (0, 1, "agreement")])
def test_a_refusal_right_behind_an_own_message_that_the_other_side_holds_contradicts_it(
    who: int, apart: int, state: str
) -> Comparing:
    rows = chat(40)
    said = BARE | {"who": who}
    refusal = {"at": 1212.0 + 60 * apart, "who": None, "text": "消息已发出，但被对方拒收了。", "kind": "system"}
    whole = unmarked(held([*rows[:21], said, *rows[21 : 21 + apart], refusal, *rows[21 + apart :]], 0))
    found = yield whole, held([*rows[:21], said, *rows[21:]], 1)
    assert state_of(found, BARE["text"], "left")[0] == state


def test_the_holders_last_messages_may_have_been_refused_where_the_form_would_not_show_it() -> Comparing:
    rows = chat(40)
    holder = held([*rows, BARE | {"at": 2500.0}], 0, limits=FormLimits(kinds_absent=frozenset({Kind.SYSTEM})))
    lacking = held(rows[:20] + rows[22:], 1, exported_at=START + timedelta(days=30))
    found = yield holder, lacking
    assert state_of(found, BARE["text"], "left")[0] == "doubtful"
    assert state_of(found, rows[20]["text"], "left")[0] == "one_sided"


def test_words_that_were_refused_and_sent_again_are_the_holders_own_though_no_export_names_its_owner() -> Comparing:
    rows = chat(40)
    again = {"at": 1225.0, "who": 0, "text": BARE["text"]}
    refusal = {"at": 1211.0, "who": None, "text": "消息已发出，但被对方拒收了。", "kind": "system"}
    whole = unmarked(held([*rows[:21], BARE, refusal, again, *rows[21:]], 0))
    found = yield whole, unmarked(held([*rows[:21], again, *rows[21:]], 1))
    assert set(found.alignment.filter(pl.col("left_row") == 21)["cause"].cast(pl.String)) == {"not_delivered"}
    alone = unmarked(held([*rows[:21], BARE, refusal, *rows[21:]], 0))
    found = yield alone, unmarked(held(rows, 1))
    assert state_of(found, BARE["text"], "left")[0] == "doubtful"


@pytest.mark.parametrize(("who", "state"), [(0, "set_aside"), (1, "doubtful")])
def test_whose_rows_alone_stand_in_front_of_several_refusals_is_the_holder(who: int, state: str) -> Comparing:
    rows = chat(40)
    second = {"at": 1620.0, "who": who, "text": "你再不回我就起诉了"}
    refusals: list[Row] = [
        {"at": at, "who": None, "text": "消息已发出，但被对方拒收了。", "kind": "system"} for at in (1211.0, 1621.0)
    ]
    held_rows = sorted([*rows, BARE, second, *refusals], key=lambda r: r["at"])
    found = yield unmarked(held(held_rows, 0)), unmarked(held(rows, 1))
    assert state_of(found, BARE["text"], "left")[0] == state


def test_words_sent_again_at_once_did_not_fail_where_something_of_the_other_side_stands_in_their_place() -> Comparing:
    rows = [*chat(40)[:21], BARE | {"at": 1255.0}, *chat(40)[21:]]
    whole = [*rows[:21], BARE, *rows[21:]]
    recall = {"at": 1210.0, "who": None, "text": "对方撤回了一条消息", "kind": "recall"}

    def numbered_from(skip: int) -> list[Row]:
        return [r | {"local_id": str(500 + i + (skip if i >= 21 else 0))} for i, r in enumerate(rows)]

    for theirs, is_clear in (
        (numbered_from(0), True), (numbered_from(1), False), ([*rows[:21], recall, *rows[21:]], False),
    ):  # fmt: skip
        found = (yield whole, theirs).alignment
        told = found.filter(pl.col("cause").cast(pl.String) == "not_delivered").height
        assert (told == 1) is is_clear


@pytest.mark.parametrize(
    ("later", "who", "ids", "relation"),
    [
        (45, 0, False, "set_aside"),
        (75, 0, False, "doubtful"),
        (45, 1, False, "one_sided"),
        (1500, 0, False, "one_sided"),
        (45, 0, True, "one_sided"),
    ],
)
def test_own_words_sent_again_failed_at_first_where_the_form_would_not_show_it_and_nobody_spoke_in_between(
    later: int, who: int, ids: bool, relation: str
) -> Comparing:
    first = BARE | {"who": who}
    again = first | {"at": first["at"] + later}
    rows = sorted([*chat(), again], key=lambda r: r["at"])
    held_twice = sorted([*rows, first], key=lambda r: r["at"])
    sides = [
        [r | ({"message_id": str(7 * 10**17 + 90_071 * int(r["at"]))} if ids else {}) for r in part]
        for part in (held_twice, rows)
    ]
    found = yield sides[0], sides[1]
    told = found.alignment.filter(pl.col("right_row").is_null())["relation"].cast(pl.String)
    assert told.to_list() == [relation]


@pytest.mark.parametrize(
    ("again", "only_delivered", "relation"),
    [((), False, "doubtful"), ((15, 17, 23, 25), False, "one_sided"), ((), True, "one_sided")],
)
def test_words_that_their_author_says_often_or_a_server_wrote_down_show_no_second_attempt(
    again: tuple[int, ...], only_delivered: bool, relation: str
) -> Comparing:
    rows = said(chat(), dict.fromkeys((20, 22, *again), "在吗"), who=0)
    limits = FormLimits(holds_only_delivered=only_delivered)
    found = yield held(rows, 0, limits=limits), held([r for i, r in enumerate(rows) if i != 20], 1)
    told = found.alignment.filter(pl.col("right_row").is_null())["relation"].cast(pl.String)
    assert told.to_list() == [relation]
