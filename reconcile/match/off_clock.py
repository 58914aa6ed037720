"""Pairs whose two times lie farther apart than the clocks of their conversation: conflicts of time, or in doubt where nothing tells a clock that was set."""

import polars as pl

from reconcile.lookup import is_of_one, of_each_pair, of_pair
from reconcile.match.align import Aligned
from reconcile.match.coincidence import chance_meetings
from reconcile.match.heaps import in_heap
from reconcile.match.relations import conflict, judged_as, short_by_words, with_detail
from reconcile.match.steps import SET_BACK
from reconcile.settings import Settings
from reconcile.vocabulary import Cause, Relation
from reconcile.wechat.classes import SECONDS, SYSTEM

# When more than this share of a conversation's pairs lies off the clock, it is the clocks that differ and not single rows.
UNSTABLE_SHARE = 0.2
# Two times of one message this near never differ; the clocks of a conversation are learnt from at least so many pairs.
LEAST_FAR_SECONDS, TEACHING_PAIRS = 60.0, 20
# So many messages of one sender at one distance are his clock's, where they are half of his; more are in any case.
LEAST_ALIKE = 3
# Twice what teaches one clock.
LEAST_OF_STEPPED = 2 * TEACHING_PAIRS
# A group's member with no more common messages than these has no clock that could be measured.
MOST_OF_STRANGER = 2
# The first version came out on 2011-01-21.
BEFORE_WECHAT = 1_295_568_000 * SECONDS


def judge_times(judged: pl.DataFrame, aligned: Aligned, settings: Settings) -> pl.DataFrame:
    """Agreements whose two times lie farther apart than clocks and precision of this very conversation explain: conflicts of time."""
    stated = ~pl.col("is_filled") & ~pl.col("is_filled_right") & (pl.col("cls") != SYSTEM)
    # Pairs by order alone stand where no clock measures their times.
    stated = stated & (pl.col("method") != "order") & ~pl.col("pair").is_in(aligned.untimed) & pl.col("residual_s").is_not_null()  # fmt: skip
    judged = judged.with_columns(stated.fill_null(value=False).alias("stated"))
    limits = _time_limits(judged.select(_LIMITING).filter("stated"), settings)
    judged = judged.with_columns(of_pair(judged["pair"], limits, c) for c in limits.columns if c != "pair")
    judged = judged.with_columns(_states_one_time(judged, aligned).alias("one_time"))
    far = (pl.col("stated") & (pl.col("residual_s") > pl.col("limit_s"))).fill_null(value=False)
    far &= ~pl.col("one_time")
    # One conversation is all of them: no row is first told apart.
    pair = None if is_of_one(judged["pair"]) else "pair"
    share, rows = (e if pair is None else e.over(pair) for e in (far.mean(), pl.len()))
    unstable = (share > UNSTABLE_SHARE) & (rows >= 5)
    judged = judged.with_columns((far & ~unstable & (pl.col("relation") == "agreement")).alias("time_off"))
    # With steady clocks only four rows off the clock together can have moved: the neighbours of all pairs need not be sorted for fewer.
    if judged["time_off"].sum() > (0 if aligned.stepped else 3):
        judged = judged.with_columns(pl.col("time_off") & ~_moves_with_neighbours(judged, aligned, settings))
    if judged["time_off"].any():
        judged = judged.with_columns(pl.col("time_off") & ~_meets_by_chance(judged, aligned, settings))
    judged = judged.with_columns(conflict(pl.col("time_off"), Cause.TIME_DIFFERS, "time"))
    # Equal words of two senders at two times are one message altered twice, or two messages of which either side lacks one.
    twice = far & ~unstable & (pl.col("cause") == str(Cause.SENDER_DIFFERS)) & (pl.col("method") == "moved")
    if (judged["method"] == "moved").any():
        judged = judged.with_columns(judged_as(twice, Relation.DOUBTFUL, Cause.WEAK_MATCH))
    if judged["time_off"].any():
        unmeasured = pl.col("time_off") & (
            _ends_alone()
            | _set_together(judged, aligned)
            | _came_together(judged, aligned)
            | _of_a_stranger()
            | _on_one_distance(judged, aligned)
            | _before_wechat(judged, aligned)
        )
        judged = judged.with_columns(
            *judged_as(unmeasured, Relation.DOUBTFUL, Cause.CLOCK_UNMEASURED), with_detail(unmeasured, None)
        )
    return judged.drop("time_off", "stated", "limit_s", "one_time")


def _states_one_time(judged: pl.DataFrame, aligned: Aligned) -> pl.Expr:
    """Rows whose two times are the same as written, in conversations of which a clock was set or is one sender's own: no other clock need be thought of."""
    if not aligned.stepped and aligned.senders.is_empty():
        return pl.lit(value=False)
    clocks = [f["raw_t"].gather(judged[f"{n}_row"]) for f, n in ((aligned.left, "left"), (aligned.right, "right"))]
    several = pl.concat(
        [pl.Series(aligned.stepped, dtype=judged.schema["pair"]), aligned.senders["pair"].cast(judged.schema["pair"])]
    )
    same = (pl.lit(clocks[0] - clocks[1]).abs() <= SECONDS * pl.max_horizontal("unit", "unit_right")).fill_null(
        value=False
    )
    return same & pl.col("pair").is_in(several.unique().implode())


