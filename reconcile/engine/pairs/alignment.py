"""Aligns two exports: settles equal records, estimates the clock, then weighs and solves the rest."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from reconcile.column_ops import collected
from reconcile.engine.clocks.clock import Clock, first_clock, fit
from reconcile.engine.clocks.main_clocks import on_main_clocks
from reconcile.engine.clocks.sender_clocks import level_limit, own_clocks
from reconcile.engine.clocks.votes import vote
from reconcile.engine.content.forms import Forms
from reconcile.engine.pairs.candidates import candidate_pairs
from reconcile.engine.pairs.exchanged_times import have_exchanged_times
from reconcile.engine.pairs.ids import pair_by_id
from reconcile.engine.pairs.left_out_kinds import with_left_out_kinds
from reconcile.engine.pairs.levels import Content, compare_content
from reconcile.engine.pairs.priors import log_prior_unmatched
from reconcile.engine.pairs.settle import (
    CANONICAL,
    EQUAL,
    WEIGHED,
    Pairs,
    settle_equal,
    settle_ids,
    settle_slots,
    slot_runs,
    spread_slots,
)
from reconcile.engine.pairs.solve import solve
from reconcile.engine.pairs.uncrossed import uncross
from reconcile.engine.pairs.weighed import Weighed, joined, would_agree
from reconcile.engine.pairs.weights import Weights, residuals, weigh
from reconcile.engine.params import PARAMS, Params
from reconcile.engine.records import (
    IS_OF_GROUP,
    MIX,
    NO_PAIR,
    NOBODY,
    Flags,
    Floats,
    Ints,
    Keys,
    Records,
    content_keys,
    content_of,
    may_be_one_sender,
    of_conversation,
    party_of_pairs,
    records_of,
)
from reconcile.wechat.kind_classes import OTHER, SYSTEM


@dataclass(frozen=True)
class Alignment:
    """The accepted pairs of both exports and the evidence behind them.

    Attributes:
        left, right: the records.
        pairs: accepted pairs.
        margin: nats by which each pair beats the next best assignment (inf = settled by equality).
        clock: offsets along every conversation.
        timed: conversations compared by time; the others are compared by order alone.
        ids: how far server ids can be trusted, per conversation (ids.pair_by_id).
        ids_trusted: the same as one flag per conversation.
        absent_margin: per side and record, nats by which no partner beats having one (nan = has a partner, inf = no
            candidate).
        weighed: what the model weighed, for the account of single rows.
        keys, texts: content of both sides; canonical for records that were still open after raw equality.
        forms: how each export of a side writes.
    """

    left: Records
    right: Records
    pairs: Pairs
    margin: Floats
    clock: Clock
    timed: Flags
    ids: pl.DataFrame
    ids_trusted: Flags
    absent_margin: tuple[Floats, Floats]
    weighed: Weighed
    keys: tuple[Keys, Keys]
    texts: tuple[pl.Series, pl.Series]
    forms: tuple[Forms, Forms]


def align(
    left_rows: pl.DataFrame, right_rows: pl.DataFrame, forms: tuple[Forms, Forms], untimed: list[int], params: Params
) -> Alignment:
    """Returns the alignment of two prepared frames, all conversations at once.

    Equal texts first show the clocks of senders. If the pairs then show other clocks, all is aligned again with these.

    Args:
        left_rows: rows with `pair`, `party`, `cls`, `is_repeat` (preparation.prepared).
        right_rows: the same of the right side.
        forms: how each export of a side writes.
        untimed: conversations in which a side has no usable times.
        params: the parameters of the model.
    """
    sides = records_of(left_rows, right_rows)
    n = int(max(sides[0].pair.max(initial=-1), sides[1].pair.max(initial=-1))) + 1
    timed = np.ones(max(n, 1), bool)
    timed[untimed] = False
    by_id = pair_by_id(left_rows.filter(~pl.col("is_repeat")), right_rows.filter(~pl.col("is_repeat")))
    first = _aligned(sides, forms, timed, by_id, None, params)
    senders = _shown_clocks(sides, first, params)
    return first if senders is None else _aligned(sides, forms, timed, by_id, senders, params)


def _shown_clocks(sides: tuple[Records, Records], a: Alignment, params: Params) -> pl.DataFrame | None:
    """own_clocks by accepted pairs, where some lie off the alignment's clocks; None = nothing changes."""
    left, right = sides
    li, ri = a.pairs.left, a.pairs.right
    told = a.timed[left.pair[li]] & (a.margin >= params.accept_nats) & (left.cls[li] != SYSTEM)
    off = np.abs(residuals(a.left, a.right, li, ri, a.clock)) > level_limit(left, right, li, ri, params)
    if not (asked := left.pair[li[told & off]]).size:
        return None
    li, ri = li[told], ri[told]
    votes = pl.DataFrame({
        "pair": left.pair[li], "party": party_of_pairs(left, right, li, ri), "d": left.t[li] - right.t[ri],
        "weight": np.ones(len(li)), "left": li, "right": ri,
    }).filter(pl.col("d").is_not_nan())  # fmt: skip
    found = own_clocks(left, right, votes, params)
    moved = on_main_clocks(left, right, found, params)
    least = params.sender_clock_seconds
    far = [m.pair[np.abs(m.t - r.t) > least] for m, r in zip(moved, (a.left, a.right), strict=True)]
    changed = np.intersect1d(np.concatenate(far), asked)
    here = pl.col("pair").is_in(changed)
    return pl.concat([found.filter(here), a.clock.senders.filter(~here)]) if len(changed) else None


