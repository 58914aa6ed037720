"""The alignment of two exports, step by step: ids, order, equal words, equal canonical words, kinds, resemblance. One-to-one always."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.abreast import of_both
from reconcile.lookup import is_among, of_pair
from reconcile.match.anchors import anchors_of
from reconcile.match.ends import end_rows, end_skew, lone_rows
from reconcile.match.filed import pair_by_file
from reconcile.match.group import pair_by_key
from reconcile.match.ids import pair_by_id
from reconcile.match.leftovers import pair_leftovers, pair_moved
from reconcile.match.order import pair_by_order
from reconcile.match.parties import HELD_ONCE
from reconcile.match.quotes import without_quote
from reconcile.match.skew import (
    Skew,
    apart_by,
    floor_of,
    learn_drift,
    learn_skew,
    second_skew,
    shifted,
    spread_floor,
    steadied,
)
from reconcile.match.steps import unfolded
from reconcile.match.work import Work
from reconcile.settings import Settings
from reconcile.wechat.classes import FILE, LINK, OTHER, PAYMENT, SECONDS, SYSTEM, WORDLESS, WORDS
from reconcile.wechat.kinds import BARE_MARK, REFUSED_NOTICE
from reconcile.wechat.text import canonical_text

# A conversation goes by order alone when less than this share of a side's rows states a time finer than a day.
TIMED_SHARE = 0.5
# Place of an untimed row on the made-up clock: one stretch is farther from the next than any window.
STRETCH = 1_000 * SECONDS
# So many times a further clock is looked for among the rows left alone.
MOST_FURTHER = 3
# How long what counts as one moment is on that clock (leftovers: twice two spreads and a second).
MOMENT_SECONDS = 4.0
# What keys are made of, and what pairing by key asks for beside them.
_KEYED = frozenset((
    "pair", "party", "kind", "cls", "text", "media_hash", "amount", "file_name", "row", "t", "t2", "x", "spread", "crossing",
    "wide", "narrow",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Aligned:
    """The pairs, the rows in doubt, and what was learnt on the way.

    pairs: left_row, right_row, confidence, method, residual_s (distance of the two times once the clocks are aligned; null without two times).
    unsure_left, unsure_right: rows whose lack of a partner cannot be told from that of an equal neighbour.
    ids: worth of the server ids per conversation. skew: the clocks. untimed: conversations aligned by order alone.
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


def align(left: pl.DataFrame, right: pl.DataFrame, settings: Settings, *, each: bool = False) -> Aligned:
    """Pairs between the rows of two exports (frames of `match.rows`, with `party`), conversation by conversation, whole-column.

    Rows without a counterpart conversation (`pair` null) stay alone. No row stands in two pairs. `each`: every pair is a comparison of its
    own, with which the others share nothing but the pass; its result is what it would be alone.
    """
    work = Work(left, right, each=each)
    by_id, worth = pair_by_id(*(_said_once(f) for f in (left, right)))
    work.take(by_id)
    pair_codes = sorted(set(left["pair"].drop_nulls().unique()) & set(right["pair"].drop_nulls().unique()))
    untimed = _untimed(left, right)
    timed_left, timed_right = (_fill_times(f) for f in work.frames)
    anchors = anchors_of(_once(timed_left, untimed), _once(timed_right, untimed), by_id, settings)
    timed_left, timed_right, anchors, folded = _unfold(timed_left, timed_right, anchors, by_id, untimed, settings)
    drift = learn_drift(anchors, timed_left, each=each)
    if drift.height:
        timed_left = steadied(timed_left, drift)
        anchors = anchors_of(_once(timed_left, untimed), _once(timed_right, untimed), by_id, settings)
    skew = learn_skew(anchors, pair_codes, timed_left, settings, each=each)
    work.frames = [shifted(timed_left, skew), timed_right.with_columns(pl.lit(None, dtype=pl.Int64).alias("t2"))]
    known = skew.constant.select("pair", (pl.col("spread_s").fill_null(2.0)).alias("spread_s"))
    if each:
        known = _own_windows(skew.constant, _floors((left, right), untimed), settings)
    windows = [c for c in known.columns if c != "pair"]
    work.frames = [f.with_columns(of_pair(f["pair"], known, c) for c in windows) for f in work.frames]
    floor = (
        max(spread_floor(_without(f.select("pair", "time_precision"), untimed)) for f in (left, right))
        if pair_codes
        else 0.5
    )
    spread = ((pl.col("spread_s").fill_null(2.0) + (pl.col("floor") if each else floor)) * SECONDS).cast(pl.Int64)
    work.frames = [f.with_columns(spread.alias("spread")) for f in work.frames]
    if untimed:
        _by_order(work, untimed)
    wide = max(settings.window_seconds, 2 * floor)
    widest = _largest(skew.constant["spread_s"]) if skew.constant.height else 0.0
    levels = apart_by(skew, folded)
    _by_equal_keys(work, settings, "wide" if each else wide, "narrow" if each else _narrow(wide, widest, floor), levels)
    return _finish(work, worth, skew, untimed)


