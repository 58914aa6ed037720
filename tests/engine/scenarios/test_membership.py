"""A member of a group need not hold what was sent before joining or after leaving."""

import csv
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.frames import Messages
from reconcile.intake.contract import ExportFacts, Owner
from reconcile.intake.frames import reading_of
from tests.build.chats import (
    COLUMNS,
    FIRST,
    PEOPLE,
    ROOM,
    START,
    Row,
    beside_other_chat,
    chat,
    drawn_chat,
    held,
    state_of,
)
from tests.build.together import Comparing


def test_a_member_of_whom_the_owner_s_name_is_not_known_left_where_its_rows_end(tmp_path: Path) -> None:
    rows = [r | {"who": i % 3} for i, r in enumerate(drawn_chat(60))]
    people = ("甲方公司", "乙方公司", "丙方公司")
    for name, owner, last in (("a", 0, 60), ("b", 1, 45)):
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            table = csv.DictWriter(out, ("conversation", "conversation_kind", *COLUMNS))
            table.writeheader()
            for row in rows[:last]:
                who = int(str(row["who"]))
                at = (FIRST + timedelta(seconds=float(str(row["at"])))).isoformat()
                table.writerow({"conversation": "71407368656@chatroom", "conversation_kind": "group", "sent_at": at, "text": row["text"], "sender": "我" if who == owner else people[who], "kind": "text"})  # fmt: skip
    left_at = (FIRST + timedelta(seconds=float(str(rows[44]["at"])) + 1)).isoformat()
    sidecar = {
        "owner": {"name": "王杰"},
        "exported_at": (FIRST + timedelta(days=30)).isoformat(),
        "groups": [
            {"id": "71407368656@chatroom", "members": [{"id": "wxid_bbbbbbbb", "name": "我", "left_at": left_at}]}
        ],
    }
    (tmp_path / "b.json").write_text(json.dumps(sidecar, ensure_ascii=False), encoding="utf-8")
    found = compare_readings(read(tmp_path / "a.csv"), read(tmp_path / "b.csv"))
    assert found.verdicts["grade"].to_list() == ["explained_differences"]
    assert found.alignment.filter(pl.col("left_row") == 50)["cause"].cast(pl.String).to_list() == ["membership"]


def test_in_the_minute_of_joining_and_of_leaving_nothing_tells_which_came_first() -> Comparing:
    rows = [r | {"at": r["at"] + (55 if i in (10, 30) else 13 * i % 50)} for i, r in enumerate(chat(40, people=3))]
    came = {"at": 600, "who": None, "text": '"王甲"邀请你加入了群聊', "kind": "system"}
    minutes = [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for r in [came, *rows[11:]]]
    found = yield rows, held(minutes, 1, is_room=True)
    assert state_of(found, rows[10]["text"], "left") == ("set_aside", "membership")
    gone = {"at": 1850, "who": None, "text": '你被"王甲"移出群聊', "kind": "system"}
    minutes = [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for r in rows]
    found = yield minutes, held([*rows[:30], gone], 1, is_room=True)
    assert state_of(found, rows[30]["text"], "left") == ("set_aside", "membership")


def test_what_a_member_missed_in_the_minute_of_coming_back_is_in_doubt_by_times_to_the_minute() -> Comparing:
    seconds = {15: 2, 16: 15}
    rows = [r | {"at": r["at"] + seconds.get(i, 13 * i % 50)} for i, r in enumerate(chat(40, people=3))]
    rows[16]["at"] -= 60
    notices = [
        {"at": at, "who": None, "text": text, "kind": "system"}
        for at, text in ((rows[5]["at"] - 1, '你被"王甲"移出群聊'), (rows[15]["at"] + 6, '"王甲"邀请你加入了群聊'))
    ]
    minutes = [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for r in rows]
    found = yield minutes, held([*rows[:5], *notices, *rows[16:]], 1, is_room=True)
    assert state_of(found, rows[15]["text"], "left")[0] in {"doubtful", "set_aside"}


