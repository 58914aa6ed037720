"""Opens SQLCipher files with the user's own key, which appears in no message, note or log."""

import importlib
import json
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from reconcile.errors import MissingExtra, UnreadableSource
from reconcile.intake.source import Source
from reconcile.patterns import lazy_pattern
from reconcile.version import install_command

# Separates the texts of several key files.
KEY_FILE_END = "\x1e"
_HEX = lazy_pattern(r"^(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{96})$")


@dataclass(frozen=True, slots=True)
class Cipher:
    """One way in which a client encrypts (wechat-databases 10).

    Attributes:
        compatibility: SQLCipher's own number for key derivation, HMAC and reserve (1, 3, 4).
        page_size: bytes.
        form: how the key is given: hex = 32 bytes as passphrase; text = the characters as passphrase; raw = key (and salt)
            without derivation.
    """

    compatibility: int
    page_size: int
    form: Literal["hex", "text", "raw"]


def database_errors() -> tuple[type[Exception], ...]:
    """The errors of sqlite3 and, once an encrypted file was opened, of SQLCipher's twin of it.

    A broken schema can also cause UnicodeDecodeError, because Python decodes SQLite's message as UTF-8.
    """
    twin = sys.modules.get("sqlcipher3.dbapi2")
    return (sqlite3.Error, UnicodeDecodeError) if twin is None else (sqlite3.Error, UnicodeDecodeError, twin.Error)


def connect_encrypted(
    source: Source, file: Path, uri: str, keys: Sequence[str], ciphers: Sequence[Cipher]
) -> sqlite3.Connection:
    """A connection to an encrypted file, by the first of the keys and ciphers that open it.

    Raises MissingExtra without the SQLCipher library; UnreadableSource where no key opens the file.
    """
    try:
        library: Any = importlib.import_module("sqlcipher3.dbapi2")
    except ImportError:
        raise MissingExtra(
            "sqlcipher", f"{file.name}: encrypted; install the optional part: {install_command('sqlcipher')}"
        ) from None
    for key, cipher in ((k, c) for k in keys for c in ciphers):
        statement = _key_statement(key, cipher)
        if statement is None:
            continue
        connection = library.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        # The library would print each failed attempt on the terminal.
        connection.execute("PRAGMA cipher_log_level=NONE")
        if _opens_with_key(connection, statement, cipher):
            return connection  # type: ignore[no-any-return]
        connection.close()
    raise UnreadableSource(
        source.path, f"{file.name}: the key does not open it; check that it belongs to this account and this file"
    )


def pick_keys(text: str, file: Path) -> list[str]:
    """The keys to try on one file, from every key file in turn.

    Each line of a key file counts, or of a JSON object path -> key the entry whose path fits best. Key files of
    decryption tools have one key a database, plain or as `{"enc_key": …}`.
    """
    return list(dict.fromkeys(key for part in text.split(KEY_FILE_END) for key in _keys_of(part, file)))


def _keys_of(text: str, file: Path) -> list[str]:
    """Keys of the text: one a line, or from JSON the one whose path fits the file best."""
    if not text.strip().startswith("{"):
        return [line.strip() for line in text.splitlines() if line.strip()]
    try:
        table = json.loads(text)
    except ValueError:
        return [text.strip()]
    wanted = file.parts
    best, length = list[str](), 0
    for path, value in table.items() if isinstance(table, dict) else ():
        parts = PurePosixPath(str(path).replace("\\", "/")).parts
        common = next((i for i, (a, b) in enumerate(zip(reversed(parts), reversed(wanted), strict=False)) if a.lower() != b.lower()), min(len(parts), len(wanted)))  # fmt: skip
        if common > length:
            entry = value.get("enc_key", value.get("key", "")) if isinstance(value, dict) else value
            best, length = [str(entry)], common
    return best


def _key_statement(key: str, cipher: Cipher) -> str | None:
    """The PRAGMA that sets the key; null where the key does not fit the cipher."""
    clean = key.strip()
    if clean.lower().startswith("x'") and clean.endswith("'"):
        clean = clean[2:-1]
    is_hex = _HEX.match(clean) is not None
    if cipher.form == "hex" and is_hex and len(clean) == 64:
        return f"PRAGMA hexkey='{clean}'"
    if cipher.form == "raw" and is_hex:
        return f"PRAGMA key=\"x'{clean}'\""
    if cipher.form == "text" and clean:
        return "PRAGMA key='{}'".format(clean.replace("'", "''"))
    return None


def _opens_with_key(connection: Any, statement: str, cipher: Cipher) -> bool:
    """Whether the statement's key opens the database."""
    try:
        connection.execute(statement)
        connection.execute(f"PRAGMA cipher_compatibility={cipher.compatibility}")
        connection.execute(f"PRAGMA cipher_page_size={cipher.page_size}")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except database_errors():
        return False
    except MemoryError:
        return False
    return True
