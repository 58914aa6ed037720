"""What a report prints of its settings and of the export's tool is true: each setting is used, each version is the file's own word."""

import re
import shutil
from pathlib import Path

from pydantic import BaseModel

from reconcile.settings import Limits, Settings
from tests.command import run

ROOT = Path(__file__).parents[2]
LOAN = ROOT / "fixtures" / "disputes" / "loan"
SOURCE = "\n".join(f.read_text("utf-8") for f in (ROOT / "reconcile").rglob("*.py") if f.name != "settings.py")


def unused(model: type[BaseModel], source: str = SOURCE) -> list[str]:
    """Settings of a model that no code reads, neither as an attribute nor by their name as a value."""
    return [n for n in model.model_fields if not re.search(rf"\.{n}\b|[\"']{n}[\"']", source)]


def test_every_printed_setting_is_used() -> None:
    assert [*unused(Settings), *unused(Limits)] == []


def test_a_setting_that_only_a_text_names_counts_as_unused() -> None:
    assert unused(Settings, 'def f():\n    """Median over `seed` rows."""\n') == list(Settings.model_fields)


def test_the_version_of_a_tool_is_labelled_as_the_files_own_word(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv", "b.json"):
        shutil.copy(LOAN / name, tmp_path / name)
    sidecar = (LOAN / "a.json").read_text("utf-8")
    stated = re.sub(r'"tool_version": "[^"]*",?\s*|"tool": "[^"]*",?\s*', "", sidecar)
    (tmp_path / "a.json").write_text(stated.replace("{", '{"tool": "WeFlow", "tool_version": "9.9.9",', 1), "utf-8")
    run(
        "compare", tmp_path / "a.csv", tmp_path / "b.csv", "--out", tmp_path / "out", "--no-error-rates", "--lang", "en"
    )
    page = re.sub(r"<[^>]+>", "", (tmp_path / "out" / "report.html").read_text("utf-8"))
    said = [page[m.start() - 60 : m.start()] for m in re.finditer(r"9\.9\.9", page)]
    assert [s for s in said if "as the file states it" not in s and "文件所写版本" not in s] == []
    assert "version as the file states it: 9.9.9" in run("inspect", tmp_path / "a.csv", "--lang", "en").stdout
