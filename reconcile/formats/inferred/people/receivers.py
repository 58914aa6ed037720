"""Conversations of rows that state who sent and who received."""

import re
from collections.abc import Collection, Mapping

import polars as pl

from reconcile.column_ops import all_contain, present
from reconcile.intake.messages.file_names import titled_account
from reconcile.patterns import lazy_pattern
from reconcile.wechat.owner_words import SYSTEM_WORDS, is_client

# Least share of rows without a sender that are one person's.
_GAPS = 0.2
# A field of yes and no by which an exporter marks the client's own rows.
_SYSTEM_FLAG = lazy_pattern(
    r"(?i)(?:is_?)?(?:system|sys|notice|tips?|notification|service)(?:_?(?:message|msg))?|是否系统(?:消息)?"
)
YES = ("true", "1", "yes", "是", "y")
NO = ("false", "0", "no", "n", "否", "")
# Words for the client in a direction, the class of an element or the name of a side.
_NOTICE_WORDS = {
    "sys", "notice", "notification", "tip", "tips", "info", "center", "recall", "revoke", "event", "hint", "通知", "提示",
    *map(str.lower, SYSTEM_WORDS),
}  # fmt: skip
_WORDS = lazy_pattern(r"[^\W_]+")
# The account above the words of a group's member, as WeChat stores them.
_MEMBER = r"\A([A-Za-z0-9_-]{5,30}):\s*\n"
_LIST_OF_PEOPLE = r"[^;；,，、]+[;；,，、][^;；,，、]+"


def with_conversations_by_receiver(
    rows: pl.DataFrame, receiver: pl.Series, told_owner: str | None, parties: Collection[str] = ()
) -> tuple[pl.DataFrame, str | None]:
    """Rows with a conversation made from sender and receiver, and the owner.

    Notices of the client belong to the conversation that they were shown to or name, or that stands above and below them.
    """
    rows = rows.with_columns(receiver.str.strip_chars().alias("receiver"))
    notice = rows.select(by_the_client(rows, parties)).to_series()
    if not notice.any() or notice.all():
        return _conversations_of_pairs(rows, told_owner)
    told, owner = _conversations_of_pairs(rows.filter(~notice), told_owner)
    if "conversation" not in told.columns:
        return rows.drop("receiver"), owner
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, rows.height)
    rows = rows.with_columns(nothing.scatter((~notice).arg_true(), told["conversation"]).alias("conversation"))
    chats = told["conversation"].unique()
    named = rows.select(pl.col("text").str.extract(_any_of([titled_account(c)[0] for c in chats.to_list()]), 1))
    by_name = named.to_series().replace_strict(
        [titled_account(c)[0] for c in chats.to_list()], chats, default=None, return_dtype=pl.String
    )
    above, below = pl.col("conversation").forward_fill(), pl.col("conversation").backward_fill()
    around = pl.when(above.fill_null(below) == below.fill_null(above)).then(above.fill_null(below))
    whom = pl.when(pl.col("receiver").is_in(chats.implode())).then("receiver")
    return rows.with_columns(pl.coalesce("conversation", whom, by_name, around, "sender").alias("conversation")).drop(
        "receiver"
    ), owner


def _any_of(names: list[str]) -> str:
    """A pattern for any of these names, the longest first."""
    return "(" + "|".join(re.escape(n) for n in sorted(names, key=len, reverse=True) if n) + ")"


def _conversations_of_pairs(rows: pl.DataFrame, told_owner: str | None) -> tuple[pl.DataFrame, str | None]:
    """Rows with a conversation made from sender and receiver, and the owner: the one account in every row.

    A receiver of several senders that never sends is a room. Without an owner, the two accounts together name the
    conversation, so that an inbox and an outbox are one conversation.
    """
    rows = rows.with_columns(pl.col("sender", "receiver").replace("", None))
    people = {*rows["sender"].drop_nulls().unique(), *rows["receiver"].drop_nulls().unique()}
    if len(people) == 2 and rows["receiver"].null_count() and not rows["sender"].null_count():
        # Only one of the two states whom it writes to, which is the other.
        return rows.drop("receiver"), told_owner
    is_own = pl.col("sender").is_null()
    is_open = "is_self" not in rows.columns or rows["is_self"].null_count() == rows.height
    if is_open and rows.select((is_own == pl.col("receiver").is_not_null()).all()).item():
        # What states a receiver alone was sent by the owner.
        rows = rows.with_columns(is_own.alias("is_self"))
    by_side = is_own.eq_missing(pl.col("is_self"))
    if "is_self" in rows.columns and rows.select(by_side.all()).item():
        # Each row names the other party alone.
        other = pl.coalesce("sender", "receiver").fill_null("")
        return rows.with_columns(other.alias("conversation")).drop("receiver"), told_owner
    senders = set(rows["sender"].drop_nulls().unique().to_list())
    if _are_two_named_otherwise(rows):
        return rows.drop("receiver"), told_owner
    everywhere = (
        [
            a
            for a in senders
            if rows.select(((pl.col("sender") == a) | (pl.col("receiver") == a)).fill_null(value=False).all()).item()
        ]
        if len(senders) < 1000
        else []
    )
    both = [a for a in everywhere if bool((rows["receiver"] == a).any()) and bool((rows["sender"] != a).any())]
    owner = told_owner or (both[0] if len(both) == 1 else None)
    if owner is None and len(both) == 2:
        return rows.drop("receiver"), None
    peer = pl.when(pl.col("sender") == pl.lit(owner, dtype=pl.String)).then("receiver").otherwise("sender")
    pair = pl.concat_str(
        pl.min_horizontal("sender", "receiver"), pl.max_horizontal("sender", "receiver"), separator=" – "
    )
    is_silent = ~pl.col("receiver").is_in(sorted(senders)) & (
        pl.col("receiver") != pl.lit(owner or "", dtype=pl.String)
    )
    room = is_silent & pl.lit(bool(owner) or len(people) > 2)
    key = pl.when(room).then("receiver").otherwise(peer if owner else pair).fill_null("")
    return rows.with_columns(key.alias("conversation")).drop("receiver"), owner


