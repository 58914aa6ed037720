"""Broken and hostile stores: every oddity ends in a note or one clear error, and nothing is written beside the evidence."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from reconcile.case import read
from reconcile.errors import LimitExceeded, ReconcileError, UnreadableSource
from reconcile.formats.registry import all_readers
from reconcile.formats.wechat_client.android.messages import AndroidDb
from reconcile.formats.wechat_client.ios.messages import IosDb
from reconcile.formats.wechat_client.wechat4.messages import Wechat4Db
from reconcile.formats.wechat_client.windows3.messages import WindowsMsgDb
from reconcile.intake.contract import Reader, Reading, ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import open_database, tables_in
from reconcile.settings import Limits
from reconcile.vocabulary import Kind, NoteCode
from tests.build import databases as build
from tests.build.client_forms import FORMS, Form, plain
from tests.build.databases import BING, JIA, ROOM, START, YI
from tests.thorough import examples, meeting


def change(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def windows(folder: Path) -> Path:
    return build.write_windows(folder, build.view(JIA), JIA)


def read_windows(root: Path) -> Reading:
    return WindowsMsgDb().read(Source(root), ReadOptions())


def outcome(reader: Reader, root: Path) -> str:
    """The codes of a reading's notes, or the words of the error that it ended in."""
    try:
        return " ".join(n.code for n in reader.read(Source(root), ReadOptions()).notes)
    except ReconcileError as error:
        return str(error)


def codes(reading: Reading) -> set[NoteCode]:
    return {n.code for n in reading.notes}


def many(folder: Path, rows: int) -> Path:
    """One MSG0.db alone, large enough to break in its middle."""
    sent = [
        build.Sent(START + n, YI, 1, 0, f"第{n}条：明天上午十点在工地见面，带上图纸", Kind.TEXT, "", build.FIRST_ID + n)
        for n in range(rows)
    ]
    build._windows_shard(folder / "MSG0.db", [build.Row(s, YI, is_self=False) for s in sent], JIA, START * 1000)
    return folder / "MSG0.db"


# ------------------------------------------------------------------------------------------- write-ahead log


def test_newest_rows_in_the_log_are_read(tmp_path: Path) -> None:
    root = windows(tmp_path)
    file = root / "Multi" / "MSG1.db"
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute(
            f"INSERT INTO MSG (MsgSvrID, Type, IsSender, CreateTime, StrTalker, StrContent) VALUES (77, 1, 0, {START + 999}, '{YI}', '只在日志里')"
        )
        db.commit()
        before = {f.name: f.read_bytes() for f in file.parent.iterdir()}
        reading = read_windows(root)
        assert {f.name: f.read_bytes() for f in file.parent.iterdir()} == before
    assert reading.messages["text"].to_list()[-1] == "只在日志里"
    assert codes(reading) == {NoteCode.WAL_PRESENT}


def test_schema_that_lies_wholly_in_the_log_is_recognised(tmp_path: Path) -> None:
    file = tmp_path / "MSG0.db"
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute(build.WINDOWS_MSG)
        db.commit()
        assert identify(all_readers(), Source(tmp_path)).name == "windows_msg_db"


def test_no_file_appears_beside_a_database_that_is_looked_at(tmp_path: Path) -> None:
    root = windows(tmp_path)
    names = sorted(f.name for f in root.rglob("*"))
    for reader in all_readers():
        reader.sniff(Source(root))
    assert sorted(f.name for f in root.rglob("*")) == names


# ------------------------------------------------------------------------------------------- broken files


@meeting(form=FORMS.values(), share=[0.1, 0.5, 0.9])
def test_files_cut_in_the_middle_end_in_an_error_or_a_note(form: Form, share: float, tmp_path: Path) -> None:
    root = form.write(tmp_path, build.view(JIA), JIA)
    for file in [f for f in root.rglob("*") if f.is_file()]:
        data = file.read_bytes()
        file.write_bytes(data[: int(len(data) * share)])
    said = outcome(form.reader, root)
    assert said
    assert "\n" not in said


