"""Innocent circumstances of time: late delivery, wrong clocks, zones. Each says whether it found an occasion."""

import math

from bench.sim_life.model import Answer, Copy, Event, Life
from bench.sim_life.occasions import DAY, DOUBT, Circumstance, has_ids, is_plain, own, spread
from reconcile.vocabulary import Grade, Relation


def _late(life: Life, copy: Copy, event: Event, delay: float, place: float = 0.0) -> None:
    other = life.copies[copy.side.other]
    for row in other.rows:
        if row.event == event.number:
            row.at += delay
            row.place = row.at + place
    also = DOUBT if is_plain(life, event) and not has_ids(life, event) else frozenset[Relation]()
    life.changed[event.number] = Answer(Relation.AGREEMENT, "late delivery", also=also)
    life.stretch(event.number, delay)


def late_single(life: Life, copy: Copy) -> bool:
    """A message or two written without network, each delivered later by itself."""
    mine = own(life, copy)
    for event in life.rng.sample(mine, min(len(mine), life.rng.randint(1, 3))):
        _late(life, copy, event, spread(life, 5, 3 * DAY))
    return bool(mine)


def late_burst(life: Life, copy: Copy) -> bool:
    """Messages in a row written without network, all delivered when the device comes back."""
    mine = own(life, copy)
    if len(mine) < 6:
        return False
    start = life.rng.randrange(len(mine) - 3)
    back = mine[start].at + spread(life, 60, 3 * DAY)
    gone = [e for e in mine[start : start + 15] if e.at < back]
    back = min(back, mine[start + 15].at) if len(mine) > start + 15 else back
    for place, event in enumerate(gone):
        _late(life, copy, event, back + place * life.rng.choice((0.0, 0.3, 1.1)) - event.at, place / 1000)
    return True


def own_clock(life: Life, copy: Copy) -> bool:
    """The device stamps what its owner sends by its own wrong clock, and what it receives by the server's."""
    copy.own_offset = life.rng.choice((-1, 1)) * spread(life, 15, 5 * 3600)
    return True


def clock_offset(life: Life, copy: Copy) -> bool:
    """The whole copy stands off by a constant."""
    copy.offset = life.rng.choice((-1, 1)) * spread(life, 2, 1800)
    return True


def clock_drift(life: Life, copy: Copy) -> bool:
    """The device's clock runs fast or slow by seconds a day."""
    copy.drift = life.rng.choice((-1, 1)) * life.rng.uniform(0.1, 4)
    return True


def foreign_zone(life: Life, copy: Copy) -> bool:
    """The export is written in local time of another zone, which it does not state."""
    if copy.tool.time not in {"naive", "minute"}:
        return False
    copy.tool.sidecar -= {"timezone"}
    zone = round(life.rng.choice((7, 9, 10, 0, -5, 5.5, 1)) * 3600)
    for row in copy.rows:
        row.zone_seconds = zone
    return True


def travel(life: Life, copy: Copy) -> bool:
    """The owner travels: from some night on local time is another; half of them come back."""
    nights = [two for one, two in zip(life.events, life.events[1:], strict=False) if two.at - one.at > 5 * 3600]
    if copy.tool.time not in {"naive", "minute"} or not nights:
        return False
    copy.tool.sidecar -= {"timezone"}
    away = life.rng.choice(nights).at
    back = next((n.at for n in nights if n.at > away + DAY and life.rng.random() < 0.5), math.inf)
    zone = round(life.rng.choice((7, 9, 10, 1, -5, 5.5)) * 3600)
    for row in copy.rows:
        row.zone_seconds = zone if away - 1 <= row.place < back - 1 else row.zone_seconds
    return True


def clock_corrected(life: Life, copy: Copy) -> bool:
    """The device's clock was wrong until somebody set it right. The material alone cannot tell this from rows redated."""
    at = life.rng.choice(life.events[4:-4]).at + 0.1
    offset = life.rng.choice((-1, 1)) * spread(life, 40, 7200)
    for row in copy.rows:
        row.at += offset if row.place < at else 0.0
    life.grades.add(Grade.CANNOT_DETERMINE)
    return True


CLOCKS: dict[str, Circumstance] = {
    "late single": late_single, "late burst": late_burst, "own clock": own_clock, "clock offset": clock_offset, "clock drift": clock_drift,
    "foreign zone": foreign_zone, "travel": travel, "clock corrected": clock_corrected,
}  # fmt: skip
