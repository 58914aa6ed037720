"""What the alignment goes by: conversations without times, clocks unfolded, and how far apart two times of one message may lie."""

import polars as pl

from reconcile.abreast import at_once
from reconcile.match.anchors import anchors_of
from reconcile.match.parties import HELD_ONCE
from reconcile.match.skew import floor_of
from reconcile.match.steps import unfolded
from reconcile.settings import Settings
from reconcile.wechat.classes import SECONDS

# A conversation goes by order alone when less than this share of a side's rows states a time finer than a day.
TIMED_SHARE = 0.5


def unfold_clocks(
    left: pl.DataFrame,
    right: pl.DataFrame,
    once: tuple[pl.DataFrame, pl.DataFrame],
    anchors: pl.DataFrame,
    by_id: pl.DataFrame,
    untimed: list[int],
    settings: Settings,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Both sides with the falls of clocks that were set back taken out of `t`, their anchors, and pair and fold of each such fall.

    `once`: `both_once` of the two.
    """
    folds = [
        unfolded(f, anchors, f"{n}_row", sign) for f, n, sign in zip(once, ("left", "right"), (-1, 1), strict=True)
    ]
    if all(f.is_empty() for f in folds):
        return left, right, anchors, folds[0].select("pair", "fold")
    left, right = (
        _as_first_twin(f.join(fold, on=["pair", "row"], how="left", maintain_order="left"))
        .with_columns(pl.col("t") + pl.col("fold").fill_null(0))
        .drop("fold")
        if fold.height
        else f
        for f, fold in zip((left, right), folds, strict=True)
    )
    anchors = anchors_of(*both_once(left, right, untimed), by_id, settings)
    return left, right, anchors, pl.concat(f.select("pair", "fold").unique() for f in folds)


def _as_first_twin(frame: pl.DataFrame) -> pl.DataFrame:
    """`fold` of the rows that stand twice is that of the first of them, which alone was asked: they are of one second."""
    if frame["twin"].null_count() == frame.height:
        return frame
    first = pl.col("fold").first().over("pair", "twin")
    return frame.with_columns(pl.when(pl.col("twin").is_null()).then("fold").otherwise(first).alias("fold"))


def narrow_window(wide: float, spread: float, floor: float) -> float:
    """Within how many seconds times of one message lie by the spread of the clocks and the precision of the times; `wide` at most."""
    return min(wide, 4 * spread + 2 * floor + 2.0)


def floors_of(frames: tuple[pl.DataFrame, pl.DataFrame], untimed: list[int]) -> pl.DataFrame:
    """pair, floor (seconds): `spread_floor` of every pair by itself."""
    shown = (f.select("pair", pl.col("time_precision").cast(pl.String)).unique() for f in frames)
    told = pl.concat(shown).group_by("pair").agg("time_precision")
    rows = [(pair, 0.5 if pair in untimed else floor_of(set(seen))) for pair, seen in told.iter_rows()]
    return pl.DataFrame(rows, schema={"pair": pl.UInt32, "floor": pl.Float64}, orient="row")


def own_windows(constant: pl.DataFrame, floors: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """pair, spread_s, floor, wide, narrow (µs): the windows of every pair by itself."""
    rows = [
        (
            pair,
            spread,
            floor,
            wide := max(settings.window_seconds, 2 * floor),
            narrow_window(wide, spread or 0.0, floor),
        )
        for pair, spread, floor in constant.join(floors, on="pair").select("pair", "spread_s", "floor").iter_rows()
    ]
    schema = {"pair": pl.UInt32, "spread_s": pl.Float64, "floor": pl.Float64, "wide": pl.Float64, "narrow": pl.Float64}
    micro = ((pl.col(c) * SECONDS).cast(pl.Int64) for c in ("wide", "narrow"))
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("spread_s").fill_null(2.0), *micro)


def largest(values: pl.Series) -> float:
    """The largest number of a column; 0 where there is none."""
    found = values.max()
    return float(found) if isinstance(found, int | float) else 0.0


# What ids are held against, and what tells the clocks.
_BY_ID = ("pair", "row", "cls", "text", "party", "payment_state", "message_id", "alias_id", "native_id")
_OF_CLOCKS = (
    "pair",
    "row",
    "t",
    "cls",
    "text",
    "text_key",
    "party",
    "kind",
    "message_id",
    "is_filled",
    "is_repeat",
    "twin",
)


def said_once(frame: pl.DataFrame) -> pl.DataFrame:
    """What pairing by id asks of the rows that their export does not hold twice."""
    rows = frame.select(_BY_ID)
    return rows.filter(~frame["is_repeat"]) if frame["is_repeat"].any() else rows


def both_once(left: pl.DataFrame, right: pl.DataFrame, untimed: list[int]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`timed_once` of both sides."""
    return at_once(lambda: timed_once(left, untimed), lambda: timed_once(right, untimed), left.height + right.height)


def timed_once(frame: pl.DataFrame, untimed: list[int]) -> pl.DataFrame:
    """What the clocks are learnt from: the rows of timed conversations; of rows that their export holds twice the first."""
    timed = without(frame.select(_OF_CLOCKS), untimed)
    if not timed["is_repeat"].any() and timed["twin"].null_count() == timed.height:
        return timed
    return timed.filter(HELD_ONCE)


def without(frame: pl.DataFrame, untimed: list[int]) -> pl.DataFrame:
    """The rows of timed conversations."""
    return frame.filter(~pl.col("pair").is_in(untimed)) if untimed else frame


def untimed_in(left: pl.DataFrame, right: pl.DataFrame) -> list[int]:
    """Conversations in which one side states no time, or nothing finer than a day, for most rows."""
    poor: set[int] = set()
    for frame in (left, right):
        usable = pl.col("t").is_not_null() & ~pl.col("time_precision").is_in(["day", "none"])
        if bool(frame.select(usable.all()).item()):
            continue
        shares = (
            frame.group_by("pair")
            .agg(usable.mean().alias("share"))
            .filter((pl.col("share") < TIMED_SHARE) & pl.col("pair").is_not_null())
        )
        poor |= set(shares["pair"])
    return sorted(poor)


def fill_times(frame: pl.DataFrame) -> pl.DataFrame:
    """A row without a time takes that of the row before it (else after it) in its conversation; `is_filled` says so."""
    if not frame["t"].null_count():
        return frame.with_columns(pl.lit(value=False).alias("is_filled"))
    filled = pl.col("t").forward_fill().over("pair").fill_null(pl.col("t").backward_fill().over("pair"))
    return frame.with_columns(pl.col("t").is_null().alias("is_filled"), filled.alias("t"))
