"""Spreadsheets (.xlsx): the cells of one sheet as text, within the limits on unpacked size."""

import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from reconcile.errors import LimitExceeded, UnreadableSource
from reconcile.intake.source import Source

Sheet = list[list[str]]


def read_sheets(source: Source, file: Path, rows: int | None = None) -> dict[str, Sheet]:
    """Sheet name -> rows of cells as text, in the workbook's order; dates in ISO form, whole numbers without a point.

    `rows` limits how many rows of each sheet are taken. Raises UnreadableSource for what is no workbook, LimitExceeded for one
    that unpacks beyond the limits.
    """
    _check_size(source, file)
    try:
        with file.open("rb") as stream:
            book = CalamineWorkbook.from_filelike(stream)
            return {
                n: _cells(book.get_sheet_by_name(n).to_python(skip_empty_area=False, nrows=rows))
                for n in book.sheet_names
            }
    except (CalamineError, OSError, ValueError) as error:
        raise UnreadableSource(source.path, f"{file}: cannot be read as a workbook ({error})") from None


def is_workbook(source: Source, file: Path) -> bool:
    """Whether the file is a ZIP whose beginning names a workbook's parts. Never raises."""
    if source.head(file, 4) != b"PK\x03\x04":
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def _check_size(source: Source, file: Path) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            claimed = sum(i.file_size for i in archive.infolist())
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UnreadableSource(source.path, f"{file}: cannot be read as a workbook ({error})") from None
    packed = max(file.stat().st_size, 1)
    if claimed > source.limits.max_unpacked_bytes or (
        claimed > 2**26 and claimed > packed * source.limits.max_unpack_ratio
    ):
        raise LimitExceeded(source.path, f"{file}: the workbook claims {claimed:,} bytes from {packed:,}")


def _cells(rows: Sequence[Sequence[object]]) -> Sheet:
    return [[_text(c) for c in row] for row in rows]


def _text(cell: object) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    return str(cell) if isinstance(cell, int | date | time | timedelta) else ""
