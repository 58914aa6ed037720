"""Changes to SQLite files, archives and Parquet: cells, schemas, pages, logs; members, names, flags; columns."""

import io
import random
import sqlite3
import warnings
import zipfile
import zlib
from contextlib import closing, suppress
from pathlib import Path

import lz4.block
import polars as pl
import zstandard

from bench.fuzz import plain, trees, values
from bench.fuzz.plain import Changed

BROKEN = (OSError, zipfile.BadZipFile, ValueError, RuntimeError, NotImplementedError, EOFError, zlib.error)


def store_changed(file: Path, rng: random.Random) -> tuple[str, int | None]:
    """Changes a database in place, mostly by SQL, else in its pages or by a log that is not its own."""
    kind = rng.choice(("cell",) * 8 + ("schema", "schema", "rows", "pages", "pages", "log", "row gone"))
    if kind == "log":
        file.with_name(file.name + rng.choice(("-wal", "-journal", "-shm"))).write_bytes(_log(rng))
        return kind, None
    if kind != "pages":
        try:
            with closing(sqlite3.connect(file)) as db, db:
                db.text_factory = bytes
                return _by_sql(db, kind, rng)
        except (sqlite3.Error, OverflowError, UnicodeEncodeError, IndexError):
            pass
    data = file.read_bytes()
    change = rng.choice((plain.flipped, plain.numbers_changed, plain.cut_or_spliced, _page_lost))
    file.write_bytes(change(data, rng).data)
    return "pages", None