def _unfold(
    left: pl.DataFrame,
    right: pl.DataFrame,
    anchors: pl.DataFrame,
    by_id: pl.DataFrame,
    untimed: list[int],
    settings: Settings,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Both sides with the falls of clocks that were set back taken out of `t`, their anchors, and pair and fold of each such fall."""
    folds = [
        unfolded(_once(f, untimed), anchors, f"{n}_row", sign)
        for f, n, sign in ((left, "left", -1), (right, "right", 1))
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
    anchors = anchors_of(_once(left, untimed), _once(right, untimed), by_id, settings)
    return left, right, anchors, pl.concat(f.select("pair", "fold").unique() for f in folds)


def _as_first_twin(frame: pl.DataFrame) -> pl.DataFrame:
    """`fold` of the rows that stand twice is that of the first of them, which alone was asked: they are of one second."""
    if frame["twin"].null_count() == frame.height:
        return frame
    first = pl.col("fold").first().over("pair", "twin")
    return frame.with_columns(pl.when(pl.col("twin").is_null()).then("fold").otherwise(first).alias("fold"))


def _narrow(wide: float, spread: float, floor: float) -> float:
    return min(wide, 4 * spread + 2 * floor + 2.0)


def _floors(frames: tuple[pl.DataFrame, pl.DataFrame], untimed: list[int]) -> pl.DataFrame:
    """pair, floor (seconds): `spread_floor` of every pair by itself."""
    shown = (f.select("pair", pl.col("time_precision").cast(pl.String)).unique() for f in frames)
    told = pl.concat(shown).group_by("pair").agg("time_precision")
    rows = [(pair, 0.5 if pair in untimed else floor_of(set(seen))) for pair, seen in told.iter_rows()]
    return pl.DataFrame(rows, schema={"pair": pl.UInt32, "floor": pl.Float64}, orient="row")


def _own_windows(constant: pl.DataFrame, floors: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """pair, spread_s, floor, wide, narrow (µs): the windows of every pair by itself."""
    rows = [
        (pair, spread, floor, wide := max(settings.window_seconds, 2 * floor), _narrow(wide, spread or 0.0, floor))
        for pair, spread, floor in constant.join(floors, on="pair").select("pair", "spread_s", "floor").iter_rows()
    ]
    schema = {"pair": pl.UInt32, "spread_s": pl.Float64, "floor": pl.Float64, "wide": pl.Float64, "narrow": pl.Float64}
    micro = ((pl.col(c) * SECONDS).cast(pl.Int64) for c in ("wide", "narrow"))
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(pl.col("spread_s").fill_null(2.0), *micro)


def _largest(values: pl.Series) -> float:
    found = values.max()
    return float(found) if isinstance(found, int | float) else 0.0


# What ids are held against, and what tells the clocks.
_BY_ID = ("pair", "row", "cls", "text", "party", "payment_state", "message_id", "alias_id", "native_id")
_OF_CLOCKS = ("pair", "row", "t", "cls", "text", "party", "kind", "message_id", "is_filled", "is_repeat", "twin")


def _said_once(frame: pl.DataFrame) -> pl.DataFrame:
    """What pairing by id asks of the rows that their export does not hold twice."""
    rows = frame.select(_BY_ID)
    return rows.filter(~frame["is_repeat"]) if frame["is_repeat"].any() else rows


def _once(frame: pl.DataFrame, untimed: list[int]) -> pl.DataFrame:
    """What the clocks are learnt from: the rows of timed conversations; of rows that their export holds twice the first."""
    timed = _without(frame.select(_OF_CLOCKS), untimed)
    if not timed["is_repeat"].any() and timed["twin"].null_count() == timed.height:
        return timed
    return timed.filter(HELD_ONCE)


def _without(frame: pl.DataFrame, untimed: list[int]) -> pl.DataFrame:
    return frame.filter(~pl.col("pair").is_in(untimed)) if untimed else frame


def _untimed(left: pl.DataFrame, right: pl.DataFrame) -> list[int]:
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


def _fill_times(frame: pl.DataFrame) -> pl.DataFrame:
    """A row without a time takes that of the row before it (else after it) in its conversation; `is_filled` says so."""
    if not frame["t"].null_count():
        return frame.with_columns(pl.lit(value=False).alias("is_filled"))
    filled = pl.col("t").forward_fill().over("pair").fill_null(pl.col("t").backward_fill().over("pair"))
    return frame.with_columns(pl.col("t").is_null().alias("is_filled"), filled.alias("t"))


def _key(*columns: pl.Expr) -> pl.Expr:
    """One number for equal values of all columns. Each is hashed by itself: a struct of them is first written out row by row."""
    return reduce(lambda key, h: key * 0x9E3779B97F4A7C15 + h, (c.hash(seed=3) for c in columns))


def _by_order(work: Work, untimed: list[int]) -> None:
    """Pairs of untimed conversations, and a made-up clock on which the rest of their rows stand by their stretch."""
    key = _key(pl.col("party"), pl.col("cls"), pl.col("canon"))
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


# Seconds, or the column in which every row states its own (µs).
Window = float | str


def _by_equal_keys(work: Work, settings: Settings, wide: Window, narrow: Window, levels: dict[int, list[int]]) -> None:
    raw = _key(pl.col("pair"), pl.col("party"), pl.col("kind"), pl.col("text"), pl.col("media_hash"), pl.col("amount"))
    work.vague = _vague(work)
    _pass(work, raw, narrow, "equal", solve=False)
    if bool(work.frames[0]["t2"].is_not_null().any()):
        _pass(work, raw, narrow, "equal", solve=False, second_clock=True)
    work.place()
    _pass(work, raw, narrow, "equal")
    canonical = _key(pl.col("pair"), pl.col("party"), pl.col("group"), pl.col("body"))
    # The same words in another spelling near by are the same message rather than those of one spelling farther off.
    _pass(work, canonical, narrow, "canonical", bodies=True)
    # What has no words of its own is told by its moment: a placeholder of the same kind farther off is another message sooner than this one.
    work.vague = None
    _kinds(work, narrow, classes=WORDLESS)
    _typed(work, narrow)
    _pass(work, raw, wide, "equal")
    _pass(work, canonical, wide, "canonical", bodies=True)
    if any((f["kind"] == "quote").any() for f in (work.rest(0, _KEYED), work.rest(1, _KEYED))):
        _pass(work, canonical, narrow, "canonical", bodies=True, quotes=True)
    work.place()
    if any(f["party"].null_count() for f in work.frames):
        _pass(
            work,
            _key(pl.col("pair"), pl.col("group"), pl.col("body")),
            narrow,
            "canonical_any_sender",
            bodies=True,
            unknown_sender=True,
        )
    _kinds(work, narrow)
    if bool(work.frames[0]["t2"].is_not_null().any()):
        _pass(work, canonical, wide, "canonical", bodies=True, second_clock=True)
        _kinds(work, narrow, second_clock=True)
    # A clock may have been set more than once: what one further clock leaves alone may show another.
    for _ in range(MOST_FURTHER):
        if not _second_clock(work, raw, canonical, settings, narrow):
            break
    _on_other_levels(work, raw, canonical, settings, narrow, levels)
    _misplaced(work, settings, set(levels))
    work.place()
    _kinds_in_place(work, wide)
    _unplaced(work)
    _moved(work, settings, whole=True)
    rests = [_with_chance(work, side) for side in (0, 1)]
    work.take(pair_leftovers(rests[0], rests[1], settings))
    if rests[0]["t2"].null_count() < rests[0].height:
        rests = [_with_chance(work, side) for side in (0, 1)]
        beside = rests[0].filter(pl.col("t2").is_not_null()).with_columns(pl.col("t2").alias("t"))
        work.take(pair_leftovers(beside, rests[1], settings))
    _moved(work, settings)
    _moved(work, settings, whole=True, any_sender=True)
    for side in (0, 1):
        _fellows(work, side)
    _repeats(work, raw, wide)


def _second_clock(work: Work, raw: pl.Expr, canonical: pl.Expr, settings: Settings, narrow: Window) -> bool:
    """The stretch of a conversation whose clock differs from that of the rest, where the rows left alone show one. Whether any met on it."""
    if not (work.open[0].any() and work.open[1].any()):
        return False
    left, right = (_once_held(work, side) for side in (0, 1))
    once = is_among(left["row"], work.frames[0].height)
    other = second_skew(work.frames[0], right, once, settings)
    ends = [
        end_rows(f, pl.Series(o), pl.Series(work.is_paired(i)))
        for i, (f, o) in enumerate(zip(work.frames, work.open, strict=True))
    ]
    within = [lone_rows(f, pl.Series(o)) for f, o in zip(work.frames, work.open, strict=True)]
    ending = pl.concat([end_skew(ends[0], ends[1], settings), end_skew(within[0], within[1], settings)])
    ending = ending.unique("row", keep="first", maintain_order=True)
    if other.is_empty() and ending.is_empty():
        return False
    frame = work.frames[0].join(other, on="pair", how="left", maintain_order="left")
    frame = frame.join(ending, on="row", how="left", maintain_order="left")
    is_open = pl.Series(work.open[0])
    off = pl.coalesce("end_us", "second_us")
    moved = pl.when(is_open & off.is_not_null()).then(pl.col("t") - off)
    work.frames[0] = frame.with_columns(pl.coalesce(moved, "t2").alias("t2")).drop("second_us", "end_us")
    touched = pl.concat([other["pair"], work.frames[0]["pair"].gather(ending["row"])]).unique().sort()
    work.only = touched if work.each else None
    were_open = int(work.open[0].sum())
    _pass(work, raw, narrow, "equal", second_clock=True)
    _pass(work, canonical, narrow, "canonical", bodies=True, second_clock=True)
    _kinds(work, narrow, second_clock=True)
    work.only = None
    return int(work.open[0].sum()) < were_open


def _on_other_levels(
    work: Work, raw: pl.Expr, canonical: pl.Expr, settings: Settings, narrow: Window, levels: dict[int, list[int]]
) -> None:
    """Rows alone that meet on another clock that their conversation shows: beside a step, or before all that tells which clock was which."""
    waiting = [set(f["pair"].filter(pl.Series(o)).unique()) for f, o in zip(work.frames, work.open, strict=True)]
    asked = {pair: apart for pair, apart in levels.items() if apart and pair in waiting[0] and pair in waiting[1]}
    told = work.frames[0]["t2"]
    work.only = pl.Series(sorted(asked), dtype=pl.UInt32)
    for turn in range(max((len(a) for a in asked.values()), default=0)):
        apart = pl.DataFrame(
            [(pair, a[turn]) for pair, a in sorted(asked.items()) if turn < len(a)],
            schema={"pair": pl.UInt32, "apart": pl.Int64}, orient="row",
        )  # fmt: skip
        was_open = pl.Series(work.open[0])
        off = of_pair(work.frames[0]["pair"], apart, "apart")
        tried = work.frames[0].select(t2=pl.when(pl.lit(was_open)).then(pl.col("t") - off))["t2"]
        work.frames[0] = work.frames[0].with_columns(tried)
        _pass(work, raw, narrow, "equal", second_clock=True, solve=False)
        _pass(work, canonical, narrow, "canonical", bodies=True, second_clock=True, solve=False)
        _kinds(work, narrow, second_clock=True, solve=False)
        met = _beside_fellows(work, was_open & ~pl.Series(work.open[0]), settings)
        told = pl.select(pl.when(pl.lit(met)).then(tried).otherwise(told).alias("t2"))["t2"]
    work.frames[0] = work.frames[0].with_columns(told)
    work.only = None


def _beside_fellows(work: Work, met: pl.Series, settings: Settings) -> pl.Series:
    """Of the left rows just met those near which, in the order of either file, another pair lies at the same distance: one alone has a time of its own."""
    kept = np.zeros(len(met), bool)
    raw = [f["raw_t"].fill_null(0).to_numpy() for f in work.frames]
    pairs, partners, window = work.frames[0]["pair"], work.partners, settings.window_seconds * SECONDS
    # Only rows that met on another clock of their chat.
    for row in met.arg_true().to_list():
        partner = int(partners[0][row])
        apart = raw[0][row] - raw[1][partner]
        near = [(k, int(partners[0][k])) for k in range(max(row - 3, 0), min(row + 4, len(met))) if k != row]
        near += [
            (int(partners[1][k]), k) for k in range(max(partner - 3, 0), min(partner + 4, len(raw[1]))) if k != partner
        ]
        kept[row] = any(
            a >= 0 and b >= 0 and pairs[a] == pairs[row] and abs(raw[0][a] - raw[1][b] - apart) <= window for a, b in near
        )  # fmt: skip
    return pl.Series(kept)


def _misplaced(work: Work, settings: Settings, stepped: set[int]) -> None:
    """Rows whose times stand out of their file's order, by their words, or their kind, in the same place of the other file."""
    if not (work.open[0].any() and work.open[1].any()):
        return
    wanted = (
        "pair",
        "row",
        "t",
        "raw_t",
        "party",
        "cls",
        "kind",
        "text",
        "media_hash",
        "amount",
        "file_name",
        "is_filled",
    )
    frames = [f.select(wanted) for f in work.frames]
    window = int(settings.window_seconds * SECONDS)
    work.take(pair_by_file(frames, work.open, work.partners, window, _with_kinds, stepped))


def _with_kinds(rest: pl.DataFrame) -> pl.DataFrame:
    """`_with_bodies`, but that what has no words says nothing more than its kind."""
    silent = pl.when(pl.col("cls").is_in(WORDLESS)).then(pl.lit("")).otherwise("body")
    return _with_bodies(rest).with_columns(silent.alias("body"))


def _unplaced(work: Work) -> None:
    """Rows that state no time in a conversation that has times: by their words, or their kind, in the same place between paired rows."""
    if not any((f["is_filled"] & pl.Series(o)).any() for f, o in zip(work.frames, work.open, strict=True)):
        return
    for body in ("words", "kind", "wordless"):
        sides = [_by_place(work, side, body) for side in (0, 1)]
        if any(f.is_empty() for f in sides):
            continue
        method = "place" if body == "words" else "same_moment"
        pairs, _ = pair_by_key(sides[0], sides[1], STRETCH / SECONDS, method, None, solve=False)
        columns = list(zip(work.frames, ("left_row", "right_row"), strict=True))
        filled = [f["is_filled"].gather(pairs[c]) for f, c in columns]
        silent = [f["text"].gather(pairs[c]) == "" for f, c in columns]
        told = silent[0] | silent[1] if body == "wordless" else pl.repeat(value=True, n=pairs.height, eager=True)
        work.take(pairs.filter((filled[0] | filled[1]) & told))


def _by_place(work: Work, side: int, body: str) -> pl.DataFrame:
    """The open rows of a side keyed by their words, by sender and kind, or (quotes whose words one form cannot hold) by kind; `t` is the place."""
    rest = _with_place(work.rest(side))
    who = pl.lit(None, dtype=pl.String)
    if body == "words":
        rest = _with_bodies(rest)
    elif body == "kind":
        rest = rest.filter(~pl.col("cls").is_in([SYSTEM, WORDS]))
        rest = rest.with_columns(pl.col("cls").alias("group"), pl.lit("").alias("body"))
        who = pl.col("party")
    else:
        rest = rest.filter(pl.col("kind").cast(pl.String) == "quote")
        rest = rest.with_columns(pl.col("cls").alias("group"), pl.lit("").alias("body"))
    return rest.select(
        _key(pl.col("pair"), who, pl.col("group"), pl.col("body")).alias("key"),
        (pl.col("x").fill_null(0) * STRETCH).alias("t"),
        "row",
        pl.lit(None, dtype=pl.Int64).alias("x"),
        "spread",
        "crossing",
    )


def _repeats(work: Work, raw: pl.Expr, wide: Window) -> None:
    """Second copies of a row, and rows marked as not delivered, pair with what the other side still has open."""
    repeats = work.late
    if any(r.any() for r in repeats):
        if work.each:
            late = [f.filter(pl.Series(r))["pair"] for f, r in zip(work.frames, repeats, strict=True)]
            work.only = pl.concat(late).drop_nulls().unique()
        work.reopen_late()
        _pass(work, raw, wide, "equal")
        work.only = None


def _pass(
    work: Work,
    key: pl.Expr,
    window: Window,
    method: str,
    *,
    tight: float = 5.0,
    solve: bool = True,
    bodies: bool = False,
    second_clock: bool = False,
    unknown_sender: bool = False,
    quotes: bool = False,
) -> None:
    """One round of pairing by equal key among the open rows. quotes: by the reply alone, for one form shows the words quoted and another does not."""

    def opened(side: int) -> pl.DataFrame:
        rest = work.rest(side, _KEYED)
        if work.vague is not None:
            rest = rest.filter(~pl.Series(work.vague[side][rest["row"].to_numpy()]))
        if rest["t"].null_count():
            rest = rest.filter(pl.col("t").is_not_null())
        if second_clock and side == 0:
            rest = rest.filter(pl.col("t2").is_not_null()).with_columns(pl.col("t2").alias("t"))
        if quotes:
            rest = rest.filter(pl.col("cls") == WORDS).with_columns(without_quote(pl.col("text")))
        return _with_bodies(rest) if bodies else rest

    height = sum(int(o.sum()) for o in work.open)
    sides = of_both(opened, height)
    if any(rest.is_empty() for rest in sides):
        return
    if unknown_sender:
        open_pairs = pl.concat(
            [s.filter(pl.col("party").is_null() & (pl.col("cls") != SYSTEM)).select("pair") for s in sides]
        ).unique()
        sides = [
            s.join(open_pairs, on="pair", how="semi", maintain_order="left").filter(pl.col("cls") != SYSTEM)
            for s in sides
        ]
    columns = of_both(lambda side: _with_place(sides[side]).select(key.alias("key"), *_used(window)), height)
    width, close = (None, tight) if isinstance(window, str) else (window, min(window, tight))
    pairs, unsure = pair_by_key(columns[0], columns[1], width, method, close, solve=solve)
    work.take(pairs)
    if unsure.height:
        work.unsure.append(unsure)


def _used(window: Window) -> list[pl.Expr]:
    """What `pair_by_key` looks at beside the key."""
    own = [pl.col(window).alias("window")] if isinstance(window, str) else []
    return [*map(pl.col, ("t", "row", "x", "spread", "crossing")), *own]


def _with_place(frame: pl.DataFrame) -> pl.DataFrame:
    if "x" in frame.columns:
        return frame
    return frame.with_columns(pl.lit(None, dtype=pl.Int64).alias("x"), pl.lit(0.0).alias("crossing"))


def _with_bodies(rest: pl.DataFrame) -> pl.DataFrame:
    """`body`: what the row says whatever exporter wrote it; `group`: classes whose bodies may be compared."""
    name = canonical_text(pl.coalesce("file_name", "text"))
    return rest.with_columns(
        pl.when(pl.col("cls") == WORDS).then(canonical_text(pl.col("text")).str.replace_all(r"\s+", ""))
        .when(pl.col("cls") == PAYMENT).then(pl.coalesce("amount", pl.col("text").str.extract(r"[¥￥$]\s*([\d,]+(?:\.\d+)?)", 1)).str.replace_all(",", "").cast(pl.Float64, strict=False).round(2).cast(pl.String) + pl.lit("|") + pl.col("kind").cast(pl.String))
        .when(pl.col("cls").is_in([FILE, LINK])).then(name)
        .when(pl.col("cls").is_in(WORDLESS)).then(pl.col("media_hash").fill_null(""))
        .otherwise(canonical_text(pl.col("text"))).alias("body"),
        pl.col("cls").alias("group"),
    ).filter(pl.col("body").is_not_null())  # fmt: skip


def _vague(work: Work) -> list[npt.NDArray[np.bool_]] | None:
    """Of each side the rows that show a kind and nothing else, where a side states the fingerprints of some of that kind and not of all.

    What such a row shows equals any other without a fingerprint: its moment tells which it is, whether that one has a fingerprint or not.
    """
    if not any(f["media_hash"].null_count() < f.height for f in work.frames):
        return None
    silent = pl.col("cls").is_in(WORDLESS) & pl.col("pair").is_not_null()
    shown = [f.lazy().filter(silent).select("pair", "cls", "row", "text", bare=pl.col("media_hash").is_null()) for f in work.frames]  # fmt: skip
    counts = pl.concat(
        s.group_by("pair", "cls").agg(pl.col("bare").any().alias("some"), pl.col("bare").all().alias("all"))
        for s in shown
    )
    mixed = counts.filter(pl.col("some") & ~pl.col("all")).select("pair", "cls").unique()
    out = []
    for rows, frame in zip(shown, work.frames, strict=True):
        plain = (pl.col("text") == "") | pl.col("text").str.contains(BARE_MARK)
        told = rows.join(mixed, on=["pair", "cls"], how="semi").filter(pl.col("bare") & plain).select("row").collect()
        out.append(is_among(told["row"], frame.height).to_numpy())
    return out if any(v.any() for v in out) else None


def _typed(work: Work, narrow: Window) -> None:
    """Words that look like a placeholder: typed as they are on the side that states kinds, taken for what they name on one that does not."""
    silent = [_shown_bare(work.rest(side, _KEYED)) for side in (0, 1)]
    if any(s.is_empty() for s in silent) or not any((s["cls"] == WORDS).any() for s in silent):
        return
    key = _key(pl.col("pair"), pl.col("party"), pl.col("text"))
    sides = [_with_place(s).select(key.alias("key"), *_used(narrow)) for s in silent]
    width = None if isinstance(narrow, str) else narrow
    pairs, _ = pair_by_key(sides[0], sides[1], width, "equal", None, solve=False)
    work.take(pairs)


def _shown_bare(rest: pl.DataFrame) -> pl.DataFrame:
    """The rows that show a placeholder and nothing else."""
    told = pl.col("media_hash").is_null() & pl.col("amount").is_null() & (pl.col("cls") != SYSTEM)
    bare = pl.col("text").str.contains(BARE_MARK) & pl.col("t").is_not_null()
    return rest.filter(told).filter(bare)


def _kinds(
    work: Work,
    narrow: Window,
    *,
    second_clock: bool = False,
    solve: bool = True,
    classes: Collection[int] = (*WORDLESS, FILE, LINK, PAYMENT, SYSTEM),
) -> None:
    """Rows whose kind alone is known on a side: by kind, sender, order and time between paired neighbours."""
    by_kind = _key(pl.col("pair"), pl.col("party"), pl.col("cls"))
    sides = []
    for side in (0, 1):
        rest = work.rest(side).filter(pl.col("cls").is_in(classes) & pl.col("t").is_not_null())
        if second_clock and side == 0:
            rest = rest.filter(pl.col("t2").is_not_null()).with_columns(pl.col("t2").alias("t"))
        sides.append(_with_place(rest).with_columns(by_kind.alias("key")))
    if any(s.is_empty() for s in sides):
        return
    # Two rows that both state a fingerprint would have met above had it been the same: they wait for the closer look at leftovers.
    # Digests of two algorithms cannot be held against each other.
    digests = [
        s.select("pair", pl.col("media_hash").str.len_chars().alias("digest")).drop_nulls().unique() for s in sides
    ]
    common = digests[0].join(digests[1], on=["pair", "digest"]).with_columns(pl.lit(value=True).alias("comparable"))
    sides = [
        s.with_columns(pl.col("media_hash").str.len_chars().alias("digest"))
        .join(common, on=["pair", "digest"], how="left", maintain_order="left")
        .drop("digest")
        for s in sides
    ]
    stated = pl.col("comparable").is_not_null() | pl.col("amount").is_not_null()
    both_state = [set(s.filter(stated)["pair"].unique()) for s in sides]
    shared = sorted(both_state[0] & both_state[1])
    open_sides = (
        [s.filter(~(stated & pl.col("pair").is_in(shared)) | (pl.col("cls") == SYSTEM)) for s in sides]
        if shared
        else sides
    )
    mixes = [(open_sides[0], sides[1]), (sides[0], open_sides[1])] if shared else [(sides[0], sides[1])]
    if shared and work.each:
        mixes[1] = mixes[1][0].filter(pl.col("pair").is_in(shared)), mixes[1][1].filter(pl.col("pair").is_in(shared))
    for mix in mixes:
        a, b = (f.filter(pl.col("row").is_in(work.rest(i)["row"].implode())) for i, f in enumerate(mix))
        pairs, unsure = pair_by_key(
            a.select("key", *_used(narrow)),
            b.select("key", *_used(narrow)),
            None if isinstance(narrow, str) else narrow,
            "kind",
            None,
            solve=solve,
        )
        work.take(pairs)
        if unsure.height:
            work.unsure.append(unsure)


def _kinds_in_place(work: Work, wide: Window) -> None:
    """Rows without words or fingerprint off the clock by less than the window: by kind and sender in the same place between paired rows."""
    key = _key(pl.col("pair"), pl.col("party"), pl.col("cls"), pl.col("x"))
    sides = []
    for side in (0, 1):
        rest = _with_place(work.rest(side)).filter(pl.col("cls").is_in(WORDLESS) & ~pl.col("is_filled"))
        sides.append(rest.filter(pl.col("x").is_not_null()).with_columns(key.alias("key")))
    if any(s.is_empty() for s in sides):
        return
    width = None if isinstance(wide, str) else wide
    a, b = (s.select("key", *_used(wide)) for s in sides)
    pairs, _ = pair_by_key(a, b, width, "kind", width, solve=False)
    digests = [f["media_hash"].gather(pairs[c]) for f, c in zip(work.frames, ("left_row", "right_row"), strict=True)]
    differ = (digests[0] != digests[1]) & (digests[0].str.len_chars() == digests[1].str.len_chars())
    work.take(pairs.filter(~differ.fill_null(value=False)))


def _with_chance(work: Work, side: int) -> pl.DataFrame:
    """The open rows with `chance_rate`: how many pairs of open rows of both sides meet by chance within a second, in the whole conversation.

    `span_s`: seconds that the other side's conversation spans, 60 at least; null where the other side has no open row. Without times a
    moment is a whole stretch between pairs, and the conversation as many moments long as it has stretches.
    """
    rest = _with_place(_once_held(work, side)).filter(pl.col("cls") != SYSTEM)
    own = rest.group_by("pair").len("own_rows")
    other = _once_held(work, 1 - side).filter(pl.col("cls") != SYSTEM).group_by("pair").len("open_rows")
    span = _spans(work.frames[1 - side])
    # One meeting is what a true pair makes: it is the others that chance must not explain.
    pairs = ((pl.col("open_rows") * pl.col("own_rows")) - pl.min_horizontal("open_rows", "own_rows")).clip(0)
    rates = (
        other.join(own, on="pair")
        .join(span, on="pair")
        .select("pair", (pairs / pl.col("span_s")).alias("chance_rate"), "span_s")
    )
    return rest.join(rates, on="pair", how="left", maintain_order="left").with_columns(
        pl.col("chance_rate").fill_null(0.0)
    )


def _spans(frame: pl.DataFrame) -> pl.DataFrame:
    """pair, span_s: seconds that a conversation spans, 60 at least; without times, its stretches in moments."""
    seconds = ((pl.col("t").max() - pl.col("t").min()) / SECONDS).round(6).clip(60.0)
    rows = frame.select("pair", "t", "is_filled")
    spans = rows.group_by("pair").agg(seconds.alias("span_s"), pl.col("is_filled").all().alias("bare"))
    bare = spans.filter("bare")["pair"]
    if bare.is_empty():
        return spans.drop("bare")
    stretches = (pl.col("t") // STRETCH).n_unique() * MOMENT_SECONDS
    told = rows.filter(pl.col("pair").is_in(bare.implode())).group_by("pair").agg(stretches.alias("stretches"))
    joined = spans.join(told, on="pair", how="left", nulls_equal=True)
    return joined.select("pair", pl.when("bare").then("stretches").otherwise("span_s").alias("span_s"))


def _moved(work: Work, settings: Settings, *, whole: bool = False, any_sender: bool = False) -> None:
    """Telling words that stand once on each side, at whatever distance; whole: none that one side cut; any_sender: under another sender too."""
    rests = [_once_held(work, s).filter(~pl.col("is_filled")) for s in (0, 1)]
    if any_sender:
        # Few rows alone say the same on both sides: what the whole chat holds is counted for these.
        said = [r.filter((pl.col("cls") == WORDS) & pl.col("party").is_not_null()) for r in rests]
        rests = [
            mine.join(other, on=["pair", "text"], how="semi", maintain_order="left")
            for mine, other in (said, said[::-1])
        ]
    if any(r.is_empty() for r in rests):
        return
    uniques = [_with_uniqueness(work, side, rests[side]) for side in (0, 1)]
    moved = pair_moved(
        uniques[0], uniques[1], lambda: _sizes(work, settings), settings, whole=whole, any_sender=any_sender
    )
    work.take(_of_one_end(work, _delivered(work, moved)))


def _delivered(work: Work, pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs but for those of a row right behind which its own side shows that it was refused: the other side has no copy at another time."""
    if pairs.is_empty():
        return pairs
    told = pl.Series([True] * pairs.height)
    for frame, name in zip(work.frames, ("left_row", "right_row"), strict=True):
        behind = (pairs[name] + 1).clip(upper_bound=frame.height - 1)
        notice = frame["text"].gather(behind).str.contains(REFUSED_NOTICE) & (frame["cls"].gather(behind) == SYSTEM)
        told &= ~(notice & (frame["pair"].gather(behind) == frame["pair"].gather(pairs[name])))
    return pairs.filter(told)


def _sizes(work: Work, settings: Settings) -> pl.DataFrame:
    """pair, size (rows of the larger side), recurring (the larger share of long texts that stand more than once on a side)."""
    sizes = pl.concat([f.group_by("pair").len("size") for f in work.frames]).group_by("pair").agg(pl.col("size").max())
    if not work.each:
        share = max(_recurring_share(f, settings) for f in work.frames)
        return sizes.with_columns(pl.lit(share).alias("recurring"))
    shares = pl.concat([_recurring_shares(f, settings) for f in work.frames])
    told = shares.group_by("pair").agg(pl.col("recurring").max())
    return sizes.join(told, on="pair", how="left").with_columns(pl.col("recurring").fill_null(0.0))


def _of_one_end(work: Work, pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs but for those of a row behind all that both hold with one before it: two messages, each beyond the other side's reach."""
    if pairs.is_empty():
        return pairs
    told = pairs
    for side, name in enumerate(("left", "right")):
        ends = end_rows(work.frames[side], pl.Series(work.open[side]), pl.Series(work.is_paired(side)))
        ends = ends.select(pl.col("row").alias(f"{name}_row"), pl.col("end").alias(f"{name}_end"))
        told = told.join(ends, on=f"{name}_row", how="left", maintain_order="left")
    apart = (pl.col("left_end") != pl.col("right_end")).fill_null(value=False)
    return told.filter(~apart).select(pairs.columns)


def _once_held(work: Work, side: int) -> pl.DataFrame:
    """The open rows of a side; of rows that its export holds twice one, and none where another of them is paired."""
    rest = work.rest(side)
    if rest["twin"].null_count() == rest.height:
        return rest
    twins = work.frames[side]["twin"].filter(~pl.Series(work.open[side])).drop_nulls()
    held = pl.col("twin").is_null() | (pl.col("twin").is_first_distinct() & ~pl.col("twin").is_in(twins.implode()))
    return rest.filter(held)


def _fellows(work: Work, side: int) -> None:
    """Twins of a row that was paired with other words meet the rows equal to its partner, in the order of both files.

    Two equal messages of one second whose words one form cuts or respells: the first pair was found by resemblance, which looks at one twin.
    """
    rest = work.rest(side)
    if rest["twin"].null_count() == rest.height:
        return
    mine, theirs = ("left_row", "right_row") if side == 0 else ("right_row", "left_row")
    look = pl.struct("pair", "party", "cls", "text", "t").hash(seed=47).alias("look")
    twins = work.frames[side].select("row", "twin").filter(pl.col("twin").is_in(rest["twin"].drop_nulls().implode()))
    first = work.pairs().join(twins, left_on=mine, right_on="row").sort("twin", mine).unique("twin", keep="first")
    number = pl.int_range(pl.len()).over("twin").alias("number")
    looks = work.frames[1 - side][first[theirs]].select(look, *first.select("twin", "method", "confidence"))
    open_rows = work.rest(1 - side).select(pl.col("row").alias(theirs), look)
    there = open_rows.join(looks, on="look").sort(theirs).with_columns(number)
    here = rest.select(pl.col("row").alias(mine), "twin").drop_nulls("twin").sort(mine).with_columns(number)
    both = here.join(there, on=["twin", "number"])
    work.take(both.sort("left_row").unique("right_row", keep="first", maintain_order=True))


def _recurring_share(frame: pl.DataFrame, settings: Settings) -> float:
    """Share of long texts that repeat an earlier one of their conversation; drawn by hash from long exports."""
    long = frame.lazy().filter(
        (pl.col("cls") == WORDS) & (pl.col("text").str.len_chars() >= settings.anchor_characters)
    )
    hashed = long.select("pair", pl.col("text").hash(seed=51).alias("h")).filter(
        pl.col("h") % (frame.height // 50_000 + 1) == 0
    )
    counts = hashed.group_by("pair", "h").len("n").select((pl.col("n") - 1).sum().alias("again"), pl.col("n").sum())
    again, total = counts.collect().row(0)
    return float(again / total) if total else 0.0


def _recurring_shares(frame: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """pair, recurring: `_recurring_share` of every pair by itself."""
    long = frame.lazy().filter(
        (pl.col("cls") == WORDS) & (pl.col("text").str.len_chars() >= settings.anchor_characters)
    )
    thin = frame.lazy().group_by("pair").agg((pl.len() // 50_000 + 1).alias("thin"))
    hashed = long.select("pair", pl.col("text").hash(seed=51).alias("h")).join(thin, on="pair")
    counts = hashed.filter(pl.col("h") % pl.col("thin") == 0).group_by("pair", "h").len("n")
    share = ((pl.col("n") - 1).sum() / pl.col("n").sum()).alias("recurring")
    return counts.group_by("pair").agg(share).collect()


def _with_uniqueness(work: Work, side: int, rest: pl.DataFrame) -> pl.DataFrame:
    """`token`: what tells the row, its fingerprint, its amount or its words (null = nothing does); `held`: how often that stands in its whole conversation on this side."""
    rest = rest.with_columns(_token())
    tokens = rest.select("pair", "token").drop_nulls().unique()
    new = tokens.join(work.counted[side], on=["pair", "token"], how="anti") if len(work.counted[side]) else tokens
    if new.height:
        asked = rest["text"].filter(rest["cls"] == WORDS).unique()
        work.counted[side] = pl.concat([work.counted[side], _counted(work.frames[side], new, asked)])
    return rest.join(work.counted[side], on=["pair", "token"], how="left", maintain_order="left")


def _counted(frame: pl.DataFrame, tokens: pl.DataFrame, texts: pl.Series) -> pl.DataFrame:
    """The tokens with `held`; `texts`: those of them that are words."""
    # Of the words only those in question are looked at: to hash every text of the export twice would cost more than all else here.
    asked = pl.col("text").is_in(texts.implode())
    may_be = pl.col("media_hash").is_not_null() | (pl.col("cls") == PAYMENT) | ((pl.col("cls") == WORDS) & asked)
    # A row that its export holds twice still stands once in the chat.
    held = frame.lazy().filter(may_be).filter(HELD_ONCE).select("pair", _token())
    counts = held.join(tokens.lazy(), on=["pair", "token"], how="semi").group_by("pair", "token").len("held")
    return tokens.join(counts.collect(), on=["pair", "token"], how="left")


def _token() -> pl.Expr:
    amount = pl.col("amount").str.replace_all(r"[^\d.]", "").cast(pl.Float64, strict=False).cast(pl.String)
    return (
        pl.when(pl.col("media_hash").is_not_null()).then(pl.lit("#") + pl.col("media_hash"))
        .when(pl.col("cls") == PAYMENT).then(pl.col("kind").cast(pl.String) + pl.lit("¥") + amount)
        .when(pl.col("cls") == WORDS).then("text").alias("token")
    )  # fmt: skip


def _display(frame: pl.DataFrame, order: npt.NDArray[np.int64] | None) -> pl.Series:
    at = pl.int_range(frame.height, dtype=pl.Int64, eager=True) if order is None else pl.Series(order)
    return at.alias("at")


def _finish(work: Work, worth: pl.DataFrame, skew: Skew, untimed: list[int]) -> Aligned:
    pairs = work.pairs()
    frames = [f.with_columns(_display(f, work.order(s, 2**32 - 1))) for s, f in enumerate(work.frames)]
    stated = [f.select(pl.when(~pl.col("is_filled")).then("t").alias("t"))["t"] for f in frames]
    left_t, right_t = stated[0].gather(pairs["left_row"]), stated[1].gather(pairs["right_row"])
    other_t = frames[0]["t2"].gather(pairs["left_row"])
    residual = pl.min_horizontal((pl.lit(left_t) - pl.lit(right_t)).abs(), (pl.lit(other_t) - pl.lit(right_t)).abs())
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
        frames[0], frames[1], doubts[0], doubts[1], worth, skew, untimed,
    )  # fmt: skip


__all__ = ["OTHER", "Aligned", "align"]
