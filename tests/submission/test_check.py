"""A submission is held against the export it was cut from: what is left out is found, what is whole is not accused."""

import itertools
import random
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from reconcile.intake.contract import FormLimits, Reading
from reconcile.submission.check import check_submission
from reconcile.submission.check_frames import SubmissionFindings
from tests.build.submissions import Told, change, misread, reading, talk
from tests.thorough import examples, meeting, some

TALK = talk()
WHOLE = reading(TALK.rows)
FORMS: dict[str, dict[str, object]] = {
    "ids": {},
    "seconds": {"ids": False},
    "minutes": {"ids": False, "precision": "minute"},
    "no_times": {"ids": False, "precision": "none"},
    "names_only": {"ids": False, "precision": "none", "names": True},
}
TABLES = [f for f in FORMS if f not in ("no_times", "names_only")]


def cut(*spans: tuple[int, int]) -> list[Told]:
    return [r for a, b in spans for r in TALK.rows[a:b]]


def check(rows: list[Told], form: str = "seconds", against: Reading = WHOLE, **options: object) -> SubmissionFindings:
    return check_submission(reading(rows, **FORMS[form]), [against], **options)  # type: ignore[arg-type]


def left_out(found: SubmissionFindings) -> set[int]:
    return set(found.counted()["export_row"].to_list())


def absent(rows: list[Told]) -> set[int]:
    return set(range(rows[0].number, rows[-1].number + 1)) - {r.number for r in rows}


@meeting(form=FORMS, spans=[[(100, 130)], [(60, 75), (200, 215), (400, 415)], [(100, 300)]])
def test_honest_excerpts_are_not_accused(form: str, spans: list[tuple[int, int]]) -> None:
    found = check(cut(*spans), form)
    assert found.grade in ("no_gap_found", "explained_differences")
    assert left_out(found) == set()


def by_another_clock(rows: list[Told], seconds: int) -> list[Told]:
    """The rows as a device shows them whose own messages bear a wrong time: in another order."""
    shown = [replace(r, at=r.at + timedelta(seconds=seconds)) if r.own else r for r in rows]
    return sorted(shown, key=lambda r: r.at)


@meeting(form=FORMS, seconds=[45, -70])
def test_an_excerpt_whose_neighbours_changed_places_by_a_clock_is_not_accused(form: str, seconds: int) -> None:
    found = check(by_another_clock(TALK.rows, seconds)[100:160], form)
    assert "conflict" not in found.rows["relation"].cast(pl.String)
    assert found.grade in ("no_gap_found", "explained_differences")


@pytest.mark.parametrize("form", some(TABLES, 3, 1))
def test_rows_taken_out_of_an_excerpt_by_another_clock_are_found(form: str) -> None:
    shown = by_another_clock(TALK.rows, 45)[100:160]
    found = check([r for n, r in enumerate(shown) if n not in (20, 33)], form)
    assert left_out(found) == {shown[20].number, shown[33].number}


@pytest.mark.parametrize(("form", "recognised", "size"), [("minutes", False, 3), ("names_only", False, 3), ("minutes", True, 9)])  # fmt: skip
def test_rows_that_were_glued_together_in_reading_accuse_nobody(form: str, recognised: bool, size: int) -> None:
    rows = cut((100, 190))
    glued = [replace(rows[n], text="\n".join(r.text for r in rows[n : n + size])) for n in range(0, 90, size)]
    found = check(glued, form, recognised=recognised)
    assert (found.grade, found.verdicts["reasons"][0][0]) == ("cannot_determine", "mostly_unplaced")
    assert (left_out(found), set(found.rows["relation"].cast(pl.String)) & {"conflict", "one_sided"}) == (set(), set())


@pytest.mark.parametrize(("is_known", "missed"), [(False, set()), (True, {120})])
def test_a_recall_notice_that_a_typed_excerpt_lacks_is_not_left_out(is_known: bool, missed: set[int]) -> None:
    rows = [replace(r, text="你撤回了一条消息", kind="recall") if r.number == 120 else r for r in TALK.rows]
    typed = reading([r for r in rows[100:140] if r.number != 120], ids=False, precision="none")
    typed = replace(typed, facts=replace(typed.facts, limits=FormLimits(is_of_known_make=is_known)))
    assert left_out(check_submission(typed, [reading(rows)])) == missed


