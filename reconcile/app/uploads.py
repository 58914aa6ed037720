"""Files dropped on the page: stored piece by piece in the case's folder, under safe names."""

import os
import re
import shutil
from pathlib import Path

from reconcile.app.errors import Refused
from reconcile.patterns import lazy_pattern

MOST_PIECE = 4 * 2**20
MOST_BYTES = 4 * 2**30
"""Larger files on this machine are better named by path than copied through the browser."""
MOST_PARTS, MOST_PART = 24, 200
KEPT_FREE = 2**28
_DRAFT = ".drop-"
_CONTROL = lazy_pattern(r"[\x00-\x1f\x7f]")
# Names that some systems reserve, with any ending.
RESERVED = lazy_pattern(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def draft_of(area: Path, number: int) -> Path:
    """The folder of a drop until all its files are there."""
    return area / f"{_DRAFT}{number}"


def begin(area: Path, number: int) -> None:
    """Creates the folder for a drop."""
    draft_of(area, number).mkdir(mode=0o700, parents=True)


def put_piece(area: Path, number: int, name: str, at: int, piece: bytes) -> None:
    """Writes a piece of a dropped file. Pieces come in order; a repeated one replaces itself.

    Raises:
        Refused: the drop is unknown, the disk is full, the file is too large, or a piece is missing.
    """
    draft = draft_of(area, number)
    if not draft.is_dir() or draft.is_symlink():
        raise Refused("no_such_drop", 404)
    file = draft.joinpath(*safe_parts(name))
    if shutil.disk_usage(area).free < len(piece) + KEPT_FREE:
        raise Refused("disk_full", 507)
    if at + len(piece) > MOST_BYTES:
        raise Refused("too_large_to_drop", 413)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(file, flags, 0o600), "r+b") as held:
        if held.seek(0, os.SEEK_END) < at:
            raise Refused("piece_out_of_order", 409)
        held.seek(at)
        held.write(piece)
        held.truncate()


def finish(area: Path, number: int) -> Path:
    """Completes a drop; returns its only file or folder, or the folder of all its files. Raises Refused."""
    draft = draft_of(area, number)
    if not draft.is_dir() or not any(draft.iterdir()):
        raise Refused("no_such_drop", 404)
    place = area / str(number)
    draft.rename(place)
    inside = list(place.iterdir())
    return inside[0] if len(inside) == 1 else place


def discard(area: Path, number: int) -> None:
    """Deletes a completed drop that was then refused."""
    place = area / str(number)
    if not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)


def clear(area: Path) -> None:
    """Deletes unfinished drops, left when the page was closed or the program ended."""
    for draft in area.glob(f"{_DRAFT}*"):
        if not draft.is_symlink():
            shutil.rmtree(draft, ignore_errors=True)


def safe_parts(name: str) -> list[str]:
    """The parts of a relative path from a browser.

    Raises:
        Refused: the path could lead elsewhere, or names a device.
    """
    parts = name.split("/")
    if not 0 < len(parts) <= MOST_PARTS or any(_is_forbidden_name(part) for part in parts):
        raise Refused("odd_name")
    return parts


def _is_forbidden_name(part: str) -> bool:
    """Whether some system reserves or forbids the name."""
    return (
        not part.strip(".")
        or part != part.strip(" ").rstrip(".")
        or len(part.encode()) > MOST_PART
        or any(sign in part for sign in '\\:<>"|?*')
        or bool(_CONTROL.search(part) or RESERVED.fullmatch(part))
    )
