"""HTML pages from templates and Word documents with Chinese type. No network; content is never markup."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from reconcile.report.plain import pages_of
from reconcile.report.visible import show
from reconcile.wording import Lang


def _shown(value: object) -> object:
    # Markup comes only from our own templates.
    return show(value) if type(value) is str else value


BODY, HEAD = "宋体", "黑体"


@dataclass(frozen=True, slots=True)
class Cell:
    """One table cell: text, a strong first line, a fill colour (hex), smaller type."""

    text: str
    strong: str = ""
    shade: str | None = None
    small: bool = False


def render_template(name: str, **values: object) -> str:
    """A template of this package, filled in. Every value is escaped; invisible characters are shown."""
    return pages_of("reconcile.submission", _shown).get_template(name).render(**values)


def clean(text: str) -> str:
    """The text with every invisible character, or one that XML cannot hold, as its code point."""
    return show(text)


class Paper:
    """A Word document on A4, written from top to bottom."""

    def __init__(self, lang: Lang, *, landscape: bool = False) -> None:
        self._document = Document()
        self._lang = lang
        section = self._document.sections[0]
        width, height = Cm(21.0), Cm(29.7)
        section.page_width, section.page_height = (height, width) if landscape else (width, height)
        section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
        for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
            setattr(section, side, Cm(1.8))
        self._font(self._document.styles["Normal"], BODY, 10.5)
        self._width = (29.7 if landscape else 21.0) - 2 * 1.8
        _page_numbers(section)

    def title(self, text: str, below: str = "") -> None:
        """The document's title, with a smaller line below."""
        self._line(text, size=18, head=True, centred=True)
        if below:
            self._line(below, size=10.5, centred=True)

    def heading(self, text: str) -> None:
        """A section heading, kept with what follows."""
        paragraph = self._line(text, size=13, head=True)
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.space_before = Pt(10)

    def text(self, text: str) -> None:
        """A paragraph."""
        self._line(text)

    def small(self, text: str) -> None:
        """A paragraph in small grey type, for notices."""
        run = self._line(text, size=9).runs[0]
        run.font.color.rgb = RGBColor(0x55, 0x55, 0x55)

    def strong(self, text: str) -> None:
        """A paragraph in the heading's type."""
        self._line(text, head=True)

    def bullets(self, lines: Iterable[str]) -> None:
        """A list."""
        for line in lines:
            paragraph = self._document.add_paragraph(style="List Bullet")
            self._run(paragraph, line)
            paragraph.paragraph_format.space_after = Pt(2)

    def facts(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Label and value pairs in a small grid."""
        table = self._document.add_table(-(-len(pairs) // 2), 4)
        table.style = "Table Grid"
        for index, (label, value) in enumerate(pairs):
            row, column = divmod(index, 2)
            self._fill(table.cell(row, 2 * column), Cell("", strong=label, shade="EEEEEE"))
            self._fill(table.cell(row, 2 * column + 1), Cell(value))
        _set_widths(table, [2.6, self._width / 2 - 2.6] * 2)
        self._document.add_paragraph().paragraph_format.space_after = Pt(0)

    def table(
        self, columns: Sequence[str], rows: Iterable[Sequence[Cell]], widths: Sequence[float], mono: Sequence[int] = ()
    ) -> None:
        """A ruled table; widths in cm; its first row repeats on every page, and no row breaks across pages."""
        table = self._document.add_table(1, len(columns))
        table.style = "Table Grid"
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        heading = table.rows[0]
        for place, name in zip(heading.cells, columns, strict=True):
            self._fill(place, Cell("", strong=name, shade="DDDDDD", small=True))
        _repeat(heading)
        for cells in rows:
            row = table.add_row()
            _keep_whole(row)
            # The library puts a row's cells together each time that they are asked for.
            for index, (place, cell) in enumerate(zip(row.cells, cells, strict=True)):
                self._fill(place, cell, mono=index in mono)
        _set_widths(table, widths)
        self._document.add_paragraph().paragraph_format.space_after = Pt(0)

    def signatures(self, labels: Sequence[str]) -> None:
        """Slots to sign, side by side."""
        table = self._document.add_table(1, len(labels))
        for index, label in enumerate(labels):
            self._fill(table.rows[0].cells[index], Cell(f"\n\n{label}：________________"))

    def save(self, path: Path) -> None:
        """Writes the document."""
        self._document.save(str(path))

    def _line(self, text: str, *, size: float = 10.5, head: bool = False, centred: bool = False):  # type: ignore[no-untyped-def]
        paragraph = self._document.add_paragraph()
        self._run(paragraph, text, size=size, head=head)
        paragraph.paragraph_format.space_after = Pt(4)
        if centred:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        return paragraph

    def _run(self, paragraph, text: str, *, size: float = 10.5, head: bool = False, mono: bool = False) -> None:  # type: ignore[no-untyped-def]
        run = paragraph.add_run(clean(text))
        run.bold = head
        self._font(run, HEAD if head else BODY, size, "Consolas" if mono else None)

    def _fill(self, cell, content: Cell, *, mono: bool = False) -> None:  # type: ignore[no-untyped-def]
        paragraph = cell.paragraphs[0]
        size = 7.5 if mono else 8.5 if content.small else 9.5
        if content.strong:
            self._run(paragraph, content.strong, size=size, head=True)
        for number, line in enumerate(content.text.split("\n") if content.text else []):
            target = paragraph if number == 0 and not content.strong else cell.add_paragraph()
            self._run(target, line, size=size - (0.5 if content.strong else 0), mono=mono)
        for p in cell.paragraphs:
            p.paragraph_format.space_before, p.paragraph_format.space_after = Pt(1), Pt(1)
        if content.shade:
            _shade(cell, content.shade)

    def _font(self, holder, name: str, size: float, latin: str | None = None) -> None:  # type: ignore[no-untyped-def]
        holder.font.size = Pt(size)
        holder.font.name = latin or ("Times New Roman" if name == BODY else "Arial")
        properties = holder.element.get_or_add_rPr()
        properties.get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _shade(cell, colour: str) -> None:  # type: ignore[no-untyped-def]
    element = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        element.set(qn(f"w:{key}"), value)
    cell._tc.get_or_add_tcPr().append(element)


def _set_widths(table, widths: Sequence[float]) -> None:  # type: ignore[no-untyped-def]
    # Word reads the widths of cells, other programs those of the grid, so both are set.
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Cm(width)


def _repeat(row) -> None:  # type: ignore[no-untyped-def]
    element = OxmlElement("w:tblHeader")
    element.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(element)


def _keep_whole(row) -> None:  # type: ignore[no-untyped-def]
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _page_numbers(section) -> None:  # type: ignore[no-untyped-def]
    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        run = paragraph.add_run()
        if kind:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        else:
            element = OxmlElement("w:instrText")
            element.text = text
        run._r.append(element)
