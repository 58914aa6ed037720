"""Rows that lie in a stretch of time of which the lacking party itself says that it left rows out."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.graph.coverage import micro
from reconcile.graph.lone import Lone
from reconcile.graph.recalls import PLACE_SECONDS
from reconcile.intake.contract import SELECTION, Declared, Reading
from reconcile.wechat.classes import SECONDS

# Two devices stamp one message up to so far apart (µs), and a party states a stretch by its own rows.
STAMPS_APART = 2 * SECONDS
# Beyond every time (µs).
_FAR = 2**62


def is_declared(lone: Lone) -> pl.Series:
    """The lacking party declared something about that time: a redaction, a lost phone, a cleaning."""
    if SELECTION in lone.lacking_reading.facts.declared:
        # Rows picked one by one: what they lack says nothing, also where no time can be set against theirs.
        return pl.Series("h", [True] * lone.rows.height, dtype=pl.Boolean)
    return _lies_in(lone, _declared_spans(lone.lacking_reading))


def is_unheld(lone: Lone) -> pl.Series:
    """The part of the lacking store that holds that time was not handed in, or could not be opened."""
    spans = lone.lacking_reading.facts.unheld
    found = _lies_in(lone, [Declared("", s.from_at, s.to_at) for s in spans if s.conversation is None])
    of_chats: dict[str, list[Declared]] = defaultdict(list)
    for span in (s for s in spans if s.conversation is not None):
        of_chats[str(span.conversation)].append(Declared("", span.from_at, span.to_at))
    for conversation, stretches in of_chats.items():
        of = lone.lacking.filter(pl.col("conversation") == conversation)["pair"].drop_nulls().unique()
        here = lone.rows["pair"].is_in(of.implode())
        found |= _lies_in(lone, stretches) & here.fill_null(value=False)
    return found


def _lies_in(lone: Lone, spans: list[Declared]) -> pl.Series:
    if not spans:
        return pl.Series("h", [False] * lone.rows.height, dtype=pl.Boolean)
    # A declaration speaks of the party's own clock; where that was set in mid-chat, of the one before or behind that moment. A row's time is as
    # exact as its unit and the jitter of both clocks.
    unit = pl.when(pl.col("time_precision").cast(pl.String) == "minute").then(60 * SECONDS).otherwise(0).alias("unit")
    slack = (pl.col("spread").fill_null(0) + STAMPS_APART).alias("slack")
    rows = lone.rows.select("pair", "t_other", "least_shift", "most_shift", own_clock(lone), unit, slack)
    clocks = (pl.col("t_own"), *(pl.col("t_other") + pl.col(f"{c}_shift") for c in ("least", "most")))
    reach = [
        rows.select((at + pl.col("slack") + pl.col("unit")).alias("to"), (at - pl.col("slack")).alias("from"))
        for at in clocks
    ]
    set_back = [s for s in spans if _is_set_back(s)]
    plain = [s for s in spans if not _is_set_back(s)]
    # A stretch without ends is all time, also that of rows without one.
    hit = np.full(rows.height, any(s.from_at is None and s.to_at is None for s in spans))
    for told in reach:
        hit |= met_by(plain, told["from"], told["to"])
    # A span that ends before it begins is one in which the clock was set back: its begin is read on one clock and its end on another.
    every = (
        pl.concat([r.with_row_index("n") for r in reach])
        .group_by("n", maintain_order=True)
        .agg(pl.col("from").min(), pl.col("to").max())
    )
    hit |= met_by(set_back, every["from"], every["to"])
    return rows.select((pl.Series(hit) & ~pl.col("pair").is_in(lone.untimed)).alias("h"))["h"]


def _is_set_back(span: Declared) -> bool:
    return span.from_at is not None and span.to_at is not None and span.to_at < span.from_at


def met_by(
    spans: Sequence[Declared], begin: pl.Series, end: pl.Series, *, is_open: bool = False
) -> npt.NDArray[np.bool_]:
    """Whether one of the spans begins before each stretch's end and ends behind its begin; `is_open`: a null reaches to all times, else to none."""
    if not spans:
        return np.zeros(begin.len(), bool)
    froms = np.array([-_FAR if s.from_at is None else micro(s.from_at) for s in spans], dtype=np.int64)
    tos = np.array([_FAR if s.to_at is None else micro(s.to_at) for s in spans], dtype=np.int64)
    order = np.argsort(froms, kind="stable")
    # Of all spans that begin by then, the one that ends last.
    latest = np.maximum.accumulate(tos[order])
    far = _FAR if is_open else -_FAR - 1
    count = np.searchsorted(froms[order], end.fill_null(far).to_numpy(), side="right")
    ends = latest[np.maximum(count - 1, 0)]
    return (count > 0) & (ends >= begin.fill_null(-far).to_numpy())


def _declared_spans(reading: Reading) -> list[Declared]:
    """The declared stretches of time from which rows are left out; a clock's change is no such stretch."""
    return [
        d
        for d in reading.facts.declared
        if not ("clock" in d.what.lower() or "时钟" in d.what or (d.from_at is None and d.to_at is None))
    ]


def _unheld_spans(reading: Reading) -> list[Declared]:
    return [Declared("", span.from_at, span.to_at) for span in reading.facts.unheld]


def placeless(lone: Lone) -> pl.Series:
    """Rows of conversations aligned by order that may lie in a stretch of time which the lacking party declares or whose part is wanting.

    Its rows before and after may state times: a stretch that meets none between these two says nothing about the row. Without times nobody
    can tell where the stretch lies.
    """
    spans = [*_declared_spans(lone.lacking_reading), *_unheld_spans(lone.lacking_reading)]
    asked = lone.rows.filter(pl.col("pair").is_in(lone.untimed) & pl.col("t_other").is_not_null())
    if not spans or asked.is_empty():
        return pl.Series(dtype=pl.UInt32)
    place = pl.col("t").floordiv(PLACE_SECONDS * SECONDS).alias("place")
    marks = lone.lacking.filter(pl.col("pair").is_in(lone.untimed) & pl.col("raw_t").is_not_null())
    marks = marks.group_by("pair", place).agg(pl.col("raw_t").min()).sort("place")
    here = asked.select("row", "pair", place).sort("place")
    near = here.join_asof(marks, on="place", by="pair", strategy="backward", check_sortedness=False)
    near = near.join_asof(
        marks,
        on="place",
        by="pair",
        strategy="forward",
        allow_exact_matches=False,
        suffix="_next",
        check_sortedness=False,
    )
    return near.filter(pl.Series(met_by(spans, near["raw_t"], near["raw_t_next"], is_open=True)))["row"]


def own_clock(lone: Lone) -> pl.Series:
    """`t_own`: the time of each row on the lacking side's own clock (µs), by that side's nearest row."""
    shift = (pl.col("raw_t") - pl.col("t")).alias("shift")
    marks = lone.lacking.select("pair", pl.col("t").alias("mark"), shift).drop_nulls()
    asked = lone.rows.select("pair", "t_other").with_row_index("n").drop_nulls().sort("t_other")
    met = asked.join_asof(
        marks.sort("mark"), left_on="t_other", right_on="mark", by="pair", strategy="nearest", check_sortedness=False
    )
    told = met.select("n", (pl.col("t_other") + pl.col("shift").fill_null(0)).alias("t_own"))
    return lone.rows.select("pair").with_row_index("n").join(told, on="n", how="left", maintain_order="left")["t_own"]
