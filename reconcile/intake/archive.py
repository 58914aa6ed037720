"""A plain ZIP, unpacked into a temporary folder that readers see as the packed folder.

Members whose paths lead outside are refused.
"""

import shutil
import stat
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from reconcile import temp_folders
from reconcile.container_errors import ARCHIVE_ERRORS
from reconcile.errors import OF_WRITING, LimitExceeded, UnreadableSource
from reconcile.settings import Limits

# An archive with one of these members is a format of its own (spreadsheet, forensic report, e-discovery slice),
# opened by its reader.
NATIVE_MEMBERS = frozenset({"[content_types].xml", "mimetype", "report.xml", "rsmf_manifest.json"})
# Here the archive as a whole is the document, and no member is read singly.
DOCUMENT_MEMBERS = frozenset({"[content_types].xml", "mimetype"})
# WeChatDataAnalysis writes both beside the conversation folders. Its reader looks into one archive, or into a folder.
NATIVE_PAIRS = (frozenset({"manifest.json", "report.json"}),)
JUNK = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_FLAG_UTF8 = 0x800
_LARGEST_LOCK = 1_024


_KINDS = {
    b"PK": "ZIP", b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!\x1a\x07": "RAR", b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "Zstandard",
    b"\x04\x22\x4d\x18": "LZ4",
}  # fmt: skip


def archive_kind(head: bytes) -> str:
    """The kind of archive or packed file that begins so; '' for none."""
    if head[257:262] == b"ustar":
        return "tar"
    return next((kind for mark, kind in _KINDS.items() if head.startswith(mark)), "")


def is_litter(name: str, size: int) -> bool:
    """Whether the file is a lock that an office program leaves beside an open document."""
    return name.startswith(("~$", ".~lock.")) and size <= _LARGEST_LOCK


def is_native(names: Iterable[str], *, is_one_of_several: bool = False) -> bool:
    """Whether an archive's members make it a form of its own, to be opened by its reader and not unpacked."""
    tops = {PurePosixPath(n).name.lower() for n in names if n.count("/") <= 1}
    return bool(tops & NATIVE_MEMBERS) or (not is_one_of_several and any(pair <= tops for pair in NATIVE_PAIRS))


def is_document(names: Iterable[str]) -> bool:
    """Whether an archive is a spreadsheet or text document."""
    return any(n.lower() in DOCUMENT_MEMBERS for n in names)


def member_name(info: zipfile.ZipInfo) -> str:
    """A member's name as its maker wrote it.

    Archives made on a Chinese Windows hold GBK names without saying so.
    """
    if info.flag_bits & _FLAG_UTF8:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def check_member(path: Path, info: zipfile.ZipInfo, limits: Limits) -> None:
    """Raises LimitExceeded for a member that claims too much, UnreadableSource for one that is encrypted."""
    said = f"{path}: member {info.filename[:80]!r} claims {info.file_size:,} bytes from {info.compress_size:,}"
    if info.file_size > limits.max_unpacked_bytes:
        raise LimitExceeded(path, f"{said}; {limits.named('max_unpacked_bytes')}")
    if info.file_size > 2**24 and info.file_size > limits.max_unpack_ratio * max(info.compress_size, 1):
        raise LimitExceeded(path, f"{said}; {limits.named('max_unpack_ratio')}")
    if info.flag_bits & 0x1:
        raise UnreadableSource(
            path, f"{path}: member {info.filename!r} is encrypted; unpack the archive with its password first"
        )


