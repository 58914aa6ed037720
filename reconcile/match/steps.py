"""Clocks that were set while a chat went on: seen in one export's own order, or in the offsets of its anchors."""

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.wechat.classes import SECONDS

# Neighbours of a file whose times fall back by more than this (µs) show a clock set back; jitter and swaps stay below.
SET_BACK = 300 * SECONDS
# A file with more falls than this is not in the order in which its rows came.
MOST_FALLS = 6
# Anchors beside a fall that tell whether the clock fell or the rows stand in another order.
BESIDE = 5
# Offsets farther apart than this (µs) lie on two levels, and how many levels one conversation is tried with.
LEVEL_GAP, MOST_LEVELS = 60 * SECONDS, 12
# The price of a change of level, in anchors that would otherwise lie off theirs: two at an end of a chat show a step, four in its midst.
CHANGE_PRICE = 1.5

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def unfolded(frame: pl.DataFrame, anchors: pl.DataFrame, row: str, sign: int) -> pl.DataFrame:
    """pair, row, fold: rows of an export whose clock had been set back before them, and by how much (µs) their `t` must rise.

    A clock that is set back makes later rows stand before earlier ones. The export's own order shows where: its times fall, and do not
    come back. Where anchors stand on both sides of the fall their offsets must change with it, else it is
    the order of the file that is another; where they stand on one side only, the fall counts, for rows behind it cannot be said to lie
    before those that the file holds first.

    Args:
        frame: rows of one side, with pair, row, t, is_filled and is_repeat, in file order.
        anchors: pair, d (µs) and the column named `row`.
        row: left_row or right_row, the side of the frame.
        sign: how `d` answers to a fall on this side: -1 left, +1 right.
    """
    rows = _in_order(frame)
    falls = _falls(rows)
    told: list[pl.DataFrame] = []
    if falls.is_empty():
        return _no_folds()
    of_pair = anchors.join(falls.select("pair"), on="pair", how="semi").sort("pair", row)
    marks = {k[0]: p for k, p in of_pair.partition_by("pair", as_dict=True).items()}
    parts = rows.join(falls.select("pair"), on="pair", how="semi").partition_by("pair", as_dict=True)
    # Only conversations whose own file goes back in time, each with a few falls.
    for (pair,), part in sorted(parts.items()):
        seen = marks.get(pair)
        places = (np.zeros(0, np.int64), np.zeros(0)) if seen is None else (seen[row].to_numpy(), seen["d"].to_numpy())
        steps = _steps_of(part["row"].to_numpy(), part["t"].to_numpy(), places[0].astype(np.int64), places[1] * sign)
        told += [
            frame.filter((pl.col("pair") == pair) & (pl.col("row") >= first)).select(
                "pair", "row", pl.lit(rise, dtype=pl.Int64).alias("fold")
            )
            for first, rise in steps
        ]
    if not told:
        return _no_folds()
    return pl.concat(told).group_by("pair", "row").agg(pl.col("fold").sum()).sort("pair", "row")


def _no_folds() -> pl.DataFrame:
    return pl.DataFrame(schema={"pair": pl.UInt32, "row": pl.UInt32, "fold": pl.Int64})


