"""Two messages at each other's times are conflicts of time, and with each other's words of words."""

import polars as pl
import pytest

from tests.build.chats import chat, held_direct, relations_in
from tests.build.together import Comparing


@pytest.mark.parametrize(("first", "second"), [(11, 30), (11, 32)], ids=["of two people", "of one person"])
def test_two_messages_that_changed_places_are_conflicts_of_time(first: int, second: int) -> Comparing:
    rows = chat(60)
    moved = {first: rows[second]["at"], second: rows[first]["at"]}
    right = sorted([r | {"at": moved.get(i, r["at"])} for i, r in enumerate(rows)], key=lambda r: r["at"])
    lines = (yield held_direct(rows, 0), held_direct(right, 1)).alignment
    conflicts = lines.filter(pl.col("relation").cast(pl.String) == "conflict")
    assert conflicts["left_row"].sort().to_list() == [first, second]
    assert conflicts["cause"].cast(pl.String).unique().to_list() == ["time_differs"]


@pytest.mark.parametrize(("other", "found"), [("先把工作交接完", "conflict"), ("先把工作交一下", "doubtful")])
def test_two_short_messages_with_each_others_words_are_conflicts(other: str, found: str) -> Comparing:
    rows = [r | {"at": 60 * r["at"]} for r in chat(60)]
    words: dict[int, str] = {11: "先这样", 50: "先把工作交接完"}
    left, right = (
        [r | {"text": said.get(i, r["text"])} for i, r in enumerate(rows)]
        for said in (words, {11: other, 50: words[11]})
    )
    lines = (yield held_direct(left, 0), held_direct(right, 1)).alignment.filter(pl.col("left_row").is_in([11, 50]))
    assert set(lines["relation"].cast(pl.String)) == {found}


def test_what_both_wrote_in_one_second_and_received_when_a_device_came_back_has_not_changed_places() -> Comparing:
    rows = chat(60)
    rows[21] |= {"at": rows[20]["at"]}
    rows[23] |= {"at": rows[22]["at"]}
    back = float(rows[30]["at"]) + 20
    # The second device was off: what it wrote came in then, and what it was sent.
    sides = [[r | {"at": back if i in late else r["at"]} for i, r in enumerate(rows)] for late in ((21, 23), (20, 22))]
    left, right = (sorted(side, key=lambda r: float(r["at"])) for side in sides)
    assert "conflict" not in relations_in((yield held_direct(left, 0), held_direct(right, 1)))


def test_a_late_message_at_the_time_of_another_that_is_not_late_is_no_exchange() -> Comparing:
    rows = chat(60)
    right = sorted(
        [r | {"at": rows[20]["at"] + 0.5 if i == 10 else r["at"]} for i, r in enumerate(rows)], key=lambda r: r["at"]
    )
    assert "conflict" not in relations_in((yield held_direct(rows, 0), held_direct(right, 1)))
