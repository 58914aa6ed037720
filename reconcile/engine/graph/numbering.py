"""Reads a side's running numbers: holes and tails between two rows of the series that counts them."""

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.column_ops import listed, parts_by
from reconcile.engine.params import PARAMS
from reconcile.intake.contract import Reading
from reconcile.vocabulary import LocalIdScope, NoteCode

# `msg_seq` of a group (Android): the server's running number of the rows of a room.
SEQUENCE = "msg_seq"
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hole:
    """Numbers between two rows that no row has.

    Attributes:
        missing: how many there are.
        known: how many of them the device itself records as never fetched.
    """

    missing: int
    known: int = 0


@dataclass(frozen=True, slots=True)
class Numbering:
    """The running numbers of one side.

    Attributes:
        series, local_id: the series and number of each row.
        numbers: sorted numbers of each series.
        untrusted: series that are not dense (`sparse`) or were assigned again (`restored`).
        single: series that count only one conversation.
        highest: highest number ever assigned in a conversation, as the file states it.
        sequence: for each pair (room) the server numbers by row, sorted numbers, and holes recorded by the device.
    """

    series: pl.Series
    local_id: pl.Series
    numbers: dict[str, Numbers]
    untrusted: dict[str, str]
    single: frozenset[str]
    highest: dict[str, int]
    sequence: dict[int, tuple[dict[int, int], Numbers, list[tuple[int, int]]]]

    @property
    def is_silent(self) -> bool:
        """Whether no row has a number that counts anything."""
        return not self.numbers and not self.sequence

    def state(self, row: int | None) -> str:
        """`ok`, `sparse`, `restored`, or `none` where the row has no number."""
        if (
            row is None
            or self.series[row] is None
            or self.series[row] not in self.numbers
            or self.local_id[row] is None
        ):
            return "none"
        return self.untrusted.get(self.series[row], "ok")

    def between(self, before: int | None, after: int | None) -> Hole | None:
        """The hole between two rows of one series; None where the numbering proves nothing.

        Without a row before: the numbers below the first one of a conversation's own series. Without a row after: the
        numbers assigned beyond the last one, if the file states them.
        """
        held = before if before is not None else after
        if held is None or self.state(held) != "ok":
            return None
        name = str(self.series[held])
        numbers = self.numbers[name]
        if before is None:
            return (
                _hole_between(numbers, 0, int(self.local_id[held]))
                if name in self.single and after is not None
                else None
            )
        if after is None:
            top = self.highest.get(name)
            return (
                _hole_between(numbers, int(self.local_id[held]), top + 1)
                if top is not None and name in self.single
                else None
            )
        if self.state(after) != "ok" or self.series[after] != name:
            return None
        return _hole_between(numbers, int(self.local_id[before]), int(self.local_id[after]))

    def in_sequence(self, pair: int, before: int | None, after: int | None) -> Hole | None:
        """The hole between two rows in a room's server sequence, with the numbers never fetched as `known`."""
        found = self.sequence.get(pair)
        if found is None or before is None or after is None:
            return None
        of_row, numbers, holes = found
        low, high = of_row.get(before), of_row.get(after)
        hole = None if low is None or high is None else _hole_between(numbers, low, high)
        if hole is None or low is None or high is None:
            return None
        known = sum(max(0, min(end, high - 1) - max(begin, low + 1) + 1) for begin, end in holes)
        return Hole(hole.missing, min(known, hole.missing))


def _hole_between(numbers: Numbers, low: int, high: int) -> Hole | None:
    """The numbers missing between two; null where high is not above low."""
    if high <= low:
        return None
    held = int(np.searchsorted(numbers, high) - np.searchsorted(numbers, low, side="right"))
    return Hole(max(0, high - low - 1 - held))


