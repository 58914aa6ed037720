"""Builds a Word document from parts; equal parts give equal bytes.

Rows are written as XML directly; python-docx creates the package, styles and pictures. Characters that XML or Word
could misread were made visible before (report.visible), and the rest is escaped here.
"""

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reconcile.intake.picture import picture_head
from reconcile.patterns import lazy_pattern
from reconcile.report.pieces import Segment
from reconcile.report.visible import show
from reconcile.wording import Lang, say

# Word draws these; it has no WebP.
_SUFFIXES = {"image/png": "png", "image/jpeg": "jpeg", "image/gif": "gif"}
# As in the PDF.
_WIDTH_MM, _HEIGHT_MM, _EMU_PER_MM = 45, 32, 36_000
_INLINE = (
    '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
    '<wp:extent cx="{width}" cy="{height}"/><wp:docPr id="{number}" name="message {number}"/>'
    '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
    '<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture">'
    '<pic:nvPicPr><pic:cNvPr id="{number}" name="message {number}"/><pic:cNvPicPr/></pic:nvPicPr>'
    '<pic:blipFill><a:blip xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:embed="{related}"/>'
    "<a:stretch><a:fillRect/></a:stretch></pic:blipFill>"
    '<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
    '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>'
)
# Drawing ids of pictures in cells start here, above those of figures.
_FIRST_NUMBER = 1000


class CellPictures:
    """Adds pictures to a document and returns the paragraphs that show them."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._related: dict[bytes, str] = {}
        self._drawn = 0

    def paragraph(self, content: bytes) -> str:
        """The paragraph of a picture; empty for what Word cannot draw."""
        head = picture_head(content)
        if head is None or head.media_type not in _SUFFIXES or not head.is_showable:
            return ""
        self._drawn += 1
        scale = min(_WIDTH_MM / head.width, _HEIGHT_MM / head.height) * _EMU_PER_MM
        width, height = (max(1, round(side * scale)) for side in (head.width, head.height))
        number, related = _FIRST_NUMBER + self._drawn, self._relation_id(content, head.media_type)
        return _INLINE.format(width=width, height=height, number=number, related=related)

    def _relation_id(self, content: bytes, media_type: str) -> str:
        """The id by which a paragraph shows the picture; equal pictures are stored once."""
        from docx.opc.constants import RELATIONSHIP_TYPE  # noqa: PLC0415 - only when a document is asked for
        from docx.opc.packuri import PackURI  # noqa: PLC0415
        from docx.opc.part import Part  # noqa: PLC0415

        if content not in self._related:
            name = PackURI(f"/word/media/message{len(self._related) + 1}.{_SUFFIXES[media_type]}")
            part = Part(name, media_type, content, self._document.part.package)
            self._related[content] = str(self._document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE))
        return self._related[content]


_DAY = (2000, 1, 1, 0, 0, 0)
_NS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_SVG_EXTENSION = (
    '<a:extLst xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    '<a:ext uri="{{96DAC541-7B7A-43D3-8B79-37D633B846F1}}">'
    '<asvg:svgBlip xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:embed="{}"/></a:ext></a:extLst>'
)
# Fonts of a Chinese Windows, and their replacements elsewhere.
BODY_FONT, HEAD_FONT, LATIN_FONT, MONO_FONT = "宋体", "黑体", "Times New Roman", "Consolas"
_ALTERNATIVES = {BODY_FONT: "Noto Serif CJK SC", HEAD_FONT: "Noto Sans CJK SC"}
_TWIPS_PER_MM = 56.7
_PAGE_MM = (210, 297)
# As in the PDF: the left margin is wide enough to bind.
_LEFT_MM, _RIGHT_MM, _HIGH_MM = 28, 16, 20
_PAGE_FIELD = lazy_pattern(r"\{(page|pages)\}")
_FIELDS = {"page": "PAGE", "pages": "NUMPAGES"}


@dataclass(frozen=True)
class Cell:
    """A table cell: its content, fill colour (hexadecimal, None = none), alignment and number of columns."""

    content: Sequence[Segment]
    fill: str | None = None
    align: str = "left"
    span: int = 1
    strong: bool = False
    pictures: Sequence[bytes] = ()


Content = str | Sequence[Segment]


@dataclass(frozen=True)
class Words:
    """A paragraph; `style` = id of a style of Word's, `size` in half points (null = the style's).

    `leads` keeps it on the page of the next part.
    """

    content: Content
    strong: bool = False
    size: int | None = 21
    style: str = ""
    centred: bool = False
    leads: bool = False


@dataclass(frozen=True)
class Heading:
    """A heading."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Table:
    """A table with a heading row repeated on every page; `whole` keeps it on one page.

    `widths` are shares of the page's width. `leads` keeps its last row on the page of the next part.
    """

    heads: Sequence[str]
    rows: Iterable[Sequence[Content | Cell]]
    widths: Sequence[float]
    row_mm: float | None = None
    is_ruled: bool = True
    whole: bool = False
    leads: bool = False


