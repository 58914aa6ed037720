"""Spreadsheets (.xlsx, .ods): the cells of one sheet as text, within the limits on unpacked size."""

import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING
from xml.parsers import expat

from reconcile.container_errors import ARCHIVE_ERRORS
from reconcile.errors import LimitExceeded, UnreadableSource
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.source import Source
from reconcile.intake.tables.ods import cells_of, refuse_doctype
from reconcile.intake.tables.parquet import check_cells, check_texts
from reconcile.intake.tables.shared_texts import size_of_shared_texts
from reconcile.intake.tables.xlsx_heads import sheet_parts, texts_of_formulas
from reconcile.lazy_modules import lazy_module
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

calamine = lazy_module("python_calamine")

Sheet = list[list[str]]


class Typed(str):
    """The text of a cell that holds a number or a date, and no words."""

    __slots__ = ()


ODS = ".ods"
_FAR_ROW = lazy_pattern(rb"""r=["'][A-Z]{0,3}([0-9]{5,7})["']""")
_TWO_LETTERS = lazy_pattern(rb"""r=["'][B-Z][A-Z][0-9]""")
_THREE_LETTERS = lazy_pattern(rb"""r=["'][A-Z]{3}[0-9]""")
# Cell addresses outside every sheet that the library still accepts: too many letters or digits, small letters, other
# signs.
_NO_ADDRESS = lazy_pattern(
    rb"""<(?:\w+:)?(?:c|row)\s(?:[^<>]*?\s)?r(?:\s+=|=\s|=["'](?:[A-Z]{4}|[A-Z]{0,3}[^A-Z0-9"'<>]|[A-Z]{0,3}[0-9]{8}))"""
)
# The library shows only one part of an element inside a value or a text.
_NESTED = lazy_pattern(rb"<[tv](?:\s[^<>]*[^<>/])?>[^<]*<[A-Za-z]")
_BEYOND_ALL = 2**31
# Of two cells at one address the library shows the last. Only the beginning of a sheet is searched, since gathering
# millions of addresses takes seconds.
_ADDRESS = lazy_pattern(rb"""<c\s(?:[^<>]*?\s)?r=["']([A-Z]+[0-9]+)["']""")
_ADDRESSED_BYTES = 2**24


def read_sheets(source: Source, file: Path, rows: int | None = None) -> dict[str, Sheet]:
    """Sheet name -> rows of cells as text, in order; dates in ISO form, whole numbers without a point.

    `rows` limits the rows of each sheet. Raises UnreadableSource for anything but a workbook, LimitExceeded for one
    that unpacks beyond the limits.
    """
    check_size(source, file)
    if rows is None:
        _check_well_formed(source, file)
    try:
        with file.open("rb") as stream:
            book = calamine.CalamineWorkbook.from_filelike(stream)
            sheets = {n: _sheet(book.get_sheet_by_name(n), rows) for n in book.sheet_names}
        return _with_texts_of_formulas(file, sheets)
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise UnreadableSource(source.path, f"{file}: cannot be read as a workbook ({error})") from None


def _sheet(sheet: "CalamineSheet", most: int | None) -> Sheet:
    """The cells of a sheet; a cell merged over several rows stands in each of them.

    So whoever looks at the sheet sees it.
    """
    rows = _text_cells(sheet.to_python(skip_empty_area=False, nrows=most))
    # Sound ranges do not overlap, so that they hold no more cells than the sheet.
    left = sum(map(len, rows))
    for (top, column), (bottom, _) in sheet.merged_cell_ranges or ():
        last = min(bottom, len(rows) - 1)
        left -= max(last - top, 0)
        if left < 0:
            break
        if top < last and column < len(rows[top]):
            for row in rows[top + 1 : last + 1]:
                row[column] = row[column] or rows[top][column]
    return rows


def _with_texts_of_formulas(file: Path, sheets: dict[str, Sheet]) -> dict[str, Sheet]:
    """The sheets with the text of formula cells without a value, which the library leaves empty."""
    if file.suffix.lower() not in (".xlsx", ".xlsm"):
        return sheets
    with zipfile.ZipFile(file) as archive:
        for name, member in sheet_parts(archive):
            rows = sheets.get(name, [])
            for row, column, text in texts_of_formulas(archive, member):
                if row < len(rows):
                    rows[row] += [""] * (column + 1 - len(rows[row]))
                    rows[row][column] = text
    return sheets


def is_workbook(source: Source, file: Path) -> bool:
    """Whether the file is a ZIP whose beginning names a workbook's parts. Never raises."""
    if source.head(file, 4) != b"PK\x03\x04":
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return False


def first_rows(source: Source, file: Path, sheet: str, rows: int) -> Sheet:
    """The first rows of a sheet; none where the file is no readable workbook or has no such sheet.

    Raises LimitExceeded as `read_sheets` does.
    """
    if not is_workbook(source, file):
        return []
    try:
        return read_sheets(source, file, rows=rows).get(sheet, [])
    except UnreadableSource:
        return []


