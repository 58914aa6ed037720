"""Rows that the two files hold in another order are lacking in neither."""

import polars as pl
import pytest

from reconcile.frames import Findings
from tests.build.chats import (
    Row,
    chat,
    counts,
    held,
    held_direct,
    of_kinds,
    relations_in,
    said,
    set_by,
    short_row,
    state_of,
)
from tests.build.together import Comparing


def test_a_short_row_that_each_side_holds_in_another_place_may_be_two() -> Comparing:
    rows = chat()
    left, right = [*rows[:21], short_row(1220), *rows[21:]], [*rows[:31], short_row(90_000), *rows[31:]]
    found = yield held_direct(left, 0), held_direct(right, 1)
    assert state_of(found, "好的", "left")[0] == "doubtful"


def test_two_rows_that_stand_as_far_off_their_files_order_are_in_doubt() -> Comparing:
    rows = chat()
    whole = [*rows[:21], short_row(1210, 0, "嗯"), short_row(1225, 1, "？？"), *rows[21:]]
    assert relations_in((yield held_direct(whole, 0), held_direct(set_by(whole, 21, 22, 3600), 1))) == {"agreement", "doubtful"}  # fmt: skip


def test_rows_of_one_second_that_stand_in_another_order_are_missed_by_nobody_where_one_has_no_words() -> Comparing:
    rows = chat()
    burst = [{"at": 630, "who": 1, "text": "明白"}, {"at": 630, "who": 1, "text": "好的，就这样办"}]
    blank = {"at": 630, "who": 1, "text": "", "kind": "other"}
    file = {"at": 630.5, "who": 1, "text": "FILE:合同.pdf", "kind": "file"}
    left, right = [*rows[:11], blank, *burst, *rows[11:]], [*rows[:11], *burst, file, *rows[11:]]
    found = (yield left, right).alignment["relation"].cast(pl.String).unique().to_list()
    assert "one_sided" not in found


def test_rows_that_two_files_without_times_hold_in_two_orders_are_lacking_in_neither() -> Comparing:
    rows = chat()
    moved = [*rows[:10], *rows[11:13], rows[10], *rows[13:]]
    found = (yield held(rows, 0, has_times=False), held(moved, 1, has_times=False)).alignment
    assert found["relation"].cast(pl.String).unique().to_list() == ["agreement"]


def test_kinds_that_one_minute_shows_in_two_orders_are_one_message() -> Comparing:
    rows = [r | {"at": 15 * i} for i, r in enumerate(of_kinds({13: "other"}))]
    rows[13] |= {"text": "[小程序] 美团"}
    minutes = [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for r in rows]
    minutes = [*minutes[:12], minutes[13] | {"text": "[小程序]"}, minutes[12], *minutes[14:16], *minutes[16:]]
    moved = [*minutes[:12], *minutes[13:16], minutes[12], *minutes[16:]]
    assert "one_sided" not in counts((yield moved, rows))


def exchanged(rows: list[Row], one: int, other: int) -> list[Row]:
    """The rows with two of them exchanged; the times stay."""
    words = {one: rows[other]["text"], other: rows[one]["text"]}
    return [r | {"text": words[i]} if i in words else r for i, r in enumerate(rows)]


@pytest.mark.parametrize(("pause", "relation"), [(20, "doubtful"), (2, "agreement")])
def test_two_messages_of_one_author_that_changed_places_are_in_doubt_beyond_what_clocks_do(
    pause: int, relation: str
) -> Comparing:
    rows = [r | {"at": 300 * (i // 4) + pause * (i % 4)} for i, r in enumerate(chat(60))]
    found = yield held_direct(rows, 0), held_direct(exchanged(rows, 20, 22), 1)
    assert relations_in(found) - {"agreement"} == {relation} - {"agreement"}


def test_answers_exchanged_within_a_minute_are_in_doubt() -> Comparing:
    rows = [r | {"at": 300 * (i // 4), "precision": "minute"} for i, r in enumerate(chat(60))]
    found = yield rows, exchanged(rows, 20, 22)
    assert relations_in(found) == {"agreement", "doubtful"}


def test_messages_of_two_authors_may_cross() -> Comparing:
    rows = [r | {"at": 300 * (i // 4), "precision": "minute"} for i, r in enumerate(chat(60))]
    crossed = [*rows[:20], rows[21], rows[20], *rows[22:]]
    assert relations_in((yield rows, crossed)) == {"agreement"}


def test_equal_messages_of_one_author_met_crosswise_changed_no_places() -> Comparing:
    rows = [r | {"at": 300 * (i // 4) + 20 * (i % 4)} for i, r in enumerate(chat(60))]
    rows = [r | {"text": "[图片]", "kind": "image"} if i in (20, 22) else r for i, r in enumerate(rows)]
    assert relations_in((yield held_direct(rows, 0), held_direct(rows, 1))) == {"agreement"}


def by_sender(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda r: (r["who"], r["at"]))


def test_a_table_sorted_by_sender_is_read_in_order_of_time() -> Comparing:
    rows = chat(people=3)
    whole, cut = held(rows, 0), held(by_sender(rows[4:]), 1)
    found = yield whole, cut
    assert [state_of(found, r["text"], "left") for r in rows[:4]] == [("set_aside", "outside_coverage")] * 4
    lacking = yield whole, by_sender([*rows[:20], *rows[21:]])
    assert relations_of_all(lacking) == {"agreement": 39, "one_sided": 1}
    # The rows bear the places of their own file.
    texts = lacking.messages.filter(pl.col("side") == "right").sort("row")["text"].to_list()
    assert texts == [r["text"] for r in by_sender([*rows[:20], *rows[21:]])]


def relations_of_all(found: Findings) -> dict[str, int]:
    return dict(found.alignment["relation"].cast(pl.String).value_counts().rows())


def test_two_texts_of_which_nothing_is_stated_do_not_meet_over_other_rows() -> Comparing:
    rows = [r | {"at": r["at"] / 10} for r in chat(20)]
    found = (yield said(rows, {6: ""}), said(rows, {8: ""})).alignment
    assert found.select("left_row", "right_row").rows() == [(i, i) for i in range(20)]


@pytest.mark.parametrize("apart", [15, 120])
def test_two_answers_of_one_author_that_change_places_are_in_doubt_unless_the_same_was_said_nearby(
    apart: int,
) -> Comparing:
    rows = [r | {"precision": "minute"} for r in chat()]
    for far, relations in ((4, {"agreement", "doubtful"}), (19, {"agreement"})):
        told = said(rows, {far: "可以", 20: "可以", 21: "这样呢", 22: "不行"})
        told = [r | {"who": 0} if i in (far, 20, 22) else r for i, r in enumerate(told)]
        told[22] |= {"at": told[20]["at"] + apart // 60 * 60}
        told[21] |= {"at": told[20]["at"]}
        other = said(told, {20: "不行", 22: "可以"})
        assert relations_in((yield held(told, 0), held(other, 1))) == relations
