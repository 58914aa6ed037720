"""The types of columns, and rows whose cells moved into columns that are not their own."""

import re
from collections.abc import Iterable, Sequence

from reconcile.patterns import lazy_pattern

# Other rows that must have a cell of the column, so that they show what belongs into it.
_LEAST_ROWS = 5
# The narrowest that all cells of a column fit is its type; words are of no type.
_TYPES = tuple(
    lazy_pattern(pattern)
    for pattern in (
        r"[0-9]+",
        r"[-+¥￥$]?[0-9][0-9,]*(?:\.[0-9]+)?",
        r"[0-9]{1,4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,4}日?[T ]?[^\s]*(?: [^\s]+)?",
        r"[0-9a-fA-F]+",
        r"[A-Za-z][A-Za-z_]*",
        r"[!-~]+",
    )
)


def misplaced_rows(rows: Sequence[Sequence[str]], suspects: Iterable[int]) -> list[int]:
    """Which of the suspected rows have a cell that no other row's cell of its column is like.

    A column whose other cells are all empty, or all of one type, says what belongs into it.
    """
    suspected = {*suspects}
    if not suspected:
        return []
    others = [row for n, row in enumerate(rows) if n not in suspected]
    types = [_type_of([row[at] for row in others]) for at in range(len(rows[0]))] if others else []
    return sorted(
        n for n in suspected if not all(t is None or t.fullmatch(c) for t, c in zip(types, rows[n], strict=False))
    )


def _type_of(cells: Sequence[str]) -> re.Pattern[str] | None:
    """What all the cells are, or may be where they are empty; None where that is anything or unknown."""
    held = {cell for cell in cells if cell}
    if len(cells) < _LEAST_ROWS or (held and len(cells) - cells.count("") < _LEAST_ROWS):
        return None
    # An empty cell is of any type, because a row may lack what others state.
    found = next((t for t in _TYPES if all(t.fullmatch(cell) for cell in held)), None) if held else re.compile("")
    return re.compile(f"(?:{found.pattern})?") if found is not None else None
