"""match_bill(): the payments of the chats and the lines of a statement, each with what became of it; never a forced join.

Order: ids; damaged ids with the amount; then amount, direction, time and name (`bill_likeness.py`). What fits two ways is
doubtful.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import dataframely as dy
import polars as pl

from reconcile.custody.bill import Bill
from reconcile.custody.bill_frames import BillFates, Direction, Fate, Payments
from reconcile.custody.bill_likeness import (
    DOUBT_SECONDS,
    MINUTE,
    Look,
    is_minute,
    join_by_likeness,
    learn_offset,
    name_doubtful,
)
from reconcile.custody.bill_payments import Payment, counterpart_names, payments_of
from reconcile.custody.bill_sides import (
    Entry,
    Line,
    direction_fits,
    expected_at,
    known_names,
    line_of,
    link,
    open_lines,
    same_name,
)
from reconcile.frames import Messages
from reconcile.vocabulary import Kind

REFUND_WITHIN = timedelta(days=4)
FINDINGS = (Fate.CONFLICT, Fate.NOT_IN_STATEMENT, Fate.NOT_IN_CHATS)


@dataclass(frozen=True, slots=True)
class BillFindings:
    """Every payment of the chats and every line of the statement exactly once, with its fate.

    Attributes:
        payments: one row a payment.
        fates: one row a line of the statement.
        offset_seconds: learnt difference of the clocks (statement minus chat), taken out before times were compared.
        range_assumed: the statement does not say its range; first and last line stood in for it.
    """

    payments: dy.DataFrame[Payments]
    fates: dy.DataFrame[BillFates]
    offset_seconds: float
    range_assumed: bool

    @property
    def has_findings(self) -> bool:
        """Whether a payment or a line stands against the other source."""
        named = [str(f) for f in FINDINGS]
        return any(f["fate"].cast(pl.String).is_in(named).any() for f in (self.payments, self.fates))

    def counts(self) -> dict[str, dict[str, int]]:
        """Fate -> number, of payments and of lines."""
        return {
            name: dict(sorted((str(k), int(n)) for k, n in frame["fate"].value_counts().iter_rows()))
            for name, frame in (("payments", self.payments), ("lines", self.fates))
        }


def match_bill(
    bill: Bill,
    messages: dy.DataFrame[Messages],
    *,
    own_device: bool = True,
    names: Mapping[str, Iterable[str]] | None = None,
    conversations: Sequence[str] | None = None,
) -> BillFindings:
    """Holds a statement against the chats of one export.

    Args:
        bill: the statement.
        messages: of one export.
        own_device: False when the statement is of the other party of the conversations, not of the exported account.
        names: conversation -> further names (nickname, real name) of the statement account's counterpart there.
        conversations: only these; None = all. Give the one conversation when `own_device` is False.
    """
    held = (
        messages
        if conversations is None
        else Messages.cast(messages.filter(pl.col("conversation").is_in(list(conversations))))
    )
    entries = [Entry(p, n) for n, p in enumerate(payments_of(held, own_device=own_device, names=names))]
    lines = [line_of(row) for row in bill.rows.iter_rows(named=True)]
    _join_by_id(entries, lines)
    _join_by_prefix(entries, lines)
    look = Look(learn_offset(entries, lines, held), MINUTE if is_minute(bill, held) else 0.0)
    join_by_likeness(entries, lines, look)
    name_doubtful(entries, lines, look)
    _join_refunds(lines)
    _close_payments(entries, bill)
    called = counterpart_names(held, own_device=own_device)
    for conversation, more in (names or {}).items():
        called[conversation] = called.get(conversation, set()) | set(more)
    _close_lines(entries, lines, held, called)
    return BillFindings(_payments(entries), _fates(lines), look.offset, bill.from_at is None or bill.to_at is None)


def _join_by_id(entries: list[Entry], lines: list[Line]) -> None:
    by_id: dict[str, list[Line]] = defaultdict(list)
    for line in open_lines(lines):
        for i in line.ids:
            by_id[i].append(line)
    for entry in entries:
        found = {id(x): x for i in entry.payment.ids for x in by_id[i] if x.fate is None}
        if len(found) == 1:
            link(entry, next(iter(found.values())), "id")
        elif found:
            entry.candidates = sorted(x.number for x in found.values())
            entry.fate = Fate.DOUBTFUL
            for x in found.values():
                x.fate = Fate.DOUBTFUL


def _join_by_prefix(entries: list[Entry], lines: list[Line]) -> None:
    damaged = [x for x in open_lines(lines) if x.row["id_prefixes"]]
    waiting = [e for e in entries if e.fate is None and e.payment.ids and e.payment.amount]
    pairs = [(e, x) for e in waiting for x in damaged if _prefix_fits(e.payment, x)]
    for entry, line in pairs:
        alone = sum(1 for e, _ in pairs if e is entry) == 1 and sum(1 for _, x in pairs if x is line) == 1
        if alone:
            link(entry, line, "id_prefix")


def _prefix_fits(payment: Payment, line: Line) -> bool:
    at = expected_at(payment)
    near = at is not None and line.row["at"] is not None and abs((line.row["at"] - at).total_seconds()) <= DOUBT_SECONDS
    long_enough = [p for p in line.row["id_prefixes"] if len(p) >= 12]
    starts = any(i.startswith(p) for i in payment.ids for p in long_enough)
    return starts and near and payment.amount == line.row["amount"] and direction_fits(payment, line)


def _join_refunds(lines: list[Line]) -> None:
    for line in (x for x in lines if x.is_refund and x.kind):
        originals = [o for o in lines if o.kind == line.kind and not o.is_refund and _refunds(line, o)]
        by_id = [o for o in originals if o.ids & line.ids]
        chosen = by_id or originals
        if len(chosen) == 1:
            original = chosen[0]
            line.payment, line.conversation = original.payment, original.conversation
            line.fate = Fate.REFUND if original.fate in (Fate.JOINED, Fate.CONFLICT) else None
        elif chosen:
            line.fate = Fate.DOUBTFUL


def _refunds(refund: Line, original: Line) -> bool:
    if refund.ids & original.ids:
        return True
    same = refund.row["counterparty"] == original.row["counterparty"] and refund.row["amount"] == original.row["amount"]
    if not same or original.row["direction"] != str(Direction.EXPENSE) or not (refund.row["at"] and original.row["at"]):
        return False
    return timedelta(0) <= refund.row["at"] - original.row["at"] <= REFUND_WITHIN and "退" in (
        original.row["state"] or "退"
    )


def _close_payments(entries: list[Entry], bill: Bill) -> None:
    first, last = _range(bill)
    for entry in (e for e in entries if e.fate is None):
        payment, at = entry.payment, expected_at(entry.payment)
        if not payment.took_part:
            entry.fate, entry.detail = Fate.NOT_EXPECTED, ["others"]
        elif at is None or first is None or last is None or not first <= at <= last:
            entry.fate = Fate.OUTSIDE_RANGE
        elif _left_out(bill, payment):
            entry.fate = Fate.FILTERED
        elif payment.direction is None:
            entry.fate, entry.detail = Fate.DOUBTFUL, ["direction_unknown"]
        elif payment.direction is Direction.INCOME and payment.state != "received" and not payment.settled_at:
            entry.fate, entry.detail = Fate.NOT_EXPECTED, ["receipt_not_shown"]
        elif payment.direction is Direction.INCOME and payment.state in ("returned", "expired"):
            entry.fate, entry.detail = Fate.NOT_EXPECTED, ["returned"]
        else:
            entry.fate = Fate.NOT_IN_STATEMENT


def _range(bill: Bill) -> tuple[datetime | None, datetime | None]:
    times: list[datetime] = bill.rows["at"].drop_nulls().sort().to_list()
    first = bill.from_at or (times[0] if times else None)
    last = bill.to_at or (times[-1] if times else None)
    return first, min(last, bill.exported_at) if last and bill.exported_at else last


def _left_out(bill: Bill, payment: Payment) -> bool:
    if not bill.is_filtered:
        return False
    stated = bill.export_type or ""
    wanted = "转账" if payment.kind == str(Kind.TRANSFER) else "红包"
    way = "支出" if payment.direction is Direction.EXPENSE else "收入"
    return wanted not in stated and way not in stated


def _close_lines(
    entries: list[Entry], lines: list[Line], messages: dy.DataFrame[Messages], called: Mapping[str, set[str]]
) -> None:
    spans = {
        c: (a, b)
        for c, a, b in messages.group_by("conversation")
        .agg(pl.col("sent_at").min().alias("a"), pl.col("sent_at").max().alias("b"))
        .iter_rows()
    }
    names = known_names(entries)
    for conversation, known in called.items():
        names[conversation] |= known
    for line in (x for x in lines if x.fate is None):
        line.fate = Fate.OTHER_TYPE if line.kind is None else _fate_of_unmatched(line, names, spans)


def _fate_of_unmatched(
    line: Line, names: Mapping[str, set[str]], spans: Mapping[str, tuple[datetime | None, datetime | None]]
) -> Fate:
    at, name = line.row["at"], line.row["counterparty"]
    of = [c for c, known in names.items() if name and any(same_name(name, k) for k in known)]
    if len(of) != 1:
        return Fate.OTHER_PARTY
    line.conversation = of[0]
    first, last = spans.get(of[0], (None, None))
    if at is None or first is None or last is None or not first <= at <= last:
        return Fate.OUTSIDE_RANGE
    return Fate.REFUND if line.is_refund else Fate.NOT_IN_CHATS


def _payments(entries: list[Entry]) -> dy.DataFrame[Payments]:
    rows = [
        {
            "payment": e.number,
            "conversation": e.payment.conversation,
            "kind": e.payment.kind,
            "rows": [c["row"] for c in e.payment.cards],
            "locators": [c["locator"] for c in e.payment.cards],
            "amount": e.payment.amount,
            "direction": str(e.payment.direction) if e.payment.direction else None,
            "state": e.payment.state,
            "sent_at": e.payment.sent_at,
            "settled_at": e.payment.settled_at,
            "text": e.payment.cards[0]["text"],
            "name": next(iter(sorted(e.payment.names)), None),
            "fate": str(e.fate),
            "method": e.method,
            "bill_row": e.line.number if e.line else None,
            "candidates": e.candidates if e.fate is Fate.DOUBTFUL else [],
            "offset_seconds": e.offset,
            "detail": ",".join(e.detail) or None,
        }
        for e in entries
    ]
    return Payments.cast(pl.DataFrame(rows, schema=_loose(Payments), orient="row"))


def _fates(lines: list[Line]) -> dy.DataFrame[BillFates]:
    rows = [
        {"bill_row": x.number, "fate": str(x.fate), "payment": x.payment, "conversation": x.conversation} for x in lines
    ]
    return BillFates.cast(pl.DataFrame(rows, schema=_loose(BillFates), orient="row"))


def _loose(schema: type[dy.Schema]) -> dict[str, Any]:
    return {n: pl.String if isinstance(c.dtype, pl.Enum) else c.dtype for n, c in schema.columns().items()}
