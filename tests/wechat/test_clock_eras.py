"""Years of other eras in written times are years of the common era."""

from datetime import UTC, datetime

import polars as pl
import pytest

from reconcile.wechat.clock_eras import count_of_eras, with_common_years, with_years_of_lines
from reconcile.wechat.clock_forms import parse_time_column

SPELLINGS = [
    "R4/3/18 14:56:01", "令和4年3月18日 14:56:01", "平成34/3/18 14:56:01", "3/18/R4, 14:56:01", "18.03.4 R, 14:56:01",
    "18 Mar 4 Reiwa, 14:56:01", "3/18/2565 BE, 14:56:01", "18/03/2565 E. B. 14:56:01", "佛曆2565/3/18 14:56:01",
    "레이와 4/3/18 14:56:01", "18.03.2565 Б.Э., 14:56:01", "民國111年3月18日 14:56:01", "3/18/111 Minguo, 14:56:01", "2565-03-18 14:56:01", "18/3/2565 14:56:01",
    "18 Mar 2565 14:56:01", "111/03/18 14:56:01", "111-3-18 14:56:01",
]  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_time_is_the_same_instant_in_every_era(spelling: str) -> None:
    sent = parse_time_column(pl.Series([spelling]), "UTC")["sent_at"][0]
    assert sent == datetime(2022, 3, 18, 14, 56, 1, tzinfo=UTC)


def test_the_first_year_of_an_era_may_have_a_word() -> None:
    assert with_common_years(pl.Series(["令和元年5月1日 09:00"])).to_list() == ["2019年5月1日 09:00"]


@pytest.mark.parametrize(
    "text",
    [
        "R2/D2 12:30",
        "Room R4 at 14:56",
        "2022/3/18 H 4",
        "BE 2022 5 6",
        "Anna S 2022-03-18 14:56",
        "Anna S 22-03-18 14:56",
        "3/18/H2022 14:56",
    ],
)
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert with_common_years(pl.Series([text])).to_list() == [text]


def test_years_of_another_era_leave_the_texts_that_they_stand_in_as_they_are() -> None:
    texts = pl.Series(["民國113年3月5日"])
    assert count_of_eras(texts) == 1
    assert texts.to_list() == ["民國113年3月5日"]


def test_lines_that_begin_with_a_year_of_the_republic_and_a_clock_are_counted() -> None:
    lines = pl.Series(["113/03/05 10:05:07 Anna: hello", "on 113/03/05 I was away"])
    assert with_years_of_lines(lines).to_list() == ["2024/03/05 10:05:07 Anna: hello", "on 113/03/05 I was away"]
