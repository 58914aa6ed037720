"""A spreadsheet of OpenDocument is read like any other, and its repeated cells are counted before they are made."""

import io
import zipfile
from pathlib import Path
from xml.parsers import expat

import pytest

from reconcile.errors import LimitExceeded
from reconcile.formats.registry import all_readers
from reconcile.intake.contract import ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from reconcile.intake.tables.ods import cells_of
from reconcile.intake.tables.workbook import read_sheets

MANIFEST = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
NAMES = ("office", "table", "text")
SPACES = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in NAMES)


def cell(words: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {more}><text:p>{words}</text:p></table:table-cell>'


def content(*rows: str) -> str:
    held = "".join(rows)
    return f"<office:document-content {SPACES}><office:body><office:spreadsheet><table:table table:name='A'>{held}</table:table></office:spreadsheet></office:body></office:document-content>"


def book(path: Path, xml: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", xml)
        archive.writestr("META-INF/manifest.xml", MANIFEST)
    return path


def test_a_spreadsheet_of_opendocument_is_read(tmp_path: Path) -> None:
    rows = [("时间", "发送人", "内容"), *((f"2024-03-05 09:{i:02}:11", "甲乙"[i % 2], f"第{i}句") for i in range(6))]
    made = book(
        tmp_path / "a.ods", content(*(f"<table:table-row>{''.join(map(cell, r))}</table:table-row>" for r in rows))
    )
    messages = identify(all_readers(), Source(made)).read(Source(made), ReadOptions()).messages
    assert messages["text"].to_list() == [w for _, _, w in rows[1:]]


def test_only_cells_up_to_the_last_filled_one_count() -> None:
    empty = '<table:table-cell table:number-columns-repeated="1020"/>'
    rows = f'<table:table-row table:number-rows-repeated="5">{cell("x")}{cell("y", more="table:number-columns-repeated=" + chr(34) + "3" + chr(34))}{empty}</table:table-row>'
    rows += f'<table:table-row table:number-rows-repeated="1048000">{empty}</table:table-row>'
    assert cells_of(io.BytesIO(content(rows).encode()))[0] == 20


def test_a_row_repeated_without_end_is_refused_before_it_is_made(tmp_path: Path) -> None:
    wide = cell("x", more='table:number-columns-repeated="1024"')
    made = book(
        tmp_path / "a.ods", content(f'<table:table-row table:number-rows-repeated="1048000">{wide}</table:table-row>')
    )
    with pytest.raises(LimitExceeded):
        read_sheets(Source(made), made)
    with pytest.raises(LimitExceeded):
        identify(all_readers(), Source(made))


def test_a_document_type_is_refused() -> None:
    with pytest.raises(expat.ExpatError, match="document type"):
        cells_of(io.BytesIO(b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"))
