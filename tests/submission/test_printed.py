"""A PDF with text is read as the paragraphs and tables that were printed, however its lines break."""

import importlib.util
from pathlib import Path

import pytest

from reconcile.submission.run import read_submission
from tests.browser import new_tab
from tests.build.screens import lacking_to_draw

HAS_EXTRA = all(importlib.util.find_spec(m) for m in ("pypdfium2", "cv2"))
LACKING = lacking_to_draw() if HAS_EXTRA else "the extra `ocr` is not installed"
pytestmark = pytest.mark.skipif(bool(LACKING), reason=LACKING or "can print")
STYLE = """<meta charset="utf-8"><style>body{font:16px "Noto Sans CJK SC"} table{border-collapse:collapse;
table-layout:fixed;width:100%} td{border:1px solid black;overflow-wrap:break-word}</style>"""
WORDS = "第{}批货款 12,800元请于3月{}日前付清，逾期按每日千分之三计，发票另开，运费由你方承担，送到万达二号仓库"
ROWS = [
    (f"2024-03-01 09:{n:02}:05", "雪梅-装饰工程" if n % 3 else "Lucky", WORDS.format(n, n + 1) if n % 2 else f"好的{n}")
    for n in range(40)
]
BARE = str.maketrans("", "", " ")


def printed(folder: Path, body: str) -> list[tuple[str | None, str, str]]:
    page = new_tab()
    page.set_content(STYLE + body)
    page.pdf(path=str(folder / "s.pdf"), display_header_footer=True, margin={"top": "60px", "bottom": "60px"})
    page.close()
    messages = read_submission(folder / "s.pdf").reading.messages
    times = messages["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.to_string("%Y-%m-%d %H:%M:%S")
    rows = zip(times, messages["sender"], messages["text"], strict=True)
    return [(t, s, x.translate(BARE)) for t, s, x in rows]


EXPECTED = [(t, s, x.translate(BARE)) for t, s, x in ROWS]


def test_rows_of_a_printed_table_are_put_together_from_its_cells(tmp_path: Path) -> None:
    head = "<tr><td>时间</td><td>发送人</td><td>内容</td></tr>"
    cells = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in ROWS)
    assert printed(tmp_path, f"<p>微信聊天记录整理表</p><table>{head}{cells}</table>") == EXPECTED


def test_a_row_that_goes_on_on_the_next_page_is_one_row(tmp_path: Path) -> None:
    cells = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in ROWS)
    wide = "<style>td{height:80px;vertical-align:bottom;break-inside:auto} tr{break-inside:auto}</style>"
    head = "<tr><td>时间</td><td>发送人</td><td>内容</td></tr>"
    assert printed(tmp_path, f"{wide}<table>{head}{cells}</table>") == EXPECTED


def test_a_printed_paragraph_goes_on_until_the_next_time_and_name(tmp_path: Path) -> None:
    assert printed(tmp_path, "".join(f"<p>{t} {s}：{x}</p>" for t, s, x in ROWS)) == EXPECTED


def test_a_table_without_rules_is_read_where_no_cell_breaks(tmp_path: Path) -> None:
    short = [(t, s, x[:9]) for t, s, x in ROWS]
    cells = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>" for row in short)
    bare = "<style>td{border:none}</style><table><tr><td>时间</td><td>发送人</td><td>内容</td></tr>"
    assert printed(tmp_path, f"{bare}{cells}</table>") == [(t, s, x.translate(BARE)) for t, s, x in short]


def test_several_printed_files_of_a_folder_are_read_together(tmp_path: Path) -> None:
    for n in (0, 1):
        page = new_tab()
        page.set_content(STYLE + "".join(f"<p>{t} {s}：{x}</p>" for t, s, x in ROWS[20 * n : 20 * n + 20]))
        page.pdf(path=str(tmp_path / f"{n}.pdf"))
        page.close()
    messages = read_submission(tmp_path).reading.messages
    assert [x.translate(BARE) for x in messages["text"]] == [x for _, _, x in EXPECTED]
    assert messages["locator"].str.head(6).unique(maintain_order=True).to_list() == ["0.pdf#", "1.pdf#"]
