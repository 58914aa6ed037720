"""WeChat for iOS: app folders, one MM.sqlite or message_N.sqlite, or an unencrypted phone backup.

Producer: the client itself, through an iTunes or Finder backup (Manifest.db) or a copy of the app's folder. Container: SQLite; one
table Chat_<md5 of the account> a conversation; a backup's Info.plist tells the phone and the day. Encoding: UTF-8. Time zone: unix seconds. Cannot say: when members joined; media
files are counted by name, not opened. Facts: wechat-databases 4, 9.
"""

import hashlib
import plistlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.shared.account_owner import folders_above, owner_by_digest, owner_of, settle_owner, vote_owner
from reconcile.formats.shared.client_rows import People, conversations_of, finish_rows, refuse_if_empty
from reconcile.formats.wechat_client.hashed_tables import Hashed, Names, last_sessions, read_hashed
from reconcile.formats.wechat_client.ios import side_tables as side
from reconcile.intake.contract import Claim, Device, ExportFacts, Note, Owner, Reading, ReadOptions, remarks
from reconcile.intake.form import Form
from reconcile.intake.frames import reading_of
from reconcile.intake.memory import concat_and_release
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import Database, is_plain, require_one
from reconcile.intake.sqlite.parts import Part, databases, lacking_notes, parts_in
from reconcile.intake.sqlite.phone_backup import (
    backup_files,
    is_encrypted_backup,
    manifest_of,
    manifests_in,
    stores_not_held,
)
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import LocalIdScope, NoteCode

PARTS = {
    "messages": Part(r"chat_[0-9a-f]{32}", frozenset({"meslocalid", "messvrid", "createtime", "message", "des"})),
    "contacts": Part("friend", frozenset({"username", "dbcontactremark"})),
    "sessions": Part("sessionabstract", frozenset({"usrname"})),
    "search": Part(r"fts_message_table_\w*content"),
    "recalls": Part("revokemsgtable", frozenset({"msg_revoke_col_svrid"})),
}
CHAT = {
    "local_id": ("int", "MesLocalID", "rowid"), "server_id": ("int", "MesSvrID"), "time": ("int", "CreateTime"), "content": ("text", "Message"),
    "status_code": ("int", "Status"), "base": ("int", "Type"), "des": ("int", "Des"),
}  # fmt: skip
_DIGEST = lazy_pattern(r"^[0-9a-f]{32}$")
# A backup's folders with hashed names, which only Manifest.db explains.
_HASHED = lazy_pattern(r"^[0-9a-f]{2}$")
# A settings file or login list is a few kilobytes.
SMALL_FILE = 2**20


