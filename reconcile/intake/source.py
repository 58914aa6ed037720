"""A source opened read-only: its files, heads, archive members and digests before and after reading."""

import os
import re
import stat
import weakref
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from fnmatch import translate
from functools import cached_property
from pathlib import Path, PurePosixPath
from threading import Event
from typing import IO, BinaryIO, cast

from reconcile import temp_folders
from reconcile.container_errors import ARCHIVE_ERRORS
from reconcile.digests import digest_file, sha256_file
from reconcile.errors import LimitExceeded, UnreadableSource, changed_source
from reconcile.intake.archive import (
    check_member,
    is_document,
    is_plain_zip,
    member_name,
    unpack,
    zip_names,
)
from reconcile.intake.folders import archives_alone, is_beside, is_unicode, plain_alone, stat_or_none, walk
from reconcile.intake.limits import check_file, check_statement
from reconcile.patterns import lazy_pattern
from reconcile.settings import Limits

HEAD_BYTES = 65_536
CHUNK_BYTES = 4 * 2**20
# An archive that was sent lies in an archive, in another at most; a bomb has more levels.
_MOST_NESTED = 3
# And an archive that was sent holds no more archives than this.
_MOST_INSIDE = 20
# `https://…` as a path, where one of its slashes is lost. A drive of Windows has one letter.
_ADDRESS = lazy_pattern(r"[A-Za-z][A-Za-z0-9+.-]+:/")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file that a reading rests on: path relative to the source's parent, size in bytes, two digests.

    is_statement: it only says what an export is (a sidecar, a mapping of columns) and holds no row.
    """

    path: str
    size: int
    sha256: str
    sm3: str
    is_statement: bool = False


@dataclass(frozen=True)
class Source:
    """One export as the user named it: a file, folder or archive. Never writes or follows links.

    A plain ZIP is read as the folder that it holds, also inside a folder or ZIP that holds nothing else. A folder
    that holds one ZIP alone stands for it. An archive that is a format of its own (spreadsheet, forensic report) stays
    one file, whose members are available by `names` and `open`.

    `odd_members` counts non-objects in each file's list of messages, `doubled` values whose name occurs again.
    `stopped` is set once nobody needs the digests any more. `beside`, `rested`: what was given to `rest_on`.
    `memo` holds what a reader learnt while it looked at the source and needs again when it reads it; `heads` and `texts`
    the beginnings of files, as long as there is `room`.
    `left_out` names entries that are not read (links, devices), with the reason.

    Raises UnreadableSource where the path is missing, empty, a link, a device or not permitted, or a folder in it is.
    """

    path: Path
    limits: Limits = field(default_factory=Limits)
    left_out: list[tuple[str, str]] = field(default_factory=list, compare=False)
    odd_members: dict[str, int] = field(default_factory=dict, compare=False, repr=False)
    doubled: dict[str, int] = field(default_factory=dict, compare=False, repr=False)
    stopped: Event = field(default_factory=Event, compare=False, repr=False)
    beside: dict[str, SourceFile] = field(default_factory=dict, compare=False, repr=False)
    rested: set[Path] = field(default_factory=set, compare=False, repr=False)
    outlines: dict[Path, bytes] = field(default_factory=dict, compare=False, repr=False)
    heads: dict[Path, bytes] = field(default_factory=dict, compare=False, repr=False)
    texts: dict[bytes, str] = field(default_factory=dict, compare=False, repr=False)
    room: int = field(default=2**26, compare=False, repr=False)
    memo: dict[object, object] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not is_unicode(os.fspath(self.path)):
            raise UnreadableSource(
                self.path, f"{self.path}: its name holds bytes that are not UTF-8; rename it and try again"
            )
        try:
            mode = self.path.lstat().st_mode
        except FileNotFoundError:
            if _ADDRESS.match(str(self.path)):
                raise UnreadableSource(
                    self.path, f"{self.path}: an address, not a file; save the export on this machine and give its path"
                ) from None
            raise UnreadableSource(self.path, f"{self.path}: no such file or folder; check the path") from None
        except (OSError, ValueError) as error:
            raise UnreadableSource(self.path, f"{self.path}: cannot be opened ({error})") from None
        if stat.S_ISLNK(mode) and self.path.is_file():
            mode = self.path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise UnreadableSource(self.path, f"{self.path}: neither a file nor a folder; give the export itself")
        if stat.S_ISDIR(mode) and len(packed := archives_alone(self.path)) == 1:
            object.__setattr__(self, "path", packed[0])
        if not self.files:
            raise UnreadableSource(self.path, f"{self.path}: empty; expected an export")
        if self.is_file and self.path.stat().st_size == 0:
            raise UnreadableSource(self.path, f"{self.path}: empty file; expected an export")

    @cached_property
    def root(self) -> Path:
        """What readers look into: the path itself, or the folder that plain ZIPs were unpacked into."""
        folder = self.path
        is_packed = folder.is_file()
        packed = [folder] if is_packed and is_plain_zip(folder) else [] if is_packed else plain_alone(folder)
        for depth in range(_MOST_NESTED):
            if not packed or (depth and len(packed) > _MOST_INSIDE):
                break
            folder = unpack(packed, packed[0].parent if len(packed) == 1 else folder, self.limits, self.left_out)
            weakref.finalize(self, temp_folders.remove, folder)
            packed = plain_alone(folder)
        return folder

    @cached_property
    def is_file(self) -> bool:
        """Whether the source is a single file (not a folder, not a plain ZIP)."""
        return self.root.is_file()

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """Every regular file in path order, without links and devices. Raises LimitExceeded."""
        if self.is_file:
            return (self.path,)
        found: list[Path] = []
        for path, why in walk(self.root):
            if why:
                name = path.relative_to(self.root).as_posix().encode("utf-8", "replace").decode()
                self.left_out.append((name, why))
            else:
                found.append(path)
            if len(found) + len(self.left_out) > self.limits.max_member_count:
                raise LimitExceeded(
                    self.path,
                    f"{self.path}: too many files; name the export's own folder; {self.limits.named('max_member_count')}",
                )
        return tuple(sorted(found))

    def named(self, *patterns: str) -> tuple[Path, ...]:
        """The files whose name or relative path matches a pattern (glob, case-insensitive)."""
        if (found := self.memo.get(patterns)) is None:
            # A pattern without a folder is one of the file's own name.
            names = re.compile("|".join(translate(p.lower()) for p in patterns if "/" not in p) or r"(?!)")
            paths = [p.lower() for p in patterns if "/" in p]
            found = self.memo[patterns] = tuple(
                f for f, name in self._lowered
                if names.match(name) or any(PurePosixPath(self.relative(f).lower()).match(p) for p in paths)
            )  # fmt: skip
        return cast("tuple[Path, ...]", found)

    def ending(self, suffixes: tuple[str, ...]) -> tuple[Path, ...]:
        """The files whose names end like one of these, in path order."""
        if (found := self.memo.get(("ending", *suffixes))) is None:
            found = tuple(f for f, name in self._lowered if name.endswith(suffixes))
            self.memo["ending", *suffixes] = found
        return cast("tuple[Path, ...]", found)

    @cached_property
    def _lowered(self) -> tuple[tuple[Path, str], ...]:
        """Each file and its own name in small letters."""
        return tuple((f, f.name.lower()) for f in self.files)

    def relative(self, file: Path) -> str:
        """The file's name inside the source, with forward slashes; a single file gives its own name."""
        return file.name if self.is_file else file.relative_to(self.root).as_posix()

    def head(self, file: Path | None = None, size: int = HEAD_BYTES) -> bytes:
        """The first bytes of a file (default: the source), b'' where there is none. Raises OSError."""
        target = file or self.path
        if size >= HEAD_BYTES and (outline := self.outlines.get(target)) is not None:
            return outline
        if size <= HEAD_BYTES and (known := self.heads.get(target)) is not None:
            return known[:size]
        try:
            with target.open("rb") as stream:
                head = stream.read(max(size, HEAD_BYTES))
        except FileNotFoundError:
            return b""
        if size <= HEAD_BYTES and self.has_room(len(head)):
            self.heads[target] = head
        return head[:size]

    def has_room(self, size: int) -> bool:
        """Whether so many bytes of a file's beginning may be kept, which then count.

        Every reader looks at every file, and opening thousands of files dozens of times takes minutes.
        """
        object.__setattr__(self, "room", self.room - size)
        return self.room > 0

    @cached_property
    def zip_names(self) -> tuple[str, ...]:
        """Member names when the source is one ZIP archive, else (). Never raises."""
        return zip_names(self.path)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Relative names of the contents: a folder's files, an archive's members, or the file's own name.

        A spreadsheet is one file, although it is an archive.
        """
        if self.is_archive:
            return tuple(n for n in self._members if not n.endswith("/"))
        return tuple(self.relative(f) for f in self.files)

    @cached_property
    def is_archive(self) -> bool:
        """Whether `names` are the members of one archive that is a form of its own."""
        return self.is_file and bool(self.zip_names) and not is_document(self.zip_names)

    @cached_property
    def _members(self) -> dict[str, zipfile.ZipInfo]:
        with zipfile.ZipFile(self.path) as archive:
            return {member_name(i): i for i in sorted(archive.infolist(), key=lambda i: i.filename)}

    def open(self, name: str) -> BinaryIO:
        """A file or archive member of `names`, for reading.

        Raises UnreadableSource where it is not there, not permitted, broken or encrypted; LimitExceeded where it claims too much.
        """
        try:
            if not self.is_archive:
                return (self.path if self.is_file else self.root / name).open("rb")
            info = self._members[name]
            check_member(self.path, info, self.limits)
            # Closing the archive leaves the member's stream open, because zipfile counts references.
            with zipfile.ZipFile(self.path) as archive:
                return cast("BinaryIO", _Member(self.path, name, archive.open(info)))
        except KeyError:
            raise UnreadableSource(self.path, f"{self.path}: holds no {name!r}") from None
        except ARCHIVE_ERRORS as error:
            raise UnreadableSource(self.path, f"{self.path}: {name!r} cannot be read ({error})") from None

    def read(self, name: str) -> bytes:
        """All bytes of a small file or member of `names`.

        Errors as `open`, and UnreadableSource for a broken member.
        """
        with self.open(name) as stream:
            try:
                return stream.read()
            except OSError as error:
                raise UnreadableSource(self.path, f"{self.path}: {name!r} cannot be read ({error})") from None

    def peek(self, name: str, size: int = HEAD_BYTES) -> bytes:
        """The first bytes of a file or member of `names`; b'' where it cannot be read. Never raises."""
        try:
            with self.open(name) as stream:
                return stream.read(size)
        except (UnreadableSource, LimitExceeded, OSError):
            return b""

    def member(self, archive: zipfile.ZipFile, name: str) -> bytes:
        """One archive member's bytes, within the limits.

        Raises LimitExceeded for a member whose stated or real size or ratio is beyond the limits, UnreadableSource for one
        that is encrypted or broken.
        """
        info = archive.getinfo(name)
        check_member(self.path, info, self.limits)
        try:
            with archive.open(info) as stream:
                data = stream.read(info.file_size + 1)
        except RuntimeError as error:
            raise UnreadableSource(self.path, f"{self.path}: member {name!r} cannot be read ({error})") from None
        except ARCHIVE_ERRORS as error:
            raise UnreadableSource(self.path, f"{self.path}: member {name!r} is broken ({error})") from None
        return data

    def check_files(self) -> None:
        """Raises LimitExceeded for a file given that is too long or claims far more than the disk holds."""
        for file in self.given:
            check_file(self.path, file, self.limits)

    def digest(self) -> tuple[SourceFile, ...]:
        """Size, SHA-256 and SM3 of every given file, in path order; of a ZIP, the archive itself.

        Two files are digested at a time. Once `stopped` is set it ends early, with meaningless digests.
        """
        with ThreadPoolExecutor(max_workers=2) as pool:
            return tuple(pool.map(self._digest_file, self.given))

    @property
    def given(self) -> tuple[Path, ...]:
        """The files as the user gave them: a ZIP is one."""
        if self.path.is_file():
            return (self.path,)
        return self.files if self.root == self.path else tuple(sorted(f for f, why in walk(self.path) if not why))

    def rest_on(self, file: Path, *, is_statement: bool = False) -> None:
        """Digests a file beside a single export that is read with it; call this before opening it.

        Files inside the source, the export itself and what is no file have no digest of their own. Raises LimitExceeded.
        """
        self.rested.add(file)
        if self.is_file and file != self.path and file.name not in self.beside and is_beside(file):
            (check_statement if is_statement else check_file)(self.path, file, self.limits)
            self.beside[file.name] = replace(self._digest_file(file), is_statement=is_statement)

    def stamps(self) -> dict[str, tuple[int, int]]:
        """Size in bytes and modification time in ns of every given file, by `SourceFile.path`."""
        found = ((f, stat_or_none(f)) for f in self.given)
        return {self._given_name(f): (told.st_size, told.st_mtime_ns) for f, told in found if told is not None}

    def verify_unchanged(
        self, before: tuple[SourceFile, ...], stamped: Mapping[str, tuple[int, int]] | None = None
    ) -> None:
        """Raises SourceChanged when any file's bytes differ from `before`, or its stamp from `stamped`.

        The stamps, taken before reading, reveal a change between the reading and the first digest, which run at the
        same time.
        """
        after = self._sha256_only()
        changed = sorted(f.path for f in before if after.get(f.path) != f.sha256)
        changed += self.changed_since(stamped) if stamped is not None else []
        changed += sorted(set(after) - {f.path for f in before})
        if changed:
            raise changed_source(self.path, changed[0])

    def changed_since(self, stamped: Mapping[str, tuple[int, int]]) -> list[str]:
        """The names of files given whose stamps are no longer what they were, or which are not there any more."""
        now = self.stamps()
        gone = (self._given_name(f) for f in self.given if not is_beside(f))
        return sorted({*(name for name, stamp in stamped.items() if now.get(name) != stamp), *gone})

    def _sha256_only(self) -> dict[str, str]:
        own = (f for f in (*self.given, *(self.path.with_name(name) for name in self.beside)) if f.exists())
        return {self._given_name(f): sha256_file(f) for f in own}

    def _given_name(self, file: Path) -> str:
        """The file's name relative to the source."""
        if file == self.path or self.is_file:
            return file.name
        return file.relative_to(self.path if file.is_relative_to(self.path) else self.root).as_posix()

    def _digest_file(self, file: Path) -> SourceFile:
        _, sha256, sm3 = digest_file(file, self.stopped)
        return SourceFile(self._given_name(file), file.stat().st_size, sha256, sm3)


class _Member:
    """An archive member's stream, whose breakage is an UnreadableSource wherever it shows."""

    def __init__(self, path: Path, name: str, stream: IO[bytes]) -> None:
        self._path, self._name, self._stream = path, name, stream

    def read(self, size: int = -1) -> bytes:
        """The next bytes; all that are left for -1."""
        try:
            return self._stream.read(size)
        except ARCHIVE_ERRORS as error:
            raise UnreadableSource(self._path, f"{self._path}: {self._name!r} is broken ({error})") from None

    def close(self) -> None:
        """Ends the reading."""
        self._stream.close()

    def __enter__(self) -> "_Member":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
