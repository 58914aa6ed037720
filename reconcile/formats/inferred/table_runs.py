"""Headings of tables, and tables that continue each other: with the headings again, or without."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise, zip_longest

import polars as pl

from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.times.row_times import is_called_a_zone
from reconcile.intake.tables.cells import ROW, Cells

_OF_A_MESSAGE = ("time", "sender", "text", "kind", "direction")
# Most title rows above a heading, longest heading, and least fields that a heading between rows names.
_TITLES, _LONGEST, _LEAST_NAMED = 20, 60, 3
_LEAST_ROWS, _MOST_HEADINGS = 2, 1_000


@dataclass
class Run:
    """The rows of a table and of those that continue it, under one heading; None = without one."""

    heading: Cells | None
    width: int
    cells: list[Cells] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    at: list[tuple[int, int]] = field(default_factory=list)

    def frame(self) -> pl.DataFrame:
        """The rows as text columns, with null for empty cells and the places as ROW."""
        names = column_names(self.heading) if self.heading else [f"#{i}" for i in range(1, self.width + 1)]
        data = {n: [(r[i] or None) if i < len(r) else None for r in self.cells] for i, n in enumerate(names)}
        return pl.DataFrame({ROW: self.places, **data}, schema={ROW: pl.String, **dict.fromkeys(names, pl.String)})


def runs_of(tables: Sequence[Sequence[Cells]]) -> list[Run]:
    """The rows of tables that stand one below the other, by heading, in order.

    A table with the heading of another goes on with it, and so does one of the same width without a heading with the
    one above it. Rows of titles above a heading are left out. A row is placed by its number in its table, and by the
    number of the table where there are several.
    """
    runs: list[Run] = []
    known: dict[Cells, Run] = {}
    for number, rows in enumerate(tables, 1):
        told = f"table {number} " if len(tables) > 1 else ""
        at = heading_at(rows)
        run = _run_below(runs, known, rows, at)
        if at and _is_title(rows[at - 1]) and any(_is_title(r) for r in rows[at + 1 :]):
            # The heading may stand below the first of several titles alone, or below each.
            _add(run, rows[at - 1], f"{told}row {at - 1}", (number - 1, at - 1))
        for i, row in enumerate(rows):
            if (at is not None and i <= at) or row == run.heading or not any(c.strip() for c in row):
                continue
            if names_a_message(row):
                run = _run_of(runs, known, row)
                continue
            _add(run, row, f"{told}row {i}", (number - 1, i))
    return [r for r in runs if len(r.cells) >= _LEAST_ROWS and r.width > 1]


def _add(run: Run, row: Cells, place: str, at: tuple[int, int]) -> None:
    """Adds a row to a run."""
    run.cells.append(row)
    run.places.append(place)
    run.at.append(at)


def _is_title(row: Cells) -> bool:
    """Whether a row has words in its first cell alone."""
    return sum(bool(c.strip()) for c in row) == 1 and bool(row[0].strip())


def _run_below(runs: list[Run], known: dict[Cells, Run], rows: Sequence[Cells], at: int | None) -> Run:
    """The run that a table begins or goes on with."""
    if at is not None:
        return _run_of(runs, known, rows[at])
    width = max(map(len, rows), default=0)
    if not runs or runs[-1].width != width:
        runs.append(Run(None, width))
    return runs[-1]


def _run_of(runs: list[Run], known: dict[Cells, Run], heading: Cells) -> Run:
    """The run with this heading; a new one is added to the runs where there is none."""
    if heading not in known:
        runs.append(known.setdefault(heading, Run(heading, len(heading))))
    return known[heading]


def blocks_of(frame: pl.DataFrame) -> list[pl.DataFrame]:
    """The rows of a table by heading, where further headings stand amid them; else [frame].

    Parts under the same heading are one frame.
    """
    names = [c for c in frame.columns if c != ROW]
    cells = frame.select(names).with_row_index(ROW).unpivot(index=ROW, variable_name="column", value_name="cell")
    repeats = cells.filter(pl.col("cell").str.strip_chars().is_in(names))[ROW].unique().sort()
    at = repeats.head(_MOST_HEADINGS).to_list()
    heads = [(i, row) for i in at if names_a_message(row := tuple(c or "" for c in frame.select(names).row(i)))]
    if not heads:
        return [frame]
    held: dict[tuple[str, ...], list[pl.DataFrame]] = {tuple(names): [frame.head(heads[0][0])]}
    ends = [i for i, _ in heads[1:]] + [frame.height]
    for (begin, row), end in zip(heads, ends, strict=True):
        own = column_names(row)
        part = frame[begin + 1 : end].rename(dict(zip(names, own, strict=True)))
        held.setdefault(tuple(own), []).append(part)
    return [pl.concat(parts) for parts in held.values()]


def column_names(row: Sequence[str]) -> list[str]:
    """A distinct name for each cell of a row of headings; `#1` for an empty cell."""
    names = [" ".join(c.split()) or f"#{i}" for i, c in enumerate(row, 1)]
    first = {n: i for i, n in reversed([*enumerate(names)])}
    return [n if first[n] == i else f"{n} ({i + 1})" for i, n in enumerate(names)]


def names_a_message(row: Cells) -> bool:
    """Whether cells of a row are called time, text and who sent, and none is a time: it is a heading."""
    if _holds_a_time(row):
        return False
    told = {role for c in row if 0 < len(c) <= _LONGEST for role in _OF_A_MESSAGE if hint(c.strip(), role) >= 1}
    return {"time", "text"} <= told and bool(told & {"sender", "direction"})


def heading_at(rows: Sequence[Cells]) -> int | None:
    """The row that names the columns; None where there is none.

    It is a full row with short, distinct cells without times, above rows that have times: of several the one whose
    cells name most fields of a message, else the first.
    """
    widths = sorted(sum(map(bool, r)) for r in rows)
    usual = widths[len(widths) // 2]
    found: list[tuple[int, int]] = []
    for at, row in enumerate(rows[:_TITLES]):
        filled = [c.strip() for c in row if c.strip()]
        if len(filled) < max(2, usual - 1) or len({*filled}) < len(filled) or is_called_a_zone(filled[0]):
            continue
        if not names_columns(row, rows[at + 1 :]):
            break
        found.append((sum(any(hint(c, r) >= 1 for r in _OF_A_MESSAGE) for c in filled), -at))
    return -max(found)[1] if found else None


def double_heading(rows: Sequence[Cells]) -> tuple[int, list[str]] | None:
    """The lower of two rows that name the columns together, and these names; None without such rows.

    A cell of the upper row stands above several of the lower one: `sender name`, `sender account`.
    """
    widths = sorted(sum(map(bool, r)) for r in rows)
    usual = widths[len(widths) // 2]
    for at, (upper, lower) in enumerate(pairwise(rows[:_TITLES])):
        groups = [c.strip() for c in upper if c.strip()]
        if len(groups) < 2 or len({*groups}) < len(groups) or not any(c.strip() for c in lower):
            continue
        names, group = [], ""
        for above, below in zip_longest(upper, lower, fillvalue=""):
            group = " ".join(above.split()) or group
            name = " ".join(below.split())
            names.append(f"{group} {name}" if name and group not in ("", name) else name or " ".join(above.split()))
        filled = [n for n in names if n]
        if len(filled) >= max(_LEAST_NAMED, usual - 1) and len({*filled}) == len(filled):
            below_both = rows[at + 2 :]
            if names_columns(upper, below_both) and names_columns(lower, below_both):
                return at + 1, column_names(names)
    return None


def names_columns(row: Cells, below: Sequence[Cells]) -> bool:
    """Whether a row looks like headings: no time among its cells, and none of them recurs below it."""
    if _holds_a_time(row) or max(map(len, row)) > _LONGEST:
        return False
    # The whole row may stand at the top of every printed page, and another heading above a further part of the table.
    others = [r for r in below if r != row and not names_a_message(r)]
    return not any(c.strip() and c.strip() == r[i].strip() for r in others for i, c in enumerate(row) if i < len(r))


def _holds_a_time(row: Cells) -> bool:
    return any(re.search(r"[0-9]{1,4}[-/.年:][0-9]{1,2}|^\s*1[0-9]{9}(?:[0-9]{3})?\s*$", c) for c in row)