@dataclass(frozen=True)
class Figure:
    """A vector picture, with a raster one for programs that cannot draw it; width in mm."""

    svg: str
    png: bytes
    caption: str
    width_mm: float


Part = Words | Heading | Table | Figure


# On the page of what comes next.
_KEPT = "<w:keepNext/>"
# Twentieths of a point.
_GAP = 140
_CELL_MARGIN = 108


def build(parts: Iterable[Part], title: str, lang: Lang, *, landscape: bool = False) -> bytes:
    """The bytes of a Word document made of the parts."""
    from docx import Document  # noqa: PLC0415 - only when a document is asked for

    document = Document()
    _set_page(document, title, lang, landscape=landscape)
    _set_styles(document, lang)
    width_mm = (_PAGE_MM[1] if landscape else _PAGE_MM[0]) - _LEFT_MM - _RIGHT_MM
    pictures = CellPictures(document)
    for part in parts:
        _add_part(document, part, width_mm, pictures)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = title, "reconcile", ""
    properties.created = properties.modified = datetime(*_DAY, tzinfo=UTC)
    out = BytesIO()
    document.save(out)
    return _with_fixed_dates(out.getvalue())


def _add_part(document: Any, part: Part, width_mm: float, pictures: CellPictures) -> None:
    from docx.oxml import parse_xml  # noqa: PLC0415

    body = document.element.body
    if isinstance(part, Figure):
        _add_figure(document, part)
        return
    if isinstance(part, Heading):
        xml = _heading_xml(part)
    elif isinstance(part, Words):
        align = "center" if part.centred else "left"
        xml = _paragraph_xml(
            part.content, strong=part.strong, size=part.size, align=align, leads=part.leads, style=part.style
        )
    else:
        xml = _table_xml(part, width_mm, pictures)
    body.insert(len(body) - 1, parse_xml(xml.replace(">", f" {_NS}>", 1)))
    if isinstance(part, Table):
        # Word merges tables that touch, so a line of the lowest possible height separates them.
        height = f'<w:spacing w:before="0" w:after="0" w:line="{_GAP}" w:lineRule="exact"/>'
        gap = f"<w:p {_NS}><w:pPr>{_KEPT if part.leads else ''}{height}</w:pPr></w:p>"
        body.insert(len(body) - 1, parse_xml(gap))


def _heading_xml(part: Heading) -> str:
    # python-docx would search all styles of the document for each heading.
    style = f'<w:pPr><w:pStyle w:val="Heading{part.level}"/></w:pPr>'
    return f"<w:p>{style}<w:r>{_text_xml(show(part.text))}</w:r></w:p>"


def _text_xml(text: str) -> str:
    """The text as `w:t` elements, with line breaks between its lines."""
    lines = escape(text).split("\n")
    return "<w:br/>".join(f'<w:t xml:space="preserve">{line}</w:t>' for line in lines)


