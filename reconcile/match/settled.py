"""How far apart the clocks of a short chat really lie: by all its pairs, where the few messages that taught it were mostly altered ones."""

import polars as pl

from reconcile.lookup import of_pair
from reconcile.match.skew import Skew, unit_seconds
from reconcile.wechat.classes import SECONDS

# So few messages said once may most of them be the very ones whose times were altered.
FEW_TEACHERS = 10
# A spread (seconds) beyond any that two honest clocks show over so few messages.
WIDE_SECONDS = 60.0
# So many pairs, and such a share of all, that lie on the common clock measure it.
LEAST_SETTLED, SETTLED_SHARE = 8, 0.8


def settled(frames: list[pl.DataFrame], pairs: pl.DataFrame, residual: pl.Expr, skew: Skew) -> list[pl.DataFrame]:
    """The rows with the spread that the pairs of their conversation show, where few anchors told a wide one and the pairs hold another.

    residual: how far apart the two times of each pair lie (µs, null without two times). Nearly all pairs on one clock are no chance: the anchors
    off it are rows whose own times differ, and not the width of the clocks.
    """
    asked = skew.constant.filter((pl.col("anchors") < FEW_TEACHERS) & (pl.col("spread_s") > WIDE_SECONDS))
    if asked.is_empty():
        return frames
    pair = frames[0]["pair"].gather(pairs["left_row"])
    units = (unit_seconds(f["time_precision"].gather(pairs[n])) for f, n in zip(frames, _ROWS, strict=True))
    unit = (pl.max_horizontal(*map(pl.lit, units)) * SECONDS).cast(pl.Int64)
    rows = pl.DataFrame([pair]).with_columns(residual.alias("far"), unit.alias("unit")).drop_nulls("far")
    rows = rows.join(asked.select("pair"), on="pair", how="semi")
    on_clock = pl.col("far") <= 2 * pl.col("unit")
    told = rows.group_by("pair").agg(on_clock.sum().alias("n"), on_clock.mean().alias("share"), pl.col("unit").max())
    enough = (pl.col("n") >= LEAST_SETTLED) & (pl.col("share") >= SETTLED_SHARE)
    known = told.filter(enough).select("pair", (2 * pl.col("unit")).alias("settled"))
    if known.is_empty():
        return frames
    narrow = [of_pair(f["pair"], known, "settled") for f in frames]
    return [f.with_columns(pl.coalesce(s, "spread").alias("spread")) for f, s in zip(frames, narrow, strict=True)]


_ROWS = ("left_row", "right_row")
