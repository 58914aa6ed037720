"""One chat that an export holds as two conversations."""

import polars as pl
import pytest

from reconcile.engine.compare import compare_readings
from reconcile.frames import Findings, Messages
from reconcile.intake.contract import ExportFacts
from reconcile.intake.frames import reading_of
from tests.build.chats import Row, chat, held, said


def compared_parts(rows: list[Row], kept: list[Row], older: range = range(10)) -> Findings:
    whole, split = held(rows, 0), held(kept, 1)
    turned = pl.when(pl.int_range(pl.len()).is_in(list(older))).then(pl.lit("old title"))
    messages = split.messages.with_columns(turned.otherwise("conversation").alias("conversation"))
    return compare_readings(whole, reading_of(ExportFacts("message_table"), Messages.cast(messages)))


def test_rows_that_the_other_export_holds_under_an_older_title_of_the_chat_are_in_doubt_and_not_missing() -> None:
    found = compared_parts(chat(), chat(), range(12, 32, 2)).alignment["relation"].cast(pl.String)
    assert "one_sided" not in found
    assert (found == "doubtful").sum() >= 19


def test_an_older_title_of_the_chat_whose_rows_precede_the_others_is_the_same_chat() -> None:
    assert set(compared_parts(chat(), chat()).alignment["relation"].cast(pl.String)) == {"agreement"}


def test_two_conversations_that_the_other_export_holds_as_one_are_compared_as_one() -> None:
    rows = chat(60)
    found = compared_parts(rows, rows, range(25))
    assert set(found.alignment["relation"].cast(pl.String)) == {"agreement"}
    assert found.verdicts["conversation"].to_list() == ["(chat + old title) ~ chat"]
    lacking = compared_parts(rows, [r for i, r in enumerate(rows) if i not in (10, 50)], range(24)).alignment
    assert lacking.filter(pl.col("relation").cast(pl.String) == "one_sided")["left_row"].sort().to_list() == [10, 50]


def test_a_row_missing_from_the_part_that_has_a_counterpart_is_missing_still() -> None:
    rows = chat()
    found = compared_parts(rows, [*rows[:30], *rows[31:]]).alignment
    lone = found.filter(pl.col("relation").cast(pl.String) == "one_sided")
    assert lone["left_row"].to_list() == [30]


@pytest.mark.parametrize(("number", "told"), [(10**18, "doubtful"), (7, "one_sided")])
def test_a_row_whose_server_id_the_other_export_holds_in_another_chat_is_in_doubt_be_it_the_only_one(
    number: int, told: str
) -> None:
    rows = [r | {"message_id": str(number if i == 21 else 10**18 + i)} for i, r in enumerate(chat())]
    found = compared_parts(rows, said(rows, {21: "这是另一句话"}), range(21, 22)).alignment["relation"].cast(pl.String)
    assert told in found.to_list()


@pytest.mark.parametrize(("answers", "paired"), [(True, True), (False, False)])
def test_the_only_chats_of_both_are_one_though_it_is_with_an_official_account_that_both_talk_in(
    answers: bool, paired: bool
) -> None:
    """What an official account sends stands in every follower's chat; what a follower writes stands in his own."""
    rows = chat()
    mine, theirs = held(rows, 0), held(rows if answers else [r for r in rows if r["who"] == 1], 1)
    official = mine.messages.with_columns(
        pl.lit("gh_655a2e32cc65").alias("conversation"),
        pl.when(pl.col("sender") == "wxid_bbbbbbbb")
        .then(pl.lit("gh_655a2e32cc65"))
        .otherwise("sender")
        .alias("sender"),
    )
    found = compare_readings(reading_of(ExportFacts("message_table"), Messages.cast(official)), theirs)
    assert (found.verdicts["agreements"].sum() > 0) == paired
