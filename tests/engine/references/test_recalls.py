"""Which row alone a recall notice explains: by person, by moment, by number, one row to a notice, and by who shows it."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from reconcile.case import compare
from reconcile.frames import Messages
from reconcile.intake.frames import reading_of
from tests.build.chats import PEOPLE, Row, chat, held, relations_of_unpaired
from tests.build.together import Asking, Comparing

# The holder is the left device, person 0; the right one, person 1, lacks the row. Person 2 speaks in rooms.
AT = 1230
TAKEN_BACK = "撤回了一条消息"


def said(seconds: float = 0, who: int = 1, text: str = "我欠你五万元", **more: Any) -> Row:
    return {"at": AT + seconds, "who": who, "text": text} | more


def notice(seconds: float, who: str, **more: Any) -> Row:
    return {"at": AT + seconds, "who": None, "text": f"{who}{TAKEN_BACK}", "kind": "recall"} | more


def named(who: int) -> str:
    return f'"{PEOPLE[who]}" '


def states(alone: list[Row], lacking: list[Row], holder: list[Row] | None = None, people: int = 2) -> Asking[list[str]]:
    """What becomes of each row that the holder alone has, where the two sides show these notices."""
    rows = chat(people=people)
    left, right = (
        sorted([*rows, *more], key=lambda r: float(r["at"])) for more in ([*alone, *(holder or [])], lacking)
    )
    found = yield left, right
    lines = found.alignment.filter(pl.col("right_row").is_null()).select("left_row", pl.col("relation").cast(pl.String))
    told = dict(lines.iter_rows())
    return [told.get(left.index(row), "paired") for row in alone]


def state(row: Row, lacking: list[Row], holder: list[Row] | None = None, people: int = 2) -> Asking[str]:
    return (yield from states([row], lacking, holder, people))[0]


@pytest.mark.parametrize(("seconds", "result"), [(0, "set_aside"), (25, "set_aside"), (40, "doubtful")])
def test_words_are_recalled_where_both_sides_show_their_authors_notice_before_he_wrote_anything_else(
    seconds: float, result: str
) -> Comparing:
    assert (yield from state(said(), [notice(seconds, "你")], [notice(seconds, named(1))])) == result


@pytest.mark.parametrize(
    ("seconds", "of_words", "of_notice", "result"),
    [
        (0, None, None, "set_aside"),
        (20, "77", "77", "set_aside"),
        (20, None, None, "set_aside"),
        (20, "77", "78", "doubtful"),
    ],
)
def test_words_that_the_other_client_kept_are_recalled_unless_the_authors_notice_bears_another_id(
    seconds: float, of_words: str | None, of_notice: str | None, result: str
) -> Comparing:
    in_place = notice(seconds, "你", message_id=of_notice)
    assert (yield from state(said(message_id=of_words), [in_place], [notice(28, named(1))])) == result


@pytest.mark.parametrize(("skipped", "result"), [(0, "set_aside"), (1, "doubtful")])
def test_words_are_in_doubt_where_the_other_sides_numbering_skips_one_before_its_notice(
    skipped: int, result: str
) -> Comparing:
    told = sorted([*chat(), notice(20, "你")], key=lambda r: float(r["at"]))
    numbered = [r | {"local_id": i + (skipped if float(r["at"]) >= AT else 0)} for i, r in enumerate(told, 1)]
    kept = sorted([*chat(), said(), notice(20, named(1))], key=lambda r: float(r["at"]))
    found = yield kept, numbered
    assert relations_of_unpaired(found) == {said()["text"]: result}


def test_a_notice_on_the_holders_side_with_another_number_speaks_of_another_message() -> Comparing:
    in_place = notice(20, "你", message_id="77")
    for number, result in (("77", "set_aside"), ("91", "doubtful")):
        shown = notice(45, named(1), message_id=number)
        assert (yield from state(said(message_id="77"), [in_place], [shown])) == result


@pytest.mark.parametrize("words", ["[消息已撤回]", "You deleted this message"])
def test_an_archives_mark_in_the_place_of_the_words_speaks_of_them_whoever_it_names(words: str) -> Comparing:
    mark = notice(0, "") | {"text": words}
    assert (yield from state(said(), [mark], [notice(45, named(1))])) == "set_aside"
    assert (yield from state(said(), [mark])) == "doubtful"


def test_a_notice_that_the_lacking_side_alone_shows_leaves_doubt() -> Comparing:
    assert (yield from state(said(), [notice(30, "你")])) == "doubtful"


def test_a_notice_that_the_holder_alone_shows_accuses_nobody() -> Comparing:
    assert (yield from state(said(), [], [notice(30, named(1))])) in ("doubtful", "set_aside")


def test_words_that_their_authors_own_copy_still_shows_were_not_taken_back() -> Comparing:
    assert (yield from state(said(who=0), [notice(30, named(0))])) == "one_sided"


NOT_EXPLAINED = {
    "a notice of the other person": (said(), [notice(30, named(0))]),
    "after two minutes": (said(), [notice(140, "你")]),
    "a notice before the row": (said(), [notice(-10, "你")]),
    "a payment": (said(kind="transfer", text="[转账] ￥500.00", amount="500.00"), [notice(30, "你")]),
    "a call": (said(kind="call", text="[语音通话] 05:23"), [notice(30, "你")]),
    "another sentence of the client": (said(), [notice(30, "你") | {"text": "你领取了红包", "kind": "system"}]),
    "words that speak of a recall": (said(), [said(30, 1, f"昨天你{TAKEN_BACK}，我没看清")]),
}


# The only row of its kind, where the other copy holds nothing but text: whether its tool writes such rows is not known.
ONLY_OF_ITS_KIND = ("a payment", "a call")


@pytest.mark.parametrize("case", NOT_EXPLAINED)
def test_no_other_notice_explains_a_row(case: str) -> Comparing:
    assert (yield from state(*NOT_EXPLAINED[case])) == ("doubtful" if case in ONLY_OF_ITS_KIND else "one_sided")


def test_one_notice_explains_one_row() -> Comparing:
    both = [said(), said(9, text="利息也一并算上")]
    told = yield from states(both, [notice(20, "你")], [notice(20, named(1))])
    assert sorted(told) == ["doubtful", "one_sided"]
    two = yield from states(both, [notice(5, "你"), notice(20, "你")], [notice(5, named(1)), notice(20, named(1))])
    assert "one_sided" not in two


@pytest.mark.parametrize(("name", "told"), [(2, False), (0, True)], ids=["of the author", "of another"])
def test_in_a_room_a_notice_is_of_whom_it_names(name: int, told: bool) -> Comparing:
    by = [notice(0, named(name))]
    assert ((yield from state(said(who=2), by, by, people=3)) == "one_sided") == told


@pytest.mark.parametrize(("shown_as", "told"), [(2, False), (0, True)], ids=["of the author", "of another"])
def test_in_a_room_a_notice_without_a_name_is_of_whom_it_stands_under(shown_as: int, told: bool) -> Comparing:
    mark = [notice(90, "") | {"text": "[撤回了一条消息]", "who": shown_as}]
    assert ((yield from state(said(who=2), mark, mark, people=3)) == "one_sided") == told


def test_a_notice_of_the_other_person_explains_no_row_where_nobody_is_marked_as_owner() -> Comparing:
    by, rows = notice(30, named(0)), chat()
    sides = [sorted([*rows, by, *more], key=lambda r: float(r["at"])) for more in ([said()], [])]
    nobody = pl.lit(None, pl.Boolean).alias("is_self")
    exports = [held(side, i) for i, side in enumerate(sides)]
    unmarked = [reading_of(e.facts, Messages.validate(e.messages.with_columns(nobody))) for e in exports]
    found = yield unmarked[0], unmarked[1]
    alone = found.alignment.filter(pl.col("left_row") == sides[0].index(said()))
    assert alone["relation"].to_list() == ["one_sided"]


def test_a_notice_by_whose_id_a_message_stands_explains_no_row_beside_it() -> Comparing:
    of_it: dict[str, Any] = {"message_id": "6116895530414900001"}
    row, other = said(message_id="6116895530414900002"), said(9, text="利息也一并算上", **of_it)
    assert (yield from states([row, other], [notice(10, "你", **of_it)]))[0] == "one_sided"


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


@pytest.mark.parametrize(("number", "result"), [("77", "set_aside"), ("78", "doubtful")])
def test_the_authors_own_notice_with_another_id_right_behind_the_words_speaks_of_others(
    number: str, result: str
) -> Comparing:
    own = notice(1, "你", message_id=number)
    assert (yield from state(said(who=0, message_id="77"), [], [own])) == result


def test_a_recall_speaks_rather_of_words_than_of_a_kind_that_the_other_side_never_shows() -> Comparing:
    both = [said(), said(20, kind="sticker", text="[动画表情]")]
    told = yield from states(both, [notice(40, "你")], [notice(40, named(1))])
    assert told[0] != "one_sided"
