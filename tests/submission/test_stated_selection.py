"""A submission is checked for what it states to show: a person, a kind, or several excerpts."""

from dataclasses import replace

import polars as pl
import pytest

from reconcile.frames import Messages
from reconcile.intake.contract import Note, Reading
from reconcile.submission.check import check_submission
from reconcile.submission.check_frames import SubmissionFindings
from reconcile.vocabulary import NoteCode
from tests.build.submissions import Told, reading, talk
from tests.thorough import some

ROWS = talk().rows
WHOLE = reading(ROWS)
PART = ROWS[100:200]
OWN = [r for r in PART if r.own]
PAID = [r for r in ROWS if r.kind == "transfer"]


def submitted(rows: list[Told], *heads: str) -> Reading:
    found = reading(rows, ids=False, names=True)
    return replace(found, notes=(*found.notes, *(Note(NoteCode.ROW_SKIPPED, "s", h) for h in heads)))


def check(rows: list[Told], *heads: str) -> SubmissionFindings:
    return check_submission(submitted(rows, *heads), [WHOLE])


def missed(found: SubmissionFindings) -> set[int]:
    return set(found.counted()["export_row"].to_list())


@pytest.mark.parametrize("head", ["本表仅列甲某在此期间发送的全部消息，其他人发言从略", "Only messages of 甲某"])
def test_a_submission_that_states_to_list_one_person_leaves_out_nothing_of_others(head: str) -> None:
    found = check(OWN, "微信聊天记录", head)
    assert missed(found) == set()
    assert found.grade == "explained_differences"
    assert "selected" in found.verdicts["reasons"][0].to_list()


def test_a_message_of_that_person_is_still_left_out() -> None:
    rows = [*OWN[:20], *OWN[21:]]
    assert missed(check(rows, "本表仅列甲某发送的全部消息")) == {OWN[20].number}


@pytest.mark.parametrize(
    "heads", some([(), ("微信聊天记录，甲某与乙某",), ("仅供参考",), ("本表仅列乙某发送的消息",)], 3)
)
def test_without_such_a_statement_the_other_persons_messages_are_left_out(heads: tuple[str, ...]) -> None:
    assert len(missed(check(OWN, *heads))) > 20


