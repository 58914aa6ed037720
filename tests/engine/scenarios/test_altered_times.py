"""One message at two times is a conflict of time, not two missing messages."""

from collections.abc import Sequence

import polars as pl
import pytest

from tests.build.chats import (
    Row,
    as_tables,
    chat,
    counts,
    drawn_chat,
    held_direct,
    left_row,
    relations_in,
    set_by,
    short_row,
    state_of,
)
from tests.build.together import Comparing


def stock_replies(*, at: Sequence[int]) -> list[Row]:
    return [{"at": t, "who": 0, "text": "好的"} for t in at]


@pytest.mark.parametrize("shift", [240, 5 * 3600])
def test_a_single_altered_time_is_a_conflict_of_time_in_a_short_chat(shift: int) -> Comparing:
    rows = drawn_chat(30)
    moved = [r | {"at": float(str(r["at"])) + shift} if i == 11 else r for i, r in enumerate(rows)]
    found = yield as_tables(rows, moved)
    assert found.verdicts["conflicts"].to_list() == [1]


def test_a_short_row_out_of_its_files_order_is_one_message_whose_time_differs() -> Comparing:
    rows = chat()
    whole = [*rows[:21], short_row(1220), *rows[21:]]
    found = yield held_direct(whole, 0), held_direct(set_by(whole, 21, 21, 86_400), 1)
    assert state_of(found, "好的", "left") == ("conflict", "time_differs")


@pytest.mark.parametrize(("by", "told"), [(2 * 86_400, "conflict"), (2 * 86_400 - 4321, "doubtful")])
def test_words_at_the_same_second_of_another_day_are_one_message_whose_date_was_changed(
    by: int, told: str
) -> Comparing:
    """They are said at other times, too, so that they alone do not tell."""
    rows = [r | {"at": 7001 * i} for i, r in enumerate(chat(120))]
    rows = [r | {"text": "好的", "who": 0} if i in (60, 80, 90, 100) else r for i, r in enumerate(rows)]
    moved = sorted(set_by(rows, 60, 60, -by), key=lambda r: float(r["at"]))
    found = (yield held_direct(rows, 0), held_direct(moved, 1)).alignment
    assert found.filter(pl.col("left_row") == 60)["relation"].cast(pl.String).to_list() == [told]


@pytest.mark.parametrize("many", [1, 2])
def test_words_nobody_else_wrote_are_one_message_under_two_senders_at_two_times(many: int) -> Comparing:
    rows = chat()
    changed = rows[20] | {"who": 1 - rows[20]["who"], "at": rows[20]["at"] + 3600}
    again = [rows[20] | {"at": rows[20]["at"] - 900}] * (many - 1)
    found = yield held_direct([*rows[:5], *again, *rows[5:]], 0), held_direct([*rows[:20], changed, *rows[21:]], 1)
    alone = found.alignment.filter(pl.col("left_row").is_null() | pl.col("right_row").is_null()).height
    assert alone == (0 if many == 1 else 3)


def test_all_rows_of_a_stretch_moved_within_a_chat_meet_and_differ_in_time_though_a_pause_hides_that_some_stand_out() -> (
    Comparing
):
    rows = [r | {"at": r["at"] + (7200 if i >= 21 else 0)} for i, r in enumerate(chat())]
    stretch = [short_row(1210, 0, "嗯"), short_row(6900, 1, "？？"), short_row(6950, 0, "[视频]", "video"), short_row(7000, 1, "[语音]", "voice"), short_row(8400, 0, "以及"), short_row(8430, 1, "哦")]  # fmt: skip
    whole = [*rows[:21], *stretch, *rows[21:]]
    found = yield held_direct(whole, 0), held_direct(set_by(whole, 21, 26, 3600), 1)
    assert found.alignment["cause"].cast(pl.String).drop_nulls().to_list() == ["time_differs"] * 6
    assert relations_in(found) == {"agreement", "conflict"}


def test_one_time_altered_by_as_much_as_the_clock_was_set_elsewhere_is_a_conflict() -> Comparing:
    rows = chat()
    changed = rows[8] | {"at": rows[8]["at"] + 3600}
    other = set_by([*rows[:8], changed, *rows[9:]], 25, 30, 3600)
    assert state_of((yield held_direct(rows, 0), held_direct(other, 1)), rows[8]["text"], "left") == ("conflict", "time_differs")  # fmt: skip


def test_a_cut_text_at_another_time_is_one_message_whose_time_differs() -> Comparing:
    rows = [r | {"text": r["text"] + "，请当面点清数目再签字"} for r in chat()]
    cut = [r | {"text": r["text"][:20] + "…"} for r in rows]
    cut[20] = cut[20] | {"at": rows[20]["at"] + 1150}
    found = yield rows, cut
    assert state_of(found, rows[20]["text"], "left") == ("conflict", "time_differs")


def test_a_sentence_beyond_the_other_export_is_none_that_was_moved_by_days() -> Comparing:
    rows = [r | {"at": 200 * r["at"]} for r in chat()]
    said = {"who": 0, "text": "明天上午十点到工地见面"}
    early, late = (said | {"at": rows[i]["at"] + 700} for i in (12, 38))
    found = yield held_direct([*rows[:13], early, *rows[13:30]], 0), held_direct([*rows[:39], late, rows[39]], 1)
    told = found.alignment.filter(pl.col("left_row") == 13).select(pl.col("relation").cast(pl.String), "right_row")
    assert told.rows() == [("doubtful", None)]


