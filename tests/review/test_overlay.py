"""Decisions laid over an alignment, and the verdict judged anew from them."""

from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl
import pytest

from reconcile.custody.decisions import Decision, Judgement, RowKey
from reconcile.custody.overlay import Overlay, lay_over
from reconcile.engine.decisions import COUNTS, judged_anew, with_decisions
from reconcile.frames import Alignment, Verdicts, dtypes_of
from tests.review.build import decision, dispute, write

BASE: dict[str, Any] = dict.fromkeys(COUNTS, 0) | {
    "pairing": "account",
    "left_rows": 10,
    "right_rows": 10,
    "forms": 0,
    "doubtful_rows": 0,
    "edge_unverified": 0,
    "referenced_absent": 0,
}


def alignment() -> dy.DataFrame[Alignment]:
    return Alignment.validate(pl.DataFrame(dispute().lines, schema=dtypes_of(Alignment)))


def key(side: str, row: int | None) -> RowKey | None:
    return None if row is None else RowKey(row=row, locator=f"{side[0]}.csv:{row + 2}")


def judge(judgement: str, left: int | None, right: int | None, **more: Any) -> Decision:
    return decision(judgement=Judgement(judgement), left=key("left", left), right=key("right", right), **more)


def line(relation: str, cause: str | None = None) -> tuple[int | None, int | None]:
    is_it = (pl.col("relation").cast(pl.String) == relation) & (pl.col("conversation") == "c1")
    if cause:
        is_it &= pl.col("cause").cast(pl.String) == cause
    found: tuple[int | None, int | None] = alignment().filter(is_it).select("left_row", "right_row").row(0)
    return found


def over(*decisions: Decision) -> Overlay:
    return lay_over(alignment(), decisions, "b")


def rows_of(frame: pl.DataFrame) -> tuple[list[int], list[int]]:
    return sorted(frame["left_row"].drop_nulls()), sorted(frame["right_row"].drop_nulls())


def relations(frame: pl.DataFrame, left: int | None, right: int | None) -> list[str]:
    named = [pl.col(f"{side}_row") == row for side, row in (("left", left), ("right", right)) if row is not None]
    holds = pl.any_horizontal(named).fill_null(False)
    return frame.filter(holds)["relation"].cast(pl.String).to_list()


CASES = [
    ("doubtful", "indistinguishable", "same", {}, ["agreement"]),
    ("doubtful", "indistinguishable", "same", {"differs": True}, ["conflict"]),
    ("doubtful", "indistinguishable", "not_same", {}, ["one_sided", "one_sided"]),
    ("doubtful", "indistinguishable", "set_aside", {}, ["set_aside", "set_aside"]),
    ("conflict", "text_differs", "same", {"differs": True}, ["conflict"]),
    ("conflict", "text_differs", "same", {}, ["agreement"]),
    ("conflict", "text_differs", "not_same", {}, ["one_sided", "one_sided"]),
    ("one_sided", "unexplained", "not_same", {}, ["one_sided"]),
    ("one_sided", "unexplained", "set_aside", {}, ["set_aside"]),
    ("doubtful", "weak_match", "not_same", {}, ["one_sided"]),
]


@pytest.mark.parametrize(("relation", "cause", "judgement", "more", "expected"), CASES)
def test_a_judgement_is_taken_at_its_word(
    relation: str, cause: str, judgement: str, more: dict[str, bool], expected: list[str]
) -> None:
    left, right = line(relation, cause)
    assert relations(over(judge(judgement, left, right, **more)).alignment, left, right) == expected


@pytest.mark.parametrize(("relation", "cause", "judgement", "more", "expected"), CASES)
def test_every_row_still_stands_exactly_once(
    relation: str, cause: str, judgement: str, more: dict[str, bool], expected: list[str]
) -> None:
    left, right = line(relation, cause)
    laid = over(judge(judgement, left, right, **more)).alignment
    assert rows_of(laid) == rows_of(alignment())


def test_two_lone_rows_judged_the_same_become_one_line() -> None:
    _, right = line("doubtful", "weak_match")
    left = alignment().filter(pl.col("left_locator") == "l.csv:29")["left_row"][0]
    laid = over(judge("same", left, right)).alignment
    assert relations(laid, left, right) == ["agreement"]
    assert laid.height == alignment().height - 1


def test_a_judged_line_names_the_review_as_its_method() -> None:
    left, right = line("conflict")
    laid = over(judge("not_same", left, right)).alignment
    assert laid.filter(pl.col("method") == "review").height == 2


def test_a_laid_over_alignment_obeys_its_schema() -> None:
    Alignment.validate(over(judge("not_same", *line("conflict")), judge("same", *line("doubtful"))).alignment)


def test_lines_that_nobody_judged_keep_their_order() -> None:
    laid = over(judge("not_same", *line("conflict"))).alignment
    kept = laid.filter(pl.col("method") != "review")["left_locator"].to_list()
    assert kept == [x for x in alignment()["left_locator"].to_list() if x != "l.csv:22"]


def test_a_judgement_on_another_run_is_not_applied() -> None:
    laid = over(judge("not_same", *line("conflict"), basis="other"))
    assert (len(laid.applied), len(laid.out_of_date)) == (0, 1)


def test_a_judgement_about_a_row_that_is_another_now_is_not_applied() -> None:
    left, right = line("conflict")
    gone = decision(
        judgement=Judgement.NOT_SAME, left=RowKey(row=left or 0, locator="other.csv:9"), right=key("right", right)
    )
    assert over(gone).out_of_date == (gone,)


