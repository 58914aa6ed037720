"""The two sides of a join, a payment and a statement line, with the state of each."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from reconcile.custody.bill_frames import Direction, Fate
from reconcile.custody.bill_payments import Payment
from reconcile.vocabulary import Kind

SENT_TO = "发给"


@dataclass(slots=True)
class Line:
    """A line of the statement.

    Attributes:
        row: its row of BillRows.
        kind: transfer or red packet; None for what no chat shows as a card.
        is_refund: the return of another line.
        fate, payment, conversation: what became of it, so far.
        number: its position in the statement.
        at: its time in seconds since 1970; None = not readable.
        ids: its whole ids.
        name: the other party. A red packet that was sent is written with `发给` before the name.
    """

    row: dict[str, Any]
    kind: str | None
    is_refund: bool
    fate: Fate | None = None
    payment: int | None = None
    conversation: str | None = None
    number: int = field(init=False)
    at: float | None = field(init=False)
    ids: frozenset[str] = field(init=False)
    name: str | None = field(init=False)

    def __post_init__(self) -> None:
        """Caches values that are read often."""
        row = self.row
        self.number = int(row["bill_row"])
        self.at = row["at"].timestamp() if row["at"] else None
        self.ids = frozenset(i for i in (row["transaction_id"], row["merchant_id"]) if i)
        self.name = row["counterparty"]
        sent = self.kind == str(Kind.RED_PACKET) and (self.is_refund or row["direction"] == str(Direction.EXPENSE))
        if self.name and sent:
            self.name = self.name.removeprefix(SENT_TO).strip() or None


@dataclass(slots=True)
class Entry:
    """A payment of the chats."""

    payment: Payment
    number: int
    fate: Fate | None = None
    line: Line | None = None
    method: str | None = None
    candidates: list[int] = field(default_factory=list)
    offset: float | None = None
    detail: list[str] = field(default_factory=list)


def line_of(row: dict[str, Any]) -> Line:
    """The line of a row of BillRows."""
    kind = None
    if row["type"].startswith("转账"):
        kind = str(Kind.TRANSFER)
    elif "红包" in row["type"]:
        kind = str(Kind.RED_PACKET)
    return Line(row, kind, "退款" in row["type"])


def open_lines(lines: list[Line]) -> list[Line]:
    """Transfers and red packets without a fate so far; refunds are excluded."""
    return [x for x in lines if x.fate is None and x.kind is not None and not x.is_refund]


def link(entry: Entry, line: Line, method: str, offset: float = 0.0) -> None:
    """Joins the two; the fate is `conflict` where amount or direction differ."""
    entry.line, line.payment, entry.method = line, entry.number, method
    line.conversation = entry.payment.conversation
    amount, direction = entry.payment.amount, entry.payment.direction
    if amount is not None and line.row["amount"] is not None and amount != line.row["amount"]:
        entry.detail.append("amount_differs")
    if direction is not None and line.row["direction"] not in (str(direction), str(Direction.NEUTRAL)):
        entry.detail.append("direction_differs")
    entry.fate = line.fate = Fate.CONFLICT if entry.detail else Fate.JOINED
    at = expected_at(entry.payment)
    entry.offset = (line.row["at"] - at).total_seconds() - offset if at and line.row["at"] else None
    entry.detail += _state_detail(entry.payment, line)


def _state_detail(payment: Payment, line: Line) -> list[str]:
    """A code where only one source says that the money went back."""
    state = line.row["state"] or ""
    gone_back = "退还" in state or "全额退款" in state
    if payment.state in ("returned", "expired") and state and not gone_back and "退" not in state:
        return ["returned_only_in_chat"]
    return ["returned_only_in_statement"] if payment.state == "received" and gone_back else []


def direction_fits(payment: Payment, line: Line) -> bool:
    """Whether the money went the same way, or the chat does not say."""
    return payment.direction is None or line.row["direction"] == str(payment.direction)


def expected_at(payment: Payment) -> datetime | None:
    """The expected time on the statement: payment for the payer, receipt for the payee."""
    return payment.settled_at or payment.sent_at if payment.direction is Direction.INCOME else payment.sent_at


def known_names(entries: list[Entry]) -> dict[str, set[str]]:
    """Names that the statement uses for the other party of each conversation, learnt from joins."""
    known: dict[str, set[str]] = defaultdict(set)
    for e in entries:
        if e.fate is Fate.JOINED and not e.payment.is_group and e.line and e.line.name:
            known[e.payment.conversation].add(e.line.name)
    return known


def fold(name: str) -> str:
    """The name in canonical form for comparison."""
    return name.strip().casefold()


def same_name(stated: str, shown: str) -> bool:
    """Whether a name of the statement, perhaps masked, can be the one a chat shows."""
    left, right = fold(stated), fold(shown)
    if left == right:
        return bool(left)
    # The statement may mask names: 张*三, *三. A mask of stars alone says nothing.
    if "*" in left and len(left) == len(right) and left.strip("*"):
        return all(a in ("*", b) for a, b in zip(left, right, strict=True))
    return False
