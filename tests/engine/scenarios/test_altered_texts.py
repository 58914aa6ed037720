"""Two messages of one pattern are not taken for one altered message, and the reverse."""

import random

import pytest

from bench.quality import run_trial
from tests.build.chats import (
    Row,
    as_tables,
    chat,
    counts,
    drawn_chat,
    held,
    held_direct,
    relations_in,
    relations_of_unpaired,
    said,
    sentence,
    short_row,
    state_of,
)
from tests.build.together import Comparing

WORDS = ("the", "quick", "build", "fails", "on", "windows", "with", "cmake", "because", "tcl", "is", "missing", "from", "path", "and", "nobody", "knows", "why", "it", "works")  # fmt: skip


def test_rows_of_one_pattern_that_each_side_lacks_are_no_altered_message() -> Comparing:
    rows = drawn_chat(90)
    at = [float(str(rows[i]["at"])) for i in range(4, 84, 10)]
    left = [sentence(t + 2, 0, f"今天的货款{310 + i}元已经入账了") for i, t in enumerate(at)]
    right = [sentence(t + 25 + 7 * i, 0, f"今天的货款{950 - i}元已经入账了") for i, t in enumerate(at)]
    found = yield as_tables(rows + left, rows + right)
    assert set(relations_of_unpaired(found).values()) == {"one_sided"}
    assert found.verdicts["conflicts"].to_list() == [0]


def test_altered_amounts_in_rows_of_one_pattern_are_conflicts() -> Comparing:
    rows = drawn_chat(90)
    at = [float(str(rows[i]["at"])) for i in range(4, 84, 10)]
    left, right = (
        [sentence(t + 2, 0, f"今天的货款{start + i}元已经入账了") for i, t in enumerate(at)] for start in (310, 950)
    )
    found = yield as_tables(rows + left, rows + right)
    assert found.verdicts["conflicts"].to_list() == [8]


def test_two_messages_of_one_moment_of_which_each_side_lacks_one_are_not_one_rewritten() -> Comparing:
    rows = [r | {"at": 20 * r["at"]} for r in chat()]
    left, right = ([*rows[:21], *few, *rows[21:]] for few in ([short_row(24_103, 0, "对"), short_row(24_104, 1, "这个坐骑真不错")], [short_row(24_102, 1, "三连跳再说一遍"), short_row(24_103, 0, "对")]))  # fmt: skip
    found = yield held_direct(left, 0), held_direct(right, 1)
    assert "conflict" not in relations_in(found)


def test_two_neighbours_of_which_each_side_lacks_one_are_told_apart_by_both_numberings() -> None:
    score = run_trial("delete by both", 300000).score
    assert (score.conflicts_claimed, score.missing_found, score.grades_right) == (0, score.missing, 1)


def test_the_longest_text_of_an_export_that_ends_inside_the_other_sides_is_in_doubt() -> Comparing:
    rows = chat(20)
    rows[8] |= {"text": "房租一共七千六百元，已经付了五万三，何老师已经把六百六十元退给我了"}
    cut = [r | {"text": r["text"][:28]} for r in rows]
    assert counts((yield rows, cut)) == {"agreement": 19, "doubtful": 1}


def test_texts_that_a_tool_cuts_before_it_adds_what_they_quote_are_cut_and_not_altered() -> Comparing:
    rows = [
        r | {"text": f"{r['text']}，{r['text']}，余款月底再付"} if i % 4 == 0 else r for i, r in enumerate(chat(20))
    ]
    rows[9] |= {"text": f"好的\n引用：甲: {rows[8]['text']}"}
    cut = [r | {"text": r["text"] if "引用" in r["text"] else r["text"][:30]} for r in rows]
    assert counts((yield rows, cut)) == {"agreement": 20}


def test_unlike_texts_of_one_sender_at_one_moment_are_missing_on_neither_side() -> Comparing:
    rows = chat(20)
    told = counts((yield rows, [r | {"text": "这不关我的事"} if i == 8 else r for i, r in enumerate(rows)]))
    assert "one_sided" not in told
    assert told["agreement"] == 19


