"""One chat that an export holds as two conversations."""

import polars as pl

from reconcile.comparison import compare_readings
from reconcile.frames import Findings, Messages
from reconcile.intake.assemble import reading_of
from reconcile.intake.contract import ExportFacts
from tests.test_comparison_several import Row, chat, held


def compared(rows: list[Row], kept: list[Row]) -> Findings:
    whole, split = held(rows, 0), held(kept, 1)
    turned = pl.when(pl.int_range(pl.len()) < 10).then(pl.lit("old title"))
    messages = split.messages.with_columns(turned.otherwise("conversation").alias("conversation"))
    return compare_readings(whole, reading_of(ExportFacts("message_table"), Messages.cast(messages)))


def test_rows_that_the_other_export_holds_under_an_older_title_of_the_chat_are_in_doubt_and_not_missing() -> None:
    found = compared(chat(), chat()).alignment["relation"].cast(pl.String)
    assert "one_sided" not in found
    assert (found == "doubtful").sum() == 20


def test_a_row_missing_from_the_part_that_has_a_counterpart_is_missing_still() -> None:
    rows = chat()
    found = compared(rows, [*rows[:30], *rows[31:]]).alignment
    lone = found.filter(pl.col("relation").cast(pl.String) == "one_sided")
    assert lone["left_row"].to_list() == [30]
