"""Unique tokens behind the words of a sound input, and which of them still stand in a changed one but in nothing that was read."""

import io
import itertools
import json
import random
import re
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from html import escape
from pathlib import Path
from urllib.parse import quote

import lz4.block
import polars as pl
import zstandard

from bench.fuzz.seeds import Seed
from bench.fuzz.stores import BROKEN, is_store
from bench.fuzz.wrapped import decrypted, is_mail, mail_changed, parts_of_mail
from reconcile.case import read
from reconcile.errors import ReconcileError
from reconcile.intake.contract import Reading
from reconcile.submission.run import read_submission
from reconcile.vocabulary import NoteCode

TOKEN = re.compile(rb"Qzj[a-z]{6}(?![a-z])")
# A damaged character of GB 18030 before a token takes its first letter; letters that a change put behind it stay with it.
_REST = re.compile(r"(?=(zj[a-z]{6}))")
_IN_TAG = re.compile(rb"</?[A-Za-z]+\Z")
_ARCHIVE = b"PK\x03\x04"
_ZSTD = b"\x28\xb5\x2f\xfd"
_MOST = 2**24
# What stands before an id tells the field.
_BEFORE = 6
# A PC client's backup keeps its words here.
_CONTAINER = "BAK_0_TEXT"
_LINE = re.compile(r"#line (\d{1,6})$")
_NOT_READ = (NoteCode.ROW_SKIPPED, NoteCode.PART_UNREADABLE)
_STRINGS = "xl/sharedStrings.xml"


def reading_of_seed(seed: Seed) -> Reading:
    """What is read of an export, or of a submission."""
    return read_submission(seed.path).reading if seed.use == "submission" else read(seed.path, None, seed.options)


def with_tokens(seed: Seed, base: Reading, folder: Path) -> tuple[Seed, frozenset[str], Reading]:
    """The seed with a token behind each of its texts, the tokens that a reading of it shows, and that reading; the seed itself where that changes its rows."""
    copy = folder / seed.path.name
    texts = [t for t in _texts(base) if len(t) > 1 and not any(c in t for c in '[]<>&"\\\r\n「」') and "撤回" not in t]
    names = str([_strings(f) for f in (base.contacts, base.members, base.conversations)])
    texts = [t for t in texts if t not in names]
    if not texts:
        return seed, frozenset(), base
    plain = base.messages.filter(pl.col("kind") == "text")["text"].to_list()
    # Notices and shown bodies are told from words by their form, which a token may spoil.
    for chosen in (texts, [t for t in texts if len(t) > 5], [t for t in texts if t in plain]):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        made = _made(seed, copy, chosen)
        with suppress(ReconcileError):
            found = reading_of_seed(made)
            if _rows(found) == _rows(base):
                return made, frozenset(t for t in shown(found) if t in "\n".join(_texts(found))), found
    return seed, frozenset(), base


def _made(seed: Seed, copy: Path, texts: list[str]) -> Seed:
    mark = _marker(texts)
    if seed.rebuilt is not None:
        return replace(seed, path=seed.rebuilt(copy.parent, mark))
    (shutil.copytree if seed.path.is_dir() else shutil.copyfile)(seed.path, copy)
    for file in sorted([copy] if copy.is_file() else copy.rglob("*")):
        if file.is_file():
            _file_marked(file, mark)
    return replace(seed, path=copy)


def _texts(reading: Reading) -> list[str]:
    posts = reading.posts.posts["text"].to_list() if reading.posts else []
    said = reading.witnesses["text"].drop_nulls().to_list()
    return sorted({*reading.messages["text"].to_list(), *posts, *said}, key=lambda t: (-len(t), t))


def _rows(reading: Reading) -> tuple[int, int]:
    return reading.messages.height, reading.posts.posts.height if reading.posts else 0


