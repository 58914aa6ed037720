"""Classifies every record: agreement, conflict, doubtful, one-sided or set aside, with its cause."""

import numpy as np
import polars as pl

from reconcile.engine.alignment import Alignment, pair_residuals
from reconcile.engine.clock import unsupported
from reconcile.engine.coverage import with_edges
from reconcile.engine.deliveries import deliveries
from reconcile.engine.hypotheses import HYPOTHESES, Absences, Assessed
from reconcile.engine.innocent_times import may_be_innocent
from reconcile.engine.params import Params
from reconcile.engine.reach import Exported
from reconcile.engine.records import Flags, Ints
from reconcile.engine.relations import CAUSE, RELATION
from reconcile.engine.segments import moved_rows
from reconcile.engine.settle import BY_ID, METHODS
from reconcile.engine.sides import SideView
from reconcile.intake.contract import Reading
from reconcile.vocabulary import Cause, Relation, Side
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


def classify_pairs(a: Alignment, judged: pl.DataFrame, segments: pl.DataFrame, params: Params) -> pl.DataFrame:
    """The judged pairs with times, ids, margins and statuses taken into account.

    Args:
        a: the alignment.
        judged: relation, cause, detail, similarity of every pair by content and sender, in the order of `a.pairs`.
        segments: clock_segments of the alignment.
        params: the parameters of the model.
    """
    li, ri = a.pairs.left, a.pairs.right
    pair = a.left.pair[li]
    residual = pair_residuals(a)
    tolerance = time_tolerance(a, params)
    known = ~np.isnan(residual)
    off = known & (np.abs(residual) > tolerance)
    if len(moved := moved_rows(segments)):
        table = a.clock.segments.filter(pl.col("segment").is_in(moved))
        is_moved = np.isin(li, table["left"].to_numpy())
        off |= is_moved
    else:
        is_moved = np.zeros(len(li), bool)
    told = deliveries(a, np.nan_to_num(residual), tolerance, params)
    late, unlikely = told.late & ~is_moved, told.unlikely & ~is_moved
    relation = _codes(judged["relation"])
    cause = _codes(judged["cause"])
    details: list[tuple[Flags, str | None]] = []
    agrees = relation == _RELATIONS.index(Relation.AGREEMENT)
    system = (a.left.cls[li] == SYSTEM) | (a.right.cls[ri] == SYSTEM)

    def set_to(rows: Flags, how: Relation, why: Cause, more: str | None) -> None:
        if rows.any():
            relation[rows], cause[rows] = _RELATIONS.index(how), _CAUSES.index(why)
            details.append((rows, more))

    set_to(agrees & late & ~system, Relation.AGREEMENT, Cause.LATE_DELIVERY, None)
    wrong = agrees & off & ~late & ~unlikely & ~system
    accused = ~may_be_innocent(a, wrong, is_moved, residual, tolerance, params)
    set_to(wrong & accused, Relation.CONFLICT, Cause.TIME_DIFFERS, "time")
    set_to((wrong & ~accused) | (agrees & unlikely & ~system), Relation.DOUBTFUL, Cause.TIME_DIFFERS, "time")
    by_id = np.isin(a.pairs.method, BY_ID)
    weak = ~by_id & (a.margin < params.accept_nats) & ~system
    set_to(weak & (relation != _RELATIONS.index(Relation.DOUBTFUL)), Relation.DOUBTFUL, Cause.WEAK_MATCH, "margin")
    two_ids = (
        ~by_id
        & a.ids_trusted[pair]
        & (a.left.ids[li] != 0)
        & (a.right.ids[ri] != 0)
        & (a.left.ids[li] != a.right.ids[ri])
    )
    set_to(
        two_ids & (relation == _RELATIONS.index(Relation.AGREEMENT)) & ~system,
        Relation.DOUBTFUL,
        Cause.ID_DIFFERS,
        None,
    )
    set_to(
        _failed_on_one_side(a, params) & (relation == _RELATIONS.index(Relation.AGREEMENT)) & ~system,
        Relation.DOUBTFUL,
        Cause.STATUS_DIFFERS,
        "status",
    )
    detail = judged["detail"]
    for rows, more in details:
        detail = detail.scatter(np.flatnonzero(rows), more)
    return judged.with_columns(
        _coded(relation, RELATION, "relation"),
        _coded(cause, CAUSE, "cause"),
        detail,
        pl.Series("residual_s", np.abs(residual), nan_to_null=True).round(6),
        pl.Series(METHODS, dtype=pl.String).gather(a.pairs.method).alias("method"),
        pl.Series("margin", a.margin),
    )


