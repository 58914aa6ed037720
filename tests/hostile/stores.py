"""Databases and folders made to mislead SQLite, to burst when unpacked, to block or to lead outside."""

import os
import random
import socket
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import zstandard

from tests.build import databases as build
from tests.build.databases import JIA
from tests.hostile.archives import CSV


def windows(folder: Path) -> Path:
    return build.write_windows(folder, build.view(JIA), JIA)


def wechat4(folder: Path) -> Path:
    return build.write_wechat4(folder, build.view(JIA), JIA)


def by_sql(root: Path, *statements: str, name: str = "MSG0.db") -> Path:
    file = next(iter(sorted(root.rglob(name))))
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA writable_schema=ON")
        db.execute("BEGIN")
        for statement in statements:
            db.execute(statement)
        db.commit()
    return root


def view_of_itself(folder: Path) -> Path:
    return by_sql(
        windows(folder),
        "UPDATE sqlite_master SET type='view', rootpage=0, sql='CREATE VIEW MSG AS SELECT * FROM MSG' WHERE name='MSG'",
    )


def endless_view(folder: Path) -> Path:
    endless = "CREATE VIEW MSG AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT x AS localId, x AS MsgSvrID, 1 AS Type, 0 AS SubType, 0 AS IsSender, x AS CreateTime, ''a'' AS StrTalker, hex(randomblob(1000)) AS StrContent FROM c"
    return by_sql(
        windows(folder), f"UPDATE sqlite_master SET type='view', rootpage=0, sql='{endless}' WHERE name='MSG'"
    )


def trigger(folder: Path) -> Path:
    return by_sql(windows(folder), "CREATE TRIGGER t AFTER INSERT ON MSG BEGIN DELETE FROM MSG; END")


def function_in_a_generated_column(folder: Path) -> Path:
    root = windows(folder)
    return by_sql(root, "ALTER TABLE MSG ADD COLUMN evil AS (load_extension('/tmp/x'))")


def huge_generated_column(folder: Path) -> Path:
    return by_sql(windows(folder), "ALTER TABLE MSG ADD COLUMN BytesExtra2 AS (zeroblob(900000000))")


def generated_words(folder: Path) -> Path:
    root = windows(folder)
    return by_sql(
        root,
        "ALTER TABLE MSG RENAME COLUMN StrContent TO was",
        "ALTER TABLE MSG ADD COLUMN StrContent AS (hex(zeroblob(20000000)))",
    )


def unknown_collation(folder: Path) -> Path:
    root = windows(folder)
    return by_sql(
        root, "UPDATE sqlite_master SET sql=replace(sql, 'StrTalker', 'StrTalker TEXT COLLATE evil,x') WHERE name='MSG'"
    )


def schema_of_nonsense(folder: Path) -> Path:
    return by_sql(windows(folder), "UPDATE sqlite_master SET sql='CREATE TABLE MSG(' WHERE name='MSG'")


def root_page_of_another(folder: Path) -> Path:
    return by_sql(windows(folder), "UPDATE sqlite_master SET rootpage=1 WHERE name='MSG'")


def root_page_far_away(folder: Path) -> Path:
    return by_sql(windows(folder), "UPDATE sqlite_master SET rootpage=2147483647 WHERE name='MSG'")


def module_not_known(folder: Path) -> Path:
    return by_sql(
        windows(folder),
        "UPDATE sqlite_master SET sql='CREATE VIRTUAL TABLE MSG USING evil(a)', rootpage=0 WHERE name='MSG'",
    )


def many_tables(folder: Path) -> Path:
    root = windows(folder)
    return by_sql(root, *(f"CREATE TABLE t{n} (a, b)" for n in range(3_000)))


def huge_blob(folder: Path) -> Path:
    return by_sql(windows(folder), "UPDATE MSG SET StrContent = zeroblob(80000000) WHERE localId = 1")


def many_large_blobs(folder: Path) -> Path:
    return by_sql(
        windows(folder), "UPDATE MSG SET StrContent = CAST(zeroblob(3000000) AS TEXT), BytesExtra = zeroblob(3000000)"
    )


def broken_pages(folder: Path) -> Path:
    root = windows(folder)
    for file in root.rglob("*.db"):
        data = bytearray(file.read_bytes())
        rng = random.Random(5)
        for _ in range(200):
            data[rng.randrange(100, len(data))] = rng.randrange(256)
        file.write_bytes(data)
    return root


def page_that_points_to_itself(folder: Path) -> Path:
    root = windows(folder)
    file = next(root.rglob("MSG0.db"))
    data = bytearray(file.read_bytes())
    page = struct.unpack(">H", data[16:18])[0]
    data[page : page + 14] = struct.pack(">BHHHBLH", 5, 0, 1, 14, 0, 2, 12)
    file.write_bytes(data)
    return root


def header_that_lies(folder: Path) -> Path:
    root = windows(folder)
    file = next(root.rglob("MSG0.db"))
    data = bytearray(file.read_bytes())
    data[16:18], data[28:32] = b"\x00\x01", b"\xff\xff\xff\xff"
    file.write_bytes(data)
    return root


