"""PyWxDump's merged database."""

import sqlite3
from pathlib import Path

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
