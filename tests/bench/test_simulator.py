"""The simulator keeps its promises: every fault finds an occasion, every row has one right answer, seeds repeat."""

from collections import Counter
from pathlib import Path

import pytest

from bench.quality import readings_of
from bench.sim.draw import combination, draw, draw_several
from bench.sim.faults import FAULTS
from bench.sim.ledger import Ledger
from bench.sim.model import Dispute
from bench.sim.stage import DISPUTED
from bench.sim.tables import sidecar_of, table_of
from reconcile.vocabulary import Cause, Grade, Relation, Side
from tests.thorough import WHOLE, some

# What stands in the ledger of the disputed chat when a fault has done its work.
INNOCENT = {Grade.NO_GAP_FOUND, Grade.EXPLAINED_DIFFERENCES}
ROWS_LACKING = [n for n in FAULTS if n.startswith(("delete ", "insert", "sync gap"))]
# How a fault writes a table hangs on what it changes, its slot: of each slot one, and all with RECONCILE_WHOLE_MATRIX=1 (`make bench`).
WRITTEN = list(FAULTS) if WHOLE else list({f.slot: n for n, f in FAULTS.items()}.values())

ROWS_CHANGED = [n for n in FAULTS if n.startswith(("edit", "media", "sender flipped", "time altered"))]


def grades(ledger: Ledger) -> frozenset[Grade]:
    return next(v.grades for v in ledger.verdicts if v.chat == DISPUTED)


def texts(dispute: Dispute) -> list[object]:
    return [(table_of(dispute, side).rows(), sidecar_of(dispute, side)) for side in Side]


@pytest.mark.parametrize("name", FAULTS)
def test_every_row_of_both_tables_stands_in_the_ledger_once(name: str) -> None:
    dispute, ledger = draw(1, (name,))
    for side in Side:
        listed = Counter(getattr(line, f"{side}_row") for line in ledger.lines)
        listed.pop(None, None)
        assert listed == Counter(range(table_of(dispute, side).height))


@pytest.mark.parametrize("name", WRITTEN)
def test_same_seed_draws_the_same_dispute(name: str) -> None:
    assert texts(draw(2, (name,))[0]) == texts(draw(2, (name,))[0])


@pytest.mark.parametrize("name", some(WRITTEN))
def test_both_tables_are_read_back_whole(name: str, tmp_path: Path) -> None:
    dispute, ledger = draw(3, (name,))
    readings = readings_of(dispute, tmp_path)
    assert {side: r.messages.height for side, r in readings.items()} == {s: len(t) for s, t in ledger.truths.items()}


@pytest.mark.parametrize("name", ROWS_LACKING)
def test_lacking_rows_make_the_chat_one_sided(name: str) -> None:
    assert all(Grade.ONE_SIDED in grades(draw(seed, (name,))[1]) for seed in range(3))


@pytest.mark.parametrize("name", ROWS_CHANGED)
def test_changed_rows_make_the_chat_conflicting(name: str) -> None:
    assert [grades(draw(seed, (name,))[1]) for seed in range(3)] == [{Grade.CONFLICTING}] * 3


@pytest.mark.parametrize("seed", range(5))
def test_dispute_without_fault_is_innocent(seed: int) -> None:
    assert grades(draw(seed)[1]) <= INNOCENT


@pytest.mark.parametrize("seed", range(3))
def test_tail_cut_is_one_sided_only_where_facts_say_that_the_export_reaches_further(seed: int) -> None:
    known = draw(seed, ("tail cut, exported later",))[1]
    unknown = draw(seed, ("tail cut, nothing known",))[1]
    assert [*grades(known), *grades(unknown)] == [Grade.ONE_SIDED, Grade.EXPLAINED_DIFFERENCES]


def test_rows_before_a_stated_joining_are_set_aside_for_membership() -> None:
    ledger = draw(4, ("late join, sidecar",))[1]
    causes = {line.causes for line in ledger.lines if line.chat == DISPUTED and line.relation is Relation.SET_ASIDE}
    assert all(Cause.MEMBERSHIP in c for c in causes)


def test_rows_behind_a_leaving_whose_notice_was_cut_off_may_as_well_be_missing() -> None:
    _, ledger = draw(60733, ("left early, notice", "page twice", "tail cut, exported later"))
    missing = [line for line in ledger.lines if line.relation is Relation.ONE_SIDED]
    assert sum(Relation.SET_ASIDE in line.also for line in missing) > 9
    assert not any(Cause.MEMBERSHIP in line.causes for line in ledger.lines)


def test_rows_that_no_time_places_in_a_declared_stretch_may_as_well_be_in_doubt() -> None:
    _, ledger = draw(58118, ("no time on both", "declared"))
    declared = [line for line in ledger.lines if Cause.DECLARED in line.causes]
    assert declared
    assert all(Relation.DOUBTFUL in line.also for line in declared)


def test_invisible_edit_behind_a_cut_is_no_conflict_and_one_before_it_is() -> None:
    dispute, ledger = draw(1, ("edit tail", "truncation at 20"))
    edited = {truth for truth, fact in dispute.facts.items() if fact.differs}
    found = {line.relation for line in ledger.lines if line.truth in edited}
    assert found == {Relation.AGREEMENT, Relation.CONFLICT}


def test_combination_takes_no_two_faults_of_one_slot() -> None:
    drawn = {
        seed: Counter(slot for name in combination(seed) for slot in FAULTS[name].slot.split()) for seed in range(40)
    }
    assert [(seed, slot) for seed, slots in drawn.items() for slot, count in slots.items() if count > 1] == []


@pytest.mark.parametrize("seed", range(10))
def test_combined_faults_leave_one_answer_per_row(seed: int) -> None:
    dispute, ledger = draw_several(seed)
    rows = sum(table_of(dispute, side).height for side in Side)
    assert sum((line.left_row is not None) + (line.right_row is not None) for line in ledger.lines) == rows
