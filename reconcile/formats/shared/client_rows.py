"""Rows of a client's own database as Messages: times, senders, group prefixes, ids and sending state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

import dataframely as dy
import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.frames import Messages
from reconcile.intake.contract import Note
from reconcile.intake.frames import messages_of, notes_of
from reconcile.intake.messages.bodies import read_bodies
from reconcile.intake.source import Source
from reconcile.vocabulary import ConversationKind, Kind, NoteCode, Status, TimePrecision, ZoneSource
from reconcile.wechat.clock import from_unix
from reconcile.wechat.kinds import REFUSED_NOTICE, SYSTEM_KINDS, fits_where

# Accounts are letters, digits, _ - and, in rooms and company accounts, @ and a dot. Older ids may be a telephone number.
ACCOUNT = r"[A-Za-z0-9_\-@.+]{2,96}"
GROUP_SUFFIXES = ("@chatroom", "@im.chatroom")
# A group text's first line where the client names its sender there.
PREFIX = rf"^({ACCOUNT}):[ \t]*\r?\n"
# Rows that a client writes itself carry no server id, so its absence says nothing about sending.
_UNSENT_BY_NATURE = [*map(str, SYSTEM_KINDS), str(Kind.CALL)]

# Columns of raw rows that decide how bodies are read.
_CODES = ("base", "sub")
_STATUS = pl.Enum(Status)

Rows = Sequence[dict[str, Any]]


@dataclass(slots=True)
class People:
    """Whom a client knows: contacts and rooms as partial rows of the frames, and the device's own account."""

    owner: str | None = None
    contacts: list[dict[str, Any]] = field(default_factory=list)
    rooms: list[dict[str, Any]] = field(default_factory=list)
    members: list[dict[str, Any]] = field(default_factory=list)

    @property
    def names(self) -> dict[str, str]:
        """Account -> the name as this device shows it: remark before nickname before alias."""
        shown = ((c["id"], c.get("remark") or c.get("nickname") or c.get("alias")) for c in self.contacts)
        return {i: n for i, n in shown if i and n}

    def known(self) -> set[str]:
        """Every account that a contact, room or member list names."""
        return {str(c["id"]) for c in self.contacts} | {str(m["member_id"]) for m in self.members} | {str(r["conversation"]) for r in self.rooms}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finished:
    """Messages, and what their bodies and oddities gave."""

    messages: dy.DataFrame[Messages]
    witnesses: pl.DataFrame
    notes: tuple[Note, ...]


def finish_rows(
    source: Source,
    held: list[pl.DataFrame],
    people: People,
    *,
    unit: Literal["s", "ms"],
    prefix: Literal["sender", "any"],
    facts: Sequence[str] = (),
) -> Finished:
    """Messages of raw rows, in the order given.

    Args:
        source: whose rows they are; its limits bound the bodies.
        held: the rows in one frame, which is taken out of the list: nobody else is to hold them while they become messages. Columns locator, conversation, time, server_id, local_id, base, sub, content, is_self (null = unknown), sender (account
            where the row names one, else null); optionally shown, native_id, state (a Status where the client states one).
        people: contacts and the owner's account.
        unit: of `time`.
        prefix: how a group text's leading `account:` line is told from speech. sender: only where it equals the row's own
            sender; any: on every row that others sent, since this client names the sender nowhere else.
        facts: columns that go into Messages.raw.
    """
    read = read_bodies(_without_prefix(_with_facts(held.pop(), prefix, facts), prefix, people.known()), source.limits)
    frame, witnesses, notes = read.messages, read.witnesses, [*read.notes]
    # Each step frees what it replaces, so no other name may hold it.
    del read
    frame = _with_times(_with_message_ids(frame), unit)
    frame = _with_sender_names(_with_sender(frame, people.owner), people.names)
    frame = _with_status(frame)
    notes += _notes_on_rows(frame)
    frame = frame.drop("server_id", "body_sender", "state", strict=False)
    return Finished(messages_of(frame), witnesses, tuple(notes))


def _with_facts(rows: pl.DataFrame, prefix: str, facts: Sequence[str]) -> pl.DataFrame:
    """Add conversation_kind and facts, a JSON of the raw columns."""
    told = rows.with_columns(
        _word(_is_group(prefix), "group", "direct", ConversationKind).alias("conversation_kind"),
        pl.struct(facts).struct.json_encode().alias("facts") if facts else pl.lit("{}").alias("facts"),
    )
    # Raw columns are freed once the text holds them; the codes for bodies are still needed.
    return told.drop([f for f in facts if f not in _CODES])


