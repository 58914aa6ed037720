"""Explains each row: evidence for and against its decision, next best alternative, what changes it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import dataframely as dy
import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.column_ops import filled, present
from reconcile.engine.classify import time_tolerance
from reconcile.engine.hypotheses import HYPOTHESES
from reconcile.engine.pairs.alignment import Alignment, pair_residuals
from reconcile.engine.pairs.levels import LEVELS, compare_content
from reconcile.engine.pairs.settle import METHODS, WEIGHED
from reconcile.engine.pairs.weighed import Scored
from reconcile.engine.pairs.weights import FACTORS, weigh
from reconcile.engine.params import Params
from reconcile.engine.records import NO_PAIR, NOBODY, Flags, Floats, Ints, content_of
from reconcile.frames import Account
from reconcile.intake.frames import frame_of
from reconcile.vocabulary import AccountKind, Cause, Relation, Side
from reconcile.wechat.kind_classes import FILE, OWN_IDS, PAYMENT, SYSTEM, WORDLESS

PRIOR, MISSING, NO_PARTNER, MARGIN = "prior", "missing", "no_partner", "margin"
_RELATIONS, _CAUSES = list(Relation), list(Cause)
_UNJUDGED = (Cause.NO_COUNTERPART, Cause.PAIRING_UNCLEAR)  # of rows in conversations that were not compared
_CONTENT = (Cause.TEXT_DIFFERS, Cause.MEDIA_DIFFERS, Cause.KIND_DIFFERS, Cause.LINK_DIFFERS, Cause.AMOUNT_DIFFERS)
# For each cause of a pair: the attribute and the code of the change that would remove it.
_CHANGES: tuple[tuple[tuple[Cause, ...], str, str], ...] = (
    (_CONTENT, "content", "form_only"),
    ((Cause.LATE_DELIVERY,), "time", "sent_between"),
    ((Cause.NOT_STATED,), "content", "stated"),
    ((Cause.ID_DIFFERS,), "ids", "same_id"),
    ((Cause.STATUS_DIFFERS,), "status", "same_status"),
)
# A few lines of the account as columns: numbers as arrays; text as a series, or as one value for all the lines.
_Part = dict[str, Any]
Parts = Iterator[_Part]
Objects = npt.NDArray[np.object_]


@dataclass(frozen=True)
class _Outcomes:
    """Relation and cause of every record of one side, as places in their enums; -1 = none."""

    relation: Ints
    cause: Ints

    def has_relation(self, rows: Ints, *wanted: Relation) -> Flags:
        """Whether each row has one of the wanted relations."""
        return np.isin(self.relation[rows], [_RELATIONS.index(w) for w in wanted])

    def has_cause(self, rows: Ints, *wanted: Cause) -> Flags:
        """Whether each row has one of the wanted causes."""
        return np.isin(self.cause[rows], [_CAUSES.index(w) for w in wanted])


def account_of(
    a: Alignment, absences: Mapping[Side, pl.DataFrame], lines: pl.DataFrame, params: Params
) -> dy.DataFrame[Account]:
    """Returns one line per row and factor, hypothesis, alternative or change.

    Covered are pairs that the model weighed, pairs settled by equality or ids that are a conflict, doubtful or late,
    and rows without a partner. Rows of conversations without a certain counterpart were not compared and have no
    account.

    Args:
        a: the alignment.
        absences: absent_rows of each side.
        lines: lines_of the alignment.
        params: the parameters of the model.
    """
    known = a.weighed
    outcomes = {side: _outcomes_of(lines, side, len(r)) for side, r in ((Side.LEFT, a.left), (Side.RIGHT, a.right))}
    settled = _settled_pairs(a, outcomes[Side.LEFT], params)
    by_weight = np.flatnonzero(a.pairs.method == WEIGHED)
    chosen = _accepted_positions(a)[a.pairs.left[by_weight]]
    weighed_anew = _weigh_settled(a, settled, params) if len(settled) else known
    parts: list[_Part] = []
    for side in Side:
        absent = absences[side].filter(pl.col("pair") != NO_PAIR)
        absent = absent.filter(~outcomes[side].has_cause(absent["row"].to_numpy(), *_UNJUDGED))
        alone = absent["row"].to_numpy().astype(np.int64)
        rank = _Candidates(a, side, known)
        best = rank.best(alone)
        near = best >= 0
        parts += _factors(side, known, np.concatenate([chosen, best[near]]), params, prior=True)
        parts += _factors(side, weighed_anew, np.arange(len(settled)), params, prior=False)
        parts += _pair_alternatives(side, rank, known, chosen)
        parts += _pair_changes(a, side, outcomes[side], np.concatenate([by_weight, settled]), params)
        parts += _explain_unmatched(side, absent, outcomes[side], rank, best, params)
        doubted = [outcomes[side].has_relation(r, Relation.DOUBTFUL) for r in (known.rows(side)[chosen], alone[near])]
        asked = np.concatenate([chosen[doubted[0]], best[near][doubted[1]]])
        parts += _unstated_attributes(a, side, known, asked, params)
    return in_order(_concat_lines(parts)) if parts else frame_of(Account)


def in_order(account: pl.DataFrame) -> dy.DataFrame[Account]:
    """The account sorted by side, row and kind of line; within these the heaviest line comes first."""
    by = ["side", "row", "kind", "other_row", pl.col("log_odds").abs(), "name", "text"]
    falling = [False, False, False, False, True, False, False]
    return frame_of(Account, account.sort(by, descending=falling, nulls_last=True))


def _outcomes_of(lines: pl.DataFrame, side: Side, height: int) -> _Outcomes:
    """Codes of relation and cause for each row of the side; -1 for rows without a line."""
    rows = lines[f"{side}_row"]
    here, held = rows.is_not_null().to_numpy(), present(rows).to_numpy()
    out = []
    for column in ("relation", "cause"):
        codes = np.full(height, -1, np.int64)
        codes[held] = filled(lines[column].to_physical().cast(pl.Int64), -1).to_numpy()[here]
        out.append(codes)
    return _Outcomes(*out)


def _accepted_positions(a: Alignment) -> Ints:
    """For each left record the position of its accepted candidate pair; -1 = none."""
    out = np.full(len(a.left), -1, np.int64)
    out[a.weighed.left[a.weighed.solution.pair]] = a.weighed.solution.pair
    return out


class _Candidates:
    """The candidate pairs of one side's records, sorted by row and falling gain."""

    def __init__(self, a: Alignment, side: Side, known: Scored) -> None:
        self.known = known
        self._row, self._other = known.rows(side), known.rows(side.other)
        self._order = np.lexsort((self._other, -known.gain, self._row))
        self._sorted = self._row[self._order]
        paired = a.pairs.right if side is Side.LEFT else a.pairs.left
        self._taken = np.zeros(len(a.right if side is Side.LEFT else a.left), bool)
        self._taken[paired] = True

    def best(self, rows: Ints, but: Ints | None = None) -> Ints:
        """The position of the best candidate pair of each row, except `but`; -1 = none."""
        if not len(self._order):
            return np.full(len(rows), -1, np.int64)
        at = np.searchsorted(self._sorted, rows)
        found = self._first_of_row(at, rows)
        return found if but is None else np.where(found == but, self._first_of_row(at + 1, rows), found)

    def _first_of_row(self, at: Ints, rows: Ints) -> Ints:
        """Index of the row's first candidate at position at; -1 without one."""
        inside = np.minimum(at, len(self._order) - 1)
        return np.where((at < len(self._order)) & (self._sorted[inside] == rows), self._order[inside], -1)

    def is_taken(self, at: Ints) -> Flags:
        """Whether the other record of each pair has a partner."""
        return self._taken[self._other[at]]


