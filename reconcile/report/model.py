"""ReportData: everything a report prints, complete before rendering, and in no language."""

from typing import Annotated, Literal

import polars as pl
from pydantic import Field, SkipValidation

from reconcile.report.pieces import CodePoint, Frozen, KindTally, Media, Phrase, Segment, Tally
from reconcile.report.posts_model import PostPart, PostsReport
from reconcile.same_party import same_party_evidence
from reconcile.vocabulary import Side
from reconcile.wording import LANGS, say
from reconcile.wording.sides import account_of


class Cell(Frozen):
    """One printed row of one copy; `row` counts from 1. Null = the export does not state it."""

    side: Side
    row: int
    locator: str
    at: str | None
    sender: str | None
    sender_id: str | None
    is_self: bool | None
    kind: str
    text: tuple[Segment, ...]
    cut_before: int = 0
    cut_after: int = 0
    message_id: str | None = None
    local_id: int | None = None
    amount: str | None = None
    media_hash: str | None = None
    duration: float | None = None
    file_name: str | None = None
    status: str | None = None
    quoted: str | None = None
    post: PostPart | None = None
    media: Media | None = Field(default=None, exclude=True, repr=False)

    @property
    def words_state_amount(self) -> bool:
        """Whether the text already contains the amount, so that it need not be printed again."""
        return self.amount is not None and self.amount in "".join(s.text for s in self.text)


class Line(Frozen):
    """One line of the alignment with its rows; `skipped` lines stand for that many omitted ones."""

    focus: bool
    left: Cell | None = None
    right: Cell | None = None
    relation: str = ""
    cause: str | None = None
    detail: tuple[str, ...] = ()
    confidence: float | None = None
    similarity: float | None = None
    offset_seconds: float | None = None
    method: str | None = None
    differs: tuple[str, ...] = ()
    skipped: int = 0


class Finding(Frozen):
    """A conflict, a run of one-sided rows or a doubtful line, with the lines around it.

    `explain` is the command that explains its first row.
    """

    number: int
    relation: str
    cause: str | None
    lacking: Side | None
    rows: int
    from_at: str | None
    to_at: str | None
    kinds: tuple[str, ...]
    authors: int | None
    confidence: float | None
    not_excluded: tuple[str, ...]
    tests_not_possible: tuple[str, ...]
    lines: tuple[Line, ...]
    explain: str | None = None
    code_points: tuple[CodePoint, ...] = ()


class AbsentRow(Frozen):
    """A message that neither side holds but one side refers to; `is_placed` as in frames.Absent.

    Attributes:
        amount, said_at: amount and time of the referring row, such as a receipt.
        named: the number of the payment or album that it names.
    """

    side: Side
    witness: str
    locator: str
    message_id: str | None
    at: str | None
    sender: str | None
    kind: str | None
    text: str
    count: int | None
    is_placed: bool | None = None
    amount: str | None = None
    said_at: str | None = None
    named: Phrase | None = None

    @property
    def amount_beside(self) -> str | None:
        """The amount, if the text does not state it."""
        return None if self.amount is None or self.amount in self.text else self.amount


class OddRow(Frozen):
    """An irregularity inside one copy; `row` counts from 1."""

    side: Side
    conversation: str | None
    row: int | None
    locator: str
    reason: str


class Sums(Frozen):
    """Where every row of each side is counted, in exactly one place."""

    left_rows: int
    right_rows: int
    agreements: int
    conflicts: int
    doubtful_pairs: int
    left_doubtful: int
    right_doubtful: int
    left_only: int
    right_only: int
    left_aside: int
    right_aside: int

    @property
    def left_holds(self) -> bool:
        """Whether the left side's parts add up to its rows."""
        parts = self.agreements + self.conflicts + self.doubtful_pairs
        return parts + self.left_doubtful + self.left_only + self.left_aside == self.left_rows

    @property
    def right_holds(self) -> bool:
        """Whether the right side's parts add up to its rows."""
        parts = self.agreements + self.conflicts + self.doubtful_pairs
        return parts + self.right_doubtful + self.right_only + self.right_aside == self.right_rows


class ConversationReport(Frozen):
    """One conversation: verdict, sums, findings. Titles are those of each device."""

    number: int
    conversation: str
    left_title: str | None
    right_title: str | None
    left_key: str | None
    right_key: str | None
    kind: str | None
    pairing: str
    grade: str
    grade_found: str | None
    reasons: tuple[str, ...]
    tests_not_possible: tuple[str, ...]
    sums: Sums
    edge_unverified: int
    referenced_absent: int
    skew_seconds: float | None
    coverage_from: str | None
    coverage_to: str | None
    kinds: tuple[KindTally, ...]
    aside: tuple[Tally, ...]
    forms: tuple[Tally, ...]
    findings: tuple[Finding, ...]
    findings_found: int
    absent: tuple[AbsentRow, ...]
    absent_found: int
    odd_found: int
    unstated: int = 0
    clock_changes: int = 0


class FileFact(Frozen):
    """One input file."""

    side: Side
    path: str
    size: int
    sha256: str
    sm3: str
    form: str


