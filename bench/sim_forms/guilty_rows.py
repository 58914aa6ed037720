"""What a party does to rows of its own copy: deleting, inventing, forging notices. Each act returns whether it could be done here."""

import random
from collections.abc import Callable

from bench.sim_forms import words
from bench.sim_forms.devices import drop, held, lose, tell
from bench.sim_forms.model import NOTICES, Act, Lack, Row, Sides
from reconcile.vocabulary import Kind, Side


def shared(sides: Sides, side: Side, test: Callable[[Row], bool] | None = None) -> list[Row]:
    """Rows of a side, not of the client, that both devices hold and that no act has touched."""
    other, touched = held(sides, side.other), {t for act in sides.acts for t in act.truths}
    return [
        r
        for r in sides.copies[side].rows
        if r.kind not in NOTICES and r.truth in other and r.truth not in touched and (test is None or test(r))
    ]


def _delete(sides: Sides, side: Side, rows: list[Row], name: str, lack: Lack = Lack.DELETED) -> bool:
    lose(sides, side, rows, lack)
    sides.acts.append(Act(name, [r.truth for r in rows]))
    return bool(rows)


def _forge(rng: random.Random, sides: Sides, side: Side, tip: Row) -> None:
    """Put a forged notice into the copy."""
    tell(rng, sides, tip, (side,))
    sides.lacks[tip.truth, side.other] = Lack.PER_SIDE
    sides.traits.add(("forged", tip.truth))


def delete_one(rng: random.Random, sides: Sides, side: Side) -> bool:
    """One message is deleted."""
    rows = shared(sides, side)[1:-1]
    return bool(rows) and _delete(sides, side, [rng.choice(rows)], "delete one")


def delete_few(rng: random.Random, sides: Sides, side: Side) -> bool:
    """Several chosen messages are deleted."""
    rows = shared(sides, side, lambda r: r.kind is not Kind.STICKER)[1:-1]
    return len(rows) > 6 and _delete(sides, side, rng.sample(rows, rng.randint(2, 6)), "delete few")


def delete_block(rng: random.Random, sides: Sides, side: Side) -> bool:
    """A stretch is deleted, whoever wrote it."""
    rows = shared(sides, side)
    if len(rows) < 16:
        return False
    first = rng.randrange(2, len(rows) - 12)
    return _delete(sides, side, rows[first : first + rng.randint(3, 10)], "delete block")


def delete_kind(rng: random.Random, sides: Sides, side: Side) -> bool:
    """All messages of one kind are deleted."""
    kinds = sorted({r.kind for r in shared(sides, side)} - {Kind.TEXT, Kind.STICKER})
    if not kinds:
        return False
    kind = rng.choice(kinds)
    rows = [r for r in sides.copies[side].rows if r.kind is kind and r.truth in held(sides, side.other)]
    return _delete(sides, side, rows, "delete all of a kind")


