"""Finds where a conversation larger than memory may be cut, from a light scan of both tables.

The scan also gives the offset of their clocks.

Raises CannotSplit wherever a window could see less than the whole: rows without times, rows that name others, clocks that run apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.engine.params import PARAMS
from reconcile.formats.neutral.message_columns import REQUIRED, normalise
from reconcile.formats.neutral.sidecar import sidecar_beside
from reconcile.intake.contract import ReadOptions
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.kind_classes import SECONDS

Numbers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
# The least silence on both sides at a cut: far beyond any window of matching, a recall, or a clock set by minutes.
LEAST_QUIET = 1_800 * SECONDS
# Anchors farther than this from the common offset suggest another clock; more than one in a hundred, clocks that
# drift.
NEAR, MOST_FAR = 300 * SECONDS, 0.01
LEAST_ANCHORS = 50
# A window overlaps the next by this many quiet places and rows.
OVERLAP_PLACES, OVERLAP_ROWS = 2, 300
# Columns whose rows refer to other rows, however far away.
_SPEAKING = ("local_id", "reply_to", "quoted_text", "alias_id", "native_id")
MOST_SENDERS = 2
_FORMS = (".csv", ".parquet")


class CannotSplit(Exception):
    """Raised where windows might not give the result of the whole; the text says why."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One side as arrays: times (µs), hashes of words or media and of server ids, bytes, senders.

    0 = no words, no server id.
    """

    path: Path
    t: Numbers
    words: Hashes
    ids: Hashes
    text_bytes: int
    senders: frozenset[str]


@dataclass(frozen=True, slots=True)
class Span:
    """Rows of both sides: left from, left to, right from, right to (the ends are outside)."""

    left: tuple[int, int]
    right: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Window:
    """A window: `rows` are compared, `kept` rows count, `shared` rows are judged by the next one too."""

    rows: Span
    kept: Span
    shared: Span | None


def scan_cells(path: Path) -> pl.LazyFrame:
    """The table's cells, read piece by piece."""
    if path.suffix.lower() == ".parquet":
        return pl.scan_parquet(path, glob=False)
    return pl.scan_csv(path, infer_schema=False, glob=False, encoding="utf8")


def scan(path: Path, options: ReadOptions) -> Scan:
    """The columns of one side that cutting needs; shorter words are no anchor. Raises CannotSplit."""
    if path.suffix.lower() not in _FORMS or not path.is_file():
        raise CannotSplit("not one table")
    sidecar = sidecar_beside(path, path)
    if any(sidecar.get(k) for k in ("declared", "groups", "contacts")):
        raise CannotSplit("the sidecar speaks of more than the rows")
    table = scan_cells(path)
    names = table.collect_schema().names()
    if not {*REQUIRED, "sender"} <= set(names):
        raise CannotSplit("not a message table")
    asked = [pl.col(c).is_not_null().any().alias(c) for c in _SPEAKING if c in names]
    if "conversation" in names:
        asked.append((pl.col("conversation").n_unique() > 1).alias("conversation"))
    if asked and any(table.select(asked).collect(engine="streaming").row(0)):
        raise CannotSplit("rows speak of others")
    words = pl.col("text").cast(pl.String).fill_null("")
    light = table.select(
        pl.col("sent_at").cast(pl.String), words.str.len_bytes().alias("bytes"),
        pl.when(words.str.len_chars() >= PARAMS.distinctive_characters).then(_nonzero_hash(words)).otherwise(_hash_of("media_hash", names)).alias("words"),
        _hash_of("message_id", names).alias("ids"),
    ).collect(engine="streaming")  # fmt: skip
    t = _exact_times(light["sent_at"], path, sidecar, options)
    senders = table.select(pl.col("sender").cast(pl.String).unique()).collect(engine="streaming")["sender"]
    who = frozenset(senders.drop_nulls()) - {""}
    if len(who) > MOST_SENDERS and "conversation_kind" not in names:
        raise CannotSplit("a room that is none in every window")
    return Scan(path, t, light["words"].to_numpy(), light["ids"].to_numpy(), int(light["bytes"].sum()), who)


def _nonzero_hash(value: pl.Expr) -> pl.Expr:
    """The hash of a value, never 0."""
    # Zero is no hash of anything here.
    return value.hash(seed=5) | pl.lit(1, dtype=pl.UInt64)


def _hash_of(column: str, names: list[str]) -> pl.Expr:
    """The hash of a column; 0 for an empty value or a missing column."""
    nothing = pl.lit(0, dtype=pl.UInt64)
    if column not in names:
        return nothing
    value = pl.col(column).cast(pl.String)
    return pl.when(value.is_not_null() & (value != "")).then(_nonzero_hash(value)).otherwise(nothing)


