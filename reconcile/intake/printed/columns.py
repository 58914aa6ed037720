"""Tables that no rules part: columns are where rows leave the same strips of a page free."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from reconcile.intake.printed.document import OPENS, Page, shape
from reconcile.intake.printed.parts import SAME, Letter, Line, Table, lines_of

# Of a letter's height: the gap between two cells of a row. In points, the least width of a free strip.
_GAP, _STRIP = 1.0, 2
# So many columns and rows are a table: two columns may be two columns of a page.
_COLUMNS, _ROWS = 3, 3
# Of the rows: so many may run over a free strip, and so many agree on where the cells of a column begin or end.
_OVER, _AGREE = 0.05, 0.8
# Lines of one cell are no farther apart than this times the least distance of lines.
_LEADING = 1.3
# Of the rows: nearly all.
_NEARLY_ALL = 0.9

_Cells = list[list[Letter]]


def with_tables(pages: Sequence[Page]) -> tuple[list[Page], int]:
    """The pages with their lines in columns as tables.

    And the number of the first page whose rows are not clear; 0 = none.
    """
    lines = [p for page in pages for p in page.parts if isinstance(p, Line)]
    wide = [line for line in lines if len(_pieces(line)) >= _COLUMNS]
    strips = _columns_of(wide) if len(wide) >= _ROWS else []
    if len(strips) < _COLUMNS - 1:
        return list(pages), 0
    cells = {id(line): _split(line, strips) for line in lines}
    needed = _needed([cells[id(line)] or [] for line in wide])
    held = [_rows_of(page, cells, needed) for page in pages]
    if None in held:
        return list(pages), held.index(None) + 1
    columns = [c for h in held if h is not None for _, rows in [h] for row in rows for c in enumerate(row)]
    spots = [[line for x, cell in columns if x == at for line in cell] for at in range(len(strips) + 1)]
    if not all(spots):
        return list(pages), 0
    rules = tuple(min(line.left for line in spot) for spot in spots)
    ends = tuple(max(line.right for line in spot) for spot in spots)
    return [_with_table(page, *h, (*rules, ends[-1]), ends) for page, h in zip(pages, held, strict=True) if h], 0


def page_of_two_columns(pages: Sequence[Page]) -> int:
    """The number of the first page on which messages begin beside each other; 0 = none."""
    for number, page in enumerate(pages, 1):
        beside = 0
        for line in (p for p in page.parts if isinstance(p, Line)):
            pieces = [lines_of([c for c in line.letters if a <= c.left < b]) for a, b in _pieces(line)]
            beside += sum(bool(OPENS.match(piece[0].words)) for piece in pieces if piece) > 1
        if beside >= _ROWS:
            return number
    return 0


def _with_table(
    page: Page, inside: frozenset[int], rows: list[list[list[Line]]], rules: tuple[float, ...], ends: tuple[float, ...]
) -> Page:
    if not rows:
        return page
    first = next(n for n, p in enumerate(page.parts) if id(p) in inside)
    above = [p for p in page.parts[:first] if id(p) not in inside]
    below = [p for p in page.parts[first:] if id(p) not in inside]
    return page._replace(parts=[*above, Table(rules, rows, ends), *below])


def _seen(line: Line) -> list[Letter]:
    return [c for c in line.letters if c.words.strip()]


def _pieces(line: Line) -> list[tuple[float, float]]:
    """Where the parts of a line begin and end that gaps set apart."""
    found: list[tuple[float, float]] = []
    for letter in line.letters:
        if found and letter.left - found[-1][1] <= _GAP * line.height:
            found[-1] = found[-1][0], max(letter.right, found[-1][1])
        elif letter.words.strip():
            found.append((letter.left, letter.right))
    return found


def _columns_of(wide: Sequence[Line]) -> list[float]:
    """The middles of the free strips between columns."""
    covered: Counter[int] = Counter()
    for line in wide:
        covered.update({x for c in line.letters for x in range(int(c.left), max(int(c.right), int(c.left) + 1))})
    begin, end = min(covered), max(covered)
    free = [x for x in range(begin, end) if covered[x] <= _OVER * len(wide)]
    runs: list[list[int]] = []
    for x in free:
        if runs and x == runs[-1][1] + 1:
            runs[-1][1] = x
        else:
            runs.append([x, x])
    strips = [(a + b + 1) / 2 for a, b in runs if b - a + 1 >= _STRIP]
    while (
        strips
        and (odd := next((n for n, s in enumerate(strips) if not _is_between(s, n, strips, wide)), None)) is not None
    ):
        strips.pop(odd)
    return strips


def _is_between(strip: float, at: int, strips: Sequence[float], wide: Sequence[Line]) -> bool:
    """Whether a strip is a gap of several rows, and the cells behind it are set in line.

    They begin, end, or have their middle at one place.
    """
    cells = [cell for line in wide if (split := _split(line, strips)) and (cell := split[at + 1])]
    gaps = 0
    for line in wide:
        left = [c.right for c in _seen(line) if (c.left + c.right) / 2 < strip]
        right = [c.left for c in _seen(line) if (c.left + c.right) / 2 > strip]
        gaps += bool(left and right and min(right) - max(left) > _GAP * line.height)
    if gaps < _ROWS or len(cells) < _ROWS:
        return False
    places = [(cell[0].left, cell[-1].right) for cell in cells]
    return any(
        sum(abs(v - median(values)) <= SAME for v in values) >= _AGREE * len(values)
        for values in ([a for a, _ in places], [b for _, b in places], [(a + b) / 2 for a, b in places])
    )


def _split(line: Line, strips: Sequence[float]) -> _Cells | None:
    """The letters of a line by columns; None where words run over a strip."""
    cells: _Cells = [[] for _ in range(len(strips) + 1)]
    seen = _seen(line)
    for letter in seen:
        cells[bisect_right(strips, (letter.left + letter.right) / 2)].append(letter)
    # Blanks in a cell are words of it.
    for a, b in pairwise(cells):
        if a and b and b[0].left - a[-1].right < _STRIP:
            return None
    filled = [c for c in cells if c]
    for cell in filled:
        cell[:] = [c for c in line.letters if cell[0].left <= c.left <= cell[-1].left]
    return cells


def _needed(rows: Sequence[_Cells]) -> frozenset[int]:
    """The columns that hold words in nearly all rows."""
    count = Counter(x for row in rows for x, cell in enumerate(row) if cell)
    return frozenset(x for x, n in count.items() if n >= _NEARLY_ALL * len(rows))


def _rows_of(
    page: Page, cells: dict[int, _Cells | None], needed: frozenset[int]
) -> tuple[frozenset[int], list[list[list[Line]]]] | None:
    """The lines of a page that are rows, and these rows.

    None where it is not sure which lines are one row.
    """
    lines = [p for p in page.parts if isinstance(p, Line)]
    filled = {id(p): frozenset(x for x, c in enumerate(cells[id(p)] or []) if c) for p in lines}
    whole = [n for n, p in enumerate(lines) if filled[id(p)] >= needed or len(filled[id(p)]) >= _COLUMNS]
    if not whole:
        return frozenset(), []
    inner = lines[whole[0] : whole[-1] + 1]
    apart = [a.base - b.base for a, b in pairwise(inner) if a.base - b.base >= b.height / 2]
    most = _LEADING * min(apart, default=0.0)
    below = [*lines[whole[-1] :]]
    for before, line in pairwise(below):
        if before.base - line.base > most or cells[id(line)] is None or 0 in filled[id(line)]:
            break
        inner.append(line)
    tops = [n for n, line in enumerate(inner) if n and filled[id(line)] >= needed]
    far = [n for n in tops if inner[n - 1].base - inner[n].base > most]
    is_set_apart = len(far) >= _NEARLY_ALL * len(tops) and len(tops) > 0
    usual = Counter(shape("".join(c.words for c in (cells[id(line)] or [[]])[0])) for line in inner)
    rows: list[list[Line]] = []
    is_nearer_below = False
    for n, line in enumerate(inner):
        held = filled[id(line)]
        is_far = n == 0 or inner[n - 1].base - line.base > most
        is_spanning = cells[id(line)] is None
        if not is_set_apart and not is_spanning and not held >= needed:
            first = shape("".join(c.words for c in (cells[id(line)] or [[]])[0]))
            if (first and usual[first] == 1) or (not first and len(held) > 1):
                return None
        if is_spanning or is_far or (not is_set_apart and (0 in held or held >= needed)) or not rows:
            rows.append([])
        # A line that goes on a row stands no nearer to the row below.
        elif n + 1 < len(inner) and filled[id(inner[n + 1])] >= needed:
            to_above, to_below = inner[n - 1].base - line.base, line.base - inner[n + 1].base
            is_nearer_below |= to_below < to_above - 1
        rows[-1].append(line)
    begun = [frozenset[int]().union(*(filled[id(line)] for line in row)) for row in rows]
    # A cell begins on the first line of its row, and what lacks the first cell goes on from the page above.
    is_unclear = any(not filled[id(row[0])] >= held for row, held in zip(rows, begun, strict=True) if cells[id(row[0])])
    is_lost = 0 in needed and any(
        0 not in held for row, held in zip(rows[1:], begun[1:], strict=True) if cells[id(row[0])]
    )
    return (
        None
        if is_nearer_below or is_unclear or is_lost
        else (frozenset(map(id, inner)), [_row(row, cells) for row in rows])
    )


def _row(lines: Sequence[Line], cells: dict[int, _Cells | None]) -> list[list[Line]]:
    """The lines in each cell; a line over several columns stands in the first of them."""
    count = next(len(c) for c in cells.values() if c is not None)
    if cells[id(lines[0])] is None:
        return [list(lines), *[[] for _ in range(count - 1)]]
    return [[line for p in lines for line in lines_of((cells[id(p)] or [[]] * count)[x])] for x in range(count)]
