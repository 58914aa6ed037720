"""A clock that was off for a while is explained where it moves all that its owner sent meanwhile."""

from dataclasses import replace

import polars as pl
import pytest

from reconcile.intake.frames import messages_of
from tests.build.chats import Row, chat, grades_of, held_direct
from tests.build.together import Asking, Comparing

HOUR = 3600.0
OWNER = 1


def moved(rows: list[Row], which: set[int], by: float = 2 * HOUR) -> list[Row]:
    """The rows in order of time, those at these places by another clock."""
    shifted = [r | {"at": r["at"] + (by if i in which else 0.0)} for i, r in enumerate(rows)]
    return sorted(shifted, key=lambda r: float(r["at"]))


def grades(which: set[int], *, rows: list[Row] | None = None) -> Asking[list[str]]:
    """The grade where the owner's copy holds these rows by another clock."""
    rows = rows or chat(80)
    return grades_of((yield rows, moved(rows, which)))


# The chat's odd rows are the owner's.
@pytest.mark.parametrize(
    ("which", "grade"),
    [
        (set(range(21, 51, 2)), "explained_differences"),
        (set(range(21, 33, 2)), "cannot_determine"),
        (set(range(21, 51, 2)) - {35}, "cannot_determine"),
        (set(range(20, 50, 2)), "cannot_determine"),
    ],
    ids=["all own ones", "few own ones", "all but one", "received ones"],
)
def test_a_clock_for_a_while_explains_all_that_its_owner_sent_and_no_choice_of_it(
    which: set[int], grade: str
) -> Comparing:
    assert (yield from grades(which)) == [grade]


def test_common_words_at_its_ends_are_of_the_while_that_rare_ones_show() -> Comparing:
    stock = {
        21: "好的",
        23: "嗯",
        25: "行",
        27: "收到",
        41: "嗯",
        43: "好的",
        45: "收到",
        47: "行",
        49: "好的",
        5: "好的",
        70: "嗯",
        9: "行",
        75: "收到",
    }
    rows = [r | {"text": stock.get(i, r["text"])} for i, r in enumerate(chat(80))]
    late = moved(rows, set(range(21, 51, 2)))
    assert grades_of((yield rows, late)) == ["explained_differences"]


def test_messages_that_follow_one_another_without_an_answer_may_be_redated_as_one() -> Comparing:
    rows = [r | {"who": OWNER if 20 <= i < 40 else r["who"]} for i, r in enumerate(chat(80))]
    assert (yield from grades(set(range(20, 40)), rows=rows)) == ["cannot_determine"]


def test_nothing_tells_whose_clock_was_off_where_no_export_names_its_owner() -> Comparing:
    rows = chat(80)
    sides = held_direct(rows, 0), held_direct(moved(rows, set(range(21, 51, 2))), OWNER)
    left, right = (replace(s, messages=messages_of(s.messages.with_columns(is_self=pl.lit(None)))) for s in sides)
    assert grades_of((yield left, right)) == ["cannot_determine"]
