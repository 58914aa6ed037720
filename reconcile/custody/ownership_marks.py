"""Marks files as this user's own with a secret key, so nobody else can make a valid mark."""

import hmac
import os
import secrets
import stat
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

_KEY_BYTES = 32
_MARK_DIGITS = 32


def mark_of(*facts: object) -> str:
    """The mark of these facts, 32 hex digits: the same for this user at any time, and for nobody else."""
    content = "\0".join(map(str, facts)).encode("utf-8", "surrogateescape")
    return hmac.new(user_key(), content, "sha256").hexdigest()[:_MARK_DIGITS]


def is_mark(mark: str, *facts: object) -> bool:
    """Whether it is the mark of these facts."""
    return hmac.compare_digest(mark.encode("utf-8", "replace"), mark_of(*facts).encode())


def identity_of(path: Path) -> str:
    """Identity of a file or folder: kept by a rename, not by a copy; links are not followed; '' = absent."""
    try:
        status = path.lstat()
    except OSError:
        return ""
    return f"{status.st_dev}:{status.st_ino}:{stat.S_IFMT(status.st_mode)}"


@cache
def user_key() -> bytes:
    """The secret key of this user, made at the first call.

    It lasts for this process only where no folder can hold it.
    """
    for folder in _places():
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _is_ours(folder) and (key := _key_in(folder / "key")):
                return key
    # No folder can hold a key: later processes will not recognise marks of this one.
    return secrets.token_bytes(_KEY_BYTES)


def _places() -> list[Path]:
    """Folders for the user's private state, best first; the last is the temporary folder."""
    stated = os.environ.get("XDG_STATE_HOME") or os.environ.get("LOCALAPPDATA")
    found = [Path(stated)] if stated and Path(stated).is_absolute() else []
    with suppress(RuntimeError):
        found.append(Path.home() / ".local" / "state")
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return [*(place / "reconcile" for place in found), Path(tempfile.gettempdir()) / f"reconcile-state-{user}"]


def _is_ours(path: Path) -> bool:
    """Whether it is a file or folder of this user that nobody else can write to or put there."""
    status = path.lstat()
    if os.name == "nt":
        return not stat.S_ISLNK(status.st_mode)
    return not stat.S_ISLNK(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o022


def _key_in(file: Path) -> bytes | None:
    """The key in the file, created if absent; concurrent creators agree on one key."""
    if not file.exists():
        draft = file.with_name(f".key.{secrets.token_hex(8)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, secrets.token_bytes(_KEY_BYTES))
            os.fsync(handle)
        finally:
            os.close(handle)
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    key = file.read_bytes() if _is_ours(file) else b""
    return key if len(key) == _KEY_BYTES else None
