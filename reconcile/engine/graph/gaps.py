"""Explains gaps: runs of one-sided rows, by the lacking side's numbering and its other conversations."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.column_ops import filled
from reconcile.engine.graph.numbering import Hole, Numbering, numbering_of
from reconcile.engine.params import PARAMS
from reconcile.intake.contract import Reading
from reconcile.vocabulary import Cause, GraphEdge, Side
from reconcile.wechat.kind_classes import SECONDS

DAY = 86_400 * SECONDS
Times = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SideFacts:
    """What a side shows besides the conversation: its numbering, the times of all its rows, its devices.

    Attributes:
        raw_t, t: time (µs) of each row on its own and on the common clock.
        numbering: the running numbers.
        all_times: sorted times (own clock) of all rows; empty where there is no other conversation.
        of_pair: the conversation of each of these times (-1 = none).
        own_times: sorted times of each pair.
        devices: number of devices that the export comes from, without selections.
    """

    raw_t: pl.Series
    t: pl.Series
    numbering: Numbering
    all_times: Times
    of_pair: Times
    own_times: dict[int, Times]
    devices: int


def facts_of(rows: pl.DataFrame, pairs: list[int], reading: Reading, *, each: bool = False) -> SideFacts:
    """The facts of one side for the conversations with gaps; `each` = every pair is an export of its own."""
    timed = rows[["pair", "raw_t"]]
    is_asked = pairs and not each and len(pairs) <= PARAMS.silent_conversations and timed["pair"].n_unique() > 1
    timed = timed.filter(pl.col("raw_t").is_not_null()).sort("raw_t") if is_asked else timed.head(0)
    # With one conversation, no other could be silent.
    if timed["pair"].n_unique() < 2:
        timed = timed.head(0)
    of_pair = filled(timed["pair"].cast(pl.Int64), -1).to_numpy()
    own = _by_pair(timed, "raw_t", pairs) if timed.height else {}
    numbering = numbering_of(rows, reading, pairs, each=each)
    # Who looks at a few chosen messages has not looked at the device.
    devices = len(reading.facts.devices) - reading.facts.selections
    return SideFacts(rows["raw_t"], rows["t"], numbering, timed["raw_t"].to_numpy(), of_pair, own, devices)


def _by_pair(rows: pl.DataFrame, column: str, pairs: list[int]) -> dict[int, Times]:
    """The values of each of the pairs in their order; an empty array for a pair without rows."""
    # The rows are already in order of the column, and a stable sort by one number is much cheaper than one by two.
    kept = rows.filter(pl.col("pair").is_in(pairs)).select("pair", column).sort("pair", maintain_order=True)
    codes, values = kept["pair"].to_numpy(), kept[column].to_numpy()
    starts, ends = np.searchsorted(codes, pairs), np.searchsorted(codes, pairs, side="right")
    return {p: values[a:b] for p, a, b in zip(pairs, starts, ends, strict=True)}


@dataclass(frozen=True, slots=True)
class GapCause:
    """The explanation of one gap, the explanations not excluded, and the tests that were not possible."""

    cause: Cause
    not_excluded: tuple[str, ...]
    tests_not_possible: tuple[str, ...]


def explain_gaps(nodes: pl.DataFrame, edges: pl.DataFrame, facts: dict[Side, SideFacts]) -> dict[int, GapCause]:
    """A cause for every gap of the graph with these nodes and edges (build.whole_graph).

    id_gap: the lacking side's own numbers skip between the rows around the gap. sync_gap: its other conversations are
    empty during the gap, more than chance allows, or the device records that it never fetched these numbers. Otherwise
    unexplained. A cause describes evidence; it never says who did what.
    """
    found: dict[int, GapCause] = {}
    for side, asked in _gaps_by_side(nodes, edges).items():
        told = facts[side]
        whole = _extended_gaps(asked, told)
        answers = zip(asked, (_read_numbers(told, a) for a in asked), find_silences(told, whole), strict=True)
        found |= {a.gap: _gap_cause(numbers, silent, many=told.devices > 1) for a, numbers, silent in answers}
    return {gap: found[gap] for gap in sorted(found)}


class AskedGap(NamedTuple):
    """A gap, its conversation, the lacking side's rows around it, and the time span of the missing rows.

    Times are µs on the common clock.
    """

    gap: int
    pair: int
    before: int | None
    after: int | None
    from_t: int | None
    to_t: int | None


def _extended_gaps(asked: list[AskedGap], side: SideFacts) -> list[AskedGap]:
    """The gaps, each extended over all gaps between the same two pairs.

    Rows set aside between them end no silence. A gap is not extended where the lacking side holds rows of its own in
    the extended span: its device was online.
    """
    together: dict[tuple[int, int | None, int | None], list[AskedGap]] = defaultdict(list)
    for one in asked:
        together[one.pair, one.before, one.after].append(one)
    out = []
    for one in asked:
        parts = together[one.pair, one.before, one.after]
        if len(parts) == 1:
            out.append(one)
            continue
        starts, ends = [p.from_t for p in parts], [p.to_t for p in parts]
        if None not in starts and None not in ends:
            wide = one._replace(
                from_t=min(t for t in starts if t is not None), to_t=max(t for t in ends if t is not None)
            )
            out.append(one if _is_awake(wide, side) else wide)
        else:
            out.append(one)
    return out


class _Numbers(NamedTuple):
    """Whether the numbers skip, whether the device records them as never fetched, and any impossible test."""

    skips: bool
    never_fetched: bool
    untested: str | None


_UNNUMBERED = _Numbers(skips=False, never_fetched=False, untested="numbering")


def _gaps_by_side(nodes: pl.DataFrame, edges: pl.DataFrame) -> dict[Side, list[AskedGap]]:
    """The gaps of each lacking side in order, with its rows in the runs of pairs around them."""
    found: dict[Side, list[AskedGap]] = {side: [] for side in Side}
    gaps = nodes.filter(pl.col("one_sided") > 0)[["run", "pair", "holder", "from_t", "to_t"]]
    if gaps.is_empty():
        return found
    before, behind = _neighbours(edges)
    places = {f"{side}_{end}": nodes[f"{side}_{end}"].to_list() for side in Side for end in ("first", "last")}
    at = {run: n for n, run in enumerate(nodes["run"].to_list())}
    for gap, pair, holder, from_t, to_t in gaps.iter_rows():
        lacking = Side(holder).other
        low, high = before.get(gap), behind.get(gap)
        # 0 means no row or no time, as in the files of the graph.
        last = None if low is None else places[f"{lacking}_last"][at[low]] or None
        first = None if high is None else places[f"{lacking}_first"][at[high]] or None
        found[lacking].append(AskedGap(gap, pair, last, first, from_t or None, to_t or None))
    return found


def _neighbours(edges: pl.DataFrame) -> tuple[dict[int, int], dict[int, int]]:
    """By run, the run before and after it: `between` edges first, after it otherwise `next`.

    Where there are several, the first counts.
    """
    between = edges.filter(pl.col("kind") == str(GraphEdge.BETWEEN))
    # After the last pairs of a conversation, the next run takes their place, whatever it is.
    onward = pl.concat([between, edges.filter(pl.col("kind") == str(GraphEdge.NEXT))])
    before = between.unique("target", keep="first")[["target", "source"]]
    behind = onward.unique("source", keep="first")[["source", "target"]]
    return dict(before.iter_rows()), dict(behind.iter_rows())


@cache
def _gap_cause(numbers: _Numbers, silent: bool | None, *, many: bool) -> GapCause:
    """Cause of a gap, other causes that stay open, and tests that were not possible."""
    tests = [numbers.untested] if numbers.untested else []
    tests += ["other_conversations"] if silent is None else []
    tests += [] if many else ["second_device"]
    open_causes = ["not_synchronised"] if silent is not False and not many else []
    open_causes += ["lost_by_exporter", "removed_from_device"]
    synced = silent or numbers.never_fetched
    cause = Cause.ID_GAP if numbers.skips else Cause.SYNC_GAP if synced else Cause.UNEXPLAINED
    return GapCause(cause, tuple(open_causes), tuple(tests))


def _read_numbers(side: SideFacts, asked: AskedGap) -> _Numbers:
    """What the lacking side's numbering says about a gap."""
    if side.numbering.is_silent:
        return _UNNUMBERED
    found = side.numbering.between(asked.before, asked.after)
    in_room = side.numbering.in_sequence(asked.pair, asked.before, asked.after)
    untested = None
    if found is None and in_room is None:
        states = {side.numbering.state(r) for r in (asked.before, asked.after) if r is not None}
        untested = "numbering_restored" if "restored" in states else "numbering"
    holes = [h for h in (found, in_room) if h is not None]
    never = any(h.known > 0 for h in holes)
    return _Numbers(any(_unaccounted_numbers(h) > 0 for h in holes) and not never, never, untested)


