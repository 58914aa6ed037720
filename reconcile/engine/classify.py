"""Classifies every record: agreement, conflict, doubtful, one-sided or set aside, with its cause."""

import numpy as np
import polars as pl

from reconcile.column_ops import filled
from reconcile.engine.clocks.clock import unsupported
from reconcile.engine.contradictions import contradicting_rows
from reconcile.engine.coverage import with_edges
from reconcile.engine.hypotheses import HYPOTHESES, Absences, Assessed
from reconcile.engine.hypotheses.not_delivered import before_refusals
from reconcile.engine.judgement.joined_parts import pairs_in_parts
from reconcile.engine.judgement.sent_again import sent_again
from reconcile.engine.pairs.alignment import Alignment, pair_residuals
from reconcile.engine.pairs.exchanged_times import have_exchanged_texts, have_exchanged_times
from reconcile.engine.pairs.settle import BY_ID, METHODS, in_common_order
from reconcile.engine.pairs.time_weights import have_other_dates, seconds_out_of_place
from reconcile.engine.params import Params
from reconcile.engine.preparation.rows import TWICE_STATED
from reconcile.engine.reach import Exported
from reconcile.engine.records import IS_OF_GROUP, NO_PAIR, Flags, Floats, Ints, Records
from reconcile.engine.relations import CAUSE, RELATION
from reconcile.engine.sides import SideView
from reconcile.engine.times.clock_segments import brief_spells, moved_rows
from reconcile.engine.times.deliveries import deliveries
from reconcile.engine.times.innocent_times import (
    agree_as_stated,
    agree_on_shown_clock,
    beyond_measured_clock,
    main_offsets,
    may_be_innocent,
)
from reconcile.engine.times.redated import redated
from reconcile.engine.times.sending_times import stated_sendings
from reconcile.intake.contract import Reading
from reconcile.vocabulary import Cause, ClockReading, Relation, Side
from reconcile.wechat.kind_classes import SYSTEM

_RELATIONS, _CAUSES = list(Relation), list(Cause)
COLUMNS = (
    "pair",
    "relation",
    "cause",
    "detail",
    "left_row",
    "right_row",
    "margin",
    "similarity",
    "residual_s",
    "method",
    "t",
    "at",
    "edge",
)


def time_tolerance(a: Alignment, params: Params) -> np.ndarray:
    """Seconds by which the corrected times of each pair may differ before they conflict."""
    coarse = np.maximum(a.left.unit[a.pairs.left], a.right.unit[a.pairs.right])
    spread = a.clock.spread[a.left.pair[a.pairs.left]]
    limit = np.maximum(params.time_conflict_seconds, params.time_conflict_spreads * spread)
    return limit + np.minimum(np.where(coarse > 1, coarse, 0.0), 60.0)


def classify_pairs(
    view: SideView, judged: pl.DataFrame, segments: pl.DataFrame, readings: tuple[Reading, Reading], params: Params
) -> pl.DataFrame:
    """The judged pairs with times, ids, margins and statuses taken into account.

    Args:
        view: the alignment, seen from either side.
        judged: relation, cause, detail, similarity of every pair by content and sender, in the order of `a.pairs`.
        segments: clock_segments of the alignment.
        readings: the exports.
        params: the parameters of the model.
    """
    a, outcomes = view.alignment, _Outcomes(judged)
    spoken = (a.left.cls[a.pairs.left] != SYSTEM) & (a.right.cls[a.pairs.right] != SYSTEM)
    residual = pair_residuals(a)
    _judge_times(outcomes, a, residual, spoken, segments, readings, params)
    by_id = np.isin(a.pairs.method, BY_ID)
    weak = ~by_id & (a.margin < params.accept_nats) & spoken
    at = np.flatnonzero(weak & (np.abs(residual) <= params.edge_seconds))
    if at.size:
        weak[at] &= ~have_exchanged_texts(a.left, a.right, a.pairs.left[at], a.pairs.right[at])
    outcomes.set_to(weak & ~outcomes.where(Relation.DOUBTFUL), Relation.DOUBTFUL, Cause.WEAK_MATCH, "margin")
    views = ((v, (v.holder_rows, v.lacking_rows)) for v in (view, view.opposite))
    in_parts = np.any([pairs_in_parts(v.holder, v.lacking, rows, v.parts, params) for v, rows in views], axis=0)
    outcomes.set_to(in_parts & outcomes.have(Cause.TEXT_DIFFERS), Relation.DOUBTFUL, Cause.WEAK_MATCH, "words")
    two_ids = ~by_id & spoken & _has_two_trusted_ids(a)
    outcomes.set_to(two_ids & outcomes.where(Relation.AGREEMENT), Relation.DOUBTFUL, Cause.ID_DIFFERS, None)
    failed = _failed_on_one_side(a, params) & spoken
    outcomes.set_to(failed & outcomes.where(Relation.AGREEMENT), Relation.DOUBTFUL, Cause.STATUS_DIFFERS, "status")
    contradicting = _contradicting(a, readings)
    outcomes.set_to(contradicting & outcomes.where(Relation.AGREEMENT), Relation.DOUBTFUL, Cause.ROW_CONTRADICTS, None)
    return judged.with_columns(
        *outcomes.columns(judged["detail"]),
        pl.Series("residual_s", np.abs(residual), nan_to_null=True).round(6),
        pl.Series(METHODS, dtype=pl.String)[a.pairs.method].alias("method"),
        pl.Series("margin", a.margin),
    )


