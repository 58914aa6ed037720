"""The second review: what each reviewer last said of a line, and whether they agree."""

from collections.abc import Iterable, Mapping
from typing import Literal

import polars as pl

from reconcile.custody.decisions import Decision
from reconcile.review.marks import RowName
from reconcile.review.store import Conversation

ByReviewer = dict[str, Decision]
Second = Literal["", "agreed", "disputed"]


def latest_by_reviewer(entries: Iterable[Decision], basis: str, conversation: str) -> dict[RowName, ByReviewer]:
    """Each reviewer's last judgement of each row in this run, without those taken back."""
    listed = tuple(entries)
    undone = {entry.undoes for entry in listed if entry.action == "undo"}
    found: dict[RowName, ByReviewer] = {}
    for entry in listed:
        is_mine = entry.action == "judge" and entry.basis == basis and entry.conversation == conversation
        if is_mine and entry.id not in undone:
            for row in entry.rows:
                said = found.setdefault(row, {})
                said.pop(entry.reviewer, None)
                said[entry.reviewer] = entry
    return found


def second_of(said: Mapping[str, Decision]) -> Second:
    """Whether several reviewers agree about a row; empty where one alone has judged it."""
    if len(said) < 2:
        return ""
    return "agreed" if len({(d.judgement, d.differs, d.rows) for d in said.values()}) == 1 else "disputed"


def lines_to_review(
    conversation: Conversation, said: Mapping[RowName, ByReviewer], state: str, reviewer: str
) -> pl.Series:
    """Numbers of lines that only others judged (`second`) or that are `disputed`, ascending."""
    return conversation.lines_with(
        row for row, by in said.items() if (second_of(by) == "disputed" if state == "disputed" else reviewer not in by)
    )
