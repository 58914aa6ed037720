"""Pictures of messages, where the reviewer says that the export which was compared is still at hand.

A picture is asked for by side and row only. Which file that is follows from what the message itself states (its digest,
its file name, a relative path among its raw fields); it must be one of the export's own files, as `Source` lists them, and
must have the SHA-256 that the manifest holds for it.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath

import orjson
import polars as pl

from reconcile.errors import SourceError
from reconcile.intake.source import Source
from reconcile.posts_as_rows import COMMENT
from reconcile.review.picture import picture_head
from reconcile.review.posts import media_of
from reconcile.review.store import CaseFolder, Row
from reconcile.vocabulary import Side

MAX_BYTES = 24 * 2**20
DIGESTS = {32: "md5", 40: "sha1", 64: "sha256"}
MAX_STATED = 64


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's bytes and type."""

    content: bytes
    media_type: str


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


@dataclass
class MediaShelf:
    """Finds the pictures of one case. `exports`: each side's export; a side left out shows none."""

    case: CaseFolder
    exports: Mapping[Side, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._shelf = cache(self._open)

    def has(self, side: Side, row: int) -> bool:
        """Whether the message's picture is at hand."""
        return self.picture(side, row) is not None

    def picture(self, side: Side, row: int) -> Picture | None:
        """The picture that a message shows; None where it shows none, or its file is not at hand."""
        shelf = self._shelf(side)
        message = self.case.message(side, row) if shelf else None
        if shelf is None or message is None or message.get("post_row") is not None:
            return None
        return _first_showable(shelf, _candidates(shelf, message), message.get("media_hash"))

    def of_post(self, side: Side, row: int) -> list[int]:
        """Places of a post's pictures that are at hand; empty for a message."""
        if self._shelf(side) is None:
            return []
        return [
            place
            for place in range(min(self._media(side, row).height, MAX_STATED))
            if self.post_picture(side, row, place)
        ]

    def post_picture(self, side: Side, row: int, place: int) -> Picture | None:
        """A post's picture by its place; None where there is none, or its file is not at hand.

        A path that the exporter states leads to it: the body's own md5 is that of the picture at the server, not of a copy.
        """
        shelf = self._shelf(side)
        media = self._media(side, row)
        if shelf is None or not 0 <= place < media.height:
            return None
        stated = media.row(place, named=True)
        names = _named(shelf, [stated["path"] or ""], stated["md5"] or "")
        return _first_showable(shelf, names, None)

    def _media(self, side: Side, row: int) -> pl.DataFrame:
        message = self.case.message(side, row) or {}
        number = message.get("post_row") if message.get("kind") != COMMENT else None
        return media_of(self.case, side, -1 if number is None else number)

    def _open(self, side: Side) -> Shelf | None:
        if side not in self.exports:
            return None
        source = Source(self.exports[side])
        by_last: dict[str, tuple[str, ...]] = {}
        for name in source.names:
            last = PurePosixPath(name.lower())
            for key in {last.name, last.stem}:
                by_last[key] = (*by_last.get(key, ()), name)
        return Shelf(source, self.case.input_digests[side], frozenset(source.names), by_last)


def _candidates(shelf: Shelf, message: Row) -> Iterator[str]:
    stated = [message.get("file_name") or "", *_paths_in(message.get("raw"))]
    yield from _named(shelf, stated, message.get("media_hash") or "")


def _named(shelf: Shelf, stated: list[str], digest: str) -> Iterator[str]:
    """Files of the shelf by the paths stated, then by the last part of a path or the digest as a name."""
    paths = [path.replace("\\", "/").removeprefix("./").lstrip("/") for path in stated]
    yield from (path for path in paths if path in shelf.names)
    for name in (*paths, digest):
        yield from shelf.by_last.get(PurePosixPath(name).name.lower(), ())


def _first_showable(shelf: Shelf, names: Iterable[str], digest: str | None) -> Picture | None:
    for name in names:
        content = shelf.read(name)
        if content is not None and _fits(content, digest):
            head = picture_head(content)
            if head is not None and head.is_showable:
                return Picture(content, head.media_type)
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
    return [v for v in values if isinstance(v, str) and "." in v and len(v) < 1_000][:MAX_STATED]
