"""Tables of one document are read as what they are: pages of one table, or tables of their own."""

import io
import zipfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

import pytest

from reconcile.formats.inferred.reader import InferredForm
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.source import Source

HEADING = ("序号", "时间", "发言人", "内容")
ROWS = [
    (str(i), f"2024-03-0{1 + i // 4} 09:1{i}:05", "王欣" if i % 2 else "李广", f"这是第{i}句说的话") for i in range(10)
]


def table(rows: Sequence[Sequence[str]]) -> str:
    cells = (
        "".join(
            f"<w:tc>{c if c.startswith('<') else f'<w:p><w:r><w:t>{escape(c)}</w:t></w:r></w:p>'}</w:tc>" for c in r
        )
        for r in rows
    )
    return f"<w:tbl>{''.join(f'<w:tr>{r}</w:tr>' for r in cells)}</w:tbl>"


def read(path: Path, *tables: str) -> Reading:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        body = "<w:p><w:r><w:t>第1页</w:t></w:r></w:p>".join(tables)
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>')
    path.write_bytes(out.getvalue())
    return InferredForm().read(Source(path), ReadOptions())


def words(reading: Reading) -> list[tuple[str, str]]:
    return [*zip(reading.messages["sender"].to_list(), reading.messages["text"].to_list(), strict=True)]


ALL = [(r[2], r[3]) for r in ROWS]


@pytest.mark.parametrize("again", [(HEADING,), ()], ids=["heading on each page", "heading on the first page"])
def test_a_table_a_page_is_one_list(tmp_path: Path, again: tuple[tuple[str, ...], ...]) -> None:
    pages = [table([HEADING, *ROWS[:4]]), table([*again, *ROWS[4:9]]), table([*again, *ROWS[9:]])]
    reading = read(tmp_path / "a.docx", *pages)
    assert words(reading) == ALL
    assert reading.messages["conversation"].n_unique() == 1


def test_tables_with_columns_in_another_order_are_read_by_their_own_headings(tmp_path: Path) -> None:
    turned = [(r[0], r[2], r[1], r[3]) for r in (HEADING, *ROWS[5:])]
    assert words(read(tmp_path / "a.docx", table([HEADING, *ROWS[:5]]), table(turned))) == ALL
    # The second heading may stand amid the rows of one table.
    assert words(read(tmp_path / "b.docx", table([HEADING, *ROWS[:5], *turned]))) == ALL


def test_a_cell_merged_over_rows_speaks_for_each_of_them(tmp_path: Path) -> None:
    def merged(said: str) -> str:
        start = ' w:val="restart"' if said else ""
        return f"<w:tcPr><w:vMerge{start}/></w:tcPr><w:p><w:r><w:t>{said}</w:t></w:r></w:p>"

    days = [r[1][:10] for r in ROWS]
    rows = [
        (r[0], merged("" if i and days[i - 1] == days[i] else days[i]), r[1][11:], *r[2:]) for i, r in enumerate(ROWS)
    ]
    reading = read(tmp_path / "a.docx", table([("序号", "日期", "时刻", "发言人", "内容"), *rows]))
    assert words(reading) == ALL
    assert [f"{t:%d}" for t in reading.messages["sent_at"]] == [d[-2:] for d in days]