class IosDb(Form, form="ios_db"):
    """Reader of the iOS client's own databases."""

    def sniff(self, source: Source) -> Claim:
        """Certain of a table Chat_<md5> with MesLocalID, Message, Des, in a folder or inside a phone backup."""
        if is_encrypted_backup(source):
            return Claim("likely", "phone backup (Manifest.db) made with a password")
        if len(manifests_in(source)) > 1:
            return Claim("likely", "several phone backups (Manifest.db)")
        if _find_files(source).parts["messages"]:
            return Claim("certain", "tables Chat_<md5> with MesLocalID, Message, Des")
        return Claim(
            "none", "looked for tables Chat_<md5> with MesLocalID, Message, Des, or a phone backup's Manifest.db"
        )

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Every table of every file; contacts, sessions and recalls of the same account."""
        if is_encrypted_backup(source):
            raise UnreadableSource(
                source.path,
                f"{source.path}: the phone backup is encrypted; make one without a password, or decrypt it first",
            )
        require_one(source, [f.parent for f in manifests_in(source)], "phone backups")
        files = _find_files(source)
        if not files.parts["messages"]:
            raise UnreadableSource(source.path, f"{source.path}: no table Chat_<md5> with MesLocalID, Message found")
        files = files.of_owner(source, options.owner)
        accounts = files.accounts(source)
        if all(_HASHED.match(a.name) for a in accounts):
            raise UnreadableSource(source.path, f"{source.path}: files of a phone backup without its Manifest.db; copy the whole folder of the backup")  # fmt: skip
        require_one(
            source,
            accounts,
            "accounts' databases",
            "name one of these folders, or the account with --owner (compare: --left-owner, --right-owner)",
        )
        notes = [*_notes_on_unopened_stores(source, files), *lacking_notes(source, PARTS)]
        people, names, sessions = _read_people(source, files, options, notes)
        stated = _stated_owners(source, files)
        names.learn(o.id for o in stated)
        found = [_read_chats(d, names) for d in files.open(source, "messages", options, notes, is_needed=True)]
        rows = concat_and_release([pl.DataFrame(schema=_EMPTY), *(r for f in found for r in f.rows)])
        voted = vote_owner(rows)
        names.learn([voted])
        above = list(reversed(accounts[0].parts)) or folders_above(files.parts["messages"][0])
        by_digest = owner_by_digest(above, names.accounts) or (stated[0].id if len(stated) == 1 else None)
        people.owner, told = settle_owner(
            options, people, [by_digest] if by_digest else [], by_digest or voted, source.path.name, rows=rows
        )
        # Raw rows are freed while they become messages.
        held = [rows]
        del rows
        for one in found:
            one.rows.clear()
        done = finish_rows(source, held, people, unit="s", prefix="any", facts=("base", "status_code"))
        unlisted = _notes_on_unlisted_chats(done.messages, sessions)
        backup = backup_info(source)
        notes += [*told, *(n for f in found for n in f.notes), *done.notes, *unlisted, *backup.notes]
        refuse_if_empty(source, done.messages, notes)
        # The store was opened before; its own oddities were noted then.
        again: list[Note] = []
        side_tables = [side.recalls(d) for d in files.open(source, "recalls", options, again)]
        notes += [n for n in again if n not in notes]
        side_tables += [t for d in files.open(source, "search", options, notes) for t in side.texts(d)]
        side_tables.append(
            side.media_files(((files.label(source, f), source.relative(f)) for f in files.all), names.accounts)
        )
        return reading_of(
            ExportFacts(
                self.name, owner=_owner_card(people, stated), device=backup.device, exported_at=backup.made_at, limits=self.limits,
                local_id_scope=LocalIdScope.CONVERSATION,
            ),
            done.messages,
            conversations=conversations_of(done.messages, people),
            contacts=people.contacts,
            members=people.members,
            witnesses=pl.concat([done.witnesses, sessions, *side_tables, *(f.witnesses() for f in found)], how="diagonal_relaxed"),
            counters=[c for f in found for c in f.counters],
            notes=notes,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Files:
    """Part -> files, and the app's own path of each file of a backup."""

    parts: Mapping[str, list[Path]]
    all: tuple[Path, ...]
    labels: Mapping[Path, str] = field(default_factory=dict)

    def open(
        self, source: Source, part: str, options: ReadOptions, notes: list[Note], *, is_needed: bool = False
    ) -> Iterator[Database]:
        """The databases of a part."""
        return databases(source, self.parts[part], options, (), notes, is_needed=is_needed)

    def label(self, source: Source, file: Path) -> str:
        """The app's own path of a file."""
        return self.labels.get(file) or source.relative(file)

    def accounts(self, source: Source) -> list[Path]:
        """The folders that hold databases of messages, in the app's own paths."""
        return sorted({Path(self.label(source, f)).parent for f in self.parts["messages"]})

    def of_owner(self, source: Source, owner: str | None) -> "_Files":
        """The files of the owner's account and of no account, if folder names are digests of accounts."""
        names = {i: a for a in self.accounts(source) for i in a.parts if _DIGEST.match(i)}
        mine = "" if owner is None else hashlib.md5(owner.encode(), usedforsecurity=False).hexdigest()
        if len(names) < 2 or mine not in names:
            return self
        others = names.keys() - {mine}
        kept = [f for f in self.all if not others & set(Path(self.label(source, f)).parts)]
        held = set(kept)
        parts = {n: [f for f in files if f in held] for n, files in self.parts.items()}
        return replace(self, parts=parts, all=tuple(kept))


