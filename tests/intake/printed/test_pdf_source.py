"""A PDF that is the whole source is read where its text is all that it shows, and refused with the reason otherwise."""

from pathlib import Path

import pytest

from reconcile import read
from reconcile.errors import UnrecognisedSource
from tests.build.readings import skipped

typst = pytest.importorskip("typst")
pdfium = pytest.importorskip("pypdfium2")
LONG = "we looked at the goods again and two of them are broken so please send somebody this week"
SAID = [(f"2024-06-03 09:{n:02}", ("Anna", "Ben")[n % 2], LONG if n % 3 == 1 else f"word {n}") for n in range(12)]
PAGE = "#set page(width: 400pt, height: 700pt, margin: 50pt, footer: align(center)[Printed 1 / 1])\n"
LINES = "\n\n".join(f"{at} {who}: {words}" for at, who, words in SAID)


def pdf(folder: Path, body: str, page: str = PAGE) -> Path:
    (folder / "p.typ").write_text(page + body, "utf-8")
    typst.compile(str(folder / "p.typ"), output=str(folder / "p.pdf"))
    (folder / "p.typ").unlink()
    return folder / "p.pdf"


def table(*order: int, **stroke: str) -> str:
    rows = [("Time", "Sender", "Text"), *SAID]
    cells = ", ".join(f'"{row[x]}"' for row in rows for x in order)
    widths = ", ".join(("90pt", "50pt", "1fr")[x] for x in order)
    return f"#table(columns: ({widths}), stroke: {stroke.get('stroke', 'none')}, {cells})"


def test_lines_and_tables_with_and_without_rules_are_the_messages_and_the_foot_is_none(tmp_path: Path) -> None:
    numbered = f"#set par.line(numbering: n => text(8pt)[#n])\n{LINES}"
    bodies = (LINES, table(0, 1, 2, stroke="1pt"), table(0, 2, 1), numbered)
    for body in bodies:
        reading = read(pdf(tmp_path, body))
        assert [*reading.messages.select("sender", "text").rows()] == [row[1:] for row in SAID]
        assert "Printed 1 / 1" in str(skipped(reading))
    assert "numbers of lines" in str(skipped(reading))


def test_a_notice_in_the_middle_is_no_part_of_the_message_above_it(tmp_path: Path) -> None:
    said = LINES.replace("\n\n", "\n\n#align(center)[Cid joined]\n\n", 1)
    reading = read(pdf(tmp_path, said))
    assert [*reading.messages.select("sender", "text").rows()] == [row[1:] for row in SAID]
    assert "Cid joined" in str(skipped(reading))


DOUBTS = {
    "words that do not stand level": "#place(rotate(30deg)[SECRET])",
    "words printed over others": "#place(dy: 2pt)[SECRET]",
    "messages beside each other": "#set page(columns: 2, width: 800pt, height: 220pt)",
}


def test_a_page_that_shows_something_else_than_its_text_is_refused_with_the_reason(tmp_path: Path) -> None:
    for doubt, begin in DOUBTS.items():
        with pytest.raises(UnrecognisedSource, match=f"page 1 holds {doubt}, not an export.*reconcile check"):
            read(pdf(tmp_path, f"{begin}\n{LINES}"))


def test_hidden_text_is_refused_and_a_pdf_beside_other_files_is_an_attachment(tmp_path: Path) -> None:
    file, raw = pdf(tmp_path, LINES), pdfium.raw
    document = pdfium.PdfDocument(file.read_bytes())
    page = document[0]
    for words in page.get_objects(filter=[raw.FPDF_PAGEOBJ_TEXT], max_depth=4):
        raw.FPDFTextObj_SetTextRenderMode(words.raw, raw.FPDF_TEXTRENDERMODE_INVISIBLE)
    page.gen_content()
    document.save(file)
    with pytest.raises(UnrecognisedSource, match=r"text that is not shown, not an export.*reconcile check"):
        read(file)
    pdf(tmp_path, LINES)
    (tmp_path / "chat.txt").write_text(LINES.replace("\n\n", "\n"), "utf-8")
    assert {m.partition("#")[0] for m in read(tmp_path).messages["locator"]} == {"chat.txt"}


def test_without_the_optional_part_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = pdf(tmp_path, LINES)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UnrecognisedSource, match=r"optional part that is not installed; install it with: .*ocr"):
        read(file)
