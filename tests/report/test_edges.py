"""Reports of odd material: nothing at all, no times, newest first, rows out of order, an unknown code, a million-letter message."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from reconcile.case import compare
from reconcile.frames import Absent, Alignment, Findings, Gaps, Irregularities, Verdicts
from reconcile.options import CaseOptions
from reconcile.report import build_report, write_reports
from reconcile.report.html import render_html
from reconcile.report.model import ReportData
from tests.build.findings import HOSTILE, build_findings, build_run, build_summaries

FORMS = ("html", "docx", "xlsx", "csv", "json", "case")


def built(findings: Findings) -> ReportData:
    return build_report(findings, *build_summaries(), build_run())


def changed(**columns: pl.Expr) -> Findings:
    findings = build_findings()
    return replace(findings, messages=findings.messages.with_columns(**columns))


def nothing() -> Findings:
    return Findings(
        alignment=Alignment.create_empty(),
        verdicts=Verdicts.create_empty(),
        gaps=Gaps.create_empty(),
        absent=Absent.create_empty(),
        irregularities=Irregularities.create_empty(),
        messages=build_findings().messages.clear(),
        runs=pl.DataFrame(),
        error_rates={},
    )


@pytest.mark.parametrize("form", FORMS)
def test_a_comparison_of_nothing_is_reported(form: str, tmp_path: Path) -> None:
    assert write_reports(built(nothing()), tmp_path, "zh", [form])


def test_rows_without_any_time_are_reported_in_their_order() -> None:
    findings = changed(sent_at=pl.lit(None, dtype=pl.Datetime("us", "UTC")), sent_raw=pl.lit(None, dtype=pl.String))
    lines = built(findings).conversations[0].findings[0].lines
    rows = [line.left.row for line in lines if line.left]
    assert rows == sorted(rows)


def test_rows_held_out_of_order_give_the_same_report() -> None:
    findings = build_findings()
    turned = replace(findings, messages=findings.messages.reverse())
    assert built(turned).model_dump_json() == built(findings).model_dump_json()


def test_rows_before_and_after_go_by_time_where_the_export_begins_with_the_newest() -> None:
    newest_first = changed(sent_at=pl.col("sent_at").reverse().over("side"))
    for finding in built(newest_first).conversations[0].findings[:3]:
        times = [line.left.at for line in finding.lines if line.left and line.left.at]
        assert times == sorted(times)


def test_swapping_the_sides_swaps_the_sums() -> None:
    sums = built(build_findings()).sums
    findings = build_findings()
    other = {"left": "right", "right": "left"}
    names = {f"{a}_{x}": f"{b}_{x}" for a, b in other.items() for x in ("row", "locator")}
    swapped = replace(
        findings,
        alignment=Alignment.cast(findings.alignment.rename(names).select(findings.alignment.columns)),
        messages=findings.messages.with_columns(
            pl.col("side").cast(pl.String).replace(other).cast(findings.messages.schema["side"])
        ),
    )
    mirrored = built(swapped).sums
    assert (mirrored.left_only, mirrored.right_only) == (sums.right_only, sums.left_only)


def test_a_code_that_the_catalogue_does_not_know_prints_as_itself() -> None:
    findings = build_findings()
    odd = findings.verdicts.with_columns(reasons=pl.lit(["a_new_reason"]))
    assert "a_new_reason" in render_html(built(replace(findings, verdicts=Verdicts.cast(odd))), "zh")


def test_a_huge_message_is_cut_and_says_by_how_much() -> None:
    words = pl.when(pl.col("text") == HOSTILE["formula"]).then(pl.lit("长" * 1_000_000)).otherwise("text")
    page = render_html(built(changed(text=words)), "zh")
    assert len(page) < 1_000_000
    assert "999,400" in page


def test_a_row_that_is_not_there_leaves_its_cell_empty() -> None:
    findings = build_findings()
    some = findings.messages.filter(pl.col("row") != 13)
    assert built(replace(findings, messages=some)).conversations


def test_one_pair_draws_no_line_and_prints_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for side, own in (("a", "true"), ("b", "false")):
        (tmp_path / f"{side}.csv").write_text(f"sent_at,text,sender,is_self\n2024-03-01T09:00:00,合同签了,甲,{own}\n")
    compare(tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "out", CaseOptions())
    assert capfd.readouterr().out == ""
