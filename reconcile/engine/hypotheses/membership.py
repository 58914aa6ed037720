"""The lacking side's owner was not a member of the group at that time."""

from typing import Literal

import polars as pl

from reconcile.column_ops import collected, listed
from reconcile.engine.hypotheses.membership_events import membership_events, owners_of_pairs, rows_of_owner
from reconcile.engine.hypotheses.model import Absences, Assessed, Hypothesis, is_speech, said_where
from reconcile.engine.hypotheses.silent_owner import silent_beyond
from reconcile.engine.records import Flags
from reconcile.vocabulary import Cause
from reconcile.wechat.kind_classes import SECONDS


def assess(a: Absences) -> Assessed:
    """Records of a group from when the owner was no member: by stated times, notices, or his silence.

    A notice that the lacking side alone shows is believed where the other client need not show it, and where both show the
    return after it, or the other export holds nothing of a usually talkative owner in all that time. One that the holder
    alone shows is believed where the other export shows no notices. Without any notice, his silence beyond the end of his
    export raises doubt.
    """
    group = a.flags(~pl.col("is_direct"))
    if not group.any():
        return Assessed(a.none, a.none)
    unheard = silent_beyond(a)
    events = membership_events(a)
    if events.is_empty():
        return Assessed(unheard, a.none)
    known, place = events.filter("seen_by_both"), a.rows["place"]
    shared = _outside_by_shared_events(a, known, place) & group
    told = _outside_by_shared_events(a, events.filter(pl.col("told_by_holder") | pl.col("seen_by_both")), place) & group
    outside = (_is_outside(a, events) & group) | shared | told
    # A permanent member may write at any time.
    speaks = _has_messages_then(a, events, place) if outside.any() else a.none
    tied = a.none
    for other in _places_beyond_ties(a, known):
        here = outside & other.is_not_null().to_numpy()
        if here.any():
            tied |= here & _outside_by_shared_events(a, known, other) & ~_has_messages_then(a, events, other)
    # Whoever states in his own list when he joined may be contradicted by his messages in the holder's export.
    claims = known.filter("is_claim").height
    proved = _outside_by_shared_events(a, known.filter(~pl.col("is_claim")), place) & group if claims else shared
    present = speaks | (_holder_shows_owner_then(a, events) & ~proved) if outside.any() else a.none
    against = outside & present & ~tied
    silent = _owner_is_silent(a, events, outside & ~present)
    # He may have come back by a way that no notice tells, but not before the notice of his return.
    holds = outside & ~(against & _is_between_events(a, events))
    return Assessed(
        holds | unheard,
        (shared & ~speaks & (proved | ~present)) | (told & ~present) | tied | silent,
        None,
        said_where(against, "lacking_side_speaks_then"),
    )


def _is_between_events(a: Absences, events: pl.DataFrame) -> Flags:
    """Whether the event before each record is a leave, and the one behind it a join."""
    marks = events.select("pair", "joined", pl.col("at").alias("mark")).sort("mark")
    rows = a.rows.select("pair", "u").with_row_index("n").drop_nulls("u").sort("u")
    for strategy in ("backward", "forward"):
        rows = rows.join_asof(
            marks, left_on="u", right_on="mark", by="pair", strategy=strategy, suffix=f"_{strategy}",
            coalesce=False, check_sortedness=False,
        )  # fmt: skip
    flags = a.none
    flags[rows.filter(~pl.col("joined"), pl.col("joined_forward"))["n"].to_numpy()] = True
    return flags


def _owner_is_silent(a: Absences, events: pl.DataFrame, outside: Flags) -> Flags:
    """The records outside where the holder need not show a notice, and the owner would have spoken.

    Had he gone on as in the messages that both hold, all these records would hardly be those of others.
    """
    unseen = events.group_by("pair").agg(pl.col("may_be_unseen").all()).filter("may_be_unseen")
    if unseen.is_empty() or not outside.any():
        return a.none
    owners = owners_of_pairs(a)
    spoken = a.holder_rows.filter(pl.col("is_paired") & is_speech()).with_columns(pl.col("pair").cast(pl.Int64))
    own = (pl.col("party") == pl.col("owner")).fill_null(value=False)
    shares = spoken.join(owners, on="pair").group_by("pair").agg(own.mean().alias("share"))
    missed = a.rows.filter(pl.Series(outside) & is_speech()).group_by("pair").len()
    told = missed.join(unseen, on="pair").join(shares, on="pair")
    nats = -(1.0 - pl.col("share")).log() * pl.col("len")
    silent = a.flags(pl.col("pair").is_in(listed(told.filter(nats >= a.params.silent_owner_nats)["pair"])))
    return outside & silent


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
    rows = a.lacking_rows.with_columns(pl.Series("own_place", a.view.lacking.order))
    return _in_spans_of(a, events, place, rows, "own_place")


def _holder_shows_owner_then(a: Absences, events: pl.DataFrame) -> Flags:
    """Whether the holder shows unmatched messages of the lacking side's owner in the span of each record."""
    return _in_spans_of(a, events, a.rows["place"], rows_of_owner(a).filter(~pl.col("is_paired")), "place")


def _in_spans_of(a: Absences, events: pl.DataFrame, place: pl.Series, rows_then: pl.DataFrame, seen_at: str) -> Flags:
    """Whether each record lies between the same two events as a message among these rows.

    `seen_at`: the column of the events that counts the places of the rows' export.
    """
    spoken = rows_then.filter(is_speech() & pl.col("u").is_not_null() & pl.col("pair").is_not_null())
    spoken = spoken.select(pl.col("pair").cast(pl.Int64), "u", seen_at)
    rows = a.rows.select("pair", "u", place.alias("place")).with_row_index("n")
    # Places bound the spans of a chat only where both sides show all its events.
    unplaced = pl.col("pair").is_in(listed(events.filter(pl.col("place").is_null())["pair"]))
    by_place, by_time = events.filter(~unplaced), events.filter(unplaced)
    flags = a.none
    for marks, mine, theirs, at in (
        (by_place, "place", seen_at, ("place", seen_at)), (by_time, "u", "u", ("at", "at")),
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
    "A group: stated times of joining and leaving, or notices of them that both sides show, or the holder alone where the other export shows none. A notice that the other client need not show counts where both show the return after it, or where the other export holds nothing of its reader in that stretch, and he spoke often. Without a notice, an unusually long silence of the owner beyond the end of his export raises doubt.",
    "A direct chat, or the lacking side speaks in that stretch, in its own export or, unless both show the notice, in either.",
)