def _settled_pairs(a: Alignment, outcomes: _Outcomes, params: Params) -> Ints:
    """Positions of pairs settled by equality or ids, unless plain agreements; at most `account_pairs`."""
    li = a.pairs.left
    more = outcomes.has_relation(li, Relation.CONFLICT, Relation.DOUBTFUL) | outcomes.has_cause(li, Cause.LATE_DELIVERY)
    return np.flatnonzero(more & (a.pairs.method != WEIGHED))[: params.account_pairs]


def _weigh_settled(a: Alignment, at: Ints, params: Params) -> Scored:
    """The weights of settled pairs, without the order factor: these pairs themselves define the order."""
    li, ri = a.pairs.left[at], a.pairs.right[at]
    texts = tuple(
        t.scatter(rows, content_of(r.frame[rows])[0]) if len(rows) else t
        for t, r, rows in zip(a.texts, (a.left, a.right), (li, ri), strict=True)
    )
    content = compare_content(a.left, a.right, li, ri, a.keys, (texts[0], texts[1]), a.forms, params)
    nowhere = np.zeros(len(at)), np.full(len(at), 1.5)
    no_pairs = li[:0], ri[:0]
    weights = weigh(
        a.left, a.right, li, ri, a.clock, content, a.keys, nowhere, no_pairs, a.ids_trusted, a.timed, a.forms, params
    )
    return Scored(li, ri, content, weights, weights.total)


