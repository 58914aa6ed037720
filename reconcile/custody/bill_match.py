"""match_bill(): joins payments of the chats with lines of a statement; ambiguous ones stay doubtful.

Order: ids; damaged ids with the amount; then amount, direction, time and name (bill_similarity.py). Anything that
fits two ways is doubtful.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import dataframely as dy
import polars as pl

from reconcile.custody.bill import Bill
from reconcile.custody.bill_candidates import NameBook, Timed, seconds_of
from reconcile.custody.bill_frames import BillFates, Direction, Fate, Payments
from reconcile.custody.bill_payments import Payment, counterpart_names, payments_of
from reconcile.custody.bill_sides import Entry, Line, expected_at, known_names, line_of, link, open_lines
from reconcile.custody.bill_similarity import (
    CLEAR_SECONDS,
    DOUBT_SECONDS,
    MINUTE,
    MOST_CANDIDATES,
    Look,
    is_minute,
    join_by_likeness,
    learn_offset,
    name_doubtful,
)
from reconcile.custody.bill_unshown import doubt_unshown
from reconcile.frames import Messages
from reconcile.vocabulary import Kind

REFUND_WITHIN = timedelta(days=4)
LEAST_PREFIX = 12  # fewer digits of a damaged id prove nothing: the first ones name the kind of payment
_Key = tuple[object, ...]
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
        """Whether a payment or a line is missing in the other source or differs from it."""
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
    """Joins a statement with the payments of one export's chats.

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
    _join_unmatched(entries, lines, look)
    doubt_unshown(lines, held, look, own_device=own_device)
    return BillFindings(
        _payments_frame(entries), _fates_frame(lines), look.offset, bill.from_at is None or bill.to_at is None
    )


def _join_by_id(entries: list[Entry], lines: list[Line]) -> None:
    """Joins payments and lines with the same id; an id on several lines makes all of them doubtful."""
    by_id: dict[str, list[Line]] = defaultdict(list)
    for line in open_lines(lines):
        for i in line.ids:
            by_id[i].append(line)
    for entry in entries:
        for i in entry.payment.ids & by_id.keys():
            by_id[i] = [x for x in by_id[i] if x.fate is None]
        found = {x.number: x for i in entry.payment.ids & by_id.keys() for x in by_id[i]}
        if len(found) == 1:
            link(entry, next(iter(found.values())), "id")
        elif found:
            entry.candidates = sorted(found)[:MOST_CANDIDATES]
            entry.fate = Fate.DOUBTFUL
            for x in found.values():
                x.fate = Fate.DOUBTFUL


def _join_by_prefix(entries: list[Entry], lines: list[Line]) -> None:
    """Joins by surviving digits of damaged ids, amount, direction and day, if only one of each fits."""
    lengths: set[int] = set()
    held: dict[_Key, Timed[Line]] = defaultdict(Timed)
    for line in sorted((x for x in open_lines(lines) if x.at is not None), key=lambda x: x.at or 0.0):
        for prefix in {p for p in line.row["id_prefixes"] if len(p) >= LEAST_PREFIX}:
            lengths.add(len(prefix))
            held[line.kind, prefix, line.row["amount"], line.row["direction"]].add(line.at or 0.0, line)
    fitting: dict[int, list[Entry]] = defaultdict(list)
    alone: list[tuple[Entry, Line]] = []
    for entry in (e for e in entries if held and e.fate is None and e.payment.amount):
        found = _lines_with_id_prefix(entry, lengths, held)
        for line in found.values():
            fitting[line.number].append(entry)
        if len(found) == 1:
            alone.append((entry, next(iter(found.values()))))
    for entry, line in alone:
        if len(fitting[line.number]) == 1:
            link(entry, line, "id_prefix")


