"""Joins by amount, direction, time and name, only where one line and one payment clearly fit best."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

import dataframely as dy
import polars as pl

from reconcile.custody.bill import Bill
from reconcile.custody.bill_candidates import NameBook, Near, View, is_receipt_time_unknown, seconds_of
from reconcile.custody.bill_frames import Direction, Fate
from reconcile.custody.bill_payments import SETTLED_WITHIN, Payment
from reconcile.custody.bill_sides import Entry, Line, direction_fits, expected_at, known_names, link, open_lines
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
MOST_ROUNDS = 100  # far more than joins wait for each other; what is open then is doubtful
MOST_CANDIDATES = 10  # lines named beside a doubtful payment


@dataclass(slots=True, eq=False)
class Edge:
    """A candidate join: seconds apart, and whether the names agree."""

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
    book: NameBook | None = None

    def learn(self, entries: list[Entry], lines: list[Line]) -> None:
        """Learns names from the joins so far, and which people of the chats the statement names."""
        self.book = self.book or NameBook(lines)
        self.names = known_names(entries)
        self.taken_by = {n: c for c, known in self.names.items() for n in known}
        self.id_kinds = {k for k in {e.payment.kind for e in entries} if _ids_are_decisive(k, entries)}
        self.called = {e.payment.conversation for e in entries if self.written(e.payment)}

    def written(self, payment: Payment) -> frozenset[str]:
        """Statement names that fit a payment's other party, by names of the chat or learnt from joins."""
        learnt = self.names.get(payment.conversation, ())
        return self.book.written((*payment.names, *learnt)) if self.book else frozenset()

    def near(self, entries: list[Entry], lines: list[Line]) -> Near:
        """The open payments and lines of both sides, indexed for the search."""
        waiting = [e for e in entries if e.fate is None and e.payment.took_part]
        views = [self._view_of(e, at) for e in waiting if (at := seconds_of(e)) is not None]
        return Near(views, open_lines(lines), self.offset, self.taken_by)

    def _view_of(self, entry: Entry, at: float) -> View:
        """The search key of a payment whose time is `at`."""
        payment = entry.payment
        blocked = payment.kind in self.id_kinds and bool(payment.ids)
        called = payment.conversation in self.called
        return View(entry, payment.amount, at, self.written(payment), is_receipt_time_unknown(payment), blocked, called)


def learn_offset(entries: list[Entry], lines: list[Line], messages: dy.DataFrame[Messages]) -> float:
    """Statement time minus chat time where the chat states no zone; 0 on thin evidence."""
    zones = set(messages["zone_source"].cast(pl.String).unique())
    if not zones & {str(ZoneSource.ASSUMED), str(ZoneSource.DECLARED)}:
        return 0.0
    by_id = [e.offset for e in entries if e.fate is Fate.JOINED and e.offset is not None]
    if by_id:
        return _settled_offset(median(by_id))
    # Without ids: amounts that occur once on each side, and a difference that most of them share.
    ours, theirs = _payments_by_amount(entries), _lines_by_amount(lines)
    apart = [
        (x[0].row["at"] - at).total_seconds()
        for key, e in ours.items()
        if len(e) == 1 and len(x := theirs.get(key, [])) == 1 and (at := expected_at(e[0].payment)) and x[0].row["at"]
    ]
    if len(apart) < OFFSET_SUPPORT:
        return 0.0
    middle = median(apart)
    near = [d for d in apart if abs(d - middle) <= UNNAMED_SECONDS]
    return _settled_offset(median(near)) if len(near) >= max(OFFSET_SUPPORT, 0.6 * len(apart)) else 0.0


def _settled_offset(seconds: float) -> float:
    """The offset; 0 where it is so small that ordinary delays explain it."""
    return 0.0 if abs(seconds) <= UNNAMED_SECONDS else float(seconds)


