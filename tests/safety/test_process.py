"""A run as a process: its exit code is what it found whoever reads it, it stops in one line, and what it unpacks is nobody else's and goes."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from reconcile import temp_folders
from reconcile.custody.seal import seal
from tests.command import run as command
from tests.command import started
from tests.thorough import examples

ROOT = Path(__file__).parents[2]
LOAN = ROOT / "fixtures" / "disputes" / "loan"
RECONCILE = [sys.executable, "-m", "reconcile"]


@pytest.fixture(scope="module")
def verifying(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Shell commands that verify a seal: what was sealed is as it was (code 0), and it was changed (code 1)."""
    folder = tmp_path_factory.mktemp("sealed")
    for name in ("same", "changed"):
        (folder / name).write_text("x")
        seal([folder / name], folder / f"seal_{name}")
    (folder / "changed").write_text("xy")
    same, changed = (f"'{sys.executable}' -m reconcile verify '{folder / f'seal_{n}'}'" for n in ("same", "changed"))
    return same, changed


def shell(command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("{} | true; exit ${{PIPESTATUS[0]}}", 0),
        ("{} >&-", 1),
        ("{} 2>&1 | true; exit ${{PIPESTATUS[0]}}", 1),
        ("{} >&- 2>&-", 1),
        ("{} <&- >&- 2>&-", 0),
        ("{} | true; exit ${{PIPESTATUS[0]}}", 1),
    ][:: examples(2, 1)],
)
def test_the_exit_code_is_what_was_found_though_nobody_reads(verifying: tuple[str, str], how: str, code: int) -> None:
    done = shell(how.format(verifying[code]))
    assert (done.returncode, done.stderr) == (code, "")


