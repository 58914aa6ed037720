"""Guilty acts: rows taken out of a party's own copy, openly or under a notice that is to explain it."""

from itertools import pairwise

from bench.sim_life.devices import insert
from bench.sim_life.model import NOTICES, Answer, Copy, Event, Life
from bench.sim_life.occasions import DOUBT, EITHER, Circumstance, aside, free, has_ids, is_plain
from reconcile.vocabulary import Cause, Kind, Relation


def _recalled_near(life: Life, event: Event) -> bool:
    """Whether a notice of the author follows so soon that the row may be what was taken back."""
    return any(n.kind is Kind.RECALL and n.author == event.author and -5 <= n.at - event.at <= 130 for n in life.events)


def delete(life: Life, copy: Copy, events: list[Event], act: str, also: frozenset[Relation] = frozenset()) -> bool:
    """Take the rows out; half of the time the running numbers are closed up."""
    coarse = not has_ids(life) and "minute" in {c.tool.time for c in life.copies.values()}
    for event in events:
        more = DOUBT if _recalled_near(life, event) or (coarse and is_plain(life, event)) else frozenset()
        copy.drop({event.number}, Answer(Relation.ONE_SIDED, act, also=also | more))
    if events and life.rng.random() < 0.4:
        for place, row in enumerate(sorted(copy.rows, key=lambda r: r.place), life.rng.randint(1, 900)):
            row.local_id = place
    return bool(events)


def delete_one(life: Life, copy: Copy) -> bool:
    """One message that matters."""
    events = free(life, copy)
    telling = [e for e in events if e.matters] or events
    return delete(life, copy, life.rng.sample(telling, min(1, len(telling))), "delete one")


def delete_few(life: Life, copy: Copy) -> bool:
    """Some messages here and there."""
    events = free(life, copy)
    return delete(life, copy, life.rng.sample(events, min(len(events), life.rng.randint(2, 7))), "delete few")


def _block(life: Life, copy: Copy, act: str, also: frozenset[Relation] = frozenset()) -> tuple[float, float] | None:
    events = free(life, copy)
    if len(events) < 12:
        return None
    start = life.rng.randrange(1, len(events) - 6)
    block = events[start : start + life.rng.randint(3, max(4, len(events) // 4))][: len(events) - start - 2]
    delete(life, copy, block, act, also)
    return block[0].at, block[-1].at


def delete_block(life: Life, copy: Copy) -> bool:
    """Messages in a row."""
    return _block(life, copy, "delete block") is not None


def delete_kind(life: Life, copy: Copy) -> bool:
    """Every message of one kind."""
    kinds = [
        k
        for k in (Kind.TRANSFER, Kind.IMAGE, Kind.VOICE, Kind.FILE)
        if any(e.kind is k for e in free(life, copy, text=False))
    ]
    if not kinds:
        return False
    kind = life.rng.choice(kinds)
    return delete(life, copy, [e for e in free(life, copy, text=False) if e.kind is kind], "delete kind", DOUBT)


def delete_author(life: Life, copy: Copy) -> bool:
    """What one person said in a stretch."""
    events = free(life, copy)
    if len(events) < 12:
        return False
    start = life.rng.randrange(len(events) - 10)
    stretch = events[start : start + life.rng.randint(6, 30)]
    author = stretch[2].author
    return delete(life, copy, [e for e in stretch if e.author == author], "delete author")


def delete_second_transfer(life: Life, copy: Copy) -> bool:
    """One of two equal transfers."""
    paid = [e for e in free(life, copy, text=False) if e.kind is Kind.TRANSFER and e.text != "已收款"]
    twins = [
        two
        for one, two in pairwise(paid)
        if (one.amount, one.author) == (two.amount, two.author) and two.at - one.at < 200
    ]
    return delete(life, copy, twins[:1], "delete second transfer", frozenset() if has_ids(life) else DOUBT)


def _covered(life: Life, copy: Copy, act: str, before: str, after: str) -> bool:
    if Kind.SYSTEM in copy.tool.drops:
        return False
    span = _block(life, copy, act, DOUBT)
    if span is None:
        return False
    for at, words in ((span[0] - 3, before), (span[1] + 3, after)):
        if words:
            event = life.add(at, None, Kind.SYSTEM, words)
            row = insert(life, copy, event, aside("per-side row", Cause.PER_SIDE_ROW, Cause.MEMBERSHIP, also=EITHER))
            row.at += copy.offset
    return True


def fake_leave(life: Life, copy: Copy) -> bool:
    """A block is deleted, and notices say that the owner was out of the group."""
    return _covered(life, copy, "fake leave", "你被移出群聊", "你被邀请加入了群聊")


def rename_cover(life: Life, copy: Copy) -> bool:
    """A block is deleted where the group is said to be renamed."""
    return _covered(life, copy, "rename cover", "你修改群名为“装修群”", "")


def _cut(life: Life, copy: Copy, low: float, high: float, act: str) -> bool:
    """Take everything between two moments out of the copy, whatever it is."""
    there = {row.event for row in life.copies[copy.side.other].rows}
    gone = [life.events[row.event] for row in copy.rows if low <= life.events[row.event].at <= high]
    words = [e for e in gone if e.kind not in NOTICES and e.number in there]
    rest = {e.number for e in gone} - {e.number for e in words}
    copy.drop(rest, aside("per-side row", Cause.PER_SIDE_ROW, Cause.OUTSIDE_COVERAGE, also=EITHER))
    return delete(life, copy, words, act)


def cut_end(life: Life, copy: Copy) -> bool:
    """The last rows are deleted."""
    events = life.shared()
    last = events[-life.rng.randint(1, max(2, len(events) // 5)) :]
    return bool(last) and _cut(life, copy, last[0].at, life.events[-1].at + 1e9, "cut end")


def cut_start(life: Life, copy: Copy) -> bool:
    """The first rows are deleted."""
    first = life.shared()[: life.rng.randint(1, 12)]
    return bool(first) and _cut(life, copy, 0.0, first[-1].at, "cut start")


DELETIONS: dict[str, Circumstance] = {
    "delete one": delete_one, "delete few": delete_few, "delete block": delete_block, "delete kind": delete_kind, "delete author": delete_author,
    "delete second transfer": delete_second_transfer, "fake leave": fake_leave, "rename cover": rename_cover, "cut end": cut_end, "cut start": cut_start,
}  # fmt: skip
