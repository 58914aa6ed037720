"""Words of many languages for the halves of the day are AM and PM."""

import polars as pl
import pytest

from reconcile.wechat.clock_forms import parse_time_column
from reconcile.wechat.clock_halves import with_common_halves


@pytest.mark.parametrize(
    "half", ["μ.μ.", "अपराह्न", "பிற்பகல்", "ب.ظ.", "du.", "ÖS", "PTG", "หลังเที่ยง", "odp.", "popiet", "CH"]
)
def test_a_clock_behind_noon_is_read_in_any_language(half: str) -> None:
    times = parse_time_column(pl.Series([f"05/03/2024, 10:01:00 {half}", f"15/03/2024, 9:02:00 {half}"]), "UTC")
    assert times["sent_at"].dt.strftime("%d %H:%M").to_list() == ["05 22:01", "15 21:02"]


@pytest.mark.parametrize("text", ["[5/3/24, 10:00] CH: hi", "[5/3/24, 10:00] du. und ich", "5/3/24 22:00 du."])
def test_a_name_or_word_behind_a_time_is_no_half(text: str) -> None:
    assert with_common_halves(pl.Series([text])).to_list() == [text]


def test_a_month_may_begin_the_day_before_a_half_of_any_language() -> None:
    times = parse_time_column(pl.Series(["Tháng 10 13, 2023 8:35:59chiều", "Tháng 11 14, 2023 9:02:00sáng"]), "UTC")
    assert times["sent_at"].dt.strftime("%m-%d %H:%M").to_list() == ["10-13 20:35", "11-14 09:02"]
