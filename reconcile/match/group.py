"""One-to-one pairs among rows of one key by time: whole-column for the many, a small exact model for the rest."""

import numpy as np
import polars as pl

from reconcile.abreast import gains, of_both
from reconcile.match.assign import assign_component
from reconcile.wechat.classes import SECONDS

# Every step that pairs rows, by the name that its pairs bear.
METHOD = pl.Enum([
    "server_id", "rounded_id", "alias_id", "body_id", "order", "equal", "canonical", "canonical_any_sender", "kind", "place", "same_moment", "similar",
    "other_sender", "moved",
])  # fmt: skip
PAIRS_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "left_row": pl.UInt32,
    "right_row": pl.UInt32,
    "confidence": pl.Float64,
    "method": METHOD,
}


def no_pairs() -> pl.DataFrame:
    """An empty frame of pairs."""
    return pl.DataFrame(schema=PAIRS_SCHEMA)


def pair_by_key(
    left: pl.DataFrame,
    right: pl.DataFrame,
    window_s: float | None,
    method: str,
    tight_s: float | None = None,
    *,
    solve: bool = True,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pairs of rows with one key whose times lie within the window, one-to-one, and the rows the model leaves in doubt.

    Both frames hold key (u64), t (µs), row, and x (position among rows already paired, in right rows; null = unknown), spread (µs).
    Rows of one key that follow each other within the window are a component. A component of one row a side is a pair. With as many rows a side
    and every distance inside `tight_s`, the k-th row is the k-th row. Everything else goes to `assign_component`,
    or waits for a later pass when `solve` is false. `window_s` None: each row states its own in `window` (µs), the same for one key.

    Returns:
        pairs: left_row, right_row, confidence, method.
        unsure: side (0 left, 1 right), row: rows without a partner for which another row of the same key could as well be the one.
    """
    if left.is_empty() or right.is_empty():
        return no_pairs(), _no_unsure()
    simple, rest = _by_halves(left, right, window_s, method)
    if rest.is_empty():
        return simple, _no_unsure()
    more, unsure = _components(rest, left, right, window_s, tight_s, method, solve=solve)
    return pl.concat([simple, more]).rechunk(), unsure


def _by_halves(
    left: pl.DataFrame, right: pl.DataFrame, window_s: float | None, method: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`_of_two` of all rows; of many the lower half of the keys and the upper one at once."""
    height, own = left.height + right.height, ["window"] if window_s is None else []
    if not gains(height):
        return _of_two(left, right, window_s, method)

    def half(upper: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        is_mine = (pl.col("key") >= 2**63) == bool(upper)
        mine = [f.lazy().filter(is_mine).select("key", "t", "row", *own).collect() for f in (left, right)]
        return _of_two(mine[0], mine[1], window_s, method)

    (low, low_rest), (high, high_rest) = of_both(half, height)
    # Components of the two are told apart.
    last = low_rest["component"].max() if low_rest.height else 0
    return pl.concat([low, high]), pl.concat([low_rest, high_rest.with_columns(pl.col("component") + last)])


def _of_two(
    left: pl.DataFrame, right: pl.DataFrame, window_s: float | None, method: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pairs of the components of one row a side, and the rows (key, t, side, row, component) of all others of more than one row."""
    own = ["window"] if window_s is None else []
    merged = pl.concat([
        left.select("key", "t", pl.lit(0, dtype=pl.UInt8).alias("side"), "row", *own),
        right.select("key", "t", pl.lit(1, dtype=pl.UInt8).alias("side"), "row", *own),
    ])  # fmt: skip
    # By time, then stably by key: a sort by two columns costs twice as much.
    merged = by_key(merged.sort("t"))
    window = pl.col("window") if window_s is None else pl.lit(int(window_s * SECONDS))
    starts = (pl.col("key") != pl.col("key").shift()) | (pl.col("t") - pl.col("t").shift() > window)
    marked = merged.lazy().with_columns(starts.fill_null(value=True).alias("start"))
    is_two = pl.col("start") & ~pl.col("start").shift(-1, fill_value=True) & pl.col("start").shift(-2, fill_value=True)
    two = is_two & (pl.col("side") != pl.col("side").shift(-1)) & (pl.col("t").shift(-1) - pl.col("t") <= window)
    lone = pl.col("start") & pl.col("start").shift(-1, fill_value=True)
    marked = marked.with_columns(
        two.fill_null(value=False).alias("is_simple"), pl.col("row").shift(-1).alias("next"), lone.alias("lone")
    )
    merged = marked.with_columns(pl.col("start").cum_sum().alias("component")).collect().rechunk()
    simple = merged.filter("is_simple").select(
        pl.when(pl.col("side") == 0).then("row").otherwise("next").alias("left_row"),
        pl.when(pl.col("side") == 0).then("next").otherwise("row").alias("right_row"),
        pl.lit(0.9995).alias("confidence"),
        pl.lit(method, METHOD).alias("method"),
    )
    rest = merged.filter(~pl.col("lone") & ~pl.col("is_simple") & ~(pl.col("is_simple").shift(1, fill_value=False)))
    return simple, rest.drop("start", "is_simple", "next", "lone")


def by_key(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows by `key` (u64), those of one key as they stand: `sort("key", maintain_order=True)` at a fifth of the cost.

    One number a row, the head of its key with its place as the tail, is sorted, which processors do many at a time. Keys alike in their heads,
    one in trillions of pairs among millions of rows, are put in order afterwards.
    """
    if frame["key"].null_count():
        return frame.sort("key", maintain_order=True)
    key = frame["key"].to_numpy()
    tail = np.uint64(max(frame.height - 1, 1).bit_length())
    mixed = np.sort((key >> tail << tail) | np.arange(frame.height, dtype=np.uint64))
    at, head = (mixed & ((np.uint64(1) << tail) - np.uint64(1))).astype(np.uint32), mixed >> tail
    placed = key[at]
    for alike in np.unique(head[1:][(head[1:] == head[:-1]) & (placed[1:] != placed[:-1])]):
        first, last = np.searchsorted(head, alike, "left"), np.searchsorted(head, alike, "right")
        rows = at[first:last]
        at[first:last] = rows[np.lexsort((rows, key[rows]))]
    return frame[at]


def _no_unsure() -> pl.DataFrame:
    return pl.DataFrame(schema={"side": pl.UInt8, "row": pl.UInt32})


def _components(
    rest: pl.DataFrame,
    left: pl.DataFrame,
    right: pl.DataFrame,
    window_s: float | None,
    tight_s: float | None,
    method: str,
    *,
    solve: bool,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    counts = rest.group_by("component").agg(
        (pl.col("side") == 0).sum().alias("n_left"), (pl.col("side") == 1).sum().alias("n_right")
    )
    even = rest.join(
        counts.filter((pl.col("n_left") == pl.col("n_right")) & (pl.col("n_left") > 0)).select("component"),
        on="component",
        how="semi",
    )
    ranked = even.sort("component", "side", "t", "row").with_columns(
        pl.int_range(pl.len()).over("component", "side").alias("rank")
    )
    matched = ranked.filter(pl.col("side") == 0).join(
        ranked.filter(pl.col("side") == 1), on=["component", "rank"], suffix="_right"
    )
    matched = matched.with_columns((pl.col("t") - pl.col("t_right")).abs().alias("far"))
    good = matched.with_columns(
        (pl.col("far").max().over("component") <= _tight(window_s, tight_s)).alias("is_good")
    ).filter("is_good")
    pairs = good.select(
        pl.col("row").alias("left_row"),
        pl.col("row_right").alias("right_row"),
        pl.lit(0.999).alias("confidence"),
        pl.lit(method, METHOD).alias("method"),
    )
    if not solve:
        return pairs, _no_unsure()
    mixed = counts.filter((pl.col("n_left") > 0) & (pl.col("n_right") > 0)).select("component")
    hard = rest.join(mixed, on="component", how="semi").join(
        good.select("component").unique(), on="component", how="anti"
    )
    if hard.is_empty():
        return pairs, _no_unsure()
    solved, unsure = _solve(hard, left, right, window_s, method)
    return pl.concat([pairs, solved]), unsure


def _tight(window_s: float | None, tight_s: float | None) -> pl.Expr:
    if window_s is not None:
        return pl.lit((tight_s if tight_s is not None else window_s) * SECONDS)
    return pl.col("window") if tight_s is None else pl.min_horizontal("window", pl.lit(tight_s * SECONDS))


def _solve(
    hard: pl.DataFrame, left: pl.DataFrame, right: pl.DataFrame, window_s: float | None, method: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    extra = pl.concat(
        [
            f.select(pl.lit(i, dtype=pl.UInt8).alias("side"), "row", "x", "spread", "crossing")
            for i, f in enumerate((left, right))
        ]
    )
    full = hard.join(extra, on=["side", "row"]).sort("component", "side", "t", "row")
    found: list[tuple[int, int, float]] = []
    doubt: list[tuple[int, int]] = []
    # The small hard remainder: components that counting could not settle, solved one by one.
    width = pl.lit(window_s * SECONDS) if window_s is not None else pl.col("window").first().cast(pl.Float64)
    grouped = full.group_by("component", "side", maintain_order=True).agg(
        "row", "t", "x", pl.col("spread").first(), pl.col("crossing").first(), width.alias("width")
    )
    waiting: dict[int, tuple[list[int], list[int], list[int | None], int, float]] = {}
    for component, side, row, t, x, spread, crossing, window in grouped.iter_rows():
        if side == 0:
            waiting[component] = (row, t, x, spread, crossing)
            continue
        rows, times, places, left_spread, left_crossing = waiting.pop(component)
        pairs, unsure = assign_component(
            times, t, places, x, max(left_spread, spread), min(left_crossing, crossing), window
        )
        found += [(rows[i], row[j], p) for i, j, p in pairs]
        doubt += [(0, rows[i]) for i in unsure[0]] + [(1, row[j]) for j in unsure[1]]
    pairs_frame = pl.DataFrame(
        found, schema={"left_row": pl.UInt32, "right_row": pl.UInt32, "confidence": pl.Float64}, orient="row"
    ).with_columns(pl.lit(method, METHOD).alias("method"))
    return pairs_frame, pl.DataFrame(doubt, schema={"side": pl.UInt8, "row": pl.UInt32}, orient="row")
