"""Senders that no column names: ticks in the column of a party, and a code beside both parties."""

import re
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
from reconcile.formats.inferred.people.same_people import identity
from reconcile.formats.inferred.plan import Plan
from reconcile.wechat.kind_names import kinds_of_names

# Most parties with a column of ticks each, longest tick, and least share of rows after one of another party.
_MOST_PARTIES, _LONGEST_TICK, _TURNS = 8, 2, 0.1
# Cells that mean a tick where others of the same column mean none.
_TICKS, _EMPTY = ("true", "1", "yes", "y", "是"), ("false", "0", "no", "n", "否", "×", "x", "-", "/")
# Least share of the rows with words that a code and both parties fill, and longest name of a party.
_FULL, _LONGEST = 0.95, 80
_SENDER, _TWO = "sender", 2
# The name of a sender by a code: the party under one value of the code, and the one else.
_DERIVED = re.compile(r"(?P<one>.+)\((?P<code>.+)=(?P<value>[\w-]+)\)\|(?P<other>.+)")


def with_ticked_senders(fields: Fields) -> Fields | None:
    """The rows with the heading of the ticked column as `sender`, where a tick tells who speaks.

    Each row has exactly one tick. None for any other list, and where the headings are no people but states or kinds.
    """
    frame = fields.frame
    if frame.height < FEW or fields.roles or _SENDER in fields.names:
        return None
    ticks = {n: t for n in fields.names if not n.startswith(PARENT) and (t := _ticks(frame[n])) is not None}
    if not _TWO <= len(ticks) <= _MOST_PARTIES or _name_nobody([*ticks]):
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
    values = present(cells).str.strip_chars().str.to_lowercase().unique().to_list()
    if not values or len(values) > _TWO or max(map(len, values)) > max(_LONGEST_TICK, *map(len, (*_TICKS, *_EMPTY))):
        return None
    marks = [v for v in values if v not in _EMPTY] if len(values) == _TWO else values
    if len(marks) != 1 or not (marks[0] in _TICKS or len(marks[0]) <= _LONGEST_TICK) or marks[0] in _EMPTY[:5]:
        return None
    ticked = (cells.str.strip_chars().str.to_lowercase() == marks[0]).fill_null(value=False)
    return ticked if ticked.any() and not ticked.all() else None


def _name_nobody(headings: Sequence[str]) -> bool:
    """Whether the headings of ticks are words for states, sides or kinds, or for another field."""
    words = pl.Series([h.strip().lower() for h in headings])
    is_word = words.is_in([*DIRECTIONS, *STATUSES]) | kinds_of_names(words).is_not_null()
    return bool(is_word.any()) or any(hint(h, r) >= 1 for h in headings for r in ("time", "text", "kind", "status"))


def with_senders_of_codes(plan: Plan) -> Plan:
    """The plan of a list in which a code of two values says which of two parties spoke, to be asked for.

    Both parties stand in every row. The candidates are named after the party under one value of the code and the one
    else, as `with_sender_of_code` reads them; the likeliest is the first. Unchanged where a sender is clear.
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
    return values.len() == _TWO and turns >= _TURNS and bool(values.str.contains(r"^[\w-]{1,12}$").all())


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
    """Both readings of a code with two parties, each with how far it is borne out.

    Who takes over from another of his side speaks first in the rows that bear his name.
    """
    for value in sorted(present(said[code]).unique()):
        is_one = pl.col(code) == value
        comes = {n: pl.col(n).ne(pl.col(n).shift(1)).fill_null(value=False) for n in (one, other)}
        fits = (comes[one] & is_one).sum() + (comes[other] & ~is_one).sum()
        against = (comes[one] & ~is_one).sum() + (comes[other] & is_one).sum()
        score = said.select(fits.cast(pl.Int64) - against.cast(pl.Int64)).item()
        yield float(score), f"{one}({code}={value})|{other}"


def with_sender_of_code(fields: Fields, name: str) -> Fields:
    """The fields with such a column by its name; unchanged where the name is none, or of other columns."""
    named = _DERIVED.fullmatch(name)
    if named is None or not {*(parts := named.group("one", "code", "other"))} <= {*fields.names}:
        return fields
    one, code, other = parts
    sender = pl.when(pl.col(code) == named["value"]).then(one).when(pl.col(code).is_not_null()).then(other)
    return replace(fields, frame=fields.frame.with_columns(sender.alias(name)))
