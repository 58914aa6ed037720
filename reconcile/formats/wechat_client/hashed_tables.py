"""Stores with one table a conversation, named after the MD5 of the account: 4.x, macOS 3, iOS."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from reconcile.formats.shared.client_rows import counter
from reconcile.formats.shared.side_tables import as_witnesses
from reconcile.intake.contract import Note
from reconcile.intake.sqlite.database import Database
from reconcile.intake.sqlite.table import Shrink, Spec, as_read, place_of, read_table
from reconcile.vocabulary import NoteCode, WitnessKind

UNKNOWN = "md5:"
# Texts that look like an account; the digest decides whether it is the one sought.
_ACCOUNTS = r"wxid_[A-Za-z0-9_\-]+|gh_[A-Za-z0-9]+|\d+@chatroom|[A-Za-z][A-Za-z0-9_\-]{4,31}"


@dataclass(slots=True)
class Names:
    """MD5 of an account -> the account. Grows as accounts are met."""

    accounts: dict[str, str] = field(default_factory=dict)

    def learn(self, accounts: Iterable[str | None]) -> None:
        """Adds accounts."""
        for account in accounts:
            if account:
                self.accounts.setdefault(hashlib.md5(account.encode(), usedforsecurity=False).hexdigest(), account)

    def conversation(self, digest: str) -> str:
        """The account behind a table's digest; `md5:<hex>` where nobody names it."""
        return self.accounts.get(digest.lower(), UNKNOWN + digest.lower())


@dataclass(slots=True)
class Hashed:
    """The rows of every table of one file, its counters, and tables once there."""

    names: Names = field(default_factory=Names)
    rows: list[pl.DataFrame] = field(default_factory=list)
    counters: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[dict[str, Any]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def witnesses(self) -> pl.DataFrame:
        """One witness for each table that the numbering knows but the file lacks.

        `count` = how many numbers the table had given.
        """
        types = {"witness": pl.String, "locator": pl.String, "conversation": pl.String, "count": pl.Int64}
        return pl.DataFrame(self.dropped, schema=types, orient="row")


def accounts_in(table: pl.DataFrame) -> list[str]:
    """Texts in the column `content` that look like accounts, for a table whose account nobody names."""
    found = table.lazy().select(pl.col("content").str.extract_all(_ACCOUNTS).list.explode().drop_nulls().unique())
    return found.collect().to_series().to_list()


def read_hashed(database: Database, prefix: str, spec: Spec, names: Names, shrink: Shrink = as_read) -> Hashed:
    """Every table `<prefix>_<md5>` of a file: rows with locator and conversation, counters, notes.

    `spec` must give `local_id`; `shrink` as in read_table. A table's counter comes from sqlite_sequence. An entry
    there without a table shows that the table was dropped, and how many numbers it had given out.
    """
    found = Hashed(names)
    pattern = re.compile(rf"^{re.escape(prefix)}_([0-9a-f]{{32}})$", re.IGNORECASE)
    stated = database.sequences()
    _, *words = spec.get("body") or spec.get("content") or ("",)
    for table in database.tables:
        if digest := pattern.match(table):
            found.notes += _notes_on_missing_words(database, table, words)
            _add_table(
                read_table(database, table, spec, shrink=shrink), database, table, digest[1], found, stated.get(table)
            )
    for table, highest in stated.items():
        if (digest := pattern.match(table)) and database.find(table) is None:
            _note_dropped_table(database, table, names.conversation(digest[1]), highest, found)
    return found


def _notes_on_missing_words(database: Database, table: str, words: list[str]) -> list[Note]:
    """A note where a table lacks every column that may hold its messages' words."""
    if not words or any(database.has(table, w) for w in words):
        return []
    return [Note(NoteCode.PART_UNREADABLE, f"{database.label}#{table}", words[0])]


def _add_table(
    rows: pl.DataFrame, database: Database, table: str, digest: str, found: Hashed, stated: int | None
) -> None:
    """Add one table's rows with their conversation, its counter and notes to found."""
    conversation = found.names.conversation(digest)
    if conversation.startswith(UNKNOWN) and rows.schema.get("content") == pl.String:
        found.names.learn(accounts_in(rows))
        conversation = found.names.conversation(digest)
    scope = f"{database.label}#{table}"
    found.rows.append(
        rows.with_columns(
            place_of(scope, "local_id"),
            pl.lit(conversation).alias("conversation"),
        )
    )
    row, note = counter(scope, conversation, stated, rows.select(pl.col("local_id").max()).item())
    found.counters += [row] if row else []
    found.notes += [note] if note else []
    if conversation.startswith(UNKNOWN) and rows.height:
        found.notes.append(Note(NoteCode.CONVERSATION_UNNAMED, scope, conversation, rows.height))


def _note_dropped_table(database: Database, table: str, conversation: str, highest: int, found: Hashed) -> None:
    """Add a dropped table to the notes and witnesses of found."""
    locator = f"{database.label}#sqlite_sequence/{table}"
    found.notes.append(Note(NoteCode.TABLE_DROPPED, locator, conversation))
    found.dropped.append(
        {"witness": str(WitnessKind.DELETION_TABLE), "locator": locator, "conversation": conversation, "count": highest}
    )


def last_sessions(databases: Iterable[Database], account: str, time: str) -> pl.DataFrame:
    """The time of each chat in the lists `SessionAbstract`; `account` and `time` name its columns."""
    types: dict[str, Any] = {"witness": pl.String, "locator": pl.String, "conversation": pl.String, "sent_at": pl.Datetime("us", "UTC")}  # fmt: skip
    spec = {"conversation": ("text", account), "time": ("int", time)}
    listed = (
        as_witnesses(
            read_table(d, "SessionAbstract", spec), d, "SessionAbstract", WitnessKind.SESSION_LAST, at="conversation"
        )
        for d in databases
    )
    return pl.concat([pl.DataFrame(schema=types), *listed])
