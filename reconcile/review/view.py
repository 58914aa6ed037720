"""Which lines of a conversation are shown: the filters as one value and the passing lines."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from reconcile.review.amounts import amount_of, amount_pattern
from reconcile.review.findings import either
from reconcile.vocabulary import Cause, Kind, Relation

ZONE = "Asia/Shanghai"
"""Times are shown, and days are cut, in the zone in which WeChat's users live; the records themselves hold instants."""

MAX_QUERY = 200


def _split(value: object) -> object:
    return tuple(part for part in value.split(",") if part) if isinstance(value, str) else value


class View(BaseModel):
    """The filters of a reviewer. Empty = everything.

    Attributes:
        relation: what the comparison found; any of these.
        cause: any of these.
        kind: either side's kind is any of these.
        sender: our name of the party on either side; the name shown where the comparison could not tell who it is.
        since: first day, in `ZONE`.
        until: last day, in `ZONE`.
        least: lowest amount, yuan.
        most: highest amount, yuan.
        words: stands in either side's text or file name, letter case aside; a number is found in every spelling.
        state: `open` = to be looked at and not judged; `judged` = judged by a reviewer; `second` = judged, by others than `reviewer` alone;
            `disputed` = reviewers judge differently.
        reviewer: whose second review is still to come.
        mark: lines with a bookmark, or to be masked in reports.
        tag: lines that bear this tag.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    relation: Annotated[tuple[Relation, ...], BeforeValidator(_split)] = ()
    cause: Annotated[tuple[Cause, ...], BeforeValidator(_split)] = ()
    kind: Annotated[tuple[Kind, ...], BeforeValidator(_split)] = ()
    sender: str = Field("", max_length=MAX_QUERY)
    since: date | None = None
    until: date | None = None
    least: float | None = None
    most: float | None = None
    words: str = Field("", max_length=MAX_QUERY)
    state: Literal["", "open", "judged", "second", "disputed"] = ""
    reviewer: str = Field("", max_length=MAX_QUERY)
    mark: Literal["", "bookmark", "mask"] = ""
    tag: str = Field("", max_length=MAX_QUERY)


def lines_in(lines: pl.DataFrame, view: View, judged: pl.Series, marked: pl.Series | None = None) -> pl.Series:
    """Numbers of the lines that pass every filter, ascending.

    Args:
        lines: a conversation's lines in display order.
        view: the filters.
        judged: numbers of the lines that a standing decision speaks of; of those that `state` names, where it names a sort of them.
        marked: numbers of the lines with the mark or tag that the filters name; None where they name none.
    """
    passing = [*_vocabulary(view), *_people(view), *_range(view), *_words(view)]
    frame = lines.lazy().with_row_index("line")
    if view.state:
        passing.append(_state(view, judged))
    if marked is not None:
        passing.append(pl.col("line").is_in(marked.to_list()))
    if passing:
        frame = frame.filter(pl.all_horizontal(passing))
    return frame.select("line").collect().to_series()


def _vocabulary(view: View) -> list[pl.Expr]:
    tests = []
    for column, wanted in (("relation", view.relation), ("cause", view.cause)):
        if wanted:
            tests.append(pl.col(column).cast(pl.String).is_in([w.value for w in wanted]))
    if view.kind:
        kinds = [k.value for k in view.kind]
        tests.append(_any_side(lambda side: pl.col(f"{side}_kind").cast(pl.String).is_in(kinds)))
    return tests


def _people(view: View) -> list[pl.Expr]:
    if not view.sender:
        return []
    return [_any_side(lambda side: party_of(side) == view.sender)]


def shown_sender(side: str) -> pl.Expr:
    """The sender as this device shows it: the name, else the account, else our name of the party."""
    return pl.coalesce(f"{side}_sender_name", f"{side}_sender", f"{side}_party")


def party_of(side: str) -> pl.Expr:
    """Our name of the party, the same on both sides; the name shown where there is none."""
    return pl.coalesce(f"{side}_party", f"{side}_sender_name", f"{side}_sender")


def _range(view: View) -> list[pl.Expr]:
    day = either("at").dt.convert_time_zone(ZONE).dt.date()
    amount = either("amount").cast(pl.Float64, strict=False)
    tests = []
    if view.since is not None:
        tests.append(day >= view.since)
    if view.until is not None:
        tests.append(day <= view.until)
    if view.least is not None:
        tests.append(amount >= view.least)
    if view.most is not None:
        tests.append(amount <= view.most)
    return tests


def _words(view: View) -> list[pl.Expr]:
    if not view.words:
        return []
    tests = [_any_side(lambda side: _holds(f"{side}_text", view.words) | _holds(f"{side}_file_name", view.words))]
    amount = amount_of(view.words)
    if amount is not None:
        pattern = amount_pattern(amount)
        tests.append(_any_side(lambda side: pl.col(f"{side}_text").str.contains(pattern)))
        tests.append(_any_side(lambda side: pl.col(f"{side}_amount").cast(pl.Float64, strict=False) == float(amount)))
    return [pl.any_horizontal(tests)]


def shown_pattern(words: str) -> str | None:
    """What to mark in the texts where an amount is searched for; None for other words."""
    amount = amount_of(words)
    return None if amount is None else amount_pattern(amount)


def _holds(column: str, words: str) -> pl.Expr:
    text = pl.col(column)
    if words.lower() != words.upper():
        text, words = text.str.to_lowercase(), words.lower()
    return text.str.contains(words, literal=True).fill_null(False)


def _state(view: View, judged: pl.Series) -> pl.Expr:
    is_judged = pl.col("line").is_in(judged.to_list())
    if view.state != "open":
        return is_judged
    relation = pl.col("relation").cast(pl.String)
    return ~is_judged & relation.is_in([Relation.CONFLICT, Relation.ONE_SIDED, Relation.DOUBTFUL])


def _any_side(test: Callable[[str], pl.Expr]) -> pl.Expr:
    return test("left").fill_null(False) | test("right").fill_null(False)
