"""ReportData: everything a report prints, complete before rendering, and in no language."""

from typing import Annotated, Literal

import polars as pl
from pydantic import Field, SkipValidation

from reconcile.report.model_findings import AbsentRow, ConversationReport, Discrepancy, LackRow, OddRow, Sums
from reconcile.report.model_sides import SideFact
from reconcile.report.pieces import Frozen, Phrase, Tally
from reconcile.report.posts_model import PostsReport
from reconcile.same_party import same_party_evidence
from reconcile.vocabulary import Side


class Track(Frozen):
    """One lane of the coverage picture: a side's rows of one conversation. Times are local ISO text."""

    conversation: int
    side: Side
    first_at: str | None
    last_at: str | None
    gaps: tuple[tuple[str, str, str], ...]
    conflicts: tuple[str, ...]
    coverage_from: str | None
    coverage_to: str | None


class Series(Frozen):
    """The numbers behind the pictures."""

    tracks: tuple[Track, ...]
    bin_days: int
    days: tuple[tuple[str, int, int, int, int], ...]
    offsets: tuple[tuple[str, float], ...]


class CheckRow(Frozen):
    """One row of the submission checklist: what each export itself shows; null = to be completed."""

    item: str
    needed: Literal["R", "C"]
    left: Phrase | None
    right: Phrase | None


class Factor(Frozen):
    """The observations for one factor of article 93."""

    number: int
    observed: tuple[Phrase, ...]


class DecisionRow(Frozen):
    """One reviewer's decision, as the report names it."""

    number: int
    at: str
    reviewer: str
    judgement: str
    differs: bool
    note: str
    conversation: int | None
    found: str | None
    left_locator: str | None
    right_locator: str | None


class Request(Frozen):
    """Something to ask for; `side` says from whom, null = both.

    Attributes:
        point: the open point that it settles.
    """

    code: str
    point: str
    side: Side | None
    conversation: int | None
    from_at: str | None
    to_at: str | None
    count: int


def _grades_phrase(grades: tuple[tuple[str, int], ...]) -> Phrase:
    """The number of conversations with each grade, as a chain of phrases."""
    counts = [
        Phrase(key="report.grade_of", values={"grade": Phrase(key=f"verdict.{grade}"), "n": n})
        for grade, n in grades
        if n
    ]
    chain = counts[-1]
    for phrase in reversed(counts[:-1]):
        chain = Phrase(key="report.list_pair", values={"first": phrase, "rest": chain})
    return chain


class Trials(Frozen):
    """One test of one class of messages (`all` = every trial): trials, hits, one-sided 95 % bound."""

    code: str
    tried: int
    hit: int
    bound: str


class Measured(Frozen):
    """The run's error rates: messages hidden and reported missing, decoys added and matched.

    All trials come first, then the classes of twenty or more; empty = not estimable on this material.
    """

    hidden: tuple[Trials, ...]
    decoys: tuple[Trials, ...]


class ErrorBound(Frozen):
    """At most `wrong_at_most` of the `claimed` rows of a class (missing, conflicts) are wrong (95 %)."""

    claim: str
    claimed: int
    wrong_at_most: int


class ReportData(Frozen):
    """The frozen report from which every form is printed.

    Attributes:
        lines: every line except agreements without a cause; gaps: every run of one-sided rows. Both may be long, so
            they are lazy frames, collected only for tables of all findings (at most `sheet_rows` in one sheet), and
            left out of the JSON form.
    """

    case: str
    cover: tuple[tuple[str, str], ...]
    program_version: str
    command: str
    timezone: str
    settings: tuple[tuple[str, str], ...]
    hashes: tuple[tuple[str, str], ...]
    masked: bool
    masked_names: int
    masked_numbers: int
    masked_rows: int | None
    left: SideFact
    right: SideFact
    sums: Sums
    conversations: tuple[ConversationReport, ...]
    grades: tuple[tuple[str, int], ...]
    listed: int
    detailed: int
    not_printed: int
    discrepancies: tuple[Discrepancy, ...]
    discrepancies_found: int
    decisions: tuple[DecisionRow, ...]
    reviewers: tuple[str, ...]
    grades_found: tuple[tuple[str, int], ...]
    decisions_found: int
    decisions_out_of_date: int
    decisions_logged: int
    decisions_head: str
    odd: tuple[tuple[int | None, OddRow], ...]
    odd_found: int
    absent_outside: tuple[AbsentRow, ...]
    absent_outside_found: int
    series: Series
    lacked: tuple[LackRow, ...]
    lacked_found: int
    agreed_by: tuple[Tally, ...]
    differing_by: tuple[Tally, ...]
    aside_by: tuple[Tally, ...]
    error_bounds: tuple[ErrorBound, ...]
    measured: Measured | None
    checklist: tuple[CheckRow, ...]
    factors: tuple[Factor, ...]
    requests: tuple[Request, ...]
    error_rates: tuple[tuple[str, str], ...]
    posts: PostsReport | None
    rate_lines: tuple[Phrase, ...]
    sheet_rows: int
    lines: Annotated[pl.LazyFrame, SkipValidation] = Field(exclude=True, repr=False)
    gaps: Annotated[pl.LazyFrame, SkipValidation] = Field(exclude=True, repr=False)

    @property
    def reviewed_lines(self) -> tuple[Phrase, ...]:
        """The reviewers and their decisions, and the verdicts before and after; empty without decisions."""
        if not self.decisions_found:
            return ()
        names = Phrase(key="report.literal", values={"text": "、".join(self.reviewers)})
        return (
            Phrase(key="report.reviewed_by", values={"names": names, "n": self.decisions_found}),
            Phrase(key="report.verdicts_found", values={"grades": _grades_phrase(self.grades_found)}),
            Phrase(key="report.verdicts_reviewed", values={"grades": _grades_phrase(self.grades)}),
        )

    @property
    def sides(self) -> tuple[SideFact, SideFact]:
        """Both sides, left first."""
        return (self.left, self.right)

    @property
    def alike(self) -> str | None:
        """Why both copies may come from one party: `same_files`, `one_owner`; None = no sign of it."""
        return same_party_evidence((self.left.sums, self.right.sums), (self.left.owner.id, self.right.owner.id))

    @property
    def edge_unverified(self) -> int:
        """Rows at unverified edges, over all conversations."""
        return sum(c.edge_unverified for c in self.conversations)

    @property
    def referenced_absent(self) -> int:
        """Messages that neither side holds but something refers to, over all conversations."""
        return sum(c.referenced_absent for c in self.conversations)
