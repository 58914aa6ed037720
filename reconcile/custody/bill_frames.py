"""The frames of payment statements: their rows, the payments that chats show, and what became of each."""

from enum import StrEnum

import dataframely as dy


class Direction(StrEnum):
    """Direction of the money, seen from the account that the statement belongs to."""

    INCOME = "income"
    EXPENSE = "expense"
    NEUTRAL = "neutral"


class Fate(StrEnum):
    """The fate of a payment of the chats, or of a row of the statement, after both were compared.

    joined: one and the same. conflict: the ids are one, the amount or direction is not. doubtful: more than one would fit,
    or too little is known. not_in_statement: inside the statement's range, the account took part, and no row fits.
    not_in_chats: a transfer or red packet with a person whose chat was handed in, inside what that chat covers, and no card
    fits. refund: the return of a joined payment. not_expected: this account's statement need not list it (not received,
    returned, others' payment in a group). outside_range: before or after the statement or the chat. filtered: the
    statement's stated type leaves it out. other_party: with somebody whose chat was not handed in, or not recognised.
    other_type: no transfer or red packet.
    """

    JOINED = "joined"
    CONFLICT = "conflict"
    DOUBTFUL = "doubtful"
    NOT_IN_STATEMENT = "not_in_statement"
    NOT_IN_CHATS = "not_in_chats"
    REFUND = "refund"
    NOT_EXPECTED = "not_expected"
    OUTSIDE_RANGE = "outside_range"
    FILTERED = "filtered"
    OTHER_PARTY = "other_party"
    OTHER_TYPE = "other_type"


class BillRows(dy.Schema):
    """One row a line of the statement, in its order."""

    bill_row = dy.UInt32(description="0-based position among the statement's lines")
    locator = dy.String(description="file and line or sheet row")
    at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC", description="null = no readable time")
    at_raw = dy.String(description="the time as the statement writes it")
    type = dy.String(description="as written: 转账, 微信红包, 商户消费 …")
    counterparty = dy.String(nullable=True, description="null = '/' or empty")
    product = dy.String(nullable=True)
    direction = dy.Enum(Direction)
    amount = dy.String(nullable=True, description="decimal text, yuan, two places; null = unreadable")
    method = dy.String(nullable=True)
    state = dy.String(nullable=True)
    transaction_id = dy.String(nullable=True, description="交易单号; null = none, or damaged beyond use")
    merchant_id = dy.String(nullable=True, description="商户单号; null = none, or damaged beyond use")
    id_prefixes = dy.List(dy.String(), description="leading digits that survive of damaged ids")
    remark = dy.String(nullable=True)


class Payments(dy.Schema):
    """One row for each payment that the chats show, with its cards joined and its fate."""

    payment = dy.UInt32()
    conversation = dy.String()
    kind = dy.String(description="transfer or red_packet")
    rows = dy.List(dy.UInt32(), description="rows of its cards in Messages, in order")
    locators = dy.List(dy.String())
    amount = dy.String(nullable=True)
    direction = dy.Enum(Direction, nullable=True, description="for the statement's account; null = not known")
    state = dy.String(nullable=True, description="received, returned, expired, sent; null = not said")
    sent_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC", description="first card")
    settled_at = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC", description="receipt or return card")
    text = dy.String()
    name = dy.String(nullable=True, description="the other party as the chat shows it")
    fate = dy.Enum(Fate)
    method = dy.String(nullable=True, description="id, id_prefix, amount_time, name_time")
    bill_row = dy.UInt32(nullable=True)
    candidates = dy.List(
        dy.UInt32(), description="statement rows that could be it, of a doubtful one; the nearest ten at most"
    )
    offset_seconds = dy.Float64(nullable=True, description="statement time minus card time, after the learnt offset")
    detail = dy.String(nullable=True, description="codes: amount_differs, direction_differs, returned …")


class BillFates(dy.Schema):
    """One row for each line of the statement, with its fate."""

    bill_row = dy.UInt32()
    fate = dy.Enum(Fate)
    payment = dy.UInt32(nullable=True)
    conversation = dy.String(nullable=True)