def _lines_with_id_prefix(entry: Entry, lengths: set[int], held: Mapping[_Key, Timed[Line]]) -> dict[int, Line]:
    """Lines whose surviving id digits fit this payment; the first few, since more than one is ambiguous."""
    payment, at = entry.payment, seconds_of(entry)
    ways = [str(payment.direction)] if payment.direction else list(map(str, Direction))
    found: dict[int, Line] = {}
    for prefix, way in product({i[:n] for i in payment.ids for n in lengths}, ways):
        times = held.get((payment.kind, prefix, payment.amount, way))
        for line in times.within(at - DOUBT_SECONDS, at + DOUBT_SECONDS, 2) if times and at is not None else ():
            found[line.number] = line
    return found


def _join_refunds(lines: list[Line]) -> None:
    """Links each refund to the one payment that it returns, by id or by name, amount and time."""
    by_id: dict[_Key, list[Line]] = defaultdict(list)
    alike: dict[_Key, Timed[Line]] = defaultdict(Timed)
    for line in sorted((x for x in lines if x.kind and not x.is_refund), key=lambda x: x.at or 0.0):
        for i in line.ids:
            by_id[line.kind, i].append(line)
        paid = line.row["direction"] == str(Direction.EXPENSE) and "退" in (line.row["state"] or "退")
        if paid and line.at is not None:
            alike[line.kind, line.name, line.row["amount"]].add(line.at, line)
    for line in (x for x in lines if x.is_refund and x.kind):
        chosen = {o.number: o for i in line.ids for o in by_id.get((line.kind, i), ())[:2]}
        times = alike.get((line.kind, line.name, line.row["amount"]))
        if not chosen and times and line.at is not None:
            chosen = {o.number: o for o in times.within(line.at - REFUND_WITHIN.total_seconds(), line.at, 2)}
        if len(chosen) == 1:
            original = next(iter(chosen.values()))
            line.payment, line.conversation = original.payment, original.conversation
            fates = {Fate.JOINED: Fate.REFUND, Fate.CONFLICT: Fate.REFUND, Fate.DOUBTFUL: Fate.DOUBTFUL}
            line.fate = fates.get(original.fate) if original.fate else None
        elif chosen:
            line.fate = Fate.DOUBTFUL


def _close_payments(entries: list[Entry], bill: Bill) -> None:
    """Gives every payment that found no line its fate."""
    first, last = _covered_range(bill)
    for entry in (e for e in entries if e.fate is None):
        payment, at = entry.payment, expected_at(entry.payment)
        if not payment.took_part:
            entry.fate, entry.detail = Fate.NOT_EXPECTED, ["others"]
        elif at is None or first is None or last is None or not first <= at <= last:
            entry.fate = Fate.OUTSIDE_RANGE
        elif _is_filtered_out(bill, payment):
            entry.fate = Fate.FILTERED
        elif payment.direction is None:
            entry.fate, entry.detail = Fate.DOUBTFUL, ["direction_unknown"]
        elif payment.direction is Direction.INCOME and payment.state != "received" and not payment.settled_at:
            entry.fate, entry.detail = Fate.NOT_EXPECTED, ["receipt_not_shown"]
        elif payment.direction is Direction.INCOME and payment.state in ("returned", "expired"):
            entry.fate, entry.detail = Fate.NOT_EXPECTED, ["returned"]
        elif payment.may_be_receipt:
            entry.fate, entry.detail = Fate.DOUBTFUL, ["may_be_receipt"]
        else:
            entry.fate = Fate.NOT_IN_STATEMENT


def _covered_range(bill: Bill) -> tuple[datetime | None, datetime | None]:
    """First and last time that the statement covers, as stated or else of its lines."""
    times: list[datetime] = bill.rows["at"].drop_nulls().sort().to_list()
    first = bill.from_at or (times[0] if times else None)
    last = bill.to_at or (times[-1] if times else None)
    return first, min(last, bill.exported_at) if last and bill.exported_at else last


def _is_filtered_out(bill: Bill, payment: Payment) -> bool:
    """Whether the statement's stated type leaves this kind of payment out."""
    if not bill.is_filtered:
        return False
    stated = bill.export_type or ""
    wanted = "转账" if payment.kind == str(Kind.TRANSFER) else "红包"
    way = "支出" if payment.direction is Direction.EXPENSE else "收入"
    return wanted not in stated and way not in stated