class NoteFact(Frozen):
    """Notes with one code on one side, with the first few places."""

    side: Side
    code: str
    count: int
    examples: tuple[tuple[str, str, bool], ...]


class PersonFact(Frozen):
    """An account as one export names it."""

    side: Side
    is_owner: bool
    id: str | None
    alias: str | None
    name: str | None
    remark: str | None
    phone: str | None
    avatar_sha256: str | None


class SideFact(Frozen):
    """What one export states about itself; null = not stated."""

    side: Side
    label: str
    reader: str
    tool: str | None
    tool_version: str | None
    exported_at: str | None
    timezone: str | None
    device: str | None
    os: str | None
    app_version: str | None
    rows: int
    conversations: int
    first_at: str | None
    last_at: str | None
    zone_sources: tuple[str, ...]
    precisions: tuple[str, ...]
    files: tuple[FileFact, ...]
    files_found: int
    notes: tuple[NoteFact, ...]
    owner: PersonFact
    persons: tuple[PersonFact, ...]
    persons_found: int
    filters: tuple[Phrase, ...]
    declared: tuple[Phrase, ...]
    limits: tuple[Phrase, ...]

    @property
    def sums(self) -> list[str]:
        """SHA-256 of the files with rows; if the list is cut, also the number of further files."""
        own = [f.sha256 for f in self.files if f.form != "statement"]
        more = self.files_found - len(self.files)
        return [*own, str(more)] if more else own

    @property
    def called(self) -> Phrase:
        """The name of the side: the user's, or the default in either language."""
        key = f"report.side_{self.side}"
        if self.label in (say(key, lang) for lang in LANGS):
            return Phrase(key=key)
        return Phrase(key="report.literal", values={"text": self.label})

    @property
    def copy_of(self) -> Phrase:
        """The name of the side's material inside a sentence."""
        called = self.called
        return called if called.key != "report.literal" else Phrase(key="front.copy_of", values={"side": called})

    @property
    def made_by(self) -> Phrase:
        """The tool that made the export, with its stated version; for an unnamed tool, the export's format."""
        if self.tool is None:
            return Phrase(key=f"readers.{self.reader}")
        if self.tool_version is None:
            return Phrase(key="report.literal", values={"text": self.tool})
        return Phrase(key="report.tool_stated", values={"tool": self.tool, "version": self.tool_version})

    @property
    def account(self) -> str | None:
        """The account of the side's export; None = not stated."""
        return account_of(self.owner.id, self.owner.alias, self.owner.name)

    @property
    def with_account(self) -> Phrase:
        """The name of the side with the account of its export."""
        if self.account is None:
            return Phrase(key="report.side_without_account", values={"side": self.called})
        return Phrase(key="report.side_with_account", values={"side": self.called, "account": self.account})


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


class LackRow(Frozen):
    """Messages of one conversation, author and kind that one side lacks, or that differ.

    Attributes:
        lacking: the lacking side; None = the two versions differ.
        author: the side of the party who wrote them; None = somebody else, named in `name`.
        amount: sum of the stated amounts in yuan; of differing messages, those of the left copy.
        other_amount: the sum of the right copy, of differing messages.
    """

    conversation: int
    lacking: Side | None
    author: Side | None
    name: str | None
    kind: str
    count: int
    amount: str | None
    other_amount: str | None
    from_at: str | None
    to_at: str | None


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
    """Something to ask for; `side` says from whom, null = both."""

    code: str
    side: Side | None
    conversation: int | None
    from_at: str | None
    to_at: str | None
    count: int


class Discrepancy(Frozen):
    """One row of the list of discrepancies. A side's text is null where it has no such message."""

    number: int
    finding: int | None
    conversation: int
    at: str | None
    sender: str | None
    kind: str
    relation: str
    cause: str | None
    left: tuple[Segment, ...] | None
    right: tuple[Segment, ...] | None
    left_locator: str | None
    right_locator: str | None
    explain: str | None = None


def _listed(grades: tuple[tuple[str, int], ...]) -> Phrase:
    """The number of conversations with each grade, as a chain of phrases."""
    told = [
        Phrase(key="report.grade_of", values={"grade": Phrase(key=f"verdict.{grade}"), "n": n})
        for grade, n in grades
        if n
    ]
    chain = told[-1]
    for phrase in reversed(told[:-1]):
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
    series: Series
    lacked: tuple[LackRow, ...]
    lacked_found: int
    agreed_by: tuple[Tally, ...]
    differing_by: tuple[Tally, ...]
    aside_by: tuple[Tally, ...]
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
            Phrase(key="report.verdicts_found", values={"grades": _listed(self.grades_found)}),
            Phrase(key="report.verdicts_reviewed", values={"grades": _listed(self.grades)}),
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
    def of_one_side(self) -> int:
        """Conversations that only one side holds, so that nothing in them was compared."""
        return sum(c.left_key is None or c.right_key is None for c in self.conversations)

    @property
    def referenced_absent(self) -> int:
        """Messages that neither side holds but something refers to, over all conversations."""
        return sum(c.referenced_absent for c in self.conversations)
