"""Pairs of rows that are near each other in time, however many rows a moment holds."""

import numpy as np
import polars as pl

from reconcile.column_ops import Floats, Ints, on_axis

Placed = tuple[Ints, Ints, Floats]  # rows, the group of each, and its place there in seconds (nan = none)


def nearest_one_way(own: Placed, other: Placed, wide: Floats, k: int) -> tuple[Ints, Ints]:
    """Pairs of each own row with the k next and k last other rows of its group within its width."""
    fine, known = ~np.isnan(own[2]), ~np.isnan(other[2])
    li, ri, wide = own[0][fine], other[0][known], 1000 * wide[fine]
    x, y = on_axis(own[1][fine], own[2][fine]), on_axis(other[1][known], other[2][known])
    if not len(li) or not len(ri):
        return li[:0], ri[:0]
    order = np.argsort(y, kind="stable")
    y, ri = y[order], ri[order]
    middle = np.searchsorted(y, x)
    found = []
    for step in range(-k, k):
        at = middle + step
        inside = (at >= 0) & (at < len(y))
        near = inside.copy()
        near[inside] = np.abs(y[at[inside]] - x[inside]) <= wide[inside]
        found.append((li[near], ri[at[near]]))
    return np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])


def join_nearest(own: pl.DataFrame, other: pl.DataFrame, at: tuple[str, str], wide: float, k: int) -> pl.DataFrame:
    """Each own row beside the k next and k last other rows of its conversation, with the columns of both.

    Args:
        own, other: frames with `pair`, and without other common columns. Rows without a conversation or time are left
            out.
        at: the column of each that holds its time, in seconds.
        wide: the largest distance (seconds).
        k: how many rows before and behind.
    """
    frames = own.drop_nulls(["pair", at[0]]), other.drop_nulls(["pair", at[1]])
    sides = [
        (np.arange(f.height), f["pair"].cast(pl.Int64).to_numpy(), f[c].cast(pl.Float64).to_numpy())
        for f, c in zip(frames, at, strict=True)
    ]
    left, right = nearest_one_way(sides[0], sides[1], np.full(frames[0].height, wide), k)
    return pl.concat([frames[0][left], frames[1].drop("pair")[right]], how="horizontal")
