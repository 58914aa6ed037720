"""The alignment of two exports, step by step: ids, order, equal words, equal canonical words, kinds, resemblance. One-to-one always."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.abreast import of_both
from reconcile.lookup import hash_of, key_of, key_of_hashes, of_pair, with_text_key
from reconcile.match.anchors import anchors_of
from reconcile.match.between import take_between
from reconcile.match.crossed import take_crossed
from reconcile.match.drift import learn_drift, steadied
from reconcile.match.ids import pair_by_id
from reconcile.match.leftovers import pair_leftovers
from reconcile.match.moved import take_fellows, take_moved, take_rewritten
from reconcile.match.order import pair_by_order
from reconcile.match.other_clocks import MOST_FURTHER, take_other_levels, take_second_clock
from reconcile.match.passes import KEYED, STRETCH, Window, pass_by_key, take_repeats
from reconcile.match.placed import take_misplaced, take_unplaced
from reconcile.match.senders import learn_senders, on_one_clock
from reconcile.match.settled import settled
from reconcile.match.skew import (
    Skew,
    apart_by,
    learn_skew,
    shifted,
    spread_floor,
)
from reconcile.match.windows import (
    both_once,
    fill_times,
    floors_of,
    largest,
    narrow_window,
    own_windows,
    said_once,
    unfold_clocks,
    untimed_in,
    without,
)
from reconcile.match.wordless import (
    silent_cards,
    take_kinds,
    take_kinds_in_place,
    take_silent_words,
    take_typed,
    vague_rows,
    with_chance,
)
from reconcile.match.work import Work
from reconcile.settings import Settings
from reconcile.wechat.classes import OTHER, SECONDS, SYSTEM, WORDLESS
from reconcile.wechat.text import canonical_text


@dataclass(frozen=True, slots=True)
class Aligned:
    """The pairs, the rows in doubt, and what was learnt on the way.

    pairs: left_row, right_row, confidence, method, residual_s (distance of the two times once the clocks are aligned; null without two times).
    unsure_left, unsure_right: rows whose lack of a partner cannot be told from that of an equal neighbour.
    ids: worth of the server ids per conversation. skew: the clocks. untimed: conversations aligned by order alone.
    stepped: conversations in which a clock drifts, steps or was set back. senders: pair, party, apart (µs) of senders whose own messages bear another clock.
    left, right: the row frames with `t` on the right side's clock (or by stretch where untimed), `is_filled` (t is no stated time), `x`, `spread`, `at`
    (display order: conversation, time, row).
    """

    pairs: pl.DataFrame
    left: pl.DataFrame
    right: pl.DataFrame
    unsure_left: pl.Series
    unsure_right: pl.Series
    ids: pl.DataFrame
    skew: Skew
    untimed: list[int]
    stepped: list[int]
    senders: pl.DataFrame


def align(left: pl.DataFrame, right: pl.DataFrame, settings: Settings, *, each: bool = False) -> Aligned:
    """Pairs between the rows of two exports (frames of `match.rows`, with `party`), conversation by conversation, whole-column.

    Rows without a counterpart conversation (`pair` null) stay alone. No row stands in two pairs. `each`: every pair is a comparison of its
    own, with which the others share nothing but the pass; its result is what it would be alone.
    """
    # Three steps ask for the number of every text.
    sides = left, right
    left, right = of_both(lambda side: with_text_key(sides[side]), left.height + right.height)
    work = Work(left, right, each=each)
    by_id, worth = pair_by_id(*(said_once(f) for f in (left, right)))
    work.take(by_id)
    pair_codes = sorted(set(left["pair"].drop_nulls().unique()) & set(right["pair"].drop_nulls().unique()))
    untimed = untimed_in(left, right)
    timed_left, timed_right = (fill_times(f) for f in work.frames)
    once = both_once(timed_left, timed_right, untimed)
    anchors = anchors_of(*once, by_id, settings)
    senders = learn_senders(anchors, timed_left)
    moved_left, moved_right, anchors = on_one_clock(timed_left, timed_right, anchors, senders)
    if moved_left is not timed_left or moved_right is not timed_right:
        once = both_once(moved_left, moved_right, untimed)
    timed_left, timed_right, anchors, folded = unfold_clocks(
        moved_left, moved_right, once, anchors, by_id, untimed, settings
    )
    drift = learn_drift(anchors, timed_left, each=each)
    if drift.height:
        timed_left = steadied(timed_left, drift)
        anchors = anchors_of(*both_once(timed_left, timed_right, untimed), by_id, settings)
    skew = learn_skew(anchors, pair_codes, timed_left, settings, each=each)
    work.frames = [shifted(timed_left, skew), timed_right.with_columns(pl.lit(None, dtype=pl.Int64).alias("t2"))]
    known = skew.constant.select("pair", (pl.col("spread_s").fill_null(2.0)).alias("spread_s"))
    if each:
        known = own_windows(skew.constant, floors_of((left, right), untimed), settings)
    windows = [c for c in known.columns if c != "pair"]
    work.frames = [f.with_columns(of_pair(f["pair"], known, c) for c in windows) for f in work.frames]
    floor = (
        max(spread_floor(without(f.select("pair", "time_precision"), untimed)) for f in (left, right))
        if pair_codes
        else 0.5
    )
    spread = ((pl.col("spread_s").fill_null(2.0) + (pl.col("floor") if each else floor)) * SECONDS).cast(pl.Int64)
    work.frames = [f.with_columns(spread.alias("spread")) for f in work.frames]
    if untimed:
        _by_order(work, untimed)
    wide = max(settings.window_seconds, 2 * floor)
    widest = largest(skew.constant["spread_s"]) if skew.constant.height else 0.0
    levels = apart_by(skew, folded)
    _by_equal_keys(
        work,
        settings,
        "wide" if each else wide,
        "narrow" if each else narrow_window(wide, widest, floor),
        levels,
        untimed,
    )
    return _finish(work, worth, skew, untimed, sorted(levels), senders)


def _by_order(work: Work, untimed: list[int]) -> None:
    """Pairs of untimed conversations, and a made-up clock on which the rest of their rows stand by their stretch."""
    key = key_of(pl.col("party"), pl.col("cls"), pl.col("canon"))
    known = work.pairs().join(
        work.frames[0].filter(pl.col("pair").is_in(untimed)).select("pair", pl.col("row").alias("left_row")),
        on="left_row",
    )
    frames = [
        f.filter(
            pl.col("pair").is_in(untimed)
            & (pl.Series(work.open[i]) | pl.col("row").is_in(known[f"{n}_row"].implode()))
            & ~(pl.col("cls") == SYSTEM)
        )
        .with_columns(canonical_text(pl.col("text")).alias("canon"))
        .with_columns(key.alias("key"))
        for i, (f, n) in enumerate(zip(work.frames, ("left", "right"), strict=True))
    ]
    known = known.filter(pl.col("left_row").is_in(frames[0]["row"].implode()))
    pairs, left_places, right_places = pair_by_order(frames[0], frames[1], known)
    work.take(pairs)
    for side, places in enumerate((left_places, right_places)):
        # A row without a partner stands just behind the pair before it, so that the stretch after the last pair is an edge.
        alone = pl.col("row").is_in(work.rest(side)["row"].implode()).cast(pl.Int64)
        clock = places.select("row", (pl.col("place") * STRETCH + alone * SECONDS).alias("clock"))
        is_untimed = pl.col("pair").is_in(untimed)
        # Rows of the client itself stand where the row before them stands.
        here = pl.col("clock").forward_fill().over("pair").fill_null(0)
        work.frames[side] = (
            work.frames[side].join(clock, on="row", how="left", maintain_order="left")
            .with_columns(
                pl.when(is_untimed).then(here).otherwise(pl.col("t")).alias("t"),
                pl.when(is_untimed).then(pl.lit(int(0.5 * SECONDS))).otherwise(pl.col("spread")).alias("spread"),
                (pl.col("is_filled") | is_untimed).alias("is_filled"),
            ).drop("clock")
        )  # fmt: skip


def _by_words_farther_off(work: Work, raw: pl.Expr, canonical: pl.Expr, wide: Window) -> None:
    # A card without a word equals every other such card: its moment tells which it is, not its emptiness.
    work.vague = silent_cards(work)
    pass_by_key(work, raw, wide, "equal")
    pass_by_key(work, canonical, wide, "canonical", bodies=True)
    work.vague = None


def _by_equal_keys(
    work: Work, settings: Settings, wide: Window, narrow: Window, levels: dict[int, list[int]], untimed: list[int]
) -> None:
    before, behind = ("pair", "party", "kind"), ("media_hash", "amount")
    raw = key_of_hashes(
        *(hash_of(pl.col(c)) for c in before), pl.col("text_key"), *(hash_of(pl.col(c)) for c in behind)
    )
    work.vague = vague_rows(work)
    pass_by_key(work, raw, narrow, "equal", solve=False)
    if bool(work.frames[0]["t2"].is_not_null().any()):
        pass_by_key(work, raw, narrow, "equal", solve=False, second_clock=True)
    work.place()
    pass_by_key(work, raw, narrow, "equal")
    # Of two files of one name in one second the fingerprint tells which is which, whatever stands around the name.
    print_of = key_of(pl.col("pair"), pl.col("party"), pl.col("media_hash"))
    pass_by_key(work, print_of, narrow, "canonical", hashed=True)
    canonical = key_of(pl.col("pair"), pl.col("party"), pl.col("group"), pl.col("body"))
    # The same words in another spelling near by are the same message rather than those of one spelling farther off.
    pass_by_key(work, canonical, narrow, "canonical", bodies=True)
    # What has no words of its own is told by its moment: a placeholder of the same kind farther off is another message sooner than this one.
    work.vague = None
    take_kinds(work, narrow, classes=WORDLESS)
    take_typed(work, narrow)
    _by_words_farther_off(work, raw, canonical, wide)
    if any(_quotes(work.rest(side, KEYED)) for side in (0, 1)):
        pass_by_key(work, canonical, narrow, "canonical", bodies=True, quotes=True)
    work.place()
    if any(f["party"].null_count() for f in work.frames):
        pass_by_key(
            work,
            key_of(pl.col("pair"), pl.col("group"), pl.col("body")),
            narrow,
            "canonical_any_sender",
            bodies=True,
            unknown_sender=True,
        )
    take_kinds(work, narrow)
    take_silent_words(work, narrow)
    if bool(work.frames[0]["t2"].is_not_null().any()):
        pass_by_key(work, canonical, wide, "canonical", bodies=True, second_clock=True)
        take_kinds(work, narrow, second_clock=True)
    # A clock may have been set more than once: what one further clock leaves alone may show another.
    for _ in range(MOST_FURTHER):
        if not take_second_clock(work, raw, canonical, settings, narrow):
            break
    take_other_levels(work, raw, canonical, settings, narrow, levels)
    take_misplaced(work, settings, set(levels))
    work.place()
    take_kinds_in_place(work, wide)
    take_unplaced(work)
    take_crossed(work, untimed)
    take_moved(work, settings, whole=True)
    take_between(work, untimed)
    # What resembles each other is no chance: once it is taken, the rest is fewer.
    for _ in range(2):
        rests = with_chance(work)
        found = pair_leftovers(rests[0], rests[1], settings)
        work.take(found)
        if found.is_empty():
            break
    if rests[0]["t2"].null_count() < rests[0].height:
        rests = with_chance(work)
        beside = rests[0].filter(pl.col("t2").is_not_null()).with_columns(pl.col("t2").alias("t"))
        work.take(pair_leftovers(beside, rests[1], settings))
    take_moved(work, settings)
    take_moved(work, settings, whole=True, any_sender=True)
    for side in (0, 1):
        take_fellows(work, side)
    take_repeats(work, raw, wide)
    take_rewritten(work, settings)


def _quotes(rest: pl.DataFrame) -> bool:
    """Whether a row is a reply, by its kind or, where a form names none, by its look."""
    return bool((rest["kind"] == "quote").any() or rest["text"].str.contains(r"引用|^「|^> ").any())


def _display(frame: pl.DataFrame, order: npt.NDArray[np.int64] | None) -> pl.Series:
    at = pl.int_range(frame.height, dtype=pl.Int64, eager=True) if order is None else pl.Series(order)
    return at.alias("at")


def _finish(
    work: Work, worth: pl.DataFrame, skew: Skew, untimed: list[int], stepped: list[int], senders: pl.DataFrame
) -> Aligned:
    pairs = work.pairs()
    frames = [f.with_columns(_display(f, work.order(s, 2**32 - 1))) for s, f in enumerate(work.frames)]
    stated = [f.select(pl.when(~pl.col("is_filled")).then("t").alias("t"))["t"] for f in frames]
    left_t, right_t = stated[0].gather(pairs["left_row"]), stated[1].gather(pairs["right_row"])
    residual = (pl.lit(left_t) - pl.lit(right_t)).abs()
    if frames[0]["t2"].null_count() < frames[0].height:
        other_t = frames[0]["t2"].gather(pairs["left_row"])
        residual = pl.min_horizontal(residual, (pl.lit(other_t) - pl.lit(right_t)).abs())
    frames = settled(frames, pairs, residual, skew)
    known = pl.lit(left_t).is_not_null() & pl.lit(right_t).is_not_null()
    unsure = (
        pl.concat(work.unsure).unique() if work.unsure else pl.DataFrame(schema={"side": pl.UInt8, "row": pl.UInt32})
    )
    open_rows = [pl.Series(np.flatnonzero(o)).cast(pl.UInt32) for o in work.open]
    doubts = [
        unsure.filter((pl.col("side") == s) & pl.col("row").is_in(open_rows[s].implode()))["row"].sort() for s in (0, 1)
    ]
    return Aligned(
        pairs.with_columns(pl.when(known).then((residual / SECONDS).round(6)).alias("residual_s")),
        frames[0], frames[1], doubts[0], doubts[1], worth, skew, untimed, stepped, senders,
    )  # fmt: skip


__all__ = ["OTHER", "Aligned", "align"]
