"""Rows are numbered from 1 wherever a person reads or types them, and each finding has the command that explains it beside it."""

import csv
import io
import os
import re
import shlex
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from reconcile.review.detail import line_detail
from reconcile.review.store import CaseFolder
from tests.command import run

LOAN = Path(__file__).parents[2] / "fixtures" / "disputes" / "loan"
COMMAND = re.compile(r"reconcile explain (?:'[^']*'|\S+) (?:left|right):\d+")
CONFLICT, ONLY_HERE = "本金还欠80000元", "还不上就把货车抵给你"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results whose folder has a blank in its name."""
    out = tmp_path_factory.mktemp("rows") / "借款 案"
    forms = [w for form in ("html", "docx", "xlsx", "csv") for w in ("--report", form)]
    done = run("compare", LOAN / "a.csv", LOAN / "b.csv", "--out", out, "--no-error-rates", *forms)
    assert done.returncode == 1
    return out


def explained(command: str, folder: Path) -> str:
    """What a printed command says, run beside the results."""
    here = Path.cwd()
    os.chdir(folder.parent)
    try:
        done = run(*shlex.split(command)[1:])
    finally:
        os.chdir(here)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_workbook_prints_the_command_that_explains_each_row(results: Path) -> None:
    sheet = openpyxl.load_workbook(results / "findings.xlsx", read_only=True).worksheets[1]
    cells = "\n".join(str(c.value) for r in sheet.iter_rows() for c in r if c.value)
    told = [explained(c, results) for c in dict.fromkeys(COMMAND.findall(cells))]
    assert [any(w in t for t in told) for w in (CONFLICT, ONLY_HERE)] == [True, True]


def test_rows_of_the_table_of_findings_count_from_one_while_the_frames_count_from_nought(results: Path) -> None:
    rows = list(csv.DictReader(io.StringIO((results / "findings.csv").read_text("utf-8-sig"))))
    table = [r["text"] for r in csv.DictReader(io.StringIO((LOAN / "a.csv").read_text("utf-8-sig")))]
    stated = [(int(r["left_row"]), r["left_text"]) for r in rows if r["left_row"]]
    assert [table[n - 1] for n, _ in stated] == [text for _, text in stated]
    alignment = pl.read_parquet(results / "alignment.parquet")
    assert alignment["left_row"].min() == 0


def test_the_first_row_is_one_and_there_is_none_before_it(results: Path) -> None:
    first = pl.read_csv(LOAN / "a.csv", infer_schema=False)["text"][0]
    assert first in run("explain", results, "left:1").stdout
    wrong = run("explain", results, "left:0")
    assert (wrong.returncode, wrong.stdout, wrong.stderr.count("\n")) == (2, "", 1)
    last = pl.read_parquet(results / "alignment.parquet")["left_row"].max()
    assert isinstance(last, int)
    assert run("explain", results, f"left:{last + 1}").returncode == 0
    assert run("explain", results, f"left:{last + 2}").returncode == 2


def test_partners_of_an_explanation_can_be_typed_again(results: Path) -> None:
    said = run("explain", results, "left:47").stdout
    partner = re.search(r"对应行 (right:\d+)", said)
    assert partner is not None
    assert f"与 {partner[1]} 是否同一条消息" in said
    assert "对应行 left:47" in run("explain", results, partner[1]).stdout


def test_the_review_page_prints_the_command_that_explains_the_line(results: Path) -> None:
    case = CaseFolder(results)
    conversation = case.conversation(0)
    relation = conversation.lines["relation"].cast(pl.String)
    for number in relation.is_in(["conflict", "one_sided"]).arg_true():
        found = line_detail(case, conversation, number, ())
        said = next(iter(found["sides"].values()))["text"]
        assert said in explained(found["explain"], results)
