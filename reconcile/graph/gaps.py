"""Gaps: what explains a run of one-sided rows, read off the graph with the lacking side's numbering and its other conversations."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.graph.build import gaps_in
from reconcile.vocabulary import BOTH, Cause, Side

if TYPE_CHECKING:
    import networkx as nx

# A numbering speaks when at least this share of neighbouring rows carry neighbouring numbers.
DENSE_SHARE = 0.8
# A silence of the other conversations speaks when at least this many rows were to be expected in it.
EXPECTED_ROWS = 5.0
# With more conversations than this none is asked about the others.
MOST_PAIRS = 2_000
MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class SideFacts:
    """What a side shows beside the conversation: its numbering and the times of all its rows.

    local_ids, times: number and time (µs) of each row, by row. numbers: sorted local ids of the whole export where they count over the export,
    else empty. own_numbers: sorted local ids by pair, where they count within each conversation. dense_pairs: those whose numbering speaks.
    all_times, own_times: sorted times of all rows and of each pair's; the other conversations' are the difference. Both are empty where there is no
    other conversation.
    """

    local_ids: pl.Series
    times: pl.Series
    numbers: npt.NDArray[np.int64]
    own_numbers: dict[int, npt.NDArray[np.int64]]
    dense_pairs: frozenset[int]
    all_times: npt.NDArray[np.int64]
    own_times: dict[int, npt.NDArray[np.int64]]


def facts_of(rows: pl.DataFrame, pairs: list[int]) -> SideFacts:
    """The facts of one side's row frame, for the conversations that have gaps."""
    numbered = rows.select("pair", "local_id").filter(pl.col("local_id").is_not_null())
    spans = bool(numbered["local_id"].is_duplicated().any()) if numbered.height else False
    ids = numbered["local_id"].sort().to_numpy() if not spans else np.array([], np.int64)
    dense = _dense(numbered, ids, by_conversation=spans)
    own_numbers = _by_pair(numbered, "local_id", [p for p in pairs if p in dense]) if spans else {}
    timed = rows.select("pair", "raw_t").filter(pl.col("raw_t").is_not_null())
    # With one conversation there is no other whose silence could speak.
    has_others = len(pairs) <= MOST_PAIRS and timed["pair"].n_unique() > 1
    times = timed["raw_t"].sort().to_numpy() if has_others else np.array([], np.int64)
    own = _by_pair(timed, "raw_t", pairs) if has_others else {}
    return SideFacts(rows["local_id"], rows["raw_t"], ids, own_numbers, dense, times, own)


def _by_pair(rows: pl.DataFrame, column: str, pairs: list[int]) -> dict[int, npt.NDArray[np.int64]]:
    """The sorted values of each of the pairs; one without any has an empty array."""
    kept = rows.filter(pl.col("pair").is_in(pairs)).select("pair", column).sort("pair", column)
    codes, values = kept["pair"].to_numpy(), kept[column].to_numpy()
    starts, ends = np.searchsorted(codes, pairs), np.searchsorted(codes, pairs, side="right")
    return {p: values[a:b] for p, a, b in zip(pairs, starts, ends, strict=True)}


def _dense(numbered: pl.DataFrame, ids: npt.NDArray[np.int64], *, by_conversation: bool) -> frozenset[int]:
    if numbered.height < 8:
        return frozenset()
    if by_conversation:
        steps = numbered.sort("pair", "local_id").with_columns(pl.col("local_id").diff().over("pair").alias("step"))
        shares = (
            steps.filter(pl.col("step").is_not_null())
            .group_by("pair")
            .agg((pl.col("step") == 1).mean().alias("share"), pl.len().alias("n"))
        )
        return frozenset(shares.filter((pl.col("share") >= DENSE_SHARE) & (pl.col("n") >= 5))["pair"].drop_nulls())
    share = float((np.diff(ids) == 1).mean())
    return frozenset(numbered["pair"].drop_nulls().unique()) if share >= DENSE_SHARE else frozenset()


@dataclass(frozen=True, slots=True)
class GapCause:
    """The explanation of one gap, the explanations not excluded, and the tests that the material did not allow."""

    cause: Cause
    not_excluded: tuple[str, ...]
    tests_not_possible: tuple[str, ...]


