"""What a column shows of whether it names people, and what each sign of that weighs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from reconcile.formats.inferred.direction_words import DIRECTIONS
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.mapping import Found
from reconcile.formats.inferred.people.same_people import name_nobody
from reconcile.formats.inferred.words.bodies_in_lines import DAY_NAME
from reconcile.wechat.chinese_script import simplified

# What the signs of a person add up to: each share of 0 to 1, or yes as 1, times its weight.
BASE = 0.6
WEIGHTS: Mapping[str, float] = {
    "filled": 0.4,  # the messages that have a value
    "turns": 0.3,  # the rows where the value changes, as speakers do; half of them count as all
    "told": 1.0,  # the heading: 1 its own word for a person, 0.5 one word of several, -0.5 a word for another role
    "figures": -0.6,  # small numbers and fractions
    "is_one": -0.4,  # the same value in every row
    "is_one_above": -0.75,  # and that outside the rows
}
# Least score of a person.
LEAST = 0.4
# Few people; from the second number of rows on, people recur.
FEW, _EVER_NEW = 6, 12
# Least share of messages with a value; largest share of different values, and of addresses among those; longest name.
FILLED, _NEW, _ADDRESSES, _LONGEST = 0.4, 0.9, 0.5, 80
# Least rows of a direction that show whose values they have.
_LEAST_OF_A_SIDE = 3
_ADDRESS = r"^(?:https?://|data:|/|[A-Za-z]:\\)|\.(?:jpe?g|png|gif|webp|mp4|amr|silk)$"
_PERIOD = rf"^\s*(?:19|20)[0-9]{{2}}\s?[-/.年]\s?[0-9]{{1,2}}|^{DAY_NAME}$"
_FIGURE = r"^-?[0-9]{1,3}$|^[0-9]+\.[0-9]+$"
# Most different values that may be words which nobody is called.
_MOST_WORDS = 20


@dataclass(frozen=True)
class Evidence:
    """One column of the messages: its heading, and what its values show. Shares are between 0 and 1."""

    name: str
    rows: int
    held: int
    distinct: int
    longest: int
    changes: float
    figures: float
    addresses: float
    is_period: bool
    is_nobody: bool
    on_both: float
    is_of_sides: bool

    @property
    def filled(self) -> float:
        """Share of the messages that have a value."""
        return self.held / max(self.rows, 1)

    @property
    def turns(self) -> float:
        """How far the value changes from row to row as speakers do: 1 from every second row on."""
        return min(2 * self.changes, 1.0)

    @property
    def is_one(self) -> bool:
        """Whether every value is the same."""
        return self.distinct == 1

    @property
    def is_one_above(self) -> bool:
        """Whether every value is the same, and stands in what encloses the rows."""
        return self.is_one and self.name.startswith("^")

    @property
    def is_everywhere(self) -> bool:
        """Whether every one of many messages has the same value."""
        return self.is_one and self.filled == 1 and self.rows >= FEW

    @property
    def is_in_runs(self) -> bool:
        """Whether each of several values has all its rows in one long run."""
        return self.filled == 1 < self.distinct == round(self.changes * (self.held - 1)) + 1 <= self.held // FEW

    @property
    def is_short(self) -> bool:
        """Whether all values are short enough for names."""
        return self.longest <= _LONGEST

    @cached_property
    def told(self) -> float:
        """What the heading says: 1 a word for a person, 0.5 one of several, below 0 another role.

        A remark may be a contact's name, or words about the message. An id that recurs on one side alone is a person's.
        """
        told = hint(self.name, "sender")
        recurs = self.is_of_sides and 2 * self.distinct <= self.held
        otherwise = ("kind", "time") if recurs else ("id", "kind", "time")
        if told <= 0 and max(hint(self.name, r) for r in otherwise) > 0:
            return -0.5
        return 0.0 if "备注" in simplified(self.name) else told

    @property
    def why_not(self) -> str | None:
        """The first reason why the column can name nobody, whatever else speaks for it."""
        return next((why for why, holds in _NEVER.items() if holds(self)), None)

    @property
    def score(self) -> float:
        """How much the column looks like people; 0 where it cannot name them."""
        if self.why_not is not None:
            return 0.0
        return BASE + sum(weight * float(getattr(self, sign)) for sign, weight in WEIGHTS.items())


_NEVER: Mapping[str, Callable[[Evidence], bool]] = {
    "it describes the structure of a page": lambda e: e.name.endswith("@class"),
    "most messages lack it": lambda e: e.filled < FILLED,
    "nobody is called so": lambda e: e.is_nobody,
    "it holds days": lambda e: e.is_period,
    "one value is a person only under such a heading": lambda e: e.is_one and e.told <= 0,
    "many values are people only under such a heading": lambda e: e.distinct > max(FEW, e.held / 2) and e.told < 1,
    "many small numbers measure or count, unless a heading says otherwise": lambda e: (
        e.figures == 1 and e.distinct > FEW and e.told <= 0
    ),
    "people recur": lambda e: e.held >= _EVER_NEW and e.distinct > _NEW * e.held,
    "it is a key above each row": lambda e: e.name.startswith("^") and e.distinct == e.held > 1,
    "it holds long texts": lambda e: not e.is_short,
    "it holds addresses": lambda e: e.addresses > _ADDRESSES,
}  # fmt: skip


def evidence_of(frame: pl.DataFrame, names: Sequence[str], found: Found) -> list[Evidence]:
    """The evidence of these columns, in their order, counted in one pass over the rows."""
    if not names:
        return []
    # Beside a direction, the owner and the other party name nobody more; one of them alone does.
    sides = DIRECTIONS.keys() if "direction" in found.choices else frozenset[str]()
    signs = [pl.struct(e.alias(sign) for sign, e in _signs(pl.col(n).drop_nulls())).alias(n) for n in names]
    counted: tuple[dict[str, Any], ...] = frame.select(signs).row(0)
    filled: list[dict[str, Any]] = [{sign: value or 0 for sign, value in one.items()} for one in counted]
    return [
        Evidence(
            name=n,
            rows=frame.height,
            is_nobody=one["distinct"] <= _MOST_WORDS
            and name_nobody(frame[n], sides if one["distinct"] > 1 else frozenset()),
            on_both=on_both,
            is_of_sides=is_of_sides,
            **one,
        )
        for n, one in zip(names, filled, strict=True)
        for on_both, is_of_sides in [_sides_of(frame, n, found)]
    ]


def _sides_of(frame: pl.DataFrame, name: str, found: Found) -> tuple[float, bool]:
    """The share of rows whose value stands on both sides, and whether the values name senders.

    Each direction has its own values then, and one has only one. Chats have both. 0 and false without a direction.
    """
    if "direction" not in found.choices:
        return 0.0, False
    # Several words may mean one side.
    sides = {k.removeprefix("direction:"): v for k, v in found.manners.items() if k.startswith("direction:")}
    side = pl.col(found.choices["direction"].column).str.strip_chars().str.to_lowercase().replace(sides)
    both = frame.select(side.alias("d"), pl.col(name).alias("n")).drop_nulls()
    counts = both.group_by("d").agg(pl.col("n").n_unique(), pl.len())
    if counts.height < 2:
        return 0.0, False
    shared = float(both.select((pl.col("d").n_unique().over("n") > 1).mean()).item())
    return shared, not shared and bool(counts["n"].min() == 1 and (counts["len"] >= _LEAST_OF_A_SIDE).all())


def _signs(held: pl.Expr) -> Iterator[tuple[str, pl.Expr]]:
    """What is counted of the values of a column."""
    yield "held", held.len()
    yield "distinct", held.n_unique()
    yield "longest", held.str.len_chars().max()
    yield "changes", (held != held.shift(1)).mean()
    yield "figures", held.str.contains(_FIGURE).mean()
    yield "addresses", held.unique().str.contains(_ADDRESS).mean()
    yield "is_period", held.str.contains(_PERIOD).all()
