"""What a paper adds to messages is told from the words, and what it leaves out openly is stated."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl
import pytest

from reconcile.formats.inferred.text.time_bars import note_on_bars
from reconcile.frames import Messages
from reconcile.intake.contract import Note, Reading
from reconcile.submission.check import check_submission
from reconcile.submission.check_frames import SubmissionFindings
from reconcile.submission.paper import openly_left_out
from reconcile.submission.sentence import sentence_of
from reconcile.vocabulary import NoteCode
from reconcile.wording import LANGS, Lang
from tests.build.submissions import Told, reading, talk

ROWS = talk(count=240).rows
WHOLE = reading(ROWS)
PART = ROWS[100:160]
LONG = [
    n for n, r in enumerate(PART) if r.kind == "text" and "，" in r.text and [x.text for x in ROWS].count(r.text) == 1
]
AT = next(n for n in LONG if 10 < n < 40)


def paper(rows: Sequence[Told]) -> Reading:
    return reading([*rows], ids=False, names=True, precision="minute")


def with_words(at: int, words: str) -> list[Told]:
    return [replace(r, text=words) if n == at else r for n, r in enumerate(PART)]


def check(submission: Reading) -> SubmissionFindings:
    return check_submission(submission, [WHOLE])


def fate(found: SubmissionFindings, row: int) -> tuple[str, str | None]:
    return tuple(found.rows.filter(pl.col("row") == row).select(pl.col("relation").cast(pl.String), "detail").row(0))


def missed(found: SubmissionFindings) -> set[int]:
    return {*found.counted()["export_row"].to_list()}


@pytest.mark.parametrize(
    "written",
    ["{}（律师注：指本案借款）", "{}  【与本案争议焦点1相关】", "{}   //对应第3行", "**{}**", "“{}”——该句系让步。", "{}\n说明：以上为证。", "{}\n以上内容与原件核对无误。", "★{}", "{} ←被告承认", "**{}**（见证据5）"],
)  # fmt: skip
def test_remarks_and_emphasis_around_a_message_are_no_words_of_it(written: str) -> None:
    found = check(paper(with_words(AT, written.format(PART[AT].text))))
    assert (fate(found, AT), found.grade, missed(found)) == (("agreement", "remark"), "explained_differences", set())


def test_a_bracket_that_may_be_the_authors_words_is_in_doubt() -> None:
    found = check(paper(with_words(AT, f"{PART[AT].text}（连同利息）")))
    assert fate(found, AT) == ("doubtful", "remark")


@pytest.mark.parametrize(
    ("written", "told"), [("{}还有别的", "conflict"), ("{}\n连同利息", "doubtful"), ("（不）{}", "conflict")]
)
def test_words_that_nothing_sets_off_do_not_agree(written: str, told: str) -> None:
    assert fate(check(paper(with_words(AT, written.format(PART[AT].text)))), AT)[0] == told


def test_what_a_paper_does_to_every_text_hides_no_change() -> None:
    rows = [replace(r, text=f"“{r.text}”。") if r.kind == "text" else r for r in PART]
    assert check(paper(rows)).grade == "explained_differences"
    rows[AT] = replace(rows[AT], text=f"“{PART[AT].text[:3]}七千{PART[AT].text[5:]}”。")
    assert fate(check(paper(rows)), AT)[0] == "conflict"


def test_an_open_ellipsis_stands_for_any_words_and_is_counted() -> None:
    head, tail = PART[AT].text.split("，", 1)
    for words in (f"{head}……", f"{head[:3]}……{tail}", f"……{head[-3:]}，{tail}"):
        found = check(paper(with_words(AT, words)))
        assert (fate(found, AT), found.grade) == (("agreement", "ellipsis"), "explained_differences")
        assert found.verdicts["openly_shortened"].to_list() == [1]


@pytest.mark.parametrize("words", ["好的……", "我再想想……明天答复你"])
def test_dots_that_the_message_itself_has_are_no_omission(words: str) -> None:
    rows = [replace(r, text=words) if r is PART[AT] else r for r in ROWS]
    found = check_submission(paper(rows[100:160]), [reading(rows)])
    assert (fate(found, AT)[0], found.verdicts["openly_shortened"].to_list()) == ("agreement", [0])
    assert fate(found, AT)[1] != "ellipsis"


def test_words_beside_an_ellipsis_still_have_to_agree() -> None:
    head = PART[AT].text.split("，", 1)[0]
    found = check(paper(with_words(AT, f"七千{head[2:]}……")))
    assert (fate(found, AT)[0], found.grade) == ("doubtful", "cannot_determine")


MARKS = [
    "【此处有删节】",
    "（下略）",
    "——以上省略若干——",
    "（以下与本案无关，不再录入）",
    "中间略",
    "（中间略）",
    "……（中间与本案无关的内容略）……",
    "（此处省略无关闲聊）",
    "……",
    "[snipped]",
]
GONE = {PART[n].number for n in (20, 21, 22)}


def with_mark(rows: list[Told], mark: str, at: int) -> Reading:
    """A paper with a row of no sender that marks an omission behind the rows up to `at`."""
    found = paper([*rows[:at], replace(rows[at], text=mark, kind="text"), *rows[at:]])
    bare = [pl.when(pl.col("row") != at).then(n).alias(n) for n in ("sender", "sender_name", "sent_at")]
    return replace(found, messages=Messages.cast(found.messages.with_columns(bare)))


@pytest.mark.parametrize("mark", MARKS)
def test_rows_are_openly_left_out_where_a_row_marks_an_omission(mark: str) -> None:
    rows = [r for r in PART if r.number not in GONE]
    found = check(with_mark(rows, mark, 20))
    assert (missed(found), found.grade) == (set(), "explained_differences")
    assert found.verdicts["openly_left_out"].to_list() == [len([r for r in PART if r.number in GONE])]
    assert "openly_left_out" in found.verdicts["reasons"][0].to_list()


def test_a_mark_excuses_nothing_elsewhere() -> None:
    rows = [r for r in PART if r.number not in GONE]
    assert missed(check(with_mark(rows, MARKS[0], 40))) == GONE
    assert missed(check(paper(rows))) == GONE


@pytest.mark.parametrize("locator", ["s#21", "t#21"])
def test_a_line_that_was_not_read_may_mark_an_omission_in_its_file(locator: str) -> None:
    rows = paper([r for r in PART if r.number not in GONE])
    noted = replace(rows, notes=(*rows.notes, Note(NoteCode.ROW_SKIPPED, locator, "（中间 略）")))
    assert missed(check(noted)) == (set() if locator.startswith("s") else GONE)


@pytest.mark.parametrize("mark", ["（中间略）", "【此处省略两条】", "…… ……"])
def test_a_mark_below_the_words_of_a_message_is_one(mark: str) -> None:
    rows = [r for r in PART if r.number not in GONE]
    rows[19] = replace(rows[19], text=f"{rows[19].text}\n{mark}")
    found = check(paper(rows))
    assert (missed(found), fate(found, 19)[0]) == (set(), "agreement")


def test_places_are_open_only_between_the_rows_beside_a_mark() -> None:
    placed = [(10, 0), (11, 1), (15, 2), (30, 4)]
    assert openly_left_out([1], placed) == {12, 13, 14}
    assert openly_left_out([3], placed) == {*range(16, 30)}
    assert openly_left_out([-1, 4, 9], placed) == set()


def test_a_time_above_several_messages_is_that_of_the_first_one() -> None:
    found = paper(PART)
    moment = found.messages.select(pl.col("sent_at").gather(pl.int_range(pl.len()) // 4 * 4)).to_series()
    raw = moment.dt.to_string("%F %R").alias("sent_raw")
    barred = replace(found, messages=Messages.cast(found.messages.with_columns(moment, raw)))
    assert check(barred).grade == "conflicting"
    noted = replace(barred, notes=(*barred.notes, note_on_bars("s")))
    assert (check(noted).grade, missed(check(noted))) == ("explained_differences", set())
    late = moment.scatter(range(20, 24), moment[20] + pl.Series([864e11]).cast(pl.Duration("ns"))[0])
    moved = replace(noted, messages=Messages.cast(noted.messages.with_columns(late)))
    assert fate(check(moved), 20) == ("conflict", "time")


@pytest.mark.parametrize("lang", LANGS)
def test_messages_in_parts_that_were_not_read_forbid_a_clean_verdict(lang: Lang) -> None:
    rows = [r for n, r in enumerate(PART) if n != AT]
    submission = paper(rows)
    note = Note(NoteCode.ROW_SKIPPED, "s#1", f"3月8日 14:21 甲某：{PART[AT].text}")
    found = check(replace(submission, notes=(*submission.notes, note)))
    assert (found.grade, missed(found), found.verdicts["unread"].to_list()) == ("cannot_determine", set(), [1])
    assert "1" in sentence_of(found.verdicts.row(0, named=True), lang)


def test_lines_like_messages_that_were_not_read_are_counted_whatever_they_say() -> None:
    note = Note(
        NoteCode.ROW_SKIPPED,
        "s#1",
        "3月8日 14:21 甲某：从未说过的话 3月8日 14:22 乙某：也没说过 3月9日 10:00 丙某：别人",
    )
    submission = paper(PART)
    found = check(replace(submission, notes=(*submission.notes, note)))
    assert (found.grade, found.verdicts["unread"].to_list()) == ("cannot_determine", [2])
