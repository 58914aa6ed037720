"""Simple cases of a chunk in one pass: read and compared together, each with its own results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from reconcile.batch.jobs import Job
from reconcile.batch.single_conversations import SCHEMA, Sole, pair_row, pairing_of, single_conversations
from reconcile.batch.tables import Export, Tables, read_tables
from reconcile.batch.triage import amounts_of
from reconcile.engine.many_comparisons import Exports, FindingsOfMany, compare_many
from reconcile.engine.mirror import MARKS
from reconcile.options import CaseOptions
from reconcile.wording.sides import SIDES

# Fewer cases than this gain nothing from a pass of their own.
LEAST_CASES = 2


@dataclass(frozen=True, slots=True)
class Together:
    """The results of one pass: findings by `pair`, the jobs in that order, exports and payments."""

    found: FindingsOfMany
    jobs: tuple[Job, ...]
    sides: tuple[tuple[Export, Export], ...]
    rows: tuple[tuple[int, int], ...]
    notes: tuple[tuple[int, int], ...]
    amounts: pl.DataFrame


def compare_together(jobs: Sequence[Job], options: CaseOptions) -> Together | None:
    """The jobs that can be compared in one pass; None where there are too few.

    A case qualifies if both sides are one message table each, of one conversation, with different owners and nothing
    to note except an assumed zone, and if the two conversations match by account or are the only ones.
    """
    if (
        options.error_rates
        or any(options.readers)
        or options.stated.conversations
        or any(r.columns or r.owner or r.key for r in options.read)
    ):
        return None
    able = [j for j in jobs if j.problem is None]
    if len(able) < LEAST_CASES:
        return None
    sides = [
        read_tables({n: (j.left, j.right)[side] for n, j in enumerate(able)}, options.read[side]) for side in (0, 1)
    ]
    whole = sorted(set(sides[0].exports) & set(sides[1].exports))
    pairs = _paired_conversations(whole, sides)
    if len(pairs) < LEAST_CASES:
        return None
    return _compare_pairs(able, pairs, sides, options)


def _paired_conversations(numbers: list[int], sides: list[Tables]) -> dict[int, tuple[Sole, Sole, str]]:
    known = [
        single_conversations(t.messages, {n: e.owner.id for n, e in t.exports.items() if e.owner.id is not None})
        for t in sides
    ]
    same = _same_content(numbers, sides)
    out = {}
    for number in numbers:
        left, right = (k[number] for k in known)
        pairing = pairing_of(left, right)
        of_one_owner = left.owner is not None and left.owner == right.owner
        if pairing is not None and not of_one_owner and number not in same:
            out[number] = (left, right, pairing)
    return out


def _same_content(numbers: list[int], sides: list[Tables]) -> set[int]:
    """Cases whose two exports may be one: files of one name with equal content."""
    alike = [n for n in numbers if sides[0].exports[n].file.path == sides[1].exports[n].file.path]
    if not alike:
        return set()
    marks = [
        {n: tuple(sums) for n, *sums in t.messages.filter(pl.col("export").is_in(alike)).group_by("export").agg(MARKS).iter_rows()}
        for t in sides
    ]  # fmt: skip
    return {n for n in alike if marks[0][n] == marks[1][n]}


def _compare_pairs(
    able: list[Job], pairs: Mapping[int, tuple[Sole, Sole, str]], sides: list[Tables], options: CaseOptions
) -> Together:
    numbers = list(pairs)
    place = {n: at for at, n in enumerate(numbers)}
    table = pl.DataFrame([pair_row(place[n], *told) for n, told in pairs.items()], schema=SCHEMA, orient="row")
    exports = [_exports(t, numbers) for t in sides]
    found = compare_many(exports[0], exports[1], table, options.stated)
    heights = [dict(e.messages.group_by("pair").len().iter_rows()) for e in exports]
    both = tuple(tuple(replace(t.exports[n], data=b"") for t in sides) for n in numbers)
    return Together(
        found,
        tuple(able[n] for n in numbers),
        both,  # type: ignore[arg-type]
        tuple((heights[0][at], heights[1][at]) for at in place.values()),
        tuple((sides[0].notes[n], sides[1].notes[n]) for n in numbers),
        pl.concat(_amounts(e.messages, name, found.alignment) for e, name in zip(exports, SIDES, strict=True)),
    )


def _exports(tables: Tables, numbers: list[int]) -> Exports:
    places = pl.DataFrame(
        {"export": numbers, "pair": range(len(numbers))}, schema={"export": pl.UInt32, "pair": pl.UInt32}
    )
    messages = tables.messages.join(places, on="export", how="inner", maintain_order="left").drop("export")
    stated = {at: e.exported for at, n in enumerate(numbers) if (e := tables.exports[n]).exported is not None}
    owners = {at: tables.exports[n].owner for at, n in enumerate(numbers)}
    return Exports(messages, {at: v for at, v in stated.items() if v is not None}, owners)


def _amounts(messages: pl.DataFrame, side: str, lines: pl.DataFrame) -> pl.DataFrame:
    rows = messages.select("pair", pl.lit(side).alias("side"), "row", "amount", "text")
    return amounts_of(rows, lines)


__all__ = ["Together", "compare_together"]