def _find_files(source: Source) -> _Files:
    """The client's files by part, and their names inside a phone backup."""
    labels = backup_files(source)
    return _Files(parts_in(source, PARTS), tuple(labels) or source.files, labels)


def _notes_on_unopened_stores(source: Source, files: _Files) -> list[Note]:
    """A note for each store that the backup lists but does not hold, or that is no SQLite file.

    In an encrypted backup all stores are unreadable.
    """
    odd = [
        f
        for f, path in files.labels.items()
        if path.endswith(".sqlite") and not is_plain(source, f) and source.head(f, 16)
    ]
    gone = [Note(NoteCode.MEMBER_MISSING, path, "listed by the backup", said=True) for path in stores_not_held(source)]
    return gone + [
        Note(NoteCode.PART_UNREADABLE, files.label(source, f), "no database; not read", said=True) for f in odd
    ]


_EMPTY: dict[str, Any] = {
    "local_id": pl.Int64, "server_id": pl.Int64, "time": pl.Int64, "content": pl.String, "status_code": pl.Int64, "base": pl.Int64,
    "locator": pl.String, "conversation": pl.String, "sub": pl.Int64, "is_self": pl.Boolean, "sender": pl.String, "native_id": pl.String,
}  # fmt: skip


def _read_chats(database: Database, names: Names) -> Hashed:
    """The tables of chats in the columns of client rows, with counters and notes."""
    found = read_hashed(database, "Chat", CHAT, names)
    found.rows = [_message_rows(r, database) for r in found.rows if r.height]
    return found


def _message_rows(table: pl.DataFrame, database: Database) -> pl.DataFrame:
    """Rows of a chat table in the columns of client rows, with native ids."""
    sources = side.uuids(database, table["locator"][0].rpartition("/")[0])
    with_source = table.join(sources, on="local_id", how="left", maintain_order="left")
    return with_source.with_columns(
        pl.lit(0, dtype=pl.Int64).alias("sub"),
        (pl.col("des") == 0).alias("is_self"),
        pl.lit(None, dtype=pl.String).alias("sender"),
    ).select(*_EMPTY)


def _read_people(
    source: Source, files: _Files, options: ReadOptions, notes: list[Note]
) -> tuple[People, Names, pl.DataFrame]:
    """Contacts and rooms, the names of hashed conversations, and last times of sessions."""
    people, names = People(), Names()
    for database in files.open(source, "contacts", options, notes):
        side.friends(database, people)
    sessions = last_sessions(files.open(source, "sessions", options, notes), "UsrName", "CreateTime")
    names.learn([*people.known(), *sessions["conversation"]])
    return people, names, sessions


def _stated_owners(source: Source, files: _Files) -> list[Owner]:
    """Accounts that have logged in, as the settings files state, without repeats."""
    found: list[Owner] = []
    for file in files.all:
        path = Path(files.label(source, file))
        if path.name == "LoginInfo2.dat":
            found += side.logins(source.head(file, SMALL_FILE))
        elif path.name.startswith("mmsetting.archive"):
            account = path.name.removeprefix("mmsetting.archive").lstrip(".")
            known = side.settings(source.head(file, SMALL_FILE)) or (
                Owner(id=account) if account.isprintable() and account != "crc" else None
            )
            found += [known] if known and known.id else []
    return list({o.id: o for o in reversed(found)}.values())[::-1]  # fmt: skip


def _owner_card(people: People, stated: list[Owner]) -> Owner:
    """The owner with alias and name, as stated or as in the contacts."""
    own = next((o for o in stated if o.id == people.owner), None)
    card = owner_of(people)
    return Owner(id=people.owner, alias=(own and own.alias) or card.alias, name=(own and own.name) or card.name)