def _unaccounted_numbers(hole: Hole) -> int:
    """Numbers of the hole that no witness accounts for."""
    return hole.missing - hole.known


def find_silences(side: SideFacts, asked: list[AskedGap]) -> list[bool | None]:
    """Whether the side's other conversations are unusually silent during each gap.

    True: silent, more than chance allows, or the other side shows missing rows of a second common conversation too.
    False: one of them holds a row during the gap. None: there is no other conversation, or such a silence is usual
    there.
    """
    answers: list[bool | None] = [None] * len(asked)
    if not len(side.all_times):
        return answers
    spans = _on_own_clock(asked, side)
    turns, echoed = conversation_turns(side.of_pair), _coinciding_gaps(side, asked, spans)
    for place, (one, span) in enumerate(zip(asked, spans, strict=True)):
        if span is None:
            continue
        first, last = span
        if _count_between(side.all_times, first, last) > _count_between(side.own_times[one.pair], first, last):
            answers[place] = False
            continue
        answers[place] = True if place in echoed else is_rare_silence(side, one.pair, turns, first, last)
    return answers


def _coinciding_gaps(side: SideFacts, asked: list[AskedGap], spans: list[tuple[int, int] | None]) -> set[int]:
    """Indices of gaps that coincide with a gap of a second conversation, while this side has no rows.

    Gaps with overlapping spans form one stretch. From its first to its last missing row, the side holds no row of any
    conversation.
    """
    placed = sorted((*span, place) for place, span in enumerate(spans) if span is not None)
    found: set[int] = set()
    stretch: list[int] = []
    low = high = 0
    for first, last, place in [*placed, (None, None, -1)]:
        if stretch and (first is None or first > high):
            is_common = len({asked[p].pair for p in stretch}) > 1
            found |= set(stretch) if is_common and not _count_between(side.all_times, low, high) else set()
            stretch = []
        if first is not None and last is not None:
            low, high = (min(low, first), max(high, last)) if stretch else (first, last)
            stretch.append(place)
    return found