def _close_lines(
    entries: list[Entry], lines: list[Line], messages: dy.DataFrame[Messages], called: Mapping[str, set[str]]
) -> None:
    """Gives every line that found no payment its fate."""
    spans = {
        c: (a, b)
        for c, a, b in messages.group_by("conversation")
        .agg(pl.col("sent_at").min().alias("a"), pl.col("sent_at").max().alias("b"))
        .iter_rows()
    }
    names = known_names(entries)
    for conversation, known in called.items():
        names[conversation] |= known
    book = NameBook(lines)
    whose: dict[str, list[str]] = defaultdict(list)
    for conversation, known in names.items():
        for name in book.written(known):
            whose[name].append(conversation)
    for line in (x for x in lines if x.fate is None):
        line.fate = Fate.OTHER_TYPE if line.kind is None else _fate_of_unmatched(line, whose, spans)


def _fate_of_unmatched(
    line: Line, whose: Mapping[str, list[str]], spans: Mapping[str, tuple[datetime | None, datetime | None]]
) -> Fate:
    """The fate of an unmatched line, by the one conversation that its name leads to."""
    at, of = line.row["at"], whose.get(line.name or "", [])
    if len(of) != 1:
        return Fate.OTHER_PARTY
    line.conversation = of[0]
    first, last = spans.get(of[0], (None, None))
    if at is None or first is None or last is None or not first <= at <= last:
        return Fate.OUTSIDE_RANGE
    return Fate.REFUND if line.is_refund else Fate.NOT_IN_CHATS


def _join_unmatched(entries: list[Entry], lines: list[Line], look: Look) -> None:
    """Joins a payment and a line that only one source holds, at one time with one person, as a conflict."""
    held: dict[_Key, Timed[Line]] = defaultdict(Timed)
    for line in sorted((x for x in lines if x.fate is Fate.NOT_IN_CHATS), key=lambda x: x.at or 0.0):
        held[line.conversation, line.kind, line.row["direction"], bool(line.ids)].add(line.at or 0.0, line)
    fitting: dict[int, list[Entry]] = defaultdict(list)
    alone: list[tuple[Entry, Line]] = []
    for entry in (e for e in entries if e.fate is Fate.NOT_IN_STATEMENT):
        found = _unmatched_lines_near(entry, held, look)
        for line in found:
            fitting[line.number].append(entry)
        if len(found) == 1:
            alone.append((entry, found[0]))
    for entry, line in alone:
        if len(fitting[line.number]) == 1:
            link(entry, line, "name_time", look.offset)


def _unmatched_lines_near(entry: Entry, held: Mapping[_Key, Timed[Line]], look: Look) -> list[Line]:
    """Unmatched lines of the statement near this payment; at most two by key: two are ambiguous."""
    payment, at = entry.payment, (seconds_of(entry) or 0.0) + look.offset
    # Different whole ids are different payments.
    with_ids = (False,) if payment.ids and payment.kind in look.id_kinds else (False, True)
    within = CLEAR_SECONDS + look.slack
    keys = [(payment.conversation, payment.kind, str(payment.direction), ids) for ids in with_ids]
    return [x for key in keys if key in held for x in held[key].within(at - within, at + within, 2)]


def _payments_frame(entries: list[Entry]) -> dy.DataFrame[Payments]:
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
    return Payments.cast(pl.DataFrame(rows, schema=_loose_types(Payments), orient="row"))


def _fates_frame(lines: list[Line]) -> dy.DataFrame[BillFates]:
    rows = [
        {"bill_row": x.number, "fate": str(x.fate), "payment": x.payment, "conversation": x.conversation} for x in lines
    ]
    return BillFates.cast(pl.DataFrame(rows, schema=_loose_types(BillFates), orient="row"))


def _loose_types(schema: type[dy.Schema]) -> dict[str, Any]:
    """The column types of a schema, with text in place of enums."""
    return {n: pl.String if isinstance(c.dtype, pl.Enum) else c.dtype for n, c in schema.columns().items()}
