"""A page as an outline (headings, paragraphs, tables, excerpts, figures), for PDF and Word."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from reconcile.patterns import lazy_pattern
from reconcile.report.pieces import Mark, Segment

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Style = Literal["item", "body", "small", "bullet", "step", "verdict", "label", "title", "who", "place", "sum"]
TableKind = Literal["grid", "chat", "versions", "slots"]
Look = Literal["plain", "head", "own", "theirs", "notice", "absent", "alert", "caution", "quiet"]

_HEADINGS = {"h1": 0, "h2": 1, "h3": 2, "h4": 3}
_MARKS: dict[str, Mark] = {
    "mark": "differs", "strong": "strong", "b": "strong", "code": "mono", "mono": "mono", "tok": "hidden", "soft": "soft", "tag": "tag", "hash": "mono", "dt": "soft", "dd": "strong",
}  # fmt: skip
_STYLES: dict[str, Style] = {
    "small": "small", "notice": "small", "fignote": "small", "foot": "small", "verdict": "verdict", "who": "who", "place": "place", "meta": "who", "sum": "sum", "head": "item",
}  # fmt: skip
# Looks of cells, by a class of the cell, of what it holds, or of its row; the first that fits counts.
_LOOKS: dict[str, Look] = {
    "absent": "absent", "notice-row": "notice", "own": "own", "bubble": "theirs", "row-conflict": "alert", "row-not_in_export": "alert", "row-left_out": "caution",
    "row-unsure": "quiet", "row-around": "quiet", "status-missing": "alert", "status-unclear": "caution",
}  # fmt: skip
_SKIPPED = {"style", "script", "head"}
_FLOW = {"p", "div", "ul", "ol", "li", "blockquote", "table", "section", "dl", "header", "article"}
# Marks a place where a long word may break.
MAY_BREAK = "\u200b"
_SPACE = lazy_pattern(r"[ \t\r\n]+")
_WORD = lazy_pattern(f"[^\\s{MAY_BREAK}\\u2e80-\\uffff-]+")
# Widths in Chinese characters: a line of the page, the narrowest and widest column, and a text that stays whole.
LINE, LANDSCAPE_LINE, _NARROWEST, _WIDEST, _SHORT = 54.0, 82.0, 3.6, 34.0, 6.0


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph, or a picture in base64 (`image`, described by `alt`).

    `leads` keeps it on the page of the next part.
    """

    runs: tuple[Segment, ...]
    style: Style = "body"
    image: str = ""
    alt: str = ""
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; level 1 begins a part of the report."""

    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its paragraphs, number of columns, and look; numbers are aligned right."""

    words: tuple[Words, ...]
    span: int = 1
    look: Look = "plain"
    is_payment: bool = False
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table; its first `heads` rows are repeated on every page.

    `kind`: grid, chat (both copies side by side), versions (no rules), or slots (high rows to write in). `shares`: of
    the page's width, by column; empty = by the cells.
    """

    rows: tuple[tuple[Cell, ...], ...]
    heads: int
    kind: TableKind = "grid"
    focus: tuple[int, ...] = ()
    caption: str = ""
    shares: tuple[float, ...] = ()

    @property
    def columns(self) -> int:
        """Number of columns of the widest row."""
        return max((sum(c.span for c in row) for row in self.rows), default=0)


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with its caption and the note below."""

    svg: str
    caption: str
    note: str


@dataclass(frozen=True, slots=True)
class Contents:
    """The place of the table of contents."""

    text: str


Block = Words | Heading | Table | Figure | Contents


def outline_of(page: str) -> list[Block]:
    """The blocks of a rendered HTML page, in order."""
    from lxml import html  # noqa: PLC0415 - only when a document is asked for

    blocks = list(_blocks_of(html.fromstring(page.encode()).find("body"), is_front=False))
    for at in range(len(blocks) - 1, -1, -1):
        before, after = blocks[at - 1] if at else None, blocks[at + 1] if at + 1 < len(blocks) else None
        blocks[at] = _with_lead(before, blocks[at], after)
    return blocks


def _with_lead(before: Block | None, block: Block, after: Block | None) -> Block:
    """Keeps a line on the page of what it introduces: a table, or the part under the next heading."""
    if not isinstance(block, Words):
        return block
    is_first_of_several = block.style == "small" and isinstance(after, Words) and after.style == "small" and after.leads
    is_between = isinstance(before, Heading) and isinstance(after, Heading)
    is_head = block.style in ("item", "label")
    return replace(block, leads=is_head or isinstance(after, Table | Figure) or is_first_of_several or is_between)