def check_claims(path: Path, members: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
    """Raises LimitExceeded for an archive of too many members, or of members that claim too much together."""
    if len(members) > limits.max_member_count:
        raise LimitExceeded(path, f"{path}: {len(members):,} members; {limits.named('max_member_count')}")
    claimed, packed = sum(i.file_size for i in members), path.stat().st_size
    said = f"{path}: its members claim {claimed:,} bytes from {packed:,}"
    if claimed > 2**26 and claimed > limits.max_unpack_ratio * packed:
        raise LimitExceeded(path, f"{said}; {limits.named('max_unpack_ratio')}")
    if claimed > limits.max_unpacked_bytes:
        raise LimitExceeded(path, f"{said}; {limits.named('max_unpacked_bytes')}")


def is_plain_zip(path: Path, *, is_one_of_several: bool = False) -> bool:
    """Whether a file is a whole ZIP archive that is no form of its own. Never raises."""
    names = zip_names(path)
    return bool(names) and not is_native(names, is_one_of_several=is_one_of_several)


def zip_names(path: Path) -> tuple[str, ...]:
    """The names of the members of a ZIP archive, in order; () for every other file. Never raises."""
    try:
        with path.open("rb") as stream:
            if stream.read(2) != b"PK":
                return ()
        with zipfile.ZipFile(path) as archive:
            return tuple(sorted(archive.namelist()))
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return ()


def is_junk(name: str) -> bool:
    """Whether a relative name is that of a file which systems leave beside the user's own."""
    return name.startswith(JUNK) or PurePosixPath(name).name in JUNK


def unpack(archives: Sequence[Path], below: Path, limits: Limits, left_out: list[tuple[str, str]]) -> Path:
    """The temporary folder with what the archives hold; the caller removes it.

    One archive fills the folder. Of several, each fills a folder that is named as the archive is, relative to `below`.
    `left_out` receives what is not unpacked: name and reason. Raises LimitExceeded for too many or too large members,
    and UnreadableSource for a broken or encrypted archive and for members whose names lead outside or occur twice.
    Links and bytes before the first member are left out.
    """
    target = temp_folders.make()
    path, claimed = below, 0
    try:
        for path in archives:
            place = target / path.relative_to(below).with_suffix("") if len(archives) > 1 else target
            # Two archives may differ in their suffixes alone.
            place = target / path.relative_to(below) if place.exists() and len(archives) > 1 else place
            place.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(path) as archive:
                claimed += sum(i.file_size for i in archive.infolist())
                if claimed > limits.max_unpacked_bytes:
                    raise LimitExceeded(
                        path, f"{path}: its members claim {claimed:,} bytes from {path.stat().st_size:,}; {limits.named('max_unpacked_bytes')}"
                    )  # fmt: skip
                _extract_archive(archive, path, place, limits, left_out)
    except BaseException as error:
        temp_folders.remove(target)
        if isinstance(error, OSError) and error.errno in OF_WRITING:
            raise OSError(error.errno, error.strerror, str(target.parent)) from None
        if isinstance(error, ARCHIVE_ERRORS):
            raise UnreadableSource(
                path, f"{path}: the archive is broken ({_short_reason(error)}); copy it again"
            ) from None
        raise
    return target


def _short_reason(error: BaseException) -> str:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(reason.split())[:120]


def _extract_archive(
    archive: zipfile.ZipFile, path: Path, target: Path, limits: Limits, left_out: list[tuple[str, str]]
) -> None:
    """Unpack an archive within the limits; what is skipped goes to left_out."""
    members = [i for i in archive.infolist() if not i.filename.endswith("/")]
    check_claims(path, members, limits)
    if before := min((i.header_offset for i in archive.infolist()), default=0):
        left_out.append((path.name, f"{before:,} bytes before the first member: another archive may stand there"))
    seen: set[str] = set()
    for info in members:
        name = member_name(info)
        if is_junk(name) or is_litter(PurePosixPath(name).name, info.file_size):
            continue
        if stat.S_ISLNK(info.external_attr >> 16):
            left_out.append((name, "link, not followed"))
            continue
        check_member(path, info, limits)
        place = target / safe_name(path, name)
        if str(place).lower() in seen:
            raise UnreadableSource(path, f"{path}: two members are named {name!r}; unpack the archive by hand")
        seen.add(str(place).lower())
        place.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(info) as stream, place.open("wb") as out:
            shutil.copyfileobj(stream, out, 2**20)


def safe_name(path: Path, name: str) -> str:
    """A member's relative name.

    Raises UnreadableSource where it is absolute, leads upward or holds control characters.
    """
    parts = PurePosixPath(name.replace("\\", "/")).parts
    odd = not parts or parts[0] == "/" or ".." in parts or ":" in parts[0] or any(ord(c) < 32 for c in name)
    if odd:
        raise UnreadableSource(path, f"{path}: member name {name[:120]!r} leads outside the archive; not opened")
    return "/".join(parts)
