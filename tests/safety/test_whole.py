"""Commands that write single files put them in place whole or not at all."""

import errno
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from reconcile.cli.main import program
from reconcile.custody import leftovers
from reconcile.custody.atomic_files import write_files
from reconcile.errors import ReconcileError, UnreadableSource

ROOT = Path(__file__).parents[2]
EXPORT = ROOT / "fixtures" / "disputes" / "loan" / "a.csv"


def files_under(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def run(words: Sequence[object]) -> Result:
    return CliRunner().invoke(program, [str(w) for w in words], standalone_mode=False)


def test_files_stand_together_or_none_of_them(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"before")

    def breaks(draft: Path) -> None:
        draft.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(ReconcileError, match="b: cannot be written"):
        write_files({tmp_path / "a": b"after", tmp_path / "b": breaks})
    assert files_under(tmp_path) == {"a": b"before"}
    write_files({tmp_path / "a": b"after", tmp_path / "b": lambda p: p.write_bytes(b"whole")})
    assert files_under(tmp_path) == {"a": b"after", "b": b"whole"}


def test_the_draft_of_a_killed_run_goes_with_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import sys; from pathlib import Path; from reconcile.custody import leftovers; leftovers.beside(Path(sys.argv[1]), 'partial').write_bytes(b'half')"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "a")], check=True)
    with monkeypatch.context() as running:
        running.setattr(os, "getpid", os.getppid)
        alive = leftovers.beside(tmp_path / "a", leftovers.PARTIAL)
    alive.write_bytes(b"of a program that runs")
    assert len(list(tmp_path.iterdir())) == 2
    write_files({tmp_path / "a": b"whole"})
    assert sorted(f.name for f in tmp_path.iterdir()) == [alive.name, "a"]


@pytest.mark.parametrize(
    ("words", "most"),
    [
        (("guide", "--out", "guide.html"), 3000),
        (("guide", "--out", "guide.docx"), 9000),
        (("init", "new"), 1000),
        (("checklist", "case"), 9000),
        (("convert", EXPORT, "--out", "table.csv"), 3000),
        (("seal", EXPORT, "--out", "seal"), 900),
    ],
)
def test_a_disk_that_fills_leaves_what_was_there(
    words: tuple[object, ...], most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A module compiled meanwhile would be kept cut off.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    resource = pytest.importorskip("resource", reason="limits of a process are known on Unix only")
    place = [tmp_path / str(w) if w in ("new", "case", "seal") or "." in str(w) else w for w in words]
    run(["init", tmp_path / "case"])
    before, free = files_under(tmp_path), resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, free[1]))  # every write past that fails, as on a full disk
        done = run([words[0], *place[1:]])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, free)
    assert isinstance(done.exception, ReconcileError)
    assert "cannot be written" in str(done.exception)
    assert (str(done.exception).count("\n"), files_under(tmp_path)) == (0, before)
    assert [f.name for f in tmp_path.iterdir()] == ["case"]


def test_a_new_case_stands_where_a_file_of_its_name_does_not(tmp_path: Path) -> None:
    (tmp_path / "case").write_text("a letter")
    done = run(["init", tmp_path / "case"])
    assert "folder of its own" in str(done.exception)
    assert files_under(tmp_path) == {"case": b"a letter"}


def test_a_table_that_cannot_be_computed_is_no_matter_of_the_disk(tmp_path: Path) -> None:
    def breaks(_: Path) -> None:
        raise pl.exceptions.ComputeError("columns differ")

    with pytest.raises(pl.exceptions.ComputeError):
        write_files({tmp_path / "a": breaks})
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_by_the_path_that_the_user_named(tmp_path: Path) -> None:
    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    hidden = leftovers.beside(tmp_path / "seal", leftovers.PARTIAL)
    with pytest.raises(UnreadableSource) as stop:
        write_files({hidden / "log.jsonl": full})
    assert str(stop.value).startswith(f"{tmp_path / 'seal' / 'log.jsonl'}: cannot be written")
