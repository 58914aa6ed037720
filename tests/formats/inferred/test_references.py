"""Cells that name a row of another table of the document say what that row says."""

import json
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from reconcile.errors import UsageError
from reconcile.formats.inferred.references import table_of, with_references
from tests.build.readings import read, read_text

JID = pl.DataFrame({"_id": ["1", "2"], "user": ["8613700002222", "8613700003333"], "kind": ["0", "0"]})
CHAT = pl.DataFrame({"_id": ["1"], "jid_row_id": ["2"], "subject": [None]}, schema_overrides={"subject": pl.String})


def told(frame: pl.DataFrame, **tables: pl.DataFrame) -> dict[str, list[object]]:
    others = {name: table_of(one) for name, one in tables.items()}
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


PEOPLE = {"a": "老徐", "b": "阿亮"}
SAID = [(f"2024-03-01 09:{i:02}:07", "ab"[i % 2], f"第{i}句话") for i in range(12)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", json.dumps({"users": PEOPLE, "said": [{"from": w, "at": t, "text": s} for t, w, s in SAID]})),
        ("a.json", json.dumps({"人员": {"1": "老徐", "2": "阿亮"}, "记录": [[t, 1 + (w == "b"), s] for t, w, s in SAID]})),
        ("a.xml", "<?xml version='1.0'?><c><users>" + "".join(f"<u id='{k}' name='{v}'/>" for k, v in PEOPLE.items()) + "</users><day date='2024-03-01'>" + "".join(f"<m t='{t[11:]}' by='{w}'>{s}</m>" for t, w, s in SAID) + "</day></c>"),
        ("a.jsonl", "\n".join(json.dumps(r) for r in [*({"type": "user", "id": k, "name": v} for k, v in PEOPLE.items()), *({"type": "msg", "user": w, "at": t, "text": s} for t, w, s in SAID)])),
        ("a.sql", "INSERT INTO users (id, nick) VALUES (1,'老徐'),(2,'阿亮');\nINSERT INTO log (n, user_id, at, body) VALUES " + ",".join(f"({i},{1 + (w == 'b')},'{t}','{s}')" for i, (t, w, s) in enumerate(SAID)) + ";\n"),
    ],
)  # fmt: skip
def test_people_whom_a_document_states_once_are_named_in_the_rows_that_refer_to_them(
    tmp_path: Path, name: str, text: str
) -> None:
    messages = read_text(tmp_path, text, name).messages
    shown = messages[
        "sender_name" if "sender_name" in messages.columns and messages["sender_name"].count() else "sender"
    ]
    assert shown.to_list() == ["老徐", "阿亮"] * 6


def test_a_sheet_of_people_names_the_accounts_of_another(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [("时间", "发送者", "内容"), *((t, f"wxid_{w * 6}", s) for t, w, s in SAID)]:
        book.active.append(row)
    people = book.create_sheet("联系人")
    for person in [("微信号", "昵称"), *((f"wxid_{k * 6}", v) for k, v in PEOPLE.items())]:
        people.append(person)
    book.save(tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx").messages["sender_name"].to_list() == ["老徐", "阿亮"] * 6


def test_codes_that_some_of_the_people_have_for_numbers_name_nobody(tmp_path: Path) -> None:
    people = {"1": "老徐", "2": "阿亮", "3": "小美"}
    rows = [[t, 1 + (w == "b"), s] for t, w, s in SAID]
    with pytest.raises(UsageError, match="sender"):
        read_text(tmp_path, json.dumps({"人员": people, "记录": rows}), "a.json")


@pytest.mark.parametrize("table", ["admin_users", "wx_users"])
def test_a_table_of_people_of_something_else_names_nobody(table: str) -> None:
    people = pl.DataFrame({"id": ["1", "2"], "name": ["Anna", "Ben"]})
    named = "from_user_id.name" in told(pl.DataFrame({"from_user_id": ["1", "2"]}), **{table: people})
    assert named == (table == "wx_users")
