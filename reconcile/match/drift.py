"""A clock that runs fast or slow: the line along which the offsets of a chat lie, and rows put straight by it."""

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.match.skew import ANCHOR_ROWS
from reconcile.match.steps import levels_along
from reconcile.wechat.classes import SECONDS

# A drift is learnt from so many anchors, in so many conversations each for itself, and is no faster than 12 s an hour.
DRIFT_ANCHORS, MOST_DRIFTS, MOST_RATE = 8, 500, 12 / 3600
# Levels of so many sessions are held against a line.
MOST_SESSIONS = 4


def learn_drift(anchors: pl.DataFrame, left: pl.DataFrame, *, each: bool = False) -> pl.DataFrame:
    """pair, rate, origin (µs): conversations in which one clock runs steadily faster, by `rate` µs a µs of the left one from `origin` on.

    A line through the anchors' offsets counts only where it brings a fifth more of them, and three, into one span of
    20 s than no line does; jitter, a step and single times that differ never do. A conversation with few anchors takes the rate of the
    whole export, for a device has one clock. `each`: every pair is an export of its own.
    """
    empty = pl.DataFrame(schema={"pair": pl.UInt32, "rate": pl.Float64, "origin": pl.Int64})
    timed = anchors.select("pair", "d", left["t"].gather(anchors["left_row"]).alias("t"))
    width = (pl.col("d") - pl.col("d").median()).abs().quantile(0.75)
    wide = timed.group_by("pair").agg(width.alias("width"), pl.len().alias("n")).filter(pl.col("width") > 3 * SECONDS)
    if wide.is_empty():
        return empty
    if each:
        parts = timed.join(wide.select("pair"), on="pair").partition_by("pair", as_dict=True)
        told = [(key[0], rate, part["t"].min()) for key, part in parts.items() if (rate := _rate(part)) is not None]
        return pl.DataFrame(sorted(told), schema=empty.schema, orient="row")
    common = _rate(timed.gather_every(timed.height // ANCHOR_ROWS + 1))
    many = wide.filter(pl.col("n") >= DRIFT_ANCHORS).sort("n", "pair", descending=[True, False]).head(MOST_DRIFTS)
    rates: dict[int, float] = {} if common is None else dict.fromkeys(timed["pair"].unique().sort(), common)
    # Only conversations whose anchors lie wide apart, some hundreds at most.
    for key, part in timed.join(many.select("pair"), on="pair").partition_by("pair", as_dict=True).items():
        own = _rate(part)
        if own is not None:
            rates[key[0]] = own
    table = pl.DataFrame(sorted(rates.items()), schema={"pair": pl.UInt32, "rate": pl.Float64}, orient="row")
    return table.with_columns(pl.lit(int(timed["t"].min() or 0), dtype=pl.Int64).alias("origin"))  # type: ignore[arg-type]


def _rate(anchors: pl.DataFrame) -> float | None:
    """The steady rate of the anchors' offsets, None where no line is clearly better than none."""
    ordered = anchors.sort("t", "d")
    t, d = (ordered[c].to_numpy().astype(float) for c in ("t", "d"))
    if len(t) < DRIFT_ANCHORS:
        return None
    t = t - t[0]
    tried = []
    for lag in sorted({1, len(t) // 8, len(t) // 4, len(t) // 2} - {0}):
        apart, rise = t[lag:] - t[:-lag], d[lag:] - d[:-lag]
        far = apart >= 600 * SECONDS
        if far.any():
            tried.append(float(np.median(rise[far] / apart[far])))
    tried = [b for b in tried if 0 < abs(b) <= MOST_RATE]
    if not tried:
        return None
    best = max(tried, key=lambda b: _inside_one_span(d - b * t)[0])
    count, middle = _inside_one_span(d - best * t)
    near = np.abs(d - best * t - middle) <= 30 * SECONDS
    if near.sum() >= 3 and np.ptp(t[near]) > 0:
        refined = float(np.polyfit(t[near], d[near], 1)[0])
        if abs(refined) <= MOST_RATE and _inside_one_span(d - refined * t)[0] >= count:
            best, count = refined, _inside_one_span(d - refined * t)[0]
    if count < 1.2 * _inside_one_span(d)[0] + 3 or _is_stepped(d, np.abs(d - best * t - np.median(d - best * t))):
        return None
    return best


def _is_stepped(d: npt.NDArray[np.float64], off_line: npt.NDArray[np.float64]) -> bool:
    """Whether a few levels explain the offsets, in order of time, as well as the line from which they lie `off_line` (µs).

    Chats of two or three sessions lie near a line whatever their clocks did between them; within a session a clock that runs fast goes on doing so.
    """
    level = levels_along(d)
    found = np.unique(level[level >= 0])
    if not 1 < len(found) <= MOST_SESSIONS:
        return False
    off = np.abs(
        d - np.array([np.median(d[level == k]) for k in found])[np.searchsorted(found, np.maximum(level, found[0]))]
    )
    off[level < 0] = np.inf
    near, of_line = off <= 10 * SECONDS, off_line <= 10 * SECONDS
    return bool(near.sum() >= of_line.sum() and np.quantile(off, 0.75) <= np.quantile(off_line, 0.75))


def _inside_one_span(offsets: npt.NDArray[np.float64]) -> tuple[int, float]:
    """How many offsets the densest 20 s hold, and the middle of it."""
    ordered = np.sort(offsets)
    counts = np.searchsorted(ordered, ordered + 20 * SECONDS, side="right") - np.arange(len(ordered))
    at = int(np.argmax(counts))
    return int(counts[at]), float(np.median(ordered[at : at + counts[at]]))


def steadied(left: pl.DataFrame, drift: pl.DataFrame) -> pl.DataFrame:
    """The left rows with the drift taken out of `t`."""
    if drift.is_empty():
        return left
    run = ((pl.col("t") - pl.col("origin")) * pl.col("rate")).fill_null(0.0).round().cast(pl.Int64)
    joined = left.join(drift, on="pair", how="left", maintain_order="left")
    return joined.with_columns((pl.col("t") - run).alias("t")).drop("rate", "origin")
