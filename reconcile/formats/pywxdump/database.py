"""PyWxDump's merged database `merge_*.db`: several Windows 3.x stores combined, with a log.

Producer: PyWxDump (xaoyaoo/PyWxDump) pywxdump/wx_core/merge_db.py. Container: SQLite, MSG and Contact without primary keys, sync_log
with the counts of each source and of the table after it. Encoding: UTF-8; app messages LZ4, senders in protobuf. Time zone: none
needed, unix seconds.
Cannot say: the stores' own counters (numbering of several stores is mixed), which time range was chosen at the pouring, what the PC
never received.
"""

from pathlib import Path

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.formats.shared.account_owner import owner_of, settle_owner, vote_owner
from reconcile.formats.shared.client_rows import People, conversations_of, finish_rows, refuse_if_empty
from reconcile.formats.shared.windows3_rows import CONTACT, MSG, ROOM, add_room, contents, senders_in_groups
from reconcile.intake.contract import Claim, ExportFacts, Note, Reading, ReadOptions, remarks
from reconcile.intake.form import Form
from reconcile.intake.frames import reading_of
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import Database, database_files, is_plain, require_one, tables_in
from reconcile.intake.sqlite.parts import databases
from reconcile.intake.sqlite.table import place_of, read_table
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import LocalIdScope, NoteCode
from reconcile.wechat.packed_blobs import uuids_in

_MSG = frozenset({"msgsvrid", "type", "createtime", "strtalker", "strcontent"})
_LOG = frozenset({"db_path", "tbl_name", "src_count", "current_count"})
_LOG_SPEC = {
    "path": ("text", "db_path"),
    "table": ("text", "tbl_name"),
    "source": ("int", "src_count"),
    "after": ("int", "current_count"),
}
_ACCOUNT = lazy_pattern(r"[\\/]WeChat Files[\\/]([^\\/]{3,64})[\\/]")


class PywxdumpDb(Form, form="pywxdump_db"):
    """Reader of PyWxDump's merged database."""

    def sniff(self, source: Source) -> Claim:
        """Certain of one database with the tables MSG and sync_log."""
        if any(_is_merged(source, f) for f in database_files(source)):
            return Claim("certain", "tables MSG and sync_log with src_count and current_count")
        return Claim("none", "looked for a database with the tables MSG and sync_log")

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Every row in order of time; the log's counts held against the table."""
        files = [f for f in database_files(source) if _is_merged(source, f)]
        require_one(source, files, "accounts' merged databases")
        notes: list[Note] = []
        people = People()
        merged: tuple[pl.DataFrame, pl.DataFrame, str] | None = None
        for database in databases(source, files, options, (), notes, is_needed=True):
            people.contacts += (
                read_table(database, "Contact", CONTACT).filter(pl.col("id").fill_null("") != "").to_dicts()
            )
            for room in read_table(database, "ChatRoom", ROOM).iter_rows(named=True):
                add_room(people, room)
            merged = _message_rows(database), read_table(database, "sync_log", _LOG_SPEC), database.label
        if merged is None:
            raise UnreadableSource(source.path, f"{source.path}: no database with the tables MSG and sync_log")
        rows, log, label = merged
        people.contacts = list({c["id"]: c for c in people.contacts}.values())
        folders = list(dict.fromkeys(a[1] for p in log["path"].drop_nulls() if (a := _ACCOUNT.search(p))))
        people.owner, told = settle_owner(options, people, folders, vote_owner(rows), label)
        done = finish_rows(
            source, [rows], people, unit="s", prefix="sender", facts=("base", "sub", "sequence", "status_code")
        )
        stated, counted = _check_counts(log, rows.height, label)
        refuse_if_empty(source, done.messages, notes)
        return reading_of(
            ExportFacts(
                self.name,
                owner=owner_of(people),
                tool="PyWxDump",
                limits=self.limits,
                stated_count=stated,
                local_id_scope=LocalIdScope.UNKNOWN,
            ),
            done.messages,
            conversations=conversations_of(done.messages, people),
            contacts=people.contacts,
            members=people.members,
            witnesses=done.witnesses,
            notes=[*notes, *told, *done.notes, *counted],
        )


def _is_merged(source: Source, file: Path) -> bool:
    """Whether the file is an open database with the tables of PyWxDump's merged store."""
    if not is_plain(source, file):
        return False
    tables = {t.lower(): c for t, c in tables_in(source, file).items()}
    return tables.get("msg", frozenset()) >= _MSG and tables.get("sync_log", frozenset()) >= _LOG


def _message_rows(database: Database) -> pl.DataFrame:
    """Messages of the merged store in order of time, with the columns of client rows."""
    # Merged stores repeat each other's numbers, so the table's row number identifies a row.
    table = read_table(database, "MSG", MSG | {"place": ("int", "rowid")})
    frame = table.with_columns(
        place_of(f"{database.label}#MSG", "place"),
        pl.col("conversation").fill_null(""),
        pl.when(pl.col("is_sender").is_in([0, 1])).then(pl.col("is_sender") == 1).alias("is_self"),
    )
    frame = frame.with_columns(
        contents(frame, database),
        senders_in_groups(frame),
        uuids_in(frame["extra"]).alias("native_id"),
    )
    return frame.sort("time", "sequence", "place", nulls_last=True).drop(
        "packed", "extra", "talker_id", "is_sender", "place"
    )


def _check_counts(log: pl.DataFrame, held: int, label: str) -> tuple[int | None, list[Note]]:
    """The number of rows after the last import that the log states, and notes where counts differ."""
    poured = log.filter(pl.col("table").str.to_lowercase() == "msg")
    if poured.is_empty():
        return None, []
    after, sources = poured["after"].max(), int(poured["source"].sum())
    stated = after if isinstance(after, int) else None
    notes = []
    if stated is not None and stated != held:
        notes += remarks(NoteCode.COUNT_MISMATCH, f"{label}#sync_log", f"{stated} / {held}", abs(stated - held))
    if stated is not None and sources > stated:
        # Rows that two stores share, or a range of time chosen when merging.
        notes += remarks(
            NoteCode.COUNT_MISMATCH,
            f"{label}#sync_log",
            f"src_count {sources} / current_count {stated}",
            sources - stated,
        )
    return stated, notes
