"""Marks without judgement: bookmarks, tags, rows to mask, in `marks.json` next to the decisions."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import orjson
import polars as pl
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from reconcile.custody.atomic_files import write_files
from reconcile.custody.lock import log_locked
from reconcile.review.answers import Refused
from reconcile.review.decisions import RowNumber, stamp_of
from reconcile.review.store import CaseFolder, Conversation
from reconcile.vocabulary import Side

FILE = "marks.json"
MOST_TAGS, MOST_TAG, MOST_MARKS = 12, 40, 100_000
Tag = Annotated[
    str, StringConstraints(min_length=1, max_length=MOST_TAG, strip_whitespace=True, pattern=r"^[^,，\n]+$")
]
RowName = tuple[Side, int]


class Mark(BaseModel):
    """The marks of one line.

    Attributes:
        basis: of the run whose rows these are; see `custody.decisions.basis_of`.
        conversation: our id of the matched pair.
        left: row of the left side; null where the line has none.
        right: row of the right side.
        is_bookmarked: to be found again.
        is_masked: both sides' words are left out of reports that mask chosen rows.
        tags: the reviewers' own words, in the order in which they were added.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    basis: str
    conversation: str
    left: RowNumber | None = None
    right: RowNumber | None = None
    is_bookmarked: bool = False
    is_masked: bool = False
    tags: tuple[Tag, ...] = Field((), max_length=MOST_TAGS)

    @property
    def line(self) -> tuple[str, str, int | None, int | None]:
        """Basis, conversation and rows, which together identify the line."""
        return self.basis, self.conversation, self.left, self.right

    @property
    def is_empty(self) -> bool:
        """Whether nothing is marked."""
        return not (self.is_bookmarked or self.is_masked or self.tags)

    @property
    def rows(self) -> list[RowName]:
        """The rows of the line, as side and number."""
        both = ((Side.LEFT, self.left), (Side.RIGHT, self.right))
        return [(side, row) for side, row in both if row is not None]


class Marks(BaseModel):
    """The file."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: Literal[1] = 1
    marks: tuple[Mark, ...] = Field((), max_length=MOST_MARKS)


class Marking(BaseModel):
    """A browser's request to mark: the line's rows and all their marks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    conversation: int
    left: RowNumber | None = None
    right: RowNumber | None = None
    is_bookmarked: bool = False
    is_masked: bool = False
    tags: tuple[Tag, ...] = Field((), max_length=MOST_TAGS)


def read_marks(folder: Path) -> tuple[Mark, ...]:
    """The marks of a case folder, of every run; none without a file.

    Raises Refused for a file of another form.
    """
    try:
        return Marks.model_validate_json((folder / FILE).read_bytes()).marks
    except FileNotFoundError:
        return ()
    except ValidationError:
        raise Refused("marks_unreadable") from None


@dataclass
class MarkShelf:
    """The marks of one case folder, read again whenever the file has changed."""

    case: CaseFolder
    _kept: tuple[tuple[int, int], tuple[Mark, ...]] | None = None

    def of_run(self) -> tuple[Mark, ...]:
        """The marks made on this run."""
        stamp, kept = stamp_of(self.case.folder / FILE), self._kept
        if kept is None or kept[0] != stamp:
            mine = tuple(m for m in read_marks(self.case.folder) if m.basis == self.case.basis)
            self._kept = kept = stamp, mine
        return kept[1]

    @property
    def head(self) -> str:
        """A value that changes whenever the file changes."""
        return "-".join(map(str, stamp_of(self.case.folder / FILE)))

    def by_row(self, conversation: str) -> dict[RowName, Mark]:
        """The marks of each marked row of a conversation."""
        return {row: mark for mark in self.of_run() if mark.conversation == conversation for row in mark.rows}

    def put(self, asked: Marking) -> Mark:
        """Writes the marks of one line to the disk. Raises Refused for a line that does not exist."""
        mark = self._mark_of(asked)
        with log_locked(self.case.folder):
            others = [m for m in read_marks(self.case.folder) if m.line != mark.line]
            if len(others) >= MOST_MARKS:
                raise Refused("too_many_marks", 422)
            kept = Marks(marks=tuple(others if mark.is_empty else [*others, mark]))
            write_files({self.case.folder / FILE: orjson.dumps(kept.model_dump(mode="json"))})
        return mark

    def _mark_of(self, asked: Marking) -> Mark:
        """The marks of a request. Raises Refused unless its rows are one line."""
        try:
            conversation = self.case.conversation(asked.conversation)
        except IndexError:
            raise Refused("no_such_line", 404) from None
        lines = {conversation.line_of(side, row) for side, row in _marked_rows(asked)}
        line = lines.pop() if len(lines) == 1 else None
        if line is None or conversation.lines.row(line, named=True)["left_row"] != asked.left:
            raise Refused("no_such_line", 404)
        if conversation.lines.row(line, named=True)["right_row"] != asked.right:
            raise Refused("no_such_line", 404)
        stated = asked.model_dump(exclude={"conversation"}) | {"tags": tuple(dict.fromkeys(asked.tags))}
        return Mark(basis=self.case.basis, conversation=conversation.id, **stated)


def _marked_rows(asked: Marking) -> list[RowName]:
    return [(side, row) for side, row in ((Side.LEFT, asked.left), (Side.RIGHT, asked.right)) if row is not None]


def marked_lines(conversation: Conversation, marks: Iterable[Mark]) -> pl.Series:
    """Numbers of the lines with these marks, ascending."""
    return conversation.lines_with(row for m in marks if m.conversation == conversation.id for row in m.rows)


def tags_of(marks: Iterable[Mark]) -> list[str]:
    """Every tag in use, by name."""
    return sorted({tag for mark in marks for tag in mark.tags})
