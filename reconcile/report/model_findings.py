"""The report model of findings: rows, lines, conversations, and the lists made of them."""

from pydantic import Field

from reconcile.report.pieces import CodePoint, Frozen, KindTally, Media, Phrase, Segment, Tally
from reconcile.report.posts_model import PostPart
from reconcile.vocabulary import Side


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
    """Where every row of each side is counted, in exactly one place.

    `differing_pairs` are those of the doubtful pairs that are one message, of which it is open how its copies differ.
    """

    left_rows: int
    right_rows: int
    agreements: int
    conflicts: int
    doubtful_pairs: int
    differing_pairs: int
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


class ClockStretch(Frozen):
    """Messages of one conversation whose times lie off its common clock.

    Attributes:
        reading: what the times are consistent with, a `ClockReading`.
        rows: pairs of messages in it.
        apart: how far apart the two times are beyond the rest of the conversation, as in 5:00:00.
        left: times of the first and the last message in the left export.
        right: the same in the right export.
    """

    reading: str
    rows: int
    apart: str
    left: tuple[str | None, str | None]
    right: tuple[str | None, str | None]


class ConversationReport(Frozen):
    """One conversation: verdict, sums, findings. Titles are those of each device.

    Attributes:
        open_by: rows in doubt by their cause, or by the reason that their absence may have, and rows set aside at unverified edges or as not chosen.
        clocks: the first stretches of times off the common clock; empty beyond the conversations in detail.
        clock_changes: how many stretches neither a zone nor a clock error explains.
        zone_shifts: pairs of messages in stretches that lie in another time zone.
    """

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
    open_by: tuple[Tally, ...] = ()
    unstated: int = 0
    clocks: tuple[ClockStretch, ...] = ()
    clock_changes: int = 0
    zone_shifts: int = 0


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
