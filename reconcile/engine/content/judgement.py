"""What a judgement on two rows is, and what it knows of how each side writes."""

from dataclasses import dataclass

from reconcile.intake.contract import FormLimits
from reconcile.vocabulary import Cause, Form, Relation

# Doubts about a pair of words that no habit of a tool settles.
WEAK_DETAILS = ("heading_in_text", "kind", "text")


@dataclass(frozen=True, slots=True)
class SideForm:
    """What is known of one export's writing: its reader's limits and the cut learnt from its longest texts (None = none)."""

    limits: FormLimits
    cut_at: int | None

    def cut_and_trimmed(self, text: str, whole: str) -> bool:
        """Whether a text is the other's beginning up to the form's cut, without the blanks that the cut left at its ends."""
        reached = self.cut_at is not None and len(text) < self.cut_at < len(whole)
        return reached and whole[: self.cut_at].strip() == text

    def cuts_at(self, text: str) -> bool:
        """Whether a text is as long as the form's cut: in characters, or, where its reader states the limit, in bytes."""
        return self.cut_at == len(text) or (self.limits.text_cut_at is not None and self.cut_at == len(text.encode()))


@dataclass(frozen=True, slots=True)
class Judgement:
    """Relation and cause of a pair, the finer codes, and the similarity of the words (1 where neither states any)."""

    relation: Relation
    cause: Cause | None
    detail: str | None
    similarity: float


def by_form(steps: list[Form]) -> Judgement:
    """An agreement of two writings; the steps, each once and in order, are its detail."""
    return Judgement(Relation.AGREEMENT, Cause.FORM, ",".join(sorted(set(map(str, steps)))), 1.0)
