"""Numbers by which somebody counted the messages of a file are no words, whatever stands around them."""

import csv
from pathlib import Path

import polars as pl
import pytest

from reconcile.formats.inferred.words.running_numbers import without_running_numbers
from tests.build.readings import read

WORDS = ["嗯", "3、还钱", "2000元", "5号见", "[图片]", "1. 合同\n2. 发票"] * 3


@pytest.mark.parametrize(
    "frame", ["【证{}】", "No. {} ", "({})", "{}、", "#{} ", "P{} ", "第{}条：", "{}. ", "证据{}：", "{} ", "[{}] "]
)
def test_a_number_that_counts_all_texts_in_one_frame_is_none_of_their_words(frame: str) -> None:
    counted = pl.Series([frame.format(n) + words for n, words in enumerate(WORDS, 1)])
    assert without_running_numbers(counted).to_list() == WORDS


def test_rows_without_a_number_stay_as_they_are_beside_many_that_are_counted() -> None:
    counted = [f"【证{n}】{words}" for n, words in enumerate(WORDS, 1)]
    told = without_running_numbers(pl.Series([*counted, "以上"])).to_list()
    assert told == [*WORDS, "以上"]


@pytest.mark.parametrize(
    "texts",
    [
        [f"{100 + 50 * n}元" for n in range(20)],
        [f"转账{100 * n} 元" for n in range(1, 20)],
        [f"{n % 24}:05 见" for n in range(30)],
        [f"word {n} of many" for n in range(20)],
        [f"clip {n}.mp4" for n in range(20)],
        [f"【证{n}】嗯" for n in range(1, 8)] + ["好"] * 20,
        [f"【证{n}】嗯" for n in range(1, 6)],
        [f"【证{7 * n % 20}】嗯" for n in range(20)],
    ],
    ids=["sums", "sums behind words", "clocks", "words", "files", "few texts", "a short chat", "out of order"],
)
def test_other_numbers_are_words(texts: list[str]) -> None:
    assert without_running_numbers(pl.Series(texts)).to_list() == texts


def test_what_stands_behind_the_number_tells_the_kind(tmp_path: Path) -> None:
    rows = [
        (f"2024-03-01 10:{n:02}:00", "甲" if n % 2 else "乙", f"【证{n}】{words}") for n, words in enumerate(WORDS, 1)
    ]
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("时间", "发送人", "内容"), *rows])
    messages = read(tmp_path / "a.csv").messages
    assert messages["text"].to_list() == WORDS
    assert messages["kind"].cast(pl.String).to_list().count("image") == WORDS.count("[图片]")