def _counted(frame: pl.DataFrame) -> dict[str, int]:
    relation = pl.col("relation").cast(pl.String)
    mine = frame.filter(pl.col("conversation") == "c1")
    one = mine.filter(relation == "one_sided")
    names = {"agreements": "agreement", "conflicts": "conflict", "doubtful": "doubtful", "set_aside": "set_aside"}
    counts = {name: mine.filter(relation == value).height for name, value in names.items()}
    return counts | {"left_missing": one["left_row"].null_count(), "right_missing": one["right_row"].null_count()}


@pytest.mark.parametrize(("relation", "cause", "judgement", "more", "expected"), CASES)
def test_counts_judged_anew_equal_the_counts_of_the_laid_over_alignment(
    relation: str, cause: str, judgement: str, more: dict[str, bool], expected: list[str]
) -> None:
    made = judge(judgement, *line(relation, cause), **more)
    verdict = BASE | _counted(alignment())
    anew = judged_anew(verdict, [made], alignment().filter(pl.col("conversation") == "c1"))
    assert {name: anew[name] for name in COUNTS} == _counted(over(made).alignment)


def anew(counts: dict[str, int], *decisions: Decision, **more: Any) -> str:
    verdict = BASE | counts | more
    lines = alignment().filter(pl.col("conversation") == "c1")
    return str(judged_anew(verdict, list(decisions), lines)["grade"])


def test_a_conversation_without_its_only_conflict_is_no_longer_conflicting() -> None:
    assert anew({"conflicts": 1, "agreements": 9}, judge("same", *line("conflict"))) == "no_gap_found"


def test_a_pair_judged_two_messages_is_one_sided() -> None:
    assert anew({"conflicts": 1, "agreements": 9}, judge("not_same", *line("conflict"))) == "one_sided"


def test_a_row_set_aside_leaves_explained_differences() -> None:
    assert (
        anew({"right_missing": 1, "agreements": 9}, judge("set_aside", *line("one_sided"))) == "explained_differences"
    )


def test_a_reviewer_cannot_lift_a_reason_that_is_not_doubt() -> None:
    made = judge("same", *line("doubtful"))
    assert anew({"doubtful": 1, "agreements": 9}, made, doubtful_rows=2, pairing="unclear") == "cannot_determine"


def test_a_reviewer_can_lift_doubt() -> None:
    assert anew({"doubtful": 1, "agreements": 2}, judge("same", *line("doubtful")), doubtful_rows=2) == "no_gap_found"


def test_doubt_that_is_left_still_forbids_a_verdict() -> None:
    made = judge("same", *line("doubtful"))
    assert anew({"doubtful": 9, "agreements": 2}, made, doubtful_rows=18) == "cannot_determine"


def test_differences_of_form_are_still_named() -> None:
    assert anew({"conflicts": 1, "agreements": 9}, judge("same", *line("conflict")), forms=2) == "explained_differences"


CLOCK_SET = {"reading": "clock_set", "seconds": 3600.0, "rows": 4, "left_first": 0, "left_last": 3, "right_first": 0, "right_last": 3}  # fmt: skip


@pytest.mark.parametrize("more", [{"clock_segments": [CLOCK_SET]}, {"not_stated_selectively": 1}])
def test_a_decision_about_one_row_lifts_no_reason_of_the_whole_chat(more: dict[str, Any]) -> None:
    made = judge("same", *line("doubtful"))
    assert anew({"doubtful": 1, "agreements": 9}, made, doubtful_rows=2, **more) == "cannot_determine"


def test_a_reviewer_can_say_of_a_pair_whose_content_one_side_leaves_out_that_it_is_one_message() -> None:
    rows = line("agreement")
    at = (pl.col("left_row") == rows[0]) & (pl.col("conversation") == "c1")
    lines = alignment().with_columns(
        pl.when(at).then(pl.lit("not_stated")).otherwise(pl.col("cause").cast(pl.String)).alias("cause"),
        pl.when(at).then(pl.lit("selective")).otherwise("detail").alias("detail"),
    )
    verdict = BASE | {"agreements": 9, "not_stated_selectively": 1}
    here = lines.filter(pl.col("conversation") == "c1")
    assert judged_anew(verdict, [judge("same", *rows)], here)["grade"] == "no_gap_found"


def test_verdicts_with_decisions_say_so_and_the_others_stay(tmp_path: Path) -> None:
    folder = write(tmp_path / "case", dispute())
    verdicts = Verdicts.validate(pl.read_parquet(folder / "verdicts.parquet"))
    found = with_decisions(alignment(), verdicts, [judge("not_same", *line("conflict"))], "b")
    grades = dict(found.verdicts.select("conversation", "grade").iter_rows())
    decided = found.verdicts.filter(pl.col("reasons").list.contains("decided"))["conversation"].to_list()
    assert (grades["c1"], decided) == ("one_sided", ["c1"])
    assert found.verdicts.filter(pl.col("conversation") != "c1").equals(verdicts.filter(pl.col("conversation") != "c1"))


def test_a_written_case_can_be_laid_over(tmp_path: Path) -> None:
    folder = write(tmp_path / "case", dispute())
    read = Alignment.validate(pl.read_parquet(folder / "alignment.parquet"))
    assert lay_over(read, [judge("not_same", *line("conflict"))], "b").applied
