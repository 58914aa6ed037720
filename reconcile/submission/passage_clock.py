"""Finds rows of a passage that may lie outside it on the submitting device."""

from collections import defaultdict
from itertools import accumulate, pairwise
from statistics import median
from typing import Any

import polars as pl

from reconcile.intake.contract import Reading
from reconcile.submission.excerpt.lines import SLACK_SECONDS
from reconcile.submission.params import CHECK_PARAMS

Piece = list[tuple[int, int, dict[str, Any]]]  # rank in the export, submitted row, pair

_Shown = dict[int, tuple[float, float]]  # submitted row -> time as shown, and how coarse it is


def perhaps_outside(rows: list[dict[str, Any]], pieces: list[Piece], submission: Reading) -> frozenset[int]:
    """Ranks of rows that may lie outside their passage on the submitting device.

    Each device shows its own messages by its own clock, so the order of near rows differs between two devices; rows of
    one sender keep theirs. A row surely lies inside where its sender or the times say so on both sides of it. Its time
    on the submitting device is that of the export plus the difference that its sender's rows have in the passage.

    Args:
        rows: the export's rows in order.
        pieces: the passages.
        submission: the submission.
    """
    times = submission.messages.select("row", pl.col("sent_at").dt.timestamp("us") / 1e6, "time_precision")
    shown = {row: (at, SLACK_SECONDS.get(str(unit), 60.0)) for row, at, unit in times.iter_rows() if at is not None}
    return frozenset(at for piece in pieces for at in _outside_of_piece(rows, piece, shown))


def _outside_of_piece(rows: list[dict[str, Any]], piece: Piece, shown: _Shown) -> list[int]:
    """Ranks between the placed rows of one passage that may lie outside it."""
    is_turned = any(a[1] > b[1] for a, b in pairwise(piece))
    timed = [(at, *shown[row]) for at, row, _ in piece if row in shown and rows[at]["sent_at"] is not None]
    if len(timed) == len(piece):
        return _outside_by_time(rows, timed, is_turned=is_turned)
    # Without times, rows in another order say that the clocks differ, and only a sender's own order is left.
    return _outside_by_sender(rows, [at for at, _, _ in piece]) if is_turned else []


def _outside_by_sender(rows: list[dict[str, Any]], ranks: list[int]) -> list[int]:
    """Ranks between placed rows that no row of the same sender encloses."""
    first, last = _ends_by_sender(rows, ranks)
    between = (at for low, high in pairwise(ranks) for at in range(low + 1, high))
    return [at for at in between if not first.get(who := sender_key(rows[at]), at) < at < last.get(who, at)]


def _ends_by_sender(rows: list[dict[str, Any]], ranks: list[int]) -> tuple[dict[Any, int], dict[Any, int]]:
    """First and last rank of each sender."""
    return {sender_key(rows[at]): at for at in ranks[::-1]}, {sender_key(rows[at]): at for at in ranks}


def _outside_by_time(
    rows: list[dict[str, Any]], timed: list[tuple[int, float, float]], *, is_turned: bool
) -> list[int]:
    """Ranks between placed rows that neither times nor their sender's rows place inside."""
    offsets = _offset_by_sender(rows, timed)
    usual = median(offsets.values())
    slack = max(s for _, _, s in timed)
    # Times mislead as far as they are coarse, unless all rows keep their order.
    margin = slack if is_turned or max(offsets.values()) - min(offsets.values()) > slack / 2 else 0.0
    ranks = [at for at, _, _ in timed]
    earliest = dict(zip(ranks, accumulate((m for _, m, _ in timed), min), strict=True))
    latest = dict(zip(ranks[::-1], accumulate((m for _, m, _ in timed[::-1]), max), strict=True))
    # The offset of a late message differs from that of its sender's other ones.
    steady = [
        at
        for at, m, s in timed
        if abs(m - _time_on_submitting_device(rows[at], offsets, usual)) <= CHECK_PARAMS.seed_seconds + s
    ]
    first, last = _ends_by_sender(rows, steady)
    found = []
    for low, high in pairwise(ranks):
        for at in range(low + 1, high):
            if rows[at]["sent_at"] is None:
                continue
            who, there = sender_key(rows[at]), _time_on_submitting_device(rows[at], offsets, usual)
            begun = first.get(who, at) < at or earliest[low] <= there - margin
            goes_on = last.get(who, at) > at or latest[high] >= there + margin
            if not (begun and goes_on):
                found.append(at)
    return found


def _time_on_submitting_device(row: dict[str, Any], offsets: dict[Any, float], usual: float) -> float:
    """When the submitting device shows a row of the export."""
    return float(row["sent_at"].timestamp()) + offsets.get(sender_key(row), usual)


def _offset_by_sender(rows: list[dict[str, Any]], timed: list[tuple[int, float, float]]) -> dict[Any, float]:
    """The clock difference of each sender."""
    apart: dict[Any, list[float]] = defaultdict(list)
    for at, moment, _ in timed:
        apart[sender_key(rows[at])].append(moment - rows[at]["sent_at"].timestamp())
    return {who: median(values) for who, values in apart.items()}


def sender_key(row: dict[str, Any]) -> Any:
    """The sender as a key: one value for the owner, else id or name."""
    return "self" if row["is_self"] else row["sender"] or row["sender_name"]
