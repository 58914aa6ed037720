"""Pictures of messages, where the reviewer says that the export which was compared is still at hand.

A picture is requested by side and row only. The message itself states which file it is (digest, file name, or
relative path among its raw fields). The file must belong to the export, as `Source` lists it, and must have the
SHA-256 of the manifest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import polars as pl

from reconcile.intake.media import MAX_STATED, Shelf, files_named, files_stated, fits, shelf_of
from reconcile.intake.picture import picture_head
from reconcile.posts_as_rows import COMMENT
from reconcile.review.posts import media_of
from reconcile.review.store import CaseFolder
from reconcile.vocabulary import Side


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture's bytes and type."""

    content: bytes
    media_type: str


@dataclass
class MediaShelf:
    """Finds the pictures of one case. `exports`: each side's export; a side left out shows none."""

    case: CaseFolder
    exports: Mapping[Side, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._shelf = cache(self._open_shelf)

    def has(self, side: Side, row: int) -> bool:
        """Whether the message's picture is at hand."""
        return self.picture(side, row) is not None

    def picture(self, side: Side, row: int) -> Picture | None:
        """The picture that a message shows; None where it shows none, or its file is not at hand."""
        shelf = self._shelf(side)
        message = self.case.message(side, row) if shelf else None
        if shelf is None or message is None or message.get("post_row") is not None:
            return None
        return _first_showable(shelf, files_stated(shelf, message), message.get("media_hash"))

    def of_post(self, side: Side, row: int) -> list[int]:
        """Places of a post's pictures that are at hand; empty for a message."""
        if self._shelf(side) is None:
            return []
        return [
            place
            for place in range(min(self._media_of_row(side, row).height, MAX_STATED))
            if self.post_picture(side, row, place)
        ]

    def post_picture(self, side: Side, row: int, place: int) -> Picture | None:
        """A post's picture by its place; None where there is none, or its file is not at hand.

        It is found by a path that the exporter states. The body's md5 is that of the picture on the server, not of a
        copy.
        """
        shelf = self._shelf(side)
        media = self._media_of_row(side, row)
        if shelf is None or not 0 <= place < media.height:
            return None
        stated = media.row(place, named=True)
        names = files_named(shelf, [stated["path"] or ""], stated["md5"] or "")
        return _first_showable(shelf, names, None)

    def _media_of_row(self, side: Side, row: int) -> pl.DataFrame:
        """The media of the post in this row; empty for other rows."""
        message = self.case.message(side, row) or {}
        number = message.get("post_row") if message.get("kind") != COMMENT else None
        return media_of(self.case, side, -1 if number is None else number)

    def _open_shelf(self, side: Side) -> Shelf | None:
        """The files of a side's export; None where the export is not at hand."""
        if side not in self.exports:
            return None
        return shelf_of(self.exports[side], self.case.input_digests[side])


def _first_showable(shelf: Shelf, names: Iterable[str], digest: str | None) -> Picture | None:
    """The first named file that fits the digest and that a browser can show."""
    for name in names:
        content = shelf.read(name)
        if content is not None and fits(content, digest):
            head = picture_head(content)
            if head is not None and head.is_showable:
                return Picture(content, head.media_type)
    return None
