"""Turns the cards of a chat into payments: joins the cards of one payment, states its direction."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import dataframely as dy
import orjson
import polars as pl

from reconcile.custody.bill_frames import Direction
from reconcile.frames import Messages
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind
from reconcile.wechat.payment_words import PENDING, RECEIVED, RETURNED

# A transfer not received within a day is returned (WeChat's own rule for transfers and red packets).
SETTLED_WITHIN = timedelta(hours=24, minutes=10)
ID_KEYS = lazy_pattern(
    r"^(?:transcationid|transactionid|transaction_id|transferid|transfer_id|paymsgid|sendid|send_id)$", re.I
)
_STATES = (("sent", PENDING), ("returned", rf"{RETURNED}|returned|refunded"), ("expired", r"过期|expired"), ("received", rf"{RECEIVED}|已收|received|accepted"))  # fmt: skip
_OPENED = lazy_pattern(r"你领取了.{0,40}红包|You opened .{0,40}(?:red packet|RED PACKET)", re.I)
_NEEDED = ("row", "locator", "conversation", "conversation_kind", "sent_at", "text", "sender", "sender_name", "is_self", "native_id", "kind", "amount", "payment_state", "raw")  # fmt: skip


@dataclass(slots=True)
class Payment:
    """One payment as the chat shows it; `direction` is for the account whose statement is held against it.

    `receipt_unsure`: its second card may belong to another payment of the same amount, so `settled_at` is uncertain.
    `may_be_receipt`: the form shows no states, and this may be the receipt of a payment of the same amount shortly before.
    """

    conversation: str
    is_group: bool
    kind: str
    cards: list[dict[str, Any]]
    ids: frozenset[str] = frozenset()
    direction: Direction | None = None
    took_part: bool = True
    names: set[str] = field(default_factory=set)
    settled_at: datetime | None = None
    receipt_unsure: bool = False
    may_be_receipt: bool = False

    @property
    def amount(self) -> str | None:
        """Yuan with two decimals; None where no card states it."""
        return next((c["amount"] for c in self.cards if c["amount"] is not None), None)

    @property
    def sent_at(self) -> datetime | None:
        """Time of the first card."""
        at: datetime | None = self.cards[0]["sent_at"]
        return at

    @property
    def state(self) -> str | None:
        """The last state that a card shows."""
        states = [s for c in self.cards if (s := c["state"]) is not None]
        return states[-1] if states else None


def payments_of(
    messages: dy.DataFrame[Messages], *, own_device: bool, names: Mapping[str, Iterable[str]] | None = None
) -> list[Payment]:
    """Every payment of the chats in order of its first card.

    Args:
        messages: of one export.
        own_device: whether the statement is of the account whose device was exported, or of the other party's.
        names: conversation -> further names of the statement account's counterpart there.
    """
    kinds = [str(Kind.TRANSFER), str(Kind.RED_PACKET)]
    cards = [
        c | {"state": _payment_state(c), "amount": money(c["amount"])}
        for c in messages.filter(pl.col("kind").cast(pl.String).is_in(kinds)).select(_NEEDED).iter_rows(named=True)
    ]
    known = counterpart_names(messages, own_device=own_device)
    found = sorted(_payments_of_cards(cards), key=lambda p: int(p.cards[0]["row"]))
    for payment in found:
        _set_direction(payment, own_device=own_device)
        payment.names |= set() if payment.is_group else known.get(payment.conversation, set())
        payment.names |= set((names or {}).get(payment.conversation, ()))
    _open_packets(messages, found)
    if not any(c["state"] == "received" for c in cards if c["kind"] == str(Kind.TRANSFER)):
        _mark_receipts(found)
    return found


def _mark_receipts(payments: list[Payment]) -> None:
    """Marks the transfers that may be receipts: after each one, the next of its amount the other way."""
    waiting: dict[tuple[str, str | None, Direction | None], deque[Payment]] = defaultdict(deque)
    back = {Direction.INCOME: Direction.EXPENSE, Direction.EXPENSE: Direction.INCOME}
    for payment in payments:
        if payment.kind != str(Kind.TRANSFER) or payment.direction is None or payment.sent_at is None:
            continue
        before = waiting[payment.conversation, payment.amount, back[payment.direction]]
        while before and payment.sent_at - (before[0].sent_at or payment.sent_at) > SETTLED_WITHIN:
            before.popleft()
        if before:
            before.popleft()
            payment.may_be_receipt = True
        else:
            waiting[payment.conversation, payment.amount, payment.direction].append(payment)


def counterpart_names(messages: dy.DataFrame[Messages], *, own_device: bool) -> dict[str, set[str]]:
    """Names that the chats show for the counterpart of the statement's account, by direct conversation."""
    rows = (
        messages.filter(
            (pl.col("conversation_kind").cast(pl.String) != "group").fill_null(value=True),
            pl.col("is_self") == (not own_device),
            pl.col("sender_name").is_not_null(),
        )
        .select("conversation", "sender_name")
        .unique()
    )
    named: dict[str, set[str]] = defaultdict(set)
    for conversation, name in rows.iter_rows():
        named[conversation].add(name)
    return named


