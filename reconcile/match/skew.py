"""How far apart the two clocks are: anchors, the constant skew of each conversation, and its steps along the chat."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import polars as pl

from reconcile.abreast import of_both
from reconcile.lookup import hash_of, key_of_hashes, of_pair
from reconcile.match.steps import LEVEL_GAP, levels_along
from reconcile.settings import Settings
from reconcile.vocabulary import TimePrecision
from reconcile.wechat.classes import SECONDS

# Above this many rows a conversation's anchors are drawn by hash: the skew of a million messages is known from some thousands.
ANCHOR_ROWS = 20_000
# A stretch with a clock of its own holds at most this share of rows that the common clock paired.
MOST_SETTLED = 0.3
# Rows this near (µs) to a change of level may stand on either side of it.
BESIDE_CHANGE = 60 * SECONDS
# An anchor this far from the clock says nothing of its width, unless more than this share lie there.
FAR_SECONDS, MOST_FAR = 150, 0.35
# A clock is followed along a chat of so many anchors when so many of them lie off the common skew.
LEAST_MOVING, LEAST_OFF = 4, 2
# So few anchors show a clock only where they keep together as those of the rest of the chat do.
FEW_ANCHORS = 2
# Rows alone are tried on the other levels of a chat that shows so many.
MOST_TRIED, MOST_APART = 3, 12


@dataclass(frozen=True, slots=True)
class Skew:
    """What the anchors say about the clocks.

    constant: pair, skew_us (left minus right), spread_s (90th percentile of what is left of an anchor's offset once the skew is taken
    out), anchors; one row a pair that has a skew of its own or, without anchors, that of the export. running: pair, row, skew_us of the
    left rows that are anchors, where the clocks drift or step. mixed: pair, low, high, one, other: stretches of the left clock (µs) in which
    rows of two levels may stand among each other, as where a clock was set back and the export sorted by time.
    """

    constant: pl.DataFrame
    running: pl.DataFrame
    mixed: pl.DataFrame


def find_anchors(
    left: pl.DataFrame, right: pl.DataFrame, settings: Settings, *, with_media: bool = False
) -> pl.DataFrame:
    """pair, left_row, right_row, d (µs, left minus right), by_id: rows that need no scoring.

    A server id that stands once on each side, or words of six characters or more that do (`text_key`: their `hash_of`); `with_media`, media hashes and
    amounts too. Both rows have a time.
    """
    sizes = (
        pl.concat([left.group_by("pair").len(), right.group_by("pair").len()])
        .group_by("pair")
        .agg((pl.col("len").max() // ANCHOR_ROWS + 1).alias("thin"))
    )

    def once(frame: pl.DataFrame, key: str, least: int, extra: list[str]) -> pl.DataFrame:
        usable = frame.lazy().with_columns(of_pair(frame["pair"], sizes.drop_nulls(), "thin"))
        usable = usable.filter(
            pl.col("t").is_not_null() & pl.col(key).is_not_null() & (pl.col("cls") != 12) & pl.col("pair").is_not_null()
        )
        if least:
            usable = usable.filter((pl.col("cls") == 0) & (pl.col(key).str.len_chars() >= least))
        told = pl.col("text_key") if key == "text" else hash_of(pl.col(key))
        number = key_of_hashes(told, *(hash_of(pl.col(c)) for c in extra))
        hashed = usable.select("pair", number.alias("h"), "row", "t", "thin")
        drawn = hashed.filter(pl.col("h") % pl.col("thin") == 0)
        # One number for both keys: to look for one that recurs costs half of looking for two.
        mixed = pl.col("h").reinterpret(signed=False) ^ (pl.col("pair").cast(pl.UInt64) * 0x1E3779B97F4A7C15)
        return drawn.with_columns(mixed.alias("key")).filter(pl.col("key").is_unique()).collect()

    found = []
    keys = [("message_id", 0, ["pair"]), ("text", settings.anchor_characters, ["party"])]
    keys += [("media_hash", 0, ["party"]), ("amount", 0, ["party", "kind"])] if with_media else []
    # What one side states nowhere anchors nothing.
    stated = [k for k in keys if all(f[k[0]].null_count() < f.height for f in (left, right))]
    for key, least, extra in stated or keys[:1]:
        sides = of_both(lambda side: once((left, right)[side], key, least, extra), left.height + right.height)  # noqa: B023 - called here and now
        both = sides[0].join(sides[1], on="key", suffix="_right", maintain_order="left")
        both = both.filter((pl.col("pair") == pl.col("pair_right")) & (pl.col("h") == pl.col("h_right")))
        found.append(
            both.select(
                "pair",
                pl.col("row").alias("left_row"),
                pl.col("row_right").alias("right_row"),
                (pl.col("t") - pl.col("t_right")).alias("d"),
                pl.lit(key == "message_id").alias("by_id"),
            )
        )
    if sum(not f.is_empty() for f in found) < 2:
        return _in_order(pl.concat(found))
    return _in_order(pl.concat(found).unique(["pair", "left_row"], keep="first", maintain_order=True))


def _in_order(anchors: pl.DataFrame) -> pl.DataFrame:
    """By pair and left row; rows mostly stand in their order already, and a stable sort by one number costs less than one by two."""
    rows = anchors if anchors["left_row"].is_sorted() else anchors.sort("left_row", maintain_order=True)
    return rows.sort("pair", maintain_order=True)


def learn_skew(
    anchors: pl.DataFrame, pairs: list[int], left: pl.DataFrame, settings: Settings, *, each: bool = False
) -> Skew:
    """The skew of every pair.

    Constant: the densest span of `anchor_window_seconds` of the anchors' offsets, and the median inside it (matching 1.3); a pair
    with fewer than three anchors in its span takes the densest span of the whole export, if that export has one. Running: along the left
    rows, for pairs whose anchors do not fit one constant. `each`: every pair is an export of its own.
    """
    every = pl.DataFrame({"pair": pairs}, schema={"pair": pl.UInt32})
    if anchors.is_empty():
        zero = every.with_columns(
            pl.lit(0, dtype=pl.Int64).alias("skew_us"),
            pl.lit(None, dtype=pl.Float64).alias("spread_s"),
            pl.lit(0, dtype=pl.UInt32).alias("anchors"),
        )
        return Skew(zero, _no_running(), _no_mixed())
    own = _densest(anchors.select("pair", "d"), settings)
    if each:
        constant = every.join(own, on="pair", how="left").with_columns(
            pl.col("skew_us", "inside", "anchors").fill_null(0)
        )
        running, mixed = _running(anchors, constant, left, settings)
        spread = _spread(anchors, constant, running, each=True)
        return Skew(_with_spread(constant, spread), running, mixed)
    whole = _densest(anchors.select(pl.lit(0, dtype=pl.UInt32).alias("pair"), "d"), settings)
    common = whole["skew_us"][0] if whole["inside"][0] >= 3 or anchors.height <= 3 else None
    joined = every.join(own, on="pair", how="left").with_columns(pl.col("inside").fill_null(0))
    weak = (pl.col("inside") < 3) & ((pl.col("skew_us") - (common or 0)).abs() > settings.window_seconds * SECONDS)
    joined = joined.with_columns(_shown_elsewhere(joined, anchors, settings))
    # A clock that stepped shows two levels, and a chat of few anchors may lie wholly on the one that fewer rows show.
    weak = weak & ~pl.col("shown")
    skew = pl.when(weak | pl.col("skew_us").is_null()).then(pl.lit(common, dtype=pl.Int64)).otherwise(pl.col("skew_us"))
    constant = joined.with_columns(skew.fill_null(pl.col("skew_us")).fill_null(0).alias("skew_us"))
    running, mixed = _running(anchors, constant, left, settings)
    spread = _spread(anchors, constant, running)
    return Skew(_with_spread(constant, spread), running, mixed)


def _shown_elsewhere(own: pl.DataFrame, anchors: pl.DataFrame, settings: Settings) -> pl.Series:
    """Whether three anchors of other conversations stand at a pair's own offset; False for a pair without one."""
    offsets, span = anchors["d"].sort().to_numpy(), int(settings.anchor_window_seconds * SECONDS)
    at = own["skew_us"].fill_null(0).to_numpy()
    near = np.searchsorted(offsets, at + span, side="right") - np.searchsorted(offsets, at - span)
    told = own["skew_us"].is_not_null() & (pl.Series(near) - own["inside"].cast(pl.Int64) >= 3)
    return told.alias("shown")