def _meets_by_chance(judged: pl.DataFrame, aligned: Aligned, settings: Settings) -> pl.Expr:
    """Short words whose times differ where as many lie beyond the window: two messages perhaps; `judge_weak` leaves them in doubt."""
    off = judged.filter(pl.col("time_off") & short_by_words())
    if off.is_empty():
        return pl.lit(value=False)
    chance = chance_meetings(off, judged, aligned, int(settings.window_seconds * SECONDS))
    return pl.col("pair").is_in(chance.implode()) & short_by_words()


def _ends_alone() -> pl.Expr:
    """The first and the last pair of a conversation in the order of both exports, minutes off the clock.

    Whether such a row's time was altered or the clock set beside it, no second row tells.
    """
    rank = [pl.col(c).rank("ordinal").over("pair") for c in ("left_row", "right_row")]
    is_first, is_last = (
        (rank[0] == 1) & (rank[1] == 1),
        (rank[0] == pl.len().over("pair")) & (rank[1] == pl.len().over("pair")),
    )
    return (is_first | is_last) & (pl.col("residual_s") * SECONDS > SET_BACK)


def _set_together(judged: pl.DataFrame, aligned: Aligned) -> pl.Expr:
    """Rows met by their place alone, of which another of the same conversation lies as far off the clock: too few to tell a clock that was set."""
    off = judged.filter(pl.col("time_off") & (pl.col("method") == "place")).select("pair", "left_row", "right_row")
    t = (f["raw_t"].gather(off[f"{n}_row"]) for f, n in ((aligned.left, "left"), (aligned.right, "right")))
    d = pl.select(next(t) - next(t)).to_series().alias("d")
    near = (pl.col("d").diff().over("pair").abs() <= LEAST_FAR_SECONDS / 2 * SECONDS).fill_null(value=False)
    ordered = off.with_columns(d).sort("pair", "d", "left_row").with_columns(near.alias("near"))
    told = ordered.filter(pl.col("near") | pl.col("near").shift(-1, fill_value=False))
    return pl.col("left_row").is_in(told["left_row"].implode())


def _came_together(judged: pl.DataFrame, aligned: Aligned) -> pl.Expr:
    """Rows that a device got at one and the same time as several others: it was off, and stamped what had waited for it."""
    told = []
    for frame, name in ((aligned.left, "left_row"), (aligned.right, "right_row")):
        off = judged.filter("time_off").select("pair", name)
        heaped = off[name].filter(in_heap(off["pair"], frame["raw_t"].gather(off[name]), frame))
        told.append(pl.col(name).is_in(heaped.implode()))
    return told[0] | told[1]


def _on_one_distance(judged: pl.DataFrame, aligned: Aligned) -> pl.Expr:
    """Rows off the clock as far as others: of the same sender, whose device has a clock of its own, or all that follow to the end of the chat, or lead to it.

    Beside a step the neighbours of such rows stand on other clocks, and near an end there are few.
    """
    d = aligned.left["raw_t"].gather(judged["left_row"]) - aligned.right["raw_t"].gather(judged["right_row"])
    rows = judged.select("pair", "party", "left_row", "right_row", "time_off", d.alias("d"))
    near = LEAST_FAR_SECONDS / 2 * SECONDS
    by = ["pair", "party"]
    groups = ((pl.col("d").diff().fill_null(0) > near).cum_sum().over(by)).alias("group")
    off = (
        rows.filter(pl.col("time_off") & pl.col("party").is_not_null()).sort(*by, "d", "left_row").with_columns(groups)
    )
    sizes = rows.group_by(by).len("all")
    off = off.with_columns(pl.len().over(*by, "group").alias("n")).join(sizes, on=by)
    of_sender = off.filter(
        (pl.col("n") > LEAST_ALIKE) | ((pl.col("n") == LEAST_ALIKE) & (2 * pl.col("n") >= pl.col("all")))
    )
    told = [of_sender["left_row"], *(_at_an_end(rows, order) for order in ("left_row", "right_row"))]
    return pl.col("left_row").is_in(pl.concat(told).unique().implode()) | _too_few(aligned)


def _at_an_end(rows: pl.DataFrame, order: str) -> pl.Series:
    """Left rows of the last ones of a chat, or of the first, in the order of one file, where two or more lie at one distance and the others do not."""
    steady = pl.col("d").diff().abs().fill_null(0) <= LEAST_FAR_SECONDS / 2 * SECONDS
    run = (~steady).cum_sum().over("pair").alias("run")
    ordered = rows.sort("pair", order).with_columns(run)
    ends = (pl.col("run") == pl.col("run").max().over("pair")) | (pl.col("run") == pl.col("run").min().over("pair"))
    several = (pl.len().over("pair", "run") > 1) & (pl.col("run").n_unique().over("pair") > 1)
    return ordered.filter(ends & several)["left_row"]