def cut_end(rng: random.Random, sides: Sides, side: Side) -> bool:
    """The copy is cut at its beginning or end, and handed in as if nothing more were there."""
    rows = sides.copies[side].rows
    count = rng.randint(2, max(3, len(rows) // 6))
    gone = rows[:count] if rng.random() < 0.35 else rows[-count:]
    gone = [r for r in gone if r.truth in held(sides, side.other)]
    return _delete(sides, side, gone, "cut at an end", Lack.CUT)


def recall_notice(rng: random.Random, sides: Sides, side: Side) -> bool:
    """A message is replaced by a recall notice."""
    rows = shared(sides, side, lambda r: r.kind is not Kind.TRANSFER)[1:-1]
    if not rows:
        return False
    row = rng.choice(rows)
    old = drop(sides, side, row.truth)
    sides.lacks[row.truth, side] = Lack.REPLACED
    tip = Row(
        0,
        old.at + rng.choice((0, rng.randint(4, 100))),
        None,
        Kind.RECALL,
        "recall",
        {"who": str(row.author)},
        old.id if rng.random() < 0.6 else "",
        old.local,
    )
    _forge(rng, sides, side, tip)
    sides.replaced[tip.truth] = row.truth
    if row.author == sides.copies[side.other].owner:
        sides.traits.add(("own_words_kept", row.truth))
    sides.acts.append(Act("replace by recall notice", [row.truth]))
    return True


def forged_failure(rng: random.Random, sides: Sides, side: Side) -> bool:
    """An own message that arrived is marked as refused."""
    rows = shared(sides, side, lambda r: r.author == sides.copies[side].owner and r.kind is Kind.TEXT)
    if not rows or sides.room:
        return False
    row = rng.choice(rows)
    row.status, row.id = "failed", "0"
    _forge(rng, sides, side, Row(0, row.at, None, Kind.SYSTEM, "消息已发出，但被对方拒收了。", {}, "0"))
    sides.traits.add(("status_forged", row.truth))
    sides.acts.append(Act("mark as failed", [row.truth]))
    return True


def forged_absence(rng: random.Random, sides: Sides, side: Side) -> bool:
    """A stretch is deleted between forged notices that the party was out of the group."""
    rows = shared(sides, side)
    if not sides.room or len(rows) < 24:
        return False
    first = rng.randrange(3, len(rows) - 16)
    gone = [r for r in rows[first : first + rng.randint(3, 8)] if r.author != sides.copies[side].owner]
    if not gone:
        return False
    host, guest = (str(sides.copies[s].owner) for s in (side.other, side))
    _delete(sides, side, gone, "forged leave and join", Lack.LEFT_FORGED)
    for text, at in (("removed", gone[0].at - 1), ("joined", gone[-1].at + 1)):
        _forge(rng, sides, side, Row(0, at, None, Kind.SYSTEM, text, {"who": host, "whom": guest}))
    return True


def forged_rename(rng: random.Random, sides: Sides, side: Side) -> bool:
    """Messages are deleted, and a notice that explains nothing stands near."""
    rows = shared(sides, side)
    if not sides.room or len(rows) < 16:
        return False
    first = rng.randrange(2, len(rows) - 8)
    gone = rows[first : first + rng.randint(1, 5)]
    _delete(sides, side, gone, "delete beside a rename")
    tip = Row(
        0, gone[0].at, None, Kind.SYSTEM, "renamed", {"who": str(sides.copies[side].owner), "title": sides.title + "2"}
    )
    _forge(rng, sides, side, tip)
    return True


def forged_receipt(rng: random.Random, sides: Sides, side: Side) -> bool:
    """A receipt of a payment is invented: the other party's card, with an amount."""
    rows = sides.copies[side].rows
    at = rows[rng.randrange(2, len(rows) - 2)].at + rng.randint(1, 20)
    payee = sides.copies[side.other].owner
    facts = {
        "amount": f"{rng.randint(5, 300) * 100}.00",
        "memo": "",
        "state": "3",
        "number": f"10000{rng.randrange(10**22, 10**23)}",
    }
    return invent(rng, sides, side, Row(0, at, payee, Kind.TRANSFER, "", facts), "forged receipt")


def invent(rng: random.Random, sides: Sides, side: Side, row: Row, name: str) -> bool:
    row = tell(rng, sides, row, (side,))
    sides.lacks[row.truth, side.other] = Lack.INVENTED
    sides.acts.append(Act(name, [row.truth]))
    return True


def invented_words(rng: random.Random, sides: Sides, side: Side) -> bool:
    """A sentence is invented, mostly the other party's."""
    rows = sides.copies[side].rows
    at = rows[rng.randrange(2, len(rows) - 2)].at + rng.randint(1, 40)
    author = sides.copies[side.other if rng.random() < 0.75 else side].owner
    failed = author != sides.copies[side].owner and rng.random() < 0.2
    row = Row(0, at, author, Kind.TEXT, words.distinct(rng), {}, "0" if failed else "", 0, "failed" if failed else "")
    return invent(rng, sides, side, row, "invented words marked failed" if failed else "invented words")


ROW_ACTS = (
    delete_one, delete_few, delete_block, delete_kind, cut_end, recall_notice, forged_failure, forged_absence, forged_rename, forged_receipt, invented_words,
)  # fmt: skip