def _marker(texts: list[str]) -> Callable[[str], str]:
    forms = {form for t in texts for form in (t, json.dumps(t)[1:-1], escape(t), quote(t))}
    pattern = re.compile("|".join(re.escape(f) for f in sorted(forms, key=len, reverse=True)))
    rng, seen = random.Random(7), set[str]()

    def marked(match: re.Match[str]) -> str:
        while (token := "Qzj" + "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=6))) in seen:
            pass
        seen.add(token)
        return match[0] + token

    return lambda text: pattern.sub(marked, text)


def _file_marked(file: Path, mark: Callable[[str], str]) -> None:
    data = file.read_bytes()
    if is_store(data):
        _store_marked(file, mark)
    elif data[:4] == b"PAR1":
        frame = pl.read_parquet(file)
        frame.with_columns(pl.col("text").map_elements(mark, pl.String)).write_parquet(file)
    else:
        file.write_bytes(_marked(data, mark))


def _marked(data: bytes, mark: Callable[[str], str]) -> bytes:
    if data.startswith(_ZSTD):
        inner = zstandard.ZstdDecompressor().decompress(data, max_output_size=_MOST)
        return zstandard.ZstdCompressor().compress(_marked(inner, mark))
    if data.startswith(_ARCHIVE):
        return _archive_marked(data, mark)
    if is_mail(data):
        return mail_changed(data, lambda part: _marked(part, mark))
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8", "gb18030"):
        with suppress(UnicodeError):
            return mark(data.decode(encoding)).encode(encoding)
    return data


def _archive_marked(data: bytes, mark: Callable[[str], str]) -> bytes:
    out = io.BytesIO()
    with suppress(*BROKEN), zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(i, archive.read(i)) for i in archive.infolist()]
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for info, content in members:
                new.writestr(info, _marked(content, mark))
    return out.getvalue() or data


def _store_marked(file: Path, mark: Callable[[str], str]) -> None:
    with closing(sqlite3.connect(file)) as db, db:
        for table, columns in _tables(db).items():
            for column in columns:
                cells = db.execute(f'SELECT rowid, "{column}" FROM "{table}"').fetchall()
                for rowid, old in cells:
                    new = mark(old) if isinstance(old, str) else _marked(old, mark) if _packed(old) else old
                    if new != old:
                        db.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?', (new, rowid))


def _packed(cell: object) -> bool:
    return isinstance(cell, bytes) and cell.startswith(_ZSTD)


def _tables(db: sqlite3.Connection) -> dict[str, list[str]]:
    names = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite%'")]
    return {n: [c[1] for c in db.execute(f'PRAGMA table_info("{n}")')] for n in names}


def standing(path: Path) -> set[str]:
    """Tokens that stand whole in the material: in a plain file's bytes, in the cells that SELECT gives, in members that extract."""
    files = [path] if path.is_file() else [f for f in path.rglob("*") if f.is_file() and not f.is_symlink()]
    return set(itertools.chain.from_iterable(_in_file(f) for f in files))


def _in_file(file: Path) -> Iterator[str]:
    data = file.read_bytes()
    if is_store(data):
        yield from _in_store(file)
    elif data[:4] == b"PAR1":
        with suppress(pl.exceptions.PolarsError, OSError):
            yield from _in_bytes(str(pl.read_parquet(file).rows()).encode())
    elif data.startswith(_ARCHIVE):
        yield from _in_archive(data)
    else:
        yield from _in_bytes(data)
        for part in parts_of_mail(data):
            yield from _in_archive(part) if part.startswith(_ARCHIVE) else _in_bytes(part)
        if file.name == _CONTAINER:
            yield from _in_bytes(decrypted(data))


def _in_archive(data: bytes) -> Iterator[str]:
    for content in _members(data):
        yield from _in_bytes(content)


def _members(data: bytes) -> Iterator[bytes]:
    with suppress(*BROKEN), zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            with suppress(*BROKEN):
                content = archive.read(info)
                yield content if info.filename != _STRINGS else _used(content, archive)


def _used(strings: bytes, archive: zipfile.ZipFile) -> bytes:
    """Of a workbook's shared strings those that a cell names."""
    cells = b"".join(archive.read(n) for n in archive.namelist() if "worksheets/" in n)
    named = {int(n) for n in re.findall(rb'<c [^>]*\bt="s"[^>]*>\s*<v>([0-9]{1,9})</v>', cells)}
    return b"\n".join(s for i, s in enumerate(strings.split(b"<si>")[1:]) if i in named)


def material(path: Path) -> bytes:
    """The bytes of a file, or of what its archive's members hold, so far as they extract; of shared strings those that a cell names."""
    data = path.read_bytes()
    return b"\n".join(_members(data)) if data.startswith(_ARCHIVE) else data