def _lines_of(
    side: Side, kind: AccountKind, rows: Ints, name: str | pl.Series, log_odds: Floats | None, text: str | pl.Series | None, *,
    other: Ints | None = None, value: Floats | None = None,
) -> _Part:  # fmt: skip
    """Lines of the account with the given columns; -1 in `other` means no other record."""
    n = len(rows)
    unknown = np.full(n, np.nan)
    return {
        "side": str(side), "row": rows, "other_row": np.full(n, -1, np.int64) if other is None else other,
        "kind": str(kind), "name": name, "log_odds": unknown if log_odds is None else log_odds,
        "text": text, "value": unknown if value is None else value,
    }  # fmt: skip


_TEXTS = {"side": pl.Enum(Side), "kind": pl.Enum(AccountKind), "name": pl.String(), "text": pl.String()}


def _concat_lines(parts: list[_Part]) -> pl.DataFrame:
    """All lines in one frame, built at once because one small frame per part would dominate the run time."""
    part = np.repeat(np.arange(len(parts)), [len(p["row"]) for p in parts])
    columns = {
        c: _text_column([p[c] for p in parts], part, _TEXTS[c]) if c in _TEXTS else pl.Series(np.concatenate([p[c] for p in parts]))
        for c in parts[0]
    }  # fmt: skip
    return pl.DataFrame(columns).with_columns(
        pl.when(pl.col("other_row") >= 0).then(pl.col("other_row")),
        pl.col("log_odds", "value").fill_nan(None).round(3),
    )


def _text_column(given: list[str | pl.Series | None], part: Ints, dtype: pl.DataType) -> pl.Series:
    """One text of every line, by the number of its part, which gives one value for all or a series."""
    is_own = np.array([isinstance(g, pl.Series) for g in given])
    column = pl.Series([None if own else g for g, own in zip(given, is_own, strict=True)], dtype=dtype)[part]
    own = pl.concat([pl.Series(dtype=pl.String), *(g for g in given if isinstance(g, pl.Series))])
    return column.scatter(np.flatnonzero(is_own[part]), own) if len(own) else column


def _factors(side: Side, w: Scored, at: Ints, params: Params, *, prior: bool) -> Parts:
    """The factors with a non-zero weight, and the prior of both records standing alone."""
    rows, other = w.rows(side)[at], w.rows(side.other)[at]
    for name in FACTORS:
        found = w.weights.factors[name][at]
        here = np.flatnonzero(found != 0)
        if not len(here):
            continue
        value = None
        if name == "time":
            value = np.abs(w.weights.residual[at[here]])
        elif name == "content":
            value = w.content.similarity[at[here]]
        text = _factor_text(name, found[here], w.content.level[at[here]], params)
        yield _lines_of(side, AccountKind.FACTOR, rows[here], name, found[here], text, other=other[here], value=value)
    if prior and len(at):
        alone = w.gain[at] - w.weights.total[at]
        yield _lines_of(side, AccountKind.FACTOR, rows, PRIOR, alone, "absence_rare", other=other)


def _factor_text(name: str, found: Floats, level: npt.NDArray[np.int8], params: Params) -> pl.Series:
    """The outcome of one factor in words: a comparison level, or near/far, equal/differs."""
    if name == "content":
        return pl.Series(LEVELS, dtype=pl.String)[level.astype(np.int64)]
    if name == "kind":
        return _choose_word(found == params.kind_unclear_nats, "unclear", "differs")
    return _choose_word(found > 0, *(("near", "far") if name in ("time", "order") else ("equal", "differs")))


def _choose_word(condition: Flags, one: str, two: str) -> pl.Series:
    return pl.Series([two, one], dtype=pl.String)[condition.astype(np.int64)]


def _pair_alternatives(side: Side, rank: _Candidates, w: Scored, chosen: Ints) -> Parts:
    """The next best partner of each weighed record, and no partner (log odds 0, the reference)."""
    rows = w.rows(side)[chosen]
    yield _lines_of(side, AccountKind.ALTERNATIVE, rows, NO_PARTNER, np.zeros(len(rows)), None)
    yield from _partner_alternatives(side, rank, w, rank.best(rows, chosen))


