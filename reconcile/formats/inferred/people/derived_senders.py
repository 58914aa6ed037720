"""Senders that no column names: ticks in the column of a party, and a code beside both parties."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import polars as pl

from reconcile.column_ops import present
from reconcile.formats.inferred.direction_words import DIRECTIONS, STATUSES
from reconcile.formats.inferred.fields import PARENT, Fields
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.mapping import MOST_CANDIDATES
from reconcile.formats.inferred.people.evidence import FEW
from reconcile.formats.inferred.people.receivers import NO, YES
from reconcile.formats.inferred.people.same_people import identity
from reconcile.formats.inferred.plan import Plan
from reconcile.patterns import lazy_pattern
from reconcile.wechat.kind_names import kinds_of_names

# Most columns of ticks, longest tick, and least share of rows that follow a row of another party.
_MOST_PARTIES, _LONGEST_TICK, _TURNS = 8, 2, 0.1
# Cells that mean no tick, where other cells of the column are ticks.
_UNTICKED = {*NO, "×", "x", "-", "/"} - {""}
# Least share of the rows with words that a code and both parties fill, and longest name of a party.
_FULL, _LONGEST = 0.95, 80
_SENDER = "sender"
# The name of a derived sender, `one(code=value)|other`: party `one` under this value of the code, else party `other`.
_DERIVED = lazy_pattern(r"(?P<one>.+)\((?P<code>.+)=(?P<value>[\w-]+)\)\|(?P<other>.+)")


def with_ticked_senders(fields: Fields) -> Fields | None:
    """The rows with the heading of the ticked column as `sender`, where a tick tells who speaks.

    Each row has exactly one tick. None for any other list, and where the headings are no people but states or kinds.
    """
    frame = fields.frame
    if frame.height < FEW or fields.roles or _SENDER in fields.names:
        return None
    ticks = {n: t for n in fields.names if not n.startswith(PARENT) and (t := _ticks(frame[n])) is not None}
    if not 2 <= len(ticks) <= _MOST_PARTIES or _are_no_people([*ticks]):
        return None
    held = pl.DataFrame([t.alias(n) for n, t in ticks.items()])
    if not (held.sum_horizontal() == 1).all():
        return None
    who = held.select(pl.coalesce(pl.when(n).then(pl.lit(n)) for n in ticks).alias(_SENDER)).to_series()
    if float((who != who.shift(1)).mean() or 0) < _TURNS:  # type: ignore[arg-type]
        return None
    return replace(fields, frame=frame.drop([*ticks]).with_columns(who))


def _ticks(cells: pl.Series) -> pl.Series | None:
    """Which cells have a tick; None where the column holds anything else, or no tick or no gap at all."""
    values = {*present(cells).unique().str.strip_chars().str.to_lowercase()}
    marks = values - _UNTICKED if len(values) == 2 else values
    mark = next(iter(marks), "")
    if len(marks) != 1 or mark in NO or not (mark in YES or len(mark) <= _LONGEST_TICK):
        return None
    ticked = (cells.str.strip_chars().str.to_lowercase() == mark).fill_null(value=False)
    return ticked if ticked.any() and not ticked.all() else None


def _are_no_people(headings: Sequence[str]) -> bool:
    """Whether a heading of ticks is a word for a state, a direction, a kind or another field."""
    words = pl.Series([h.strip().lower() for h in headings])
    is_word = words.is_in([*DIRECTIONS, *STATUSES]) | kinds_of_names(words).is_not_null()
    return bool(is_word.any()) or any(hint(h, r) >= 1 for h in headings for r in ("time", "text", "kind", "status"))


def with_senders_of_codes(plan: Plan) -> Plan:
    """The plan with candidates for the sender, where a code may say which of two parties spoke.

    Both parties stand in every row. A candidate is the name of a derived sender that `with_sender_of_code` reads; the
    likeliest comes first. The plan is unchanged where the sender is clear.
    """
    told = plan.inferred.doubts.get(_SENDER)
    text = plan.inferred.choices.get("text")
    if told is None or text is None or "direction" in plan.inferred.choices or plan.fields.roles:
        return plan
    said = plan.fields.frame.filter(pl.col(text.column).is_not_null())
    if said.height < FEW:
        return plan
    taken = {c.column for r, c in plan.inferred.choices.items() if r in ("time", "date", "text")}
    free = [n for n in plan.fields.names if n not in taken and not n.startswith(PARENT)]
    full = [n for n in free if said[n].count() >= _FULL * said.height]
    codes = [n for n in full if _is_code(said[n])]
    parties = [n for n in full if n not in codes and _names_a_party(said[n])]
    found = [one for code in codes for pair in _pairs(said, parties) for one in _readings(said, code, *pair)]
    if not found:
        return plan
    found.sort(key=lambda f: -f[0])
    names = tuple(name for _, name in found[:MOST_CANDIDATES])
    choices = {r: c for r, c in plan.inferred.choices.items() if r != _SENDER}
    return Plan(plan.fields, replace(plan.inferred, choices=choices, doubts={**plan.inferred.doubts, _SENDER: names}))


def _is_code(cells: pl.Series) -> bool:
    """Whether a column has two short values that take turns as speakers do."""
    values = present(cells).unique()
    turns = float((cells != cells.shift(1)).mean() or 0)  # type: ignore[arg-type]
    return values.len() == 2 and turns >= _TURNS and bool(values.str.contains(r"^[\w-]{1,12}$").all())


def _names_a_party(cells: pl.Series) -> bool:
    """Whether a column holds accounts or names of few people: one of them, or several in turns or runs."""
    values = present(cells).unique()
    is_named = (
        values.str.contains(r"\p{L}") & (values.str.len_chars() <= _LONGEST) & ~values.str.contains(r"://|\s{2}|\n")
    )
    return (
        values.len() <= max(1, cells.len() // FEW)
        and bool(is_named.all())
        and bool(kinds_of_names(values).is_null().all())
    )


def _pairs(said: pl.DataFrame, parties: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The columns of both parties: they share no value, and one at least is called after a person."""
    values = {n: {*present(said[n]).unique()} for n in parties}
    for one, other in combinations(sorted(n for n in parties if hint(n, "conversation") <= 0), 2):
        if not values[one] & values[other] and any(hint(n, _SENDER) > 0 or identity(said, n) for n in (one, other)):
            yield one, other