def _notes_on_unlisted_chats(messages: pl.DataFrame, sessions: pl.DataFrame) -> list[Note]:
    """Chats with rows but without a line in the chat list: removed from the list, not deleted."""
    if sessions.is_empty():
        return []
    held = messages.select("conversation").group_by("conversation", maintain_order=True).len()
    gone = held.join(sessions, on="conversation", how="anti", maintain_order="left")
    return [
        Note(NoteCode.DELETION_RECORD, "SessionAbstract", f"not in the chat list: {name}", 1, said=True)
        for name, _ in gone.iter_rows()
    ]


# Info.plist holds the backup program's settings: a few megabytes at most.
_MOST_BYTES = 2**24
_MOST_CHARACTERS = 200
_BROKEN = (plistlib.InvalidFileException, ExpatError, ValueError, KeyError, IndexError, OverflowError, RecursionError, AttributeError, TypeError)  # fmt: skip
_APP = "com.tencent.xin"


@dataclass(frozen=True, slots=True)
class BackupInfo:
    """The phone and the moment of the backup in UTC; None = not stated, or the backup was not finished."""

    device: Device = field(default_factory=Device)
    made_at: datetime | None = None
    notes: tuple[Note, ...] = ()


def backup_info(source: Source) -> BackupInfo:
    """What the property lists beside Manifest.db state; empty for a source that is no backup.

    A list that cannot be read becomes a note.
    """
    manifest = manifest_of(source)
    if manifest is None:
        return BackupInfo()
    notes: list[Note] = []
    info, status, listed = (
        _read_plist(source, manifest.with_name(n), notes) for n in ("Info.plist", "Status.plist", "Manifest.plist")
    )
    dates = [
        d for d in (info.get("Last Backup Date"), status.get("Date"), listed.get("Date")) if isinstance(d, datetime)
    ]
    finished = status.get("SnapshotState") in (None, "finished")
    if not finished:
        notes += remarks(
            NoteCode.ODD_VALUE, "Status.plist", f"SnapshotState: {status.get('SnapshotState')}"[:_MOST_CHARACTERS]
        )
    # All of these dates fall into one backup; content later than the first may be missing.
    made_at = min(d.replace(tzinfo=UTC) if d.tzinfo is None else d for d in dates) if dates and finished else None
    return BackupInfo(_device_facts(info, listed), made_at, tuple(notes))


def _device_facts(info: Mapping[str, Any], listed: Mapping[str, Any]) -> Device:
    """The device as described by Info.plist and Manifest.plist."""
    lockdown = listed.get("Lockdown")
    beside = lockdown if isinstance(lockdown, dict) else {}
    apps = listed.get("Applications")
    app = apps.get(_APP) if isinstance(apps, dict) else None
    version = _short_text(info.get("Product Version") or beside.get("ProductVersion"))
    model = _short_text(info.get("Product Name") or info.get("Product Type") or beside.get("ProductType"))
    return Device(
        make="Apple" if model else None,
        model=model,
        serial=_short_text(info.get("Serial Number") or beside.get("SerialNumber")),
        os=f"iOS {version}" if version else None,
        app_version=_short_text(app.get("CFBundleVersion")) if isinstance(app, dict) else None,
        name=_short_text(info.get("Device Name") or beside.get("DeviceName")),
        phone=_short_text(info.get("Phone Number")),
    )


def _short_text(value: object) -> str | None:
    """The text in one line, shortened; null for anything but text."""
    return " ".join(value.split())[:_MOST_CHARACTERS] or None if isinstance(value, str) else None


def _read_plist(source: Source, file: Path, notes: list[Note]) -> Mapping[str, Any]:
    """The property list; empty where the file is missing or broken, and broken is noted."""
    if file not in set(source.files):
        return {}
    try:
        found = plistlib.loads(source.head(file, _MOST_BYTES))
    except _BROKEN:
        found = None
    if isinstance(found, dict):
        return found
    notes.append(Note(NoteCode.PART_UNREADABLE, source.relative(file), "no property list; not read", said=True))
    return {}
