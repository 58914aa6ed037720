"""Names of senders in texts of unknown make keep the signs that are theirs."""

from pathlib import Path

import pytest

from reconcile.errors import UsageError
from tests.build.readings import read_text
from tests.thorough import meeting

WORDS = [f"word {'abcdefghijklmnopqrstu'[i]} of many" for i in range(21)]
MEMBERS = ["小雨", "小雨_", "_小雨_", "小雨*", "~小雨", "`小雨`", "小明"]
PLAIN = {
    "above": "{n} 2024-03-22 10:{i:02}:05\n{w}\n\n",
    "brackets": "[2024-03-22 10:{i:02}:05] {n}: {w}\n",
    "behind": "2024-03-22 10:{i:02}:05 {n}: {w}\n",
    "three lines": "2024-03-22 10:{i:02}:05\n{n}\n{w}\n\n",
    "list": "- [2024-03-22 10:{i:02}:05] {n}: {w}\n",
    "telephone": "3/22/24, 10:{i:02} - {n}: {w}\n",
}
EMPHASISED = {
    "above": "**{n}** 2024-03-22 10:{i:02}:05\n\n{w}\n\n",
    "behind": "[2024-03-22 10:{i:02}:05] **{n}**: {w}\n",
    "with its colon": "[2024-03-22 10:{i:02}:05] **{n}:** {w}\n",
    "a term of a list": "[2024-03-22 10:{i:02}:05] *{n}*::\n{w}\n\n",
    "in italics": "_{n}_ 2024-03-22 10:{i:02}:05\n{w}\n\n",
}


def text_of(layout: str, names: list[str]) -> str:
    """One message for each word, spoken in turn."""
    return "".join(layout.format(i=i, n=names[i % len(names)], w=w) for i, w in enumerate(WORDS))


@meeting(layout=PLAIN.values(), names=[MEMBERS, ["__NAME__", "我"], ["_Anna", "Ben"], ["*Anna", "Ben`"]])
def test_signs_at_the_ends_of_names_are_part_of_them(tmp_path: Path, layout: str, names: list[str]) -> None:
    found = read_text(tmp_path, text_of(layout, names)).messages
    assert found["text"].to_list() == WORDS
    assert found["sender"].to_list() == [names[i % len(names)] for i in range(21)]


@meeting(layout=EMPHASISED.values(), names=[MEMBERS, ["__NAME__", "我"], ["Anna", "Ben"]])
def test_emphasis_that_a_form_writes_around_all_names_is_no_part_of_them(
    tmp_path: Path, layout: str, names: list[str]
) -> None:
    found = read_text(tmp_path, text_of(layout, names)).messages
    assert found["text"].to_list() == WORDS
    assert found["sender"].to_list() == [names[i % len(names)] for i in range(21)]


def test_a_person_who_is_no_contact_stays_apart_from_one_of_the_same_name(tmp_path: Path) -> None:
    found = read_text(tmp_path, text_of(PLAIN["brackets"], ["Ana", "~ Ana", "Bo"])).messages
    assert found["sender"].unique(maintain_order=True).to_list() == ["Ana", "~ Ana", "Bo"]


def many(layout: str, count: int, prefix: str = "") -> str:
    """Messages of so many people who write once each."""
    who = ["Ana", "Bo", "Carla", "Dan", "Eve", "Frank", "Grace", "Henry", "Iris", "Jo", "Kim", "Leo", "Mia", "Nils"]
    return "".join(layout.format(i=i, n=prefix + who[i], w=WORDS[i]) for i in range(count))


@pytest.mark.parametrize("layout", ["brackets", "behind", "telephone"])
def test_many_people_who_write_once_are_senders(tmp_path: Path, layout: str) -> None:
    found = read_text(tmp_path, many(PLAIN[layout], 10)).messages
    assert found["sender"].n_unique() == 10
    assert found["text"].to_list() == WORDS[:10]


def test_more_people_who_write_once_are_asked_about(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unclear are sender: sender"):
        read_text(tmp_path, many(PLAIN["brackets"], 14))


def test_marks_of_the_client_show_that_many_people_write_once(tmp_path: Path) -> None:
    notice = "[2024-03-22 09:00:05] Club: \u200eMessages and calls are end-to-end encrypted.\n"
    found = read_text(tmp_path, notice + many(PLAIN["brackets"], 14, "~ ")).messages
    assert found["sender"].drop_nulls().n_unique() == 14
    assert found["text"].to_list()[1:] == WORDS[:14]
