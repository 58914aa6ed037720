"""Solves the one-to-one assignment of candidate pairs, with the margin of each decision."""

from dataclasses import dataclass

import numpy as np

from reconcile.engine.connected import component_numbers
from reconcile.engine.pairs.assignment import Matrix, assign
from reconcile.engine.params import Params
from reconcile.engine.records import Flags, Floats, Ints


@dataclass(frozen=True)
class Solution:
    """The assignment of all components.

    Attributes:
        pair: positions of the accepted candidate pairs.
        pair_margin: nats by which the best assignment with that pair beats the best one without it. Interchangeable
            records count as one, and where the pair agrees, so do all partners that would agree as well: which of them
            it is changes nothing.
        absent_margin_left, absent_margin_right: per record, nats by which no partner beats the best assignment in which
        all records like it have partners (inf = no candidate, nan = the record has a partner).
    """

    pair: Ints
    pair_margin: Floats
    absent_margin_left: Floats
    absent_margin_right: Floats


def solve(
    sizes: tuple[int, int], li: Ints, ri: Ints, gain: Floats, agree: Flags, groups: tuple[Ints, Ints], params: Params
) -> Solution:
    """The assignment with the largest total gain, component by component.

    Args:
        sizes: number of records of each side.
        li, ri: the records of each candidate pair.
        gain: what pairing them gains over both standing alone (nats).
        agree: whether they would agree in all that both state.
        groups: number of each record's group of interchangeable records (same conversation, key and sender).
        params: the parameters of the model.
    """
    margins = np.full(sizes[0], np.inf), np.full(sizes[1], np.inf)
    useful = gain > -params.accept_nats - params.solve_slack_nats
    at = np.flatnonzero(useful)
    if not len(at):
        return Solution(at, np.zeros(0), *margins)
    of_edge = component_numbers(li[at], ri[at] + sizes[0])
    order = np.lexsort((ri[at], li[at], of_edge))
    at, of_edge = at[order], of_edge[order]
    starts = np.flatnonzero(np.concatenate([[True], of_edge[1:] != of_edge[:-1]]))
    ends = np.append(starts[1:], len(at))
    single = ends - starts == 1
    chosen, margin = _solve_single(at[starts[single]], li, ri, gain, margins)
    parts, part_margins = [chosen], [margin]
    for a, b in zip(starts[~single].tolist(), ends[~single].tolist(), strict=True):
        told, m = _solve_component(at[a:b], li, ri, gain, agree, groups, margins, params)
        parts.append(told)
        part_margins.append(m)
    pair, pair_margin = np.concatenate(parts), np.concatenate(part_margins)
    order = np.argsort(pair, kind="stable")
    return Solution(pair[order], pair_margin[order], *margins)


def _solve_single(at: Ints, li: Ints, ri: Ints, gain: Floats, margins: tuple[Floats, Floats]) -> tuple[Ints, Floats]:
    """Accepted positions and margins of components with one candidate pair."""
    g = gain[at]
    taken = g > 0
    margins[0][li[at]] = np.where(taken, np.nan, -g)
    margins[1][ri[at]] = np.where(taken, np.nan, -g)
    return at[taken], g[taken]


def _solve_component(
    at: Ints,
    li: Ints,
    ri: Ints,
    gain: Floats,
    agree: Flags,
    groups: tuple[Ints, Ints],
    margins: tuple[Floats, Floats],
    params: Params,
) -> tuple[Ints, Floats]:
    """Best assignment of one connected set of candidates, and the margin of each pair."""
    rows, a = np.unique(li[at], return_inverse=True)
    columns, b = np.unique(ri[at], return_inverse=True)
    if len(rows) + len(columns) > params.component_records:
        return _greedy(at, li, ri, gain, groups, margins)
    value = np.full((len(rows), len(columns)), -np.inf)
    place = np.full(value.shape, -1, np.int64)
    value[a, b], place[a, b] = gain[at], at
    fits = np.zeros(value.shape, bool)
    fits[a, b] = agree[at]
    best, match = assign(value)
    exact = len(rows) + len(columns) <= params.margin_solves
    told, told_margin = [], []
    of_row, of_column = groups[0][rows], groups[1][columns]
    for r, c in match:
        told.append(place[r, c])
        as_good = (
            (of_column == of_column[c]) | (fits[r, c] & fits[r]),
            (of_row == of_row[r]) | (fits[r, c] & fits[:, c]),
        )
        told_margin.append(
            _pair_margin(value, best, r, c, as_good) if exact else _near_margin(value, match, r, c, as_good)
        )
        margins[0][rows[r]] = margins[1][columns[c]] = np.nan
    matched_rows, matched_columns = {r for r, _ in match}, {c for _, c in match}
    for r in range(len(rows)):
        if r not in matched_rows:
            margins[0][rows[r]] = _absent_margin(value, best, match, r, of_row, exact=exact)
    for c in range(len(columns)):
        if c not in matched_columns:
            margins[1][columns[c]] = _absent_margin(
                value.T, best, [(y, x) for x, y in match], c, of_column, exact=exact
            )
    return np.array(told, np.int64), np.array(told_margin)