class _Outcomes:
    """Relation, cause and detail of every pair while one rule after another is applied."""

    def __init__(self, judged: pl.DataFrame) -> None:
        self._relation, self._cause = _codes(judged["relation"]), _codes(judged["cause"])
        self._details: list[tuple[Flags, str | None]] = []

    def where(self, relation: Relation) -> Flags:
        """Whether each pair has this relation so far."""
        flags: Flags = self._relation == _RELATIONS.index(relation)
        return flags

    def have(self, cause: Cause) -> Flags:
        """Whether each pair has this cause so far."""
        flags: Flags = self._cause == _CAUSES.index(cause)
        return flags

    def set_to(self, rows: Flags, relation: Relation, cause: Cause, detail: str | None) -> None:
        """Gives these pairs another relation, cause and detail."""
        if rows.any():
            self._relation[rows], self._cause[rows] = _RELATIONS.index(relation), _CAUSES.index(cause)
            self._details.append((rows, detail))

    def columns(self, detail: pl.Series) -> tuple[pl.Series, pl.Series, pl.Series]:
        """`relation`, `cause` and `detail` of every pair; `detail` is the one that the pairs had before."""
        for rows, more in self._details:
            detail = detail.scatter(np.flatnonzero(rows), more)
        return _coded(self._relation, RELATION, "relation"), _coded(self._cause, CAUSE, "cause"), detail


def _judge_times(
    outcomes: _Outcomes,
    a: Alignment,
    residual: Floats,
    spoken: Flags,
    segments: pl.DataFrame,
    readings: tuple[Reading, Reading],
    params: Params,
) -> None:
    """Sets agreements whose two times differ: a late delivery, a conflict, or doubtful."""
    tolerance = time_tolerance(a, params)
    is_moved = _in_moved_segments(a, segments)
    is_redated = have_exchanged_times(a.left, a.right, a.pairs.left, a.pairs.right, a.clock, params)
    is_redated |= redated(a, _apart_from_chat(a, residual, is_moved, segments), tolerance, params)
    is_moved |= is_redated
    # Under one id, a message of the same second on another day was neither late nor in another zone.
    is_moved |= np.isin(a.pairs.method, BY_ID) & have_other_dates(
        a.left, a.right, a.pairs.left, a.pairs.right, np.abs(residual), params
    )
    apart = ~np.isnan(residual) & (np.abs(residual) > tolerance)
    as_stated = apart & (agree_as_stated(a, tolerance) | agree_on_shown_clock(a, segments, tolerance, params))
    off = (apart & ~as_stated) | is_moved
    agrees = outcomes.where(Relation.AGREEMENT) & spoken
    found = deliveries(a, np.where(as_stated, 0.0, np.nan_to_num(residual)), tolerance, params)
    # If only names show who owns the export, the owner's clock does not excuse a time.
    by_name = _owned_by_name(a)
    # A late message is known by its words or its kind. If neither is the same, only the time told the pair.
    unknown = outcomes.have(Cause.NOT_STATED) & (a.left.cls[a.pairs.left] != a.right.cls[a.pairs.right])
    sent, unsent = stated_sendings(a, readings, apart, residual, tolerance)
    late = ((sent & found.possible) | (found.late & ~unsent)) & ~is_moved & ~by_name & ~unknown
    unlikely = (found.unlikely | (found.late & ((by_name & off) | unknown | unsent))) & ~is_moved & ~late
    outcomes.set_to(agrees & late, Relation.AGREEMENT, Cause.LATE_DELIVERY, None)
    wrong = agrees & off & ~late & ~unlikely
    innocent = may_be_innocent(a, wrong, is_moved, residual, tolerance, params) & ~is_redated
    outcomes.set_to(wrong & ~innocent, Relation.CONFLICT, Cause.TIME_DIFFERS, "time")
    outcomes.set_to((wrong & innocent) | (agrees & unlikely), Relation.DOUBTFUL, Cause.TIME_DIFFERS, "time")
    odd = (brief_spells(a, segments, tolerance, params) & ~late) | _out_of_place(a, tolerance)
    odd &= outcomes.where(Relation.AGREEMENT) & spoken
    outcomes.set_to(odd, Relation.DOUBTFUL, Cause.TIME_DIFFERS, "time")
    unmeasured = beyond_measured_clock(a, wrong & ~is_moved, agrees & ~off, residual, tolerance)
    outcomes.set_to(unmeasured, Relation.DOUBTFUL, Cause.CLOCK_UNMEASURED, "time")


