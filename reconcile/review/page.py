"""Lines and messages as JSON values for the page, with worded times and shortened texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from reconcile.custody.decisions import Decision
from reconcile.review.marks import Mark, RowName
from reconcile.review.second_review import ByReviewer, second_of
from reconcile.review.store import Conversation, Row
from reconcile.review.view import ZONE, shown_sender
from reconcile.vocabulary import Side

LIST_CHARACTERS = 240
"""A line of the list has room for less; the whole text stands beside it when the line is chosen."""

TIME_LENGTH = {"day": 10, "minute": 16, "none": 0}


@dataclass(frozen=True, slots=True)
class About:
    """Reviewers' traces on rows: the standing judgement, each reviewer's last one, marks."""

    standing: Mapping[RowName, Decision]
    said: Mapping[RowName, ByReviewer]
    marks: Mapping[RowName, Mark]


def lines_page(conversation: Conversation, numbers: pl.Series, about: About) -> list[Row]:
    """These lines, in this order, each with both sides' rows, the judgement in force, and the marks."""
    frame = conversation.lines.with_row_index("line")[numbers].select(
        "line",
        pl.col("relation").cast(pl.String),
        pl.col("cause").cast(pl.String),
        "confidence",
        *_side_columns(Side.LEFT),
        *_side_columns(Side.RIGHT),
    )
    return [_line_row(found, about) for found in frame.iter_rows(named=True)]


def about_line(rows: Sequence[RowName], said: Mapping[RowName, ByReviewer], marks: Mapping[RowName, Mark]) -> Row:
    """The second review (`second`) and the marks (`mark`) of a line; null where absent."""
    second = next((found for row in rows if (found := second_of(said.get(row, {})))), "")
    mark = next((marks[row] for row in rows if row in marks), None)
    shown = mark and {"is_bookmarked": mark.is_bookmarked, "is_masked": mark.is_masked, "tags": mark.tags}
    return {"second": second, "mark": shown}


def _side_columns(side: Side) -> list[pl.Expr]:
    """The columns of one side that the list shows."""
    return [
        pl.col(f"{side}_row"),
        shown_time(f"{side}_at").alias(f"{side}_time"),
        pl.col(f"{side}_time_precision").cast(pl.String),
        shown_sender(side).alias(f"{side}_who"),
        pl.col(f"{side}_party"),
        pl.col(f"{side}_is_self"),
        pl.col(f"{side}_kind").cast(pl.String),
        pl.col(f"{side}_amount"),
        pl.col(f"{side}_file_name"),
        pl.col(f"{side}_text").str.slice(0, LIST_CHARACTERS + 1),
    ]


def shown_time(column: str) -> pl.Expr:
    """An instant as text in `ZONE`, to the second."""
    return pl.col(column).dt.convert_time_zone(ZONE).dt.strftime("%Y-%m-%d %H:%M:%S")


def _line_row(found: Row, about: About) -> Row:
    """A line as the list shows it."""
    rows = [(side, found[f"{side}_row"]) for side in Side if found[f"{side}_row"] is not None]
    return {
        "line": found["line"],
        "relation": found["relation"],
        "cause": found["cause"],
        "confidence": found["confidence"],
        "left": _side_cell(found, Side.LEFT),
        "right": _side_cell(found, Side.RIGHT),
        "decisions": [decision_json(d) for d in _standing_decisions(rows, about)],
        **about_line(rows, about.said, about.marks),
    }


def _standing_decisions(rows: list[RowName], about: About) -> list[Decision]:
    """The standing judgements of these rows, each once."""
    return list({d.id: d for row in rows if (d := about.standing.get(row)) is not None}.values())


def _side_cell(found: Row, side: Side) -> Row | None:
    """One side of a line as the list shows it; None where that side has no row."""
    if found[f"{side}_row"] is None:
        return None
    text = found[f"{side}_text"] or ""
    return {
        "row": found[f"{side}_row"],
        "time": cut_time(found[f"{side}_time"], found[f"{side}_time_precision"]),
        "who": found[f"{side}_who"],
        "party": found[f"{side}_party"],
        "is_self": found[f"{side}_is_self"],
        "kind": found[f"{side}_kind"],
        "amount": found[f"{side}_amount"],
        "file": found[f"{side}_file_name"],
        "text": text[:LIST_CHARACTERS],
        "is_cut": len(text) > LIST_CHARACTERS,
    }


def cut_time(time: str | None, precision: str | None) -> str | None:
    """A time no finer than the export states it; null without one."""
    if not time:
        return None
    return time[: TIME_LENGTH.get(precision or "", len(time))] or None


def decision_json(decision: Decision) -> Row:
    """A judgement as JSON for the page."""
    return {
        "id": decision.id,
        "at": local(decision.at),
        "reviewer": decision.reviewer,
        "judgement": decision.judgement,
        "differs": decision.differs,
        "note": decision.note,
        "left": decision.left.row if decision.left else None,
        "right": decision.right.row if decision.right else None,
    }


def local(moment: datetime | None) -> str | None:
    """An instant as text in `ZONE`, to the second; null stays null."""
    return moment.astimezone(ZoneInfo(ZONE)).strftime("%Y-%m-%d %H:%M:%S") if moment else None


def plain(value: Any) -> Any:
    """A frame's value as a JSON value; instants as text in `ZONE`."""
    if isinstance(value, datetime):
        return local(value)
    return value