def _with_spread(constant: pl.DataFrame, spread: pl.DataFrame) -> pl.DataFrame:
    out = constant.select("pair", "skew_us", pl.col("anchors").fill_null(0)).join(spread, on="pair", how="left")
    return out.select("pair", "skew_us", "spread_s", "anchors")


def _no_running() -> pl.DataFrame:
    return pl.DataFrame(schema={"pair": pl.UInt32, "row": pl.UInt32, "skew_us": pl.Int64})


def _densest(offsets: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """pair, skew_us, inside, anchors: median of the densest span of each pair's offsets; of equal spans the one nearest zero."""
    span = int(settings.anchor_window_seconds * SECONDS)
    ordered = offsets.sort("d").sort("pair", maintain_order=True)
    d, pair = ordered["d"].to_numpy(), ordered["pair"].to_numpy()
    # One axis for all: steps are cut to just over the span, so that no two pairs share a stretch of it.
    step = np.where(np.diff(pair, prepend=pair[:1]) != 0, span + 1, np.clip(np.diff(d, prepend=d[:1]), 0, span + 1))
    axis = np.cumsum(step)
    low, high = np.searchsorted(axis, axis - span), np.searchsorted(axis, axis, side="right")
    middle = (d[(low + high - 1) // 2].astype(float) + d[(low + high) // 2]) / 2
    counted = pl.DataFrame({"pair": ordered["pair"], "inside": (high - low).astype(np.uint32), "mid": middle})
    total = counted.group_by("pair").agg(pl.len().alias("anchors"), pl.col("inside").max().alias("most"))
    dense = counted.join(total, on="pair", maintain_order="left").filter(pl.col("inside") == pl.col("most"))
    best = dense.sort("pair", pl.col("mid").abs(), "mid").unique("pair", keep="first", maintain_order=True)
    return best.select("pair", pl.col("mid").round().cast(pl.Int64).alias("skew_us"), "inside", "anchors")


def _no_mixed() -> pl.DataFrame:
    return pl.DataFrame(
        schema={"pair": pl.UInt32, "low": pl.Int64, "high": pl.Int64, "one": pl.Int64, "other": pl.Int64}
    )


def _running(
    anchors: pl.DataFrame, constant: pl.DataFrame, left: pl.DataFrame, settings: Settings
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The frames `running` and `mixed` of the skew."""
    half = settings.window_seconds / 3 * SECONDS
    off = anchors.join(constant.select("pair", "skew_us"), on="pair").with_columns(
        ((pl.col("d") - pl.col("skew_us")).abs() > half).alias("is_off")
    )
    moving = (
        off.group_by("pair")
        .agg(pl.col("is_off").sum().alias("off"), pl.len().alias("n"))
        .filter((pl.col("off") >= LEAST_OFF) & (pl.col("n") >= LEAST_MOVING))
    )
    if moving.is_empty():
        return _no_running(), _no_mixed()
    order = _chat_order(left, moving)
    along = (
        anchors.join(moving.select("pair"), on="pair")
        .join(order, left_on=["pair", "left_row"], right_on=["pair", "row"])
        .sort("pair", "place")
    )
    # Levels first: a median across a step is a time that no clock showed. An anchor off every level is no clock but a recurring text, or a row
    # whose time differs.
    parts = [p.with_columns(_stretches(p["d"])) for p in along.partition_by("pair", maintain_order=True)]
    followed = pl.concat(parts)
    kept = followed.filter(pl.col("level") >= 0)
    near = pl.col("d").rolling_median(window_size=5, center=True, min_samples=1).over("pair", "stretch")
    width = (pl.col("d").quantile(0.95) - pl.col("d").quantile(0.05)).over("pair") > half
    kept = kept.with_columns(near.alias("skew")).filter((pl.col("stretch").n_unique().over("pair") > 1) | width)
    running = kept.select(
        "pair", pl.col("left_row").alias("row"), pl.col("skew").round().cast(pl.Int64).alias("skew_us")
    )
    return running, _mixed(followed, left) if running.height else _no_mixed()


def _mixed(followed: pl.DataFrame, left: pl.DataFrame) -> pl.DataFrame:
    """pair, low, high, one, other: around each change of level where rows of either level may stand.

    A clock set back by so much shows rows of the time after it among those of just as long before it; jitter alone swaps rows beside a change.
    """
    at = pl.Series("at", left["t"].gather(followed["left_row"]))
    told = followed.with_columns(at).filter(pl.col("level") >= 0)
    last = (pl.col(c).shift(1).over("pair").alias(f"{c}_before") for c in ("d", "at", "stretch"))
    changes = told.with_columns(last).filter(pl.col("stretch") != pl.col("stretch_before"))
    # Where the other side's times go back with the change, the file was put in order of a clock that had been set back.
    went_back = (pl.col("at") - pl.col("d")) < (pl.col("at_before") - pl.col("d_before") - BESIDE_CHANGE)
    change = pl.col("d_before") - pl.col("d")
    fall = pl.when(went_back).then(change.abs()).otherwise(change.clip(0)) + BESIDE_CHANGE
    ends = [changes.with_columns(pl.col(c).alias("end")) for c in ("at_before", "at")]
    return pl.concat(ends).select(
        "pair", (pl.col("end") - fall).alias("low"), (pl.col("end") + fall).alias("high"),
        pl.col("d_before").alias("one"), pl.col("d").alias("other"),
    )  # fmt: skip


def _stretches(d: pl.Series) -> list[pl.Series]:
    """The level of each offset (-1 = none), and stretch, the running number of the stay on it."""
    level = levels_along(d.to_numpy().astype(float))
    stands = level[level >= 0]
    stretch = np.zeros(len(level), np.int64)
    stretch[level >= 0] = np.cumsum(np.diff(stands, prepend=stands[:1]) != 0)
    return [pl.Series("level", level), pl.Series("stretch", stretch)]


def _chat_order(left: pl.DataFrame, moving: pl.DataFrame) -> pl.DataFrame:
    """pair, row, place: the order along which clocks are followed.

    The export's own order, which keeps the rows on both sides of a step apart; by time where the export is not in time order at all.
    """
    rows = left.join(moving.select("pair"), on="pair").select("pair", "row", "t").sort("pair", "row")
    backward = rows.group_by("pair").agg((pl.col("t").diff() < 0).mean().fill_null(0.0).alias("share"))
    rows = rows.join(backward, on="pair")
    return rows.select(
        "pair",
        "row",
        pl.when(pl.col("share") > 0.05).then(pl.col("t")).otherwise(pl.col("row").cast(pl.Int64)).alias("place"),
    )


def _spread(
    anchors: pl.DataFrame, constant: pl.DataFrame, running: pl.DataFrame, *, each: bool = False
) -> pl.DataFrame:
    residual = (
        anchors.join(constant.select("pair", "skew_us"), on="pair")
        .join(running.rename({"row": "left_row", "skew_us": "running"}), on=["pair", "left_row"], how="left")
        .with_columns((pl.col("d") - pl.coalesce("running", "skew_us")).abs().alias("r"))
    )
    # A few anchors far from all others are rows whose own times differ, not the width of the clocks.
    near = pl.col("r") <= FAR_SECONDS * SECONDS
    few = (~near).mean().over("pair") <= MOST_FAR
    kept = residual.filter(near | ~few)
    # Rounded, as polars divides a column of one row otherwise than one of several.
    by_pair = kept.group_by("pair").agg(
        (pl.col("r").quantile(0.9, "higher") / SECONDS).round(6).alias("own"), pl.len().alias("n")
    )
    if each:
        return by_pair.select("pair", pl.col("own").alias("spread_s"))
    whole = float(kept["r"].quantile(0.9, "higher") or 0.0) / SECONDS
    return by_pair.select(
        "pair",
        pl.when(pl.col("n") >= 10)
        .then(pl.col("own"))
        .otherwise(pl.max_horizontal("own", pl.lit(whole)))
        .alias("spread_s"),
    )


def shifted(left: pl.DataFrame, skew: Skew) -> pl.DataFrame:
    """The left rows with `t` on the right side's clock, and `t2`, the same by the next anchor instead of the last one (null = equal).

    Only conversations with a running skew have a `t2`.
    """
    out = left.with_columns(of_pair(left["pair"], skew.constant, "skew_us"))
    if skew.running.is_empty():
        return out.with_columns(
            (pl.col("t") - pl.col("skew_us").fill_null(0)).alias("t"), pl.lit(None, dtype=pl.Int64).alias("t2")
        ).drop("skew_us")
    order = _chat_order(left, skew.running.select("pair").unique())
    knots = (
        skew.running.join(order, on=["pair", "row"])
        .select("pair", "place", pl.col("skew_us").alias("knot"))
        .sort("pair", "place")
    )
    placed = out.join(order, on=["pair", "row"], how="left", maintain_order="left")
    base = placed.filter(pl.col("place").is_not_null()).select("pair", "row", "place").sort("pair", "place")
    before = base.join_asof(knots, on="place", by="pair", strategy="backward", check_sortedness=False).rename(
        {"knot": "before"}
    )
    both = before.join_asof(knots, on="place", by="pair", strategy="forward", check_sortedness=False).rename(
        {"knot": "after"}
    )
    placed = placed.join(
        both.select("pair", "row", "before", "after"), on=["pair", "row"], how="left", maintain_order="left"
    )
    first = pl.coalesce("before", "after", "skew_us").fill_null(0)
    second = pl.coalesce("after", "before", "skew_us").fill_null(0)
    placed = placed.join(_mixed_rows(placed, skew), on="row", how="left", maintain_order="left")
    other = pl.when((first - pl.col("one")).abs() > LEVEL_GAP).then("one").otherwise("other")
    second = pl.when((first - second).abs() > LEVEL_GAP).then(second).otherwise(pl.coalesce(other, second))
    return placed.with_columns(
        (pl.col("t") - first).alias("t"),
        pl.when((first - second).abs() > SECONDS).then(pl.col("t") - second).alias("t2"),
    ).drop("skew_us", "place", "before", "after", "one", "other")


def _mixed_rows(rows: pl.DataFrame, skew: Skew) -> pl.DataFrame:
    """row, one, other: the two levels that a row of a mixed stretch may stand on; of several stretches the first."""
    near = rows.select("pair", "row", "t").join(skew.mixed, on="pair").filter(pl.col("t").is_between("low", "high"))
    return (
        near.sort("row", "low", "high").unique("row", keep="first", maintain_order=True).select("row", "one", "other")
    )


def levels_of(skew: Skew) -> pl.DataFrame:
    """pair, low, high (µs): the least and the most that the clocks of a conversation lie apart anywhere, or by what they would if both were right."""
    told = [skew.constant.select("pair", "skew_us"), skew.running.select("pair", "skew_us")]
    return (
        pl.concat(told)
        .group_by("pair")
        .agg(
            pl.col("skew_us").min().clip(upper_bound=0).alias("low"),
            pl.col("skew_us").max().clip(lower_bound=0).alias("high"),
        )
    )


def apart_by(skew: Skew, folded: pl.DataFrame) -> dict[int, list[int]]:
    """Conversations whose clocks do not keep one distance, and by how much (µs) any two of their levels lie apart, either way round.

    Two right clocks lie on a level of their own. Of many levels none are told. folded: pair and fold of the falls taken out.
    """
    found: dict[int, list[int]] = {pair: [] for pair in sorted(skew.running["pair"].unique())}
    for (pair,), part in skew.running.partition_by("pair", as_dict=True).items():
        values = np.sort(part["skew_us"].to_numpy())
        heaps = np.split(values, np.flatnonzero(np.diff(values) > LEVEL_GAP) + 1)
        middles = [int(np.median(h)) for h in heaps]
        if len(middles) <= MOST_TRIED:
            middles += [0] if min(abs(m) for m in middles) > LEVEL_GAP else []
            found[pair] += [a - b for a in middles for b in middles if a != b]
    for pair, fold in folded.sort("pair", "fold").iter_rows():
        found[pair] = [*found.get(pair, []), fold, -fold]
    return {pair: list(dict.fromkeys(apart))[:MOST_APART] for pair, apart in found.items()}


_UNITS = {TimePrecision.DAY: 86_400.0, TimePrecision.MINUTE: 60.0}


def unit_seconds(precision: pl.Series) -> pl.Series:
    """What one step of each row's time is, in seconds, by its `time_precision`."""
    return pl.Series([_UNITS.get(p, 1.0) for p in TimePrecision], dtype=pl.Float64).gather(precision.to_physical())


def spread_floor(rows: pl.DataFrame) -> float:
    """Half the unit of the coarsest time of the rows, in seconds: 0.5, 30 or 43200."""
    return floor_of(rows["time_precision"].unique().cast(pl.String).to_list())


def floor_of(precisions: Collection[str]) -> float:
    """`spread_floor` of rows of these precisions."""
    if str(TimePrecision.DAY) in precisions:
        return 43_200.0
    return 30.0 if str(TimePrecision.MINUTE) in precisions else 0.5


def second_skew(left: pl.DataFrame, right: pl.DataFrame, is_open: pl.Series, settings: Settings) -> pl.DataFrame:
    """pair, second_us: another skew of a stretch of a conversation, learnt from rows that the first one left alone.

    A clock that stepped early or late in a chat leaves few anchors on one side of the step. At least two of them must lie at one offset, and
    hardly any row between them may be paired already: rows whose own times differ stand among paired ones. Times of `left` are on the right
    side's clock.

    `left` holds all left rows, `right` the right rows still alone, `is_open` whether each left row is still alone.
    """
    empty = pl.DataFrame(schema={"pair": pl.UInt32, "second_us": pl.Int64})
    alone = left.filter(is_open & ~pl.col("is_filled"))
    if alone.is_empty() or right.is_empty():
        return empty
    anchors = find_anchors(alone, right.filter(~pl.col("is_filled")), settings, with_media=True)
    # One right row may meet two left ones, by its words and by its amount.
    anchors = anchors.unique("right_row", keep="first", maintain_order=True)
    anchors = anchors.filter(pl.col("d").abs() > settings.window_seconds * SECONDS)
    if anchors.height < 2:
        return empty
    dense = _densest(anchors.select("pair", "d"), settings).filter(pl.col("inside") >= 2)
    near = anchors.join(dense, on="pair").filter(
        (pl.col("d") - pl.col("skew_us")).abs() <= settings.anchor_window_seconds * SECONDS
    )
    near = near.with_columns(left["spread"].gather(near["left_row"]).alias("spread"))
    # One clock lies at one distance: two times altered alike lie near it only.
    width, own = pl.col("d").max() - pl.col("d").min(), 4 * pl.col("spread").first() + 2 * SECONDS
    spans = near.group_by("pair").agg(
        pl.col("left_row").min().alias("low"), pl.col("left_row").max().alias("high"), pl.col("skew_us").first(),
        ((pl.len() > FEW_ANCHORS) | (width <= own)).alias("one"),
    ).filter("one")  # fmt: skip
    marked = left.select("pair", "row").with_columns(is_open.alias("open")).join(spans, on="pair")
    inside = marked.filter(pl.col("row").is_between(pl.col("low"), pl.col("high")))
    settled = inside.group_by("pair").agg((~pl.col("open")).mean().alias("settled"))
    good = spans.join(settled, on="pair").filter(pl.col("settled") <= MOST_SETTLED)
    return good.select("pair", pl.col("skew_us").alias("second_us"))
