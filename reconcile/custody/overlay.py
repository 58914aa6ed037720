"""Applies reviewers' decisions to an alignment and returns the resulting lines."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import compress
from operator import not_
from typing import Any

import dataframely as dy
import polars as pl

from reconcile.custody.decisions import Decision, Judgement, RowKey
from reconcile.frames import Alignment
from reconcile.vocabulary import Cause, Relation, Side

METHOD = "review"
# A person decided the line. No confidence is ever 1.
DECIDED_CONFIDENCE = 0.999
Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Overlay:
    """An alignment with decisions laid over it.

    Attributes:
        alignment: obeys `Alignment`; a judged line says `review` as its method and the judgement as its detail.
        applied: the decisions that could be laid over, in order.
        out_of_date: those made on another run (other settings or inputs), or about rows that are no longer there.
    """

    alignment: dy.DataFrame[Alignment]
    applied: tuple[Decision, ...]
    out_of_date: tuple[Decision, ...]


def lay_over(alignment: dy.DataFrame[Alignment], decisions: Iterable[Decision], basis: str) -> Overlay:
    """The alignment with every decision of this basis applied; the order of lines is kept.

    `same` joins two rows into one line; `not_same` and `set_aside` make one line of each row. Every row of both
    exports still occurs exactly once.
    """
    listed = tuple(decisions)
    numbered = alignment.with_row_index("_at")
    touched = _lines_touched(numbered, listed)
    fits = [d.basis == basis and _rows_still_match(d, touched) for d in listed]
    applied = tuple(compress(listed, fits))
    if not applied:
        return Overlay(alignment, (), listed)
    lines = _judged_lines(applied, touched)
    gone = {line["_at"] for d in applied for line in _lines_of(d, touched)}
    kept = numbered.filter(~pl.col("_at").is_in(list(gone)))
    judged = pl.DataFrame(lines, schema=numbered.schema)
    whole = pl.concat([kept, judged]).sort("_at", maintain_order=True).drop("_at")
    return Overlay(Alignment.cast(whole), applied, tuple(compress(listed, map(not_, fits))))


def judged_counts(decision: Decision, found: Iterable[tuple[Relation, frozenset[Side]]]) -> dict[str, int]:
    """What one decision changes in a verdict's counts: column of Verdicts -> difference.

    Args:
        decision: the judgement.
        found: relation and sides of each line that it replaces.
    """
    counts: dict[str, int] = {}
    for relation, sides in found:
        for column in _count_columns(relation, sides):
            counts[column] = counts.get(column, 0) - 1
    for relation, sides in _relations_of(decision):
        for column in _count_columns(relation, sides):
            counts[column] = counts.get(column, 0) + 1
    return counts


def _relations_of(decision: Decision) -> list[tuple[Relation, frozenset[Side]]]:
    """Relation and sides of each line that the decision makes."""
    sides = [side for side, _ in decision.rows]
    if decision.judgement is Judgement.SAME:
        return [(Relation.CONFLICT if decision.differs else Relation.AGREEMENT, frozenset(sides))]
    relation = Relation.ONE_SIDED if decision.judgement is Judgement.NOT_SAME else Relation.SET_ASIDE
    return [(relation, frozenset([side])) for side in sides]


def _count_columns(relation: Relation, sides: frozenset[Side]) -> list[str]:
    """The columns of Verdicts in which a line of this relation counts."""
    if relation is Relation.ONE_SIDED:
        return [f"{side.other}_missing" for side in sides]
    column = {
        Relation.AGREEMENT: "agreements",
        Relation.CONFLICT: "conflicts",
        Relation.DOUBTFUL: "doubtful",
        Relation.SET_ASIDE: "set_aside",
    }[relation]
    return [column]


Touched = dict[tuple[str, Side, int], Line]


def _lines_touched(numbered: pl.DataFrame, decisions: tuple[Decision, ...]) -> Touched:
    """The alignment lines of every row that a decision names, by conversation, side and row."""
    keys = [(d.conversation, side, row) for d in decisions for side, row in d.rows]
    found: Touched = {}
    for side in Side:
        column = f"{side}_row"
        rows = sorted({row for _, of, row in keys if of is side})
        for line in numbered.filter(pl.col(column).is_in(rows)).iter_rows(named=True):
            found[(line["conversation"], side, line[column])] = line
    return found


def _rows_still_match(decision: Decision, touched: Touched) -> bool:
    """Whether the rows are still there, with their locators, in lines without other rows."""
    named: tuple[tuple[Side, RowKey | None], ...] = ((Side.LEFT, decision.left), (Side.RIGHT, decision.right))
    for side, key in named:
        if key is None:
            continue
        line = touched.get((decision.conversation, side, key.row))
        if line is None or line[f"{side}_locator"] != key.locator:
            return False
    rows = set(decision.rows)
    held = {(side, line[f"{side}_row"]) for line in _lines_of(decision, touched) for side in Side}
    return {(side, row) for side, row in held if row is not None} == rows


def _lines_of(decision: Decision, touched: Touched) -> list[Line]:
    """The lines of the decision's rows, each once."""
    lines = {
        line["_at"]: line for side, row in decision.rows if (line := touched.get((decision.conversation, side, row)))
    }
    return list(lines.values())


def _judged_lines(applied: tuple[Decision, ...], touched: Touched) -> list[Line]:
    """The lines that the applied decisions make."""
    lines = []
    for decision in applied:
        found = _lines_of(decision, touched)
        for relation, sides in _relations_of(decision):
            lines.append(_judged_line(decision, relation, sides, found))
    return lines


def _judged_line(decision: Decision, relation: Relation, sides: frozenset[Side], found: list[Line]) -> Line:
    """The line that a decision makes of the found ones, for the given relation and sides."""
    is_pair = len(sides) == 2
    first = min(found, key=lambda line: int(line["_at"]))
    line = first | {
        "relation": relation.value,
        "cause": _cause(relation, found),
        "detail": decision.judgement,
        "confidence": DECIDED_CONFIDENCE,
        "margin": None,
        "method": METHOD,
    }
    if not (is_pair and len(found) == 1):
        line |= {"similarity": None, "offset_seconds": None}
    for side in Side:
        holder = next((each for each in found if each[f"{side}_row"] is not None), None) if side in sides else None
        line[f"{side}_row"] = holder[f"{side}_row"] if holder else None
        line[f"{side}_locator"] = holder[f"{side}_locator"] if holder else None
    return line


def _cause(relation: Relation, found: list[Line]) -> str:
    """The cause of a judged line: its own for the same relation, else `unexplained` or `reviewed`."""
    for line in found:
        if line["relation"] == relation and line["cause"] is not None:
            return str(line["cause"])
    return Cause.UNEXPLAINED if relation is Relation.ONE_SIDED else Cause.REVIEWED
