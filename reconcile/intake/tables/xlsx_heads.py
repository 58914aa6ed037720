"""The sheets of an XLSX workbook in its XML: their first rows, and the texts kept as formulas."""

import zipfile
from collections.abc import Iterator
from typing import Any

from reconcile.lazy_modules import lazy_module

etree = lazy_module("lxml.etree")

HEAD_ROWS = 40

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BLOCK = 2**20


def parse_xml(data: bytes) -> Any:
    """The root element of a part of a workbook, parsed without entities or network."""
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))


def sheet_parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Name and part of each sheet that the archive holds, in order."""
    targets = {e.get("Id"): e.get("Target", "") for e in parse_xml(archive.read("xl/_rels/workbook.xml.rels"))}
    for sheet in parse_xml(archive.read("xl/workbook.xml")).iter(f"{SHEET}sheet"):
        target = targets.get(sheet.get(_LINK), "")
        member = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        if member in archive.namelist():
            yield sheet.get("name", ""), member


def texts_of_formulas(archive: zipfile.ZipFile, member: str) -> Iterator[tuple[int, int, str]]:
    """Row and column (from 0) and the text of each cell whose formula has no value.

    A program that writes a text beginning with `=` as a formula computes none, and keeps the words in the formula.
    """
    if not _holds(archive, member, b"f>"):
        return
    number = 0
    with archive.open(member) as stream:
        for _, row in etree.iterparse(
            stream, tag=f"{SHEET}row", resolve_entities=False, no_network=True, huge_tree=False
        ):
            number = int(row.get("r") or number + 1)
            yield from ((number - 1, at, text) for at, cell in _placed(row) if (text := _formula_text(cell)))
            row.clear()


def _holds(archive: zipfile.ZipFile, member: str, sign: bytes) -> bool:
    """Whether a part of the archive holds these bytes."""
    before = b""
    with archive.open(member) as stream:
        while block := stream.read(_BLOCK):
            if sign in before + block:
                return True
            before = block[-len(sign) :]
    return False


def _formula_text(cell: Any) -> str:
    """The formula of a cell that no program computed; '' for every other cell.

    It has no value, an error for its value, or the 0 that a library writes in its place.
    """
    formula, value = cell.findtext(f"{SHEET}f") or "", cell.findtext(f"{SHEET}v") or ""
    is_computed = cell.get("t") == "str" or (cell.get("t") != "e" and value not in ("", "0"))
    return f"={formula}" if formula and not is_computed else ""


def _placed(row: Any) -> Iterator[tuple[int, Any]]:
    """The cells of a row with their columns, from 0."""
    at = 0
    for cell in row.iter(f"{SHEET}c"):
        place = 0
        for letter in [ch for ch in cell.get("r", "") if ch.isalpha()][:3]:
            place = place * 26 + ord(letter.upper()) - 64
        at = place or at + 1
        yield at - 1, cell


def first_sheet_rows(archive: zipfile.ZipFile, member: str) -> list[list[str]]:
    """The cells of a sheet's first HEAD_ROWS rows, with shared strings filled in."""
    rows: list[list[Any]] = []
    with archive.open(member) as stream:
        for _, row in etree.iterparse(
            stream, tag=f"{SHEET}row", resolve_entities=False, no_network=True, huge_tree=False
        ):
            number = int(row.get("r") or len(rows) + 1)
            if number > HEAD_ROWS:
                break
            rows.extend([] for _ in range(number - 1 - len(rows)))
            rows.append(_row_cells(row))
            row.clear()
    shared = _shared_strings(archive, {c for r in rows for c in r if isinstance(c, int)})
    return [[shared.get(c, "") if isinstance(c, int) else c for c in r] for r in rows]


def _row_cells(row: Any) -> list[Any]:
    """Cells of a row in their places: text, or the number of a shared string."""
    cells: list[Any] = []
    for place, cell in _placed(row):
        cells.extend("" for _ in range(place - len(cells)))
        if cell.get("t") == "s":
            cells.append(int(cell.findtext(f"{SHEET}v") or -1))
        elif cell.get("t") == "inlineStr":
            cells.append("".join(t.text or "" for t in cell.iter(f"{SHEET}t")))
        else:
            cells.append(_formula_text(cell) or cell.findtext(f"{SHEET}v") or "")
    return cells


def _shared_strings(archive: zipfile.ZipFile, wanted: set[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    if not wanted or "xl/sharedStrings.xml" not in archive.namelist():
        return found
    with archive.open("xl/sharedStrings.xml") as stream:
        for number, (_, item) in enumerate(
            etree.iterparse(stream, tag=f"{SHEET}si", resolve_entities=False, no_network=True, huge_tree=False)
        ):
            if number in wanted:
                found[number] = "".join(t.text or "" for t in item.iter(f"{SHEET}t"))
            item.clear()
            if number >= max(wanted):
                break
    return found
