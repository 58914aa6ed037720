"""Names of senders come from a list of the same file that holds the keys of people beside one field of names."""

import json
from pathlib import Path

import pytest

from tests.build.readings import read_text

SAID = [(f"2024-03-01 09:{i:02}:07", "ab"[i % 2], f"第{i}句话") for i in range(12)]
NAMES = ["老徐", "阿亮"]


def xml(*people: tuple[str, str]) -> str:
    lists = "".join(f"<p k='{k}'>{v}</p>" for k, v in people)
    rows = "".join(f"<m t='{t}' w='{w}'>{s}</m>" for t, w, s in SAID)
    return f"<?xml version='1.0'?><c><team>{lists}</team>{rows}</c>"


def sql(room: str, *others: str, names: str = "('老徐','a@b.example'),('阿亮','c@d.example')") -> str:
    first, second = names.split("),(")
    people = f"INSERT INTO personnel (id, nom, mail) VALUES (3,{first[1:]}),(8,{second};"
    rows = ",".join(f"({500 + i},{room},{3 if w == 'a' else 8},'{t}','{s}')" for i, (t, w, s) in enumerate(SAID))
    return "\n".join([people, *others, f"INSERT INTO log (id, salon_id, auteur_id, le, corps) VALUES {rows};"])


def senders(tmp_path: Path, text: str, name: str) -> tuple[list[str], list[str | None]]:
    messages = read_text(tmp_path, text, name).messages
    return messages["sender"].to_list(), messages["sender_name"].to_list()


def test_elements_of_people_name_the_senders_whose_keys_they_hold(tmp_path: Path) -> None:
    assert senders(tmp_path, xml(("a", "老徐"), ("b", "阿亮"), ("c", "小美")), "a.xml") == (["a", "b"] * 6, NAMES * 6)


def test_a_table_of_any_name_names_the_senders_whose_numbers_it_holds(tmp_path: Path) -> None:
    assert senders(tmp_path, sql("12"), "a.sql") == (["3", "8"] * 6, NAMES * 6)


def test_a_list_of_objects_names_the_senders_whose_keys_it_holds(tmp_path: Path) -> None:
    team = [{"k": k, "label": v, "since": "2020-01-01"} for k, v in zip("ab", NAMES, strict=True)]
    said = [{"at": t, "w": w, "text": s} for t, w, s in SAID]
    text = json.dumps({"team": team, "said": said})
    assert senders(tmp_path, text, "a.json") == (["a", "b"] * 6, NAMES * 6)


@pytest.mark.parametrize(
    "people",
    [
        pytest.param([("a", "老徐"), ("d", "阿亮")], id="lacks a sender"),
        pytest.param([("a", "老徐"), ("b", "阿亮"), ("b", "小美")], id="gives a key to two people"),
        pytest.param([("a", "老徐"), ("b", "老徐")], id="gives two people one name"),
    ],
)
def test_a_list_that_does_not_tell_all_senders_apart_names_nobody(
    tmp_path: Path, people: list[tuple[str, str]]
) -> None:
    assert senders(tmp_path, xml(*people), "a.xml") == (["a", "b"] * 6, [None] * 12)


def test_numbers_that_another_field_or_another_table_holds_as_well_name_nobody(tmp_path: Path) -> None:
    rooms = "INSERT INTO salon (id, titre) VALUES (3,'Equipe'),(8,'Amis');"
    for text in (sql("8"), sql("12", rooms)):
        assert senders(tmp_path, text, "a.sql") == (["3", "8"] * 6, [None] * 12)


def test_of_two_fields_of_names_none_called_so_is_taken(tmp_path: Path) -> None:
    text = sql("12", names="('老徐','上海'),('阿亮','北京')").replace("nom, mail", "un, deux")
    assert senders(tmp_path, text, "a.sql") == (["3", "8"] * 6, [None] * 12)
