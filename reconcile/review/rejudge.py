"""The verdicts of a case folder with the reviewers' decisions, cached until the next decision."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from reconcile.custody.decisions import Decision
from reconcile.engine.decisions import judged_anew
from reconcile.review.store import CaseFolder, Row
from reconcile.vocabulary import Side


@dataclass
class Rejudge:
    """Judges the conversations of one case anew; answers for the same decisions are kept."""

    case: CaseFolder
    _kept: dict[str, tuple[tuple[str, ...], Row]] = field(default_factory=dict)

    def verdicts(self, decisions: Iterable[Decision]) -> list[Row | None]:
        """For each conversation in order, counts and grade judged anew; null where nobody judged."""
        by_conversation: dict[str, list[Decision]] = {}
        for decision in decisions:
            by_conversation.setdefault(decision.conversation, []).append(decision)
        return [
            self._judged_anew(verdict, by_conversation.get(verdict["conversation"], []))
            for verdict in self.case.verdicts
        ]

    def _judged_anew(self, verdict: Row, decisions: list[Decision]) -> Row | None:
        """The verdict with these decisions applied; None without any."""
        if not decisions:
            return None
        name, ids = verdict["conversation"], tuple(d.id for d in decisions)
        kept = self._kept.get(name)
        if kept is None or kept[0] != ids:
            lines = self.case.lines_of_rows(name, {side: _rows_of_side(decisions, side) for side in Side})
            base = verdict | self.case.forms_and_doubts(name)
            kept = (ids, judged_anew(base, decisions, lines))
            self._kept[name] = kept
        return kept[1]


def _rows_of_side(decisions: list[Decision], side: Side) -> list[int]:
    return [row for decision in decisions for of, row in decision.rows if of is side]
