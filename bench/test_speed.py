"""Stages of the comparison under pytest-benchmark: `pytest bench/test_speed.py`; not part of the test suite."""

from pathlib import Path
from typing import Any

import pytest

from bench.speed import write_sides
from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.engine.entities.conversations import pair_conversations

pytestmark = pytest.mark.bench
ROWS = 10_000


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return write_sides(tmp_path_factory.mktemp("sides"), ROWS, 1, ids=False)


def test_reading(benchmark: Any, sides: tuple[Path, Path]) -> None:
    assert benchmark(read, sides[0]).messages.height > 0


def test_pairing_conversations(benchmark: Any, sides: tuple[Path, Path]) -> None:
    left, right = (read(p) for p in sides)
    assert benchmark(pair_conversations, left, right)[2].height == 1


def test_whole_comparison(benchmark: Any, sides: tuple[Path, Path]) -> None:
    left, right = (read(p) for p in sides)
    assert benchmark(compare_readings, left, right).verdicts.height == 1
