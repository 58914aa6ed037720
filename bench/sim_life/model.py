"""What a lived conversation is made of: people, true events, each device's rows, and notes on what is right where they part."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from reconcile.vocabulary import Cause, Grade, Kind, Relation, Side

NOTICES = frozenset({Kind.SYSTEM, Kind.RECALL})
MONEY = frozenset({Kind.TRANSFER, Kind.RED_PACKET})


@dataclass(slots=True)
class Person:
    """One account: its id, the name it gives itself, and the remark that the other party keeps for it."""

    id: str
    nickname: str
    remark: str


@dataclass(slots=True)
class Event:
    """One thing that truly happened. `author` None = a row of the client itself; `only` = the one person who can see it."""

    number: int
    at: float
    author: int | None
    kind: Kind
    text: str
    amount: str = ""
    seconds: int = 0
    media: str = ""
    quotes: int | None = None
    server_id: str = ""
    only: int | None = None
    status: str = ""
    recalled: bool = False
    matters: bool = False


@dataclass(slots=True)
class Held:
    """One row as a device holds it. `place` orders the store; `origin` names the phone or PC that a merged copy took it from."""

    event: int
    at: float
    author: int | None
    kind: Kind
    text: str
    amount: str = ""
    seconds: int = 0
    media: str = ""
    quotes: int | None = None
    server_id: str = ""
    local_id: int | None = None
    status: str = ""
    place: float = 0.0
    zone_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What is right about an event whose two sides differ, and the act or circumstance that made it so."""

    relation: Relation
    by: str
    causes: frozenset[Cause] = frozenset()
    also: frozenset[Relation] = frozenset()


@dataclass(slots=True)
class Tool:
    """How one side's export writes its rows. `drops`: kinds left out; `hollow`: kinds of which only a placeholder is written.

    `blanket`: one placeholder for everything that is no text.
    """

    ids: str = "exact"
    local_ids: str = "chat"
    time: str = "naive"
    who: str = "both"
    columns: frozenset[str] = frozenset()
    drops: frozenset[Kind] = frozenset()
    hollow: frozenset[Kind] = frozenset()
    style: str = "square"
    blanket: str = ""
    quote: str = "block"
    emoji: str = "code"
    width: str = "keep"
    escapes: bool = False
    breaks: str = "keep"
    order: str = "time"
    sidecar: frozenset[str] = frozenset()
    bom: bool = False


@dataclass(slots=True)
class Copy:
    """One side's device: whose it is, what it holds, what its export states about itself.

    `why` answers for events that this copy lacks; `repeats` for events that it holds twice.
    """

    side: Side
    owner: int
    tool: Tool
    rows: list[Held] = field(default_factory=list)
    offset: float = 0.0
    own_offset: float = 0.0
    drift: float = 0.0
    zone_seconds: int = 8 * 3600
    exported_at: float | None = None
    declared: list[dict[str, str]] = field(default_factory=list)
    joined_at: float | None = None
    why: dict[int, Answer] = field(default_factory=dict)
    repeats: dict[int, Answer] = field(default_factory=dict)

    def holds(self, event: int) -> bool:
        """Whether any row of this copy shows the event."""
        return any(row.event == event for row in self.rows)

    def drop(self, gone: set[int], answer: Answer) -> None:
        """Take the events out of this copy and note what is right about their absence; an earlier note stays."""
        self.rows = [row for row in self.rows if row.event not in gone]
        self.why = {**dict.fromkeys(gone, answer), **self.why}


@dataclass(slots=True)
class Life:
    """A dispute while it is made. `changed` answers for events that both copies hold, `blurred` joins events that nobody can tell apart."""

    seed: int
    rng: random.Random
    people: list[Person]
    is_group: bool
    room: str
    events: list[Event]
    copies: dict[Side, Copy] = field(default_factory=dict)
    changed: dict[int, Answer] = field(default_factory=dict)
    circumstances: list[str] = field(default_factory=list)
    acts: list[str] = field(default_factory=list)
    grades: set[Grade] = field(default_factory=set)
    blurred: set[tuple[int, int]] = field(default_factory=set)
    hull: dict[int, tuple[float, float]] = field(default_factory=dict)
    wide_seconds: float = 0.0

    def add(self, at: float, author: int | None, kind: Kind, text: str, **more: object) -> Event:
        """A further event, numbered after those there are."""
        event = Event(len(self.events), at, author, kind, text, **more)  # type: ignore[arg-type]
        self.events.append(event)
        return event

    def shared(self) -> list[Event]:
        """Messages that both copies hold, in order of time."""
        held = [{row.event for row in copy.rows} for copy in self.copies.values()]
        both = held[0] & held[1]
        return sorted((e for e in self.events if e.number in both and e.kind not in NOTICES), key=lambda e: e.at)

    def rows_of(self, number: int) -> Iterator[tuple[Copy, Held]]:
        """Every row of either copy that shows the event."""
        for copy in self.copies.values():
            for row in copy.rows:
                if row.event == number:
                    yield copy, row

    def stretch(self, number: int, span: float) -> None:
        """Note that the event may be looked for so many seconds from its true time."""
        at = self.events[number].at
        low, high = self.hull.get(number, (at, at))
        self.hull[number] = (min(low, at + span), max(high, at + span))
