"""Word, workbook, CSV, JSON, PDF and CASE forms: nothing of a message becomes anything but text, ids stay whole, same bytes twice."""

import csv
import io
import json
import re
import shutil
import subprocess
import zipfile
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import openpyxl
import openpyxl.utils
import pytest
import xlsxwriter
from docx import Document
from lxml import etree

from reconcile.errors import MissingExtra, UsageError
from reconcile.report import write_reports
from reconcile.report.docx_lists import render_discrepancies
from reconcile.report.html import ANNEXES, DETAILS
from reconcile.report.model import Measured, Trials
from reconcile.report.pdf import CHINESE_FONTS, render_pdf, showable
from reconcile.report.words import text_of
from reconcile.report.workbook import At, Cell, TableWriter, amount, distinct_heads, moment
from reconcile.report.xlsx import render_xlsx
from reconcile.wording import LANGS, Lang, say
from tests.build.reports import report, skip_without_pdf
from tests.forbidden_words import FORBIDDEN

LONG_ID = "7612345678901200013"


@cache
def written(form: str) -> dict[str, bytes]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        return {p.name: p.read_bytes() for p in write_reports(report(), Path(folder), "zh", [form])}


@cache
def workbook() -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(written("xlsx")["findings.xlsx"]))


@cache
def cells() -> list[object]:
    return [c for sheet in workbook() for row in sheet.iter_rows() for c in row]


def words_of(name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(written("docx")[name])) as package:
        return " ".join(etree.fromstring(package.read("word/document.xml")).itertext())


def test_an_unknown_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unknown form"):
        write_reports(report(), tmp_path, "zh", ["papyrus"])


def test_workbook_holds_no_formula_and_no_link() -> None:
    assert [c for c in cells() if c.data_type == "f" or c.hyperlink] == []  # type: ignore[attr-defined]


def test_workbook_keeps_long_ids_as_text() -> None:
    assert LONG_ID in [c.value for c in cells()]  # type: ignore[attr-defined]


def test_workbook_holds_times_as_dates_and_amounts_as_numbers() -> None:
    for sheet in workbook().worksheets:
        heads = [str(c.value) for c in next(sheet.iter_rows(max_row=1))]
        for row in sheet.iter_rows(min_row=2):
            for head, cell in zip(heads, row, strict=True):
                if cell.value is not None and "Asia/Shanghai" in head:
                    assert (cell.is_date, "yyyy-mm-dd" in cell.number_format) == (True, True), (sheet.title, head)
                if cell.value is not None and head.endswith("金额"):
                    assert cell.data_type == "n", (sheet.title, head, cell.value)
                if isinstance(cell.value, str):
                    assert not re.match(r"\d{4}-\d\d-\d\d", cell.value), (sheet.title, head, cell.value)


@pytest.mark.parametrize(
    ("text", "precision", "shown"),
    [
        ("2024-03-01T09:05:07+08:00", None, "2024-03-01 09:05:07 second"),
        ("2024-03-01T09:05:00+08:00", "minute", "2024-03-01 09:05:00 minute"),
        ("2024-03-01 09:05", None, "2024-03-01 09:05:00 minute"),
        ("2024-03-01", None, "2024-03-01 00:00:00 day"),
        ("1899-03-01 09:05:00", None, "1899-03-01 09:05:00"),
        ("昨天", None, "昨天"),
        (None, None, "None"),
    ],
)
def test_a_time_is_a_date_as_precise_as_it_is_stated(text: str | None, precision: str | None, shown: str) -> None:
    found = moment(text, precision)
    assert (f"{found.at} {found.precision}" if isinstance(found, At) else str(found)) == shown


@pytest.mark.parametrize(
    ("text", "number"), [("80000.00", "80000"), ("-0.5", "-0.5"), ("约八万", None), ("NaN", None), ("1" * 16, None)]
)
def test_an_amount_is_a_number_where_a_cell_holds_it_exactly(text: str, number: str | None) -> None:
    assert amount(text) == (text if number is None else Decimal(number))


@pytest.mark.parametrize("lang", LANGS)
def test_every_sheet_is_one_page_wide_on_a4_on_its_side_and_its_letters_are_read_with_ease(lang: Lang) -> None:
    for sheet in openpyxl.load_workbook(io.BytesIO(render_xlsx(report(), lang))).worksheets:
        setup = sheet.page_setup
        assert (setup.orientation, int(setup.paperSize), setup.fitToHeight) == ("landscape", 9, 0)
        assert (sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.print_title_rows) == (True, "$1:$1")
        printed = openpyxl.utils.range_boundaries(sheet.print_area.rpartition("!")[2])[2]
        widths = [d.width * 7 / 96 for d in sheet.column_dimensions.values() for _ in range(d.min, d.max + 1)]
        # Ten points at eight tenths of their size.
        assert sum(widths[:printed]) * 0.8 <= 11.69 - 2 * sheet.page_margins.left, sheet.title