def numbering_of(rows: pl.DataFrame, reading: Reading, pairs: list[int], *, each: bool = False) -> Numbering:
    """The numbering of a side's row frame.

    The reader states what the numbers count: a conversation on iOS, macOS and 4.x, a shard on Windows 3, the whole
    table on Android. Otherwise a repeated number shows it.

    Args:
        rows: the side's frame of rows.
        reading: the export.
        pairs: the conversations with gaps; room sequences are read for these only.
        each: whether every pair is an export of its own, and one table.
    """
    numbered = rows["local_id"].null_count() < rows.height
    if not pairs or not numbered:
        nothing = pl.Series([None], dtype=pl.String).new_from_index(0, rows.height)
        rooms = _room_sequences(rows, reading, pairs) if pairs else {}
        return Numbering(nothing, rows["local_id"], {}, {}, frozenset(), {}, rooms)
    series, single = (rows["pair"].cast(pl.String), False) if each else _series_of_rows(rows, reading)
    frame = rows[["row", "pair", "local_id", "raw_t"]].with_columns(series.alias("series"))
    frame = frame.filter(pl.col("local_id").is_not_null() & pl.col("series").is_not_null())
    wanted = frame.filter(pl.col("pair").is_in(pairs))["series"].unique()
    frame = frame.filter(pl.col("series").is_in(listed(wanted)))
    numbers = {str(name): part["local_id"].unique().sort().to_numpy() for (name,), part in parts_by(frame, "series").items()}  # fmt: skip
    untrusted = _untrusted_series(frame, numbers, reading)
    names = frozenset(numbers) if single else frozenset()
    top = (
        reading.counters.filter(pl.col("is_trusted") & pl.col("conversation").is_not_null())
        if single
        else reading.counters.head(0)
    )
    highest = {scope: int(n) for scope, n in top[["scope", "maximum"]].iter_rows()} | {c: int(n) for c, n in top[["conversation", "maximum"]].iter_rows()}  # fmt: skip
    return Numbering(
        series, rows["local_id"], numbers, untrusted, names, highest, _room_sequences(rows, reading, pairs)
    )


def _series_of_rows(rows: pl.DataFrame, reading: Reading) -> tuple[pl.Series, bool]:
    """The series of each row, and whether each series counts one conversation."""
    scope = reading.facts.local_id_scope
    numbered = rows["local_id"].drop_nulls()
    if len(reading.facts.devices) > 1 and len(numbered):
        return _series_by_device(rows, reading), False
    number = (
        reading.messages["locator"].str.extract(r"/(\d+)$", 1).cast(pl.Int64, strict=False) if len(numbered) else None
    )
    if number is not None and (number == rows["local_id"]).sum() >= PARAMS.rule_share * len(numbered):
        # The locator ends with the number, so the part before it names the client's table that counts.
        prefix = reading.messages["locator"].str.extract(r"^(.*)/\d+$", 1)
        return prefix, scope in (LocalIdScope.CONVERSATION, LocalIdScope.SHARD) and _counts_one_conversation(
            prefix, rows
        )
    over_all = scope is LocalIdScope.EXPORT or (
        scope is LocalIdScope.UNKNOWN and not bool(numbered.is_duplicated().any())
    )
    if over_all:
        single = rows["conversation"].n_unique() == 1
        name = str(rows["conversation"][0]) if single else ""
        return pl.repeat(name, rows.height, dtype=pl.String, eager=True), False
    return rows["conversation"], scope is LocalIdScope.CONVERSATION


def _series_by_device(rows: pl.DataFrame, reading: Reading) -> pl.Series:
    """The series of each row of a copy merged from several devices.

    It is the client's table where locators name it, otherwise the device, by conversation where numbers repeat.
    """
    at = reading.messages["locator"].alias("at")
    frame = rows.select("conversation", "local_id", at, at.str.extract(r"^(.*?)/", 1).alias("device"))
    number = pl.col("at").str.extract(r"/(\d+)$", 1).cast(pl.Int64, strict=False)
    has_table = ((number == pl.col("local_id")).sum() >= PARAMS.rule_share * pl.col("local_id").count()).over("device")
    twice = pl.struct("device", "local_id").is_duplicated() & pl.col("local_id").is_not_null()
    chat = pl.when(twice.any().over("device")).then(pl.col("conversation")).otherwise(pl.lit(""))
    table = pl.col("at").str.extract(r"^(.*)/\d+$", 1)
    series = pl.when(has_table).then(table).otherwise(pl.col("device") + pl.lit("/") + chat)
    return frame.select(series.alias("series"))["series"]


