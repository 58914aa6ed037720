"""What a command sets before its libraries are loaded: memory, threads, and digests on the other core."""

import gc
import os
import sys
from pathlib import Path

# The interpreter's own turn is 25 times as long: most steps over columns are done within it.
_TURN = 0.0002
# Exports of which a comparison takes some ten times as much memory, whatever it does.
_LITTLE_BYTES = 2**28
# What was freed goes back to the machine after a tenth of a second, where the library itself waits for half a second and keeps a part for ever.
SOON = "dirty_decay_ms:100,muzzy_decay_ms:0"


def make_ready(exports: tuple[Path, ...]) -> None:
    """What helps before the libraries of a comparison are loaded, which takes one core half a second."""
    # One comparison makes hardly any rings of objects, and to look for them among all that was loaded takes longer than to keep them.
    gc.set_threshold(200_000, 50, 100)
    # What a thread has back from the columns waits no longer than this (seconds) for the one that holds the interpreter.
    sys.setswitchinterval(_TURN)
    # No step multiplies matrices; threads that wait to do so take time from those that work.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from reconcile.digests import begin

    # The other core takes the digests, which need no library.
    size = begin(exports)
    # Where what is freed is little beside a machine's memory, a twentieth of the time goes into giving pages back and asking for them again.
    _allocate("dirty_decay_ms:-1" if size < _LITTLE_BYTES else SOON)


def keep_little() -> None:
    """Lets commands that compare nothing use 10 to 25 % less memory for 1 to 2 % more time."""
    _allocate(SOON)


def _allocate(decay: str) -> None:
    # The library of columns has four arenas of memory for each core, of which each keeps what it once had. What the user has set stands.
    os.environ.setdefault("_RJEM_MALLOC_CONF", f"narenas:{max(2, os.cpu_count() or 1)},{decay}")
