"""Reports of a finished comparison are written again, with reviewers' decisions named and taken at their word."""

import html
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import docx
import pytest

from reconcile.case import compare
from reconcile.custody.decisions import Decision, Judgement, RowKey, basis_of, load_decisions, new_id, now, read_log
from reconcile.custody.decisions import append as append_decision
from reconcile.errors import CaseError, CaseNotEmpty, CaseNotFound, DecisionsChanged, UsageError
from reconcile.explanation import explain
from reconcile.options import CaseOptions
from reconcile.outputs import load_manifest
from reconcile.reissue import ReissueOptions, load_findings, reissue, with_decisions
from reconcile.vocabulary import Relation
from tests.build.reports import skip_without_pdf
from tests.conftest import ROOT

LOAN = ROOT / "fixtures" / "disputes" / "loan"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("case") / "loan"
    compare(LOAN / "a.csv", LOAN / "b.csv", out)
    return out


@pytest.fixture
def case(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "loan"))


def judge_the_one_sided_row(folder: Path, *, basis: str | None = None) -> None:
    findings = load_findings(folder)
    line = next(r for r in findings.alignment.iter_rows(named=True) if r["relation"] == "one_sided")
    side = "left" if line["left_row"] is not None else "right"
    key = RowKey(row=line[f"{side}_row"], locator=line[f"{side}_locator"])
    decision = Decision(
        id=new_id(),
        at=now(),
        reviewer="王审核<b>",
        action="judge",
        judgement=Judgement.SET_ASIDE,
        note="双方当庭确认",
        conversation=line["conversation"],
        left=key if side == "left" else None,
        right=key if side == "right" else None,
        found=Relation.ONE_SIDED,
        basis=basis or basis_of(load_manifest(folder)),
    )
    append_decision(folder, decision)


def test_reports_without_decisions_are_those_of_the_run(case: Path, tmp_path: Path) -> None:
    page = reissue(case, tmp_path / "again", ReissueOptions())[0]
    assert page.read_bytes() == (case / "report.html").read_bytes()


def test_a_pdf_that_cannot_be_stamped_leaves_the_earlier_report_as_it_was_and_nothing_beside_it(
    case: Path, tmp_path: Path
) -> None:
    skip_without_pdf()
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "report.pdf").write_bytes(b"earlier")

    def refused(_: bytes) -> bytes:
        raise UsageError("--timestamp", "no answer")

    with pytest.raises(UsageError):
        reissue(case, tmp_path / "again", ReissueOptions(forms=["pdf"], sign=refused), overwrite=True)

    assert [p.name for p in (tmp_path / "again").iterdir()] == ["report.pdf"]
    assert (tmp_path / "again" / "report.pdf").read_bytes() == b"earlier"


def test_a_decision_changes_the_counts_of_the_verdict(case: Path) -> None:
    before = load_findings(case)
    judge_the_one_sided_row(case)
    after, _ = with_decisions(case, before, load_manifest(case))
    missing = ["left_missing", "right_missing"]
    assert (
        after.verdicts.select(missing).sum_horizontal().sum()
        == before.verdicts.select(missing).sum_horizontal().sum() - 1
    )


def test_a_decision_is_named_with_its_reviewer_as_text(case: Path, tmp_path: Path) -> None:
    judge_the_one_sided_row(case)
    page = reissue(case, tmp_path / "again", ReissueOptions())[0].read_text("utf-8")
    assert "王审核&lt;b&gt;" in page
    assert "双方当庭确认" in page


def test_the_cover_says_who_reviewed_and_holds_the_programs_own_verdict_beside_the_reviewed_one(
    case: Path, tmp_path: Path
) -> None:
    judge_the_one_sided_row(case)
    paths = {p.name: p for p in reissue(case, tmp_path / "after", ReissueOptions(forms=("html", "docx")))}
    cover = re.sub(
        r"<[^>]+>", "", paths["report.html"].read_text("utf-8").partition('id="reviewed"')[2].partition("</section>")[0]
    )
    listed = "\n".join(p.text for p in docx.Document(str(paths["discrepancies.docx"])).paragraphs)
    for told in (html.unescape(cover), listed):
        assert "复核人 王审核<b>，采用判断 1 项" in told
        assert told.index("程序自身的结论：") < told.index("复核后的结论：")


