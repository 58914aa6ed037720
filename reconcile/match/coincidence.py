"""Whether short equal words far off the clock are one message with another time, or two messages of which each side lacks one."""

import polars as pl

from reconcile.match.align import Aligned

# Of the short equal words off the clock at most this share may be chance, as told by those too far apart to be one message.
MOST_CHANCE = 0.1
# Rows alone are counted so many windows beyond the first, on either side of it.
BEYOND_WINDOWS = 3
_KEY = ("pair", "party", "text")


def chance_meetings(off: pl.DataFrame, judged: pl.DataFrame, aligned: Aligned, window: int) -> pl.Series:
    """The conversations (`pair`) in which pairs like those of `off` may be two messages each.

    Where both sides lack rows, a 好的 that one lacks stands by chance near another one that the other lacks. How often that happens is told
    by the same words, alone on both sides, that lie too far apart to be one message: a null that needs no model of the chat.

    Args:
        off: pairs of equal short words whose two times differ (left_row, right_row).
        judged: every pair that was found.
        aligned: the rows of both sides.
        window: farthest distance (µs) at which equal words are taken for one message.
    """
    met = judged.select("left_row", "right_row").join(
        off.select("left_row", "right_row"), on=["left_row", "right_row"], how="anti"
    )
    texts = aligned.left["text"].gather(off["left_row"]).unique()
    alone = [
        f.lazy().select("row", "t", *_KEY)
        .filter(pl.col("pair").is_in(off["pair"].unique().implode()) & pl.col("text").is_in(texts.implode()) & pl.col("t").is_not_null())
        .join(met.lazy().select(pl.col(f"{n}_row").alias("row")), on="row", how="anti")
        for f, n in ((aligned.left, "left"), (aligned.right, "right"))
    ]  # fmt: skip
    reach = (BEYOND_WINDOWS + 1) * window
    a, b = (f.with_columns((pl.col("t") // reach).alias("bucket")) for f in alone)
    near = pl.concat([b.with_columns(pl.col("bucket") + k) for k in (-1, 0, 1)])
    far = (pl.col("t") - pl.col("t_right")).abs()
    beyond = (
        a.join(near, on=[*_KEY, "bucket"], nulls_equal=True)
        .filter(far.is_between(window, reach, closed="right"))
        .group_by("pair")
        .len("beyond")
        .collect()
    )
    seen = off.group_by("pair").len("seen").join(beyond, on="pair")
    by_chance = pl.col("beyond") / BEYOND_WINDOWS > MOST_CHANCE * pl.col("seen")
    return seen.filter(by_chance)["pair"].sort()