def _aligned(
    sides: tuple[Records, Records], forms: tuple[Forms, Forms], timed: Flags, by_id: tuple[pl.DataFrame, pl.DataFrame],
    senders: pl.DataFrame | None, params: Params,
) -> Alignment:  # fmt: skip
    """The alignment with these clocks of senders; None = with the ones that equal texts show."""
    left, right = sides
    same_ids, worth = by_id
    n = len(timed)
    ids_trusted = np.zeros(n, bool)
    ids_trusted[worth.filter("is_trusted")["pair"].to_numpy()] = True
    pairs = Pairs.none(left, right)
    settle_ids(pairs, left, right, same_ids)
    whole = (
        np.flatnonzero(pairs.open_left | (left.pair != NO_PAIR)),
        np.flatnonzero(pairs.open_right | (right.pair != NO_PAIR)),
    )
    votes = _votes(left, right, pairs, whole, timed, params)
    clock = first_clock(left, right, votes, params, senders)
    left, right = on_main_clocks(left, right, clock.senders, params)
    if left.hashes.any() and right.hashes.any():
        _settle(pairs, left, right, (_digest_key(left), _digest_key(right)), clock, timed, ids_trusted, EQUAL, params)
    _settle(pairs, left, right, (left.raw_key, right.raw_key), clock, timed, ids_trusted, EQUAL, params)
    keys, texts = _canonical(left, right, pairs)
    fitted = -1
    for _ in range(2):
        before, last = len(pairs.left), clock
        clock = _refit(left, right, pairs, keys, clock, timed, params)
        is_steady = clock.equals(last)
        if is_steady and before == fitted:
            break
        fitted = before
        _settle(pairs, left, right, keys, clock, timed, ids_trusted, CANONICAL, params)
        # Asked only of large exports. The cases of a batch are small, so none of them is decided by another.
        is_large = max(left.largest, right.largest) > params.settled_records
        if is_large and len(pairs.left) - before <= params.settled_share * before:
            break
    else:
        if not is_steady or len(pairs.left) > fitted:
            clock = _refit(left, right, pairs, keys, clock, timed, params)
    once = _unique_content(left, right, pairs, keys, timed)
    exchanged = have_exchanged_times(left, right, *once, clock, params)
    pairs.add(once[0][exchanged], once[1][exchanged], CANONICAL)
    settled = len(pairs.left)
    clock = replace(clock, run=slot_runs(left, right, pairs, keys, clock.before, timed, params))
    priors = log_prior_unmatched(left, right, pairs, clock, timed, params)
    forms = with_left_out_kinds(forms, left, right, pairs, clock, params)
    weighed = _weigh_open_records(left, right, pairs, clock, timed, ids_trusted, keys, texts, forms, priors, params)
    pairs.add(weighed.left[weighed.solution.pair], weighed.right[weighed.solution.pair], WEIGHED)
    # A record left on each side may be one message that was delivered late.
    rest = _weigh_open_records(
        left, right, pairs, clock, timed, ids_trusted, keys, texts, forms, priors, params, late=True
    )
    pairs.add(rest.left[rest.solution.pair], rest.right[rest.solution.pair], WEIGHED)
    weighed = joined(weighed, rest)
    margin = np.concatenate([np.full(settled, np.inf), weighed.solution.pair_margin])
    weighed = uncross(left, right, pairs, weighed, clock, params)
    clock = _refit(left, right, pairs, keys, clock, timed, params, margin)
    absent = weighed.solution.absent_margin_left, weighed.solution.absent_margin_right
    return Alignment(left, right, pairs, margin, clock, timed, worth, ids_trusted, absent, weighed, keys, texts, forms)