def _too_few(aligned: Aligned) -> pl.Expr:
    """Rows of conversations whose clock was set and that hold too few pairs to tell on which side of it each row stands."""
    return pl.col("pair").is_in(aligned.stepped) & (pl.len().over("pair") < LEAST_OF_STEPPED)


def _of_a_stranger() -> pl.Expr:
    """Rows a little off the clock, of a sender of whom the two sides share too few messages to tell his clock from the others'."""
    few = pl.len().over("pair", "party") <= MOST_OF_STRANGER
    people = pl.col("party").drop_nulls().n_unique().over("pair") > 2
    return few & people & (pl.col("residual_s") <= 2 * pl.col("limit_s"))


def _before_wechat(judged: pl.DataFrame, aligned: Aligned) -> pl.Expr:
    """Rows that one side dates before there was any WeChat: a clock that had not been set."""
    dates = [f["raw_t"].gather(judged[f"{n}_row"]) for f, n in ((aligned.left, "left"), (aligned.right, "right"))]
    return pl.min_horizontal(*(pl.lit(d) for d in dates)) < BEFORE_WECHAT


_LIMITING = ("pair", "residual_s", "spread", "spread_right", "unit", "unit_right", "stated")


def _time_limits(stated: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """pair, limit_s: how far apart the two times of one message may lie before they differ.

    The widest honest distance, and six times the spread of the anchors where that is more. Many pairs teach a nearer limit: five times what nine
    in ten of those inside the wide one keep within, three units of the coarser time, never under a minute; where pairs trail off between half of
    it and itself, twice that.
    """
    unit = pl.max_horizontal("unit", "unit_right")
    spread = 6 * pl.max_horizontal("spread", "spread_right") / SECONDS
    wide = pl.max_horizontal(pl.lit(settings.window_seconds), spread)
    learnt = of_each_pair(
        stated.lazy(), stated["pair"],
        unit.max().alias("unit_s"), wide.max().alias("wide_s"),
        (pl.col("residual_s") <= wide).sum().alias("n"),
        pl.col("residual_s").filter(pl.col("residual_s") <= wide).quantile(0.9, "higher").alias("most_s"),
    ).collect()  # fmt: skip
    many = pl.max_horizontal(pl.lit(LEAST_FAR_SECONDS), 5 * pl.col("most_s"), 3 * pl.col("unit_s"))
    taught = pl.col("n") >= TEACHING_PAIRS
    limits = learnt.select("pair", "wide_s", pl.when(taught).then(pl.min_horizontal(many, "wide_s")).otherwise("wide_s").alias("limit_s"))  # fmt: skip
    reached = of_each_pair(
        stated.lazy().with_columns(of_pair(stated["pair"], limits, "limit_s")), stated["pair"],
        (pl.col("residual_s") > pl.col("limit_s")).sum().alias("beyond"),
        pl.col("residual_s").is_between(pl.col("limit_s") / 2, pl.col("limit_s"), closed="right").sum().alias("trail"),
    ).collect()  # fmt: skip
    trails = (pl.col("trail") >= 3) & (pl.col("trail") >= pl.col("beyond"))
    doubled = pl.min_horizontal("wide_s", 2 * pl.col("limit_s"))
    return limits.join(reached, on="pair").select("pair", pl.when(trails).then(doubled).otherwise("limit_s").alias("limit_s"))  # fmt: skip


def _moves_with_neighbours(judged: pl.DataFrame, aligned: Aligned, settings: Settings) -> pl.Expr:
    """Rows whose offset is that of three pairs close by that are off the clock as well; where a clock is known to drift, to step or to have been set back, of two, or of one at the edge of the chat.

    Close in the order of either export, for a clock set back lets the rows of one interleave. Single altered times agree with none, two
    beside each other only with each other.
    """
    rows = judged.select(
        "pair", "left_row", "right_row",
        (aligned.left["raw_t"].gather(judged["left_row"]) - aligned.right["raw_t"].gather(judged["right_row"])).alias("d"),
        pl.int_range(pl.len()).alias("index"), "time_off",
    )  # fmt: skip
    near = pl.Series([False] * judged.height)
    for order in ("left_row", "right_row"):
        placed = rows.sort("pair", order)
        alike, off = pl.lit(0), pl.lit(0)
        for step in (-3, -2, -1, 1, 2, 3):
            gap = (pl.col("d") - pl.col("d").shift(step).over("pair")).abs()
            alike = alike + (gap <= settings.window_seconds * SECONDS).fill_null(value=False).cast(pl.Int32)
            together = pl.col("time_off").shift(step).over("pair") & (gap <= LEAST_FAR_SECONDS / 2 * SECONDS)
            off = off + together.fill_null(value=False).cast(pl.Int32)
        rank = pl.int_range(pl.len()).over("pair")
        at_edge = pl.min_horizontal(rank, pl.len().over("pair") - 1 - rank) <= 1
        runs = pl.col("pair").is_in(aligned.stepped)
        moved = (off >= 3) | (runs & ((alike >= 2) | ((alike >= 1) & at_edge)))
        near = near | placed.select("index", moved.alias("moves")).sort("index")["moves"]
    return pl.lit(near)