def test_messages_of_one_minute_in_one_cell_are_not_left_out() -> None:
    rows = cut((100, 160))
    joined = [
        n for n in range(10, 50) if all(r.kind == "text" for r in rows[n : n + 2]) and rows[n].own is rows[n + 1].own
    ]
    for n in [n for n in joined if n - 1 not in joined][::-1]:
        rows[n : n + 2] = [replace(rows[n], text=f"{rows[n].text}\n{rows[n + 1].text}")]
    found = check(rows, "minutes")
    assert (len(joined) > 2, left_out(found), found.verdicts["conflicts"].to_list()) == (True, set(), [0])


@pytest.mark.parametrize("form", ["minutes", "no_times", "names_only"])
def test_a_mark_of_an_unknown_medium_is_the_picture_in_its_place(form: str) -> None:
    media = [r for r in TALK.rows if r.kind in ("image", "voice")]
    marks = {r.number: replace(r, text="<Media omitted>", kind="other") for r in media}
    whole = reading([marks.get(r.number, r) for r in TALK.rows])
    found = check(cut((100, 200)), form, whole)
    assert (left_out(found), set(found.rows["relation"].cast(pl.String))) == (set(), {"agreement"})
    gone = next(r for r in media if r.number > 120)
    assert left_out(check([r for r in cut((100, 200)) if r is not gone], form, whole)) == {gone.number}


def sentences(*, same_sender: bool) -> tuple[int, int]:
    """Numbers of two neighbouring sentences, minutes apart, that nobody said twice."""
    texts = [r.text for r in TALK.rows]
    return next(
        (a.number, b.number)
        for a, b in itertools.pairwise(TALK.rows[120:180])
        if all(r.kind == "text" and len(r.text) > 6 and texts.count(r.text) == 1 for r in (a, b))
        and (b.at - a.at).total_seconds() > 300
        and (a.own == b.own) is same_sender
    )


@pytest.mark.parametrize("same_sender", [True, False])
@pytest.mark.parametrize("form", ["no_times", "names_only"])
def test_two_sentences_exchanged_where_nothing_shows_times_are_in_doubt(form: str, same_sender: bool) -> None:
    first, second = sentences(same_sender=same_sender)
    rows = cut((100, 200))
    rows[first - 100], rows[second - 100] = rows[second - 100], rows[first - 100]
    found = check(rows, form)
    doubts = found.rows.filter(pl.col("relation").cast(pl.String) == "doubtful")
    assert (doubts["export_row"].sort().to_list(), set(doubts["detail"])) == ([first, second], {"order"})
    assert (found.grade, left_out(found)) == ("cannot_determine", set())


@pytest.mark.parametrize("form", ["no_times", "names_only"])
def test_passages_in_another_order_are_no_exchanged_sentences(form: str) -> None:
    found = check(cut((300, 320), (100, 130)), form)
    assert "order" not in found.rows["detail"].to_list()


@pytest.mark.parametrize("form", some(FORMS, 3, 2))
def test_the_whole_export_submitted_leaves_nothing_out(form: str) -> None:
    found = check(TALK.rows, form)
    assert (found.left_out.height, found.verdicts["coverage"][0]) == (0, 1.0)
    assert found.grade in ("no_gap_found", "explained_differences")


@pytest.mark.parametrize("form", some(FORMS, 3, 1))
def test_a_message_that_the_submitter_never_received_is_not_left_out(form: str) -> None:
    last = TALK.rows[119]
    failed = Told(1000, last.at, True, "这句话没有发出去")
    refused = Told(1001, last.at, True, "消息已发出，但被对方拒收了。", kind="system")
    export = reading([*TALK.rows[:120], failed, refused, *TALK.rows[120:]])
    assert check_submission(reading(cut((100, 140)), **FORMS[form]), [export]).counted().is_empty()  # type: ignore[arg-type]