def test_the_report_states_how_many_decisions_the_log_holds(case: Path, tmp_path: Path) -> None:
    assert "本报告未经人工复核" in (case / "report.html").read_text("utf-8")
    judge_the_one_sided_row(case)
    judge_the_one_sided_row(case)
    page = reissue(case, tmp_path / "again", ReissueOptions())[0].read_text("utf-8")
    assert f"共 2 条（含撤回与后被取代者），末条校验值 {read_log(case).head}" in page


def test_a_log_that_was_cut_short_stops_the_report(case: Path, tmp_path: Path) -> None:
    judge_the_one_sided_row(case)
    (case / "decisions.jsonl").unlink()
    with pytest.raises(DecisionsChanged):
        reissue(case, tmp_path / "again", ReissueOptions())


def test_decisions_and_their_head_outlive_the_results(case: Path) -> None:
    judge_the_one_sided_row(case)
    compare(LOAN / "a.csv", LOAN / "b.csv", case, CaseOptions(error_rates=False, reports=()), overwrite=True)
    assert len(load_decisions(case)) == 1


def test_a_decision_about_another_run_is_counted_and_not_taken_up(case: Path) -> None:
    judge_the_one_sided_row(case, basis="f" * 64)
    findings = load_findings(case)
    after, decided = with_decisions(case, findings, load_manifest(case))
    assert decided is not None
    assert (decided.decisions, decided.out_of_date) == ((), 1)
    assert after.alignment.equals(findings.alignment)


def test_decisions_can_be_left_out(case: Path, tmp_path: Path) -> None:
    judge_the_one_sided_row(case)
    page = reissue(case, tmp_path / "again", ReissueOptions(decisions=False))[0]
    assert page.read_bytes() == (case / "report.html").read_bytes()


def test_earlier_reports_are_kept_unless_told(case: Path, tmp_path: Path) -> None:
    reissue(case, tmp_path / "again", ReissueOptions())
    with pytest.raises(CaseNotEmpty, match=r"report\.html"):
        reissue(case, tmp_path / "again", ReissueOptions())


def test_files_of_other_names_are_left_alone(case: Path, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "mine.txt").write_text("x")
    reissue(case, tmp_path / "again", ReissueOptions(), overwrite=True)
    assert sorted(p.name for p in (tmp_path / "again").iterdir()) == ["mine.txt", "report.html"]


def test_a_folder_without_a_comparison_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaseNotFound):
        reissue(tmp_path, tmp_path / "again", ReissueOptions())


def test_a_case_without_messages_says_what_to_do(case: Path, tmp_path: Path) -> None:
    (case / "messages.parquet").unlink()
    with pytest.raises(CaseError, match="--no-messages"):
        reissue(case, tmp_path / "again", ReissueOptions())


def _manifest_of_other_types(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"inputs": 3, "settings": [1], "outputs": []}')


def _verdicts_that_are_a_list(folder: Path) -> None:
    (folder / "verdicts.json").write_text("[]")


def _another_table_in_its_place(folder: Path) -> None:
    shutil.copyfile(folder / "contacts.parquet", folder / "alignment.parquet")


def _a_pipe_in_its_place(folder: Path) -> None:
    (folder / "gaps.parquet").unlink()
    os.mkfifo(folder / "gaps.parquet")


@pytest.mark.parametrize(
    "change",
    [_manifest_of_other_types, _verdicts_that_are_a_list, _another_table_in_its_place, _a_pipe_in_its_place],
    ids=lambda f: f.__name__,
)
def test_results_that_were_changed_end_in_one_line(change: Callable[[Path], None], case: Path, tmp_path: Path) -> None:
    change(case)
    with pytest.raises(CaseError, match=r"^[^\n]+$"):
        reissue(case, tmp_path / "reports", ReissueOptions())
    if change in (_another_table_in_its_place, _a_pipe_in_its_place):
        with pytest.raises(CaseError, match=r"^[^\n]+$"):
            explain(case, "left:1")
