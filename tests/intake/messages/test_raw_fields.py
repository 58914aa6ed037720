"""The JSON object of a row's other fields, and patterns held only against the rows that they are for."""

import polars as pl
import pytest

from reconcile.intake.messages import raw_fields
from reconcile.intake.messages.raw_fields import json_of_filled
from reconcile.wechat.kinds import fits_where


def test_a_row_keeps_the_fields_that_are_filled_in_the_order_of_the_columns() -> None:
    fields = pl.DataFrame({"a": ["x", None, None, 'q"'], "b": [1, 2, None, None], "c": [None, True, None, False]})
    assert json_of_filled(fields).to_list() == ['{"a":"x","b":1}', '{"b":2,"c":true}', None, '{"a":"q\\"","c":false}']


def test_more_shapes_than_can_be_told_apart_give_the_same_objects() -> None:
    wide = pl.DataFrame({f"c{i}": [i if i % 2 else None, i if i == 70 else None, None] for i in range(80)})
    assert json_of_filled(wide).to_list() == [
        "{" + ",".join(f'"c{i}":{i}' for i in range(80) if i % 2) + "}",
        '{"c70":70}',
        None,
    ]
    many = pl.DataFrame({f"c{i}": [1 if n >> i & 1 else None for n in range(128)] for i in range(7)})
    few = pl.concat([json_of_filled(many[n]) for n in range(128)])
    assert json_of_filled(many).to_list() == few.to_list()


def test_rows_encoded_some_at_a_time_give_the_same_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = pl.DataFrame({"a": [1, 2, None, 4, 5], "b": ["x", None, None, "y", "z"]})
    whole = json_of_filled(fields).to_list()
    monkeypatch.setattr(raw_fields, "ROWS_AT_ONCE", 2)
    assert json_of_filled(fields).to_list() == whole


def test_nothing_to_encode_gives_nothing() -> None:
    assert json_of_filled(pl.DataFrame(schema={"a": pl.String})).to_list() == []


def test_a_pattern_is_held_only_against_the_rows_picked() -> None:
    frame = pl.DataFrame({"where": [True, False, None, True], "text": ["ab", "ab", "ab", "xb"]})
    found = frame.select(fits_where(pl.col("where"), pl.col("text"), "^a")).to_series()
    assert found.to_list() == [True, False, False, False]
