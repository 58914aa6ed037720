"""Lists everything under the paths to seal: files with size, time and digests, links, devices."""

import os
import stat
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path

from reconcile.digests import digest_file, unopened
from reconcile.errors import LimitExceeded, SourceChanged, UnreadableSource
from reconcile.settings import Limits


@dataclass(frozen=True, slots=True)
class Root:
    """One path as the user gave it: `name` is its prefix in the seal, `path` its place."""

    name: str
    path: Path
    is_folder: bool


@dataclass(frozen=True, slots=True)
class SealedFile:
    """One regular file: its name under its root, size in bytes, UTC time of change, digests.

    Names have forward slashes.
    """

    name: str
    size: int
    modified_at: str
    sha256: str
    sm3: str


@dataclass(frozen=True, slots=True)
class Other:
    """Anything that is no regular file: a link with its target, an empty folder, a device.

    It is not followed.
    """

    name: str
    kind: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Tree:
    """Everything found, in name order."""

    files: tuple[SealedFile, ...]
    others: tuple[Other, ...]


def roots_of(paths: Sequence[Path]) -> tuple[Root, ...]:
    """A uniquely named root for each path. Raises UnreadableSource for a missing path."""
    for path in paths:
        if not path.exists():
            raise UnreadableSource(path, f"{path}: no such file or folder; check the path")
    names = distinct([root_name(path) for path in paths])
    return tuple(Root(name, path, path.is_dir()) for name, path in zip(names, paths, strict=True))


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Unique names: the second `export.db` becomes `export.db (2)`, or the next free number."""
    found: dict[str, None] = {}  # in order
    for name in names:
        found[next(n for n in chain([name], (f"{name} ({i})" for i in count(2))) if n not in found)] = None
    return tuple(found)


def root_name(path: Path) -> str:
    """The name of a path that is sealed, links resolved: its last part."""
    return text_name(path.resolve().name or "root")


def scan(roots: Iterable[Root], limits: Limits | None = None) -> Tree:
    """The tree under the roots, every file read once.

    Raises SourceChanged when a file's size or time changed while it was read, LimitExceeded beyond the limit of files,
    UnreadableSource for a file or folder that cannot be opened, since nothing may be left out unnoticed.
    """
    bounds = limits or Limits()
    wanted: list[tuple[str, Path]] = []
    others: list[Other] = []
    for root in roots:
        _list_files(root, wanted, others)
        if len(wanted) > bounds.max_member_count:
            said = f"{root.path}: holds {len(wanted):,} files; seal parts of it one by one; {bounds.bound('max_member_count')}"
            raise LimitExceeded(root.path, said)
    with ThreadPoolExecutor(max_workers=2) as pool:
        files = pool.map(lambda pair: _sealed_file(*pair), wanted)
        return Tree(tuple(sorted(files, key=lambda f: f.name)), tuple(sorted(others, key=lambda o: o.name)))


def text_name(name: str) -> str:
    r"""A file name as JSON text; invalid UTF-8, line ends and backslashes become `\xNN`."""
    data = os.fsencode(name)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = ""
    if text and not set(text) & set("\\\n\r"):
        return text
    escaped = data.replace(b"\\", b"\\x5c").replace(b"\n", b"\\x0a").replace(b"\r", b"\\x0d")
    return escaped.decode("utf-8", "backslashreplace")


def _list_files(root: Root, wanted: list[tuple[str, Path]], others: list[Other]) -> None:
    """Adds the files under a root to `wanted`, and links, devices and empty folders to `others`."""
    if not root.is_folder:
        wanted.append((root.name, root.path))
        return
    for folder, names, members in os.walk(root.path, onerror=unopened, followlinks=False):
        names.sort()
        here = Path(folder)
        if not names and not members:
            others.append(Other(_name_in_tree(root, here), "empty_folder"))
        for member in members:
            _add_entry(root, here / member, wanted, others)
        for link in [n for n in names if (here / n).is_symlink()]:
            _add_entry(root, here / link, wanted, others)


def _add_entry(root: Root, path: Path, wanted: list[tuple[str, Path]], others: list[Other]) -> None:
    """Adds one path to `wanted` or `others`."""
    name = _name_in_tree(root, path)
    mode = path.lstat().st_mode
    if stat.S_ISREG(mode):
        wanted.append((name, path))
    elif stat.S_ISLNK(mode):
        others.append(Other(name, "link", text_name(str(path.readlink()))))
    else:
        others.append(Other(name, "device"))


def _name_in_tree(root: Root, path: Path) -> str:
    """The name of a path below its root, with forward slashes."""
    parts = [text_name(p) for p in path.relative_to(root.path).parts]
    return "/".join([root.name, *parts])


def _sealed_file(name: str, path: Path) -> SealedFile:
    """Size, time and digests of a file. Raises SourceChanged if it changes while it is read."""
    before = path.stat()
    size, sha256, sm3 = digest_file(path)
    after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or size != after.st_size:
        raise SourceChanged(path, f"{path}: changed while it was read; close the program that writes it and run again")
    modified = datetime.fromtimestamp(after.st_mtime, UTC).isoformat(timespec="seconds")
    return SealedFile(name, size, modified, sha256, sm3)
