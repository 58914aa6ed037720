"""Exports at remote addresses (s3://, gs://, http(s)://), fetched one case at a time.

The folder of a case is removed when the case is done. Nothing is written to remote addresses, and only addresses
named by the user or the manifest are opened.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from reconcile import temp_folders
from reconcile.errors import LimitExceeded, MissingExtra, UnreadableSource
from reconcile.patterns import lazy_pattern
from reconcile.settings import Limits
from reconcile.version import package_command

# `memory` is fsspec's store inside a process, for tests. `file` is missing because a path is written as a path.
SCHEMES = ("s3", "gs", "gcs", "https", "http", "memory")
_ADDRESS = lazy_pattern(r"^([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_PACKAGE = {"s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "http": "aiohttp", "https": "aiohttp"}
_MARKS = ("ETag", "etag", "md5Hash", "mtime", "LastModified", "updated", "created")


def is_remote(place: str) -> bool:
    """Whether a place is an address and not a path."""
    return _ADDRESS.match(place) is not None


def joined(base: str, place: str) -> str:
    """The address of a place that is relative to the manifest or folder at the address `base`."""
    return place if is_remote(place) else f"{base.rstrip('/')}/{place}"


def stamp(address: str) -> tuple[int, str]:
    """Size in bytes and a mark of the version, of a file or folder; (-1, '') where it is unknown."""
    try:
        system, path = opened(address)
        is_folder = _is_folder(system, path, address)
        found = system.find(path, detail=True) if is_folder else {path: system.info(path)}
    except (UnreadableSource, MissingExtra, *BROKEN):
        return (-1, "")
    sizes = sum(int(f.get("size") or 0) for f in found.values())
    return sizes, repr([(name, *(str(f.get(m)) for m in _MARKS if f.get(m))) for name, f in sorted(found.items())])


def opened(address: str) -> tuple[Any, str]:
    """Fsspec's file system of an address and the path in it.

    Raises UnreadableSource for a scheme that is not among SCHEMES, MissingExtra where the package for it is not installed.
    """
    from fsspec.core import url_to_fs  # noqa: PLC0415 - only where an address is named

    found = _ADDRESS.match(address)
    scheme = found.group(1).lower() if found else ""
    if scheme not in SCHEMES:
        raise UnreadableSource(
            address, f"{address}: addresses of this kind are not read; expected {', '.join(SCHEMES[:-1])} or a path"
        )
    try:
        system, path = url_to_fs(address)
    except (ImportError, ValueError) as error:
        package = _PACKAGE.get(scheme, scheme)
        raise MissingExtra(
            "remote", f"{address}: needs the package {package}; install it with: {package_command(package)} ({error})"
        ) from None
    return system, path


# What the stores raise for something absent, forbidden or unreachable. Their own classes are not known here.
BROKEN = (OSError, ValueError, RuntimeError, TimeoutError, EOFError, KeyError)


@contextmanager
def fetched(addresses: tuple[str, str], paths: tuple[Path, Path], limits: Limits) -> Iterator[tuple[Path, Path]]:
    """Both sides as local paths; fetched files are removed afterwards. '' = the side is a path already."""
    if not any(addresses):
        yield paths
        return
    with temp_folders.folder() as folder:
        sides = zip(addresses, paths, ("left", "right"), strict=True)
        left, right = (_fetch(a, folder / name, limits) if a else p for a, p, name in sides)
        yield left, right


def _fetch(address: str, folder: Path, limits: Limits) -> Path:
    """Fetches a file with its sidecar, or a folder.

    Raises UnreadableSource, LimitExceeded, MissingExtra.
    """
    system, path = opened(address)
    folder.mkdir()
    try:
        if _is_folder(system, path, address):
            return _fetch_folder(system, path, folder / name_of(address), limits)
        target = folder / name_of(address)
        _download_file(system, path, target, limits, address)
        beside = (
            str(PurePosixPath(path).with_suffix(".json")) if "://" not in path else re.sub(r"\.[^./]+$", ".json", path)
        )
        if beside != path and system.exists(beside):
            _download_file(system, beside, target.with_suffix(".json"), limits, address)
    except BROKEN as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise UnreadableSource(address, f"{address}: cannot be fetched ({reason}); check the address and the permission") from None  # fmt: skip
    return target


def _is_folder(system: Any, path: str, address: str) -> bool:
    """Whether the address is a folder; never on web servers, which have no reliable folders."""
    return not address.lower().startswith("http") and bool(system.isdir(path))


def name_of(address: str) -> str:
    """The last part of an address, without anything that could lead out of a folder."""
    name = PurePosixPath(address.split("?", 1)[0].rstrip("/")).name
    return re.sub(r"[\x00-\x1f/\\]", "_", name).strip(".") or "export"


def _download_file(system: Any, path: str, target: Path, limits: Limits, address: str) -> None:
    """Stores a remote file. Raises LimitExceeded."""
    size = 0
    with system.open(path, "rb") as source, target.open("wb") as out:
        while data := source.read(4 * 2**20):
            size += len(data)
            if size > limits.max_file_bytes:
                raise LimitExceeded(address, f"{address}: is longer; {limits.named('max_file_bytes')}")
            out.write(data)


def _fetch_folder(system: Any, path: str, folder: Path, limits: Limits) -> Path:
    """Stores the files of a remote folder below `folder`. Raises LimitExceeded."""
    files = system.find(path)
    if len(files) > limits.max_member_count:
        raise LimitExceeded(path, f"{path}: {len(files):,} files; {limits.named('max_member_count')}")
    for file in files:
        parts = PurePosixPath(file).relative_to(PurePosixPath(path)).parts
        target = folder.joinpath(*(name_of(p) for p in parts))
        target.parent.mkdir(parents=True, exist_ok=True)
        _download_file(system, file, target, limits, file)
    return folder


def read_bytes(address: str) -> bytes:
    """All bytes of a small file, such as a manifest. Raises UnreadableSource, MissingExtra."""
    system, path = opened(address)
    try:
        with system.open(path, "rb") as source:
            return bytes(source.read())
    except BROKEN as error:
        raise UnreadableSource(address, f"{address}: cannot be fetched ({error}); check the address") from None


def listing(address: str) -> tuple[list[str], list[str]]:
    """Names of the files and of the folders directly in a folder, sorted.

    Raises UnreadableSource, MissingExtra.
    """
    system, path = opened(address)
    try:
        found = system.ls(path, detail=True)
    except BROKEN as error:
        raise UnreadableSource(address, f"{address}: cannot be listed ({error}); check the address") from None
    kinds: dict[str, set[str]] = {"file": set(), "directory": set()}
    for entry in found:
        kinds.setdefault(str(entry["type"]), set()).add(PurePosixPath(str(entry["name"]).rstrip("/")).name)
    return sorted(kinds["file"]), sorted(kinds["directory"])