@pytest.mark.parametrize("swapped", [False, True])
def test_the_moment_of_joining_stands_on_the_clock_of_the_export_that_states_it(swapped: bool) -> Comparing:
    spoken = chat(people=3)
    rows = [r | {"who": 2} if i < 15 and r["who"] == 1 else r for i, r in enumerate(spoken)]
    late = held(rows[15:], 1, shift=-7200)
    joined = START + timedelta(seconds=rows[15]["at"] - 1 - 7200)
    members = [{"group_id": ROOM, "member_id": PEOPLE[1], "name": None, "joined_at": joined, "left_at": None}]
    late = reading_of(late.facts, late.messages, members=members)
    found = yield [(late, held(r, 0)) if swapped else (held(r, 0), late) for r in (rows, spoken)]
    told = [state_of(f, rows[14]["text"], "right" if swapped else "left")[1] for f in found]
    # Nobody writes before he joins, so his own list is wrong where the other export holds earlier messages of his.
    assert told == ["membership", "outside_coverage"]


@pytest.mark.parametrize(("left", "told"), [(True, "membership"), (False, "unexplained")])
def test_a_member_whose_export_states_no_times_need_not_hold_what_was_sent_after_he_left(
    left: bool, told: str
) -> Comparing:
    rows = chat(people=3)
    gone = START + timedelta(seconds=rows[25]["at"]) if left else None
    short = held([*rows[:10], *rows[11:25]], 1, has_times=False, exported_at=START + timedelta(days=5))
    members = [{"group_id": ROOM, "member_id": PEOPLE[1], "name": None, "joined_at": None, "left_at": gone}]
    short = reading_of(replace(short.facts, owner=Owner(PEOPLE[1])), short.messages, members=members)
    found = yield rows, short
    causes = [state_of(found, rows[i]["text"], "left")[1] for i in (10, 26, 39)]
    assert causes == ["unexplained", told, told]


@pytest.mark.parametrize(
    ("stated", "told"), [((1,), "membership"), ((1, 2), "unexplained")], ids=["alone", "beside another"]
)
def test_the_only_joining_that_is_stated_is_that_of_an_owner_who_is_not_named_also_days_before_his_first_row(
    stated: tuple[int, ...], told: str
) -> Comparing:
    rows = chat(people=3)
    rows = [*rows[:15], *(r | {"at": r["at"] + 2 * 86_400} for r in rows[15:])]
    joined = START + timedelta(seconds=rows[14]["at"] + 1)
    members = [
        {"group_id": ROOM, "member_id": PEOPLE[i], "name": None, "joined_at": joined, "left_at": None} for i in stated
    ]
    older = held([{"at": 0, "who": 1, "text": "早"}], 1).messages
    late = pl.concat([older, held(rows[15:], 1).messages]).with_columns(pl.lit(None, pl.Boolean).alias("is_self"))
    sides = held(rows, 0), reading_of(ExportFacts("message_table"), Messages.validate(late, cast=True), members=members)
    assert state_of((yield sides), rows[14]["text"], "left")[1] == told


def test_a_row_in_the_second_of_the_joining_is_missed_by_nobody() -> Comparing:
    rows = chat(40, people=3)
    notice = [
        {"at": 600, "who": None, "text": words, "kind": "system"}
        for words in ('"王芳"邀请你加入了群聊', '"王芳"邀请"李娜"加入了群聊')
    ]
    right = [*rows[:11], notice[1], *rows[11:]]
    found = yield [notice[0], *rows[11:]], right
    assert state_of(found, rows[10]["text"], "right") == ("set_aside", "membership")


