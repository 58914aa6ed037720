"""The custody log: one JSON line an event, append-only, each with the hash of the line before it.

The head in a file beside `custody.jsonl` reveals a line removed at the end. Rewriting both is only revealed by
a head kept elsewhere: printed, signed or time-stamped (`timestamp.py`).
"""

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from reconcile.custody import leftovers
from reconcile.custody.lock import locked
from reconcile.digests import digest_bytes
from reconcile.errors import CaseNotFound


@dataclass(frozen=True, slots=True)
class Head:
    """The state of a log: how many entries, and the digest of the last one (64 zeros for none)."""

    lines: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Stated:
    """The content of a head file: the state when it was written, and the announced next state or null."""

    now: Head
    coming: Head | None = None

    def allows(self, found: Head) -> bool:
        """Whether a log in this state is as it was written."""
        return found in (self.now, self.coming)


def stated_in(path: Path) -> Stated | None:
    """The state in the head file; None where it is absent or of another form."""
    try:
        value = orjson.loads(path.read_bytes())
        coming = value.get("coming")
        return Stated(_head_of(value), None if coming is None else _head_of(coming))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


@contextmanager
def announced(path: Path, now: Head, coming: Head) -> Iterator[None]:
    """Announces the next state, runs the change, confirms it.

    Raises OSError before the change where the head is not writable.
    """
    leftovers.clear(path)
    write_head(path, _head_object(now) | {"coming": _head_object(coming)})
    yield
    # If this cannot be written, the announcement stays, and it is true.
    with suppress(OSError):
        write_head(path, _head_object(coming))


def write_head(path: Path, value: dict[str, object]) -> None:
    """Replaces the head file with this state, whole or not at all."""
    draft = leftovers.beside(path, leftovers.PARTIAL)
    try:
        draft.write_bytes(orjson.dumps(value) + b"\n")
        leftovers.sync(draft)
        draft.replace(path)
        leftovers.sync(path.parent)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        leftovers.discard(draft)


def _head_of(value: dict[str, object]) -> Head:
    """The head that a JSON object states. Raises KeyError or ValueError."""
    return Head(int(str(value["lines"])), str(value["sha256"]))


def _head_object(head: Head) -> dict[str, object]:
    """The head as a JSON object."""
    return {"lines": head.lines, "sha256": head.sha256}


LOG, HEAD, LOCK = "custody.jsonl", "custody.head.json", "custody.lock"
FIRST = "0" * 64
FIELDS = ("seq", "at", "event", "who", "where", "note", "data", "previous")


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log."""

    seq: int
    at: str
    event: str
    who: str
    where: str
    note: str
    data: Mapping[str, Any]
    previous: str


@dataclass(frozen=True, slots=True)
class LogProblem:
    """What is wrong with the log: code and 1-based line (0 = the log as a whole)."""

    code: str
    line: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class LogCheck:
    """The readable events, the computed head, each line's hash in order, and every problem."""

    events: tuple[Event, ...]
    head: Head
    hashes: tuple[str, ...]
    problems: tuple[LogProblem, ...]


def append(folder: Path, event: str, *, who: str, where: str, note: str, data: Mapping[str, Any]) -> Head:
    """Appends one line and the new head, both or neither. Raises CaseNotFound where the folder is no seal."""
    if not folder.is_dir():
        raise CaseNotFound(folder, f"{folder}: no such seal; make one with reconcile seal")
    with locked(folder / LOCK):
        lines, size = _lines(folder)
        now = Head(len(lines), digest_bytes(lines[-1]) if lines else FIRST)
        entry = {
            "seq": now.lines + 1,
            "at": datetime.now(UTC).isoformat(timespec="microseconds"),
            "event": event,
            "who": who,
            "where": where,
            "note": note,
            "data": dict(data),
            "previous": now.sha256,
        }
        line = orjson.dumps(entry)
        head = Head(now.lines + 1, digest_bytes(line))
        with announced(folder / HEAD, now, head):
            write_line(folder / LOG, line, size)
    return head


def check(folder: Path) -> LogCheck:
    """Checks the chain: finds lines that were altered, removed, added or moved, and a contradicting head."""
    if not (folder / LOG).is_file():
        return LogCheck((), Head(0, FIRST), (), (LogProblem("log_missing", 0),))
    lines, size = _lines(folder)
    events: list[Event] = []
    problems: list[LogProblem] = []
    previous = FIRST
    for number, line in enumerate(lines, 1):
        event = _parse_event(line)
        if event is None:
            problems.append(LogProblem("line_unreadable", number))
        else:
            events.append(event)
            if event.seq != number:
                problems.append(LogProblem("line_number", number, str(event.seq)))
            if event.previous != previous:
                problems.append(LogProblem("chain_broken", number))
        previous = digest_bytes(line)
    if size and not (folder / LOG).read_bytes()[:size].endswith(b"\n"):
        problems.append(LogProblem("line_unreadable", len(lines)))
    head = Head(len(lines), previous)
    hashes = tuple(digest_bytes(line) for line in lines)
    return LogCheck(tuple(events), head, hashes, (*problems, *_against_head(folder, head)))


def _against_head(folder: Path, head: Head) -> list[LogProblem]:
    """The problem between the log and its head file, if any."""
    stated = stated_in(folder / HEAD)
    if stated is None:
        return [LogProblem("head_missing", 0)]
    return [] if stated.allows(head) else [LogProblem("head_differs", 0, f"{stated.now.lines}/{head.lines}")]


def _parse_event(line: bytes) -> Event | None:
    """The event in a line; None for a line of another form."""
    try:
        value = orjson.loads(line)
        if not isinstance(value, dict) or set(value) != set(FIELDS) or not isinstance(value["data"], dict):
            return None
        return Event(**value)
    except (ValueError, TypeError):
        return None


def _lines(folder: Path) -> tuple[list[bytes], int]:
    """The lines of the log and their bytes, without an announced line that a crash cut short."""
    path = folder / LOG
    data = path.read_bytes() if path.is_file() else b""
    whole = data[: data.rfind(b"\n") + 1]
    lines = whole.removesuffix(b"\n").split(b"\n") if whole else []
    stated = stated_in(folder / HEAD)
    if whole == data or (
        stated and stated.coming and stated.now == Head(len(lines), digest_bytes(lines[-1]) if lines else FIRST)
    ):
        return lines, len(whole)
    return [*lines, data[len(whole) :]], len(data)


def write_line(path: Path, line: bytes, size: int) -> None:
    """Adds the line behind the first `size` bytes, over a line that a crash cut short."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.ftruncate(descriptor, size)
        if os.write(descriptor, line + b"\n") != len(line) + 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)
        raise
    finally:
        os.close(descriptor)