def _payments_by_amount(entries: list[Entry]) -> dict[tuple[Any, ...], list[Entry]]:
    """Open payments by kind, amount and direction."""
    found: dict[tuple[Any, ...], list[Entry]] = defaultdict(list)
    for e in entries:
        if e.fate is None and e.payment.amount and e.payment.direction:
            found[e.payment.kind, e.payment.amount, str(e.payment.direction)].append(e)
    return found


def _lines_by_amount(lines: list[Line]) -> dict[tuple[Any, ...], list[Line]]:
    """Open lines by kind, amount and direction."""
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
    """Joins clear cases, repeated up to MOST_ROUNDS times because each join may clear up others."""
    spread: float | None = None
    for _ in range(MOST_ROUNDS):
        look.learn(entries, lines)
        # The nearest rival on either side decides whether a join is clear; two candidates of each suffice to see it.
        edges = _candidate_edges(look.near(entries, lines), look, 2, 2)
        rivals = _Rivals(edges)
        if spread is None:
            spread = _usual_distance([e.distance for e in edges if rivals.nearest(e, named=False) is None])
        clear = _agreeing_edges([e for e in edges if _is_clear(e, rivals, spread + look.slack)], look)
        if not clear:
            return
        for edge in clear:
            if edge.entry.fate is None and edge.line.fate is None:
                link(edge.entry, edge.line, "amount_time" if edge.entry.payment.amount else "name_time", look.offset)


