"""Decides whether a difference in one part of a message is a habit of two tools or a change of a row.

Two exports that write a part differently do so throughout, or wherever they state it. Where other pairs state the part
equally and this one does not, the difference is selective. If all devices hold the same value of a part, two exports
of one tool must agree on it: neither two values nor its lack on one side is a habit, and two values are a conflict where
the pair is one message for certain. With too few pairs to tell, a part that one side leaves out
stays a difference of form, and two different values are in doubt.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypedDict, Unpack

import polars as pl

from reconcile.column_ops import listed
from reconcile.engine.params import PARAMS
from reconcile.engine.relations import BY_ID, doubtful, judged_as
from reconcile.vocabulary import SELECTIVE, Cause, Relation
from reconcile.wechat.kind_classes import SECONDS

# How a pair differs in a part: the side that leaves it out, or two values.
LEFT, RIGHT, CHANGED = "left", "right", "changed"
BY = ("export", "cls")
# Endings of the columns of a pair's left and right record.
SUFFIXES = ("", "_right")


def _no_rows() -> pl.Series:
    return pl.Series([], dtype=pl.UInt32)


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a message, over all judged pairs.

    Attributes:
        name: name of the part in the results.
        unlike: left_row, export, cls, way of the pairs that differ in it.
        equal: export, cls, equal: in how many pairs both sides state it equally.
        doubted: the ways in which a pair is doubtful where too few other pairs state the part.
        habit: pairs that show a habit.
        cause: cause of a conflict; None = the part never decides one; NOT_STATED = a side has one value for all of them.
        sure: left rows of the pairs that may be in conflict, where nearly all others state the part equally.
        proven: left rows of the pairs that are in conflict, whatever the others show.
        is_fixed: all devices hold the same value of this part, so two exports of one tool must agree on it.
    """

    name: str
    unlike: pl.DataFrame
    equal: pl.DataFrame
    doubted: frozenset[str] = frozenset()
    habit: int = PARAMS.habit_records
    cause: Cause | None = None
    sure: pl.Series = field(default_factory=_no_rows)
    proven: pl.Series = field(default_factory=_no_rows)
    is_fixed: bool = False


def counted(pairs: pl.DataFrame) -> pl.DataFrame:
    """Counts of the pairs with columns export, cls, equal (the number)."""
    return pairs.group_by(BY).agg(pl.len().alias("equal"))


