"""Rows left alone on another clock of their chat: a stretch that was set, and the levels that the chat shows elsewhere."""

import numpy as np
import polars as pl

from reconcile.lookup import is_among, of_pair
from reconcile.match.ends import end_rows, end_skew, lone_rows
from reconcile.match.passes import Window, once_held, pass_by_key
from reconcile.match.skew import second_skew
from reconcile.match.wordless import take_kinds
from reconcile.match.work import Work
from reconcile.settings import Settings
from reconcile.wechat.classes import SECONDS

# So many times a further clock is looked for among the rows left alone.
MOST_FURTHER = 3


def take_second_clock(work: Work, raw: pl.Expr, canonical: pl.Expr, settings: Settings, narrow: Window) -> bool:
    """The stretch of a conversation whose clock differs from that of the rest, where the rows left alone show one. Whether any met on it."""
    if not (work.open[0].any() and work.open[1].any()):
        return False
    left, right = (once_held(work, side) for side in (0, 1))
    once = is_among(left["row"], work.frames[0].height)
    other = second_skew(work.frames[0], right, once, settings)
    ends = [
        end_rows(f, pl.Series(o), pl.Series(work.is_paired(i)))
        for i, (f, o) in enumerate(zip(work.frames, work.open, strict=True))
    ]
    within = [lone_rows(f, pl.Series(o)) for f, o in zip(work.frames, work.open, strict=True)]
    ending = pl.concat([end_skew(ends[0], ends[1], settings), end_skew(within[0], within[1], settings)])
    ending = ending.unique("row", keep="first", maintain_order=True)
    if other.is_empty() and ending.is_empty():
        return False
    frame = work.frames[0].join(other, on="pair", how="left", maintain_order="left")
    frame = frame.join(ending, on="row", how="left", maintain_order="left")
    is_open = pl.Series(work.open[0])
    off = pl.coalesce("end_us", "second_us")
    moved = pl.when(is_open & off.is_not_null()).then(pl.col("t") - off)
    work.frames[0] = frame.with_columns(pl.coalesce(moved, "t2").alias("t2")).drop("second_us", "end_us")
    touched = pl.concat([other["pair"], work.frames[0]["pair"].gather(ending["row"])]).unique().sort()
    work.only = touched if work.each else None
    were_open = int(work.open[0].sum())
    pass_by_key(work, raw, narrow, "equal", second_clock=True)
    pass_by_key(work, canonical, narrow, "canonical", bodies=True, second_clock=True)
    take_kinds(work, narrow, second_clock=True)
    work.only = None
    return int(work.open[0].sum()) < were_open


def take_other_levels(
    work: Work, raw: pl.Expr, canonical: pl.Expr, settings: Settings, narrow: Window, levels: dict[int, list[int]]
) -> None:
    """Rows alone that meet on another clock that their conversation shows: beside a step, or before all that tells which clock was which."""
    waiting = [set(f["pair"].filter(pl.Series(o)).unique()) for f, o in zip(work.frames, work.open, strict=True)]
    asked = {pair: apart for pair, apart in levels.items() if apart and pair in waiting[0] and pair in waiting[1]}
    told = work.frames[0]["t2"]
    work.only = pl.Series(sorted(asked), dtype=pl.UInt32)
    for turn in range(max((len(a) for a in asked.values()), default=0)):
        apart = pl.DataFrame(
            [(pair, a[turn]) for pair, a in sorted(asked.items()) if turn < len(a)],
            schema={"pair": pl.UInt32, "apart": pl.Int64}, orient="row",
        )  # fmt: skip
        was_open = pl.Series(work.open[0])
        off = of_pair(work.frames[0]["pair"], apart, "apart")
        tried = work.frames[0].select(t2=pl.when(pl.lit(was_open)).then(pl.col("t") - off))["t2"]
        work.frames[0] = work.frames[0].with_columns(tried)
        pass_by_key(work, raw, narrow, "equal", second_clock=True, solve=False)
        pass_by_key(work, canonical, narrow, "canonical", bodies=True, second_clock=True, solve=False)
        take_kinds(work, narrow, second_clock=True, solve=False)
        met = _beside_fellows(work, was_open & ~pl.Series(work.open[0]), settings)
        told = pl.select(pl.when(pl.lit(met)).then(tried).otherwise(told).alias("t2"))["t2"]
    work.frames[0] = work.frames[0].with_columns(told)
    work.only = None


def _beside_fellows(work: Work, met: pl.Series, settings: Settings) -> pl.Series:
    """Of the left rows just met those near which, in the order of either file, another pair lies at the same distance: one alone has a time of its own."""
    kept = np.zeros(len(met), bool)
    raw = [f["raw_t"].fill_null(0).to_numpy() for f in work.frames]
    pairs, partners, window = work.frames[0]["pair"], work.partners, settings.window_seconds * SECONDS
    # Only rows that met on another clock of their chat.
    for row in met.arg_true().to_list():
        partner = int(partners[0][row])
        apart = raw[0][row] - raw[1][partner]
        near = [(k, int(partners[0][k])) for k in range(max(row - 3, 0), min(row + 4, len(met))) if k != row]
        near += [
            (int(partners[1][k]), k) for k in range(max(partner - 3, 0), min(partner + 4, len(raw[1]))) if k != partner
        ]
        kept[row] = any(
            a >= 0 and b >= 0 and pairs[a] == pairs[row] and abs(raw[0][a] - raw[1][b] - apart) <= window for a, b in near
        )  # fmt: skip
    return pl.Series(kept)
