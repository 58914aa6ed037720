"""Applies a reviewer's decisions to findings: the alignment as decided, with new verdicts.

The findings of the comparison itself never change. The decided version stands beside them in the review page and in
reports.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import dataframely as dy
import polars as pl

from reconcile.column_ops import collected
from reconcile.custody.decisions import Decision
from reconcile.custody.overlay import judged_counts, lay_over
from reconcile.engine.confidence import expected_wrong
from reconcile.engine.relations import is_selective
from reconcile.engine.verdict import Tally, judge
from reconcile.frames import Alignment, Verdicts
from reconcile.vocabulary import RESERVED, Relation, Side

COUNTS = ("agreements", "conflicts", "doubtful", "left_missing", "right_missing", "set_aside")
DECIDED = "decided"
Found = list[tuple[Relation, frozenset[Side]]]
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Decided:
    """Findings with decisions.

    Attributes:
        alignment: a decided line has the method `review`.
        verdicts: counts, grade and reasons judged anew where a decision applies; `decided` is then among the reasons.
        applied: the decisions that were applied, in order.
        out_of_date: decisions made under other settings or inputs, or about rows that no longer exist.
    """

    alignment: dy.DataFrame[Alignment]
    verdicts: dy.DataFrame[Verdicts]
    applied: tuple[Decision, ...]
    out_of_date: tuple[Decision, ...]


def with_decisions(
    alignment: dy.DataFrame[Alignment],
    verdicts: dy.DataFrame[Verdicts],
    decisions: Iterable[Decision],
    basis: str,
) -> Decided:
    """The findings with these decisions applied.

    Args:
        alignment: as compared.
        verdicts: as compared.
        decisions: the valid decisions (`custody.decisions.load_decisions`).
        basis: of this run (`custody.decisions.basis_of` its manifest).
    """
    overlay = lay_over(alignment, decisions, basis)
    by_conversation: dict[str, list[Decision]] = {}
    for decision in overlay.applied:
        by_conversation.setdefault(decision.conversation, []).append(decision)
    rows = []
    for verdict in verdicts.to_dicts():
        mine = by_conversation.get(verdict["conversation"])
        rows.append(_with_judgements(verdict, mine, alignment, overlay.alignment) if mine else verdict)
    judged = Verdicts.cast(pl.DataFrame(rows, schema=verdicts.schema))
    return Decided(overlay.alignment, judged, overlay.applied, overlay.out_of_date)


def _with_judgements(verdict: Row, mine: list[Decision], before: pl.DataFrame, after: pl.DataFrame) -> Row:
    """The verdict of one conversation, judged anew with its decisions."""
    lines, anew_lines = (f.filter(pl.col("conversation") == verdict["conversation"]) for f in (before, after))
    anew = judged_anew(verdict | forms_and_doubts(lines.lazy()), mine, lines)
    # Posts have no calibrated confidence.
    bounds = {} if verdict["conversation_kind"] == RESERVED else _bounds_of_judged(anew_lines)
    return verdict | {name: anew[name] for name in (*COUNTS, "grade", "reasons")} | bounds


def _bounds_of_judged(lines: pl.DataFrame) -> Row:
    """How many claims among the judged lines may be wrong; nulls without claims."""
    told = expected_wrong(lines.with_columns(pl.lit(0, dtype=pl.UInt32).alias("pair"))).drop("pair")
    return told.row(0, named=True) if told.height else dict.fromkeys(told.columns)


def forms_and_doubts(lines: pl.LazyFrame) -> dict[str, int]:
    """`forms`: agreements that differ in form; `doubtful_rows`: rows of either side in doubtful lines."""
    relation = pl.col("relation").cast(pl.String)
    sides = pl.sum_horizontal(pl.col(f"{side}_row").is_not_null().cast(pl.UInt32) for side in Side)
    counted = lines.select(
        ((relation == Relation.AGREEMENT) & pl.col("cause").is_not_null()).sum().alias("forms"),
        sides.filter(relation == Relation.DOUBTFUL).sum().alias("doubtful_rows"),
    )
    return {name: int(value) for name, value in counted.pipe(collected).row(0, named=True).items()}


def judged_anew(verdict: Row, decisions: list[Decision], lines: pl.DataFrame) -> Row:
    """Counts, grade and reasons of one conversation with these decisions, by the rules of the comparison.

    Args:
        verdict: the row of `Verdicts` that the comparison gave, plus `forms` and `doubtful_rows`.
        decisions: the valid decisions; `lines` contains their rows.
        lines: relation, cause, detail, left_row, right_row of at least every line that a decision replaces.
    """
    before = Tally.of_verdict(verdict)
    counts: dict[str, Any] = {name: int(verdict[name] or 0) for name in COUNTS}
    doubtful_rows, unstated = before.doubtful_rows, before.unstated
    for decision in decisions:
        replaced = _lines_of_decision(decision, lines)
        found = _relations(replaced)
        doubtful_rows -= sum(len(sides) for relation, sides in found if relation is Relation.DOUBTFUL)
        unstated -= replaced.filter(is_selective()).height
        for column, change in judged_counts(decision, found).items():
            counts[column] += change
    grade, reasons = judge(replace(before, doubtful_rows=doubtful_rows, unstated=unstated, **counts))
    # Traces in a store of posts do not depend on decisions about rows.
    kept = [r for r in verdict.get("reasons") or () if r.startswith("trace:")]
    return counts | {"grade": grade.value, "reasons": [*reasons, *kept, DECIDED], "judged": len(decisions)}


def _lines_of_decision(decision: Decision, lines: pl.DataFrame) -> pl.DataFrame:
    """Lines of the alignment that name a row of the decision."""
    return lines.filter(
        pl.any_horizontal([pl.col(f"{side}_row") == row for side, row in decision.rows]).fill_null(False)
    )


def _relations(lines: pl.DataFrame) -> Found:
    """Relation and sides of each line."""
    return [
        (Relation(relation), frozenset(s for s, row in ((Side.LEFT, left), (Side.RIGHT, right)) if row is not None))
        for relation, left, right in lines.select("relation", "left_row", "right_row").iter_rows()
    ]