def _partner_alternatives(side: Side, rank: _Candidates, w: Scored, second: Ints) -> Parts:
    """One line for each row's second candidate: its gain and whether it was free or taken."""
    at = second[second >= 0]
    if len(at):
        text = _choose_word(rank.is_taken(at), "taken", "free")
        rows, other = w.rows(side)[at], w.rows(side.other)[at]
        yield _lines_of(side, AccountKind.ALTERNATIVE, rows, "partner", w.gain[at], text, other=other)


def _pair_changes(a: Alignment, side: Side, outcomes: _Outcomes, at: Ints, params: Params) -> Parts:
    """What would change the decision on a pair: its distance from the threshold, the basis of its cause."""
    sides = (a.pairs.left, a.pairs.right) if side is Side.LEFT else (a.pairs.right, a.pairs.left)
    rows, other, margin = sides[0][at], sides[1][at], a.margin[at]
    settled = ~np.isfinite(margin)
    if settled.any():
        method = pl.Series(METHODS, dtype=pl.String)[a.pairs.method[at[settled]]]
        yield _lines_of(side, AccountKind.CHANGE, rows[settled], method, None, "settled", other=other[settled])
    weak = outcomes.has_cause(rows, Cause.WEAK_MATCH) & ~settled & (margin < params.accept_nats)
    sure = ~settled & (margin >= params.accept_nats)
    for here, text in ((weak, "asserted_from"), (sure, "doubtful_from")):
        if here.any():
            away = np.abs(margin[here] - params.accept_nats)
            yield _lines_of(side, AccountKind.CHANGE, rows[here], MARGIN, away, text, other=other[here])
    for causes, name, text in _CHANGES:
        here = outcomes.has_cause(rows, *causes)
        if here.any():
            yield _lines_of(side, AccountKind.CHANGE, rows[here], name, None, text, other=other[here])
    here = outcomes.has_cause(rows, Cause.TIME_DIFFERS)
    if here.any():
        limit = time_tolerance(a, params)[at]
        # Of times that the clocks allow, the direction of delivery or the times of others are in doubt.
        near = outcomes.has_relation(rows, Relation.DOUBTFUL) & (np.abs(pair_residuals(a)[at]) <= limit)
        for some, text in ((here & ~near, "within"), (here & near, "delivered")):
            value = limit[some] if text == "within" else None
            yield _lines_of(side, AccountKind.CHANGE, rows[some], "time", None, text, other=other[some], value=value)


def _explain_unmatched(
    side: Side, absent: pl.DataFrame, outcomes: _Outcomes, rank: _Candidates, best: Ints, params: Params
) -> Parts:
    """Hypotheses, alternatives and changes of the rows without a partner."""
    rows = absent["row"].to_numpy().astype(np.int64)
    if not len(rows):
        return
    state = _hypothesis_states(absent)
    first = np.full(len(rows), -1, np.int64)
    second = first.copy()
    for n, hypothesis in enumerate(HYPOTHESES):
        mine = state[n]
        here = np.flatnonzero(mine != "")
        if not len(here):
            continue
        odds = np.where(mine[here] == "permitted", hypothesis.prior_nats, np.where(mine[here] == "doubt", 0.0, np.nan))
        text = pl.Series(mine[here].tolist(), dtype=pl.String)
        yield _lines_of(side, AccountKind.HYPOTHESIS, rows[here], str(hypothesis.cause), odds, text)
        doubt = here[(mine[here] == "doubt") & outcomes.has_relation(rows[here], Relation.DOUBTFUL)]
        yield _lines_of(side, AccountKind.CHANGE, rows[doubt], str(hypothesis.cause), None, "confirmed")
        holds = np.isin(mine, ("permitted", "doubt"))
        named = holds & outcomes.has_cause(rows, hypothesis.cause)
        second = np.where(holds & ~named & (second < 0), n, second)
        first = np.where(named, n, first)
    yield from _cause_alternatives(side, rows, first, second, state)
    yield from _partner_alternatives(side, rank, rank.known, best)
    yield from _absent_changes(side, absent, outcomes, rank, best, params)


