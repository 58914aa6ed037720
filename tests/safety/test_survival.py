"""Keys stay secret, nothing leaves the machine, and outputs are whole or not there, whatever happens."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from reconcile.case import load_manifest, writing
from reconcile.cli import program
from reconcile.custody.leftovers import OLD, PARTIAL
from reconcile.self_test import KNOWN, run_checks

ROOT = Path(__file__).parents[2]
LOAN = ROOT / "fixtures" / "disputes" / "loan"
SECRET = "5ecre7c0ffee5ecre7c0ffee5ecre7c0ffee5ecre7c0ffee5ecre7c0ffee5ecr"
# No door to any network but the machine's own; the hook sees every connection and every question for a name.
WATCHED = """
import sys
def watch(event, args):
    if event == "socket.getaddrinfo" or event in ("socket.connect", "socket.sendto"):
        sys.stderr.write(f"NETWORK {event} {args[1:]}\\n")
        raise PermissionError("network")
sys.addaudithook(watch)
from reconcile.cli import main
main()
"""


def test_no_command_speaks_to_a_network_and_no_key_is_left_anywhere(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(SECRET)
    key, out = ("--key-file", tmp_path / "key"), tmp_path / "out"
    forms = [w for f in ("html", "docx", "xlsx", "csv", "json", "case") for w in ("--report", f)]
    runs = (
        ("compare", LOAN / "a.csv", LOAN / "b.csv", "--out", out, *key, *forms),
        ("inspect", LOAN / "a.csv", *key),
        ("convert", LOAN / "a.csv", "--out", tmp_path / "table.csv", *key),
        ("seal", LOAN, "--out", tmp_path / "seal"),
        ("compare", tmp_path / "key", LOAN / "b.csv", "--out", tmp_path / "none", *key),
    )
    for words in runs:
        done = subprocess.run([sys.executable, "-c", WATCHED, *map(str, words)], cwd=ROOT, capture_output=True, check=False, env=os.environ | {"RECONCILE_KEY": SECRET})  # fmt: skip
        assert b"NETWORK" not in done.stderr, done.stderr
        assert done.returncode == (2 if words[1] == tmp_path / "key" else done.returncode)
        assert SECRET.encode() not in done.stdout + done.stderr
    left = [f for f in tmp_path.rglob("*") if f.is_file() and f.name != "key"]
    assert len(left) > 15
    assert [f.name for f in left if SECRET.encode() in f.read_bytes()] == []


def test_a_key_has_no_option_that_stands_in_the_process_list() -> None:
    options = {o for command in program.commands.values() for p in command.params for o in p.opts}
    assert {o for o in options if "key" in o or "password" in o} == {
        "--key-file",
        "--public-key",
        "--password-file",
        "--bill-password-file",
    }


@pytest.mark.parametrize("seed", range(5))
def test_a_run_that_is_killed_leaves_its_results_whole_or_not_there(seed: int, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = [sys.executable, "-m", "reconcile", "compare", str(LOAN / "a.csv"), str(LOAN / "b.csv"), "--out", str(out)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        deadline, beside = time.monotonic() + 30, random.Random(seed).uniform(0, 0.3)
        while run.poll() is None and time.monotonic() < deadline and not list(tmp_path.glob(".out.*")):
            time.sleep(0.005)
        time.sleep(beside)
        run.kill()
    if out.exists():
        assert all((out / name).stat().st_size == told["size"] for name, told in load_manifest(out)["outputs"].items())
    with writing(out, overwrite=True) as folder:
        (folder / "manifest.json").write_text("{}")
    assert [f.name for f in tmp_path.iterdir()] == ["out"]


def test_results_that_a_killed_run_was_replacing_come_back_with_their_decisions(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for what in (OLD, PARTIAL):
        (tmp_path / f".out.{dead.pid}.{what}").mkdir()
    (tmp_path / f".out.{dead.pid}.{OLD}" / "decisions.jsonl").write_text("{}\n")
    words = ["compare", str(LOAN / "a.csv"), str(LOAN / "b.csv"), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(program, words, standalone_mode=False)
    assert "interrupted" in str(done.exception)
    assert [f.name for f in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out" / "decisions.jsonl").is_file()


def test_a_full_disk_leaves_nothing_and_one_line(tmp_path: Path) -> None:
    code = "import resource,signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000)); from reconcile.cli import main; main()"
    words = ["compare", str(LOAN / "a.csv"), str(LOAN / "b.csv"), "--out", str(tmp_path / "out")]
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"})  # fmt: skip
    assert (done.returncode, done.stderr.count("\n"), list(tmp_path.iterdir())) == (2, 1, []), done.stderr


def test_this_machine_passes_its_self_test() -> None:
    assert [c for c in run_checks() if not c.passed] == []


def test_a_wrong_answer_fails_the_self_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconcile.self_test.KNOWN", (KNOWN[1].__class__("loan", KNOWN[1].verdicts, ()),))
    done = CliRunner().invoke(program, ["self-test"], standalone_mode=False)
    assert done.return_value == 2
    assert "不应采用" in done.output
