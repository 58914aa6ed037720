"""Many small disputes compared in one pass, which costs little more than comparing one of them.

Each dispute gets the rows that it gets alone; tests/batch/test_combined_cases.py holds the pass to that.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import TypeVar

import polars as pl

from reconcile.batch.combined_cases import SCHEMA, SingleConversation, pair_row, pairing_of, single_conversations
from reconcile.engine.compare import compare_readings
from reconcile.engine.many_comparisons import Exports, compare_many
from reconcile.engine.reach import exported_of
from reconcile.intake.contract import ExportFacts, Owner, Reading
from tests.build.chats import Row, held

Name = TypeVar("Name")
# Alignment and verdicts of a dispute.
Found = tuple[pl.DataFrame, pl.DataFrame]


def compared_together(disputes: Mapping[Name, tuple[Reading, Reading]]) -> dict[Name, Found]:
    """Each dispute compared: in one pass what is one plain conversation, alone what is not."""
    simple = {name: pair for name, pair in disputes.items() if all(map(_is_plain, pair))}
    exports = [_exports([pair[side] for pair in simple.values()]) for side in (0, 1)]
    sole = [_single(e) for e in exports]
    pairings = {n: pairing_of(sole[0][n], sole[1][n]) for n in range(len(simple))}
    pairs = [pair_row(n, sole[0][n], sole[1][n], str(pairings[n])) for n in pairings]
    assert None not in pairings.values(), "the conversations of a dispute must belong together"
    found = compare_many(exports[0], exports[1], pl.DataFrame(pairs, schema=SCHEMA, orient="row"))
    frames = found.alignment, found.verdicts
    together = {name: (_of_pair(frames[0], n), _of_pair(frames[1], n)) for n, name in enumerate(simple)}
    alone = {name: compare_readings(*pair) for name, pair in disputes.items() if name not in simple}
    return together | {name: (found.alignment, found.verdicts) for name, found in alone.items()}


def relations_together(disputes: Callable[[], Mapping[Name, tuple[list[Row], list[Row]]]]) -> Callable[[Name], dict[str, int]]:  # fmt: skip
    """How many rows of a dispute have each relation, where the first two people hold its rows (chats.relations)."""

    @cache
    def found() -> dict[Name, Found]:
        return compared_together({name: (held(left, 0), held(right, 1)) for name, (left, right) in disputes().items()})

    return lambda name: dict(found()[name][0]["relation"].cast(pl.String).value_counts().rows())


def relations_of_each(*disputes: tuple[list[Row], list[Row]]) -> list[dict[str, int]]:
    """How many rows of each dispute have each relation, where the first two people hold its rows."""
    of = relations_together(lambda: dict(enumerate(disputes)))
    return [of(n) for n in range(len(disputes))]


def _is_plain(reading: Reading) -> bool:
    """Whether the export states nothing beside its messages and owner, which are of one conversation."""
    facts = replace(ExportFacts(reading.facts.reader), limits=reading.facts.limits)
    told = replace(reading.facts, owner=Owner(), exported_at=None, tool=None, tool_version=None, timezone=None)
    beside = reading.contacts, reading.members, reading.witnesses, reading.counters
    is_table = facts == ExportFacts("message_table") and told == facts
    return is_table and reading.messages["conversation"].n_unique() == 1 and all(frame.is_empty() for frame in beside)


def _exports(readings: list[Reading]) -> Exports:
    messages = [r.messages.with_columns(pl.lit(n, pl.UInt32).alias("pair")) for n, r in enumerate(readings)]
    made = {n: at for n, r in enumerate(readings) for at in exported_of(r.facts).values()}
    return Exports(pl.concat(messages), made, {n: r.facts.owner for n, r in enumerate(readings)})


def _single(exports: Exports) -> dict[int, SingleConversation]:
    owners = {n: owner.id for n, owner in exports.owners.items() if owner.id}
    return single_conversations(exports.messages.rename({"pair": "export"}), owners)


def _of_pair(frame: pl.DataFrame, pair: int) -> pl.DataFrame:
    return frame.filter(pl.col("pair") == pair)
