"""ReportData: numbers counted once, context around each finding, nothing hostile left invisible, third parties masked."""

import polars as pl

from reconcile.report.build import build_report
from reconcile.report.model import ReportData
from reconcile.report.model_findings import Cell, Finding
from reconcile.settings import ReportLimits
from tests.build.findings import HOSTILE, build_findings, build_run, build_summaries
from tests.build.reports import report


def cells(data: ReportData) -> list[Cell]:
    lines = [line for c in data.conversations for f in c.findings for line in f.lines]
    return [cell for line in lines for cell in (line.left, line.right) if cell is not None]


def words(cell: Cell | None) -> str:
    return "".join(s.text for s in cell.text) if cell else ""


def first_of(relation: str, cause: str, data: ReportData | None = None) -> Finding:
    found = [f for c in (data or report()).conversations for f in c.findings]
    return next(f for f in found if f.relation == relation and f.cause == cause)


def test_every_row_of_either_side_is_counted_once() -> None:
    assert all(c.sums.left_holds and c.sums.right_holds for c in report().conversations)


def test_details_and_summary_have_the_same_numbers() -> None:
    data, verdicts = report(), build_findings().verdicts
    assert data.sums.conflicts == verdicts["conflicts"].sum() == sum(c.sums.conflicts for c in data.conversations)


def test_conversations_stand_worst_first() -> None:
    grades = [c.grade for c in report().conversations]
    assert grades == ["conflicting", "cannot_determine", "cannot_determine", "no_gap_found"]


def test_findings_of_a_conversation_begin_with_conflicts() -> None:
    relations = [f.relation for f in report().conversations[0].findings]
    assert relations == sorted(relations, key=["conflict", "one_sided", "doubtful"].index)


def test_neighbouring_one_sided_rows_are_one_finding() -> None:
    assert first_of("one_sided", "sync_gap").rows == 30


def test_a_long_run_prints_its_ends_and_counts_the_middle() -> None:
    lines = first_of("one_sided", "sync_gap").lines
    shown = sum(line.focus and not line.skipped for line in lines)
    assert shown + sum(line.skipped for line in lines) == 30


def test_a_finding_has_rows_before_and_after_it() -> None:
    focus = [line.focus for line in first_of("conflict", "text_differs").lines]
    assert not focus[0]
    assert not focus[-1]


def test_context_is_in_order_of_time() -> None:
    for finding in report().conversations[0].findings:
        times = [line.left.at for line in finding.lines if line.left and line.left.at]
        assert times == sorted(times)


def test_a_number_that_differs_is_marked_whole() -> None:
    line = next(line for line in first_of("conflict", "text_differs").lines if line.focus)
    assert line.left is not None
    assert [s.text for s in line.left.text if s.mark == "differs"] == ["50000"]


def test_look_alike_letters_are_named() -> None:
    points = [p for c in report().conversations for f in c.findings for p in f.code_points]
    assert ("U+0410", "U+0041") in [(p.code, p.like) for p in points]


def test_direction_override_is_shown_as_its_code() -> None:
    shown = "".join(words(c) for c in cells(report()))
    assert "⟦U+202E⟧" in shown
    assert "\u202e" not in shown


def test_limits_leave_out_findings_and_say_how_many() -> None:
    chat = report(limits=ReportLimits(findings_per_conversation=3)).conversations[0]
    assert (len(chat.findings), chat.findings_found) == (3, len(report().conversations[0].findings))


def test_the_lazy_lines_hold_every_row_that_is_not_plain_agreement() -> None:
    alignment = build_findings().alignment
    expected = alignment.filter((pl.col("relation") != "agreement") | pl.col("cause").is_not_null()).height
    assert report().lines.collect().height == expected


def test_masking_replaces_a_third_party_everywhere_alike() -> None:
    text = report(mask=True).model_dump_json() + str(report(mask=True).lines.collect().write_json())
    assert not {"吴阿姨", "13912345678", "周经理", "wxid_wu", "岁月静好"} & {
        n for n in ("吴阿姨", "13912345678", "周经理", "wxid_wu", "岁月静好") if n in text
    }


def test_masking_keeps_the_two_parties() -> None:
    text = report(mask=True).model_dump_json()
    assert "林小满" in text
    assert "赵一鸣" in text


def test_the_report_is_the_same_twice() -> None:
    again = build_report(build_findings(), *build_summaries(), build_run())
    assert again.model_dump_json() == report().model_dump_json()


def test_no_control_character_is_left_in_the_report() -> None:
    text = "".join(words(c) for c in cells(report()))
    assert not [c for c in HOSTILE["control"] if not c.isprintable() and c != "\n" and c in text]
