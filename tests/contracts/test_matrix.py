"""Any form on either side: one conversation, written by every exporter for both parties, shows no finding that is not there.

Each form meets four others, two on either side (all of them with RECONCILE_WHOLE_MATRIX=1).
"""

import os
from pathlib import Path

import polars as pl
import pytest

from reconcile.case import read
from reconcile.comparison import compare_readings
from reconcile.intake.contract import Reading

EXPORTS = Path(__file__).parent.parent.parent / "fixtures" / "exports"
SIDES = {s: sorted(EXPORTS.glob(f"*/rent_side_{s}")) for s in "ab"}
# How far on in the list the two forms stand whom a form of side A meets: no two forms meet twice.
STEPS = (5, 16)
_READ: dict[Path, Reading] = {}


def reading_of(folder: Path) -> Reading:
    if folder not in _READ:
        inside = [f for f in (folder / "input").iterdir() if not f.name.startswith(".")]
        _READ[folder] = read(inside[0] if len(inside) == 1 else folder / "input")
    return _READ[folder]


def opponents(index: int) -> list[Path]:
    others = SIDES["b"]
    if os.environ.get("RECONCILE_WHOLE_MATRIX"):
        return others
    return [others[(index + step) % len(others)] for step in STEPS]


@pytest.mark.parametrize("index", range(len(SIDES["a"])), ids=[p.parent.name for p in SIDES["a"]])
def test_one_conversation_in_two_forms_shows_no_false_finding(index: int) -> None:
    left = reading_of(SIDES["a"][index])
    for folder in opponents(index):
        found = compare_readings(left, reading_of(folder)).alignment
        wrong = found.filter(pl.col("relation").cast(pl.String).is_in(["one_sided", "conflict"]))
        assert wrong.is_empty(), (
            folder.parent.name,
            wrong.select("relation", "cause", "detail", "left_locator", "right_locator").rows(),
        )