@pytest.mark.parametrize("value", [Decimal(1_234_567), 12_345_678, At(datetime(2024, 3, 1), "second")])  # noqa: DTZ001
def test_a_column_is_as_wide_as_its_longest_number_so_that_every_number_is_shown(value: Cell) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        TableWriter(book, "zh").add("table", "sheet", ["n", "text"], [[value, "x"]], wide=(1,), widths={0: 5})
    found = openpyxl.load_workbook(out)["sheet"].column_dimensions
    assert found["A"].width >= len("12345678")
    assert found["B"].width > 40  # the text takes what is left


def test_every_sheet_is_one_table_with_filters_and_a_frozen_heading() -> None:
    for sheet in workbook().worksheets:
        (table,) = sheet.tables.values()
        assert table.autoFilter.ref == table.ref
        assert sheet.freeze_panes == "A2"
        assert [c.name for c in table.tableColumns] == [c.value for c in next(sheet.iter_rows(max_row=1))]


def test_headings_of_a_table_differ_where_both_sides_have_one_name() -> None:
    assert distinct_heads(["金额", "张三", "张三", "A", "a", ""]) == ["金额", "张三", "张三 (2)", "A", "a (2)", "—"]


def test_workbook_says_as_many_findings_as_the_report() -> None:
    sums = report().sums
    disputed = (
        sums.conflicts
        + sums.doubtful_pairs
        + sums.left_doubtful
        + sums.right_doubtful
        + sums.left_only
        + sums.right_only
    )
    assert workbook().worksheets[1].max_row - 1 == disputed


def test_workbook_shows_what_does_not_show() -> None:
    texts = " ".join(str(c.value) for c in cells())  # type: ignore[attr-defined]
    assert "⟦U+202E⟧" in texts
    assert "\u202e" not in texts


MEASURED = Measured(
    hidden=(
        Trials(code="all", tried=24, hit=23, bound="81.7%"), Trials(code="voice", tried=20, hit=20, bound="86.1%")
    ),
    decoys=(),
)  # fmt: skip


@pytest.mark.parametrize("measured", [MEASURED, None])
def test_workbook_and_list_say_the_measured_error_rates_or_that_none_were_measured(measured: Measured | None) -> None:
    data = report().model_copy(update={"measured": measured})
    sheet = openpyxl.load_workbook(io.BytesIO(render_xlsx(data, "zh")))["误差率"]
    rows = [[c.value for c in row] for row in sheet.iter_rows(min_row=2)]
    none = text_of("report.no_rates", "zh")
    assert [r[2:] for r in rows] == (
        [[24, 23, "检出率不低于 81.7%"], [20, 20, "检出率不低于 86.1%"]] if measured else [[None] * 3]
    )
    told = " ".join(p.text for p in Document(io.BytesIO(render_discrepancies(data, "zh"))).paragraphs)
    assert ("如有单条消息被删除，能够发现的不少于 81.7%" if measured else none) in told


def test_a_field_code_in_a_message_stays_text() -> None:
    with zipfile.ZipFile(io.BytesIO(written("docx")["discrepancies.docx"])) as package:
        names = " ".join(package.namelist())
        fields = [package.read(n).decode() for n in package.namelist() if n.endswith(".xml")]
    assert "HYPERLINK" not in "".join(f.split("instrText")[1] for f in fields if "instrText" in f)
    assert "oleObject" not in names


def test_list_of_discrepancies_has_a_row_each_and_slots_to_sign() -> None:
    tables = Document(io.BytesIO(written("docx")["discrepancies.docx"])).tables
    assert len(tables[1].rows) - 1 == len(report().discrepancies)
    assert [row.cells[1].text for row in tables[2].rows[1:]] == ["", "", "", ""]


def test_list_of_discrepancies_names_its_fonts() -> None:
    with zipfile.ZipFile(io.BytesIO(written("docx")["discrepancies.docx"])) as package:
        styles, table = package.read("word/styles.xml").decode(), package.read("word/fontTable.xml").decode()
    assert "宋体" in styles
    assert "Noto Serif CJK SC" in table


def test_word_files_hold_vector_pictures_with_a_fallback() -> None:
    with zipfile.ZipFile(io.BytesIO(written("docx")["report.docx"])) as package:
        kinds = [n.rpartition(".")[2] for n in package.namelist() if n.startswith("word/media/")]
    assert kinds.count("svg") == kinds.count("png") == 3


