"""The picture and sound files of an export that its messages show.

A message itself states its file. Only files that were compared count.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import orjson

from reconcile.errors import SourceError
from reconcile.intake.source import Source

MAX_BYTES = 24 * 2**20
DIGESTS = {32: "md5", 40: "sha1", 64: "sha256"}
MAX_STATED = 64


@dataclass(frozen=True)
class Shelf:
    """One export's files, by exact name and by last part of the name."""

    source: Source
    digests: Mapping[str, str]
    names: frozenset[str]
    by_last: Mapping[str, tuple[str, ...]]

    def read(self, name: str) -> bytes | None:
        """A file that is the one compared; None where it is too big, changed, or cannot be read."""
        try:
            with self.source.open(name) as stream:
                content = stream.read(MAX_BYTES + 1)
        except (SourceError, OSError, EOFError, ValueError):
            return None
        compared = self.digests.get(name)
        is_changed = compared is not None and compared != hashlib.sha256(content).hexdigest()
        return None if len(content) > MAX_BYTES or is_changed else content


def shelf_of(export: Path, digests: Mapping[str, str]) -> Shelf:
    """The files of an export, by name; `digests` holds the SHA-256 of each file that was compared."""
    source = Source(export)
    by_last: dict[str, tuple[str, ...]] = {}
    for name in source.names:
        last = PurePosixPath(name.lower())
        for key in {last.name, last.stem}:
            by_last[key] = (*by_last.get(key, ()), name)
    return Shelf(source, digests, frozenset(source.names), by_last)


def files_stated(shelf: Shelf, message: Mapping[str, Any]) -> Iterator[str]:
    """Files that a message names: by its file name, by paths among its raw fields, or by its digest."""
    stated = [message.get("file_name") or "", *_paths_in(message.get("raw"))]
    yield from files_named(shelf, stated, message.get("media_hash") or "")


def files_named(shelf: Shelf, stated: list[str], digest: str) -> Iterator[str]:
    """Files of the shelf by the paths stated, then by the last part of a path or the digest as a name."""
    paths = [path.replace("\\", "/").removeprefix("./").lstrip("/") for path in stated]
    yield from (path for path in paths if path in shelf.names)
    for name in (*paths, digest):
        yield from shelf.by_last.get(PurePosixPath(name).name.lower(), ())


def fits(content: bytes, stated: str | None) -> bool:
    """Whether the file is the one whose digest the message states; true where it states none."""
    algorithm = DIGESTS.get(len(stated or ""))
    if algorithm is None:
        return True
    return hashlib.new(algorithm, content, usedforsecurity=False).hexdigest() == (stated or "").lower()


def _paths_in(raw: str | None) -> list[str]:
    """Values that may be paths in the JSON of a row."""
    try:
        fields = orjson.loads(raw or "{}")
    except ValueError:
        return []
    values = fields.values() if isinstance(fields, dict) else []
    return [v for v in values if isinstance(v, str) and "." in v and len(v) < 1_000][:MAX_STATED]
