"""Cleans up after killed runs: removes partial results and restores those being replaced.

Their names carry a mark that only this user can make (`ownership_marks.py`). Files without it belong to somebody else and are not touched.
"""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from reconcile.custody import ownership_marks
from reconcile.patterns import lazy_pattern

PARTIAL, OLD = "partial", "old"
# Files flushed at one time: the disk writes together what is asked for together, in a quarter of the time.
_AT_ONCE = 4
_BESIDE = lazy_pattern(rf"\.(.+)\.(\d+)\.([0-9a-f]{{32}})\.({PARTIAL}|{OLD})")


def beside(out: Path, what: str) -> Path:
    """The hidden path beside `out` for a result in progress (`partial`) or a replaced one (`old`)."""
    pid = os.getpid()
    # A folder moved aside is `out` itself and keeps its identity under the new name.
    mark = ownership_marks.mark_of(
        _absolute_path(out), pid, what, ownership_marks.identity_of(out) if what == OLD else ""
    )
    return out.with_name(f".{out.name}.{pid}.{mark}.{what}")


def shown(path: Path) -> Path:
    """The path as the user named it, for a draft in a hidden folder or file."""
    return Path(*(found[1] if (found := _BESIDE.fullmatch(part)) else part for part in path.parts))


def clear(out: Path) -> bool:
    """Removes what dead runs left beside `out`. True where results that were being replaced were restored.

    A run that replaces results moves the old ones aside for an instant. If it is killed then, `out` is missing, and
    the old results with all reviewers' decisions are moved back.
    """
    restored = False
    for found in _leftovers_of(out, OLD):
        if not out.exists() and not restored:
            found.rename(out)
            restored = True
        elif not any(found.glob("decisions*.jsonl")) or any(out.glob("decisions*.jsonl")):
            shutil.rmtree(found, ignore_errors=True)
    for found in _leftovers_of(out, PARTIAL):
        discard(found)
    return restored


def discard(path: Path) -> None:
    """Removes a file or folder that was never put in place; silent on failure."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(OSError):
        path.unlink(missing_ok=True)


def settle(folder: Path) -> None:
    """Flushes everything under `folder` to the disk, so that a rename never exposes empty files."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for top, _, names in os.walk(folder):
            list(pool.map(sync, (Path(top) / name for name in names)))
            sync(Path(top))


def sync(path: Path) -> None:
    """Flushes one file or folder to the disk."""
    if path.is_dir() and os.name == "nt":
        return  # folders cannot be opened there
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _leftovers_of(out: Path, what: str) -> list[Path]:
    """Leftovers of this user's dead processes beside `out`, of one kind."""
    if not out.parent.is_dir():
        return []
    likely = (n for n in os.listdir(out.parent) if n.startswith(f".{out.name}."))  # noqa: PTH208 - no paths are needed yet
    named = ((out.with_name(n), _BESIDE.fullmatch(n)) for n in likely)
    found = [(f, m[2], m[3]) for f, m in named if m is not None and (m[1], m[4]) == (out.name, what)]
    return sorted(f for f, pid, mark in found if _is_own(f, out, what, pid, mark) and _is_dead(pid))


def _is_own(found: Path, out: Path, what: str, pid: str, mark: str) -> bool:
    """Whether the leftover carries this user's mark and is no link."""
    same = ownership_marks.identity_of(found) if what == OLD else ""
    return not found.is_symlink() and ownership_marks.is_mark(mark, _absolute_path(out), pid, what, same)


def _absolute_path(out: Path) -> str:
    return os.path.abspath(out)  # noqa: PTH100 - the name itself, whatever it links to


def _is_dead(pid: str) -> bool:
    """Whether the process no longer runs; False where that cannot be known."""
    if not pid.isascii() or not pid.isdigit():
        return False
    if int(pid) == os.getpid():
        return True  # a number used again: this process has only just begun
    if os.name == "nt":
        return False  # no harmless way to ask there
    with suppress(PermissionError):
        try:
            os.kill(int(pid), 0)
        except (ProcessLookupError, OverflowError):
            return True
    return False