@pytest.mark.parametrize("precision", [1, 60])
def test_what_stands_between_leaving_and_coming_back_in_the_file_need_not_be_held(precision: int) -> Comparing:
    rows = chat(40, people=3)
    gone = {"at": rows[14]["at"] + 1, "who": None, "text": '你将"王乙"移出了群聊', "kind": "system"}
    back = {"at": rows[18]["at"], "who": None, "text": '你邀请"王乙"加入了群聊', "kind": "system"}
    whole = [*rows[:15], gone, *rows[15:19], back, *rows[19:]]
    shown = {id(gone): '"王甲"将你移出了群聊', id(back): '"王甲"邀请你加入了群聊'}
    part = [r | {"text": shown.get(id(r), r["text"])} for r in whole if r not in rows[15:19]]
    coarse = [
        r | {"at": r["at"] // precision * precision, "precision": "minute" if precision > 1 else "second"} for r in part
    ]
    found = yield whole, coarse
    assert {state_of(found, rows[i]["text"], "left") for i in range(15, 19)} == {("set_aside", "membership")}


@pytest.mark.parametrize(("apart", "state"), [(0, "set_aside"), (3, "one_sided")])
def test_in_the_second_of_joining_the_order_of_a_file_says_nothing(apart: int, state: str) -> Comparing:
    rows = chat(people=3)

    def notice(at: float, text: str) -> Row:
        return {"at": at, "who": None, "text": text, "kind": "system"}

    gone, back = rows[10]["at"] - 20, rows[20]["at"] - apart
    seen = [notice(gone, '你将"乙"移出了群聊'), notice(back, '你邀请"乙"加入了群聊')]
    own = [notice(gone, '你被"甲"移出群聊'), notice(back, '"甲"邀请你加入了群聊')]
    whole = held([*rows[:10], seen[0], *rows[10:20], seen[1], *rows[20:]], 0)
    found = yield whole, [*rows[:10], *own, *rows[21:]]
    assert state_of(found, rows[20]["text"], "left")[0] == state
    assert state_of(found, rows[15]["text"], "left") == ("set_aside", "membership")


def test_notices_without_a_time_tell_who_was_away_where_they_stand() -> Comparing:
    rows = chat(40, people=3)
    gone, back = ({"at": rows[i]["at"] + 5, "who": None, "kind": "system"} for i in (10, 19))
    own = [gone | {"text": '你被"王甲"移出群聊'}, back | {"text": '"王甲"邀请你加入了群聊'}]
    seen = [gone | {"text": '你将"王乙"移出了群聊'}, back | {"text": '你邀请"王乙"加入了群聊'}]
    whole = held([*rows[:11], seen[0], *rows[11:20], seen[1], *rows[20:]], 0)
    bare = pl.col("kind").cast(pl.String).eq("system") | (pl.col("text") == rows[15]["text"])
    untimed = whole.messages.with_columns(
        sent_at=pl.when(~bare).then("sent_at"), time_precision=pl.when(bare).then(pl.lit("none")).otherwise(pl.col("time_precision").cast(pl.String)),
    )  # fmt: skip
    shown = reading_of(whole.facts, Messages.validate(untimed, cast=True))
    found = yield shown, [*rows[:11], *own, *rows[20:]]
    assert {state_of(found, rows[i]["text"], "left") for i in range(11, 20)} == {("set_aside", "membership")}


@pytest.mark.parametrize(
    ("spans", "told", "talks", "state"),
    [
        ([(10, 30)], True, False, "set_aside"),
        ([(10, 20), (30, 50)], True, False, "set_aside"),
        ([(10, 30)], False, False, "doubtful"),
        ([(10, 30)], True, True, "doubtful"),
    ],
    ids=["once", "twice", "no notice of the removal", "his words in between"],
)
def test_who_returns_was_away_since_his_own_notice_or_his_last_words(
    spans: list[tuple[int, int]], told: bool, talks: bool, state: str
) -> Comparing:
    """A return that both show tells so, also beside the joining at the beginning."""
    rows = chat(60, people=3)
    away = {i for low, high in spans for i in range(low + 1, high)}
    whole = [r | {"who": 0} if i in away and r["who"] == 1 else r for i, r in enumerate(rows)]
    whole[15] |= {"who": 1} if talks else {}
    came = [0.0, *(rows[high]["at"] - 5 for _, high in spans)]
    gone = [_shown(rows[low]["at"] + 5, '你被"甲"移出群聊') for low, _ in spans if told]
    own = [*gone, *(_shown(at, '"甲"邀请你加入了群聊') for at in came)]
    seen = [_shown(at, '"甲"邀请"乙"加入了群聊') for at in came]
    part = [r for i, r in enumerate(rows) if i not in {*away, 55}]
    sides = [sorted([*these, *shown], key=lambda r: r["at"]) for these, shown in ((whole, seen), (part, own))]
    found = yield held(sides[0], 0), sides[1]
    last = 15 if talks else 0
    assert {state_of(found, rows[i]["text"], "left")[0] for i in away if i > last} == {state}
    assert {state_of(found, rows[i]["text"], "left")[0] for i in {*away, 55} if i == 55 or i < last} == {"one_sided"}


@pytest.mark.parametrize("is_known", [True, False])
def test_a_notice_that_names_the_owner_like_all_others_tells_when_he_joined(*, is_known: bool) -> Comparing:
    rows = chat(60, people=3)
    early = [r | {"who": 0} if r["who"] == 1 else r for r in rows[:20]]
    told = _shown(rows[20]["at"] - 5, "wxid_aaaaaaaa invited wxid_bbbbbbbb")
    joined = held([told, *rows[20:]], 1)
    if not is_known:
        joined = replace(joined, messages=Messages.cast(joined.messages.with_columns(is_self=pl.lit(None, pl.Boolean))))
        joined = replace(joined, facts=replace(joined.facts, owner=Owner()))
    found = yield held([*early, told, *rows[20:]], 0), joined
    assert {state_of(found, r["text"], "left")[0] for r in early} == {"set_aside"}


def test_a_chat_that_begins_with_the_joining_of_somebody_whom_the_owner_brought_tells_nothing_of_him() -> Comparing:
    rows = chat(60, people=3)
    told = _shown(rows[1]["at"] - 5, '你邀请"丙某"加入了群聊')
    seen = _shown(rows[1]["at"] - 5, '"乙某"邀请"丙某"加入了群聊')
    own = held([told, *rows[1:]], 1)
    own = replace(own, messages=Messages.cast(own.messages.with_columns(is_self=pl.lit(None, pl.Boolean))))
    found = yield held([rows[0], seen, *rows[1:]], 0), replace(own, facts=replace(own.facts, owner=Owner()))
    assert state_of(found, rows[0]["text"], "left")[1] != "membership"


def _shown(at: float, text: str) -> Row:
    return {"at": at, "who": None, "text": text, "kind": "system"}


def _silent_after(rows: list[Row], last: int) -> list[Row]:
    """The rows, none of them by person 1 behind the last one that he read."""
    return [r for i, r in enumerate(rows) if i <= last or r["who"] != 1]


@pytest.mark.parametrize(
    ("speaks", "state"), [(False, ("set_aside", "membership")), (True, ("doubtful", "indistinguishable"))]
)
def test_a_removal_that_its_reader_alone_shows_counts_where_he_is_silent_from_then_on(
    speaks: bool, state: tuple[str, str]
) -> Comparing:
    rows = chat(50, people=3)
    whole = _silent_after(rows, 25)
    whole += [{"at": rows[-1]["at"] + 60, "who": 1, "text": "我还在这个群里"}] if speaks else []
    gone = _shown(rows[25]["at"] + 1, '你被"王甲"移出群聊')
    left = held([*rows[:26], gone], 1, is_room=True, exported_at=START + timedelta(days=5))
    assert state_of((yield whole, left), rows[30]["text"], "left") == state


@pytest.mark.parametrize(("heard", "state"), [(False, "doubtful"), (True, "one_sided")], ids=["silent", "speaks"])
def test_who_is_silent_beyond_the_end_of_his_export_may_have_left_without_a_notice(
    heard: bool, state: str
) -> Comparing:
    rows = _silent_after(chat(40, people=3), 20)
    rows[-1]["who"] = 1 if heard else 0
    found = yield rows, held(rows[:20], 1, is_room=True, exported_at=START + timedelta(days=5))
    assert [state_of(found, rows[i]["text"], "left")[0] for i in (21, -2)] == [state, state]


def test_a_removal_without_a_time_stands_behind_what_its_reader_read() -> Comparing:
    rows = chat(50, people=3)
    left = held([*rows[:26], _shown(rows[25]["at"], '你被"王甲"移出群聊')], 1, is_room=True)
    untimed = left.messages.with_columns(
        pl.when(pl.col("kind").cast(pl.String) != "system").then("sent_at").alias("sent_at")
    )
    left = reading_of(replace(left.facts, exported_at=START + timedelta(days=5)), Messages.validate(untimed))
    found = yield _silent_after(rows, 25), left
    assert state_of(found, rows[30]["text"], "left") == ("set_aside", "membership")


@pytest.mark.parametrize(("others", "state"), [(False, "set_aside"), (True, "doubtful")])
def test_a_joining_that_its_reader_alone_shows_counts_where_the_other_form_shows_no_notices(
    others: bool, state: str
) -> Comparing:
    rows = chat(50, people=3)
    whole = [r for i, r in enumerate(rows) if i >= 25 or r["who"] != 1]
    whole = sorted(
        [*whole, *([_shown(rows[30]["at"] + 1, "王丙修改群名为“家”")] if others else [])], key=lambda r: r["at"]
    )
    came = _shown(rows[25]["at"] - 1, '"王甲"邀请你加入了群聊')
    late = beside_other_chat(held([came, *rows[25:]], 1, is_room=True), [-3600, 7200])
    found = yield whole, late
    assert state_of(found, rows[11]["text"], "left")[0] == state


@pytest.mark.parametrize(("whom", "state"), [("王乙", "set_aside"), ("wxid_cccccccc", "doubtful")])
def test_whom_a_notice_adds_is_read_in_english_and_another_s_joining_hides_nothing(whom: str, state: str) -> Comparing:
    rows = chat(50, people=3)
    whole = [r for i, r in enumerate(rows) if i >= 25 or r["who"] != 1]
    theirs, own = (_shown(rows[25]["at"] - 1, f"王甲 added {name}") for name in (whom, "you"))
    at = whole.index(rows[25])
    late = beside_other_chat(held([own, *rows[25:]], 1, is_room=True), [-3600, 7200])
    found = yield [*whole[:at], theirs, *whole[at:]], late
    assert state_of(found, rows[11]["text"], "left")[0] == state


@pytest.mark.parametrize(
    ("whom", "notices", "state"),
    [("王乙", [], "set_aside"), ("王丙", [], "doubtful"), ("王乙", [_shown(0, "王丙修改群名为“家”")], "doubtful")],
    ids=["the owner", "another member", "an export that shows notices"],
)
def test_a_removal_that_the_remover_alone_shows_counts_where_the_other_export_shows_no_notices(
    whom: str, notices: list[Row], state: str
) -> Comparing:
    rows = chat(50, people=3)
    whole = _silent_after(rows, 25)
    whole.insert(26, _shown(rows[25]["at"] + 1, f'你将"{whom}"移出了群聊'))
    left = held([*notices, *rows[:26]], 1, is_room=True, exported_at=START + timedelta(days=5))
    holder = held(whole, 0)
    names = pl.col("sender").replace(dict(zip(PEOPLE, ("王甲", "王乙", "王丙"), strict=True)))
    named = reading_of(holder.facts, Messages.validate(holder.messages.with_columns(sender_name=names)))
    assert state_of((yield named, left), rows[30]["text"], "left")[0] == state


def test_telephone_numbers_of_members_in_notices_are_names_and_no_numbers_that_differ() -> Comparing:
    numbers = "+49 155 55033383", "+49 157 39372571"
    names = pl.col("sender").replace(dict(zip(PEOPLE, ("王甲", *numbers), strict=True)))
    sides = (held([_shown(0, f"王甲 added {n}"), *chat(people=3)[1:]], i) for i, n in enumerate(numbers))
    found = yield tuple(replace(s, messages=Messages.cast(s.messages.with_columns(sender=names))) for s in sides)
    assert set(found.alignment["relation"].cast(pl.String)) == {"agreement"}


def test_notices_of_leaving_and_coming_back_explain_nothing_where_their_reader_speaks_in_between() -> Comparing:
    rows = chat(50, people=3)
    away = [_shown(rows[14]["at"] + 1, '你被"王丙"移出群聊'), _shown(rows[30]["at"] - 1, '"王丙"邀请你加入了群聊')]
    part = held([*rows[:15], *away, *rows[30:]], 1, is_room=True)
    found = yield rows, part
    assert {state_of(found, rows[i]["text"], "left")[0] for i in range(15, 30)} == {"one_sided"}


def test_words_of_another_who_bears_the_owner_s_name_are_no_words_of_his() -> Comparing:
    rows = chat(60, people=3)
    whole = [r | {"who": 2} if 10 < i < 30 and r["who"] == 1 else r for i, r in enumerate(rows)]
    own = [_shown(rows[10]["at"] + 5, '你被"甲"移出群聊'), _shown(rows[30]["at"] - 5, '"甲"邀请你加入了群聊')]
    seen = _shown(rows[30]["at"] - 5, '"甲"邀请"乙"加入了群聊')
    names = pl.col("sender").replace(dict(zip(PEOPLE, ("甲", "乙", "乙"), strict=True)))
    holder, member = (
        replace(side, messages=Messages.cast(side.messages.with_columns(sender=names, sender_name=names)))
        for side in (held([*whole[:30], seen, *whole[30:]], 0), held([*rows[:11], *own, *rows[30:]], 1))
    )
    found = yield holder, member
    assert {state_of(found, whole[i]["text"], "left") for i in range(11, 30)} == {("set_aside", "membership")}