@pytest.mark.parametrize("form", some(FORMS, 3, 0))
def test_a_message_that_the_export_received_an_hour_later_is_neither_left_out_nor_added(form: str) -> None:
    late = next(r for r in TALK.rows[110:140] if r.own and r.kind == "text" and len(r.text) > 8)
    there = [replace(r, at=r.at + timedelta(hours=1)) if r is late else r for r in TALK.rows]
    whole = reading(sorted(there, key=lambda r: r.at))
    found = check(cut((80, 200)), form, against=whole)
    assert left_out(found) == set()
    assert "one_sided" not in found.rows["relation"].cast(pl.String)


@pytest.mark.parametrize("form", some(TABLES, 3, 2))
def test_what_was_written_after_the_export_was_made_is_in_doubt_unless_the_export_is_stated_to_be_later(
    form: str,
) -> None:
    early = reading(TALK.rows[:125])
    later = replace(early, facts=replace(early.facts, exported_at=TALK.rows[150].at + timedelta(days=9)))
    told = [check(cut((100, 130)), form, against=e).rows["relation"].cast(pl.String) for e in (early, later)]
    assert ["one_sided" in relations for relations in told] == [False, True]


@pytest.mark.parametrize("form", some(FORMS, 3, 2))
def test_an_export_of_notices_alone_is_held_against_a_submission_of_notices(form: str) -> None:
    notices = [replace(r, kind="system", text=f"群公告第{r.number}条已更新") for r in TALK.rows[:12]]
    found = check(notices, form, against=reading(notices))
    assert set(found.rows["relation"].cast(pl.String)) <= {"agreement", "set_aside"}


@pytest.mark.parametrize("form", some(TABLES, 3, 0))
def test_rows_taken_out_of_a_passage_are_found(form: str) -> None:
    rng = random.Random(4)
    rows = [r for n, r in enumerate(cut((100, 200))) if n in (0, 99) or rng.random() > 0.15]
    found = check(rows, form)
    assert (found.grade, left_out(found)) == ("one_sided", absent(rows))


@pytest.mark.parametrize("form", some(FORMS, 3, 1))
def test_a_one_sided_pick_is_told_with_its_pattern(form: str) -> None:
    rows = [r for r in cut((100, 180)) if r.own]
    found = check(rows, form)
    wrong, missed = left_out(found) - absent(rows), absent(rows) - left_out(found)
    assert ("one_author" in found.selection[0]["patterns"], wrong, len(missed) <= 0.05 * len(absent(rows))) == (True, set(), True)  # fmt: skip


@pytest.mark.parametrize("form", some(FORMS, 3, 0))
def test_payments_taken_out_are_counted_as_such(form: str) -> None:
    rows = [r for r in cut((100, 220)) if r.kind != "transfer"]
    found = check(rows, form)
    topics = found.counted()["topic"].cast(pl.String).unique().to_list()
    assert (topics, "payments_left_out" in found.selection[0]["patterns"]) == (["payment"], True)


@pytest.mark.parametrize("form", ["ids", "seconds"])
def test_kinds_that_an_excerpt_of_words_alone_never_shows_are_not_counted(form: str) -> None:
    found = check([r for r in cut((100, 220)) if r.kind == "text"], form)
    assert (found.grade, left_out(found)) == ("explained_differences", set())


NEW_WORDS = {"昨天说好的": "从来没说过的", "已经寄过去了": "还没有寄过去", "周五之前": "下周五之后"}


@pytest.mark.parametrize("form", some(TABLES, 3, 1))
def test_each_changed_word_conflicts(form: str) -> None:
    rows = cut((100, 200))
    places = [next(n for n, r in enumerate(rows) if old in r.text) for old in NEW_WORDS]
    for at, (old, new) in zip(places, NEW_WORDS.items(), strict=True):
        rows[at] = change(rows[at], rows[at].text.replace(old, new))
    found = check(rows, form)
    told = found.rows.filter(pl.col("relation") == "conflict")["row"].to_list()
    assert (found.grade, sorted(told)) == ("conflicting", sorted({*places}))


