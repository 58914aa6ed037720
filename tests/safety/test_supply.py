"""What is installed beside the program is listed, with its licence, exactly as it is locked."""

import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LOCKED = set(re.findall(r"^([a-z0-9_.-]+)==([^\s;\\]+)", (ROOT / "requirements.lock").read_text("utf-8"), re.M))


# What the top level of the project may hold.
TOP = {
    ".ci", ".gitattributes", ".gitignore", "CHANGELOG.md", "Makefile", "README.md", "bench", "docs", "fixtures", "pyproject.toml",
    "reconcile", "requirements.lock", "tests",
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


def test_every_locked_package_has_a_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert all("--hash=sha256:" in part for part in re.split(r"^(?=[a-z0-9_.-]+==)", lock, flags=re.M)[1:])


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


def test_without_a_network_the_audit_skips_with_a_word() -> None:
    pytest.importorskip("pip_audit", reason="the audit is a tool of those who develop")
    start = time.monotonic()
    nobody = {**os.environ, "HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "NO_PROXY": ""}
    done = subprocess.run([sys.executable, ROOT / ".ci" / "audit.py"], capture_output=True, text=True, check=False, env=nobody)  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "pip-audit: skipped: offline, no vulnerability service answers\n")
    assert time.monotonic() - start < 15 + 10  # its own limit, and ten seconds for a busy machine


def test_two_builds_of_the_wheel_have_the_same_bytes(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="wheels are built by those who develop")
    done = subprocess.run([sys.executable, ROOT / ".ci" / "wheel.py", tmp_path], capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.fullmatch(r"[0-9a-f]{64}  reconcile-\S+\.whl\n", done.stdout)