def _pair_margin(value: Matrix, best: float, r: int, c: int, as_good: tuple[Flags, Flags]) -> float:
    """The best total minus the best one where this row and column have no partner as good as each other."""
    other = value.copy()
    other[r, as_good[0]] = -np.inf
    other[as_good[1], c] = -np.inf
    return best - assign(other)[0]


def _near_margin(value: Matrix, match: list[tuple[int, int]], r: int, c: int, as_good: tuple[Flags, Flags]) -> float:
    """A bound of the margin by the next best partners, for components too large to solve for each pair."""
    own = value[r, c]
    across = value[r, ~as_good[0]].max(initial=0.0)
    down = value[~as_good[1], c].max(initial=0.0)
    return float(own - max(across, down, 0.0)) if len(match) else float(own)


def _absent_margin(
    value: Matrix, best: float, match: list[tuple[int, int]], r: int, of_row: Ints, *, exact: bool
) -> float:
    """The cost of one more partner for this row's group: best total minus the best one with all matched.

    It is per additional row; inf where no more can be matched.
    """
    alike = of_row == of_row[r]
    if not exact:
        free = np.ones(value.shape[1], bool)
        free[[y for _, y in match]] = False
        direct = value[r, free].max(initial=-np.inf)
        swap = max((value[r, y] - value[x, y] for x, y in match if not alike[x]), default=-np.inf)
        return float(-max(direct, swap))
    bonus = 1e6
    forced = value.copy()
    forced[alike] = np.where(np.isfinite(forced[alike]), forced[alike] + bonus, forced[alike])
    total, found = assign(forced)
    reached, stood = (sum(bool(alike[x]) for x, _ in m) for m in (found, match))
    if reached <= stood:
        return float("inf")
    return (best - (total - bonus * reached)) / (reached - stood)


def _greedy(
    at: Ints, li: Ints, ri: Ints, gain: Floats, groups: tuple[Ints, Ints], margins: tuple[Floats, Floats]
) -> tuple[Ints, Floats]:
    """Pairs accepted in order of gain, for components beyond the limit of exact solving."""
    order = at[np.lexsort((ri[at], li[at], -gain[at]))]
    taken_left: set[int] = set()
    taken_right: set[int] = set()
    told: list[int] = []
    for p in order.tolist():
        i, j = int(li[p]), int(ri[p])
        if gain[p] > 0 and i not in taken_left and j not in taken_right:
            taken_left.add(i)
            taken_right.add(j)
            told.append(p)
    chosen = np.array(told, np.int64)
    _set_absent_margins(at, chosen, (li, ri), gain, groups, margins[0])
    _set_absent_margins(at, chosen, (ri, li), gain, groups[::-1], margins[1])
    return chosen, gain[chosen]


def _set_absent_margins(
    at: Ints, chosen: Ints, ends: tuple[Ints, Ints], gain: Floats, groups: tuple[Ints, Ints], margins: Floats
) -> None:
    """Sets the margin of each record of one side: the least cost of a partner, free or taken by another.

    A partner taken by an interchangeable record does not count: either way one of the two stays unmatched.
    """
    own, other = ends
    rows = np.unique(own[at])
    columns, partners = np.unique(other[at], return_inverse=True)
    held = np.searchsorted(columns, other[chosen])
    price, holder = np.zeros(len(columns)), np.full(len(columns), -1)
    price[held], holder[held] = gain[chosen], groups[0][own[chosen]]
    alike = holder[partners] == groups[0][own[at]]
    margins[rows] = np.inf
    np.minimum.at(margins, own[at], np.where(alike, np.inf, price[partners] - gain[at]))
    margins[own[chosen]] = np.nan


__all__ = ["Solution", "solve"]
