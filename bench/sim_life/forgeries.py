"""Guilty acts: rows invented, or put where a row was that is to be forgotten."""

from bench.sim_life.deletions import delete
from bench.sim_life.devices import insert
from bench.sim_life.model import Answer, Copy, Event, Held, Life
from bench.sim_life.occasions import DOUBT, EITHER, Circumstance, altered, aside, free, row_of
from bench.sim_life.story import name_on, server_id
from reconcile.vocabulary import Cause, Kind, Relation

CLAIMS = (
    "货款已经全部收到，两清了",
    "我同意解除合同，不用赔了",
    "那5000元是我借你的，月底还",
    "定金不用退了",
    "我承认是我们施工的问题",
    "利息就按2分算",
)


def recall_instead(life: Life, copy: Copy) -> bool:
    """A notice of recall stands where the words stood."""
    events = [e for e in free(life, copy) if e.matters and e.kind is Kind.TEXT]
    if not events or Kind.RECALL in copy.tool.drops:
        return False
    for event in life.rng.sample(events, min(len(events), life.rng.randint(1, 3))):
        old = row_of(copy, event)
        delete(life, copy, [event], "recall instead", DOUBT | {Relation.CONFLICT})
        told = life.add(event.at, event.author, Kind.RECALL, "", server_id=event.server_id)
        _beside(
            life,
            copy,
            told,
            old,
            aside("per-side row", Cause.PER_SIDE_ROW, Cause.RECALLED, also=EITHER | {Relation.CONFLICT}),
        )
        life.blurred.add((event.number, told.number))
    return True


def recall_and_delete(life: Life, copy: Copy) -> bool:
    """A trifle is recalled soon after an admission; both sides show that notice; later the admission goes."""
    events = [e for e in free(life, copy) if e.matters and e.author == copy.owner]
    if not events or Kind.RECALL in copy.tool.drops:
        return False
    event = life.rng.choice(events)
    told = life.add(event.at + life.rng.uniform(10, 100), event.author, Kind.RECALL, "", server_id=server_id(life.rng))  # fmt: skip
    for one in life.copies.values():
        _beside(life, one, told, row_of(one, event), aside("per-side row", Cause.PER_SIDE_ROW, Cause.RECALLED))
    return delete(life, copy, [event], "recall and delete", DOUBT)


def _beside(life: Life, copy: Copy, event: Event, old: Held, answer: Answer) -> Held:
    """Insert a row of the event where the old row stood: same clock, same place, same number."""
    row = insert(life, copy, event, answer)
    row.at, row.place, row.zone_seconds = (
        old.at + event.at - life.events[old.event].at,
        old.place + event.at - life.events[old.event].at,
        old.zone_seconds,
    )
    row.local_id = old.local_id
    return row


def failed_instead(life: Life, copy: Copy) -> bool:
    """An own row marked failed stands where an own admission stood."""
    events = [e for e in free(life, copy) if e.author == copy.owner and e.kind is Kind.TEXT]
    if not events or "status" not in copy.tool.columns:
        return False
    event = life.rng.choice(events)
    old = row_of(copy, event)
    delete(life, copy, [event], "failed instead", DOUBT | {Relation.CONFLICT})
    kind, text = life.rng.choice(((Kind.TEXT, "在吗"), (Kind.IMAGE, ""), (Kind.TEXT, "你说什么")))
    if kind in copy.tool.drops:
        kind, text = Kind.TEXT, "在吗"
    new = life.add(event.at, copy.owner, kind, text, status="failed", server_id="")
    _beside(life, copy, new, old, aside("not delivered", Cause.NOT_DELIVERED, also=EITHER | {Relation.CONFLICT}))
    life.blurred.add((event.number, new.number))
    return True


def marked_failed(life: Life, copy: Copy) -> bool:
    """An own admission is kept and marked as never sent."""
    events = [e for e in free(life, copy) if e.author == copy.owner]
    if not events or "status" not in copy.tool.columns:
        return False
    event = life.rng.choice(events)
    row_of(copy, event).status = life.rng.choice(("failed", "rejected"))
    return altered(life, event, "marked failed", DOUBT)


def forged_receipt(life: Life, copy: Copy) -> bool:
    """A row of the client says that money was received."""
    if Kind.SYSTEM in copy.tool.drops:
        return False
    name = name_on(life, copy.owner, 1 - copy.owner)
    return (
        _invent(life, copy, None, Kind.SYSTEM, f"{name}已确认收款{life.rng.randint(1, 90)}000.00元", "forged receipt")
        is not None
    )


def _invent(life: Life, copy: Copy, author: int | None, kind: Kind, text: str, act: str) -> Held | None:
    events = free(life, copy)
    if len(events) < 8:
        return None
    near = life.rng.choice(events[2:-2])
    event = life.add(near.at + life.rng.uniform(2, 60), author, kind, text, server_id=server_id(life.rng))
    return _beside(
        life,
        copy,
        event,
        row_of(copy, near),
        Answer(Relation.ONE_SIDED, act, frozenset(), DOUBT if kind is Kind.SYSTEM else frozenset()),
    )


def forged_words(life: Life, copy: Copy) -> bool:
    """Words that the other party never wrote, with a free running number or none."""
    row = _invent(life, copy, 1 - copy.owner, Kind.TEXT, life.rng.choice(CLAIMS), "forged words")
    if row is not None:
        row.local_id = life.rng.choice((None, row.local_id, 99_999))
    return row is not None


def forged_recalled(life: Life, copy: Copy) -> bool:
    """Invented words of the other party and a notice that they were taken back."""
    if Kind.RECALL in copy.tool.drops:
        return False
    row = _invent(life, copy, 1 - copy.owner, Kind.TEXT, life.rng.choice(CLAIMS), "forged recalled")
    if row is None:
        return False
    life.copies[copy.side.other].why[row.event] = Answer(Relation.ONE_SIDED, "forged recalled", frozenset(), DOUBT)
    said = life.events[row.event]
    told = life.add(said.at + 30, said.author, Kind.RECALL, "", server_id=said.server_id)
    _beside(life, copy, told, row, aside("per-side row", Cause.PER_SIDE_ROW, Cause.RECALLED, also=EITHER))
    return True


def forged_failed(life: Life, copy: Copy) -> bool:
    """Invented words of the other party, marked as failed so that the other side need not have them."""
    if "status" not in copy.tool.columns:
        return False
    row = _invent(life, copy, 1 - copy.owner, Kind.TEXT, life.rng.choice(CLAIMS), "forged failed")
    if row is None:
        return False
    row.status = "failed"
    life.copies[copy.side.other].why[row.event] = Answer(Relation.ONE_SIDED, "forged failed", frozenset(), DOUBT)
    return True


FORGERIES: dict[str, Circumstance] = {
    "recall instead": recall_instead, "recall and delete": recall_and_delete, "failed instead": failed_instead, "marked failed": marked_failed,
    "forged receipt": forged_receipt, "forged words": forged_words, "forged recalled": forged_recalled, "forged failed": forged_failed,
}  # fmt: skip
