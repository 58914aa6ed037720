"""PyWxDump's merged database: rows of several stores as one, its log of counts held against the table."""

import sqlite3
from pathlib import Path

from reconcile.formats.registry import READERS
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from reconcile.vocabulary import NoteCode

ME, PEER = "wxid_chenzu0101", "wxid_zhaofd0202"
ROWS = [
    (1, 7216895530414915131, 1, 0, 1, 1723600805, PEER, "赵姐好"),
    (2, 7216895530414915132, 1, 0, 0, 1723600812, PEER, "在的"),
    (1, 7216895530414915140, 10000, 0, 0, 1723600900, PEER, "你撤回了一条消息"),
    (2, 7216895530414915141, 1, 0, 1, 1723600870, PEER, "好"),
]


def merged(folder: Path, *, current: int = 4, sources: tuple[int, ...] = (2, 2)) -> Path:
    file = folder / "merge_all.db"
    with sqlite3.connect(file) as store:
        store.execute(
            "CREATE TABLE MSG (localId, MsgSvrID, Type, SubType, IsSender, CreateTime, StrTalker, StrContent, TalkerId, Sequence, Status, DisplayContent, CompressContent, BytesExtra)"
        )
        store.executemany(
            "INSERT INTO MSG (localId, MsgSvrID, Type, SubType, IsSender, CreateTime, StrTalker, StrContent) VALUES (?,?,?,?,?,?,?,?)",
            ROWS,
        )
        store.execute("CREATE TABLE Contact (UserName, Alias, Remark, NickName)")
        store.execute("INSERT INTO Contact VALUES (?, '', '赵房东(中山路)', '赵房东')", (PEER,))
        store.execute("CREATE TABLE sync_log (id INTEGER PRIMARY KEY, db_path, tbl_name, src_count, current_count)")
        for n, count in enumerate(sources):
            path = rf"C:\Users\a\Documents\WeChat Files\{ME}\Msg\Multi\MSG{n}.db"
            store.execute(
                "INSERT INTO sync_log (db_path, tbl_name, src_count, current_count) VALUES (?, 'MSG', ?, ?)",
                (path, count, current),
            )
    store.close()
    return file


def read(file: Path) -> Reading:
    source = Source(file)
    reader = identify(READERS, source)
    assert reader.name == "pywxdump_db"
    return reader.read(source, ReadOptions())


def test_rows_of_all_stores_stand_in_order_of_time(tmp_path: Path) -> None:
    messages = read(merged(tmp_path)).messages
    assert messages["text"].to_list() == ["赵姐好", "在的", "好", "你撤回了一条消息"]
    assert messages["message_id"].to_list()[0] == "7216895530414915131"
    assert messages["sender"].to_list()[:3] == [ME, PEER, ME]


def test_the_owner_comes_from_the_paths_of_the_log(tmp_path: Path) -> None:
    assert read(merged(tmp_path)).facts.owner.id == ME


def test_rows_taken_out_after_the_merging_are_noted(tmp_path: Path) -> None:
    notes = [n for n in read(merged(tmp_path, current=6, sources=(3, 3))).notes if n.code is NoteCode.COUNT_MISMATCH]
    assert [(n.excerpt, n.count) for n in notes] == [("6 / 4", 2)]


def test_rows_left_out_at_the_merging_are_noted(tmp_path: Path) -> None:
    notes = [n for n in read(merged(tmp_path, sources=(2, 3))).notes if n.code is NoteCode.COUNT_MISMATCH]
    assert [n.excerpt for n in notes] == ["src_count 5 / current_count 4"]


def test_a_full_merge_has_nothing_to_note(tmp_path: Path) -> None:
    assert [n for n in read(merged(tmp_path)).notes if n.code is NoteCode.COUNT_MISMATCH] == []
