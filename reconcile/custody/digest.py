"""SHA-256 and SM3 of files and trees, checked against published vectors before first use."""

import hashlib
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives import hashes

from reconcile.errors import ReconcileError, UnreadableSource

CHUNK_BYTES = 4 * 2**20
# The digests of "abc" as both algorithms' own documents publish them.
VECTORS = {
    "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "sm3": "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
}


class Hasher(Protocol):
    """What a running digest offers."""

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""

    def hexdigest(self) -> str:
        """The digest of all bytes so far, lower-case hex."""


class _LibrarySM3:
    """SM3 from the cryptography package, for interpreters whose own OpenSSL was built without it."""

    def __init__(self) -> None:
        self._hash = hashes.Hash(hashes.SM3())

    def update(self, data: bytes, /) -> None:
        self._hash.update(data)

    def hexdigest(self) -> str:
        return self._hash.copy().finalize().hex()


def new(algorithm: str) -> Hasher:
    """A running digest, `sha256` or `sm3`; raises ReconcileError where this machine's function fails its test vector."""
    return _maker(algorithm)()


@cache
def _maker(algorithm: str) -> Callable[[], Hasher]:
    candidates: list[Callable[[], Hasher]] = [lambda: hashlib.new(algorithm)]
    if algorithm == "sm3":
        candidates.append(_LibrarySM3)
    for make in candidates:
        try:
            hasher = make()
        except ValueError:
            continue
        hasher.update(b"abc")
        if hasher.hexdigest() == VECTORS[algorithm]:
            return make
    raise ReconcileError(f"{algorithm}: this machine's function fails its published test vector; install Python anew")


def digest_bytes(data: bytes, algorithm: str = "sha256") -> str:
    """The digest of bytes, as hex."""
    hasher = new(algorithm)
    hasher.update(data)
    return hasher.hexdigest()


def digest_file(file: Path) -> tuple[int, str, str]:
    """(bytes read, SHA-256, SM3) of a file, read once and read-only. Raises UnreadableSource."""
    sha256, sm3, size = new("sha256"), new("sm3"), 0
    try:
        with file.open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                size += len(chunk)
                sha256.update(chunk)
                sm3.update(chunk)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreadableSource(file, f"{file}: cannot be read ({reason}); check the permissions") from None
    return size, sha256.hexdigest(), sm3.hexdigest()


def digest_tree(named: Iterable[tuple[str, str]], algorithm: str) -> str:
    """One digest over (name, hex digest) pairs.

    It is the digest of the lines `HEX  NAME` in byte order of the names, which is what `sha256sum` prints; in-toto calls
    it dirHash, so that anybody can compute it with the commands of any Unix machine.
    """
    hasher = new(algorithm)
    for name, value in sorted(named, key=lambda pair: pair[0].encode("utf-8", "surrogateescape")):
        hasher.update(f"{value}  {name}\n".encode("utf-8", "surrogateescape"))
    return hasher.hexdigest()