def _readings(said: pl.DataFrame, code: str, one: str, other: str) -> Iterator[tuple[float, str]]:
    """Both readings of a code with two parties, each with a score.

    The score is the number of changes of a party's name that support the reading, less those that contradict it.
    Somebody who takes over speaks first in the rows with his name.
    """
    for value in sorted(present(said[code]).unique()):
        is_one = pl.col(code) == value
        comes = {n: pl.col(n).ne(pl.col(n).shift(1)).fill_null(value=False) for n in (one, other)}
        fits = (comes[one] & is_one).sum() + (comes[other] & ~is_one).sum()
        against = (comes[one] & ~is_one).sum() + (comes[other] & is_one).sum()
        score = said.select(fits.cast(pl.Int64) - against.cast(pl.Int64)).item()
        yield float(score), f"{one}({code}={value})|{other}"


def with_sender_of_code(fields: Fields, name: str) -> Fields:
    """The fields with the column of a derived sender; unchanged for any other name."""
    named = _DERIVED.fullmatch(name)
    if named is None or not {*(parts := named.group("one", "code", "other"))} <= {*fields.names}:
        return fields
    one, code, other = parts
    sender = pl.when(pl.col(code) == named["value"]).then(one).when(pl.col(code).is_not_null()).then(other)
    return replace(fields, frame=fields.frame.with_columns(sender.alias(name)))
