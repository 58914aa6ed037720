"""How far the lacking side reaches around each row without a partner, on the common clock, by every clock that its rows may stand on."""

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.comparison.compared import Compared
from reconcile.comparison.unclear import ONE_DISTANCE
from reconcile.graph.coverage import edge_state, reach_of
from reconcile.intake.contract import Reading
from reconcile.lookup import is_among, is_of_one, of_each_pair
from reconcile.match.skew import levels_of
from reconcile.match.steps import SET_BACK
from reconcile.vocabulary import Cause

# A row farther than this from its partner's time (µs) stands on another clock than its conversation's common one.
OFF_CLOCK = 300_000_000
# Jumps of a clock are looked for in steps of this many µs.
JUMP_STEP = 600_000_000
SIDES = ("left", "right")
SEEN = ("seen_ahead", "seen_behind")
FACTS = ("known_from", "known_to", "bound_from", "bound_to")

Ints = npt.NDArray[np.int64]


def with_reach(
    open_rows: pl.DataFrame,
    lacking: pl.DataFrame,
    standing: pl.DataFrame,
    reading: Reading,
    compared: Compared,
    name: str,
) -> pl.DataFrame:
    """The rows of side `name` with `t_other`, the lacking side's reach (graph.coverage) on the common clock, `least_shift` and `most_shift`.

    Beyond its first and last pair nothing measures the lacking side's clock. It may have been set there, from any level that the conversation
    shows, or from a right clock to the wrong one of its pairs. What it holds there, and what other facts tell, then reaches less far: by so much
    as the clock sprang ahead. A spring ahead leaves as long a silence in all that the device holds; where there is none, there was no spring.
    """
    facts = _known_reach(reading, compared).select("pair", *FACTS)
    partners = _by_partners(lacking, standing, compared, name)
    own = _own(open_rows, partners)
    reach = own.join(facts, on="pair", how="left").join(levels_of(compared.aligned.skew), on="pair", how="left")
    timed = ~pl.col("pair").is_in(compared.aligned.untimed)
    springs = [
        pl.when(timed).then(pl.col(more) - pl.col(less)).fill_null(0)
        for more, less in (("early", "least"), ("most", "late"))
    ]
    reach = reach.with_columns(s.alias(n) for s, n in zip(springs, SEEN, strict=True))
    reach = _where_facts_may_stand(reach, partners)
    # As its own rows show them, then with what the clocks of all conversations tell.
    reach = reach.with_columns(pl.min_horizontal("least", "low"), pl.max_horizontal("most", "high"))
    reach = reach.with_columns(springs[0].alias("ahead"), springs[1].alias("behind"))
    reach = _without_silence(reach, lacking, each=compared.apart is not None)
    # What its own rows show of a clock that was set holds in any case: other facts may stand before that moment or behind it.
    reach = reach.with_columns(pl.max_horizontal("ahead", SEEN[0]), pl.max_horizontal("behind", SEEN[1]))
    shift = {"known_from": pl.col("early") - pl.col("ahead"), "bound_from": pl.col("early"), "known_to": pl.col("late") + pl.col("behind"), "bound_to": pl.col("late")}  # fmt: skip
    reach = reach.with_columns(
        *(pl.when(timed).then(pl.col(c) - by.fill_null(0)).alias(c) for c, by in shift.items()),
        pl.min_horizontal("first", pl.col("head") + pl.col("ahead")).alias("own_from"),
        pl.max_horizontal("last", pl.col("tail") - pl.col("behind")).alias("own_to"),
        *(pl.when(timed).then(pl.col(c)).fill_null(0).alias(f"{c}_shift") for c in ("least", "most")),
    )
    told = reach.select("pair", "own_from", "own_to", *FACTS, "least_shift", "most_shift")
    rows = open_rows.with_columns(pl.col("t").alias("t_other"))
    return rows.join(told, on="pair", how="left", maintain_order="left")


