"""Small comparisons run on one thread, unless the user or a loaded library has chosen."""

import gc
import os
import sys
from pathlib import Path

import pytest

from reconcile import digests
from reconcile.cli import start

THREADS = "POLARS_MAX_THREADS"


@pytest.fixture(autouse=True)
def new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Environment and modules of a process that has loaded nothing yet."""
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.setattr(gc, "set_threshold", lambda *_: None)
    monkeypatch.setattr(digests, "begin", lambda _: 0)
    monkeypatch.setattr(sys, "modules", {n: m for n, m in sys.modules.items() if n != "polars"})


@pytest.mark.parametrize("name", ["chat.csv", "folder/chat.csv", "none", "a\x00b"])
def test_few_bytes_in_files_and_folders_are_compared_on_one_thread(name: str, tmp_path: Path) -> None:
    if name.endswith(".csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"sent_at,text\n" * 2_000)
    start.make_ready((tmp_path / name.partition("/")[0],))
    assert os.environ[THREADS] == "1"


@pytest.mark.parametrize("files", [["a.csv"], ["folder/a.csv", "folder/b.csv"]])
def test_many_bytes_are_compared_on_all_threads(files: list[str], tmp_path: Path) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"sent_at,text\n" * (200_000 // len(files)))
    start.make_ready((tmp_path / files[0].partition("/")[0],))
    assert THREADS not in os.environ


def test_the_choice_of_the_user_is_kept() -> None:
    os.environ[THREADS] = "2"
    start.make_ready(())
    assert os.environ[THREADS] == "2"


def test_a_process_that_has_loaded_the_library_hands_down_no_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", sys)
    start.make_ready(())
    assert THREADS not in os.environ
