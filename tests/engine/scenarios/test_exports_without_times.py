"""Exports without times are compared by their order."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from reconcile.engine.compare import pair_rows
from reconcile.frames import Messages
from reconcile.intake.contract import Declared, Filter, FormLimits, Reading
from tests.build.chats import (
    START,
    Row,
    as_tables,
    chat,
    drawn_chat,
    held,
    moved_on,
    relations_in,
    relations_of_unpaired,
    short_row,
    state_of,
    untimed,
)
from tests.build.together import Comparing


@pytest.mark.parametrize("has_notices", [True, False])
def test_without_times_rows_behind_the_last_pair_or_before_the_first_lie_outside(*, has_notices: bool) -> Comparing:
    rows = drawn_chat(40)
    # The last pair is found late: its words were stripped of what stands before the colon.
    rows[33] |= {"text": "1530:我到人民路工地"}
    kept = [dict(r) for r in rows[5:34]]
    kept[-1] |= {"text": "我到人民路工地"}
    ends = [{"at": -5, "who": 0, "text": "消息免打扰已关闭", "kind": "system"}] if has_notices else []
    found = yield as_tables([*ends, *kept], rows, has_times=False)
    # A single prefix may have been taken away by hand.
    assert found.verdicts["grade"].to_list() == ["cannot_determine"]
    assert set(relations_of_unpaired(found).values()) == {"set_aside"}


def in_two_files(rows: list[Row], first: int, end: int) -> Reading:
    """The rows; those from `first` to `end` stand first, in a file of their own without times."""
    pasted, table = untimed(rows[first:end], 0), held(rows[:first] + rows[end:], 0)
    parts = [r.messages.with_columns(locator=pl.lit(f"{n}.txt#1")) for n, r in enumerate((pasted, table))]
    joined = pl.concat(parts).with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"))
    return replace(table, messages=Messages.cast(joined))


def test_a_file_without_times_is_bounded_by_no_times_of_another_file_of_its_side() -> Comparing:
    rows = [r | {"at": 60_000 * i} for i, r in enumerate(drawn_chat(60))]
    found = yield in_two_files(rows, 30, 50), held(rows, 1)
    assert relations_in(found) == {"agreement"}


def test_what_a_file_without_times_lacks_is_missing_but_for_what_it_may_show_at_that_place_otherwise() -> Comparing:
    rows = drawn_chat(60)
    paid = [
        rows[40] | {"text": f"{done}￥6400.00", "kind": "text", "who": who}
        for who, done in enumerate(("转账", "已收款"))
    ]
    shown = [*rows[:40], *paid, *rows[41:]]
    pasted = [*rows[:35], *rows[36:40], rows[40] | {"text": "[微信转账]", "kind": "transfer", "who": 0}, *rows[41:]]
    found = yield in_two_files(pasted, 30, 50), held(shown, 1)
    told = relations_of_unpaired(found)
    assert told.pop(str(rows[35]["text"])) == "one_sided"
    assert {*told.values()} <= {"doubtful", "set_aside"}


@pytest.mark.parametrize(("at", "again"), [(20, 12), (39, 47)], ids=["beginning", "end"])
def test_without_times_a_stock_reply_at_an_edge_is_the_one_beside_the_rows_that_both_hold(
    at: int, again: int
) -> Comparing:
    stock = {"text": "嗯", "who": 0}
    rows = [r | (stock if i in (at, again) else {}) for i, r in enumerate(drawn_chat(60))]
    found = yield as_tables(rows, rows[20:40], has_times=False)
    assert set(relations_of_unpaired(found).values()) == {"set_aside"}


def test_without_times_a_row_between_pairs_is_still_missing() -> Comparing:
    rows = drawn_chat(40)
    found = yield as_tables(rows[:20] + rows[21:], rows, has_times=False)
    assert relations_of_unpaired(found) == {str(rows[20]["text"]): "one_sided"}


@pytest.mark.parametrize(
    ("text", "kind", "by", "found"),
    [
        ("已经确认了，你查一下", "text", 12, {"agreement"}),
        ("好的", "text", 12, {"agreement"}),
        ("[图片]", "image", 12, {"agreement"}),
        ("好的", "text", 60, {"agreement", "one_sided"}),
    ],
)
def test_without_times_what_each_side_holds_alone_some_places_off_is_missed_by_nobody(
    text: str, kind: str, by: int, found: set[str]
) -> Comparing:
    rows = chat(100)
    whole = [*rows[:20], short_row(1170, 0, text, kind), *rows[20:]]
    assert relations_in((yield untimed(whole, 0), untimed(moved_on(whole, 20, by), 1))) == found


@pytest.mark.parametrize("gone", [0, 2])
def test_without_times_stock_replies_that_changed_places_are_missing_only_as_often_as_one_side_holds_more(
    gone: int,
) -> Comparing:
    rows = chat(100)
    for i in range(12, 89, 7):
        rows[i] |= {"text": "收到", "who": 0}
    # Each stands behind another message, three places on, and the neighbours change places, too.
    other = [r for _, r in sorted(enumerate(rows), key=lambda n: n[0] + 3.5 * (n[1]["text"] == "收到"))]
    replies = [i for i, r in enumerate(other) if r["text"] == "收到"]
    kept = [r for i, r in enumerate(other) if i not in replies[3 : 3 + gone]]
    found = (yield untimed(rows, 0), untimed(kept, 1)).alignment
    assert found.filter(pl.col("relation").cast(pl.String) != "agreement")["relation"].to_list() == ["one_sided"] * gone


def test_without_times_a_row_gone_is_missing_whatever_the_order_of_its_neighbours() -> Comparing:
    rows = chat(100)
    whole = [*rows[:20], short_row(1170), *rows[20:]]
    found = yield untimed(whole, 0), untimed(moved_on(rows, 24, 12), 1)
    assert relations_in(found) == {"agreement", "one_sided"}
    assert state_of(found, "好的", "left")[0] == "one_sided"


def test_without_times_a_row_whose_leading_hour_one_form_cuts_meets_though_neighbours_changed_places() -> Comparing:
    rows = chat()
    whole = [*rows[:20], short_row(1170, 0, "13:45三号楼见"), *rows[20:]]
    cut = [r | {"text": r["text"].replace("13:", "")} for r in moved_on(whole, 20, 3)]
    stripping = FormLimits(strips_prefix=True)
    found = yield untimed(whole, 0), untimed(cut, 1, limits=stripping)
    assert relations_in(found) == {"agreement"}


def test_without_times_a_record_without_words_meets_the_one_of_its_sender_a_few_places_off_and_none_far_away() -> None:
    rows = [r | {"who": i // 4 % 2} for i, r in enumerate(chat())]
    file = {"at": 0, "who": 0, "text": "合同.docx", "kind": "file", "file_name": "合同.docx"}
    bare = {"at": 0, "who": 0, "text": "[文件]", "kind": "file"}
    pairs = [
        pair_rows(untimed([*rows[:at], file, *rows[at:]], 0), untimed([*rows[:12], bare, *rows[12:]], 1))
        for at in (16, 30)
    ]
    assert [p.filter(pl.col("right_row") == 12)["left_row"].to_list() for p in pairs] == [[16], []]


@pytest.mark.parametrize(("is_loose", "relation"), [(True, "set_aside"), (False, "one_sided")])
def test_without_times_a_row_near_the_first_common_ones_may_lie_before_them_where_the_orders_differ(
    *, is_loose: bool, relation: str
) -> Comparing:
    rows = chat(60)
    shown = [*rows[12:14], *rows[15:]]
    for i in range(1, 40, 6) if is_loose else ():
        shown[i : i + 2] = shown[i : i + 2][::-1]
    found = yield untimed(rows, 0), untimed(shown, 1)
    assert state_of(found, rows[14]["text"], "left")[0] == relation


@pytest.mark.parametrize("has_times", [True, False])
def test_an_export_without_times_that_begins_with_the_newest_row_is_read_from_its_end(*, has_times: bool) -> Comparing:
    rows = chat()
    whole, short = held(rows, 0, has_times=has_times), held([*rows[:12], *rows[13:]][::-1], 1, has_times=False)
    for turn in ((whole, short), (short, whole)):
        found = (yield tuple(turn)).alignment
        assert found["relation"].cast(pl.String).value_counts(sort=True).rows() == [("agreement", 39), ("one_sided", 1)]
        mine, other = ("left", "right") if turn[0] is whole else ("right", "left")
        lone = found.filter(pl.col(f"{other}_row").is_null())
        assert lone[f"{mine}_row"].to_list() == [12]
        assert found.filter(pl.col(f"{mine}_row") == 0)[f"{other}_row"].to_list() == [38]
    assert pair_rows(whole, short).filter(pl.col("left_row") == 0)["right_row"].to_list() == [38]


def test_without_times_rows_are_in_doubt_where_the_lacking_party_declares_a_stretch_of_time() -> Comparing:
    rows = chat()
    declared = Declared("redaction", START + timedelta(seconds=599), START + timedelta(seconds=781))
    short = held(rows[:10] + rows[14:], 1, has_times=False, declared=(declared,))
    found = yield held(rows, 0, has_times=False), short
    assert state_of(found, rows[11]["text"], "left")[0] == "doubtful"


@pytest.mark.parametrize(
    ("days", "chosen", "told"),
    [(5, None, "one_sided"), (0, None, "set_aside"), (5, 3, "one_sided"), (5, 0, "set_aside")],
)
def test_without_times_rows_behind_the_last_common_one_are_missing_where_the_other_export_was_made_days_later(
    days: int, chosen: int | None, told: str
) -> Comparing:
    rows = chat()
    # Both sides hold rows behind the last common one: no order tells which came first.
    other = [r | {"text": t} for r, t in zip(rows[30:], ("晚上一起吃饭吗", "孩子发烧了得去医院"), strict=False)]
    # The export's own choice of times, be it of that chat alone, may leave out the newest rows.
    to = () if chosen is None else (Filter(to_at=START + timedelta(days=chosen), conversation="chat"),)
    short = held([*rows[:30], *other], 1, has_times=False, exported_at=START + timedelta(days=days), filters=to)
    found = (yield [*rows[:30], *rows[33:]], short).alignment
    lone = found.filter(pl.col("right_row").is_null())["relation"].cast(pl.String)
    assert lone.to_list() == [told] * 7


def test_without_times_or_ids_a_chat_held_twice_is_set_aside_and_a_gap_in_it_found() -> Comparing:
    rows = chat()
    short = rows[:11] + rows[12:]
    found = yield held(rows, 0, has_times=False), held([*short, *short], 1, has_times=False)
    states = found.alignment.filter(pl.col("left_row").is_null() | pl.col("right_row").is_null())
    assert sorted(states.group_by("relation", "cause").len().cast(pl.String).rows()) == [
        ("one_sided", "unexplained", "1"),
        ("set_aside", "repeat", "39"),
    ]


@pytest.mark.parametrize(("kind", "shown", "other"), [
    ("transfer", "[转账] ￥2000.00", "[转账] ￥20000.00"), ("text", "尾款下周三之前一定付清", "尾款下周五之前一定付清，别催"), ("voice", "[语音]", "[语音]"),
])  # fmt: skip
def test_without_times_a_message_pairs_with_no_unlike_one_on_the_other_side_of_many_pairs(
    kind: str, shown: str, other: str
) -> Comparing:
    """The first export ends before the other one, which says something like its row behind that end."""
    sums = {text: {"amount": text.rsplit("￥")[-1]} if kind == "transfer" else {} for text in (shown, other)}
    rows = [r | ({"kind": kind, "text": shown, **sums[shown]} if i == 12 else {"kind": kind, "text": other, **sums[other]} if i == 52 else {}) for i, r in enumerate(chat(60))]  # fmt: skip
    found = yield rows[:45], untimed([*rows[:12], *rows[13:]], 1)
    told = found.alignment.select("left_row", pl.col("relation").cast(pl.String)).rows()
    # Of voices, the later one may be the one that was moved.
    assert [r for at, r in told if at == 12] == ["doubtful" if kind == "voice" else "one_sided"]
    assert {r for at, r in told if at != 12} <= {"agreement", "set_aside"}


def test_without_times_equal_words_of_two_people_away_from_their_place_are_no_conflict() -> Comparing:
    rows, words = chat(60, 3), "提前退租的话押金不退，合同写了"
    copied = [{"at": -60, "who": 2, "text": words}, *rows[:5], *rows[30:]]
    whole = [*rows[:12], {"at": 700, "who": 0, "text": words}, *rows[12:]]
    found = yield held(copied, 0, has_times=False), held(whole, 1)
    assert "conflict" not in relations_in(found)


def test_without_times_equal_words_of_two_people_in_one_place_conflict() -> Comparing:
    rows = chat(60, 3)
    changed = [*rows[:20], rows[20] | {"who": 0}, *rows[21:]]
    found = yield held(rows, 0, has_times=False), held(changed, 1)
    assert state_of(found, rows[20]["text"], "left") == ("conflict", "sender_differs")


def test_words_said_again_far_away_show_no_end_of_an_excerpt_without_times() -> Comparing:
    rows = chat(80)
    excerpt = [dict(r) for r in rows[50:]]
    excerpt[-1] |= {"text": rows[10]["text"]}
    found = yield untimed(excerpt, 0), held(rows, 1)
    assert {state_of(found, rows[i]["text"], "right")[0] for i in range(12, 50)} == {"set_aside"}