def _out_of_place(a: Alignment, tolerance: Floats) -> Flags:
    """The pairs timed by a reset clock or above a group whose place or time the other side contradicts."""
    li, ri = a.pairs.left, a.pairs.right
    of_group, reset = (
        a.left.frame.select(e).to_series().to_numpy()[li] | a.right.frame.select(e).to_series().to_numpy()[ri]
        for e in (IS_OF_GROUP, pl.col("reset_t").is_not_null())
    )
    out: Flags = of_group | reset
    at = np.flatnonzero(np.isin(a.left.pair[li], a.left.pair[li[out]]))
    if len(at):
        far = of_group[at] & (seconds_out_of_place(a.left, a.right, li[at], ri[at], a.clock) > tolerance[at])
        out[at] &= far | ~in_common_order(a.left, a.right, li[at], ri[at])
    return out


def _owned_by_name(a: Alignment) -> Flags:
    """Whether only names tell who owns the exports of each pair.

    No mark and no account on either row does.
    """
    by_name, told = np.zeros(len(a.pairs.left), bool), np.zeros(len(a.pairs.left), bool)
    if not (a.left.frame["own_by_name"].any() or a.right.frame["own_by_name"].any()):
        return by_name
    for records, rows in ((a.left, a.pairs.left), (a.right, a.pairs.right)):
        named = records.frame["own_by_name"][rows].to_numpy()
        by_name |= named
        told |= records.by_other_owner[rows] | ((records.own[rows] != -1) & ~named)
    return by_name & ~told


def _apart_from_chat(a: Alignment, residual: Floats, is_moved: Flags, segments: pl.DataFrame) -> Floats:
    """Seconds between the times of each pair by the main clock, where only moved stretches leave it.

    A moved stretch shows no clock, so that pairs beside it are not measured by it. Elsewhere this is `residual`.
    """
    if not is_moved.any():
        return residual
    pair = a.left.pair[a.pairs.left]
    others = segments.filter(pl.col("reading") != ClockReading.MOVED_STRETCH)["pair"].to_numpy()
    steady = np.isin(pair, pair[is_moved]) & ~np.isin(pair, others)
    apart = a.left.t[a.pairs.left] - a.right.t[a.pairs.right] - main_offsets(a)
    return np.where(steady & ~np.isnan(apart), apart, residual)


def _in_moved_segments(a: Alignment, segments: pl.DataFrame) -> Flags:
    """Whether each pair lies in a clock segment with times that no clock explains."""
    moved = moved_rows(segments)
    if not moved:
        return np.zeros(len(a.pairs.left), bool)
    inside: Flags = np.isin(a.pairs.left, a.clock.segments.filter(pl.col("segment").is_in(moved))["left"].to_numpy())
    return inside


def _has_two_trusted_ids(a: Alignment) -> Flags:
    """Whether each pair has two different server ids, and both sides' ids are one series."""
    left, right = a.left.ids[a.pairs.left], a.right.ids[a.pairs.right]
    differ: Flags = a.ids_trusted[a.left.pair[a.pairs.left]] & (left != 0) & (right != 0) & (left != right)
    return differ