def name_doubtful(entries: list[Entry], lines: list[Line], look: Look) -> None:
    """Marks open items of both sides that could be one within a day as doubtful."""
    look.learn(entries, lines)
    wide = replace(look, slack=DOUBT_SECONDS)
    edges = _candidate_edges(wide.near(entries, lines), wide, MOST_CANDIDATES // 2, 1)
    by_entry, by_line = _group_edges([e for e in edges if _is_candidate(e, look)])
    for found in by_entry.values():
        nearest = sorted(found, key=lambda e: (e.distance, e.line.number))[:MOST_CANDIDATES]
        found[0].entry.fate = Fate.DOUBTFUL
        found[0].entry.candidates = sorted(e.line.number for e in nearest)
    for found in by_line.values():
        found[0].line.fate = Fate.DOUBTFUL


def _ids_are_decisive(kind: str, entries: list[Entry]) -> bool:
    """Whether ids of this kind join often enough that two different ids mean two payments."""
    with_ids = [e for e in entries if e.payment.kind == kind and e.payment.ids and e.payment.took_part]
    joined = sum(1 for e in with_ids if e.method == "id")
    return joined > 0 and 2 * joined >= len(with_ids)


def _is_candidate(edge: Edge, look: Look) -> bool:
    """Whether the join is close enough in time to leave both sides doubtful."""
    # Where the statement names this chat's person, another name is a candidate only at the very same time.
    if edge.named or edge.entry.payment.conversation not in look.called:
        return edge.distance <= DOUBT_SECONDS
    return edge.distance <= UNNAMED_SECONDS + look.slack


def _candidate_edges(near: Near, look: Look, lines: int, views: int) -> list[Edge]:
    """Candidate joins in order: the nearest lines of each payment and the nearest payments of each line."""
    pairs = {(v.entry.number, x.number): (v, x) for v in near.views for x in near.lines_of(v, lines)}
    pairs |= {(v.entry.number, x.number): (v, x) for x in near.lines for v in near.views_of(x, views)}
    return [e for key in sorted(pairs) if (e := _edge_between(*pairs[key], look)) is not None]


def _edge_between(view: View, line: Line, look: Look) -> Edge | None:
    """The candidate join of payment and line; None where direction, ids, names or time rule it out."""
    payment = view.entry.payment
    if not direction_fits(payment, line) or (view.blocked and line.ids):
        return None
    named = line.name in view.names
    if not named and look.taken_by.get(line.name or "", payment.conversation) != payment.conversation:
        return None
    distance = _distance_in_time(view, line, look.offset)
    if distance is None or distance > _most_seconds(view, named) + look.slack:
        return None
    return Edge(view.entry, line, distance, named)


def _most_seconds(view: View, named: bool) -> float:
    """How far apart card and line may lie."""
    if named:
        return SETTLED_WITHIN.total_seconds() if view.is_receipt_time_unknown else NAMED_SECONDS
    return UNNAMED_SECONDS if view.amount else BLIND_SECONDS


def _distance_in_time(view: View, line: Line, offset: float) -> float | None:
    """Seconds between card and line, without the clock offset; None where they cannot be one."""
    if line.at is None:
        return None
    apart = line.at - view.at - offset
    # Money is not received before it is sent; a slightly negative difference is clock noise.
    return abs(apart) if not view.is_receipt_time_unknown or apart >= -UNNAMED_SECONDS else None


def _group_edges(edges: list[Edge]) -> tuple[dict[int, list[Edge]], dict[int, list[Edge]]]:
    """The edges by payment and by line."""
    by_entry: dict[int, list[Edge]] = defaultdict(list)
    by_line: dict[int, list[Edge]] = defaultdict(list)
    for edge in edges:
        by_entry[edge.entry.number].append(edge)
        by_line[edge.line.number].append(edge)
    return by_entry, by_line


def _usual_distance(distances: list[float]) -> float:
    """The usual distance in seconds: the 95th percentile of pairs without a rival."""
    if len(distances) < OFFSET_SUPPORT:
        return USUAL_SECONDS
    return max(CLEAR_SECONDS, sorted(distances)[int(0.95 * (len(distances) - 1))])


class _Rivals:
    """The two nearest edges of each payment and each line: of all, and of those whose names agree."""

    def __init__(self, edges: list[Edge]) -> None:
        self._held: dict[tuple[str, int, bool], list[Edge]] = defaultdict(list)
        for edge in edges:
            for key in self._edge_keys(edge, named=False) + (self._edge_keys(edge, named=True) if edge.named else []):
                held = self._held[key]
                held.append(edge)
                held.sort(key=lambda e: e.distance)
                del held[2:]

    @staticmethod
    def _edge_keys(edge: Edge, *, named: bool) -> list[tuple[str, int, bool]]:
        """The keys under which an edge counts: its payment and its line."""
        return [("payment", edge.entry.number, named), ("line", edge.line.number, named)]

    def nearest(self, edge: Edge, *, named: bool) -> float | None:
        """Distance of the next best candidate of the same payment or line, or None.

        `named`: only candidates with agreeing names.
        """
        others = [o for key in self._edge_keys(edge, named=named) for o in self._held[key] if o is not edge]
        return min((o.distance for o in others), default=None)


def _is_clear(edge: Edge, rivals: _Rivals, spread: float) -> bool:
    """Whether the nearest rival is so much farther away that the join is certain."""
    if edge.entry.payment.receipt_unsure and edge.entry.payment.direction is Direction.INCOME:
        return False
    rival = rivals.nearest(edge, named=edge.named)
    return rival is None or rival >= max(2 * edge.distance, edge.distance + spread)


def _agreeing_edges(clear: list[Edge], look: Look) -> list[Edge]:
    """The clear joins whose names do not contradict the other joins of the chat."""
    # A stranger's payment of the same sum in the same minute must not join. Where the statement names this chat's
    # person, other names never join; where it does not yet, all names of one chat must agree.
    spoken: dict[str, Counter[str | None]] = defaultdict(Counter)
    for edge in clear:
        if not edge.named:
            spoken[edge.entry.payment.conversation][edge.line.name] += 1

    def agrees_with_names(edge: Edge) -> bool:
        """Whether the line's name is the only one in its chat's joins, or a repeated one."""
        conversation = edge.entry.payment.conversation
        names = spoken[conversation]
        return conversation not in look.called and (len(names) == 1 or names[edge.line.name] > 1)

    return [e for e in clear if e.named or agrees_with_names(e)]
