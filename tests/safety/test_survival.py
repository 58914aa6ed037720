"""Keys stay secret, nothing leaves the machine, and outputs are whole or not there, whatever happens."""

import http.client
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from reconcile.cli.main import program
from reconcile.custody import ownership_marks
from reconcile.custody.atomic_folder import writing
from reconcile.custody.leftovers import OLD, PARTIAL, beside
from reconcile.outputs import load_manifest
from reconcile.self_test import KNOWN, run_checks
from tests.build.bills import many, write
from tests.command import started
from tests.review.build import dispute
from tests.review.build import write as write_case
from tests.thorough import some

ROOT = Path(__file__).parents[2]
LOAN = ROOT / "fixtures" / "disputes" / "loan"
SECRET = "5ecre7c0ffee5ecre7c0ffee5ecre7c0ffee5ecre7c0ffee5ecre7c0ffee5ecr"
# Runs every command of a list in one process, as the program would; what it raises is shown in full.
RUNS = """
import json, sys, traceback
from reconcile.cli.main import program
for words in json.loads(sys.argv[1]):
    try:
        program.main(words, standalone_mode=False)
    except BaseException:
        traceback.print_exc()
"""
# Python loads this in every process that it starts, workers too: no door to any network but the machine's own.
WATCH = """
import os, sys
def watch(event, args):
    if event not in ("socket.connect", "socket.sendto", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname"):
        return
    address = args[-1] if event in ("socket.connect", "socket.sendto", "socket.bind") else args[0]
    if isinstance(address, (str, bytes)) and event in ("socket.connect", "socket.bind", "socket.sendto"):
        return
    host = address[0] if isinstance(address, tuple) else address
    named = os.environ.get("SCHEDULER", "")
    asks_for_name = event in ("socket.getaddrinfo", "socket.gethostbyname")
    if named and event != "socket.bind" and (host == "127.0.0.1" if asks_for_name else f"{host}:{address[1]}" == named):
        return
    if event != "socket.bind" or host != "127.0.0.1":
        with open(os.environ["WATCHED"], "a") as log:
            log.write(f"{event} {args[1:] if event in ('socket.connect', 'socket.bind', 'socket.sendto') else args}\\n")
        raise PermissionError("network")
sys.addaudithook(watch)
"""


@pytest.fixture
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """An environment in which every process notes whom it would speak to; at the end there must be no note."""
    folder = tmp_path_factory.mktemp("watch")
    (folder / "sitecustomize.py").write_text(WATCH)
    log = folder / "log"
    yield {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "WATCHED": str(log), "RECONCILE_KEY": SECRET}
    assert not log.exists(), log.read_text()


def test_no_command_speaks_to_a_network_and_no_key_is_left_anywhere(tmp_path: Path, watched: dict[str, str]) -> None:
    (tmp_path / "key").write_text(SECRET)
    key, out, one = ("--key-file", tmp_path / "key"), tmp_path / "out", tmp_path / "cases" / "loan"
    forms = [w for f in ("html", "docx", "xlsx", "csv", "json", "case") for w in ("--report", f)]
    one.mkdir(parents=True)
    for name in ("a.csv", "b.csv"):
        (one / name).write_bytes((LOAN / name).read_bytes())
    statement = write(many(random.Random(2), 40, peers=1), tmp_path)
    runs = (
        ("compare", LOAN / "a.csv", LOAN / "b.csv", "--out", out, "--no-error-rates", *key, *forms),
        ("inspect", LOAN / "a.csv", *key),
        ("convert", LOAN / "a.csv", "--out", tmp_path / "table.csv", *key),
        ("seal", LOAN, "--out", tmp_path / "seal"),
        ("timestamp", tmp_path / "seal"),
        ("drift", LOAN / "a.csv", LOAN / "a.csv", "--out", tmp_path / "drift"),
        ("group", LOAN / "a.csv", LOAN / "b.csv", "--out", tmp_path / "group"),
        ("verify", tmp_path / "seal", LOAN),
        ("check", LOAN / "b.csv", "--against", LOAN / "a.csv", "--out", tmp_path / "check"),
        ("bill", statement, "--chats", LOAN / "a.csv", "--password-file", tmp_path / "key", "--out", tmp_path / "bill"),
        ("batch", tmp_path / "cases", "--out", tmp_path / "batch", *key),
        ("report", out, "--report", "csv", "--out", tmp_path / "again"),
        ("explain", out, "left:1"),
        ("init", tmp_path / "case"),
        ("checklist", tmp_path / "case"),
        ("guide", "--out", tmp_path / "guide.html"),
        ("compare", tmp_path / "key", LOAN / "b.csv", "--out", tmp_path / "none", *key),
    )
    words = json.dumps([[str(w) for w in run] for run in runs])
    done = subprocess.run([sys.executable, "-c", RUNS, words], cwd=ROOT, capture_output=True, check=False, env=watched)
    assert done.stderr.count(b"Traceback") == 1, done.stderr.decode()  # the last: a key is no export
    assert SECRET.encode() not in done.stdout + done.stderr
    left = [f for f in tmp_path.rglob("*") if f.is_file() and f.name != "key"]
    assert {f.relative_to(tmp_path).parts[0] for f in left} >= {
        "out",
        "seal",
        "check",
        "bill",
        "batch",
        "again",
        "case",
    }
    assert [f.name for f in left if SECRET.encode() in f.read_bytes()] == []