def _failed_on_one_side(a: Alignment, params: Params) -> Flags:
    """The pairs that failed by one side only, except where their author sent the same words again.

    That side marks its row as failed, or shows a refusal right behind a row without an id that is not the other owner's.
    The first attempt keeps its failure mark although the second one delivered the words.
    """
    sides = ((a.left, a.pairs.left), (a.right, a.pairs.right))
    failed = [_has_failed(*side, *other, params) for side, other in (sides, sides[::-1])]
    marked: Flags = failed[0] != failed[1]
    for (records, rows), here in zip(sides, failed, strict=True):
        asked = here & marked
        if asked.any():
            marked[asked] = ~sent_again(records, rows[asked], rows[~here], params.retry_seconds)
    return marked


def _has_failed(records: Records, rows: Ints, others: Records, other_rows: Ints, params: Params) -> Flags:
    """Whether a side marks its row of each pair as failed, or shows its refusal."""
    out = np.zeros(len(rows), bool)
    status = records.frame["status"].cast(pl.String)
    if status.null_count() < len(records):
        out |= status.is_in(["failed", "rejected"]).fill_null(value=False).to_numpy()[rows]
    refused = before_refusals(records, params)[rows]
    if refused.any():
        bare = pl.col("message_id").is_null() & pl.col("is_direct") & pl.col("status").is_null()
        own = (records.own[rows] == 1) | ((records.own[rows] == -1) & (others.own[other_rows] == 0))
        out |= refused & own & records.frame.select(bare.fill_null(value=False)).to_series().to_numpy()[rows]
    return out


def _contradicting(a: Alignment, readings: tuple[Reading, Reading]) -> Flags:
    """Whether a row of each pair states one thing twice and differently."""
    left, right = (
        contradicting_rows(r.frame["row"], e) | r.frame[TWICE_STATED].to_numpy()
        for r, e in zip((a.left, a.right), readings, strict=True)
    )
    odd: Flags = left[a.pairs.left] | right[a.pairs.right]
    return odd


def _codes(words: pl.Series) -> Ints:
    """The places of an enum's words; -1 = null."""
    return filled(words.to_physical().cast(pl.Int64), -1).to_numpy().copy()


def _coded(codes: Ints, words: pl.Enum, name: str) -> pl.Series:
    """The words at these places; -1 = null."""
    places = pl.Series(codes).cast(pl.UInt32, strict=False)
    return pl.Series(words.categories, dtype=words)[places].alias(name)


def absent_rows(
    view: SideView, readings: dict[Side, Reading], exported: dict[Side, Exported], params: Params
) -> pl.DataFrame:
    """One row per record without a partner on one side: relation, cause, detail, and each hypothesis.

    A permitted hypothesis sets the record aside. A hypothesis that holds but is not permitted, or a partner that almost
    fits, leaves it doubtful. Otherwise the record is one-sided.

    Hypotheses stand in columns `holds:CAUSE`, `permits:CAUSE` and, where a contradiction is named, `against:CAUSE`.
    """
    a, side = view.alignment, view.holder_side
    unmatched = _unmatched_records(view)
    rows = with_edges(_unmatched_rows(view, unmatched), view, readings[side.other], exported[side.other], params)
    absences = Absences(rows, view, readings[side], readings[side.other], exported[side], params)
    relation = np.full(len(unmatched), str(Relation.ONE_SIDED), object)
    cause, detail = np.full(len(unmatched), None, object), np.full(len(unmatched), None, object)
    decided, doubted = np.zeros(len(unmatched), bool), np.zeros(len(unmatched), bool)
    assessed, barred = [], absences.none
    for hypothesis in HYPOTHESES:
        # Most exports have a partner for every record, and then there is nothing to assess.
        found = hypothesis.assess(absences) if len(unmatched) else Assessed(absences.none, absences.none)
        found = found.without_setting_aside(barred)
        if found.bars is not None:
            barred |= found.bars
        absences.assessed[hypothesis.cause] = found
        permitted = found.permitted & ~decided
        relation[permitted], cause[permitted] = str(Relation.SET_ASIDE), str(hypothesis.cause)
        detail[permitted] = None if found.detail is None else found.detail.to_numpy().astype(object)[permitted]
        decided |= permitted
        doubt = found.holds & ~found.permitted & ~doubted
        doubted |= doubt
        detail[doubt & ~decided] = str(hypothesis.cause)
        assessed += _assessment_columns(hypothesis.cause, found)
    # While only a handful of pairs shows the clock, no record's place is certain.
    by_id = a.pairs.left[np.isin(a.pairs.method, BY_ID)]
    unplaced = np.isin(
        view.holder.pair[unmatched], [*unsupported(a.clock, by_id, params), *_written_anew(view, params)]
    )
    rest = ~decided & (doubted | ~view.is_alone[unmatched] | unplaced)
    relation[rest], cause[rest] = str(Relation.DOUBTFUL), str(Cause.INDISTINGUISHABLE)
    # A partner that almost fits outweighs an unverified edge.
    return rows[["pair", "row", "u", "edge", "margin"]].with_columns(
        pl.Series("relation", relation.tolist(), pl.String),
        pl.Series("cause", cause.tolist(), pl.String),
        pl.Series("detail", detail.tolist(), pl.String),
        *assessed,
    )


