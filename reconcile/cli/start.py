"""Sets memory, threads and early digests before the libraries of a command are loaded."""

import gc
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

# Python's default interval is 25 times as long; most steps over columns end within this one.
_TURN = 0.0002
# Total size of exports up to which memory does not matter: a comparison takes about ten times as much.
_LITTLE_BYTES = 2**28
# Exports of this size and number of files are compared with a tenth less work on one thread: passing small columns
# between threads costs more than it saves. Compressed ones take longer, but at most some seconds.
_FEW_BYTES, _FEW_FILES = 2**21, 1_000
# Freed memory returns to the system after a tenth of a second. The library would wait for half a second and keep a
# part for ever.
SOON = "dirty_decay_ms:100,muzzy_decay_ms:0"


def make_ready(exports: tuple[Path, ...]) -> None:
    """Prepares the process for a comparison, before its libraries are loaded."""
    # A comparison makes hardly any reference cycles, and searching everything loaded for some takes longer than
    # keeping them.
    gc.set_threshold(200_000, 50, 100)
    # A thread with results from the columns waits at most this many seconds for the interpreter lock.
    sys.setswitchinterval(_TURN)
    # No step multiplies matrices, and threads that wait to do so slow down the others.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # No plug-in of a library validates evidence, and looking for some takes 6 ms.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from reconcile.digests import begin

    # The digests need no library, so the other core takes them meanwhile.
    size = begin(exports)
    # Where little memory is freed, giving pages back and asking for them again would take a twentieth of the time.
    _set_allocator("dirty_decay_ms:-1" if size < _LITTLE_BYTES else SOON)
    # The column library reads this once, when it is loaded.
    if "polars" not in sys.modules and _are_small(exports):
        os.environ.setdefault("POLARS_MAX_THREADS", "1")


def _are_small(exports: Iterable[Path]) -> bool:
    """Whether few bytes lie in these files and folders. What cannot be looked at counts as nothing."""
    size = 0
    for count, file in enumerate(_files_in(exports), 1):
        with suppress(OSError, ValueError):
            size += file.stat().st_size
        if size > _FEW_BYTES or count > _FEW_FILES:
            return False
    return True


def _files_in(exports: Iterable[Path]) -> Iterator[Path]:
    for export in exports:
        yield export
        for folder, _, names in os.walk(export) if "\0" not in str(export) else ():
            yield from (Path(folder, name) for name in names)


def keep_little() -> None:
    """Lets commands that compare nothing use 10 to 25 % less memory for 1 to 2 % more time."""
    _set_allocator(SOON)


def _set_allocator(decay: str) -> None:
    """Sets the memory allocator of the column library, unless the user has set it."""
    # The column library keeps four memory arenas for each core, and each arena keeps its peak. The user's own setting
    # wins.
    os.environ.setdefault("_RJEM_MALLOC_CONF", f"narenas:{max(2, os.cpu_count() or 1)},{decay}")
