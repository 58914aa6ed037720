"""Finds runs of neighbouring pairs with the same time offset."""

from typing import Any

import numpy as np
import polars as pl

from reconcile.column_ops import by_number, collected, medians, stretches
from reconcile.engine.params import PARAMS, Params
from reconcile.engine.records import Flags, Floats, Ints


def offset_runs(
    pair: Ints, d: Floats, at: Floats, limit: Floats, params: Params, most: float | Floats = PARAMS.offset_free_seconds
) -> Ints:
    """The run of every offset `d`, in order of pairs and time; -1 = in no run.

    Neighbours agree when they differ by at most `limit` plus what a clock can drift in the time `at` between them, up to
    `most` seconds (one number, or one for each row). A zone lies farther away than any drift of a pause, however long.
    """
    # Rows are looked at once; afterwards runs are left out and joined, of which there are few.
    starts = np.ones(len(pair), bool)
    rows, most = (pair, d, at), np.broadcast_to(most, len(pair))
    starts[1:] = _change([v[:-1] for v in rows], [v[1:] for v in rows], limit[1:], params, most[1:])
    of_row, first = np.cumsum(starts) - 1, np.flatnonzero(starts)
    size = np.diff(first, append=len(pair))
    last = first + size - 1
    number = np.full(len(first), -1, np.int64)
    rest = np.arange(len(first))
    for _ in range(4):
        if not len(rest):
            break
        begins = np.ones(len(rest), bool)
        ends, heads = last[rest[:-1]], first[rest[1:]]
        begins[1:] = _change([v[ends] for v in rows], [v[heads] for v in rows], limit[heads], params, most[heads])
        number[:] = -1
        number[rest] = np.cumsum(begins) - 1
        joined, total = pair[first[rest[begins]]], np.bincount(number[rest], size[rest])
        # A conversation with few pairs keeps its largest run.
        largest = np.zeros(int(joined.max()) + 1)
        np.maximum.at(largest, joined, total)
        small = (total < params.segment_rows) & (total < largest[joined])
        few = largest[joined] < params.segment_rows
        if few.any():
            at_few = np.flatnonzero((number >= 0)[of_row])
            at_few = at_few[few[number[of_row[at_few]]]]
            small |= few & ~_hold_median(pair[at_few], d[at_few], number[of_row[at_few]], len(few))
        if not small.any():
            break
        gone = small[number[rest]]
        number[rest[gone]] = -1
        rest = rest[~gone]
    run_of_row: Ints = number[of_row]
    return run_of_row


def _change(before: list[Any], after: list[Any], limit: Floats, params: Params, most: Floats) -> Flags:
    """Whether the conversation or the offset differs between neighbours, given as pair, offset and time."""
    drift = np.minimum(params.drift_rate * np.abs(after[2] - before[2]), most)
    changes: Flags = (np.abs(after[1] - before[1]) > limit + drift) | (after[0] != before[0])
    return changes


def changes_along(pair: Ints, run: Ints, n: int) -> tuple[Ints, Ints]:
    """Changes of the offset in each of `n` conversations, and offsets that stand for themselves.

    `run` is what `offset_runs` found in the order of one file.
    """
    alone, (pair, run) = pair[run < 0], (pair[run >= 0], run[run >= 0])
    is_step = (pair[1:] == pair[:-1]) & (run[1:] != run[:-1])
    return np.bincount(pair[1:][is_step], minlength=n), np.bincount(alone, minlength=n)


def off_zone(seconds: Floats, params: Params) -> Floats:
    """Seconds from each offset to the nearest difference between China's clock and another zone's."""
    known = {60.0 * abs(m - params.home_zone_minutes) for m in params.zone_minutes} - {0.0}
    differences = np.array(sorted(known))
    size = np.abs(np.atleast_1d(np.asarray(seconds, float)))
    at = np.clip(np.searchsorted(differences, size), 1, len(differences) - 1)
    off: Floats = np.minimum(np.abs(size - differences[at - 1]), np.abs(size - differences[at]))
    return off


def is_zone(seconds: Floats, params: Params) -> Flags:
    """Whether each offset is near what China's clock and another zone's differ by."""
    near: Flags = off_zone(seconds, params) <= params.zone_slack_seconds
    return near


def _hold_median(pair: Ints, d: Floats, run: Ints, runs: int) -> Flags:
    """Which of so many runs are the ones nearest to their conversation's median offset."""
    frame = pl.DataFrame({"pair": pair, "d": d, "run": run})
    off = (pl.col("d") - pl.col("d").median().over("pair")).abs()
    nearest = (
        frame.with_columns(off.alias("off")).sort("pair", "off", "run").group_by("pair", maintain_order=True).first()
    )
    hold = np.zeros(runs, bool)
    hold[nearest["run"].to_numpy()] = True
    return hold


def held_levels(pair: Ints, d: Floats, at: Floats, limit: Floats, params: Params) -> tuple[Ints, Floats]:
    """The run of every offset and its median; -1 and nan = in none. No pause moves a level far."""
    run = offset_runs(pair, d, at, limit, params, limit)
    level = np.full(len(pair), np.nan)
    held = by_number(run, np.flatnonzero(run >= 0))
    starts = stretches(run[held])
    level[held] = np.repeat(medians(d[held], starts), np.diff(starts, append=len(held)))
    return run, level


def usual_levels(runs: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """The columns `by` and `usual`: the offset that most rows of each group have.

    Runs that return to an offset count together.

    Args:
        runs: the columns `by`, `seconds` (the offset of each run) and `rows`.
        by: columns that name the group.
    """
    ordered = runs.lazy().sort(*by, "seconds", "rows")
    is_new = (pl.col("seconds").diff() > PARAMS.jump_seconds) | (pl.struct(by) != pl.struct(by).shift())
    held = ordered.with_columns(is_new.fill_null(value=True).cum_sum().alias("level"))
    held = held.with_columns(pl.col("rows").sum().over("level").alias("held"))
    most = held.sort(*by, "held", "rows", "seconds", descending=[False] * len(by) + [True, True, False])
    return most.unique(by, keep="first", maintain_order=True).select(*by, usual="seconds").pipe(collected)
