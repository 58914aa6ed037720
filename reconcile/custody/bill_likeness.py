"""Joins by amount, direction, time and name: only where one line and one payment fit each other clearly better than others."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

import dataframely as dy
import polars as pl

from reconcile.custody.bill import Bill
from reconcile.custody.bill_frames import Direction, Fate
from reconcile.custody.bill_payments import SETTLED_WITHIN, Payment
from reconcile.custody.bill_sides import (
    Entry,
    Line,
    direction_fits,
    expected_at,
    known_names,
    link,
    open_lines,
    same_name,
)
from reconcile.frames import Messages
from reconcile.vocabulary import ZoneSource

NAMED_SECONDS = 300.0  # card and line carry times of two servers; minutes apart at most
UNNAMED_SECONDS = 120.0  # without the name, less
BLIND_SECONDS = 60.0  # without amount (red packets show none) and name, less still
CLEAR_SECONDS = 10.0  # a second candidate must be at least this much farther off, and twice as far
USUAL_SECONDS = 30.0  # how far card and line lie apart, until this material shows it
MINUTE = 60.0
DOUBT_SECONDS = 86_400.0
OFFSET_SUPPORT = 3


@dataclass(frozen=True, slots=True, eq=False)
class Edge:
    """A line that could be a payment: seconds apart, and whether the names agree."""

    entry: Entry
    line: Line
    distance: float
    named: bool


@dataclass(slots=True)
class Look:
    """How times and names are compared: clock offset, slack for whole minutes, names learnt so far."""

    offset: float
    slack: float
    names: dict[str, set[str]] = field(default_factory=dict)
    taken_by: dict[str, str] = field(default_factory=dict)
    called: set[str] = field(default_factory=set)
    id_kinds: set[str] = field(default_factory=set)

    def learn(self, entries: list[Entry], lines: list[Line]) -> None:
        """Takes in the names of the joins made so far, and which chats' people the statement calls by a known name."""
        self.names = known_names(entries)
        self.taken_by = {n: c for c, known in self.names.items() for n in known}
        written = {x.row["counterparty"] for x in lines if x.row["counterparty"]}
        self.id_kinds = {k for k in {e.payment.kind for e in entries} if _ids_speak(k, entries)}
        self.called = {
            e.payment.conversation
            for e in entries
            if any(same_name(w, k) for k in self.known(e.payment) for w in written)
        }

    def known(self, payment: Payment) -> set[str]:
        """Names of a payment's other party, shown by the chat or learnt."""
        return payment.names | self.names.get(payment.conversation, set())


def learn_offset(entries: list[Entry], lines: list[Line], messages: dy.DataFrame[Messages]) -> float:
    """Statement time minus chat time where the chat's zone was not stated; 0 where it was or too little speaks for another."""
    zones = set(messages["zone_source"].cast(pl.String).unique())
    if not zones & {str(ZoneSource.ASSUMED), str(ZoneSource.DECLARED)}:
        return 0.0
    by_id = [e.offset for e in entries if e.fate is Fate.JOINED and e.offset is not None]
    if by_id:
        return _settled(median(by_id))
    # Without ids: amounts that occur once on each side, and a difference that most of them share.
    ours, theirs = _by_amount(entries), _lines_by_amount(lines)
    apart = [
        (x[0].row["at"] - at).total_seconds()
        for key, e in ours.items()
        if len(e) == 1 and len(x := theirs.get(key, [])) == 1 and (at := expected_at(e[0].payment)) and x[0].row["at"]
    ]
    if len(apart) < OFFSET_SUPPORT:
        return 0.0
    middle = median(apart)
    near = [d for d in apart if abs(d - middle) <= UNNAMED_SECONDS]
    return _settled(median(near)) if len(near) >= max(OFFSET_SUPPORT, 0.6 * len(apart)) else 0.0


def _settled(seconds: float) -> float:
    return 0.0 if abs(seconds) <= UNNAMED_SECONDS else float(seconds)


def _by_amount(entries: list[Entry]) -> dict[tuple[Any, ...], list[Entry]]:
    found: dict[tuple[Any, ...], list[Entry]] = defaultdict(list)
    for e in entries:
        if e.fate is None and e.payment.amount and e.payment.direction:
            found[e.payment.kind, e.payment.amount, str(e.payment.direction)].append(e)
    return found


def _lines_by_amount(lines: list[Line]) -> dict[tuple[Any, ...], list[Line]]:
    found: dict[tuple[Any, ...], list[Line]] = defaultdict(list)
    for x in open_lines(lines):
        found[x.kind, x.row["amount"], x.row["direction"]].append(x)
    return found


def is_minute(bill: Bill, messages: dy.DataFrame[Messages]) -> bool:
    """Whether either side states its times in whole minutes only."""
    precise = messages.filter(pl.col("time_precision").cast(pl.String).is_in(["second", "millisecond"])).height
    rounded = bill.rows.height > 3 and bill.rows["at"].drop_nulls().dt.second().eq(0).all()
    return precise == 0 or bool(rounded)


def join_by_likeness(entries: list[Entry], lines: list[Line], look: Look) -> None:
    """Joins what is clear. Joins free others, so this repeats until nothing moves."""
    spread: float | None = None
    while True:
        look.learn(entries, lines)
        edges = _edges(entries, lines, look)
        by_entry, by_line = _grouped(edges)
        around = {id(e): [*by_entry[e.entry.number], *by_line[e.line.number]] for e in edges}
        if spread is None:
            spread = _spread([e.distance for e in edges if len(around[id(e)]) == 2])
        clear = _agreed([e for e in edges if _is_clear(e, around[id(e)], spread + look.slack)], look)
        if not clear:
            return
        for edge in clear:
            if edge.entry.fate is None and edge.line.fate is None:
                link(edge.entry, edge.line, "amount_time" if edge.entry.payment.amount else "name_time", look.offset)


