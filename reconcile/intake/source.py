"""A source opened read-only: its files, heads, archive members and digests before and after reading."""

import hashlib
import stat
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from reconcile.errors import LimitExceeded, SourceChanged, UnreadableSource
from reconcile.settings import Limits

HEAD_BYTES = 65_536
CHUNK_BYTES = 4 * 2**20


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file that a reading rests on: path relative to the source's parent, size in bytes, two digests."""

    path: str
    size: int
    sha256: str
    sm3: str


@dataclass(frozen=True)
class Source:
    """One export as the user named it: a file, a folder or an archive. Nothing here writes or follows links.

    Raises UnreadableSource when the path is missing, empty, a link, a device or not permitted.
    """

    path: Path
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        try:
            mode = self.path.lstat().st_mode
        except FileNotFoundError:
            raise UnreadableSource(self.path, f"{self.path}: no such file or folder; check the path") from None
        except (OSError, ValueError) as error:
            raise UnreadableSource(self.path, f"{self.path}: cannot be opened ({error})") from None
        if stat.S_ISLNK(mode) and self.path.is_file():
            mode = self.path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise UnreadableSource(self.path, f"{self.path}: neither a file nor a folder; give the export itself")
        if not self.files:
            raise UnreadableSource(self.path, f"{self.path}: empty; expected an export")
        if self.is_file and self.path.stat().st_size == 0:
            raise UnreadableSource(self.path, f"{self.path}: empty file; expected an export")

    @property
    def is_file(self) -> bool:
        """Whether the source is a single file."""
        return self.path.is_file()

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """Every regular file of the source in path order; links and devices are left out. LimitExceeded when too many."""
        if self.is_file:
            return (self.path,)
        found: list[Path] = []
        for folder, names, members in self.path.walk() if hasattr(self.path, "walk") else _walk(self.path):
            names.sort()
            found.extend(folder / m for m in members if _is_regular(folder / m))
            if len(found) > self.limits.max_member_count:
                raise LimitExceeded(
                    self.path,
                    f"{self.path}: more than {self.limits.max_member_count:,} files; name the export's own folder",
                )
        return tuple(sorted(found))

    def named(self, *patterns: str) -> tuple[Path, ...]:
        """The files whose path matches one of the patterns (case-insensitive glob on the name or on the relative path)."""
        lowered = [p.lower() for p in patterns]
        return tuple(f for f in self.files if any(PurePosixPath(self.relative(f).lower()).match(p) for p in lowered))

    def relative(self, file: Path) -> str:
        """The file's name inside the source, with forward slashes; a single file gives its own name."""
        return file.name if self.is_file else file.relative_to(self.path).as_posix()

    def head(self, file: Path | None = None, size: int = HEAD_BYTES) -> bytes:
        """The first bytes of a file (default: the source itself, when it is one); b'' where it cannot be read."""
        target = file or self.path
        try:
            with target.open("rb") as stream:
                return stream.read(size)
        except OSError:
            return b""

    @cached_property
    def zip_names(self) -> tuple[str, ...]:
        """Member names when the source is one ZIP archive, else (). Never raises."""
        if not self.is_file or self.head(size=4)[:2] != b"PK":
            return ()
        try:
            with zipfile.ZipFile(self.path) as archive:
                return tuple(sorted(archive.namelist()))
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
            return ()

    def member(self, archive: zipfile.ZipFile, name: str) -> bytes:
        """One archive member's bytes, within the limits.

        Raises LimitExceeded for a member whose stated or real size or ratio is beyond the limits, UnreadableSource for one
        that is encrypted or broken.
        """
        info = archive.getinfo(name)
        too_large = info.file_size > self.limits.max_unpacked_bytes
        too_dense = info.file_size > 2**24 and info.file_size > self.limits.max_unpack_ratio * max(
            info.compress_size, 1
        )
        if too_large or too_dense:
            raise LimitExceeded(
                self.path, f"{self.path}: member {name!r} claims {info.file_size:,} bytes from {info.compress_size:,}"
            )
        try:
            with archive.open(info) as stream:
                data = stream.read(info.file_size + 1)
        except RuntimeError as error:
            raise UnreadableSource(self.path, f"{self.path}: member {name!r} cannot be read ({error})") from None
        except (OSError, zipfile.BadZipFile, EOFError, NotImplementedError, ValueError) as error:
            raise UnreadableSource(self.path, f"{self.path}: member {name!r} is broken ({error})") from None
        return data

    def digest(self) -> tuple[SourceFile, ...]:
        """Size, SHA-256 and SM3 of every file, in path order. Large files are read once, two files at a time."""
        with ThreadPoolExecutor(max_workers=2) as pool:
            return tuple(pool.map(self._digest_file, self.files))

    def verify_unchanged(self, before: tuple[SourceFile, ...]) -> None:
        """Raises SourceChanged when any file's bytes differ from `before`."""
        after = {f.path: f.sha256 for f in self._sha256_only()}
        changed = sorted(f.path for f in before if after.get(f.path) != f.sha256)
        changed += sorted(set(after) - {f.path for f in before})
        if changed:
            raise SourceChanged(
                self.path, f"{self.path}: {changed[0]} changed while it was read; copy the export and run again"
            )

    def _sha256_only(self) -> list[SourceFile]:
        return [
            SourceFile(self.relative(f), f.stat().st_size, _file_digest(self.path, f, "sha256")[0], "")
            for f in self.files
            if f.exists()
        ]

    def _digest_file(self, file: Path) -> SourceFile:
        sha256, sm3 = _file_digest(self.path, file, "sha256", "sm3")
        return SourceFile(self.relative(file), file.stat().st_size, sha256, sm3)


def sm3_hex(data: bytes) -> str:
    """SM3 (GB/T 32905) of bytes, as hex. Source: OpenSSL's implementation through hashlib."""
    return hashlib.new("sm3", data).hexdigest()


def _file_digest(source: Path, file: Path, *algorithms: str) -> tuple[str, ...]:
    hashes = [hashlib.new(a) for a in algorithms]
    try:
        with file.open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                for h in hashes:
                    h.update(chunk)
    except OSError as error:
        raise UnreadableSource(
            source, f"{file}: cannot be read ({error.strerror or error}); check the permissions"
        ) from None
    return tuple(h.hexdigest() for h in hashes)


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _walk(folder: Path) -> "list[tuple[Path, list[str], list[str]]]":
    import os  # noqa: PLC0415 - Path.walk is there from 3.12 on; this branch goes with 3.11

    return [(Path(top), names, members) for top, names, members in os.walk(folder, followlinks=False)]
