"""Which row alone a recall notice explains: by person, by moment, by number, and one row to a notice."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from reconcile.case import compare
from reconcile.graph.recalls import bearers_of, recalled_by_notice
from reconcile.wechat.classes import CALL, IMAGE, PAYMENT, SECONDS, SYSTEM, WORDS
from tests.test_comparison_several import chat, held

Row = dict[str, Any]
TYPES = {
    "pair": pl.UInt32, "row": pl.UInt32, "t": pl.Int64, "t2": pl.Int64, "cls": pl.UInt8, "is_self": pl.Boolean, "is_repeat": pl.Boolean,
    "is_direct": pl.Boolean, "party": pl.UInt32, "spread": pl.Int64, "text": pl.String, "message_id": pl.String, "sender": pl.String,
    "sender_name": pl.String, "conversation": pl.String, "local_id": pl.Int64,
}  # fmt: skip
# The holder is party 1, the lacking side party 2; party 3 speaks in rooms.
PEOPLE = {1: "wxid_a", 2: "wxid_b", 3: "wxid_c"}
NAMES = {1: "王甲", 2: "李乙", 3: "陈丙"}


def said(at: float, who: int | None, text: str = "我欠你五万元", **more: Any) -> Row:
    return {"t": round(at * SECONDS), "party": who, "text": text, "cls": WORDS} | more


def notice(at: float, text: str, **more: Any) -> Row:
    return said(at, None, f"{text}撤回了一条消息", cls=SYSTEM, **more)


def frame(rows: list[Row], owner: int, *, room: bool = False) -> pl.DataFrame:
    empty: Row = dict.fromkeys(TYPES) | {"pair": 0, "is_repeat": False, "is_direct": not room, "spread": 0}
    full = [
        empty | {"sender": PEOPLE.get(r["party"]), "sender_name": NAMES.get(r["party"]), "is_self": None if r["party"] is None else r["party"] == owner} | r | {"row": i}
        for i, r in enumerate(rows)
    ]  # fmt: skip
    return pl.DataFrame(full, schema=TYPES)


def states(alone: list[Row], notices: list[Row], own: list[Row] | None = None, **how: Any) -> list[str]:
    """What becomes of each row that the holder alone has, where the lacking side shows these notices, and the holder its own."""
    room, untimed = how.pop("room", False), how.pop("untimed", [])
    marked = {"is_self": None} if how.pop("unmarked", False) else {}
    spoken = [said(-900, who, "大家好吗", **marked) for who in (PEOPLE if room else (1, 2))]
    told = [] if how.pop("mute", False) else [said(-800, None, "以上是打招呼的内容", cls=SYSTEM)]
    holder = frame([*alone, *(own or []), *spoken], 1, room=room)
    others = how.pop("others", [])
    lacking = frame([*others, *notices, *spoken, *told], 2, room=room)
    rows = holder.head(len(alone)).with_columns(pl.col("t").alias("t_other"))
    nobody = bearers_of(held(chat(), 0))
    found = recalled_by_notice(
        rows, holder, lacking, untimed, (nobody, nobody), others=lacking.head(len(others)), **how
    )
    answer = dict.fromkeys(found[0], "recalled") | dict.fromkeys(found[1], "contested")
    return [answer.get(n, "missing") for n in range(len(alone))]


EXPLAINED = {
    "the other's own notice": ([said(0, 2)], [notice(30, "你")]),
    "a notice of the holder": ([said(0, 1)], [notice(30, '"王甲" ')]),
    "a notice of the holder by an unknown name": ([said(0, 1)], [notice(30, '"老同学" ')]),
    "at the end of two minutes": ([said(0, 2)], [notice(124, "你")]),
    "a notice that stands at the row's own moment": ([said(0, 2)], [notice(-1, "你")]),
    "two rows and two notices": ([said(0, 2), said(9, 2)], [notice(30, "你"), notice(60, "你")]),
    "a picture": ([said(0, 2, "", cls=IMAGE)], [notice(30, "你")]),
    "an unknown author": ([said(0, None, is_self=None)], [notice(30, "你")]),
    "English": ([said(0, 2)], [said(30, None, "You recalled a message", cls=SYSTEM)]),
    "a slow clock": ([said(0, 2, spread=30 * SECONDS)], [notice(170, "你")]),
}
NOT_EXPLAINED = {
    "a notice of the other person": ([said(0, 1)], [notice(30, "你")]),
    "a notice that names the holder": ([said(0, 2)], [notice(30, '"王甲" ')]),
    "after two minutes": ([said(0, 2)], [notice(127, "你")]),
    "a notice before the row": ([said(0, 2)], [notice(-3, "你")]),
    "a payment": ([said(0, 2, "", cls=PAYMENT)], [notice(30, "你")]),
    "a call": ([said(0, 2, "", cls=CALL)], [notice(30, "你")]),
    "a repeat": ([said(0, 2, is_repeat=True)], [notice(30, "你")]),
    "a repeated notice": ([said(0, 2)], [notice(30, "你", is_repeat=True)]),
    "a notice of another chat": ([said(0, 2)], [notice(30, "你", pair=1)]),
    "another sentence of the client": ([said(0, 2)], [said(30, None, "你领取了红包", cls=SYSTEM)]),
    "words that speak of a recall": ([said(0, 2)], [said(30, 2, "你撤回了一条消息")]),
}


def test_what_a_manager_takes_back_is_the_members_message_and_not_the_managers() -> None:
    told = {}
    for who, words in ((3, '你撤回了成员"陈丙"的一条消息'), (2, '"陈丙"撤回了你的一条消息')):
        told[words] = [
            *(states([said(0, n)], [said(30, None, words, cls=SYSTEM)], room=True)[0] for n in (1, 2, 3)),
            who,
        ]
    assert list(told.values()) == [["missing", "missing", "recalled", 3], ["missing", "recalled", "missing", 2]]


@pytest.mark.parametrize("case", EXPLAINED)
def test_a_notice_explains_a_row_of_whom_it_names_within_two_minutes(case: str) -> None:
    assert set(states(*EXPLAINED[case])) == {"recalled"}


@pytest.mark.parametrize("case", NOT_EXPLAINED)
def test_no_other_notice_explains_a_row(case: str) -> None:
    assert set(states(*NOT_EXPLAINED[case])) == {"missing"}


def test_rows_that_outnumber_the_notices_are_contested_while_they_are_few() -> None:
    rows = [said(n, 2) for n in range(0, 15, 3)]
    assert states(rows[:3], [notice(60, "你")]) == ["contested"] * 3
    assert states(rows, [notice(60, "你")]) == ["missing"] * 5
    assert states(rows[:2], [notice(3, "你")]) == ["missing", "recalled"]


ROOM = {
    "by name": (3, '"陈丙" ', None, "recalled"),
    "of another": (1, '"陈丙" ', None, "missing"),
    "by a name of nobody": (3, '"老板" ', None, "recalled"),
    "of the lacking owner": (2, '"陈丙" ', None, "missing"),
    "whom the holder names otherwise": (3, '"老板" ', '"李乙" ', "missing"),
    "whom the holder names alike": (3, '"老板" ', '"陈丙" ', "recalled"),
    "whom the holder calls you": (3, '"老板" ', "你", "missing"),
}


@pytest.mark.parametrize("case", ROOM)
def test_in_a_room_a_notice_is_of_whom_it_and_the_holders_own_name(case: str) -> None:
    who, name, own, state = ROOM[case]
    mine = None if own is None else [notice(30, own)]
    assert states([said(0, who)], [notice(30, name)], mine, room=True) == [state]


@pytest.mark.parametrize(
    ("who", "name", "own", "state"), [(1, '"王甲" ', "你", "contested"), (2, "你", '"李乙" ', "recalled")]
)
def test_ones_own_row_beside_ones_own_notice_is_contested(who: int, name: str, own: str, state: str) -> None:
    assert states([said(0, who)], [notice(30, name)], [notice(30, own)]) == [state]


def test_a_notice_explains_a_row_of_one_whose_name_is_the_lacking_owners_too() -> None:
    both = [said(-600, 2, "大家好吗"), said(-590, 2, "都好", is_self=False)]
    assert states([said(0, 2, is_self=False)], [*both, notice(30, '"陈丙" ')], room=True) == ["missing"]
    assert states([said(0, 2, is_self=False)], [*both, notice(30, '"李乙" ')], room=True) == ["recalled"]


def test_what_the_holder_shows_behind_its_own_notice_was_not_taken_back_by_then() -> None:
    rows = [said(-2, 2), said(31.0, 2), said(30.9, 2, spread=20 * SECONDS)]
    # From one minute to the next there may be but a second.
    rows += [said(at, 2, spread=90 * SECONDS) for at in (90, 150)]
    told = [states([row], [], [notice(30, '"李乙" ')], mute=True)[0] for row in rows]
    assert told == ["recalled", "missing", "recalled", "recalled", "missing"]


@pytest.mark.parametrize(("name", "state"), [("李乙", "missing"), ("王甲", "recalled"), ("老同学", "recalled")])
def test_where_no_owner_is_known_a_name_that_somebody_bears_tells_whose_message_it_was(name: str, state: str) -> None:
    rows, notices = [said(0, 1, is_self=None)], [notice(30, f'"{name}" ')]
    assert states(rows, notices, unmarked=True) == [state]
    assert states(rows, [], notices, unmarked=True, mute=True) == [state]


def test_a_notice_that_the_holder_alone_shows_leaves_doubt() -> None:
    assert states([said(0, 2)], [], [notice(30, '"李乙" ')]) == ["contested"]
    assert states([said(0, 1)], [], [notice(30, '"李乙" ')]) == ["missing"]


def test_a_notice_by_whose_id_the_other_side_holds_a_message_explains_no_row_beside_it() -> None:
    of_it = {"message_id": "6116895530414900001"}
    rows = [said(0, 2, **of_it), said(9, 2, message_id="6116895530414900002")]
    assert states(rows, [notice(30, "你", **of_it)])[1] == "missing"
    # The holder's own notice of that recall is no other one.
    assert states(rows, [notice(30, "你", **of_it)], [notice(30, '"李乙" ')])[1] == "missing"


def test_a_notice_of_the_holders_that_explains_a_row_of_the_other_side_explains_no_other() -> None:
    row, own = [said(0, 2)], [notice(30, '"李乙" ')]
    assert states(row, [], own) == states(row, [], own, others=[said(-400, 2)]) == ["contested"]
    assert states(row, [], own, others=[said(9, 2)]) == ["missing"]


def test_by_its_own_clock_the_holder_shows_a_recall_no_three_minutes_behind_its_message() -> None:
    rows = [said(at, 2, spread=90 * SECONDS) for at in (0, 60)]
    assert [states([r], [notice(240, "你")], [notice(240, '"李乙" ')]) for r in rows] == [["missing"], ["recalled"]]


def test_a_notice_under_one_long_id_on_both_sides_explains_no_row_of_another_id() -> None:
    both = {"message_id": "6116895530414900001"}
    row, seen = said(0, 2, message_id="6116895530414900002"), [notice(30, "你", **both)]
    assert states([row], seen, [notice(30, '"李乙" ', **both)], in_place=True) == ["missing"]
    assert states([row], seen, [notice(30, '"李乙" ', **both)]) == ["recalled"]


def test_without_times_a_notice_some_places_off_leaves_doubt() -> None:
    assert states([said(0, 2)], [notice(3_000, "你")], untimed=[0]) == ["contested"]
    assert states([said(0, 2)], [notice(16_000, "你")], untimed=[0]) == ["missing"]
    assert states([said(0, 2)], [notice(30, "你")], untimed=[7]) == ["recalled"]


def test_a_row_beside_a_step_is_recalled_by_either_clock() -> None:
    assert states([said(0, 2, t2=3_600 * SECONDS)], [notice(3_630, "你")]) == ["recalled"]


def test_without_times_a_row_that_stands_in_its_own_file_behind_a_paired_notice_was_not_taken_back_by_it() -> None:
    seen, own = [notice(3_000, "你")], [notice(3_000, '"李乙" ')]
    told = [states([said(at, 2)], seen, mine, untimed=[0])[0] for at in (2_999, 3_001) for mine in (own, [])]
    assert told == ["recalled", "recalled", "missing", "recalled"]


def test_where_names_alone_tell_people_apart_a_notice_marked_as_its_devices_own_names_no_owner() -> None:
    row, seen = said(0, 2, is_self=None), notice(30, "你", party=9, is_self=True)
    assert states([row], [seen], unmarked=True) == ["recalled"]
    assert states([row], [seen], [notice(30, '"李乙" ', party=9, is_self=False)], unmarked=True) == ["recalled"]


def test_a_notice_has_no_sender_in_the_results(tmp_path: Path) -> None:
    for side, notice in (("a", "你撤回了一条消息"), ("b", "甲撤回了一条消息")):
        lines = ["sent_at,text,sender_name,is_self,kind"]
        lines.append(f"2024-03-01 09:00:00,在吗,甲,{str(side == 'a').lower()},text")
        lines.append(f"2024-03-01 09:00:05,在,乙,{str(side == 'b').lower()},text")
        lines.append(f"2024-03-01 09:01:00,{notice},,,recall")
        (tmp_path / f"{side}.csv").write_text("\n".join(lines), "utf-8")
        (tmp_path / f"{side}.json").write_text(f'{{"owner": {{"id": "wxid_{side}"}}}}', "utf-8")
    found = compare(tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "out")
    assert found.messages.filter(pl.col("text").str.contains("撤回"))["party"].to_list() == [None, None]
    assert not any(not c.isprintable() for p in found.messages["party"].drop_nulls() for c in p)
