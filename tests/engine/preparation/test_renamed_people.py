"""Names of people that one side writes otherwise in all its texts."""

from dataclasses import replace

import polars as pl
import pytest

from reconcile.intake.contract import Reading
from reconcile.intake.frames import messages_of
from tests.build.chats import Row, chat, export, relations_in, state_of
from tests.build.together import Comparing

PLACES = (5, 11, 17, 23)


def _texts(name: str) -> dict[int, str]:
    return {n: f"{name}说第{n}件事下周再谈" for n in PLACES}


def _export(names: tuple[str, str], texts: dict[int, str]) -> Reading:
    rows: list[Row] = [r | {"text": texts.get(i, r["text"])} for i, r in enumerate(chat())]
    return export(rows, names)


def _sides(texts: dict[int, str], right: tuple[str, str] = ("甲", "lindstream")) -> tuple[Reading, Reading]:
    return _export(("甲", "niklas"), _texts("niklas")), _export(right, texts)


def test_texts_with_another_name_for_a_person_throughout_are_surely_paired_and_altered() -> Comparing:
    found = yield _sides(_texts("lindstream"))
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
) -> Comparing:
    found = yield _sides(texts, right)
    assert state_of(found, _texts("niklas")[5], "left")[0] in ("conflict", "doubtful")


@pytest.mark.parametrize(
    ("kind", "shown"), [("system", '"{}" 拍了拍 "甲"{n}'), ("quote", "好的\n引用：{}: 第{n}批到了")]
)
def test_names_in_notices_and_quotations_are_those_of_the_device_and_alter_nothing(kind: str, shown: str) -> Comparing:
    sides = []
    for name in ("niklas", "lindstream"):
        reading = _export(("甲", name), {n: shown.format(name, n=n) for n in PLACES})
        told = pl.when(pl.col("row").is_in(PLACES)).then(pl.lit(kind)).otherwise(pl.col("kind").cast(pl.String))
        frame = reading.messages.with_columns(told.alias("kind"))
        if kind == "system":
            frame = frame.with_columns(
                pl.when(pl.col("kind") != kind).then(c).alias(c) for c in ("sender", "sender_name", "is_self")
            )
        sides.append(replace(reading, messages=messages_of(frame)))
    assert "conflict" not in relations_in((yield sides[0], sides[1]))


def test_the_words_of_a_report_stay_as_they_are_written() -> Comparing:
    found = yield _sides(_texts("lindstream"))
    shown = found.messages.filter(pl.col("side").cast(pl.String) == "left")["text"].to_list()
    assert {*_texts("niklas").values()} <= {*shown}
