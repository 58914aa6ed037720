"""Compiled templates are kept beside Python's own compiled modules, and never relied on."""

import sys
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from reconcile.report.html import KeptTemplates


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    kept = Path(KeptTemplates().directory)
    kept.mkdir(parents=True)
    return kept


def _rendered(words: str) -> str:
    pages = Environment(loader=DictLoader({"page": words}), bytecode_cache=KeptTemplates(), autoescape=True)
    return pages.get_template("page").render()


def test_a_kept_template_is_used_again_until_its_words_change(folder: Path) -> None:
    assert _rendered("old") == "old"
    (kept,) = folder.iterdir()
    first = kept.read_bytes()
    assert _rendered("old") == "old"
    assert kept.read_bytes() == first
    assert _rendered("new") == "new"


@pytest.mark.parametrize("left", [0, 30, 60])
def test_a_damaged_kept_template_is_compiled_anew(folder: Path, left: int) -> None:
    _rendered("words")
    (kept,) = folder.iterdir()
    kept.write_bytes(kept.read_bytes()[:left])
    assert _rendered("words") == "words"


def test_no_template_is_kept_where_python_keeps_no_modules(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert _rendered("words") == "words"
    assert not list(folder.iterdir())
