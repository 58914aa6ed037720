"""Accounts, conversations and parties of rows, by their columns."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from reconcile.column_ops import present
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import ConversationKind
from reconcile.wechat.frequent_values import counts_of

# wxid_…, …@chatroom, gh_…, or an older account name of six characters and more.
ACCOUNT = r"(?:wxid_[0-9A-Za-z_-]{4,40}|[0-9A-Za-z_-]{5,64}@(?:chatroom|openim|im\.chatroom)|gh_[0-9a-f]{6,20}|[A-Za-z][0-9A-Za-z_-]{5,39})"
_ROOM = lazy_pattern(r"@(?:im\.)?chatroom$")
# Whatever an account is written in. Titles have blanks, or letters of other scripts.
_PLAIN = lazy_pattern(r"[!-~]+")


def is_account(text: str) -> bool:
    """Whether the whole text has the form of an account or room id."""
    return re.fullmatch(ACCOUNT, text) is not None


def kind_of_account(account: str | None) -> ConversationKind | None:
    """Group for a room id, direct for any other account, None for a title or nothing."""
    if not account or not _PLAIN.fullmatch(account):
        return None
    return ConversationKind.GROUP if _ROOM.search(account) else ConversationKind.DIRECT


def distinct_where(rows: pl.DataFrame, column: str, where: pl.Expr, *, in_order: bool = False) -> list[str]:
    """Distinct non-null values of a text column in picked rows; `in_order`: in order of appearance.

    Only that column is put together anew: filtering whole rows would copy them all.
    """
    picked = present(rows.select(pl.col(column).filter(where))[column])
    return picked.unique(maintain_order=in_order).to_list()


def distinct_of(column: pl.Series) -> list[Any]:
    """The distinct values of a column, null included; fast where all rows hold one value."""
    if column.len() and not column.null_count() and (column == column[0]).all():
        return [column[0]]
    return column.unique().to_list()


def by_conversation(rows: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    """The rows of each conversation, in order of its first row; uncopied where there is one."""
    keys = distinct_of(rows["conversation"])
    if len(keys) == 1:
        yield str(keys[0]), rows
    else:
        yield from ((str(key), said) for (key,), said in rows.group_by("conversation", maintain_order=True))


def firsts_of(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """The first row of each value of a column, in order; null counts as a value."""
    return rows[rows[column].is_first_distinct().arg_true()]


@dataclass(frozen=True, slots=True)
class Parties:
    """The parties of a chat whose rows give names only; `peer` is the account if known, else the name."""

    rows: pl.DataFrame
    conversation_kind: ConversationKind | None
    owner_name: str | None = None
    peer: str | None = None


def parties_by_title(rows: pl.DataFrame, title: str, account: str | None) -> Parties:
    """Rows with `sender` and `is_self`, decided by `sender_name` and the chat's title.

    In a direct chat the title is the peer's displayed name, so every other name is the owner's. Without an account the chat
    counts as direct when at most two people speak and one of them bears the title. Both parties may bear it: then only
    `is_self` of the rows tells them apart. Where it does not, where the title fits nobody although two speak, and in groups,
    `is_self` is null or as the rows state it, and the name is the sender.
    """
    names = counts_of(rows["sender_name"].filter(~rows["kind"].is_in(["system", "recall"])))
    spoken = [n for n, _ in sorted(names.items(), key=lambda told: -told[1]) if n]
    peers = [n for n in spoken if _plain_name(n) == _plain_name(title)]
    if not peers and len(spoken) == 2 and "我" in spoken:
        peers = [n for n in spoken if n != "我"]
    kind = kind_of_account(account)
    if kind is None and len(spoken) <= 2 and peers:
        kind = ConversationKind.DIRECT
    own = pl.col("is_self") if "is_self" in rows.columns else pl.lit(None, dtype=pl.Boolean).alias("is_self")
    others = [n for n in spoken if n not in peers]
    is_told = bool(others) if peers else len(spoken) <= 1
    is_told |= bool(peers) and rows.select(own.any()).item() is True
    if kind is not ConversationKind.DIRECT or not is_told:
        unknown = rows.with_columns(pl.col("sender_name").alias("sender"), own)
        return Parties(unknown, kind, peer=account if kind is ConversationKind.DIRECT else None)
    owner_name = others[0] if others else peers[0] if peers else None
    name, peer = pl.col("sender_name"), account or peers[0]
    # Comparing with one name costs half of comparing with several.
    bears = name == peers[0] if len(peers) == 1 else name.is_in(peers)
    told = rows.with_columns((bears & ~own.fill_null(value=False)).alias("is_peer"))
    is_peer, is_owner = pl.col("is_peer"), name == pl.lit(owner_name, dtype=pl.String)
    told = told.with_columns(
        pl.when(is_peer).then(pl.lit(peer)).otherwise(name).alias("sender"),
        pl.when(is_peer).then(pl.lit(value=False)).when(is_owner).then(pl.lit(value=True)).alias("is_self"),
    )
    return Parties(told.drop("is_peer"), kind, owner_name, peer)


def _plain_name(name: str) -> str:
    # Exporters remove blanks and characters that Windows forbids from folder names.
    return re.sub(r'[\\/:*?"<>|\s.]', "", name)