def untimed_in(left: pl.DataFrame, right: pl.DataFrame) -> list[int]:
    """Conversations in which one side states no time, or only a day, for most rows.

    A row below the time of a group has one by its place.
    """
    poor: set[int] = set()
    for frame in (left, right):
        usable = pl.col("t").is_not_null() & ~pl.col("time_precision").is_in(["day", "none"])
        usable |= IS_OF_GROUP
        if bool(frame.select(usable.all()).item()):
            continue
        shares = (
            frame.group_by("pair")
            .agg(usable.mean().alias("share"))
            .filter((pl.col("share") < PARAMS.timed_share) & pl.col("pair").is_not_null())
        )
        poor |= set(shares["pair"])
    return sorted(poor)


def _votes(
    left: Records, right: Records, pairs: Pairs, whole: tuple[Ints, Ints], timed: Flags, params: Params
) -> pl.DataFrame:
    """Clock votes (clock.vote) of equal texts and of pairs with equal ids."""
    one, two = (w[timed[r.pair[w]] & (r.cls[w] != SYSTEM)] for r, w in zip((left, right), whole, strict=True))
    by_text = vote(left, right, (left.raw_key[one], right.raw_key[two]), (one, two), params)
    # A sender with too few equal raw texts votes by canonical content: the two tools may spell texts differently.
    told = by_text.lazy().filter(pl.col("weight") >= 1.0).group_by("pair", "party").len()
    enough = told.filter(pl.col("len") >= 2 * params.sender_clock_rows).pipe(collected)
    one, two = (_with_few_votes(r, w, enough) for r, w in ((left, one), (right, two)))
    if len(one) and len(two):
        a, b = (content_keys(r.cls[w], content_of(r.frame[w])[1]) for r, w in ((left, one), (right, two)))
        by_content = vote(left, right, (a, b), (one, two), params)
        by_text = pl.concat([by_text.join(by_content, on=["left", "right"], how="anti"), by_content])
    d = left.t[pairs.left] - right.t[pairs.right]
    known = ~np.isnan(d)
    by_id = pl.DataFrame({
        "pair": left.pair[pairs.left][known], "party": party_of_pairs(left, right, pairs.left[known], pairs.right[known]), "d": d[known], "weight": np.full(int(known.sum()), params.id_votes), "left": pairs.left[known], "right": pairs.right[known]
    }, schema=by_text.schema)  # fmt: skip
    return pl.concat([by_text, by_id])


def _with_few_votes(records: Records, rows: Ints, enough: pl.DataFrame) -> Ints:
    """The rows by senders that are not in `enough`: they have too few votes to show a clock."""
    width = int(records.party.max(initial=NOBODY)) + 2
    code = records.pair[rows] * width + records.party[rows]
    known = enough.filter(pl.col("party") < width - 1)
    return rows[~np.isin(code, known["pair"].to_numpy() * width + known["party"].to_numpy())]


