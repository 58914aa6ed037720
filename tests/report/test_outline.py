"""The outline of a page for paper: what stays whole and what stays together."""

import io
import zipfile

from docx import Document
from docx.oxml.ns import qn

from reconcile.report.docx_parts import Cell as WordCell
from reconcile.report.docx_parts import Table as WordTable
from reconcile.report.docx_parts import build
from reconcile.report.docx_report import document_of
from reconcile.report.outline import Cell, Table, Words, outline_of, widths_of
from reconcile.report.pieces import Segment


def _cell(text: str) -> Cell:
    return Cell((Words((Segment(text=text),)),))


def test_a_column_holds_its_longest_word_beside_columns_of_running_text() -> None:
    table = Table((tuple(_cell(t) for t in ("No.", "Conversation", "words " * 40, "words " * 40)),), 1)

    widths = widths_of(table)

    assert widths[1] >= len("Conversation") * 0.55
    assert sum(widths) <= 54.1


def test_a_short_chinese_heading_is_not_broken_by_long_columns() -> None:
    table = Table((tuple(_cell(t) for t in ("序号", "视情况", "内容" * 60, "内容" * 60)),), 1)

    assert widths_of(table)[1] > len("视情况")


def test_what_introduces_a_table_stays_with_it() -> None:
    page = "<html><body><p>intro</p><table><tr><td>1</td></tr></table><p>after</p></body></html>"

    assert [b.leads for b in outline_of(page) if isinstance(b, Words)] == [True, False]


def test_small_lines_between_a_heading_and_its_table_stay_with_both() -> None:
    page = "<html><body><h3>1</h3><p class='small'>a</p><p class='small'>b</p><table><tr><td>1</td></tr></table></body></html>"

    assert [b.leads for b in outline_of(page) if isinstance(b, Words)] == [True, True]


def test_a_line_between_two_headings_is_left_behind_by_neither() -> None:
    page = "<html><body><h2>part</h2><p>intro</p><h3>first</h3><p>text</p></body></html>"

    assert [b.leads for b in outline_of(page) if isinstance(b, Words)] == [True, False]


def test_numbers_stand_on_the_right() -> None:
    (table,) = outline_of("<html><body><table><tr><td>rows</td><td class='n'>12</td></tr></table></body></html>")

    assert isinstance(table, Table)
    assert [c.is_number for c in table.rows[0]] == [False, True]


def test_title_captions_lists_and_tables_of_a_word_document_have_styles() -> None:
    page = "<html><body><h1>Title</h1><ul><li>one</li></ul><table><caption>Counts</caption><tr><td>1</td></tr></table></body></html>"

    document = Document(io.BytesIO(document_of(page, "Title", "en")))

    assert {"Title", "List Bullet", "Caption"} <= {p.style.name for p in document.paragraphs if p.style}
    assert [t.style.name for t in document.tables if t.style] == ["Table Grid"]


def test_pages_of_word_are_numbered_in_words_of_the_language() -> None:
    document = Document(io.BytesIO(document_of("<html><body><p>1</p></body></html>", "Title", "zh")))

    footer = document.sections[0].footer._element.xml
    assert [part in footer for part in ("第 ", " PAGE ", " NUMPAGES ", " 页")] == [True] * 4


def test_a_numbered_list_keeps_its_numbers_on_paper() -> None:
    page = "<html><body><ol><li>first</li><li>second</li></ol></body></html>"

    assert ["".join(r.text for r in b.runs) for b in outline_of(page) if isinstance(b, Words)] == [
        "1. first",
        "2. second",
    ]


def test_rows_of_a_short_excerpt_stay_on_one_page_of_word() -> None:
    rows = [[WordCell((Segment(text=str(n)),))] for n in range(3)]

    document = build([WordTable(["head"], rows, (1,), whole=True)], "title", "en")

    with zipfile.ZipFile(io.BytesIO(document)) as package:
        assert package.read("word/document.xml").count(b"<w:keepNext/>") == 3  # heading and all rows but the last


def test_a_block_for_signatures_stays_on_the_page_of_the_last_row_before_it() -> None:
    rows = "<tr><td>first</td></tr><tr><td>last</td></tr>"
    page = (
        f"<html><body><table>{rows}</table><p>note</p><table class='slots'><tr><td>sign</td></tr></table></body></html>"
    )

    document = Document(io.BytesIO(document_of(page, "Title", "zh")))

    kept = [p.text for p in document.element.body.iter(qn("w:p")) if p.pPr.keepNext is not None]
    assert kept == ["last", "", "note"]
