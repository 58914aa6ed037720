"""Several lists of rows, such as a sheet for each speaker, whose mapping only all rows together show."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from reconcile.formats.inferred.fields import LIST_NAME, Fields
from reconcile.formats.inferred.plan import Plan
from reconcile.formats.inferred.scores import infer
from reconcile.formats.inferred.titled_rows import instants
from reconcile.wechat.kind_names import names_only_kinds

# Least share of the rows in order of time that stand in another list than the row before. Speakers take turns; chats of
# the same days do so far less often.
_TURNS = 0.3


def taken_together(plans: Sequence[Plan]) -> list[Plan]:
    """The plans by the mapping of all their rows, where each list alone leaves it open who speaks.

    The lists have to take turns as speakers do; the name of a list may then be that of its sender.
    """
    asked = [*plans]
    if len(asked) < 2 or any(p.inferred.doubts.keys() != {"sender"} or p.needed[0] is None for p in asked):
        return asked
    named = [_named(p.fields) for p in asked]
    at = [instants(p.fields.frame[str(p.needed[0])]) for p in asked]
    rows = [f.frame.with_columns(a, pl.lit(i).alias("in")) for i, (f, a) in enumerate(zip(named, at, strict=True))]
    whole = pl.concat(rows, how="diagonal_relaxed").sort("at", maintain_order=True)
    if float((whole["in"].diff().drop_nulls() != 0).mean() or 0) < _TURNS:  # type: ignore[arg-type]
        return asked
    inferred = infer(replace(named[0], frame=whole.drop("at", "in")))
    return [Plan(f, inferred) for f in named] if inferred.is_clear else asked


def _named(fields: Fields) -> Fields:
    """The list with its own name in each row; unchanged where that is a word for a kind, or none."""
    if not fields.place or names_only_kinds(fields.place) or LIST_NAME in fields.names:
        return fields
    return replace(fields, frame=fields.frame.with_columns(pl.lit(fields.place).alias(LIST_NAME)))