@pytest.mark.parametrize("form", some(FORMS, 3, 2))
def test_a_changed_number_and_a_changed_amount_conflict(form: str) -> None:
    rows = cut((100, 200))
    number = next(n for n, r in enumerate(rows) if r.kind == "text" and r.text[-1:].isdigit() and 8 < len(r.text) < 16)
    rows[number] = change(rows[number], rows[number].text + "0")
    amount = next(n for n, r in enumerate(rows) if r.kind == "transfer")
    rows[amount] = Told(rows[amount].number, rows[amount].at, rows[amount].own, "[转账] ￥80000.00", "transfer", "80000.00", rows[amount].message_id)  # fmt: skip
    found = check(rows, form)
    told = found.rows.filter(pl.col("row").is_in([number, amount]))["relation"].to_list()
    assert (found.grade, told) == ("conflicting", ["conflict", "conflict"])


@meeting(spelling=["转账 ¥{}", "微信转账{}元", "转账{}元 货款"], form=["minutes", "no_times", "seconds"])
def test_a_changed_sum_of_a_payment_typed_as_words_is_no_agreement(form: str, spelling: str) -> None:
    rows = [
        replace(r, text=spelling.format(r.amount), kind="text", amount=None) if r.kind == "transfer" else r
        for r in cut((100, 200))
    ]
    at = next(n for n, r in enumerate(rows) if "转账" in r.text and 10 < n < 90)
    assert relation_of(check(rows, form), at) in ("agreement", "doubtful")
    rows[at] = change(rows[at], rows[at].text.replace("00.00", "50.00"))
    assert relation_of(check(rows, form), at) != "agreement"


def relation_of(found: SubmissionFindings, row: int) -> str:
    return str(found.rows.filter(pl.col("row") == row)["relation"][0])


@pytest.mark.parametrize("form", some(FORMS, 3, 1))
def test_an_added_message_is_not_in_the_export(form: str) -> None:
    rows = cut((100, 140))
    rows.insert(20, Told(-1, rows[19].at, False, "我欠你二十八万七千元，月底还清", "text", None, "123"))
    found = check(rows, form)
    told = found.rows.filter(pl.col("relation").cast(pl.String) == "one_sided")["row"].to_list()
    assert (told, left_out(found)) == ([20], set())


@pytest.mark.parametrize("form", ["ids", "seconds", "minutes"])
def test_a_changed_sender_conflicts(form: str) -> None:
    rows = cut((100, 200))
    at = next(n for n, r in enumerate(rows) if len(r.text) > 8 and r.kind == "text" and n > 20)
    rows[at] = Told(rows[at].number, rows[at].at, not rows[at].own, rows[at].text, "text", None, rows[at].message_id)
    found = check(rows, form)
    assert found.rows.filter(pl.col("row") == at)["relation"].to_list() == ["conflict"]


@meeting(share=[0.01, 0.03, 0.05], form=["minutes", "no_times"])
def test_misread_text_is_doubtful_and_never_conflicting(form: str, share: float) -> None:
    for seed in range(examples(2, 4)):
        found = check(misread(cut((100, 140), (300, 330)), share, seed), form, recognised=True)
        assert found.grade not in ("conflicting", "one_sided")


def test_misread_text_is_noticed_where_nobody_said_so() -> None:
    found = check(misread(cut((100, 160)), 0.03), "minutes")
    assert (found.verdicts["is_recognised"].to_list(), found.grade) == ([True], "cannot_determine")


def test_rows_left_out_of_misread_text_are_found() -> None:
    kept = [r for n, r in enumerate(cut((100, 200))) if n % 6 != 3]
    found = check(misread(kept, 0.03), "minutes", recognised=True)
    truth = absent(kept)
    assert len(left_out(found) & truth) >= 0.95 * max(len(truth), len(left_out(found)))


def test_legible_digits_that_differ_conflict_in_recognised_text() -> None:
    rows = cut((100, 200))
    at = next(n for n, r in enumerate(rows) if r.kind == "text" and r.text[-1:].isdigit() and 8 < len(r.text) < 16)
    rows[at] = change(rows[at], rows[at].text + "000")
    grades = [check(rows, "minutes", recognised=True, legible={at: score}).grade for score in (0.99, 0.5)]
    assert grades == ["conflicting", "cannot_determine"]


