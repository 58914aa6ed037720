"""A lock that holds against other threads and other programs, on every system Python runs on."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import IO

_THREADS = RLock()
_DECISIONS = "decisions.lock"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Waits for the lock file and holds it. The operating system frees it when its holder dies."""
    with _THREADS, path.open("ab") as handle:
        _take_lock(handle)
        try:
            yield
        finally:
            _free_lock(handle)


@contextmanager
def log_locked(folder: Path) -> Iterator[None]:
    """Holds the decision log of a case folder against other threads and programs."""
    with locked(folder / _DECISIONS):
        yield


class BusyError(Exception):
    """Somebody else holds the lock."""


@contextmanager
def locked_at_once(path: Path) -> Iterator[None]:
    """Holds the lock file, or raises BusyError at once. The system frees it if the holder dies."""
    with path.open("ab") as handle:
        try:
            _take_lock(handle, wait=False)
        except OSError:
            raise BusyError(path) from None
        try:
            yield
        finally:
            _free_lock(handle)


if sys.platform == "win32":
    import msvcrt

    def _take_lock(handle: IO[bytes], *, wait: bool = True) -> None:
        handle.seek(0)
        msvcrt.locking(handle.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)

    def _free_lock(handle: IO[bytes]) -> None:
        handle.seek(0)
        msvcrt.locking(handle.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take_lock(handle: IO[bytes], *, wait: bool = True) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _free_lock(handle: IO[bytes]) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
