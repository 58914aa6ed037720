"""Clock segments: stretches with another clock offset, what may explain each, and their rows."""

from typing import Any

import numpy as np
import polars as pl

from reconcile.column_ops import collected, listed, parts_by
from reconcile.engine.clocks.offset_runs import off_zone
from reconcile.engine.pairs.alignment import Alignment
from reconcile.engine.params import PARAMS, Params
from reconcile.engine.records import Flags, Floats, Ints, party_of_pairs
from reconcile.engine.times.innocent_times import main_offsets
from reconcile.engine.times.owner_clocks import OF_OWNER, SCHEMA, owner_clocks, reset_clocks
from reconcile.vocabulary import ClockReading

# A run of confident pairs on one offset: offset, starts, ends, rows, left, right, segment.
Run = dict[str, Any]
# Two runs on one offset, and the runs between them on the main one.
Stay = tuple[Run, list[Run], Run]


def clock_segments(a: Alignment, params: Params) -> pl.DataFrame:
    """Every clock segment that differs from the main one of its conversation, with its explanation.

    zone_shift: what China's clock and another zone's differ by, where a side writes times without a zone, to an end of
    the chat or for a day or more between pauses. clock_corrected: a change of some minutes that lasts to an end of the
    chat. clock_set: any other change that lasts to an end of the chat, and a shorter stretch off by a zone where a side
    writes times without one. moved_stretch: times that leave the offset and return to it within
    the chat, as no device clock does. The clocks of owners and of whole copies are those of owner_clocks.

    Returns:
        SCHEMA's columns. `seconds` is how far left times differ from the neighbouring segments; first and last record
        of each side.
    """
    own = pl.concat([owner_clocks(a, params), reset_clocks(a, params)])
    table = a.clock.segments
    if table.is_empty():
        return own
    known = table.lazy().filter(pl.col("segment") >= 0)
    shown = known.group_by("pair").agg(pl.col("segment").n_unique().alias("n"))
    many = shown.filter(pl.col("n") > 1).pipe(collected)["pair"]
    if many.is_empty():
        return own
    rows = []
    # Only conversations with more than one segment get here, so they are few.
    held = known.filter(pl.col("pair").is_in(listed(many))).pipe(collected)
    for (pair,), part in parts_by(held, "pair").items():
        rows += _segments_of_pair(a, int(pair), part, params)
    return pl.concat([pl.DataFrame(rows, schema=SCHEMA, orient="row"), own])


def _segments_of_pair(a: Alignment, pair: int, part: pl.DataFrame, params: Params) -> list[tuple[object, ...]]:
    """Rows of SCHEMA: the runs of one conversation that lie off its main offset."""
    runs = part.group_by("segment", maintain_order=True).agg(
        pl.col("offset").median(), pl.col("offset").first().alias("starts"), pl.col("offset").last().alias("ends"), pl.len().alias("rows"), "left", "right"
    ).to_dicts()  # fmt: skip
    limit = max(params.jump_seconds, params.jump_spreads * float(a.clock.spread[pair]))
    main = _main_runs(runs, limit)
    out: list[tuple[object, ...]] = []
    for at, run in enumerate(runs):
        if at in main:
            continue
        before = next((runs[k] for k in range(at - 1, -1, -1) if k in main), None)
        after = next((runs[k] for k in range(at + 1, len(runs)) if k in main), None)
        base = float(np.median([r["offset"] for r in (before, after) if r is not None]))
        seconds = run["offset"] - base
        # A run may begin with a single time that is off, and lie on the main offset itself.
        if abs(seconds) <= limit:
            continue
        if before is not None and after is not None:
            reading = _read_inner_run(a, run, seconds, (before, after), limit, params)
        else:
            stays = _returns_of(runs, main, at, limit)
            reading = _read_end_run(a, run, seconds, [runs[k] for k in sorted(main)], stays, limit, params)
        ends = (int(end(run[c])) for c in ("left", "right") for end in (np.min, np.max))
        out.append((pair, run["segment"], reading, round(seconds, 3), run["rows"], *ends))
    return out


def _main_runs(runs: list[Run], limit: float) -> set[int]:
    """The runs that show the main offset: those near the level of most pairs, following any drift."""
    best: set[int] = set()
    most = -1
    for seed in range(len(runs)):
        chain = {seed}
        level = runs[seed]["ends"]
        for k in range(seed + 1, len(runs)):
            if abs(runs[k]["starts"] - level) <= limit:
                chain.add(k)
                level = runs[k]["ends"]
        rows = sum(runs[k]["rows"] for k in chain)
        if rows > most:
            best, most = chain, rows
        if seed > PARAMS.clock_seeds:
            break
    return best


def _returns_of(runs: list[Run], main: set[int], at: int, limit: float) -> list[Stay]:
    """Where the offset of the run `at` comes back: both runs, and those between on the main offset."""
    twins = [k for k, r in enumerate(runs) if k not in main and abs(r["offset"] - runs[at]["offset"]) <= limit]
    ends = [(min(at, k), max(at, k)) for k in twins]
    return [(runs[low], [runs[m] for m in sorted(main) if low < m < high], runs[high]) for low, high in ends]


