"""Plans memory: what a case costs, how many workers fit, and how large their passes may be."""

import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path

from reconcile.errors import UsageError

# Measured (bench/batch.md): a process with the program loaded, and the peak of a pass for each byte of its tables.
PROCESS_BYTES = 300 * 2**20
BYTES_PER_BYTE = 16
# The joined rows of a case that is compared in windows, for each byte of its tables.
JOINED_BYTES_PER_BYTE = 4
LEAST_WINDOW = 2**20
LEAST_SHARE = 512 * 2**20
_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
_WATCH_SECONDS = 0.05
_STATM = Path("/proc/self/statm")


@dataclass(frozen=True, slots=True)
class Plan:
    """workers: processes at a time. share: bytes that one of them may take; None = not limited."""

    workers: int
    share: int | None


def parse_memory(text: str) -> int:
    """Bytes of `4GB`, `512 MB`, `2GiB`; a unit counts in steps of 1024. Raises UsageError."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?\s*", text, re.IGNORECASE)
    value = int(float(found.group(1)) * _UNITS[found.group(2).lower()]) if found else 0
    if value < PROCESS_BYTES + LEAST_SHARE:
        least = (PROCESS_BYTES + LEAST_SHARE) // 2**20
        raise UsageError("--memory", f"--memory {text}: expected a size such as 4GB, of {least} MB at least")
    return value


def plan(memory: int | None, workers: int) -> Plan:
    """The workers that fit into `memory` together with the main process, and the share of each."""
    if memory is None:
        return Plan(workers, None)
    free = memory - PROCESS_BYTES
    fitting = max(1, min(workers, free // LEAST_SHARE))
    return Plan(fitting, free // fitting)


def needed(size: int) -> int:
    """Bytes that a process needs at most to compare files of `size` bytes; usual files need less."""
    return PROCESS_BYTES + BYTES_PER_BYTE * size


def fitting_size(share: int | None) -> int | None:
    """Bytes of files whose comparison fits into a share."""
    return None if share is None else max(0, share - PROCESS_BYTES) // BYTES_PER_BYTE


def window_size(share: int, size: int) -> int | None:
    """Bytes of files in a window that fit into a share, for a case of `size` bytes; None = no room."""
    most = max(0, share - PROCESS_BYTES - JOINED_BYTES_PER_BYTE * size) // BYTES_PER_BYTE
    return most if most >= LEAST_WINDOW else None


def can_watch() -> bool:
    """Whether this system states how much memory a process uses (Linux)."""
    return _STATM.is_file()


def watch(share: int) -> None:
    """Ends this process as soon as it uses more than its share; its work is then split."""
    if not can_watch():
        return
    page, place = os.sysconf("SC_PAGE_SIZE"), _STATM

    def watch_memory() -> None:
        """Checks the memory of this process until it exceeds the share, then ends the process."""
        while int(place.read_text().split()[1]) * page <= share:
            _PAUSE.wait(_WATCH_SECONDS)
        os._exit(1)

    threading.Thread(target=watch_memory, daemon=True).start()


_PAUSE = threading.Event()
