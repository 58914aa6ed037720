"""The head of an append-only log: number of entries and digest of the last, in a file beside it.

Without it, removing the last entries leaves no trace. A head is written twice for each entry: before it, announcing
the next state, and after it. Whenever a writer is stopped, even by a full disk, the log is in one of these two
states.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import orjson

from reconcile.custody import leftovers


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
        return Stated(_head(value), None if coming is None else _head(coming))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


@contextmanager
def announced(path: Path, now: Head, coming: Head) -> Iterator[None]:
    """Announces the next state, runs the change, confirms it.

    Raises OSError before the change where the head is not writable.
    """
    leftovers.clear(path)
    write_head(path, _plain(now) | {"coming": _plain(coming)})
    yield
    # If this cannot be written, the announcement stays, and it is true.
    with suppress(OSError):
        write_head(path, _plain(coming))


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


def _head(value: dict[str, object]) -> Head:
    return Head(int(str(value["lines"])), str(value["sha256"]))


def _plain(head: Head) -> dict[str, object]:
    return {"lines": head.lines, "sha256": head.sha256}