def _written_anew(view: SideView, params: Params) -> Ints:
    """Conversations in which one side writes texts in an unknown way: nothing unmatched is missing there.

    Each side has more unmatched messages than there are sure pairs, or many of them have a counterpart of similar words
    that is unmatched too. Messages before the first pair or after the last one do not count.
    """
    count = len(view.alignment.clock.spread)
    sides = (view.holder, view.holder_rows), (view.lacking, view.lacking_rows)
    here, there = (_unmatched_between(*side, count) for side in sides)
    sure = np.bincount(view.holder.pair[view.holder_rows[view.is_sure]], minlength=count)
    alike = np.minimum(*(np.bincount(v.holder.pair[v.rewritten], minlength=count) for v in (view, view.opposite)))
    is_anew = (alike >= params.selection_records) & (alike > params.rewritten_share * sure)
    return np.flatnonzero((np.minimum(here, there) > sure) | is_anew)


def _unmatched_between(records: Records, paired: Ints, count: int) -> Ints:
    """How many unmatched messages each conversation has from its first paired record to its last."""
    first, last = np.full(count, len(records)), np.full(count, -1)
    np.minimum.at(first, records.pair[paired], records.order[paired])
    np.maximum.at(last, records.pair[paired], records.order[paired])
    is_open = (records.pair != NO_PAIR) & (records.cls != SYSTEM)
    is_open[paired] = False
    at = np.flatnonzero(is_open)
    pair, place = records.pair[at], records.order[at]
    return np.bincount(pair[(first[pair] <= place) & (place <= last[pair])], minlength=count)


def _unmatched_records(view: SideView) -> Ints:
    """The holder's records that are in no pair."""
    paired = np.zeros(len(view.holder), bool)
    paired[view.holder_rows] = True
    return np.flatnonzero(~paired)


def _unmatched_rows(view: SideView, unmatched: Ints) -> pl.DataFrame:
    """The rows of these records with the columns that `Absences` needs."""
    pair, u, spreads = view.holder.pair[unmatched], view.holder_u[unmatched], view.alignment.clock.spread
    spread = spreads[np.maximum(pair, 0)] if len(spreads) else np.zeros(len(unmatched))
    return view.holder.frame[unmatched].with_columns(
        pl.Series("pair", pair), pl.Series("u", u, nan_to_null=True), pl.Series("own_t", u + view.shift(unmatched), nan_to_null=True),
        pl.Series("place", view.holder.order[unmatched]), pl.Series("unit", view.holder.unit[unmatched]), pl.Series("spread", spread),
        pl.Series("margin", view.absent_margin[unmatched]),
    )  # fmt: skip


def _assessment_columns(cause: Cause, found: Assessed) -> list[pl.Series]:
    """`holds:CAUSE`, `permits:CAUSE` and, where a contradiction is named, `against:CAUSE`."""
    columns = [pl.Series(f"holds:{cause}", found.holds), pl.Series(f"permits:{cause}", found.permitted)]
    return columns if found.against is None else [*columns, found.against.alias(f"against:{cause}")]


__all__ = [
    "COLUMNS",
    "absent_rows",
    "classify_pairs",
    "time_tolerance",
]
