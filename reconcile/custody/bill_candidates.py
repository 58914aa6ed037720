"""Candidate joins: each payment's nearest lines and each line's nearest payments.

Not all pairs are compared.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Generic, TypeVar

from reconcile.custody.bill_frames import Direction
from reconcile.custody.bill_payments import Payment
from reconcile.custody.bill_sides import Entry, Line, expected_at, fold, same_name

_Key = tuple[object, ...]
_EITHER = (False, True)
T = TypeVar("T")


@dataclass(slots=True)
class Timed(Generic[T]):
    """Items in order of time, in seconds."""

    at: list[float] = field(default_factory=list)
    items: list[T] = field(default_factory=list)

    def add(self, at: float, item: T) -> None:
        """Appends; times must not go back."""
        self.at.append(at)
        self.items.append(item)

    def around(self, at: float, count: int) -> list[T]:
        """Up to `count` items before a time, and up to `count` items from that time on."""
        middle = bisect_left(self.at, at)
        return self.items[max(0, middle - count) : middle + count]

    def within(self, first: float, last: float, most: int) -> list[T]:
        """At most `most` items from time `first` to time `last`, both included."""
        start = bisect_left(self.at, first)
        return [x for at, x in zip(self.at[start : start + most], self.items[start : start + most], strict=True) if at <= last]  # fmt: skip


class NameBook:
    """Which names of the statement can be a name that a chat shows."""

    def __init__(self, lines: Iterable[Line]) -> None:
        """Takes in the names of all lines."""
        self._plain: dict[str, list[str]] = defaultdict(list)
        self._masked: dict[int, list[str]] = defaultdict(list)
        for name in dict.fromkeys(x.name for x in lines if x.name):
            self._plain[fold(name)].append(name)
            if "*" in name:
                self._masked[len(fold(name))].append(name)
        self._found: dict[frozenset[str], frozenset[str]] = {}

    def written(self, known: Iterable[str]) -> frozenset[str]:
        """The names in the statement that may be one of the given names of a chat."""
        key = frozenset(known)
        if key not in self._found:
            self._found[key] = frozenset(n for k in key for n in self._names_matching(k))
        return self._found[key]

    def _names_matching(self, known: str) -> Iterator[str]:
        """The statement's names that can be this name of a chat."""
        folded = fold(known)
        yield from self._plain.get(folded, ()) if folded else ()
        yield from (n for n in self._masked.get(len(folded), ()) if same_name(n, known))


@dataclass(frozen=True, slots=True)
class View:
    """Search key of a payment.

    Attributes:
        names: names of the statement that fit its other party.
        is_receipt_time_unknown: see the function of this name.
        blocked: a line with ids cannot be this payment.
        called: the statement names the other party of the chat.
    """

    entry: Entry
    amount: str | None
    at: float
    names: frozenset[str]
    is_receipt_time_unknown: bool
    blocked: bool
    called: bool

    @property
    def key(self) -> _Key:
        """Payments of one key take the same lines at the same distance."""
        payment = self.entry.payment
        return (
            payment.kind,
            self.amount,
            _direction_of(payment),
            self.is_receipt_time_unknown,
            self.blocked,
            self.called,
        )


def is_receipt_time_unknown(payment: Payment) -> bool:
    """Whether it is incoming money whose time of receipt the chat does not show."""
    return payment.direction is Direction.INCOME and payment.settled_at is None


def seconds_of(entry: Entry) -> float | None:
    """The expected time on the statement, in seconds since 1970."""
    at = expected_at(entry.payment)
    return None if at is None else at.timestamp()


class Near:
    """Index of open payments and lines by kind, amount, direction and name, in order of time."""

    def __init__(self, views: list[View], lines: list[Line], offset: float, taken: Iterable[str]) -> None:
        """Builds the index. `taken`: statement names with a known owner, which join by name only."""
        self._offset = offset
        self._lines: dict[_Key, Timed[Line]] = defaultdict(Timed)
        self._views: dict[_Key, Timed[View]] = defaultdict(Timed)
        self._keys: dict[_Key, set[_Key]] = defaultdict(set)
        self.views = views
        self.lines = sorted((x for x in lines if x.at is not None), key=lambda x: (x.at, x.number))
        self._taken = frozenset(taken)
        for line in self.lines:
            self._index_line(line)
        for view in sorted(views, key=lambda v: (v.at, v.entry.number)):
            self._keys[view.key[:3]].add(view.key)
            for name in (None, *view.names):
                self._views[view.key, name].add(view.at, view)

    def _index_line(self, line: Line) -> None:
        """Adds the line under its amount and under any amount, with and without its name."""
        for amount in {line.row["amount"], None}:
            key = (line.kind, amount, line.row["direction"], bool(line.ids))
            if line.name:
                self._lines[*key, line.name].add(line.at or 0.0, line)
            if line.name not in self._taken:
                self._lines[*key, None].add(line.at or 0.0, line)

    def lines_of(self, view: View, count: int) -> Iterator[Line]:
        """Candidate lines, possibly repeated: the nearest with its names and the nearest of all.

        `count` lines on each side.
        """
        payment = view.entry.payment
        ways = [_direction_of(payment)] if payment.direction else list(map(str, Direction))
        with_ids = (False,) if view.blocked else _EITHER
        for way, ids, name in product(ways, with_ids, (None, *view.names)):
            held = self._lines.get((payment.kind, view.amount, way, ids, name))
            if held:
                yield from held.around(view.at + self._offset, count)

    def views_of(self, line: Line, count: int) -> Iterator[View]:
        """Candidate payments of this line, possibly repeated."""
        names = [n for n in (line.name,) if n] + ([] if line.name in self._taken else [None])
        for amount, way in product({line.row["amount"], None}, (line.row["direction"], None)):
            for key in self._keys.get((line.kind, amount, way), ()):
                for name in names:
                    held = self._views.get((key, name))
                    if held:
                        yield from held.around((line.at or 0.0) - self._offset, count)


def _direction_of(payment: Payment) -> str | None:
    return str(payment.direction) if payment.direction else None
