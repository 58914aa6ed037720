"""Names of people that one side writes otherwise in all its texts."""

import polars as pl
import pytest

from reconcile.engine.compare import compare_readings
from reconcile.frames import Findings
from reconcile.intake.contract import Reading
from tests.build.chats import Row, chat, state_of
from tests.engine.scenarios.test_who_is_who import export

PLACES = (5, 11, 17, 23)


def _texts(name: str) -> dict[int, str]:
    return {n: f"{name}说第{n}件事下周再谈" for n in PLACES}


def _export(names: tuple[str, str], texts: dict[int, str]) -> Reading:
    rows: list[Row] = [r | {"text": texts.get(i, r["text"])} for i, r in enumerate(chat())]
    return export(rows, names)


def _compared(texts: dict[int, str], right: tuple[str, str] = ("甲", "lindstream")) -> Findings:
    return compare_readings(_export(("甲", "niklas"), _texts("niklas")), _export(right, texts))


def test_texts_with_another_name_for_a_person_throughout_are_surely_paired_and_altered() -> None:
    found = _compared(_texts("lindstream"))
    assert {state_of(found, t, "left") for t in _texts("niklas").values()} == {("conflict", "text_differs")}


@pytest.mark.parametrize(
    ("texts", "right"),
    [
        (_texts("lindstream") | {30: "niklas说不行"}, ("甲", "lindstream")),
        (_texts("lindstream"), ("甲", "niklas")),
        ({**_texts("niklas"), 5: _texts("lindstream")[5]}, ("甲", "lindstream")),
    ],
    ids=["the old name is kept elsewhere", "no sender bears the new name", "one text alone"],
)
def test_a_name_that_is_not_written_otherwise_throughout_is_a_difference(
    texts: dict[int, str], right: tuple[str, str]
) -> None:
    found = _compared(texts, right)
    assert state_of(found, _texts("niklas")[5], "left")[0] in ("conflict", "doubtful")


def test_the_words_of_a_report_stay_as_they_are_written() -> None:
    found = _compared(_texts("lindstream"))
    shown = found.messages.filter(pl.col("side").cast(pl.String) == "left")["text"].to_list()
    assert {*_texts("niklas").values()} <= {*shown}
