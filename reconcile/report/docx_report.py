"""Renders a page as an editable Word document; report.docx has the content of report.html."""

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from reconcile.report import docx_parts as parts
from reconcile.report import outline
from reconcile.report.html import render_html
from reconcile.report.model import ReportData
from reconcile.report.outline import LANDSCAPE_LINE, LINE, MAY_BREAK, Look, outline_of, widths_of
from reconcile.report.pictures import fallback_images
from reconcile.report.pieces import Segment
from reconcile.report.words import text_of
from reconcile.wording import Lang

# Word's own styles, by which its outline and its readers find their way.
_NAMED = {"title": "Title", "bullet": "ListBullet"}
_SIZES = {"verdict": 28, "small": 17, "label": 20, "who": 15, "place": 15, "sum": 24, "item": 22}
_FILLS: dict[Look, str] = {
    "head": "EDEDE8", "own": "DFF3D6", "theirs": "F1F0EB", "absent": "F7F6F2", "alert": "F3D4D0", "caution": "F9EBC8", "quiet": "F4F0E0",
}  # fmt: skip
_PAYMENT = "F8CF9B"
_ALIGNS: dict[Look, str] = {"own": "right", "notice": "center", "absent": "center"}
_WIDTH_MM = 160
_SLOT_MM = 14.0
# An excerpt of at most this many rows is kept on one page with its heading.
_ON_ONE_PAGE = 12


def render_report(data: ReportData, lang: Lang) -> bytes:
    """The bytes of report.docx; equal reports give equal bytes."""
    title = f"{text_of('report.title', lang)} · {data.case}"
    return document_of(render_html(data, lang), title, lang, images=fallback_images(data, lang).values())


def document_of(page: str, title: str, lang: Lang, *, landscape: bool = False, images: Iterable[bytes] = ()) -> bytes:
    """The Word document of a rendered page; `images` replace its vector pictures, in order."""
    return parts.build(
        _document_parts(outline_of(page), iter(images), landscape=landscape), title, lang, landscape=landscape
    )


def _document_parts(
    blocks: Sequence[outline.Block], images: Iterator[bytes], *, landscape: bool
) -> Iterator[parts.Part]:
    """The parts of the document; `images` replace vector pictures, in order."""
    before_slots = _blocks_before_slots(blocks)
    for n, block in enumerate(blocks):
        if isinstance(block, outline.Heading):
            yield parts.Heading(block.text, block.level)
        elif isinstance(block, outline.Words):
            # The title of a list is centred on its wide page.
            part = _words_part(block, centred=landscape and block.style == "title")
            yield replace(part, leads=part.leads or n in before_slots)
        elif isinstance(block, outline.Figure):
            yield parts.Figure(block.svg, next(images), block.caption, _WIDTH_MM)
            yield parts.Words(block.note, size=_SIZES["small"])
        elif isinstance(block, outline.Table):
            if block.caption:
                yield parts.Words(block.caption, style="Caption", leads=True)
            yield replace(_table(block, LANDSCAPE_LINE if landscape else LINE), leads=n in before_slots)


def _blocks_before_slots(blocks: Sequence[outline.Block]) -> set[int]:
    """The blocks from the last table to a table of signatures, which never stands alone on a page."""
    found: set[int] = set()
    for n in (n for n, block in enumerate(blocks) if isinstance(block, outline.Table) and block.kind == "slots"):
        last = next((k for k in range(n - 1, -1, -1) if isinstance(blocks[k], outline.Table)), n)
        found.update(range(last, n))
    return found


def _words_part(block: outline.Words, *, centred: bool) -> parts.Words:
    if named := _NAMED.get(block.style):
        return parts.Words(block.runs, style=named, size=None, centred=centred)
    return parts.Words(
        block.runs,
        strong=block.style in ("verdict", "label"),
        size=_SIZES.get(block.style, 21),
        centred=centred,
        leads=block.leads,
    )


def _table(block: outline.Table, line: float) -> parts.Table:
    """The table with its heading; rows of an excerpt are numbered, so that a line can be cited."""
    is_chat = block.kind == "chat"
    heads, rows = block.rows[: block.heads], block.rows[block.heads :]
    named = ["".join(s.text for w in c.words for s in w.runs) for c in heads[0]] if heads else []
    cells = [[_cell_part(c, is_focus=n + block.heads in block.focus) for c in row] for n, row in enumerate(rows)]
    if not is_chat:
        height, is_ruled = _SLOT_MM if block.kind == "slots" else None, block.kind != "versions"
        whole = block.kind in ("versions", "slots")
        return parts.Table(named, cells, widths_of(block, line), height, is_ruled=is_ruled, whole=whole)
    numbered = [[parts.Cell((Segment(text=str(n), mark="soft"),)), *row] for n, row in enumerate(cells, 1)]
    return parts.Table(["", *named], numbered, (1.4, 12, 12), whole=len(numbered) <= _ON_ONE_PAGE)


def _merge_runs(runs: Sequence[Segment]) -> list[Segment]:
    """Runs of one look as one run: Word breaks long words itself.

    A hash that is copied must hold no invisible characters.
    """
    visible = (r for r in runs if r.text != MAY_BREAK)
    return [Segment(text="".join(r.text for r in same), mark=mark) for mark, same in groupby(visible, lambda r: r.mark)]


def _cell_part(cell: outline.Cell, *, is_focus: bool) -> parts.Cell:
    runs: list[Segment] = []
    for n, words in enumerate(w for w in cell.words if w.runs):
        mark = "soft" if words.style in ("who", "place") else None
        runs += [Segment(text="\n")] if n else []
        merged = _merge_runs(words.runs)
        runs += [Segment(text=r.text, mark=mark if mark and r.mark == "plain" else r.mark) for r in merged]
    pictures = [base64.b64decode(words.image) for words in cell.words if words.image]
    fill = _PAYMENT if cell.is_payment else _FILLS.get(cell.look)
    return parts.Cell(
        runs,
        fill,
        "right" if cell.is_number else _ALIGNS.get(cell.look, "left"),
        cell.span,
        strong=is_focus or cell.look == "head",
        pictures=pictures,
    )