def foreign_log(folder: Path) -> Path:
    root = windows(folder)
    with closing(sqlite3.connect(folder / "other.db")) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE x AS SELECT hex(randomblob(5000)) AS a")
        db.commit()
        log = (folder / "other.db-wal").read_bytes()
    for end in ("", "-wal", "-shm"):
        (folder / f"other.db{end}").unlink(missing_ok=True)
    next(root.rglob("MSG0.db")).with_name("MSG0.db-wal").write_bytes(log)
    return root


def foreign_journal(folder: Path) -> Path:
    root = windows(folder)
    head = bytes.fromhex("d9d505f920a163d7") + struct.pack(">5L", 0xFFFFFFFF, 1, 1, 512, 4096)
    next(root.rglob("MSG0.db")).with_name("MSG0.db-journal").write_bytes(head + bytes(600) + os.urandom(9_000))
    return root


def journal_that_names_a_file(folder: Path) -> Path:
    # A super-journal's name at the end makes SQLite look for that file.
    root = windows(folder)
    name = b"/etc/passwd"
    tail = struct.pack(">L", 1) + name + struct.pack(">LL", len(name), sum(name)) + bytes.fromhex("d9d505f920a163d7")
    next(root.rglob("MSG0.db")).with_name("MSG0.db-journal").write_bytes(bytes(512) + tail)
    return root


def locked(folder: Path) -> Path:
    root = windows(folder)
    db = sqlite3.connect(next(root.rglob("MSG0.db")), check_same_thread=False)
    db.execute("BEGIN EXCLUSIVE")
    _HELD.append(db)
    return root


_HELD: list[sqlite3.Connection] = []


def _v4_body(folder: Path, body: bytes) -> Path:
    root = wechat4(folder)
    for file in root.rglob("message_*.db"):
        with closing(sqlite3.connect(file)) as db:
            tables = [
                n
                for (n,) in db.execute(
                    "SELECT name FROM sqlite_master WHERE type='table' AND name LIKE 'Msg\\_%' ESCAPE '\\'"
                )
            ]
            for table in tables:
                db.execute(f'UPDATE "{table}" SET message_content = ?, WCDB_CT_message_content = 4', (body,))
            db.commit()
    return root


def zstd_terabytes(folder: Path) -> Path:
    return _v4_body(folder, b"\x28\xb5\x2f\xfd\xe0" + struct.pack("<Q", 2**43) + b"\x01\x00\x00")


def zstd_bomb(folder: Path) -> Path:
    return _v4_body(folder, zstandard.ZstdCompressor(level=19).compress(bytes(60 * 2**20)))


def zstd_bomb_without_size(folder: Path) -> Path:
    packer = zstandard.ZstdCompressor(level=19, write_content_size=False).compressobj()
    return _v4_body(folder, packer.compress(bytes(300 * 2**20)) + packer.flush())


def zstd_window(folder: Path) -> Path:
    return _v4_body(folder, b"\x28\xb5\x2f\xfd\x00\xf8" + b"\x01\x00\x00")


def lz4_bomb(folder: Path) -> Path:
    root = windows(folder)
    block = b"\x1fa\x01\x00" + b"\xff" * 200_000 + b"\x00" + b"\x50aaaaa"
    for file in root.rglob("MSG*.db"):
        with closing(sqlite3.connect(file)) as db:
            db.execute("UPDATE MSG SET Type=49, SubType=57, CompressContent=?", (block,))
            db.commit()
    return root


def protobuf_lengths(folder: Path) -> Path:
    root = windows(folder)
    absurd = b"\x1a\xff\xff\xff\xff\xff\xff\xff\xff\x7f" + b"\x1a\x02\x1a\x00" * 50_000 + b"\xff" * 200
    for file in root.rglob("MSG*.db"):
        with closing(sqlite3.connect(file)) as db:
            db.execute("UPDATE MSG SET BytesExtra=?", (absurd,))
            db.commit()
    return root


def protobuf_nested(folder: Path) -> Path:
    data = b"\x08\x01"
    for _ in range(5_000):
        data = b"\x0a" + build.varint(len(data)) + data
    root = windows(folder)
    for file in root.rglob("*.db"):
        with closing(sqlite3.connect(file)) as db:
            for table in ("ChatRoom", "MSG"):
                for column in ("RoomData", "BytesExtra"):
                    try:
                        db.execute(f"UPDATE {table} SET {column}=?", (data,))
                    except sqlite3.Error:
                        continue
            db.commit()
    return root


# ------------------------------------------------------------------------------------------- folders


def table_beside(folder: Path) -> Path:
    root = folder / "export"
    root.mkdir()
    (root / "a.csv").write_bytes(CSV)
    return root


def link_to_a_device(folder: Path) -> Path:
    root = table_beside(folder)
    (root / "b.csv").symlink_to("/dev/zero")
    return root