def test_short_words_that_each_side_lacks_by_the_dozen_are_no_altered_times() -> Comparing:
    rows = chat(60)
    # Each side alone holds a 好的 every ten minutes; at some places the two lie a minute or so apart, elsewhere some minutes.
    apart = [70, 200, 75, 260, 340, 80]
    mine = [600 * i + 20 for i in range(6)]
    found = yield (
        sorted(rows + stock_replies(at=mine), key=lambda r: r["at"]),
        sorted(rows + stock_replies(at=[t + d for t, d in zip(mine, apart, strict=True)]), key=lambda r: r["at"]),
    )
    assert not found.alignment["relation"].cast(str).is_in(["conflict"]).any()


def test_one_altered_time_of_short_words_in_a_whole_chat_is_a_conflict() -> Comparing:
    rows = chat(60)
    found = yield (
        sorted(rows + stock_replies(at=[620]), key=lambda r: r["at"]),
        sorted(rows + stock_replies(at=[695]), key=lambda r: r["at"]),
    )
    assert state_of(found, "好的", "left") == ("conflict", "time_differs")


def test_a_stretch_of_short_rows_and_a_telling_one_off_the_clock_differs_in_time_and_lacks_nothing() -> Comparing:
    rows = chat()
    for i, words in zip((21, 22, 24), ("好的", "在吗", "没事"), strict=True):
        rows[i]["text"] = words
    moved = [r | {"at": r["at"] - (3600 if 21 <= i <= 24 else 0)} for i, r in enumerate(rows)]
    found = yield moved, rows
    assert found.verdicts["conflicts"].to_list() == [4]
    assert set(found.alignment["relation"].cast(pl.String)) == {"agreement", "conflict"}


def test_a_time_put_later_near_the_beginning_is_no_clock_that_was_set_back() -> Comparing:
    rows = chat()
    for i in range(4):
        rows[i]["text"] = "好"
    altered = [r | {"at": r["at"] + (86_400 if i == 4 else 0)} for i, r in enumerate(rows)]
    found = yield altered, rows
    assert state_of(found, rows[4]["text"], "left") == ("conflict", "time_differs")


def test_two_rows_that_swapped_their_times_differ_in_time_and_not_in_words() -> Comparing:
    rows = chat()
    swapped = [dict(r) for r in rows]
    swapped[20]["text"], swapped[24]["text"] = rows[24]["text"], rows[20]["text"]
    swapped[20]["who"], swapped[24]["who"] = rows[24]["who"], rows[20]["who"]
    rows[20]["text"] = swapped[24]["text"] = "欠条在我手里"
    rows[24]["text"] = swapped[20]["text"] = "下个月一号见面谈"
    found = yield swapped, rows
    causes = found.alignment.filter(pl.col("relation").cast(pl.String) == "conflict")["cause"].cast(pl.String)
    assert causes.to_list() == ["time_differs", "time_differs"]


def test_rows_under_equal_ids_moved_by_one_distance_within_a_chat_differ_in_time() -> Comparing:
    rows = [r | {"text": "好"} if 20 <= i < 26 else r for i, r in enumerate(chat())]
    moved = [r | {"at": r["at"] - 86_400} if 20 <= i < 26 else r for i, r in enumerate(rows)]
    ids = [str(6_116_895_530_414_915_131 + 7_000_000 * i) for i in range(40)]
    sides = ([r | {"message_id": i} for r, i in zip(side, ids, strict=True)] for side in (rows, moved))
    found = yield tuple(sides)
    assert found.verdicts["conflicts"].to_list() == [6]


@pytest.mark.parametrize("telling", [{"media_hash": "9aa2239cda858ff6b626802363837fd0"}, {"amount": "7100.00"}])
def test_an_altered_time_of_a_picture_or_a_payment_is_a_conflict_of_time(telling: dict[str, str]) -> Comparing:
    kind = "image" if "media_hash" in telling else "transfer"
    sent, moved = (
        sorted([*chat(), left_row(at, "", kind=kind, **telling)], key=lambda r: r["at"]) for at in (930, 930 + 7200)
    )
    found = yield sent, moved
    assert found.alignment.filter(pl.col("relation").cast(pl.String) == "conflict")["cause"].to_list() == [
        "time_differs"
    ]


def test_an_altered_time_of_words_said_thrice_is_a_conflict_of_time() -> Comparing:
    rows = chat(400)
    for i in (20, 90, 160):
        rows[i]["text"] = "欠条我没有写过"
    altered = [r | {"at": r["at"] + 5000} if i == 90 else r for i, r in enumerate(rows)]
    found = yield sorted(altered, key=lambda r: r["at"]), rows
    assert found.alignment.filter(pl.col("relation").cast(pl.String) == "conflict")["cause"].to_list() == [
        "time_differs"
    ]


@pytest.mark.parametrize(("later", "told"), [(0, "conflict"), (40, "doubtful")])
def test_like_texts_at_two_times_are_one_altered_message_or_two_that_are_lacking(later: int, told: str) -> Comparing:
    rows = chat()
    mine, theirs = (
        {"at": 1210 + k, "who": 0, "text": f"剩下的{n}元分33期付，每期都写借条"} for k, n in ((0, 5600), (later, 9100))
    )
    sides = [sorted([*rows, one], key=lambda r: float(r["at"])) for one in (mine, theirs)]
    assert counts((yield tuple(sides))) == {"agreement": 40, told: 1}


@pytest.mark.parametrize(("beside", "relation"), [(57, "doubtful"), (0, "conflict")])
def test_a_time_just_over_the_limit_is_in_doubt_where_its_author_s_others_are_off_as_far(
    beside: int, relation: str
) -> Comparing:
    rows = chat(60)
    moved = [r | {"at": r["at"] + {21: beside, 23: beside + 1, 25: 63}.get(i, 0)} for i, r in enumerate(rows)]
    found = yield held_direct(rows, 0), held_direct(moved, 1)
    assert state_of(found, rows[25]["text"], "left") == (relation, "time_differs")