def test_a_failed_message_is_no_counterpart_of_a_missing_one() -> Comparing:
    rows = chat(20)
    failed = rows[8] | {"at": 485, "text": "这不关我的事", "status": "failed"}
    found = yield [*rows[:8], failed, *rows[9:]], rows
    assert "one_sided" in relations_in(found)


@pytest.mark.parametrize("sentence", ["找{0}再报一家", "周末加班报名：{0}到，{1}到，{2}到，{3}到，{4}到，都自己带午饭"])
def test_names_that_one_copy_withholds_are_in_doubt_even_where_one_text_shows_it(sentence: str) -> Comparing:
    whole, kept = (sentence.format(*(f"{name}{given}" for name in "林杨孙王赵")) for given in "磊某")
    found = yield said(chat(), {12: whole}), said(chat(), {12: kept})
    assert state_of(found, whole, "left")[0] == "doubtful"


@pytest.mark.parametrize(
    ("after", "found"), [(0, {"agreement": 39, "conflict": 1}), (30, {"agreement": 39, "one_sided": 2})]
)
def test_a_text_in_place_of_an_unlike_one_of_its_second_is_an_altered_message(
    after: int, found: dict[str, int]
) -> Comparing:
    rows = chat()
    right = [r | {"text": "我说到家了说一声", "at": r["at"] + after} if i == 20 else r for i, r in enumerate(rows)]
    left = [r | {"text": "第二批货先不要动，等对方通知"} if i == 20 else r for i, r in enumerate(rows)]
    assert counts((yield left, right)) == found


@pytest.mark.parametrize(
    ("text", "after", "found"),
    [
        ("木门的款子下礼拜三以前都不能到", 0, {"agreement": 39, "doubtful": 2}),
        ("我说到家了说一声", 0, {"agreement": 39, "doubtful": 2}),
        ("我说到家了说一声", 3, {"agreement": 39, "one_sided": 2}),
    ],
)
def test_a_text_of_another_in_the_place_of_one_of_its_second_is_missing_on_neither_side(
    text: str, after: int, found: dict[str, int]
) -> Comparing:
    rows = said(chat(), {20: "木门的款子下周三之前一定能到"})
    right = [r | {"text": text, "who": 1, "at": r["at"] + after} if i == 20 else r for i, r in enumerate(rows)]
    assert counts((yield rows, right)) == found


@pytest.mark.parametrize(("many", "relation"), [(14, "doubtful"), (6, "one_sided")])
def test_nobody_lacks_messages_where_one_side_writes_many_of_them_anew(many: int, relation: str) -> Comparing:
    draw, rows = random.Random(2), said(chat(80), {40: "木门的款子下周三之前一定能到"})
    at = range(2, 2 + 5 * many, 5)
    long = {i: draw.choices(WORDS, k=24) for i in at}
    anew = {i: [w if n % 2 else draw.choice(WORDS) for n, w in enumerate(words)] for i, words in long.items()}
    whole, other = (said(rows, {i: " ".join(words) for i, words in told.items()}) for told in (long, anew))
    other = [r | {"at": r["at"] + 25 * (i in anew)} for i, r in enumerate(other)]
    found = yield whole, [*other[:40], *other[41:]]
    assert state_of(found, rows[40]["text"], "left")[0] == relation


def test_nobody_lacks_messages_where_one_side_writes_all_all_texts_in_an_unknown_way_under_another_clock() -> Comparing:
    draw, at = random.Random(1), 0
    rows: list[Row] = []
    for _ in range(300):
        at += int(draw.expovariate(1 / 6000)) + 20
        text = " ".join(draw.choices(WORDS, k=draw.choice((1, 2, 3, 6, 12, 25))))
        rows.append({"at": at, "who": draw.randrange(2), "text": text, "kind": "text"})
    coarse = [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for r in rows]
    other = [r | {"text": f"{r['text']} - sent by my phone"} for r in rows]
    assert "one_sided" not in relations_in((yield coarse, held(other, 1, shift=28_800)))
