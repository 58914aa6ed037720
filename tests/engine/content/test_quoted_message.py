"""A quoted author's name counts where it stands for one person."""

from dataclasses import replace

import polars as pl

from reconcile.engine.content.quoted_message import RowsOfReading, are_of_one_form, names_of
from reconcile.intake.contract import Note
from reconcile.vocabulary import NoteCode
from reconcile.wechat.kind_classes import SYSTEM, WORDS
from tests.build.chats import chat, held

READING = held(chat(2), 0)


def rows_of(people: list[tuple[str | None, str, str, int]]) -> RowsOfReading:
    """One side with a row for each of these: party, sender, name shown, class."""
    schema = {"party": pl.String, "sender": pl.String, "sender_name": pl.String, "cls": pl.UInt8}
    frame = pl.DataFrame(people, schema=schema, orient="row").with_columns(pl.lit(0, pl.UInt32).alias("pair"))
    return RowsOfReading(frame, READING)


def test_a_name_that_two_accounts_bear_on_one_side_names_nobody_on_the_other() -> None:
    by_name = rows_of([(None, "于洋", "于洋", WORDS), (None, "吴霞", "吴霞", SYSTEM)])
    by_account = rows_of([
        ("wxid_a", "wxid_a", "于洋", WORDS), ("wxid_b", "wxid_b", "于洋老师", WORDS), ("wxid_c", "wxid_c", "吴霞", WORDS)
    ])  # fmt: skip
    known = names_of((by_name, by_account), pl.Series([0], dtype=pl.UInt32))
    assert set(known["name"]) == {"wxid_a", "wxid_b", "wxid_c", "于洋老师", "吴霞"}


def test_two_files_of_unknown_forms_are_of_one_form_only_where_their_columns_are_the_same() -> None:
    def guessed(columns: str) -> RowsOfReading:
        return RowsOfReading(pl.DataFrame(), replace(READING, notes=(Note(NoteCode.COLUMN_GUESSED, "a.csv", columns),)))

    table = guessed("time=时间,text=内容")
    assert are_of_one_form((table, guessed("time=时间,text=内容")))
    assert not are_of_one_form((table, guessed("time=createTime,text=content")))
    assert are_of_one_form((rows_of([]), rows_of([])))
