"""The outline of a page for paper: what stays whole and what stays together."""

import io
import zipfile

from reconcile.report.docx_parts import Cell as WordCell
from reconcile.report.docx_parts import Table as WordTable
from reconcile.report.docx_parts import build
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
