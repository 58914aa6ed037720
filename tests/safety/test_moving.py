"""Material, folders and clocks that change under a run; and what others see of a run among the processes."""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from reconcile import case
from reconcile.cli.main import program
from reconcile.errors import ReconcileError, SourceChanged
from reconcile.intake.source import Source
from tests.build.bills import many, write
from tests.review.client import PATIENCE

ROOT = Path(__file__).parents[2]
LOAN = ROOT / "fixtures" / "disputes" / "loan"
SECRET = "5ecre7c0ffee5ecre7c0ffee5ecre7c0ffee5ecre7c0ffee5ecre7c0ffee5ecr"
LATER = timedelta(days=4000)


def run(*words: object) -> Result:
    return CliRunner().invoke(program, [str(w) for w in words], standalone_mode=False)


def one_line(done: Result) -> str:
    """What the program would print; anything else than an error of its own, or of the system, is a defect."""
    assert isinstance(done.exception, ReconcileError | OSError), done.exception
    assert "\n" not in str(done.exception)
    return str(done.exception)


def copies(folder: Path) -> tuple[Path, Path]:
    for name in ("a.csv", "b.csv"):
        (folder / name).write_bytes((LOAN / name).read_bytes())
    return folder / "a.csv", folder / "b.csv"


def change(file: Path) -> None:
    """Another byte of the same length, and the time of change put back, as if nobody had been there."""
    stamp, content = file.stat(), bytearray(file.read_bytes())
    content[-3] ^= 1
    file.write_bytes(content)
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))


def touched(file: Path) -> None:
    with file.open("ab") as stream:
        stream.write(b"\n")


class Meddler:
    """Does something to a file once it was read: after the first digest, or before it."""

    def __init__(self, patch: pytest.MonkeyPatch, file: Path, what: Callable[[Path], None], *, after: bool) -> None:
        read, digest, chosen = threading.Event(), threading.Event(), case.choose_reader
        first = digest if after else read

        def digested(source: Source) -> Any:
            if not after and source.path == file:
                assert read.wait(PATIENCE)
            found = kept(source)
            if source.path == file:
                digest.set()
            return found

        def reader_of(source: Source, *rest: Any) -> Any:
            reader = chosen(source, *rest)
            if source.path != file:
                return reader

            class Watched:
                name = reader.name

                def __getattr__(self, name: str) -> Any:
                    return getattr(reader, name)

                def read(self, *words: Any) -> Any:
                    found = reader.read(*words)
                    if first is digest:
                        assert digest.wait(PATIENCE)
                    what(file)
                    read.set()
                    return found

            return Watched()

        kept = Source.digest
        patch.setattr(Source, "digest", digested)
        patch.setattr(case, "choose_reader", reader_of)