def _in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows whose place in the file says when they came."""
    stands = pl.col("pair").is_not_null() & ~pl.col("is_filled") & ~pl.col("is_repeat")
    return frame.filter(stands).select("pair", "row", "t")


def _falls(rows: pl.DataFrame) -> pl.DataFrame:
    """pair: conversations whose file falls back in time, a few times only."""
    t, pair = rows["t"].to_numpy(), rows["pair"].to_numpy()
    empty = pl.DataFrame(schema={"pair": pl.UInt32})
    # Most exports are in order as a whole, or conversation by conversation: neither needs sorting.
    if not (np.diff(t) < -SET_BACK).any():
        return empty
    if (pair[1:] < pair[:-1]).any():
        order = np.argsort(pair, kind="stable")
        t, pair = t[order], pair[order]
    step, of = np.diff(t)[pair[1:] == pair[:-1]], pair[1:][pair[1:] == pair[:-1]]
    found, counts = np.unique(of[step < -SET_BACK], return_counts=True)
    # A file written from the newest row to the oldest goes back as a whole.
    back, forth = (np.bincount(of[way], minlength=int(pair.max(initial=0)) + 1)[found] for way in (step < 0, step > 0))
    return pl.DataFrame({"pair": found[(counts <= MOST_FALLS) & (back <= forth)]}, schema=empty.schema)


def _steps_of(rows: Ints, t: Ints, anchored: Ints, d: Floats) -> list[tuple[int, int]]:
    """First row behind each step back, and by how much (µs) the clock fell there."""
    found = []
    low = 0
    for i in np.flatnonzero(np.diff(t) < -SET_BACK) + 1:
        fall = int(t[i - 1] - t[i])
        # A row that stands alone too late or too early is that row's own time.
        if i + 1 == len(t) or t[i + 1] >= t[i - 1]:
            continue
        # A single row before the fall that lies later than both its neighbours may itself be what is off: it is no witness.
        alone = i > 1 and t[i] >= t[i - 2]
        before = d[(anchored >= rows[low]) & (anchored < rows[i - 1 if alone else i])][-BESIDE:]
        behind = d[anchored >= rows[i]][:BESIDE]
        if len(before) and len(behind):
            rise = float(np.median(behind) - np.median(before))
            # Pages in another order leave the offsets as they are; a clock that also runs fast or slow changes them on.
            if rise < fall / 2:
                continue
            found.append((int(rows[i]), max(round(rise), fall)))
        elif (len(before) or len(behind)) and not alone:
            # How long the pause was that the fall hides is not known: the rows behind it are later, and no more.
            found.append((int(rows[i]), fall + SECONDS))
        low = int(i)
    return found


def levels_along(d: Floats) -> Ints:
    """The level of each offset, in order along a chat: its number, or -1 where the offset lies on no level that holds there.

    A level is a heap of offsets (µs) without a gap of a minute. Of all courses of levels along the chat the cheapest is taken: an offset off its
    level costs one, a change of level one and a half.
    """
    heap = _heaps(d)
    counts = np.bincount(heap)
    ends = {int(heap[0]), int(heap[-1])}
    levels = sorted(sorted(range(len(counts)), key=lambda h: (-counts[h], h))[:MOST_LEVELS])
    levels = [h for h in levels if counts[h] >= 2 or h in ends]
    starts = np.flatnonzero(np.diff(heap, prepend=-1))
    sizes = np.diff(np.append(starts, len(heap)))
    chosen = np.repeat(_course([int(h) for h in heap[starts]], [int(n) for n in sizes], levels), sizes)
    course: Ints = np.where(chosen == heap, heap, -1)
    return course


def _heaps(d: Floats) -> Ints:
    order = np.argsort(d, kind="stable")
    heap = np.zeros(len(d), np.int64)
    heap[order] = np.concatenate([[0], np.cumsum(np.diff(d[order]) > LEVEL_GAP)])
    return heap


def _course(heaps: list[int], sizes: list[int], levels: list[int]) -> list[int]:
    """The cheapest level of each stretch of equal heaps; of equal prices the fewer changes."""
    price = np.zeros(len(levels))
    came: list[list[int]] = []
    for heap, size in zip(heaps, sizes, strict=True):
        cheapest = int(np.argmin(price))
        stays = price <= price[cheapest] + CHANGE_PRICE
        came.append([k if stays[k] else cheapest for k in range(len(levels))])
        price = np.minimum(price, price[cheapest] + CHANGE_PRICE)
        price = price + np.array([0.0 if level == heap else float(size) for level in levels])
    at = int(np.argmin(price))
    course = []
    for back in reversed(came):
        course.append(levels[at])
        at = back[at]
    return course[::-1]
