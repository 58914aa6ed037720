"""Pictures of messages, where the export that was compared is still at hand.

A picture is asked for by side and row only. Which file that is follows from what the message itself states (its digest,
its file name, a relative path among its raw fields), and the file must lie inside the export that the manifest names.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import orjson

from reconcile.review.picture import picture_head
from reconcile.review.store import CaseFolder, Row
from reconcile.settings import Limits
from reconcile.vocabulary import Side

MAX_BYTES = 24 * 2**20
DIGESTS = {32: "md5", 40: "sha1", 64: "sha256"}
MAX_STATED = 64
MAX_NAME_BYTES = 1_000


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's bytes and type."""

    content: bytes
    media_type: str


@dataclass
class MediaShelf:
    """Finds the pictures of one case. Reads only; a file that is a link, too big or no picture is not there."""

    case: CaseFolder
    _names: dict[Side, dict[str, list[Path]]] = field(default_factory=dict)

    def has(self, side: Side, row: int) -> bool:
        """Whether the message's picture is at hand."""
        return self.picture(side, row) is not None

    def picture(self, side: Side, row: int) -> Picture | None:
        """The picture that a message shows; None where it shows none, or its file is not at hand."""
        message = self.case.message(side, row) if self.case.export_roots.get(side) else None
        if message is None:
            return None
        stated = message.get("media_hash")
        for path in self._candidates(side, message):
            content = self._read(side, path)
            if content is not None and _fits(content, stated):
                head = picture_head(content)
                if head is not None and head.is_showable:
                    return Picture(content, head.media_type)
        return None

    def _candidates(self, side: Side, message: Row) -> Iterator[Path]:
        names = [message.get("file_name") or "", *_paths_in(message.get("raw"))]
        for root in self.case.export_roots[side]:
            base = root if root.is_dir() else root.parent
            for name in names:
                if name and len(name.encode()) <= MAX_NAME_BYTES and "\0" not in name:
                    yield base / PurePosixPath(name.replace("\\", "/").lstrip("/"))
        by_name = self._by_name(side)
        for name in (*names, message.get("media_hash") or ""):
            yield from by_name.get(PurePosixPath(name.replace("\\", "/")).name.lower(), [])

    def _by_name(self, side: Side) -> dict[str, list[Path]]:
        """Files of an export that is a folder, by name and by name without ending, lower case."""
        if side not in self._names:
            found: dict[str, list[Path]] = {}
            for path in _files([r for r in self.case.export_roots[side] if r.is_dir()]):
                for key in {path.name.lower(), path.stem.lower()}:
                    found.setdefault(key, []).append(path)
            self._names[side] = found
        return self._names[side]

    def _read(self, side: Side, path: Path) -> bytes | None:
        try:
            real = path.resolve(strict=True)
            bases = [(r if r.is_dir() else r.parent).resolve() for r in self.case.export_roots[side]]
            is_inside = any(base in real.parents for base in bases)
            if not is_inside or not real.is_file() or real.stat().st_size > MAX_BYTES:
                return None
            return real.read_bytes()
        except (OSError, ValueError):
            return None


def _fits(content: bytes, stated: str | None) -> bool:
    """Whether the file is the one whose digest the message states; true where it states none."""
    algorithm = DIGESTS.get(len(stated or ""))
    if algorithm is None:
        return True
    return hashlib.new(algorithm, content, usedforsecurity=False).hexdigest() == (stated or "").lower()


def _paths_in(raw: str | None) -> list[str]:
    try:
        fields = orjson.loads(raw or "{}")
    except ValueError:
        return []
    values = fields.values() if isinstance(fields, dict) else []
    return [v for v in values if isinstance(v, str) and "." in v][:MAX_STATED]


def _files(roots: list[Path]) -> Iterator[Path]:
    left = Limits().max_member_count
    for root in roots:
        for folder, _, names in os.walk(root, followlinks=False):
            for name in names:
                left -= 1
                if left < 0:
                    return
                yield Path(folder) / name