@pytest.mark.parametrize(("what", "after"), [(change, True), (touched, False), (Path.unlink, True)])
def test_material_that_changes_while_it_is_read_is_refused(
    what: Callable[[Path], None], after: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, right = copies(tmp_path)
    Meddler(monkeypatch, left, what, after=after)
    done = run("compare", left, right, "--out", tmp_path / "out", "--no-error-rates")
    assert "changed while it was read" in one_line(done)
    assert isinstance(done.exception, SourceChanged)
    assert not (tmp_path / "out").exists()


def test_material_that_vanishes_before_it_is_read_ends_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, right = copies(tmp_path)
    chosen = case.choose_reader

    def gone(source: Source, *rest: Any) -> Any:
        reader = chosen(source, *rest)
        left.unlink(missing_ok=True)
        return reader

    monkeypatch.setattr(case, "choose_reader", gone)
    assert "a.csv" in one_line(run("compare", left, right, "--out", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_where_nothing_can_be_written_one_line_says_so(tmp_path: Path, small: list[str]) -> None:
    (tmp_path / "letter").write_text("a letter")
    run("init", tmp_path / "case")
    places = [tmp_path / "letter" / "out", *([Path("/proc/out")] if Path("/proc/self").exists() else [])]
    for out in places:
        for words in (
            ("compare", *small, "--no-error-rates", "--out", out),
            ("convert", small[0], "--out", out.with_name("t.csv")),
            ("check", small[1], "--against", small[0], "--out", out),
            ("seal", LOAN, "--out", out),
            ("guide", "--out", out.with_name("g.html")),
            ("init", out),
            ("checklist", tmp_path / "case", "--out", out),
        ):
            one_line(run(*words))
    assert (tmp_path / "letter").read_text() == "a letter"
    one_line(run("compare", *small, "--out", tmp_path / "letter", "--no-error-rates"))
    one_line(run("seal", LOAN, "--out", tmp_path / "letter"))
    one_line(run("checklist", tmp_path / "case", "--out", tmp_path / "letter"))
    assert (tmp_path / "letter").read_text() == "a letter"
    assert sorted(f.name for f in tmp_path.iterdir()) == ["case", "letter"]


class _Clock(type):
    """Stands for the class `datetime`, but for what it says of now."""

    def __instancecheck__(cls, thing: object) -> bool:
        return isinstance(thing, datetime)

    def __getattr__(cls, name: str) -> Any:
        return getattr(datetime, name)

    def __call__(cls, *words: Any, **named: Any) -> Any:
        return datetime(*words, **named)  # noqa: DTZ001 - as the caller asks


class Later(metaclass=_Clock):
    """The class `datetime` of a machine whose clock is wrong."""

    @staticmethod
    def now(tz: Any = None) -> datetime:
        """The time of day, eleven years on."""
        return datetime.now(tz) + LATER


def test_the_clock_of_the_machine_changes_no_byte_of_the_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, right = copies(tmp_path)
    forms = [w for f in ("html", "docx", "xlsx", "csv", "json", "case") for w in ("--report", f)]
    words = ("compare", left, right, "--out", tmp_path / "out", "--overwrite", "--no-error-rates", *forms)
    assert run(*words).return_value == 1
    before = {f.name: f.read_bytes() for f in (tmp_path / "out").iterdir()}
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in ("reconcile", "xlsxwriter", "docx") and getattr(module, "datetime", None) is datetime:
            monkeypatch.setattr(module, "datetime", Later)
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + LATER.total_seconds())
    for file in (left, right):
        os.utime(file, (1_000_000_000, 1_000_000_000))
    assert run(*words).return_value == 1
    after = {f.name: f.read_bytes() for f in (tmp_path / "out").iterdir()}
    assert len(before) > 15
    assert [n for n in before if before[n] != after.get(n)] == []
    assert set(after) == set(before)


# Every Python process notes what the list of processes shows of it, and whatever it starts.
NOTE = """
import os, sys
def note(line):
    with open(os.environ["NOTED"], "ab") as log:
        log.write(line + b"\\n")
note(open("/proc/self/cmdline", "rb").read())
def watch(event, args):
    if event in ("subprocess.Popen", "os.posix_spawn", "os.exec", "os.system"):
        note(repr(args[:2]).encode("utf-8", "replace"))
sys.addaudithook(watch)
"""


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="the list of processes lies in /proc on Linux")
def test_neither_key_nor_password_stands_in_the_process_list(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(SECRET)
    left, right = copies(tmp_path)
    (tmp_path / "cases" / "loan").mkdir(parents=True)
    for file in (left, right):
        (tmp_path / "cases" / "loan" / file.name).write_bytes(file.read_bytes())
    statement = write(many(random.Random(2), 40, peers=1), tmp_path, password=SECRET)
    commands = (
        ("batch", tmp_path / "cases", "--out", tmp_path / "batch", "--key-file", tmp_path / "key"),
        ("bill", statement, "--password-file", tmp_path / "key", "--out", tmp_path / "bill"),
    )
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "sitecustomize.py").write_text(NOTE)
    for words in commands:
        noted = tmp_path / "noted"
        noted.unlink(missing_ok=True)
        paths = f"{tmp_path / 'hooks'}{os.pathsep}{ROOT}"
        done = subprocess.run([sys.executable, "-m", "reconcile", *map(str, words)], cwd=ROOT, capture_output=True, check=False, env=os.environ | {"PYTHONPATH": paths, "NOTED": str(noted)})  # fmt: skip
        assert (done.returncode in (0, 1, 3), SECRET.encode() in done.stderr) == (True, False), words
        lines = noted.read_bytes().splitlines()
        assert any(b"reconcile" in line and str(tmp_path).encode() in line for line in lines)
        assert [line for line in lines if SECRET.encode() in line] == []
    left_behind = [f for f in tmp_path.rglob("*") if f.is_file() and f.name != "key"]
    assert [f.name for f in left_behind if SECRET.encode() in f.read_bytes()] == []
