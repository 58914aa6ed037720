"""The first rows of an XLSX workbook's sheets, unpacked no further than needed."""

import zipfile
from typing import Any

from reconcile.lazy_modules import lazy_module

etree = lazy_module("lxml.etree")

HEAD_ROWS = 40

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def parse_xml(data: bytes) -> Any:
    """The root element of a part of a workbook, parsed without entities or network."""
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))


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
    for cell in row.iter(f"{SHEET}c"):
        letters = "".join(ch for ch in cell.get("r", "") if ch.isalpha())
        place = 0
        for letter in letters[:3].upper():
            place = place * 26 + ord(letter) - 64
        cells.extend("" for _ in range((place or len(cells) + 1) - 1 - len(cells)))
        if cell.get("t") == "s":
            cells.append(int(cell.findtext(f"{SHEET}v") or -1))
        elif cell.get("t") == "inlineStr":
            cells.append("".join(t.text or "" for t in cell.iter(f"{SHEET}t")))
        else:
            cells.append(cell.findtext(f"{SHEET}v") or "")
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
