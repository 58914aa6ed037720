"""Documents of Rich Text (.rtf): their paragraphs and tables.

Pictures, fields and everything else is passed over. The libraries for it glue the cells of a table together, so that
rows with bars or breaks in them cannot be told apart.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

from reconcile.errors import LimitExceeded, UnreadableSource
from reconcile.intake.source import Source
from reconcile.intake.text.document import Document
from reconcile.patterns import lazy_pattern

# How every document begins.
RICH_TEXT = b"{\\rtf"
_TOKEN = lazy_pattern(
    rb"\\([A-Za-z]{1,32})(-?[0-9]{1,9})?\x20?|\\'([0-9A-Fa-f]{2})|\\([^A-Za-z'])|([{}])|([^\\{}\r\n]+)|[\r\n]+"
)
_PLAIN, _DEEPEST, _MOST_TOKENS = "cp1252", 500, 10_000_000
# Groups that hold no words of the document.
_ASIDE = frozenset(
    b"fonttbl colortbl stylesheet info pict object header headerl headerr headerf footer footerl footerr footerf footnote "
    b"annotation listtable listoverridetable revtbl fldinst themedata datastore xmlnstbl pntext listtext nonesttables".split()
)
_SIGNS = {
    b"tab": "\t", b"line": "\n", b"emdash": "—", b"endash": "–", b"bullet": "•", b"lquote": "‘", b"rquote": "’",
    b"ldblquote": "“", b"rdblquote": "”", b"~": "\u00a0", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}", b"nestcell": "\n",
}  # fmt: skip
# The code page of a font's letters.
_CHARSETS = {
    128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5", 161: "cp1253", 162: "cp1254", 177: "cp1255", 178: "cp1256",
    204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _State:
    """What holds inside a group: whether its words count, and how its bytes are read."""

    is_aside: bool = False
    is_hidden: bool = False
    font: int = -1
    stand_ins: int = 1


@dataclass
class _Page:
    """The words found so far: of the cell or paragraph, the row, the table and the document."""

    words: list[str] = field(default_factory=list)
    letters: bytearray = field(default_factory=bytearray)
    row: list[str] = field(default_factory=list)
    table: list[tuple[str, ...]] = field(default_factory=list)
    found: Document = field(default_factory=lambda: Document([], []))
    in_table: bool = False

    def end_letters(self, code_page: str) -> None:
        """Reads the bytes gathered so far."""
        if self.letters:
            self.words.append(self.letters.decode(code_page, "replace"))
            self.letters.clear()

    def taken(self) -> str:
        """The words of what ends here."""
        text = "".join(self.words).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        self.words.clear()
        return text

    def end_row(self) -> None:
        """Ends a row of a table."""
        self.table.append(tuple(self.row))
        self.row = []

    def end_paragraph(self) -> None:
        """Ends a paragraph: inside a cell a line, else one of the document, which ends a table."""
        if self.in_table:
            self.words.append("\n")
            return
        self.end_table()
        self.found.lines.extend(self.taken().split("\n"))

    def end_table(self) -> None:
        """Ends a table, if there is one."""
        if self.row:
            self.end_row()
        if self.table:
            self.found.tables.append(self.table)
            self.table = []


class _Words:
    """Reads a document word by word into a page."""

    def __init__(self) -> None:
        self.page, self.state, self.above = _Page(), _State(), list[_State]()
        self.fonts, self.plain, self.skip = dict[int, str](), _PLAIN, 0

    def letters(self, one: bytes, *, is_code: bool) -> None:
        """Takes letters, or the code of one, but for what old programs show in place of a character."""
        used = min(self.skip, 1 if is_code else len(one))
        self.skip -= used
        if not (self.state.is_aside or self.state.is_hidden):
            self.page.letters += (b"" if used else bytes.fromhex(one.decode())) if is_code else one[used:]

    def end_letters(self) -> None:
        """Reads the letters gathered so far in the code page of their font."""
        self.page.end_letters(self.fonts.get(self.state.font, self.plain))

    def brace(self, sign: bytes) -> None:
        """Begins or ends a group."""
        self.skip = 0
        if sign == b"{":
            self.above.append(self.state)
        elif self.above:
            self.state = self.above.pop()

    def word(self, word: bytes, number: int | None) -> None:
        """Takes a word or sign."""
        shown = not (self.state.is_aside or self.state.is_hidden)
        if word == b"ansicpg":
            self.plain = _code_page(number or 0)
        elif word == b"fcharset":
            self.fonts[self.state.font] = _CHARSETS.get(number or 0, self.plain)
        elif word == b"*" or word in _ASIDE:
            self.state = replace(self.state, is_aside=True)
        elif word in (b"f", b"uc", b"v", b"deleted", b"plain"):
            self.state = _changed(self.state, word, number)
        elif word == b"u" and shown:
            self.page.words.append(chr((number or 63) % 2**16))
            self.skip = self.state.stand_ins
        elif shown:
            _write(self.page, word)


def rich_text_of(source: Source, file: Path) -> Document:
    """The tables and the other paragraphs of a document.

    Raises UnreadableSource for one whose groups are nested without end, LimitExceeded for one of too many words.
    """
    data, at, found = file.read_bytes(), 0, _Words()
    for _ in range(_MOST_TOKENS):
        if (token := _TOKEN.match(data, at)) is None:
            found.end_letters()
            found.page.in_table = False
            found.page.end_paragraph()
            return found.page.found
        at = token.end()
        word, number, code, sign, brace, text = token.groups()
        if code or text:
            found.letters(code or text, is_code=bool(code))
            continue
        if word or sign or brace:
            # Line ends between two codes part no letter.
            found.end_letters()
        if brace:
            found.brace(brace)
        elif word == b"bin":
            at += max(0, int(number or 0))
        elif word or sign:
            found.word(word or sign, None if number is None else int(number))
        if len(found.above) > _DEEPEST:
            raise UnreadableSource(
                source.path,
                f"{source.path}: groups of Rich Text nested more than {_DEEPEST} deep; save it as .docx and try again",
            )
    raise LimitExceeded(
        source.path, f"{source.path}: more than {_MOST_TOKENS:,} words of Rich Text; split the document"
    )


def _changed(state: _State, word: bytes, number: int | None) -> _State:
    """The state behind a word that changes it."""
    if word == b"f":
        return replace(state, font=number or 0)
    if word == b"uc":
        return replace(state, stand_ins=min(1 if number is None else abs(number), 8))
    return replace(state, is_hidden=word != b"plain" and number != 0)


def _write(page: _Page, word: bytes) -> None:
    """Does what a word or sign says of cells and paragraphs, or writes what it stands for."""
    if word in (b"par", b"sect", b"page", b"\n", b"\r"):
        page.end_paragraph()
    elif word in (b"cell", b"row"):
        if word == b"cell":
            page.row.append(page.taken().strip("\n"))
        else:
            page.end_row()
    elif word in (b"trowd", b"intbl"):
        page.in_table = True
    elif word == b"pard":
        page.in_table = False
    elif word in _SIGNS:
        page.words.append(_SIGNS[word])


def _code_page(number: int) -> str:
    """The code page of a number that a document states."""
    return {936: "gb18030", 950: "big5", 65001: "utf-8", 10000: "mac-roman"}.get(
        number, f"cp{number}" if number in (437, 850, 874, 932, 949, *range(1250, 1259)) else _PLAIN
    )
