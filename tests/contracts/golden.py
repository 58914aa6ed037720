"""What a fixture's expected.json holds: a Reading in plain JSON, only what is stated. `make golden` rewrites it."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from reconcile.formats.registry import all_readers
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source

REWRITES = bool(os.environ.get("RECONCILE_GOLDEN"))
EXPORTS = Path(__file__).parents[2] / "fixtures" / "exports"


def cases() -> list[Path]:
    """Every fixture case: fixtures/exports/<reader>/<case>, holding input/ and expected.json."""
    return sorted(p for p in EXPORTS.glob("*/*") if p.is_dir())


def case_source(case: Path) -> Path:
    """What a user would name: the one file of input/, else the folder itself."""
    inside = sorted((case / "input").iterdir())
    return inside[0] if len(inside) == 1 else case / "input"


def options_of(case: Path) -> ReadOptions:
    """What a user would have to tell: the key in key.txt beside input/, if there is one."""
    key = case / "key.txt"
    return ReadOptions(key=key.read_text("utf-8").strip() if key.is_file() else None)


def read(case: Path) -> Reading:
    """The fixture, read by whatever reader claims it."""
    source = Source(case_source(case))
    return identify(all_readers(), source).read(source, options_of(case))


@cache
def known(case: Path) -> Reading:
    """The fixture as it was read first, for all that needs no second reading."""
    return read(case)


def plain(reading: Reading) -> dict[str, Any]:
    """A Reading as JSON values: facts, rows without nulls, notes as code, place, words, count."""
    facts = reading.facts
    return {
        "reader": facts.reader,
        "owner": {k: v for k in ("id", "alias", "name", "phone") if (v := getattr(facts.owner, k))},
        "tool": facts.tool,
        "tool_version": facts.tool_version,
        "exported_at": facts.exported_at.isoformat() if facts.exported_at else None,
        "timezone": facts.timezone,
        "stated_count": facts.stated_count,
        "conversations": [_row(r) for r in reading.conversations.iter_rows(named=True)],
        "contacts": [_row(r) for r in reading.contacts.iter_rows(named=True)],
        "members": [_row(r) for r in reading.members.iter_rows(named=True)],
        "messages": [_message(r) for r in reading.messages.iter_rows(named=True)],
        "witnesses": [_row(r) for r in reading.witnesses.iter_rows(named=True)],
        "counters": [_row(r) for r in reading.counters.iter_rows(named=True)],
        **_posts(reading),
        "notes": [[str(n.code), n.locator, n.excerpt, n.count] for n in reading.notes],
    }


def _posts(reading: Reading) -> dict[str, Any]:
    """The tables of Moments, where the export holds any."""
    if reading.posts is None:
        return {}
    names = ("posts", "media", "interactions", "witnesses")
    return {f"post_{n}": [_message(r) for r in getattr(reading.posts, n).iter_rows(named=True)] for n in names}


def hold(case: Path, reading: Reading) -> None:
    """Asserts that the reading is what expected.json says, all and only; rewrites it when asked to."""
    found = json.loads(json.dumps(plain(reading), ensure_ascii=False))
    file = case / "expected.json"
    if REWRITES:
        file.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    assert file.is_file(), f"{case} has no expected.json"
    assert found == json.loads(file.read_text("utf-8"))


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in row.items() if v is not None}


def _message(row: dict[str, Any]) -> dict[str, Any]:
    plain_row = _row(row)
    if "raw" in plain_row:
        plain_row["raw"] = json.loads(plain_row["raw"])
    return plain_row