def _where_facts_may_stand(reach: pl.DataFrame, partners: pl.DataFrame) -> pl.DataFrame:
    """The reach, with no spring seen where what is known of the device can only stand before all that shows another clock, or behind it.

    A clock is not set before the last of the pairs that stand on it at the head of a chat. What by the other clock would lie before that pair,
    as by its own clock it does, stands on the first one; so at the tail.
    """
    asked = reach.filter((pl.col(SEEN[0]) > SET_BACK) | (pl.col(SEEN[1]) > SET_BACK))
    if asked.is_empty():
        return reach
    rows = partners.filter(pl.col("t").is_not_null() & pl.col("is_paired")).join(
        asked.select("pair", "early", "late"), on="pair"
    )
    t, shift = pl.col("t"), pl.col("raw_t") - pl.col("t")
    held = []
    for clock, nearest in (("early", pl.min_horizontal("t", "near")), ("late", pl.max_horizontal("t", "near"))):
        away = (t - pl.col("near")).abs() > SET_BACK
        other = ((shift - pl.col(clock)).abs() > SET_BACK) | away.fill_null(value=False)
        away_at = pl.when(other).then(nearest)
        turn = (away_at.min() if clock == "early" else away_at.max()).over("pair")
        before = (t < turn) if clock == "early" else (t > turn)
        ends = rows.filter(~other & before).group_by("pair").agg(t.max() if clock == "early" else t.min())
        held.append(ends.rename({"t": f"{clock}_held"}))
    told = reach.join(held[0], on="pair", how="left", maintain_order="left")
    told = told.join(held[1], on="pair", how="left", maintain_order="left")
    # The moment of an export is another machine's clock, which may be the right one.
    of_device = pl.col("bound_to").is_null() | (pl.col("known_to") < pl.col("bound_to"))
    stands = (
        (SEEN[0], pl.col("known_from") - pl.col("least") < pl.col("early_held")),
        (SEEN[1], (pl.col("known_to") - pl.col("most") > pl.col("late_held")) & of_device),
    )
    return told.with_columns(
        pl.when(only.fill_null(value=False)).then(0).otherwise(pl.col(c)).alias(c) for c, only in stands
    ).drop("early_held", "late_held")


