"""Whose device a client database came from: the folder's name, the rows' own word, the user's word."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from reconcile.formats.shared.client_rows import PREFIX, People
from reconcile.intake.contract import Note, Owner, ReadOptions, remarks
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode

_CDATA = r"(?:<!\[CDATA\[)?"
_FROM = rf"<fromusername>{_CDATA}([A-Za-z0-9_\-@.]{{2,96}})|\bfromusername\s*=\s*[\"']([A-Za-z0-9_\-@.]{{2,96}})[\"']"
_TO = r"\btousername\s*=\s*[\"']([A-Za-z0-9_\-@.]{2,96})[\"']"
_ACCOUNT_FOLDER = lazy_pattern(r"^wxid_[A-Za-z0-9_\-]{4,}$")
# A vote must be clear, because a few forwarded bodies may name somebody else.
CLEAR_SHARE = 0.6


def vote_owner(rows: pl.DataFrame) -> str | None:
    """The account that the rows name as the device's; None without a name or a clear majority.

    Votes: senders of own group rows, `fromusername` inside own bodies, `tousername` inside received ones.
    """
    rows = rows.select("conversation", "sender", "is_self", "content")
    own = rows.filter(pl.col("is_self") == True)  # noqa: E712 - a column, not a truth
    received = rows.filter((pl.col("is_self") == False) & ~pl.col("conversation").str.ends_with("@chatroom"))  # noqa: E712
    named = pl.coalesce(pl.col("content").str.extract(_FROM, 1), pl.col("content").str.extract(_FROM, 2))
    xml = pl.col("content").str.contains("username", literal=True)
    votes = [
        own.select("conversation", pl.col("sender").alias("who")),
        own.filter(xml).select("conversation", named.alias("who")),
        received.filter(xml).select("conversation", pl.col("content").str.extract(_TO, 1).alias("who")),
    ]
    counted = (
        pl.concat(votes)
        .filter(pl.col("who").is_not_null() & (pl.col("who") != pl.col("conversation")) & ~pl.col("who").str.contains("@"))
        .group_by("who").len("votes").sort("votes", "who", descending=[True, False])
    )  # fmt: skip
    if counted.is_empty() or counted["votes"][0] < CLEAR_SHARE * float(counted["votes"].sum()):
        return None
    return str(counted["who"][0])


def owner_by_rooms(people: People, rows: pl.DataFrame) -> str | None:
    """The one member of every room whom no received row names.

    The owner is in all rooms of the own store, and own rows are not received ones. None where none or several remain.
    """
    rooms: dict[str, set[str]] = {}
    for member in people.members:
        rooms.setdefault(str(member["group_id"]), set()).add(str(member["member_id"]))
    if not rooms:
        return None
    received = rows.filter(pl.col("is_self") == False)  # noqa: E712 - a column, not a truth
    in_text = received.select(pl.col("content").str.extract(PREFIX))["content"]
    others = {*received["sender"].drop_nulls(), *in_text.drop_nulls(), *rows["conversation"].drop_nulls()}
    left = set.intersection(*rooms.values()) - others
    return left.pop() if len(left) == 1 else None


def settle_owner(
    options: ReadOptions,
    people: People,
    folders: Sequence[str],
    voted: str | None,
    locator: str,
    *,
    rows: pl.DataFrame | None = None,
) -> tuple[str | None, list[Note]]:
    """The owner's account and notes.

    The user's word comes first. Next come the rows if they disagree with the folder, which can be renamed, then the
    nearest folder that has the shape of an account or is a known contact. Member lists of rooms come last, where
    `rows` (is_self, sender, content, conversation) are given.
    """
    if options.owner:
        return options.owner, []
    known = people.known()
    from_folder = next((f for f in folders if _ACCOUNT_FOLDER.match(f) or f in known), None)
    if voted and from_folder and voted != from_folder:
        return voted, remarks(
            NoteCode.ODD_VALUE, locator, f"folder of account {from_folder}, own rows of account {voted}"
        )
    found = voted or from_folder or (None if rows is None else owner_by_rooms(people, rows))
    return found, [] if found else [Note(NoteCode.OWNER_UNKNOWN, locator)]


def owner_by_digest(folders: Sequence[str], accounts: Mapping[str, str]) -> str | None:
    """The account whose MD5 names a folder above the store, as on macOS 3 and iOS; None where none fits."""
    return next((accounts[f.lower()] for f in folders if f.lower() in accounts), None)


def owner_of(people: People) -> Owner:
    """The owner's account with the names that the contacts give it."""
    card = next((c for c in people.contacts if c["id"] == people.owner), {})
    return Owner(id=people.owner, alias=card.get("alias") or None, name=card.get("nickname") or None)


def folders_above(file: Path, marker: str | None = None) -> list[str]:
    """Names of the folders above a file, nearest first.

    With `marker`, only the parent of the nearest folder of that name.
    """
    parts = [p for p in file.resolve().parent.parts if len(p) > 1]
    if marker is None:
        return parts[::-1]
    at = next((i for i in range(len(parts) - 1, 0, -1) if parts[i].lower() == marker.lower()), None)
    return [parts[at - 1]] if at else []
