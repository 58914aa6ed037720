"""Conversations without usable time: pairs by order and words alone.

Rows whose words, or words with their neighbours' words, stand once in a stretch of both sides are paired where their order
agrees (Cohen's patience difference, repeated inside every stretch between pairs), rows of one fingerprint before all others; equal words left
over in a stretch pair in order when both sides have as many. What is left gets the stretch as its place.
"""

from bisect import bisect_left

import polars as pl

from reconcile.match.group import PAIRS_SCHEMA, no_pairs

MOST_ROUNDS = 12


def pair_by_order(
    left: pl.DataFrame, right: pl.DataFrame, known: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Pairs by order, and the stretch in which each row of both sides stands.

    Both frames hold pair, row, key (u64 of sender, class and words) and media_hash (null = no fingerprint). Order is that of `row`. `known` holds pair, left_row, right_row
    of rows of these frames that are paired already; those that keep one order are the first stretches.

    Returns:
        pairs: left_row, right_row, confidence, method `order`.
        left_places, right_places: row, place: the running number of the last paired row before it in its conversation, counted
        in right rows.
    """
    chain = _in_one_order(known)
    crossing = known.join(chain, on="left_row", how="anti")
    sides = [
        _with_context(f.join(crossing.select(pl.col(f"{n}_row").alias("row")), on="row", how="anti"))
        for f, n in ((left, "left"), (right, "right"))
    ]
    seeds = chain
    for _ in range(MOST_ROUNDS):
        grown = chain
        for key in ("print", "both", "before", "after", "key"):
            grown = _extend(grown, sides[0], sides[1], key)
        if grown.height == chain.height:
            break
        chain = grown
    left_places, right_places = _places(chain, sides[0], "left_row"), _places(chain, sides[1], "right_row")
    pairs = pl.concat([chain, _equal_counts(sides, chain, left_places, right_places)])
    pairs = pairs.join(seeds, on="left_row", how="anti", maintain_order="left")
    if pairs.is_empty():
        return no_pairs(), left_places, right_places
    out = pairs.select(
        "left_row", "right_row", pl.lit(0.995).alias("confidence"), pl.lit("order").alias("method")
    ).cast(PAIRS_SCHEMA)  # type: ignore[arg-type]
    return out, left_places, right_places


def _in_one_order(known: pl.DataFrame) -> pl.DataFrame:
    ordered = known.select(pl.col("pair", "left_row", "right_row").cast(pl.UInt32)).sort("pair", "left_row")
    parts = [p[_increasing(p["right_row"].to_list())] for p in ordered.partition_by("pair", maintain_order=True)]
    return pl.concat(parts) if parts else ordered


def _with_context(frame: pl.DataFrame) -> pl.DataFrame:
    ordered = frame.select("pair", "row", "key", "media_hash").sort("pair", "row")
    before = pl.col("key").shift(1).over("pair")
    after = pl.col("key").shift(-1).over("pair")
    return ordered.with_columns(
        pl.when(pl.col("media_hash").is_not_null()).then(pl.struct("key", "media_hash").hash(seed=24)).alias("print"),
        pl.struct("key", before.alias("b")).hash(seed=21).alias("before"),
        pl.struct("key", after.alias("a")).hash(seed=22).alias("after"),
        pl.struct("key", before.alias("b"), after.alias("a")).hash(seed=23).alias("both"),
    )


def _places(chain: pl.DataFrame, rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """row, place of every row; place counts the chain's pairs up to and including the last one at or before the row."""
    ranked = chain.sort("pair", "right_row").with_columns(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("pair").alias("place")
    )
    knots = ranked.select("pair", pl.col(column).alias("row"), "place").sort("pair", "row")
    placed = (
        rows.select("pair", "row")
        .sort("pair", "row")
        .join_asof(knots, on="row", by="pair", strategy="backward", check_sortedness=False)
    )
    return placed.select("row", pl.col("place").fill_null(0))


def _extend(chain: pl.DataFrame, left: pl.DataFrame, right: pl.DataFrame, key: str) -> pl.DataFrame:
    places = _places(chain, left, "left_row"), _places(chain, right, "right_row")

    def once(frame: pl.DataFrame, place: pl.DataFrame, used: str) -> pl.DataFrame:
        free = (
            frame.select("pair", "row", pl.col(key).alias("k"))
            .drop_nulls("k")
            .join(chain.select(pl.col(used).alias("row")), on="row", how="anti")
            .join(place, on="row")
        )
        return (
            free.group_by("pair", "place", "k")
            .agg(pl.col("row").first(), pl.len().alias("n"))
            .filter(pl.col("n") == 1)
            .drop("n")
        )

    both = once(left, places[0], "left_row").join(
        once(right, places[1], "right_row"), on=["pair", "place", "k"], suffix="_right"
    )
    found = both.select("pair", "place", pl.col("row").alias("left_row"), pl.col("row_right").alias("right_row")).sort(
        "pair", "left_row"
    )
    if found.is_empty():
        return chain
    kept = [
        part.select("pair", "left_row", "right_row")[_increasing(part["right_row"].to_list())]
        for part in found.partition_by("pair", "place", maintain_order=True)
    ]
    return pl.concat([chain, *kept])


def _increasing(values: list[int]) -> list[int]:
    """Indices of a longest increasing run of values (Fredman 1975, n log n)."""
    tails: list[int] = []
    tail_values: list[int] = []
    back: list[int] = []
    for index, value in enumerate(values):
        at = bisect_left(tail_values, value)
        back.append(tails[at - 1] if at else -1)
        if at == len(tails):
            tails.append(index)
            tail_values.append(value)
        else:
            tails[at], tail_values[at] = index, value
    run, at = [], tails[-1] if tails else -1
    while at >= 0:
        run.append(at)
        at = back[at]
    return run[::-1]


def _equal_counts(
    sides: list[pl.DataFrame], chain: pl.DataFrame, left_places: pl.DataFrame, right_places: pl.DataFrame
) -> pl.DataFrame:
    def free(frame: pl.DataFrame, place: pl.DataFrame, used: str) -> pl.DataFrame:
        rest = (
            frame.select("pair", "row", "key")
            .join(chain.select(pl.col(used).alias("row")), on="row", how="anti")
            .join(place, on="row")
        )
        group = ["pair", "place", "key"]
        return rest.sort("row").with_columns(
            pl.int_range(pl.len()).over(group).alias("rank"), pl.len().over(group).alias("n")
        )

    a, b = free(sides[0], left_places, "left_row"), free(sides[1], right_places, "right_row")
    both = a.join(b, on=["pair", "place", "key", "rank", "n"], suffix="_right")
    return both.select("pair", pl.col("row").alias("left_row"), pl.col("row_right").alias("right_row"))