def explain_gaps(graph: "nx.DiGraph", facts: dict[Side, SideFacts]) -> dict[int, GapCause]:
    """A cause for every gap of the graph.

    id_gap: the lacking side's own numbers skip between the rows around the gap. sync_gap: its other conversations are empty in the whole stretch although
    several rows were to be expected. Otherwise unexplained. A cause describes evidence; it never says who did what.
    """
    between = _surroundings(graph)
    by_side: dict[Side, list[_Asked]] = {side: [] for side in Side}
    for gap in gaps_in(graph):
        node = graph.nodes[gap]
        lacking = Side(node["holder"]).other
        before, after = (None if n is None else graph.nodes[n] for n in between.get(gap, (None, None)))
        low = None if before is None else before[f"{lacking}_last"]
        high = None if after is None else after[f"{lacking}_first"]
        by_side[lacking].append(_Asked(gap, node["pair"], low, high))
    found: dict[int, GapCause] = {}
    for side, asked in by_side.items():
        answers = zip(asked, _holes(facts[side], asked), _silences(facts[side], asked), strict=True)
        found |= {a.gap: _cause(hole, silent) for a, hole, silent in answers}
    return {gap: found[gap] for gap in sorted(found)}


class _Asked(NamedTuple):
    """A gap, its conversation, and the lacking side's rows around it."""

    gap: int
    pair: int
    before: int | None
    after: int | None


def _surroundings(graph: "nx.DiGraph") -> dict[int, tuple[int | None, int | None]]:
    """The runs of pairs before and after each gap that has any; None at an edge of the conversation."""
    before: dict[int, int] = {}
    after: dict[int, int] = {}
    for source, target, kind in graph.edges(data="kind"):
        if kind == "between":
            if graph.nodes[source]["state"] == BOTH:
                before[target] = source
            else:
                after[source] = target
    return {gap: (before.get(gap), after.get(gap)) for gap in before.keys() | after.keys()}


@cache
def _cause(hole: bool | None, silent: bool | None) -> GapCause:
    tests = [n for n, state in (("numbering", hole), ("other_conversations", silent)) if state is None]
    open_causes = (["not_synchronised"] if silent is not False else []) + ["lost_by_exporter", "removed_from_device"]
    cause = Cause.ID_GAP if hole else Cause.SYNC_GAP if silent else Cause.UNEXPLAINED
    return GapCause(cause, tuple(open_causes), (*tests, "second_device"))


def _holes(side: SideFacts, asked: list[_Asked]) -> list[bool | None]:
    """Whether numbers are missing between the two rows; None where the numbering does not speak."""
    if not side.dense_pairs:
        return [None] * len(asked)
    answers: list[bool | None] = []
    for low, high, one in zip(*_around(side.local_ids, asked), asked, strict=True):
        if one.pair not in side.dense_pairs or low is None or high is None or high <= low:
            answers.append(None)
        else:
            held = _between(side.own_numbers.get(one.pair, side.numbers), low, high)
            answers.append(bool(high - low - 1 > held))
    return answers


def _silences(side: SideFacts, asked: list[_Asked]) -> list[bool | None]:
    """Whether the side's other conversations are empty between the two rows; None where they could not tell."""
    answers: list[bool | None] = [None] * len(asked)
    if not len(side.all_times):
        return answers
    span = max(float(side.all_times[-1] - side.all_times[0]), 1.0)
    for place, (low, high, one) in enumerate(zip(*_around(side.times, asked), asked, strict=True)):
        own = side.own_times[one.pair]
        others = len(side.all_times) - len(own)
        if others and low is not None and high is not None and others * (high - low) / span >= EXPECTED_ROWS:
            answers[place] = _between(side.all_times, low, high) == _between(own, low, high)
    return answers


def _around(values: pl.Series, asked: list[_Asked]) -> tuple[list[int | None], list[int | None]]:
    """The value of the row before and of the row after each gap; None where there is no such row or it has none."""
    rows = [pl.Series(r, dtype=pl.UInt32) for r in ([a.before for a in asked], [a.after for a in asked])]
    return values.gather(rows[0]).to_list(), values.gather(rows[1]).to_list()


def _between(values: npt.NDArray[np.int64], low: int, high: int) -> int:
    return int(np.searchsorted(values, high) - np.searchsorted(values, low, side="right"))