def test_all_payments_are_checked_for_payments_alone() -> None:
    assert missed(check(PAID, "以下为双方微信聊天中的全部转账记录")) == set()
    gone = PAID[len(PAID) // 2]
    assert missed(check([r for r in PAID if r is not gone], "以下为双方微信聊天中的全部转账记录")) == {gone.number}


@pytest.mark.parametrize("shows_receipts", [False, True])
def test_receipts_are_left_out_of_all_payments_only_where_some_are_shown(*, shows_receipts: bool) -> None:
    receipts = {r.number: Told(0, r.at, not r.own, f"[已收款] ￥{r.amount}", "transfer", r.amount) for r in PAID}
    whole = [x for r in ROWS for x in (r, receipts.get(r.number)) if x is not None]
    numbered = [replace(r, number=n) for n, r in enumerate(whole)]
    paid = [r for r in numbered if r.kind == "transfer" and (shows_receipts or "收款" not in r.text)]
    gone = next(r for r in paid[len(paid) // 2 :] if ("收款" in r.text) is shows_receipts)
    kept = submitted([r for r in paid if r is not gone], "以下为双方微信聊天中的全部转账记录")
    assert missed(check_submission(kept, [reading(numbered)])) == {gone.number}


def test_a_statement_that_the_messages_contradict_counts_for_nothing() -> None:
    rows = [*PART[:30], *PART[40:]]
    assert missed(check(rows, "以下为双方微信聊天中的全部转账记录")) == {r.number for r in PART[30:40]}


def test_what_lies_between_two_numbered_excerpts_is_not_left_out_inside_one() -> None:
    excerpts = [*PART[:30], *PART[40:70]]
    found = submitted(excerpts)
    heads = [Note(NoteCode.ROW_SKIPPED, "s#1", "（一）节选一"), Note(NoteCode.ROW_SKIPPED, "s#61", "（二）节选二")]
    lines = found.messages.with_columns(pl.format("s#{}", 2 * pl.int_range(pl.len()) + 2).alias("locator"))
    assert missed(check_submission(replace(found, messages=Messages.cast(lines)), [WHOLE])) == {
        r.number for r in PART[30:40]
    }
    stated = check_submission(replace(found, messages=Messages.cast(lines), notes=(*found.notes, *heads)), [WHOLE])
    assert missed(stated) == set()
    assert stated.passages.height == 2


def test_a_heading_of_an_excerpt_that_is_read_as_the_end_of_a_message_begins_an_excerpt() -> None:
    excerpts = [replace(r, text=f"{r.text}\n【摘录二】2024年3月") if n == 29 else r for n, r in enumerate([*PART[:30], *PART[40:70]])]  # fmt: skip
    found = submitted(excerpts)
    lines = found.messages.with_columns(pl.format("s#line {}", 2 * pl.int_range(pl.len()) + 2).alias("locator"))
    stated = check_submission(replace(found, messages=Messages.cast(lines)), [WHOLE])
    assert missed(stated) == set()
    assert stated.passages.height == 2


def in_places(rows: list[Told], places: list[str], heads: tuple[tuple[str, str], ...] = ()) -> SubmissionFindings:
    found = submitted(rows)
    located = found.messages.with_columns(pl.Series("locator", places))
    notes = (*found.notes, *(Note(NoteCode.ROW_SKIPPED, at, h) for at, h in heads))
    return check_submission(replace(found, messages=Messages.cast(located), notes=notes), [WHOLE])


def test_what_lies_between_two_files_is_not_left_out_and_what_lacks_within_one_is() -> None:
    rows = [*PART[:10], *PART[11:30], *PART[40:70]]
    files = [f"{'one' if r.number < PART[35].number else 'two'}.txt#{n}" for n, r in enumerate(rows)]
    found = in_places(rows, files)
    assert (missed(found), found.passages.height) == ({PART[10].number}, 2)


def test_files_that_each_show_several_stretches_are_no_parts() -> None:
    rows = [*PART[:30], *PART[40:70]]
    files = [f"{'one' if n % 20 < 10 else 'two'}.txt#{n}" for n in range(len(rows))]
    assert missed(in_places(rows, files)) == {r.number for r in PART[30:40]}


def test_tables_are_excerpts_where_as_many_numbered_headings_stand_above_them() -> None:
    rows = [*PART[:30], *PART[40:70]]
    places = [f"s.docx#table {1 + (n >= 30)} row {n}" for n in range(len(rows))]
    assert missed(in_places(rows, places)) == {r.number for r in PART[30:40]}
    assert missed(in_places(rows, places, (("s.docx", "（一）节选一"), ("s.docx", "（二）节选二")))) == set()


def test_whether_a_forward_could_hold_a_call_is_in_doubt() -> None:
    rows = [replace(r, kind="call", text="[语音通话]") if r.number == 120 else r for r in ROWS]
    cut = [r for r in rows[100:160] if r.number != 120 and r.kind != "transfer"]
    told = check_submission(submitted(cut, "甲某和乙某的聊天记录"), [reading(rows)])
    assert 120 not in missed(told)
    assert 120 in missed(check_submission(submitted(cut), [reading(rows)]))


@pytest.mark.parametrize(
    ("head", "is_selection"),
    [
        ("说明：仅摘录与借款、付款有关的内容，其余未摘录", True),
        ("只引用与本案有关的部分", True),
        ("各段期间内聊天内容全部录入，其余内容未录入", False),
        ("每段内逐条完整录入，段间内容未摘录", False),
    ],
)
def test_a_paper_that_says_to_hold_what_bears_on_something_leaves_nothing_out(*, head: str, is_selection: bool) -> None:
    rows = [r for n, r in enumerate(PART) if n % 3]
    found = check(rows, head)
    assert ("selected" in found.verdicts["reasons"][0].to_list(), missed(found) == set()) == (
        is_selection,
        is_selection,
    )