@pytest.mark.filterwarnings("ignore")
def test_a_batch_on_a_cluster_speaks_to_the_named_scheduler_alone(tmp_path: Path, watched: dict[str, str]) -> None:
    distributed = pytest.importorskip("distributed")
    (tmp_path / "cases" / "loan").mkdir(parents=True)
    for name in ("a.csv", "b.csv"):
        (tmp_path / "cases" / "loan" / name).write_bytes((LOAN / name).read_bytes())
    with distributed.LocalCluster(1, threads_per_worker=1, processes=False, dashboard_address=None, protocol="tcp") as cluster:  # fmt: skip
        words = [
            "batch",
            str(tmp_path / "cases"),
            "--out",
            str(tmp_path / "out"),
            "--cluster",
            cluster.scheduler_address,
        ]
        env = watched | {"SCHEDULER": cluster.scheduler_address.removeprefix("tcp://")}
        done = subprocess.run([sys.executable, "-m", "reconcile", *words], cwd=ROOT, capture_output=True, check=False, env=env)  # fmt: skip
    assert (tmp_path / "out" / "verdicts.parquet").is_file(), done.stderr.decode()


def test_the_review_page_listens_on_this_machine_alone(tmp_path: Path, watched: dict[str, str]) -> None:
    write_case(tmp_path / "case", dispute())
    words = [sys.executable, "-m", "reconcile", "review", str(tmp_path / "case"), "--no-browser", "--port", "0"]
    with started(words, stderr=subprocess.STDOUT, env=watched) as run:
        assert run.stdout is not None
        line = next((x for x in run.stdout if "http://" in x), "")
        found = re.search(r"http://127\.0\.0\.1:(\d+)(/\S*)", line)
        assert found, line
        asked = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=600)
        asked.request("GET", found[2])
        status = asked.getresponse().status
        asked.close()
    assert status in (200, 302, 303, 307)


def test_the_watch_sees_a_word_to_another_machine(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(WATCH)
    log = tmp_path / "log"
    for code in ("socket.create_connection(('192.0.2.1', 9))", "socket.socket().bind(('0.0.0.0', 0))", "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9))"):  # fmt: skip
        log.unlink(missing_ok=True)
        subprocess.run([sys.executable, "-c", f"import socket; {code}"], capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(tmp_path), "WATCHED": str(log)})  # fmt: skip
        assert log.is_file(), code


def test_a_key_has_no_option_that_stands_in_the_process_list() -> None:
    options = {o for command in program.commands.values() for p in command.params for o in p.opts}
    assert {o for o in options if "key" in o or "password" in o} == {
        "--key-file",
        "--public-key",
        "--password-file",
        "--bill-password-file",
    }


def begun(folder: Path) -> list[str]:
    """The files of results that are being written beside their place; a folder that goes meanwhile has none."""
    return [name for top, _, names in os.walk(folder) if Path(top).name.startswith(".out.") for name in names]


