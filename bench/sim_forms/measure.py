"""Compares simulated disputes of export forms and counts what was claimed rightly, per circumstance, act and form."""

import tempfile
import traceback
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from bench.score import ACCUSING, CLEAN, PAIRED, Counts, Got
from bench.sim.ledger import Ledger, Line
from bench.sim_forms.draw import draw, write
from bench.sim_forms.model import Sides
from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.vocabulary import Grade, Relation, Side

COUNTED = (Relation.ONE_SIDED, Relation.CONFLICT)


@dataclass(slots=True)
class Count(Counts):
    """What was due and claimed, by relation, and how disputes were graded.

    innocent: disputes in which nobody did anything and no row may be accused; accused and undetermined are among these, `needlessly` where
    no row is doubtful by right. guilty: those in which an act shows; `clean` of them were graded as if nothing were.
    """

    disputes: int = 0
    broken: int = 0
    innocent: int = 0
    accused: int = 0
    undetermined: int = 0
    needlessly: int = 0
    guilty: int = 0
    clean: int = 0
    grades_right: int = 0
    due: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    claimed: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Trial:
    """One dispute compared; `found` holds, per act, how many of its rows were due and how many were found."""

    seed: int
    forms: tuple[str, ...]
    circumstances: tuple[str, ...]
    acts: tuple[str, ...]
    count: Count
    found: dict[str, tuple[int, int]]
    wrong: list[str]


def run(seed: int) -> Trial:
    """Draw, write, read and compare one dispute."""
    sides, ledger = draw(seed)
    names = tuple(sides.copies[s].form.name for s in Side)
    acts = tuple(a.name for a in sides.acts)
    try:
        with tempfile.TemporaryDirectory() as folder:
            readings = {s: read(p) for s, p in write(sides, Path(folder)).items()}
        for side in Side:
            if readings[side].messages.height != len(ledger.truths[side]):
                raise ValueError(
                    f"{side}: {readings[side].messages.height} rows read, {len(ledger.truths[side])} in the ledger"
                )
        findings = compare_readings(readings[Side.LEFT], readings[Side.RIGHT], case=f"forms-{seed}")
    except Exception:  # a bench must go on; the trial counts as broken and its trace is shown
        return Trial(
            seed, names, tuple(sides.circumstances), acts, Count(disputes=1, broken=1), {}, [traceback.format_exc()]
        )
    count, found, wrong = marked(findings.alignment, findings.verdicts, sides, ledger)
    told = [_told(sides, one) for one in wrong]
    return Trial(seed, names, tuple(sides.circumstances), acts, count, found, told)


def marked(
    alignment: pl.DataFrame, verdicts: pl.DataFrame, sides: Sides, ledger: Ledger
) -> tuple[Count, dict[str, tuple[int, int]], list[tuple[str, Got]]]:
    """The counts of one comparison, the rows found per act, and every wrong claim."""
    columns = ("relation", "left_row", "right_row", "cause")
    claims: list[Got] = list(alignment.select(columns).cast({"relation": pl.String, "cause": pl.String}).iter_rows())
    count, wrong = Count(disputes=1), list[tuple[str, Got]]()
    homes: dict[int, list[Line]] = defaultdict(list)
    for line in ledger.lines:
        homes[ledger.groups[line.truth]].append(line)
    said: dict[int, Counter[str]] = defaultdict(Counter)
    for claim in claims:
        relation, left, right, _ = claim
        rows = [(s, r) for s, r in zip(Side, (left, right), strict=True) if r is not None]
        groups = [ledger.groups[ledger.truths[s][r]] for s, r in rows]
        key = _key(relation, left)
        if relation in COUNTED:
            count.claimed[relation] += 1
        if len(set(groups)) > 1:
            notices = ledger.notices.issuperset(ledger.truths[s][r] for s, r in rows)
            if relation in PAIRED and not (notices and relation == Relation.AGREEMENT):
                wrong.append(("pair of two messages", claim))
            continue
        said[groups[0]][key] += 1
        room = sum(
            relation in (line.relation, *line.also) and all(_holds(line, s) for s, _ in rows)
            for line in homes[groups[0]]
        )
        if relation in COUNTED:
            count.right[relation] += said[groups[0]][key] <= room
        if not room or (relation in COUNTED and said[groups[0]][key] > room):
            wrong.append(("right is " + " / ".join(_line(line) for line in homes[groups[0]][:3]), claim))
    found: dict[str, tuple[int, int]] = {}
    for line in ledger.lines:
        if line.relation not in COUNTED or line.also - {Relation.DOUBTFUL}:
            continue
        count.due[line.relation] += 1
        here = said[ledger.groups[line.truth]]
        key = _key(line.relation, line.left_row)
        hit = here[key] > 0
        here[key] -= hit
        count.found[line.relation] += hit
        for act in sides.acts:
            if line.truth in act.truths:
                due, hits = found.get(act.name, (0, 0))
                found[act.name] = due + 1, hits + hit
    _grade(count, verdicts, sides, ledger, wrong)
    return count, found, wrong


def _key(relation: str, left: int | None) -> str:
    return f"{relation} {'right' if left is None else 'left'}" if relation == Relation.ONE_SIDED else relation


def _holds(line: Line, side: Side) -> bool:
    return (line.left_row if side is Side.LEFT else line.right_row) is not None


def _grade(count: Count, verdicts: pl.DataFrame, sides: Sides, ledger: Ledger, wrong: list[tuple[str, Got]]) -> None:
    grades = [Grade(g) for g in verdicts["grade"].cast(pl.String).to_list()]
    worst = next((g for g in Grade if g in grades), Grade.CANNOT_DETERMINE)
    expected = ledger.verdicts[0].grades
    count.grades_right += worst in expected and len(grades) == 1
    if not sides.guilty and not expected & set(ACCUSING):
        count.innocent += 1
        count.accused += worst in ACCUSING
        count.undetermined += worst is Grade.CANNOT_DETERMINE
        count.needlessly += worst is Grade.CANNOT_DETERMINE and worst not in expected
    if sides.guilty and not expected & CLEAN:
        count.guilty += 1
        count.clean += worst in CLEAN
    if worst not in expected or len(grades) != 1:
        wrong.append(
            (f"grade: right is {'|'.join(sorted(expected))}, got {'|'.join(grades)}", ("grade", None, None, None))
        )


def _line(line: Line) -> str:
    return f"{line.relation}({'|'.join(sorted((*line.causes, *line.also)))}) l{line.left_row} r{line.right_row}"


def _told(sides: Sides, one: tuple[str, Got]) -> str:
    what, (relation, left, right, cause) = one
    text = f"{what}; got {relation} {cause or ''}"
    for side, row in zip(Side, (left, right), strict=True):
        if row is not None:
            r = sides.copies[side].written()[row]
            text += f"\n      {side} {row} (truth {r.truth}): {int(r.at)} {r.author} {r.kind} {r.text!r} {r.facts} lacks {sides.lacks.get((r.truth, side.other))}"
    return text
