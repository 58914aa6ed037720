"""SHA-256 and SM3 of files and trees, checked against published vectors before first use.

Digests of large files can be begun early.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple, NoReturn, Protocol

from reconcile.errors import ReconcileError, UnreadableSource

Digests = tuple[int, str, str]

CHUNK_BYTES = 4 * 2**20
# The digests of "abc" as both algorithms' own documents publish them.
VECTORS = {
    "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "sm3": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
}


class Hasher(Protocol):
    """The interface of a running digest."""

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""

    def hexdigest(self) -> str:
        """The digest of all bytes so far, lower-case hex."""


class LibrarySM3:
    """SM3 from the cryptography package, for interpreters whose own OpenSSL was built without it."""

    def __init__(self) -> None:
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - only where the interpreter lacks it

        self._hash = hashes.Hash(hashes.SM3())

    def update(self, data: bytes, /) -> None:
        """Adds these bytes."""
        self._hash.update(data)

    def hexdigest(self) -> str:
        """The digest of all bytes so far, in hex."""
        return self._hash.copy().finalize().hex()


def new(algorithm: str) -> Hasher:
    """A running digest, `sha256` or `sm3`. Raises ReconcileError where it fails its test vector."""
    return _tested_maker(algorithm)()


@cache
def _tested_maker(algorithm: str) -> Callable[[], Hasher]:
    """The first implementation that gives the published digest. Raises ReconcileError for none."""
    candidates: list[Callable[[], Hasher]] = [lambda: hashlib.new(algorithm)]
    if algorithm == "sm3":
        candidates.append(LibrarySM3)
    for make in candidates:
        try:
            hasher = make()
        except ValueError:
            continue
        hasher.update(b"abc")
        if hasher.hexdigest() == VECTORS[algorithm]:
            return make
    raise ReconcileError(f"{algorithm}: this machine's function fails its published test vector; reinstall Python")


def digest_bytes(data: bytes, algorithm: str = "sha256") -> str:
    """The digest of bytes, as hex."""
    hasher = new(algorithm)
    hasher.update(data)
    return hasher.hexdigest()


def digest_file(file: Path, stopped: Event | None = None) -> Digests:
    """(bytes read, SHA-256, SM3) of a file, read once; uses what `begin` found for the same file.

    Once `stopped` is set it ends early, with meaningless digests. Raises UnreadableSource.
    """
    begun = BEGUN_EARLY.pop(_stamp_of(file), None) if BEGUN_EARLY else None
    if begun is None:
        return _digest_now(file, stopped)
    while not (stopped and stopped.is_set()):
        with suppress(TimeoutError):
            return begun.result(_LOOK_SECONDS)
    return 0, "", ""


def entry_of(file: Path) -> dict[str, Any]:
    """Size in bytes and both digests of a file, as manifests name them. Raises UnreadableSource."""
    size, sha256, sm3 = digest_file(file)
    return {"size": size, "sha256": sha256, "sm3": sm3}


def sha256_file(file: Path) -> str:
    """The SHA-256 of a file, computed now by reading it once. Raises UnreadableSource."""
    _, [value] = _digests_of(file, "sha256")
    return value


def begin(files: Iterable[Path]) -> int:
    """Starts digests of large files in a thread for `digest_file`; returns the total size in bytes.

    Only regular files count. A file that cannot be read causes no error here, but in `digest_file`.
    """
    found = [(file, stamp) for file in files if (stamp := _stamp_of(file))]
    pool = ThreadPoolExecutor(max_workers=1)
    BEGUN_EARLY.update((stamp, pool.submit(_digest_now, file)) for file, stamp in found if stamp.size >= LEAST_BEGUN)
    pool.shutdown(wait=False)
    return sum(stamp.size for _, stamp in found)


class _Stamp(NamedTuple):
    """Identity and state of a regular file; they differ once it has changed."""

    device: int
    inode: int
    size: int
    changed_ns: int


# A smaller file is digested faster than a thread starts.
LEAST_BEGUN = 2**20
# Seconds after which a digest checks again whether it is still wanted.
_LOOK_SECONDS = 0.2
BEGUN_EARLY: dict[_Stamp | None, Future[Digests]] = {}


def _stamp_of(file: Path) -> _Stamp | None:
    """The file's identity and state; None for anything but a regular file."""
    try:
        status = file.stat()
    except (OSError, ValueError):
        return None
    stamp = _Stamp(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    return stamp if stat.S_ISREG(status.st_mode) else None


def _digest_now(file: Path, stopped: Event | None = None) -> Digests:
    """The digests, computed now."""
    size, [sha256, sm3] = _digests_of(file, "sha256", "sm3", stopped=stopped)
    return size, sha256, sm3


def _digests_of(file: Path, *algorithms: str, stopped: Event | None = None) -> tuple[int, list[str]]:
    """Bytes read and one digest per algorithm, from one reading. Raises UnreadableSource."""
    hashers, size = [new(a) for a in algorithms], 0
    try:
        with file.open("rb") as stream:
            while (chunk := stream.read(CHUNK_BYTES)) and not (stopped and stopped.is_set()):
                size += len(chunk)
                for hasher in hashers:
                    hasher.update(chunk)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreadableSource(file, f"{file}: cannot be read ({reason}); check the permissions") from None
    return size, [h.hexdigest() for h in hashers]


def files_under(folder: Path) -> list[Path]:
    """Every regular file under a folder, by path; links are not followed.

    Raises UnreadableSource for a folder that cannot be opened.
    """
    found = (Path(top, name) for top, _, names in os.walk(folder, onerror=unopened) for name in names)
    return sorted(f for f in found if f.is_file())


def unopened(error: OSError) -> NoReturn:
    """Raises UnreadableSource for a folder that cannot be opened; `os.walk` would skip it silently."""
    folder = Path(error.filename)
    raise UnreadableSource(
        folder, f"{folder}: cannot be opened ({error.strerror or error}); check the permissions"
    ) from None


def digest_tree(named: Iterable[tuple[str, str]], algorithm: str) -> str:
    """One digest over (name, hex digest) pairs.

    It is the digest of the lines `HEX NAME` in byte order of the names, as `sha256sum` prints them (dirHash of
    in-toto), so anybody can compute it with standard Unix commands.
    """
    hasher = new(algorithm)
    for name, value in sorted(named, key=lambda pair: pair[0].encode("utf-8", "surrogateescape")):
        hasher.update(f"{value}  {name}\n".encode("utf-8", "surrogateescape"))
    return hasher.hexdigest()
