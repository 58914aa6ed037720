"""What a folder holds: every file below it, and the archives that lie in it alone."""

import os
from collections.abc import Iterator
from pathlib import Path

from reconcile.digests import unopened
from reconcile.intake.archive import is_document, is_junk, is_litter, is_plain_zip, zip_names


def stat_or_none(file: Path) -> os.stat_result | None:
    """The facts of a file; None where it is not there or not permitted."""
    try:
        return file.stat()
    except OSError:
        return None


def is_beside(path: Path) -> bool:
    """Whether a regular file of that name is there; never raises, not even for a name that grew too long."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_unicode(name: str) -> bool:
    """Whether the name is valid Unicode."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def archives_alone(folder: Path) -> list[Path]:
    """The ZIP archives of a folder that holds no other file, in path order; [] for every other folder.

    A workbook or Word file is no archive here, since the names of its folders say whose chat it holds.
    """
    found = []
    for file, why in walk(folder):
        if not is_junk(file.relative_to(folder).as_posix()):
            if why or not (names := zip_names(file)) or is_document(names):
                return []
            found.append(file)
    return sorted(found)


def plain_alone(folder: Path) -> list[Path]:
    """The plain ZIP archives of a folder that holds no other file; [] for every other folder."""
    found = archives_alone(folder)
    return found if all(is_plain_zip(f, is_one_of_several=len(found) > 1) for f in found) else []


def walk(root: Path) -> Iterator[tuple[Path, str]]:
    """Every entry below a folder that is no folder, with the reason if left out ('' = a file).

    Never follows a link.
    """
    left = [root]
    while left:
        folder = left.pop()
        try:
            with os.scandir(folder) as entries:
                listed = list(entries)
        except OSError as error:
            # An unreadable folder is part of the export, and its owner can open it.
            unopened(error)
        for entry in listed:
            if entry.is_dir(follow_symlinks=False):
                left.append(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                if not is_litter(entry.name, entry.stat(follow_symlinks=False).st_size):
                    yield Path(entry.path), "" if is_unicode(entry.name) else "name holds bytes that are no UTF-8"
            else:
                yield Path(entry.path), "link, not followed" if entry.is_symlink() else "neither file nor folder"
