"""Temporary folders for this user only; a later run removes those of killed runs.

Each folder holds a file that is locked while its process lives. The system releases the lock however the process
ends.
"""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

PREFIX, _HELD, _INSIDE = "reconcile-", "held", "in"
_HANDLES: dict[Path, IO[bytes]] = {}

try:
    import fcntl
except ImportError:  # Windows: there is no such lock, and nothing is swept
    fcntl = None  # type: ignore[assignment]


def make() -> Path:
    """A new, empty folder; `remove` deletes it."""
    outer = Path(tempfile.mkdtemp(prefix=PREFIX))
    (outer / _INSIDE).mkdir(mode=0o700)
    draft = outer / f"{_HELD}.new"
    handle = draft.open("wb")
    if fcntl is not None:
        fcntl.flock(handle, fcntl.LOCK_EX)
        # The folder gets its name after the file is locked, so that no other run takes it for a leftover.
        draft.rename(outer / _HELD)
    _HANDLES[outer / _INSIDE] = handle
    return outer / _INSIDE


def remove(folder: Path) -> None:
    """Removes a folder of `make` with its content."""
    if (handle := _HANDLES.pop(folder, None)) is not None and fcntl is None:
        handle.close()
    shutil.rmtree(folder.parent, ignore_errors=True)
    if handle is not None:
        handle.close()


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that is removed when the block ends."""
    made = make()
    try:
        yield made
    finally:
        remove(made)


def sweep() -> None:
    """Removes folders left by this user's killed processes; never those of living ones, never links."""
    if fcntl is None:
        return
    with suppress(OSError), os.scandir(tempfile.gettempdir()) as entries:
        for entry in entries:
            if entry.name.startswith(PREFIX) and _is_own_folder(entry):
                _remove_if_dead(Path(entry.path))


def _is_own_folder(entry: "os.DirEntry[str]") -> bool:
    """Whether the entry is a folder of this user and no link."""
    with suppress(OSError):
        status = entry.stat(follow_symlinks=False)
        return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
    return False


def _remove_if_dead(outer: Path) -> None:
    """Removes the folder if no living process has locked it."""
    with suppress(OSError):
        handle = os.open(outer / _HELD, os.O_RDWR | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(outer, ignore_errors=True)
        finally:
            os.close(handle)
