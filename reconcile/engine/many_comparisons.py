"""compare_many(): many small comparisons in one pass, each with the same result as if compared alone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import polars as pl

from reconcile.column_ops import gather_by_pair, listed
from reconcile.engine.compare import match
from reconcile.engine.entities.owners import own_accounts, people
from reconcile.engine.entities.parties import NOTHING_STATED, Stated
from reconcile.engine.findings import assemble
from reconcile.engine.mirror import MARKS, mirror_frame
from reconcile.engine.params import PARAMS
from reconcile.engine.preparation import prepared_rows
from reconcile.frames import SIDES, Messages
from reconcile.intake.contract import ExportFacts, Owner, Reading
from reconcile.intake.frames import frame_of, reading_of

T = TypeVar("T")
# A conversation is named by its pair's number, this mark and its own name: names are then unique and sort by number.
_DIGITS, _MARK = 10, "\x1f"


@dataclass(frozen=True, slots=True)
class Exports:
    """One side of many comparisons. Every export holds one conversation.

    The exports state no filter, declaration or members, and their format leaves nothing out.

    Attributes:
        messages: columns of Messages and `pair`. Pairs ascend, and `row` counts within the pair.
        exported: time of the export by pair (UTC, µs).
        owners: owner of the export by pair, where stated.
    """

    messages: pl.DataFrame
    exported: Mapping[int, int]
    owners: Mapping[int, Owner]


@dataclass(frozen=True, slots=True)
class FindingsOfMany:
    """Alignment, Verdicts and Absent of all comparisons, with and sorted by `pair`; `case` is empty."""

    alignment: pl.DataFrame
    verdicts: pl.DataFrame
    absent: pl.DataFrame


def compare_many(left: Exports, right: Exports, pairs: pl.DataFrame, stated: Stated = NOTHING_STATED) -> FindingsOfMany:
    """Returns what `compare_readings` finds for every pair, from one pass over all of them.

    Args:
        left: the left export of every pair.
        right: the right export of every pair. The two exports of a pair must not have the same owner.
        pairs: the table of conversations, as from `pair_conversations`; `pair` counts from 0.
        stated: pairings that the user states.
    """
    turned = _pairs_to_swap(left.messages, right.messages)
    exports = _swap_turned(left, right, turned), _swap_turned(right, left, turned)
    swapped = pl.col("pair").is_in(turned)
    keys = {f"{a}_conversation": f"{b}_conversation" for a, b in (("left", "right"), ("right", "left"))}
    ordered = pairs.with_columns(
        pl.when(swapped).then(other).otherwise(own).alias(own) for own, other in keys.items()
    ).with_columns((pl.col("pair").cast(pl.String).str.zfill(_DIGITS) + _MARK + pl.col("name")).alias("name"))
    found = _compare_all(exports[0], exports[1], ordered, stated)
    return FindingsOfMany(*(_as_single_comparisons(frame, exports, turned) for frame in found))


def _pairs_to_swap(left: pl.DataFrame, right: pl.DataFrame) -> list[int]:
    """The pairs to compare with sides swapped, so that the result mirrors (mirror.stands_first)."""
    sizes = [
        m.group_by("pair").agg(pl.len().alias("rows"), pl.col("text").str.len_bytes().sum().alias("bytes"))
        for m in (left, right)
    ]
    both = sizes[0].join(sizes[1], on="pair", suffix="_right").sort("pair")
    equal = both.filter((pl.col("rows") == pl.col("rows_right")) & (pl.col("bytes") == pl.col("bytes_right")))["pair"]
    turned = both.filter((pl.col("rows") > pl.col("rows_right")) | ((pl.col("rows") == pl.col("rows_right")) & (pl.col("bytes") > pl.col("bytes_right"))))  # fmt: skip
    marks = [dict(_order_marks(m.filter(pl.col("pair").is_in(listed(equal))))) for m in (left, right)]
    return sorted([*turned["pair"], *(p for p in equal if marks[0][p] > marks[1][p])])


def _order_marks(messages: pl.DataFrame) -> list[tuple[int, tuple[int, ...]]]:
    """Marks of each conversation, by which sides are put in order."""
    grouped = messages.group_by("pair").agg(MARKS)
    return [(pair, tuple(int(v or 0) for v in sums)) for pair, *sums in grouped.iter_rows()]


def _swap_turned(own: Exports, other: Exports, turned: list[int]) -> Exports:
    """One side's exports, with the other side's in the turned conversations."""
    if not turned:
        messages = own.messages
    else:
        swapped = pl.col("pair").is_in(turned)
        messages = pl.concat([own.messages.filter(~swapped), other.messages.filter(swapped)])
        messages = messages.sort("pair", maintain_order=True)
    rows = messages.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"))
    return Exports(
        rows, _swap_values(own.exported, other.exported, turned), _swap_values(own.owners, other.owners, turned)
    )


def _swap_values(own: Mapping[int, T], other: Mapping[int, T], turned: list[int]) -> dict[int, T]:
    """The values of one side, with those of the turned pairs taken from the other side."""
    kept = {p: v for p, v in own.items() if p not in set(turned)}
    return kept | {p: other[p] for p in turned if p in other}


def _compare_all(
    left: Exports, right: Exports, pairs: pl.DataFrame, stated: Stated
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Alignment, verdicts and absent messages of all pairs at once."""
    readings = _as_reading(left.messages), _as_reading(right.messages)
    limits = readings[0].facts.limits, readings[1].facts.limits
    known = people(left.owners.items()), people(right.owners.items())
    owners = _owners(left), _owners(right)
    rows = prepared_rows((left.messages, right.messages), limits, owners, pairs, stated, known, same_owner=False)
    found = match(rows, readings, pairs, "", PARAMS, (left.exported, right.exported))
    told = assemble(found.compared, found.lines)
    return told.alignment, told.verdicts, told.absent


