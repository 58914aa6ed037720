"""The lacking side's owner was not a member of the group at that time."""

from typing import Literal

import numpy as np
import polars as pl

from reconcile.column_ops import collected, listed
from reconcile.engine.entities.owners import owner_of
from reconcile.engine.hypotheses.model import Absences, Assessed, Hypothesis, is_speech, said_where
from reconcile.engine.records import Flags
from reconcile.vocabulary import Cause
from reconcile.wechat.kind_classes import SECONDS, SYSTEM
from reconcile.wechat.owner_words import SELF_WORDS

JOINED = r"你(?:已)?(?:被.{0,40})?(?:加入了?|进入了?)(?:本?群聊|该群)|邀请(?:你|您)(?:和.{0,200})?加入了?群聊|你通过.{0,60}加入群聊|[Yy]ou(?: have|'ve)? joined|invited you"
LEFT = r"你(?:已经?|被.{0,40})?(?:移出|退出)了?群聊|你被.{0,40}移出|[Yy]ou (?:have )?(?:left|been removed|were removed)"
# Any notice of a member joining or leaving, in the words of the device's owner.
COMES_OR_GOES = f"{JOINED}|{LEFT}"
ANY_JOIN = r"加入了?群聊|进入了?群聊|joined|invited"
ANY_LEAVE = r"移出了?群聊|移出|退出了?群聊|left|removed"
SCHEMA = {
    "pair": pl.Int64, "at": pl.Float64, "place": pl.Int64, "own_place": pl.Int64, "joined": pl.Boolean, "seen_by_both": pl.Boolean, "stated": pl.Boolean,
}  # fmt: skip


def assess(a: Absences) -> Assessed:
    """Records of a group outside the owner's membership, by stated times or by notices on both sides."""
    group = a.flags(~pl.col("is_direct"))
    if not group.any():
        return Assessed(a.none, a.none)
    events = pl.concat([_events_in_notices(a), _events_in_member_lists(a)])
    if events.is_empty():
        return Assessed(a.none, a.none)
    known, place = events.filter("seen_by_both"), a.rows["place"]
    shared = _outside_by_shared_events(a, known, place) & group
    outside = (_is_outside(a, events) & group) | shared
    # A permanent member may write at any time.
    speaks = _has_messages_then(a, events, place) if outside.any() else a.none
    tied = a.none
    for other in _places_beyond_ties(a, known):
        here = outside & other.is_not_null().to_numpy()
        if here.any():
            tied |= here & _outside_by_shared_events(a, known, other) & ~_has_messages_then(a, events, other)
    against = said_where(outside & speaks & ~tied, "lacking_side_speaks_then")
    return Assessed(outside, (shared & ~speaks) | tied, None, against)


