"""The commands around a case, as a user types them."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "reconcile", *map(str, words)], capture_output=True, text=True, cwd=ROOT, check=False
    )


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
    assert done.returncode in (0, 1), done.stderr
    assert (tmp_path / "out" / "check.html").is_file()


def test_payments_of_a_chat_need_a_statement_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "bill.csv").write_text("x")
    done = run("bill", tmp_path / "bill.csv")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
