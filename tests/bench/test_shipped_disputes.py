"""The shipped disputes are what their stories tell."""

from pathlib import Path

import pytest

from bench.sim.ship import DISPUTES, SHIPPED, STORIES, ship
from bench.sim.story import load_story
from reconcile.formats.neutral.message_table import MessageTable
from reconcile.intake.contract import ReadOptions
from reconcile.intake.source import Source


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_dispute_is_what_its_story_writes(name: str, tmp_path: Path) -> None:
    ship(name, tmp_path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {
        p.name: p.read_bytes() for p in (DISPUTES / name).iterdir()
    }


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("stem", ["a", "b"])
def test_shipped_table_reads_without_a_note(name: str, stem: str) -> None:
    reading = MessageTable().read(Source(DISPUTES / name / f"{stem}.csv"), ReadOptions())
    assert reading.notes == ()


@pytest.mark.parametrize("name", sorted(p.stem for p in STORIES.glob("*.toml")))
def test_story_expects_what_its_ledger_says(name: str) -> None:
    story = load_story(STORIES / f"{name}.toml")
    grades = story.expect.pop("grades")
    relations = {line.truth: str(line.relation) for line in story.ledger.lines if line.causes != {"repeat"}}
    assert [sorted(v.grades) for v in story.ledger.verdicts] == [[g] for g in grades]
    assert {label: relations[story.labels[label]] for label in story.expect} == story.expect
