"""The PC client's own backup (备份与恢复): a folder with Backup.db, BAK_n_TEXT and BAK_n_MEDIA.

Producer: WeChat for Windows or macOS before 4.0, holding a phone's chats; read with the user's backup key. Container: SQLite
(SQLCipher 3) and AES-encrypted protobuf. Encoding: UTF-8. Time zone: unix seconds and milliseconds. Cannot say: chats and spans that
were not chosen for the backup, numbers of removed rows, names of people, members of rooms. The 4.x form (RMFH) is named and refused.
Facts: wechat-databases 6.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.shared.account_owner import folders_above, owner_of, settle_owner
from reconcile.formats.shared.client_rows import People, conversations_of, finish_rows, refuse_if_empty
from reconcile.formats.shared.side_tables import as_witnesses
from reconcile.formats.wechat_client.pc_backup.segments import containers, cover_notes, media_notes, read_segments
from reconcile.intake.contract import Claim, Device, ExportFacts, Note, Reading, ReadOptions
from reconcile.intake.form import Form
from reconcile.intake.frames import reading_of
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import Database, open_database, require_one
from reconcile.intake.sqlite.key import Cipher, pick_keys
from reconcile.intake.sqlite.parts import databases
from reconcile.intake.sqlite.table import read_table
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import LocalIdScope, NoteCode, WitnessKind
from reconcile.wechat.packed_blobs import uuids_in
from reconcile.wechat.protobuf import message_of, nested, text_in

CIPHERS = (Cipher(3, 4096, "text"), Cipher(3, 4096, "hex"))
INDEX, TEXT = "Backup.db", "BAK_*_TEXT"
NEW_FORM_MAGIC = b"RMFH"
# A whole phone's backup in the 4.x form has dozens of packages; the first few suffice to recognise it.
NEW_FORM_LOOKED_AT = 50
# Packages are named by the times of their first and last message.
_PACKAGE, _MILLISECONDS = lazy_pattern(r"([0-9]{10}|[0-9]{13})-([0-9]{10}|[0-9]{13})"), 10**12
KEY_CHARACTERS = 32
SEGMENTS = {
    "talker_id": ("int", "talkerId"), "offset": ("int", "OffSet"), "length": ("int", "Length"), "name": ("text", "UsrName"),
    "file": ("text", "FilePath"),
}  # fmt: skip
CHUNKS = {
    "media": ("int", "MapKey"), "offset": ("int", "OffSet"), "length": ("int", "Length"), "total": ("int", "TotalLen"),
    "file": ("text", "FileName"),
}  # fmt: skip
SESSION = {
    "conversation": ("text", "talker"),
    "nickname": ("text", "NickName"),
    "start": ("int", "StartTime"),
    "end": ("int", "EndTime"),
}
MEDIA = {
    "at": ("int", "MediaId", "rowid"), "id": ("int", "SrvId"), "conversation": ("text", "talker"), "name": ("text", "MediaIdStr"),
}  # fmt: skip
ACCOUNT_ENTRY = "100000"


class PcBackupDb(Form, form="pc_backup_db"):
    """Reader of the PC client's own backup."""

    def sniff(self, source: Source) -> Claim:
        """Certain of Backup.db beside BAK_n_TEXT, and of the 4.x form's packages, which begin with RMFH."""
        if _has_new_form(source):
            return Claim("certain", "backup packages of WeChat 4.x (RMFH), which no public description explains")
        if _index_files(source) and source.named(TEXT):
            return Claim("certain", "Backup.db beside BAK_n_TEXT")
        return Claim("none", "looked for Backup.db beside BAK_n_TEXT")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """The messages of every text segment, with the index's facts on media, sessions and completeness."""
        if _has_new_form(source):
            raise UnreadableSource(source.path, f"{source.path}: {_sealed_message(source)}")
        indexes = _index_files(source)
        if not indexes:
            raise UnreadableSource(
                source.path, f"{source.path}: no Backup.db found; name the folder that holds Backup.db and BAK_n_TEXT"
            )
        require_one(source, sorted({f.parent for f in indexes}), "accounts' backups")
        key = _fitting_key(source, indexes[0], options)
        notes: list[Note] = []
        (index,) = [_read_index(d) for d in databases(source, indexes[:1], options, CIPHERS, notes, is_needed=True)]
        held = containers((source.relative(f), f) for f in source.files if f.parent == indexes[0].parent)
        rows, stated, odd = read_segments(index.segments, held, key)
        if rows.is_empty() and odd:
            raise UnreadableSource(
                source.path,
                f"{source.path}: no text segment can be decrypted ({odd[0].excerpt}); check that the key belongs to this backup",
            )
        sizes = {n: (label, path.stat().st_size) for n, (label, path) in held.items()}
        notes += [*odd, *cover_notes(index.segments, {n: s for n, s in sizes.items() if n.endswith("_text")})]
        notes += cover_notes(index.chunks, {n: s for n, s in sizes.items() if n.endswith("_media")})
        containers_named = index.chunks["file"].unique().sort().to_list()
        notes += [Note(NoteCode.MEMBER_MISSING, c) for c in containers_named if c and c.lower() not in sizes]
        notes += media_notes(index.chunks, index.media, index.listed, index.label)
        people = People(contacts=index.sessions.select("id", "nickname").to_dicts())
        people.owner, told = settle_owner(
            options, people, folders_above(indexes[0], "backupfiles"), index.account or _voted(rows), index.label
        )
        has_milliseconds = bool((rows["milliseconds"] > 0).all())
        directed = _with_direction(rows, people.owner, in_milliseconds=has_milliseconds)
        done = finish_rows(
            source,
            [directed],
            people,
            unit="ms" if has_milliseconds else "s",
            prefix="any" if directed["sender"].null_count() == directed.height else "sender",
            facts=("base", "msg_id", "sequence", "status_code", "flag"),
        )
        notes += [*told, *done.notes]
        refuse_if_empty(source, done.messages, notes)
        counts = pl.DataFrame(
            {"conversation": list(stated), "stated_count": list(stated.values())},
            schema={"conversation": pl.String, "stated_count": pl.Int64},
        )
        return reading_of(
            ExportFacts(
                self.name, owner=owner_of(people), device=index.device, limits=self.limits, stated_count=sum(stated.values()),
                local_id_scope=LocalIdScope.UNKNOWN,
            ),
            done.messages,
            conversations=conversations_of(done.messages, people).join(counts, on="conversation", how="left", maintain_order="left"),
            contacts=people.contacts,
            witnesses=pl.concat([done.witnesses, index.witnesses], how="diagonal_relaxed"),
            notes=notes,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Index:
    """Facts of Backup.db: places of segments and media, sessions, account, device."""

    label: str
    segments: pl.DataFrame
    chunks: pl.DataFrame
    media: pl.DataFrame
    listed: pl.Series
    sessions: pl.DataFrame
    witnesses: pl.DataFrame
    account: str | None
    device: Device


def _has_new_form(source: Source) -> bool:
    """Whether one of the first files has the mark of the newer form of backup."""
    return any(source.head(f, 4) == NEW_FORM_MAGIC for f in source.files[:NEW_FORM_LOOKED_AT])


def _sealed_message(source: Source) -> str:
    """Error text: a 4.x backup cannot be read; with the span of times in the names of its packages."""
    advice = "restore it to a phone and export from there, or use the 4.x database"
    named = [[int(n) for n in m.groups()] for f in source.files if (m := _PACKAGE.fullmatch(f.name))]
    spans = sorted([n // 1000 if n >= _MILLISECONDS else n for n in both] for both in named)
    if not spans:
        return f"a backup of WeChat 4.x (RMFH) cannot be read; {advice}"
    first, last = (datetime.fromtimestamp(n, UTC).date() for n in (spans[0][0], max(s[1] for s in spans)))
    return f"a backup of WeChat 4.x (RMFH) is sealed; its {len(spans)} packages state messages from {first} to {last}; {advice}"


def _index_files(source: Source) -> list[Path]:
    """Index databases that have the file of texts beside them."""
    texts = {f.parent for f in source.named(TEXT)}
    return [f for f in source.named(INDEX) if f.parent in texts]


def _fitting_key(source: Source, index: Path, options: ReadOptions) -> str:
    """The given key that opens the index; raises UnreadableSource where none has 32 characters."""
    keys = pick_keys(options.key or "", index)
    if not keys:
        raise UnreadableSource(source.path, f"{source.path}: an encrypted PC backup; give its 32-character key with --key-file")  # fmt: skip
    fitting = [k for k in keys if len(k) == KEY_CHARACTERS and k.isascii()]
    if not fitting:
        raise UnreadableSource(source.path, f"{source.path}: a PC backup's key has 32 characters; the one given has {len(keys[0])}")  # fmt: skip
    return next((k for k in fitting[:-1] if _opens_with_key(source, index, k)), fitting[-1])


def _opens_with_key(source: Source, index: Path, key: str) -> bool:
    try:
        with open_database(source, index, key=key, ciphers=CIPHERS):
            return True
    except UnreadableSource:
        return False


def _read_index(database: Database) -> _Index:
    """Read segments, chunks, media and sessions of the backup's index."""
    listed = read_table(database, "Name2ID", {"at": ("int", "rowid"), "name": ("text", "UsrName")})
    names = dict(zip(listed["at"], listed["name"], strict=True))
    talker = pl.col("talker_id").replace_strict(names, default=None, return_dtype=pl.String)
    segments = read_table(database, "MsgSegments", SEGMENTS).with_columns(
        pl.when(pl.col("name").fill_null("") != "").then("name").otherwise(talker).alias("talker"),
        # Rows name the container with or without its folder.
        pl.col("file").fill_null("").str.replace(r"^.*[\\/]", "").alias("file"),
    )  # fmt: skip
    chunks = read_table(database, "MsgFileSegment", CHUNKS).with_columns(
        pl.col("file").fill_null("").str.replace(r"^.*[\\/]", "").alias("file")
    )
    media = read_table(database, "MsgMedia", MEDIA)
    sessions = read_table(database, "Session", SESSION).filter(pl.col("conversation").fill_null("") != "")
    account, device = _account(database)
    media_names = read_table(database, "MediaStr2ID", {"name": ("text", "UsrName")})["name"]
    stored = media.filter(pl.col("id").fill_null(0) != 0)
    seen = sessions.select("conversation", time="end")
    witnesses = pl.concat(
        [
            as_witnesses(stored, database, "MsgMedia", WitnessKind.MEDIA_STORE),
            as_witnesses(seen, database, "Session", WitnessKind.SESSION_LAST, at="conversation", unit="ms"),
        ],
        how="diagonal",
    )
    people = sessions.select(pl.col("conversation").alias("id"), "nickname")
    return _Index(database.label, segments, chunks, media, media_names, people, witnesses, account, device)  # fmt: skip


def _account(database: Database) -> tuple[str | None, Device]:
    """Config 100000: 1 account, 5 {2 make, 3 model, 4 platform, 5 system version, 6 client version}."""
    config = read_table(database, "Config", {"key": ("text", "Key"), "data": ("blob", "Buf")})
    blob = next((d for k, d in config.iter_rows() if k == ACCOUNT_ENTRY and d), b"")
    entry = message_of(blob)
    phone = next(iter(nested(entry, 5)), {})
    account = text_in(entry, 1)
    system = " ".join(v for n in (4, 5) if (v := text_in(phone, n)))
    device = Device(
        make=text_in(phone, 2) or None,
        model=text_in(phone, 3) or None,
        os=system or None,
        app_version=text_in(phone, 6) or None,
    )
    return (account if account and account.isprintable() else None), device


def _voted(rows: pl.DataFrame) -> str | None:
    """The one account at one end of every direct chat."""
    ends = pl.concat([rows.select("talker", pl.col(c).alias("who")) for c in ("from", "to")])
    direct = ends.filter(
        ~pl.col("talker").str.ends_with("@chatroom") & (pl.col("who") != pl.col("talker")) & (pl.col("who") != "")
    )
    named = direct["who"].unique().to_list()
    return str(named[0]) if len(named) == 1 else None


def _with_direction(rows: pl.DataFrame, owner: str | None, *, in_milliseconds: bool) -> pl.DataFrame:
    """Add conversation, is_self, sender, time and native id to the rows of a backup."""
    room = pl.coalesce(pl.when(pl.col(c).str.ends_with("@chatroom")).then(c) for c in ("from", "to"))
    peer = pl.when(pl.col("from") == owner).then("to").otherwise("from") if owner else pl.col("talker")
    known: Any = (pl.col("from") == owner) if owner else (pl.col("from") != pl.col("talker"))
    # In rooms, rows come from the room with the sender before the words, or from the member directly.
    member = pl.when(pl.col("to").str.ends_with("@chatroom") & ~known & (pl.col("from") != "")).then("from")
    return rows.with_columns(
        pl.coalesce(room, pl.when(pl.col("talker") != "").then("talker"), peer).fill_null("").alias("conversation"),
        known.alias("is_self"),
        member.alias("sender"),
        pl.lit(None, dtype=pl.Int64).alias("local_id"),
        pl.col("milliseconds" if in_milliseconds else "seconds").alias("time"),
        uuids_in(rows["source"]).alias("native_id"),
    )
