"""Whose recall a notice tells of, and that the two notices of one recall explain one record."""

import pytest

from reconcile.engine.compare import compare_readings
from tests.build.chats import PEOPLE, Row, chat, held, state_of

AT = 1230
WORDS = "我欠你五万元"
CALLED = "老陈"


def said(who: int, seconds: float = 0, text: str = WORDS) -> Row:
    return {"at": AT + seconds, "who": who, "text": text}


def notice(who: str, seconds: float = 20) -> Row:
    return {"at": AT + seconds, "who": None, "text": f"{who}撤回了一条消息", "kind": "recall"}


def named(who: int) -> str:
    return f'"{PEOPLE[who]}" '


def states(alone: list[Row], holder: list[Row], lacking: list[Row], people: int = 3) -> list[str]:
    """What becomes of the rows that the first person alone has, beside these notices of both."""
    rows = chat(people=people)
    left, right = (sorted([*rows, *more], key=lambda r: float(r["at"])) for more in ([*alone, *holder], lacking))
    found = compare_readings(held(left, 0), held(right, 1))
    return [state_of(found, str(r["text"]), "left")[0] for r in alone]


@pytest.mark.parametrize("holder", [[], [notice(named(1))]])
def test_in_a_room_ones_own_recall_explains_no_record_of_a_third_person(holder: list[Row]) -> None:
    assert states([said(2)], holder, [notice("你")]) == ["one_sided"]


@pytest.mark.parametrize("holder", [[], [notice(named(2))]])
def test_in_a_room_the_recall_of_a_third_person_may_explain_their_record(holder: list[Row]) -> None:
    assert states([said(2)], holder, [notice(named(2))]) == ["doubtful"]


def test_a_notice_by_an_unknown_name_is_of_the_person_whom_its_partner_addresses() -> None:
    by_other_name = [notice(f'"{CALLED}" ')]
    assert states([said(2)], by_other_name, [notice("你")]) == ["one_sided"]
    assert states([said(1)], by_other_name, [notice("你")]) == ["doubtful"]


def test_a_notice_with_a_name_is_not_of_the_owner_whose_export_shows_it() -> None:
    assert states([said(1)], [], [notice(f'"{CALLED}" ')]) == ["one_sided"]


def test_a_notice_without_a_name_in_a_room_may_be_of_anybody() -> None:
    assert states([said(1)], [], [notice("")]) == ["doubtful"]


@pytest.mark.parametrize(("people", "who", "by"), [(2, 1, "你"), (3, 2, named(2))])
@pytest.mark.parametrize("moments", [(40, 0), (0, 40), (5, 0)])
def test_two_notices_of_one_recall_at_two_moments_explain_one_record(
    people: int, who: int, by: str, moments: tuple[float, float]
) -> None:
    alone = [said(who), said(who, 15 if moments != (5, 0) else 5, "利息也一并算上")]
    found = states(alone, [notice(named(who), moments[0])], [notice(by, moments[1])], people)
    assert found.count("one_sided") == 1