def test_rows_on_both_sides_of_broken_pages_are_kept(tmp_path: Path) -> None:
    file = many(tmp_path, 3000)
    with file.open("r+b") as stream:
        stream.seek(60 * 4096)
        stream.write(b"\xff" * 4096 * 3)
    reading = read_windows(tmp_path)
    assert codes(reading) >= {NoteCode.PART_UNREADABLE}
    assert reading.messages.height > 1500
    assert reading.messages["local_id"].is_unique().all()


def test_end_that_was_cut_off_keeps_the_beginning(tmp_path: Path) -> None:
    file = many(tmp_path, 3000)
    data = file.read_bytes()
    file.write_bytes(data[: len(data) * 3 // 5])
    said = outcome(WindowsMsgDb(), tmp_path)
    assert "part_unreadable" in said or "cannot be read" in said


@pytest.mark.parametrize("seed", range(examples(4, 12)))
def test_random_damage_never_ends_in_a_traceback(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    root = (
        build.write_wechat4(tmp_path, build.view(JIA), JIA)
        if seed % 2
        else build.write_android(tmp_path, build.view(JIA), JIA)
    )
    reader = Wechat4Db() if seed % 2 else AndroidDb()
    for file in [f for f in root.rglob("*.db") if f.is_file()]:
        data = bytearray(file.read_bytes())
        for _ in range(40):
            data[draw.randrange(len(data))] = draw.randrange(256)
        file.write_bytes(data)
    reader.sniff(Source(root))
    assert "\n" not in outcome(reader, root)


def test_text_file_with_a_database_name_is_nobodys(tmp_path: Path) -> None:
    (tmp_path / "EnMicroMsg.db").write_text("这不是数据库")
    assert [r.name for r in all_readers() if r.sniff(Source(tmp_path)).strength == "certain"] == []


# ------------------------------------------------------------------------------------------- hostile schemas and values


def test_view_in_place_of_the_table_is_not_queried(tmp_path: Path) -> None:
    root = windows(tmp_path)
    for number in (0, 1):
        change(
            root / "Multi" / f"MSG{number}.db",
            "ALTER TABLE MSG RENAME TO hidden",
            "CREATE VIEW MSG AS SELECT * FROM hidden",
        )
    assert WindowsMsgDb().sniff(Source(root)).strength == "none"


def test_virtual_table_is_no_table(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    change(file, "CREATE TABLE plain(a)", "CREATE VIRTUAL TABLE MSG USING fts5(MsgSvrID, StrTalker)")
    assert "MSG" not in tables_in(Source(file), file)


def test_trigger_is_noted_and_never_runs(tmp_path: Path) -> None:
    root = windows(tmp_path)
    change(
        root / "Multi" / "MSG0.db",
        "CREATE TRIGGER anti_revoke_block_delete_1 BEFORE DELETE ON MSG BEGIN SELECT RAISE(IGNORE); END",
    )
    notes = [n for n in read_windows(root).notes if n.code is NoteCode.TOOL_TRACE]
    assert [n.excerpt for n in notes] == ["trigger anti_revoke_block_delete_1"]


def test_table_of_an_anti_recall_tool_is_noted(tmp_path: Path) -> None:
    root = build.write_wechat4(tmp_path, build.view(JIA), JIA)
    change(root / "message" / "message_0.db", "CREATE TABLE _weflow_anti_revoke_deleted_cache(a)")
    notes = [n for n in Wechat4Db().read(Source(root), ReadOptions()).notes if n.code is NoteCode.TOOL_TRACE]
    assert [n.excerpt for n in notes] == ["table _weflow_anti_revoke_deleted_cache"]


def test_overlong_value_is_noted_and_the_other_rows_stand(tmp_path: Path) -> None:
    root = windows(tmp_path)
    change(root / "Multi" / "MSG0.db", "UPDATE MSG SET StrContent = zeroblob(3000000) WHERE localId = 2")
    source = Source(root, Limits(max_body_bytes=2**20))
    reading = WindowsMsgDb().read(source, ReadOptions(limits=source.limits))
    assert NoteCode.LIMIT_REACHED in codes(reading)
    assert reading.messages.height == len(build.expected(build.view(JIA), JIA))


def test_query_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    file = many(tmp_path, 30_000)
    source = Source(file, Limits(max_query_seconds=-1))
    with pytest.raises(LimitExceeded, match="took longer"):
        WindowsMsgDb().read(source, ReadOptions(limits=source.limits))


def test_words_where_a_number_belongs_become_a_note(tmp_path: Path) -> None:
    root = windows(tmp_path)
    change(root / "Multi" / "MSG0.db", "UPDATE MSG SET CreateTime = '昨天' WHERE localId = 1")
    assert codes(read_windows(root)) == {NoteCode.ODD_VALUE, NoteCode.BAD_TIME}


def test_a_table_made_by_a_statement_with_odd_characters_is_noted(tmp_path: Path) -> None:
    root = windows(tmp_path)
    file = root / "Multi" / "MSG0.db"
    before = read(root).notes
    change(
        file,
        "CREATE TABLE Beside(local_id INTEGER, type INTEGER$update_seq INTEGER)",
        "INSERT INTO Beside VALUES (1, 2)",
    )
    (note,) = (n for n in read(root).notes if n not in before)
    assert (note.code, note.locator.endswith("MSG0.db#Beside")) == (NoteCode.ODD_VALUE, True)
    assert note.excerpt == "odd characters in the statement that makes the table"


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_table_whose_statement_lost_its_key_keeps_the_rows_numbers_and_places(form: Form, tmp_path: Path) -> None:
    root = form.write(tmp_path, build.view(JIA), JIA)
    before = form.reader.read(Source(root), ReadOptions()).messages
    for file in [f for f in root.rglob("*") if f.is_file() and f.read_bytes().startswith(b"SQLite format 3")]:
        lost = "replace(replace(sql, 'AUTOINCREMENT', ''), 'PRIMARY KEY', 'PRIMAvRY KEY')"
        change(file, "PRAGMA writable_schema = ON", f"UPDATE sqlite_master SET sql = {lost} WHERE type = 'table'")
    after = form.reader.read(Source(root), ReadOptions()).messages
    assert after["locator"].to_list() == before["locator"].to_list()
    assert after["local_id"].to_list() == before["local_id"].to_list()


def test_row_whose_number_is_none_has_a_place_in_its_table(tmp_path: Path) -> None:
    root = build.write_ios(tmp_path, build.view(JIA), JIA)
    for file in root.rglob("MM.sqlite"):
        with closing(sqlite3.connect(file)) as db:
            tables = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE name LIKE 'Chat\\_%' ESCAPE '\\'")]
        lost = (
            "UPDATE sqlite_master SET sql = replace(sql, 'INTEGER PRIMARY KEY AUTOINCREMENT', '') WHERE type = 'table'"
        )
        change(file, "PRAGMA writable_schema = ON", lost)
        change(file, *(f"UPDATE {t} SET MesLocalID = 'eins'" for t in tables))
    assert read(root).messages["locator"].str.ends_with("/?").any()


@pytest.mark.parametrize(
    ("statements", "name"),
    [
        (("ALTER TABLE RevokeMsgTable RENAME TO was", "CREATE VIEW RevokeMsgTable AS SELECT * FROM was"), "RevokeMsgTable"),
        (("PRAGMA writable_schema = ON", "UPDATE sqlite_master SET name = x'fffe' WHERE name = 'RevokeMsgTable'"), "\ufffd\ufffd"),
    ],
)  # fmt: skip
def test_side_table_behind_a_view_or_under_a_name_that_is_no_text_is_noted(
    statements: tuple[str, ...], name: str, tmp_path: Path
) -> None:
    root = build.write_ios(tmp_path, build.view(JIA), JIA)
    before = read(root).notes
    change(next(root.rglob("MM.sqlite")), *statements)
    assert [n.locator.partition("#")[2] for n in read(root).notes if n not in before] == [name]


def test_side_table_that_lost_a_column_is_noted_beside_tables_that_are_read(tmp_path: Path) -> None:
    root = build.write_ios(tmp_path, build.view(JIA), JIA)
    before = read(root).notes
    change(next(root.rglob("MM.sqlite")), "ALTER TABLE RevokeMsgTable RENAME COLUMN MSG_REVOKE_COL_SVRID TO type")
    (note,) = (n for n in read(root).notes if n not in before)
    assert (note.locator.partition("#")[2], note.code) == ("RevokeMsgTable", NoteCode.PART_UNREADABLE)


def test_bytes_that_are_no_utf8_are_replaced_and_noted(tmp_path: Path) -> None:
    root = windows(tmp_path)
    change(root / "Multi" / "MSG0.db", "UPDATE MSG SET StrContent = CAST(x'e4bda0ff' AS TEXT) WHERE localId = 1")
    reading = read_windows(root)
    assert (reading.messages["text"][0], codes(reading)) == ("你\ufffd", {NoteCode.ODD_VALUE})


def test_number_kept_as_text_is_still_a_number(tmp_path: Path) -> None:
    root = windows(tmp_path)
    change(root / "Multi" / "MSG0.db", "UPDATE MSG SET MsgSvrID = CAST(MsgSvrID AS BLOB)")
    assert read_windows(root).messages["message_id"][0] == str(build.FIRST_ID)


def test_compressed_body_that_cannot_be_unpacked_is_noted(tmp_path: Path) -> None:
    root = windows(tmp_path)
    change(root / "Multi" / "MSG0.db", "UPDATE MSG SET CompressContent = x'f00102' WHERE Type = 49")
    assert codes(read_windows(root)) == {NoteCode.BROKEN_BODY}


def test_zstd_bomb_is_not_unpacked(tmp_path: Path) -> None:
    root = build.write_wechat4(tmp_path, build.view(JIA), JIA)
    bomb = build.compressed("甲" * 2_000_000)
    with closing(sqlite3.connect(root / "message" / "message_0.db")) as db:
        db.execute(f"UPDATE Msg_{build.md5(YI)} SET message_content = ? WHERE local_id = 1", (bomb,))
        db.commit()
    source = Source(root, Limits(max_body_bytes=2**20))
    reading = Wechat4Db().read(source, ReadOptions(limits=source.limits))
    assert reading.messages.height == len(build.expected(build.view(JIA), JIA))


def test_columns_of_another_build_are_tolerated(tmp_path: Path) -> None:
    root = windows(tmp_path)
    for number in (0, 1):
        change(
            root / "Multi" / f"MSG{number}.db", "ALTER TABLE MSG ADD COLUMN NewThing TEXT", "ALTER TABLE MSG DROP COLUMN Sequence",
            "ALTER TABLE MSG DROP COLUMN DisplayContent",
        )  # fmt: skip
    assert plain(read_windows(root)) == build.expected(build.view(JIA), JIA)


def test_names_of_other_letter_case_are_found(tmp_path: Path) -> None:
    root = windows(tmp_path)
    change(
        root / "Multi" / "MSG0.db",
        "ALTER TABLE MSG RENAME TO m",
        "ALTER TABLE m RENAME TO Msg",
        "ALTER TABLE Msg RENAME COLUMN MsgSvrID TO msgsvrid",
    )
    assert plain(read_windows(root)) == build.expected(build.view(JIA), JIA)


# ------------------------------------------------------------------------------------------- files taken out of their folder


def test_single_shard_of_windows_is_read(tmp_path: Path) -> None:
    root = windows(tmp_path)
    reading = WindowsMsgDb().read(Source(root / "Multi" / "MSG0.db"), ReadOptions(owner=JIA))
    assert reading.messages["sender"].to_list()[:2] == [JIA, YI]


def test_single_shard_of_4x_is_read(tmp_path: Path) -> None:
    root = build.write_wechat4(tmp_path, build.view(JIA), JIA)
    file = (root / "message" / "message_1.db").rename(tmp_path / "message_1.db")
    reading = Wechat4Db().read(Source(file), ReadOptions())
    assert (reading.facts.owner.id, set(reading.messages["conversation"])) == (JIA, {YI, ROOM})


def test_conversation_that_nobody_names_keeps_its_digest(tmp_path: Path) -> None:
    root = build.write_wechat4(tmp_path, build.view(JIA), JIA)
    file = (root / "message" / "message_1.db").rename(tmp_path / "message_1.db")
    change(file, f"DELETE FROM Name2Id WHERE user_name = '{ROOM}'")
    reading = Wechat4Db().read(Source(file), ReadOptions())
    rows = reading.messages.filter(pl.col("conversation") == f"md5:{build.md5(ROOM)}")
    assert rows["sender"].to_list()[:3] == [BING, YI, JIA]
    assert NoteCode.CONVERSATION_UNNAMED in codes(reading)


def test_single_file_of_ios_finds_the_peer_in_the_bodies(tmp_path: Path) -> None:
    root = build.write_ios(tmp_path, build.view(JIA), JIA)
    file = next(root.rglob("message_1.sqlite")).rename(tmp_path / "message_1.sqlite")
    reading = IosDb().read(Source(file), ReadOptions())
    assert (set(reading.messages["conversation"]), reading.facts.owner.id) == ({YI}, JIA)


def test_two_accounts_in_one_folder_are_told_apart(tmp_path: Path) -> None:
    build.write_windows(tmp_path, build.view(JIA), JIA)
    build.write_windows(tmp_path, build.view(YI), YI)
    with pytest.raises(UnreadableSource, match="2 accounts' databases"):
        read_windows(tmp_path)


def test_folder_of_another_account_than_the_rows_is_noted(tmp_path: Path) -> None:
    root = build.write_windows(tmp_path, build.view(JIA), JIA)
    moved = (tmp_path / JIA).rename(tmp_path / "wxid_somebodyelse")
    reading = read_windows(moved / root.name)
    assert (reading.facts.owner.id, codes(reading)) == (JIA, {NoteCode.ODD_VALUE})


# ------------------------------------------------------------------------------------------- traces of rows no longer there


def test_dropped_table_is_named_with_the_numbers_it_gave(tmp_path: Path) -> None:
    root = build.write_wechat4(tmp_path, build.view(JIA), JIA)
    file = root / "message" / "message_1.db"
    with closing(sqlite3.connect(file)) as db:
        db.execute(f"DROP TABLE Msg_{build.md5(ROOM)}")
        # DROP TABLE takes the counter along; a client that empties its store file by file leaves it.
        db.execute("INSERT INTO sqlite_sequence VALUES (?, 5)", (f"Msg_{build.md5(ROOM)}",))
        db.commit()
    reading = Wechat4Db().read(Source(root), ReadOptions())
    assert NoteCode.TABLE_DROPPED in codes(reading)
    dropped = reading.witnesses.filter((pl.col("witness") == "deletion_table") & (pl.col("conversation") == ROOM))
    assert dropped["count"].to_list() == [5]


@pytest.mark.parametrize(
    ("file", "statement"),
    [
        ("message/message_0.db", "INSERT INTO DeleteInfo SELECT rowid, 'Msg_x' FROM Name2Id WHERE user_name = '{room}'"),
        ("message/message_0.db", "INSERT INTO DeleteResInfo (session_name_id, msg_local_id, msg_create_time) SELECT rowid, 4, 1709254800 FROM Name2Id WHERE user_name = '{room}'"),
        ("session/session.db", "INSERT INTO SessionDeleteTable VALUES ('{room}', 1709254800)"),
        ("message/message_fts.db", "INSERT INTO message_fts_v3_session_delete_info SELECT rowid, 1, 3, 0 FROM name2id WHERE user_name = '{room}'"),
        ("message/message_resource.db", "INSERT INTO FtsDeleteInfo SELECT rowid, 3 FROM ChatName2Id WHERE user_name = '{room}'"),
    ],
)  # fmt: skip
def test_deletion_table_of_4x_is_told(file: str, statement: str, tmp_path: Path) -> None:
    root = build.write_wechat4(tmp_path, build.view(JIA), JIA)
    change(root / file, statement.format(room=ROOM))
    reading = Wechat4Db().read(Source(root), ReadOptions())
    told = reading.witnesses.filter(pl.col("witness") == "deletion_table")
    assert (told["conversation"].to_list(), codes(reading)) == ([ROOM], {NoteCode.DELETION_RECORD})


def test_message_being_sent_is_told(tmp_path: Path) -> None:
    root = build.write_wechat4(tmp_path, build.view(JIA), JIA)
    file = root / "message" / "message_1.db"
    with closing(sqlite3.connect(file)) as db:
        table = f"Msg_{build.md5(YI)}"
        number = db.execute(f"SELECT local_id FROM {table} WHERE server_id = 0").fetchone()[0]
        db.execute("INSERT INTO SendInfo SELECT rowid, ? FROM Name2Id WHERE user_name = ?", (number, YI))
        db.execute(f"DELETE FROM {table} WHERE local_id = ?", (number + 1,))
        db.commit()
    reading = Wechat4Db().read(Source(root), ReadOptions())
    assert reading.messages.filter(pl.col("status") == "sending")["local_id"].to_list() == [number]


def test_deleted_chat_of_android_is_told(tmp_path: Path) -> None:
    root = build.write_android(tmp_path, build.view(JIA), JIA)
    change(
        root / "EnMicroMsg.db",
        f"INSERT INTO DeletedConversationInfo (userName, reserved2) VALUES ('{ROOM}', {START * 1000})",
    )
    reading = AndroidDb().read(Source(root), ReadOptions())
    told = reading.witnesses.filter(pl.col("witness") == "deletion_table").row(0, named=True)
    assert (told["conversation"], told["sent_at"].timestamp()) == (ROOM, START)


def test_restored_store_of_android_proves_nothing_by_its_numbers(tmp_path: Path) -> None:
    root = build.write_android(tmp_path, build.view(JIA), JIA)
    change(root / "EnMicroMsg.db", f"INSERT INTO BackupMoveTime VALUES ('d', '{ROOM}', NULL)")
    reading = AndroidDb().read(Source(root), ReadOptions())
    assert (reading.counters["is_trusted"].to_list(), codes(reading)) == ([False], {NoteCode.COUNTER_RESTORED})


def test_ids_of_deleted_messages_are_read_from_their_day_buckets(tmp_path: Path) -> None:
    root = build.write_android(tmp_path, build.view(JIA), JIA)
    days = [
        build.proto((1, 19783 + n), (2, build.varint(build.FIRST_ID + n) + build.varint(build.FIRST_ID + 50 + n)))
        for n in range(2)
    ]
    (root / "checkmsgid.ini").write_bytes(build.proto(*((1, d) for d in days)))
    reading = AndroidDb().read(Source(root), ReadOptions())
    told = reading.witnesses.filter(pl.col("witness") == "deletion_table")["message_id"].to_list()
    assert told == [str(build.FIRST_ID + n) for n in (0, 50, 1, 51)]


def test_counter_below_what_is_held_is_not_trusted(tmp_path: Path) -> None:
    root = windows(tmp_path)
    change(root / "Multi" / "MSG0.db", "UPDATE sqlite_sequence SET seq = 2")
    reading = read_windows(root)
    assert (reading.counters["is_trusted"].to_list(), codes(reading)) == ([False, True], {NoteCode.COUNTER_RESTORED})


def test_chat_taken_off_the_list_is_noted_on_ios(tmp_path: Path) -> None:
    root = build.write_ios(tmp_path, build.view(JIA), JIA)
    change(next(root.rglob("session.db")), f"DELETE FROM SessionAbstract WHERE UsrName = '{ROOM}'")
    notes = IosDb().read(Source(root), ReadOptions()).notes
    assert [n.excerpt for n in notes if n.code is NoteCode.DELETION_RECORD] == [f"not in the chat list: {ROOM}"]


def test_phone_backup_with_a_password_is_named(tmp_path: Path) -> None:
    (tmp_path / "Manifest.db").write_bytes(bytes(range(256)) * 16)
    (tmp_path / "Manifest.plist").write_bytes(b"x")
    source = Source(tmp_path)
    assert identify(all_readers(), source).name == "ios_db"
    with pytest.raises(UnreadableSource, match="encrypted"):
        IosDb().read(source, ReadOptions())


def test_key_is_not_asked_for_where_the_file_is_no_encrypted_store(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    file.write_bytes(b"not a database at all")
    with pytest.raises(UnreadableSource, match="begins with"), open_database(Source(file), file):
        pass