def test_output_that_could_not_be_written_is_told_by_the_exit_code(verifying: tuple[str, str]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no device that is always full")
    done = shell(f"{verifying[0]} > /dev/full")
    assert (done.returncode, done.stderr.count("\n"), "Traceback" in done.stderr) == (2, 1, False)


@pytest.mark.parametrize(
    "command", ["{} readers | head -1", "{} --help | head -1", "{} guide | head -1"][:: examples(2, 1)]
)
def test_a_reader_that_has_enough_is_no_finding(command: str) -> None:
    done = shell(command.format(f"'{sys.executable}' -m reconcile") + "; exit ${PIPESTATUS[0]}")
    assert (done.returncode, done.stderr) == (0, "")


def cases(folder: Path, count: int) -> Path:
    """So many disputes of a few lines, of which one side lacks one."""
    lines = [f"2024-03-01 09:{n:02d}:00,wxid_{'ab'[n % 2]},第{n}条消息说的是货款\n" for n in range(12)]
    for number in range(count):
        (folder / f"{number:03d}").mkdir(parents=True)
        for side, held in (("a", lines), ("b", lines[:5] + lines[6:])):
            (folder / f"{number:03d}" / f"{side}.csv").write_text("sent_at,sender,text\n" + "".join(held), "utf-8")
    return folder


# The command, which the user stops at a stage: a terminal tells every process of the group. Each case is a chunk of its own.
# As in `__main__`, Ctrl+C counts also where the tests run in the background, which ignores it.
STOPPED_AT = """
import os, signal, sys
from reconcile.batch import jobs
from reconcile.cli.main import main

def step(stage):
    if stage == stop:
        os.killpg(0, signal.SIGINT)

stop = sys.argv.pop(1)
signal.signal(signal.SIGINT, signal.default_int_handler)
jobs.MOST_BYTES = 0
main(step)
"""


@pytest.mark.parametrize(("workers", "stages"), [("1", ["1/3"]), ("2", ["0/3", "1/3"])])
def test_a_batch_that_the_user_stops_ends_in_one_line_each_time_and_goes_on_later(
    tmp_path: Path, workers: str, stages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped before the first case is done, or after it, or both one after the other."""
    words = ["batch", str(cases(tmp_path / "cases", 3)), "--out", str(tmp_path / "out"), "--quiet", "--workers"]
    for stage in stages:
        run = [sys.executable, "-c", STOPPED_AT, stage, *words, workers]
        done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False, start_new_session=True)
        said = done.stderr
        assert (done.returncode, len(said.strip().splitlines()), "Traceback" in said) == (2, 1, False), said
    assert len(list((tmp_path / "out" / "alignment").glob("*.parquet"))) >= 1
    monkeypatch.setattr("reconcile.batch.jobs.MOST_BYTES", 0)
    again = command(*words, "1")
    assert (again.returncode, again.stderr) == (1, "")


def test_a_batch_stopped_while_it_makes_its_workers_ends_in_one_line(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys, multiprocessing.resource_tracker as tracker\n"
        "real = tracker.register\n"
        "def register(*what):\n"
        "    real(*what)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "tracker.register = register\n"
        f"sys.argv = ['reconcile', 'batch', {str(cases(tmp_path / 'cases', 3))!r}, '--out', {str(tmp_path / 'out')!r}, '--quiet', '--workers', '2']\n"
        "import reconcile.__main__\n"
        "if __name__ == '__main__':\n"
        "    reconcile.__main__.run()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1), done.stderr


def test_the_command_loads_next_to_nothing_before_it_takes_note_of_ctrl_c() -> None:
    code = "import sys; known = {*sys.modules}; import reconcile.__main__; print(*sorted({*sys.modules} - known))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {m.partition(".")[0] for m in done.stdout.split()} <= {
        "reconcile",
        "_signal",
        "atexit",
        "gc",
        "importlib",
        "warnings",
    }


def test_a_command_stopped_while_it_loads_ends_in_one_line(tmp_path: Path) -> None:
    code = "import sys, signal, os; sys.argv = ['reconcile', 'readers']; import reconcile.__main__ as m; sys.meta_path.insert(0, type('F', (), {'find_spec': staticmethod(lambda n, *_: os.kill(os.getpid(), signal.SIGINT) if n == 'click' else None)})); m.run()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n"), "Traceback" in done.stderr) == (2, 1, False), done.stderr


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


UNPACKS = """
import os, signal, sys
from pathlib import Path
from reconcile.intake.source import Source
source = Source(Path(sys.argv[1]))
print(source.root, flush=True)
sys.stdin.read()
"""


def test_what_a_killed_run_unpacked_goes_with_the_next_run_and_what_a_living_one_holds_stays(
    tmp_path: Path, temporary: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "chats.zip", "w") as archive:
        archive.write(LOAN / "a.csv", "chat/a.csv")
    words = [sys.executable, "-c", UNPACKS, str(tmp_path / "chats.zip")]
    with ExitStack() as until:
        killed, living = (until.enter_context(started(words, stdin=subprocess.PIPE)) for _ in range(2))
        places = [Path(run.stdout.readline().strip()) for run in (killed, living) if run.stdout]
        assert [p.joinpath("chat/a.csv").is_file() for p in places] == [True, True]
        killed.kill()
        killed.wait()
        assert places[0].is_dir()
        subprocess.run([*RECONCILE, "readers"], cwd=ROOT, check=True, capture_output=True)
        assert [p.is_dir() for p in places] == [False, True]
        living.communicate()
    assert list(temporary.iterdir()) == []


def test_the_sweep_follows_no_link_and_takes_nothing_that_is_not_of_the_program(
    temporary: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "held").touch()
    (temporary / "reconcile-link").symlink_to(tmp_path / "mine")
    (temporary / "reconcile-notes").mkdir()
    (temporary / "reconcile-odd").mkdir()
    (temporary / "reconcile-odd" / "held").symlink_to(tmp_path / "mine" / "held")
    temp_folders.sweep()
    assert sorted(p.name for p in temporary.iterdir()) == ["reconcile-link", "reconcile-notes", "reconcile-odd"]
    assert (tmp_path / "mine" / "held").is_file()


def test_a_passing_folder_goes_with_its_block(temporary: Path) -> None:
    with temp_folders.folder() as folder:
        (folder / "a").write_text("x")
        temp_folders.sweep()
        assert (folder / "a").is_file()
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ["compare", "a.csv", "b.csv", "--no-error-rates", "--out", "out"],
        ["batch", "cases", "--workers", "1", "--out", "out"],
        ["seal", "a.csv", "--out", "out"],
        ["convert", "a.csv", "--out", "out.csv"],
        ["guide", "--out", "out.html"],
        ["init", "out"],
    ],
)
def test_what_a_command_writes_is_for_its_user_alone(
    tmp_path: Path, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in LOAN.glob("[ab].*"):
        shutil.copy2(file, tmp_path)
    cases(tmp_path / "cases", 1)
    monkeypatch.chdir(tmp_path)
    usual = os.umask(0o022)
    try:
        done = command(*words)
    finally:
        os.umask(usual)
    assert done.returncode in (0, 1), done.stderr
    made = [p for top in tmp_path.glob("out*") for p in (top, *top.rglob("*"))]
    assert made
    assert [p for p in made if stat.S_IMODE(p.stat().st_mode) & 0o077] == []