def _failed_on_one_side(a: Alignment, params: Params) -> Flags:
    """The pairs marked as failed on one side only, except where their author sent the same words again.

    The first attempt keeps its failure mark although the second one delivered the words.
    """
    sides = ((a.left, a.pairs.left), (a.right, a.pairs.right))
    failed = [
        r.frame["status"].cast(pl.String).is_in(["failed", "rejected"]).fill_null(value=False).to_numpy()[rows]
        for r, rows in sides
    ]
    marked: Flags = failed[0] != failed[1]
    look = ["pair", "party", "key"]
    for (records, rows), here in zip(sides, failed, strict=True):
        at = np.flatnonzero(here & marked)
        if not len(at):
            continue
        held = pl.DataFrame({
            "pair": records.pair[rows], "party": records.party[rows], "key": records.raw_key[rows], "t": records.t[rows],
        }).with_row_index("at")  # fmt: skip
        met = held[at].join(held.filter(pl.Series(~here)), on=look, suffix="_again")
        again = met.filter((pl.col("t_again") - pl.col("t")).is_between(0, params.retry_seconds))
        marked[again["at"].to_numpy()] = False
    return marked


def _codes(words: pl.Series) -> Ints:
    """The places of an enum's words; -1 = null."""
    return words.to_physical().cast(pl.Int64).fill_null(-1).to_numpy().copy()


def _coded(codes: Ints, words: pl.Enum, name: str) -> pl.Series:
    """The words at these places; -1 = null."""
    return pl.Series(words.categories, dtype=words).gather(pl.Series(codes).replace(-1, None)).alias(name)


def absent_rows(
    view: SideView, readings: dict[Side, Reading], exported: dict[Side, Exported], params: Params
) -> pl.DataFrame:
    """One row per record without a partner on one side: relation, cause, detail, and each hypothesis.

    A permitted hypothesis sets the record aside. A hypothesis that holds but is not permitted, or a partner that almost
    fits, leaves it doubtful. Otherwise the record is one-sided.

    Hypotheses stand in columns `holds:CAUSE`, `permits:CAUSE` and, where a contradiction is named, `against:CAUSE`.
    """
    a, side = view.alignment, view.holder_side
    held = np.zeros(len(view.holder), bool)
    held[view.holder_rows] = True
    alone = np.flatnonzero(~held)
    n = len(a.clock.spread)
    pair = view.holder.pair[alone]
    spread = a.clock.spread[np.maximum(pair, 0)] if n else np.zeros(len(alone))
    u = view.holder_u[alone]
    rows = view.holder.frame[alone].with_columns(
        pl.Series("pair", pair), pl.Series("u", u, nan_to_null=True), pl.Series("own_t", u + view.shift(alone), nan_to_null=True),
        pl.Series("place", view.holder.order[alone]), pl.Series("unit", view.holder.unit[alone]), pl.Series("spread", spread),
        pl.Series("margin", view.absent_margin[alone]),
    )  # fmt: skip
    rows = with_edges(rows, view, readings[side.other], exported[side.other], params)
    absences = Absences(rows, view, readings[side], readings[side.other], exported[side], params)
    relation = np.full(len(alone), str(Relation.ONE_SIDED), object)
    cause = np.full(len(alone), None, object)
    detail = np.full(len(alone), None, object)
    told = []
    decided, doubted = np.zeros(len(alone), bool), np.zeros(len(alone), bool)
    for hypothesis in HYPOTHESES:
        # Most exports have a partner for every record, and then there is nothing to assess.
        found = hypothesis.assess(absences) if len(alone) else Assessed(absences.none, absences.none)
        absences.assessed[hypothesis.cause] = found
        permitted = found.permitted & ~decided
        relation[permitted], cause[permitted] = str(Relation.SET_ASIDE), str(hypothesis.cause)
        if found.detail is not None:
            more = found.detail.to_numpy().astype(object)
            detail[permitted] = more[permitted]
        decided |= permitted
        doubt = found.holds & ~found.permitted & ~doubted
        doubted |= doubt
        detail[doubt & ~decided] = str(hypothesis.cause)
        told += [
            pl.Series(f"holds:{hypothesis.cause}", found.holds),
            pl.Series(f"permits:{hypothesis.cause}", found.permitted),
        ]
        if found.against is not None:
            told.append(found.against.alias(f"against:{hypothesis.cause}"))
    close = ~view.is_alone[alone]
    # While only a handful of pairs shows the clock, no record's place is certain.
    by_id = a.pairs.left[np.isin(a.pairs.method, BY_ID)]
    unplaced = np.isin(pair, unsupported(a.clock, by_id, params))
    rest = ~decided & (doubted | close | unplaced)
    relation[rest], cause[rest] = str(Relation.DOUBTFUL), str(Cause.INDISTINGUISHABLE)
    # A partner that almost fits outweighs an unverified edge.
    return rows.select("pair", "row", "u", "edge", "margin").with_columns(
        pl.Series("relation", relation.tolist(), pl.String),
        pl.Series("cause", cause.tolist(), pl.String),
        pl.Series("detail", detail.tolist(), pl.String),
        *told,
    )


__all__ = [
    "COLUMNS",
    "absent_rows",
    "classify_pairs",
    "time_tolerance",
]
