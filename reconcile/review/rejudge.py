"""The verdicts once reviewers' judgements are taken at their word: counts and grade, beside what the comparison found."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl
from pydantic import ValidationError

from reconcile.custody.decisions import Decision
from reconcile.custody.overlay import judged_counts
from reconcile.review.store import CaseFolder, Row
from reconcile.settings import Settings
from reconcile.verdict import Tally, judge
from reconcile.vocabulary import Relation, Side

COUNTS = ("agreements", "conflicts", "doubtful", "left_missing", "right_missing", "set_aside")
Found = list[tuple[Relation, frozenset[Side]]]


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
            base = verdict | self.case.forms_and_doubts(name)
            kept = (ids, judged_anew(base, decisions, lines, self.settings))
            self._kept[name] = kept
        return kept[1]

    @property
    def settings(self) -> Settings:
        """The thresholds of the run that is reviewed; the present defaults where the manifest does not state them."""
        try:
            return Settings.model_validate(self.case.manifest.get("settings") or {})
        except ValidationError:
            return Settings()


def judged_anew(verdict: Row, decisions: list[Decision], lines: pl.DataFrame, settings: Settings) -> Row:
    """Counts, grade and reasons of one conversation with these decisions; the rules are those of the comparison.

    Args:
        verdict: the row of `Verdicts` that the comparison gave, with `forms` and `doubtful_rows` beside it.
        decisions: the judgements that stand; their rows stand in `lines`.
        lines: relation, left_row, right_row of every line that a decision replaces.
        settings: thresholds of the run.
    """
    counts = {name: int(verdict[name] or 0) for name in COUNTS}
    doubtful_rows = int(verdict["doubtful_rows"])
    for decision in decisions:
        found = _replaced(decision, lines)
        doubtful_rows -= sum(len(sides) for relation, sides in found if relation is Relation.DOUBTFUL)
        for column, change in judged_counts(decision, found).items():
            counts[column] += change
    grade, reasons = judge(
        Tally(
            pairing=verdict["pairing"],
            left_rows=verdict["left_rows"],
            right_rows=verdict["right_rows"],
            forms=verdict["forms"],
            doubtful_rows=doubtful_rows,
            edge_unverified=verdict["edge_unverified"],
            referenced_absent=verdict["referenced_absent"],
            agreements=counts["agreements"],
            conflicts=counts["conflicts"],
            doubtful=counts["doubtful"],
            left_missing=counts["left_missing"],
            right_missing=counts["right_missing"],
            set_aside=counts["set_aside"],
        ),
        settings,
    )
    return counts | {"grade": grade.value, "reasons": reasons, "judged": len(decisions)}


def _replaced(decision: Decision, lines: pl.DataFrame) -> Found:
    is_named = pl.any_horizontal([pl.col(f"{side}_row") == row for side, row in decision.rows])
    found = lines.filter(is_named.fill_null(False)).select("relation", "left_row", "right_row")
    return [
        (Relation(relation), frozenset(s for s, row in ((Side.LEFT, left), (Side.RIGHT, right)) if row is not None))
        for relation, left, right in found.iter_rows()
    ]


def _rows(decisions: list[Decision], side: Side) -> list[int]:
    return [row for decision in decisions for of, row in decision.rows if of is side]
