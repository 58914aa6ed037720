"""The verdicts once reviewers' judgements are taken at their word: counts and grade, beside what the comparison found."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from reconcile.custody.decisions import Decision
from reconcile.custody.overlay import judged_counts
from reconcile.review.store import CaseFolder, Row
from reconcile.settings import Settings
from reconcile.vocabulary import Grade, Relation, Side

COUNTS = ("agreements", "conflicts", "doubtful", "left_missing", "right_missing", "set_aside")


@dataclass
class Rejudge:
    """Judges the conversations of one case anew; answers for the same decisions are kept."""

    case: CaseFolder
    _kept: dict[str, tuple[tuple[str, ...], Row]] = field(default_factory=dict)

    def verdicts(self, decisions: Iterable[Decision]) -> list[Row | None]:
        """For each conversation in the case's order: its counts and grade judged anew; null where nobody judged."""
        by_conversation: dict[str, list[Decision]] = {}
        for decision in decisions:
            by_conversation.setdefault(decision.conversation, []).append(decision)
        return [self._anew(verdict, by_conversation.get(verdict["conversation"], [])) for verdict in self.case.verdicts]

    def _anew(self, verdict: Row, decisions: list[Decision]) -> Row | None:
        if not decisions:
            return None
        name, ids = verdict["conversation"], tuple(d.id for d in decisions)
        kept = self._kept.get(name)
        if kept is None or kept[0] != ids:
            lines = self.case.lines_of_rows(name, {side: _rows(decisions, side) for side in Side})
            kept = (ids, judged_anew(verdict, decisions, lines, has_form=self.case.has_form(name)))
            self._kept[name] = kept
        return kept[1]


def judged_anew(verdict: Row, decisions: list[Decision], lines: pl.DataFrame, *, has_form: bool) -> Row:
    """Counts and grade of one conversation with these decisions.

    Args:
        verdict: the row of `Verdicts` that the comparison gave.
        decisions: the judgements that stand; their rows stand in `lines`.
        lines: relation, left_row, right_row of every line that a decision replaces.
        has_form: whether an agreement of the conversation differs in form.
    """
    counts = {name: int(verdict[name] or 0) for name in COUNTS}
    for decision in decisions:
        for column, change in judged_counts(decision, _replaced(decision, lines)).items():
            counts[column] += change
    grade = _grade(verdict, counts, has_form=has_form)
    return counts | {"grade": grade.value, "judged": len(decisions)}


def _grade(verdict: Row, counts: dict[str, int], *, has_form: bool) -> Grade:
    """Contract 3's table, worst first."""
    if counts["conflicts"]:
        return Grade.CONFLICTING
    if counts["left_missing"] or counts["right_missing"]:
        return Grade.ONE_SIDED
    if _cannot_tell(verdict, counts):
        return Grade.CANNOT_DETERMINE
    if counts["set_aside"] or has_form:
        return Grade.EXPLAINED_DIFFERENCES
    return Grade.NO_GAP_FOUND


def _cannot_tell(verdict: Row, counts: dict[str, int]) -> bool:
    """Doubt may be lifted by a reviewer; every other reason that forbids a verdict stays."""
    limit = Settings().doubt_share_limit
    if counts["doubtful"] > limit * max(1, counts["doubtful"] + counts["agreements"]):
        return True
    if verdict["grade"] != Grade.CANNOT_DETERMINE:
        return False
    others = [reason for reason in verdict["reasons"] or [] if "doubt" not in reason]
    return bool(others) or not verdict["doubtful"]


def _replaced(decision: Decision, lines: pl.DataFrame) -> list[tuple[Relation, frozenset[Side]]]:
    named = dict(decision.rows)
    is_named = pl.any_horizontal(
        [pl.col(f"{side}_row") == row for side, row in named.items()],
    )
    found = lines.filter(is_named.fill_null(False)).select("relation", "left_row", "right_row")
    return [
        (Relation(relation), frozenset(s for s, row in ((Side.LEFT, left), (Side.RIGHT, right)) if row is not None))
        for relation, left, right in found.iter_rows()
    ]


def _rows(decisions: list[Decision], side: Side) -> list[int]:
    return [row for decision in decisions for of, row in decision.rows if of is side]