def conversations_of(messages: dy.DataFrame[Messages], people: People) -> pl.DataFrame:
    """One row a conversation that holds messages, with its title and its number of members where known."""
    # Two columns only: grouping a whole frame would copy all its columns.
    named = messages.select("conversation", "conversation_kind")
    found = named.group_by("conversation", maintain_order=True).agg(pl.col("conversation_kind").first())
    names = people.names | {r["conversation"]: r["title"] for r in people.rooms if r.get("title")}
    sizes = {r["conversation"]: r.get("member_count") for r in people.rooms if r.get("member_count")}
    return found.with_columns(
        pl.col("conversation").replace_strict(names, default=None, return_dtype=pl.String).alias("title"),
        pl.col("conversation").replace_strict(sizes, default=None, return_dtype=pl.UInt32).alias("member_count"),
    )


def refuse_if_empty(source: Source, messages: dy.DataFrame[Messages], notes: Sequence[Note]) -> None:
    """Raises UnreadableSource where nothing could be read and a note says that pages are broken."""
    broken = next((n for n in notes if n.code is NoteCode.PART_UNREADABLE), None)
    if messages.is_empty() and broken:
        raise UnreadableSource(source.path, f"{source.path}: no message can be read ({broken.locator}: {broken.excerpt}); copy it again from the device")  # fmt: skip


def counter(scope: str, conversation: str | None, stated: int | None, held: int | None) -> tuple[dict[str, Any] | None, Note | None]:  # fmt: skip
    """A Counters row from the stated and the highest held number, and a note where the statement is lower.

    None where the file states nothing. A statement lower than the held numbers was rewritten by a restore or a tool
    and is not trusted.
    """
    if stated is None:
        return None, None
    restored = held is not None and stated < held
    row = {
        "scope": scope, "conversation": conversation, "maximum": max(stated, held or 0), "is_trusted": not restored,
        "locator": f"{scope.partition('#')[0]}#sqlite_sequence/{scope.rpartition('#')[2]}",
    }  # fmt: skip
    note = Note(NoteCode.COUNTER_RESTORED, scope, f"stated {stated}, held {held}", said=True) if restored else None
    return row, note


def server_id_text(column: str) -> pl.Expr:
    """Whole server ids as text; null for null, 0 and -1, which stand for none."""
    return pl.when(~pl.col(column).is_in([0, -1])).then(pl.col(column).cast(pl.String))


def _is_group(prefix: str) -> pl.Expr:
    """Whether it is a group: by the account's ending, or by its rows where only the digest is known."""
    if prefix == "sender":
        crowd = pl.col("sender").drop_nulls().n_unique().over("conversation") > 2
    else:
        received = (pl.col("base") == 1) & ~pl.col("is_self").fill_null(value=True)
        named = pl.col("content").str.contains(PREFIX).fill_null(value=False)
        crowd = (named & received).sum().over("conversation") * 2 > received.sum().over("conversation")
    unnamed = pl.col("conversation").str.starts_with("md5:")
    return pl.any_horizontal(pl.col("conversation").str.ends_with(s) for s in GROUP_SUFFIXES) | (unnamed & crowd)


def _without_prefix(frame: pl.DataFrame, prefix: str, known: set[str]) -> pl.DataFrame:
    """Cut the sender's account from bodies of rooms; it becomes the sender where none is stated."""
    group = (frame["conversation_kind"] == "group").fill_null(value=False)
    # Only rooms are examined: elsewhere no sender precedes the words.
    few = frame.select("content", "sender", "is_self").filter(group)
    if few.is_empty():
        return frame
    named = pl.col("content").str.extract(PREFIX)
    received = ~pl.col("is_self").fill_null(value=prefix == "sender")
    if prefix == "sender":
        # Without a sender in the row, only a line that must be an account is taken as one.
        account = named.is_in(sorted(known)) | named.str.starts_with("wxid_")
        cut = (named == pl.col("sender")) | (pl.col("sender").is_null() & received & account)
    else:
        cut = named.is_not_null() & received
    # Some notices begin with the room's own id, which is no sender.
    sender = pl.when(~named.str.contains("@chatroom", literal=True)).then(named)
    told = few.select(
        pl.when(cut).then(pl.col("content").str.replace(PREFIX, "")).otherwise(pl.col("content")).alias("content"),
        pl.when(cut).then(pl.coalesce("sender", sender)).otherwise(pl.col("sender")).alias("sender"),
    )
    places = group.arg_true()
    return frame.with_columns(frame[n].clone().scatter(places, told[n]) for n in told.columns)