def _exact_times(raw: pl.Series, path: Path, sidecar: dict[str, object], options: ReadOptions) -> Numbers:
    """The times in µs. Raises CannotSplit where a row has no time of day."""
    zone, unit = options.timezone or sidecar.get("timezone") or ASSUMED_ZONE, sidecar.get("time_unit")
    bare = raw.to_frame().with_columns(pl.lit("-").alias("text"), pl.lit("-").alias("sender"), pl.lit("text").alias("kind"))  # fmt: skip
    normalised, _ = normalise(bare, "", str(zone), None if unit is None else str(unit), assumed=False, source=path)
    fine = normalised["time_precision"].cast(pl.String).is_in(["minute", "second", "millisecond"])
    if normalised["sent_at"].null_count() or not bool(fine.all()):
        raise CannotSplit("rows without a time of day")
    return normalised["sent_at"].dt.timestamp("us").to_numpy()


def offset_of(left: Scan, right: Scan) -> int:
    """Left minus right time (µs), from words that are unique on each side.

    Raises CannotSplit where the offset is not one for all.
    """
    sides = []
    for side in (left, right):
        values, first, counts = np.unique(side.words, return_index=True, return_counts=True)
        once = (counts == 1) & (values > 0)
        sides.append((values[once], side.t[first[once]]))
    _, a, b = np.intersect1d(sides[0][0], sides[1][0], assume_unique=True, return_indices=True)
    apart = sides[0][1][a] - sides[1][1][b]
    if len(apart) < LEAST_ANCHORS:
        raise CannotSplit("too few words in common to tell the clocks apart")
    middle = int(np.median(apart))
    if float((np.abs(apart - middle) > NEAR).mean()) > MOST_FAR:
        raise CannotSplit("the clocks run apart")
    return middle


def quiet_places(left: Scan, right: Scan, offset: int) -> list[tuple[int, int]]:
    """Left and right rows where both sides may be cut, each in the middle of a long silence.

    All earlier rows lie before the cut and all later ones behind it.
    """
    times = np.sort(np.concatenate([left.t - offset, right.t]))
    waits = np.diff(times)
    at = times[:-1][waits >= LEAST_QUIET] + waits[waits >= LEAST_QUIET] // 2
    rows = [_first_rows_after(side, at + shift) for side, shift in ((left, offset), (right, 0))]
    sound = (rows[0] >= 0) & (rows[1] >= 0)
    return list(zip(rows[0][sound].tolist(), rows[1][sound].tolist(), strict=True))


def _first_rows_after(side: Scan, at: Numbers) -> Numbers:
    """The first row after each instant, if all rows before it are earlier; -1 = no such row."""
    so_far = np.maximum.accumulate(side.t)
    to_come = np.minimum.accumulate(side.t[::-1])[::-1]
    row = np.searchsorted(so_far, at)
    fits = (row > 0) & (row < len(side.t))
    late = to_come[np.clip(row, 0, len(side.t) - 1)] >= at
    return np.where(fits & late, row, -1)


def windows(left: Scan, right: Scan, places: list[tuple[int, int]], most_rows: int) -> Iterator[Window]:
    """The fewest windows of at most `most_rows` rows of both sides together.

    Raises CannotSplit where silences are too far apart.
    """
    ends = [(0, 0), *places, (len(left.t), len(right.t))]
    last, start = len(ends) - 1, 0
    while start < last:
        low, stop = _overlap_end(ends, start, -1), start
        while stop < last and _span_size(ends[low], ends[_overlap_end(ends, stop + 1, 1)]) <= most_rows:
            stop += 1
        if stop == start:
            raise CannotSplit("no silence of both sides where it would have to be cut")
        shared = None if stop == last else _span_between(ends[stop - 1], ends[stop + 1])
        high = _overlap_end(ends, stop, 1)
        yield Window(_span_between(ends[low], ends[high]), _span_between(ends[start], ends[stop]), shared)
        start = stop


def _overlap_end(ends: list[tuple[int, int]], at: int, step: int) -> int:
    """The place at which an overlap ends: some quiet places and some rows away."""
    place = at
    while 0 < place < len(ends) - 1 and (abs(place - at) < OVERLAP_PLACES or _span_size(ends[at], ends[place]) < OVERLAP_ROWS):  # fmt: skip
        place += step
    return place


def _span_size(a: tuple[int, int], b: tuple[int, int]) -> int:
    """Number of rows of both sides between two places."""
    return abs(b[0] - a[0]) + abs(b[1] - a[1])


def _span_between(a: tuple[int, int], b: tuple[int, int]) -> Span:
    return Span((a[0], b[0]), (a[1], b[1]))


__all__ = ["CannotSplit", "Scan", "Span", "Window", "offset_of", "quiet_places", "scan", "scan_cells", "windows"]