def _are_two_named_otherwise(rows: pl.DataFrame) -> bool:
    """Whether the receivers' column calls the senders otherwise.

    It holds a number, a part of the account, or a list of all others.
    """
    pairs = rows.select("sender", "receiver").drop_nulls().unique().sort("sender")
    if 1 < pairs.height == pairs["sender"].n_unique() and all_contain(pairs["receiver"], _LIST_OF_PEOPLE):
        return True
    if pairs.height != 2 or pairs["sender"].n_unique() != 2 or pairs["receiver"].n_unique() != 2:
        return False
    senders, receivers = pairs["sender"].to_list(), pairs["receiver"].to_list()
    if not {*senders}.isdisjoint(receivers):
        return False
    others = zip(receivers, reversed(senders), strict=True)
    return all(len(r) == 1 and r.isdigit() for r in receivers) or all(s.startswith(r) for r, s in others)


def with_members_of_rooms(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows sent by rooms, with the member whose account stands in a line above the words as sender."""
    if "sender" not in rows.columns:
        return rows
    room = pl.col("sender").str.ends_with("@chatroom").fill_null(value=False)
    if not rows.select(room.any()).item():
        return rows
    member = pl.when(room).then(pl.col("text").str.extract(_MEMBER, 1))
    said = pl.when(member.is_not_null()).then(pl.col("text").str.replace(_MEMBER, "")).otherwise("text")
    return rows.with_columns(pl.coalesce(member, "sender").alias("sender"), said.alias("text"))


def by_the_client(rows: pl.DataFrame, parties: Collection[str] = ()) -> pl.Expr:
    """Whether the sender of a row is the chat client itself, and no party has that name."""
    names = [pl.col(c) for c in ("sender", "sender_name") if c in rows.columns]
    return pl.any_horizontal(pl.lit(value=False), *(is_client(n, parties) for n in names))


def parties_of(table: pl.DataFrame, columns: Mapping[str, str]) -> set[str]:
    """The names that others write to; nobody writes to the client."""
    ends = [columns.get(r, "") for r in ("sender", "receiver")]
    if not {*ends} <= {*table.columns}:
        return set()
    return {*present(table.filter(pl.col(ends[0]) != pl.col(ends[1]))[ends[1]].unique())}


def is_notice(word: str) -> bool:
    """Whether a direction such as `系统`, or a class such as `msg system`, is one of notices."""
    return not _NOTICE_WORDS.isdisjoint(_WORDS.findall(word))


def flagged_notices(table: pl.DataFrame, columns: Mapping[str, str]) -> pl.Series:
    """Whether the direction, or a column of yes and no such as `isSystem`, calls a row the client's own."""
    flags = [
        c
        for c in table.columns
        if c not in columns.values()
        and _SYSTEM_FLAG.fullmatch(c.rpartition(".")[2])
        and table[c].drop_nulls().str.to_lowercase().is_in([*YES, *NO]).all()
    ]
    told = [pl.col(c).str.to_lowercase().is_in(YES).fill_null(value=False) for c in flags]
    if (side := columns.get("direction")) in table.columns:
        words = {w: w.strip().lower() for w in table[side].drop_nulls().unique()}
        told.append(
            pl.col(side)
            .is_in([w for w, bare in words.items() if is_notice(bare) and f"direction:{bare}" not in columns])
            .fill_null(value=False)
        )
    return table.select(pl.any_horizontal(pl.repeat(value=False, n=table.height), *told)).to_series()


def leaves_out_the_owner(sender: pl.Series, chat: pl.Series) -> bool:
    """Whether each chat has its own only sender, so that whoever has no name is the owner.

    A single chat is called after that sender.
    """
    told = sender.is_not_null()
    is_between = told.any() and sender.null_count() >= _GAPS * sender.len()
    if not is_between:
        return False
    if bool((sender == chat).filter(told).fill_null(value=False).all()):
        return True
    by_chat = pl.DataFrame({"chat": chat, "sender": sender}).group_by("chat").agg(
        pl.col("sender").drop_nulls().n_unique().alias("people"), pl.col("sender").first(ignore_nulls=True).alias("one"),
        pl.col("sender").is_null().mean().alias("gaps"),
    )  # fmt: skip
    # In each of several chats, somebody else is the only one with a name.
    is_other = by_chat.height > 1 and by_chat["one"].n_unique() == by_chat.height and (by_chat["people"] == 1).all()
    return is_other and bool((by_chat["gaps"] >= _GAPS).all())
