"""Decides which rows are the owner's, where an export names senders and owner but no direction."""

from collections import defaultdict
from dataclasses import replace

import polars as pl

from reconcile.frames import Messages
from reconcile.intake.contract import Reading
from reconcile.intake.messages.naming import is_account
from reconcile.vocabulary import ConversationKind, Kind
from reconcile.wechat.owner_words import SELF_WORDS

_NOTICES = [str(Kind.SYSTEM), str(Kind.RECALL)]


def with_own_rows(reading: Reading, also: str | None = None) -> Reading:
    """The reading with `is_self` filled where senders decide it; it stays null where they do not.

    A sender is the owner if he has the owner's account, alias or name, or calls himself 我. He is another person if he
    has another account than the known owner's, the conversation's key, a contact's name, or is the other party of a
    direct chat.

    Args:
        reading: any.
        also: one more name of the owner, from elsewhere.
    """
    speech = (
        pl.col("is_self").is_null() & pl.col("sender").is_not_null() & ~pl.col("kind").cast(pl.String).is_in(_NOTICES)
    )
    spoken = (
        reading.messages.filter(speech)
        .select("conversation", "conversation_kind", "sender")
        .unique(maintain_order=True)
    )
    if spoken.is_empty():
        return reading
    own, others = _known(reading, also)
    told = {(c, s): t for c, s, t in _own_by_sender(spoken, own, others, knows_account=any(is_account(n) for n in own))}
    table = pl.DataFrame(
        [(c, s, t) for (c, s), t in told.items()],
        schema={"conversation": pl.String, "sender": pl.String, "_own": pl.Boolean},
        orient="row",
    )
    joined = reading.messages.join(table, on=["conversation", "sender"], how="left", maintain_order="left")
    filled = joined.with_columns(pl.when(speech).then("_own").otherwise("is_self").alias("is_self")).drop("_own")
    return replace(reading, messages=Messages.cast(filled))


def _known(reading: Reading, also: str | None) -> tuple[set[str], set[str]]:
    """Names of the owner, and names of contacts that are not the owner's too."""
    owner = reading.facts.owner
    own = {n for n in (owner.id, owner.alias, owner.name, also, *SELF_WORDS) if n}
    others: set[str] = set()
    for row in reading.contacts.select("id", "alias", "remark", "nickname").iter_rows():
        names = {n for n in row if n}
        if owner.id and owner.id in (row[0], row[1]):
            own |= names
        else:
            others |= names
    return own, others - own


def _own_by_sender(
    spoken: pl.DataFrame, own: set[str], others: set[str], *, knows_account: bool
) -> list[tuple[str, str, bool | None]]:
    """Conversation, sender and whether that is the owner; null where it is unknown."""
    chats: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for conversation, kind, sender in spoken.iter_rows():
        chats[conversation, kind].append(sender)
    found: list[tuple[str, str, bool | None]] = []
    for (conversation, kind), senders in chats.items():
        told = {s: _is_own(s, conversation, own, others, knows_account=knows_account) for s in senders}
        if (
            kind != str(ConversationKind.GROUP)
            and len(senders) == 2
            and set(told.values()) in ({True, None}, {False, None})
        ):
            # One of the two is known, so the rest are the other's.
            told = {
                s: t if t is not None else not next(o for o in told.values() if o is not None) for s, t in told.items()
            }
        found += [(conversation, s, t) for s, t in told.items()]
    return found


def _is_own(sender: str, conversation: str, own: set[str], others: set[str], *, knows_account: bool) -> bool | None:
    """Whether the sender is the owner; null where neither list names it."""
    if sender in own:
        return True
    if sender == conversation or sender in others or (knows_account and is_account(sender)):
        return False
    return None