def conversation_turns(of_pair: Times) -> Times:
    """Positions where rows change from one conversation to another, with both ends of the table."""
    changes = np.flatnonzero(of_pair[1:] != of_pair[:-1]) + 1
    return np.concatenate(([0], changes, [len(of_pair)])).astype(np.int64)


def _on_own_clock(asked: list[AskedGap], side: SideFacts) -> list[tuple[int, int] | None]:
    """First and last missing row of each gap on the lacking side's own clock; None without times."""
    edges = pl.Series([a.after if a.before is None else a.before for a in asked], dtype=pl.UInt32)
    ahead = (side.raw_t[edges] - side.t[edges]).to_list()
    return [
        None if shift is None or one.from_t is None or one.to_t is None else (one.from_t + shift, one.to_t + shift)
        for one, shift in zip(asked, ahead, strict=True)
    ]


def _is_awake(one: AskedGap, side: SideFacts) -> bool:
    """Whether the other side has own messages during the gap; true also where times are unknown."""
    [span] = _on_own_clock([one], side)
    return span is None or one.pair not in side.own_times or _count_between(side.own_times[one.pair], *span) > 0


def is_rare_silence(side: SideFacts, pair: int, turns: Times, first: int, last: int) -> bool | None:
    """True if the others' silence during the gap is more than chance, otherwise None.

    Only the time between the first and the last missing message counts, since everybody pauses before and after a
    session.
    """
    own, length = side.own_times[pair], max(1, last - first)
    # The others are counted, not copied: copies would add up to the whole export once per conversation.
    after = int(np.searchsorted(side.all_times, last, side="right"))
    count, place = len(side.all_times) - len(own), after - int(np.searchsorted(own, last, side="right"))
    if count < PARAMS.silent_others_rows or place in (0, count):
        return None
    before, behind = _other_before(side, pair, turns, after), _other_after(side, pair, turns, after)
    if behind - before > PARAMS.silent_pause_lengths * length:
        return None
    return True if _stands_out(side, pair, first, last, before) or _is_awake_then(side, pair, first, last) else None


def _stands_out(side: SideFacts, pair: int, first: int, last: int, before: int) -> bool:
    """Whether enough rows of the others were expected in the gap and their other pauses are shorter."""
    own, length = side.own_times[pair], max(1, last - first)
    low, high = first - PARAMS.silent_near_lengths * length, last + PARAMS.silent_near_lengths * length
    if (
        _count_between(side.all_times, low, high) - _count_between(own, low, high)
        < 2 * PARAMS.silent_near_lengths * PARAMS.silent_expected_rows
    ):
        return False
    near = slice(*np.searchsorted(side.all_times, (low, high + 1)))
    others = side.all_times[near][side.of_pair[near] != pair]
    pauses = np.diff(others)[others[:-1] != before]
    return not bool((pauses >= length).any())


def _is_awake_then(side: SideFacts, pair: int, first: int, last: int) -> bool:
    """Whether the others have rows at these hours on every surrounding day, and enough on average."""
    times, own = side.all_times, side.own_times[pair]
    days = [k * DAY for k in range(-PARAMS.silent_near_days, PARAMS.silent_near_days + 1) if k]
    days = [d for d in days if last - first < DAY and times[0] <= first + d and last + d <= times[-1]]
    held = [_count_between(times, first + d, last + d) - _count_between(own, first + d, last + d) for d in days]
    return (
        len(held) >= PARAMS.silent_least_days and min(held) > 0 and sum(held) >= PARAMS.silent_expected_rows * len(held)
    )


def _other_after(side: SideFacts, pair: int, turns: Times, place: int) -> int:
    """The first time of another conversation from a place on; there is one."""
    if side.of_pair[place] == pair:
        place = int(turns[np.searchsorted(turns, place, side="right")])
    return int(side.all_times[place])


def _other_before(side: SideFacts, pair: int, turns: Times, place: int) -> int:
    """The last time of another conversation before a place; there is one."""
    if side.of_pair[place - 1] == pair:
        place = int(turns[np.searchsorted(turns, place - 1, side="right") - 1])
    return int(side.all_times[place - 1])


def _count_between(values: Times, low: int, high: int) -> int:
    # The method, since the function of the library costs as much again.
    return int(values.searchsorted(high, side="right") - values.searchsorted(low))