@pytest.mark.parametrize("files", some([6, 1], 2))
def test_a_run_that_is_killed_leaves_its_results_whole_or_not_there(files: int, tmp_path: Path) -> None:
    """Killed when so many files are begun, however long that takes."""
    out = tmp_path / "out"
    words = [sys.executable, "-m", "reconcile", "compare", str(LOAN / "a.csv"), str(LOAN / "b.csv"), "--out", str(out)]
    with started([*words, "--no-error-rates"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        while run.poll() is None and len(begun(tmp_path)) < files:
            time.sleep(0.002)
        run.kill()
    if out.exists():
        assert all((out / name).stat().st_size == told["size"] for name, told in load_manifest(out)["outputs"].items())
    with writing(out, overwrite=True) as folder:
        (folder / "manifest.json").write_text("{}")
    assert [f.name for f in tmp_path.iterdir()] == ["out"]


def moved_aside(results: Path, out: Path) -> Path:
    """Results with a decision, where a run that is killed while it replaces those of `out` leaves them."""
    results.mkdir()
    (results / "decisions.jsonl").write_text("{}\n")
    (results / "manifest.json").write_text("{}")
    return results.rename(beside(out, OLD))


def test_results_that_a_killed_run_was_replacing_come_back_with_their_decisions(tmp_path: Path) -> None:
    moved_aside(tmp_path / "out", tmp_path / "out")
    beside(tmp_path / "out", PARTIAL).mkdir()
    words = ["compare", str(LOAN / "a.csv"), str(LOAN / "b.csv"), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(program, words, standalone_mode=False)
    assert "interrupted" in str(done.exception)
    assert [f.name for f in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out" / "decisions.jsonl").is_file()


@pytest.mark.parametrize(
    "how",
    ["name without a mark", "mark of another folder", "copied", "link", "mark of another user", "of another place"],
)
def test_results_that_somebody_put_there_are_not_taken_for_those_of_an_earlier_run(
    tmp_path: Path, how: str, small: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, evil = tmp_path / "out", tmp_path / "evil"
    if how == "mark of another user":
        monkeypatch.setattr(ownership_marks, "user_key", lambda: b"guessed")
    if how == "mark of another folder":
        out.mkdir()
    results = evil if how in ("mark of another folder", "of another place") else out
    held = moved_aside(results, evil if how == "of another place" else out)
    if out.exists():
        out.rmdir()
    monkeypatch.undo()
    match how:
        case "name without a mark":
            held.rename(tmp_path / f".out.{os.getpid()}.{OLD}")
        case "copied":
            shutil.copytree(held, evil)
            shutil.rmtree(held)
            evil.rename(held)
        case "link":
            (tmp_path / "elsewhere").mkdir()
            held.rename(tmp_path / "elsewhere" / "it")
            held.symlink_to(tmp_path / "elsewhere" / "it")
        case "of another place":
            held.rename(tmp_path / held.name.replace("evil", "out"))
    before = sorted(str(f) for f in tmp_path.rglob("*"))
    words = ["compare", *small, "--no-error-rates", "--out", str(out)]
    done = CliRunner().invoke(program, words, standalone_mode=False)
    assert (done.exception, (out / "decisions.jsonl").exists()) == (None, False)
    assert sorted(str(f) for f in tmp_path.rglob("*") if out not in (f, *f.parents)) == before


def test_a_batch_that_somebody_put_there_is_not_gone_on_from(
    tmp_path: Path, small: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cases" / "1").mkdir(parents=True)
    for file in small:
        shutil.copy2(file, tmp_path / "cases" / "1")
    words = ["batch", str(tmp_path / "cases"), "--out", str(tmp_path / "out")]
    monkeypatch.setattr(ownership_marks, "user_key", lambda: b"another user")
    assert CliRunner().invoke(program, words, standalone_mode=False).exception is None
    monkeypatch.undo()
    assert "of another user" in str(CliRunner().invoke(program, words, standalone_mode=False).exception)
    again = CliRunner().invoke(program, [*words, "--overwrite"], standalone_mode=False)
    assert again.exception is None
    assert CliRunner().invoke(program, words, standalone_mode=False).exception is None


@pytest.mark.parametrize("name", ["alignment", ".journal", "cases", ".lock", ".run.json"])
def test_a_batch_writes_through_no_link(tmp_path: Path, name: str) -> None:
    (tmp_path / "cases" / "1").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).symlink_to(tmp_path / "elsewhere" / ("" if name != ".run.json" else "x"))
    words = ["batch", str(tmp_path / "cases"), "--out", str(tmp_path / "out")]
    assert CliRunner().invoke(program, words, standalone_mode=False).exception is not None
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_key_of_marks_is_for_its_user_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    made = ownership_marks.user_key.__wrapped__()
    (key,) = (tmp_path / "reconcile").iterdir()
    assert (key.read_bytes(), key.stat().st_mode & 0o777, ownership_marks.user_key.__wrapped__()) == (made, 0o600, made)
    key.chmod(0o666)
    assert ownership_marks.user_key.__wrapped__() != made


def test_a_full_disk_leaves_nothing_and_one_line(tmp_path: Path) -> None:
    code = "import resource,signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000)); from reconcile.cli.main import main; main()"
    words = ["compare", str(LOAN / "a.csv"), str(LOAN / "b.csv"), "--out", str(tmp_path / "out"), "--no-error-rates"]
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"})  # fmt: skip
    assert (done.returncode, done.stderr.count("\n"), list(tmp_path.iterdir())) == (2, 1, []), done.stderr


def test_this_machine_passes_its_self_test() -> None:
    assert [c for c in run_checks() if not c.passed] == []


def test_a_wrong_answer_fails_the_self_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reconcile.self_test.KNOWN", (KNOWN[1].__class__("loan", KNOWN[1].verdicts, ()),))
    done = CliRunner().invoke(program, ["self-test"], standalone_mode=False)
    assert done.return_value == 2
    assert "不应采用" in done.output