def _settle(
    pairs: Pairs,
    left: Records,
    right: Records,
    keys: tuple[Keys, Keys],
    clock: Clock,
    timed: Flags,
    ids_trusted: Flags,
    method: int,
    params: Params,
) -> None:
    """Pairs equal records that are unambiguous, first within the clock spread, then within a wider window.

    Records without times are paired between the same neighbouring pairs.
    """
    for tolerance in (
        params.settle_spreads * clock.spread,
        np.maximum(params.settle_seconds, params.settle_spreads * clock.spread),
    ):
        # Records that may not have been sent are paired after equal records. Two texts without stated content are not
        # equal: only order and time show which belong together. Two tools that name no kind may mean different ones.
        one, two = (
            np.flatnonzero(
                is_open
                & timed[np.maximum(r.pair, 0)]
                & ~(r.unsent | r.is_blank | ((method == CANONICAL) & (r.cls == OTHER)))
            )
            for r, is_open in ((left, pairs.open_left), (right, pairs.open_right))
        )
        settle_equal(
            pairs, left, right, (one, two), (keys[0][one], keys[1][two]), clock, tolerance, ids_trusted, method
        )
    if not timed.all() or np.isnan(left.t[pairs.open_left]).any() or np.isnan(right.t[pairs.open_right]).any():
        settle_slots(pairs, left, right, keys, timed, ids_trusted, method)


def _digest_key(records: Records) -> Keys:
    """A key of class and media digest; records without a digest get a unique key."""
    own = np.arange(len(records), dtype=np.uint64) * np.uint64(2) + np.uint64(records.is_right)
    return np.where(records.hashes != 0, records.hashes ^ (records.cls.astype(np.uint64) * MIX), own)


def _canonical(left: Records, right: Records, pairs: Pairs) -> tuple[tuple[Keys, Keys], tuple[pl.Series, pl.Series]]:
    """Content keys and texts of both sides: canonical for open records, raw for settled ones."""
    keys, texts = [], []
    for records, is_open in ((left, pairs.open_left), (right, pairs.open_right)):
        rows = np.flatnonzero(is_open)
        shown, content = content_of(records.frame[rows])
        key = records.raw_key.copy()
        key[rows] = content_keys(records.cls[rows], content)
        text = pl.Series([""], dtype=pl.String).new_from_index(0, len(records))
        keys.append(key)
        texts.append(text.scatter(rows, shown) if len(rows) else text)
    return (keys[0], keys[1]), (texts[0], texts[1])


def _refit(
    left: Records,
    right: Records,
    pairs: Pairs,
    keys: tuple[Keys, Keys],
    first: Clock,
    timed: Flags,
    params: Params,
    margin: Floats | None = None,
) -> Clock:
    """The clock estimated from the pairs so far, and from open records with content unique on each side."""
    li, ri = pairs.left, pairs.right
    sure = timed[left.pair[li]] & (np.ones(len(li), bool) if margin is None else margin >= params.accept_nats)
    sure &= left.cls[li] != SYSTEM
    if margin is None:
        once = _unique_content(left, right, pairs, keys, timed)
        li, ri = np.concatenate([li, once[0]]), np.concatenate([ri, once[1]])
        sure = np.concatenate([sure, np.ones(len(once[0]), bool)])
    return fit(left, right, (li, ri), sure, first, params)