def _counts_one_conversation(prefix: pl.Series, rows: pl.DataFrame) -> bool:
    """Whether each series of numbers belongs to one conversation only."""
    each = pl.DataFrame({"series": prefix, "conversation": rows["conversation"]}).drop_nulls().unique()
    return not bool(each["series"].is_duplicated().any())


def _untrusted_series(frame: pl.DataFrame, numbers: dict[str, Numbers], reading: Reading) -> dict[str, str]:
    """Series that prove no gap, with the reason: sparse or restored."""
    found = {
        n: "sparse"
        for n, ids in numbers.items()
        if len(ids) < PARAMS.numbered_rows or float((np.diff(ids) == 1).mean()) < PARAMS.dense_share
    }
    timed = frame.filter(pl.col("raw_t").is_not_null()).sort("series", "pair", "raw_t", "row")
    steps = timed.with_columns(
        pl.col("local_id").diff().over("series", "pair").alias("step"), pl.col("raw_t").diff().over("series", "pair").alias("wait")
    ).filter(pl.col("step").is_not_null() & (pl.col("wait") > 0))  # fmt: skip
    order = steps.group_by("series").agg((pl.col("step") > 0).mean().alias("share"), pl.len().alias("n"))
    renewed = order.filter((pl.col("share") < PARAMS.numbered_order_share) & (pl.col("n") >= PARAMS.numbered_rows))[
        "series"
    ]
    said = [n.locator.partition("#")[0] for n in reading.notes if n.code is NoteCode.COUNTER_RESTORED]
    restored = [n for n in numbers if said and (n.partition("#")[0] in said or "#" not in n)]
    return found | dict.fromkeys([*map(str, renewed), *restored], "restored")


def _room_sequences(
    rows: pl.DataFrame, reading: Reading, pairs: list[int]
) -> dict[int, tuple[dict[int, int], Numbers, list[tuple[int, int]]]]:
    """The server's sequence of each room with gaps, where enough rows carry consecutive numbers."""
    raw = reading.messages["raw"]
    if raw.null_count() == raw.len() or not bool(raw.str.contains(f'"{SEQUENCE}":', literal=True).any()):
        return {}
    rooms = rows.filter(pl.col("pair").is_in(pairs) & ~pl.col("is_direct").fill_null(value=True)).select(
        "row", "pair", "conversation"
    )
    told = rooms.with_columns(
        raw[rooms["row"]].str.json_path_match(f"$.{SEQUENCE}").cast(pl.Int64, strict=False).alias("n")
    ).filter(pl.col("n") > 0)  # fmt: skip
    found = {}
    for (pair,), part in parts_by(told, "pair").items():
        numbers = part["n"].unique().sort().to_numpy()
        if len(numbers) >= PARAMS.numbered_rows and float((np.diff(numbers) == 1).mean()) >= PARAMS.dense_share:
            holes = reading.counters.filter(
                (pl.col("scope") == SEQUENCE) & (pl.col("conversation") == part["conversation"][0])
            )
            ranges = [
                (b, e) for b, e in holes.select("hole_from", "hole_to").iter_rows() if b is not None and e is not None
            ]
            found[int(pair)] = (dict(part.select("row", "n").iter_rows()), numbers, ranges)
    return found


def restored_notes(reading: Reading) -> list[str]:
    """Locators of notes that a numbering was restored or migrated, so that it proves nothing."""
    return [n.locator for n in reading.notes if n.code is NoteCode.COUNTER_RESTORED and re.search(r"\S", n.locator)]