def only_side(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """The only side whose condition is true; null = both or neither."""
    return pl.when(left & ~right).then(pl.lit(LEFT)).when(~left & right).then(pl.lit(RIGHT))


def are_alike(pairs: pl.DataFrame, *columns: str) -> bool:
    """Whether the two sides of every pair have equal values in these columns."""
    return all(pairs[c].eq_missing(pairs[f"{c}_right"]).all() for c in columns)


def texts_by(way: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The text of the side that `way` names, and that of the other side."""
    is_left = way == LEFT
    return pl.when(is_left).then("text").otherwise("text_right"), pl.when(is_left).then("text_right").otherwise("text")


# Pairs that state a part equally, counted where a pair differs in it.
Equal = Callable[[], pl.DataFrame]


class Traits(TypedDict, total=False):
    """How a component decides, as in `Component`."""

    habit: int
    cause: Cause
    is_fixed: bool
    sure: pl.Series


def component_of(
    name: str, asked: pl.DataFrame, way: pl.Expr, equal: Equal, *doubted: str, **traits: Unpack[Traits]
) -> Iterator[Component]:
    """The component of the pairs that differ by `way`, where there are any; `equal` is called only then."""
    unlike = asked.select("left_row", *BY, way.alias("way")).drop_nulls("way") if asked.height else asked
    if unlike.height:
        yield Component(name, unlike, equal(), frozenset(doubted), **traits)


def changed(
    name: str,
    told: pl.DataFrame,
    cause: Cause | None = None,
    sure: pl.Series | None = None,
    *,
    is_fixed: bool = False,
    ruled: pl.Series | None = None,
    proven: pl.Series | None = None,
) -> Iterator[Component]:
    """The components of a part that some pairs state differently; none where no pair does.

    Args:
        name: name of the part in the results.
        told: left_row, export, cls, is_unlike of the pairs where both sides state it; null = not comparable.
        cause: cause of a conflict; None = the part never decides one.
        sure: left rows of the pairs that may be in conflict.
        is_fixed: as in `Component`.
        proven: as in `Component`; none by default.
        ruled: left rows of the pairs whose two values follow one rule; the other pairs show no habit. None = any do.
    """
    if not told["is_unlike"].any():
        return
    unlike = told.filter("is_unlike").select("left_row", *BY, pl.lit(CHANGED).alias("way"))
    equal = counted(told.filter(~pl.col("is_unlike")))
    sure, proven = (_no_rows() if rows is None else rows for rows in (sure, proven))
    follows = pl.lit(value=True) if ruled is None else pl.col("left_row").is_in(listed(ruled))
    for part, habit in ((unlike.filter(follows), PARAMS.habit_records), (unlike.filter(~follows), unlike.height + 1)):
        if part.height:
            yield Component(name, part, equal, frozenset({CHANGED}), habit, cause, sure, proven, is_fixed)


def with_differing_parts(
    judged: pl.DataFrame, components: Iterable[Component], *, is_one_tool: bool = False
) -> pl.DataFrame:
    """The judged pairs; agreements that alone differ in a part become doubtful, or a conflict where sure.

    `is_one_tool`: one tool wrote both exports.
    """
    for component in components:
        if component.unlike.is_empty():
            continue
        if component.cause is Cause.NOT_STATED:
            agrees = pl.col("relation").cast(pl.String) == str(Relation.AGREEMENT)
            flag = agrees & pl.col("left_row").is_in(listed(component.unlike["left_row"]))
            judged = judged.with_columns(judged_as(flag, Relation.AGREEMENT, Cause.NOT_STATED, SELECTIVE))
            continue
        must_agree = is_one_tool and component.is_fixed
        weighed = _weigh_component(component, has_habits=not must_agree)
        may_be = pl.col("left_row").is_in(listed(component.sure))
        proven = pl.col("left_row").is_in(listed(component.proven))
        decided = proven | (may_be & (pl.col("way") == CHANGED) & must_agree)
        weighed = weighed.with_columns(pl.col("is_odd") | decided, is_sure=decided | (may_be & pl.col("is_steady")))
        odd = weighed.filter("is_odd")["left_row"]
        if odd.is_empty():
            continue
        agrees = pl.col("relation").cast(pl.String) == str(Relation.AGREEMENT)
        is_odd = agrees & pl.col("left_row").is_in(listed(odd))
        is_sure = is_odd & pl.col("left_row").is_in(listed(weighed.filter("is_sure")["left_row"]))
        # All of them become doubtful first, then the sure ones a conflict.
        judged = judged.with_columns(is_odd.alias("is_odd"), is_sure.alias("is_sure"))
        judged = judged.with_columns(doubtful(pl.col("is_odd"), component.name))
        if component.cause is not None:
            told = judged_as(pl.col("is_sure"), Relation.CONFLICT, component.cause, component.name)
            judged = judged.with_columns(told)
        judged = judged.drop("is_odd", "is_sure")
    return judged


def _weigh_component(component: Component, *, has_habits: bool) -> pl.DataFrame:
    """left_row, way, is_odd (no habit explains the difference), is_steady (nearly all others are equal).

    `has_habits`: the two exports may write the part differently throughout.
    """
    n = pl.len().over(*BY, "way")
    told = component.unlike.with_columns(n.alias("n")).join(component.equal, on=BY, how="left")
    equal = pl.col("equal").fill_null(0)
    habit = (pl.col("n") >= component.habit) & (equal <= PARAMS.habit_exceptions * pl.col("n"))
    compared = (equal >= PARAMS.equal_records) | pl.col("way").is_in(sorted(component.doubted))
    steady = (equal >= PARAMS.equal_records) & (2 * pl.col("n") <= equal)
    is_odd = ~habit & compared if has_habits else pl.lit(value=True)
    return told.select("left_row", "way", is_odd.alias("is_odd"), steady.alias("is_steady"))


# Who wrote the two rows of a pair, when, and how they met.
OF_MEETING = (
    pl.max_horizontal("party", "party_right").alias("author"), pl.mean_horizontal("raw_t", "raw_t_right").alias("time"),
    pl.max_horizontal("unit", "unit_right").alias("unit"), "method",
)  # fmt: skip


def met_crosswise(told: pl.DataFrame, part: str, slack: float | None = None) -> pl.Series:
    """The left rows of pairs that state a part otherwise because they met crosswise.

    An author's pairs of one time, as exact as both sides state it and of no ids, then state the same values on both sides.

    Args:
        told: left_row, BY, OF_MEETING, is_unlike and the part of both sides.
        part: column of the part.
        slack: how far two numbers may differ; None = not at all.
    """
    if not told["is_unlike"].any():
        return told["left_row"].clear()
    unlike = told.filter(pl.col("is_unlike") & ~pl.col("method").is_in(BY_ID)).sort(*BY, "author", "time", "left_row")
    one = [*BY, "author"]
    starts = pl.col("time").diff().over(one).fill_null(0) > pl.col("unit") * SECONDS
    unlike = unlike.with_columns(starts.cum_sum().over(one).alias("group"))
    values = [pl.col(f"{part}{s}").sort().over([*one, "group"]) for s in SUFFIXES]
    same = values[0].eq_missing(values[1]) if slack is None else (values[0] - values[1]).abs() <= slack
    return unlike.filter(same.all().over([*one, "group"]))["left_row"]


__all__ = [
    "BY",
    "CHANGED",
    "LEFT",
    "OF_MEETING",
    "RIGHT",
    "Component",
    "Equal",
    "Traits",
    "are_alike",
    "changed",
    "component_of",
    "counted",
    "met_crosswise",
    "only_side",
    "texts_by",
    "with_differing_parts",
]
