"""The judgement on two rows, and the form of a side that it needs."""

from dataclasses import dataclass

from reconcile.intake.contract import FormLimits
from reconcile.vocabulary import Cause, Form, Kind, Relation

# Doubts about two texts that no habit of a tool can settle.
WEAK_DETAILS = ("heading_in_text", "kind", "text")


@dataclass(frozen=True, slots=True)
class SideForm:
    """How one export writes: its reader's limits and what its records show.

    Attributes:
        limits: what the reader knows.
        cut_at: the length at which texts are cut; None = not cut.
        left_out: kinds for which it shows no words in most places where the other side holds one.
    """

    limits: FormLimits
    cut_at: int | None
    left_out: frozenset[Kind] = frozenset()

    @property
    def surely_unworded(self) -> frozenset[Kind]:
        """Kinds for which it writes no words.

        Who writes by hand may do so for one record and not for the next.
        """
        return self.limits.kinds_unworded | (self.left_out if self.limits.is_of_known_make else frozenset())

    def cut_and_trimmed(self, text: str, whole: str) -> bool:
        """Whether a text is the other's beginning up to the cut, with blanks at its ends removed."""
        reached = self.cut_at is not None and len(text) < self.cut_at < len(whole)
        return reached and whole[: self.cut_at].strip() == text

    def cuts_at(self, text: str) -> bool:
        """Whether a text is as long as the cut, in characters, or in bytes where the reader states the limit."""
        return self.cut_at == len(text) or (self.limits.text_cut_at is not None and self.cut_at == len(text.encode()))


@dataclass(frozen=True, slots=True)
class Judgement:
    """Relation, cause and detail of a pair, and the similarity of its texts (1 where neither has any)."""

    relation: Relation
    cause: Cause | None
    detail: str | None
    similarity: float


def by_form(steps: list[Form]) -> Judgement:
    """An agreement between two writings of the same content; the steps, sorted and unique, are its detail."""
    return Judgement(Relation.AGREEMENT, Cause.FORM, ",".join(sorted(set(map(str, steps)))), 1.0)
