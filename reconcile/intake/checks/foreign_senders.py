"""Finds rows of a direct chat that neither of its two parties wrote.

Such rows stand in another chat's table, or their senders were mixed up.
"""

import polars as pl

from reconcile.intake.contract import Note, Reading
from reconcile.intake.messages.naming import distinct_of
from reconcile.intake.notes import shorten_notes
from reconcile.vocabulary import ConversationKind, NoteCode

# Given by the server and never chosen or displayed, so an alias is no stranger.
_ACCOUNT = "wxid_"


def foreign_sender_notes(reading: Reading) -> list[Note]:
    """A note for each account that writes in a direct chat and is neither its owner nor its peer.

    There is none where the export does not name its owner.
    """
    frame, owner = reading.messages, reading.facts.owner.id
    if owner is None or not owner.startswith(_ACCOUNT) or frame["conversation_kind"].null_count() == frame.height:
        return []
    # Distinct senders cost a fifth of checking each row: a direct chat has only its peer and the owner.
    chats, senders = distinct_of(frame["conversation"]), frame["sender"].unique().to_list()
    if len(chats) == 1 and not any(s.startswith(_ACCOUNT) for s in set(senders) - {None, owner, chats[0]}):
        return []
    direct = pl.col("conversation_kind").cast(pl.String) == str(ConversationKind.DIRECT)
    accounts = pl.col("conversation").str.starts_with(_ACCOUNT) & pl.col("sender").str.starts_with(_ACCOUNT)
    stranger = (pl.col("sender") != pl.col("conversation")) & (pl.col("sender") != owner)
    found = (
        frame.lazy()
        .filter(direct & accounts & stranger)
        .group_by("conversation", "sender")
        .agg(pl.len().alias("rows"), pl.col("locator").first())
        .sort("conversation", "sender")
        .collect()
    )
    return shorten_notes(
        [
            Note(
                NoteCode.ODD_VALUE,
                locator,
                f"{sender} is neither the owner nor the peer of the chat {conversation}",
                rows,
                said=True,
            )
            for conversation, sender, rows, locator in found.iter_rows()
        ]
    )
