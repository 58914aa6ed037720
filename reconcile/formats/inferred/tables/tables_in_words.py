"""Tables pasted into a mail or printed as text, with cells between tabs or runs of blanks."""

import re
from collections.abc import Sequence
from functools import reduce
from itertools import pairwise
from operator import and_

import polars as pl

from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.table_runs import column_names
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.tables.cells import ROW
from reconcile.intake.text.printed_pages import page_lines
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode

# The heading is among so many lines, has so many cells, and so many rows stand below it.
_NEAR, _LEAST_CELLS, _LEAST_ROWS = 100, 3, 3
# Least share of the lines that stand in the columns of the heading, in a table with such columns.
_MOST, _SHOWN = 0.95, 200
# Most lines below the last row of such a table.
_MOST_BELOW = 5
_RULE = lazy_pattern(r"[\s\-=_+|*]+$")
_GAP = lazy_pattern(r"\s*\t\s*|[ \u3000\xa0]{2,}")
# Characters that take the place of two, and the filler for the second place.
_WIDE, _FILLER = r"([\x{1100}-\x{115f}\x{2e80}-\x{a4cf}\x{ac00}-\x{d7a3}\x{f900}-\x{faff}\x{fe30}-\x{fe6f}\x{ff00}-\x{ff60}\x{ffe0}-\x{ffe6}\x{1f300}-\x{1faff}])", "\x00"  # fmt: skip

_Table = tuple[dict[int, list[str]], Sequence[int]]
"""The cells of each row by the number of its line, and the lines that are no part of the table."""


def tables_in_words(lines: pl.Series, name: str, label: str) -> tuple[list[Fields], str | None]:
    """The rows below a heading that names the columns of messages, and that heading; None without one.

    No rows where the cells of a line cannot be told from one another. Lines outside the table are noted.

    Args:
        lines: the lines of the text.
        name: the file's name inside the source.
        label: begins each row's place in the file, before the number of its line.
    """
    written = lines.to_list()
    head = next((i for i, line in enumerate(written[:_NEAR]) if _names_columns(_cells(line))), None)
    if head is None:
        return [], None
    heading, (paged, notes) = written[head], page_lines(lines, name)
    names = column_names(_cells(heading))
    below = [i for i in range(head + 1, len(written)) if not paged[i] and written[i] != heading]
    if "\t" in heading:
        rows, rest = _between_tabs(written, below, heading.count("\t"))
    else:
        below = [i for i in below if written[i].strip() and not _RULE.match(written[i])]
        rows, rest = _in_columns(written, below, heading) or _between_blanks(written, below, names)
    if len(rows) < _LEAST_ROWS or any(len(cells) > len(names) for cells in rows.values()):
        return [], heading
    columns = {n: [c[j].strip() or None if j < len(c) else None for c in rows.values()] for j, n in enumerate(names)}
    frame = pl.DataFrame({ROW: [f"{label}{i + 1}" for i in rows], **columns}).with_columns(pl.all().cast(pl.String))
    outside = [i for i in (*range(head), *rest) if written[i].strip()]
    notes += [Note(NoteCode.ROW_SKIPPED, f"{name}#{label}{i + 1}", written[i][:_SHOWN]) for i in outside]
    return [Fields(frame, name, f"{name}#", notes=tuple(shorten_notes(notes)))], heading


def _cells(line: str) -> list[str]:
    return _GAP.split(line.strip())


def _names_columns(cells: Sequence[str]) -> bool:
    """Whether cells name the columns of messages: one the time, one the words, and others."""
    return len(cells) >= _LEAST_CELLS and all(any(hint(c.strip(), r) >= 1 for c in cells) for r in ("time", "text"))


def _between_tabs(lines: list[str], below: list[int], most: int) -> _Table:
    """The rows of a table between tabs. A message of several lines breaks its row."""
    tabbed = [i for i in below if "\t" in lines[i]]
    # Below the last row, an empty line ends the table.
    end = next((i for i in below if tabbed and i > tabbed[-1] and not lines[i].strip()), len(lines))
    rows: dict[int, list[str]] = {}
    last, held = 0, 0
    for i in below:
        tabs = lines[i].count("\t")
        if tabs and not (rows and held + tabs <= most):
            last, held, rows[i] = i, tabs, [lines[i]]
        elif rows and i < end:
            held += tabs
            rows[last].append(lines[i])
    return {i: "\n".join(row).rstrip("\n").split("\t") for i, row in rows.items()}, range(end, len(lines))


def _in_columns(lines: list[str], below: list[int], heading: str) -> _Table | None:
    """The rows of a table whose cells begin below those of the heading; None for another.

    A line with a single cell, and not the first, goes on with that cell of the row above.
    """
    texts = pl.Series([heading, *(lines[i] for i in below)], dtype=pl.String)
    for drawn in (texts.str.replace_all(_WIDE, f"${{1}}{_FILLER}"), texts):
        starts = [m.start() for m in re.finditer(r"\S+(?: \S+)*", drawn[0])]
        fit = (drawn.str.slice(at - 1, 1).is_in(["", " "]) for at in starts[1:])
        fits = pl.Series(reduce(and_, fit))[1:]
        # Below the last row stand totals and the like, with a first cell at most.
        rows_at = (fits & (drawn.str.len_chars() > starts[1])[1:]).arg_true()
        end = int(rows_at.max() or 0) + 1  # type: ignore[arg-type]
        fits &= pl.int_range(fits.len(), eager=True) < end
        if fits.sum() < _MOST * end or fits.len() - end > _MOST_BELOW:
            continue
        cells = [drawn.str.slice(a, b - a) for a, b in pairwise(starts)] + [drawn.str.slice(starts[-1])]
        plain = [c.str.replace_all(_FILLER, "", literal=True).str.strip_chars()[1:].filter(fits) for c in cells]
        parts: dict[int, list[tuple[str, ...]]] = {}
        last: list[tuple[str, ...]] = []
        for i, row in zip(pl.Series(below).filter(fits), zip(*plain, strict=True), strict=True):
            if sum(map(bool, row)) == 1 and not row[0] and last:
                last.append(row)
            else:
                last = parts[i] = [row]
        rows = {i: ["\n".join(filter(None, cell)) for cell in zip(*row, strict=True)] for i, row in parts.items()}
        return rows, pl.Series(below).filter(~fits).to_list()
    return None


def _between_blanks(lines: list[str], below: list[int], heading: list[str]) -> _Table:
    """The rows of a table with as many cells as the heading, in lines that a print may have broken."""
    count = len(heading)
    rows: dict[int, list[str]] = {}
    last, held = -1, 0
    for i in below:
        own = len(_cells(lines[i]))
        if rows and (held < count or own == 1):
            held += own - 1
            rows[last].append(lines[i].strip())
        else:
            last, held, rows[i] = i, own, [lines[i].strip()]
    # Words in the last column may hold wide blanks.
    most = count - 1 if hint(heading[-1], "text") >= 1 else 0
    cells = {i: _GAP.split("".join(row), maxsplit=most if len(row) == 1 else 0) for i, row in rows.items()}
    return cells if all(len(c) == count for c in cells.values()) else {}, []
