"""Acts that change what a row says: its words, its sum, its sender; or that leave the row and take what it states."""

import re
from collections.abc import Callable

from bench.sim_life.model import MONEY, Answer, Copy, Event, Life
from bench.sim_life.occasions import DOUBT, Circumstance, altered, free, row_of
from reconcile.vocabulary import Cause, Kind, Relation

LOOSE = frozenset({Relation.DOUBTFUL, Relation.AGREEMENT, Relation.CONFLICT, Relation.ONE_SIDED})
NEGATIONS = (
    ("没有收到", "收到"),
    ("不同意", "同意"),
    ("不认", "认"),
    ("不退", "退"),
    ("没到账", "到账"),
    ("我同意", "我不同意"),
    ("一定还", "不一定还"),
    ("是借款", "不是借款"),
)
TAILS = ("，我承认", "，已付清", "，不算数", "，以合同为准", "，这是最后一次")


def _digits(text: str) -> str:
    return re.sub(r"(\d{3,})", r"\g<1>0", text, count=1)


def _currency(text: str) -> str:
    return re.sub(r"(\d{3,})元?", r"$\1", text, count=1)


def _negation(text: str) -> str:
    return next((text.replace(one, two, 1) for one, two in NEGATIONS if one in text), text)


def _comma(text: str) -> str:
    text = re.sub(r"没有收到", "没有，收到", text, count=1)
    return re.sub(r"不同意", "不，同意", text, count=1)


def _cut(text: str) -> str:
    return text[: max(2, len(text) // 3)] + "…" if len(text) > 11 else text


def _change(name: str, change: Callable[[str], str], also: frozenset[Relation], shift: float = 0.0) -> Circumstance:
    def act(life: Life, copy: Copy) -> bool:
        events = free(life, copy)
        for event in life.rng.sample(events, len(events)):
            text = change(event.text)
            if text == event.text or not event.matters:
                continue
            row = row_of(copy, event)
            row.text = text
            row.at += shift
            life.stretch(event.number, shift)
            return altered(life, event, name, also, Cause.TEXT_DIFFERS, *([Cause.TIME_DIFFERS] if shift else []))
        return False

    return act


def words_added(life: Life, copy: Copy) -> bool:
    """Some words more in a message."""
    events = [e for e in free(life, copy) if len(e.text) > 7]
    if not events:
        return False
    event = life.rng.choice(events)
    row_of(copy, event).text += life.rng.choice(TAILS)
    return altered(life, event, "words added", frozenset(), Cause.TEXT_DIFFERS)


def rewritten(life: Life, copy: Copy) -> bool:
    """Other words in the place of a message: one altered, or one gone and one invented; nobody can tell."""
    events = [e for e in free(life, copy) if e.matters]
    if not events:
        return False
    event = life.rng.choice(events)
    row_of(copy, event).text = life.rng.choice(("我没说过这话", "行，那就这样", "钱已经结清了", "你记错了吧，没这回事"))
    return altered(life, event, "rewritten", frozenset({Relation.DOUBTFUL, Relation.ONE_SIDED}), Cause.TEXT_DIFFERS)


def _some(life: Life, copy: Copy) -> list[Event]:
    events = free(life, copy)
    count = life.rng.choice((1, 1, 3, 5, len(events) // 3))
    return life.rng.sample(events, min(len(events), count))


def _unstated(life: Life, events: list[Event], act: str) -> bool:
    for event in events:
        life.changed[event.number] = Answer(Relation.DOUBTFUL, act, frozenset(), LOOSE)
    return bool(events)


def emptied(life: Life, copy: Copy) -> bool:
    """Words are taken out; the row stands."""
    events = _some(life, copy)
    for event in events:
        row_of(copy, event).text, row_of(copy, event).kind = "", Kind.TEXT
    return _unstated(life, events, "emptied")


def placeholder(life: Life, copy: Copy) -> bool:
    """A placeholder stands where words stood."""
    events = _some(life, copy)
    kind, text = life.rng.choice(
        ((Kind.TEXT, "[文件]"), (Kind.IMAGE, ""), (Kind.OTHER, "[未知消息]"), (Kind.TEXT, "[图片]"), (Kind.VOICE, ""))
    )
    if kind in copy.tool.drops:
        kind, text = Kind.TEXT, "[文件]"
    for event in events:
        row = row_of(copy, event)
        row.kind, row.text = kind, text
    return _unstated(life, events, "placeholder")


def _payments(life: Life, copy: Copy) -> list[Event]:
    tools = [c.tool for c in life.copies.values()]
    if any(t.hollow & MONEY or t.blanket for t in tools):
        return []
    return [e for e in free(life, copy, text=False) if e.kind is Kind.TRANSFER and e.text != "已收款"]


def amount_blank(life: Life, copy: Copy) -> bool:
    """The sum of a transfer is left out."""
    paid = _payments(life, copy)[:1]
    for event in paid:
        row_of(copy, event).amount = ""
    return _unstated(life, paid, "amount blank")


def amount_tenfold(life: Life, copy: Copy) -> bool:
    """The sum of a transfer is ten times as much, or a tenth."""
    paid = _payments(life, copy)
    if not paid:
        return False
    event = life.rng.choice(paid)
    row_of(copy, event).amount = f"{float(event.amount) * life.rng.choice((10, 0.1)):.2f}"
    return altered(life, event, "amount tenfold", DOUBT, Cause.AMOUNT_DIFFERS, Cause.TEXT_DIFFERS)


def sender_flip(life: Life, copy: Copy) -> bool:
    """A message stands under another name."""
    events = [e for e in free(life, copy) if e.matters]
    if not events:
        return False
    event = life.rng.choice(events)
    row_of(copy, event).author = life.rng.choice([i for i in range(len(life.people)) if i != event.author])
    return altered(life, event, "sender flip", DOUBT, Cause.SENDER_DIFFERS)


def invented_quote(life: Life, copy: Copy) -> bool:
    """A short answer of the other party is said to answer words that were never written."""
    other = life.copies[copy.side.other]
    events = [e for e in free(life, copy) if e.kind is Kind.TEXT and e.author != copy.owner]
    shows = any(r.kind is Kind.QUOTE for r in other.rows) and "reply" not in {copy.tool.quote, other.tool.quote}
    if not events or not shows or Kind.QUOTE in copy.tool.drops | other.tool.drops:
        return False
    event = life.rng.choice(events)
    words = life.rng.choice(("那5万元你收到了吧", "你承认是你的责任吧", "违约金免了，同意吗"))
    said = life.add(event.at - 60, copy.owner, Kind.TEXT, words)
    row = row_of(copy, event)
    row.kind, row.quotes = Kind.QUOTE, said.number
    return altered(life, event, "invented quote", DOUBT, Cause.TEXT_DIFFERS, Cause.KIND_DIFFERS)


EDITS: dict[str, Circumstance] = {
    "digits": _change("digits", _digits, frozenset()), "currency": _change("currency", _currency, DOUBT), "negation": _change("negation", _negation, frozenset()),
    "comma": _change("comma", _comma, DOUBT), "truncated": _change("truncated", _cut, DOUBT), "digits moved": _change("digits moved", _digits, DOUBT, 65.0),
    "negation moved": _change("negation moved", _negation, DOUBT, 75.0), "words added": words_added, "rewritten": rewritten, "sender flip": sender_flip,
    "emptied": emptied, "placeholder": placeholder, "amount blank": amount_blank, "amount tenfold": amount_tenfold, "invented quote": invented_quote,
}  # fmt: skip