def check_size(source: Source, file: Path) -> None:
    """Raise LimitExceeded where the workbook unpacks to too much or spans too many cells."""
    try:
        with zipfile.ZipFile(file) as archive:
            claimed = sum(i.file_size for i in archive.infolist())
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UnreadableSource(source.path, f"{file}: cannot be read as a workbook ({error})") from None
    packed = max(file.stat().st_size, 1)
    limits, said = source.limits, f"{file}: the workbook claims {claimed:,} bytes from {packed:,}"
    if claimed > limits.max_unpacked_bytes:
        raise LimitExceeded(source.path, f"{said}; {limits.named('max_unpacked_bytes')}")
    if claimed > 2**26 and claimed > packed * limits.max_unpack_ratio:
        raise LimitExceeded(source.path, f"{said}; {limits.named('max_unpack_ratio')}")
    _check_extent(source, file)
    try:
        with zipfile.ZipFile(file) as archive:
            check_texts(source, file, size_of_shared_texts(archive, packed * limits.max_unpack_ratio))
    except ARCHIVE_ERRORS as error:
        raise UnreadableSource(source.path, f"{file}: cannot be read as a workbook ({error})") from None


def _check_extent(source: Source, file: Path) -> None:
    """Raise LimitExceeded where a sheet spans too many cells."""

    # Two cells at far corners span everything between them, and the library allocates it at once.
    def look(name: str, stream: IO[bytes]) -> None:
        # A workbook may call any part a sheet; shared strings have no addresses.
        if name == "content.xml" and file.suffix.lower() == ODS:
            cells, text = cells_of(stream)
            check_cells(source, file, cells)
            check_texts(source, file, text)
        elif name != "xl/sharedStrings.xml":
            check_cells(source, file, _extent(stream))

    _each_part(source, file, look)


def _check_well_formed(source: Source, file: Path) -> None:
    """Raise UnreadableSource where a part is no well-formed XML."""

    # The library reads what it understands of a broken part and ignores the rest silently.
    def look(name: str, stream: IO[bytes]) -> None:
        if name.startswith("xl/"):
            _check_part(source, file, name, stream)

    _each_part(source, file, look)


def _each_part(source: Source, file: Path, look: Callable[[str, IO[bytes]], None]) -> None:
    """Call look with each XML part; raises UnreadableSource where a part stands twice."""
    try:
        with zipfile.ZipFile(file) as archive:
            seen = set[str]()
            for info in archive.infolist():
                if info.filename in seen:
                    # The library reads only one of them.
                    raise zipfile.BadZipFile(f"{info.filename} stands twice in it")
                seen.add(info.filename)
                if info.filename.endswith(".xml"):
                    with archive.open(info) as stream:
                        look(info.filename, stream)
    except (*ARCHIVE_ERRORS, expat.ExpatError) as error:
        raise UnreadableSource(source.path, f"{file}: cannot be read as a workbook ({error})") from None


def _check_part(source: Source, file: Path, part: str, stream: IO[bytes]) -> None:
    """Raise UnreadableSource for broken XML, nested texts or cells at one address."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse_doctype
    begun, seen = b"", 0
    try:
        while block := stream.read(2**22):
            parser.Parse(block)
            data = begun + block
            if _NESTED.search(data):
                raise expat.ExpatError("an element inside a text")
            seen += len(block)
            if seen <= _ADDRESSED_BYTES and "worksheets/" in part:
                addresses = _ADDRESS.findall(data)
                if len(set(addresses)) < len(addresses):
                    raise expat.ExpatError("two cells at one address")
            # A value or text shorter than a cell's limit may continue in the next block.
            begun = data[max(data.rfind(b"<t"), data.rfind(b"<v")) :][-(2**18) :]
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise UnreadableSource(
            source.path, f"{file}: its part {part} is no well-formed XML ({error}); ask for the workbook again"
        ) from None


def other_sheets(sheets: dict[str, Sheet], read: Sequence[str], name: str) -> list[Note]:
    """Notes on the sheets of a workbook that hold rows and are not read."""
    rows = {n: sum(map(any, sheet)) for n, sheet in sheets.items() if n not in read}
    return [Note(NoteCode.PART_UNSUPPORTED, f"{name}!{n}"[:200], "", count) for n, count in rows.items() if count]


def _extent(stream: IO[bytes]) -> int:
    """Rows by columns that a sheet's addresses span, from above."""
    rows, height, width, held, is_sheet = 0, 0, 52, b"", False
    while block := stream.read(2**24):
        data = held + block
        is_sheet = is_sheet or b"sheetData" in data
        rows += block.count(b"<row")
        height = max([height, *(int(n) for n in _FAR_ROW.findall(data))])
        if _NO_ADDRESS.search(data):
            return _BEYOND_ALL
        width = 16_384 if _THREE_LETTERS.search(data) else max(width, 702 if _TWO_LETTERS.search(data) else 0)
        held = data[-64:]
    return max(rows, height) * width if is_sheet else 0


def _text_cells(rows: Sequence[Sequence[object]]) -> Sheet:
    return [[_cell_text(c) for c in row] for row in rows]


def _cell_text(cell: object) -> str:
    """The cell as text; empty for an empty one."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return Typed(int(cell) if cell.is_integer() and abs(cell) < 2**53 else repr(cell))
    if isinstance(cell, datetime):
        return Typed(cell.isoformat(sep=" ", timespec="seconds"))
    return Typed(cell) if isinstance(cell, int | date | time | timedelta) else ""


def typed_cell_notes(label: str, numbers: list[int], columns: Iterable[list[str | None]]) -> list[Note]:
    """Notes on numbers and dates that a spreadsheet program made of words, in columns that hold words."""
    found = []
    for cells in columns:
        kinds = [*map(type, cells)]
        if 0 < kinds.count(Typed) < kinds.count(str):
            typed = (n for n, kind in enumerate(kinds) if kind is Typed)
            found += [Note(NoteCode.COERCED_CELL, f"{label}{numbers[n]}", str(cells[n])) for n in typed]
    return shorten_notes(found)
