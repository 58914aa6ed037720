"""Compares drawn disputes with the program and counts what came out right."""

import tempfile
import traceback
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from bench.score import ACCUSING, CLEAN, Counts, Score, Wrong, described, score
from bench.sim.ledger import Ledger
from bench.sim_life.acts import ACTS
from bench.sim_life.draw import NAMES, Sides, draw, write
from reconcile.engine.compare import compare_readings
from reconcile.formats.neutral.message_table import MessageTable
from reconcile.intake.contract import ReadOptions
from reconcile.intake.source import Source
from reconcile.vocabulary import Grade, Relation, Side

NOTICED = {Relation.CONFLICT, Relation.ONE_SIDED, Relation.DOUBTFUL}


@dataclass(slots=True)
class Tally(Counts):
    """Claims of one relation: how many were made, how many may stand, how many were due without doubt, how many of these were found."""

    claimed: int = 0
    right: int = 0
    due: int = 0
    found: int = 0


@dataclass(slots=True)
class Result:
    """One dispute compared. `rows` counts the rows of each act: how many there are, how many were noticed."""

    seed: int
    circumstances: tuple[str, ...]
    acts: tuple[str, ...]
    expected: frozenset[Grade]
    innocent: bool
    grade: str = "broken"
    score: Score = field(default_factory=lambda: Score(disputes=1, broken=1))
    missing: Tally = field(default_factory=Tally)
    conflicts: Tally = field(default_factory=Tally)
    rows: dict[str, tuple[int, int]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def accused(self) -> bool:
        """Whether a dispute in which nothing is missing or altered was graded as if it were."""
        return self.innocent and self.grade in ACCUSING

    @property
    def undetermined(self) -> bool:
        """Whether nobody did anything, nothing is missing, and no judgement was found."""
        return self.innocent and not self.acts and self.grade == Grade.CANNOT_DETERMINE

    @property
    def passed(self) -> bool:
        """Whether an act that can be seen was graded clean."""
        return bool(self.acts) and not self.expected & CLEAN and self.grade in CLEAN

    @property
    def failed(self) -> bool:
        """Whether the grade is none of the right ones."""
        return self.grade not in self.expected


def run(seed: int, lines: tuple[str, ...] = ()) -> Result:
    """Draw the dispute of a seed, write and read it, compare, score. An exception of the engine is a broken result."""
    sides, ledger = draw(seed, lines)
    result = Result(seed, sides.circumstances, sides.acts, ledger.verdicts[0].grades, ledger.innocent)
    try:
        with tempfile.TemporaryDirectory() as folder:
            write(sides, Path(folder))
            left, right = (MessageTable().read(Source(Path(folder) / f"{NAMES[s]}.csv"), ReadOptions()) for s in Side)
            findings = compare_readings(left, right, case=f"life-{seed}")
    except Exception:  # a bench must go on; the dispute counts as broken and its trace is shown
        result.wrong = [traceback.format_exc()]
        return result
    result.score, wrong = score(findings.alignment, findings.verdicts, ledger)
    result.missing = tally(findings.alignment, ledger, Relation.ONE_SIDED)
    result.conflicts = tally(findings.alignment, ledger, Relation.CONFLICT)
    grades = findings.verdicts["grade"].cast(pl.String).to_list()
    result.grade = str(grades[0]) if len(grades) == 1 else f"{len(grades)} conversations"
    result.rows = _rows_of_acts(findings.alignment, sides, ledger)
    result.wrong = _described(sides, ledger, wrong)
    return result


def tally(alignment: pl.DataFrame, ledger: Ledger, relation: Relation) -> Tally:
    """Claims of the relation, counted by class of rows that look alike, so that it does not matter which of them a claim names."""
    claimed, doubted, allowed, due = (Counter[tuple[Side, int]]() for _ in range(4))
    columns = alignment.select("relation", "left_row", "right_row").cast({"relation": pl.String})
    for name, *places in columns.iter_rows():
        for side, row in zip(Side, places, strict=True):
            if row is not None and (name in {relation, Relation.DOUBTFUL}):
                (claimed if name == relation else doubted)[side, ledger.groups[ledger.truths[side][row]]] += 1
    for line in ledger.lines:
        for side, row in zip(Side, (line.left_row, line.right_row), strict=True):
            if row is not None:
                key = side, ledger.groups[line.truth]
                allowed[key] += relation in {line.relation, *line.also}
                due[key] += line.relation is relation and not line.also
    total = Tally()
    for key in claimed | due:
        # A doubtful row of a class may be the one that is due, and is neither found nor missed.
        asked = max(min(due[key], claimed[key]), due[key] - doubted[key])
        total += Tally(claimed[key], min(claimed[key], allowed[key]), asked, min(claimed[key], asked))
    return total


def _rows_of_acts(alignment: pl.DataFrame, sides: Sides, ledger: Ledger) -> dict[str, tuple[int, int]]:
    relation: dict[tuple[Side, int], str] = {}
    for name, left, right in (
        alignment.select("relation", "left_row", "right_row").cast({"relation": pl.String}).iter_rows()
    ):
        relation |= {(s, r): name for s, r in zip(Side, (left, right), strict=True) if r is not None}
    counts: dict[str, tuple[int, int]] = {}
    for line in ledger.lines:
        act = sides.marks.get(line.truth, "")
        if act in ACTS:
            places = zip(Side, (line.left_row, line.right_row), strict=True)
            noticed = any(relation[s, r] in NOTICED for s, r in places if r is not None)
            count, seen = counts.get(act, (0, 0))
            counts[act] = (count + 1, seen + noticed)
    return counts


def _described(sides: Sides, ledger: Ledger, wrong: list[Wrong]) -> list[str]:
    def shown(side: Side, row: int) -> str:
        event = ledger.truths[side][row]
        cells = {k: v for k, v in sides.tables[side][row].items() if v and not k.startswith("conversation")}
        return f"(event {event} {sides.marks.get(event, '')}): {cells}"

    return described(wrong, shown)