def _hypothesis_states(absent: pl.DataFrame) -> list[Objects]:
    """For each hypothesis a text per row: permitted, doubt, the contradiction, or empty.

    `doubt` means that the hypothesis holds only by evidence that the lacking party wrote.
    """
    states = []
    for n, hypothesis in enumerate(HYPOTHESES):
        against = f"against:{hypothesis.cause}"
        otherwise = pl.when(pl.col(f"holds:{hypothesis.cause}")).then(pl.lit("doubt")).otherwise(pl.lit(""))
        if against in absent.columns:
            otherwise = pl.coalesce(against, otherwise)
        state = pl.when(pl.col(f"permits:{hypothesis.cause}")).then(pl.lit("permitted")).otherwise(otherwise)
        states.append(state.alias(str(n)))
    return [told.to_numpy() for told in absent.select(states)]


def _cause_alternatives(side: Side, rows: Ints, first: Ints, second: Ints, state: list[Objects]) -> Parts:
    """For rows set aside, the next best cause: another hypothesis that holds, otherwise a missing message."""
    prior = np.array([h.prior_nats for h in HYPOTHESES])
    names = pl.Series([*(str(h.cause) for h in HYPOTHESES), MISSING], dtype=pl.String)
    here = np.flatnonzero(first >= 0)
    if not len(here):
        return
    next_best = second[here]
    permitted = np.array([s[here] == "permitted" for s in state])
    reached = np.where(next_best >= 0, permitted[next_best, np.arange(len(here))] * prior[next_best], 0.0)
    yield _lines_of(
        side, AccountKind.ALTERNATIVE, rows[here], names[np.where(next_best < 0, len(prior), next_best)],
        reached - prior[first[here]], "cause",
    )  # fmt: skip


def _absent_changes(
    side: Side, absent: pl.DataFrame, outcomes: _Outcomes, rank: _Candidates, best: Ints, params: Params
) -> Parts:
    """For rows without a partner, how far the margin of the assignment is from the threshold."""
    rows = absent["row"].to_numpy().astype(np.int64)
    near = np.flatnonzero(best >= 0)
    at, row = best[near], rows[near]
    margin, gain = absent["margin"].to_numpy()[near], rank.known.gain[at]
    other = rank.known.rows(side.other)[at]
    spare = np.isinf(margin) & (gain > 0)
    if spare.any():
        yield _lines_of(side, AccountKind.CHANGE, row[spare], MARGIN, None, "one_too_many", other=other[spare])
    margin = np.where(np.isinf(margin), -gain, margin)
    close = ~spare & outcomes.has_relation(row, Relation.DOUBTFUL) & (margin < params.absent_nats)
    far = ~spare & (margin >= params.absent_nats)
    for here, text in ((close, "asserted_from"), (far, "doubtful_from")):
        if here.any():
            away = np.abs(margin[here] - params.absent_nats)
            yield _lines_of(side, AccountKind.CHANGE, row[here], MARGIN, away, text, other=other[here])


def _unstated_attributes(a: Alignment, side: Side, w: Scored, at: Ints, params: Params) -> Parts:
    """For doubtful rows, attributes that one record leaves out, and the log odds an equal one would add."""
    li, ri = w.left[at], w.right[at]
    rows, other = w.rows(side)[at], w.rows(side.other)[at]
    cls = a.left.cls[li]
    ids = a.ids_trusted[a.left.pair[li]] & ~np.isin(cls, OWN_IDS) & ((a.left.ids[li] == 0) | (a.right.ids[ri] == 0))
    nobody = (a.left.party[li] == NOBODY) | (a.right.party[ri] == NOBODY)
    unknown: dict[str, tuple[Flags, float]] = {
        "ids": (ids, params.id_equal_nats),
        "media": (np.isin(cls, (*WORDLESS, FILE)), params.hash_equal_nats),
        "amount": (cls == PAYMENT, params.amount_equal_nats),
        "sender": (nobody & (cls != SYSTEM), params.sender_equal_nats),
    }
    for name, (asked, equal) in unknown.items():
        here = asked & (w.weights.factors[name][at] == 0)
        if here.any():
            odds = np.full(int(here.sum()), equal)
            yield _lines_of(side, AccountKind.CHANGE, rows[here], name, odds, "unstated", other=other[here])
    here = np.isnan(w.weights.residual[at])
    if here.any():
        yield _lines_of(side, AccountKind.CHANGE, rows[here], "time", None, "unstated", other=other[here])


__all__ = ["MARGIN", "MISSING", "NO_PARTNER", "PRIOR", "account_of", "in_order"]