def money(text: str | None) -> str | None:
    """An amount as text with two decimals; None where there is no number."""
    if text is None:
        return None
    try:
        value = Decimal(text.strip().lstrip("¥￥").replace(",", ""))
    except InvalidOperation:
        return None
    return str(value.quantize(Decimal("0.01"))) if value.is_finite() and abs(value) < Decimal("1e12") else None


def _payment_state(card: dict[str, Any]) -> str | None:
    """The state that a card shows; None for a red packet that shows none."""
    if card["payment_state"]:
        return str(card["payment_state"])
    if card["kind"] == str(Kind.RED_PACKET):
        return None
    return next((name for name, pattern in _STATES if re.search(pattern, card["text"])), "sent")


def _payment_ids(card: dict[str, Any]) -> frozenset[str]:
    """The ids that a card states, without those too short or damaged by a spreadsheet."""
    found = set()
    if card["native_id"] and card["native_id"].startswith(("transfer:", "packet:")):
        found.add(card["native_id"].split(":", 1)[1])
    if card["raw"]:
        with suppress(orjson.JSONDecodeError, RecursionError):
            found |= set(_id_values(orjson.loads(card["raw"])))
    return frozenset(i for i in found if len(i) >= 10 and not re.search(r"[Ee]\+", i))


def _id_values(raw: object, depth: int = 0) -> Iterable[str]:
    """The values of id fields in a raw row, at any depth."""
    if isinstance(raw, dict) and depth < 8:
        for key, value in raw.items():
            if isinstance(value, str) and ID_KEYS.match(key):
                yield value.strip()
            else:
                yield from _id_values(value, depth + 1)


def _payments_of_cards(cards: list[dict[str, Any]]) -> list[Payment]:
    """The payments in order of their first card; cards of one payment are joined."""
    by_id: dict[tuple[str, str], Payment] = {}
    found: list[Payment] = []
    waiting: dict[tuple[str, str, str | None], _Waiting] = defaultdict(_Waiting)
    for card in _in_order_of_time(cards):
        ids = _payment_ids(card)
        payment = next((by_id[key] for i in sorted(ids) if (key := (card["conversation"], i)) in by_id), None)
        place = (card["conversation"], card["kind"], card["amount"])
        if payment is None and not ids and card["state"] in ("received", "returned", "expired"):
            payment = waiting[place].settled_by(card)
        if payment is None:
            is_group = card["conversation_kind"] == "group" or card["conversation"].endswith("@chatroom")
            payment = Payment(card["conversation"], is_group, card["kind"], [])
            found.append(payment)
            if not ids and card["state"] == "sent":
                waiting[place].add(card, payment)
        payment.cards.append(card)
        payment.ids |= ids
        by_id |= {(card["conversation"], i): payment for i in ids}
    return found


