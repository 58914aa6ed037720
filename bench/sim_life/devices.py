"""What each device holds of the conversation: its own wording of notices, its own clock, its own numbers."""

from bench.sim_life.model import NOTICES, Answer, Copy, Event, Held, Life
from bench.sim_life.story import notice
from reconcile.vocabulary import Cause, Kind, Relation

PER_SIDE = Answer(Relation.SET_ASIDE, "per-side row", frozenset({Cause.PER_SIDE_ROW, Cause.RECALLED, Cause.NOT_DELIVERED, Cause.MEMBERSHIP}))  # fmt: skip

REPEAT = Answer(Relation.SET_ASIDE, "repeat", frozenset({Cause.REPEAT}))


def hold(life: Life, copy: Copy) -> None:
    """Fill the copy with every event that its owner's device was told of."""
    lag = life.rng.choice((0.0, 0.0, 0.8, 2.0))
    for event in life.events:
        if event.recalled:
            continue
        if event.only not in {None, copy.owner}:
            copy.why[event.number] = PER_SIDE
            continue
        copy.rows.append(held(life, copy, event))
        if event.author == copy.owner:
            copy.rows[-1].at -= lag * life.rng.random()


def held(life: Life, copy: Copy, event: Event) -> Held:
    """The row that the device of the copy keeps of the event, stamped with true time; clocks are set in `tick`."""
    text = notice(life, event, copy.owner) if event.kind in NOTICES else event.text
    return Held(
        event.number, event.at, event.author, event.kind, text, event.amount, event.seconds, event.media,
        event.quotes if event.kind is Kind.QUOTE else None, event.server_id, None, event.status, event.at, copy.zone_seconds,
    )  # fmt: skip


def insert(life: Life, copy: Copy, event: Event, answer: Answer) -> Held:
    """Add a row that only this copy has; `answer` says what is right about its absence on the other side."""
    row = held(life, copy, event)
    copy.rows.append(row)
    life.copies[copy.side.other].why[event.number] = answer
    return row


def tick(life: Life, copy: Copy) -> None:
    """Stamp the rows by the device's clock: offset, drift, and another clock for what its owner sends."""
    start = life.events[0].at
    for row in copy.rows:
        row.at += copy.offset + copy.drift * (row.at - start) / 86_400
        if row.author == copy.owner and row.kind not in NOTICES:
            row.at += copy.own_offset
            life.stretch(row.event, copy.own_offset)


def number(life: Life, copy: Copy, *, restarts: bool) -> None:
    """Give the rows the device's running numbers, in the order in which it stored them."""
    rng = life.rng
    copy.rows.sort(key=lambda row: row.place)
    at = rng.randint(1, 4000)
    cut = rng.randrange(len(copy.rows)) if restarts and copy.rows else -1
    for place, row in enumerate(copy.rows):
        if place == cut:
            at = rng.randint(1, 30) + at * rng.randint(0, 1)
        at += 1 if copy.tool.local_ids in {"chat", "partial"} else rng.choice((1, 1, 1, 2, 3, 9))
        row.local_id = at
