"""The commands around a case, as a user types them."""

import random
from pathlib import Path

from tests.build.bills import many, write
from tests.command import run

ROOT = Path(__file__).parents[2]


def test_a_changed_byte_in_sealed_material_exits_with_one(tmp_path: Path) -> None:
    (tmp_path / "material").mkdir()
    (tmp_path / "material" / "a.txt").write_text("x")
    assert run("seal", tmp_path / "material", "--out", tmp_path / "seal", "--who", "甲").returncode == 0
    assert run("verify", tmp_path / "seal", tmp_path / "material").returncode == 0
    (tmp_path / "material" / "a.txt").write_text("y")
    assert run("verify", tmp_path / "seal", tmp_path / "material").returncode == 1


def test_a_new_case_has_a_checklist_in_three_forms(tmp_path: Path) -> None:
    assert run("init", tmp_path / "case").returncode == 0
    assert run("checklist", tmp_path / "case").returncode == 0
    assert {f.name for f in (tmp_path / "case").glob("checklist.*")} == {
        "checklist.html",
        "checklist.docx",
        "checklist.json",
    }


def test_the_guide_is_printed_in_both_languages() -> None:
    assert "微信记录保存与提取指引" in run("guide").stdout
    assert "WeChat" in run("guide", "--lang", "en").stdout


def test_an_excerpt_is_held_against_the_full_export(tmp_path: Path) -> None:
    full = ROOT / "fixtures" / "disputes" / "loan" / "a.csv"
    lines = full.read_text("utf-8-sig").splitlines(keepends=True)
    (tmp_path / "excerpt.csv").write_text("".join([lines[0], *lines[10:20], *lines[23:30]]), "utf-8")
    done = run("check", tmp_path / "excerpt.csv", "--against", full, "--out", tmp_path / "out")
    assert done.returncode in (0, 1, 3), done.stderr
    assert (tmp_path / "out" / "check.html").is_file()


def test_payments_of_a_chat_need_a_statement_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "bill.csv").write_text("x")
    done = run("bill", tmp_path / "bill.csv")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_a_log_line_altered_exits_with_one_though_the_files_stand(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    run("seal", tmp_path / "a.txt", "--out", tmp_path / "seal", "--who", "甲")
    log = tmp_path / "seal" / "custody.jsonl"
    log.write_bytes(log.read_bytes().replace("甲".encode(), "乙".encode()))
    assert run("verify", tmp_path / "seal").returncode == 1


def test_a_statements_own_figures_are_told_and_their_breach_exits_with_one(tmp_path: Path) -> None:
    statement = write(many(random.Random(1), 6), tmp_path)
    assert run("bill", statement).returncode == 0
    statement.write_bytes(b"".join(statement.read_bytes().splitlines(keepends=True)[:-1]))
    done = run("bill", statement, "--out", tmp_path / "out")
    assert (done.returncode, (tmp_path / "out" / "bill.html").is_file()) == (1, True)


def test_a_comparison_takes_a_statement_of_either_party(tmp_path: Path) -> None:
    left, right = (ROOT / "fixtures" / "disputes" / "loan" / f"{side}.csv" for side in "ab")
    statement = write([], tmp_path)
    done = run("compare", left, right, "--out", tmp_path / "out", "--bill", statement, "--quiet", "--no-error-rates")
    assert (done.returncode in (0, 1, 3), (tmp_path / "out" / "bill" / "bill.html").is_file()) == (True, True), (
        done.stderr
    )


def test_a_broken_statement_stops_the_comparison_before_it_writes(tmp_path: Path) -> None:
    left, right = (ROOT / "fixtures" / "disputes" / "loan" / f"{side}.csv" for side in "ab")
    (tmp_path / "bill.csv").write_text("x")
    done = run("compare", left, right, "--out", tmp_path / "out", "--no-error-rates", "--bill", tmp_path / "bill.csv")
    assert (done.returncode, (tmp_path / "out").exists()) == (2, False)