def _owners(exports: Exports) -> dict[int, Owner]:
    """The owner of each export; where it states none, the account that wrote its own rows."""
    found = dict(own_accounts(exports.messages, "pair").iter_rows())
    stated = {pair: exports.owners.get(pair, Owner()) for pair in exports.messages["pair"].unique()}
    return {pair: o if o.id else replace(o, id=found.get(pair)) for pair, o in stated.items()}


def _as_reading(messages: pl.DataFrame) -> Reading:
    return reading_of(ExportFacts("message_table"), frame_of(Messages, messages), conversations=[])


def _as_single_comparisons(frame: pl.DataFrame, exports: tuple[Exports, Exports], turned: list[int]) -> pl.DataFrame:
    """A frame of the joint pass with the names, rows and sides of the single comparisons, and `pair`."""
    pair = pl.col("conversation").str.slice(0, _DIGITS).cast(pl.UInt32)
    out = frame.with_columns(pair.alias("pair"), pl.col("conversation").str.slice(_DIGITS + 1).alias("conversation"))
    for side, export in zip(SIDES, exports, strict=True):
        starts = export.messages.group_by("pair").agg(pl.col("row").min().alias("start"))
        start = gather_by_pair(out["pair"], starts, "start")
        if f"{side}_row" in out.columns:
            out = out.with_columns((pl.col(f"{side}_row") - start).alias(f"{side}_row"))
        if "clock_segments" in out.columns:
            out = out.with_columns(_segments_from_start(out["clock_segments"], start, side))
    if turned:
        swapped = pl.col("pair").is_in(turned)
        parts = [out.filter(~swapped), mirror_frame(out.filter(swapped)).select(out.columns)]
        out = pl.concat(parts).sort("pair", maintain_order=True)
    return out


def _segments_from_start(segments: pl.Series, starts: pl.Series, side: str) -> pl.Series:
    """Clock segments with this side's rows counted from the start of their own export."""
    every = pl.DataFrame({"own": segments, "start": starts}).with_row_index("at")
    # Few conversations have any segment.
    few = every.filter(pl.col("own").list.len() > 0).explode("own")
    moved = few.select(
        "at", pl.col("own").struct.with_fields(pl.field([f"{side}_first", f"{side}_last"]) - pl.col("start"))
    )
    told = moved.group_by("at", maintain_order=True).agg("own")
    out = every.select("at").join(told, on="at", how="left", maintain_order="left")
    return out["own"].fill_null(pl.Series([[]], dtype=segments.dtype)).cast(segments.dtype).rename("clock_segments")


__all__ = ["Exports", "FindingsOfMany", "compare_many"]