def _in_order_of_time(cards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Cards in order of time; one without a time stays after the one before it."""
    times: list[datetime] = []
    for card in cards:
        times.append(card["sent_at"] or (times[-1] if times else datetime.min.replace(tzinfo=UTC)))
    return [cards[n] for n in sorted(range(len(cards)), key=lambda n: times[n])]


class _Waiting:
    """Payments of one amount in one chat, without ids, that wait for their second card, in order of time."""

    def __init__(self) -> None:
        self._by_sender: dict[str | None, deque[Payment]] = defaultdict(deque)
        self._unmarked: dict[str | None, deque[Payment]] = defaultdict(deque)

    def add(self, card: dict[str, Any], payment: Payment) -> None:
        """Adds a waiting payment."""
        self._by_sender[card["sender"]].append(payment)
        self._unmarked[card["sender"]].append(payment)

    def settled_by(self, card: dict[str, Any]) -> Payment | None:
        """The oldest payment that this card can settle, or None; an ambiguous choice is marked unknown."""
        at = card["sent_at"]
        senders = [s for s in self._by_sender if s is None or s != card["sender"] or card["state"] != "received"]
        for sender in senders if at is not None else ():
            for held in (self._by_sender[sender], self._unmarked[sender]):
                while held and held[0].sent_at is not None and at - held[0].sent_at > SETTLED_WITHIN:
                    held.popleft()
        fitting = [s for s in senders if self._by_sender[s]]
        several = sum(len(self._by_sender[s]) for s in fitting) > 1
        for sender in fitting:
            for payment in self._unmarked.pop(sender, ()):
                payment.receipt_unsure = several
        oldest = min((self._by_sender[s] for s in fitting), key=lambda held: int(held[0].cards[0]["row"]), default=None)
        return oldest.popleft() if oldest else None


def _set_direction(payment: Payment, *, own_device: bool) -> None:
    """Sets direction, settling time and names of the payment from its cards."""
    first, last = payment.cards[0], payment.cards[-1]
    if len(payment.cards) > 1 or first["state"] == "received":
        payment.settled_at = last["sent_at"]
    settling = first["state"] == "received" and len(payment.cards) == 1
    device_paid = None if first["is_self"] is None else bool(first["is_self"]) is not settling
    if payment.is_group:
        _set_group_direction(payment, device_paid, own_device=own_device)
    elif device_paid is not None:
        payment.direction = Direction.EXPENSE if device_paid is own_device else Direction.INCOME
    others = [c for c in payment.cards if c["is_self"] is (not own_device) and c["sender_name"]]
    payment.names |= {c["sender_name"] for c in others}


def _set_group_direction(payment: Payment, device_paid: bool | None, *, own_device: bool) -> None:
    """Sets the direction in a group, where only the account's own cards count."""
    # In a group, a card does not say whom it is for.
    received = any(c["state"] == "received" and c["is_self"] for c in payment.cards)
    if own_device and device_paid:
        payment.direction = Direction.EXPENSE
    elif own_device and received:
        payment.direction = Direction.INCOME
    else:
        payment.took_part = False


def _open_packets(messages: dy.DataFrame[Messages], payments: list[Payment]) -> None:
    """Sets the time of receipt of red packets from notices, where only one packet can be meant."""
    # "You opened …'s red packet" tells when a packet was received, if only one was open in that chat.
    notices = messages.filter(
        pl.col("kind").cast(pl.String).is_in([str(Kind.SYSTEM), str(Kind.OTHER)]), pl.col("sent_at").is_not_null()
    ).filter(pl.col("text").str.contains("领取了|opened"))
    waiting: dict[str, list[Payment]] = defaultdict(list)
    for packet in payments:
        if (
            packet.kind == str(Kind.RED_PACKET)
            and packet.sent_at
            and packet.settled_at is None
            and not packet.cards[0]["is_self"]
        ):
            waiting[packet.conversation].append(packet)
    for packets in waiting.values():
        packets.sort(key=_sent_at)
    for conversation, at, text in notices.select("conversation", "sent_at", "text").iter_rows():
        packets = waiting.get(conversation, [])
        first, last = bisect_left(packets, at - SETTLED_WITHIN, key=_sent_at), bisect_right(packets, at, key=_sent_at)
        if last - first == 1 and _OPENED.search(text):
            packets.pop(first).settled_at = at


def _sent_at(payment: Payment) -> datetime:
    """The time of sending as a sort key; the earliest time where none is known."""
    return payment.sent_at or datetime.min.replace(tzinfo=UTC)
