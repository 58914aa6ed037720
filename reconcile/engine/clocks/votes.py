"""Votes of equal texts for the offset between two clocks, and how many an offset needs."""

import numpy as np
import polars as pl

from reconcile.column_ops import collected, on_axis
from reconcile.engine.clocks.offset_runs import is_zone
from reconcile.engine.params import Params
from reconcile.engine.records import NO_PAIR, Floats, Ints, Keys, Records, may_be_one_sender, of_conversation


def vote(
    left: Records, right: Records, keys: tuple[Keys, Keys], rows: tuple[Ints, Ints], params: Params
) -> pl.DataFrame:
    """Time differences of rows with equal content: pair, party, d (seconds), weight, left, right.

    `d` is left minus right; `left` and `right` are records. Each key has one vote in all, and only keys with at most
    `vote_pairs_per_key` pairs in their conversation vote. Long conversations use a sample of `vote_keys` keys, drawn by
    hash and equal on both sides.
    """
    sides = [_voting_rows(r, k, at, params) for r, k, at in zip((left, right), keys, rows, strict=True)]
    both = sides[0].join(sides[1], on="key", suffix="_right")
    both = both.filter(pl.col("n") * pl.col("n_right") <= params.vote_pairs_per_key)
    known = may_be_one_sender(pl.col("party"), pl.col("party_right"))
    return both.filter(known).select(
        "pair",
        pl.max_horizontal("party", "party_right").alias("party"),
        (pl.col("t") - pl.col("t_right")).alias("d"),
        (1.0 / (pl.col("n") * pl.col("n_right"))).alias("weight"),
        pl.col("row").alias("left"),
        pl.col("row_right").alias("right"),
    )


def _voting_rows(records: Records, key: Keys, chosen: Ints, params: Params) -> pl.DataFrame:
    """key, pair, t, party, row of one side's voting rows, and n, the number of rows with that key."""
    fine = (records.pair[chosen] != NO_PAIR) & ~np.isnan(records.t[chosen])
    rows, key = chosen[fine], key[fine]
    if len(rows) > params.vote_keys:
        pair = records.pair[rows]
        drawn = key // 256 % (np.bincount(pair)[pair] // params.vote_keys + 1) == 0
        rows, key = rows[drawn], key[drawn]
    pair = records.pair[rows]
    frame = pl.LazyFrame({
        "key": of_conversation(key, pair), "pair": pair, "t": records.t[rows], "party": records.party[rows], "row": rows
    })  # fmt: skip
    counted = frame.with_columns(pl.len().over("key").alias("n"))
    return counted.filter(pl.col("n") <= params.vote_pairs_per_key).pipe(collected)


def densest(votes: pl.DataFrame, by: list[str], params: Params) -> pl.DataFrame:
    """The densest window of votes of each group: offset (median), support and total (sums of weights)."""
    if votes.is_empty():
        return votes.select(*by).with_columns(offset=pl.lit(0.0), support=pl.lit(0.0), total=pl.lit(0.0)).head(0)
    ordered = votes.sort(*by, "d")
    group = ordered.select(pl.struct(by).rle_id().alias("g"))["g"].to_numpy().astype(np.int64)
    d, weight = ordered["d"].to_numpy(), ordered["weight"].to_numpy()
    axis = on_axis(group, d)
    sums = np.concatenate([[0.0], np.cumsum(weight)])
    end = np.searchsorted(axis, axis + round(1000 * params.vote_window_seconds), side="right")
    inside = sums[end] - sums[np.arange(len(axis))]
    table = ordered[[*by]].with_columns(
        pl.Series("inside", np.round(inside, 6)), pl.Series("first", np.arange(len(axis))), pl.Series("end", end), pl.Series("d", d), pl.Series("w", weight)
    )  # fmt: skip
    totals = table.lazy().group_by(by).agg(pl.col("w").sum().alias("total"))
    best = (
        table.lazy().filter(pl.col("inside") == pl.col("inside").max().over(by))
        .sort(*by, pl.col("d").abs())
        .group_by(by, maintain_order=True).first()
        .join(totals, on=by, maintain_order="left")
        .pipe(collected)
    )  # fmt: skip
    # Differences are sorted, so the median of a window is its middle value, or the mean of its two middle values.
    first, size = best["first"].to_numpy(), (best["end"] - best["first"]).to_numpy()
    middle = (d[first + (size - 1) // 2] + d[first + size // 2]) / 2
    return best.select(*by, pl.Series("offset", middle), pl.col("inside").alias("support"), "total")


def votes_needed(offset: Floats, params: Params) -> Floats:
    """How many votes each offset (seconds) needs before it is believed."""
    other = np.where(is_zone(offset, params), params.zone_votes, params.offset_votes)
    return np.where(np.abs(offset) <= params.offset_free_seconds, 0.0, other)


def votes_of_unmet(
    left: Records, right: Records, pair: Ints, offset: Floats, support: Floats, params: Params
) -> Floats:
    """The additional votes that each offset needs for the texts that it leaves unmatched.

    Only offsets beyond `clock_limit_seconds` need them. Exports of different months share a few phrases, and some offset
    matches several of these. The offset of a clock that was wrong matches most texts.
    """
    votes = np.zeros(len(pair))
    for n in np.flatnonzero(np.abs(offset) > params.clock_limit_seconds).tolist():
        sides = [(r, np.flatnonzero(r.pair == pair[n]), by) for r, by in ((left, 0.0), (right, offset[n]))]
        times = [r.t[rows] + by for r, rows, by in sides]
        first, last = max(np.nanmin(t) for t in times), min(np.nanmax(t) for t in times)
        met = [r.raw_key[rows[(t >= first) & (t <= last)]] for (r, rows, _), t in zip(sides, times, strict=True)]
        votes[n] = params.unmet_votes * max(0.0, min(len(np.unique(texts)) for texts in met) - support[n])
    return votes


__all__ = ["densest", "vote", "votes_needed", "votes_of_unmet"]
