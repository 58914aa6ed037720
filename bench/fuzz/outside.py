"""One input changed by a mutator that is not ours: the bytes of a file, or those of a store's cell or of an archive's member."""

import io
import random
import shutil
import sqlite3
import warnings
import zipfile
from contextlib import closing, suppress
from pathlib import Path

import zstandard

from bench.fuzz.foreign import Mutate
from bench.fuzz.mutate import Input
from bench.fuzz.seeds import Seed
from bench.fuzz.stores import BROKEN, is_store

_ZSTD = b"\x28\xb5\x2f\xfd"


def make_outside(seed: Seed, folder: Path, rng: random.Random, mutate: Mutate) -> Input:
    """A changed copy of the seed inside `folder`."""
    copy = folder / seed.path.name
    if seed.path.is_dir():
        shutil.copytree(seed.path, copy)
    else:
        shutil.copyfile(seed.path, copy)
    files = sorted(f for f in ([copy] if copy.is_file() else copy.rglob("*")) if f.is_file() and f.stat().st_size)
    file = rng.choice(files)
    return Input(copy, f"{file.name}: {_changed(file, rng, mutate)}", None)


def _changed(file: Path, rng: random.Random, mutate: Mutate) -> str:
    data, seed = file.read_bytes(), rng.randrange(2**32)
    if is_store(data) and rng.random() < 0.6:
        with suppress(sqlite3.Error, OverflowError):
            return _cell_changed(file, rng, mutate)
    if data[:4] == b"PK\x03\x04" and rng.random() < 0.8:
        with suppress(*BROKEN):
            made, name = _member_changed(data, rng, mutate)
            file.write_bytes(made)
            return name
    file.write_bytes(mutate(data, seed))
    return "bytes"


def _cell_changed(file: Path, rng: random.Random, mutate: Mutate) -> str:
    with closing(sqlite3.connect(file)) as db, db:
        db.text_factory = bytes
        if rng.random() < 0.15:
            return _schema_changed(db, rng, mutate)
        names = [n.decode() for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
        filled = [n for n in names if db.execute(f'SELECT 1 FROM "{n}" LIMIT 1').fetchone()]
        table = rng.choice(filled)
        row = rng.choice(db.execute(f'SELECT rowid, * FROM "{table}" ORDER BY 1').fetchall())
        columns = [c[1].decode() for c in db.execute(f'PRAGMA table_info("{table}")')]
        i = rng.choice([i for i in range(len(columns)) if row[i + 1] is not None])
        new = _value(row[i + 1], rng.randrange(2**32), mutate)
        db.execute(f'UPDATE "{table}" SET "{columns[i]}" = ? WHERE rowid = ?', (new, row[0]))
        return f"{table}.{columns[i]}"


def _schema_changed(db: sqlite3.Connection, rng: random.Random, mutate: Mutate) -> str:
    rowid, sql = rng.choice(db.execute("SELECT rowid, sql FROM sqlite_master WHERE sql NOT NULL ORDER BY 1").fetchall())
    new = mutate(sql, rng.randrange(2**32)).decode("utf-8", "replace")
    db.execute("PRAGMA writable_schema=ON")
    db.execute("UPDATE sqlite_master SET sql = ? WHERE rowid = ?", (new, rowid))
    return "schema"


def _value(old: bytes | int | float, seed: int, mutate: Mutate) -> bytes | str | int | float:
    """A cell changed: inside its packing where it has one, a text as a text, a number by its digits."""
    if not isinstance(old, bytes):
        digits = mutate(str(old).encode(), seed).decode("utf-8", "replace")
        with suppress(ValueError):
            return max(-(2**63), min(2**63 - 1, int(digits)))
        return digits
    if old.startswith(_ZSTD) and seed % 4:
        inner = zstandard.ZstdDecompressor().decompress(old, max_output_size=2**20)
        return zstandard.ZstdCompressor().compress(mutate(inner, seed))
    new = mutate(old, seed) if old else b"x"
    try:
        old.decode()
        return new.decode("utf-8", "replace")
    except UnicodeDecodeError:
        return new


def _member_changed(data: bytes, rng: random.Random, mutate: Mutate) -> tuple[bytes, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {i.filename: archive.read(i) for i in archive.infolist() if not i.is_dir()}
    name = rng.choice(sorted(n for n, content in members.items() if content))
    members[name] = mutate(members[name], rng.randrange(2**32))
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        warnings.simplefilter("ignore")
        for n, content in members.items():
            new.writestr(n, content)
    return out.getvalue(), name