def _own(open_rows: pl.DataFrame, partners: pl.DataFrame) -> pl.DataFrame:
    """Of the lacking side by pair: first and last pair, head and tail (its rows before and behind them), the clocks of its rows."""
    spoken = partners.lazy()
    # Of one conversation whose every row has a time all rows are asked for.
    if partners["t"].null_count() or not is_of_one(partners["pair"]):
        spoken = spoken.filter(pl.col("pair").is_in(open_rows["pair"].unique().implode()) & pl.col("t").is_not_null())
    t, raw, met = pl.col("t"), pl.col("raw_t"), pl.col("is_paired")
    shift = raw - t
    # Masked, not filtered conversation by conversation: no row is copied.
    if partners["near"].null_count() < partners.height:
        least, most = pl.min_horizontal("t", "near"), pl.max_horizontal("t", "near")
        # A clock that was set between its last pair on the common clock and one off it was silent there.
        steady = met & pl.col("near").is_null()
        masked = spoken.select(
            "pair", raw, t, shift.alias("shift"), least.alias("low"), most.alias("high"), (raw - pl.col("near")).alias("other"), (t - pl.col("near")).alias("far"), pl.col("is_end"),
            pl.when(met).then(most).alias("met_high"), pl.when(met).then(least).alias("met_low"),
            pl.when(~met).then(most).alias("head"), pl.when(~met).then(least).alias("tail"),
            pl.when(steady).then(t).alias("steady_t"), pl.when(steady).then(raw).alias("steady_raw"),
        )  # fmt: skip
        # A clock that is set moves all rows by one distance; single rows whose times differ lie apart by any, two that were swapped the opposite way.
        is_told = (pl.col("far").sort().diff() <= ONE_DISTANCE).any() | pl.col("is_end").any()
        others = [pl.when(is_told).then("other")]
        low, high, met_low, met_high, tail = map(pl.col, ("low", "high", "met_low", "met_high", "tail"))
    else:
        # One clock throughout: what it says first and last of a row is one and the same.
        masked = spoken.select(
            "pair", raw, t, shift.alias("shift"), pl.when(~met).then(t).alias("head"), pl.when(met).then(t).alias("steady_t"), pl.when(met).then(raw).alias("steady_raw")
        )  # fmt: skip
        others = []
        low, high, met_low, met_high, tail = map(pl.col, ("t", "t", "steady_t", "steady_t", "head"))
    shift, steady = pl.col("shift"), pl.col("steady_t")
    # A conversation without any such pair is known by all its rows.
    return of_each_pair(
        masked, partners["pair"].drop_nulls(),
        pl.coalesce(met_high.min(), high.min()).alias("first"), pl.coalesce(met_low.max(), low.max()).alias("last"),
        pl.col("head").min(), tail.max().alias("tail"),
        pl.coalesce(shift.get(steady.arg_min()), shift.get(t.arg_min())).alias("early"), pl.coalesce(shift.get(steady.arg_max()), shift.get(t.arg_max())).alias("late"),
        pl.min_horizontal(shift.min(), *(o.min() for o in others)).alias("least"), pl.max_horizontal(shift.max(), *(o.max() for o in others)).alias("most"),
        raw.min().alias("raw_from"), raw.max().alias("raw_to"),
        pl.coalesce(pl.col("steady_raw").min(), raw.min()).alias("raw_first"), pl.coalesce(pl.col("steady_raw").max(), raw.max()).alias("raw_last"),
    ).collect()  # fmt: skip


def _by_partners(lacking: pl.DataFrame, standing: pl.DataFrame, compared: Compared, name: str) -> pl.DataFrame:
    """pair, t, raw_t, is_paired, near, is_end of the lacking side's rows.

    near: what its partner's clock says of a row beside a step, of a row alone the other reading of its own (µs, common clock; null = no step). is_end: a first or last common row that alone
    lies off the clock.
    """
    frames = compared.aligned.left, compared.aligned.right
    times = [f["t"].gather(standing[f"{n}_row"]) for f, n in zip(frames, SIDES, strict=True)]
    mine, other = (0, 1) if name == "right" else (1, 0)
    rows = standing[f"{SIDES[mine]}_row"]
    # Few rows lie off the clock of their partners.
    off = ((times[0] - times[1]).abs() > OFF_CLOCK).arg_true()
    unmeasured = (standing["cause"].gather(off) == str(Cause.CLOCK_UNMEASURED)).fill_null(value=False)
    near, is_end = lacking["t2"], pl.repeat(value=False, n=lacking.height, eager=True)
    if near.null_count() < lacking.height:
        # The partner of a common row tells which of the two readings of its time is right.
        near = near.scatter(rows, None)
    if len(off):
        near = near.clone().scatter(rows.gather(off), times[other].gather(off))
        is_end = is_end.scatter(rows.gather(off), unmeasured)
    return lacking.select(
        "pair", "t", "raw_t", pl.lit(is_among(rows, lacking.height)).alias("is_paired"), pl.lit(near).alias("near"), pl.lit(is_end).alias("is_end")
    )  # fmt: skip


