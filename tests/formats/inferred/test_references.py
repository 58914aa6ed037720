"""Cells that name a row of another table of the document say what that row says."""

from functools import partial

import polars as pl
import pytest

from reconcile.formats.inferred.references import Table, with_references

JID = pl.DataFrame({"_id": ["1", "2"], "user": ["8613700002222", "8613700003333"], "kind": ["0", "0"]})
CHAT = pl.DataFrame({"_id": ["1"], "jid_row_id": ["2"], "subject": [None]}, schema_overrides={"subject": pl.String})


def itself(frame: pl.DataFrame) -> pl.DataFrame:
    return frame


def told(frame: pl.DataFrame, **tables: pl.DataFrame) -> dict[str, list[object]]:
    others = {name: Table(one.columns, partial(itself, one)) for name, one in tables.items()}
    return with_references(frame, ["message"], others)[0].to_dict(as_series=False)


def test_the_account_that_a_row_states_takes_the_place_of_its_number_through_other_tables_too() -> None:
    said = pl.DataFrame({"sender_jid_row_id": ["0", "1", "2"], "chat_row_id": ["1", "1", "1"]})
    found = told(said, jid=JID, chat=CHAT)
    assert found["sender_jid_row_id"] == [None, "8613700002222", "8613700003333"]
    assert found["chat_row_id"] == ["8613700003333"] * 3
    assert found["chat_row_id.jid_row_id.kind"] == ["0"] * 3


def test_an_account_stays_and_the_name_of_its_row_stands_beside_it() -> None:
    people = pl.DataFrame({"m_id": ["u9f8e7d", "u1a2b3c"], "name": ["Anna", "Ben"]})
    assert told(pl.DataFrame({"from_mid": ["u9f8e7d", None]}), contacts=people) == {
        "from_mid": ["u9f8e7d", None],
        "from_mid.name": ["Anna", None],
    }


@pytest.mark.parametrize("column", ["chat_id", "level", "user_id"])
def test_numbers_that_happen_to_be_those_of_a_table_name_none_of_its_rows(column: str) -> None:
    people = pl.DataFrame({"id": ["1", "2"], "name": ["Anna", "Ben"]})
    cells = ["1", "2", "7"] if column == "user_id" else ["1", "2", "1"]
    assert told(pl.DataFrame({column: cells}), users=people) == {column: cells}
