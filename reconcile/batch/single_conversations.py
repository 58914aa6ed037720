"""Matches senders of exports with one conversation each, without a frame for each export.

The answer is that of `pair_conversations`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from reconcile.engine.entities.accounts import OFFICIAL, own_accounts
from reconcile.engine.entities.conversations import name_of
from reconcile.vocabulary import RESERVED
from reconcile.wechat.owner_words import SELF_WORDS

SCHEMA = {
    "pair": pl.UInt32, "name": pl.String, "left_conversation": pl.String, "right_conversation": pl.String, "pairing": pl.String, "common": pl.UInt32,
    "kind": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sole:
    """An export of one conversation: key, kind, senders, and the owner's id (None = unknown)."""

    conversation: str
    kind: str
    senders: frozenset[str]
    owner: str | None


def single_conversations(messages: pl.DataFrame, owners: Mapping[int, str]) -> dict[int, Sole]:
    """The exports with a single conversation, by `export`; `owners` are the ids that exports state."""
    grouped = messages.group_by("export").agg(
        pl.col("conversation").n_unique().alias("n"), pl.col("conversation").first(),
        pl.col("conversation_kind").drop_nulls().first().cast(pl.String).alias("kind"), pl.col("sender").drop_nulls().unique().alias("senders"),
    )  # fmt: skip
    found = dict(own_accounts(messages, "export").iter_rows()) | dict(owners)
    return {
        export: Sole(
            conversation,
            kind or _conversation_kind(conversation, senders),
            frozenset(senders) - set(SELF_WORDS),
            found.get(export),
        )
        for export, n, conversation, kind, senders in grouped.iter_rows()
        if n == 1
    }


def _conversation_kind(conversation: str, senders: list[str]) -> str:
    return "group" if len(senders) > 2 or conversation.endswith("@chatroom") else "direct"


def pairing_of(left: Sole, right: Sole) -> str | None:
    """How two single conversations match (`account`, `only`); None = these facts do not decide."""
    a, b = left.conversation, right.conversation
    if left.kind == right.kind == "group" and a == b != "":
        return "account"
    if left.owner and right.owner and left.owner != right.owner and (a, b) == (right.owner, left.owner):
        return "account"
    if left.kind == right.kind == "direct":
        known = {i for i in (left.owner, right.owner) if i}
        accounts = [_accounts(side, known) for side in (left, right)]
        if accounts[0] == accounts[1] and len(accounts[0]) == 2:
            return "account"
    rooms = [c.endswith("@chatroom") for c in (a, b)]
    if re.match(OFFICIAL, a) or re.match(OFFICIAL, b) or (a != b and all(rooms)):
        return None
    return None if left.kind != right.kind and any(rooms) else "only"


def _accounts(side: Sole, known: set[str]) -> frozenset[str]:
    own = side.senders | ({side.owner} if side.owner else set())
    return own | {side.conversation} if side.conversation in known else own


def pair_row(pair: int, left: Sole, right: Sole, pairing: str) -> tuple[int, str, str, str, str, int, str]:
    """One row of the table of pairs (SCHEMA)."""
    kind = "group" if "group" in (left.kind, right.kind) else "direct"
    name = name_of(left.conversation, right.conversation)
    name = f"{name} #2" if name == RESERVED else name
    return pair, name, left.conversation, right.conversation, pairing, 1, kind
