"""How the comparison does on real conversations that two observers recorded: `python -m bench.real`.

The spans lie in ../shared/two_observer, beside the project and not part of it; where they are absent nothing is measured.
`truth.csv` of a span says which rows are one message (both, altered), which stand on one side (only_A, only_B), and which nobody can
decide. Rows of equal look within a minute count as interchangeable, as in the simulated disputes.
"""

import sys
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from bench.quality import HEADINGS, row_of
from bench.score import Score, Wrong, score
from bench.sim.ledger import ExpectedVerdict, Ledger, Line
from reconcile.engine.compare import compare_readings
from reconcile.formats.neutral.message_table import MessageTable
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.source import Source
from reconcile.vocabulary import Grade, Relation, Side

SPANS = Path(__file__).parents[2] / "shared" / "two_observer"
UNDECIDED = frozenset(
    {Relation.DOUBTFUL, Relation.SET_ASIDE, Relation.ONE_SIDED, Relation.AGREEMENT, Relation.CONFLICT}
)


def ledger_of_span(truth: pl.DataFrame, readings: dict[Side, Reading]) -> Ledger:
    """The ledger of a span from its truth.csv (left_row, right_row, status)."""
    lines = [_line(i, *row) for i, row in enumerate(truth.iter_rows())]
    truths = {side: [-1] * readings[side].messages.height for side in Side}
    for line in lines:
        for side, row in zip(Side, (line.left_row, line.right_row), strict=True):
            if row is not None:
                truths[side][row] = line.truth
    is_one_sided = any(line.relation is Relation.ONE_SIDED and not line.also for line in lines)
    grades = {Grade.ONE_SIDED} if is_one_sided else {Grade.NO_GAP_FOUND, Grade.EXPLAINED_DIFFERENCES}
    if any(line.also for line in lines):
        grades |= {Grade.ONE_SIDED}
    return Ledger(
        lines=tuple(lines),
        verdicts=(ExpectedVerdict(0, "", "", frozenset(grades)),),
        groups=_alike(readings, truths),
        truths={side: tuple(t) for side, t in truths.items()},
        notices=frozenset(),
        innocent=not any(line.relation is Relation.ONE_SIDED for line in lines),
    )


def _line(truth: int, left: int | None, right: int | None, status: str) -> Line:
    # Altered rows of these spans differ in colour and control codes alone: a difference of form.
    relation = Relation.AGREEMENT if status in ("both", "altered") else Relation.ONE_SIDED
    also = UNDECIDED if status.endswith("/undecided") else frozenset[Relation]()
    return Line(truth, 0, left, right, relation, also=also, is_soft=True)


def _alike(readings: dict[Side, Reading], truths: dict[Side, list[int]]) -> dict[int, int]:
    groups = {t: t for side in Side for t in truths[side]}
    for side in Side:
        last: dict[tuple[object, ...], tuple[datetime, int]] = {}
        for row, (at, *look) in enumerate(readings[side].messages.select("sent_at", "sender", "text").iter_rows()):
            truth = truths[side][row]
            before, twin = last.get(tuple(look), (at, truth))
            if at - before <= timedelta(minutes=1) and groups[truth] != groups[twin]:
                old, new = groups[truth], groups[twin]
                groups = {t: new if g == old else g for t, g in groups.items()}
            last[tuple(look)] = at, truth
    return groups


def measure(span: Path) -> tuple[Score, list[Wrong]]:
    """The score of one span and what was wrong in it."""
    files = {side: span / f"{stem}.csv" for side, stem in zip(Side, "ab", strict=True)}
    readings = {side: MessageTable().read(Source(file), ReadOptions()) for side, file in files.items()}
    types = {"left_row": pl.UInt32, "right_row": pl.UInt32, "status": pl.String}
    ledger = ledger_of_span(pl.read_csv(span / "truth.csv", schema_overrides=types), readings)
    found = compare_readings(readings[Side.LEFT], readings[Side.RIGHT], case=span.name)
    return score(found.alignment, found.verdicts, ledger)


def main() -> int:
    """Print a line a span, and what was wrong."""
    if not SPANS.is_dir():
        print("../shared/two_observer is not here: nothing measured")
        return 0
    scores = {span.name: measure(span) for span in sorted(SPANS.iterdir()) if span.is_dir()}
    print("| " + " | ".join(("span", *HEADINGS[1:])) + " |\n|---" + "|---:" * (len(HEADINGS) - 1) + "|")
    for name, (one, _) in [*scores.items(), ("all", (sum((s for s, _ in scores.values()), Score()), []))]:
        print("| " + " | ".join(row_of(name, one)) + " |")
    for name, (_, wrong) in scores.items():
        for what in wrong:
            print(
                f"{name}: {what.what} left {what.left_row} right {what.right_row}: right is {what.truth}; got {what.got}"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
