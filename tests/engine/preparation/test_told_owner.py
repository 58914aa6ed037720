"""The owner of an export whom only names tell."""

from dataclasses import replace

import polars as pl
import pytest

from reconcile.frames import Messages
from reconcile.intake.contract import Reading
from reconcile.intake.frames import reading_of
from tests.build.chats import PEOPLE, Row, chat, held, state_of
from tests.build.together import Comparing

NAMES = {PEOPLE[0]: "何军", PEOPLE[1]: "刘姐服装"}
REFUSED: Row = {"at": 1210.0, "who": 0, "text": "你到底什么时候还钱"}
REFUSAL: Row = {"at": 1211.0, "who": None, "text": "消息已发出，但被对方拒收了。", "kind": "system"}


def by_names(rows: list[Row], owner: int, contacts: list[dict[str, str]] | None = None) -> Reading:
    """The export with displayed names in place of accounts, and without owner marks."""
    side = held(rows, owner)
    named = side.messages.with_columns(
        pl.col("sender").replace(NAMES), is_self=pl.lit(None, pl.Boolean), conversation=pl.lit("a")
    )
    told = replace(side, messages=Messages.cast(named))
    return reading_of(told.facts, told.messages, contacts=contacts or [])


REMARKED = [
    {"id": "刘姐服装", "remark": "刘姐服装", "nickname": "刘芳"},
    {"id": "何军", "remark": "何军", "nickname": "何军"},
]
ADDED: Row = {"at": -10.0, "who": None, "text": "你已添加了刘姐服装，现在可以开始聊天了。", "kind": "system"}


@pytest.mark.parametrize(
    ("first", "contacts", "relation"),
    [([], REMARKED, "set_aside"), ([ADDED], None, "set_aside"), ([], None, "doubtful")],
)
def test_who_has_a_remark_or_was_added_as_a_friend_is_the_peer(
    first: list[Row], contacts: list[dict[str, str]] | None, relation: str
) -> Comparing:
    rows = chat(40)
    whole = by_names([*first, *rows[:21], REFUSED, REFUSAL, *rows[21:]], 0, contacts)
    found = yield whole, by_names(rows, 1)
    assert state_of(found, REFUSED["text"], "left")[0] == relation


@pytest.mark.parametrize("contacts", [REMARKED, None])
def test_names_alone_excuse_no_time(contacts: list[dict[str, str]] | None) -> Comparing:
    rows = chat(40)
    late = [*rows[:20], *rows[21:26], rows[20] | {"at": rows[25]["at"] + 5}, *rows[26:]]
    found = yield by_names(rows, 0, contacts), by_names(late, 1)
    assert state_of(found, rows[20]["text"], "left") == ("doubtful", "time_differs")
