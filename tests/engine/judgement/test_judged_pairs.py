"""Names of senders in a chat of two."""

from dataclasses import replace

import polars as pl
import pytest

from reconcile.frames import Messages
from reconcile.intake.contract import Reading
from tests.build.chats import chat, held
from tests.build.together import Comparing


def with_third_name(reading: Reading, rows: list[int]) -> Reading:
    """The export with another name for the sender of these rows, and without marks of its owner."""
    name = pl.when(pl.int_range(pl.len()).is_in(rows)).then(pl.lit("财务小刘")).otherwise("sender")
    bare = reading.messages.with_columns(name.alias("sender"), is_self=pl.lit(None, pl.Boolean))
    return replace(reading, messages=Messages.cast(bare))


@pytest.mark.parametrize("rows", [[3, 11, 29], list(range(21, 40, 2))])
def test_rows_of_one_party_under_a_third_name_on_one_side_alone_are_in_doubt(rows: list[int]) -> Comparing:
    said = chat()
    left, right = with_third_name(held(said, 0), []), with_third_name(held(said, 1), rows)
    found = (yield left, right).alignment.filter(pl.col("relation") == "doubtful")
    assert sorted(found["right_row"].to_list()) == rows


def test_a_third_name_on_both_sides_is_a_party_that_was_renamed() -> Comparing:
    said, rows = chat(), list(range(21, 40, 2))
    found = yield with_third_name(held(said, 0), rows), with_third_name(held(said, 1), rows)
    assert set(found.alignment["relation"].cast(pl.String)) == {"agreement"}
