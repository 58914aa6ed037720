"""ReportData: everything a report prints, complete before any template runs; codes, numbers and texts, in no language."""

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
    """One row of one copy, as printed; `row` counts from 1. Null = the export does not say."""

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
        """Whether the words already hold the amount, so that it need not be printed beside them."""
        return self.amount is not None and self.amount in "".join(s.text for s in self.text)


class Line(Frozen):
    """One line of the alignment with the rows it speaks of; `skipped` stands for that many lines not printed."""

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
    """A conflict, a run of one-sided rows or a doubtful line, with the lines around it and the command that explains its first row."""

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
    """A message that neither side holds and that one side's material speaks of; `is_placed` as in frames.Absent.

    `amount` and `said_at` are those of the row that speaks, a receipt for instance; `named`: the number of the payment or album that it names.
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
        """The amount, where the words do not state it."""
        return None if self.amount is None or self.amount in self.text else self.amount


class OddRow(Frozen):
    """An irregularity inside one copy; `row` counts from 1."""

    side: Side
    conversation: str | None
    row: int | None
    locator: str
    reason: str


class Sums(Frozen):
    """The law of conservation in figures: every row of a side stands in exactly one place."""

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
    """One conversation: verdict, sums, findings. Titles are as each device shows them."""

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
    """One file the result rests on."""

    side: Side
    path: str
    size: int
    sha256: str
    sm3: str
    form: str


class NoteFact(Frozen):
    """Notes of one code on one side, with the first few places."""

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
    """What one export states about itself; null = it does not say."""

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
        """SHA-256 of the files that hold rows; of a long list, which is cut, also how many more there are."""
        own = [f.sha256 for f in self.files if f.form != "statement"]
        more = self.files_found - len(self.files)
        return [*own, str(more)] if more else own

    @property
    def called(self) -> Phrase:
        """What the side is called: the user's own word, or the neutral one in either language."""
        key = f"report.side_{self.side}"
        if self.label in (say(key, lang) for lang in LANGS):
            return Phrase(key=key)
        return Phrase(key="report.literal", values={"text": self.label})

    @property
    def copy_of(self) -> Phrase:
        """What the side's material is called inside a sentence."""
        called = self.called
        return called if called.key != "report.literal" else Phrase(key="front.copy_of", values={"side": called})

    @property
    def made_by(self) -> Phrase:
        """The tool that made the export, with the version that it states; of an unnamed tool, the form of the export."""
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
        """What the side is called, with the account of its export."""
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
    """Messages of one conversation, author and kind that one side lacks, or that differ; `lacking` null = the two versions differ.

    `author` is the owner's side where one of the two parties wrote them, else `name` says who did. `amount` sums what the messages state, in yuan; of
    differing ones it is the left copy's and `other_amount` the right one's.
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
    """One row of the submission checklist: what each export itself shows; null = for a person to fill in."""

    item: str
    needed: Literal["R", "C"]
    left: Phrase | None
    right: Phrase | None


class Factor(Frozen):
    """One factor of article 93: what was observed."""

    number: int
    observed: tuple[Phrase, ...]


class DecisionRow(Frozen):
    """One judgement of a reviewer, as the report names it."""

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
    """Something to ask for, and of whom; side null = both."""

    code: str
    side: Side | None
    conversation: int | None
    from_at: str | None
    to_at: str | None
    count: int


class Discrepancy(Frozen):
    """One row of the list of discrepancies. A side's words are null where it has no such message."""

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
    """How many conversations have each grade, as a chain of phrases."""
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
    """One test of one class of messages (`all` = every trial): how many were tried, how many came out, and the one-sided 95 % bound of that share."""

    code: str
    tried: int
    hit: int
    bound: str


class Measured(Frozen):
    """What a run measured of itself: messages of both copies hidden and reported missing, control messages put in and paired all the same.

    All trials come first, then the classes of twenty or more; empty = not estimable on this material.
    """

    hidden: tuple[Trials, ...]
    decoys: tuple[Trials, ...]


class ReportData(Frozen):
    """One frozen report, from which every form is printed.

    `lines` and `gaps` are the parts that may be long (every line that is not an agreement equal in all both state; every run of
    one-sided rows): lazy frames over the findings, collected only when a table of all findings is written (at most
    `sheet_rows` of them in one sheet of a workbook), and left out of the JSON form.
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
        """Who reviewed and how many decisions count, the program's own verdicts, and those after the review; empty where nobody did."""
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
        """Why the two copies may not be two parties': `same_files`, `one_owner` (of the same account, as both state); None = nothing says so."""
        return same_party_evidence((self.left.sums, self.right.sums), (self.left.owner.id, self.right.owner.id))

    @property
    def edge_unverified(self) -> int:
        """Rows at unverified edges, of all conversations."""
        return sum(c.edge_unverified for c in self.conversations)

    @property
    def of_one_side(self) -> int:
        """Conversations that one side's copy alone holds, so that nothing in them was compared."""
        return sum(c.left_key is None or c.right_key is None for c in self.conversations)

    @property
    def referenced_absent(self) -> int:
        """Messages spoken of that neither side holds, of all conversations."""
        return sum(c.referenced_absent for c in self.conversations)