def test_evidence_list_states_both_hashes_of_every_file() -> None:
    text = words_of("evidence_list.docx")
    assert all(f.sha256 in text and f.sm3 in text for side in report().sides for f in side.files)


@pytest.mark.parametrize("name", ["report.docx", "discrepancies.docx", "evidence_list.docx"])
def test_word_files_hold_no_forbidden_word(name: str) -> None:
    assert FORBIDDEN.findall(words_of(name)) == []


def test_workbook_holds_no_forbidden_word() -> None:
    assert FORBIDDEN.findall(" ".join(str(c.value) for c in cells())) == []  # type: ignore[attr-defined]


def test_csv_holds_every_line_and_no_formula() -> None:
    rows = list(csv.reader(io.StringIO(written("csv")["findings.csv"].decode("utf-8-sig"))))
    assert len(rows) - 1 == report().lines.collect().height
    assert [c for row in rows for c in row if c[:1] in "=@\t\r" and c] == []


def test_json_has_the_numbers_of_the_report() -> None:
    assert json.loads(written("json")["findings.json"])["sums"]["conflicts"] == report().sums.conflicts


def test_case_graph_refers_only_to_what_it_holds() -> None:
    graph = json.loads(written("case")["case.jsonld"])["@graph"]
    ids = {node["@id"] for node in graph}

    def references(value: object) -> list[str]:
        if isinstance(value, dict):
            found = [value["@id"]] if set(value) == {"@id"} else []
            return found + [r for v in value.values() for r in references(v)]
        return [r for v in value for r in references(v)] if isinstance(value, list) else []

    assert set(references(graph)) <= ids


def test_case_graph_tells_where_each_result_comes_from() -> None:
    graph = json.loads(written("case")["case.jsonld"])["@graph"]
    action = next(n for n in graph if n["@type"] == "case-investigation:InvestigativeAction")
    assert len(action["uco-action:object"]) == 2
    assert action["uco-action:result"]


@cache
def pdf() -> bytes:
    skip_without_pdf()
    return render_pdf(report(), "zh")


def pages(content: bytes) -> list[str]:
    pypdfium2 = pytest.importorskip("pypdfium2")
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content)]


def test_pdf_is_for_keeping_and_the_same_twice() -> None:
    first = pdf()
    assert first == render_pdf(report(), "zh")
    assert b"pdfaid:part>2" in first or b"pdfaid" in first
    assert b"/FontFile" in first


def test_pdf_answers_on_its_first_page_and_numbers_every_page() -> None:
    told = pages(pdf())
    assert "条消息在双方材料中内容不一致" in told[0].replace("\r\n", "")
    assert all(f"第 {n} 页，共 {len(told)} 页" in text for n, text in enumerate(told, 1))


def test_pdf_names_a_character_that_no_font_has_by_its_code_point() -> None:
    skip_without_pdf()
    assert showable("好\U0001f468", list(CHINESE_FONTS)) in ("好\U0001f468", "好⟦U+1F468⟧")


def test_pdf_without_its_library_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    with pytest.raises(MissingExtra, match=r"reconcile-wechat\[pdf\]"):
        render_pdf(report(), "zh")


def test_pdf_without_a_chinese_font_says_which_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("typst")
    monkeypatch.setattr("reconcile.report.pdf.installed_font_families", frozenset)
    with pytest.raises(MissingExtra, match="Chinese font"):
        render_pdf(report(), "zh")


def test_the_whole_report_is_a_document_with_every_part_and_the_words_of_the_page() -> None:
    document = Document(io.BytesIO(written("docx")["report.docx"]))
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]  # type: ignore[union-attr]
    assert [say(key, "zh") for key in DETAILS.values()] == headings[: len(DETAILS)]
    assert len(headings) == len(DETAILS) + len(ANNEXES)
    assert "借你50000元，三月底前还" in words_of("report.docx").replace(" ", "")


def test_office_opens_word_and_workbook_and_keeps_long_ids(tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    for name, content in (written("docx") | written("xlsx")).items():
        (tmp_path / name).write_bytes(content)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    convert = [
        office,
        profile,
        "--headless",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,2",
    ]
    subprocess.run(
        [*convert, "--outdir", str(tmp_path), "findings.xlsx"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=600,
    )
    text = [office, profile, "--headless", "--convert-to", "txt:Text", "--outdir", str(tmp_path), "discrepancies.docx"]
    subprocess.run(text, cwd=tmp_path, check=True, capture_output=True, timeout=600)
    table = next(tmp_path.glob("findings*.csv")).read_text("utf-8")
    assert LONG_ID in table
    assert "不符之处书面清单" in (tmp_path / "discrepancies.txt").read_text("utf-8")