def widths_of(table: Table, line: float = LINE) -> list[float]:
    """The width of each column in a line of the page; a column fits its longest word if there is room."""
    if table.shares or table.kind != "grid":
        return list(table.shares) or [1.0] * table.columns
    wanted, least = [_NARROWEST] * table.columns, [_NARROWEST] * table.columns
    for row in table.rows:
        column = 0
        for cell in row:
            if cell.span == 1:
                for words in cell.words:
                    text = "".join(r.text for r in words.runs)
                    wanted[column] = max(wanted[column], min(_WIDEST, _width(text)))
                    least[column] = max(least[column], min(_WIDEST / 2, _longest_word(text)))
            column += cell.span
    return _fitted(wanted, least, line)


def _fitted(wanted: list[float], least: list[float], line: float) -> list[float]:
    """The wanted widths, shrunk equally to one line; columns that get too narrow keep their least width."""
    kept: dict[int, float] = {}
    while len(kept) < len(wanted):
        open_columns = [n for n in range(len(wanted)) if n not in kept]
        scale = min(1.0, max(0.0, line - sum(kept.values())) / sum(wanted[n] for n in open_columns))
        tight = {n: least[n] for n in open_columns if wanted[n] * scale < least[n]}
        if not tight:
            return [kept.get(n, wanted[n] * scale) for n in range(len(wanted))]
        kept |= tight
    return least


def _width(text: str) -> float:
    """The width of a text with the space around it, in Chinese characters."""
    return sum(0.55 if ord(c) < 0x2E80 else 1.0 for c in text) + 1.4


def _longest_word(text: str) -> float:
    """The width of the longest unbreakable part: a word of letters, or a short Chinese text."""
    chinese = _width(text)
    return chinese if chinese <= _SHORT else max((_width(w) for w in _WORD.findall(text)), default=0.0)


def _blocks_of(element: "HtmlElement", *, is_front: bool) -> Iterator[Block]:
    """The blocks inside an element; on the first page (`is_front`) headings become labels."""
    for child in element:
        name, classes = child.tag, set((child.get("class") or "").split())
        if not isinstance(name, str) or name in _SKIPPED:
            continue
        if name == "nav":
            yield Contents(_text_of(child.find("h2")))
        elif name in _HEADINGS:
            yield _heading_block(child, is_front=is_front)
        elif name == "table":
            yield _table_block(child, classes)
        elif name == "figure":
            yield _figure_block(child)
        elif "versions" in classes:
            cells = tuple(Cell(_cell_words(version)) for version in child)
            yield Table((cells,), 0, "versions")
        elif name in ("ul", "ol"):
            yield from _list_lines(child, classes)
        elif name == "dl":
            yield from (_label_and_value(pair) for pair in child)
        elif name == "p":
            if runs := _runs_of(child):
                yield Words(runs, _style_of(classes))
        else:
            yield from _blocks_of(child, is_front=is_front or "front" in classes)


def _heading_block(child: "HtmlElement", *, is_front: bool) -> Block:
    """The heading as a block: the title of the page, a label of its first page, or a heading."""
    level = _HEADINGS[child.tag]
    text = _text_of(child)
    if level == 0:
        return Words((Segment(text=text, mark="strong"),), "title")
    return Words((Segment(text=text, mark="soft"),), "label") if is_front else Heading(text, level)


def _list_lines(child: "HtmlElement", classes: set[str]) -> Iterator[Words]:
    """Bullets, numbered steps, or the lines of a plain list."""
    if "plain" in classes:
        yield from (Words(runs) for item in child if (runs := _runs_of(item)))
        return
    for n, item in enumerate(child, 1):
        yield from _list_item(item, n if child.tag == "ol" else None)


def _list_item(item: "HtmlElement", number: int | None) -> Iterator[Words]:
    """A bullet (number None) or a numbered step; nothing for an empty item."""
    if runs := _runs_of(item):
        yield Words(runs, "bullet") if number is None else Words((Segment(text=f"{number}. "), *runs), "step")


def _label_and_value(pair: "HtmlElement") -> Words:
    label, value = _text_of(pair[0]), _text_of(pair[1])
    return Words((Segment(text=f"{label}\u3000", mark="soft"), Segment(text=value, mark="strong")))


def _figure_block(child: "HtmlElement") -> Figure:
    from lxml import etree  # noqa: PLC0415 - as above

    svg = child.find("svg")
    note = child.find("p")
    markup = "" if svg is None else etree.tostring(svg, encoding="unicode", with_tail=False)
    return Figure(markup, _text_of(child.find("figcaption")), _text_of(note))


