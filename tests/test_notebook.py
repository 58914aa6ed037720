"""The notebook of the documentation runs and shows what it says."""

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_cell_of_the_notebook_runs(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {}
    for source in _code(lang):
        exec(compile(source, "python.ipynb", "exec"), names)
    assert names["findings"].summary()["grade"].to_list() == ["conflicting"]


def test_both_notebooks_run_the_same_code() -> None:
    assert _code("en") == _code("zh")


def _code(lang: str) -> list[str]:
    cells = json.loads((ROOT / "docs" / lang / "python.ipynb").read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
