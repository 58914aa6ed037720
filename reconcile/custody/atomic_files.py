"""Writes single files whole or not at all: a draft beside each, flushed to disk, then one rename."""

from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from reconcile.custody import leftovers
from reconcile.errors import UnreadableSource

# The content of a file, or a function that writes it to the given path.
Content = bytes | Callable[[Path], object]


def write_error(path: Path, error: OSError | pl.exceptions.ComputeError, more: str = "") -> UnreadableSource:
    """The error to raise where the system refused to write `path`; other errors are raised unchanged.

    A full disk during the writing of a table appears as a computation error that contains the system's words.
    """
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
    elif "os error" in str(error):
        reason = str(error).strip().splitlines()[0]
    else:
        raise error
    path = leftovers.shown(path)
    return UnreadableSource(path, f"{path}: cannot be written ({reason}){more}")


def write_files(contents: Mapping[Path, Content]) -> None:
    """Writes the files and puts them in place when all are on the disk. Drafts of killed runs are removed.

    Raises UnreadableSource where a file cannot be written; where that shows while drafts are made, nothing has changed.
    """
    drafts = {path: leftovers.beside(path, leftovers.PARTIAL) for path in contents}
    path = Path()
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            leftovers.clear(path)
            draft = drafts[path]
            draft.touch(mode=0o600, exist_ok=False)
            draft.write_bytes(content) if isinstance(content, bytes) else content(draft)
            leftovers.sync(draft)
        for path, draft in drafts.items():
            draft.replace(path)
            leftovers.sync(path.parent)
    except (OSError, pl.exceptions.ComputeError) as error:
        raise write_error(path, error) from None
    finally:
        for draft in drafts.values():
            leftovers.discard(draft)