def _word(where: pl.Expr, one: str, other: str, vocabulary: type[StrEnum]) -> pl.Expr:
    """An enum column of one byte a row: the word `one` where the condition holds, else `other`."""
    dtype = pl.Enum(vocabulary)
    return pl.when(where).then(pl.lit(str(one), dtype=dtype)).otherwise(pl.lit(str(other), dtype=dtype))


def _with_message_ids(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(server_id_text("server_id").alias("message_id"))


def _with_times(frame: pl.DataFrame, unit: Literal["s", "ms"]) -> pl.DataFrame:
    """Add sent_at, sent_raw, time_precision and zone_source from Unix times."""
    precision = TimePrecision.SECOND if unit == "s" else TimePrecision.MILLISECOND
    instant = from_unix(pl.col("time"), unit)
    timed = frame.with_columns(instant.alias("sent_at"), pl.col("time").cast(pl.String).alias("sent_raw"))
    return timed.drop("time").with_columns(
        _word(pl.col("sent_at").is_null(), TimePrecision.NONE, precision, TimePrecision).alias("time_precision"),
        _word(pl.col("sent_at").is_null(), ZoneSource.NONE, ZoneSource.UNIX, ZoneSource).alias("zone_source"),
    )  # fmt: skip


def _with_sender(frame: pl.DataFrame, owner: str | None) -> pl.DataFrame:
    """Add the sender: owner, peer or member; notices have none."""
    is_notice = pl.col("kind").is_in([*map(str, SYSTEM_KINDS)])
    own = pl.col("is_self").fill_null(value=False)
    direct = pl.col("conversation_kind") == "direct"
    peer = pl.when(direct & (pl.col("is_self") == False)).then(pl.col("conversation"))  # noqa: E712 - a column, not a truth
    member = pl.coalesce(pl.col("sender"), pl.when(~own).then(pl.col("body_sender")))
    sender = (
        pl.when(own).then(pl.coalesce(pl.lit(owner, dtype=pl.String), "sender")).otherwise(pl.coalesce(peer, member))
    )
    return frame.with_columns(
        pl.when(~is_notice).then(sender).alias("sender"),
        pl.when(~is_notice).then(pl.col("is_self")).alias("is_self"),
    )


def _with_sender_names(frame: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    return frame.with_columns(
        pl.col("sender").replace_strict(names, default=None, return_dtype=pl.String).alias("sender_name")
    )


def _with_status(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with the status: sent, received, failed, or rejected before the client's refusal notice.

    The server never accepted a message without a server id. Where no row of the file has one, this says nothing.
    """
    state = pl.col("state").cast(_STATUS) if "state" in frame.columns else pl.lit(None, dtype=_STATUS)
    frame = frame.with_columns(state.alias("state"))
    own, has_id = pl.col("is_self") == True, pl.col("message_id").is_not_null()  # noqa: E712 - a column, not a truth
    ids_kept = frame["message_id"].null_count() < frame.height
    plain = ~pl.col("kind").is_in(_UNSENT_BY_NATURE)
    failed = (pl.col("state") == str(Status.FAILED)) | (pl.col("state").is_null() & own & ~has_id & plain & ids_kept)
    notice = fits_where(pl.col("kind") == str(Kind.SYSTEM), pl.col("text"), REFUSED_NOTICE)
    followed = notice.shift(-1).over("conversation").fill_null(value=False)
    return frame.with_columns(
        pl.when(failed & own & followed).then(_status_literal(Status.REJECTED))
        .when(failed).then(_status_literal(Status.FAILED))
        .when(pl.col("state").is_not_null()).then(pl.col("state"))
        .when(own & has_id).then(_status_literal(Status.SENT))
        .when(pl.col("is_self") == False).then(_status_literal(Status.RECEIVED))  # noqa: E712 - a column, not a truth
        .alias("status")
    )  # fmt: skip


def _status_literal(one: Status) -> pl.Expr:
    return pl.lit(str(one), dtype=_STATUS)


def _notes_on_rows(frame: pl.DataFrame) -> list[Note]:
    """Notes on unreadable times, unknown senders in groups, and odd ids."""
    speech = ~pl.col("kind").is_in([*map(str, SYSTEM_KINDS)])
    lost = frame.filter(
        speech & pl.col("sender").is_null() & (pl.col("conversation_kind") == str(ConversationKind.GROUP))
    )
    return [
        *notes_of(NoteCode.BAD_TIME, frame.filter(pl.col("sent_at").is_null()), excerpt="sent_raw"),
        *notes_of(NoteCode.SENDER_UNKNOWN, lost.filter(pl.col("is_self").fill_null(value=False).not_())),
        *notes_of(NoteCode.ID_ODD, frame.filter(pl.col("server_id") < -1), excerpt="message_id"),
    ]
