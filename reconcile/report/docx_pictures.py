"""Pictures of messages in the cells of a Word document."""

from typing import Any

from reconcile.intake.picture import picture_head

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
# Above the numbers of the figures.
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
        number, related = _FIRST_NUMBER + self._drawn, self._relation(content, head.media_type)
        return _INLINE.format(width=width, height=height, number=number, related=related)

    def _relation(self, content: bytes, media_type: str) -> str:
        from docx.opc.constants import RELATIONSHIP_TYPE  # noqa: PLC0415 - only when a document is asked for
        from docx.opc.packuri import PackURI  # noqa: PLC0415
        from docx.opc.part import Part  # noqa: PLC0415

        if content not in self._related:
            name = PackURI(f"/word/media/message{len(self._related) + 1}.{_SUFFIXES[media_type]}")
            part = Part(name, media_type, content, self._document.part.package)
            self._related[content] = str(self._document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE))
        return self._related[content]