def _page_lost(data: bytes, rng: random.Random) -> Changed:
    size = int.from_bytes(data[16:18], "big") or 4096
    i = rng.randrange(max(1, len(data) // size)) * size
    return Changed(data[:i] + rng.choice((bytes(size), rng.randbytes(size), data[:size])) + data[i + size :], "page")


def _log(rng: random.Random) -> bytes:
    head = bytes.fromhex("377f0682002de21800001000") + rng.randbytes(20)
    return rng.choice(
        (
            head,
            head + rng.randbytes(4_120 * 2),
            rng.randbytes(5_000),
            b"\xd9\xd5\x05\xf9 \xa1\x63\xd7" + rng.randbytes(600),
        )
    )


def _by_sql(db: sqlite3.Connection, kind: str, rng: random.Random) -> tuple[str, int | None]:
    tables = [
        n.decode()
        for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite%'")
    ]
    table = rng.choice(tables)
    quoted = '"' + table.replace('"', '""') + '"'
    columns = [r[1].decode() for r in db.execute(f"PRAGMA table_info({quoted})")]
    column = '"' + rng.choice(columns) + '"'
    if kind == "cell":
        return f"{table}.{column}", _cell_changed(db, quoted, column, rng)
    if kind == "row gone":
        gone = db.execute(f"DELETE FROM {quoted} WHERE rowid IN (SELECT rowid FROM {quoted} ORDER BY random() LIMIT 1)")
        return kind, gone.rowcount
    if kind == "rows":
        db.execute(f"UPDATE {quoted} SET {column} = ?", (values.scalar(rng),))
        return f"all {table}.{column}", None
    _schema_changed(db, table, quoted, column, rng)
    return kind, None


def _cell_changed(db: sqlite3.Connection, table: str, column: str, rng: random.Random) -> int:
    rows = db.execute(f"SELECT rowid, {column} FROM {table}").fetchall()
    for rowid, old in rng.sample(rows, min(len(rows), rng.choice((1, 1, 1, 3)))):
        new = body_changed(old, rng) if isinstance(old, bytes) and rng.random() < 0.7 else values.scalar(rng)
        with suppress(sqlite3.Error, UnicodeEncodeError):
            db.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (new, rowid))
    return 0


def body_changed(old: bytes, rng: random.Random) -> bytes | str:
    """A body's words or fields inside their packing: Zstandard, LZ4, protobuf, XML or text."""
    if old[:4] == b"\x28\xb5\x2f\xfd":
        with suppress(zstandard.ZstdError):
            inner = zstandard.ZstdDecompressor().decompress(old, max_output_size=2**20)
            return zstandard.ZstdCompressor().compress(_inner(inner, rng))
    with suppress(lz4.block.LZ4BlockError, ValueError, MemoryError):
        inner = lz4.block.decompress(old, uncompressed_size=2**16)
        if inner:
            return bytes(lz4.block.compress(_inner(inner, rng), store_size=False))
    changed = _inner(old, rng)
    return changed.decode("utf-8", "replace") if rng.random() < 0.5 else changed


def _inner(data: bytes, rng: random.Random) -> bytes:
    choices = [plain.flipped, plain.numbers_changed, plain.cut_or_spliced]
    if data.lstrip()[:1] == b"<" or b"<msg" in data:
        choices += [trees.xml_changed, trees.xml_changed, plain.tag_changed, plain.token_replaced]
    return rng.choice(choices)(data, rng).data if data else values.blob(rng)


def _schema_changed(db: sqlite3.Connection, table: str, quoted: str, column: str, rng: random.Random) -> None:
    kind = rng.randrange(8)
    if kind == 0:
        db.execute(f"DROP TABLE {quoted}")
    elif kind == 1:
        db.execute(f"ALTER TABLE {quoted} DROP COLUMN {column}")
    elif kind == 2:
        db.execute(f'ALTER TABLE {quoted} RENAME COLUMN {column} TO "{rng.choice(("x", "type", "TYPE "))}"')
    elif kind == 3:
        db.execute(f"ALTER TABLE {quoted} RENAME TO was")
        db.execute(f"CREATE VIEW {quoted} AS SELECT * FROM was")
    elif kind == 4:
        db.execute(f"CREATE TRIGGER tr AFTER INSERT ON {quoted} BEGIN DELETE FROM {quoted}; END")
    elif kind == 5:
        db.execute(f"ALTER TABLE {quoted} ADD COLUMN g AS (zeroblob(900000000))")
    else:
        db.execute("PRAGMA writable_schema=ON")
        new = (
            ("sql", "CREATE TABLE x"),
            ("rootpage", rng.randrange(400)),
            ("name", b"\xff\xfe"),
            ("type", "view"),
            ("sql", None),
            ("sql", b"\x00"),
        )
        field, value = rng.choice(new)
        db.execute(f"UPDATE sqlite_master SET {field} = ? WHERE name = ?", (value, table))


def archive_changed(data: bytes, rng: random.Random) -> Changed:
    """One member changed by its kind, or an archive's names, order and flags."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [(i, archive.read(i)) for i in archive.infolist() if not i.is_dir()]
    except BROKEN:
        return plain.flipped(data, rng)
    if not members or rng.random() < 0.15:
        return rng.choice((plain.flipped, plain.numbers_changed, plain.cut_or_spliced))(data, rng)
    i = rng.randrange(len(members))
    name, content, what, removed = members[i][0].filename, members[i][1], "", None
    kind = rng.choice(("content",) * 8 + ("gone", "twice", "renamed"))
    contents = {n.filename: c for n, c in members}
    if kind == "content":
        changed = by_content(name, content, rng)
        contents[name], what, removed = changed.data, f"{name}: {changed.what}", changed.removed
    elif kind == "gone":
        del contents[name]
    elif kind == "renamed":
        contents[rng.choice(("../x", "/etc/x", "a\\..\\b", "c" * 255, "表.xml", "\x01"))] = contents.pop(name)
    out = io.BytesIO()
    with (
        warnings.catch_warnings(),
        zipfile.ZipFile(out, "w", rng.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))) as new,
    ):
        warnings.simplefilter("ignore")
        for n, c in contents.items():
            new.writestr(n, c)
        if kind == "twice":
            new.writestr(name, content)
    return Changed(out.getvalue(), what or f"{name} {kind}", removed)


def parquet_changed(data: bytes, rng: random.Random) -> Changed:
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except pl.exceptions.PolarsError:
        return plain.flipped(data, rng)
    name = rng.choice(frame.columns)
    kind = rng.randrange(4)
    if kind == 0:
        frame = frame.drop(name)
    elif kind == 1:
        frame = frame.with_columns(pl.lit(None).alias(name))
    elif kind == 2:
        odd = [[1], {"a": 1}, 2.5, b"x", True, "x"]
        frame = frame.with_columns(pl.Series(name, [rng.choice(odd)] * frame.height))
    else:
        return plain.flipped(data, rng)
    out = io.BytesIO()
    frame.write_parquet(out)
    return Changed(out.getvalue(), f"{name} {kind}")


def by_content(name: str, data: bytes, rng: random.Random) -> Changed:  # noqa: PLR0911 - one line a kind of file
    """A change that fits what the file is, or one time in four any change of its bytes."""
    if not data:
        return Changed(values.blob(rng), "filled")
    blind = [
        plain.cut_or_spliced,
        plain.flipped,
        plain.lines_changed,
        plain.token_replaced,
        plain.recoded,
        plain.numbers_changed,
    ]
    if rng.random() < 0.25:
        return rng.choice(blind)(data, rng)
    lowered, start = name.lower(), data[:400].lstrip(b"\xef\xbb\xbf \r\n\t")
    if data[:4] == b"PK\x03\x04":
        return archive_changed(data, rng)
    if data[:4] == b"PAR1":
        return parquet_changed(data, rng)
    if lowered.endswith((".json", ".jsonl", ".js", ".jsonld")) or start[:1] in (b"{", b"["):
        return trees.json_changed(data, rng)
    if lowered.endswith((".html", ".htm")):
        return rng.choice((plain.tag_changed, trees.json_changed, plain.token_replaced))(data, rng)
    if start[:1] == b"<" or lowered.endswith(".xml"):
        return rng.choice((trees.xml_changed, trees.xml_changed, plain.tag_changed))(data, rng)
    if lowered.endswith((".csv", ".tsv")):
        return plain.cell_changed(data, rng)
    return rng.choice((plain.token_replaced, plain.lines_changed, plain.lines_changed, plain.recoded, plain.flipped))(
        data, rng
    )


def is_store(data: bytes) -> bool:
    return data[:16] == b"SQLite format 3\x00"
