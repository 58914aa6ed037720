"""Code of all WeFlow forms: file names with title and date range, and the owner's account."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from reconcile.formats.shared.lost_prefix import stripped_notes
from reconcile.intake.contract import Filter, Note, Owner, ReadOptions
from reconcile.intake.messages.file_names import chat_beside_period
from reconcile.intake.messages.naming import is_account, kind_of_account
from reconcile.intake.messages.parts import Part
from reconcile.intake.messages.twice_stated import AGAIN
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import ConversationKind, NoteCode
from reconcile.wechat.clock import ASSUMED_ZONE

ENDINGS = (".arkme.json", ".compact.xlsx", ".weclone.csv", ".chatlab.json", ".chatlab.jsonl")
OWN_NAME = "我"
_PREFIX = lazy_pattern(r"^(?:群聊|私聊|公众号)_")
_RANGE = lazy_pattern(r"_(\d{4})(\d\d)(\d\d)-(\d{4})(\d\d)(\d\d)$")
# An account is the owner's if so many times more of its rows are called own than not.
_TIMES = 3
_KINDS = {"私聊": ConversationKind.DIRECT, "群聊": ConversationKind.GROUP}


def file_title(file: Path) -> str:
    """The chat's title in a file's name: without kind prefix, range or period, and ending."""
    name = _RANGE.sub("", _PREFIX.sub("", _bare_name(file)))
    return chat_beside_period(name) or name or file.stem


def weflow_part(
    rows: pl.DataFrame,
    file: Path,
    name: str,
    options: ReadOptions,
    notes: list[Note],
    *,
    account: str | None = None,
    title: str | None = None,
    kind: str | None = None,
) -> Part:
    """The part of a chat whose rows say `sender` (account or name), `sender_name` and `is_self`.

    The owner is the one sender of the own rows. Without `account` the title is the conversation's key.
    """
    account, title, kind = (v if isinstance(v, str) else None for v in (account, title, kind))
    title = title or file_title(file)
    conversation_kind = _KINDS.get(kind or "") or kind_of_account(account) or _kind_by_speakers(rows)
    peer = (account or title) if conversation_kind is ConversationKind.DIRECT else None
    key = account or title
    filters = _filters_of_name(file, options, key)
    notes += stripped_notes(rows, name)
    if filters:
        notes.append(Note(NoteCode.FILTER_STATED, name, _bare_name(file)))
    if account and peer:
        rows = _with_other_party(rows, account)
    return Part(
        rows=rows,
        file=name,
        conversation=key,
        title=title,
        conversation_kind=conversation_kind,
        owner=_owner_of(rows),
        peer=peer,
        filters=filters,
        notes=notes,
    )


def _with_other_party(rows: pl.DataFrame, account: str) -> pl.DataFrame:
    """The rows of a direct chat with the other party's account as the sender of what is not the owner's.

    An account that sent the own rows, and seldom any other, is the owner's in every row. What the row says otherwise is kept beside.
    """
    spoken = ~pl.col("kind").is_in(["system", "recall"])
    counts = (
        rows.filter(spoken, pl.col("sender") != account)
        .group_by("sender")
        .agg(pl.col("is_self").sum().alias("own"), (~pl.col("is_self")).sum().alias("others"))
    )
    own = counts.filter(pl.col("own") > 0, pl.col("others") * _TIMES <= pl.col("own"))["sender"].to_list()
    stated = pl.when(~pl.col("is_self")).then(pl.lit(account)).otherwise("sender")
    is_own = ~pl.col("is_self") & spoken & pl.col("sender").is_in(own if len(own) == 1 else [])
    return rows.with_columns(
        pl.when(is_own).then(stated).otherwise("sender").alias(f"{AGAIN}person"),
        pl.when(is_own).then("sender").otherwise(stated).alias("sender"),
        (pl.col("is_self") | is_own).alias("is_self"),
    )


def _owner_of(rows: pl.DataFrame) -> Owner:
    """The owner by account and name, as far as the own rows have exactly one of each."""
    own = rows.select(
        pl.col("sender", "sender_name").filter(pl.col("is_self") & ~pl.col("kind").is_in(["system", "recall"]))
    )
    senders = own["sender"].drop_nulls().unique().to_list()
    names = [n for n in own["sender_name"].drop_nulls().unique().to_list() if n != OWN_NAME]
    account = senders[0] if len(senders) == 1 and is_account(senders[0]) else None
    return Owner(id=account, name=names[0] if len(names) == 1 and names[0] != account else None)


def _kind_by_speakers(rows: pl.DataFrame) -> ConversationKind | None:
    """Direct if at most one other sender speaks, else group."""
    # In groups, nothing says which rows are the owner's.
    others = ~pl.col("kind").is_in(["system", "recall"]) & pl.col("is_self").ne_missing(pl.lit(value=True))
    speech = rows.select(pl.col("sender").filter(others))
    return ConversationKind.DIRECT if speech["sender"].n_unique() <= 1 else ConversationKind.GROUP


def _filters_of_name(file: Path, options: ReadOptions, conversation: str) -> tuple[Filter, ...]:
    """The span of days in the file's name; empty where there is none."""
    found = _RANGE.search(_bare_name(file))
    if not found:
        return ()
    zone = ZoneInfo(options.timezone or ASSUMED_ZONE)
    numbers = [int(n) for n in found.groups()]
    try:
        first, last = (datetime.combine(datetime(*numbers[i : i + 3]).date(), time(), zone) for i in (0, 3))  # type: ignore[arg-type]  # noqa: DTZ001 - whole days
    except ValueError:
        return ()
    end = last.astimezone(UTC) + timedelta(days=1, seconds=-1)
    return (Filter(first.astimezone(UTC), end, conversation=conversation),)


def _bare_name(file: Path) -> str:
    """The file's name without the ending of its form."""
    return next((file.name.removesuffix(e) for e in ENDINGS if file.name.endswith(e)), file.stem)