def _paragraph_xml(
    content: Content, *, strong: bool, align: str, leads: bool, size: int | None = 18, style: str = ""
) -> str:
    """A `w:p` paragraph; `size` in half points, `leads` keeps it on the page of the next part."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    gaps = "" if style else '<w:spacing w:before="20" w:after="20"/>'
    place = f'<w:jc w:val="{align}"/>' if align != "left" else ""
    keep = _KEPT if leads else ""
    runs = "".join(_run_xml(s.text, s.mark, strong=strong, size=size) for s in _segments_of(content))
    return f"<w:p><w:pPr>{named}{keep}{gaps}{place}</w:pPr>{runs}</w:p>"


def _segments_of(content: Content) -> Sequence[Segment]:
    return (Segment(text=show(content)),) if isinstance(content, str) else content


def _run_xml(text: str, mark: str, *, strong: bool, size: int | None) -> str:
    """A `w:r` run of text, formatted by the mark of its segment."""
    properties = "" if size is None else f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'
    if mark == "strong":
        properties = f"<w:b/>{properties}"
    elif mark == "tag":
        properties = f'<w:b/>{properties}<w:bdr w:val="single" w:sz="4" w:space="0" w:color="777777"/>'
    elif mark == "soft":
        properties = f'<w:color w:val="555555"/>{properties}'
    elif mark == "mono":
        properties = f'<w:rFonts w:ascii="{MONO_FONT}" w:hAnsi="{MONO_FONT}"/><w:sz w:val="14"/><w:szCs w:val="14"/>'
    elif mark == "differs":
        properties = f'<w:b/>{properties}<w:highlight w:val="yellow"/><w:u w:val="single"/>'
    elif mark == "hidden":
        properties = f'<w:color w:val="7A1F1F"/>{properties}<w:shd w:val="clear" w:color="auto" w:fill="EFEFEF"/>'
    elif strong:
        properties = f"<w:b/>{properties}"
    return f"<w:r><w:rPr>{properties}</w:rPr>{_text_xml(text)}</w:r>"


def _table_xml(table: Table, width_mm: float, pictures: CellPictures) -> str:
    widths = [round(share * width_mm * _TWIPS_PER_MM / sum(table.widths)) for share in table.widths]
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    edges = "".join(
        f'<w:{edge} w:val="{"single" if table.is_ruled else "nil"}" w:sz="4" w:space="0" w:color="808080"/>'
        for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    # Word puts the text of a table, and not its border, at the margin of the page.
    indent = f'<w:tblInd w:w="{_CELL_MARGIN}" w:type="dxa"/>' if table.is_ruled else ""
    head = _row_xml(table.heads, widths, table.row_mm, pictures, is_head=True, leads=table.whole) if table.heads else ""
    last = len(body := list(table.rows)) - 1
    rows = "".join(
        _row_xml(row, widths, table.row_mm, pictures, leads=table.whole if n < last else table.leads)
        for n, row in enumerate(body)
    )
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>{indent}<w:tblBorders>{edges}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{head}{rows}</w:tbl>'
    )


def _row_xml(
    cells: Sequence[Content | Cell],
    widths: Sequence[int],
    height_mm: float | None,
    pictures: CellPictures,
    *,
    leads: bool,
    is_head: bool = False,
) -> str:
    """A `w:tr` row; `leads` keeps it on the page of the next row."""
    height = f'<w:trHeight w:val="{round(height_mm * _TWIPS_PER_MM)}"/>' if height_mm and not is_head else ""
    rule = "<w:tblHeader/>" if is_head else ""
    inner, column = "", 0
    for content in cells:
        cell = content if isinstance(content, Cell) else Cell(_segments_of(content))
        width = sum(widths[column : column + cell.span])
        fill = "EDEDE8" if is_head else cell.fill
        shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
        span = f'<w:gridSpan w:val="{cell.span}"/>' if cell.span > 1 else ""
        words = _paragraph_xml(cell.content, strong=is_head or cell.strong, align=cell.align, leads=leads)
        words += "".join(map(pictures.paragraph, cell.pictures))
        inner += f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{shade}</w:tcPr>{words}</w:tc>'
        column += cell.span
    return f"<w:tr><w:trPr><w:cantSplit/>{height}{rule}</w:trPr>{inner}</w:tr>"


def _add_figure(document: Any, figure: Figure) -> None:
    from docx.opc.constants import RELATIONSHIP_TYPE  # noqa: PLC0415
    from docx.opc.packuri import PackURI  # noqa: PLC0415
    from docx.opc.part import Part as PackagePart  # noqa: PLC0415
    from docx.oxml import parse_xml  # noqa: PLC0415
    from docx.shared import Mm  # noqa: PLC0415

    number = sum(1 for p in document.part.package.iter_parts() if str(p.partname).endswith(".svg")) + 1
    name = PackURI(f"/word/media/vector{number}.svg")
    part = PackagePart(name, "image/svg+xml", figure.svg.encode(), document.part.package)
    related = document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
    caption = document.add_paragraph(show(figure.caption), style="Caption")
    caption.paragraph_format.keep_with_next = True
    shape = document.add_picture(BytesIO(figure.png), width=Mm(figure.width_mm))
    blip = shape._inline.graphic.graphicData.pic.blipFill.blip
    blip.append(parse_xml(_SVG_EXTENSION.format(related)))


def _set_page(document: Any, title: str, lang: Lang, *, landscape: bool) -> None:
    """Sets page size, margins, the title as header and the page number as footer."""
    from docx.enum.section import WD_ORIENT  # noqa: PLC0415
    from docx.oxml import parse_xml  # noqa: PLC0415
    from docx.shared import Mm  # noqa: PLC0415

    section = document.sections[0]
    width, height = reversed(_PAGE_MM) if landscape else _PAGE_MM
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.left_margin, section.right_margin = Mm(_LEFT_MM), Mm(_RIGHT_MM)
    section.top_margin = section.bottom_margin = Mm(_HIGH_MM)
    section.header.paragraphs[0].text = show(title)
    pieces = _PAGE_FIELD.split(say("front.page_of", lang, page="{page}", pages="{pages}"))
    runs = "".join(_field(_FIELDS[part]) if n % 2 else f"<w:r>{_text_xml(part)}</w:r>" for n, part in enumerate(pieces))
    number = f'<w:p {_NS}><w:pPr><w:jc w:val="center"/></w:pPr>{runs}</w:p>'
    footer = section.footer._element
    for paragraph in list(footer):
        footer.remove(paragraph)
    footer.append(parse_xml(number))


def _field(name: str) -> str:
    """A number that Word fills in: of the page, or of all pages."""
    marks = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end"))
    return f'<w:r><w:instrText xml:space="preserve"> {name} </w:instrText></w:r>'.join(marks)


def _set_styles(document: Any, lang: Lang) -> None:
    """Sets fonts, sizes and proofing language of Word's own styles."""
    from docx.oxml.ns import qn  # noqa: PLC0415
    from docx.shared import Pt, RGBColor  # noqa: PLC0415

    sizes = {"Normal": 10.5, "Title": 18, "Caption": 10.5, "Heading 1": 14, "Heading 2": 12, "Heading 3": 11}
    for name, size in sizes.items():
        style = document.styles[name]
        style.font.size, style.font.name, style.font.color.rgb = Pt(size), LATIN_FONT, RGBColor(0, 0, 0)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in [k for k in fonts.attrib if k.endswith("Theme")]:
            del fonts.attrib[theme]
        fonts.set(qn("w:eastAsia"), BODY_FONT if name == "Normal" else HEAD_FONT)
        fonts.set(qn("w:hAnsi"), LATIN_FONT)
        for edge in style.element.iter(qn("w:bottom")):
            edge.set(qn("w:color"), "000000")
    language = document.styles.element.find(f".//{qn('w:lang')}")
    if language is not None:
        language.set(qn("w:eastAsia"), "zh-CN")
        language.set(qn("w:val"), "zh-CN" if lang == "zh" else "en-GB")
    _name_alternatives(document)


def _name_alternatives(document: Any) -> None:
    """Adds replacement fonts to the font table, for machines without the named ones."""
    for part in document.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            added = "".join(
                f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
                for name, other in _ALTERNATIVES.items()
            )
            part._blob = part.blob.replace(b"</w:fonts>", added.encode() + b"</w:fonts>")


def _with_fixed_dates(package: bytes) -> bytes:
    """The package with one fixed date for every member, so that equal documents have equal bytes."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(package)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            info = zipfile.ZipInfo(item.filename, _DAY)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, old.read(item.filename))
    return out.getvalue()