def link_to_the_parent(folder: Path) -> Path:
    root = table_beside(folder)
    (root / "up").symlink_to("..")
    (root / "self").symlink_to(".")
    return root


def link_to_a_secret(folder: Path) -> Path:
    root = table_beside(folder)
    (root / "b.csv").symlink_to("/etc/passwd")
    return root


def only_a_link(folder: Path) -> Path:
    root = folder / "export"
    root.mkdir()
    (root / "a.csv").symlink_to("/etc/passwd")
    return root


def pipe(folder: Path) -> Path:
    root = table_beside(folder)
    os.mkfifo(root / "b.csv")
    return root


def pipe_itself(folder: Path) -> Path:
    os.mkfifo(folder / "a.csv")
    return folder / "a.csv"


def link_to_a_pipe(folder: Path) -> Path:
    os.mkfifo(folder / "p")
    (folder / "a.csv").symlink_to("p")
    return folder / "a.csv"


def pipe_as_log(folder: Path) -> Path:
    root = windows(folder)
    os.mkfifo(next(root.rglob("MSG0.db")).with_name("MSG0.db-wal"))
    return root


def link_as_log(folder: Path) -> Path:
    root = windows(folder)
    next(root.rglob("MSG0.db")).with_name("MSG0.db-wal").symlink_to("/dev/zero")
    return root


def pipe_as_sidecar(folder: Path) -> Path:
    (folder / "a.csv").write_bytes(CSV)
    os.mkfifo(folder / "a.json")
    return folder / "a.csv"


def device_itself(folder: Path) -> Path:
    return Path("/dev/zero")


def link_to_zero_itself(folder: Path) -> Path:
    (folder / "a.csv").symlink_to("/dev/zero")
    return folder / "a.csv"


def socket_beside(folder: Path) -> Path:
    root = table_beside(folder)
    here = Path.cwd()
    os.chdir(root)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("b.csv")
    finally:
        os.chdir(here)
    return root


def link_that_goes_round(folder: Path) -> Path:
    (folder / "a.csv").symlink_to("a.csv")
    return folder / "a.csv"


def very_deep_folder(folder: Path) -> Path:
    root = folder / "export"
    root.mkdir()
    here = os.open(root, os.O_RDONLY)
    for _ in range(1_500):
        os.mkdir("dddd", dir_fd=here)
        inner = os.open("dddd", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    with os.fdopen(os.open("a.csv", os.O_WRONLY | os.O_CREAT, dir_fd=here), "wb") as out:
        out.write(CSV)
    os.close(here)
    (root / "a.csv").write_bytes(CSV)
    return root


def _named(name: str | bytes) -> Callable[[Path], Path]:
    def build_it(folder: Path) -> Path:
        path = folder / os.fsdecode(name)
        path.write_bytes(CSV)
        return path

    return build_it


name_of_255_bytes = _named("长" * 83 + "ab.csv")
name_with_escapes = _named("a\x1b[31m\x07\n\u202e.csv")
name_not_utf8 = _named(b"\xc8\xcb\xff.csv")
name_emoji = _named("👨\u200d👩\u200d👧.csv")
name_with_quotes = _named("a';DROP TABLE x;--\".csv")
name_like_an_option = _named("--out=x.csv")


def names_of_both_forms(folder: Path) -> Path:
    root = folder / "export"
    root.mkdir()
    for name in ("caf\u00e9.csv", "cafe\u0301.csv"):
        (root / name).write_bytes(CSV)
    return root


STORES: dict[str, tuple[Callable[[Path], Path], tuple[str, ...] | None]] = {
    f.__name__: (f, words) for f, words in {
        view_of_itself: None, endless_view: None, trigger: (), function_in_a_generated_column: (), huge_generated_column: (), generated_words: None,
        unknown_collation: None, schema_of_nonsense: None, root_page_of_another: None, root_page_far_away: None, module_not_known: None, many_tables: (),
        huge_blob: None, many_large_blobs: None, broken_pages: None, page_that_points_to_itself: None, header_that_lies: None, foreign_log: None,
        foreign_journal: None, journal_that_names_a_file: None, locked: None, zstd_terabytes: None, zstd_bomb: None, zstd_bomb_without_size: None,
        zstd_window: None, lz4_bomb: None, protobuf_lengths: None, protobuf_nested: None, link_to_a_device: (), link_to_the_parent: (), link_to_a_secret: (),
        only_a_link: ("empty",), pipe: (), pipe_itself: ("neither",), link_to_a_pipe: ("neither",), pipe_as_log: None, link_as_log: None, pipe_as_sidecar: None,
        device_itself: ("neither",), link_to_zero_itself: ("neither",), socket_beside: (), link_that_goes_round: ("a.csv",), very_deep_folder: None,
        names_of_both_forms: None,
    }.items()
} | {
    n: (globals()[n], words)
    for n, words in {
        "name_of_255_bytes": (), "name_with_escapes": (), "name_not_utf8": ("UTF-8",), "name_emoji": (), "name_with_quotes": (), "name_like_an_option": (),
    }.items()
}  # fmt: skip
