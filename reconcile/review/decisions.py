"""The reviewer's desk: what a judgement may cover, how it is logged, and which one is in force."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from reconcile.custody.decisions import (
    HEAD_NAME,
    LOG_NAME,
    MAX_NAME,
    MAX_NOTE,
    Decision,
    DecisionLog,
    Judgement,
    RowKey,
    append_locked,
    new_id,
    now,
    read_log,
    standing,
)
from reconcile.custody.lock import log_locked
from reconcile.review.answers import Refused
from reconcile.review.findings import TO_LOOK_AT
from reconcile.review.store import CaseFolder, Conversation, Row
from reconcile.vocabulary import Relation, Side

Name = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME, strip_whitespace=True)]
RowNumber = Annotated[int, Field(ge=0, lt=2**32)]


class Judging(BaseModel):
    """A browser's request to judge: rows, judgement, and the last decision that it had seen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    conversation: int
    left: RowNumber | None = None
    right: RowNumber | None = None
    judgement: Judgement
    differs: bool = False
    note: str = Field("", max_length=MAX_NOTE)
    reviewer: Name
    seen: list[str] = Field(default_factory=list, max_length=4)


class Undoing(BaseModel):
    """A browser's request to take a judgement back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    reviewer: Name
    note: str = Field("", max_length=MAX_NOTE)


@dataclass
class Desk:
    """Takes judgements for one case folder; reads the log anew each time to see others' entries."""

    case: CaseFolder
    _kept: tuple[tuple[tuple[int, int], ...], DecisionLog, tuple[Decision, ...]] | None = None

    def log(self) -> DecisionLog:
        """The log as stored on the disk."""
        return self._read()[0]

    def standing(self) -> tuple[Decision, ...]:
        """The judgements of this run that are neither undone nor replaced."""
        return self._read()[1]

    def _read(self) -> tuple[DecisionLog, tuple[Decision, ...]]:
        """The log and its standing judgements, read again only when the file or its head changed."""
        mark = tuple(stamp_of(self.case.folder / name) for name in (LOG_NAME, HEAD_NAME))
        kept = self._kept
        if kept is None or kept[0] != mark:
            log = read_log(self.case.folder)
            mine = tuple(d for d in standing(log.entries) if d.basis == self.case.basis)
            self._kept = kept = (mark, log, mine)
        return kept[1], kept[2]

    def by_row(self, conversation: str) -> dict[tuple[Side, int], Decision]:
        """The standing judgement of each judged row of a conversation."""
        return {key: d for d in self.standing() if d.conversation == conversation for key in d.rows}

    def judge(self, asked: Judging) -> Decision:
        """Writes a judgement to the log; on disk when this returns. Raises Refused."""
        try:
            conversation = self.case.conversation(asked.conversation)
        except IndexError:
            raise Refused("no_such_line", 404) from None
        lines = _asked_lines(conversation, asked)
        _check_whole_lines(asked, lines)
        decision = self._decision_of(asked, conversation, lines)
        _check_reason(decision)
        with log_locked(self.case.folder):
            log = read_log(self.case.folder)
            self._check_seen(asked, decision, log)
            append_locked(self.case.folder, decision, log)
        return decision

    def undo(self, asked: Undoing) -> Decision:
        """Writes an undo to the log. Raises Refused where the judgement is no longer in force."""
        with log_locked(self.case.folder):
            log = read_log(self.case.folder)
            target = next((d for d in standing(log.entries) if d.id == asked.id), None)
            if target is None:
                raise Refused("not_standing")
            decision = Decision(
                id=new_id(),
                at=now(),
                reviewer=asked.reviewer,
                action="undo",
                note=asked.note,
                conversation=target.conversation,
                basis=self.case.basis,
                undoes=target.id,
            )
            append_locked(self.case.folder, decision, log)
        return decision

    def _decision_of(self, asked: Judging, conversation: Conversation, lines: list[Row]) -> Decision:
        """The log entry for a request."""
        return Decision(
            id=new_id(),
            at=now(),
            reviewer=asked.reviewer,
            action="judge",
            judgement=asked.judgement,
            differs=asked.differs and asked.judgement is Judgement.SAME,
            note=asked.note,
            conversation=conversation.id,
            left=self._row_key(Side.LEFT, asked.left, lines),
            right=self._row_key(Side.RIGHT, asked.right, lines),
            found=Relation(lines[0]["relation"]),
            basis=self.case.basis,
        )

    def _row_key(self, side: Side, row: int | None, lines: list[Row]) -> RowKey | None:
        """The row named by number, locator and message id; None for no row."""
        if row is None:
            return None
        line = next(each for each in lines if each[f"{side}_row"] == row)
        message = self.case.message(side, row) or {}
        return RowKey(row=row, locator=line[f"{side}_locator"], message_id=message.get("message_id"))

    def _check_seen(self, asked: Judging, decision: Decision, log: DecisionLog) -> None:
        """Refuses a judgement whose author has not seen the standing judgements of these rows.

        The reviewer may then judge again.
        """
        rows = set(decision.rows)
        about = [d for d in standing(log.entries) if d.basis == self.case.basis and rows & set(d.rows)]
        about = [d for d in about if d.conversation == decision.conversation]
        if any(d.id not in asked.seen for d in about):
            raise Refused("judged_meanwhile")


