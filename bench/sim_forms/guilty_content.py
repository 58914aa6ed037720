"""What a party does to the content of rows: times, senders, words, amounts, quotations. Each act returns whether it could be done here."""

import random
from collections.abc import Callable

from bench.sim_forms import words
from bench.sim_forms.devices import insert
from bench.sim_forms.guilty_rows import invent, shared
from bench.sim_forms.model import Act, Row, Sides
from bench.sim_forms.story import server_id
from reconcile.vocabulary import Cause, Kind, Side

DAY = 86400.0


def wordy(row: Row) -> bool:
    return row.kind is Kind.TEXT and len(row.text) >= 7


def invented_quotation(rng: random.Random, sides: Sides, side: Side) -> bool:
    """The quoted part of a reply is changed, or a reply is invented that quotes what nobody wrote."""
    rows = shared(sides, side, lambda r: r.kind is Kind.QUOTE)
    if rows and rng.random() < 0.6:
        row = rng.choice(rows)
        row.facts["quoted"] = words.distinct(rng)
        sides.acts.append(Act("changed quotation", [row.truth], Cause.TEXT_DIFFERS))
        return True
    at = sides.copies[side].rows[-3].at + 2
    owner = sides.copies[side.other].owner
    facts = {
        "quoted": words.distinct(rng),
        "quoter": str(owner),
        "to": server_id(rng),
        "quoted_at": str(int(at - 500)),
        "of": "-1",
    }
    return invent(
        rng,
        sides,
        side,
        Row(0, at, sides.copies[side].owner, Kind.QUOTE, words.words(rng), facts),
        "invented quotation",
    )


def _move(sides: Sides, side: Side, row: Row, by: float, in_place: bool) -> None:
    copy = sides.copies[side]
    row.at += by
    sides.spans[row.truth] = by
    if not in_place:
        insert(copy, row)
    sides.traits.add(("moved_in_place" if in_place else "moved", row.truth))


def moved_single(rng: random.Random, sides: Sides, side: Side) -> bool:
    """Single messages are dated otherwise."""
    rows = shared(sides, side, wordy)
    if len(rows) < 4:
        return False
    chosen = rng.sample(rows, rng.randint(1, 2))
    by = rng.choice((-1, 1)) * float(
        rng.choice((rng.randint(900, 3000), rng.randint(3600, 30000), DAY, 7 * DAY, 30 * DAY, 365 * DAY))
    )
    in_place = rng.random() < 0.5 and not sides.copies[side].form.sorts
    for row in chosen:
        _move(sides, side, row, by, in_place)
        like_late = row.author not in (0, 1) or (by > 0) != (row.author == sides.copies[side].owner)
        if like_late and not in_place and abs(by) < 4 * DAY:
            sides.traits.add(("like_late", row.truth))
    sides.acts.append(Act("single time moved", [r.truth for r in chosen], Cause.TIME_DIFFERS))
    return True


def moved_stretch(rng: random.Random, sides: Sides, side: Side) -> bool:
    """A stretch of messages is dated otherwise, in its order; before and after it the times stand."""
    rows = shared(sides, side)
    if len(rows) < 26:
        return False
    first = rng.randrange(4, len(rows) - 20)
    chosen = rows[first : first + rng.randint(4, 12)]
    by = rng.choice((-1, 1)) * float(rng.choice((45 * 60, 2 * 3600, 5 * 3600, DAY + 1234, 3 * DAY, 30 * DAY)))
    in_place = rng.random() < 0.5 and not sides.copies[side].form.sorts
    for row in chosen if by < 0 else reversed(chosen):
        _move(sides, side, row, by, in_place)
    sides.acts.append(Act("stretch of times moved", [r.truth for r in chosen], Cause.TIME_DIFFERS))
    return True


def _change(
    rng: random.Random, sides: Sides, side: Side, name: str, change: Callable[[Row], str | None], cause: Cause
) -> bool:
    """Change one message of which the change makes something else."""
    rows = shared(sides, side, lambda r: r.kind in (Kind.TEXT, Kind.TRANSFER) and change(r) is not None)
    if not rows:
        return False
    row = rng.choice(rows)
    new = change(row) or ""
    if row.kind is Kind.TRANSFER:
        row.facts["amount"] = new
    else:
        row.text = new
    if not new:
        sides.traits.add(("emptied", row.truth))
    sides.acts.append(Act(name, [row.truth], Cause.AMOUNT_DIFFERS if row.kind is Kind.TRANSFER else cause))
    return True


def flipped_sender(rng: random.Random, sides: Sides, side: Side) -> bool:
    """A message is put into the other party's mouth."""
    rows = shared(sides, side, lambda r: wordy(r) and r.author in (0, 1))
    if not rows:
        return False
    row = rng.choice(rows)
    row.author = 1 - (row.author or 0)
    sides.acts.append(Act("sender flipped", [row.truth], Cause.SENDER_DIFFERS))
    return True


def truncated(rng: random.Random, sides: Sides, side: Side) -> bool:
    """The end of a message is cut away."""
    return _change(
        rng,
        sides,
        side,
        "text truncated",
        lambda r: r.text[: max(4, len(r.text) * 3 // 5)] if wordy(r) and len(r.text) > 10 else None,
        Cause.TEXT_DIFFERS,
    )


def emptied(rng: random.Random, sides: Sides, side: Side) -> bool:
    """The words or the amount of a message are emptied."""
    return _change(
        rng, sides, side, "emptied", lambda r: "" if wordy(r) or r.kind is Kind.TRANSFER else None, Cause.TEXT_DIFFERS
    )


def amount_changed(rng: random.Random, sides: Sides, side: Side) -> bool:
    """A number in a sentence, or the amount of a transfer, is changed."""
    salt = rng.random()

    def change(row: Row) -> str | None:
        draw = random.Random(f"{salt}-{row.truth}")
        if row.kind is Kind.TRANSFER:
            whole, _, cents = row.facts["amount"].partition(".")
            return f"{words.other_amount(draw, whole)}.{cents}"
        return words.other_amount(draw, row.text)

    return _change(rng, sides, side, "amount changed", change, Cause.TEXT_DIFFERS)


def negation_changed(rng: random.Random, sides: Sides, side: Side) -> bool:
    """A sentence is turned into its opposite."""
    return _change(
        rng,
        sides,
        side,
        "negation changed",
        lambda r: words.negated(r.text) if r.kind is Kind.TEXT else None,
        Cause.TEXT_DIFFERS,
    )


CONTENT_ACTS = (
    invented_quotation,
    moved_single,
    moved_stretch,
    flipped_sender,
    truncated,
    emptied,
    amount_changed,
    negation_changed,
)
