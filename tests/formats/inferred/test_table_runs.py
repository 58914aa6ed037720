"""Tables of one document are read as what they are: pages of one table, or tables of their own."""

import io
import zipfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

import pytest

from reconcile.errors import UsageError
from reconcile.formats.inferred.reader import InferredForm
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.source import Source
from tests.build.readings import read_text

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


BLOCKS = [HEADING, *ROWS[:5], *[(r[0], r[2], r[1], r[3]) for r in (HEADING, *ROWS[5:])]]


def test_parts_of_a_sheet_or_page_with_columns_in_another_order_are_read_by_their_own_headings(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("\n".join(",".join(r) for r in BLOCKS), "utf-8")
    assert words(InferredForm().read(Source(tmp_path / "a.csv"), ReadOptions())) == ALL
    rule = ("---",) * len(HEADING)
    lines = [("| " + " | ".join(r) + " |") for r in (HEADING, rule, *BLOCKS[1:6])]
    lines += ["", "## 续", "", *("| " + " | ".join(r) + " |" for r in (BLOCKS[6], rule, *BLOCKS[7:]))]
    (tmp_path / "a.md").write_text("\n".join(lines), "utf-8")
    assert words(InferredForm().read(Source(tmp_path / "a.md"), ReadOptions())) == ALL
    tables = ["".join(f"<tr>{''.join(f'<td>{c}</td>' for c in r)}</tr>" for r in t) for t in (BLOCKS[:6], BLOCKS[6:])]
    page = f"<html><body><table>{tables[0]}</table><div><table>{tables[1]}</table></div></body></html>"
    (tmp_path / "a.html").write_text(page, "utf-8")
    assert words(InferredForm().read(Source(tmp_path / "a.html"), ReadOptions())) == ALL


def test_feet_of_pages_and_remarks_below_a_table_are_no_messages(tmp_path: Path) -> None:
    lines = [HEADING, *ROWS[:5], ("", "", "", "第1页"), HEADING, *ROWS[5:], ("说明", "由本人整理，与原件一致", "", "")]
    (tmp_path / "a.csv").write_text("\n".join(",".join(r) for r in lines), "utf-8")
    assert words(InferredForm().read(Source(tmp_path / "a.csv"), ReadOptions())) == ALL


def test_days_in_rows_above_each_heading_date_the_rows(tmp_path: Path) -> None:
    lines = [
        line
        for day in sorted({r[1][:10] for r in ROWS})
        for line in (f"{day},,", "时刻,发言人,内容", *(f"{r[1][11:]},{r[2]},{r[3]}" for r in ROWS if r[1][:10] == day))
    ]
    (tmp_path / "a.csv").write_text("\n".join(lines), "utf-8")
    reading = InferredForm().read(Source(tmp_path / "a.csv"), ReadOptions())
    assert words(reading) == ALL
    assert [f"{t:%d}" for t in reading.messages["sent_at"]] == [r[1][8:10] for r in ROWS]


def test_a_sender_that_may_stand_in_the_first_row_of_each_run_alone_is_asked_about(tmp_path: Path) -> None:
    lines = [f"2024-03-04 09:{i:02}:05,{('李广', '王欣')[i % 2] if i % 5 else ''},第{i}句" for i in range(30)]
    (tmp_path / "a.csv").write_text("\n".join(["时间,发言人,内容", *lines]), "utf-8")
    with pytest.raises(UsageError, match="sender: 发言人"):
        InferredForm().read(Source(tmp_path / "a.csv"), ReadOptions())


def test_what_stands_above_the_heading_and_rows_of_one_cell_are_noted(tmp_path: Path) -> None:
    rows = ["说明：仅摘录与付款有关的内容,,,", "序号,时间,发送人,内容", "1,2024-03-05 10:00,张三,第一句", "（中间略）,,,", "2,2024-03-05 10:05,李四,第二句"]  # fmt: skip
    reading = read_text(tmp_path, "\n".join(rows), "a.csv")
    assert reading.messages["text"].to_list() == ["第一句", "第二句"]
    assert {"说明：仅摘录与付款有关的内容", "（中间略）"} <= {n.excerpt for n in reading.notes}
