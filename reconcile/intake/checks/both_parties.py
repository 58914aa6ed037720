"""Detects exports of both parties given as one, and strangers in a direct chat."""

import polars as pl

from reconcile.errors import UnrecognisedSource
from reconcile.intake.contract import Note, Reading, shorten_notes
from reconcile.intake.messages.naming import distinct_of
from reconcile.intake.source import Source
from reconcile.vocabulary import ConversationKind, NoteCode

# Least messages that occur in two files at one moment with equal words, sent by one file's owner and received by
# the other's.
_LEAST, _LEAST_EACH_WAY, _LEAST_WORDS = 5, 2, 4


def refuse_both_parties(reading: Reading, source: Source) -> None:
    """Raises UnrecognisedSource where the files of a folder show one conversation from both ends.

    Nobody repeatedly sends a message and receives the same one in the same second, in both directions. A message
    forwarded or sent to many is sent in every file.
    """
    if source.is_file or len(source.files) < 2:
        return
    found = _mirrored(reading.messages)
    if found is not None:
        raise UnrecognisedSource(
            source.path,
            f"{source.path}: holds both parties' exports of one conversation (such as {found[0]} and {found[1]}); "
            "give each party's export by itself, and not the folder",
        )


def _mirrored(messages: pl.DataFrame) -> tuple[str, str] | None:
    """One file of each party, or None."""
    key = ["sent_at", "text"]
    told = messages.lazy().filter(pl.col("is_self").is_not_null(), pl.col("text").str.len_chars() >= _LEAST_WORDS)
    twice = told.group_by(key).agg(pl.col("is_self").n_unique().alias("ends")).filter(pl.col("ends") > 1).select(key)
    rows = told.join(twice, on=key, how="semi").select(*key, "is_self", pl.col("locator").str.split("#").list.first())
    held = rows.unique().collect()
    sent, received = (held.filter(pl.col("is_self") == side).drop("is_self") for side in (True, False))
    pairs = sent.join(received, on=key, suffix="_other").filter(pl.col("locator") != pl.col("locator_other"))
    ways = pairs.group_by("locator", "locator_other").agg(pl.struct(key).n_unique().alias("count"))
    both = ways.join(ways, left_on=("locator", "locator_other"), right_on=("locator_other", "locator"), suffix="_back")
    enough = both.filter(
        pl.min_horizontal("count", "count_back") >= _LEAST_EACH_WAY, pl.col("count") + pl.col("count_back") >= _LEAST
    )
    first = enough.sort("locator", "locator_other").head(1)
    return (first["locator"][0], first["locator_other"][0]) if first.height else None


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
