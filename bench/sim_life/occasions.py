"""What circumstances and acts have in common: which events they may touch, and how a touched row is noted."""

import math
from collections.abc import Callable

from bench.sim_life.model import Answer, Copy, Event, Held, Life
from bench.sim_life.talk import STOCK
from reconcile.vocabulary import Cause, Kind, Relation

Circumstance = Callable[[Life, Copy], bool]
DAY = 86_400.0
SPOKEN = frozenset({Kind.TEXT, Kind.QUOTE})
# What the client queues while there is no network; payments and calls need one.
QUEUED = SPOKEN | {Kind.IMAGE, Kind.VOICE, Kind.STICKER, Kind.VIDEO, Kind.FILE, Kind.LOCATION, Kind.CARD}
DOUBT = frozenset({Relation.DOUBTFUL})
EITHER = frozenset({Relation.DOUBTFUL, Relation.ONE_SIDED})


def aside(by: str, *causes: Cause, also: frozenset[Relation] = frozenset()) -> Answer:
    """The row need not be on the other side."""
    return Answer(Relation.SET_ASIDE, by, frozenset(causes), also)


def has_ids(life: Life, event: Event | None = None) -> bool:
    """Whether both exports state server ids that can be compared, for the event if one is named."""
    rows = [] if event is None else [row for _, row in life.rows_of(event.number)]
    return all(copy.tool.ids != "none" for copy in life.copies.values()) and all(row.server_id for row in rows)


def is_plain(life: Life, event: Event) -> bool:
    """Whether so many messages read like this one that its words alone place nothing."""
    words = event.text
    return not words or words in STOCK or len(words) < 5 or sum(e.text == words for e in life.events) > 1


def own(life: Life, copy: Copy) -> list[Event]:
    """What the copy's owner sent, could have waited for a network, and is held by both sides as it was, in order of time."""
    return [e for e in life.shared() if e.author == copy.owner and e.kind in QUEUED and e.number not in life.changed]


def spread(life: Life, low: float, high: float) -> float:
    """Seconds between two bounds, each order of magnitude as likely as another."""
    return math.exp(life.rng.uniform(math.log(low), math.log(high)))


def free(life: Life, copy: Copy, *, text: bool = True, edge: bool = False) -> list[Event]:
    """Events that both sides hold as they were, in order; words alone with `text`, the outermost two left out unless `edge`."""
    done = {*life.changed, *copy.why, *life.copies[copy.side.other].why}
    both = [e for e in life.shared() if e.number not in done]
    both = both if edge else both[2:-2]
    return [e for e in both if e.kind in SPOKEN] if text else both


def row_of(copy: Copy, event: Event) -> Held:
    """The copy's row of the event."""
    return next(row for row in copy.rows if row.event == event.number)


def altered(life: Life, event: Event, act: str, also: frozenset[Relation], *causes: Cause) -> bool:
    """Note that the sides differ about the event. Where neither words nor ids pair the rows, two absences are right as well."""
    more = EITHER if is_plain(life, event) and not has_ids(life, event) else frozenset()  # fmt: skip
    life.changed[event.number] = Answer(Relation.CONFLICT, act, frozenset(causes), also | more)
    return True
