"""The recipe of the one-folder bundle names what is there: a build takes minutes, a wrong name shows only at its end."""

import re
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SPEC = ROOT / ".ci" / "bundle" / "reconcile.spec"


@pytest.fixture
def recipe(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the recipe asks the builder for."""
    asked: dict[str, Any] = {"whole": [], "metadata": []}
    hooks = ModuleType("hooks")

    def collect_all(name: str) -> tuple[list[Any], list[Any], list[Any]]:
        asked["whole"].append(name)
        return [], [], []

    def analysis(scripts: list[str], **more: Any) -> Any:
        asked.update(more, scripts=scripts)
        return SimpleNamespace(pure=[], scripts=[], binaries=[], datas=[])

    def copy_metadata(name: str, **_: Any) -> list[Any]:
        asked["metadata"].append(name)
        return []

    hooks.collect_all = collect_all  # type: ignore[attr-defined]
    hooks.copy_metadata = copy_metadata  # type: ignore[attr-defined]
    hooks.collect_data_files = lambda _: []  # type: ignore[attr-defined]
    hooks.collect_submodules = lambda name: [f"{name}.*"]  # type: ignore[attr-defined]
    for name in ("PyInstaller", "PyInstaller.utils", "PyInstaller.utils.hooks"):
        monkeypatch.setitem(sys.modules, name, hooks)
    nothing = dict.fromkeys(("EXE", "PYZ", "COLLECT"), lambda *_, **__: None)
    exec(
        compile(SPEC.read_text("utf-8"), SPEC, "exec"), {"SPECPATH": str(SPEC.parent), "Analysis": analysis, **nothing}
    )
    return asked


def test_every_file_and_package_that_the_recipe_names_is_there(recipe: dict[str, Any]) -> None:
    assert [path for path in (*recipe["scripts"], *recipe["pathex"]) if not Path(path).exists()] == []
    assert [path for path, _ in recipe["datas"] if not Path(path).is_dir()] == []
    assert [name for name in recipe["whole"] if find_spec(name) is None] == []


def test_the_bundle_holds_every_module_of_the_program_and_the_shipped_disputes(recipe: dict[str, Any]) -> None:
    assert {"reconcile.*", "uvicorn.*"} <= set(recipe["hiddenimports"])
    assert "reconcile/shipped" in [folder for _, folder in recipe["datas"]]
    assert (ROOT / "fixtures" / "disputes" / "loan" / "a.csv").is_file()


def test_nothing_that_the_program_needs_is_left_out(recipe: dict[str, Any]) -> None:
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    needed = {re.split(r"[>=<\[ ]", line)[0].replace("-", "_").lower() for line in stated}
    assert needed & {name.lower() for name in recipe["excludes"]} == set()


def test_without_words_the_bundle_opens_the_application() -> None:
    start = (ROOT / ".ci" / "bundle" / "start.py").read_text("utf-8")
    assert 'if len(sys.argv) == 1:\n        sys.argv.append("app")' in start
    assert "multiprocessing.freeze_support()" in start
