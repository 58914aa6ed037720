"""The simulator of lives keeps its promises: seeds repeat, every row has one right answer, both tables can be read."""

import os
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from bench.score import CLEAN
from bench.sim.ledger import Ledger, Line
from bench.sim_life import ACTS, CIRCUMSTANCES, draw, write
from bench.sim_life.__main__ import dump, render
from bench.sim_life.draw import Sides
from bench.sim_life.measure import Result, Tally, tally
from reconcile.formats.neutral.message_table import MessageTable
from reconcile.frames import Alignment
from reconcile.intake.contract import ReadOptions
from reconcile.intake.source import Source
from reconcile.vocabulary import Grade, Relation, Side
from tests.thorough import examples, some

SEEDS = range(20)
# With SEEDS they hold every act and circumstance. Where the simulator draws otherwise, the search goes on behind them.
TELLING = (20, 35, 64, 96, 108, 117, 134, 145, 156, 239, 418, 444, 565)


@cache
def dispute(seed: int) -> tuple[Sides, Ledger]:
    """The dispute of a seed, for tests that change nothing of it."""
    return draw(seed)


def is_due(line: Line) -> bool:
    return line.relation is Relation.ONE_SIDED and not line.also


def test_same_seed_draws_the_same_dispute() -> None:
    assert [draw(seed) for seed in range(8)] == [dispute(seed) for seed in range(8)]


def test_the_order_of_sets_changes_no_dispute() -> None:
    code = "from bench.sim_life import draw; print([draw(seed)[0] for seed in range(500, 550)])"
    told = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": salt}, capture_output=True, check=True
        ).stdout
        for salt in "12"
    }
    assert len(told) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_every_row_of_both_tables_stands_in_the_ledger_once(seed: int) -> None:
    sides, ledger = dispute(seed)
    for side in Side:
        listed = Counter(getattr(line, f"{side}_row") for line in ledger.lines)
        listed.pop(None, None)
        assert listed == Counter(range(len(sides.tables[side])))


@pytest.mark.parametrize("seed", some(SEEDS))
def test_both_tables_are_read_back_whole(seed: int, tmp_path: Path) -> None:
    sides, _ = dispute(seed)
    write(sides, tmp_path)
    for side, name in ((Side.LEFT, "a"), (Side.RIGHT, "b")):
        reading = MessageTable().read(Source(tmp_path / f"{name}.csv"), ReadOptions())
        assert reading.messages.height == len(sides.tables[side])


@pytest.mark.parametrize("seed", SEEDS)
def test_rows_without_a_difference_allow_no_accusation(seed: int) -> None:
    sides, ledger = dispute(seed)
    accusing = {Relation.CONFLICT, Relation.ONE_SIDED}
    assert not any({line.relation, *line.also} & accusing for line in ledger.lines if line.truth not in sides.marks)


def test_half_of_the_disputes_hold_no_act() -> None:
    drawn = [dispute(seed)[0] for seed in range(examples(100, 200))]
    assert 0.4 < sum(not sides.acts for sides in drawn) / len(drawn) < 0.6


def test_every_act_and_circumstance_finds_an_occasion() -> None:
    wanted = {*ACTS, *CIRCUMSTANCES}
    for seed in (*SEEDS, *TELLING, *range(700)):
        sides, _ = dispute(seed)
        wanted -= {*sides.acts, *sides.circumstances}
        if not wanted:
            return
    assert wanted == set()


def test_an_act_that_can_be_seen_allows_no_clean_grade() -> None:
    seen = 0
    for seed in range(100):
        sides, ledger = dispute(seed)
        if any(line.relation in {Relation.CONFLICT, Relation.ONE_SIDED} and sides.marks.get(line.truth) in ACTS for line in ledger.lines):  # fmt: skip
            seen += 1
            assert not ledger.verdicts[0].grades & CLEAN
    assert seen > 30


def test_a_dispute_without_act_or_gap_allows_no_accusing_grade() -> None:
    for seed in range(100):
        sides, ledger = dispute(seed)
        if not sides.acts and not any(Relation.ONE_SIDED in {line.relation, *line.also} for line in ledger.lines):
            assert not ledger.verdicts[0].grades & {Grade.CONFLICTING, Grade.ONE_SIDED}


def test_dump_writes_a_truth_for_every_line(tmp_path: Path) -> None:
    dump(tmp_path / "0", 0)
    _, ledger = draw(0)
    lines = (tmp_path / "0" / "truth.csv").read_text("utf-8").splitlines()
    assert len(lines) == len(ledger.lines) + 1
    assert lines[0] == "left_row,right_row,relation,also,group,by"


def test_nothing_claimed_finds_nothing_that_is_due() -> None:
    _, ledger = next(found for found in map(draw, SEEDS) if any(is_due(line) for line in found[1].lines))
    counted = tally(Alignment.create_empty(), ledger, Relation.ONE_SIDED)
    assert counted.claimed == counted.found == 0
    assert counted.due > 0


def test_an_accused_innocent_is_counted() -> None:
    result = Result(0, (), (), frozenset({Grade.NO_GAP_FOUND}), innocent=True, grade="one_sided", missing=Tally(1, 0))
    assert "| innocents accused | 1 of 1 (100.0 %) |" in render([result])