def _places_beyond_ties(a: Absences, events: pl.DataFrame) -> list[pl.Series]:
    """The places of records beyond a notice of their own second, before or behind it.

    Null where there is no such notice. Within one second the order of a file says nothing.
    """
    second = (pl.col("raw_t") // SECONDS).alias("second")
    moments = a.holder_rows.select(second, place=pl.Series(a.view.holder.order))
    marks = events.drop_nulls("place")[["pair", "place"]].join(moments, on="place").sort("place")
    rows = a.rows.select("pair", "place", second, "unit").with_row_index("n").sort("place")
    found = []
    ways: tuple[tuple[Literal["backward", "forward"], int], ...] = (("backward", -1), ("forward", 1))
    for strategy, step in ways:
        near = rows.join_asof(
            marks, on="place", by="pair", strategy=strategy, coalesce=False, suffix="_marked", check_sortedness=False
        )
        tied = (pl.col("second") == pl.col("second_marked")) & (pl.col("unit") <= 1)
        found.append(near.sort("n").select(pl.when(tied).then(pl.col("place_marked") + step))["place_marked"])
    return found


def _outside_by_shared_events(a: Absences, events: pl.DataFrame, place: pl.Series) -> Flags:
    """Whether events that both sides know put each record, seen from this place, outside the membership.

    The notices around it in the holder's file decide, and stated times where there are any.
    """
    stated = events.filter(pl.col("pair").is_in(listed(events.filter("stated")["pair"])))
    placed = events.drop_nulls("place").sort("place")
    rows = a.rows.select("pair", place.alias("place")).with_row_index("n").drop_nulls("place").sort("place")
    marks = placed[["pair", "place", "joined"]]
    told = (
        rows.join_asof(marks.rename({"joined": "last"}), on="place", by="pair", check_sortedness=False)
        .join_asof(marks.rename({"joined": "following"}), on="place", by="pair", strategy="forward", check_sortedness=False)
    )  # fmt: skip
    gone = (pl.col("last") == pl.lit(value=False)) | (pl.col("last").is_null() & pl.col("following"))
    flags = _is_outside(a, stated)
    flags[told.filter(gone.fill_null(value=False))["n"].to_numpy()] = True
    return flags


def _events_in_notices(a: Absences) -> pl.DataFrame:
    """Joins and leaves in notices of the lacking export; `place` is that of the holder's notice."""
    view = a.view
    partner = np.full(len(view.lacking), -1)
    partner[view.lacking_rows] = view.holder.order[view.holder_rows]
    paired = pl.Series("paired", partner)
    is_notice = (pl.col("cls") == SYSTEM) & pl.col("pair").is_not_null()
    notices = a.lacking_rows.with_columns(
        pl.Series("own_place", view.lacking.order), pl.when(paired >= 0).then(paired).alias("paired")
    ).filter(is_notice & pl.col("u").is_not_null())
    others = a.holder_rows.with_columns(pl.Series("place", view.holder.order)).filter(is_notice)
    parts = []
    for mine, theirs, joined in ((JOINED, ANY_JOIN, True), (LEFT, ANY_LEAVE, False)):
        own = notices.lazy().filter(pl.col("text").str.contains(mine)).select(
            pl.col("pair").cast(pl.Int64), pl.col("u").alias("at"), "own_place", "paired"
        ).pipe(collected)  # fmt: skip
        if own.is_empty():
            continue
        seen = others.lazy().filter(pl.col("text").str.contains(theirs)).select(
            pl.col("pair").cast(pl.Int64), "u", "place", pl.col("u").alias("seen_at")
        ).pipe(collected)  # fmt: skip
        near = (
            own.lazy()
            .sort("at")
            .join_asof(
                seen.lazy().drop_nulls("u").sort("u"),
                left_on="at",
                right_on="u",
                by="pair",
                strategy="nearest",
                check_sortedness=False,
            )
        )
        close = ((pl.col("seen_at") - pl.col("at")).abs() <= a.params.window_seconds).fill_null(value=False)
        met = pl.when(pl.col("paired").is_in(listed(seen["place"]))).then("paired")
        place = pl.coalesce(met, pl.when(close).then("place"))
        parts.append(
            near.select(
                "pair", "at", place.alias("place"), "own_place", pl.lit(joined).alias("joined"),
                place.is_not_null().alias("seen_by_both"), pl.lit(value=False).alias("stated"),
            ).pipe(collected)
        )  # fmt: skip
    return pl.concat(parts).cast(SCHEMA) if parts else pl.DataFrame(schema=SCHEMA)  # type: ignore[arg-type]


def _events_in_member_lists(a: Absences) -> pl.DataFrame:
    """Joins and leaves from the member list of either export."""
    if a.lacking.members.is_empty() and a.holder.members.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    owner = owner_of(a.lacking)
    names = [n for n in (owner.id, owner.alias, owner.name) if n]
    parts = [pl.DataFrame(schema=SCHEMA)]
    for reading, words in ((a.lacking, [*names, *SELF_WORDS]), (a.holder, names)):
        if reading.members.is_empty():
            continue
        mine = reading.members.filter(pl.col("member_id").is_in(words) | pl.col("name").is_in(words))
        named = bool(mine.height)
        if not named and reading is a.lacking:
            # If the list states a single time, it may be the owner's, but that is not certain.
            mine = reading.members.filter(pl.col("joined_at").is_not_null() | pl.col("left_at").is_not_null())
            mine = mine.filter(pl.len().over("group_id") == 1)
        frame = a.lacking_rows if reading is a.lacking else a.holder_rows
        groups = (
            frame.filter(~pl.col("is_direct") & pl.col("pair").is_not_null())
            .select(pl.col("pair").cast(pl.Int64), "conversation")
            .unique()
        )
        here = mine.join(groups, left_on="group_id", right_on="conversation")
        if here.is_empty() and groups.height == 1 and reading.members["group_id"].n_unique() == 1:
            here = mine.join(groups.select("pair"), how="cross")
        shifts = (
            a.rows.group_by("pair").agg((pl.col("own_t") - pl.col("u")).median().alias("shift"))
            if reading is a.lacking
            else a.rows.group_by("pair").agg(pl.lit(0.0).alias("shift"))
        )
        here = here.join(shifts, on="pair", how="left")
        for column, joined in (("joined_at", True), ("left_at", False)):
            at = pl.col(column).dt.timestamp("us") / SECONDS - pl.col("shift").fill_null(0.0)
            parts.append(
                here.filter(pl.col(column).is_not_null()).select(
                    "pair",
                    at.alias("at"),
                    *(pl.lit(None, pl.Int64).alias(c) for c in ("place", "own_place")),
                    pl.lit(joined).alias("joined"),
                    pl.lit(value=named).alias("seen_by_both"),
                    pl.lit(value=True).alias("stated"),
                )
            )
    return pl.concat([p.cast(SCHEMA) for p in parts])  # type: ignore[arg-type]


def _is_outside(a: Absences, events: pl.DataFrame) -> Flags:
    """Whether the last event before each record is a leave, or there is none and the next one is a join."""
    flags = a.none
    if events.is_empty():
        return flags
    moments = a.rows.lazy().select("pair", "u", "unit").with_row_index("n").drop_nulls("u")
    marks = events.lazy().select("pair", "at", "joined").sort("at")
    # A time that is cut to the minute may stand for any second of it, and the clock is fitted to such times.
    slack = pl.col("unit").clip(upper_bound=60.0) + a.params.edge_seconds
    early, late = (moments.with_columns(x.alias("x")).sort("x") for x in (pl.col("u") + slack, pl.col("u") - slack))

    def nearest(rows: pl.LazyFrame, way: Literal["backward", "forward"], name: str) -> pl.LazyFrame:
        """Whether the owner was a member at the nearest mark before or after each record."""
        met = rows.join_asof(marks, left_on="x", right_on="at", by="pair", strategy=way, check_sortedness=False)
        return met.select("n", pl.col("joined").alias(name))

    told = (
        nearest(early, "backward", "last")
        .join(nearest(late, "forward", "following"), on="n")
        .join(nearest(late, "backward", "surely"), on="n")
    )
    gone, surely_gone = (~pl.col(c).fill_null(value=True) for c in ("last", "surely"))
    not_yet = pl.col("following").fill_null(value=False) & pl.col("last").fill_null(value=True)
    hit = told.filter(gone | (not_yet & pl.col("surely").is_null()) | surely_gone).select("n").pipe(collected)["n"]
    flags[hit.to_numpy()] = True
    return flags


def _has_messages_then(a: Absences, events: pl.DataFrame, place: pl.Series) -> Flags:
    """Whether the lacking export holds messages in the span of non-membership that contains each record.

    Notices that both exports show bound the spans by their places; other events bound them by time.
    """
    spoken = a.lacking_rows.with_columns(pl.Series("own_place", a.view.lacking.order)).filter(
        is_speech() & pl.col("u").is_not_null() & pl.col("pair").is_not_null()
    ).select(pl.col("pair").cast(pl.Int64), "u", "own_place")  # fmt: skip
    rows = a.rows.select("pair", "u", place.alias("place")).with_row_index("n")
    by_place, by_time = (
        events.drop_nulls("place"),
        events.filter(~pl.col("pair").is_in(listed(events.drop_nulls("place")["pair"]))),
    )
    flags = a.none
    for marks, mine, theirs, at in (
        (by_place, "place", "own_place", ("place", "own_place")), (by_time, "u", "u", ("at", "at")),
    ):  # fmt: skip
        if marks.is_empty():
            continue
        # Close to a join or leave, the order of notice and message is uncertain.
        near = spoken.sort("u").join_asof(
            marks.select("pair", "at", pl.col("at").alias("mark")).sort("at"),
            left_on="u", right_on="at", by="pair", strategy="nearest", check_sortedness=False,
        )  # fmt: skip
        inner = near.filter(((pl.col("u") - pl.col("mark")).abs() > a.params.window_seconds).fill_null(value=True))
        numbered = marks.sort("pair", "at").with_row_index("k")
        talking = _with_last_event(inner, theirs, numbered, at[1])[["pair", "k"]].unique()
        here = rows.drop_nulls(mine).join(marks[["pair"]].unique(), on="pair", how="semi")
        flags[
            _with_last_event(here, mine, numbered, at[0]).join(talking, on=["pair", "k"], how="semi")["n"].to_numpy()
        ] = True
    return flags


def _with_last_event(rows: pl.DataFrame, column: str, numbered: pl.DataFrame, at: str) -> pl.DataFrame:
    """The rows with `k`, the number of the last event before each; 2**31 = none."""
    marks = numbered.select("pair", at, "k").sort(at)
    return (
        rows.sort(column)
        .join_asof(marks, left_on=column, right_on=at, by="pair", strategy="backward", check_sortedness=False)
        .with_columns(pl.col("k").fill_null(2**31))
    )


HYPOTHESIS = Hypothesis(
    Cause.MEMBERSHIP,
    assess,
    "A group: stated times of joining and leaving, or notices of them that both sides show.",
    "A direct chat, or the lacking side speaks in that stretch.",
)
