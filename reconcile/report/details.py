"""Makes printed findings from blocks: lines by time, cells with marked differences, explanation codes."""

from typing import Any

from reconcile.frames import Findings
from reconcile.report.blocks import Blocks
from reconcile.report.cells import CellMaker, RawRow, fetch_rows, local_time
from reconcile.report.context import Orders, Place, lines_touching, places_of
from reconcile.report.counts import LEFT, RIGHT, SideRows
from reconcile.report.difference import Spans, code_points, differing_spans, likenesses
from reconcile.report.masking import Masker
from reconcile.report.model_findings import Cell, Discrepancy, Finding, Line
from reconcile.report.pieces import CodePoint, Segment
from reconcile.report.post_parts import PostParts, summary
from reconcile.report.visible import show_line
from reconcile.settings import ReportLimits
from reconcile.vocabulary import Side
from reconcile.wording.sides import explain_command, row_name

# The attribute that differs, by cause or detail code.
_DIFFERS = {
    "text_differs": "text",
    "amount_differs": "amount",
    "sender_differs": "sender",
    "time_differs": "time",
    "media_differs": "media",
    "kind_differs": "kind",
    "link_differs": "link",
}
RawLine = dict[str, Any]


class Details:
    """Fetches the rows of all printed findings once, and makes the findings."""

    def __init__(
        self,
        findings: Findings,
        *,
        sides: dict[str, SideRows],
        blocks: Blocks,
        skews: dict[str, float],
        cells: CellMaker,
        limits: ReportLimits,
        zone: str,
        masker: Masker,
        explained_in: str | None,
    ) -> None:
        self._explained_in = explained_in
        self._findings, self._cells, self._zone, self._skews = findings, cells, zone, skews
        self._focus: dict[int, list[RawLine]] = {}
        for line in blocks.lines.iter_rows(named=True):
            self._focus.setdefault(line["block"], []).append(line)
        self._blocks = list(blocks.blocks.iter_rows(named=True))
        self._orders = Orders(sides, (b["conversation"] for b in self._blocks))
        self._around = {b["block"]: self._context_places(b, limits.context_rows) for b in self._blocks}
        self._listed = list(blocks.listed.iter_rows(named=True))
        self._lines = lines_touching(findings, set().union(*self._around.values()) if self._around else set())
        self._rows = self._fetch_rows(sides)
        self._posts = PostParts(findings, self._rows, masker, limits, zone)

    def findings(self) -> dict[str, list[Finding]]:
        """Printed findings by conversation, numbered through the report."""
        out: dict[str, list[Finding]] = {}
        for number, block in enumerate(self._blocks, 1):
            out.setdefault(block["conversation"], []).append(self._finding_of(number, block))
        return out

    def discrepancies(self, numbers: dict[str, int]) -> tuple[Discrepancy, ...]:
        """The list of discrepancies; `numbers` are the conversations' numbers in the report."""
        findings = {block["block"]: n for n, block in enumerate(self._blocks, 1)}
        return tuple(
            self._discrepancy_row(n, line, findings.get(line["block"]), numbers[line["conversation"]])
            for n, line in enumerate(self._listed, 1)
        )

    def _discrepancy_row(self, number: int, line: RawLine, finding: int | None, conversation: int) -> Discrepancy:
        left, right = self._pair_of_cells(*(self._rows[s].get(line[f"{s}_row"]) for s in (LEFT, RIGHT)), marked=True)
        shown = left or right
        return Discrepancy(
            number=number,
            finding=finding,
            conversation=conversation,
            at=shown.at if shown else None,
            sender=shown.sender if shown else None,
            kind=shown.kind if shown else "other",
            relation=line["relation"],
            cause=line["cause"],
            left=_listed_text(left),
            right=_listed_text(right),
            left_locator=left.locator if left else None,
            right_locator=right.locator if right else None,
            explain=self._explain(line),
        )

    def _explain(self, line: RawLine) -> str | None:
        """The command that explains the line's row, left first; None for posts and where none applies."""
        side, row = places_of(line)[0]
        raw = self._rows[side].get(row)
        if self._explained_in is None or (raw is not None and raw.get("post_row") is not None):
            return None
        return show_line(explain_command(self._explained_in, row_name(side, row)))

    def _context_places(self, block: RawLine, most: int) -> set[Place]:
        """The places within `most` rows of the block's own lines, on both sides."""
        focus = [place for line in self._focus[block["block"]] for place in places_of(line)]
        return self._orders.around(block["conversation"], focus, most, self._skews.get(block["conversation"], 0.0))

    def _fetch_rows(self, sides: dict[str, SideRows]) -> dict[str, dict[int, RawRow]]:
        """The raw rows of all focus, context and listed lines, by side and row number."""
        places = {p for lines in self._focus.values() for line in lines for p in places_of(line)}
        places |= {p for line in self._lines.values() for p in places_of(line)}
        places |= {p for line in self._listed for p in places_of(line)}
        return {side: fetch_rows(sides[side], (r for s, r in places if s == side)) for side in (LEFT, RIGHT)}

    def _finding_of(self, number: int, block: RawLine) -> Finding:
        focus = self._focus[block["block"]]
        gap = self._findings.gaps.row(block["gap"], named=True) if block["gap"] is not None else {}
        first = focus[0]
        lacking = None
        if block["relation"] == "one_sided":
            lacking = Side.LEFT if first["left_row"] is None else Side.RIGHT
        times = sorted(line["at"] for line in focus if line["at"] is not None)
        return Finding(
            number=number,
            relation=block["relation"],
            cause=gap.get("cause") or first["cause"],
            lacking=lacking,
            rows=block["gap_lines"],
            from_at=local_time(gap.get("from_at") or (times[0] if times else None), self._zone),
            to_at=local_time(gap.get("to_at") or (times[-1] if times else None), self._zone),
            kinds=tuple(gap.get("kinds") or ()),
            authors=gap.get("authors"),
            confidence=min(line["confidence"] for line in focus),
            not_excluded=tuple(gap.get("not_excluded") or ()),
            tests_not_possible=tuple(gap.get("tests_not_possible") or ()),
            lines=tuple(self._ordered(block, focus)),
            explain=self._explain(first),
            code_points=self._named_characters(focus),
        )

    def _ordered(self, block: RawLine, focus: list[RawLine]) -> list[Line]:
        """Focus and context lines by time; where lines are omitted, a line counts them."""
        shown = {line["line"]: (line, True) for line in focus}
        for place in self._around[block["block"]]:
            line = self._lines.get(place)
            if line is not None:
                shown.setdefault(line["line"], (line, False))
        ordered = sorted(shown.values(), key=lambda pair: self._time_key(pair[0]))
        out = [self._line_of(line, focus=is_focus) for line, is_focus in ordered]
        skipped = block["gap_lines"] - len(focus)
        if skipped > 0:
            head = len(focus) - len(focus) // 3
            behind = [i for i, (_, is_focus) in enumerate(ordered) if is_focus][head - 1] + 1
            out.insert(behind, Line(focus=True, skipped=skipped))
        return out

    def _time_key(self, line: RawLine) -> tuple[float, int, int]:
        """Sort key: the time on the left clock (µs), the left row, the place in the alignment."""
        conversation = line["conversation"]
        for side, shift in ((LEFT, 0.0), (RIGHT, self._skews.get(conversation, 0.0))):
            row = line[f"{side}_row"]
            order = self._orders.of(side, conversation)
            if row is not None and order is not None:
                return (order.at(row) + shift * 1e6, row if side == LEFT else -1, line["line"])
        return (0.0, 0, line["line"])

    def _line_of(self, line: RawLine, *, focus: bool) -> Line:
        """The printed form of an alignment line; in a focus line, differences are marked."""
        left_raw, right_raw = (self._rows[s].get(line[f"{s}_row"]) for s in (LEFT, RIGHT))
        left, right = self._pair_of_cells(left_raw, right_raw, marked=focus)
        detail = tuple(d.strip() for d in (line["detail"] or "").split(",") if d.strip())
        codes = dict.fromkeys(filter(None, (line["cause"], *detail)))
        return Line(
            focus=focus,
            left=left,
            right=right,
            relation=line["relation"],
            cause=line["cause"],
            detail=detail,
            confidence=line["confidence"],
            similarity=line["similarity"],
            offset_seconds=line["offset_seconds"],
            method=line["method"],
            differs=tuple(dict.fromkeys(_DIFFERS[c] for c in codes if c in _DIFFERS)) if focus else (),
        )

    def _pair_of_cells(
        self, left: RawRow | None, right: RawRow | None, *, marked: bool
    ) -> tuple[Cell | None, Cell | None]:
        """The cells of two matched rows; with `marked`, what differs between them is marked."""
        words = [self._cells.words(row) if row else None for row in (left, right)]
        spans: tuple[Spans, Spans] = ([], [])
        if marked and words[0] is not None and words[1] is not None:
            spans = differing_spans(words[0], words[1])
        parts = self._posts.pair(left, right, marked=marked)
        cells = [
            self._cells.cell(side, row, span, text, post) if row else None
            for side, row, span, text, post in zip(Side, (left, right), spans, words, parts, strict=True)
        ]
        return cells[0], cells[1]

    def _named_characters(self, focus: list[RawLine]) -> tuple[CodePoint, ...]:
        """Invisible and look-alike characters in the lines, each once."""
        found: dict[CodePoint, None] = {}
        for line in focus:
            rows = [self._rows[s].get(line[f"{s}_row"]) for s in (LEFT, RIGHT)]
            words = [self._cells.words(row) for row in rows if row]
            found.update(dict.fromkeys(code_points(*words)))
            if len(words) == len(rows):
                found.update(dict.fromkeys(likenesses(*words)))
        return tuple(found)


def _listed_text(cell: Cell | None) -> tuple[Segment, ...] | None:
    """The text of a cell in a list, followed by the amount or the post's details."""
    if cell is None:
        return None
    if beside := summary(cell.post):
        return (*cell.text, Segment(text=f" ｜ {beside}" if cell.text else beside))
    return (*cell.text, Segment(text=f" ¥{cell.amount}")) if cell.amount and not cell.words_state_amount else cell.text
