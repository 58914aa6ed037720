"""Who is who where the two sides name people in two ways."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from bench.quality import run_trial
from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.frames import Findings, Messages
from reconcile.intake.contract import ExportFacts, Owner, Reading
from reconcile.intake.frames import messages_of, reading_of
from tests.build.chats import (
    FIRST,
    PEOPLE,
    ROOM,
    START,
    Row,
    chat,
    drawn_chat,
    grades_of,
    held,
    held_direct,
    relations_in,
    state_of,
)
from tests.build.together import Comparing

MORNING = datetime(2024, 3, 1, 1, tzinfo=UTC)

ACCOUNTS, NAMES = ("wxid_aaaa1111", "wxid_bbbb2222"), ("陈静", "王强")

SHORT_WORDS = ("好的", "在吗", "嗯", "行", "收到", "哈哈", "可以", "谢谢")

NUMBER_PLATE = "车牌是京A57574，停在93号位"

NOBODY = Owner()

KNOWN = [
    # The owner's own name, as the other side shows it.
    (Owner(ACCOUNTS[0], name=NAMES[0]), ()),
    # The remark by which this side knows its peer.
    (NOBODY, ({"id": ACCOUNTS[1], "remark": NAMES[1]},)),
    # Nobody says anything: the short messages that stand alone tell.
    (NOBODY, ()),
]  # fmt: skip


def held_by_names(
    people: Sequence[str],
    owner: Owner,
    *contacts: dict[str, str],
    changed: int | None = None,
    whose: Sequence[int] | None = None,
) -> Reading:
    """Fifteen short messages, of which some recur, and a long one; the sender of row `changed` is the other person."""
    words = [*SHORT_WORDS, *SHORT_WORDS[:4], NUMBER_PLATE, *SHORT_WORDS[:3]]
    who = list(whose or (i % 3 % 2 for i in range(len(words))))
    told = [
        {
            "conversation": "chat", "conversation_kind": "direct", "sent_at": MORNING + timedelta(minutes=i), "time_precision": "second",
            "zone_source": "explicit", "text": text, "kind": "text", "sender": people[1 - who[i] if i == changed else who[i]],
        }
        for i, text in enumerate(words)
    ]  # fmt: skip
    return reading_of(ExportFacts("message_table", owner=owner), messages_of(told), contacts=contacts)


def conflict_causes(found: Findings) -> list[str]:
    return found.alignment.filter(pl.col("relation").cast(pl.String) == "conflict")["cause"].cast(pl.String).to_list()


@pytest.mark.parametrize(("owner", "contacts"), KNOWN)
def test_a_changed_sender_of_the_only_long_message_is_a_conflict(
    owner: Owner, contacts: tuple[dict[str, str], ...]
) -> Comparing:
    left, right = held_by_names(ACCOUNTS, owner, *contacts), held_by_names(NAMES, NOBODY, changed=12)
    assert conflict_causes((yield left, right)) == ["sender_differs"]
    assert conflict_causes((yield right, left)) == ["sender_differs"]


def test_a_name_that_stands_for_two_accounts_ties_nobody() -> Comparing:
    twice = ({"id": ACCOUNTS[0], "remark": NAMES[1]}, {"id": ACCOUNTS[1], "remark": NAMES[1]})
    found = yield held_by_names(ACCOUNTS, NOBODY, *twice), held_by_names(NAMES, NOBODY)
    assert not conflict_causes(found)
    assert found.verdicts["tests_not_possible"].to_list() == [["who_is_who"]]


def test_where_nothing_tells_who_is_who_the_verdict_says_that_senders_were_not_compared() -> Comparing:
    # What one says on the one side, both say in turn on the other.
    found = yield held_by_names(("甲", "乙"), NOBODY), held_by_names(("丙", "丁"), NOBODY, whose=[0, 0, 1, 1] * 4)
    assert not conflict_causes(found)
    assert found.verdicts["tests_not_possible"].to_list() == [["senders"]]


@pytest.mark.parametrize("kind", ["direct", "group"])
def test_a_group_whose_rows_say_only_whether_they_are_the_owner_s_accuses_nobody(kind: str) -> Comparing:
    def marked(owner: int) -> Reading:
        told = [
            {
                "conversation": "chat", "conversation_kind": kind, "sent_at": MORNING + timedelta(minutes=i), "time_precision": "second",
                "zone_source": "explicit", "text": f"第{i}批水泥{3 * i + 11}件已经送到", "kind": "text", "is_self": i % 3 == owner,
            }
            for i in range(40)
        ]  # fmt: skip
        return reading_of(ExportFacts("message_table"), messages_of(told))

    found = yield marked(0), marked(1)
    assert set(found.alignment["relation"].cast(pl.String)) == {"agreement"}
    assert found.verdicts["tests_not_possible"].to_list() == [["senders"]]


def test_two_people_of_whom_an_export_calls_neither_its_owner_are_who_their_accounts_say() -> Comparing:
    short = [held_by_names(ACCOUNTS, NOBODY).messages.head(6) for _ in "ab"]
    marks = [pl.col("sender") == ACCOUNTS[0], pl.lit(value=False)]
    sides = [m.with_columns(is_self=mark) for m, mark in zip(short, marks, strict=True)]
    readings = [reading_of(ExportFacts("message_table"), Messages.validate(m, cast=True)) for m in sides]
    found = (yield readings[0], readings[1]).alignment
    assert found["relation"].cast(pl.String).to_list() == ["agreement"] * 6


@pytest.mark.parametrize(("by", "relation"), [(11, "doubtful"), (2, "conflict")])
def test_pictures_of_two_senders_some_seconds_apart_are_no_message_whose_sender_differs(
    by: float, relation: str
) -> Comparing:
    rows = chat(40, people=3)
    unnamed = {"at": 1205, "who": None, "text": "第九十批水泥明天才能送到"}
    pictures = [{"at": 1210 + d, "who": w, "text": "[图片]", "kind": "image"} for w, d in ((0, 0), (1, by))]
    left, right = ([*rows[:21], *more, p, *rows[21:]] for p, more in zip(pictures, ([unnamed], []), strict=True))
    late = [r if r["text"] == "[图片]" else r | {"at": r["at"] + i % 5} for i, r in enumerate(right)]
    found = yield left, held(late, 2)
    assert state_of(found, "[图片]", "left")[0] == relation


def test_an_account_id_that_the_other_side_never_names_is_another_person() -> Comparing:
    rows = [r | {"who": 2} if i == 11 else r for i, r in enumerate(chat())]
    flipped = [r | {"who": 1} if i == 11 else r for i, r in enumerate(rows)]
    found = yield rows, held(flipped, 1, is_room=True)
    assert state_of(found, rows[11]["text"], "left") == ("conflict", "sender_differs")


@pytest.mark.parametrize(("seconds", "told"), [(2, "conflict"), (6 * 3600, "doubtful")])
def test_one_text_under_another_sender_is_in_conflict_in_its_moment_and_in_doubt_hours_away(
    seconds: int, told: str
) -> Comparing:
    rows = chat(people=3)
    other = [*rows[:11], rows[11] | {"who": 0, "at": rows[11]["at"] + seconds}, *rows[12:]]
    found = yield rows, sorted(other, key=lambda r: r["at"])
    assert state_of(found, rows[11]["text"], "left")[0] == told


def test_a_room_in_which_two_people_bear_one_name_is_not_taken_for_another_chat() -> None:
    trial = run_trial("namesakes in the room", 30148)
    assert trial.score.pairs_found == trial.score.pairs


def test_two_members_of_one_name_of_whom_one_device_has_a_clock_of_its_own_are_accused_of_nothing() -> Comparing:
    rows = [r | {"who": i % 4} for i, r in enumerate(chat(60))]
    people = [
        {"id": f"wxid_member{i}", "nickname": name} for i, name in enumerate(("甲", "海阔天空", "海阔天空", "丁"))
    ]
    left = named(rows, 0, [p["id"] for p in people], people)
    slow = sorted((r | {"at": r["at"] - (462 if r["who"] == 1 else 0)} for r in rows), key=lambda r: r["at"])
    right = named(slow, 1, [p["nickname"] for p in people], people)
    assert relations_in((yield left, right)) == {"agreement"}


@pytest.mark.parametrize(("remark", "told"), [("海阔天空-财务", {"agreement"}), ("王会计", {"agreement", "doubtful"})])
def test_of_two_members_of_one_name_one_may_have_a_longer_one_in_the_other_export(
    remark: str, told: set[str]
) -> Comparing:
    rows = [r | {"who": i % 4} for i, r in enumerate(chat(60))]
    names = ["甲", "海阔天空", "海阔天空", "丁"]
    people = [{"id": n, "nickname": n} for n in ("甲", "丁")]
    left, right = (named(rows, n, labels, people) for n, labels in enumerate((names, [*names[:2], remark, "丁"])))
    bare = [replace(r, contacts=r.contacts.clear()) for r in (left, right)]
    found = yield bare[0], bare[1]
    assert relations_in(found) == told


def test_two_members_of_one_name_may_be_shown_by_their_numbers_in_the_other_export() -> Comparing:
    rows = [r | {"who": i % 4} for i, r in enumerate(chat(60))]
    people = [{"id": n, "nickname": n} for n in ("甲", "丁")]
    numbers, names = ["甲", "+86 138 0000 0001", "+86 138 0000 0002", "丁"], ["甲", "海阔天空", "海阔天空", "丁"]
    left, right = (named(rows, n, labels, people) for n, labels in enumerate((numbers, names)))
    bare = [replace(r, contacts=r.contacts.clear()) for r in (left, right)]
    found = yield bare[0], bare[1]
    assert relations_in(found) == {"agreement"}


def named(rows: list[Row], owner: int, labels: list[str], people: list[dict[str, str]]) -> Reading:
    """A room's rows under these senders, without marks of the owner's own, as the export of one of these people."""
    told = [
        {
            "conversation": ROOM, "conversation_kind": "group", "sent_at": START + timedelta(seconds=r["at"]), "time_precision": "second",
            "zone_source": "explicit", "text": r["text"], "kind": "text", "sender": labels[r["who"]],
        }
        for r in rows
    ]  # fmt: skip
    facts = ExportFacts("message_table", owner=Owner(id=people[owner]["id"], name=people[owner]["nickname"]))
    return reading_of(facts, messages_of(told), contacts=people)


def _as_clerks_write(tmp_path: Path, called: list[str]) -> Findings:
    """Two tables of one chat, of which the second calls the sender of row 20 so in some rows."""
    rows = drawn_chat(40)
    files = []
    for owner, name in enumerate(("a", "b")):
        who = [("张三", "李四")[int(str(r["who"]))] for r in rows]
        if owner:
            rest = [i for i in range(20, len(who)) if who[i] == who[20]][: len(called)]
            for i, word in zip(rest, called, strict=True):
                who[i] = word.format(who[i], who[i][0])
        table = pl.DataFrame({
            "sent_at": [(FIRST + timedelta(seconds=float(str(r["at"])))).isoformat() for r in rows],
            "sender": who, "text": [str(r["text"]) for r in rows],
        })  # fmt: skip
        files.append(tmp_path / f"{name}.csv")
        table.write_csv(files[-1])
    return compare_readings(read(files[0]), read(files[1]))


def test_a_message_under_a_name_that_nobody_else_bears_is_in_doubt(tmp_path: Path) -> None:
    assert relations_in(_as_clerks_write(tmp_path, ["王五"])) == {"agreement", "doubtful"}


def test_a_person_whom_a_clerk_calls_by_several_names_of_one_look_is_one_person(tmp_path: Path) -> None:
    assert relations_in(_as_clerks_write(tmp_path, ["{0}（原告）", "原告{0}", "{1}先生", "{1}总"])) == {"agreement"}


@pytest.mark.parametrize("column", ["sender", "sent_at"])
def test_a_row_that_alone_states_no_sender_or_no_time_is_not_compared(tmp_path: Path, column: str) -> None:
    rows = drawn_chat(40)
    table = pl.DataFrame({
        "sent_at": [(FIRST + timedelta(seconds=float(str(r["at"])))).isoformat() for r in rows],
        "sender": [PEOPLE[int(str(r["who"]))] for r in rows], "text": [str(r["text"]) for r in rows],
    })  # fmt: skip
    table.write_csv(tmp_path / "a.csv")
    at = pl.int_range(pl.len()) == 20
    table.with_columns(pl.when(~at).then(column).otherwise(pl.lit(""))).write_csv(tmp_path / "b.csv")
    found = compare_readings(read(tmp_path / "a.csv"), read(tmp_path / "b.csv"))
    assert grades_of(found) == ["cannot_determine"]


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        pytest.param(None, ("agreement", "not_stated"), id="no-name"),
        pytest.param(NAMES[1], ("agreement", None), id="own-name"),
        pytest.param(NAMES[0], ("conflict", "sender_differs"), id="name-of-the-other"),
        pytest.param("客服小王", ("doubtful", "weak_match"), id="third-name"),
    ],
)
def test_a_row_without_account_is_of_the_person_whose_name_it_shows(
    shown: str | None, found: tuple[str, str | None]
) -> Comparing:
    rows = chat()
    key = next(i for i, r in enumerate(rows) if r["who"] == 1 and i > 9)
    names = [shown if i == key else NAMES[r["who"]] for i, r in enumerate(rows)]
    bare = held_direct(rows, 1).messages.with_columns(
        *(pl.when(pl.col("row") % 4 != key % 4).then(c).alias(c) for c in ("sender", "is_self")), pl.Series("sender_name", names)
    )  # fmt: skip
    result = yield held_direct(rows, 0), reading_of(ExportFacts("message_table"), Messages.validate(bare, cast=True))
    told = result.alignment.select(pl.col("relation", "cause").cast(pl.String)).rows()
    assert [t for t in told if t != ("agreement", None)] == [found] * (found != ("agreement", None))


@pytest.mark.parametrize(("later", "found"), [(NAMES[1], {"agreement"}), (NAMES[0], {"agreement", "conflict"})])
def test_names_in_place_of_accounts_in_a_later_part_are_those_of_the_accounts(later: str, found: set[str]) -> Comparing:
    rows = chat()
    part = pl.col("row") >= 20
    calls = pl.Series("called", [later if r["who"] == 1 else NAMES[0] for r in rows])
    names = pl.Series("sender_name", [NAMES[int(str(r["who"]))] for r in rows])
    parts = held_direct(rows, 1).messages.with_columns(names).with_columns(
        pl.when(part).then(calls).otherwise("sender").alias("sender"), pl.when(~part).then("sender_name").alias("sender_name"),
        pl.when(~part).then("is_self").alias("is_self"),
    )  # fmt: skip
    told = reading_of(ExportFacts("message_table"), Messages.validate(parts, cast=True))
    assert relations_in((yield held_direct(rows, 0), told)) == found


@pytest.mark.parametrize(("borne", "found"), [(range(5, 18), "doubtful"), (range(7, 8), "conflict")])
def test_a_sender_who_bears_anothers_name_for_a_while_is_in_doubt_and_for_one_message_in_conflict(
    borne: range, found: str
) -> Comparing:
    names = ("陈静", "王强", "李娜")
    rows = chat(people=3)
    left = held(rows, 0)
    shown = [names[2 if r["who"] == 1 and i in borne else r["who"]] for i, r in enumerate(rows)]
    right = held(rows, 2)
    right = reading_of(right.facts, messages_of(right.messages.with_columns(pl.Series("sender", shown))))
    assert relations_in((yield left, right)) == {"agreement", found}


@pytest.mark.parametrize(
    ("whose", "renamed", "relations"),
    [
        (0, range(21), {"agreement"}),
        (0, range(20, 31), {"agreement", "doubtful"}),
        (1, range(21), {"agreement", "doubtful"}),
    ],
)
def test_a_name_that_a_party_of_two_had_until_another_one_began_is_that_of_the_other_owner(
    whose: int, renamed: range, relations: set[str]
) -> Comparing:
    whole = held_direct(chat(), 0)
    then = pl.when(pl.col("row").is_in(list(renamed))).then(pl.lit("装修队长")).otherwise(pl.lit("宋佳"))
    unmarked = whole.messages.with_columns(
        conversation=pl.lit(""), conversation_kind=pl.lit(None, pl.String), is_self=pl.lit(None, pl.Boolean),
        sender=pl.when(pl.col("sender") == PEOPLE[whose]).then(then).otherwise("sender"),
    )  # fmt: skip
    other = reading_of(ExportFacts("inferred"), Messages.validate(unmarked, cast=True))
    assert relations_in((yield whole, other)) == relations


def test_figures_in_the_names_that_two_notices_write_are_no_difference() -> Comparing:
    def side(owner: int, name: str, notice: str) -> Reading:
        rows = [r | ({"who": None, "kind": "system", "text": notice} if i == 20 else {}) for i, r in enumerate(chat())]
        reading = held_direct(rows, owner)
        shown = pl.when(pl.col("is_self").not_()).then(pl.lit(name)).alias("sender_name")
        return replace(reading, messages=Messages.cast(reading.messages.with_columns(shown)))

    left = side(0, "10:30小吴", "10:30小吴领取了你的红包")
    found = yield left, side(1, "陈-木工-138", "你领取了陈-木工-138的红包")
    assert relations_in(found) == {"agreement"}
    left = side(0, "10:30小吴", "10:30小吴领取了你的3个红包")
    found = yield left, side(1, "陈-木工-138", "你领取了陈-木工-138的5个红包")
    assert relations_in(found) == {"agreement", "doubtful"}


def test_members_of_one_name_are_not_in_doubt_where_both_exports_show_that_name() -> Comparing:
    rows = [r | {"who": i % 4} for i, r in enumerate(chat(80))]
    people = [
        {"id": f"u_member{i}", "nickname": name} for i, name in enumerate(("甲", "海阔天空", "海阔天空", "海阔天空"))
    ]
    left = named(rows, 0, [p["id"] for p in people], people)
    shown = pl.Series("sender_name", [people[r["who"]]["nickname"] for r in rows])
    left = replace(left, messages=Messages.cast(left.messages.with_columns(shown)))
    right = named(rows, 0, [p["nickname"] for p in people], people[:1])
    bare = [replace(r, contacts=r.contacts.clear()) for r in (left, right)]
    assert relations_in((yield bare[0], bare[1])) == {"agreement"}
