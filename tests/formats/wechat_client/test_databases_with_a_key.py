"""Encrypted stores: the user's own key opens them, another one does not, and no key ever shows."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from reconcile.cli.option_values import read_options
from reconcile.errors import MissingExtra, UnreadableSource
from reconcile.formats.registry import all_readers
from reconcile.formats.wechat_client.android.messages import AndroidDb
from reconcile.formats.wechat_client.macos3.messages import Macos3Db
from reconcile.formats.wechat_client.pc_backup.messages import PcBackupDb
from reconcile.formats.wechat_client.wechat4.messages import Wechat4Db
from reconcile.formats.wechat_client.windows3.messages import WindowsMsgDb
from reconcile.intake.contract import Reader, ReadOptions
from reconcile.intake.source import Source
from reconcile.intake.sqlite.key import pick_keys
from reconcile.vocabulary import NoteCode
from tests.build import databases as build
from tests.build.client_forms import plain
from tests.build.databases import JIA

HEX = "9f" * 32
# Form -> writer, reader, key as a user gives it, how SQLCipher is told it, its other settings (wechat-databases 10).
LOCKS: dict[str, tuple[Any, Reader, str, str, tuple[int, int]]] = {
    "windows": (build.write_windows, WindowsMsgDb(), HEX, f"PRAGMA hexkey='{HEX}'", (3, 4096)),
    "wechat4": (build.write_wechat4, Wechat4Db(), HEX, f"PRAGMA hexkey='{HEX}'", (4, 4096)),
    "macos3": (build.write_macos3, Macos3Db(), HEX, f"PRAGMA key=\"x'{HEX}'\"", (3, 1024)),
    "android": (build.write_android, AndroidDb(), "abc1234", "PRAGMA key='abc1234'", (1, 1024)),
    "pc_backup": (build.write_pc_backup, PcBackupDb(), build.BACKUP_KEY, f"PRAGMA key='{build.BACKUP_KEY}'", (3, 4096)),
}
locks = pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)


def lock_files(root: Path, statement: str, compatibility: int, page: int, *, only: str = "*.db") -> None:
    """Every database under a folder, encrypted in place as the client would."""
    sqlcipher = pytest.importorskip("sqlcipher3.dbapi2", exc_type=ImportError)
    for file in sorted(root.rglob(only)):
        with closing(sqlite3.connect(file)) as db:
            script = "\n".join(line for line in db.iterdump() if "sqlite_sequence" not in line)
            stated = db.execute("SELECT name FROM sqlite_master WHERE name = 'sqlite_sequence'").fetchall()
            counters = db.execute("SELECT name, seq FROM sqlite_sequence").fetchall() if stated else []
        file.unlink()
        with closing(sqlcipher.connect(str(file))) as locked:
            for pragma in (
                statement,
                f"PRAGMA cipher_compatibility={compatibility}",
                f"PRAGMA cipher_page_size={page}",
            ):
                locked.execute(pragma)
            locked.executescript(script)
            for name, highest in counters:
                locked.execute("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
                locked.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (name, highest))
            locked.commit()


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, Path]]:
    """Of each form a folder with one encrypted store, and the store in it, made once."""
    return cache(lambda form: _store(LOCKS[form], tmp_path_factory.mktemp(form)))


def _store(lock: tuple[Any, Reader, str, str, tuple[int, int]], folder: Path) -> tuple[Path, Path]:
    write, reader, _, statement, settings = lock
    root: Path = write(folder, build.view(JIA), JIA)
    # Deriving a key costs a fifth of a second a file; what matters here are messages and contacts.
    for side in ("media_0.db", "message_resource.db", "message_fts.db", "session.db", "general.db"):
        for file in root.rglob(side) if reader.name == "wechat4_db" else ():
            file.unlink()
    lock_files(root, statement, *settings)
    return folder, root


@pytest.fixture
def locked(
    request: pytest.FixtureRequest, tmp_path: Path, stores: Callable[[str], tuple[Path, Path]]
) -> tuple[Path, Reader, str]:
    """A copy of the store of a form, its reader and its key."""
    folder, root = stores(request.param)
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    _, reader, key, _, _ = LOCKS[request.param]
    return tmp_path / root.relative_to(folder), reader, key


each = pytest.mark.parametrize("locked", LOCKS, indirect=True)


@each
def test_own_key_opens_the_store(locked: tuple[Path, Reader, str]) -> None:
    root, reader, key = locked
    assert plain(reader.read(Source(root), ReadOptions(key=key))) == build.expected(build.view(JIA), JIA)


@each
def test_locked_store_is_recognised_by_its_names(locked: tuple[Path, Reader, str]) -> None:
    root, reader, _ = locked
    source = Source(root)
    assert [r.name for r in all_readers() if r.sniff(source).strength == "certain"] == [reader.name]


@each
def test_missing_key_is_one_clear_error(locked: tuple[Path, Reader, str]) -> None:
    root, reader, _ = locked
    with pytest.raises(UnreadableSource, match="--key-file"):
        reader.read(Source(root), ReadOptions())


@each
def test_wrong_key_is_one_clear_error_that_does_not_show_it(locked: tuple[Path, Reader, str]) -> None:
    root, reader, key = locked
    wrong = "b" + key[1:]
    with pytest.raises(UnreadableSource, match="the key does not open it") as error:
        reader.read(Source(root), ReadOptions(key=wrong))
    assert wrong not in str(error.value)


def test_key_never_shows_in_the_options() -> None:
    assert HEX not in repr(ReadOptions(key=HEX))


def test_library_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = build.write_windows(tmp_path, build.view(JIA), JIA)
    lock_files(root, f"PRAGMA hexkey='{HEX}'", 3, 4096)
    monkeypatch.setattr("reconcile.intake.sqlite.key.importlib.import_module", _not_there)
    with pytest.raises(MissingExtra, match=r"reconcile-wechat\[sqlcipher\]"):
        WindowsMsgDb().read(Source(root), ReadOptions(key=HEX))


def _not_there(name: str) -> None:
    raise ImportError(name)


def test_locked_contacts_beside_open_messages_are_a_note(tmp_path: Path) -> None:
    root = build.write_windows(tmp_path, build.view(JIA), JIA)
    lock_files(root, f"PRAGMA hexkey='{HEX}'", 3, 4096, only="MicroMsg.db")
    reading = WindowsMsgDb().read(Source(root), ReadOptions())
    assert [n.code for n in reading.notes] == [NoteCode.PART_ENCRYPTED]


@pytest.mark.parametrize("lock", [LOCKS["android"], LOCKS["pc_backup"]], ids=["android", "pc_backup"])
def test_one_key_file_holds_several_stores_keys_a_line_each(
    lock: tuple[Any, Reader, str, str, tuple[int, int]], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write, reader, key, statement, settings = lock
    root = write(tmp_path, build.view(JIA), JIA)
    lock_files(root, statement, *settings)
    reading = reader.read(Source(root), ReadOptions(key=f"wrong77\n{'0' * 32}\n{HEX}\n{key}\n"))
    # What SQLCipher says of keys that do not fit is kept from the terminal.
    assert (plain(reading), capfd.readouterr().err) == (build.expected(build.view(JIA), JIA), "")


def test_key_file_of_a_tool_names_a_key_for_each_database(tmp_path: Path) -> None:
    table = '{"db_storage\\\\message\\\\message_0.db": {"enc_key": "aa"}, "contact/contact.db": "bb"}'
    assert [pick_keys(table, Path(p)) for p in ("/a/message/message_0.db", "contact/contact.db", "other.db")] == [
        ["aa"],
        ["bb"],
        [],
    ]


@pytest.mark.parametrize(("form", "name"), [("windows", "MSG1.db"), ("android", "EnMicroMsg.db")])
def test_rows_that_only_the_log_of_a_locked_store_holds_are_read(form: str, name: str, tmp_path: Path) -> None:
    write, reader, key, statement, settings = LOCKS[form]
    root, whole = (write(tmp_path / n, build.view(JIA)[: -c or None], JIA) for n, c in (("given", 3), ("whole", 0)))
    expected = reader.read(Source(whole), ReadOptions())
    lock_files(root, statement, *settings)
    with ExitStack() as stack:
        locked = stack.enter_context(closing(_unlocked(next(root.rglob(name)), statement, settings)))
        full = stack.enter_context(closing(sqlite3.connect(next(whole.rglob(name)))))
        locked.execute("PRAGMA journal_mode=WAL")
        for (table,) in full.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"):
            rows = full.execute(f'SELECT * FROM "{table}"').fetchall()
            marks = ",".join("?" * len(rows[0])) if rows else ""
            if rows:
                locked.executemany(f'INSERT OR IGNORE INTO "{table}" VALUES ({marks})', rows)
        shutil.copytree(root, tmp_path / "copy")
    reading = reader.read(Source(tmp_path / "copy"), ReadOptions(key=key))
    assert reading.messages["text"].to_list() == expected.messages["text"].to_list()
    assert NoteCode.WAL_PRESENT in {n.code for n in reading.notes}


def _unlocked(file: Path, statement: str, settings: tuple[int, int]) -> Any:
    sqlcipher = pytest.importorskip("sqlcipher3.dbapi2", exc_type=ImportError)
    connection = sqlcipher.connect(str(file), isolation_level=None)
    for pragma in (statement, f"PRAGMA cipher_compatibility={settings[0]}", f"PRAGMA cipher_page_size={settings[1]}"):
        connection.execute(pragma)
    return connection


def test_keys_of_every_file_are_tried(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("wrong77\n", "utf-8")
    (tmp_path / "two").write_text('{"contact/contact.db": "bb"}', "utf-8")
    given = read_options({"key_files": (tmp_path / "one", tmp_path / "two")}).key or ""
    assert pick_keys(given, Path("contact/contact.db")) == ["wrong77", "bb"]
