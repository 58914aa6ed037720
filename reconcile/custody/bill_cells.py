"""A statement's cells as text or numbers: CSV, XLSX, or either inside a ZIP with a password."""

import csv
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyzipper
from python_calamine import CalamineError, load_workbook

from reconcile.container_errors import ARCHIVE_ERRORS
from reconcile.errors import LimitExceeded, UnreadableSource
from reconcile.patterns import lazy_pattern
from reconcile.settings import Limits

# A year of a busy account is under 20,000 lines; a statement covers a year at most.
MAX_BYTES = 256 * 2**20
MAX_COLUMNS = 64
ENCODINGS = ("utf-8-sig", "gb18030")
_CELL = lazy_pattern(rb"""<(?:\w+:)?c\s[^>]*?\br\s*=\s*["']([A-Za-z]*)[^"'0-9>]{0,40}(\d+)""")

Cell = str | float | int | object


@dataclass(frozen=True, slots=True)
class Cells:
    """The statement's table: rows of cells, the form, the file or member name, and oddity codes."""

    rows: list[list[Any]]
    form: str
    name: str
    codes: tuple[str, ...] = ()


def load_cells(path: Path, password: str | None = None) -> Cells:
    """The cells of a statement. The password is not kept and appears in no error.

    Raises:
        UnreadableSource: missing, encrypted without the right password, or neither CSV nor XLSX.
        LimitExceeded: it claims more than any honest statement holds.
    """
    held = Limits()
    try:
        if not path.is_file():
            raise UnreadableSource(path, f"{path}: not a file; give the payment statement itself")
        if path.stat().st_size > MAX_BYTES:
            raise LimitExceeded(path, f"{path}: {path.stat().st_size:,} bytes; no payment statement is so large")
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableSource(path, f"{path}: cannot be read ({error.strerror or error})") from None
    if data[:2] == b"PK" and not _is_workbook(data):
        member, data, more = _unpack_archive(path, data, password, held)
        return _cells_of(path, member, data, more)
    return _cells_of(path, path.name, data, ())


def read_password(file: Path) -> str:
    """The password in the first line of a file. Raises UnreadableSource."""
    try:
        return file.read_text("utf-8").splitlines()[0].strip()
    except (OSError, UnicodeDecodeError, IndexError):
        raise UnreadableSource(file, f"{file}: no password in it; expected one line of text") from None


def _cells_of(path: Path, name: str, data: bytes, codes: tuple[str, ...]) -> Cells:
    """The table of a statement's bytes. Raises UnreadableSource for other forms."""
    if data[:2] == b"PK":
        return Cells(_workbook_rows(path, data), "xlsx", name, codes)
    if data[:5] == b"%PDF-":
        raise UnreadableSource(path, f"{path}: the stamped PDF; give the CSV or XLSX form of the same statement")
    for encoding in ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        more = () if encoding == "utf-8-sig" else ("encoding_changed",)
        return Cells(_csv_rows(path, text), "csv", name, (*codes, *more))
    raise UnreadableSource(path, f"{path}: neither CSV nor XLSX; give the statement as WeChat sent it")


def _csv_rows(path: Path, text: str) -> list[list[Any]]:
    """The rows of a CSV text. Raises UnreadableSource."""
    if "\0" in text:
        raise UnreadableSource(path, f"{path}: binary content; expected a CSV or XLSX statement")
    try:
        return [list(row) for row in csv.reader(io.StringIO(text, newline=""))]
    except csv.Error as error:
        raise UnreadableSource(path, f"{path}: not readable as CSV ({error})") from None


def _is_workbook(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def _unpack_archive(
    path: Path, data: bytes, password: str | None, limits: Limits
) -> tuple[str, bytes, tuple[str, ...]]:
    """Name and bytes of the only statement in a ZIP file, and the codes of its notes (`was_encrypted`)."""
    try:
        with pyzipper.AESZipFile(io.BytesIO(data)) as archive:
            members = [i for i in archive.infolist() if i.filename.lower().endswith((".csv", ".xlsx"))]
            if len(members) != 1:
                raise UnreadableSource(
                    path, f"{path}: holds {len(members)} statements (.csv or .xlsx); expected one, unpack and give one"
                )
            info = members[0]
            if info.file_size > min(MAX_BYTES, limits.max_unpacked_bytes):
                raise LimitExceeded(path, f"{path}: member claims {info.file_size:,} bytes; no statement is so large")
            encrypted = bool(info.flag_bits & 1)
            if encrypted and not password:
                raise UnreadableSource(
                    path, f"{path}: encrypted; give the password that WeChat Pay sent (by file or when asked)"
                )
            content = _read_member(path, archive, info, password)
    except (zipfile.BadZipFile, pyzipper.BadZipFile, NotImplementedError, ValueError, EOFError, KeyError) as error:
        raise UnreadableSource(path, f"{path}: broken ZIP ({error})") from None
    return info.filename, content, ("was_encrypted",) if encrypted else ()


def _read_member(path: Path, archive: Any, info: Any, password: str | None) -> bytes:
    """The content of one member. Raises UnreadableSource for a wrong password, LimitExceeded if large."""
    try:
        with archive.open(info, pwd=password.encode() if password else None) as stream:
            data: bytes = stream.read(MAX_BYTES + 1)
    except RuntimeError:
        raise UnreadableSource(path, f"{path}: the password does not open it; type it again") from None
    except OSError:
        raise
    except Exception:  # the library ends in errors of any kind where a header and its body contradict each other
        raise UnreadableSource(path, f"{path}: the password does not open it, or it is broken") from None
    if len(data) > MAX_BYTES:
        raise LimitExceeded(path, f"{path}: unpacks to more than {MAX_BYTES:,} bytes; no statement is so large")
    return data


def _workbook_rows(path: Path, data: bytes) -> list[list[Any]]:
    """The rows of the first sheet. Raises UnreadableSource or LimitExceeded."""
    _check_extent(path, data)
    try:
        book = load_workbook(io.BytesIO(data))
        return [list(row) for row in book.get_sheet_by_index(0).to_python(skip_empty_area=False)]
    except (CalamineError, ValueError, IndexError, OSError) as error:
        raise UnreadableSource(path, f"{path}: not readable as XLSX ({str(error)[:120]})") from None


def _check_extent(path: Path, data: bytes) -> None:
    """Raises LimitExceeded for a workbook whose sheets would expand beyond any honest statement."""
    # A cell at a far corner would expand to a table of billions of cells, so addresses are checked before loading.
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                if info.file_size > MAX_BYTES:
                    raise LimitExceeded(path, f"{path}: {info.filename} claims {info.file_size:,} bytes")
                if info.filename.endswith(".xml") and info.filename != "xl/sharedStrings.xml":
                    _check_sheet(path, archive.read(info))
    except ARCHIVE_ERRORS as error:
        raise UnreadableSource(path, f"{path}: broken XLSX ({error})") from None


def _check_sheet(path: Path, xml: bytes) -> None:
    """Raises LimitExceeded for cells too far to the right, or too few cells over too many rows."""
    if b"sheetData" not in xml:
        return
    count, highest = 0, 0
    for match in _CELL.finditer(xml):
        count += 1
        highest = max(highest, int(match[2][:12]))
        if len(match[1]) > 2 or (len(match[1]) == 2 and match[1].upper() > b"BL"):
            raise LimitExceeded(path, f"{path}: cells beyond column {MAX_COLUMNS}; a statement has eleven")
    if highest > count + 10_000:
        raise LimitExceeded(path, f"{path}: {count:,} cells spread over {highest:,} rows; no statement has so many")