def _asked_lines(conversation: Conversation, asked: Judging) -> list[Row]:
    """The lines of the requested rows, each once. Raises Refused where there is none."""
    numbers = []
    for side, row in ((Side.LEFT, asked.left), (Side.RIGHT, asked.right)):
        if row is not None:
            line = conversation.line_of(side, row)
            if line is None:
                raise Refused("no_such_line", 404)
            numbers.append(line)
    if not numbers:
        raise Refused("no_such_line", 404)
    columns = ["relation", "left_row", "right_row", "left_locator", "right_locator"]
    return [conversation.lines.select(columns).row(n, named=True) for n in dict.fromkeys(numbers)]


def stamp_of(path: Path) -> tuple[int, int]:
    """Size and time of a file, which change with its content; zeros where there is no file."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


def _check_whole_lines(asked: Judging, lines: list[Row]) -> None:
    """Refuses a judgement that covers no whole line.

    Whole lines: two rows of a line, one row alone, or two unmatched rows as one message.
    """
    named = {(Side.LEFT, asked.left), (Side.RIGHT, asked.right)}
    held = {(side, line[f"{side}_row"]) for line in lines for side in Side}
    if {key for key in held if key[1] is not None} != {key for key in named if key[1] is not None}:
        raise Refused("not_a_line")
    relations = [Relation(line["relation"]) for line in lines]
    if not any(relation in TO_LOOK_AT for relation in relations):
        raise Refused("nothing_to_judge")
    if asked.judgement is Judgement.SAME and (asked.left is None or asked.right is None):
        raise Refused("needs_a_partner")
    if len(lines) == 2 and asked.judgement is not Judgement.SAME:
        raise Refused("one_at_a_time")
    if asked.judgement is Judgement.SET_ASIDE and not asked.note.strip():
        raise Refused("needs_a_note", 422)


def _check_reason(decision: Decision) -> None:
    """Requires a reason for calling two rows with one server id different messages."""
    ids = [key.message_id for key in (decision.left, decision.right) if key is not None]
    has_one_id = len(ids) == 2 and ids[0] is not None and ids[0] == ids[1]
    if decision.judgement is Judgement.NOT_SAME and has_one_id and not decision.note.strip():
        raise Refused("same_id_needs_a_note", 422)


def judged_lines(conversation: Conversation, decisions: Iterable[Decision]) -> pl.Series:
    """Numbers of the lines that these judgements cover, ascending."""
    return conversation.lines_with(row for d in decisions if d.conversation == conversation.id for row in d.rows)