def _read_end_run(
    a: Alignment,
    run: Run,
    seconds: float,
    main: list[Run],
    stays: list[Stay],
    limit: float,
    params: Params,
) -> str:
    """The reading of a run at an end of the chat.

    A time zone is kept to that end in both files, and does not come back at the other end. So is a clock that was
    corrected by some minutes.

    Args:
        a: the alignment.
        run: the run.
        seconds: by how much it differs from the main offset.
        main: the runs on the main offset.
        stays: where the offset of this run comes back.
        limit: seconds by which two levels of one clock differ.
        params: the parameters of the model.
    """
    is_outermost = _is_outermost(a, run, main)
    returns = any(between for _, between, _ in stays)
    if abs(seconds) <= params.offset_free_seconds and is_outermost and not returns:
        return ClockReading.CLOCK_CORRECTED
    may_be = _may_be_abroad(a, run, seconds, limit, params)
    if not may_be or not is_outermost:
        return ClockReading.CLOCK_SET
    for before, between, after in stays:
        stay: Run = {c: [row for r in between for row in r[c]] for c in ("left", "right")}
        stay["offset"] = between[0]["offset"] if between else 0.0
        if between and _read_inner_run(a, stay, -seconds, (before, after), limit, params) != ClockReading.ZONE_SHIFT:
            return ClockReading.CLOCK_SET
    return ClockReading.ZONE_SHIFT


def _is_outermost(a: Alignment, run: Run, main: list[Run]) -> bool:
    """Whether the run holds one end of the chat, the same in both files, and not the other."""
    ends = []
    for records, column in ((a.left, "left"), (a.right, "right")):
        own = records.order[np.array(run[column])]
        rest = records.order[np.array([row for r in main for row in r[column]])]
        ends.append((bool(own.min() < rest.min()), bool(own.max() > rest.max())))
    return ends[0] == ends[1] and ends[0][0] != ends[0][1]


def _read_inner_run(
    a: Alignment, run: Run, seconds: float, beside: tuple[Run, Run], limit: float, params: Params
) -> str:
    """The reading of a run that leaves the main offset and returns to it."""
    right = np.array(run["right"])
    before, after = beside
    if not _may_be_abroad(a, run, seconds, limit, params):
        return ClockReading.MOVED_STRETCH
    t = a.right.t
    pauses = t[right[0]] - t[before["right"][-1]], t[after["right"][0]] - t[right[-1]]
    stay = float(np.nanmax(t[right]) - np.nanmin(t[right]))
    # Times without a zone that are off by one: a short stay abroad as well as times that were changed.
    is_journey = stay >= params.travel_seconds and min(pauses) >= params.travel_pause_seconds
    return ClockReading.ZONE_SHIFT if is_journey else ClockReading.CLOCK_SET


def _may_be_abroad(a: Alignment, run: Run, seconds: float, limit: float, params: Params) -> bool:
    """Whether another zone explains a run: a side writes no zone, and the offset is one of a zone.

    So may be the distance of the two files' own times: who travels on from abroad goes from zone to zone.
    """
    off = float(off_zone(np.array([seconds, run["offset"]]), params).min())
    is_zone = off <= min(limit, params.zone_slack_seconds) and abs(seconds) <= params.travel_limit_seconds
    return is_zone and _is_naive(a, np.array(run["left"]), np.array(run["right"]))


def _is_naive(a: Alignment, left: Ints, right: Ints) -> bool:
    """Whether a side writes these times without a zone; zoned times do not change when a device travels."""
    sources = [r.frame["zone_source"][rows].cast(pl.String) for r, rows in ((a.left, left), (a.right, right))]
    return any(bool(s.is_in(["declared", "assumed"]).all()) for s in sources)


def brief_spells(a: Alignment, segments: pl.DataFrame, tolerance: Floats, params: Params) -> Flags:
    """The pairs of an owner's clock that was set for so few messages that somebody may have chosen them."""
    out = np.zeros(len(tolerance), bool)
    spells = segments.filter((pl.col("reading") == ClockReading.CLOCK_SET) & (pl.col("segment") == OF_OWNER))
    if spells.is_empty():
        return out
    li, ri = a.pairs.left, a.pairs.right
    is_off = np.abs(a.left.stamped[li] - a.right.stamped[ri] - main_offsets(a)) > tolerance
    rows = {"pair": a.left.pair[li], "party": party_of_pairs(a.left, a.right, li, ri), "left": li, "right": ri}
    met = pl.DataFrame(rows).cast(pl.Int64).with_columns(is_off=is_off).with_row_index("at")
    # Of a clock that was always off, no message shows another.
    met = met.filter("is_off", ~pl.col("is_off").all().over("pair", "party"))
    for side in ("left", "right"):
        ends = spells.with_row_index(f"of_{side}").select(f"of_{side}", "pair", f"{side}_first", f"{side}_last")
        met = met.sort(side).join_asof(
            ends.sort(f"{side}_first"), left_on=side, right_on=f"{side}_first", by="pair", check_sortedness=False
        )
        met = met.filter(pl.col(side) <= pl.col(f"{side}_last"))
    met = met.filter((pl.col("of_left") == pl.col("of_right")) & (pl.len().over("of_left") < params.spell_rows))
    out[met["at"].to_numpy()] = True
    return out


def moved_rows(segments: pl.DataFrame) -> list[int]:
    """Numbers of the segments with times that no clock explains."""
    return segments.filter(pl.col("reading") == ClockReading.MOVED_STRETCH)["segment"].to_list()
