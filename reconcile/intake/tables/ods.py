"""Spreadsheets of OpenDocument (.ods): cells and text of one, before the library makes them."""

from typing import IO
from xml.parsers import expat

_ROW, _CELLS = "table-row", ("table-cell", "covered-table-cell")
_SHOWN = ("value-type", "formula")
_FAR = 2**31


class _Extent:
    """Counts cells up to the last filled one of each row, and text, as often as the row is repeated."""

    def __init__(self) -> None:
        self.cells = self.text = self._rows = self._at = self._last = self._cells = self._text = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        local = {k.rpartition(":")[2]: v for k, v in attributes.items()}
        name = tag.rpartition(":")[2]
        if name == _ROW:
            self._rows, self._at, self._last, self._text = _repeated(local, "number-rows-repeated"), 0, 0, 0
        elif name in _CELLS:
            self._cells = _repeated(local, "number-columns-repeated")
            self._at = min(self._at + self._cells, _FAR)
            if any(k in local for k in _SHOWN):
                self._last = self._at

    def end(self, tag: str) -> None:
        if tag.rpartition(":")[2] == _ROW:
            self.cells = min(self.cells + self._rows * self._last, _FAR * _FAR)
            self.text += self._rows * self._text

    def words(self, text: str) -> None:
        self._text += self._cells * len(text)


def cells_of(stream: IO[bytes]) -> tuple[int, int]:
    """The number of cells that the tables of a `content.xml` span, and of characters in them.

    Raises ExpatError where it is not well-formed, or declares a document type, which may hold entities without end.
    """
    extent, parser = _Extent(), expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler, parser.EndElementHandler = extent.start, extent.end
    parser.buffer_text, parser.CharacterDataHandler = True, extent.words
    while block := stream.read(2**20):
        parser.Parse(block)
    parser.Parse(b"", True)
    return extent.cells, extent.text


def _repeated(attributes: dict[str, str], name: str) -> int:
    """How often the cell or row is repeated; 1 where it is not stated, very large if odd."""
    told = attributes.get(name, "1")
    return min(int(told), _FAR) if told.isascii() and told.isdecimal() and len(told) < len(str(_FAR)) else _FAR


def refuse_doctype(*_: object) -> None:
    """Raises ExpatError: a document type may hold entities without end."""
    raise expat.ExpatError("a document type")