def _in_bytes(data: bytes) -> Iterator[str]:
    whole = (data, data.replace(b"\0", b"")) if b"\0" in data else (data,)
    # What a change made a part of an element's name is no word any more.
    yield from (m[0].decode() for d in whole for m in TOKEN.finditer(d) if not _IN_TAG.search(d, max(0, m.start() - 20), m.start()))  # fmt: skip


def _in_store(file: Path) -> Iterator[str]:
    with suppress(sqlite3.Error, OSError, UnicodeError), closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as db:  # fmt: skip
        db.text_factory = bytes
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall():
            with suppress(sqlite3.Error, UnicodeError):
                for row in db.execute(f'SELECT * FROM "{name.decode()}"'):
                    for cell in row:
                        if isinstance(cell, bytes):
                            yield from _in_bytes(_unpacked(cell))


def _unpacked(cell: bytes) -> bytes:
    if cell.startswith(_ZSTD):
        with suppress(zstandard.ZstdError):
            return zstandard.ZstdDecompressor().decompress(cell, max_output_size=_MOST)
        return b""
    if b"Qzj" in cell and cell[:1] > b"\xf0":
        with suppress(lz4.block.LZ4BlockError):
            return bytes(lz4.block.decompress(cell, uncompressed_size=2**16))
    return cell


def shown(reading: Reading) -> set[str]:
    """Tokens in anything that the program keeps of what it read, or quotes in a note."""
    posts = [getattr(reading.posts, n) for n in reading.posts.__slots__] if reading.posts else []
    frames = (reading.messages, reading.conversations, reading.contacts, reading.members, reading.witnesses, *posts)
    held = [str(_strings(f)) for f in frames if isinstance(f, pl.DataFrame)]
    text = "\n".join([*held, *(f"{n.locator} {n.excerpt}" for n in reading.notes)])
    # Without zero bytes, as in the material: what stands inside a token there is kept by the readers, and written out by Python.
    text = text.replace("\\x00", "").replace("\0", "")
    return {f"Q{t}" for t in _REST.findall(text)}


def _strings(frame: pl.DataFrame) -> list[tuple[object, ...]]:
    return frame.select(pl.selectors.string() | pl.selectors.nested()).rows() if frame.width else []


def rows_lost(reading: Reading, base: Reading, path: Path, sound: Path | None = None) -> set[str]:
    """Message ids of the sound original, each of one row, that stand whole in the material, under a field where the original has them, and in nothing that was read."""
    ids = base.messages["message_id"].drop_nulls()
    once = {i for i in ids.unique().to_list() if len(i) > 9 and (ids == i).sum() == 1}
    frames = (reading.messages, reading.witnesses, reading.contacts, reading.members)
    held = str([*map(_strings, frames), [n.excerpt for n in reading.notes]])
    wanted = {i for i in once if i not in held}
    places = _places_of(wanted, sound) if sound else dict[str, set[str]]()
    return {i for i, at in _places_of(wanted, path).items() if at & places.get(i, at)}


def _places_of(ids: set[str], path: Path) -> dict[str, set[str]]:
    """For each id that stands whole in a plain file: the characters before it."""
    text = _plain(path) if ids else ""
    found = {i: {m[1] for m in re.finditer(rf"(?s)(?<!\d)(?<=(.{{{_BEFORE}}})){i}(?!\d)", text)} for i in ids}
    return {i: at for i, at in found.items() if at}


def noted_lines(reading: Reading, path: Path) -> str:
    """The lines of a plain file that notes on rows not read name by their number: of a long line a note shows the beginning."""
    if not path.is_file():
        return ""
    named = {int(m[1]) for n in reading.notes if (m := _LINE.search(n.locator)) and n.code in _NOT_READ}
    lines = path.read_bytes().decode("utf-8", "replace").split("\n") if named else []
    return "\n".join(line for number, line in enumerate(lines, 1) if number in named)


def _plain(path: Path) -> str:
    files = [path] if path.is_file() else [f for f in path.rglob("*") if f.is_file() and not f.is_symlink()]
    return "\n".join("" if is_store(d := f.read_bytes()) else d.decode("utf-8", "replace") for f in files)
