"""Files that the user drops on the page: kept in the case's own folder, piece by piece, under names that cannot lead elsewhere."""

import os
import re
import shutil
from pathlib import Path

from reconcile.app.errors import Refused

MOST_PIECE = 4 * 2**20
MOST_BYTES = 4 * 2**30
"""What lies on this machine already is better named by its path than copied through the browser."""
MOST_PARTS, MOST_PART = 24, 200
KEPT_FREE = 2**28
_DRAFT = ".drop-"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def draft_of(area: Path, number: int) -> Path:
    """Where the files of a drop lie until all are there."""
    return area / f"{_DRAFT}{number}"


def begin(area: Path, number: int) -> None:
    """Makes room for a drop."""
    draft_of(area, number).mkdir(mode=0o700, parents=True)


def put_piece(area: Path, number: int, name: str, at: int, piece: bytes) -> None:
    """Writes a piece of a file of a drop. Pieces come in order; one sent again replaces itself. Raises Refused."""
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
    """Puts a drop in place; its one file or folder, or the folder that holds all of them. Raises Refused."""
    draft = draft_of(area, number)
    if not draft.is_dir() or not any(draft.iterdir()):
        raise Refused("no_such_drop", 404)
    place = area / str(number)
    draft.rename(place)
    inside = list(place.iterdir())
    return inside[0] if len(inside) == 1 else place


def discard(area: Path, number: int) -> None:
    """Deletes a drop that was put in place and then refused."""
    place = area / str(number)
    if not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)


def clear(area: Path) -> None:
    """Deletes drops that were never finished: the page was closed, or the program ended."""
    for draft in area.glob(f"{_DRAFT}*"):
        if not draft.is_symlink():
            shutil.rmtree(draft, ignore_errors=True)


def safe_parts(name: str) -> list[str]:
    """The parts of a relative path as a browser states it. Raises Refused for one that could lead elsewhere or name a device."""
    parts = name.split("/")
    if not 0 < len(parts) <= MOST_PARTS or any(_is_odd(part) for part in parts):
        raise Refused("odd_name")
    return parts


def _is_odd(part: str) -> bool:
    return (
        not part.strip(".")
        or part != part.strip(" ").rstrip(".")
        or len(part.encode()) > MOST_PART
        or any(sign in part for sign in '\\:<>"|?*')
        or bool(_CONTROL.search(part) or _RESERVED.fullmatch(part))
    )
