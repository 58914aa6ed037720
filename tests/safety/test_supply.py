"""What is installed beside the program is listed, with its licence, exactly as it is locked."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCKED = set(re.findall(r"^([a-z0-9_.-]+)==([^\s;\\]+)", (ROOT / "requirements.lock").read_text("utf-8"), re.M))


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
