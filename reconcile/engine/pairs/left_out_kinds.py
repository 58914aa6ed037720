"""Kinds that an export leaves out, learnt from the other export's unmatched records."""

from dataclasses import replace

import numpy as np
import polars as pl

from reconcile.engine.clocks.clock import Clock
from reconcile.engine.content.forms import Forms
from reconcile.engine.nearest import nearest_one_way
from reconcile.engine.pairs.settle import Pairs
from reconcile.engine.params import Params
from reconcile.engine.records import NO_PAIR, Floats, Ints, Records
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_classes import SYSTEM, WORDS


def with_left_out_kinds(
    forms: tuple[Forms, Forms], left: Records, right: Records, pairs: Pairs, clock: Clock, params: Params
) -> tuple[Forms, Forms]:
    """Returns the forms of both sides, each with the kinds that its export leaves out.

    A tool that writes words in place of a kind does so for every record of it. A kind is left out if it has more than
    twice as many unmatched records as there are unmatched text records near them (params.left_out_share).
    """
    sides: tuple[Timed, Timed] = (
        (left, np.flatnonzero(pairs.open_left), left.t - clock.before),
        (right, np.flatnonzero(pairs.open_right), right.t),
    )
    kinds = _left_out(sides[1], sides[0], params), _left_out(sides[0], sides[1], params)
    found = [
        {export: replace(form, left_out=out.get(export, frozenset())) for export, form in side.items()}
        for side, out in zip(forms, kinds, strict=True)
    ]
    return found[0], found[1]


Timed = tuple[Records, Ints, Floats]  # records of a side, the open ones, and all times on the common clock


def _left_out(holder: Timed, lacking: Timed, params: Params) -> dict[int, frozenset[Kind]]:
    """The kinds that the lacking side leaves out, by export."""
    (held, rows, t), (other, open_rows, times) = holder, lacking
    rows = rows[(held.cls[rows] != WORDS) & (held.cls[rows] != SYSTEM) & ~np.isnan(t[rows])]
    words = open_rows[other.cls[open_rows] == WORDS]
    if not len(rows):
        return {}
    known = ~np.isnan(times) & (other.pair != NO_PAIR)
    ends = np.full((2, int(held.pair.max()) + 1), np.nan)
    for at, least in enumerate((np.fmin, np.fmax)):
        inside = known & (other.pair < ends.shape[1])
        least.at(ends[at], other.pair[inside], times[inside])
    rows = rows[(ends[0][held.pair[rows]] <= t[rows]) & (t[rows] <= ends[1][held.pair[rows]])]
    wide = np.full(len(rows), params.window_seconds)
    met = nearest_one_way((rows, held.pair[rows], t[rows]), (words, other.pair[words], times[words]), wide, 1)
    kind = held.frame["kind"].cast(pl.String)
    of_kind = ["export", "kind"]
    counted = pl.DataFrame({"export": held.export[rows], "kind": kind[rows]}).group_by(of_kind).len()
    near = pl.DataFrame({"export": held.export[met[0]], "kind": kind[met[0]], "word": met[1]})
    both = counted.join(near.group_by(of_kind).agg(pl.col("word").n_unique()), on=of_kind, how="left")
    few = pl.col("word").fill_null(0) < params.left_out_share * pl.col("len")
    out = both.filter(few & (pl.col("len") > params.habit_records)).group_by("export").agg("kind")
    return {export: frozenset(map(Kind, kinds)) for export, kinds in out.iter_rows()}
