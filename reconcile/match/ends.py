"""Clocks at the two ends of a chat, or for a short while within it, where few rows of both sides are left to tell them."""

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.lookup import of_each_pair
from reconcile.match.quotes import bare_reply
from reconcile.settings import Settings
from reconcile.wechat.classes import SECONDS, SYSTEM, WORDS
from reconcile.wechat.text import canonical_text

# Rows of one end that are looked at on each side, and equal words that may be written so often among them.
MOST_END_ROWS, MOST_MEETINGS = 300, 400
# So many rows of a side must meet others at one distance, and so large a share of those between the first and last that do.
LEAST_MET, MET_SHARE = 3, 0.6
# So many that meet at one distance, and so large a share of those between, are no chance, however often the like of them is written.
MANY_MET, MANY_SHARE, BEST_TRIED = 12, 0.8, 5
# Words of so many characters are not what everybody writes.
TELLING = 6
# Distances of one clock keep within this (µs).
ONE_CLOCK = 10 * SECONDS

ENDS = ("head", "tail")
INNER = "inner"


def lone_rows(frame: pl.DataFrame, is_open: pl.Series) -> pl.DataFrame:
    """The open rows with words or media of their own, wherever in their conversation, with `end`: none."""
    return _spoken(frame, is_open).with_columns(pl.lit(INNER).alias("end"))


def _spoken(frame: pl.DataFrame, is_open: pl.Series) -> pl.DataFrame:
    # Few are open: looked up, the others are not gone through column by column.
    rows = frame[is_open.arg_true()]
    return rows.filter((pl.col("cls") != SYSTEM) & ~pl.col("is_filled") & ~pl.col("is_repeat"))


def end_rows(frame: pl.DataFrame, is_open: pl.Series, is_paired: pl.Series) -> pl.DataFrame:
    """The open rows with words or media of their own before the first and behind the last paired row of their conversation, with `end`."""
    rows = _spoken(frame, is_open)
    # Masked, not filtered: no row is copied.
    paired = frame.select("pair", pl.when(is_paired).then("t").alias("t"))
    ends = pl.col("t").min().alias("first"), pl.col("t").max().alias("last")
    inner = of_each_pair(paired.lazy(), frame["pair"], *ends).collect()
    rows = rows.join(inner, on="pair", maintain_order="left")
    end = (
        pl.when(pl.col("t") < pl.col("first"))
        .then(pl.lit("head"))
        .when(pl.col("t") > pl.col("last"))
        .then(pl.lit("tail"))
    )
    return rows.with_columns(end.alias("end")).filter(pl.col("end").is_not_null()).drop("first", "last")


def alike(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """pair, end, left_row, right_row, d (µs, left minus right), telling: rows of one end of both sides that carry the same words by one sender.

    telling: the words, or the fingerprint or amount beside them, are not what everybody writes.
    """
    key = pl.struct("party", "cls", canonical_text(pl.col("text"))).hash(seed=7).alias("key")
    sides = [
        f.with_columns(bare_reply()).select("pair", "end", key, "row", "t", "cls", "text", "media_hash", "amount")
        for f in (left, right)
    ]
    both = sides[0].join(sides[1].drop("cls", "text"), on=["pair", "end", "key"], suffix="_right")
    differ = (pl.col("media_hash") != pl.col("media_hash_right")) | (pl.col("amount") != pl.col("amount_right"))
    long = (pl.col("cls") == WORDS) & (pl.col("text").str.len_chars() >= TELLING)
    return both.filter(~differ.fill_null(value=False)).select(
        "pair", "end", pl.col("row").alias("left_row"), pl.col("row_right").alias("right_row"),
        (pl.col("t") - pl.col("t_right")).alias("d"),
        (long | (pl.col("media_hash") == pl.col("media_hash_right")) | (pl.col("amount") == pl.col("amount_right")))
        .fill_null(value=False).alias("telling"),
    ).sort("pair", "end", "left_row", "right_row")  # fmt: skip


def end_skew(left: pl.DataFrame, right: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """row, end_us: the skew of the left rows of an end, or of a stretch within, whose clock differs from that of the rest of the chat.

    Short words everybody writes tell no clock one by one, but a row of them does: three rows at least must meet the other side's at one distance,
    and most of the rows that either side holds between the first and the last of them. Within a chat one of them must tell more, or a
    dozen meet and nearly none does not.

    Args:
        left: `end_rows` of the left side, on the right side's clock as far as it is known.
        right: the same of the right side.
        settings: the window beyond which two equal rows are no pair.
    """
    empty = pl.DataFrame(schema={"row": pl.UInt32, "end_us": pl.Int64})
    sizes = [f.group_by("pair", "end").len("n") for f in (left, right)]
    both = (
        sizes[0]
        .join(sizes[1], on=["pair", "end"], suffix="_right")
        .filter((pl.min_horizontal("n", "n_right") >= LEAST_MET) & (pl.max_horizontal("n", "n_right") <= MOST_END_ROWS))
    )
    if both.is_empty():
        return empty
    ends = [f.join(both, on=["pair", "end"], how="semi", maintain_order="left") for f in (left, right)]
    met = alike(ends[0], ends[1]).filter(pl.col("d").abs() > settings.window_seconds * SECONDS)
    found = []
    # Only stretches that both sides hold apart from each other, a few rows each.
    for (pair, end), part in sorted(met.partition_by("pair", "end", as_dict=True).items()):
        here = (pl.col("pair") == pair) & (pl.col("end") == end)
        places = [np.sort(f.filter(here)["row"].to_numpy()) for f in ends]
        met_rows = part.select("left_row", "right_row", "d", pl.col("telling") | (end != INNER)).cast(pl.Int64)
        d = _distance(met_rows.to_numpy(), places)
        if d is not None:
            found.append(pl.DataFrame({"row": places[0]}).with_columns(pl.lit(d, dtype=pl.Int64).alias("end_us")))
    return pl.concat(found).cast(empty.schema) if found else empty


def _distance(met: npt.NDArray[np.int64], places: list[npt.NDArray[np.uint32]]) -> int | None:
    """The distance at which most rows of two ends meet, None where it may be chance. `met`: left row, right row, distance, whether it tells."""
    if len(met) < LEAST_MET:
        return None
    met = met[np.argsort(met[:, 2], kind="stable")]
    stop = np.searchsorted(met[:, 2], met[:, 2] + ONE_CLOCK, side="right")
    widths = stop - np.arange(len(met))
    few = len(met) <= MOST_MEETINGS
    tried = np.arange(len(met)) if few else np.sort(np.argsort(-widths, kind="stable")[:BEST_TRIED])
    counts = [min(len(set(met[a : stop[a], 0])), len(set(met[a : stop[a], 1]))) for a in tried]
    best = int(np.argmax(counts))
    at, most = int(tried[best]), counts[best]
    inside = met[at : stop[at]]
    between = [
        int(((rows >= inside[:, s].min()) & (rows <= inside[:, s].max())).sum()) for s, rows in enumerate(places)
    ]
    is_told = few and most >= LEAST_MET and most >= MET_SHARE * max(between) and inside[:, 3].any()
    if not is_told and not (most >= MANY_MET and most >= MANY_SHARE * max(between)):
        return None
    return int(np.median(inside[:, 2]))
