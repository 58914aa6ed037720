"""Who is who where the two sides name people in two ways, and what is said where nothing tells."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from reconcile.engine.compare import compare_readings
from reconcile.frames import Findings, Messages
from reconcile.intake.contract import ExportFacts, Owner, Reading
from reconcile.intake.frames import messages_of, reading_of

START = datetime(2024, 3, 1, 1, tzinfo=UTC)
ACCOUNTS, NAMES = ("wxid_aaaa1111", "wxid_bbbb2222"), ("陈静", "王强")
SAID = ("好的", "在吗", "嗯", "行", "收到", "哈哈", "可以", "谢谢")
LONG = "车牌是京A57574，停在93号位"


def held(
    people: Sequence[str],
    owner: Owner,
    *contacts: dict[str, str],
    changed: int | None = None,
    whose: Sequence[int] | None = None,
) -> Reading:
    """Fifteen short messages, of which some recur, and a long one; the sender of row `changed` is the other person."""
    words = [*SAID, *SAID[:4], LONG, *SAID[:3]]
    who = list(whose or (i % 3 % 2 for i in range(len(words))))
    told = [
        {
            "conversation": "chat", "conversation_kind": "direct", "sent_at": START + timedelta(minutes=i), "time_precision": "second",
            "zone_source": "explicit", "text": text, "kind": "text", "sender": people[1 - who[i] if i == changed else who[i]],
        }
        for i, text in enumerate(words)
    ]  # fmt: skip
    return reading_of(ExportFacts("message_table", owner=owner), messages_of(told), contacts=contacts)


def conflicts(found: Findings) -> list[str]:
    return found.alignment.filter(pl.col("relation").cast(pl.String) == "conflict")["cause"].cast(pl.String).to_list()


NOBODY = Owner()
KNOWN = [
    # The owner's own name, as the other side shows it.
    (Owner(ACCOUNTS[0], name=NAMES[0]), ()),
    # The remark by which this side knows its peer.
    (NOBODY, ({"id": ACCOUNTS[1], "remark": NAMES[1]},)),
    # Nobody says anything: the short messages that stand alone tell.
    (NOBODY, ()),
]  # fmt: skip


@pytest.mark.parametrize(("owner", "contacts"), KNOWN)
def test_a_changed_sender_of_the_only_long_message_is_a_conflict(
    owner: Owner, contacts: tuple[dict[str, str], ...]
) -> None:
    left, right = held(ACCOUNTS, owner, *contacts), held(NAMES, NOBODY, changed=12)
    assert conflicts(compare_readings(left, right)) == ["sender_differs"]
    assert conflicts(compare_readings(right, left)) == ["sender_differs"]


def test_a_name_that_stands_for_two_accounts_ties_nobody() -> None:
    twice = ({"id": ACCOUNTS[0], "remark": NAMES[1]}, {"id": ACCOUNTS[1], "remark": NAMES[1]})
    found = compare_readings(held(ACCOUNTS, NOBODY, *twice), held(NAMES, NOBODY))
    assert not conflicts(found)
    assert found.verdicts["tests_not_possible"].to_list() == [[]]


def test_where_nothing_tells_who_is_who_the_verdict_says_that_senders_were_not_compared() -> None:
    # What one says on the one side, both say in turn on the other.
    found = compare_readings(held(("甲", "乙"), NOBODY), held(("丙", "丁"), NOBODY, whose=[0, 0, 1, 1] * 4))
    assert not conflicts(found)
    assert found.verdicts["tests_not_possible"].to_list() == [["senders"]]


@pytest.mark.parametrize("kind", ["direct", "group"])
def test_a_group_whose_rows_say_only_whether_they_are_the_owner_s_accuses_nobody(kind: str) -> None:
    def marked(owner: int) -> Reading:
        told = [
            {
                "conversation": "chat", "conversation_kind": kind, "sent_at": START + timedelta(minutes=i), "time_precision": "second",
                "zone_source": "explicit", "text": f"第{i}批水泥{3 * i + 11}件已经送到", "kind": "text", "is_self": i % 3 == owner,
            }
            for i in range(40)
        ]  # fmt: skip
        return reading_of(ExportFacts("message_table"), messages_of(told))

    found = compare_readings(marked(0), marked(1))
    assert set(found.alignment["relation"].cast(pl.String)) == {"agreement"}
    assert found.verdicts["tests_not_possible"].to_list() == [["senders"]]


def test_two_people_of_whom_an_export_calls_neither_its_owner_are_who_their_accounts_say() -> None:
    short = [held(ACCOUNTS, NOBODY).messages.head(6) for _ in "ab"]
    marks = [pl.col("sender") == ACCOUNTS[0], pl.lit(value=False)]
    sides = [m.with_columns(is_self=mark) for m, mark in zip(short, marks, strict=True)]
    readings = [reading_of(ExportFacts("message_table"), Messages.validate(m, cast=True)) for m in sides]
    found = compare_readings(readings[0], readings[1]).alignment
    assert found["relation"].cast(pl.String).to_list() == ["agreement"] * 6