def _without_silence(reach: pl.DataFrame, lacking: pl.DataFrame, *, each: bool) -> pl.DataFrame:
    """The reach, with no spring `ahead` or `behind` where the device's own rows leave no silence for one."""
    asked = reach.filter((pl.col("ahead") > SET_BACK) | (pl.col("behind") > SET_BACK))
    if asked.is_empty():
        return reach
    stated = lacking.select("pair", "raw_t").drop_nulls("raw_t")
    parts = [(asked, stated)]
    if each:
        # Every pair is a device of its own.
        here = stated.join(asked.select("pair"), on="pair", how="semi").partition_by("pair", as_dict=True)
        parts = [(asked.filter(pl.col("pair") == pair), here[pair,]) for pair in asked["pair"] if (pair,) in here]
    told = pl.concat([_springs(some, np.sort(rows["raw_t"].to_numpy())) for some, rows in parts])
    joined = reach.join(told, on="pair", how="left", maintain_order="left")
    return joined.with_columns(
        pl.when(pl.col(f"{c}_may").fill_null(value=True) | (pl.col(c) <= SET_BACK))
        .then(pl.col(c))
        .otherwise(0)
        .alias(c)
        for c in ("ahead", "behind")
    ).drop("ahead_may", "behind_may")


def _springs(asked: pl.DataFrame, times: Ints) -> pl.DataFrame:
    """pair, ahead_may, behind_may: whether the device is silent for so long before its first pair, and behind its last one."""
    head = pl.min_horizontal("known_from", "raw_from").fill_null(pl.col("raw_first")), pl.col("raw_first")
    tail = pl.col("raw_last"), pl.max_horizontal("known_to", "raw_to").fill_null(pl.col("raw_last"))
    told = [asked["pair"]]
    for (low, high), column in ((head, "ahead"), (tail, "behind")):
        ends = asked.select(low.alias("low"), high.alias("high"), column).fill_null(0)
        found = _is_silent(times, *(ends[c].to_numpy() for c in ("low", "high", column)))
        told.append(pl.Series(f"{column}_may", found))
    return pl.DataFrame(told)


def _is_silent(times: Ints, low: Ints, high: Ints, jump: Ints) -> npt.NDArray[np.bool_]:
    """Whether two neighbours of the sorted times between low and high, or the last of them and high, lie as far apart as the jump."""
    jump = np.maximum((jump - SET_BACK) // JUMP_STEP * JUMP_STEP, SET_BACK)
    first, last = np.searchsorted(times, low), np.searchsorted(times, high, side="right") - 1
    silent = high - times[np.clip(last, 0, len(times) - 1)] >= jump
    pauses = np.diff(times)
    for width in np.unique(jump):
        wide = np.concatenate([[0], np.cumsum(pauses >= width)])
        here = (jump == width) & (last > first)
        silent[here] |= (wide[last[here]] - wide[first[here]]) > 0
    return silent


def on_both_clocks(reached: pl.DataFrame) -> pl.DataFrame:
    """`edge` of the rows; beside a step a row lies inside only where it does by the clock before the step and by that behind it."""
    first = edge_state(reached)
    if not reached["t2"].is_not_null().any():
        return first
    second = edge_state(reached.with_columns(pl.coalesce("t2", "t").alias("t")))["edge"]
    open_edge = second.is_in(["unverified", "bounded"])
    return first.with_columns(pl.when(pl.lit(open_edge)).then(pl.lit(second)).otherwise("edge").alias("edge"))


def _known_reach(reading: Reading, compared: Compared) -> pl.DataFrame:
    """pair, known_from, known_to, bound_from, bound_to of the lacking side (graph.coverage)."""
    is_left = reading is compared.left
    if compared.apart is None:
        keys = pl.col(f"{'left' if is_left else 'right'}_conversation").alias("conversation")
        return reach_of(reading).table.join(compared.pairs.select("pair", keys), on="conversation")
    # One conversation an export, and no filter: nothing but the moment of the export is known.
    exported = compared.apart.left_exported if is_left else compared.apart.right_exported
    rows = [(p, None, exported.get(p), None, exported.get(p)) for p in compared.pairs["pair"]]
    names = ("known_from", "known_to", "bound_from", "bound_to")
    return pl.DataFrame(rows, schema={"pair": pl.UInt32, **dict.fromkeys(names, pl.Int64)}, orient="row")
