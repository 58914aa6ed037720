"""From the cards of a chat to payments: one payment's several cards joined, its direction for the statement's account told."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import dataframely as dy
import orjson
import polars as pl

from reconcile.custody.bill_frames import Direction
from reconcile.frames import Messages
from reconcile.vocabulary import Kind

# A transfer not received within a day goes back (WeChat's own rule for transfers and red packets).
SETTLED_WITHIN = timedelta(hours=24, minutes=10)
ID_KEYS = re.compile(
    r"^(?:transcationid|transactionid|transaction_id|transferid|transfer_id|paymsgid|sendid|send_id)$", re.I
)
_STATES = (("returned", r"退还|退回|退款|returned|refunded"), ("expired", r"过期|expired"), ("received", r"收款|已收|接收|领取|received|accepted"))  # fmt: skip
_OPENED = re.compile(r"你领取了.{0,40}红包|You opened .{0,40}(?:red packet|RED PACKET)", re.I)
_NEEDED = ("row", "locator", "conversation", "conversation_kind", "sent_at", "text", "sender", "sender_name", "is_self", "native_id", "kind", "amount", "payment_state", "raw")  # fmt: skip


@dataclass(slots=True)
class Payment:
    """One payment as the chat shows it; `direction` is for the account whose statement is held against it.

    `receipt_unsure`: its second card could belong to another payment of the same amount, so `settled_at` is not certain.
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

    @property
    def amount(self) -> str | None:
        """Yuan with two places; None where no card says it."""
        return next((a for c in self.cards if (a := money(c["amount"])) is not None), None)

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
        c | {"state": _state(c)}
        for c in messages.filter(pl.col("kind").cast(pl.String).is_in(kinds)).select(_NEEDED).iter_rows(named=True)
    ]
    known = counterpart_names(messages, own_device=own_device)
    found = sorted(_join(cards), key=lambda p: int(p.cards[0]["row"]))
    for payment in found:
        _direct(payment, own_device=own_device)
        payment.names |= set() if payment.is_group else known.get(payment.conversation, set())
        payment.names |= set((names or {}).get(payment.conversation, ()))
    _open_packets(messages, found)
    return found


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
    """An amount as text with two places; None for none or no number."""
    if text is None:
        return None
    try:
        value = Decimal(text.strip().lstrip("¥￥").replace(",", ""))
    except InvalidOperation:
        return None
    return str(value.quantize(Decimal("0.01"))) if value.is_finite() and abs(value) < Decimal("1e12") else None


def _state(card: dict[str, Any]) -> str | None:
    if card["payment_state"]:
        return str(card["payment_state"])
    if card["kind"] == str(Kind.RED_PACKET):
        return None
    return next((name for name, pattern in _STATES if re.search(pattern, card["text"])), "sent")


def _ids(card: dict[str, Any]) -> frozenset[str]:
    found = set()
    if card["native_id"] and card["native_id"].startswith(("transfer:", "packet:")):
        found.add(card["native_id"].split(":", 1)[1])
    if card["raw"]:
        with suppress(orjson.JSONDecodeError, RecursionError):
            found |= set(_values(orjson.loads(card["raw"])))
    return frozenset(i for i in found if len(i) >= 10 and not re.search(r"[Ee]\+", i))


def _values(raw: object, depth: int = 0) -> Iterable[str]:
    if isinstance(raw, dict) and depth < 8:
        for key, value in raw.items():
            if isinstance(value, str) and ID_KEYS.match(key):
                yield value.strip()
            else:
                yield from _values(value, depth + 1)


def _join(cards: list[dict[str, Any]]) -> list[Payment]:
    by_id: dict[tuple[str, str], Payment] = {}
    found: list[Payment] = []
    open_cards: dict[tuple[str, str, str | None], list[Payment]] = defaultdict(list)
    for card in cards:
        ids = _ids(card)
        payment = next((by_id[key] for i in sorted(ids) if (key := (card["conversation"], i)) in by_id), None)
        place = (card["conversation"], card["kind"], money(card["amount"]))
        if payment is None and not ids and card["state"] in ("received", "returned", "expired"):
            payment = _open(open_cards[place], card)
        if payment is None:
            is_group = card["conversation_kind"] == "group" or card["conversation"].endswith("@chatroom")
            payment = Payment(card["conversation"], is_group, card["kind"], [])
            found.append(payment)
            if not ids and card["state"] == "sent":
                open_cards[place].append(payment)
        payment.cards.append(card)
        payment.ids |= ids
        by_id |= {(card["conversation"], i): payment for i in ids}
    return found


def _open(waiting: list[Payment], card: dict[str, Any]) -> Payment | None:
    # Cards without ids: the oldest payment of that amount that waits for its second card and is not over a day old. Where
    # several wait, which one this card settles is not known, and is remembered as not known.
    fitting = [p for p in waiting if _may_settle(p, card)]
    if not fitting:
        return None
    for payment in fitting if len(fitting) > 1 else ():
        payment.receipt_unsure = True
    waiting.remove(fitting[0])
    return fitting[0]


def _may_settle(payment: Payment, card: dict[str, Any]) -> bool:
    at, sent = card["sent_at"], payment.sent_at
    in_time = at is None or sent is None or timedelta(0) <= at - sent <= SETTLED_WITHIN
    other = card["sender"] is None or card["sender"] != payment.cards[0]["sender"] or card["state"] != "received"
    return in_time and other


def _direct(payment: Payment, *, own_device: bool) -> None:
    first, last = payment.cards[0], payment.cards[-1]
    if len(payment.cards) > 1 or first["state"] == "received":
        payment.settled_at = last["sent_at"]
    settling = first["state"] == "received" and len(payment.cards) == 1
    device_paid = None if first["is_self"] is None else bool(first["is_self"]) is not settling
    if payment.is_group:
        _direct_in_group(payment, device_paid, own_device=own_device)
    elif device_paid is not None:
        payment.direction = Direction.EXPENSE if device_paid is own_device else Direction.INCOME
    others = [c for c in payment.cards if c["is_self"] is (not own_device) and c["sender_name"]]
    payment.names |= {c["sender_name"] for c in others}


def _direct_in_group(payment: Payment, device_paid: bool | None, *, own_device: bool) -> None:
    # In a group the card does not say whom it is for: only the account's own cards speak of it.
    received = any(c["state"] == "received" and c["is_self"] for c in payment.cards)
    if own_device and device_paid:
        payment.direction = Direction.EXPENSE
    elif own_device and received:
        payment.direction = Direction.INCOME
    else:
        payment.took_part = False


def _open_packets(messages: dy.DataFrame[Messages], payments: list[Payment]) -> None:
    # "You opened …'s red packet" tells when a packet was received, where just one stood open in that chat.
    notices = messages.filter(
        pl.col("kind").cast(pl.String).is_in([str(Kind.SYSTEM), str(Kind.OTHER)]), pl.col("sent_at").is_not_null()
    ).filter(pl.col("text").str.contains("领取了|opened"))
    packets = [p for p in payments if p.kind == str(Kind.RED_PACKET) and p.sent_at and p.settled_at is None]
    for notice in notices.select("conversation", "sent_at", "text").iter_rows(named=True):
        if not _OPENED.search(notice["text"]):
            continue
        waiting = [
            p
            for p in packets
            if p.conversation == notice["conversation"]
            and not p.cards[0]["is_self"]
            and p.settled_at is None
            and p.sent_at is not None
            and timedelta(0) <= notice["sent_at"] - p.sent_at <= SETTLED_WITHIN
        ]
        if len(waiting) == 1:
            waiting[0].settled_at = notice["sent_at"]