def _table_block(table: "HtmlElement", classes: set[str]) -> Table:
    kind: TableKind = "chat" if "chat" in classes else "slots" if "slots" in classes else "grid"
    rows: list[tuple[Cell, ...]] = []
    heads, focus = 0, []
    for row in table.iter("tr"):
        cells = tuple(_table_cell(cell) for cell in row if cell.tag in ("td", "th"))
        heads += row.getparent().tag == "thead"
        if "focus" in (row.get("class") or "").split():
            focus.append(len(rows))
        rows.append(cells)
    shares = tuple(map(float, table.get("data-widths", "").split()))
    return Table(tuple(rows), heads, kind, tuple(focus), _text_of(table.find("caption")), shares)


def _table_cell(cell: "HtmlElement") -> Cell:
    classes = {c for e in (cell.getparent(), *cell.iter()) for c in (e.get("class") or "").split()}
    look = next((look for name, look in _LOOKS.items() if name in classes), "head" if cell.tag == "th" else "plain")
    number = bool({"n", "num"} & set((cell.get("class") or "").split()))
    return Cell(_cell_words(cell), int(cell.get("colspan") or 1), look, "pay" in classes, number)


def _cell_words(cell: "HtmlElement") -> tuple[Words, ...]:
    """The paragraphs of a cell; framed words become bold, since a broken frame looks like several."""
    found = [w for w in _paragraphs(cell, "body", _mark_of(cell, "plain")) if w.runs or w.image]
    return tuple(replace(w, runs=tuple(_without_frame(r) for r in w.runs)) for w in found)


def _without_frame(run: Segment) -> Segment:
    return run.model_copy(update={"mark": "strong"}) if run.mark == "tag" else run


def _paragraphs(element: "HtmlElement", style: Style, mark: Mark) -> Iterator[Words]:
    """The paragraphs inside a cell: inline text continues, every block starts a new one."""
    runs = _Runs()
    runs.add(element.text, mark, element)
    for child in element:
        if not isinstance(child.tag, str):
            continue
        if child.tag in _FLOW:
            yield Words(runs.done(), style)
            runs = _Runs()
            yield from _paragraphs(
                child, _style_of(set((child.get("class") or "").split()), style), _mark_of(child, mark)
            )
        elif child.tag in ("br", "img"):
            yield Words(runs.done(), style)
            runs = _Runs()
            if child.tag == "img":
                yield Words((), style, child.get("src", "").partition("base64,")[2], child.get("alt", ""))
        else:
            runs.inline(child, mark)
        runs.add(child.tail, mark, element)
    yield Words(runs.done(), style)


@dataclass(slots=True)
class _Runs:
    """Collects the text of a paragraph; white space collapses except inside a message's text."""

    found: list[Segment] = field(default_factory=list)

    def add(self, text: str | None, mark: Mark, inside: "HtmlElement") -> None:
        """Appends a text; white space collapses unless `inside` is part of a message's text."""
        if not text:
            return
        collapsed = _SPACE.sub(" ", text)
        if not self.found:
            collapsed = collapsed.lstrip(" ")
        if collapsed != text and _keeps_space(inside):
            collapsed = text
        if collapsed:
            self.found.append(Segment(text=collapsed, mark=mark))

    def inline(self, element: "HtmlElement", mark: Mark) -> None:
        """Appends the text of an element and of everything inside it."""
        own = _mark_of(element, mark)
        if element.tag == "wbr":
            # The parser puts the following text inside the element.
            self.found.append(Segment(text=MAY_BREAK, mark=own))
        self.add(element.text, own, element)
        for child in element:
            if child.tag == "br":
                self.found.append(Segment(text="\n"))
            elif isinstance(child.tag, str):
                self.inline(child, own)
            self.add(child.tail, own, element)

    def done(self) -> tuple[Segment, ...]:
        """The collected text; empty if it shows nothing."""
        runs = self.found
        return tuple(runs) if any(s.text.strip() for s in runs) else ()


def _runs_of(element: "HtmlElement") -> tuple[Segment, ...]:
    runs = _Runs()
    runs.inline(element, "plain")
    return runs.done()


def _keeps_space(element: "HtmlElement") -> bool:
    """Whether the element is part of a message's text, whose white space counts."""
    return any("words" in (e.get("class") or "").split() for e in (element, *element.iterancestors()))


def _mark_of(element: "HtmlElement", outer: Mark) -> Mark:
    """The mark that a class or the tag of the element stands for; else that of the text around it."""
    names: Iterable[str] = (*(element.get("class") or "").split(), element.tag)
    return next((_MARKS[name] for name in names if name in _MARKS), outer)


def _style_of(classes: set[str], otherwise: Style = "body") -> Style:
    """The style of the first class that has one."""
    return next((style for name, style in _STYLES.items() if name in classes), otherwise)


def _text_of(element: "HtmlElement | None") -> str:
    """The element's text on one line, without markup; '' for None."""
    return "" if element is None else _SPACE.sub(" ", element.text_content()).strip()