def _unique_content(
    left: Records, right: Records, pairs: Pairs, keys: tuple[Keys, Keys], timed: Flags
) -> tuple[Ints, Ints]:
    """Open records with content that stands exactly once on each side of their conversation."""
    sides = ((left, pairs.open_left, keys[0]), (right, pairs.open_right, keys[1]))
    found = [
        np.flatnonzero((r.pair != NO_PAIR) & timed[np.maximum(r.pair, 0)] & is_open & (r.cls != SYSTEM))
        for r, is_open, _ in sides
    ]
    if not np.isin(keys[0][found[0]], keys[1][found[1]]).any():
        return found[0][:0], found[1][:0]
    frames = [
        pl.LazyFrame({"row": rows, "pair": r.pair[rows], "key": key[rows], "party": r.party[rows]})
        .filter(pl.len().over("pair", "key") == 1)
        for (r, _, key), rows in zip(sides, found, strict=True)
    ]  # fmt: skip
    known = may_be_one_sender(pl.col("party"), pl.col("party_right"))
    both = frames[0].join(frames[1], on=["pair", "key"], suffix="_right").filter(known).pipe(collected)
    return both["row"].to_numpy(), both["row_right"].to_numpy()


def _weigh_open_records(
    left: Records, right: Records, pairs: Pairs, clock: Clock, timed: Flags, ids_trusted: Flags, keys: tuple[Keys, Keys],
    texts: tuple[pl.Series, pl.Series], forms: tuple[Forms, Forms], priors: tuple[Floats, Floats], params: Params, *, late: bool = False,
) -> Weighed:  # fmt: skip
    """Weigh all candidate pairs of unmatched records and solve which belong together."""
    li, ri = candidate_pairs(left, right, pairs, clock, keys, texts, timed, params, late=late)
    groups = _interchangeable(left, right, pairs, keys)
    if not len(li):
        nothing = np.zeros(0)
        solution = solve((len(left), len(right)), li, ri, nothing, np.zeros(0, bool), groups, params)
        return Weighed(li, ri, Content.none(), Weights.none(), nothing, solution)
    content = compare_content(left, right, li, ri, keys, texts, forms, params)
    open_left, open_right = np.flatnonzero(pairs.open_left), np.flatnonzero(pairs.open_right)
    a, b = spread_slots(left, right, pairs, open_left, open_right, timed)
    slot_left, slot_right = np.zeros(len(left)), np.zeros(len(right))
    slot_left[open_left], slot_right[open_right] = a, b
    met = (pairs.left, pairs.right) if late else (li[:0], ri[:0])
    placed = slot_left[li], slot_right[ri]
    is_explained = np.maximum(priors[0][li], priors[1][ri]) > np.log(params.missing_share)
    weights = weigh(
        left, right, li, ri, clock, content, keys, placed, met, ids_trusted, timed, forms, params, is_explained
    )
    gain = weights.total - priors[0][li] - priors[1][ri]
    agree = would_agree(left, right, li, ri, content, weights, params)
    solution = solve((len(left), len(right)), li, ri, gain, agree, groups, params)
    return Weighed(li, ri, content, weights, gain, solution)


def _interchangeable(left: Records, right: Records, pairs: Pairs, keys: tuple[Keys, Keys]) -> tuple[Ints, Ints]:
    """Group numbers of open records that differ only in position: same conversation, content and sender."""
    numbers = [-np.ones(len(r), np.int64) for r in (left, right)]
    rows = np.flatnonzero(pairs.open_left), np.flatnonzero(pairs.open_right)
    mixed = [
        of_conversation(k[at], r.pair[at]) ^ ((r.party[at] + 1).astype(np.uint64) * np.uint64(0xA24BAED4963EE407))
        for r, k, at in ((left, keys[0], rows[0]), (right, keys[1], rows[1]))
    ]
    _, number = np.unique(np.concatenate(mixed), return_inverse=True)
    numbers[0][rows[0]], numbers[1][rows[1]] = number[: len(rows[0])], number[len(rows[0]) :]
    return numbers[0], numbers[1]


def pair_residuals(alignment: Alignment) -> Floats:
    """Seconds between the two times of each accepted pair after clock correction; nan without two times."""
    a = alignment
    found = residuals(a.left, a.right, a.pairs.left, a.pairs.right, a.clock)
    return np.where(a.timed[a.left.pair[a.pairs.left]], found, np.nan)


__all__ = ["Alignment", "align", "pair_residuals"]
