"""Acts that give rows another time: one row, a stretch, or everything from a point on."""

from dataclasses import replace

from bench.sim_life.model import Answer, Copy, Event, Life
from bench.sim_life.occasions import DAY, DOUBT, Circumstance, altered, free, has_ids, row_of, spread
from reconcile.vocabulary import Cause, Relation

ROUND = (2700.0, 7200.0, DAY, 3 * DAY)


def _is_like_late(copy: Copy, event: Event, shift: float) -> bool:
    """Whether the move looks like a message that its author wrote earlier than the other device received it."""
    return (shift < 0) == (event.author == copy.owner)


def moved_one(life: Life, copy: Copy) -> bool:
    """One row stands at another time, seconds to weeks away."""
    events = free(life, copy)
    if not events:
        return False
    event = life.rng.choice([e for e in events if e.matters] or events)
    shift = life.rng.choice((-1, 1)) * spread(life, 75, 30 * DAY)
    if _is_like_late(copy, event, shift) and life.rng.random() < 0.85:
        shift = -shift
    row = row_of(copy, event)
    row.at += shift
    told = copy.tool.local_ids in {"chat", "device"} and abs(shift) > 1800
    if life.rng.random() < 0.5 and not told:
        row.place += shift
    life.stretch(event.number, shift)
    coarse = "minute" in {c.tool.time for c in life.copies.values()} and abs(shift) < 180
    altered(life, event, "moved one", DOUBT, Cause.TIME_DIFFERS)
    if coarse or (_is_like_late(copy, event, shift) and not told):
        # Nothing but the direction speaks, and it fits a message delivered late.
        life.changed[event.number] = Answer(Relation.AGREEMENT, "moved one", also=frozenset({Relation.CONFLICT, Relation.DOUBTFUL}))  # fmt: skip
    return True


def moved_stretch(life: Life, copy: Copy) -> bool:
    """Rows in a row stand at another time; before and after them the clock is as it was."""
    events = free(life, copy, text=False)
    for _ in range(20):
        if len(events) < 16:
            return False
        start = life.rng.randrange(2, len(events) - 9)
        part = events[start : start + life.rng.randint(5, 30)][: len(events) - start - 3]
        gaps = (part[0].at - events[start - 1].at, events[start + len(part)].at - part[-1].at)
        # A stretch between two nights could be a journey, and one author's rows a delivery.
        if min(gaps) < 3600 and len({e.author for e in part}) > 1:
            shift = life.rng.choice((-1, 1)) * (spread(life, 600, 3 * DAY) if life.rng.random() < 0.6 else life.rng.choice(ROUND))  # fmt: skip
            return _move(life, copy, part, shift, "moved stretch", DOUBT)
    return False


def _move(life: Life, copy: Copy, part: list[Event], shift: float, act: str, also: frozenset[Relation]) -> bool:
    low, high = part[0].at, part[-1].at
    keeps = life.rng.random() < 0.5
    chosen = {e.number for e in part}
    for row in copy.rows:
        if low <= life.events[row.event].at <= high:
            row.at += shift
            row.place += 0.0 if keeps else shift
            life.stretch(row.event, shift)
            found = life.changed.get(row.event)
            if found is not None and row.event not in chosen:
                life.changed[row.event] = replace(found, also=found.also | DOUBT | {Relation.CONFLICT})
    for event in part:
        altered(life, event, act, also, Cause.TIME_DIFFERS)
    return True


def step(life: Life, copy: Copy) -> bool:
    """Everything from one row on stands at another time, as if the clock had been set."""
    events = free(life, copy, text=False, edge=True)
    if len(events) < 12:
        return False
    start = life.rng.randrange(3, len(events) - 4)
    shift = life.rng.choice((-1, 1, 1)) * (spread(life, 900, 30 * DAY) + 101)
    more = frozenset() if has_ids(life) else frozenset({Relation.ONE_SIDED})
    return _move(life, copy, events[start:], shift, "step", DOUBT | {Relation.AGREEMENT} | more)


MOVES: dict[str, Circumstance] = {"moved one": moved_one, "moved stretch": moved_stretch, "step": step}
