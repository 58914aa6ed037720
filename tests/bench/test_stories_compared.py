"""The comparison says of every story what the story expects."""

from pathlib import Path

import pytest

from bench.quality import describe, readings_of
from bench.score import score
from bench.sim.ship import STORIES
from bench.sim.story import load_story
from reconcile.engine.compare import compare_readings
from reconcile.vocabulary import Side
from tests.thorough import some


@pytest.mark.parametrize("name", some(sorted(p.stem for p in STORIES.glob("*.toml"))))
def test_story_is_judged_as_it_is_told(name: str, tmp_path: Path) -> None:
    story = load_story(STORIES / f"{name}.toml")
    readings = readings_of(story.dispute, tmp_path)
    found = compare_readings(readings[Side.LEFT], readings[Side.RIGHT], case=name)
    wrong = score(found.alignment, found.verdicts, story.ledger)[1]
    assert describe(story.dispute, story.ledger, wrong) == []
