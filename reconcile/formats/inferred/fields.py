"""Frames of text fields: the common form in which every container hands its columns to the scorer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from reconcile.intake.contract import Note
from reconcile.intake.tables.cells import ROW
from reconcile.vocabulary import NoteCode

# Least share of the cells of a column that repeat another column with more around it.
_REPEATED = 0.5

PARENT = "^"
"""Beginning of the columns that hold fields of what encloses the rows."""
LIST_NAME = f"{PARENT}list"
"""Column of the name of each row's list, where lists with the same fields stand side by side."""
TITLE = f"{PARENT}title above"
"""Column of the title above each row, which may name its chat."""
DAY = f"{PARENT}date"
"""Column of the day that a line above each row states."""
ELEMENT = "@element"
"""Column of the name of each row's element, where elements of several names make one list."""
HIDDEN = f"{PARENT}hidden"
"""Column of the rows that a page holds and a browser does not show."""


@dataclass(frozen=True, slots=True)
class Fields:
    """One list of rows as a container holds it.

    Attributes:
        frame: text columns, null = not there, and ROW, the row's number inside the file (a line, an index, a row).
        file: name inside the source.
        label: begins each locator.
        place: what the file itself calls the conversation; '' = nothing.
        beside: what the container states outside the rows, by dotted name.
        people: account -> displayed name, where a list of members stands beside the rows.
        is_positional: the names of the columns are mere positions.
        is_last_resort: read so only where nothing else in the file reads as messages.
        roles: role -> column, where the container itself tells what each column is.
        is_text: in a text, somebody's words may hold a line that looks like the beginning of a message.
        is_flat: each message takes a line, or a cell without line ends.
        timed: the lines and cells of the whole page or document that may hold a time of day; None = not gathered.
        doubts: role -> candidates, where what the container tells has to be confirmed.
        shown: column of keys of people -> column of the names that another list gives these.
    """

    frame: pl.DataFrame
    file: str
    label: str
    place: str = ""
    beside: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    is_positional: bool = False
    notes: tuple[Note, ...] = ()
    is_last_resort: bool = False
    roles: Mapping[str, str] = field(default_factory=dict)
    doubts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_text: bool = False
    is_flat: bool = False
    timed: pl.Series | None = None
    shown: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The columns that may be fields of a message."""
        return [c for c in self.frame.columns if c not in (ROW, TITLE)]

    @property
    def lines_beside(self) -> list[str]:
        """The lines of the file that are no rows."""
        return [n.excerpt for n in self.notes if n.code in (NoteCode.ROW_SKIPPED, NoteCode.LINE_OUTSIDE)]


def repeats(frame: pl.DataFrame, one: str, other: str) -> bool:
    """Whether a column repeats another with more around it, in fewer rows, or always before it.

    An attribute of a page may do so in more rows, as one to search by.
    """
    filled, others = frame[one].count(), frame[other].count()
    if "@" in one and "@" not in other and others <= filled:
        return _is_always_around(frame, one, other)
    if one == other or others < filled:
        return False
    if others == filled:
        # The first row that fills both tells of most columns that they do not.
        rows = zip(frame[one], frame[other], strict=True)
        first, last = next((r for r in rows if None not in r), ("", ""))
        if first == last or not first.endswith(last):
            return False
    both = frame.select(pl.col(one).alias("a"), pl.col(other).alias("b")).drop_nulls()
    if others == filled:
        is_behind = (pl.col("a") != pl.col("b")) & pl.col("a").str.ends_with(pl.col("b"))
        return both.height > 0 and bool(both.select(is_behind.all()).item())
    if both.height < filled or (both["a"] == both["b"]).any():
        return False
    # In a group, an account may stand in a line of its own above the words.
    last = pl.col("b").str.strip_chars_end().str.extract(r"([^\n]+)$", 1)
    told = both.select(pl.col("a").str.contains(last, literal=True)).to_series()
    return float(told.mean() or 0) > _REPEATED  # type: ignore[arg-type]


def _is_always_around(frame: pl.DataFrame, one: str, other: str) -> bool:
    """Whether the cells of a column hold those of another, and more, in all of several rows with both."""
    both = frame.select(pl.col(one).alias("a"), pl.col(other).alias("b")).drop_nulls()
    is_more = (pl.col("a") != pl.col("b")) & pl.col("a").str.contains(pl.col("b"), literal=True)
    return both.height > 1 and bool(both.select(is_more.all()).item())
