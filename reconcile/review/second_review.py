"""The second review: what each reviewer last said of a line, and whether they agree."""

from collections.abc import Iterable, Mapping
from typing import Literal

import polars as pl

from reconcile.custody.decisions import Decision
from reconcile.review.marks import RowName
from reconcile.review.store import Conversation
from reconcile.vocabulary import Side

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
    return "agreed" if len({_compared_part(d) for d in said.values()}) == 1 else "disputed"


def _compared_part(decision: Decision) -> tuple[object, ...]:
    """What two reviewers must agree on: judgement, difference in substance, and rows."""
    return decision.judgement, decision.differs, decision.rows


def lines_to_review(
    conversation: Conversation, said: Mapping[RowName, ByReviewer], state: str, reviewer: str
) -> pl.Series:
    """Numbers of lines that only others judged (`second`) or that are `disputed`, ascending."""
    rows: dict[Side, list[int]] = {side: [] for side in Side}
    for (side, row), by in said.items():
        wanted = second_of(by) == "disputed" if state == "disputed" else reviewer not in by
        if wanted:
            rows[side].append(row)
    holds = pl.any_horizontal(pl.col(f"{side}_row").is_in(rows[side]) for side in Side)
    return conversation.lines.select(pl.arg_where(holds.fill_null(False))).to_series()