def test_the_other_partys_export_serves_as_well() -> None:
    rows = [r for n, r in enumerate(cut((100, 160))) if n % 5 != 2]
    theirs = reading(TALK.rows, of_own=False)
    found = check_submission(reading(rows, ids=False), [WHOLE, theirs])
    lacking = [set(found.counted().filter(pl.col("export") == n)["export_row"]) for n in (0, 1)]
    assert lacking[0] == lacking[1] == absent(rows)


def test_every_submitted_row_stands_once_for_each_export() -> None:
    rows = cut((10, 40), (200, 220))
    found = check_submission(reading(rows, ids=False, precision="none"), [WHOLE, reading(TALK.rows, of_own=False)])
    assert found.rows.select("export", "row").rows() == [(e, r) for e in (0, 1) for r in range(len(rows))]


def test_passages_apart_are_told_apart_and_a_hole_is_not_a_boundary() -> None:
    apart = check(cut((60, 75), (200, 215)))
    hole = check([*cut((100, 200)), *cut((230, 330))])
    assert (apart.passages.height, hole.passages.height, hole.grade) == (2, 1, "one_sided")


def test_a_passage_cut_in_mid_talk_is_open() -> None:
    start = next(n for n in range(100, 500) if all((TALK.rows[k + 1].at - TALK.rows[k].at).total_seconds() < 600 for k in range(n, n + 6)))  # fmt: skip
    found = check(TALK.rows[start + 2 : start + 4])
    assert (found.passages["context"].to_list(), "open_edges" in found.verdicts["reasons"][0]) == (["open"], True)


def test_nothing_in_common_cannot_be_determined() -> None:
    strangers = [Told(n, r.at, r.own, f"完全无关的内容编号{n}", "text") for n, r in enumerate(cut((0, 12)))]
    found = check(strangers, "names_only")
    assert found.grade in ("cannot_determine", "one_sided")
    assert found.verdicts["agreements"].to_list() == [0]


def test_the_right_conversation_is_found_among_several() -> None:
    other = reading(talk(9).rows).messages.with_columns(pl.lit("wxid_bing003").alias("conversation"))
    both = pl.concat([other, WHOLE.messages.with_columns((pl.col("row") + other.height).cast(pl.UInt32))])
    from reconcile.frames import Messages
    from reconcile.intake.frames import reading_of

    export = reading_of(WHOLE.facts, Messages.cast(both))
    found = check_submission(reading(cut((100, 130)), ids=False, precision="none", names=True), [export])
    assert found.verdicts["export_conversation"].to_list() == ["wxid_yi0002"]


def test_the_same_submission_gives_the_same_findings() -> None:
    first, second = (check(misread(cut((100, 160)), 0.02), "no_times") for _ in range(2))
    assert first.rows.equals(second.rows)


def test_of_equal_rows_of_one_second_the_one_beside_its_neighbours_is_meant() -> None:
    at = TALK.rows[300].at
    same = [Told(1000 + n, at, True, t) for n, t in enumerate(["单子：", "第一张", "第二张", "单子：", "第三张"])]
    export = [*TALK.rows[:300], *same, *TALK.rows[300:]]
    found = check_submission(reading([*export[280:300], same[0]], ids=False), [reading(export)])
    assert (found.rows["export_row"].to_list()[-1], found.counted().height) == (300, 0)


def test_of_two_people_a_few_rows_tell_by_which_names_both_are_called() -> None:
    texts = [r.text for r in TALK.rows]
    few = [r for r in TALK.rows if r.kind == "text" and len(r.text) > 7 and texts.count(r.text) == 1][:48:9]
    wrong = replace(few[2], own=not few[2].own)
    found = check([wrong if r is few[2] else r for r in few], "names_only")
    conflicts = found.rows.filter(pl.col("relation").cast(pl.String) == "conflict")
    assert (conflicts["row"].to_list(), conflicts["detail"].to_list()) == ([2], ["sender"])
    assert "conflict" not in check(few, "names_only").rows["relation"].cast(pl.String)