def name_doubtful(entries: list[Entry], lines: list[Line], look: Look) -> None:
    """Marks what is left on both sides and could be one within a day: neither joined nor lacking."""
    look.learn(entries, lines)
    wide = replace(look, slack=DOUBT_SECONDS)
    by_entry, by_line = _grouped([e for e in _edges(entries, lines, wide) if _may_be(e, look)])
    for edges in by_entry.values():
        edges[0].entry.fate = Fate.DOUBTFUL
        edges[0].entry.candidates = sorted(e.line.number for e in edges)
    for edges in by_line.values():
        edges[0].line.fate = Fate.DOUBTFUL


def _ids_speak(kind: str, entries: list[Entry]) -> bool:
    # Ids of this kind are seen to join here, so two whole ids that differ are two payments.
    with_ids = [e for e in entries if e.payment.kind == kind and e.payment.ids and e.payment.took_part]
    joined = sum(1 for e in with_ids if e.method == "id")
    return joined > 0 and 2 * joined >= len(with_ids)


def _may_be(edge: Edge, look: Look) -> bool:
    # Where the statement is seen to call this chat's person by name, another name is a candidate only at the very time.
    if edge.named or edge.entry.payment.conversation not in look.called:
        return edge.distance <= DOUBT_SECONDS
    return edge.distance <= UNNAMED_SECONDS + look.slack


def _edges(entries: list[Entry], lines: list[Line], look: Look) -> list[Edge]:
    by_amount: dict[tuple[str | None, str | None], list[Line]] = defaultdict(list)
    for line in open_lines(lines):
        by_amount[line.kind, line.row["amount"]].append(line)
        by_amount[line.kind, None].append(line)
    waiting = [e for e in entries if e.fate is None and e.payment.took_part]
    return [
        edge
        for entry in waiting
        for line in by_amount[entry.payment.kind, entry.payment.amount]
        if (edge := _edge(entry, line, look)) is not None
    ]


def _edge(entry: Entry, line: Line, look: Look) -> Edge | None:
    payment, name = entry.payment, line.row["counterparty"]
    if not direction_fits(payment, line) or (payment.kind in look.id_kinds and payment.ids and line.ids):
        return None
    named = name is not None and any(same_name(name, k) for k in look.known(payment))
    if not named and look.taken_by.get(name or "", payment.conversation) != payment.conversation:
        return None
    distance = _distance(payment, line, look.offset)
    if distance is None or distance > _reach(payment, named) + look.slack:
        return None
    return Edge(entry, line, distance, named)


def _reach(payment: Payment, named: bool) -> float:
    waits = payment.direction is Direction.INCOME and payment.settled_at is None
    if named:
        return SETTLED_WITHIN.total_seconds() if waits else NAMED_SECONDS
    return UNNAMED_SECONDS if payment.amount else BLIND_SECONDS


def _distance(payment: Payment, line: Line, offset: float) -> float | None:
    at = expected_at(payment)
    if at is None or line.row["at"] is None:
        return None
    apart: float = (line.row["at"] - at).total_seconds() - offset
    # Money is not received before it is sent; a little less than nothing is clock noise.
    waits = payment.direction is Direction.INCOME and payment.settled_at is None
    return abs(apart) if not waits or apart >= -UNNAMED_SECONDS else None


def _grouped(edges: list[Edge]) -> tuple[dict[int, list[Edge]], dict[int, list[Edge]]]:
    by_entry: dict[int, list[Edge]] = defaultdict(list)
    by_line: dict[int, list[Edge]] = defaultdict(list)
    for edge in edges:
        by_entry[edge.entry.number].append(edge)
        by_line[edge.line.number].append(edge)
    return by_entry, by_line


def _spread(distances: list[float]) -> float:
    # How far apart card and line usually lie here, from pairs that nothing else is near; the widest twentieth left out.
    if len(distances) < OFFSET_SUPPORT:
        return USUAL_SECONDS
    return max(CLEAR_SECONDS, sorted(distances)[int(0.95 * (len(distances) - 1))])


def _is_clear(edge: Edge, around: list[Edge], spread: float) -> bool:
    if edge.entry.payment.receipt_unsure and edge.entry.payment.direction is Direction.INCOME:
        return False
    rivals = [o for o in around if (o.entry is edge.entry) is not (o.line is edge.line)]
    if edge.named:
        rivals = [o for o in rivals if o.named]
    return all(o.distance >= max(2 * edge.distance, edge.distance + spread) for o in rivals)


def _agreed(clear: list[Edge], look: Look) -> list[Edge]:
    # A stranger's payment of the same sum at the same minute must not slip in: where the statement calls this chat's person
    # by a known name, another name never joins; where it is not known yet, the names of one chat must agree.
    spoken: dict[str, Counter[str | None]] = defaultdict(Counter)
    for edge in clear:
        if not edge.named:
            spoken[edge.entry.payment.conversation][edge.line.row["counterparty"]] += 1

    def agrees(edge: Edge) -> bool:
        conversation = edge.entry.payment.conversation
        names = spoken[conversation]
        return conversation not in look.called and (len(names) == 1 or names[edge.line.row["counterparty"]] > 1)

    return [e for e in clear if e.named or agrees(e)]
